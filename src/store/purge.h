/*
 * Rows that nobody needs any more, deleted in bounded steps: each call is one
 * or a few statements that remove at most `limit` rows, so that no lock is held
 * for long and a process that dies leaves nothing half done.
 *
 * A batch is forgotten by deleting its own row first, in one transaction with a
 * note of what still has to go: from then on it does not exist, and its items
 * and chunks go step by step, whoever makes the steps.
 */
#ifndef STORE_PURGE_H
#define STORE_PURGE_H

#include "store/jobs.h"

/* Forgets a finished batch: `job` as it was read.  In a transaction of the
 * caller's; `forgotten_out` false when it has moved on since. */
MUST_USE bool job_forget(struct ctx *ctx, const struct job *job, bool *forgotten_out);

enum purge_kind {
	PURGE_JOBS,        /* forgets one batch that ended retention_days_jobs ago */
	PURGE_FORGOTTEN,   /* what forgotten batches have left */
	PURGE_IMAGES,      /* before-images that no undo can use any more */
	PURGE_PLANS,       /* intervals of checks that are over */
	PURGE_KEYS,        /* Idempotency-Keys */
	PURGE_SESSIONS,
	PURGE_THROTTLE,
	PURGE_WORKERS,
	PURGE_WORKER_LOGS, /* retention_days_logs */
	PURGE_ERRORS,      /* kinds of errors not seen for retention_days_logs */
	PURGE_AUDIT,       /* retention_days_audit */
	PURGE_HISTORY,     /* former states of events, retention_days_history */
	PURGE_OCCURRENCES, /* of series, retention_days_occurrences after their start */
	PURGE_DELIVERIES,  /* of webhooks: retention_days_logs, and of those that are gone */
	PURGE_COUNT
};
const char *purge_name(enum purge_kind kind);

/* One step.  `more_out`: there may be more of this kind. */
MUST_USE bool purge_some(struct ctx *ctx, enum purge_kind kind, int64_t limit, int64_t *removed_out, bool *more_out);

/* --- whose turn ------------------------------------------------------------ */

/* Claims the row `name` of maintenance for a minute: only one process gets it,
 * and no lock is held.  `step_out`: where the last one left off. */
MUST_USE bool maintenance_claim(struct ctx *ctx, const char *name, bool *mine_out, int64_t *step_out);
/* Where to go on, and how much was removed; `again`: the next may come at once. */
MUST_USE bool maintenance_note(struct ctx *ctx, const char *name, int64_t step, bool again, int64_t removed);

/* For a turn that keeps something (JSON text) beside where it is: what it kept
 * last, NULL = nothing; and both at once, the next in so many seconds. */
MUST_USE bool maintenance_kept(struct ctx *ctx, const char *name, const char **result_out);
MUST_USE bool maintenance_keep(struct ctx *ctx, const char *name, int64_t step, const char *result, int64_t seconds);

/* All is done: from the beginning again in so many seconds. */
MUST_USE bool maintenance_rest(struct ctx *ctx, const char *name, int64_t seconds);

#endif
