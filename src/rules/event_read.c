/* JSON to struct event: one table of fields. */
#include <string.h>

#include "rules/condition.h"
#include "rules/event_series.h"
#include "rules/event_times.h"

#define ATTRIBUTES_MAX_BYTES (16 * 1024)
#define TIMEZONE_MAX 64
#define DEFAULT_TYPE "publish"

struct reading {
	struct reader reader;
	unsigned mode;
	struct event *event;
	bool times_bad;    /* nothing can be derived from them */
	bool end_reset;    /* ends_at or duration_s is null */
};

struct field {
	const char *name;
	size_t len;
	enum event_field bit;
	void (*read)(struct reading *, const struct field *, const json_t *);
	size_t offset;      /* of an integer or text */
	int64_t min, max;   /* of an integer; max: characters of a text */
};

static void *at(const struct reading *r, const struct field *field)
{
	return (char *)r->event + field->offset;
}

static void read_big(struct reading *r, const struct field *field, const json_t *value)
{
	read_integer(&r->reader, field->name, value, field->min, field->max, at(r, field));
}

static void read_small(struct reading *r, const struct field *field, const json_t *value)
{
	int64_t number;

	if (read_integer(&r->reader, field->name, value, field->min, field->max, &number))
		*(int32_t *)at(r, field) = (int32_t)number;
}

static void read_plain(struct reading *r, const struct field *field, const json_t *value)
{
	read_text(&r->reader, field->name, value, (size_t)field->max, at(r, field));
}

static void read_client_id(struct reading *r, const struct field *field, const json_t *value)
{
	if (json_is_string(value) && json_string_length(value) == 0)
		reader_issue(&r->reader, CODE_INVALID_VALUE, field->name, "Give it a text, or leave it out.",
			     "client_id is empty");
	else
		read_plain(r, field, value);
}

static void read_type(struct reading *r, const struct field *field, const json_t *value)
{
	const char *type;

	if (read_text(&r->reader, field->name, value, EVENT_TITLE_MAX, &type) &&
	    check_schedule_type(&r->reader, field->name, type))
		r->event->schedule_type = type;
}

static void read_duration(struct reading *r, const struct field *field, const json_t *value)
{
	int64_t seconds = json_integer_value(value);

	if (json_is_integer(value) && seconds > EVENT_DURATION_MAX_S)
		reader_issue(&r->reader, CODE_DURATION_TOO_LONG, field->name, NULL, "%lld s are more than 31 days",
			     (long long)seconds);
	else
		read_big(r, field, value);
}

static void read_time(struct reading *r, const struct field *field, const json_t *value)
{
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);

	if (!text)
		reader_issue(&r->reader, CODE_INVALID_TYPE, field->name, "Write it as \"2026-12-01T09:00:00Z\"",
			     "%s is not a text", json_excerpt(r->reader.issues->arena, value));
	else if (field->bit == FIELD_LOCAL_START)
		read_local(&r->reader, field->name, text, len, at(r, field));
	else
		read_utc(&r->reader, field->name, text, len, at(r, field));
}

static void read_timezone(struct reading *r, const struct field *field, const json_t *value)
{
	const char *name;

	if (!read_text(&r->reader, field->name, value, EVENT_TITLE_MAX, &name))
		return;
	if (zone_find(name))
		r->event->timezone = name;
	else
		reader_issue(&r->reader, CODE_UNKNOWN_TIMEZONE, field->name, NULL, "“%s” is not a known time zone",
			     issue_excerpt(r->reader.issues->arena, name, strlen(name)));
}

/* Puts `id` at its place among the `count` there; false if it is there. */
static bool insert_id(int64_t *ids, size_t count, int64_t id)
{
	size_t place = count;

	while (place > 0 && ids[place - 1] > id)
		place--;
	if (place > 0 && ids[place - 1] == id)
		return false;
	memmove(&ids[place + 1], &ids[place], (count - place) * sizeof(*ids));
	ids[place] = id;
	return true;
}

static void read_ids(struct reading *r, const struct field *field, const json_t *value)
{
	struct arena *arena = r->reader.issues->arena;
	size_t given = json_array_size(value), count = 0;
	bool of_people = field->bit == FIELD_ASSIGNEES;
	int64_t *ids;

	if (!json_is_array(value)) {
		reader_issue(&r->reader, CODE_INVALID_TYPE, field->name, "Write a list of ids: [12, 13]",
			     "%s is not a list", json_excerpt(arena, value));
		return;
	}
	if (given > EVENT_RESOURCES_MAX) {
		reader_issue(&r->reader, CODE_TOO_LONG, field->name,
			     arena_printf(arena, "Give at most %d.", EVENT_RESOURCES_MAX), "the list has %zu ids", given);
		return;
	}
	ids = given ? arena_array(arena, given, sizeof(*ids)) : NULL;
	for (size_t i = 0; i < given; i++) {
		const json_t *element = json_array_get(value, i);
		int64_t id = json_integer_value(element);

		if (json_is_integer(element) && id > 0)
			count += insert_id(ids, count, id);
		else
			read_integer(&r->reader, arena_printf(arena, "%s/%zu", field->name, i), element, 1, INT64_MAX, &id);
	}
	*(of_people ? &r->event->assignees : &r->event->resources) = ids;
	*(of_people ? &r->event->assignee_count : &r->event->resource_count) = count;
}

static void read_attributes(struct reading *r, const struct field *field, const json_t *value)
{
	struct arena *arena = r->reader.issues->arena;
	const char *text;
	size_t len;

	if (!json_is_object(value)) {
		reader_issue(&r->reader, CODE_INVALID_TYPE, field->name, "Write it as {\"name\": value, …}",
			     "%s is not an object", json_excerpt(arena, value));
		return;
	}
	if (json_object_size(value) == 0)
		return;
	text = json_text(arena, value, &len);
	if (len > ATTRIBUTES_MAX_BYTES)
		reader_issue(&r->reader, CODE_TOO_LONG, field->name,
			     arena_printf(arena, "Shorten it to %d bytes.", ATTRIBUTES_MAX_BYTES),
			     "the attributes have %zu bytes", len);
	else
		r->event->attributes = text;
}

static void read_status(struct reading *r, const struct field *field, const json_t *value)
{
	struct arena *arena = r->reader.issues->arena;
	enum event_status status;
	const char *name;
	bool known;

	if (!json_is_string(value)) {
		reader_issue(&r->reader, CODE_INVALID_TYPE, field->name, "Write a text in quotes.", "%s is not a text",
			     json_excerpt(arena, value));
		return;
	}
	name = json_string_value(value);
	known = event_status_by_name(name, &status) &&
		(status == EVENT_DRAFT || status == EVENT_SCHEDULED ||
		 ((r->mode & EVENT_VALUES) && (status == EVENT_CANCELLED || status == EVENT_ARCHIVED)));
	if (known)
		r->event->status = status;
	else
		reader_issue(&r->reader, CODE_INVALID_VALUE, field->name,
			     !(r->mode & EVENT_VALUES) ? "Use one of: draft, scheduled"
						  : "Use one of: draft, scheduled, cancelled, archived",
			     "“%s” can't be set as a status", json_excerpt(arena, value));
}

static void read_misfire(struct reading *r, const struct field *field, const json_t *value)
{
	const char *name;

	if (!read_text(&r->reader, field->name, value, EVENT_TITLE_MAX, &name))
		return;
	if (!misfire_by_name(name, &r->event->misfire))
		reader_issue(&r->reader, CODE_INVALID_VALUE, field->name, "Use one of: run_late, skip, run_all",
			     "“%s” is no way to go on after a missed moment", json_excerpt(r->reader.issues->arena, value));
}

static void read_rule(struct reading *r, const struct field *field, const json_t *value)
{
	read_recurrence(&r->reader, field->name, value, (r->mode & EVENT_MINUTELY) != 0, &r->event->recurrence);
}

static void read_exdates(struct reading *r, const struct field *field, const json_t *value)
{
	read_dates(&r->reader, field->name, value, &r->event->exdates, &r->event->exdate_count);
}

static void read_rdates(struct reading *r, const struct field *field, const json_t *value)
{
	read_dates(&r->reader, field->name, value, &r->event->rdates, &r->event->rdate_count);
}

static void read_changes(struct reading *r, const struct field *field, const json_t *value)
{
	read_overrides(&r->reader, field->name, value, &r->event->overrides);
}

/* Not a field of an event, but what to do with it. */
static void read_normalise(struct reading *r, const json_t *value)
{
	if (json_is_boolean(value) || json_is_null(value))
		r->event->normalise = json_is_true(value);
	else
		reader_issue(&r->reader, CODE_INVALID_TYPE, "normalise", "Write true or false, without quotes.",
			     "%s is neither true nor false", json_excerpt(r->reader.issues->arena, value));
}

static void read_conditions(struct reading *r, const struct field *field, const json_t *value)
{
	const char *text;

	if (condition_read(&r->reader, field->name, value, &text))
		r->event->conditions = text;
}

#define FIELD(name, bit, read, member, min, max) \
	{ name, sizeof(name) - 1, bit, read, offsetof(struct event, member), min, max }

/* In the order of the bits. */
static const struct field fields[] = {
	FIELD("client_id", FIELD_CLIENT_ID, read_client_id, client_id, 0, EVENT_CLIENT_ID_MAX),
	FIELD("content_id", FIELD_CONTENT_ID, read_big, content_id, 1, INT64_MAX),
	FIELD("version_no", FIELD_VERSION_NO, read_small, version_no, 1, INT32_MAX),
	FIELD("schedule_type", FIELD_SCHEDULE_TYPE, read_type, schedule_type, 0, 0),
	FIELD("title", FIELD_TITLE, read_plain, title, 0, EVENT_TITLE_MAX),
	FIELD("starts_at", FIELD_STARTS_AT, read_time, starts_at, 0, 0),
	FIELD("ends_at", FIELD_ENDS_AT, read_time, ends_at, 0, 0),
	FIELD("duration_s", FIELD_DURATION_S, read_duration, duration_s, 0, EVENT_DURATION_MAX_S),
	FIELD("timezone", FIELD_TIMEZONE, read_timezone, timezone, 0, 0),
	FIELD("local_start", FIELD_LOCAL_START, read_time, local_start, 0, 0),
	FIELD("resources", FIELD_RESOURCES, read_ids, resources, 0, 0),
	FIELD("assignees", FIELD_ASSIGNEES, read_ids, assignees, 0, 0),
	FIELD("priority", FIELD_PRIORITY, read_small, priority, -EVENT_PRIORITY_MAX, EVENT_PRIORITY_MAX),
	FIELD("attributes", FIELD_ATTRIBUTES, read_attributes, attributes, 0, 0),
	FIELD("status", FIELD_STATUS, read_status, status, 0, 0),
	FIELD("recurrence", FIELD_RECURRENCE, read_rule, recurrence, 0, 0),
	FIELD("exdates", FIELD_EXDATES, read_exdates, exdates, 0, 0),
	FIELD("rdates", FIELD_RDATES, read_rdates, rdates, 0, 0),
	FIELD("overrides", FIELD_OVERRIDES, read_changes, overrides, 0, 0),
	FIELD("conditions", FIELD_CONDITIONS, read_conditions, conditions, 0, 0),
	FIELD("misfire", FIELD_MISFIRE, read_misfire, misfire, 0, 0),
	FIELD("grace_s", FIELD_GRACE_S, read_big, grace_s, 0, EVENT_GRACE_MAX_S),
};
#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))


const char *event_field_name(enum event_field field)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (fields[i].bit == field)
			return fields[i].name;
	}
	return "";
}

static const struct field *find_field(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (fields[i].len == len && memcmp(fields[i].name, name, len) == 0)
			return &fields[i];
	}
	return NULL;
}

static void read_stranger(struct reading *r, const char *name)
{
	const char *known[FIELD_COUNT];

	for (size_t i = 0; i < FIELD_COUNT; i++)
		known[i] = fields[i].name;
	reader_unknown(&r->reader, CODE_UNKNOWN_FIELD, name, known, FIELD_COUNT, "an event");
}

static void set_defaults(struct event *event)
{
	event->schedule_type = DEFAULT_TYPE;
	event->title = "";
	event->status = EVENT_SCHEDULED;
	event->misfire = MISFIRE_RUN_LATE;
	event->grace_s = EVENT_GRACE_S;
}

/* A null: as if left out in a new event; in values, back to the default (the
 * event holds the defaults already). */
static void read_null(struct reading *r, const struct field *field)
{
	if (!(r->mode & EVENT_VALUES) || field->bit == FIELD_LOCAL_START)
		return;
	if (field->bit == FIELD_CONTENT_ID || field->bit == FIELD_STARTS_AT)
		reader_issue(&r->reader, CODE_REQUIRED, field->name, "Give it a value, or leave it out.",
			     "%s can't be null", field->name);
	else if (field->bit == FIELD_ENDS_AT || field->bit == FIELD_DURATION_S)
		r->end_reset = true;
	else
		r->event->given |= field->bit;
}

static void read_member(struct reading *r, const char *name, const json_t *value)
{
	const struct field *field = find_field(name);
	bool bad_before = r->reader.bad;

	if (!field) {
		if (strcmp(name, "normalise") == 0)
			read_normalise(r, value);
		else
			read_stranger(r, name);
		return;
	}
	if (json_is_null(value)) {
		read_null(r, field);
		return;
	}
	r->event->given |= field->bit;
	r->reader.bad = false;
	field->read(r, field, value);
	if (r->reader.bad && (field->bit & (TIME_FIELDS | SERIES_FIELDS)))
		r->times_bad = true;
	r->reader.bad |= bad_before;
}

static void finish_new(struct reading *r, bool content_seen)
{
	struct event given = *r->event;

	if (!content_seen)
		reader_issue(&r->reader, CODE_REQUIRED, "content_id", "Add the id of the content.",
			     "content_id is missing");
	if (r->times_bad)
		return;
	/* What was given is no present state to derive from. */
	r->event->timezone = NULL;
	r->event->duration_s = 0;
	if (event_times_derive(r->event, &given, true, &r->reader))
		series_settle(r->event, given.given, given.normalise, &r->reader);
}

bool event_read(const json_t *object, unsigned mode, const char *base, struct event *event,
		struct issues *issues)
{
	struct reading r = { .reader = { issues, base, false }, .mode = mode, .event = event };
	/* Jansson's iterator takes a json_t it does not change. */
	json_t *members = (json_t *)(uintptr_t)object;

	memset(event, 0, sizeof(*event));
	event->base = base;
	event->normalise = (mode & EVENT_NORMALISE) != 0;
	set_defaults(event);
	if (!read_object(&r.reader, object))
		return false;
	for (void *iter = json_object_iter(members); iter; iter = json_object_iter_next(members, iter))
		read_member(&r, json_object_iter_key(iter), json_object_iter_value(iter));
	if (r.end_reset && !(event->given & (FIELD_ENDS_AT | FIELD_DURATION_S)))
		event->given |= FIELD_DURATION_S;
	if (!(mode & EVENT_VALUES))
		finish_new(&r, (event->given & FIELD_CONTENT_ID) != 0);
	return !r.reader.bad;
}
