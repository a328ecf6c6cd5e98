/*
 * The conflict sweep of a slice: which calendar days its events touch, what is
 * stored there, and which items collide (data-model.md, "Conflicts").
 * Between slice.h's steps; not for other folders.
 */
#ifndef SCHEDULE_SWEEP_H
#define SCHEDULE_SWEEP_H

#include "schedule/keys.h"
#include "schedule/slice.h"
#include "rules/compliance.h"
#include "store/calendars.h"

/* Where an event that makes room for itself may go: so much further ahead. */
struct further {
	struct interval interval;
	int64_t ahead_s;
};

struct sweep {
	struct slice *slice;
	struct interval *touched;        /* by the slice's events, before and after */
	size_t touched_count, touched_room;
	struct calendar_key *calendars;  /* touched, sorted; with the longest event assumed */
	size_t calendar_count;
	struct calendar_day *days;       /* sorted */
	size_t day_count;
	struct interval *crowded;        /* evaluate: of what is touched that of which others of the batch may be in the way */
	size_t crowded_count, crowded_room;
	struct calendar_day *plan_days;  /* where these are looked for; NULL = on the same days */
	size_t plan_day_count;
	struct interval *places;         /* of the event that is looked at */
	size_t place_room;
	struct interval *stored;         /* what was found there */
	size_t stored_count;
	const struct interval **by_owner; /* the same, NULL until asked for */
	bool lock_reads;
	struct room *rooms;              /* of each item (resolve.h) */
	struct key_list wanted;          /* events that stand in the way and are not known yet */
	const struct calendar_rule **rules;
	size_t rule_room;
	int32_t looks;                   /* further ones that were taken */
	bool wants_all;                  /* the next one is for all items that may be moved */
	struct further *further;
	size_t further_count, further_room;
	struct arena *round_arena;       /* of the timeline; NULL before the first round */
	struct timeline *timeline;
	struct restrictions restrictions; /* of the touched resources then */
};

/* For slices that hold no items: what the calendars of these events demand, and
 * `wants_now` the clock.  One statement, or none where nothing is asked for. */
MUST_USE bool sweep_look_up(struct slice *slice, const struct event *const *events, size_t count, bool wants_now);

void sweep_open(struct sweep *sweep, struct slice *slice);
/* Adds an event's calendars. Call for all, then sweep_close(). */
void sweep_touch(struct sweep *sweep, const struct event *event);
/* Of an evaluation, which knows who may be in whose way before it looks: others
 * of the batch are looked for only beside events that are added here, too, and
 * wherever looks go further. */
void sweep_touch_crowded(struct sweep *sweep, const struct event *event);
/* Adds a content's calendar alone: whoever changes an event holds that lock,
 * even while the event occupies nothing. */
void sweep_touch_content(struct sweep *sweep, int64_t content_id);
void sweep_close(struct sweep *sweep);

/* Fetches what is stored on those days; looks again, further back, when a
 * calendar turns out to hold longer events than was assumed. */
MUST_USE bool sweep_fetch(struct sweep *sweep, bool lock_reads, bool with_calendars);

/* The days of what is touched, once more: when that has changed. */
void sweep_collect_days(struct sweep *sweep);

/* A fresh timeline of the stored intervals, without those of targets that are
 * moving away. */
void sweep_begin_round(struct sweep *sweep);
/* What an event occupies, under an owner; good until the next call. */
const struct interval *sweep_intervals(struct sweep *sweep, const struct event *event, int64_t owner, size_t *count_out);
/* Conflicts of an event under an owner (event id or -1 - ordinal), except with
 * its own intervals and those of `ignored` (0 = nobody); NULL = none. */
struct conflicts *sweep_probe(struct sweep *sweep, const struct event *event, int64_t owner, int64_t ignored);
void sweep_accept(struct sweep *sweep, const struct event *event, int64_t owner);
/* Takes away what was accepted, or is stored, under an owner. */
void sweep_release(struct sweep *sweep, const struct event *event, int64_t owner);
void sweep_release_stored(struct sweep *sweep, int64_t owner);
void sweep_release_occurrence(struct sweep *sweep, int64_t owner, int64_t local_start);
/* What the interval's calendar demands. */
const struct calendar_rule *sweep_rule(const struct sweep *sweep, const struct interval *interval);

/* Days up to so much after the event, on its calendars, which are touched (and
 * so locked) already; then what is stored there is fetched, too. */
void sweep_touch_further(struct sweep *sweep, const struct event *event, int64_t ahead_s);
MUST_USE bool sweep_look_further(struct sweep *sweep);

/* One issue per kind of conflict; the conflicts themselves are listed beside. */
void slice_explain(const struct slice *slice, const struct conflicts *conflicts, struct issues *issues);

#endif
