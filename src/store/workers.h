/*
 * Rows of workers and worker_logs: what people see of the processes that
 * advance jobs.  No correctness rests on them.
 */
#ifndef STORE_WORKERS_H
#define STORE_WORKERS_H

#include "base/ctx.h"

/* Registers this process, or says that it lives and what it works on (0 =
 * nothing).  Cheap enough for each chunk, called at most once a second. */
MUST_USE bool worker_ping(struct ctx *ctx, int64_t job_id, int64_t items_done);
/* Appends a line to worker_logs. Failures are swallowed: it is only a report. */
void worker_report(struct ctx *ctx, const char *level, int64_t job_id, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

struct worker_row {
	const char *uuid, *type, *host;
	const char *status;      /* idle, busy, stopped, unresponsive */
	int64_t pid, job_id, items_done, memory_kib;
	int64_t started_at, last_ping; /* UTC seconds */
	int64_t silent_s;        /* since the last ping */
};
/* Most recently seen first, at most `limit` (1..200); no

 * further pages, because old rows are reaped. */
MUST_USE bool worker_list(struct ctx *ctx, int32_t limit, struct worker_row **rows_out, size_t *count_out);

struct worker_log {
	int64_t id, at, job_id;
	const char *level, *message;
};
/* Newest first, ids below `before_id` (0 = newest). */
MUST_USE bool worker_logs(struct ctx *ctx, const char *uuid, int64_t before_id, int32_t limit, struct worker_log **rows_out,
			  size_t *count_out);

#endif
