/*
 * The states of a batch and what moves it: one table, which the transitions,
 * the `allowed` field, the 409 replies and the documentation all read.
 */
#ifndef BATCH_STATES_H
#define BATCH_STATES_H

#include "store/jobs.h"

enum job_event {
	JOB_EVENT_START,   /* a person closes receiving */
	JOB_EVENT_WORK,    /* the first chunks are planned */
	JOB_EVENT_PAUSE,
	JOB_EVENT_RESUME,
	JOB_EVENT_CANCEL,
	JOB_EVENT_DRAINED, /* no chunk is leased any more */
	JOB_EVENT_ENDED,   /* no chunk is open any more */
	JOB_EVENT_RETRY,   /* a person: what failed once more */
	JOB_EVENT_UNDO,    /* a person: as it was before */
	JOB_EVENT_DECIDE,  /* a person: what to do about conflicts */
	JOB_EVENT_CHECKED, /* every item can be carried out */
	JOB_EVENT_PUBLISH, /* an atomic batch has written everything */
	JOB_EVENT_ROLL_BACK, /* something failed in a batch that is all or nothing */
	JOB_EVENT_COUNT
};

struct job_transition {
	enum job_state from;
	enum job_event event;
	enum job_state to;
	const char *meaning; /* for the help page */
};
extern const struct job_transition job_transitions[];
extern const size_t job_transition_count;

/* The word of an event a person can cause ("start", "pause", …), else NULL. */
const char *job_event_name(enum job_event event);

/* Where an event leads; false when it is not allowed there. */
bool job_state_next(enum job_state from, enum job_event event, enum job_state *to_out);
/* Names of what a person may do now and would not be refused, at most `max`. */
size_t job_allowed(const struct job *job, const struct job_counts *counts, const char **names, size_t max);

/* Fails with FAIL_CONFLICT illegal_transition; the message names the state and
 * what is allowed. */
bool job_refuse(struct ctx *ctx, const struct job *job, const struct job_counts *counts, enum job_event event);
/* The same for what is no transition: `reason` follows "The batch is running". */
bool job_refuse_because(struct ctx *ctx, const struct job *job, const char *reason);

/* Can its conflicts be decided by people?  Those of a batch that only looks, or
 * is all or nothing, are told and no more. */
bool job_has_decisions(const struct job *job);

/* How many items a retry of these outcomes (OUTCOME_BIT) would work on: those
 * that could not be read when they arrived can't succeed and do not count. */
int64_t job_retryable(const struct job_counts *counts, uint32_t outcomes);
#define RETRYABLE_OUTCOMES (OUTCOME_BIT(OUTCOME_FAILED) | OUTCOME_BIT(OUTCOME_CONFLICT) | OUTCOME_BIT(OUTCOME_UNPROCESSED))

#endif
