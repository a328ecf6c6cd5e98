/*
 * Between the files of slice_apply(): deciding and writing.  Not for other
 * folders.
 */
#ifndef SCHEDULE_APPLY_H
#define SCHEDULE_APPLY_H

#include "schedule/sweep.h"

/* Touches what every pending item would occupy, before and after. */
void decide_touch(struct sweep *sweep);
/* Decides every pending item; the sweep has been fetched.  A few statements more
 * where items make room for themselves. */
MUST_USE bool decide_all(struct sweep *sweep);

/* Writes what was decided. */
MUST_USE bool write_creates(struct slice *slice);
MUST_USE bool write_updates(struct slice *slice);
/* The occurrences of stored series, or of the copies of them that this batch
 * holds (expand.c). */
MUST_USE bool slice_load_occurrences(const struct slice *slice, struct event *const *events, size_t event_count);
/* What a series becomes that gave up occurrences (resolve_dates.c); false: it
 * can't be told any more what it comes to. */
MUST_USE bool slice_give_up(const struct slice *slice, const struct target *target, struct event *shorter);
/* Events that made room for what was written. */
MUST_USE bool write_displaced(struct slice *slice);
/* Who kept both, or replaced, and why: into the audit log. */
MUST_USE bool write_resolutions(const struct slice *slice);
/* After an INSERT or UPDATE failed: because of a client_id that somebody took
 * since the look-up?  Then it is worth another try.  Always false. */
bool client_id_taken(struct ctx *ctx);
/* Locks, decides and writes an undo (undo_apply.c). */
MUST_USE bool apply_undo(struct slice *slice);
/* Events that had made room, and come back with the undo (undo_displaced.c):
 * loaded where the batch may have replaced some; touched; decided after all
 * that leaves their places; told about when they can't come back. */
MUST_USE bool undo_take_displaced(struct slice *slice, int64_t first, int64_t last);
void undo_touch_displaced(struct sweep *sweep);
void undo_decide_displaced(struct sweep *sweep);
void undo_settle_displaced(struct slice *slice);
/* What an event is put back to has its moments by the zone data of today. */
void undo_rederive(struct target *target);
/* Has the item left its place, or will it? */
bool undo_is_place_left(const struct slice_item *item);
/* Why a target stays as it is. */
void undo_leave(struct target *target, enum code code, const struct event_change *change, const char *why);
/* Of those the series that gave up dates (undo_dates.c): targets by event id; in
 * each round; told about. */
MUST_USE bool undo_take_dates(struct slice *slice, int64_t first, int64_t last, struct target **list_out, size_t *count_out);
void undo_decide_dates(struct sweep *sweep, struct target *target);
void undo_settle_dates(struct target *target);
/* Series that were divided (undo_following.c): the events that carry on go away
 * with what their items did, or both stay. */
MUST_USE bool undo_take_next(struct slice *slice, int64_t first, int64_t last);
/* … and where changes of one event were not made in the order of the items: */
#define UNDO_ANYWHERE INT64_MAX
/* Each goes if the event does that it carries on from: before and after all is
 * decided; and the one of an event that turns out to stay. */
void undo_touch_next(struct slice *slice);
void undo_leave_next(struct sweep *sweep, const struct target *ended);
/* Locks, carries out and writes an activation (activate.c). */
MUST_USE bool apply_activation(struct slice *slice);
/* Reads an item of one. */
void activation_read(struct slice_item *item, const json_t *object);
/* What became of an item that can't be undone. */
void undo_refuse(struct slice_item *item, enum code code, const struct event_change *change, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Says who has the places that were found taken (undo_tell.c); one statement at most. */
MUST_USE bool undo_explain_taken(struct slice *slice);
/* "changed by Ada at 2026-12-01T09:00:00Z in batch 7" */
const char *undo_who(struct arena *arena, const struct event_change *change);

/* The intervals of all these events, sorted by key as busy wants them. */
struct interval *all_intervals(struct arena *arena, const struct event *const *events, size_t count, size_t *found_out);
/* Their rows of busy, event_resources and event_occurrences. */
MUST_USE bool write_places(struct slice *slice, const struct event *const *events, size_t count);

/* Changes as shadows, which nobody sees before the batch is published: those of
 * an update's targets, or these, by event id. */
struct held_change {
	const struct event *stored, *current;
	int64_t ordinal;
};
MUST_USE bool write_shadows(struct slice *slice);
MUST_USE bool hold_changes(struct slice *slice, const struct held_change *list, size_t count);
/* FAIL_RETRY: with fresh eyes once more. */
MUST_USE bool changed_meanwhile(struct ctx *ctx);
/* Do these stored series still have the occurrences that were loaded?  Their
 * horizon may have been moved, which is no change of the event.  FAIL_RETRY. */
MUST_USE bool occurrences_still_are(struct ctx *ctx, const struct event *const *events, size_t count);
/* Instead of writing, for a dry run: the plan that later chunks see. */
MUST_USE bool write_plan(struct slice *slice);

#endif
