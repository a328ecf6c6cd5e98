/* Transitions that a person causes. */
#include "base/clock.h"
#include "batch/access.h"
#include "batch/atomic.h"
#include "batch/depend.h"
#include "batch/pass.h"
#include "batch/states.h"
#include "batch/tell.h"
#include "batch/undo.h"
#include "batch/work.h"
#include "db/db.h"
#include "store/audit.h"
#include "store/calendars.h"
#include "store/decisions.h"
#include "store/error_log.h"
#include "store/idempotency.h"
#include "store/people.h"
#include "store/purge.h"

#define DELETE_STEP 2000 /* rows to a step */
#define DELETE_MS 1000

/* Has this transition happened already? Then asking again is no mistake. */
static bool has_happened(enum job_state state, enum job_event event)
{
	switch (event) {
	case JOB_EVENT_START:
		return state == JOB_QUEUED || state == JOB_RUNNING;
	case JOB_EVENT_PAUSE:
		return state == JOB_PAUSING || state == JOB_PAUSED;
	case JOB_EVENT_RESUME:
		return state == JOB_RUNNING || state == JOB_QUEUED;
	case JOB_EVENT_CANCEL:
		return state == JOB_CANCELLING || state == JOB_CANCELLED;
	case JOB_EVENT_RETRY:
		return state == JOB_RUNNING || state == JOB_PAUSING || state == JOB_PAUSED;
	case JOB_EVENT_WORK:
	case JOB_EVENT_DRAINED:
	case JOB_EVENT_ENDED:
	case JOB_EVENT_UNDO:
	case JOB_EVENT_DECIDE:
	case JOB_EVENT_CHECKED:
	case JOB_EVENT_PUBLISH:
	case JOB_EVENT_ROLL_BACK:
	case JOB_EVENT_COUNT:
		break;
	}
	return false;
}

static bool refuse(struct ctx *ctx, const struct job *job, enum job_event event)
{
	struct job_counts counts;
	return job_get_counts(ctx, job, &counts) && job_refuse(ctx, job, &counts, event);
}

/* What a transition means for the chunks.  Done also when it had happened
 * before: asked again a cancel may have become less graceful. */
static bool move_chunks(struct ctx *ctx, int64_t job_id, enum job_event event, bool also_leased)
{
	switch (event) {
	case JOB_EVENT_PAUSE:
		return chunks_hold(ctx, job_id, true);
	case JOB_EVENT_RESUME:
		return chunks_hold(ctx, job_id, false);
	case JOB_EVENT_CANCEL:
		return chunks_cancel(ctx, job_id, also_leased) && decisions_forget_waiting(ctx, job_id);
	case JOB_EVENT_START:
	case JOB_EVENT_WORK:
	case JOB_EVENT_DRAINED:
	case JOB_EVENT_ENDED:
	case JOB_EVENT_RETRY:
	case JOB_EVENT_UNDO:
	case JOB_EVENT_DECIDE:
	case JOB_EVENT_CHECKED:
	case JOB_EVENT_PUBLISH:
	case JOB_EVENT_ROLL_BACK:
	case JOB_EVENT_COUNT:
		break;
	}
	return true;
}

/* A batch works with the rights of whoever made it: without any, each of its
 * items would fail. */
static bool creator_works(struct ctx *ctx, const struct job *job)
{
	bool is_active;
	return person_is_active(ctx, job->created_by, &is_active) &&
	       (is_active || fail_set(&ctx->fail, FAIL_CONFLICT, CODE_CREATOR_INACTIVE, "%s", code_info(CODE_CREATOR_INACTIVE)->cause));
}

/* With the job's row held, so that the engine's own transitions wait. */
static bool move_job(struct ctx *ctx, int64_t job_id, enum job_event event, struct job *job)
{
	enum job_state to;
	bool moved = false;
	if (!access_job_to_steer(ctx, job_id, job))
		return false;
	if (has_happened(job->state, event))
		return true;
	if ((event == JOB_EVENT_START || event == JOB_EVENT_RESUME) && !creator_works(ctx, job))
		return false;
	if (event == JOB_EVENT_START && job->state == JOB_RECEIVING && job->total == 0)
		return fail_set(&ctx->fail, FAIL_INVALID, CODE_EMPTY_BATCH, "The batch has no items");
	if (!job_state_next(job->state, event, &to))
		return refuse(ctx, job, event);
	if (event == JOB_EVENT_RESUME && job->waiting == WAITING_FOR_OTHERS)
		to = JOB_QUEUED; /* as before it was paused */
	if (!job_move(ctx, job_id, job->state, to, &moved))
		return false;
	if (!moved)
		return fail_set(&ctx->fail, FAIL_RETRY, CODE_DATABASE_BUSY, "The batch changed at the same time; try again");
	job->state = to;
	return audit_add(ctx, arena_printf(ctx->arena, "job.%s", job_event_name(event)), job_id, 0, NULL);
}

/* The job and its chunks move together: a process that died between the two
 * would leave chunks out of reach, and so would a pause and a resume at once. */
static bool transition(struct ctx *ctx, int64_t job_id, enum job_event event, bool also_leased, further_step *step,
		       struct job *job)
{
	/* What an Idempotency-Key makes is complete in the moment it starts. */
	if (db_begin(ctx->db, &ctx->fail) && (event != JOB_EVENT_START || idempotency_keep(ctx, job_id, 0)) && move_job(ctx, job_id, event, job) &&
	    move_chunks(ctx, job_id, event, also_leased) && (!step || step(ctx, job_id)) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

bool batch_start(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	return transition(ctx, job_id, JOB_EVENT_START, false, NULL, &job);
}

bool batch_pause(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	bool drained;
	return transition(ctx, job_id, JOB_EVENT_PAUSE, false, NULL, &job) && pass_end(ctx, &job, &drained);
}

bool batch_resume(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	return transition(ctx, job_id, JOB_EVENT_RESUME, false, NULL, &job);
}

bool cancel_and_then(struct ctx *ctx, int64_t job_id, bool graceful, further_step *step)
{
	struct job job;
	return transition(ctx, job_id, JOB_EVENT_CANCEL, !graceful, step, &job);
}

bool batch_cancel(struct ctx *ctx, int64_t job_id, bool graceful)
{
	struct job job;
	bool drained;
	return transition(ctx, job_id, JOB_EVENT_CANCEL, !graceful, NULL, &job) && pass_end(ctx, &job, &drained);
}

/* Asked twice, for example by a double click, it happens once: the pass that it
 * would begin runs already, or is the one that followed `epoch`. */
static bool is_retried(const struct job *job, uint32_t outcomes, int32_t epoch)
{
	if (job->retrying != outcomes || (job->work != WORK_DO && job->work != WORK_CHECK))
		return false;
	return epoch ? job->epoch == epoch + 1 : has_happened(job->state, JOB_EVENT_RETRY);
}

/* A check begins with an empty plan. */
static bool clear_old_plan(struct ctx *ctx, const struct job *job, const struct batch_options *options)
{
	bool more = atomic_is_checked(job, options);
	for (int64_t until_ms = monotonic_ms() + DELETE_MS; more && monotonic_ms() < until_ms;)
		if (!busy_plan_clear(ctx, job->id, DELETE_STEP, &more))
			return false;
	return !more || fail_set(&ctx->fail, FAIL_RETRY, CODE_DATABASE_BUSY, "There is more to tidy up first; ask again");
}

static bool retry_job(struct ctx *ctx, int64_t job_id, uint32_t outcomes, int32_t epoch)
{
	struct job job;
	struct batch_options options;
	struct job_counts counts;
	enum job_state to;
	if (!access_job_to_steer(ctx, job_id, &job) || !job_options(ctx, &job, &options))
		return false;
	enum job_work work = atomic_first_work(ctx->config, &job, &options);
	outcomes = atomic_retrying(&job, &options, outcomes);
	if (is_retried(&job, outcomes, epoch))
		return true;
	if (!job_state_next(job.state, JOB_EVENT_RETRY, &to))
		return refuse(ctx, &job, JOB_EVENT_RETRY);
	if (!job_get_counts(ctx, &job, &counts))
		return false;
	if (job_retryable(&counts, RETRYABLE_OUTCOMES) <= 0)
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_NOTHING_TO_RETRY,
				"None of the batch's items can be retried: those that could not be read have to be corrected and sent again");
	if (job_retryable(&counts, outcomes) <= 0)
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_NOTHING_TO_RETRY, "No item of the batch has an outcome asked for");
	job.stage = 0;
	return creator_works(ctx, &job) && depend_require(ctx, &job) && clear_old_plan(ctx, &job, &options) &&
	       pass_begin(ctx, &job, JOB_EVENT_RETRY, work, outcomes) && audit_add(ctx, "job.retry", job_id, 0, NULL);
}

bool batch_retry(struct ctx *ctx, int64_t job_id, uint32_t outcomes, int32_t epoch)
{
	struct job job;
	if (!access_job(ctx, job_id, &job) || !pass_log_errors(ctx, job_id))
		return false;
	if (db_begin(ctx->db, &ctx->fail) && retry_job(ctx, job_id, outcomes, epoch) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

/* Its row and the note of the rest go together; from then on it is gone. */
static bool forget(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	bool forgotten = false;
	if (!access_job_to_steer(ctx, job_id, &job))
		return false;
	if (!job_state_is_terminal(job.state))
		return job_refuse_because(ctx, &job, "; only a finished one can be forgotten");
	return tell_job(ctx, job_id) && job_forget(ctx, &job, &forgotten) && audit_add(ctx, "job.delete", job_id, 0, NULL);
}

bool batch_delete(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	bool more = true;
	int64_t removed, until_ms = monotonic_ms() + DELETE_MS;
	if (!access_job(ctx, job_id, &job))
		return false;
	while (more)
		if (!error_log_collect(ctx, job_id, &more))
			return false;
	if (!db_begin(ctx->db, &ctx->fail) || !forget(ctx, job_id) || !db_commit(ctx->db, &ctx->fail)) {
		db_rollback(ctx->db);
		return false;
	}
	/* What there is no time for now goes by and by (batch/maintenance.h). */
	for (more = true; more && monotonic_ms() < until_ms;)
		if (!purge_some(ctx, PURGE_FORGOTTEN, DELETE_STEP, &removed, &more))
			break;
	fail_clear(&ctx->fail);
	return true;
}
