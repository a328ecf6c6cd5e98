/*
 * Rows of batch_job_dependencies: which batches a batch waits for.
 *
 * A batch may only name batches with smaller ids, so that no cycle can arise.
 * batch_jobs.waiting tells the rest of the engine in one number whether there
 * is anything to wait for; it is changed here and by no one else.
 */
#ifndef STORE_DEPENDENCIES_H
#define STORE_DEPENDENCIES_H

#include "store/jobs.h"

/* Of `ids` those that are batches with an id below `before_id`, of `owner_id`
 * (0 = anybody's); ids_out has room for `count`. */
MUST_USE bool dependencies_known(struct ctx *ctx, const struct id_list *ids, int64_t before_id, int64_t owner_id,
				 int64_t *ids_out, size_t *count_out);
MUST_USE bool dependencies_insert(struct ctx *ctx, int64_t job_id, const struct id_list *ids);

/* A batch that others wait for. Texts in ctx->arena. */
struct dependency {
	int64_t job_id;          /* who waits */
	int64_t id;              /* for whom */
	bool is_gone;            /* its records were deleted before it had succeeded */
	enum job_state state;
	const char *label;
};
/* What several batches wait for or waited for, in order of job_id and id. */
MUST_USE bool dependencies_list(struct ctx *ctx, const int64_t *job_ids, size_t count, struct dependency **list_out,
				size_t *count_out);

/* Whose turn it is to be looked at. */
enum settle_which { SETTLE_JOB, SETTLE_DEPENDENTS, SETTLE_ALL };
#define SETTLE_MAX 1000

/* Batches that wait without need: `ready` can begin, `doomed` never will.  For
 * SETTLE_JOB and SETTLE_DEPENDENTS `ids` names the batch, or those waited for.
 * At most SETTLE_MAX are looked at. */
MUST_USE bool dependencies_ripe(struct ctx *ctx, enum settle_which which, const struct id_list *ids,
				struct id_list *ready_out, struct id_list *doomed_out);
/* The ones begin, the others end; both only while they still wait. */
MUST_USE bool dependencies_release(struct ctx *ctx, const struct id_list *jobs);
MUST_USE bool dependencies_doom(struct ctx *ctx, const struct id_list *jobs);
/* A person retries: nothing is waited for any more. */
MUST_USE bool dependencies_forget(struct ctx *ctx, int64_t job_id);

#endif
