/* Workers and what they reported, over the API. */
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/worker_map.h"

bool may_see_workers(struct ctx *ctx)
{
	return !permitted_own_only(ctx->actor, PERMIT_VIEW_DASHBOARD) ||
	       fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "Workers are nobody's own; this needs all of %s",
			permission_name(PERMIT_VIEW_DASHBOARD));
}

/* "MILLISECONDS.UUID": the place in the order, newest first. */
bool worker_cursor_read(struct request *request, struct worker_cursor *after)
{
	const char *given = param(request, "after");
	*after = (struct worker_cursor){ .last_ping_ms = INT64_MAX };
	if (!given || !given[0])
		return true;
	const char *dot = strchr(given, '.');
	if (dot && strlen(dot + 1) == sizeof(after->uuid) - 1 && parse_i64(given, (size_t)(dot - given), &after->last_ping_ms)) {
		str_copy(after->uuid, sizeof(after->uuid), dot + 1);
		return true;
	}
	(void)fail_set(&request->ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE, "after is what “next” of the page before said");
	return fail_at(&request->ctx->fail, "after");
}

const char *worker_cursor_text(struct ctx *ctx, const struct worker_row *last)
{
	return arena_printf(ctx->arena, "%lld.%s", (long long)last->last_ping_ms, last->uuid);
}

static void worker_json(struct json_writer *w, const struct worker_row *row)
{
	jw_object(w, NULL);
	jw_text(w, "uuid", row->uuid);
	jw_text(w, "type", row->type);
	jw_text(w, "status", row->status);
	jw_text(w, "host", row->host);
	jw_int(w, "pid", row->pid);
	jw_int(w, "job_id", row->job_id);
	jw_int(w, "items_done", row->items_done);
	jw_int(w, "memory_kib", row->memory_kib);
	jw_time(w, "started_at", row->started_at);
	jw_time(w, "last_ping", row->last_ping);
	jw_end_object(w);
}

void get_workers(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct worker_cursor after;
	struct worker_row *rows;
	struct json_writer w;
	int64_t limit;
	size_t count;
	if (!may_see_workers(ctx) || !worker_cursor_read(request, &after) ||
	    !param_int(request, "limit", 1, 200, 100, &limit) || !worker_list(ctx, &after, (int32_t)limit + 1, &rows, &count)) {
		respond_fail(response, NULL);
		return;
	}
	bool has_more = count > (size_t)limit;
	list_begin(&w, response);
	for (size_t i = 0; i < (has_more ? (size_t)limit : count); i++)
		worker_json(&w, &rows[i]);
	jw_end_list(&w);
	jw_text(&w, "next", has_more ? worker_cursor_text(ctx, &rows[limit - 1]) : NULL);
	jw_end_object(&w);
}

void get_worker_logs(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct worker_row worker;
	struct worker_log *rows;
	struct json_writer w;
	int64_t before;
	int32_t limit;
	size_t count;
	if (!may_see_workers(ctx) || !worker_get(ctx, request->path_arg[0], &worker) || !list_params(request, &before, &limit) ||
	    !worker_logs(ctx, worker.uuid, before, limit + 1, &rows, &count)) {
		respond_fail(response, NULL);
		return;
	}
	bool has_more = count > (size_t)limit;
	count = has_more ? (size_t)limit : count;
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++) {
		jw_object(&w, NULL);
		jw_int(&w, "id", rows[i].id);
		jw_time(&w, "at", rows[i].at);
		jw_text(&w, "level", rows[i].level);
		jw_int(&w, "job_id", rows[i].job_id);
		jw_text(&w, "message", rows[i].message);
		jw_end_object(&w);
	}
	list_end(&w, has_more, count ? rows[count - 1].id : 0);
}
