/* The passes of a batch that is all or nothing. */
#include "batch/atomic.h"

#include "base/clock.h"
#include "base/config.h"
#include "batch/pass.h"
#include "db/db.h"
#include "schedule/hold.h"

bool atomic_in_one(const struct job *job)
{
	return job->is_atomic && !job->is_held_back;
}

bool atomic_is_checked(const struct job *job, const struct batch_options *options)
{
	return !options->dry_run && (options->validate_before_execute || job->is_held_back);
}

enum job_work atomic_first_work(const struct config *config, struct job *job, const struct batch_options *options)
{
	if (!job->planned)
		job->is_held_back = job->is_atomic && (job->is_held_back || job->total > config->transaction_items_max || job->linked != LINKED_NOT);
	return atomic_is_checked(job, options) ? WORK_CHECK : WORK_DO;
}

uint32_t atomic_retrying(const struct job *job, const struct batch_options *options, uint32_t outcomes)
{
	bool is_whole = job->is_atomic || (atomic_is_checked(job, options) && job->work == WORK_CHECK);
	return is_whole ? outcomes | RETRYABLE_OUTCOMES : outcomes;
}

/* --- a chunk --------------------------------------------------------------------- */

void atomic_prepare(const struct worker *worker, struct slice *slice)
{
	const struct job *job = &worker->job;
	if (job->work == WORK_CHECK)
		slice->dry_run = slice->use_plan = slice->is_check = true;
	else if (job->is_atomic) {
		slice->all_or_nothing = atomic_in_one(job);
		slice->is_unpublished = job->is_held_back;
	}
}

enum items_with atomic_items_with(const struct worker *worker)
{
	const struct job *job = &worker->job;
	if (!worker->operation->names_events)
		return ITEMS_ALONE;
	return job->is_held_back && job->work == WORK_DO ? ITEMS_WITH_HELD : ITEMS_WITH_STORED;
}

void atomic_judge(const struct worker *worker, struct slice *slice)
{
	if (worker->job.work == WORK_CHECK)
		slice_withdraw(slice);
}

bool atomic_is_fold(const struct job *job)
{
	return job->work == WORK_PUBLISH || (job->is_atomic && job->state == JOB_ROLLING_BACK);
}

bool atomic_fold(struct worker *worker, const struct chunk *chunk, int64_t began_ms)
{
	struct ctx *ctx = worker->ctx;
	const struct job *job = &worker->job;
	bool is_shown = job->work == WORK_PUBLISH;
	bool ok = is_shown ? hold_fold(ctx, job, chunk->first_ordinal, chunk->last_ordinal)
			   : hold_withdraw(ctx, job, chunk->first_ordinal, chunk->last_ordinal);
	return ok && chunk_set_folded(ctx, job, chunk, !is_shown, monotonic_ms() - began_ms);
}

/* --- one pass after another ---------------------------------------------------------- */

bool atomic_may_follow(const struct job *job)
{
	bool is_first = job->work == WORK_CHECK || (job->is_held_back && job->work == WORK_DO);
	return is_first && (job->state == JOB_RUNNING || (job->state == JOB_CANCELLING && job->is_held_back));
}

static bool end(struct ctx *ctx, const struct job *job, enum job_state to)
{
	bool moved = false;
	return job_move(ctx, job->id, job->state, to, &moved) &&
	       (moved || fail_set(&ctx->fail, FAIL_RETRY, CODE_DATABASE_BUSY, "The batch changed at the same time"));
}

static bool withdraw(struct ctx *ctx, struct job *job)
{
	return pass_begin(ctx, job, JOB_EVENT_ROLL_BACK, WORK_UNDO, OUTCOME_BIT(OUTCOME_SUCCEEDED));
}

/* The job's row is held, so nobody plans; who finishes a chunk at this moment
 * either is counted or, pass_begin() sees to it, finds his lease gone. */
static bool follow(struct ctx *ctx, struct job *job)
{
	struct job_counts counts;
	bool is_open = false;
	if (!chunks_open(ctx, job, &is_open) || !job_get_counts(ctx, job, &counts))
		return false;
	/* What waits for a decision keeps the rest from nothing. */
	bool in_vain = counts.by_outcome[OUTCOME_FAILED] || (job->is_atomic && counts.by_outcome[OUTCOME_CONFLICT]);
	is_open |= job->planned < job->total || job->unfrozen || pass_has_next_stage(job);
	if (job->state == JOB_CANCELLING)
		return counts.lanes || withdraw(ctx, job);
	if (job->work == WORK_DO && in_vain)
		return withdraw(ctx, job); /* what is open need not be done any more */
	if (is_open)
		return true;
	if (job->work == WORK_DO)
		return pass_begin(ctx, job, JOB_EVENT_PUBLISH, WORK_PUBLISH, OUTCOME_BIT(OUTCOME_SUCCEEDED));
	if (in_vain)
		return end(ctx, job, job->is_atomic ? JOB_ROLLED_BACK : JOB_FAILED);
	job->stage = 0;
	return pass_begin(ctx, job, JOB_EVENT_CHECKED, WORK_DO, OUTCOME_BIT(OUTCOME_UNPROCESSED));
}

bool atomic_follow(struct ctx *ctx, const struct job *job, bool *moved_out)
{
	struct job now;
	*moved_out = false;
	if (!db_begin(ctx->db, &ctx->fail))
		return false;
	if (job_lock(ctx, job->id, &now) && (now.epoch != job->epoch || !atomic_may_follow(&now) || follow(ctx, &now)) &&
	    db_commit(ctx->db, &ctx->fail) && job_get(ctx, job->id, &now)) {
		*moved_out = now.epoch != job->epoch || now.state != job->state;
		return true;
	}
	db_rollback(ctx->db);
	/* Somebody else was at it: whoever looks next goes on. */
	if (ctx->fail.kind != FAIL_RETRY || db_is_lost(ctx->db))
		return false;
	fail_clear(&ctx->fail);
	return true;
}
