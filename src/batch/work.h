/*
 * Working a job: between the files of the engine, not for other folders.
 */
#ifndef BATCH_WORK_H
#define BATCH_WORK_H

#include "batch/batch.h"
#include "batch/ops.h"
#include "store/chunks.h"

struct worker {
	struct ctx *ctx;
	struct job job;
	struct batch_options options;
	const struct operation *operation;
	struct actor actor;              /* the job's creator: with his rights it is worked */
	struct chunk candidates[CANDIDATES_MAX]; /* from the last poll; claimed one by one */
	size_t candidate_count;
	int64_t chunk_size;              /* adapted by this process */
	int64_t last_ms;                 /* of the last chunk */
	int64_t waited_ms;               /* of that, for other lanes' locks */
	int64_t last_ping_ms;
	int64_t unreported_items;
	bool saw_errors;                 /* error_logs has something to count */
	struct advance_report report;
};

/* One step of freezing the job's next query. */
MUST_USE bool work_freeze(struct ctx *ctx, const struct job *job, const struct actor *actor);

/* Reads the job's state and numbers again. */
MUST_USE bool work_refresh(struct worker *worker);

/* Claims a chunk that is due, planning more when none is ready; found_out
 * false: nothing to do now. */
MUST_USE bool work_claim(struct worker *worker, struct chunk *chunk_out, bool *found_out);

enum chunk_end { CHUNK_DONE, CHUNK_LOST, CHUNK_FAILED };
/* Works a claimed chunk to its commit. CHUNK_LOST: somebody else has it now.
 * CHUNK_FAILED: ctx->fail says why, nothing was written. */
enum chunk_end work_chunk(struct worker *worker, const struct chunk *chunk);

/* After CHUNK_FAILED: again later, in smaller parts, or the item is given up. */
MUST_USE bool work_retry(struct worker *worker, const struct chunk *chunk);

#endif
