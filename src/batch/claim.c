/* Finding and claiming a chunk; planning the next ones. */
#include "base/ids.h"
#include "batch/pass.h"
#include "batch/work.h"

/* So many chunks are planned ahead per lane: few enough for the size to adapt,
 * enough for every lane to find one. */
#define PLANNED_PER_LANE 2
#define CLAIMS_MAX 64 /* lost races in a row before giving the turn away */
#define LOOKS_MAX 8

/* `full_out`: nothing may be claimed or planned now, others are at work. */
static bool poll(struct worker *worker, bool *full_out)
{
	struct ctx *ctx = worker->ctx;
	int32_t leased = 0;
	worker->candidate_count = 0;
	*full_out = false;
	if (worker->job.is_ordered)
		return chunks_poll_ordered(ctx, &worker->job, worker->candidates, &worker->candidate_count, full_out);
	if (!chunks_poll(ctx, &worker->job, worker->candidates, &worker->candidate_count, &leased))
		return false;
	*full_out = leased >= worker->job.max_lanes;
	if (*full_out)
		worker->candidate_count = 0;
	return true;
}

/* More chunks, if there is anything left to plan. */
static bool plan(struct worker *worker, bool *planned_out)
{
	struct job *job = &worker->job;
	int32_t count = worker->options.chunk_size ? CANDIDATES_MAX : PLANNED_PER_LANE * job->max_lanes;
	int64_t size = worker->options.chunk_size ? worker->options.chunk_size : worker->chunk_size;
	*planned_out = false;
	if (job->unfrozen || job->planned >= job->total)
		return true;
	if (!chunks_plan(worker->ctx, job, size, count, planned_out))
		return false;
	/* Another process planned, or a person paused: see how things are. */
	return *planned_out || work_refresh(worker);
}

bool work_refresh(struct worker *worker)
{
	struct job now, *job = &worker->job;
	if (!job_get(worker->ctx, job->id, &now))
		return false;
	/* Numbers only: texts of `now` go away with the chunk's memory. */
	if (job->epoch != now.epoch)
		worker->candidate_count = 0;
	job->state = now.state;
	job->epoch = now.epoch;
	job->work = now.work;
	job->retrying = now.retrying;
	job->stage = now.stage;
	job->total = now.total;
	job->planned = now.planned;
	job->unfrozen = now.unfrozen;
	return true;
}

/* Candidates, by poll or by plan; none when there is nothing to do now. */
static bool find_candidates(struct worker *worker)
{
	for (int look = 0; look < LOOKS_MAX; look++) {
		bool full = false, planned = false;
		int64_t seen = worker->job.planned;
		if (!poll(worker, &full))
			return false;
		if (worker->candidate_count || full)
			return true;
		if (!plan(worker, &planned))
			return false;
		if (!planned && (worker->job.planned == seen || !pass_is_worked(worker->job.state)))
			return true;
	}
	return true;
}

bool work_claim(struct worker *worker, struct chunk *chunk, bool *found_out)
{
	*found_out = false;
	for (int attempt = 0; attempt < CLAIMS_MAX && !*found_out; attempt++) {
		if (!worker->candidate_count && !find_candidates(worker))
			return false;
		if (!worker->candidate_count)
			return true;
		/* At random, so that lanes do not race for the same one. */
		size_t pick = random_below((uint32_t)worker->candidate_count);
		*chunk = worker->candidates[pick];
		worker->candidates[pick] = worker->candidates[--worker->candidate_count];
		if (!chunk_claim(worker->ctx, &worker->job, chunk, found_out))
			return false;
	}
	return true;
}
