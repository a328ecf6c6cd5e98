/* Struct event out: as JSON, as a hash, as a difference. */
#include <string.h>

#include "base/clock.h"
#include "base/ids.h"
#include "rules/event.h"

static void write_dates(struct json_writer *w, const char *key, const int64_t *dates, size_t count)
{
	char text[TIME_TEXT_SIZE];

	jw_list(w, key);
	for (size_t i = 0; i < count; i++) {
		time_format_local(dates[i], text);
		jw_text(w, NULL, text);
	}
	jw_end_list(w);
}

void event_write(struct json_writer *w, const char *key, const struct event *event)
{
	char local[TIME_TEXT_SIZE];

	time_format_local(event->local_start, local);
	jw_object(w, key);
	jw_id(w, "id", event->id);
	jw_text(w, "client_id", event->client_id);
	jw_int(w, "content_id", event->content_id);
	jw_id(w, "version_no", event->version_no);
	jw_text(w, "schedule_type", event->schedule_type ? event->schedule_type : "");
	jw_text(w, "title", event->title ? event->title : "");
	jw_moment(w, "starts_at", event->starts_at);
	jw_moment(w, "ends_at", event->ends_at);
	jw_int(w, "duration_s", event->duration_s);
	jw_text(w, "timezone", event->timezone);
	jw_text(w, "local_start", event->timezone ? local : NULL);
	jw_text(w, "recurrence", event->recurrence);
	write_dates(w, "exdates", event->exdates, event->exdate_count);
	write_dates(w, "rdates", event->rdates, event->rdate_count);
	jw_raw(w, "overrides", event->overrides ? event->overrides : "{}");
	jw_ids(w, "resources", event->resources, event->resource_count);
	jw_ids(w, "assignees", event->assignees, event->assignee_count);
	jw_int(w, "priority", event->priority);
	jw_text(w, "status", event_status_name(event->status));
	jw_raw(w, "conditions", event->conditions ? event->conditions : "null");
	jw_text(w, "misfire", misfire_name(event->misfire));
	jw_int(w, "grace_s", event->grace_s);
	jw_raw(w, "attributes", event->attributes ? event->attributes : "{}");
	jw_id(w, "superseded_by", event->superseded_by);
	jw_int(w, "row_version", event->row_version);
	jw_end_object(w);
}

/* --- attributes and other JSON ------------------------------------------------------------ */

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t x = (a ^ b) * 0x9e3779b97f4a7c15u;

	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	return x ^ x >> 32;
}

/* Of a value, whatever the order of its members: a database that keeps JSON in
 * a form of its own gives back the same members in another order. */
static uint64_t value_hash(const json_t *value, int depth)
{
	json_t *object = (json_t *)(uintptr_t)value; /* the iterator does not change it */
	uint64_t hash = mix((uint64_t)json_typeof(value), 0x7261);
	double number;
	int64_t bits;

	if (depth == 0)
		return hash;
	if (json_is_object(value)) {
		for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
			const char *key = json_object_iter_key(at);

			hash += mix(hash64(key, strlen(key)), value_hash(json_object_iter_value(at), depth - 1));
		}
	} else if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++)
			hash = mix(hash, value_hash(json_array_get(value, i), depth - 1));
	} else if (json_is_string(value)) {
		hash = mix(hash, hash64(json_string_value(value), json_string_length(value)));
	} else if (json_is_integer(value)) {
		hash = mix(hash, (uint64_t)json_integer_value(value));
	} else if (json_is_real(value)) {
		number = json_real_value(value);
		memcpy(&bits, &number, sizeof(bits));
		hash = mix(hash, (uint64_t)bits);
	}
	return hash;
}

static uint64_t json_hash(const char *text)
{
	json_t *value;
	uint64_t hash;

	if (!text)
		return 0;
	value = json_loads(text, JSON_DECODE_ANY, NULL);
	if (!value) /* a row somebody wrote by hand */
		return hash64(text, strlen(text));
	hash = json_is_object(value) && json_object_size(value) == 0 ? 0 : value_hash(value, JSON_DEPTH_MAX);
	json_decref(value);
	return hash;
}

static bool same_json(const char *a, const char *b)
{
	if (a && b && strcmp(a, b) == 0)
		return true;
	return json_hash(a) == json_hash(b);
}

/* --- comparison ------------------------------------------------------------ */

/* What the program does with a scheduled event is not what a person gave. */
static enum event_status status_given(enum event_status status)
{
	switch (status) {
	case EVENT_PROCESSING:
	case EVENT_COMPLETED:
	case EVENT_FAILED:
	case EVENT_MISSED:
		return EVENT_SCHEDULED;
	case EVENT_DRAFT:
	case EVENT_SCHEDULED:
	case EVENT_SUPERSEDED:
	case EVENT_CANCELLED:
	case EVENT_ARCHIVED:
	case EVENT_STATUS_COUNT:
		break;
	}
	return status;
}

/* With its terminator, so that neighbours can't run into each other; NULL is
 * another thing than "". */
static void add_text(struct digest_state *state, const char *text)
{
	digest_add(state, text ? "+" : "-", 1);
	if (text)
		digest_add(state, text, strlen(text) + 1);
}

static void add_ids(struct digest_state *state, const int64_t *ids, size_t count)
{
	int64_t length = (int64_t)count;

	digest_add(state, &length, sizeof(length));
	if (count)
		digest_add(state, ids, count * sizeof(*ids));
}

uint64_t event_payload_hash(const struct event *event)
{
	struct digest_state state;
	unsigned char out[DIGEST_BYTES];
	uint64_t hash;
	int64_t numbers[] = {
		event->content_id, event->version_no, event->starts_at, event->duration_s,
		event->timezone ? event->local_start : 0, event->priority, (int64_t)status_given(event->status),
		(int64_t)json_hash(event->attributes), (int64_t)json_hash(event->conditions),
		(int64_t)json_hash(event->overrides), (int64_t)event->misfire, event->grace_s,
	};

	digest_begin(&state);
	digest_add(&state, numbers, sizeof(numbers));
	add_text(&state, event->client_id);
	add_text(&state, event->schedule_type);
	add_text(&state, event->title);
	add_text(&state, event->timezone);
	add_text(&state, event->recurrence);
	add_ids(&state, event->exdates, event->exdate_count);
	add_ids(&state, event->rdates, event->rdate_count);
	add_ids(&state, event->resources, event->resource_count);
	add_ids(&state, event->assignees, event->assignee_count);
	digest_end(&state, out);
	memcpy(&hash, out, sizeof(hash));
	return hash;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_ids(const int64_t *a, size_t a_count, const int64_t *b, size_t b_count)
{
	return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * sizeof(*a)) == 0);
}

static uint32_t when(bool differs, enum event_field field)
{
	return differs ? (uint32_t)field : 0;
}

static uint32_t course_difference(const struct event *before, const struct event *after)
{
	return when(!same_text(before->recurrence, after->recurrence), FIELD_RECURRENCE) |
	       when(!same_ids(before->exdates, before->exdate_count, after->exdates, after->exdate_count), FIELD_EXDATES) |
	       when(!same_ids(before->rdates, before->rdate_count, after->rdates, after->rdate_count), FIELD_RDATES) |
	       when(!same_json(before->overrides, after->overrides), FIELD_OVERRIDES) |
	       when(!same_json(before->conditions, after->conditions), FIELD_CONDITIONS) |
	       when(before->misfire != after->misfire, FIELD_MISFIRE) | when(before->grace_s != after->grace_s, FIELD_GRACE_S);
}

uint32_t event_difference(const struct event *before, const struct event *after)
{
	bool local_moved = before->timezone && after->timezone && before->local_start != after->local_start;

	return when(!same_text(before->client_id, after->client_id), FIELD_CLIENT_ID) |
	       when(before->content_id != after->content_id, FIELD_CONTENT_ID) |
	       when(before->version_no != after->version_no, FIELD_VERSION_NO) |
	       when(!same_text(before->schedule_type, after->schedule_type), FIELD_SCHEDULE_TYPE) |
	       when(!same_text(before->title, after->title), FIELD_TITLE) |
	       when(before->starts_at != after->starts_at || local_moved, FIELD_STARTS_AT) |
	       when(before->duration_s != after->duration_s, FIELD_DURATION_S) |
	       when(!same_text(before->timezone, after->timezone), FIELD_TIMEZONE) |
	       when(!same_ids(before->resources, before->resource_count, after->resources, after->resource_count),
		    FIELD_RESOURCES) |
	       when(!same_ids(before->assignees, before->assignee_count, after->assignees, after->assignee_count),
		    FIELD_ASSIGNEES) |
	       when(before->priority != after->priority, FIELD_PRIORITY) |
	       when(!same_json(before->attributes, after->attributes), FIELD_ATTRIBUTES) |
	       when(before->status != after->status, FIELD_STATUS) | course_difference(before, after);
}
