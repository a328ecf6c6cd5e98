#include "base/config.h"
#include "store/summary.h"
#include "store/system.h"
#include "views/page_help.h"
#include "views/page_home.h"
#include "web/job_map.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/worker_map.h"

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
	struct worker_cursor newest = { .last_ping_ms = INT64_MAX };
	struct worker_row *rows;
	if (!worker_list(ctx, &newest, WORKERS_SHOWN, &rows, &page->worker_count))
		return false;
	page->workers = worker_map(ctx, page->frame, rows, page->worker_count);
	return true;
}

static bool load_recent(struct ctx *ctx, bool own_only, struct dashboard_page *page)
{
	struct batch_status *list;
	struct job_filter filter = { .limit = RECENT_JOBS, .created_by = own_only ? ctx->actor->user_id : 0 };
	if (!batch_list(ctx, &filter, &list, &page->recent_count))
		return false;
	struct job_view *views = arena_array(ctx->arena, page->recent_count + 1, sizeof(*views));
	for (size_t i = 0; i < page->recent_count; i++)
		job_map(ctx, &list[i], &views[i]);
	page->recent = views;
	return true;
}

static bool load_errors(struct ctx *ctx, int64_t user_id, struct dashboard_page *page)
{
	struct error_row *rows;
	if (!summary_errors(ctx, user_id, &rows, &page->error_count))
		return false;
	if (page->error_count > ERRORS_SHOWN)
		page->error_count = ERRORS_SHOWN;
	struct error_view *views = arena_array(ctx->arena, page->error_count + 1, sizeof(*views));
	for (size_t i = 0; i < page->error_count; i++)
		views[i] = (struct error_view){ .info = code_info(code_by_name(rows[i].code)), .count = rows[i].count };
	page->errors = views;
	return true;
}

/* So many bars of `step_s`, the last of them that of the present moment. */
static bool load_chart(struct ctx *ctx, int64_t user_id, int64_t now_utc, size_t count, struct bar_chart *chart)
{
	struct throughput_row *rows;
	size_t row_count;
	int64_t step_s = chart->step_s;
	int64_t *values = arena_array(ctx->arena, count, sizeof(*values));
	if (!summary_throughput(ctx, user_id, (int64_t)count * step_s, step_s, &rows, &row_count))
		return false;
	memset(values, 0, count * sizeof(*values));
	chart->first_at = now_utc / step_s * step_s - ((int64_t)count - 1) * step_s;
	chart->count = count;
	chart->values = values;
	for (size_t i = 0; i < row_count; i++) {
		int64_t place = (rows[i].at - chart->first_at) / step_s;
		if (rows[i].at >= chart->first_at && place < (int64_t)count)
			values[place] = rows[i].items;
	}
	return true;
}

static bool load_charts(struct ctx *ctx, int64_t user_id, struct dashboard_page *page)
{
	page->hour = (struct bar_chart){ .id = "per-minute", .title = "Items a minute, last hour", .unit = "Minute", .step_s = 60 };
	page->day = (struct bar_chart){ .id = "per-hour", .title = "Items an hour, last day", .unit = "Hour", .step_s = 3600 };
	return load_chart(ctx, user_id, page->frame->now_utc, 60, &page->hour) &&
	       load_chart(ctx, user_id, page->frame->now_utc, 24, &page->day);
}

static bool load_space(struct ctx *ctx, struct quota_view *quota)
{
	struct system_state state;
	if (!system_state(ctx, &state))
		return false;
	quota->stored_bytes = state.bytes;
	quota->measured_at = state.measured_at;
	return true;
}

static bool load_quota(struct request *request, struct quota_view *quota)
{
	const struct config *config = request->ctx->config;
	*quota = (struct quota_view){ .open_jobs_max = config->open_jobs_max,
				      .items_max = config->items_max,
				      .requests = request->session.requests,
				      .requests_max = config->requests_per_minute,
				      .body_max_bytes = config->body_max_bytes,
				      .item_max_bytes = config->item_max_bytes,
				      .stored_bytes = -1 };
	if (permitted(request->ctx->actor, PERMIT_MANAGE_USERS) && !load_space(request->ctx, quota))
		return false;
	return job_open_load(request->ctx, request->ctx->actor->user_id, &quota->open_jobs, &quota->largest_items);
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
	page.may_see_errors = !own_only;
	const int64_t user_id = own_only ? ctx->actor->user_id : 0;
	if (load_recent(ctx, own_only || !permitted(ctx->actor, PERMIT_MANAGE_BATCHES), &page) &&
	    load_quota(request, &page.quota) && load_errors(ctx, user_id, &page) && load_charts(ctx, user_id, &page) &&
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

/* The rest of the help are files that the web server sends; people leave out
 * how they end. */
void get_help_page(struct request *request, struct response *response)
{
	const char *name = request->path_arg[0];
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz-") == strlen(name)) {
		response_redirect(response, "/help/%s.html", name);
		return;
	}
	(void)fail_set(&request->ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "There is no such page in the help");
	respond_fail(response, NULL);
}
