/*
 * Working a job: between the files of the engine, not for other folders.
 */
#ifndef BATCH_WORK_H
#define BATCH_WORK_H

#include "batch/batch.h"
#include "batch/ops.h"
#include "store/chunks.h"

#define CHUNK_ITEMS_MAX 1000 /* in a transaction */

struct worker {
	struct ctx *ctx;
	struct job job;
	struct batch_options options;
	const struct operation *operation;
	struct actor actor;              /* the job's creator: with his rights it is worked */
	struct chunk candidates[CANDIDATES_MAX]; /* from the last poll; claimed one by one */
	size_t candidate_count;
	struct lane lane;                /* held from the first chunk to the end */
	int64_t chunk_size;              /* adapted by this process */
	int64_t fits_max;                /* so many items were as much as fits into a chunk; 0 = any number */
	int64_t last_ms;                 /* of the last chunk */
	int64_t waited_ms;               /* of that, for other lanes' locks */
	int64_t last_ping_ms;
	bool has_worked;                 /* or tried to: `workers` is told at the end */
	int64_t unreported_items;
	bool saw_errors;                 /* error_logs has something to count */
	int64_t target_ms;               /* how long a chunk should take */
	struct noted_calendars *noted;   /* of an evaluation, else NULL */
	/* Of somebody who came for another reason, and works whatever is due: */
	bool is_guest;                   /* leaves a batch to those who drive it */
	int64_t items_max;               /* works chunks of so many items, others would take too long; 0 = any */
	int32_t chunks_max;              /* 0 = any number */
	struct advance_report report;
};

/* Begins work on a batch, with its creator's rights; whether this actor may
 * have it worked is for the caller to ask.  work_close() must follow. */
MUST_USE bool work_open(struct ctx *ctx, const struct job *job, struct worker *worker_out);
/* Chunk after chunk until `until_ms` (monotonic) would be exceeded, the job
 * ends, nothing is due, or others have waited long enough. */
MUST_USE bool work_until(struct worker *worker, int64_t until_ms);
/* Frees the lane, ends the job if nothing is open any more, and then tidies up
 * as far as `until_ms` lets it; `ok` is what work_until() said. */
MUST_USE bool work_close(struct worker *worker, bool ok, int64_t until_ms);

/* Has work that began at `began_ms` (monotonic) to end because others wait for
 * this process?  Four lanes of 2 s in four processes kept whoever wanted one
 * thing waiting for 2.2 to 3.6 s. */
bool work_gives_way(const struct ctx *ctx, int64_t began_ms);

/* Does the job's state let chunks be claimed? */
bool work_is_possible(const struct job *job);

/* One step of freezing the job's next query. */
MUST_USE bool work_freeze(struct ctx *ctx, const struct job *job, const struct actor *actor);

/* One step of finding the stages of items that depend on each other. */
MUST_USE bool work_stage(struct ctx *ctx, const struct job *job);

/* One step of finding out which items of an evaluation may collide. */
MUST_USE bool work_compare(struct worker *worker);

/* Does something have to be done with the items before chunks are made of them? */
bool work_must_prepare(const struct job *job);

/* Reads the job's state and numbers again. */
MUST_USE bool work_refresh(struct worker *worker);

/* Claims a chunk that is due in a lane that is free, planning more when none is
 * ready; found_out false: nothing to do now. */
MUST_USE bool work_claim(struct worker *worker, struct chunk *chunk_out, bool *found_out);

enum chunk_end { CHUNK_DONE, CHUNK_LOST, CHUNK_FAILED };
/* Works a claimed chunk to its commit. CHUNK_LOST: somebody else has it now.
 * CHUNK_FAILED: ctx->fail says why, nothing was written.  Of a chunk that is too
 * much at once the first part is worked, and is what `chunk` is then. */
enum chunk_end work_chunk(struct worker *worker, struct chunk *chunk);

/* A chunk whose leases keep running out kills its holders: instead of being
 * worked it is split, or its one item given up. */
MUST_USE bool work_spare(struct worker *worker, const struct chunk *chunk, bool *spared_out);

/* After CHUNK_FAILED: again later, in smaller parts, or the item is given up. */
MUST_USE bool work_retry(struct worker *worker, const struct chunk *chunk);

#endif
