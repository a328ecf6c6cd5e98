/* The form of one event. */
#include "base/clock.h"
#include "rules/series.h"
#include "schedule/edit.h"
#include "store/events.h"
#include "store/history.h"
#include "views/page_event_form.h"
#include "web/event_form.h"
#include "web/meanwhile.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/place_input.h"
#include "web/session.h"

/* --- what was wrong ----------------------------------------------------------------- */

/* Pointers to the fields of the form. */
static const char *field_of(struct arena *arena, const char *pointer)
{
	static const struct {
		const char *member, *field;
	} renamed[] = { { "/starts_at", "/start" }, { "/local_start", "/start" }, { "/duration_s", "/minutes" }, { "/ends_at", "/minutes" },
			  { "/grace_s", "/grace" } };
	if (strncmp(pointer, "/values", 7) == 0)
		pointer += 7;
	for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
		if (strcmp(renamed[i].member, pointer) == 0)
			return renamed[i].field;
	const char *rest = pointer[0] ? strchr(pointer + 1, '/') : NULL;
	return rest ? arena_strndup(arena, pointer, (size_t)(rest - pointer)) : pointer;
}

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static int64_t time_in(const json_t *object, const char *name)
{
	const char *text = text_in(object, name);
	int64_t utc = 0;
	return text && time_parse_utc(text, strlen(text), &utc) ? utc : 0;
}

/* "2026-12-01 09:00" as the person's clock shows it. */
static const char *on_the_clock(const struct request *request, int64_t utc)
{
	const struct zone *zone = session_zone(request);
	char *text = arena_alloc(request->ctx->arena, TIME_TEXT_SIZE);
	time_format_local(utc + (zone ? zone_offset_at(zone, utc) : 0), text);
	text[strlen("2026-12-01")] = ' ';
	text[strlen("2026-12-01 09:00")] = '\0';
	return text;
}

/* Where the two meet, exactly; "" where they only stand too close, or nobody
 * knows. */
static const char *overlap(const struct request *request, const json_t *conflict)
{
	int64_t from = time_in(conflict, "starts_at"), to = time_in(conflict, "ends_at");
	int64_t own_from = time_in(conflict, "own_starts_at"), own_to = time_in(conflict, "own_ends_at");
	from = own_from > from ? own_from : from;
	to = own_to < to ? own_to : to;
	if (!own_from || to <= from || code_by_name(text_in(conflict, "kind")) == CODE_VERSION_WINDOW)
		return "";
	return arena_printf(request->ctx->arena, "; they share %lld min, %s to %s", (long long)(to - from + 59) / 60,
			    on_the_clock(request, from), on_the_clock(request, to));
}

static void explain(struct request *request, const struct edit_result *result, struct event_form *form, struct issues *issues)
{
	struct arena *arena = request->ctx->arena;
	struct fail unreadable = { .kind = FAIL_NONE };
	const json_t *detail = result->detail ? json_read(arena, result->detail, strlen(result->detail), &unreadable) : NULL;
	const json_t *errors = json_object_get(detail, "errors"), *conflicts = json_object_get(detail, "conflicts");
	for (size_t i = 0; i < json_array_size(errors); i++) {
		const json_t *error = json_array_get(errors, i);
		issue_add(issues, code_by_name(text_in(error, "code")), field_of(arena, text_in(error, "pointer")),
			  text_in(error, "suggestion"), "%s", text_in(error, "message"));
	}
	for (size_t i = 0; i < json_array_size(conflicts); i++) {
		const json_t *conflict = json_array_get(conflicts, i), *other = json_object_get(conflict, "event_id");
		const char *title = code_info(code_by_name(text_in(conflict, "kind")))->title;
		if (!other)
			continue; /* said among the errors */
		issue_add(issues, code_by_name(text_in(conflict, "kind")), "", "", "%s: event %lld, %s to %s%s", title,
			  (long long)json_integer_value(other), on_the_clock(request, time_in(conflict, "starts_at")),
			  on_the_clock(request, time_in(conflict, "ends_at")), overlap(request, conflict));
	}
	form->has_conflict = json_array_size(conflicts) > 0;
	form->ways = result->ways;
	if (!permitted(request->ctx->actor, PERMIT_RESOLVE_CONFLICTS))
		form->ways &= ~ON_CONFLICT_BIT(ON_CONFLICT_REPLACE);
	if (issues->count)
		fail_clear(&request->ctx->fail);
	else
		issue_from_fail(request, issues, NULL);
}

/* --- showing it ------------------------------------------------------------------------ */

struct key_ids {
	int64_t *ids;
	size_t count;
};

static bool is_in(const struct key_ids *keys, int64_t id)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->ids[i] == id)
			return true;
	return false;
}

/* Whom the form has ticked, or, where none was sent, whom the event has. */
static struct key_ids chosen(const struct request *request, const struct event *event)
{
	size_t room = request->form_count + (event ? event->resource_count + event->assignee_count : 0);
	struct key_ids keys = { arena_array(request->ctx->arena, room + 1, sizeof(int64_t)), 0 };
	for (size_t i = 0; i < request->form_count; i++)
		if ((strcmp(request->form[i].name, "resources") == 0 || strcmp(request->form[i].name, "assignees") == 0) &&
		    parse_i64(request->form[i].value, strlen(request->form[i].value), &keys.ids[keys.count]))
			keys.count++;
	if (!event || request->form_count)
		return keys;
	for (size_t i = 0; i < event->resource_count; i++)
		keys.ids[keys.count++] = event->resources[i];
	for (size_t i = 0; i < event->assignee_count; i++)
		keys.ids[keys.count++] = event->assignees[i];
	return keys;
}

static void show(struct request *request, struct response *response, struct event_form *form, const struct event *event)
{
	struct frame frame;
	struct resource *resources;
	struct key_ids keys = chosen(request, event);
	if (!places_listed(request->ctx, keys.ids, keys.count, &resources, &form->place_count, &form->has_more_places)) {
		respond_fail(response, NULL);
		return;
	}
	struct place_choice *places = arena_array(request->ctx->arena, form->place_count + 1, sizeof(*places));
	for (size_t i = 0; i < form->place_count; i++)
		places[i] = (struct place_choice){ resources[i].id, resources[i].kind, resources[i].name,
						   strcmp(resources[i].kind, "person") == 0, is_in(&keys, resources[i].id) };
	form->places = places;
	form->places_other = form_text(request, "places_other");
	struct event_form shown = *form;
	page_frame(request, form->event_id ? "Change an event" : "New event", NAV_EVENTS, &frame);
	frame.has_error = form->issues->count > 0;
	shown.frame = &frame;
	page_event_form(&response->body, &shown);
}

static void values_of_form(const struct request *request, struct event_form *form)
{
	form->title = form_text(request, "title");
	form->content_id = form_text(request, "content_id");
	form->version_no = form_text(request, "version_no");
	form->schedule_type = form_text(request, "schedule_type");
	form->start = form_text(request, "start");
	form->timezone = form_text(request, "timezone");
	form->minutes = form_text(request, "minutes");
	form->recurrence = form_text(request, "recurrence");
	form->priority = form_text(request, "priority");
	form->status = form_text(request, "status");
	form->attributes = form_text(request, "attributes");
	form->conditions = form_text(request, "conditions");
	form->misfire = form_text(request, "misfire");
	form->grace = form_text(request, "grace");
	form->on_conflict = form_text(request, "on_conflict");
}

static void values_of_event(const struct request *request, const struct event *event, struct event_form *form)
{
	struct arena *arena = request->ctx->arena;
	const struct zone *zone = session_zone(request);
	char *start = arena_alloc(arena, TIME_TEXT_SIZE);
	time_format_local(event->timezone ? event->local_start
					  : event->starts_at + (zone ? zone_offset_at(zone, event->starts_at) : 0), start);
	*form = (struct event_form){
		.event_id = event->id,
		.row_version = event->row_version,
		.issues = form->issues,
		.is_series = event_recurs(event),
		.title = event->title,
		.content_id = arena_printf(arena, "%lld", (long long)event->content_id),
		.version_no = event->version_no ? arena_printf(arena, "%d", event->version_no) : "",
		.schedule_type = event->schedule_type,
		.start = start,
		.timezone = event->timezone ? event->timezone : "",
		.minutes = event_form_minutes(arena, event->duration_s),
		.recurrence = "",
		.priority = arena_printf(arena, "%d", event->priority),
		.status = event_status_name(event->status),
		.attributes = event->attributes ? event->attributes : "",
		.conditions = event->conditions ? event->conditions : "",
		.misfire = misfire_name(event->misfire),
		.grace = event_form_minutes(arena, event->grace_s),
		.on_conflict = "fail",
	};
}

/* Wall times are compared, however long they are written. */
static const char *wall_text(const struct request *request, const char *text)
{
	char *plain = arena_alloc(request->ctx->arena, TIME_TEXT_SIZE);
	int64_t wall;
	if (!time_parse_local(text, strlen(text), &wall))
		return text;
	time_format_local(wall, plain);
	plain[strlen("2026-12-01")] = ' ';
	return plain;
}

static struct key_ids keys_of(struct arena *arena, const struct event *event)
{
	struct key_ids keys = { arena_array(arena, event->resource_count + event->assignee_count + 1, sizeof(int64_t)), 0 };
	for (size_t i = 0; i < event->resource_count; i++)
		keys.ids[keys.count++] = event->resources[i];
	for (size_t i = 0; i < event->assignee_count; i++)
		keys.ids[keys.count++] = event->assignees[i];
	return keys;
}

/* Somebody was first: who, and what stands now beside what was typed.  `form`
 * gets the present row_version, `event` what is stored. */
static bool compare(struct request *request, struct event_form *form, struct event *event, struct meanwhile *meanwhile)
{
	struct ctx *ctx = request->ctx;
	struct event_form now = { .issues = form->issues };
	struct event_state *states;
	const char *with, *with_now;
	bool more;
	size_t count;
	fail_clear(&ctx->fail);
	if (!event_get(ctx, event->id, event) || !history_page(ctx, event->id, 0, 1, &states, &count, &more))
		return false;
	const struct key_ids typed = chosen(request, NULL), stored = keys_of(ctx->arena, event);
	if (!places_named(ctx, typed.ids, typed.count, &with) || !places_named(ctx, stored.ids, stored.count, &with_now))
		return false;
	*meanwhile = (struct meanwhile){ .who = "", .path = arena_printf(ctx->arena, "/events/%" PRId64 "/edit", event->id) };
	if (count)
		meanwhile_by(request, meanwhile, states[0].changed_by, states[0].changed_by_name, states[0].changed_at);
	values_of_event(request, event, &now);
	meanwhile_add(meanwhile, "Title", now.title, form->title);
	meanwhile_add(meanwhile, "Content no.", now.content_id, form->content_id);
	meanwhile_add(meanwhile, "Version", now.version_no, form->version_no);
	meanwhile_add(meanwhile, "Type", now.schedule_type, form->schedule_type);
	meanwhile_add(meanwhile, "Start", wall_text(request, now.start), wall_text(request, form->start));
	meanwhile_add(meanwhile, "Time zone", now.timezone, form->timezone);
	meanwhile_add(meanwhile, "Lasts, in minutes", now.minutes, form->minutes);
	meanwhile_add(meanwhile, "Resources and people", with_now, with);
	meanwhile_add(meanwhile, "Priority", now.priority, form->priority);
	meanwhile_add(meanwhile, "Status", now.status, form->status);
	meanwhile_add(meanwhile, "Attributes", now.attributes, form->attributes);
	meanwhile_add(meanwhile, "Only if", now.conditions, form->conditions);
	meanwhile_add(meanwhile, "May be late, in minutes", now.grace, form->grace);
	meanwhile_add(meanwhile, "If its moment passed unseen", now.misfire, form->misfire);
	form->row_version = event->row_version;
	return true;
}

/* --- handlers ----------------------------------------------------------------------------- */

void get_event_new(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	const char *zone = request->session.timezone ? request->session.timezone : "";
	struct event_form form = { .issues = &issues, .title = "", .content_id = param_text(request, "content_id"), .version_no = "",
				   .schedule_type = "", .start = "", .timezone = zone, .minutes = "60", .recurrence = "",
				   .priority = "0", .status = "scheduled", .attributes = "", .conditions = "", .misfire = "run_late",
				   .grace = "60", .on_conflict = "fail" };
	show(request, response, &form, NULL);
}

void post_event_new(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct event_form form = { .issues = &issues };
	struct edit_result result = { .detail = NULL };
	if (!form_checked(request, response))
		return;
	values_of_form(request, &form);
	json_t *object = event_form_object(request, true, &issues);
	if (!object) {
		respond_fail(response, NULL);
		return;
	}
	/* The same form sent twice makes one event: its key names it. */
	const char *key = form_text(request, "form_key");
	if (key[0])
		json_object_set_new(object, "client_id", json_string(arena_printf(request->ctx->arena, "form-%.60s", key)));
	const struct edit_how how = { .on_conflict = form.on_conflict[0] ? form.on_conflict : NULL };
	if (!issues.count && edit_create(request->ctx, object, &how, &result)) {
		response_redirect(response, "/events/%" PRId64, result.event.id);
		return;
	}
	if (!issues.count)
		explain(request, &result, &form, &issues);
	response->status = 422;
	show(request, response, &form, NULL);
}

static bool load(struct request *request, struct event *event)
{
	struct ctx *ctx = request->ctx;
	if (!event_get(ctx, request->path_id, event))
		return false;
	if (!permitted_for(ctx->actor, PERMIT_SCHEDULE_CONTENT, event->schedule_type, event->created_by))
		return fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "You may not change this event");
	return event_status_is_editable(event->status) ||
	       fail_set(&ctx->fail, FAIL_CONFLICT, CODE_NOT_EDITABLE, "The event can't be changed any more: it is %s",
			event_status_name(event->status));
}

void get_event_edit(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct event_form form = { .issues = &issues };
	struct event event;
	if (!load(request, &event)) {
		respond_fail(response, NULL);
		return;
	}
	values_of_event(request, &event, &form);
	show(request, response, &form, &event);
}

void post_event_edit(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct event_form form = { .issues = &issues };
	struct edit_result result = { .detail = NULL };
	struct event event;
	if (!form_checked(request, response))
		return;
	if (!load(request, &event)) {
		respond_fail(response, NULL);
		return;
	}
	values_of_event(request, &event, &form);
	values_of_form(request, &form);
	form_row_version(request, &form.row_version);
	json_t *values = event_form_object(request, false, &issues);
	if (!values) {
		respond_fail(response, NULL);
		return;
	}
	event_form_leave_out_same(request, &event, values);
	const struct edit_how how = { .on_conflict = form.on_conflict[0] ? form.on_conflict : NULL };
	bool is_same = json_object_size(values) == 0;
	if (!issues.count && (is_same || edit_update(request->ctx, event.id, values, form.row_version, &how, &result))) {
		response_redirect(response, "/events/%" PRId64, event.id);
		return;
	}
	struct meanwhile meanwhile;
	if (!issues.count && was_first(request)) {
		if (!compare(request, &form, &event, &meanwhile)) {
			respond_fail(response, NULL);
			return;
		}
		if (!meanwhile.count) { /* it comes to the same */
			response_redirect(response, "/events/%" PRId64, event.id);
			return;
		}
		meanwhile_tell(&meanwhile, &issues);
		form.meanwhile = &meanwhile;
	}
	if (!issues.count)
		explain(request, &result, &form, &issues);
	response->status = 422;
	show(request, response, &form, &event);
}
