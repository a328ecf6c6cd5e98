/*
 * The pages of workers: the processes that advance batches, and what each
 * reported; and the address by which a cron job has due work done.
 */
#ifndef VIEWS_PAGE_WORKERS_H
#define VIEWS_PAGE_WORKERS_H

#include "views/layout.h"

struct worker_view {
	const char *uuid;
	const char *type;            /* "fastcgi", "cgi", "tick" */
	const char *status;          /* "idle", "busy", "unresponsive", "stopped" */
	const char *host;
	int64_t pid, job_id, items_done, memory_kib, started_at, last_ping;
};

/* A table of workers with a heading for it at `heading_id`. */
void workers_table(struct str *out, const struct frame *frame, const struct worker_view *list, size_t count,
		   const char *heading_id);

struct workers_page {
	const struct frame *frame;
	const struct worker_view *workers;
	size_t worker_count;
	bool is_first;
	const char *next;            /* of the pager; NULL = no more */
	bool may_tick;               /* is shown how a cron job is set up */
	const char *tick_url;        /* just made, shown once; NULL = not */
};
void page_workers(struct str *out, const struct workers_page *page);

struct worker_log_view {
	int64_t at, job_id;
	const char *level;           /* "error", "warn", "info" */
	const char *message;
};

struct worker_page {
	const struct frame *frame;
	const struct worker_view *worker;
	const struct worker_log_view *logs;
	size_t log_count;
	int64_t after, next_after;   /* 0 = first page, no more */
};
void page_worker(struct str *out, const struct worker_page *page);

#endif
