/*
 * Batches that wait for batches (engine.md, "Dependencies").  Between the files
 * of the engine; not for other folders.
 */
#ifndef BATCH_DEPEND_H
#define BATCH_DEPEND_H

#include "batch/batch.h"
#include "store/dependencies.h"

/* Fails with dependency_not_found at /options/depends_on/N when the actor does
 * not know such a batch, whoever's it may be.  A batch that exists already
 * (`job_id` not 0) can only wait for older ones. */
MUST_USE bool depend_check(struct ctx *ctx, const struct id_list *ids, int64_t job_id);

/* Lets a waiting batch begin or end if it is time; `job` is then as stored. */
MUST_USE bool depend_settle(struct ctx *ctx, struct job *job);
/* The same for those that wait for a batch that has just ended, and for those
 * that wait for them. */
MUST_USE bool depend_settle_after(struct ctx *ctx, int64_t job_id);

/* A retry: every batch it depends on must have succeeded by now; fails with
 * dependency_failed, naming the first that has not.  Then nothing is waited
 * for any more.  In the caller's transaction. */
MUST_USE bool depend_require(struct ctx *ctx, const struct job *job);

/* For status: what it waits for (those that have succeeded left out), and why
 * in plain words. */
MUST_USE bool depend_describe(struct ctx *ctx, struct batch_status *list, size_t count);

#endif
