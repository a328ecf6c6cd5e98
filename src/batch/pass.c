/* Beginning and ending a pass over a job's items. */
#include "batch/pass.h"

#include "batch/atomic.h"
#include "batch/decide.h"
#include "batch/tell.h"
#include "batch/undo.h"
#include "db/db.h"
#include "store/chunks.h"
#include "store/error_log.h"
#include "store/turns.h"

#define LOG_STEPS_MAX 100

/* What a pass means in each state: is it worked, and does it end the job or
 * the wish that stands (a pause, a cancellation) once nothing is open? */
static const struct {
	bool is_worked;
	bool may_end;
} in_state[JOB_STATE_COUNT] = {
	[JOB_QUEUED] = { true, false },      [JOB_RUNNING] = { true, true },       [JOB_PAUSING] = { false, true },
	[JOB_CANCELLING] = { false, true },  [JOB_PUBLISHING] = { true, true },    [JOB_ROLLING_BACK] = { true, true },
	[JOB_UNDOING] = { true, true },
};

bool pass_is_worked(enum job_state state)
{
	return in_state[state].is_worked;
}

bool pass_is_ordered(const struct job *job)
{
	if (job->work == WORK_CHECK)
		return true; /* items see those before */
	return job->work == WORK_UNDO && !atomic_is_fold(job) ? job->type != JOB_CREATE : job->is_ordered;
}

bool pass_may_end(const struct job *job)
{
	bool is_draining = job->state == JOB_PAUSING || job->state == JOB_CANCELLING;
	return in_state[job->state].may_end && (is_draining || job->planned >= job->total);
}

bool pass_end(struct ctx *ctx, const struct job *job, bool *ended_out)
{
	*ended_out = false;
	if (!pass_may_end(job))
		return true;
	if (atomic_may_follow(job))
		return atomic_follow(ctx, job, ended_out);
	if (job->state == JOB_CANCELLING && job->wants_rollback)
		return undo_after_cancel(ctx, job, ended_out);
	if (!job_complete(ctx, job, ended_out))
		return false;
	/* job_complete() leaves those alone that have decisions to carry out, or
	 * are to be rolled back. */
	if (!*ended_out && job->is_decided && !decide_after_pass(ctx, job, ended_out))
		return false;
	return *ended_out || !undo_is_wanted_on_error(ctx, job) || undo_after_error(ctx, job, ended_out);
}

/* Which ordinals have chunks: what is not worked on is covered by one row, which
 * is dropped again when it is. */
static bool plan_range(struct ctx *ctx, const struct job *job, struct job *next)
{
	if (next->retrying & OUTCOME_BIT(OUTCOME_UNPROCESSED))
		return chunks_planned_end(ctx, job, &next->planned);
	next->planned = job->total;
	return true;
}

bool pass_begin(struct ctx *ctx, struct job *job, enum job_event event, enum job_work work, uint32_t retrying)
{
	struct job next = *job;
	bool moved = false;
	if (event != JOB_EVENT_COUNT && !job_state_next(job->state, event, &next.state))
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_ILLEGAL_TRANSITION, "The batch is %s", job_state_name(job->state));
	next.epoch = job->epoch + 1;
	next.work = work;
	next.retrying = retrying;
	next.finished_at = 0;
	/* How it had ended is told, though it goes on now. */
	if (job_state_is_terminal(job->state) && !tell_job(ctx, job->id))
		return false;
	/* Who still works on a chunk of the epoch before must not finish it any
	 * more: its row has been copied. */
	if (!chunks_cancel(ctx, job->id, true) || !plan_range(ctx, job, &next) || !job_begin_epoch(ctx, job, &next, &moved))
		return false;
	if (!moved)
		return fail_set(&ctx->fail, FAIL_RETRY, CODE_DATABASE_BUSY, "The batch changed at the same time; try again");
	if (!chunks_copy(ctx, &next))
		return false;
	if (next.planned > job->planned && !chunks_cover_rest(ctx, &next, job->planned))
		return false;
	*job = next;
	return job_is_ready(ctx, job->id);
}

bool pass_log_errors(struct ctx *ctx, int64_t job_id)
{
	bool more = true;
	for (int step = 0; step < LOG_STEPS_MAX && more; step++)
		if (!error_log_collect(ctx, job_id, &more))
			return false;
	return true;
}

bool pass_has_next_stage(const struct job *job)
{
	bool is_staged = job->work == WORK_DO || job->work == WORK_CHECK;
	return job->state == JOB_RUNNING && is_staged && job->stage + 1 < job->stages && job->planned >= job->total;
}

bool pass_next_stage(struct ctx *ctx, const struct job *job, bool *begun_out)
{
	struct job now;
	bool is_open = false;
	*begun_out = false;
	if (!pass_has_next_stage(job))
		return true;
	if (!db_begin(ctx->db, &ctx->fail) || !job_lock(ctx, job->id, &now))
		goto undo;
	if (now.epoch != job->epoch || !pass_has_next_stage(&now)) {
		db_rollback(ctx->db);
		return true;
	}
	if (!chunks_any_open(ctx, &now, &is_open))
		goto undo;
	if (is_open) {
		db_rollback(ctx->db);
		return true;
	}
	struct job next = now;
	next.epoch++;
	next.stage++;
	if (!job_begin_epoch(ctx, &now, &next, begun_out) || !*begun_out || !chunks_copy_stage(ctx, &next) ||
	    !job_is_ready(ctx, job->id) || !db_commit(ctx->db, &ctx->fail))
		goto undo;
	return true;
undo:
	*begun_out = false;
	db_rollback(ctx->db);
	return ctx->fail.kind == FAIL_NONE;
}
