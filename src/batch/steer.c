/* Transitions that a person causes. */
#include "batch/access.h"
#include "batch/states.h"
#include "batch/work.h"
#include "store/audit.h"

#define MOVES_MAX 5        /* races with the engine's own transitions */
#define DELETE_STEP 5000   /* rows to a statement */
#define DELETE_STEPS_MAX 400

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
	case JOB_EVENT_WORK:
	case JOB_EVENT_DRAINED:
	case JOB_EVENT_ENDED:
	case JOB_EVENT_COUNT:
		break;
	}
	return false;
}

static bool refuse(struct ctx *ctx, const struct job *job, enum job_event event)
{
	const char *names[8];
	struct str list = STR_INIT;
	size_t count = job_state_allowed(job->state, names, 8);
	for (size_t i = 0; i < count; i++)
		str_addf(&list, "%s%s", i ? ", " : "", names[i]);
	(void)fail_set(&ctx->fail, FAIL_CONFLICT, CODE_ILLEGAL_TRANSITION, "The batch is %s: “%s” is not possible, %s%s",
		       job_state_name(job->state), job_event_name(event), count ? "allowed: " : "nothing more is",
		       str_text(&list));
	str_free(&list);
	return false;
}

/* One conditional move; the engine may move the job at the same time, so it is
 * looked at again a few times.  `moved_out` false: it had happened before. */
static bool transition(struct ctx *ctx, int64_t job_id, enum job_event event, struct job *job, bool *moved_out)
{
	*moved_out = false;
	for (int move = 0; move < MOVES_MAX && !*moved_out; move++) {
		enum job_state to;
		if (!access_job(ctx, job_id, job))
			return false;
		if (has_happened(job->state, event))
			return true;
		if (event == JOB_EVENT_START && job->state == JOB_RECEIVING && job->total == 0)
			return fail_set(&ctx->fail, FAIL_INVALID, CODE_EMPTY_BATCH, "The batch has no items");
		if (!job_state_next(job->state, event, &to))
			return refuse(ctx, job, event);
		if (!job_move(ctx, job_id, job->state, to, moved_out))
			return false;
		if (*moved_out)
			job->state = to;
	}
	if (!*moved_out)
		return fail_set(&ctx->fail, FAIL_RETRY, CODE_DATABASE_BUSY, "The batch changed at the same time; try again");
	return audit_add(ctx, arena_printf(ctx->arena, "job.%s", job_event_name(event)), job_id, 0, NULL);
}

bool batch_start(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	bool moved;
	return transition(ctx, job_id, JOB_EVENT_START, &job, &moved);
}

bool batch_pause(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	bool moved = false, drained;
	return transition(ctx, job_id, JOB_EVENT_PAUSE, &job, &moved) &&
	       (!moved || (chunks_hold(ctx, job_id, true) && job_complete(ctx, &job, &drained)));
}

bool batch_resume(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	bool moved = false;
	return transition(ctx, job_id, JOB_EVENT_RESUME, &job, &moved) && (!moved || chunks_hold(ctx, job_id, false));
}

bool batch_cancel(struct ctx *ctx, int64_t job_id, bool graceful)
{
	struct job job;
	bool moved = false, drained;
	if (!transition(ctx, job_id, JOB_EVENT_CANCEL, &job, &moved))
		return false;
	/* Asked again it may still have become less graceful. */
	return chunks_cancel(ctx, job_id, !graceful) && job_complete(ctx, &job, &drained);
}

bool batch_delete(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	bool gone = false;
	if (!access_job(ctx, job_id, &job))
		return false;
	if (!job_state_is_terminal(job.state))
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_ILLEGAL_TRANSITION,
				"The batch is %s; only a finished one can be forgotten", job_state_name(job.state));
	for (int step = 0; step < DELETE_STEPS_MAX && !gone; step++)
		if (!job_delete_some(ctx, job_id, DELETE_STEP, &gone))
			return false;
	if (!gone)
		return fail_set(&ctx->fail, FAIL_RETRY, CODE_DATABASE_BUSY, "There is more to delete; ask again");
	return audit_add(ctx, "job.delete", job_id, 0, NULL);
}
