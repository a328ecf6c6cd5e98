#include "rules/event_times.h"

#include <string.h>

#include "base/zone.h"

/* What is being derived; put into the event when all of it is right. */
struct times {
	int64_t start, local, duration;
	const char *timezone;
	const struct zone *zone;
	enum zone_flag flag;
};

static bool given(const struct event *values, enum event_field field)
{
	return (values->given & field) != 0;
}

static bool start_missing(const struct event *values, struct reader *r)
{
	if (given(values, FIELD_LOCAL_START))
		reader_issue(r, CODE_TIME_MISSING, "timezone", "Add timezone, such as Europe/Stockholm",
			     "local_start is given without timezone");
	else if (given(values, FIELD_TIMEZONE))
		reader_issue(r, CODE_TIME_MISSING, "local_start", "Add local_start, such as 2026-12-01T09:00:00",
			     "timezone is given without a start");
	else
		reader_issue(r, CODE_TIME_MISSING, "starts_at", NULL, "starts_at is missing");
	return false;
}

/* Both given: they must name the same moment.  In a fold either of the two
 * moments will do, and starts_at says which. */
static bool start_from_both(struct times *t, const struct event *values, struct reader *r)
{
	int64_t utc, wall = values->starts_at + zone_offset_at(t->zone, values->starts_at);
	char at[TIME_TEXT_SIZE], local[TIME_TEXT_SIZE];

	t->flag = zone_to_utc(t->zone, values->local_start, &utc);
	t->start = values->starts_at;
	t->local = values->local_start;
	if (wall == values->local_start || utc == values->starts_at)
		return true;
	time_format_local(wall, at);
	time_format_local(values->local_start, local);
	reader_issue(r, CODE_TIME_TWICE, "local_start", NULL, "starts_at is %s in %s, but local_start says %s", at,
		     t->timezone, local);
	return false;
}

static void start_from_local(struct times *t, int64_t local)
{
	t->local = local;
	t->flag = zone_to_utc(t->zone, local, &t->start);
}

static void start_from_utc(struct times *t, int64_t start)
{
	int64_t other;

	t->start = start;
	t->local = 0;
	t->flag = ZONE_NORMAL;
	if (!t->zone)
		return;
	t->local = start + zone_offset_at(t->zone, start);
	t->flag = zone_to_utc(t->zone, t->local, &other); /* a fold has two moments */
}

static bool derive_start(struct times *t, const struct event *event, const struct event *values, bool is_new,
			 struct reader *r)
{
	t->timezone = given(values, FIELD_TIMEZONE) ? values->timezone : event->timezone;
	t->zone = t->timezone ? zone_find(t->timezone) : NULL;
	if (t->timezone && !t->zone) {
		reader_issue(r, CODE_UNKNOWN_TIMEZONE, "timezone", NULL, "“%s” is not a known time zone",
			     issue_excerpt(r->issues->arena, t->timezone, strlen(t->timezone)));
		return false;
	}
	if (given(values, FIELD_LOCAL_START)) {
		if (!t->zone)
			return start_missing(values, r);
		if (given(values, FIELD_STARTS_AT))
			return start_from_both(t, values, r);
		start_from_local(t, values->local_start);
	} else if (given(values, FIELD_STARTS_AT)) {
		start_from_utc(t, values->starts_at);
	} else if (is_new) {
		return start_missing(values, r);
	} else if (given(values, FIELD_TIMEZONE)) {
		if (t->zone && event->timezone)
			start_from_local(t, event->local_start);
		else
			start_from_utc(t, event->starts_at);
	} else {
		t->start = event->starts_at;
		t->local = event->local_start;
		t->flag = event->time_flag;
	}
	if (t->start >= TIME_MIN_UTC && t->start <= TIME_MAX_UTC)
		return true;
	reader_issue(r, CODE_OUT_OF_RANGE, given(values, FIELD_LOCAL_START) ? "local_start" : "starts_at",
		     "Use a time from 1970 to 2100.", "the start is outside the years 1970 to 2100");
	return false;
}

static bool duration_from_end(struct times *t, const struct event *values, struct reader *r)
{
	char end[TIME_TEXT_SIZE], start[TIME_TEXT_SIZE];
	int64_t duration = values->ends_at - t->start;

	time_format_utc(values->ends_at, end);
	time_format_utc(t->start, start);
	if (duration < 0) {
		reader_issue(r, CODE_ENDS_BEFORE_START, "ends_at", NULL, "ends_at %s is before the start %s", end,
			     start);
		return false;
	}
	if (given(values, FIELD_DURATION_S) && duration != values->duration_s) {
		reader_issue(r, CODE_END_TWICE, "ends_at", NULL, "ends_at is %lld s after the start, duration_s is %lld",
			     (long long)duration, (long long)values->duration_s);
		return false;
	}
	t->duration = duration;
	return true;
}

static bool derive_duration(struct times *t, const struct event *event, const struct event *values, struct reader *r)
{
	const char *field = given(values, FIELD_ENDS_AT) ? "ends_at" : "duration_s";

	if (given(values, FIELD_ENDS_AT)) {
		if (!duration_from_end(t, values, r))
			return false;
	} else {
		t->duration = given(values, FIELD_DURATION_S) ? values->duration_s : event->duration_s;
	}
	if (t->duration > EVENT_DURATION_MAX_S) {
		reader_issue(r, CODE_DURATION_TOO_LONG, field, NULL, "%lld s are more than 31 days",
			     (long long)t->duration);
		return false;
	}
	if (t->start + t->duration > TIME_MAX_UTC) {
		reader_issue(r, CODE_OUT_OF_RANGE, field, "Use a time from 1970 to 2100.",
			     "the end is outside the years 1970 to 2100");
		return false;
	}
	return true;
}

bool event_rederive(struct event *event)
{
	const struct zone *zone = event->timezone ? zone_find(event->timezone) : NULL;
	enum zone_flag flag;
	int64_t utc;

	if (!zone || event->starts_at + zone_offset_at(zone, event->starts_at) == event->local_start)
		return false;
	flag = zone_to_utc(zone, event->local_start, &utc);
	if (utc == event->starts_at || utc < TIME_MIN_UTC || utc + event->duration_s > TIME_MAX_UTC)
		return false;
	event->starts_at = utc;
	event->ends_at = utc + event->duration_s;
	event->time_flag = flag;
	return true;
}

bool event_times_derive(struct event *event, const struct event *values, bool is_new, struct reader *r)
{
	struct times t = { 0 };

	if (!derive_start(&t, event, values, is_new, r) || !derive_duration(&t, event, values, r))
		return false;
	event->starts_at = t.start;
	event->duration_s = t.duration;
	event->ends_at = t.start + t.duration;
	event->timezone = t.timezone;
	event->local_start = t.local;
	event->time_flag = t.flag;
	return true;
}
