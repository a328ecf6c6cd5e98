#include "rules/compliance.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static int by_resource_then_start(const void *left, const void *right)
{
	const struct restriction *a = left, *b = right;

	if (a->resource_id != b->resource_id)
		return a->resource_id < b->resource_id ? -1 : 1;
	if (a->from_utc != b->from_utc)
		return a->from_utc < b->from_utc ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

void compliance_sort(struct restrictions *restrictions)
{
	if (restrictions->count > 1)
		qsort(restrictions->list, restrictions->count, sizeof(*restrictions->list), by_resource_then_start);
}

bool compliance_names(const char *list, const char *name)
{
	size_t name_len = strlen(name);

	while (list && *list) {
		list += strspn(list, ", ");
		const char *end = list + strcspn(list, ",");
		size_t len = (size_t)(end - list);
		while (len > 0 && list[len - 1] == ' ')
			len--;
		if (len > 0 && len == name_len && memcmp(list, name, len) == 0)
			return true;
		list = end;
	}
	return false;
}

bool compliance_concerns(uint32_t changed)
{
	return (changed & (FIELD_STARTS_AT | FIELD_ENDS_AT | FIELD_DURATION_S | FIELD_LOCAL_START | FIELD_RECURRENCE |
			   FIELD_EXDATES | FIELD_RDATES | FIELD_OVERRIDES | FIELD_RESOURCES | FIELD_ASSIGNEES | FIELD_STATUS |
			   FIELD_SCHEDULE_TYPE | FIELD_ATTRIBUTES)) != 0;
}

/* --- is it about this event? --------------------------------------------------- */

/* An event being judged; its tags are only read when a restriction asks. */
struct subject {
	const struct event *event;
	struct arena *arena;
	const json_t *tags;
	bool tags_are_read;
};

static const json_t *tags_of(struct subject *subject)
{
	struct fail ignored = { 0 };
	const char *text = subject->event->attributes;

	if (!subject->tags_are_read && text)
		subject->tags = json_object_get(json_read(subject->arena, text, strlen(text), &ignored), "tags");
	subject->tags_are_read = true;
	return subject->tags;
}

static bool has_tag(struct subject *subject, const char *list)
{
	const json_t *tags = tags_of(subject);

	for (size_t i = 0; i < json_array_size(tags); i++) {
		const char *tag = json_string_value(json_array_get(tags, i));
		if (tag && compliance_names(list, tag))
			return true;
	}
	return false;
}

static bool is_named(const char *list)
{
	return list && *list;
}

static bool is_about(struct subject *subject, const struct restriction *restriction)
{
	if (!is_named(restriction->schedule_types) && !is_named(restriction->tags))
		return true;
	return compliance_names(restriction->schedule_types, subject->event->schedule_type) ||
	       (is_named(restriction->tags) && has_tag(subject, restriction->tags));
}

/* --- does it meet it in time? ---------------------------------------------------- */

/* An instant is a second long here. */
static int64_t end_of(int64_t start_utc, int64_t end_utc)
{
	return end_utc > start_utc ? end_utc : start_utc + 1;
}

static bool meets(const struct restriction *restriction, int64_t start_utc, int64_t end_utc)
{
	return restriction->from_utc < end_of(start_utc, end_utc) && restriction->to_utc > start_utc;
}

static void note(struct violation *found, int64_t start_utc, int64_t end_utc)
{
	if (!meets(found->restriction, start_utc, end_utc))
		return;
	if (!found->count++) {
		found->start_utc = start_utc;
		found->end_utc = end_utc;
	}
}

static struct violation met_by(const struct event *event, const struct restriction *restriction)
{
	struct violation found = { .restriction = restriction };
	size_t at = 0, end = event->occurrence_count;

	if (!event->occurrence_count)
		note(&found, event->starts_at, event->starts_at + event->duration_s);
	/* The first that may still be going on when the restriction begins. */
	while (at < end) {
		size_t middle = at + (end - at) / 2;
		if (event->occurrences[middle].start_utc < restriction->from_utc - EVENT_DURATION_MAX_S)
			at = middle + 1;
		else
			end = middle;
	}
	for (; at < event->occurrence_count && event->occurrences[at].start_utc < restriction->to_utc; at++)
		note(&found, event->occurrences[at].start_utc, event->occurrences[at].end_utc);
	return found;
}

/* --- the restrictions of one resource ---------------------------------------------- */

struct range {
	const struct restriction *at, *end;
};

static struct range of_resource(const struct restrictions *restrictions, int64_t resource_id)
{
	size_t low = 0, high = restrictions->count, first;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (restrictions->list[middle].resource_id < resource_id)
			low = middle + 1;
		else
			high = middle;
	}
	for (first = low; low < restrictions->count && restrictions->list[low].resource_id == resource_id;)
		low++;
	return (struct range){ restrictions->list + first, restrictions->list + low };
}

/* Calls each() for every restriction of the event's people and places. */
typedef void each_restriction(void *user, struct subject *subject, const struct restriction *restriction);

static void for_each(const struct restrictions *restrictions, struct subject *subject, each_restriction *each, void *user)
{
	const struct event *event = subject->event;

	if (!restrictions->count || !event_status_is_busy(event->status))
		return;
	for (size_t i = 0; i < event->resource_count + event->assignee_count; i++) {
		int64_t id = i < event->resource_count ? event->resources[i] : event->assignees[i - event->resource_count];
		struct range range = of_resource(restrictions, id);
		for (; range.at < range.end; range.at++)
			each(user, subject, range.at);
	}
}

/* --- all that is broken -------------------------------------------------------------- */

struct violations {
	struct violation *list;
	size_t count, room;
};

static void add_violation(void *user, struct subject *subject, const struct restriction *restriction)
{
	struct violations *violations = user;
	struct violation found = met_by(subject->event, restriction);

	if (!found.count || !is_about(subject, restriction))
		return;
	violations->list = arena_grow(subject->arena, violations->list, violations->count, &violations->room, 1, sizeof(*violations->list));
	violations->list[violations->count++] = found;
}

static int hard_first(const void *left, const void *right)
{
	const struct violation *a = left, *b = right;

	if (a->restriction->is_hard != b->restriction->is_hard)
		return a->restriction->is_hard ? -1 : 1;
	if (a->start_utc != b->start_utc)
		return a->start_utc < b->start_utc ? -1 : 1;
	return (a->restriction->id > b->restriction->id) - (a->restriction->id < b->restriction->id);
}

size_t compliance_check(const struct restrictions *restrictions, const struct event *event, struct arena *arena,
			struct violation **list_out)
{
	struct subject subject = { .event = event, .arena = arena };
	struct violations violations = { 0 };

	for_each(restrictions, &subject, add_violation, &violations);
	if (violations.count > 1)
		qsort(violations.list, violations.count, sizeof(*violations.list), hard_first);
	*list_out = violations.list;
	return violations.count;
}

/* --- where else ------------------------------------------------------------------------ */

struct place {
	int64_t start_utc, end_utc;
	bool is_forbidden;
};

static void try_place(void *user, struct subject *subject, const struct restriction *restriction)
{
	struct place *place = user;

	if (!place->is_forbidden && restriction->is_hard && meets(restriction, place->start_utc, place->end_utc))
		place->is_forbidden = is_about(subject, restriction);
}

bool compliance_forbids(const struct restrictions *restrictions, const struct event *event, struct arena *arena,
			int64_t start_utc, int64_t end_utc)
{
	struct subject subject = { .event = event, .arena = arena };
	struct place place = { .start_utc = start_utc, .end_utc = end_utc };

	for_each(restrictions, &subject, try_place, &place);
	return place.is_forbidden;
}

struct hard_ones {
	const struct restriction **list;
	size_t count;
	int64_t start_utc;
};

static void add_hard(void *user, struct subject *subject, const struct restriction *restriction)
{
	struct hard_ones *hard = user;

	if (restriction->is_hard && restriction->to_utc > hard->start_utc && is_about(subject, restriction))
		hard->list[hard->count++] = restriction;
}

static int by_start(const void *left, const void *right)
{
	const struct restriction *a = *(const struct restriction *const *)left;
	const struct restriction *b = *(const struct restriction *const *)right;

	return (a->from_utc > b->from_utc) - (a->from_utc < b->from_utc);
}

int64_t compliance_allowed_from(const struct restrictions *restrictions, const struct event *event, struct arena *arena,
				int64_t start_utc)
{
	struct subject subject = { .event = event, .arena = arena };
	struct hard_ones hard = { .start_utc = start_utc };

	if (!restrictions->count)
		return start_utc;
	/* Nobody stands twice in an event, so each restriction comes once. */
	hard.list = arena_array(arena, restrictions->count, sizeof(const struct restriction *));
	for_each(restrictions, &subject, add_hard, &hard);
	if (hard.count > 1)
		qsort(hard.list, hard.count, sizeof(const struct restriction *), by_start);
	/* By their beginnings: each that is met moves the start to its end, and the
	 * first that lies ahead of the event ends the moving, for so do the rest. */
	for (size_t i = 0; i < hard.count; i++) {
		if (meets(hard.list[i], start_utc, start_utc + event->duration_s))
			start_utc = hard.list[i]->to_utc;
	}
	return start_utc;
}
