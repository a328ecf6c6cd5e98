/*
 * What a recurring event comes to: its occurrences in the window that is
 * materialised (data-model.md, "Recurrence"), with exdates, rdates and
 * overrides applied.
 *
 * The window begins SERIES_PAST_S before today and ends SERIES_AHEAD_S after
 * today or after the start, whichever is later; "today" is a whole day of UTC,
 * so that two expansions of one day are the same.  An override keeps the
 * original wall time as its name and has its own start, length and version.
 * An event without a zone recurs in UTC.  Pure.
 */
#ifndef RULES_SERIES_H
#define RULES_SERIES_H

#include "rules/event.h"
#include "rules/recurrence.h"

#define SERIES_PAST_S (31LL * 86400)
#define SERIES_AHEAD_S (400LL * 86400)
#define SERIES_OCCURRENCES_MAX 1000

/* Is it more than one event in time? */
bool event_recurs(const struct event *event);

/* The wall time that the event itself begins at, of its zone or of UTC. */
int64_t event_wall_start(const struct event *event);

/* Fills in occurrences (owned by the arena), expanded_through and until_at.
 * `expanded_through` is the first moment that was not looked at: what starts
 * before it is known; 0 = the series has nothing beyond its occurrences.  A
 * series that goes on always has at least one: its next, if the window is
 * empty.  An event that happens once has none of all that.
 * `through` > 0: ends the window there instead, as an earlier expansion did.
 * CODE_NONE, or why the series can't be expanded (CODE_RECURRENCE_…,
 * CODE_UNKNOWN_TIMEZONE); then it has no occurrences. */
enum code series_expand(struct event *event, int64_t now_utc, int64_t through, struct arena *arena);

/* The versions that overrides name, in the order of time; the list is the
 * arena's, `overrides` may be NULL. */
struct override_version {
	const char *occurrence; /* its original wall time, as it names it */
	int32_t version_no;
};
size_t override_versions(const char *overrides, struct arena *arena, struct override_version **list_out);

/* Do two events have the same occurrences, expanded at the same moment? */
bool series_is_same(const struct event *a, const struct event *b);

#endif
