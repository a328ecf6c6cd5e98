/*
 * Compliance of a slice: the restrictions of all whom its events need, read
 * under their calendars' locks with one statement (none where there are no
 * restrictions), and what is told about those that are broken.
 *
 * Hard ones become conflicts of kind compliance, the first in an item's list,
 * which nothing may override; advisory ones become warnings.  Between slice.h's
 * steps; not for other folders.
 */
#ifndef SCHEDULE_COMPLIANCE_H
#define SCHEDULE_COMPLIANCE_H

#include "schedule/sweep.h"

/* Somebody else who could do it. */
struct alternative {
	int64_t id;
	const char *name;
	bool is_known;                  /* whether there is time was looked up: */
	bool is_free;                   /* nothing booked, nothing forbids it */
};

/* A broken restriction, as it is told. */
struct ruling {
	const struct violation *violation;
	const char *reason;
	struct alternative *alternatives; /* free ones first */
	size_t alternative_count;
};

/* Reads the restrictions of what the sweep touches; `restricted_until` is the
 * calendars', 0 = there are none. */
MUST_USE bool sweep_load_restrictions(struct sweep *sweep, bool lock_reads, int64_t restricted_until);

/* Adds the hard restrictions that the event breaks. */
void sweep_check_restrictions(const struct sweep *sweep, const struct event *event, struct conflicts *conflicts);

/* The same alone, for a change that does not move the event; NULL = none. */
struct conflicts *sweep_probe_restrictions(const struct sweep *sweep, const struct event *event);

/* Is the check off for this event: asked for, and allowed? */
bool sweep_is_exempt(const struct slice *slice, const struct event *event);

/* For a resolution: the earliest start >= start_utc at which no hard
 * restriction forbids the event with its duration; would one forbid this
 * occurrence of it?  Both know what lies within the sweep's restrictions. */
int64_t sweep_allowed_from(const struct sweep *sweep, const struct event *event, int64_t start_utc);
bool sweep_forbids(const struct sweep *sweep, const struct event *event, int64_t start_utc, int64_t end_utc);

/* Of a series: by how much all of it has to move on at least, so that what hard
 * restrictions forbid now is behind them; 0 = nothing is forbidden. */
int64_t sweep_forbids_for(const struct sweep *sweep, const struct event *event);

/* When all is decided: the warnings of what was accepted, and of everything
 * that is told the reason and the alternatives. At most five statements, none
 * where nothing is broken. */
MUST_USE bool sweep_tell_restrictions(struct sweep *sweep);

/* The item's ruling about a restriction; NULL = none is told. */
const struct ruling *item_ruling(const struct slice_item *item, int64_t restriction_id);

#endif
