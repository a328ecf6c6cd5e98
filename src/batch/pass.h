/*
 * Passes: a job runs its items in one or more passes, each an epoch of its own
 * with chunk rows of its own, worked by the same protocol.  Retry, undo, the
 * check and the publishing of an atomic batch and the stages of depends_on are
 * all further passes of the same job.
 *
 * A chunk row tells how its items stand now, whatever its state; what the
 * present epoch works on again (job->retrying) counts as pending while its
 * chunk is open.  So a pass that is cancelled half way needs no repair.
 */
#ifndef BATCH_PASS_H
#define BATCH_PASS_H

#include "batch/states.h"

/* Begins a further pass.  The caller is in a transaction and holds the job's
 * row (job_lock) as it stands in `job`, which is brought up to date.
 *
 * `event` moves the job's state by the table in states.c; JOB_EVENT_COUNT
 * leaves it as it is.  `work` is what the chunks do, `retrying` the outcomes
 * whose items are worked on (OUTCOME_BIT; OUTCOME_UNPROCESSED: the pending
 * ones, too).  job->stage is taken as it is given.
 *
 * Leases that the epoch before may still have are ended.  FAIL_CONFLICT when
 * the state does not allow the event. */
MUST_USE bool pass_begin(struct ctx *ctx, struct job *job, enum job_event event, enum job_work work, uint32_t retrying);

/* After a commit and at every look: when nothing of the job's pass is open,
 * ends the job or a pause or cancellation, or begins the undo that follows it;
 * then `ended_out` is true and the job's row is another.  Repeating it is
 * harmless. */
MUST_USE bool pass_end(struct ctx *ctx, const struct job *job, bool *ended_out);

/* What a pass found wrong goes into the error log before the next one writes
 * over it; what is not counted now is lost only to the statistics. */
MUST_USE bool pass_log_errors(struct ctx *ctx, int64_t job_id);

/* When nothing of a stage of items is open any more: begins the next, in a
 * transaction of its own.  `begun_out` false: it is not time, or somebody else
 * has begun it. */
MUST_USE bool pass_next_stage(struct ctx *ctx, const struct job *job, bool *begun_out);

/* Is there another stage after the one being checked or done? */
bool pass_has_next_stage(const struct job *job);

/* Could pass_end() have anything to do? */
bool pass_may_end(const struct job *job);

/* Do its chunks go one after the other?  An undo of changes does, latest first:
 * places are free again in the reverse of the order in which they were taken. */
bool pass_is_ordered(const struct job *job);

/* Is there anything for an advance to work on in this state? */
bool pass_is_worked(enum job_state state);

#endif
