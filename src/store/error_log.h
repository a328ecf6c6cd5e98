/*
 * Rows of error_logs and error_resolutions: what goes wrong, one row for each
 * code and context, whoever's batch it was; and what people did about it.
 *
 * A finishing chunk with errors only marks itself as unlogged, in its own
 * transaction: a counter that all lanes write would be a hot row, and one
 * written after the commit would miss what a killed process had done.
 * error_log_collect() later counts marked chunks and takes the marks away, in
 * one transaction, so every error is counted exactly once, whoever dies.
 */
#ifndef STORE_ERROR_LOG_H
#define STORE_ERROR_LOG_H

#include "base/ctx.h"
#include "db/db.h"

#define ERROR_CONTEXT_PROGRAM "program"

/* Counts one error at once: what no chunk counts (a poison item, with its
 * batch and ordinal, in the transaction that gives it up) or what concerns no
 * batch (`job_id` 0, `ordinal` -1; the context is then "program").  `detail` is
 * what may be shown to people; ctx->reference leads to the line in the log. */
MUST_USE bool error_log_add(struct ctx *ctx, enum code code, int64_t job_id, int64_t ordinal, const char *detail);

/* Counts at most 32 unlogged chunks, of `job_id` or (0) of any batch.  At most
 * four statements and no transaction of the caller's.  `more_out`: ask again.
 * Poison items are left out: see error_log_add(). */
MUST_USE bool error_log_collect(struct ctx *ctx, int64_t job_id, bool *more_out);

struct error_entry {
	int64_t id;
	const char *code;
	const char *context;       /* type of the batch, "undo" or "program" */
	int64_t occurrences;
	int64_t first_seen, last_seen;
	int64_t job_id, ordinal;   /* the latest example; 0 and -1 when there is none any more */
	const char *detail;        /* of the example */
	const char *reference;     /* "" = none */
	int64_t resolved_at;       /* UTC seconds; 0 = open */
	int64_t reopened_at;       /* UTC seconds; 0 = it never came back */
};

enum error_filter { ERRORS_ALL, ERRORS_OPEN, ERRORS_RESOLVED };
/* Latest seen first, behind the row `after_id` (0 = from the first); at most
 * `limit` (1..500). */
MUST_USE bool error_log_list(struct ctx *ctx, enum error_filter filter, int64_t after_id, int32_t limit,
			     struct error_entry **list_out, size_t *count_out);
/* FAIL_NOT_FOUND when there is none. */
MUST_USE bool error_log_get(struct ctx *ctx, int64_t id, struct error_entry *entry_out);

struct error_resolution {
	int64_t id, at;
	int64_t user_id;
	const char *user_name;
	int64_t occurrences;       /* how often it had occurred by then */
	const char *resolution;
};
#define RESOLUTION_MAX 1000 /* characters */
/* Newest first, at most 100. */
MUST_USE bool error_resolutions(struct ctx *ctx, int64_t error_id, struct error_resolution **list_out, size_t *count_out);
/* Notes what was done and marks the error as resolved, until it comes back.
 * The same note by the same person is taken once, unless the error has come back
 * since.  Within a transaction of the caller's. */
MUST_USE bool error_log_resolve(struct ctx *ctx, int64_t error_id, const char *resolution);

#endif
