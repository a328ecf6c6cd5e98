/* Finding and claiming a chunk; planning the next ones. */
#include "base/ids.h"
#include "batch/atomic.h"
#include "batch/pass.h"
#include "batch/work.h"

/* So many chunks are planned ahead per lane: few enough for the size to adapt,
 * enough for every lane to find one. */
#define PLANNED_PER_LANE 2
#define CLAIMS_MAX 64 /* lost races in a row before giving the turn away */
#define LOOKS_MAX 8

/* Chunks that a guest would hold his own visitors up with he cuts; those that
 * may not be cut are not for him. */
static void leave_the_long_ones(struct worker *worker)
{
	size_t kept = 0;
	if (!worker->items_max || !(worker->options.chunk_size || atomic_in_one(&worker->job)))
		return;
	for (size_t i = 0; i < worker->candidate_count; i++) {
		const struct chunk *chunk = &worker->candidates[i];
		if (chunk->last_ordinal - chunk->first_ordinal < worker->items_max)
			worker->candidates[kept++] = *chunk;
	}
	worker->candidate_count = kept;
}

/* `blocked_out`: nothing may be claimed or planned now, others are at work. */
static bool poll(struct worker *worker, bool *blocked_out)
{
	struct ctx *ctx = worker->ctx;
	worker->candidate_count = 0;
	*blocked_out = false;
	bool is_ordered = pass_is_ordered(&worker->job);
	if (is_ordered ? !chunks_poll_ordered(ctx, &worker->job, worker->candidates, &worker->candidate_count, blocked_out)
		       : !chunks_poll(ctx, &worker->job, worker->candidates, &worker->candidate_count))
		return false;
	*blocked_out |= is_ordered && worker->candidate_count;
	leave_the_long_ones(worker);
	return true;
}

/* More chunks, if there is anything left to plan. */
static bool plan(struct worker *worker, bool *planned_out)
{
	struct job *job = &worker->job;
	int32_t count = worker->options.chunk_size ? CANDIDATES_MAX : PLANNED_PER_LANE * job->max_lanes;
	int64_t size = worker->options.chunk_size ? worker->options.chunk_size : worker->chunk_size;
	*planned_out = false;
	if (work_must_prepare(job) || job->planned >= job->total)
		return true;
	if (!job->planned)
		job->work = atomic_first_work(worker->ctx->config, job, &worker->options);
	if (atomic_in_one(job)) {
		if (worker->items_max && job->total > worker->items_max)
			return true; /* too long for a guest, and not to be cut */
		size = job->total;
		count = 1;
	}
	if (worker->items_max && size > worker->items_max) {
		if (worker->options.chunk_size)
			return true; /* as its owner wants it, and too long for a guest */
		size = worker->items_max;
		count = 1;
	}
	if (!chunks_plan(worker->ctx, job, size, count, planned_out))
		return false;
	/* Another process planned, or a person paused: see how things are. */
	return *planned_out || work_refresh(worker);
}

bool work_must_prepare(const struct job *job)
{
	return job->unfrozen || job->linked == LINKED_UNSTAGED || job->places_left;
}

bool work_is_possible(const struct job *job)
{
	return job->waiting != WAITING_FOR_OTHERS && pass_is_worked(job->state);
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
	job->linked = now.linked;
	job->places_left = now.places_left;
	job->places_whole = now.places_whole;
	job->stages = now.stages;
	job->is_held_back = now.is_held_back;
	return true;
}

/* Candidates, by poll or by plan; none when there is nothing to do now. */
static bool find_candidates(struct worker *worker)
{
	for (int look = 0; look < LOOKS_MAX; look++) {
		bool blocked = false, planned = false;
		int64_t seen = worker->job.planned;
		if (!poll(worker, &blocked))
			return false;
		/* What the first pass does is decided with its first plan: who read
		 * the job before that has to read it again. */
		if (worker->candidate_count && !worker->job.planned) {
			if (!work_refresh(worker))
				return false;
			continue;
		}
		if (worker->candidate_count || blocked)
			return true;
		if (!plan(worker, &planned))
			return false;
		if (!planned && (worker->job.planned == seen || !work_is_possible(&worker->job)))
			return true;
	}
	return true;
}

/* A lane to claim in; number -1 when all are held, or for a guest when
 * somebody drives the batch. */
static bool find_lane(struct worker *worker)
{
	bool driven = false;
	if (worker->lane.number >= 0)
		return true;
	if (!lane_find(worker->ctx, &worker->job, &worker->lane, &driven))
		return false;
	if (worker->is_guest && driven)
		worker->lane.number = -1;
	return true;
}

/* At random, so that lanes do not race for the same one; of an undo one of the
 * latest, as many as there are lanes. */
static void take_candidate(struct worker *worker, struct chunk *chunk)
{
	size_t among = worker->candidate_count, lanes = (size_t)worker->job.max_lanes;
	if (worker->job.work == WORK_UNDO && lanes < among)
		among = lanes;
	size_t pick = random_below((uint32_t)among);
	*chunk = worker->candidates[pick];
	worker->candidate_count--;
	memmove(&worker->candidates[pick], &worker->candidates[pick + 1], (worker->candidate_count - pick) * sizeof(*chunk));
}

bool work_claim(struct worker *worker, struct chunk *chunk, bool *found_out)
{
	*found_out = false;
	for (int attempt = 0; attempt < CLAIMS_MAX && !*found_out; attempt++) {
		if (!find_lane(worker))
			return false;
		if (worker->lane.number < 0)
			return true;
		if (!worker->candidate_count && !find_candidates(worker))
			return false;
		if (!worker->candidate_count)
			return true;
		take_candidate(worker, chunk);
		if (!chunk_claim(worker->ctx, &worker->job, chunk, &worker->lane, found_out))
			return false;
		/* Chunk or lane went to somebody else: a lane that was only seen to be
		 * free, or, when all chunks are lost, one whose hold ran out. */
		if (!*found_out && (!worker->lane.token || !worker->candidate_count) &&
		    !lane_release(worker->ctx, &worker->job, &worker->lane, !worker->is_guest))
			return false;
	}
	return true;
}
