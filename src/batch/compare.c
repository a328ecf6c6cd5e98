/*
 * Comparing: which items of an evaluation may be in each other's way.
 *
 * What they occupy was packed as they were received (store/places.h).  Before
 * the first chunk it is sorted and swept, some parts of the calendars at a time,
 * each step one transaction: it can stop after any of them and go on in another
 * process.  What may collide becomes rows of busy_plan, where the chunks find it;
 * nearly always that is next to nothing.  Everything becomes rows where looks go
 * beyond what the items themselves want: stored events are evaluated beside
 * proposals, other times or other people are looked for; and of a part that
 * holds too much for one process's memory.
 */
#include "batch/work.h"
#include "db/db.h"
#include "store/places.h"
#include "store/restrictions.h"

#define PLACES_MAX 45000       /* compared at once: 1.4 MB, twice that while they are sorted */
#define PLACES_PER_ITEM 3      /* more or less */
#define PAGE_PLACES_MAX 1000000 /* a page's rows are bounded by their bytes */

struct step {
	struct worker *worker;
	struct place_list places;
	int32_t from;          /* the lowest part that was read */
	int32_t next_left;
	enum places_whole next_whole;
};

static bool wants_everything(struct worker *worker, bool *all_out)
{
	*all_out = worker->options.resolution.on_conflict == ON_CONFLICT_SHIFT;
	return *all_out || restrictions_name_others(worker->ctx, all_out);
}

/* As many parts as are likely to fit; of one that does not everything is planned. */
static bool read_parts(struct step *step)
{
	const struct job *job = &step->worker->job;
	int64_t fitting = (int64_t)PLACES_MAX * PLACE_PARTS / (PLACES_PER_ITEM * (job->total > 0 ? job->total : 1));
	int32_t left = job->places_left, parts = fitting < 1 ? 1 : fitting < left ? (int32_t)fitting : left;
	step->places.most = PLACES_MAX;
	for (;; parts = 1) {
		if (!places_fetch(step->worker->ctx, job->id, left - parts, left, &step->places))
			return false;
		if (!step->places.is_too_much || parts == 1)
			break;
	}
	if (step->places.is_too_much) {
		step->next_left = step->from = left;
		step->next_whole = PLACES_PART_WHOLE;
		return true;
	}
	crowd_sift(step->places.list, step->places.count, step->worker->options.conflict_window_s);
	step->next_left = step->from = left - parts;
	step->next_whole = PLACES_COMPARED;
	return true;
}

static int32_t part_of_page(const struct job *job)
{
	return job->places_whole == PLACES_WHOLE ? -1 : job->places_left - 1;
}

static bool read_page(struct step *step)
{
	const struct job *job = &step->worker->job;
	step->places.most = PAGE_PLACES_MAX;
	if (!places_page(step->worker->ctx, job->id, part_of_page(job), &step->places))
		return false;
	for (size_t i = 0; i < step->places.count; i++)
		step->places.list[i].is_crowded = true;
	bool is_last = step->places.rows < PLACE_ROWS_A_PAGE;
	step->next_left = !is_last ? job->places_left : job->places_whole == PLACES_WHOLE ? 0 : job->places_left - 1;
	step->next_whole = is_last ? PLACES_COMPARED : job->places_whole;
	return true;
}

static bool read_step(struct step *step)
{
	const struct job *job = &step->worker->job;
	bool all = false;
	if (job->places_whole != PLACES_COMPARED)
		return read_page(step);
	if (job->places_left == PLACE_PARTS && !wants_everything(step->worker, &all))
		return false;
	if (!all)
		return read_parts(step);
	step->next_left = step->from = job->places_left;
	step->next_whole = PLACES_WHOLE;
	return true;
}

static bool write_step(struct step *step)
{
	struct ctx *ctx = step->worker->ctx;
	const struct job *job = &step->worker->job;
	if (!places_plan(ctx, job->id, &step->places))
		return false;
	if (job->places_whole != PLACES_COMPARED)
		return places_forget_page(ctx, job->id, part_of_page(job), &step->places);
	return step->from == job->places_left || places_forget(ctx, job->id, step->from);
}

static bool run(struct step *step)
{
	struct ctx *ctx = step->worker->ctx;
	const struct job *job = &step->worker->job;
	bool mine = false;
	if (!read_step(step) || !db_begin(ctx->db, &ctx->fail))
		return false;
	if (places_move(ctx, job->id, job->places_left, job->places_whole, step->next_left, step->next_whole, &mine) && mine &&
	    write_step(step) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return !mine && ctx->fail.kind == FAIL_NONE; /* another process did this step */
}

bool work_compare(struct worker *worker)
{
	struct step step = { .worker = worker };
	bool ok = run(&step);
	place_list_free(&step.places);
	return ok;
}
