/*
 * Figures of the dashboard that span batches: how many items were worked in
 * each minute or hour, and which errors come most.  Read by key and bounded, so
 * that asking never scans a history.
 */
#ifndef STORE_SUMMARY_H
#define STORE_SUMMARY_H

#include "base/ctx.h"
#include "db/db.h"

struct throughput_row {
	int64_t at;            /* UTC seconds, begin of the minute or hour */
	int64_t items;
	int64_t work_ms;       /* summed over lanes */
};
#define THROUGHPUT_CHUNKS_MAX 20000 /* newest; older ones of the window are left out */

/* What was finished in the last `window_s` seconds, in buckets of `bucket_s`
 * that are not empty, oldest first.  `user_id` 0 = everybody's batches, as
 * below. */
MUST_USE bool summary_throughput(struct ctx *ctx, int64_t user_id, int64_t window_s, int64_t bucket_s,
				 struct throughput_row **rows_out, size_t *count_out);

struct error_row {
	const char *code;
	int64_t count;
	int64_t example_job;   /* 0 = none */
};
/* Most frequent first, at most 10: everybody's open errors of the last 7 days,
 * or the codes of the user's newest 20 batches (of 20,000 errors). */
MUST_USE bool summary_errors(struct ctx *ctx, int64_t user_id, struct error_row **rows_out, size_t *count_out);

#endif
