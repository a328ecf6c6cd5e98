/*
 * Rows of batch_job_items and batch_item_errors: one operation each.
 *
 * An item is written once at ingest and once in the transaction of its chunk.
 * Results are read by key, page by page.
 */
#ifndef STORE_ITEMS_H
#define STORE_ITEMS_H

#include "store/jobs.h"

/* An item being received. */
struct item_input {
	const char *text;      /* JSON text of the item (or a JSON string of what could not be read) */
	size_t len;
	int64_t target_id;     /* event named by {"event_id"}, else 0 */
	enum code code;        /* CODE_NONE, or why it can't be worked on */
	const char *message;   /* with code */
	const char *pointer;
	bool is_query;         /* names events by a query: becomes many items before the start */
};

/* One row of results. Texts in ctx->arena. */
struct item_result {
	int64_t ordinal;
	enum outcome outcome;
	enum verdict verdict;
	int32_t attempts;
	int64_t event_id;
	const char *input;     /* JSON text */
	const char *detail;    /* JSON {"errors":[…],"conflicts":[…],…} or NULL */
};

/* Results after an ordinal (-1 = from the first), in order, at most `limit`
 * (<= 1000).  `outcome` < 0 means all; filtered pages are served by
 * batch_item_errors where the outcome is an exception. */
MUST_USE bool items_page(struct ctx *ctx, const struct job *job, int outcome, int64_t after_ordinal,
			 int32_t limit, struct item_result **items_out, size_t *count_out);

/* Error codes of a job, most frequent first, at most 20. */
struct error_group {
	const char *code;
	int64_t count;
	int64_t example_ordinal;
};
MUST_USE bool items_error_groups(struct ctx *ctx, int64_t job_id, struct error_group **groups_out, size_t *count_out);

#endif
