/*
 * The reference machine of the random walk: what a batch may become when
 * something is done to it, written down anew from engine.md and not taken from
 * batch/states.c, so that a mistake there is seen.
 */
#ifndef FAULTS_MACHINE_H
#define FAULTS_MACHINE_H

#include "batch/states.h"

#define WALK_ITEMS_MAX 40

enum walk_op {
	WALK_SLICE,   /* the next slice, or the last one once more */
	WALK_START,
	WALK_ADVANCE, /* one to four chunks */
	WALK_PAUSE,
	WALK_RESUME,
	WALK_CANCEL,
	WALK_RETRY,
	WALK_EXPIRE,  /* all leases run out */
	WALK_OPS
};
const char *walk_op_name(enum walk_op op);

/* A batch as it stands, or as it may stand after an operation. */
struct walk_view {
	enum job_state state;
	int32_t epoch;
	int64_t received, cursor;
	int64_t by_outcome[OUTCOME_COUNT];
	uint8_t items[WALK_ITEMS_MAX]; /* outcomes as stored */
};

/* What an operation may do to a batch in this state: is it accepted, and what
 * may the state be then (JOB_STATE bits; its present one stays possible where
 * the operation needs more than one step). */
struct walk_rule {
	bool is_accepted;
	uint32_t states;
};
struct walk_rule walk_rule(enum walk_op op, const struct walk_view *now);

/* NULL, or what is wrong with `now`, coming from `before`: items that were
 * settled stay what they are, counts agree, the cursor does not go back, an
 * end is the right one.  `wanted` is what each item becomes when it is worked. */
const char *walk_wrong(const struct walk_view *before, const struct walk_view *now, const uint8_t *wanted, int64_t total);

#endif
