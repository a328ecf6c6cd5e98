/* Pages of workers. */
#include "web/worker_map.h"

#include "base/config.h"
#include "store/audit.h"
#include "store/tokens.h"
#include "web/page_frame.h"
#include "web/pages.h"

#define WORKERS_PER_PAGE 50
#define LOGS_PER_PAGE 50
#define TICK_TOKEN_DAYS 366

struct worker_view *worker_map(struct ctx *ctx, const struct frame *frame, const struct worker_row *rows, size_t count)
{
	struct worker_view *views = arena_array(ctx->arena, count + 1, sizeof(*views));
	for (size_t i = 0; i < count; i++)
		views[i] = (struct worker_view){
			.uuid = rows[i].uuid,
			.type = rows[i].type,
			.status = rows[i].status,
			.host = rows[i].host,
			.pid = rows[i].pid,
			.job_id = rows[i].job_id,
			.items_done = rows[i].items_done,
			.memory_kib = rows[i].memory_kib,
			.started_at = rows[i].started_at,
			.last_ping = frame->now_utc - rows[i].silent_s,
		};
	return views;
}

static bool load_workers(struct request *request, struct workers_page *page)
{
	struct ctx *ctx = request->ctx;
	struct worker_cursor after;
	struct worker_row *rows;
	if (!may_see_workers(ctx) || !worker_cursor_read(request, &after) ||
	    !worker_list(ctx, &after, WORKERS_PER_PAGE + 1, &rows, &page->worker_count))
		return false;
	page->is_first = !after.uuid[0];
	if (page->worker_count > WORKERS_PER_PAGE) {
		page->worker_count = WORKERS_PER_PAGE;
		page->next = worker_cursor_text(ctx, &rows[WORKERS_PER_PAGE - 1]);
	}
	page->workers = worker_map(ctx, page->frame, rows, page->worker_count);
	return true;
}

static void show_workers(struct request *request, struct response *response, const char *tick_url)
{
	struct frame frame;
	struct workers_page page = { .frame = &frame, .tick_url = tick_url };
	page.may_tick = permitted(request->ctx->actor, PERMIT_TICK);
	page_frame(request, "Workers", NAV_WORKERS, &frame);
	if (load_workers(request, &page))
		page_workers(&response->body, &page);
	else
		respond_fail(response, NULL);
}

void get_workers_page(struct request *request, struct response *response)
{
	show_workers(request, response, NULL);
}

/* A token that may only tick, shown once in the address a cron job needs. */
void post_tick_address(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	const char *site = ctx->config->site_url;
	const char *host = request->header(request, "HTTP_HOST");
	char secret[TOKEN_TEXT_SIZE];
	struct api_token token;
	if (!form_checked(request, response))
		return;
	if (!db_begin(ctx->db, &ctx->fail) ||
	    !audit_commit(ctx, token_create(ctx, ctx->actor->user_id, "Cron job", permission_name(PERMIT_TICK), TICK_TOKEN_DAYS,
					    &token, secret),
			  "token.create", &token.id)) {
		respond_fail(response, NULL);
		return;
	}
	if (!site[0])
		site = arena_printf(ctx->arena, "%s://%s%s", request->is_https ? "https" : "http", host ? host : "", request->base);
	show_workers(request, response, arena_printf(ctx->arena, "%s/api/v1/tick?token=%s", site, secret));
}

static bool load_logs(struct request *request, struct worker_page *page)
{
	struct ctx *ctx = request->ctx;
	struct worker_log *rows;
	if (!param_int(request, "after", 0, INT64_MAX, 0, &page->after) ||
	    !worker_logs(ctx, request->path_arg[0], page->after, LOGS_PER_PAGE + 1, &rows, &page->log_count))
		return false;
	if (page->log_count > LOGS_PER_PAGE) {
		page->log_count = LOGS_PER_PAGE;
		page->next_after = rows[LOGS_PER_PAGE - 1].id;
	}
	struct worker_log_view *views = arena_array(ctx->arena, page->log_count + 1, sizeof(*views));
	for (size_t i = 0; i < page->log_count; i++)
		views[i] = (struct worker_log_view){ rows[i].at, rows[i].job_id, rows[i].level, rows[i].message };
	page->logs = views;
	return true;
}

void get_worker_page(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct worker_row row;
	struct worker_page page = { .frame = &frame };
	if (!may_see_workers(ctx) || !worker_get(ctx, request->path_arg[0], &row) || !load_logs(request, &page)) {
		respond_fail(response, NULL);
		return;
	}
	page_frame(request, arena_printf(ctx->arena, "Worker %lld", (long long)row.pid), NAV_WORKERS, &frame);
	page.worker = worker_map(ctx, &frame, &row, 1);
	page_worker(&response->body, &page);
}
