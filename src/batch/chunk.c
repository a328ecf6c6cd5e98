/* One chunk, from claim to commit (engine.md, "The protocol", 3 and 4). */
#include "base/clock.h"
#include "base/ids.h"
#include "batch/atomic.h"
#include "batch/decide.h"
#include "batch/pass.h"
#include "batch/work.h"
#include "db/db.h"
#include "store/calendar_notes.h"

#include <time.h>

#define REPLAYS_MAX 6
#define JITTER_MS 40

static struct chunk_result count_outcomes(const struct slice *slice, int64_t work_ms)
{
	struct chunk_result result = { .work_ms = work_ms };
	for (size_t i = 0; i < slice->count; i++) {
		result.by_outcome[slice->items[i].outcome]++;
		result.unreadable += slice->items[i].is_unreadable;
	}
	return result;
}

/* An undo reads what was done, not what was sent. */
static bool prepare_undo(struct worker *worker, const struct chunk *chunk, struct slice *slice)
{
	*slice = (struct slice){
		.kind = SLICE_UNDO,
		.actor = &worker->actor,
		.job_id = worker->job.id,
		.epoch = worker->job.epoch,
		.retrying = worker->job.retrying,
		.resolution = worker->options.resolution,
		.conflict_window_s = worker->options.conflict_window_s,
		.conflict_details = (size_t)worker->options.conflict_details,
	};
	return slice_load_undo(slice, worker->ctx, chunk->first_ordinal, chunk->last_ordinal, worker->job.type != JOB_CREATE);
}

/* Step 3: everything that needs no lock. */
static bool prepare(struct worker *worker, const struct chunk *chunk, struct slice *slice)
{
	struct ctx *ctx = worker->ctx;
	struct item_row *rows;
	size_t count;
	if (atomic_is_fold(&worker->job)) {
		*slice = (struct slice){ 0 };
		return true; /* it is all in the finishing transaction */
	}
	if (worker->job.work == WORK_UNDO)
		return prepare_undo(worker, chunk, slice);
	if (!items_load(ctx, &worker->job, chunk->first_ordinal, chunk->last_ordinal, atomic_items_with(worker), &rows, &count))
		return false;
	*slice = (struct slice){
		.kind = worker->operation->kind,
		.actor = &worker->actor,
		.job_id = worker->job.id,
		.epoch = worker->job.epoch,
		.retrying = worker->job.retrying,
		.reading = worker->options.normalise ? EVENT_NORMALISE : 0,
		.resolution = worker->options.resolution,
		.conflict_window_s = worker->options.conflict_window_s,
		.list_occurrences = (size_t)worker->options.list_occurrences,
		.conflict_details = (size_t)worker->options.conflict_details,
		.dry_run = worker->options.dry_run,
		.use_plan = worker->options.dry_run || worker->operation->plans_at_ingest,
		.conflicts_only = worker->options.conflicts_only,
		.check_compliance = true,
		.from_evaluation = worker->options.from_evaluation,
		.rests_on_notes = worker->job.type == JOB_CREATE && worker->options.from_evaluation && !worker->options.dry_run,
		.noted_before = worker->noted,
		.skip_compliance = !worker->options.check_compliance,
		.check_due = worker->options.check_due,
		.is_linked = worker->job.linked != LINKED_NOT,
		.stage = worker->job.stage,
	};
	atomic_prepare(worker, slice);
	if (!decide_prepare(worker, chunk, rows, count))
		return false;
	slice_init(slice, ctx, rows, count);
	slice_read(slice);
	if (!slice_look_up(slice))
		return false;
	return slice->cut_at || !worker->operation->writes_nothing || slice_check(slice);
}

static bool write_results(struct worker *worker, const struct chunk *chunk, const struct slice *slice, int64_t began_ms)
{
	struct ctx *ctx = worker->ctx;
	const struct item_outcome *outcomes = slice_outcomes(slice);
	struct chunk_result result = count_outcomes(slice, monotonic_ms() - began_ms);
	const int64_t *by_outcome = result.by_outcome;
	worker->saw_errors |= by_outcome[OUTCOME_FAILED] || by_outcome[OUTCOME_CONFLICT] || by_outcome[OUTCOME_UNDO_CONFLICT];
	return items_write(ctx, &worker->job, outcomes, slice->count, 1) &&
	       (!worker->job.retrying || worker->job.work == WORK_UNDO || items_clear_errors(ctx, worker->job.id, outcomes, slice->count)) &&
	       decide_carried_out(worker, slice) &&
	       chunk_set_counts(ctx, &worker->job, chunk, &result);
}

/* What the chunk does, behind the fence. */
static bool apply(struct worker *worker, const struct chunk *chunk, struct slice *slice, int64_t began_ms)
{
	if (atomic_is_fold(&worker->job))
		return atomic_fold(worker, chunk, began_ms);
	if (!worker->operation->writes_nothing && !slice_apply(slice))
		return false;
	if (slice->noted_count &&
	    !calendars_note(worker->ctx, worker->job.id, slice->noted, slice->noted_versions, slice->noted_count))
		return false;
	atomic_judge(worker, slice);
	return write_results(worker, chunk, slice, began_ms);
}

/* Step 4: fence, apply, results, commit. */
static enum chunk_end finish(struct worker *worker, const struct chunk *chunk, struct slice *slice, int64_t began_ms)
{
	struct ctx *ctx = worker->ctx;
	bool mine = false;
	if (!db_begin(ctx->db, &ctx->fail) || !chunk_finish(ctx, &worker->job, chunk, &mine))
		goto failed;
	if (!mine) {
		db_rollback(ctx->db);
		return CHUNK_LOST;
	}
	if (apply(worker, chunk, slice, began_ms) && db_commit(ctx->db, &ctx->fail)) {
		worker->waited_ms = slice->waited_ms;
		if (worker->noted)
			calendars_remember(worker->noted, slice->noted, slice->noted_count);
		return CHUNK_DONE;
	}
failed:
	db_rollback(ctx->db);
	return CHUNK_FAILED;
}

/* The answer to COMMIT was lost: the row tells whether it happened. */
static enum chunk_end look_after_commit(struct worker *worker, const struct chunk *chunk)
{
	struct ctx *ctx = worker->ctx;
	bool done = false;
	fail_clear(&ctx->fail);
	if (!db_ensure(ctx->db, &ctx->fail) || !chunk_check(ctx, &worker->job, chunk, "done", &done))
		return CHUNK_LOST; /* the lease will tell */
	return done ? CHUNK_DONE : CHUNK_LOST;
}

static void pause_a_moment(void)
{
	struct timespec wait = { .tv_nsec = (long)(1 + random_below(JITTER_MS)) * 1000000L };
	nanosleep(&wait, NULL);
}

/* Series come to thousands of intervals: what is too much at once is cut, which
 * is nobody's error.  A batch that was to be one transaction becomes one that is
 * held back; its chunk is gone then. */
static enum chunk_end cut(struct worker *worker, struct chunk *chunk, int64_t cut_at)
{
	bool mine = false;
	if (atomic_in_one(&worker->job))
		return chunk_hold_back(worker->ctx, &worker->job, chunk) && work_refresh(worker) ? CHUNK_LOST : CHUNK_FAILED;
	if (!chunk_cut(worker->ctx, &worker->job, chunk, cut_at, &mine))
		return CHUNK_FAILED;
	if (!mine)
		return CHUNK_LOST;
	chunk->last_ordinal = cut_at - 1;
	worker->fits_max = worker->chunk_size = cut_at - chunk->first_ordinal;
	return CHUNK_DONE;
}

/* A guest works no more than he has the time for: chunks were planned for others,
 * or when the database was quicker. */
static enum chunk_end shorten(struct worker *worker, struct chunk *chunk)
{
	const struct job *job = &worker->job;
	if (!worker->items_max || chunk->last_ordinal - chunk->first_ordinal < worker->items_max)
		return CHUNK_DONE;
	enum chunk_end end = cut(worker, chunk, chunk->first_ordinal + worker->items_max);
	if (end != CHUNK_DONE || job->work != WORK_UNDO || !pass_is_ordered(job))
		return end;
	/* The newest first: what was cut off comes before this. */
	return chunk_release(worker->ctx, job, chunk, true, 0) ? CHUNK_LOST : CHUNK_FAILED;
}

/* Prepares the chunk, or as much of it as fits. */
static enum chunk_end prepare_fitting(struct worker *worker, struct chunk *chunk, struct slice *slice)
{
	enum chunk_end short_enough = shorten(worker, chunk);
	if (short_enough != CHUNK_DONE)
		return short_enough;
	for (;;) {
		struct arena_mark mark = arena_mark(worker->ctx->arena);
		if (!prepare(worker, chunk, slice))
			return CHUNK_FAILED;
		if (!slice->cut_at)
			return CHUNK_DONE;
		int64_t cut_at = slice->cut_at;
		arena_rewind(worker->ctx->arena, mark);
		enum chunk_end end = cut(worker, chunk, cut_at);
		if (end != CHUNK_DONE)
			return end;
	}
}

enum chunk_end work_chunk(struct worker *worker, struct chunk *chunk)
{
	struct ctx *ctx = worker->ctx;
	int64_t began_ms = monotonic_ms();
	for (int replay = 0;; replay++) {
		struct arena_mark mark = arena_mark(ctx->arena);
		struct slice slice;
		fail_clear(&ctx->fail);
		enum chunk_end end = prepare_fitting(worker, chunk, &slice);
		if (end == CHUNK_DONE)
			end = finish(worker, chunk, &slice, began_ms);
		arena_rewind(ctx->arena, mark);
		if (end != CHUNK_FAILED)
			return end;
		if (ctx->fail.kind == FAIL_UNCERTAIN)
			return look_after_commit(worker, chunk);
		/* A deadlock or a lost race is replayed whole, with fresh eyes; a
		 * lost connection is left to the lease's next holder. */
		if (ctx->fail.kind != FAIL_RETRY || db_is_lost(ctx->db) || replay >= REPLAYS_MAX)
			return CHUNK_FAILED;
		worker->chunk_size = worker->chunk_size > 1 ? worker->chunk_size / 2 : 1;
		pause_a_moment();
	}
}
