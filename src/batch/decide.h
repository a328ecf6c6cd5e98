/*
 * Conflicts that wait for a person (on_conflict ask): deciding about them, and
 * the passes that carry decisions out.  Between the files of the engine; what
 * people call is in batch.h.
 *
 * A decision is stored first and carried out by a further pass over the decided
 * items alone, each with its own way instead of the batch's.  When the batch
 * has ended that pass begins at once; while it runs, as soon as its present
 * pass is through, so that deciding never waits for a long batch.
 */
#ifndef BATCH_DECIDE_H
#define BATCH_DECIDE_H

#include "batch/work.h"

/* Puts the waiting decisions to the rows of a chunk, with those who made them:
 * two statements, in passes that carry decisions out. */
MUST_USE bool decide_prepare(struct worker *worker, const struct chunk *chunk, struct item_row *rows, size_t count);
/* In the finishing transaction: they wait no longer. */
MUST_USE bool decide_carried_out(struct worker *worker, const struct slice *slice);

/* When nothing of the job's pass is open any more and decisions were made
 * meanwhile: begins the pass that carries them out. */
MUST_USE bool decide_after_pass(struct ctx *ctx, const struct job *job, bool *began_out);

#endif
