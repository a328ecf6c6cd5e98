/* What happens to a chunk that could not be worked. */
#include "base/ids.h"
#include "base/log.h"
#include "batch/atomic.h"
#include "batch/work.h"
#include "db/db.h"
#include "store/error_log.h"
#include "store/workers.h"

#define BACKOFF_MAX_MS 300000
#define FAILURES_BEFORE_SPLIT 2

/* retry_backoff_ms * 2^errors, half of it at random. */
static int64_t backoff_ms(const struct worker *worker, int32_t errors)
{
	int64_t delay_ms = worker->options.retry_backoff_ms;
	for (int32_t i = 0; i < errors && delay_ms < BACKOFF_MAX_MS; i++)
		delay_ms *= 2;
	if (delay_ms > BACKOFF_MAX_MS)
		delay_ms = BACKOFF_MAX_MS;
	return delay_ms / 2 + random_below((uint32_t)(delay_ms / 2 + 1));
}

/* What must be finished is tried for ever: publishing, and the rolling back of a
 * batch that is all or nothing. */
static bool may_give_up(const struct job *job)
{
	return job->work != WORK_PUBLISH && job->state != JOB_ROLLING_BACK;
}

/* May it be cut into its items?  An undo may, whatever is undone. */
static bool may_split(const struct job *job, const struct chunk *chunk)
{
	return chunk->first_ordinal < chunk->last_ordinal && (job->work == WORK_UNDO || !atomic_in_one(job));
}

/* What becomes of an item: failed, or not undone (then it keeps its event).  What
 * could not be read when it arrived keeps its reason, and what there is nothing
 * to undo of stays what it is. */
static struct item_outcome given_up_item(const struct item_row *row, bool is_undo, const char *detail)
{
	bool is_unreadable = row->outcome == OUTCOME_FAILED && !row->attempts;
	struct item_outcome as_it_was = {
		.ordinal = row->ordinal, .outcome = row->outcome, .verdict = row->verdict, .event_id = row->event_id
	};
	if (is_undo ? row->outcome != OUTCOME_SUCCEEDED : is_unreadable)
		return as_it_was;
	return (struct item_outcome){
		.ordinal = row->ordinal,
		.outcome = is_undo ? OUTCOME_UNDO_CONFLICT : OUTCOME_FAILED,
		.event_id = is_undo ? row->event_id : 0,
		.was_worked = true,
		.code = CODE_POISON_ITEM,
		.detail = detail,
	};
}

static bool given_up(struct worker *worker, const struct chunk *chunk, struct item_outcome **list_out, size_t *count_out,
		     struct chunk_result *result)
{
	struct ctx *ctx = worker->ctx;
	const struct code_info *info = code_info(CODE_POISON_ITEM);
	bool is_undo = worker->job.work == WORK_UNDO;
	struct item_row *rows;
	if (!items_load(ctx, &worker->job, chunk->first_ordinal, chunk->last_ordinal, ITEMS_ALONE, &rows, count_out))
		return false;
	const char *detail = arena_printf(ctx->arena,
					  "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s (reference %s)\",\"pointer\":\"\","
					  "\"suggestion\":\"%s\",\"recoverable\":true}]}",
					  info->name, info->title, ctx->reference, info->fix);
	*list_out = arena_array(ctx->arena, *count_out + 1, sizeof(**list_out));
	*result = (struct chunk_result){ .work_ms = 0 };
	for (size_t i = 0; i < *count_out; i++) {
		(*list_out)[i] = given_up_item(&rows[i], is_undo, detail);
		result->by_outcome[(*list_out)[i].outcome]++;
		result->unreadable += rows[i].outcome == OUTCOME_FAILED && !rows[i].attempts;
	}
	return true;
}

/* A single item that fails every time is the poison: it becomes `failed`, its
 * neighbours have gone on; where they may not without it, all of them do.  The
 * error log gets why it failed at last. */
static bool give_up_items(struct worker *worker, const struct chunk *chunk, const char *why)
{
	struct ctx *ctx = worker->ctx;
	struct item_outcome *outcomes;
	struct chunk_result result;
	size_t count;
	bool mine = false;
	if (!given_up(worker, chunk, &outcomes, &count, &result))
		return false;
	worker->saw_errors = true;
	if (db_begin(ctx->db, &ctx->fail) && chunk_finish(ctx, &worker->job, chunk, &mine) && mine &&
	    items_write(ctx, &worker->job, outcomes, count, chunk->attempt) &&
	    chunk_set_counts(ctx, &worker->job, chunk, &result) &&
	    error_log_add(ctx, CODE_POISON_ITEM, worker->job.id, chunk->first_ordinal, why) &&
	    db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return !mine && ctx->fail.kind == FAIL_NONE;
}

bool work_spare(struct worker *worker, const struct chunk *chunk, bool *spared)
{
	*spared = false;
	if (chunk->expiries < FAILURES_BEFORE_SPLIT)
		return true;
	if (may_split(&worker->job, chunk))
		return (*spared = chunk_split(worker->ctx, &worker->job, chunk));
	if (chunk->expiries <= worker->options.retry_attempts || !may_give_up(&worker->job))
		return true;
	return (*spared = give_up_items(worker, chunk, "Whoever worked on it did not come back"));
}

bool work_retry(struct worker *worker, const struct chunk *chunk)
{
	struct ctx *ctx = worker->ctx;
	struct fail why = ctx->fail;
	/* What passes by itself (deadlock, full disk, database away) is never the
	 * item's fault, and is waited for as long as it takes. */
	bool is_transient = why.kind == FAIL_RETRY, is_too_much = db_took_too_long(&why);
	int32_t failures = chunk->errors + chunk->expiries + 1;
	log_line(LOG_WARN, ctx->reference, "batch %lld items %lld-%lld: %s", (long long)worker->job.id,
		 (long long)chunk->first_ordinal, (long long)chunk->last_ordinal, why.detail);
	fail_clear(&ctx->fail);
	if (!db_ensure(ctx->db, &ctx->fail))
		return false; /* the lease runs out by itself */
	worker_report(ctx, "warn", worker->job.id, "items %lld to %lld, attempt %d (%d errors, %d expired leases before): %s",
		      (long long)chunk->first_ordinal, (long long)chunk->last_ordinal, chunk->attempt,
		      chunk->errors + chunk->transients, chunk->expiries, why.public_message);
	/* Nor is it that the database is slow: but less at once it may manage. */
	if (is_too_much && chunk->transients + 1 >= FAILURES_BEFORE_SPLIT && may_split(&worker->job, chunk))
		return chunk_split(ctx, &worker->job, chunk);
	if (!is_transient && failures >= FAILURES_BEFORE_SPLIT) {
		if (may_split(&worker->job, chunk))
			return chunk_split(ctx, &worker->job, chunk);
		if (failures > worker->options.retry_attempts && may_give_up(&worker->job))
			return give_up_items(worker, chunk, why.public_message);
	}
	return chunk_release(ctx, &worker->job, chunk, is_transient, backoff_ms(worker, chunk->errors + chunk->transients));
}
