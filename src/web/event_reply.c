#include "web/event_reply.h"

#include "schedule/clashes.h"
#include "store/system.h"
#include "views/problem.h"
#include "web/api_input.h"

void respond_event(struct response *response, int status, const struct event *event)
{
	struct json_writer w;
	response->status = status;
	respond_etag(response, event->row_version);
	jw_begin(&w, &response->body);
	event_write(&w, NULL, event);
}

void clash_write(struct json_writer *w, const struct clash *clash, int64_t occurrence_utc)
{
	jw_object(w, NULL);
	jw_text(w, "kind", code_info(clash->code)->name);
	jw_text(w, "severity", clash->hard ? "hard" : "soft");
	jw_id(w, "event_id", clash->event_id);
	jw_text(w, "title", clash->title);
	jw_moment(w, "starts_at", clash->starts_at);
	jw_moment(w, "ends_at", clash->ends_at);
	jw_id(w, "resource_id", clash->resource_id);
	if (occurrence_utc)
		jw_moment(w, "occurrence_at", occurrence_utc);
	jw_end_object(w);
}

static void write_clashes(struct json_writer *w, const struct timetable_entry *entries, size_t count)
{
	int64_t all = 0;
	size_t listed = 0;
	for (size_t i = 0; i < count; i++)
		all += entries[i].conflict_count;
	jw_int(w, "conflict_count", all);
	jw_list(w, "conflicts");
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < entries[i].clash_count && listed < CONFLICTS_LISTED_MAX; k++, listed++)
			clash_write(w, &entries[i].clashes[k], entries[i].starts_at);
	jw_end_list(w);
}

void respond_event_now(struct response *response, const struct event *event)
{
	struct ctx *ctx = response->request->ctx;
	struct timetable_entry *entries;
	struct json_writer w;
	int64_t now_utc;
	size_t count;
	if (!system_now(ctx, &now_utc) || !clashes_of_event(ctx, event, now_utc, &entries, &count)) {
		respond_fail(response, NULL);
		return;
	}
	respond_event(response, 200, event);
	response->body.len--; /* the object is open again */
	str_addc(&response->body, ',');
	struct str more = STR_INIT;
	jw_begin(&w, &more);
	jw_object(&w, NULL);
	write_clashes(&w, entries, count);
	jw_end_object(&w);
	str_adds(&response->body, str_text(&more) + 1);
	str_free(&more);
}

static void add_member(struct response *response, const json_t *detail, const char *name)
{
	const json_t *list = json_object_get(detail, name);
	if (!json_array_size(list))
		return;
	response->body.len--; /* the object is open again */
	str_addf(&response->body, ",\"%s\":%s}", name, json_text(response->request->ctx->arena, list, NULL));
}

void respond_edited(struct response *response, int status, const struct edit_result *result)
{
	struct fail ignored = { .kind = FAIL_NONE };
	respond_event(response, status, &result->event);
	if (!result->detail)
		return;
	const json_t *detail = json_read(response->request->ctx->arena, result->detail, strlen(result->detail), &ignored);
	add_member(response, detail, "warnings");
	add_member(response, detail, "advisories");
}

/* A refused edit tells all its reasons, as a batch would. */
void respond_refused(struct response *response, const struct edit_result *result)
{
	struct request *request = response->request;
	struct ctx *ctx = request->ctx;
	struct fail ignored = { .kind = FAIL_NONE };
	struct problem problem = { .issues = NULL };
	json_t *detail = result->detail ? json_read(ctx->arena, result->detail, strlen(result->detail), &ignored) : NULL;
	json_t *errors = json_object_get(detail, "errors");
	json_t *conflicts = json_object_get(detail, "conflicts");
	if (errors)
		problem.errors = json_text(ctx->arena, errors, NULL);
	if (conflicts)
		problem.conflicts = json_text(ctx->arena, conflicts, NULL);
	respond_problem(response, &problem);
}
