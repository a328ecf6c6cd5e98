/* Errors by kind, and what people did about them. */
#include "web/api_input.h"
#include "web/error_log_map.h"
#include "web/handlers.h"

static void example_json(struct json_writer *w, const struct error_entry *entry, bool may_see)
{
	if (!may_see || (!entry->job_id && !entry->detail[0])) {
		jw_null(w, "example");
		return;
	}
	jw_object(w, "example");
	jw_id(w, "job_id", entry->job_id);
	if (entry->ordinal >= 0)
		jw_int(w, "ordinal", entry->ordinal);
	else
		jw_null(w, "ordinal");
	jw_text(w, "detail", entry->detail);
	jw_end_object(w);
}

/* Leaves the object open. */
static void entry_json(struct json_writer *w, const struct error_entry *entry, bool may_see_examples)
{
	const struct code_info *info = code_info(code_by_name(entry->code));
	jw_object(w, NULL);
	jw_int(w, "id", entry->id);
	jw_text(w, "code", entry->code);
	jw_text(w, "title", info->title);
	jw_text(w, "context", entry->context);
	jw_text(w, "state", error_entry_state(entry));
	jw_int(w, "count", entry->occurrences);
	jw_time(w, "first_seen", entry->first_seen);
	jw_time(w, "last_seen", entry->last_seen);
	jw_time(w, "resolved_at", entry->resolved_at);
	jw_time(w, "reopened_at", entry->reopened_at);
	jw_text(w, "cause", info->cause);
	jw_text(w, "fix", info->fix);
	jw_text(w, "reference", entry->reference[0] ? entry->reference : NULL);
	example_json(w, entry, may_see_examples);
}

static bool read_filter(struct request *request, enum error_filter *filter)
{
	const char *resolved = param(request, "resolved");
	*filter = !resolved ? ERRORS_ALL : strcmp(resolved, "true") == 0 ? ERRORS_RESOLVED : ERRORS_OPEN;
	return *filter != ERRORS_OPEN || strcmp(resolved, "false") == 0 ||
	       fail_set(&request->ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE, "The parameter resolved is true or false");
}

void get_errors(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	enum error_filter filter;
	struct error_entry *list;
	struct json_writer w;
	int64_t after;
	int32_t limit;
	size_t count;
	if (!may_see_errors(ctx) || !read_filter(request, &filter) || !list_params(request, &after, &limit) ||
	    !error_log_list(ctx, filter, after, limit, &list, &count)) {
		respond_fail(response, NULL);
		return;
	}
	bool may_see_examples = permitted(ctx->actor, PERMIT_MANAGE_BATCHES);
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++) {
		entry_json(&w, &list[i], may_see_examples);
		jw_end_object(&w);
	}
	list_end(&w, count == (size_t)limit, count ? list[count - 1].id : 0);
}

static void respond_error(struct response *response, int status)
{
	struct request *request = response->request;
	struct ctx *ctx = request->ctx;
	struct error_entry entry;
	struct error_resolution *notes;
	struct json_writer w;
	size_t count;
	if (!error_log_get(ctx, request->path_id, &entry) || !error_resolutions(ctx, entry.id, &notes, &count)) {
		respond_fail(response, NULL);
		return;
	}
	response->status = status;
	jw_begin(&w, &response->body);
	entry_json(&w, &entry, permitted(ctx->actor, PERMIT_MANAGE_BATCHES));
	jw_list(&w, "resolutions");
	for (size_t i = 0; i < count; i++) {
		jw_object(&w, NULL);
		jw_int(&w, "id", notes[i].id);
		jw_time(&w, "at", notes[i].at);
		jw_object(&w, "by");
		jw_int(&w, "id", notes[i].user_id);
		jw_text(&w, "name", notes[i].user_name);
		jw_end_object(&w);
		jw_int(&w, "count", notes[i].occurrences);
		jw_text(&w, "resolution", notes[i].resolution);
		jw_end_object(&w);
	}
	jw_end_list(&w);
	jw_end_object(&w);
}

void get_error(struct request *request, struct response *response)
{
	if (may_see_errors(request->ctx))
		respond_error(response, 200);
	else
		respond_fail(response, NULL);
}

void post_error_resolution(struct request *request, struct response *response)
{
	static const char *const members[] = { "resolution", NULL };
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	json_t *body = object_body(request, false);
	if (body)
		refuse_unknown(body, members, &issues);
	const char *resolution = text_member(body, "resolution", NULL, 1, RESOLUTION_MAX, &issues);
	if (body && issues.count == 0 && !resolution)
		issue_add(&issues, CODE_REQUIRED, "/resolution", NULL, "resolution is missing: say what was done");
	if (body && issues.count == 0 && resolve_error(ctx, request->path_id, resolution))
		respond_error(response, 201);
	else
		respond_issues(response, &issues);
}
