/*
 * Which job may this actor see and steer?  Asked at every door of batch.h.
 */
#ifndef BATCH_ACCESS_H
#define BATCH_ACCESS_H

#include "store/jobs.h"

/* The job if it is the actor's own or he manages batches; else FAIL_NOT_FOUND,
 * the same as for a job that does not exist. */
MUST_USE bool access_job(struct ctx *ctx, int64_t job_id, struct job *job_out);
/* The same while the row is held by a transaction. */
MUST_USE bool access_job_locked(struct ctx *ctx, int64_t job_id, struct job *job_out);

#endif
