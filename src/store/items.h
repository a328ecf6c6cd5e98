/*
 * Rows of batch_job_items and batch_item_errors: one operation each.
 *
 * An item is written once at ingest and once in the transaction of its chunk.
 * Results are read by key, page by page.
 */
#ifndef STORE_ITEMS_H
#define STORE_ITEMS_H

#include "rules/event.h"
#include "rules/links.h"
#include "store/jobs.h"

/* An item being received. */
struct item_input {
	const char *text;      /* JSON text of the item (or a JSON string of what could not be read) */
	size_t len;
	int64_t target_id;     /* event named by {"event_id"}, else 0 */
	const char *client_id; /* the item's client_id, or the one its selector names; NULL if none */
	enum code code;        /* CODE_NONE, or why it can't be worked on */
	const char *message;   /* with code */
	const char *pointer;
	bool is_query;         /* names events by a query: becomes many items before the start */
	int32_t direction;     /* of a query: in which order (struct expansion) */
	const struct item_links *links; /* NULL = it has no id and depends on nothing */
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
MUST_USE bool items_error_groups(struct ctx *ctx, const struct job *job, struct error_group **groups_out, size_t *count_out);

/* --- for the engine ------------------------------------------------------- */

/* Inserts items from `first_ordinal` on (one statement per DB_TEXT_SPLIT_BYTES)
 * and the error rows of those that can't be worked on. */
MUST_USE bool items_insert(struct ctx *ctx, int64_t job_id, int64_t first_ordinal, const struct item_input *list,
			   size_t count);

/* Copies received items (and what was wrong with unreadable ones) into another
 * job, as they were received; queries are to be frozen anew. */
MUST_USE bool items_copy(struct ctx *ctx, int64_t from_job, int64_t to_job, int64_t first, int64_t last,
			 struct received *received);
/* Copies the items that an evaluation found ready, but for those that name a
 * stored event, as ordinals from `next_ordinal` on; received->is_linked: with
 * what they depend on. */
MUST_USE bool items_copy_ready(struct ctx *ctx, int64_t from_job, int64_t to_job, int64_t first, int64_t last,
			       int64_t next_ordinal, struct received *received);
/* Turns a query's own item into the first event it matched. */
MUST_USE bool item_set_target(struct ctx *ctx, int64_t job_id, int64_t ordinal, int64_t event_id);
/* Settles a query's item before the start: it failed, or there is nothing to
 * do.  `message` is fit for JSON as it is. */
MUST_USE bool item_settle(struct ctx *ctx, int64_t job_id, int64_t ordinal, enum outcome outcome, enum code code,
			  const char *message);

struct item_row {
	int64_t ordinal;
	enum outcome outcome;
	enum verdict verdict;
	int32_t attempts;
	int64_t event_id;
	const char *client_id;
	const char *input;
	const struct event *target; /* the event that the item names, as stored now; NULL = none */
	const struct decision *decision; /* that waits to be carried out (decisions_load()); NULL = none */
	bool is_crowded;       /* of an evaluation: others of it may want its places (store/places.h) */
	/* only of a linked job: */
	int32_t stage;
	int32_t fault;         /* enum node_fault */
	const char *cycle;     /* of FAULT_CYCLE, NULL = not known */
	const char *needed;    /* "POSITION:ORDINAL:OUTCOME:EVENT …" of what it depends on, NULL = nothing */
};
/* A chunk's items in order, with the event named by target_id, by client_id
 * among those of the job's owner, or by reference to another item of the job: as
 * it is stored, or as the batch itself has changed it and holds it back
 * (store/visible.h).  One statement; two for an evaluation that names events. */
enum items_with { ITEMS_ALONE, ITEMS_WITH_STORED, ITEMS_WITH_HELD };
MUST_USE bool items_load(struct ctx *ctx, const struct job *job, int64_t first, int64_t last, enum items_with with,
			 struct item_row **rows_out, size_t *count_out);

/* Has an item failed since this epoch?  Exact also where a chunk is worked in
 * several stages and its count holds failures of passes before. */
MUST_USE bool items_failed_since(struct ctx *ctx, int64_t job_id, int32_t epoch, bool *any_out);
/* What these items did is no more: succeeded becomes undone; with
 * `forget_events` they name no event either. */
MUST_USE bool items_take_back(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, bool forget_events);

/* What became of one item. */
struct item_outcome {
	int64_t ordinal;
	enum outcome outcome;
	enum verdict verdict;
	bool was_worked;        /* false: it had its outcome before; attempts stay */
	int64_t event_id;
	enum code code;         /* first error, with detail */
	const char *detail;     /* JSON or NULL: no error row */
	uint32_t ways;          /* of a conflict: what could resolve it (ON_CONFLICT_BIT) */
	int64_t likeness;       /* of a conflict: conflicts_likeness(); 0 = it is none */
};
/* Writes the outcomes of consecutive ordinals: one range UPDATE and one insert
 * of error rows, which belong to job->epoch.  `attempts` are added to those that
 * were worked: 1 a pass, however often a fault threw it back (the chunk tells). */
MUST_USE bool items_write(struct ctx *ctx, const struct job *job, const struct item_outcome *list, size_t count,
			  int32_t attempts);
/* Forgets what was wrong before with those that were worked and have nothing
 * wrong any more: one statement. */
MUST_USE bool items_clear_errors(struct ctx *ctx, int64_t job_id, const struct item_outcome *list, size_t count);

#endif
