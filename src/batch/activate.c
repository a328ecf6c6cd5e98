#include "batch/activate.h"

#include "base/config.h"
#include "batch/options.h"
#include "db/db.h"
#include "store/activation.h"
#include "store/jobs.h"

#define EVENTS_MAX 1000   /* in a batch; the rest is due for the next one */
#define CHUNK_SIZE 200
#define LEASE_MIN_S 15

static void describe(struct ctx *ctx, struct job *job)
{
	struct batch_options options;
	int64_t lease_s = (3 * ctx->config->time_budget_ms + 999) / 1000;
	options_default(ctx->config, &options);
	options.ordered = true;
	options.max_concurrency = 1;
	*job = (struct job){
		.type = JOB_ACTIVATE,
		.label = "",
		.options = options_text(ctx->arena, JOB_ACTIVATE, &options),
		.chunk_size = CHUNK_SIZE,
		/* In the order of their moments: the last one is what stays live. */
		.is_ordered = true,
		.max_lanes = 1,
		.lease_s = (int32_t)(lease_s < LEASE_MIN_S ? LEASE_MIN_S : lease_s),
	};
}

enum making { OTHERS_DO, NOTHING_DUE, MADE };

/* In a transaction. */
static bool make(struct ctx *ctx, enum making *making_out)
{
	struct received received = { 0 };
	struct job job;
	bool is_mine, moved;
	*making_out = OTHERS_DO;
	if (!activation_turn(ctx, &is_mine) || !is_mine)
		return ctx->fail.kind == FAIL_NONE;
	*making_out = NOTHING_DUE;
	describe(ctx, &job);
	if (!job_insert(ctx, &job) || !activation_take(ctx, job.id, EVENTS_MAX, &received.items))
		return false;
	if (!received.items)
		return true;
	*making_out = MADE;
	return job_add_items(ctx, job.id, &received) && job_move(ctx, job.id, JOB_RECEIVING, JOB_QUEUED, &moved);
}

bool activate_due(struct ctx *ctx)
{
	enum making making;
	bool is_due;
	if (!activation_is_due(ctx, &is_due) || !is_due)
		return ctx->fail.kind == FAIL_NONE;
	bool ok = db_begin(ctx->db, &ctx->fail) && make(ctx, &making);
	if (ok && making != NOTHING_DUE)
		return db_commit(ctx->db, &ctx->fail); /* whoever's turn it is not looks again a second later */
	db_rollback(ctx->db);
	return ok;
}
