#include "web/event_reply.h"

#include "views/problem.h"

void respond_event(struct response *response, int status, const struct event *event)
{
	struct json_writer w;
	response->status = status;
	response_header(response, "ETag", "\"%lld\"", (long long)event->row_version);
	jw_begin(&w, &response->body);
	event_write(&w, NULL, event);
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
	if (ctx->fail.code == CODE_STALE_VERSION && request->header(request, "HTTP_IF_MATCH"))
		ctx->fail.code = CODE_PRECONDITION_FAILED;
	respond_problem(response, &problem);
}
