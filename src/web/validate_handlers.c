/* A batch without a job: what would be wrong, and what it would cost. */
#include "batch/validate.h"
#include "web/api_input.h"
#include "web/handlers.h"

static void codes_json(struct json_writer *w, const struct validation *found)
{
	jw_list(w, "errors");
	for (int code = CODE_NONE + 1; code < CODE_COUNT; code++) {
		const struct code_info *info = code_info((enum code)code);
		if (!found->by_code[code])
			continue;
		jw_object(w, NULL);
		jw_text(w, "code", info->name);
		jw_int(w, "count", found->by_code[code]);
		jw_text(w, "suggestion", info->fix);
		jw_int(w, "example_ordinal", found->first_of_code[code]);
		jw_end_object(w);
	}
	jw_end_list(w);
}

static void item_json(struct json_writer *w, const struct invalid_item *item)
{
	jw_object(w, NULL);
	jw_int(w, "ordinal", item->ordinal);
	jw_text(w, "client_id", item->client_id);
	jw_list(w, "errors");
	for (size_t i = 0; i < item->issues.count; i++) {
		const struct issue *issue = &item->issues.list[i];
		jw_object(w, NULL);
		jw_text(w, "code", code_info(issue->code)->name);
		jw_text(w, "message", issue->message);
		jw_text(w, "pointer", issue->pointer);
		jw_text(w, "suggestion", issue->suggestion);
		jw_bool(w, "recoverable", code_info(issue->code)->recoverable);
		jw_end_object(w);
	}
	jw_end_list(w);
	jw_end_object(w);
}

static void respond_validation(struct response *response, const struct validation *found)
{
	struct json_writer w;
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	jw_text(&w, "type", job_type_name(found->type));
	jw_bool(&w, "valid", found->invalid == 0);
	jw_int(&w, "received", found->items);
	jw_int(&w, "total", found->total);
	jw_int(&w, "invalid", found->invalid);
	codes_json(&w, found);
	jw_list(&w, "items");
	for (size_t i = 0; i < found->listed_count; i++)
		item_json(&w, &found->listed[i]);
	jw_end_list(&w);
	jw_bool(&w, "truncated", found->invalid > (int64_t)found->listed_count);
	jw_object(&w, "estimate");
	jw_int(&w, "rows", found->estimate.rows);
	jw_int(&w, "requests", found->estimate.requests);
	jw_real(&w, "seconds", found->estimate.seconds, 2);
	jw_int(&w, "bytes", found->estimate.bytes);
	jw_end_object(&w);
	jw_end_object(&w);
}

/* JSON says its type itself or, being a bare list, in the query, as NDJSON and
 * CSV do. */
void post_validate(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct validation found;
	struct batch_options options;
	enum ingest_format format;
	enum job_type type = JOB_CREATE;
	const char *name = param(request, "type");
	options_default(ctx->config, &options);
	if (format_of(request, &format) && (format == INGEST_JSON && !name ? true : batch_type_read(ctx, name, &type)) &&
	    options_from_query(request, type, &options, &issues) &&
	    batch_validate(ctx, name != NULL, type, &options, format, body_source(request), &found))
		respond_validation(response, &found);
	else
		respond_issues(response, &issues);
}
