/*
 * Undo as a pass of a batch: by a person's wish, after a cancellation with
 * rollback, or because an item failed (engine.md, "Undo").  Between the files
 * of the engine; what is put back and what is left alone is decided by
 * schedule/undo.c, item by item.
 */
#ifndef BATCH_UNDO_H
#define BATCH_UNDO_H

#include "batch/batch.h"

/* May a person undo the job as it stands?  FAIL_CONFLICT says why not. */
MUST_USE bool undo_allowed(struct ctx *ctx, const struct job *job, const struct job_counts *counts);

/* A cancellation that wants a rollback goes on as an undo as soon as nobody
 * works on a chunk any more; `began_out` when it does from now on. */
MUST_USE bool undo_after_cancel(struct ctx *ctx, const struct job *job, bool *began_out);
/* rollback_on_error: the first failed item ends the job's work, and what was
 * done is rolled back. */
MUST_USE bool undo_after_error(struct ctx *ctx, const struct job *job, bool *began_out);
/* Does the job want that? */
bool undo_is_wanted_on_error(struct ctx *ctx, const struct job *job);

/* What a transition's transaction does besides, the job's row held. */
typedef bool further_step(struct ctx *ctx, int64_t job_id);
/* A cancellation that takes a further step (steer.c). */
MUST_USE bool cancel_and_then(struct ctx *ctx, int64_t job_id, bool graceful, further_step *step);

#endif
