/* Access to jobs. */
#include "batch/access.h"

#include <string.h>

#include "batch/ops.h"
#include "rules/permission.h"

bool access_to_make(struct ctx *ctx, enum job_type type)
{
	const struct operation *operation = operation_of(type);
	if (type == JOB_ACTIVATE)
		return fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED,
				"The program makes these batches itself, when the moments of events have come");
	return permitted(ctx->actor, operation->permission) ||
	       fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "Your role does not allow “%s”", operation->verb);
}

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

static bool may_steer(struct ctx *ctx, const struct job *job)
{
	const enum permission needed = operation_of(job->type)->permission;
	return !ctx->actor->scope || permitted(ctx->actor, needed) || permitted(ctx->actor, PERMIT_MANAGE_BATCHES) ||
	       fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "This token is limited: to steer the batch it needs “%s”",
			permission_name(needed));
}

bool access_job_to_steer(struct ctx *ctx, int64_t job_id, struct job *job_out)
{
	return access_job_locked(ctx, job_id, job_out) && may_steer(ctx, job_out);
}

bool access_job_to_fill(struct ctx *ctx, int64_t job_id, struct job *job_out)
{
	const char *scope = ctx->actor->scope;
	if (!access_job_locked(ctx, job_id, job_out))
		return false;
	if (job_out->created_by != ctx->actor->user_id)
		return fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "Only who made the batch adds items: they are worked in that person's name");
	return !scope || (job_out->scope && strcmp(scope, job_out->scope) == 0) ||
	       fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED,
			"This token is limited, and the batch was made with other rights: send the items with the token that made it");
}
