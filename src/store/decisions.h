/*
 * Rows of batch_decisions: what people decided about items in conflict.
 *
 * A decision waits until a pass has worked its item (worked_epoch); while it
 * waits it stands, whoever else decides about the same conflict comes too late.
 * An item that meets a conflict again after that may be decided again.
 */
#ifndef STORE_DECISIONS_H
#define STORE_DECISIONS_H

#include "rules/permission.h"
#include "rules/resolution.h"
#include "store/jobs.h"

/* One decision that waits to be carried out. */
struct decision {
	int64_t ordinal;
	enum on_conflict action;
	enum conflict_scope scope;
	int64_t user_id;
	const struct actor *by;    /* that user, for whose rights it is done */
};

/* Is item `i` of job `j` to be worked on because its conflict was decided? */
#define ITEM_IS_DECIDED                                                                                                \
	"j.retrying & 512 <> 0 AND EXISTS (SELECT 1 FROM {batch_decisions} d WHERE d.job_id = i.job_id"                \
	" AND d.ordinal = i.ordinal AND d.worked_epoch = 0)"

/* The waiting decisions about a range of items, in order; `by` is not set. */
MUST_USE bool decisions_load(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, struct decision **list_out,
			     size_t *count_out);
/* In the transaction that writes the items: these decisions have been carried out. */
MUST_USE bool decisions_carried_out(struct ctx *ctx, const struct job *job, const int64_t *ordinals, size_t count);
/* Takes back what waits: the batch was cancelled. */
MUST_USE bool decisions_forget_waiting(struct ctx *ctx, int64_t job_id);

/* --- deciding ------------------------------------------------------------------ */

/* An item that somebody decides about, as it stands. */
struct undecided {
	int64_t ordinal;
	enum outcome outcome;
	int32_t epoch;             /* in which the conflict was found */
	uint32_t ways;             /* ON_CONFLICT_BIT of what could resolve it */
	const char *detail;        /* JSON, only if asked for */
	bool is_decided;           /* … already: */
	bool waits;                /* and that is still to be done */
	struct decision decision;
	int32_t decided_epoch;     /* the conflict that was decided: as `epoch` */
	const char *decided_by;
};
/* Those of these items that the batch has, by ordinal. */
MUST_USE bool decisions_look(struct ctx *ctx, int64_t job_id, const int64_t *ordinals, size_t count, bool with_detail,
			     struct undecided **list_out, size_t *count_out);
/* Adds decisions, at the present time; what was carried out before is replaced. */
struct new_decision {
	int64_t ordinal;
	enum on_conflict action;
	enum conflict_scope scope;
	int32_t seen_epoch;
};
MUST_USE bool decisions_insert(struct ctx *ctx, int64_t job_id, int64_t user_id, const struct new_decision *list, size_t count);

/* The conflicts of a job that nobody has decided and that this could resolve, in
 * order: all, those of a kind, or those like another one. */
struct decide_alike {
	enum on_conflict action;
	enum conflict_scope scope;
	const char *kind;          /* the first kind; NULL = any */
	int64_t likeness;          /* 0 = any */
	int32_t until_epoch;       /* only conflicts found up to this pass; 0 = any */
	int64_t after_ordinal;     /* -1 = from the first */
	int64_t limit;
};
MUST_USE bool decisions_alike(struct ctx *ctx, int64_t job_id, const struct decide_alike *alike,
			      struct new_decision **list_out, size_t *count_out);
/* The likeness of an item's conflict; 0 when it is in none. */
MUST_USE bool decisions_likeness(struct ctx *ctx, int64_t job_id, int64_t ordinal, int64_t *likeness_out);
/* There is something to be carried out once the present pass has ended. */
MUST_USE bool decisions_announce(struct ctx *ctx, int64_t job_id);
MUST_USE bool decisions_any_waiting(struct ctx *ctx, int64_t job_id, bool *any_out);

#endif
