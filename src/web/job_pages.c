#include "batch/validate.h"
#include "views/page_job.h"
#include "web/job_map.h"
#include "web/page_frame.h"
#include "web/pages.h"

#define JOBS_PER_PAGE 25
#define ITEMS_PER_PAGE 50
#define NOTHING_DUE_WAIT_MS 700

/* --- the list ------------------------------------------------------------ */

static bool load_jobs(struct request *request, struct jobs_page *page)
{
	struct ctx *ctx = request->ctx;
	struct batch_status *list;
	struct job_filter filter = { .limit = JOBS_PER_PAGE + 1 };
	page->phase = param_text(request, "phase");
	page->type = param_text(request, "type");
	page->may_see_all = permitted(ctx->actor, PERMIT_MANAGE_BATCHES);
	page->mine_only = page->may_see_all && param_text(request, "mine")[0];
	filter.phase = page->phase[0] ? page->phase : NULL;
	filter.type = page->type[0] ? page->type : NULL;
	filter.created_by = page->may_see_all && !page->mine_only ? 0 : ctx->actor->user_id;
	if (!param_int(request, "before", 0, INT64_MAX, 0, &filter.before_id) ||
	    !batch_list(ctx, &filter, &list, &page->job_count))
		return false;
	struct job_view *views = arena_array(ctx->arena, page->job_count + 1, sizeof(*views));
	for (size_t i = 0; i < page->job_count; i++)
		job_map(ctx, &list[i], &views[i]);
	if (page->job_count > JOBS_PER_PAGE) {
		page->job_count = JOBS_PER_PAGE;
		page->next_before = views[JOBS_PER_PAGE - 1].id;
	}
	page->jobs = views;
	return true;
}

void get_jobs_page(struct request *request, struct response *response)
{
	struct frame frame;
	struct jobs_page page = { .frame = &frame };
	if (!load_jobs(request, &page)) {
		respond_fail(response, NULL);
		return;
	}
	page_frame(request, "Batches", NAV_JOBS, &frame);
	page_jobs(&response->body, &page);
}

/* --- one batch ----------------------------------------------------------- */

/* The work of a page without JavaScript: one time budget a load.  When nothing
 * is due (another process is at it, or a retry waits) it waits a little, so
 * that the page does not reload as fast as it can. */
static void work_if_asked(struct request *request, bool is_continued)
{
	struct ctx *ctx = request->ctx;
	struct advance_report report = { 0 };
	if (!is_continued || !param(request, "work") || is_prefetch(request))
		return;
	bool worked = batch_advance(ctx, request->path_id, 0, &report);
	if (!worked || (report.found_nothing && !report.is_terminal))
		nanosleep(&(struct timespec){ .tv_nsec = NOTHING_DUE_WAIT_MS * 1000000L }, NULL);
	fail_clear(&ctx->fail); /* the status says what is the matter */
}

/* Failed rows first, once there are any, or those that an undo left alone: they
 * are what needs a person. */
static const char *chosen_outcome(const struct request *request, const struct job_view *job, int *outcome_out)
{
	enum outcome outcome;
	const char *name = param_text(request, "outcome");
	*outcome_out = -1;
	if (!name[0] && job->counts.undo_conflict > 0)
		name = "undo_conflict";
	else if (!name[0] && job->counts.failed > 0)
		name = "failed";
	if (!outcome_by_name(name, &outcome))
		return "";
	*outcome_out = (int)outcome;
	return name;
}

static bool load_items(struct request *request, struct job_page *page)
{
	struct ctx *ctx = request->ctx;
	struct job job;
	struct item_result *items;
	int outcome;
	page->outcome = chosen_outcome(request, page->job, &outcome);
	page->next_after = -1;
	if (!param_int(request, "after", -1, INT64_MAX, -1, &page->after) ||
	    !batch_results(ctx, request->path_id, outcome, page->after, ITEMS_PER_PAGE + 1, &job, &items,
			   &page->item_count))
		return false;
	if (page->item_count > ITEMS_PER_PAGE) {
		page->item_count = ITEMS_PER_PAGE;
		page->next_after = items[ITEMS_PER_PAGE - 1].ordinal;
	}
	struct item_view *views = arena_array(ctx->arena, page->item_count + 1, sizeof(*views));
	for (size_t i = 0; i < page->item_count; i++)
		item_map(ctx, page->job, &items[i], &views[i]);
	page->items = views;
	return true;
}

/* "34 % · Create events · Tranche" */
static void frame_of_job(struct request *request, const struct job_view *job, bool is_continued, struct frame *frame)
{
	struct str title = STR_INIT;
	if (!job->is_terminal)
		str_addf(&title, "%d %% · ", job->percent);
	if (job->label[0])
		str_adds(&title, job->label);
	else
		str_addf(&title, "Batch %" PRId64, job->id);
	page_frame(request, arena_strdup(request->ctx->arena, str_text(&title)), NAV_JOBS, frame);
	str_free(&title);
	bool is_moving = !job->is_terminal && strcmp(job->status, "paused") != 0 && strcmp(job->status, "receiving") != 0;
	if (is_continued && is_moving)
		frame->refresh_path = arena_printf(request->ctx->arena, "/jobs/%" PRId64 "?go=%s&work=1", job->id,
						   param_text(request, "go"));
}

/* What it will cost to run what was checked: by what other batches have cost here. */
static bool load_cost(struct ctx *ctx, const struct batch_status *status, struct job_page *page)
{
	const struct batch_options options = { .dry_run = false };
	const int64_t good = status->counts.by_outcome[OUTCOME_SUCCEEDED];
	const bool makes = status->job.type == JOB_CREATE;
	struct estimate estimate;
	if (!page->job->is_dry_run || !page->job->is_terminal || good == 0)
		return true;
	const struct batch_facts facts = { .items = status->job.total, .total = status->job.total, .invalid = status->job.total - good,
					   .events = makes ? good : 0, .intervals = makes ? good : 0, .changes = makes ? 0 : good };
	if (!batch_estimate(ctx, status->job.type, &options, &facts, &estimate))
		return false;
	page->run.seconds = estimate.seconds;
	page->run.requests = estimate.requests;
	page->run.rows = estimate.rows < 1000 ? estimate.rows : (estimate.rows + 50) / 100 * 100;
	return true;
}

void get_job_page(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct batch_status status;
	struct job_view job;
	struct issues issues = page_issues(request);
	struct job_page page = { .frame = &frame, .job = &job, .issues = &issues };
	page.is_continued = continuation_is_given(request, request->path_id);
	work_if_asked(request, page.is_continued);
	if (!batch_status(ctx, request->path_id, &status)) {
		respond_fail(response, NULL);
		return;
	}
	job_map(ctx, &status, &job);
	if (!job_map_files(ctx, &status.job, &job)) {
		respond_fail(response, NULL);
		return;
	}
	page.errors = job_map_errors(ctx, status.errors, status.error_count);
	page.error_count = status.error_count;
	if (!load_items(request, &page) || !load_cost(ctx, &status, &page)) {
		respond_fail(response, NULL);
		return;
	}
	if (param(request, "refused"))
		issue_add(&issues, CODE_ILLEGAL_TRANSITION, "", "",
			  "That was not possible any more: this is how the batch stands now");
	frame_of_job(request, &job, page.is_continued, &frame);
	page_job(&response->body, &page);
}
