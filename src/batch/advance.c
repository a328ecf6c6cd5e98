/* Working one time budget on a job. */
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "batch/access.h"
#include "batch/atomic.h"
#include "batch/depend.h"
#include "batch/pass.h"
#include "batch/maintenance.h"
#include "batch/undo.h"
#include "batch/work.h"
#include "db/db.h"
#include "store/calendars.h"
#include "store/decisions.h"
#include "store/error_log.h"
#include "store/grants.h"
#include "store/turns.h"
#include "store/workers.h"

#include <string.h>

#define PING_EVERY_MS 1000
#define PLAN_ROWS_PER_STEP 5000
#define SLICE_MS 100      /* for oneself, before others; a request as such costs 10 */
#define LOG_ERRORS_MS 100 /* beyond the budget */

static bool ping(struct worker *worker, bool is_over)
{
	int64_t now_ms = monotonic_ms();
	worker->has_worked = true;
	if (!is_over && now_ms - worker->last_ping_ms < PING_EVERY_MS)
		return true;
	worker->last_ping_ms = now_ms;
	int64_t items = worker->unreported_items;
	worker->unreported_items = 0;
	return worker_ping(worker->ctx, is_over ? NULL : &worker->job, items);
}

bool work_open(struct ctx *ctx, const struct job *job, struct worker *worker)
{
	*worker = (struct worker){
		.ctx = ctx,
		.job = *job,
		.operation = operation_of(job->type),
		.lane = { .number = -1 },
		.chunk_size = job->chunk_size,
		.target_ms = ctx->config->chunk_target_ms,
		.last_ping_ms = monotonic_ms(),
	};
	if (job->type == JOB_EVALUATE) {
		worker->noted = arena_alloc(ctx->arena, sizeof(*worker->noted));
		memset(worker->noted, 0, sizeof(*worker->noted));
	}
	return grants_load(ctx, job->created_by, job->scope, &worker->actor) && job_options(ctx, job, &worker->options);
}

/* K <- K * target / elapsed, within K/2..2K and 1..1,000.  What counts is how
 * long a chunk makes others wait; what it waits for other lanes itself would
 * only make all of them smaller and slower (measured: three lanes at 190 items
 * a chunk, 0.4-0.9 of one lane). */
static void adapt(struct worker *worker, const struct chunk *chunk, int64_t elapsed_ms)
{
	int64_t size = chunk->last_ordinal - chunk->first_ordinal + 1;
	int64_t working_ms = elapsed_ms - worker->waited_ms;
	int64_t next = size * worker->target_ms / (working_ms > 0 ? working_ms : 1);
	worker->last_ms = elapsed_ms;
	if (size < worker->chunk_size / 2)
		return; /* a remainder says little */
	next = next > 2 * size ? 2 * size : next < size / 2 ? size / 2 : next;
	if (worker->fits_max && next > worker->fits_max)
		next = worker->fits_max;
	worker->chunk_size = next < 1 ? 1 : next > CHUNK_ITEMS_MAX ? CHUNK_ITEMS_MAX : next;
}

static bool one_chunk(struct worker *worker, struct chunk *chunk)
{
	struct ctx *ctx = worker->ctx;
	int64_t began_ms = monotonic_ms();
	bool ok = true, is_spared = false;
	if (!work_spare(worker, chunk, &is_spared) || is_spared)
		return is_spared;
	worker->waited_ms = 0;
	switch (work_chunk(worker, chunk)) {
	case CHUNK_DONE:
		adapt(worker, chunk, monotonic_ms() - began_ms);
		worker->report.chunks++;
		worker->report.items += chunk->last_ordinal - chunk->first_ordinal + 1;
		worker->unreported_items += chunk->last_ordinal - chunk->first_ordinal + 1;
		return true;
	case CHUNK_LOST:
		worker->chunk_size = worker->chunk_size > 1 ? worker->chunk_size / 2 : 1;
		break;
	case CHUNK_FAILED:
		worker->candidate_count = 0;
		ok = work_retry(worker, chunk);
		break;
	}
	/* The lease may live on: then so does the hold on its lane. */
	return ok && lane_release(ctx, &worker->job, &worker->lane, !worker->is_guest);
}

/* Has an item failed in this pass?  Of a retry that goes through stages a chunk
 * is counted with what failed before and is still to be tried. */
static bool has_failed(struct worker *worker, const struct job_counts *counts, bool *failed_out)
{
	const struct job *job = &worker->job;
	*failed_out = counts->newly_failed > 0;
	return !*failed_out || job->linked == LINKED_NOT || !job->retrying ||
	       items_failed_since(worker->ctx, job->id, job->epoch - job->stage, failed_out);
}

/* The last item was the one that failed: there is nothing to stop. */
static bool is_worked_whole(const struct job *job, const struct job_counts *counts)
{
	return job->planned >= job->total && !counts->open_items && !pass_has_next_stage(job);
}

/* stop_on_error: what is at work finishes, the rest is not begun.
 * rollback_on_error: that, too, is thrown away, and what was done is undone. */
static bool stop_if_failed(struct worker *worker)
{
	bool moved = false, failed = false;
	struct job_counts counts;
	bool rolls_back = worker->options.rollback_on_error && !worker->options.dry_run;
	bool stops = worker->options.stop_on_error && (worker->report.chunks || worker->saw_errors);
	if (!(stops || rolls_back) || worker->job.work != WORK_DO || worker->job.retrying & RETRY_DECIDED)
		return true;
	if (!job_get_counts(worker->ctx, &worker->job, &counts) || !has_failed(worker, &counts, &failed))
		return false;
	if (!failed)
		return true;
	if (rolls_back)
		return undo_after_error(worker->ctx, &worker->job, &moved) && work_refresh(worker);
	if (!work_refresh(worker))
		return false;
	if (is_worked_whole(&worker->job, &counts))
		return true;
	return job_move(worker->ctx, worker->job.id, JOB_RUNNING, JOB_CANCELLING, &moved) &&
	       chunks_cancel(worker->ctx, worker->job.id, false) && decisions_forget_waiting(worker->ctx, worker->job.id) &&
	       work_refresh(worker);
}

/* A batch that is all or nothing goes on with its next pass in the same
 * request; and at once when what it holds back is in vain. */
static bool follow(struct worker *worker, bool *found)
{
	bool moved = false, is_in_vain = worker->saw_errors && worker->job.work == WORK_DO;
	if (!atomic_may_follow(&worker->job) || (*found && !is_in_vain))
		return true;
	if (!work_refresh(worker) || !atomic_follow(worker->ctx, &worker->job, &moved))
		return false;
	*found |= moved;
	return !moved || work_refresh(worker);
}

static bool enough_left(const struct worker *worker, int64_t until_ms)
{
	int64_t left_ms = until_ms - monotonic_ms();
	return left_ms > 0 && left_ms * 2 > worker->last_ms * 3;
}

bool work_gives_way(const struct ctx *ctx, int64_t began_ms)
{
	return ctx->others_wait && monotonic_ms() - began_ms >= SLICE_MS && ctx->others_wait();
}

static bool is_enough(const struct worker *worker)
{
	return worker->chunks_max && worker->report.chunks >= worker->chunks_max;
}

/* What comes before the first chunk: queries become items, items get stages, their places are compared. */
static bool prepare_items(struct worker *worker)
{
	struct ctx *ctx = worker->ctx;
	const struct job *job = &worker->job;
	return (job->unfrozen ? work_freeze(ctx, job, &worker->actor)
		: job->linked == LINKED_UNSTAGED ? work_stage(ctx, job) : work_compare(worker)) && work_refresh(worker);
}

/* One chunk, or the beginning of the next stage. */
static bool step(struct worker *worker, bool *moved_out)
{
	struct ctx *ctx = worker->ctx;
	struct chunk chunk;
	*moved_out = false;
	if (!work_claim(worker, &chunk, moved_out))
		return false;
	if (*moved_out)
		return one_chunk(worker, &chunk) && stop_if_failed(worker) && follow(worker, moved_out);
	if (!pass_next_stage(ctx, &worker->job, moved_out) || (*moved_out && !work_refresh(worker)))
		return false;
	return *moved_out || follow(worker, moved_out);
}

bool work_until(struct worker *worker, int64_t until_ms)
{
	struct ctx *ctx = worker->ctx;
	int64_t began_ms = monotonic_ms();
	bool goes_on;
	/* Who found a failure may have died before it could stop the batch. */
	if (!stop_if_failed(worker))
		return false;
	do {
		struct arena_mark mark = arena_mark(ctx->arena);
		bool moved = true;
		bool ok = ping(worker, false) && (work_must_prepare(&worker->job) ? prepare_items(worker) : step(worker, &moved));
		arena_rewind(ctx->arena, mark);
		if (!ok)
			return false;
		worker->report.found_nothing = !moved;
		if (!moved || job_state_is_terminal(worker->job.state) || is_enough(worker))
			return true;
		goes_on = enough_left(worker, until_ms);
		worker->report.gave_way = goes_on && work_gives_way(ctx, began_ms);
	} while (goes_on && !worker->report.gave_way);
	return true;
}

/* What an evaluation or dry run planned is of no use after its end, unless it
 * can be retried: then its items must still see each other.  What is left when
 * the time is up goes with the job's records. */
static bool clear_plan(const struct worker *worker, int64_t until_ms)
{
	struct job_counts counts;
	bool is_checked = atomic_is_checked(&worker->job, &worker->options); /* from the start, if again */
	bool more = worker->operation->plans_at_ingest || worker->options.dry_run || is_checked;
	if (more && !job_get_counts(worker->ctx, &worker->job, &counts))
		return false;
	more = is_checked || (more && !job_retryable(&counts, RETRYABLE_OUTCOMES | OUTCOME_BIT(OUTCOME_PENDING)));
	while (more && monotonic_ms() < until_ms)
		if (!busy_plan_clear(worker->ctx, worker->job.id, PLAN_ROWS_PER_STEP, &more))
			return false;
	return true;
}

/* What is not counted now, or was left by a process that died, maintenance
 * counts: no reason to fail. */
static void log_errors(struct ctx *ctx, int64_t job_id, int64_t until_ms)
{
	bool more = true;
	while (more && monotonic_ms() < until_ms && error_log_collect(ctx, job_id, &more))
		;
	if (ctx->fail.kind != FAIL_NONE) {
		log_line(LOG_WARN, ctx->reference, "errors of batch %lld are counted later: %s", (long long)job_id,
			 ctx->fail.detail);
		fail_clear(&ctx->fail);
	}
}

/* A hold on a lane that can't be given back runs out by itself. */
static void give_back_lane(struct worker *worker)
{
	struct fail why = worker->ctx->fail;
	if (!db_is_lost(worker->ctx->db))
		(void)!lane_release(worker->ctx, &worker->job, &worker->lane, !worker->is_guest);
	worker->ctx->fail = why;
}

/* What is noted when the work is over, as one transaction: each commit waits for
 * the disk, and three of them took a third as long as a chunk of 200 items.  No
 * correctness rests on it, so a lost race only leaves it out. */
static bool sign_off(struct worker *worker)
{
	struct ctx *ctx = worker->ctx;
	struct lane held = worker->lane;
	if (!worker->has_worked && !held.token)
		return true;
	if (db_begin(ctx->db, &ctx->fail) && (worker->is_guest || turn_spend(ctx, &worker->job)) && ping(worker, true) &&
	    lane_release(ctx, &worker->job, &worker->lane, !worker->is_guest) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	worker->lane = held;
	give_back_lane(worker);
	if (ctx->fail.kind != FAIL_RETRY || db_is_lost(ctx->db))
		return false;
	fail_clear(&ctx->fail);
	return true;
}

bool work_close(struct worker *worker, bool ok, int64_t until_ms)
{
	struct ctx *ctx = worker->ctx;
	bool completed = false;
	if (!ok)
		give_back_lane(worker);
	if (!ok || !sign_off(worker))
		return false;
	/* A chunk may have moved the job on: its row is read again. */
	if (!job_get(ctx, worker->job.id, &worker->job) || !pass_end(ctx, &worker->job, &completed))
		return false;
	if (completed && !job_get(ctx, worker->job.id, &worker->job))
		return false;
	worker->report.is_terminal = job_state_is_terminal(worker->job.state);
	if (worker->saw_errors)
		log_errors(ctx, worker->job.id, monotonic_ms() + LOG_ERRORS_MS);
	if (completed && worker->report.is_terminal && !depend_settle_after(ctx, worker->job.id))
		return false;
	return !worker->report.is_terminal || clear_plan(worker, until_ms);
}

static void keep_house(struct ctx *ctx, int64_t until_ms)
{
	int64_t most_ms = monotonic_ms() + MAINTENANCE_MS;
	maintenance_step(ctx, most_ms < until_ms ? most_ms : until_ms);
}

bool batch_advance(struct ctx *ctx, int64_t job_id, int64_t budget_ms, struct advance_report *report)
{
	struct worker worker;
	struct job job;
	*report = (struct advance_report){ 0 };
	if (!access_job(ctx, job_id, &job) || !depend_settle(ctx, &job) || !work_open(ctx, &job, &worker))
		return false;
	if (!budget_ms)
		budget_ms = worker.options.time_budget_ms ? worker.options.time_budget_ms : ctx->config->time_budget_ms;
	int64_t now_ms = monotonic_ms(), until_ms = now_ms + budget_ms;
	if (ctx->deadline_ms && until_ms > ctx->deadline_ms)
		until_ms = ctx->deadline_ms;
	worker.report.budget_ms = until_ms - now_ms;
	/* Nobody could read that it is busy while it is so for less than that. */
	if (worker.report.budget_ms >= PING_EVERY_MS)
		worker.last_ping_ms -= PING_EVERY_MS;
	worker.report.found_nothing = !work_is_possible(&job);
	bool ok = worker.report.found_nothing || work_until(&worker, until_ms);
	ok = work_close(&worker, ok, until_ms + budget_ms);
	*report = worker.report;
	if (ok && (report->is_terminal || report->found_nothing))
		keep_house(ctx, until_ms);
	return ok;
}
