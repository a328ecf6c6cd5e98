/*
 * Conflicts: which intervals collide, found by sorting and sweeping.
 *
 * Intervals are half-open [start, end): touching is no conflict; a zero-length
 * one occupies nothing (but has a start, which version_window compares).  A
 * timeline holds what is stored plus what the batch has accepted so far;
 * proposals are probed against it.  Cost O((n + p) log n + listed); counts are
 * exact, lists are capped.  Pure.
 */
#ifndef RULES_CONFLICT_H
#define RULES_CONFLICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/codes.h"

#define CONFLICTS_LISTED_MAX 20
#define CONFLICTS_ROOM (CONFLICTS_LISTED_MAX + 4) /* one of each kind is always there */

enum calendar_kind {
	CALENDAR_CONTENT = 1,  /* version_window */
	CALENDAR_RESOURCE = 2, /* resource_overlap; assignee_overlap for people */
};

struct interval {
	int64_t calendar_id;
	int64_t start_utc;
	int64_t end_utc;
	int64_t owner;        /* event id > 0, or -1 - ordinal for an item of the batch */
	int64_t local_start;  /* names an occurrence of a series: its original wall time; else = start_utc */
	enum calendar_kind kind;
	int32_t version_no;   /* content calendars: 0 = latest, a version of its own */
};

/* What a proposal's calendar demands. */
struct calendar_rule {
	bool is_person;        /* overlaps are assignee_overlap and always hard */
	bool hard;             /* resources: hard or soft overlap */
	int32_t capacity;      /* >= 1: so many at once are allowed */
};

struct violation;

struct conflict {
	enum code code;        /* CODE_VERSION_WINDOW, _RESOURCE_OVERLAP, _ASSIGNEE_OVERLAP, _COMPLIANCE */
	bool hard;
	int64_t calendar_id;   /* content or resource id */
	int64_t owner;         /* of the other one */
	int64_t start_utc;     /* of the other one */
	int64_t end_utc;
	int64_t local_start;   /* names the other one, where it is an occurrence of a series */
	int64_t own_local_start; /* names the proposal's */
	int64_t own_start_utc; /* of what was proposed */
	int64_t own_end_utc;
	int32_t existing_version;
	int32_t requested_version;
	const struct violation *violation; /* compliance: of which restriction; the other one is its time, owner 0 */
};

struct conflicts {
	struct conflict list[CONFLICTS_ROOM];
	size_t listed;
	int64_t count;         /* exact */
	int64_t hard_count;
	bool of_series;        /* the proposal recurs: own_local_start names the occurrence */
	bool truncated;        /* it goes on beyond what was looked at */
};

struct timeline;

struct timeline *timeline_new(struct arena *arena);
/* Adds a stored interval; only before timeline_sort(). */
void timeline_add(struct timeline *timeline, const struct interval *interval);
void timeline_sort(struct timeline *timeline);
/* Adds an interval that the batch has accepted; after timeline_sort(). */
void timeline_accept(struct timeline *timeline, const struct interval *interval);

/* Takes away an interval that is stored or was accepted (same calendar, owner,
 * start and end), because the batch has moved, cancelled or replaced its event;
 * after timeline_sort(). */
void timeline_release(struct timeline *timeline, const struct interval *interval);

/* Adds the conflicts of one proposal to `conflicts` (list up to `list_max` ≤
 * CONFLICTS_LISTED_MAX; beyond that one of a kind that is not listed yet).  Intervals with the proposal's own owner, or with
 * `ignore_owner` (the event that an update moves), do not count.
 * Content calendars: other version and |start - start| < window_s (`rule` is
 * not looked at).  Owner 0 is nobody.
 * Resource calendars, capacity 1: any overlap.  Capacity n: a conflict with
 * each overlapping interval if at some instant n others are there already. */
void timeline_probe(const struct timeline *timeline, const struct interval *proposal,
		    const struct calendar_rule *rule, int64_t window_s, int64_t ignore_owner,
		    size_t list_max, struct conflicts *conflicts);

/* Calls `each` for every other interval that makes a conflict with the proposal
 * (the same ones that timeline_probe() counts), until it says false. */
typedef bool conflict_visit(void *user, const struct interval *other);
void timeline_visit(const struct timeline *timeline, const struct interval *proposal, const struct calendar_rule *rule,
		    int64_t window_s, int64_t ignore_owner, conflict_visit *each, void *user);

/* Does a series overlap itself?  `list`: what it occupies of one calendar, by
 * start.  Adds the pairs to `conflicts`, hard whatever the capacity (exact
 * number, up to `list_max` listed, at least one, each by its later one, owner 0).  O(n log n). */
void conflicts_with_itself(struct arena *arena, const struct interval *list, size_t count, size_t list_max,
			   struct conflicts *conflicts);

/* --- shifting (conflict_shift.c) --------------------------------------------- */

/* What is to be moved: all that an event occupies, by the same number of
 * seconds.  None of it may be in the timeline, nor what it moves away from. */
struct shift {
	const struct interval *list;
	const struct calendar_rule *const *rules; /* of each interval's calendar */
	size_t count;
	int64_t start_utc;    /* the event's: with this it is on the grid … */
	int64_t grid_s;       /* … where (start + grid_offset_s) is a multiple of this, >= 1 */
	int64_t grid_offset_s;
	int64_t from_s;       /* by so much at least, >= 0 */
	int64_t limit_s;      /* and by so much at most */
	int64_t window_s;     /* contents: see timeline_probe() */
};
enum shift_end {
	SHIFT_FOUND,
	SHIFT_NONE,      /* nothing is free within the limit */
	SHIFT_TOO_HARD,  /* nothing was found with SHIFT_WORK_MAX looks at calendars */
};
#define SHIFT_WORK_MAX 1000000
/* The smallest move onto the grid after which nothing collides.  What is taken
 * is skipped, never tried start by start; what one search has learnt serves the
 * next (100,000 equal proposals on one calendar: 0.2 s). */
enum shift_end timeline_shift(struct timeline *timeline, const struct shift *shift, int64_t *move_s_out);

#endif
