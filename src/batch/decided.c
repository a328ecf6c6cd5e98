/* Passes that carry out what people decided about conflicts. */
#include "batch/decide.h"
#include "batch/pass.h"
#include "db/db.h"
#include "store/grants.h"

/* The decisions' makers, each once. */
static bool load_makers(struct ctx *ctx, struct decision *list, size_t count)
{
	int64_t *ids = arena_array(ctx->arena, count + 1, sizeof(*ids));
	struct actor *actors = arena_array(ctx->arena, count + 1, sizeof(*actors));
	size_t users = 0;
	for (size_t i = 0; i < count; i++) {
		size_t at = 0;
		while (at < users && ids[at] != list[i].user_id)
			at++;
		if (at == users)
			ids[users++] = list[i].user_id;
		list[i].by = &actors[at];
	}
	return grants_load_list(ctx, ids, users, actors);
}

bool decide_prepare(struct worker *worker, const struct chunk *chunk, struct item_row *rows, size_t count)
{
	struct ctx *ctx = worker->ctx;
	struct decision *list;
	size_t found;
	if (!(worker->job.retrying & RETRY_DECIDED) || worker->job.work != WORK_DO)
		return true;
	if (!decisions_load(ctx, worker->job.id, chunk->first_ordinal, chunk->last_ordinal, &list, &found) ||
	    !load_makers(ctx, list, found))
		return false;
	for (size_t i = 0, at = 0; i < count; i++) { /* both are in order */
		while (at < found && list[at].ordinal < rows[i].ordinal)
			at++;
		if (at < found && list[at].ordinal == rows[i].ordinal)
			rows[i].decision = &list[at];
	}
	return true;
}

/* Only those that were known when the items were loaded: one that came since
 * waits for the next pass. */
bool decide_carried_out(struct worker *worker, const struct slice *slice)
{
	if (!(worker->job.retrying & RETRY_DECIDED) || worker->job.work != WORK_DO)
		return true;
	int64_t *ordinals = arena_array(worker->ctx->arena, slice->count + 1, sizeof(*ordinals));
	size_t count = 0;
	for (size_t i = 0; i < slice->count; i++)
		if (slice->items[i].decision && slice->items[i].was_worked)
			ordinals[count++] = slice->items[i].ordinal;
	return decisions_carried_out(worker->ctx, &worker->job, ordinals, count);
}

/* With the job's row held: is it time, and is it still so? */
static bool is_time(struct ctx *ctx, const struct job *seen, struct job *now, bool *is_time_out)
{
	bool is_open = false;
	*is_time_out = false;
	if (!job_lock(ctx, seen->id, now) || !chunks_open(ctx, now, &is_open))
		return false;
	*is_time_out = !is_open && now->epoch == seen->epoch && now->state == JOB_RUNNING && now->is_decided &&
		       now->work == WORK_DO && now->planned >= now->total && !now->unfrozen && now->stage + 1 >= now->stages;
	return true;
}

bool decide_after_pass(struct ctx *ctx, const struct job *job, bool *began_out)
{
	struct job now;
	*began_out = false;
	if (job->state != JOB_RUNNING || job->work != WORK_DO || job->stage + 1 < job->stages)
		return true;
	if (!pass_log_errors(ctx, job->id))
		return false;
	if (!db_begin(ctx->db, &ctx->fail) || !is_time(ctx, job, &now, began_out))
		goto undo;
	now.stage = 0;
	if ((!*began_out || pass_begin(ctx, &now, JOB_EVENT_DECIDE, WORK_DO, RETRY_DECIDED)) && db_commit(ctx->db, &ctx->fail))
		return true;
undo:
	*began_out = false;
	db_rollback(ctx->db);
	/* Somebody else was at it: whoever looks next goes on. */
	if (ctx->fail.kind != FAIL_RETRY || db_is_lost(ctx->db))
		return false;
	fail_clear(&ctx->fail);
	return true;
}
