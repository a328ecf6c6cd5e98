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
	WALK_SLICE,     /* the next slice, or the last one once more */
	WALK_START,
	WALK_ADVANCE,   /* one to four chunks */
	WALK_PAUSE,
	WALK_RESUME,
	WALK_CANCEL,
	WALK_ROLL_BACK, /* cancelled with rollback */
	WALK_RETRY,
	WALK_UNDO,
	WALK_EXPIRE,    /* all leases run out */
	WALK_OPS
};
const char *walk_op_name(enum walk_op op);

enum walk_kind {
	WALK_PLAIN,
	WALK_BACK_ON_ERROR, /* rollback_on_error */
	WALK_CHECKED,       /* validate_before_execute */
	WALK_WHOLE,         /* atomic, in one transaction or held back */
	WALK_KINDS
};
const char *walk_kind_name(enum walk_kind kind);

/* What a batch is, and what becomes of each item when it is worked. */
struct walk_plan {
	enum walk_kind kind;
	uint8_t wanted[WALK_ITEMS_MAX];
	bool is_unreadable[WALK_ITEMS_MAX]; /* failed when it came: out of a retry's reach */
};

/* A batch as it stands, or as it may stand after an operation. */
struct walk_view {
	enum job_state state;
	int32_t epoch;
	bool wants_rollback;
	int64_t received, cursor;
	int64_t by_outcome[OUTCOME_COUNT];
	uint8_t items[WALK_ITEMS_MAX]; /* outcomes as stored */
};

/* What an operation may do to a batch in this state: is it accepted, and what
 * may the state be then (JOB_STATE bits; its present one stays possible where
 * the operation needs more than one step). */
struct walk_rule {
	bool is_accepted;
	bool is_either;  /* accepted or not: it may have happened already */
	uint32_t states;
};
struct walk_rule walk_rule(enum walk_op op, const struct walk_plan *plan, const struct walk_view *now);

/* The states that a batch may go on to when somebody only looks: what has
 * nothing open any more ends, or begins its next pass. */
uint32_t walk_by_itself(const struct walk_plan *plan, const struct walk_view *now);

/* NULL, or what is wrong with `now`, coming from `before`: items that were
 * settled stay what they are, counts agree, the cursor does not go back, an
 * end is the right one. */
const char *walk_wrong(const struct walk_plan *plan, const struct walk_view *before, const struct walk_view *now);

/* Nothing more can become of it. */
bool walk_is_final(enum job_state state);

#endif
