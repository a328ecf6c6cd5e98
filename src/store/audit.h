/*
 * Rows of audit_log: who did what.  Only ever appended to; what is older than
 * the site keeps it goes by itself (store/purge.h).
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "base/ctx.h"
#include "db/db.h"

/* Notes what ctx->actor did, e.g. "job.cancel"; `job_id` and `object_id` 0 and
 * `detail` (JSON text) NULL where there is none.  Within a transaction it
 * belongs to it. */
MUST_USE bool audit_add(struct ctx *ctx, const char *action, int64_t job_id, int64_t object_id, const char *detail);

/* What nobody asked for and the program did by itself: a row each, one statement. */
struct program_note {
	const char *action;
	int64_t object_id;
	const char *detail;        /* JSON text or NULL */
};
MUST_USE bool audit_add_program(struct ctx *ctx, int64_t job_id, const struct program_note *list, size_t count);

/* Ends the transaction in which something was changed: if it was (`is_done`),
 * commits it together with its row here, else takes it back.  The object's id
 * is read only then. */
MUST_USE bool audit_commit(struct ctx *ctx, bool is_done, const char *action, const int64_t *object_id);

struct audit_row {
	int64_t id, at;
	int64_t user_id;           /* 0 = the program, or nobody who is known */
	const char *user_name;
	const char *action;
	int64_t job_id, object_id; /* 0 = none */
	const char *detail;        /* JSON text or NULL */
};

struct audit_filter {
	int64_t user_id;           /* 0 = any */
	const char *action;        /* "job.cancel", or "job." for all of them; NULL = any */
	int64_t job_id;            /* 0 = any */
	int64_t from, before;      /* UTC seconds; 0 = any */
	int64_t before_id;         /* keyset: ids below; 0 = from the newest */
	int32_t limit;             /* 1..500 */
};
/* The newest row with one of these actions (NULL at the end) about this object;
 * id 0 = there is none. */
MUST_USE bool audit_last(struct ctx *ctx, const char *const *actions, int64_t object_id, struct audit_row *row_out);

/* Newest first. */
MUST_USE bool audit_list(struct ctx *ctx, const struct audit_filter *filter, struct audit_row **rows_out, size_t *count_out);

#endif
