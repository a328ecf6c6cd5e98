/*
 * Figures of the dashboard that span batches: how many items were worked in
 * each minute, and which errors come most.  Bounded to the newest batches, so
 * that asking never scans a history.
 */
#ifndef STORE_SUMMARY_H
#define STORE_SUMMARY_H

#include "base/ctx.h"
#include "db/db.h"

struct minute_row {
	int64_t at;            /* UTC seconds, begin of the minute */
	int64_t items;
	int64_t work_ms;       /* summed over lanes */
};
/* The last hour's minutes in which anything was finished, oldest first.
 * `user_id` 0 = everybody's batches, as below. */
MUST_USE bool summary_throughput(struct ctx *ctx, int64_t user_id, struct minute_row **rows_out, size_t *count_out);

struct error_row {
	const char *code;
	int64_t count;
	int64_t example_job;
};
/* Error codes of the newest 20 batches, most frequent first, at most 10. */
MUST_USE bool summary_errors(struct ctx *ctx, int64_t user_id, struct error_row **rows_out, size_t *count_out);

#endif
