/* Working one time budget on a job. */
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "batch/access.h"
#include "batch/depend.h"
#include "batch/pass.h"
#include "batch/work.h"
#include "db/db.h"
#include "store/calendars.h"
#include "store/error_log.h"
#include "store/grants.h"
#include "store/workers.h"

#define PING_EVERY_MS 1000
#define SIZE_MAX_ITEMS 1000
#define PLAN_ROWS_PER_STEP 5000
#define LOG_ERRORS_MS 100 /* beyond the budget */
/* A chunk whose lease keeps running out kills its holders: poison. */
#define EXPIRIES_BEFORE_SPLIT 2

static bool ping(struct worker *worker, bool force)
{
	int64_t now_ms = monotonic_ms();
	if (!force && now_ms - worker->last_ping_ms < PING_EVERY_MS)
		return true;
	worker->last_ping_ms = now_ms;
	int64_t items = worker->unreported_items;
	worker->unreported_items = 0;
	return worker_ping(worker->ctx, force ? 0 : worker->job.id, items);
}

static bool open_worker(struct ctx *ctx, int64_t job_id, struct worker *worker)
{
	*worker = (struct worker){ .ctx = ctx, .last_ping_ms = monotonic_ms() - PING_EVERY_MS };
	if (!access_job(ctx, job_id, &worker->job) || !grants_load(ctx, worker->job.created_by, &worker->actor))
		return false;
	if (!options_load(ctx->config, ctx->arena, worker->job.type, worker->job.options, &worker->options))
		return fail_set(&ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "The batch's options can't be read");
	worker->operation = operation_of(worker->job.type);
	worker->chunk_size = worker->job.chunk_size;
	return true;
}

/* K <- K * target / elapsed, within K/2..2K and 1..1,000.  What counts is how
 * long a chunk makes others wait; what it waits for other lanes itself would
 * only make all of them smaller and slower (measured: three lanes at 190 items
 * a chunk, 0.4-0.9 of one lane). */
static void adapt(struct worker *worker, const struct chunk *chunk, int64_t elapsed_ms)
{
	int64_t size = chunk->last_ordinal - chunk->first_ordinal + 1;
	int64_t working_ms = elapsed_ms - worker->waited_ms;
	int64_t next = size * worker->ctx->config->chunk_target_ms / (working_ms > 0 ? working_ms : 1);
	worker->last_ms = elapsed_ms;
	if (size < worker->chunk_size / 2)
		return; /* a remainder says little */
	next = next > 2 * size ? 2 * size : next < size / 2 ? size / 2 : next;
	worker->chunk_size = next < 1 ? 1 : next > SIZE_MAX_ITEMS ? SIZE_MAX_ITEMS : next;
}

static bool one_chunk(struct worker *worker, const struct chunk *chunk)
{
	struct ctx *ctx = worker->ctx;
	int64_t began_ms = monotonic_ms();
	if (chunk->expiries >= EXPIRIES_BEFORE_SPLIT && chunk->first_ordinal < chunk->last_ordinal)
		return chunk_split(ctx, &worker->job, chunk);
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
		return true;
	case CHUNK_FAILED:
		worker->candidate_count = 0;
		return work_retry(worker, chunk);
	}
	return true;
}

/* stop_on_error: what is at work finishes, the rest is not begun. */
static bool stop_if_failed(struct worker *worker)
{
	struct job_counts counts;
	bool moved = false;
	if (!worker->options.stop_on_error || !worker->report.chunks)
		return true;
	if (!job_get_counts(worker->ctx, &worker->job, &counts))
		return false;
	if (!counts.newly_failed)
		return true;
	return job_move(worker->ctx, worker->job.id, JOB_RUNNING, JOB_CANCELLING, &moved) &&
	       chunks_cancel(worker->ctx, worker->job.id, false) && work_refresh(worker);
}

static bool enough_left(const struct worker *worker, int64_t until_ms)
{
	int64_t left_ms = until_ms - monotonic_ms();
	return left_ms > 0 && left_ms * 2 > worker->last_ms * 3;
}

static bool work_until(struct worker *worker, int64_t until_ms)
{
	struct ctx *ctx = worker->ctx;
	do {
		struct arena_mark mark = arena_mark(ctx->arena);
		struct chunk chunk;
		bool found = false;
		bool ok = ping(worker, false);
		if (ok && worker->job.unfrozen) {
			ok = work_freeze(ctx, &worker->job, &worker->actor) && work_refresh(worker);
			arena_rewind(ctx->arena, mark);
			if (!ok)
				return false;
			continue;
		}
		ok = ok && work_claim(worker, &chunk, &found) && (!found || one_chunk(worker, &chunk)) && stop_if_failed(worker);
		arena_rewind(ctx->arena, mark);
		if (!ok)
			return false;
		worker->report.found_nothing = !found;
		if (!found || job_state_is_terminal(worker->job.state))
			return true;
	} while (enough_left(worker, until_ms));
	return true;
}

/* What an evaluation or dry run planned is of no use after its end.  What is
 * left when the time is up goes with the job's records. */
static bool clear_plan(const struct worker *worker, int64_t until_ms)
{
	bool more = worker->operation->plans_at_ingest || worker->options.dry_run;
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

bool batch_advance(struct ctx *ctx, int64_t job_id, int64_t budget_ms, struct advance_report *report)
{
	struct worker worker;
	bool completed = false;
	*report = (struct advance_report){ 0 };
	if (!open_worker(ctx, job_id, &worker) || !depend_settle(ctx, &worker.job))
		return false;
	if (!budget_ms)
		budget_ms = worker.options.time_budget_ms ? worker.options.time_budget_ms : ctx->config->time_budget_ms;
	int64_t until_ms = monotonic_ms() + budget_ms;
	if (ctx->deadline_ms && until_ms > ctx->deadline_ms)
		until_ms = ctx->deadline_ms;
	worker.report.found_nothing = worker.job.waiting == WAITING_FOR_OTHERS;
	if (!worker.report.found_nothing && pass_is_worked(worker.job.state)) {
		if (!work_until(&worker, until_ms) || !ping(&worker, true))
			return false;
	}
	/* A chunk may have moved the job on: its row is read again. */
	if (!job_get(ctx, job_id, &worker.job) || !pass_end(ctx, &worker.job, &completed))
		return false;
	if (worker.saw_errors)
		log_errors(ctx, job_id, until_ms + LOG_ERRORS_MS);
	*report = worker.report;
	report->is_terminal = completed ? worker.job.state != JOB_PAUSING : job_state_is_terminal(worker.job.state);
	if (completed && report->is_terminal && !depend_settle_after(ctx, job_id))
		return false;
	return !report->is_terminal || clear_plan(&worker, monotonic_ms() + budget_ms);
}
