#include "store/workers.h"
#include "views/page_help.h"
#include "views/page_home.h"
#include "web/job_map.h"
#include "web/page_frame.h"
#include "web/pages.h"

#define RECENT_JOBS 8
#define WORKERS_SHOWN 10
#define ERRORS_SHOWN 6

static bool load_summary(struct ctx *ctx, struct dashboard_page *page)
{
	struct summary_row *rows;
	if (!job_summary(ctx, &rows, &page->summary_count))
		return false;
	struct summary_view *views = arena_array(ctx->arena, page->summary_count + 1, sizeof(*views));
	for (size_t i = 0; i < page->summary_count; i++)
		views[i] = (struct summary_view){ rows[i].type ? rows[i].type : "", rows[i].status, rows[i].count };
	page->summary = views;
	return true;
}

static bool load_workers(struct ctx *ctx, struct dashboard_page *page)
{
	struct worker_row *rows;
	if (!worker_list(ctx, WORKERS_SHOWN, &rows, &page->worker_count))
		return false;
	struct worker_view *views = arena_array(ctx->arena, page->worker_count + 1, sizeof(*views));
	for (size_t i = 0; i < page->worker_count; i++)
		views[i] = (struct worker_view){
			.type = rows[i].type,
			.status = rows[i].status,
			.host = rows[i].host,
			.pid = rows[i].pid,
			.job_id = rows[i].job_id,
			.items_done = rows[i].items_done,
			.memory_kib = rows[i].memory_kib,
			.last_ping = page->frame->now_utc - rows[i].silent_s,
		};
	page->workers = views;
	return true;
}

/* Adds a group to those of its kind; the list keeps ERRORS_MAX kinds. */
enum { ERRORS_MAX = 40 };
static void add_error(struct error_view *list, size_t *count, const struct error_view *error)
{
	for (size_t i = 0; i < *count; i++) {
		if (list[i].info != error->info)
			continue;
		list[i].count += error->count;
		return;
	}
	if (*count < ERRORS_MAX)
		list[(*count)++] = *error;
}

static int by_count(const void *a, const void *b)
{
	const struct error_view *left = a, *right = b;
	return (right->count > left->count) - (right->count < left->count);
}

/* Recent batches, and what went wrong in them most often. */
static bool load_recent(struct ctx *ctx, bool own_only, struct dashboard_page *page)
{
	struct batch_status *list;
	struct job_filter filter = { .limit = RECENT_JOBS, .created_by = own_only ? ctx->actor->user_id : 0 };
	if (!batch_list(ctx, &filter, &list, &page->recent_count))
		return false;
	struct job_view *views = arena_array(ctx->arena, page->recent_count + 1, sizeof(*views));
	struct error_view *errors = arena_array(ctx->arena, ERRORS_MAX, sizeof(*errors));
	for (size_t i = 0; i < page->recent_count; i++) {
		struct error_group *groups;
		size_t group_count;
		job_map(ctx, &list[i], &views[i]);
		if (!items_error_groups(ctx, &list[i].job, &groups, &group_count))
			return false;
		struct error_view *mapped = job_map_errors(ctx, groups, group_count);
		for (size_t k = 0; k < group_count; k++)
			add_error(errors, &page->error_count, &mapped[k]);
	}
	qsort(errors, page->error_count, sizeof(*errors), by_count);
	if (page->error_count > ERRORS_SHOWN)
		page->error_count = ERRORS_SHOWN;
	page->recent = views;
	page->errors = errors;
	return true;
}

void get_dashboard(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct dashboard_page page = { .frame = &frame };
	if (!permitted(ctx->actor, PERMIT_VIEW_DASHBOARD)) {
		response_redirect(response, "/jobs");
		return;
	}
	const bool own_only = permitted_own_only(ctx->actor, PERMIT_VIEW_DASHBOARD);
	page_frame(request, "Dashboard", NAV_DASHBOARD, &frame);
	page.may_schedule = permitted(ctx->actor, PERMIT_SCHEDULE_CONTENT);
	page.own_only = own_only;
	if (load_recent(ctx, own_only || !permitted(ctx->actor, PERMIT_MANAGE_BATCHES), &page) &&
	    (own_only || (load_summary(ctx, &page) && load_workers(ctx, &page))))
		page_dashboard(&response->body, &page);
	else
		respond_fail(response, NULL);
}

void get_help(struct request *request, struct response *response)
{
	struct frame frame;
	page_frame(request, "Help", NAV_HELP, &frame);
	page_help(&response->body, &frame);
}

void get_help_errors(struct request *request, struct response *response)
{
	struct frame frame;
	page_frame(request, "Error codes", NAV_HELP, &frame);
	page_help_errors(&response->body, &frame);
}
