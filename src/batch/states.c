/* How a batch progresses. */
#include "batch/states.h"

const struct job_transition job_transitions[] = {
	{ JOB_RECEIVING, JOB_EVENT_START, JOB_QUEUED, "all items have arrived" },
	{ JOB_RECEIVING, JOB_EVENT_CANCEL, JOB_CANCELLED, "given up before it began" },
	{ JOB_QUEUED, JOB_EVENT_WORK, JOB_RUNNING, "the first chunks are planned" },
	{ JOB_QUEUED, JOB_EVENT_ENDED, JOB_FAILED, "a batch it depends on did not succeed" },
	{ JOB_QUEUED, JOB_EVENT_PAUSE, JOB_PAUSED, "held before it began" },
	{ JOB_QUEUED, JOB_EVENT_CANCEL, JOB_CANCELLED, "given up before it began" },
	{ JOB_RUNNING, JOB_EVENT_PAUSE, JOB_PAUSING, "no new chunks; those at work finish" },
	{ JOB_RUNNING, JOB_EVENT_CANCEL, JOB_CANCELLING, "no new chunks; those at work finish" },
	{ JOB_RUNNING, JOB_EVENT_ENDED, JOB_SUCCEEDED, "every item went well" },
	{ JOB_RUNNING, JOB_EVENT_ENDED, JOB_PARTIAL, "some items failed, or wait for a decision" },
	{ JOB_RUNNING, JOB_EVENT_ENDED, JOB_FAILED, "every item failed" },
	{ JOB_RUNNING, JOB_EVENT_ENDED, JOB_ROLLED_BACK, "all or nothing, and nothing it is: no item took effect" },
	{ JOB_RUNNING, JOB_EVENT_DECIDE, JOB_RUNNING, "conflicts were decided meanwhile, and that is done now" },
	{ JOB_RUNNING, JOB_EVENT_CHECKED, JOB_RUNNING, "every item can be carried out, and now is" },
	{ JOB_PAUSING, JOB_EVENT_DRAINED, JOB_PAUSED, "nothing is at work any more" },
	{ JOB_PAUSING, JOB_EVENT_RESUME, JOB_RUNNING, "goes on" },
	{ JOB_PAUSING, JOB_EVENT_CANCEL, JOB_CANCELLING, "given up" },
	{ JOB_PAUSED, JOB_EVENT_RESUME, JOB_RUNNING, "goes on" },
	{ JOB_PAUSED, JOB_EVENT_RESUME, JOB_QUEUED, "waits again for the batches it depends on" },
	{ JOB_PAUSED, JOB_EVENT_CANCEL, JOB_CANCELLING, "given up" },
	{ JOB_CANCELLING, JOB_EVENT_DRAINED, JOB_CANCELLED, "nothing is at work any more" },
	{ JOB_CANCELLING, JOB_EVENT_DRAINED, JOB_SUCCEEDED, "an atomic batch had already written everything" },
	{ JOB_CANCELLING, JOB_EVENT_UNDO, JOB_UNDOING, "cancelled with rollback: what was done is undone" },
	{ JOB_RUNNING, JOB_EVENT_ROLL_BACK, JOB_ROLLING_BACK, "something failed in a batch that is all or nothing" },
	{ JOB_CANCELLING, JOB_EVENT_ROLL_BACK, JOB_ROLLING_BACK, "an atomic batch is given up" },
	{ JOB_ROLLING_BACK, JOB_EVENT_ENDED, JOB_ROLLED_BACK, "everything is as it was" },
	{ JOB_RUNNING, JOB_EVENT_PUBLISH, JOB_PUBLISHING, "everything is written; one update shows it to all" },
	{ JOB_PUBLISHING, JOB_EVENT_ENDED, JOB_SUCCEEDED, "every item went well" },
	{ JOB_SUCCEEDED, JOB_EVENT_UNDO, JOB_UNDOING, "within 24 hours" },
	{ JOB_PARTIAL, JOB_EVENT_UNDO, JOB_UNDOING, "within 24 hours" },
	{ JOB_CANCELLED, JOB_EVENT_UNDO, JOB_UNDOING, "within 24 hours" },
	{ JOB_UNDOING, JOB_EVENT_ENDED, JOB_UNDONE, "everything is as it was" },
	{ JOB_UNDOING, JOB_EVENT_ENDED, JOB_UNDO_PARTIAL, "what others changed since was left alone" },
	{ JOB_PARTIAL, JOB_EVENT_RETRY, JOB_RUNNING, "what did not go well is worked on again" },
	{ JOB_PARTIAL, JOB_EVENT_DECIDE, JOB_RUNNING, "what was decided about conflicts is done" },
	{ JOB_CANCELLED, JOB_EVENT_DECIDE, JOB_RUNNING, "what was decided about conflicts is done" },
	{ JOB_FAILED, JOB_EVENT_RETRY, JOB_RUNNING, "what did not go well is worked on again" },
	{ JOB_CANCELLED, JOB_EVENT_RETRY, JOB_RUNNING, "what was left is worked on" },
};
const size_t job_transition_count = sizeof(job_transitions) / sizeof(job_transitions[0]);

static const char *const event_names[JOB_EVENT_COUNT] = {
	[JOB_EVENT_START] = "start",
	[JOB_EVENT_PAUSE] = "pause",
	[JOB_EVENT_RESUME] = "resume",
	[JOB_EVENT_CANCEL] = "cancel",
	[JOB_EVENT_RETRY] = "retry",
	[JOB_EVENT_UNDO] = "undo",
	[JOB_EVENT_DECIDE] = "decide",
};

const char *job_event_name(enum job_event event)
{
	return event_names[event];
}

bool job_state_next(enum job_state from, enum job_event event, enum job_state *to_out)
{
	for (size_t i = 0; i < job_transition_count; i++) {
		if (job_transitions[i].from == from && job_transitions[i].event == event) {
			*to_out = job_transitions[i].to;
			return true;
		}
	}
	return false;
}

int64_t job_retryable(const struct job_counts *counts, uint32_t outcomes)
{
	int64_t count = outcomes & OUTCOME_BIT(OUTCOME_FAILED) ? -counts->unreadable : 0;
	for (int i = OUTCOME_PENDING; i < OUTCOME_COUNT; i++)
		if (outcomes & OUTCOME_BIT(i))
			count += counts->by_outcome[i];
	return count;
}

bool job_has_decisions(const struct job *job)
{
	return job->type != JOB_EVALUATE && !job->is_dry_run && !job->is_atomic && job->work == WORK_DO;
}

/* Has an event that its state allows anything to act on? */
static bool has_matter(enum job_event event, const struct job *job, const struct job_counts *counts)
{
	if (event == JOB_EVENT_RETRY)
		return job_retryable(counts, RETRYABLE_OUTCOMES) > 0;
	if (event == JOB_EVENT_DECIDE)
		return counts->by_outcome[OUTCOME_CONFLICT] > 0 && job_has_decisions(job);
	if (event == JOB_EVENT_UNDO) /* a cancellation begins it by itself */
		return job_state_is_terminal(job->state) && job->undo_until > job->now_utc && counts->by_outcome[OUTCOME_SUCCEEDED] > 0;
	return true;
}

size_t job_allowed(const struct job *job, const struct job_counts *counts, const char **names, size_t max)
{
	size_t count = 0;
	for (size_t i = 0; i < job_transition_count && count < max; i++) {
		const struct job_transition *row = &job_transitions[i];
		const char *name = event_names[row->event];
		/* One event may lead to several states; it is one step to a person. */
		bool is_again = count && names[count - 1] == name;
		if (row->from == job->state && name && !is_again && has_matter(row->event, job, counts))
			names[count++] = name;
	}
	return count;
}

/* "allowed: pause, cancel", in the request's memory. */
static const char *allowed_words(struct ctx *ctx, const struct job *job, const struct job_counts *counts)
{
	const char *names[JOB_EVENT_COUNT] = { NULL };
	const char *words = "";
	size_t count = job_allowed(job, counts, names, JOB_EVENT_COUNT);
	for (size_t i = 0; i < count; i++)
		words = arena_printf(ctx->arena, "%s%s%s", words, i ? ", " : "allowed: ", names[i]);
	return count ? words : "nothing more is";
}

bool job_refuse(struct ctx *ctx, const struct job *job, const struct job_counts *counts, enum job_event event)
{
	return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_ILLEGAL_TRANSITION, "The batch is %s: “%s” is not possible, %s",
			job_state_name(job->state), job_event_name(event), allowed_words(ctx, job, counts));
}

bool job_refuse_because(struct ctx *ctx, const struct job *job, const char *reason)
{
	struct job_counts counts;
	return job_get_counts(ctx, job, &counts) &&
	       fail_set(&ctx->fail, FAIL_CONFLICT, CODE_ILLEGAL_TRANSITION, "The batch is %s%s; %s", job_state_name(job->state), reason,
			allowed_words(ctx, job, &counts));
}
