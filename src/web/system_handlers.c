/* Health, the contract, and what the dashboard shows. */
#include "store/jobs.h"
#include "store/summary.h"
#include "store/workers.h"
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/openapi.h"
#include "web/version.h"

void get_health(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct json_writer w;
	bool is_there = db_ensure(ctx->db, &ctx->fail);
	if (!is_there) {
		response->status = 503;
		response_header(response, "Retry-After", "5");
		fail_clear(&ctx->fail);
	}
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	jw_text(&w, "status", is_there ? "ok" : "degraded");
	jw_text(&w, "database", is_there ? "ok" : "away");
	jw_text(&w, "version", TRANCHE_VERSION);
	jw_end_object(&w);
}

void get_openapi(struct request *request, struct response *response)
{
	(void)request;
	response_header(response, "Cache-Control", "no-cache");
	str_add(&response->body, (const char *)openapi_json, openapi_json_len);
}

static void summary_rows(struct json_writer *w, const char *key, bool of_jobs, const struct summary_row *rows,
			 size_t count)
{
	jw_list(w, key);
	for (size_t i = 0; i < count; i++) {
		if ((rows[i].type != NULL) != of_jobs)
			continue;
		jw_object(w, NULL);
		if (of_jobs)
			jw_text(w, "type", rows[i].type);
		jw_text(w, "status", rows[i].status);
		jw_int(w, "count", rows[i].count);
		jw_end_object(w);
	}
	jw_end_list(w);
}

static void throughput_json(struct json_writer *w, const char *key, const struct throughput_row *rows, size_t count)
{
	jw_list(w, key);
	for (size_t i = 0; i < count; i++) {
		jw_object(w, NULL);
		jw_time(w, "at", rows[i].at);
		jw_int(w, "items", rows[i].items);
		jw_int(w, "work_ms", rows[i].work_ms);
		jw_end_object(w);
	}
	jw_end_list(w);
}

static void top_errors_json(struct json_writer *w, const struct error_row *rows, size_t count)
{
	jw_list(w, "errors");
	for (size_t i = 0; i < count; i++) {
		const struct code_info *info = code_info(code_by_name(rows[i].code));
		jw_object(w, NULL);
		jw_text(w, "code", rows[i].code);
		jw_text(w, "title", info->title);
		jw_int(w, "count", rows[i].count);
		jw_text(w, "suggestion", info->fix);
		jw_int(w, "example_job", rows[i].example_job);
		jw_end_object(w);
	}
	jw_end_list(w);
}

/* Who may see only what is his own sees figures of his own batches. */
void get_summary(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	bool own_only = permitted_own_only(ctx->actor, PERMIT_VIEW_DASHBOARD);
	int64_t user_id = own_only ? ctx->actor->user_id : 0;
	struct summary_row *rows = NULL;
	struct throughput_row *minutes, *hours;
	struct error_row *errors;
	struct json_writer w;
	size_t row_count = 0, minute_count, hour_count, error_count;
	if ((!own_only && !job_summary(ctx, &rows, &row_count)) ||
	    !summary_throughput(ctx, user_id, 3600, 60, &minutes, &minute_count) ||
	    !summary_throughput(ctx, user_id, 86400, 3600, &hours, &hour_count) ||
	    !summary_errors(ctx, user_id, &errors, &error_count)) {
		respond_fail(response, NULL);
		return;
	}
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	summary_rows(&w, "jobs", true, rows, row_count);
	summary_rows(&w, "workers", false, rows, row_count);
	throughput_json(&w, "throughput", minutes, minute_count);
	throughput_json(&w, "throughput_day", hours, hour_count);
	top_errors_json(&w, errors, error_count);
	jw_end_object(&w);
}

static bool may_see_workers(struct ctx *ctx)
{
	return !permitted_own_only(ctx->actor, PERMIT_VIEW_DASHBOARD) ||
	       fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "Workers are nobody's own; this needs all of %s",
			permission_name(PERMIT_VIEW_DASHBOARD));
}

void get_workers(struct request *request, struct response *response)
{
	struct worker_row *rows;
	struct json_writer w;
	int64_t limit;
	size_t count;
	if (!may_see_workers(request->ctx) || !param_int(request, "limit", 1, 200, 100, &limit) ||
	    !worker_list(request->ctx, (int32_t)limit, &rows, &count)) {
		respond_fail(response, NULL);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++) {
		jw_object(&w, NULL);
		jw_text(&w, "uuid", rows[i].uuid);
		jw_text(&w, "type", rows[i].type);
		jw_text(&w, "status", rows[i].status);
		jw_text(&w, "host", rows[i].host);
		jw_int(&w, "pid", rows[i].pid);
		jw_int(&w, "job_id", rows[i].job_id);
		jw_int(&w, "items_done", rows[i].items_done);
		jw_int(&w, "memory_kib", rows[i].memory_kib);
		jw_time(&w, "started_at", rows[i].started_at);
		jw_time(&w, "last_ping", rows[i].last_ping);
		jw_end_object(&w);
	}
	list_end(&w, false, 0);
}

void get_worker_logs(struct request *request, struct response *response)
{
	struct worker_log *rows;
	struct json_writer w;
	int64_t before;
	int32_t limit;
	size_t count;
	if (!may_see_workers(request->ctx) || !list_params(request, &before, &limit) ||
	    !worker_logs(request->ctx, request->path_arg[0], before, limit, &rows, &count)) {
		respond_fail(response, NULL);
		return;
	}
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
	list_end(&w, count == (size_t)limit, count ? rows[count - 1].id : 0);
}
