/* What an event was, and making it so again. */
#include "schedule/edit.h"
#include "web/api_input.h"
#include "web/event_reply.h"
#include "web/handlers.h"
#include "web/history_map.h"

static void write_changes(struct json_writer *w, struct arena *arena, const struct event *before, const struct event *after)
{
	struct field_change *changes;
	if (!before) {
		jw_null(w, "changes");
		return;
	}
	size_t count = state_changes(arena, before, after, &changes);
	jw_list(w, "changes");
	for (size_t i = 0; i < count; i++) {
		jw_object(w, NULL);
		jw_text(w, "field", changes[i].field);
		jw_raw(w, "before", json_text(arena, changes[i].before, NULL));
		jw_raw(w, "after", json_text(arena, changes[i].after, NULL));
		jw_end_object(w);
	}
	jw_end_list(w);
}

static void write_state(struct json_writer *w, struct arena *arena, const struct event_state *state, const struct event *before)
{
	jw_object(w, NULL);
	jw_int(w, "row_version", state->event.row_version);
	jw_time(w, "changed_at", state->changed_at);
	jw_object(w, "changed_by");
	jw_int(w, "id", state->changed_by);
	jw_text(w, "name", state->changed_by_name);
	jw_end_object(w);
	jw_id(w, "batch_id", state->job_id);
	jw_id(w, "undone_to", state->as_version);
	write_changes(w, arena, before, &state->event);
	event_write(w, "event", &state->event);
	jw_end_object(w);
}

static bool may_view(struct request *request)
{
	struct ctx *ctx = request->ctx;
	struct event event;
	return event_get(ctx, request->path_id, &event) &&
	       (permitted_for(ctx->actor, PERMIT_VIEW_SCHEDULED_CONTENT, event.schedule_type, event.created_by) ||
		fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_EVENT_NOT_FOUND, "There is no event %lld", (long long)request->path_id));
}

void get_event_history(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct event_state *states;
	struct json_writer w;
	int64_t after;
	int32_t limit;
	size_t count;
	bool has_more = false;
	/* One more than is shown, to tell what the last one shown changed. */
	if (!list_params(request, &after, &limit) || !may_view(request) ||
	    !history_page(ctx, request->path_id, after, limit + 1, &states, &count, &has_more)) {
		respond_fail(response, NULL);
		return;
	}
	size_t shown = count > (size_t)limit ? (size_t)limit : count;
	list_begin(&w, response);
	for (size_t i = 0; i < shown; i++)
		write_state(&w, ctx->arena, &states[i], state_before(states, count, i));
	list_end(&w, count > shown, shown ? states[shown - 1].event.row_version : 0);
}

void post_event_restore(struct request *request, struct response *response)
{
	static const char *const members[] = { "row_version", NULL };
	struct issues issues = no_issues(request);
	struct edit_result result = { .detail = NULL };
	const struct edit_how how = { .on_conflict = param(request, "on_conflict") };
	int64_t expected, version = 0;
	json_t *body = NULL;
	if (if_match(request, &expected))
		body = object_body(request, false);
	if (!body) {
		respond_fail(response, NULL);
		return;
	}
	refuse_unknown(body, members, &issues);
	version = int_member(body, "row_version", 0, 1, INT32_MAX, &issues);
	if (!version && !issues.count)
		issue_add(&issues, CODE_REQUIRED, "/row_version", "Give one that the event's history lists.", "row_version is missing");
	if (issues.count)
		respond_issues(response, &issues);
	else if (!may_view(request)) /* who may not see it learns nothing of its former states */
		respond_fail(response, NULL);
	else if (edit_restore(request->ctx, request->path_id, version, expected, &how, &result))
		respond_event(response, 200, &result.event);
	else
		respond_refused(response, &result);
}
