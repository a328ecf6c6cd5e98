/*
 * Items that collide: what on_conflict makes of them (help/conflicts.html).
 * Between decide.c's steps; not for other folders.
 *
 * Whoever replaces what is there or moves on to a free time must know more than
 * a probe: the events in the way, and what is stored further ahead.  Such items
 * are left open in a first round; then all of that is fetched, in a constant
 * number of statements, and the slice is decided anew.
 */
#ifndef SCHEDULE_RESOLVE_H
#define SCHEDULE_RESOLVE_H

#include "schedule/sweep.h"

/* One item may replace so many events. */
#define REPLACE_MAX 20

/* How far an item has got. */
struct room {
	bool is_open;                /* this slice decides it */
	bool wants;                  /* more must be known */
	bool is_in_vain;             /* replacing did not make enough room */
	int64_t ahead_s;             /* so far ahead it is known what is stored; -1 = no look was taken */
	int64_t wants_ahead_s;       /* so far it is after the next look */
	const struct event *asked;   /* as it was before it was moved; NULL = it was not */
	size_t issue_count, warning_count; /* from before */
};

/* Before the first round. */
void resolve_begin(struct sweep *sweep);
/* An item that collides (item->conflicts): may `event`, under `owner`, be all
 * the same?  Then it may be another time than before, and others may have been
 * displaced; else the item has its outcome, or stays open. */
bool resolve(struct sweep *sweep, struct slice_item *item, struct event *event, int64_t owner);
/* The same for an event that stays where it is: it may not, and the item has its
 * outcome. */
void resolve_in_place(const struct sweep *sweep, struct slice_item *item);
/* Is it known what is stored where an event is that an earlier item has moved?
 * If not the item stays open. */
bool resolve_is_known(struct sweep *sweep, struct slice_item *item);
/* Forgets what was decided about an item. */
void resolve_reopen(const struct sweep *sweep, struct slice_item *item);

/* After a round: must more be known?  Then it is fetched, and everything is
 * open again. */
bool resolve_wants_more(const struct sweep *sweep);
MUST_USE bool resolve_look(struct sweep *sweep);

/* resolve_replace.c: makes room by displacing events. */
bool resolve_replace(struct sweep *sweep, struct slice_item *item, const struct event *event, int64_t owner);
MUST_USE bool resolve_load_displaced(struct sweep *sweep);
/* resolve_dates.c: takes the occurrences of a series that are in the event's way;
 * false: they are all it has, or it happens once. */
bool resolve_takes_dates(const struct sweep *sweep, const struct slice_item *item, const struct target *target);
/* All of it goes, and what it gave up before with it. */
void resolve_release_rest(struct sweep *sweep, struct target *target);
bool resolve_take_dates(struct sweep *sweep, struct slice_item *item, const struct event *event, int64_t owner,
			struct target *target);
/* resolve_shift.c: moves the event to the next free time. */
bool resolve_shift(struct sweep *sweep, struct slice_item *item, struct event *event, int64_t owner);
/* Of an evaluation's items that collide: where a shift would lead, beside all
 * that is stored and the other items where they were asked for (item->shifted).
 * At most two more looks. */
MUST_USE bool resolve_propose_shifts(struct sweep *sweep);
/* Is the event in its own way? */
bool resolve_is_own_fault(const struct conflicts *conflicts);
void resolve_list_places(struct sweep *sweep, const struct event *event, struct shift *shift);
/* resolve_series.c: leaves out the occurrences that collide; false: all of them
 * do, or something else is in the way. */
bool resolve_leave_out(struct sweep *sweep, struct slice_item *item, struct event *event, int64_t owner);
/* Moves a series so that all of it is free. */
enum shift_end resolve_move_series(struct sweep *sweep, struct event *event, int64_t owner, struct shift *shift,
				   int64_t *move_s_out);

/* --- for these ---------------------------------------------------------------- */

#define LOOKS_MAX 6
/* Occurrences of a series that moves across a change of the clocks move by so
 * much more or less than the others. */
#define SHIFT_MARGIN_S 7200
static inline struct room *room_of(const struct sweep *sweep, const struct slice_item *item)
{
	return &sweep->rooms[item - sweep->slice->items];
}
/* The last look decides: what is not known then is not done. */
static inline bool is_last_look(const struct sweep *sweep)
{
	return sweep->looks >= LOOKS_MAX;
}
/* The event as it was asked for, before it is altered. */
void resolve_remember(const struct sweep *sweep, struct slice_item *item);
/* The item's outcome when nothing could be done about its conflicts. */
bool resolve_fail(const struct sweep *sweep, struct slice_item *item);

#endif
