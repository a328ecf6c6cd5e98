/*
 * Rows of batch_item_nodes, batch_item_links and batch_stagings: which items of
 * a batch depend on which, and in what stage each is worked.
 *
 * Only items that have an id or depend on others have a node; the rest are of
 * stage 0.  Only SQL; how the stages are found is batch/staging.c's business.
 */
#ifndef STORE_ITEM_LINKS_H
#define STORE_ITEM_LINKS_H

#include "rules/links.h"
#include "store/items.h"

#define STAGES_MAX 100
#define STAGING_STEP 1000 /* nodes or links to a transaction */

/* Nodes and links of received items (those with `links`). */
MUST_USE bool item_links_insert(struct ctx *ctx, int64_t job_id, int64_t first_ordinal, const struct item_input *list,
				size_t count);
/* Copies those of items into another job, to be staged anew. */
MUST_USE bool item_links_copy(struct ctx *ctx, int64_t from_job, int64_t to_job, int64_t first, int64_t last);

/* --- staging ---------------------------------------------------------------- */

/* Where the staging of a job stands; `step` grows with each step that is
 * written, so that of two processes only one writes it. */
struct staging {
	int64_t step;
	int32_t phase;
	int32_t stage;           /* whose links are followed */
	int64_t after_ordinal;   /* the last one seen, -1 = none */
	int64_t after_link;
	int64_t starts, found;   /* of a search for cycles: where it began, and what came of it */
};
MUST_USE bool staging_get(struct ctx *ctx, int64_t job_id, struct staging *staging_out);
/* First statement of a step's transaction: from `seen` to `next`. */
MUST_USE bool staging_move(struct ctx *ctx, int64_t job_id, const struct staging *seen, const struct staging *next,
			   bool *mine_out);
/* Last statements of the last step: the job knows its stages. */
MUST_USE bool staging_finish(struct ctx *ctx, int64_t job_id);

/* Ordinals of a step, borrowed from ctx->arena. */
struct ordinals {
	int64_t *list;
	size_t count;
};

/* The next STAGING_STEP nodes after an ordinal; `twice_out` are those whose id
 * an earlier node has. */
MUST_USE bool nodes_page(struct ctx *ctx, int64_t job_id, int64_t after, struct ordinals *page_out,
			 struct ordinals *twice_out);
/* Finds what the links of the nodes in a range lead to; a node none of whose
 * links leads anywhere is of stage 0. */
MUST_USE bool links_resolve(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last);

/* The next STAGING_STEP links that lead to nodes of a stage, behind
 * (after_ordinal, after_link), of at most STAGING_STEP nodes: pairs of the node
 * and who depends on it.  `to_out` is the last node looked at, -1 when there
 * was none. */
struct link_pair {
	int64_t needed, ordinal;
};
MUST_USE bool links_page(struct ctx *ctx, int64_t job_id, const struct staging *staging, struct link_pair **pairs_out,
			 size_t *count_out, int64_t *to_out, bool *more_nodes_out);
/* Links that have been followed: each node misses so many less; who misses none
 * is of `stage`. */
struct node_step {
	int64_t ordinal, met;
};
MUST_USE bool nodes_step(struct ctx *ctx, int64_t job_id, const struct node_step *list, size_t count, int32_t stage);
/* Is there a node of a stage; and is there one without (its ordinal after
 * `after`, -1 if none). */
MUST_USE bool nodes_look(struct ctx *ctx, int64_t job_id, int32_t stage, int64_t after, bool *any_out,
			 int64_t *unstaged_out);

/* From a node without a stage to the first that it needs, and on: at most
 * WALK_MAX of them, so that a cycle shows as a repetition. */
#define WALK_MAX 500
struct walk_step {
	int64_t ordinal;
	const char *key;
};
MUST_USE bool nodes_walk(struct ctx *ctx, int64_t job_id, int64_t from, struct walk_step **list_out, size_t *count_out);

enum node_fault { FAULT_NONE, FAULT_DUPLICATE_ID, FAULT_CYCLE, FAULT_TOO_DEEP };
/* `stage` < 0 leaves it; `cycle` may be NULL. */
MUST_USE bool nodes_set_fault(struct ctx *ctx, int64_t job_id, const struct ordinals *nodes, enum node_fault fault,
			      int32_t stage, const char *cycle);
/* Up to STAGING_STEP nodes without a stage. */
MUST_USE bool nodes_unstaged(struct ctx *ctx, int64_t job_id, struct ordinals *page_out);

#endif
