/*
 * Rows of audit_log: who did what.  Only ever appended to.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "base/ctx.h"
#include "db/db.h"

/* Notes what ctx->actor did, e.g. "job.cancel"; `job_id` and `object_id` 0 and
 * `detail` (JSON text) NULL where there is none.  Within a transaction it
 * belongs to it. */
MUST_USE bool audit_add(struct ctx *ctx, const char *action, int64_t job_id, int64_t object_id, const char *detail);

#endif
