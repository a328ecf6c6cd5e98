/*
 * Rows of workers and worker_logs: what people see of the processes that
 * advance jobs.  No correctness rests on them.
 */
#ifndef STORE_WORKERS_H
#define STORE_WORKERS_H

#include "store/jobs.h"

/* Registers this process, or says that it lives and what it works on (NULL =
 * nothing).  Cheap enough for each chunk, called at most once a second. */
MUST_USE bool worker_ping(struct ctx *ctx, const struct job *job, int64_t items_done);
/* This process ends: it is shown as stopped, for an hour; some of those that
 * stopped longer ago, or were not seen for a day, are forgotten, and those that
 * lived for one request only (CGI) seconds after it, unless they reported something. */
MUST_USE bool worker_stop(struct ctx *ctx);
/* Appends a line to worker_logs. Failures are swallowed: it is only a report. */
void worker_report(struct ctx *ctx, const char *level, int64_t job_id, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

struct worker_row {
	const char *uuid, *type, *host;
	const char *status;      /* idle, busy, stopped; unresponsive: busy, and silent for three leases */
	int64_t pid, job_id, items_done, memory_kib;
	int64_t started_at, last_ping; /* UTC seconds */
	int64_t last_ping_ms;
	int64_t silent_s;        /* since the last ping */
};
/* A place in a list of workers: those after it were seen less recently. */
struct worker_cursor {
	int64_t last_ping_ms;    /* INT64_MAX = from the newest */
	char uuid[37];
};
/* Most recently seen first, at most `limit`. */
MUST_USE bool worker_list(struct ctx *ctx, const struct worker_cursor *after, int32_t limit, struct worker_row **rows_out,
			  size_t *count_out);
/* FAIL_NOT_FOUND when it was never seen or is forgotten. */
MUST_USE bool worker_get(struct ctx *ctx, const char *uuid, struct worker_row *row_out);

struct worker_log {
	int64_t id, at, job_id;
	const char *level, *message;
};
/* Newest first, ids below `before_id` (0 = newest). */
MUST_USE bool worker_logs(struct ctx *ctx, const char *uuid, int64_t before_id, int32_t limit, struct worker_log **rows_out,
			  size_t *count_out);

#endif
