/* What an event occupies. */
#include "schedule/slice.h"

static size_t add(struct interval *list, size_t count, const struct event *event, enum calendar_kind kind, int64_t id,
		  int64_t owner)
{
	list[count] = (struct interval){
		.kind = kind,
		.calendar_id = id,
		.start_utc = event->starts_at,
		.end_utc = event->starts_at + event->duration_s,
		.version_no = event->version_no,
		.owner = owner,
		.local_start = event->starts_at,
	};
	return count + 1;
}

size_t event_interval_count(const struct event *event)
{
	if (!event_status_is_busy(event->status))
		return 0;
	return event->duration_s ? 1 + event->resource_count + event->assignee_count : 1;
}

size_t event_intervals(const struct event *event, int64_t owner, struct interval *list)
{
	size_t count = 0;
	if (!event_status_is_busy(event->status))
		return 0;
	/* Versions are compared by start, so even an instant counts there. */
	count = add(list, count, event, CALENDAR_CONTENT, event->content_id, owner);
	if (!event->duration_s)
		return count;
	for (size_t i = 0; i < event->resource_count; i++)
		count = add(list, count, event, CALENDAR_RESOURCE, event->resources[i], owner);
	for (size_t i = 0; i < event->assignee_count; i++)
		count = add(list, count, event, CALENDAR_RESOURCE, event->assignees[i], owner);
	return count;
}

/* Only these change what an event occupies: others need no probe and no new
 * busy rows. */
#define OCCUPYING_FIELDS                                                                                               \
	((uint32_t)(FIELD_CONTENT_ID | FIELD_VERSION_NO | FIELD_STARTS_AT | FIELD_ENDS_AT | FIELD_DURATION_S |         \
		    FIELD_LOCAL_START | FIELD_RESOURCES | FIELD_ASSIGNEES | FIELD_STATUS | FIELD_RECURRENCE |               \
		    FIELD_EXDATES | FIELD_RDATES | FIELD_OVERRIDES))

bool event_moves(const struct event *before, const struct event *after)
{
	return (event_difference(before, after) & OCCUPYING_FIELDS) != 0;
}
