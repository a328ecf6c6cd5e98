/* Working whatever is most urgent: what afterwork and tick do. */
#include "base/clock.h"
#include "base/log.h"
#include "batch/activate.h"
#include "batch/work.h"
#include "db/db.h"
#include "store/turns.h"

#define JOBS_COUNTED 64      /* told apart in the report */
#define TAKES_MAX 8          /* turns lost to others in a row */
#define GUEST_ITEMS 200      /* of a batch whose speed nobody knows yet */

struct driver {
	struct ctx *ctx;
	const struct drive *how;
	int64_t began_ms, until_ms;
	int64_t jobs[JOBS_COUNTED];
	struct drive_report *report;
};

static void count_job(struct driver *driver, int64_t job_id)
{
	int32_t known = driver->report->jobs < JOBS_COUNTED ? driver->report->jobs : JOBS_COUNTED;
	for (int32_t i = 0; i < known; i++)
		if (driver->jobs[i] == job_id)
			return;
	if (known < JOBS_COUNTED)
		driver->jobs[known] = job_id;
	driver->report->jobs++;
}

/* How large chunks are to be goes by what the batch's last ones took; a guest's
 * end well within his time. */
static bool size_chunks(const struct driver *driver, struct worker *worker)
{
	int64_t item_us, size;
	int64_t max_ms = driver->how->chunk_max_ms;
	if (!chunks_item_us(driver->ctx, &worker->job, &item_us))
		return false;
	if (max_ms && worker->target_ms > max_ms / 2)
		worker->target_ms = max_ms / 2;
	if (max_ms)
		worker->items_max = !item_us ? GUEST_ITEMS : max_ms * 1000 > item_us ? max_ms * 1000 / item_us : 1;
	if (item_us) {
		size = worker->target_ms * 1000 / item_us;
		worker->chunk_size = size < 1 ? 1 : size > CHUNK_ITEMS_MAX ? CHUNK_ITEMS_MAX : size;
	}
	return true;
}

static bool work_one_chunk(struct driver *driver, const struct job *job, struct worker *worker)
{
	if (!work_open(driver->ctx, job, worker))
		return false;
	worker->is_guest = true;
	worker->chunks_max = 1;
	worker->report.found_nothing = true;
	if (!work_is_possible(job))
		return work_close(worker, true, driver->until_ms);
	/* Whatever is done is done as the batch's creator. */
	driver->ctx->actor = &worker->actor;
	return work_close(worker, size_chunks(driver, worker) && work_until(worker, driver->until_ms), driver->until_ms);
}

/* One turn of a batch.  One that can't be worked does not keep the others
 * waiting: it is put off. */
static bool work_turn(struct driver *driver, int64_t job_id)
{
	struct ctx *ctx = driver->ctx;
	struct worker worker = { .report = { .chunks = 0 } };
	struct job job;
	const struct actor *asking = ctx->actor;
	if (!job_get(ctx, job_id, &job)) {
		bool is_gone = ctx->fail.kind == FAIL_NOT_FOUND;
		fail_clear(&ctx->fail);
		return is_gone;
	}
	bool ok = work_one_chunk(driver, &job, &worker);
	ctx->actor = asking;
	driver->report->chunks += worker.report.chunks;
	driver->report->items += worker.report.items;
	if (worker.report.chunks)
		count_job(driver, job_id);
	if (!ok) {
		log_line(LOG_WARN, ctx->reference, "batch %lld: %s %s", (long long)job_id, ctx->fail.public_message,
			 ctx->fail.detail);
		if (db_is_lost(ctx->db))
			return false;
		fail_clear(&ctx->fail);
	}
	if (ok && worker.report.is_terminal)
		return true;
	return worker.report.chunks || (ok && job.unfrozen && !worker.report.found_nothing) ? job_not_put_off(ctx, job_id)
										: job_put_off(ctx, &job);
}

/* The next batch; 0 when none is due.  Turns that lead nowhere are put off on
 * the way, those that others take are theirs. */
static bool next_job(struct driver *driver, int64_t *job_id_out)
{
	struct ctx *ctx = driver->ctx;
	struct turn turns[TURNS_MAX];
	size_t count;
	int64_t healed = 0;
	*job_id_out = 0;
	for (int attempt = 0; attempt < TAKES_MAX; attempt++) {
		if (!turns_next(ctx, turns, &count) || (!count && !healed && !turns_heal(ctx, &healed)))
			return false;
		if (!count && !healed)
			return true;
		for (size_t i = 0; i < count; i++) {
			bool mine = false;
			if (!turns[i].job_id) {
				if (!turn_put_off(ctx, &turns[i]))
					return false;
				continue;
			}
			if (!turn_take(ctx, &turns[i], &mine))
				return false;
			*job_id_out = mine ? turns[i].job_id : 0;
			if (mine)
				return true;
			break; /* others are at it: look again */
		}
	}
	return true;
}

static bool goes_on(const struct driver *driver)
{
	const struct drive *how = driver->how;
	return monotonic_ms() + how->chunk_max_ms < driver->until_ms &&
	       !(how->is_over ? how->is_over(how->user) : work_gives_way(driver->ctx, driver->began_ms));
}

/* What can't be begun now must not keep anything else waiting. */
static void begin_due(struct ctx *ctx)
{
	if (activate_due(ctx))
		return;
	log_line(LOG_WARN, ctx->reference, "due events: %s (%s)", ctx->fail.public_message, ctx->fail.detail);
	if (!db_is_lost(ctx->db))
		fail_clear(&ctx->fail);
}

bool batch_drive(struct ctx *ctx, const struct drive *how, struct drive_report *report)
{
	int64_t now_ms = monotonic_ms();
	struct driver driver = { .ctx = ctx, .how = how, .report = report, .began_ms = now_ms, .until_ms = now_ms + how->budget_ms };
	int64_t job_id = 0;
	*report = (struct drive_report){ 0 };
	if (ctx->deadline_ms && driver.until_ms > ctx->deadline_ms)
		driver.until_ms = ctx->deadline_ms;
	begin_due(ctx);
	while (goes_on(&driver)) {
		struct arena_mark mark = arena_mark(ctx->arena);
		bool ok = next_job(&driver, &job_id) && (!job_id || work_turn(&driver, job_id));
		arena_rewind(ctx->arena, mark);
		if (!ok)
			return false;
		if (!job_id)
			return true;
	}
	report->has_more = true;
	return true;
}
