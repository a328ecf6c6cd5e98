/* Health, the contract, and what the dashboard shows. */
#include "store/jobs.h"
#include "store/summary.h"
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
