/*
 * Which job may this actor make, see and steer?  Asked at every door of batch.h.
 */
#ifndef BATCH_ACCESS_H
#define BATCH_ACCESS_H

#include "store/jobs.h"

/* May he make jobs of this type?  FAIL_DENIED. */
MUST_USE bool access_to_make(struct ctx *ctx, enum job_type type);
/* The job if it is the actor's own or he manages batches; else FAIL_NOT_FOUND,
 * the same as for a job that does not exist. */
MUST_USE bool access_job(struct ctx *ctx, int64_t job_id, struct job *job_out);
/* The same while the row is held by a transaction. */
MUST_USE bool access_job_locked(struct ctx *ctx, int64_t job_id, struct job *job_out);
/* The same, to start, hold, end or retry it.  A token that is limited must hold
 * what the batch needs: one that only reads steers nothing.  FAIL_DENIED. */
MUST_USE bool access_job_to_steer(struct ctx *ctx, int64_t job_id, struct job *job_out);
/* The same, to give it items.  They are worked with the rights of whoever made
 * the batch: so nobody else adds any, and no token of a narrower scope. */
MUST_USE bool access_job_to_fill(struct ctx *ctx, int64_t job_id, struct job *job_out);

#endif
