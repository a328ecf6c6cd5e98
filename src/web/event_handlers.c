/* Single events: reads, and writes as a slice of one. */
#include "schedule/edit.h"
#include "store/events.h"
#include "web/api_input.h"
#include "web/event_reply.h"
#include "web/handlers.h"
#include "web/idempotency.h"

/* Query parameters are filters, by the field's name. */
static bool read_filter(struct request *request, struct event_filter *filter, struct issues *issues)
{
	*filter = (struct event_filter){ .viewer = request->ctx->actor };
	for (size_t i = 0; i < request->param_count; i++) {
		const struct pair *pair = &request->params[i];
		if (strcmp(pair->name, "after") != 0 && strcmp(pair->name, "limit") != 0)
			filter_set(filter, pair->name, pair->value, "", issues);
	}
	return issues->count == 0;
}

void get_events(struct request *request, struct response *response)
{
	struct issues issues = no_issues(request);
	struct event_filter filter;
	struct event *events;
	struct json_writer w;
	int64_t after;
	int32_t limit;
	size_t count;
	if (!read_filter(request, &filter, &issues) || !list_params(request, &after, &limit) ||
	    !events_page(request->ctx, &filter, after, limit, &events, &count)) {
		respond_issues(response, &issues);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++)
		event_write(&w, NULL, &events[i]);
	list_end(&w, count == (size_t)limit, count ? events[count - 1].id : 0);
}

void get_event(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct event event;
	if (event_get(ctx, request->path_id, &event) &&
	    (permitted_for(ctx->actor, PERMIT_VIEW_SCHEDULED_CONTENT, event.schedule_type, event.created_by) ||
	     fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_EVENT_NOT_FOUND, "There is no event %lld",
		      (long long)request->path_id)))
		respond_event_now(response, &event);
	else
		respond_fail(response, NULL);
}

static void respond_made(struct response *response, int status, const struct edit_result *result)
{
	if (status == 201)
		response_header(response, "Location", "%s/api/v1/events/%lld", response->request->base,
				(long long)result->event.id);
	respond_edited(response, status, result);
}

/* ?on_conflict= and ?check_compliance=false */
static bool read_how(struct request *request, struct edit_how *how)
{
	const char *check = param(request, "check_compliance");
	*how = (struct edit_how){ param(request, "on_conflict"), check && strcmp(check, "false") == 0 };
	return !check || how->skip_compliance || strcmp(check, "true") == 0 ||
	       fail_set(&request->ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE, "check_compliance is true or false");
}

static void make_event(struct request *request, struct response *response)
{
	struct edit_result result = { .detail = NULL };
	struct edit_how how;
	json_t *object = read_how(request, &how) ? object_body(request, false) : NULL;
	if (!object)
		respond_fail(response, NULL);
	else if (edit_create(request->ctx, object, &how, &result))
		respond_made(response, result.unchanged ? 200 : 201, &result);
	else
		respond_refused(response, &result);
}

void post_event(struct request *request, struct response *response)
{
	struct edit_result told = { .detail = NULL };
	enum key_turn turn = key_begin(request, 201);
	if (turn == TURN_MAKE)
		make_event(request, response);
	else if (turn == TURN_TELL && event_get(request->ctx, request->ctx->key->event_id, &told.event))
		respond_made(response, request->ctx->key->reply_status, &told);
	else
		respond_fail(response, NULL);
	key_end(request, response);
}

void patch_event(struct request *request, struct response *response)
{
	struct edit_result result = { .detail = NULL };
	int64_t version;
	json_t *values = NULL;
	struct edit_how how;
	if (read_how(request, &how) && if_match(request, &version))
		values = object_body(request, false);
	if (!values)
		respond_fail(response, NULL);
	else if (edit_update(request->ctx, request->path_id, values, version, &how, &result))
		respond_edited(response, 200, &result);
	else
		respond_refused(response, &result);
}

/* The event is kept, cancelled, and shown as it is now. */
void delete_event(struct request *request, struct response *response)
{
	struct edit_result result = { .detail = NULL };
	int64_t version;
	if (if_match(request, &version) && edit_cancel(request->ctx, request->path_id, version, &result))
		respond_event(response, 200, &result.event);
	else
		respond_refused(response, &result);
}
