/*
 * iCalendar text (RFC 5545): lines folded at 75 bytes, never within a
 * character, ended by CR LF; texts escaped.
 *
 * A calendar is ical_begin(), zones and events in any order (a zone before its
 * first event), ical_end().  Recurring events are written by the wall clock of
 * their zone, so programs move them with the clocks as we do; single events in
 * UTC.  A library was tried and left: it would triple the static program.
 */
#ifndef VIEWS_ICAL_H
#define VIEWS_ICAL_H

#include "base/str.h"
#include "base/zone.h"
#include "rules/event.h"

struct ical {
	struct str *out;
	struct arena *arena;       /* for what is read meanwhile */
	const char *site;          /* makes UIDs unique among sites */
	int64_t now_utc;
};

/* `name` is what programs call the calendar; `is_cut`: it says that there is more. */
void ical_begin(const struct ical *ical, const char *name);
void ical_end(const struct ical *ical, bool is_cut);

/* The changes of a zone's clock from 1970 on until `until_utc`. */
void ical_zone(const struct ical *ical, const struct zone *zone, const char *name, int64_t until_utc);

/* An event, and one further component for each occurrence that has something
 * of its own.  `location` NULL = none.  What recurs in a zone names it (TZID). */
void ical_event(const struct ical *ical, const struct event *event, const char *location);

#endif
