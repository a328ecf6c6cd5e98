/* The form of one event as the object that the API takes. */
#include "base/clock.h"
#include "web/event_form.h"
#include "web/page_frame.h"
#include "web/place_input.h"
#include "web/session.h"

static json_t *number_of(const char *text)
{
	int64_t number;
	return parse_i64(text, strlen(text), &number) ? json_integer(number) : text[0] ? json_string(text) : json_null();
}

static json_t *ids_of(const struct request *request, const char *name)
{
	json_t *list = json_array();
	for (size_t i = 0; i < request->form_count; i++)
		if (strcmp(request->form[i].name, name) == 0)
			json_array_append_new(list, number_of(request->form[i].value));
	return list;
}

/* With a zone the wall time counts, without one the moment, which is meant in the person's. */
static void set_start(const struct request *request, json_t *object)
{
	char text[TIME_TEXT_SIZE];
	const char *start = form_text(request, "start"), *timezone = form_text(request, "timezone");
	int64_t wall, utc;
	if (!time_parse_local(start, strlen(start), &wall)) {
		json_object_set_new(object, "starts_at", start[0] ? json_string(start) : json_null());
		return;
	}
	json_object_set_new(object, "timezone", timezone[0] ? json_string(timezone) : json_null());
	if (timezone[0]) {
		time_format_local(wall, text);
		json_object_set_new(object, "local_start", json_string(text));
		return;
	}
	utc = wall;
	if (session_zone(request))
		(void)zone_to_utc(session_zone(request), wall, &utc);
	time_format_utc(utc, text);
	json_object_set_new(object, "starts_at", json_string(text));
}

/* A field that holds JSON, or nothing. */
static void set_json(const struct request *request, json_t *object, const char *name, const char *example, struct issues *issues)
{
	struct fail unreadable = { .kind = FAIL_NONE };
	const char *text = form_text(request, name);
	json_t *value = text[0] ? json_read(request->ctx->arena, text, strlen(text), &unreadable) : NULL;
	if (text[0] && !value)
		issue_add(issues, CODE_INVALID_VALUE, arena_printf(request->ctx->arena, "/%s", name),
			  arena_printf(request->ctx->arena, "Write it as %s.", example), "The %s are no JSON", name);
	json_object_set(object, name, value ? value : json_null());
}

static json_t *minutes_of(const char *text, int64_t otherwise_s)
{
	int64_t length;
	return !text[0]					     ? json_integer(otherwise_s)
	       : parse_i64(text, strlen(text), &length) ? json_integer(60 * (length % 1000000))
							     : json_string(text);
}

json_t *event_form_object(struct request *request, bool is_new, struct issues *issues)
{
	struct arena *arena = request->ctx->arena;
	const char *recurrence = form_text(request, "recurrence"), *type = form_text(request, "schedule_type");
	struct resource *typed;
	size_t typed_count;
	if (!places_typed(request, "places_other", &typed, &typed_count, issues))
		return NULL;
	json_t *object = json_object();
	(void)json_keep(arena, object);
	json_object_set_new(object, "title", json_string(form_text(request, "title")));
	json_object_set_new(object, "content_id", number_of(form_text(request, "content_id")));
	json_object_set_new(object, "version_no", number_of(form_text(request, "version_no")));
	if (type[0])
		json_object_set_new(object, "schedule_type", json_string(type));
	set_start(request, object);
	json_object_set_new(object, "duration_s", minutes_of(form_text(request, "minutes"), 0));
	if (is_new && recurrence[0])
		json_object_set_new(object, "recurrence", json_string(recurrence));
	json_t *resources = ids_of(request, "resources"), *assignees = ids_of(request, "assignees");
	for (size_t i = 0; i < typed_count; i++)
		json_array_append_new(strcmp(typed[i].kind, "person") == 0 ? assignees : resources, json_integer(typed[i].id));
	json_object_set_new(object, "resources", resources);
	json_object_set_new(object, "assignees", assignees);
	const char *priority = form_text(request, "priority");
	json_object_set_new(object, "priority", priority[0] ? number_of(priority) : json_integer(0));
	json_object_set_new(object, "status", json_string(form_text(request, "status")));
	set_json(request, object, "attributes", "{\"tags\": [\"night\"]}", issues);
	set_json(request, object, "conditions", "{\">\": [{\"var\": \"attributes.stock\"}, 0]}", issues);
	json_object_set_new(object, "grace_s", minutes_of(form_text(request, "grace"), EVENT_GRACE_S));
	if (form_text(request, "misfire")[0])
		json_object_set_new(object, "misfire", json_string(form_text(request, "misfire")));
	return object;
}

const char *event_form_minutes(struct arena *arena, int64_t seconds)
{
	return arena_printf(arena, "%lld", (long long)seconds / 60);
}

void event_form_leave_out_same(const struct request *request, const struct event *event, json_t *values)
{
	static const char *const names[] = { "title", "content_id", "version_no", "schedule_type", "resources", "assignees", "priority",
					     "status", "attributes", "duration_s", "conditions", "misfire", "grace_s" };
	struct ctx *ctx = request->ctx;
	struct str text = STR_INIT;
	struct json_writer w;
	jw_begin(&w, &text);
	event_write(&w, NULL, event);
	const json_t *now = json_read(ctx->arena, str_text(&text), text.len, &ctx->fail);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const json_t *given = json_object_get(values, names[i]), *stored = json_object_get(now, names[i]);
		bool is_same = json_equal(given, stored) || (json_is_null(given) && json_is_object(stored) && !json_object_size(stored));
		if (given && is_same)
			json_object_del(values, names[i]);
	}
	/* The form knows minutes only. */
	if (strcmp(form_text(request, "minutes"), event_form_minutes(ctx->arena, event->duration_s)) == 0)
		json_object_del(values, "duration_s");
	if (strcmp(form_text(request, "grace"), event_form_minutes(ctx->arena, event->grace_s)) == 0)
		json_object_del(values, "grace_s");
	const char *start = event->timezone ? "local_start" : "starts_at";
	if (json_equal(json_object_get(values, "timezone"), json_object_get(now, "timezone")) &&
	    json_equal(json_object_get(values, start), json_object_get(now, start))) {
		json_object_del(values, start);
		json_object_del(values, "timezone");
	}
	str_free(&text);
}
