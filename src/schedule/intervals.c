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
	};
	return count + 1;
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
