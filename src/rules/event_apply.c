/* Values over an event, and what follows from them. */
#include "rules/event_series.h"
#include "rules/event_times.h"

/* When it recurs, and on what terms it happens. */
static void apply_course(struct event *event, const struct event *values)
{
	uint32_t given = values->given;

	if (given & FIELD_RECURRENCE)
		event->recurrence = values->recurrence;
	if (given & FIELD_EXDATES) {
		event->exdates = values->exdates;
		event->exdate_count = values->exdate_count;
	}
	if (given & FIELD_RDATES) {
		event->rdates = values->rdates;
		event->rdate_count = values->rdate_count;
	}
	if (given & FIELD_OVERRIDES)
		event->overrides = values->overrides;
	if (given & FIELD_CONDITIONS)
		event->conditions = values->conditions;
	if (given & FIELD_MISFIRE)
		event->misfire = values->misfire;
	if (given & FIELD_GRACE_S)
		event->grace_s = values->grace_s;
}

static int64_t wall_start(const struct event *event)
{
	return event->timezone ? event->local_start : event->starts_at;
}

bool event_apply(struct event *event, const struct event *values, struct issues *issues)
{
	struct reader r = { issues, values->base ? values->base : "", false };
	uint32_t given = values->given;
	const char *timezone = event->timezone;
	int64_t wall = wall_start(event);

	if (given & TIME_FIELDS)
		event_times_derive(event, values, false, &r);
	if (given & FIELD_CLIENT_ID)
		event->client_id = values->client_id;
	if (given & FIELD_CONTENT_ID)
		event->content_id = values->content_id;
	if (given & FIELD_VERSION_NO)
		event->version_no = values->version_no;
	if (given & FIELD_SCHEDULE_TYPE)
		event->schedule_type = values->schedule_type;
	if (given & FIELD_TITLE)
		event->title = values->title;
	if (given & FIELD_RESOURCES) {
		event->resources = values->resources;
		event->resource_count = values->resource_count;
	}
	if (given & FIELD_ASSIGNEES) {
		event->assignees = values->assignees;
		event->assignee_count = values->assignee_count;
	}
	if (given & FIELD_PRIORITY)
		event->priority = values->priority;
	if (given & FIELD_ATTRIBUTES)
		event->attributes = values->attributes;
	if (given & FIELD_STATUS)
		event->status = values->status;
	apply_course(event, values);
	if (!r.bad && given & (TIME_FIELDS | SERIES_FIELDS)) {
		series_move(event, timezone, wall_start(event) - wall, given, issues->arena);
		series_settle(event, given, values->normalise, &r);
	}
	return !r.bad;
}
