/* When a batch may be undone or has to be, and how that begins. */
#include "batch/undo.h"

#include "base/clock.h"
#include "batch/access.h"
#include "batch/ops.h"
#include "batch/pass.h"
#include "db/db.h"
#include "store/audit.h"
#include "store/chunks.h"
#include "store/undo.h"

#define UNDONE_OUTCOMES OUTCOME_BIT(OUTCOME_SUCCEEDED)

static bool refuse(struct ctx *ctx, enum code code, const char *message)
{
	return fail_set(&ctx->fail, FAIL_CONFLICT, code, "%s", message);
}

/* Does the job leave anything behind that could be undone? */
static bool has_effects(struct ctx *ctx, const struct job *job)
{
	struct batch_options options;
	return !operation_of(job->type)->writes_nothing && job->type != JOB_ACTIVATE &&
	       job_options(ctx, job, &options) && !options.dry_run;
}

bool undo_allowed(struct ctx *ctx, const struct job *job, const struct job_counts *counts)
{
	enum job_state to;
	char until[TIME_TEXT_SIZE];
	if (job->type == JOB_ACTIVATE)
		return refuse(ctx, CODE_NOT_UNDOABLE, "What has happened can't be undone: publish the former version with a new event");
	if (!has_effects(ctx, job))
		return refuse(ctx, CODE_NOT_UNDOABLE, "This batch has changed nothing: there is nothing to undo");
	if (job->state == JOB_UNDONE || job->state == JOB_UNDO_PARTIAL || job->state == JOB_ROLLED_BACK)
		return refuse(ctx, CODE_NOT_UNDOABLE, "The batch has been undone already, and an undo can't be undone");
	if (job->state == JOB_FAILED || (job_state_is_terminal(job->state) && !counts->by_outcome[OUTCOME_SUCCEEDED]))
		return refuse(ctx, CODE_NOTHING_TO_UNDO, "No item of the batch has changed anything: there is nothing to undo");
	if (!job_state_next(job->state, JOB_EVENT_UNDO, &to) || !job_state_is_terminal(job->state))
		return job_refuse(ctx, job, counts, JOB_EVENT_UNDO);
	if (job->undo_until > job->now_utc)
		return true;
	time_format_utc(job->undo_until, until);
	return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_UNDO_EXPIRED, "The batch could be undone until %s", until);
}

/* The job's row is held. */
static bool begin(struct ctx *ctx, struct job *job, enum job_event event, const char *action)
{
	return undo_set_asker(ctx, job->id, ctx->actor->user_id) && pass_begin(ctx, job, event, WORK_UNDO, UNDONE_OUTCOMES) &&
	       audit_add(ctx, action, job->id, 0, NULL);
}

static bool may_change(struct ctx *ctx, const struct job *job)
{
	return permitted(ctx->actor, operation_of(job->type)->permission) ||
	       fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "You may not undo a batch that needs “%s”",
			permission_name(operation_of(job->type)->permission));
}

static bool undo_job(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	struct job_counts counts;
	if (!access_job_locked(ctx, job_id, &job) || !may_change(ctx, &job))
		return false;
	if (job.state == JOB_UNDOING)
		return true; /* asked twice */
	return job_get_counts(ctx, &job, &counts) && undo_allowed(ctx, &job, &counts) &&
	       begin(ctx, &job, JOB_EVENT_UNDO, "job.undo");
}

bool batch_may_undo(struct ctx *ctx, const struct batch_status *status)
{
	return may_change(ctx, &status->job) && undo_allowed(ctx, &status->job, &status->counts);
}

/* Runs one step that holds the job's row, as a transaction. */
static bool in_transaction(struct ctx *ctx, int64_t job_id, further_step *step)
{
	if (db_begin(ctx->db, &ctx->fail) && step(ctx, job_id) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

bool batch_undo(struct ctx *ctx, int64_t job_id)
{
	return in_transaction(ctx, job_id, undo_job);
}

/* --- cancel with rollback ----------------------------------------------------- */

static bool want_rollback(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	struct job_counts counts;
	if (!access_job_locked(ctx, job_id, &job))
		return false;
	if (!has_effects(ctx, &job))
		return true;
	if (job.state == JOB_CANCELLING)
		return may_change(ctx, &job) && undo_set_asker(ctx, job_id, ctx->actor->user_id) &&
		       job_want_rollback(ctx, job_id, true);
	if (job.state != JOB_CANCELLED)
		return true;
	/* Nobody worked on it any more: it is undone like any other. */
	if (!job_get_counts(ctx, &job, &counts) || !counts.by_outcome[OUTCOME_SUCCEEDED])
		return ctx->fail.kind == FAIL_NONE;
	return may_change(ctx, &job) && undo_allowed(ctx, &job, &counts) && begin(ctx, &job, JOB_EVENT_UNDO, "job.undo");
}

bool batch_roll_back(struct ctx *ctx, int64_t job_id, bool graceful)
{
	struct job job;
	bool began = false;
	if (!access_job(ctx, job_id, &job))
		return false;
	/* Asked again when it has gone on already. */
	if (job.state == JOB_UNDOING || job.state == JOB_UNDONE || job.state == JOB_UNDO_PARTIAL)
		return true;
	return cancel_and_then(ctx, job_id, graceful, want_rollback) && job_get(ctx, job_id, &job) && pass_end(ctx, &job, &began);
}

/* The lock and a second look: many may come here at once. */
static bool continue_as_undo(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	struct job_counts counts;
	if (!job_lock(ctx, job_id, &job) || !job_get_counts(ctx, &job, &counts))
		return false;
	if (job.state != JOB_CANCELLING || !job.wants_rollback || counts.lanes)
		return true;
	if (!counts.by_outcome[OUTCOME_SUCCEEDED])
		return job_want_rollback(ctx, job_id, false);
	return pass_begin(ctx, &job, JOB_EVENT_UNDO, WORK_UNDO, UNDONE_OUTCOMES);
}

bool undo_after_cancel(struct ctx *ctx, const struct job *job, bool *began_out)
{
	struct job now;
	*began_out = false;
	if (!in_transaction(ctx, job->id, continue_as_undo) || !job_get(ctx, job->id, &now))
		return false;
	*began_out = now.state != job->state;
	/* Nothing had been done: it is a cancellation like any other. */
	return now.state != JOB_CANCELLING || now.wants_rollback || job_complete(ctx, &now, began_out);
}

/* --- rollback on error ---------------------------------------------------------- */

bool undo_is_wanted_on_error(struct ctx *ctx, const struct job *job)
{
	struct batch_options options;
	return job->state == JOB_RUNNING && job->work == WORK_DO &&
	       job_options(ctx, job, &options) && options.rollback_on_error &&
	       !options.dry_run;
}

static bool roll_back_failed(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	struct job_counts counts;
	if (!job_lock(ctx, job_id, &job) || !job_get_counts(ctx, &job, &counts))
		return false;
	if (job.state != JOB_RUNNING || job.work != WORK_DO || !counts.by_outcome[OUTCOME_FAILED])
		return true;
	return undo_set_asker(ctx, job_id, job.created_by) &&
	       pass_begin(ctx, &job, JOB_EVENT_ROLL_BACK, WORK_UNDO, UNDONE_OUTCOMES);
}

bool undo_after_error(struct ctx *ctx, const struct job *job, bool *began_out)
{
	struct job_counts counts;
	*began_out = false;
	if (!job_get_counts(ctx, job, &counts))
		return false;
	if (!counts.by_outcome[OUTCOME_FAILED])
		return true;
	*began_out = true;
	return in_transaction(ctx, job->id, roll_back_failed);
}
