/* Access to jobs. */
#include "batch/access.h"

#include "rules/permission.h"

static bool may_see(struct ctx *ctx, const struct job *job)
{
	if (job->created_by == ctx->actor->user_id || permitted(ctx->actor, PERMIT_MANAGE_BATCHES))
		return true;
	return job_not_found(ctx, job->id);
}

bool access_job(struct ctx *ctx, int64_t job_id, struct job *job_out)
{
	return job_get(ctx, job_id, job_out) && may_see(ctx, job_out);
}

bool access_job_locked(struct ctx *ctx, int64_t job_id, struct job *job_out)
{
	return job_lock(ctx, job_id, job_out) && may_see(ctx, job_out);
}
