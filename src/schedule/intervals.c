/* What an event occupies. */
#include "rules/series.h"
#include "schedule/slice.h"

struct place_list {
	const struct event *event;
	int64_t owner;
	struct interval *list;
	size_t count;
};

static void add(struct place_list *places, const struct occurrence *occurrence, enum calendar_kind kind, int64_t id)
{
	places->list[places->count++] = (struct interval){
		.kind = kind,
		.calendar_id = id,
		.start_utc = occurrence->start_utc,
		.end_utc = occurrence->end_utc,
		.version_no = occurrence->version_no,
		.owner = places->owner,
		.local_start = occurrence->local_start,
	};
}

static void add_occurrence(struct place_list *places, const struct occurrence *occurrence)
{
	const struct event *event = places->event;
	/* Versions are compared by start, so even an instant counts there. */
	add(places, occurrence, CALENDAR_CONTENT, event->content_id);
	if (occurrence->end_utc <= occurrence->start_utc)
		return;
	for (size_t i = 0; i < event->resource_count; i++)
		add(places, occurrence, CALENDAR_RESOURCE, event->resources[i]);
	for (size_t i = 0; i < event->assignee_count; i++)
		add(places, occurrence, CALENDAR_RESOURCE, event->assignees[i]);
}

/* What happens once is named by its start. */
static struct occurrence single(const struct event *event)
{
	return (struct occurrence){
		.local_start = event->starts_at,
		.start_utc = event->starts_at,
		.end_utc = event->starts_at + event->duration_s,
		.version_no = event->version_no,
	};
}

size_t event_interval_count(const struct event *event)
{
	size_t each = 1 + event->resource_count + event->assignee_count, count = 0;
	if (!event_status_is_busy(event->status))
		return 0;
	if (!event_recurs(event))
		return event->duration_s ? each : 1;
	for (size_t i = 0; i < event->occurrence_count; i++)
		count += event->occurrences[i].end_utc > event->occurrences[i].start_utc ? each : 1;
	return count;
}

size_t event_intervals(const struct event *event, int64_t owner, struct interval *list)
{
	struct place_list places = { .event = event, .owner = owner, .list = list };
	struct occurrence once = single(event);
	if (!event_status_is_busy(event->status))
		return 0;
	if (!event_recurs(event))
		add_occurrence(&places, &once);
	else
		for (size_t i = 0; i < event->occurrence_count; i++)
			add_occurrence(&places, &event->occurrences[i]);
	return places.count;
}

/* Only these change what an event occupies: others need no probe and no new
 * busy rows. */
#define OCCUPYING_FIELDS                                                                                               \
	((uint32_t)(FIELD_CONTENT_ID | FIELD_VERSION_NO | FIELD_STARTS_AT | FIELD_ENDS_AT | FIELD_DURATION_S |         \
		    FIELD_LOCAL_START | FIELD_RESOURCES | FIELD_ASSIGNEES | FIELD_STATUS | FIELD_RECURRENCE |               \
		    FIELD_EXDATES | FIELD_RDATES | FIELD_OVERRIDES))

bool event_moves(const struct event *before, const struct event *after)
{
	uint32_t occupying = OCCUPYING_FIELDS;
	/* The wall time of a series is the same in another zone, its moments are not. */
	if (event_recurs(before) || event_recurs(after))
		occupying |= (uint32_t)FIELD_TIMEZONE;
	return (event_difference(before, after) & occupying) != 0;
}
