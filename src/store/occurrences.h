/*
 * Rows of event_occurrences: what recurring events come to, as far as it is
 * materialised.  They tell which rows of busy an event has, which can't be
 * found by the event.
 *
 * They live and die with event_resources: the places of a changed copy
 * (visible.h) have its event's id, negative.  Those that are so long ago that
 * they have left busy stay here, and are of no concern to whoever changes the
 * event.  Every function is a constant number of statements for a list, and
 * none when nothing in it recurs.
 */
#ifndef STORE_OCCURRENCES_H
#define STORE_OCCURRENCES_H

#include "base/ctx.h"
#include "rules/event.h"

/* How many rows each of these events has in busy's window, in the order of the
 * ids, which are sorted.  The numbers are owned by the arena. */
MUST_USE bool occurrences_count(struct ctx *ctx, const int64_t *ids, size_t count, int64_t **counts_out);

/* Fills in `occurrences` of those events that recur, from the rows of their
 * ids; `of_shadows`: from those of their changed copies. */
MUST_USE bool occurrences_load(struct ctx *ctx, struct event *const *events, size_t count, bool of_shadows);

/* Inserts the rows of events; their ids are negative for changed copies. */
MUST_USE bool occurrences_insert(struct ctx *ctx, const struct event *const *events, size_t count);
/* Makes what the events were (`left`, as loaded) into what they are; both lists
 * have the same events in the same order.  An occurrence that stays keeps its
 * state. */
MUST_USE bool occurrences_replace(struct ctx *ctx, const struct event *const *left, const struct event *const *moved,
				  size_t count);
/* Deletes all rows of these ids; `with_past` false: but what has left busy. */
MUST_USE bool occurrences_clear(struct ctx *ctx, const int64_t *ids, size_t count, bool with_past);
/* Puts the rows of changed copies in the place of their events'. */
MUST_USE bool occurrences_fold(struct ctx *ctx, const int64_t *ids, size_t count);

/* Are the rows of these events still those that were loaded?  With their
 * calendars locked they stay so. */
MUST_USE bool occurrences_are(struct ctx *ctx, const struct event *const *events, size_t count, bool *same_out);

/* --- the horizon (schedule/horizon.h) ------------------------------------------ */

/* The next recurring events by id, at most `limit`, without those that a batch
 * holds; `last_id_out` is where the next page begins, 0 = there are no more. */
MUST_USE bool series_page(struct ctx *ctx, int64_t after_id, int64_t limit, struct event **events_out, size_t *count_out,
			  int64_t *last_id_out);
/* Is the event as it was loaded, and held by no batch?  FAIL when it can't be asked. */
MUST_USE bool series_still_at(struct ctx *ctx, const struct event *event, bool *same_out);
/* What starts before a moment has left busy: its rows stay here. */
MUST_USE bool occurrences_leave(struct ctx *ctx, int64_t event_id, int64_t before_utc);
/* Deletes occurrences that started so many days ago, at most `limit`: those
 * that have left busy and happened or were missed, and those of events that will
 * not happen any more.  What an activation still has to carry out stays. */
MUST_USE bool occurrences_purge(struct ctx *ctx, int64_t days, int64_t limit, int64_t *removed_out);
/* Notes how far the event is expanded, where it begins and ends, and that it
 * wants attention at `next_utc` (0 = nothing is known to be ahead) at the
 * latest. */
MUST_USE bool series_note(struct ctx *ctx, const struct event *event, int64_t next_utc);

/* --- other zone data (schedule/rezone.h) ---------------------------------------- */

/* An event that happens once, lies ahead and has a wall time; only id and times
 * are filled in. */
struct zoned_event {
	struct event event;
	bool is_held; /* by a batch that is all or nothing: its row, or the changed copy */
};
/* Those among the next `limit` events from an id on; `next_id_out` is where the
 * next page begins, 0 = there are no more. */
MUST_USE bool zoned_page(struct ctx *ctx, int64_t from_id, int64_t limit, struct zoned_event **list_out, size_t *count_out,
			 int64_t *next_id_out);

#endif
