/*
 * Rows of batch_chunks: the units of lease, retry and progress.
 *
 * Every function is one conditional statement of the protocol (engine.md); the
 * order in which they are called is batch/'s business.
 */
#ifndef STORE_CHUNKS_H
#define STORE_CHUNKS_H

#include "store/jobs.h"
#include "store/lanes.h"

#define CANDIDATES_MAX 32

struct chunk {
	int64_t first_ordinal, last_ordinal;
	bool is_isolated;
	bool was_leased;         /* its last holder's lease ran out */
	int32_t attempt;
	int32_t errors, transients, expiries; /* attempts that ended so: see batch_chunks */
	uint64_t token;
};

/* Chunks that may be claimed now (ready and due, or leased and expired), at
 * most CANDIDATES_MAX; of an undo the latest. */
MUST_USE bool chunks_poll(struct ctx *ctx, const struct job *job, struct chunk *list, size_t *count_out);
/* The first open chunk, of an undo the last, if it may be claimed now, for ordered jobs; blocked_out
 * when there is one that may not yet. */
MUST_USE bool chunks_poll_ordered(struct ctx *ctx, const struct job *job, struct chunk *list, size_t *count_out,
				  bool *blocked_out);

/* Takes the lease, in a lane that is free or still the caller's: both or none,
 * affected rows decide.  Sets the chunk's token and attempt, and the token by
 * which the lane is the caller's from now on. */
MUST_USE bool chunk_claim(struct ctx *ctx, const struct job *job, struct chunk *chunk, struct lane *lane, bool *mine_out);
/* Is the lease (or the finished chunk) this token's? For lost answers. */
MUST_USE bool chunk_check(struct ctx *ctx, const struct job *job, const struct chunk *chunk, const char *state,
			  bool *mine_out);

/* The fence: first statement of the finishing transaction. */
MUST_USE bool chunk_finish(struct ctx *ctx, const struct job *job, const struct chunk *chunk, bool *mine_out);
/* How a chunk's items stand after it was worked. */
struct chunk_result {
	int64_t by_outcome[OUTCOME_COUNT];
	int64_t unreadable;      /* of those that failed: they never could be read */
	int64_t work_ms;
};
/* Its counts and figures: last statement of that transaction. */
MUST_USE bool chunk_set_counts(struct ctx *ctx, const struct job *job, const struct chunk *chunk,
			       const struct chunk_result *result);
/* The same where what it had done is put in its place, or withdrawn: what
 * succeeded stays so, or becomes undone. */
MUST_USE bool chunk_set_folded(struct ctx *ctx, const struct job *job, const struct chunk *chunk, bool withdrawn,
			       int64_t work_ms);
/* Is any chunk of the present pass still to be worked? */
MUST_USE bool chunks_open(struct ctx *ctx, const struct job *job, bool *open_out);
/* Gives it back after an error (or what passes by itself), to be tried again
 * after `delay_ms`. */
MUST_USE bool chunk_release(struct ctx *ctx, const struct job *job, const struct chunk *chunk, bool is_transient,
			    int64_t delay_ms);
/* Replaces a chunk that keeps failing by one of its own for each item; those
 * of items that have nothing to be done in this epoch are done at once. */
MUST_USE bool chunk_split(struct ctx *ctx, const struct job *job, const struct chunk *chunk);

/* Leaves the chunk its items before `cut_at`, and makes chunks of as many of the
 * others; no error is counted.  mine_out false: somebody else has it now. */
MUST_USE bool chunk_cut(struct ctx *ctx, const struct job *job, const struct chunk *chunk, int64_t cut_at, bool *mine_out);
/* Makes a batch that was to be one transaction one that is held back: its one
 * chunk goes, and it is planned anew. */
MUST_USE bool chunk_hold_back(struct ctx *ctx, const struct job *job, const struct chunk *chunk);

/* Plans chunks of `size` items from job->planned on, at most `count`; updates
 * job->planned.  `mine_out` false: another process planned at the same time. */
MUST_USE bool chunks_plan(struct ctx *ctx, struct job *job, int64_t size, int32_t count, bool *mine_out);

/* How long an item took in the chunks done so far (20 of them), in
 * microseconds; 0 = none is done. */
MUST_USE bool chunks_item_us(struct ctx *ctx, const struct job *job, int64_t *item_us_out);

/* Pausing and resuming: ready chunks are put out of and back into reach. */
MUST_USE bool chunks_hold(struct ctx *ctx, int64_t job_id, bool hold);
/* Cancelling: ready chunks, expired leases, and with `also_leased` all leases. */
MUST_USE bool chunks_cancel(struct ctx *ctx, int64_t job_id, bool also_leased);

/* --- passes (batch/pass.c) ------------------------------------------------- */

/* Where the planned part of a job ends for an epoch that works on what is
 * `unprocessed`: at a row that only covers the rest, else where it is. */
MUST_USE bool chunks_planned_end(struct ctx *ctx, const struct job *job, int64_t *planned_out);
/* The job's row into the epoch after job->epoch, with its state, work,
 * retrying, stage and planned as in `next`; false in moved_out when the row is
 * not as `job` says. */
MUST_USE bool job_begin_epoch(struct ctx *ctx, const struct job *job, const struct job *next, bool *moved_out);
/* The chunks of epoch next->epoch out of those of the epoch before, below
 * next->planned: ready where an item of next->retrying is, else as they are. */
MUST_USE bool chunks_copy(struct ctx *ctx, const struct job *next);
/* The same, ready where an item of stage next->stage is that the epoch works on. */
MUST_USE bool chunks_copy_stage(struct ctx *ctx, const struct job *next);
/* Is a chunk of the job's epoch ready or leased? */
MUST_USE bool chunks_any_open(struct ctx *ctx, const struct job *job, bool *open_out);
/* One cancelled row from `first` to the end: what this epoch leaves alone. */
MUST_USE bool chunks_cover_rest(struct ctx *ctx, const struct job *next, int64_t first);

/* The job to its terminal state if nothing is open and no further pass follows; repeated by every status
 * request, so a job can't get stuck before the end. */
MUST_USE bool job_complete(struct ctx *ctx, const struct job *job, bool *completed_out);

#endif
