/* Batches that wait for batches. */
#include "batch/depend.h"

#include "db/db.h"
#include "rules/permission.h"

/* A batch that ends in vain takes those along that wait for it, and so on. */
#define ROUNDS_MAX 20

bool depend_check(struct ctx *ctx, const struct id_list *ids, int64_t job_id)
{
	if (!ids->count)
		return true;
	int64_t known[DEPENDS_ON_MAX];
	int64_t owner = permitted(ctx->actor, PERMIT_MANAGE_BATCHES) ? 0 : ctx->actor->user_id;
	size_t count = 0;
	if (!dependencies_known(ctx, ids, job_id ? job_id : INT64_MAX, owner, known, &count))
		return false;
	for (size_t i = 0; i < ids->count; i++) {
		bool found = false;
		for (size_t k = 0; k < count; k++)
			found |= known[k] == ids->ids[i];
		if (!found) {
			(void)fail_set(&ctx->fail, FAIL_INVALID, CODE_DEPENDENCY_NOT_FOUND, "There is no batch %lld to wait for",
				       (long long)ids->ids[i]);
			return fail_at(&ctx->fail, "/options/depends_on/%zu", i);
		}
	}
	return true;
}

/* --- settling -------------------------------------------------------------------- */

static bool settle(struct ctx *ctx, enum settle_which which, struct id_list ids, bool *any_out)
{
	*any_out = false;
	for (int round = 0; round < ROUNDS_MAX; round++) {
		struct id_list ready, doomed;
		if (!dependencies_ripe(ctx, which, &ids, &ready, &doomed) || !dependencies_release(ctx, &ready) ||
		    !dependencies_doom(ctx, &doomed))
			return false;
		*any_out |= ready.count || doomed.count;
		if (!doomed.count)
			return true;
		which = SETTLE_DEPENDENTS;
		ids = doomed;
	}
	return true;
}

bool depend_settle(struct ctx *ctx, struct job *job)
{
	struct id_list self = { &job->id, 1 };
	bool any;
	if (job->waiting != WAITING_FOR_OTHERS || job->state != JOB_QUEUED)
		return true;
	return settle(ctx, SETTLE_JOB, self, &any) && (!any || job_get(ctx, job->id, job));
}

bool depend_settle_after(struct ctx *ctx, int64_t job_id)
{
	bool any;
	return settle(ctx, SETTLE_DEPENDENTS, (struct id_list){ &job_id, 1 }, &any);
}

bool batch_settle_waiting(struct ctx *ctx)
{
	bool any;
	return settle(ctx, SETTLE_ALL, (struct id_list){ NULL, 0 }, &any);
}

/* --- words ------------------------------------------------------------------------- */

static bool is_met(const struct dependency *dependency)
{
	return !dependency->is_gone && dependency->state == JOB_SUCCEEDED;
}

static const char *state_words(const struct dependency *dependency)
{
	return dependency->is_gone ? "deleted" : job_state_name(dependency->state);
}

static void say(struct ctx *ctx, struct batch_status *status)
{
	const struct dependency *first = status->waiting_for;
	size_t more = status->waiting_for_count - 1;
	const char *others = more ? arena_printf(ctx->arena, " and %zu other%s", more, more > 1 ? "s" : "") : "";
	if (status->job.waiting == WAITING_FOR_OTHERS) {
		status->message = arena_printf(ctx->arena, "Begins by itself when batch %lld%s succeeded; it is %s now",
					       (long long)first->id, more ? arena_printf(ctx->arena, "%s have", others) : " has",
					       state_words(first));
		return;
	}
	status->message = arena_printf(ctx->arena, "Never begun: batch %lld%s, which it depends on, did not succeed (%s)",
				       (long long)first->id, others, state_words(first));
	status->errors = arena_alloc(ctx->arena, sizeof(*status->errors));
	status->errors[0] = (struct error_group){ code_info(CODE_DEPENDENCY_FAILED)->name, status->job.total, 0 };
	status->error_count = 1;
}

/* A list in order of job_id: the part of one, those met left out. */
static void take_open(struct dependency *list, size_t count, struct batch_status *status)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].job_id != status->job.id || is_met(&list[i]))
			continue;
		if (!status->waiting_for)
			status->waiting_for = &list[i];
		status->waiting_for[status->waiting_for_count++] = list[i];
	}
}

bool depend_describe(struct ctx *ctx, struct batch_status *list, size_t count)
{
	struct dependency *dependencies;
	size_t waiting = 0, dependency_count;
	int64_t *ids = arena_array(ctx->arena, count + 1, sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		if (list[i].job.waiting != WAITING_NOT)
			ids[waiting++] = list[i].job.id;
	if (!waiting)
		return true;
	if (!dependencies_list(ctx, ids, waiting, &dependencies, &dependency_count))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (list[i].job.waiting == WAITING_NOT)
			continue;
		take_open(dependencies, dependency_count, &list[i]);
		/* A cancelled one says nothing; one that can begin any moment neither. */
		if (list[i].waiting_for_count && (list[i].job.state == JOB_QUEUED || list[i].job.state == JOB_FAILED))
			say(ctx, &list[i]);
	}
	return true;
}

bool depend_require(struct ctx *ctx, const struct job *job)
{
	struct dependency *list;
	size_t count;
	if (job->waiting == WAITING_NOT)
		return true;
	if (!dependencies_list(ctx, &job->id, 1, &list, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!is_met(&list[i]))
			return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_DEPENDENCY_FAILED,
					"Batch %lld, which this one depends on, has not succeeded (%s)", (long long)list[i].id,
					state_words(&list[i]));
	return dependencies_forget(ctx, job->id);
}
