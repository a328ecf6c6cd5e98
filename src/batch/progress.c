/* What is told about a batch: counts, speed, time left, plain words. */
#include "batch/access.h"
#include "batch/atomic.h"
#include "batch/depend.h"
#include "batch/pass.h"
#include "batch/states.h"
#include "batch/work.h"

/* Longer silence than this is worth a word. */
#define SILENCE_S 20

static const char *grouped(struct ctx *ctx, int64_t number)
{
	struct str text = STR_INIT;
	str_addi_grouped(&text, number);
	const char *copy = arena_strdup(ctx->arena, str_text(&text));
	str_free(&text);
	return copy;
}

/* Of a batch that is checked first, or all or nothing: what it is at, and at
 * the end why nothing has happened. */
static const char *say_whole(struct ctx *ctx, const struct batch_status *status)
{
	const struct job *job = &status->job;
	const int64_t *by_outcome = status->counts.by_outcome;
	const char *bad = grouped(ctx, by_outcome[OUTCOME_FAILED] + by_outcome[OUTCOME_CONFLICT]);
	if (job->state == JOB_RUNNING && job->work == WORK_CHECK)
		return arena_printf(ctx->arena, "Checking every item before anything is written: %s of %s checked",
				    grouped(ctx, status->counts.cursor), grouped(ctx, job->total));
	if (job->state == JOB_RUNNING && job->is_held_back)
		return "What is written is held back: nobody sees it before all of it is";
	if (job->state == JOB_PUBLISHING)
		return "Everything is written and seen; the last hand is put to it";
	if (job->state == JOB_ROLLING_BACK && job->is_held_back)
		return "It can't be done as a whole: what was written is withdrawn, and nobody has seen it";
	if (job->state == JOB_FAILED && job->work == WORK_CHECK)
		return arena_printf(ctx->arena, "Nothing was written: %s of %s items can't be carried out, so none was. Mend the cause"
				    " and retry, or correct them and send all again", bad, grouped(ctx, job->total));
	if (job->state == JOB_ROLLED_BACK && job->is_atomic)
		return by_outcome[OUTCOME_FAILED] + by_outcome[OUTCOME_CONFLICT]
			       ? arena_printf(ctx->arena, "Nothing was changed: %s of %s items can't be carried out, and this batch is all"
					      " or nothing. Correct them and send all again", bad, grouped(ctx, job->total))
			       : "Nothing was changed: the batch was given up before all of it was written";
	return NULL;
}

static void say(struct ctx *ctx, struct batch_status *status)
{
	const struct job *job = &status->job;
	const struct job_counts *counts = &status->counts;
	status->message = say_whole(ctx, status);
	if (job->state == JOB_QUEUED && job->unfrozen)
		status->message = arena_printf(ctx->arena, "Collecting the events that match: %s so far", grouped(ctx, job->total));
	else if (job->state == JOB_QUEUED && job->linked == LINKED_UNSTAGED && !job->waiting)
		status->message = "Finding out which item has to wait for which";
	if (job->state != JOB_RUNNING && job->state != JOB_CANCELLING && job->state != JOB_PAUSING)
		return;
	if (counts->idle_s < SILENCE_S && counts->stalled_at < 0)
		return;
	if (counts->stalled_at >= 0)
		status->message = arena_printf(ctx->arena, "No progress for %lld s; the last worker stopped at item %s; retrying",
					       (long long)counts->idle_s, grouped(ctx, counts->stalled_at));
	else if (!counts->lanes)
		status->message = arena_printf(ctx->arena, "No progress for %lld s: nobody is working on it; open its page or continue it",
					       (long long)counts->idle_s);
}

/* Has a check gone before what is being done?  It is a pass of its own, so the
 * options need to be read only where there has been more than one. */
static bool follows_check(struct ctx *ctx, const struct job *job)
{
	struct batch_options options;
	return job->epoch > 1 && job->work == WORK_DO &&
	       (job->is_held_back || (job_options(ctx, job, &options) &&
				      atomic_is_checked(job, &options)));
}

/* A check is half of the way, in as many parts as there are stages: it settles
 * nothing, so what is told is how far it has come. */
static int64_t percent_done(struct ctx *ctx, const struct batch_status *status)
{
	const struct job *job = &status->job;
	const int64_t *by_outcome = status->counts.by_outcome;
	int64_t finished = 0, stages = job->stages > 0 ? job->stages : 1;
	if (status->goal <= 0)
		return 0;
	if (job->work == WORK_CHECK && !job_state_is_terminal(job->state))
		return 50 * (job->stage * job->total + status->counts.cursor) / (stages * job->total);
	for (int i = OUTCOME_SUCCEEDED; i < OUTCOME_COUNT; i++)
		finished += i == OUTCOME_UNPROCESSED ? 0 : by_outcome[i];
	return follows_check(ctx, job) ? 50 + 50 * finished / status->goal : 100 * finished / status->goal;
}

static void measure(struct ctx *ctx, struct batch_status *status)
{
	const struct job_counts *counts = &status->counts;
	bool ended = job_state_is_terminal(status->job.state);
	status->goal = status->job.total - (ended ? 0 : counts->by_outcome[OUTCOME_UNPROCESSED]);
	int64_t percent = percent_done(ctx, status);
	/* A cancelled batch tells how far it came: all of the way, if what was at
	 * work was the last. */
	status->percent = (int32_t)(ended ? (status->job.state == JOB_CANCELLED ? percent : 100) : percent > 99 ? 99 : percent);
	status->eta_s = -1;
	/* At the end the whole epoch counts: its work, or with lanes side by side
	 * the shorter time from start to end. */
	int64_t whole_ms = counts->active_ms < status->job.elapsed_ms ? counts->active_ms : status->job.elapsed_ms;
	int64_t items = ended ? counts->worked_items : counts->recent_items, ms = ended ? whole_ms : counts->recent_ms;
	if (items && ms > 0)
		status->throughput_per_s = 1000.0 * (double)items / (double)ms;
	/* Of active time only: what a pause or a closed tab took says nothing
	 * about the rest; and of this epoch only, which may work on a few items
	 * of many. */
	if (!ended && counts->worked_items && counts->active_ms > 0) {
		double lanes = counts->lanes > 1 ? counts->lanes : 1;
		double rest = (double)(counts->open_items + status->job.total - status->job.planned);
		status->eta_s = rest * (double)counts->active_ms / (double)counts->worked_items / 1000.0 / lanes;
	}
}

static void describe(struct ctx *ctx, struct batch_status *status)
{
	const struct job_counts *counts = &status->counts;
	measure(ctx, status);
	say(ctx, status);
	status->retryable = job_state_is_terminal(status->job.state) ? job_retryable(counts, RETRYABLE_OUTCOMES) : 0;
	status->allowed_count =
		job_allowed(&status->job, counts, status->allowed, sizeof(status->allowed) / sizeof(status->allowed[0]));
}

bool batch_status(struct ctx *ctx, int64_t job_id, struct batch_status *status)
{
	bool completed = false;
	*status = (struct batch_status){ 0 };
	if (!access_job(ctx, job_id, &status->job))
		return false;
	/* Whoever finished the last chunk may have died right after it: every
	 * look repeats the step that ends the job. */
	if (!fail_unless_unwritable(&ctx->fail, pass_end(ctx, &status->job, &completed)) ||
	    (completed && !job_get(ctx, job_id, &status->job)))
		return false;
	if (!fail_unless_unwritable(&ctx->fail, depend_settle(ctx, &status->job)) || !job_get_counts(ctx, &status->job, &status->counts))
		return false;
	describe(ctx, status);
	if (!depend_describe(ctx, status, 1))
		return false;
	const int64_t *by_outcome = status->counts.by_outcome;
	if (!by_outcome[OUTCOME_SKIPPED] && !by_outcome[OUTCOME_CONFLICT] && !by_outcome[OUTCOME_FAILED] &&
	    !by_outcome[OUTCOME_UNDO_CONFLICT])
		return true; /* nothing to group: polls of a batch that goes well skip it */
	return items_error_groups(ctx, &status->job, &status->errors, &status->error_count);
}

bool batch_list(struct ctx *ctx, struct job_filter *filter, struct batch_status **list_out, size_t *count_out)
{
	struct job *jobs = NULL;
	int64_t only_of = permitted(ctx->actor, PERMIT_MANAGE_BATCHES) ? filter->created_by : ctx->actor->user_id;
	bool asks_for_others = filter->created_by && filter->created_by != only_of;
	filter->created_by = only_of;
	*count_out = 0;
	if (!asks_for_others && !job_list(ctx, filter, &jobs, count_out))
		return false;
	struct job_counts *counts = arena_array(ctx->arena, *count_out + 1, sizeof(*counts));
	if (!job_get_counts_of_list(ctx, jobs, *count_out, counts))
		return false;
	*list_out = arena_array(ctx->arena, *count_out + 1, sizeof(**list_out));
	for (size_t i = 0; i < *count_out; i++) {
		(*list_out)[i] = (struct batch_status){ .job = jobs[i], .counts = counts[i] };
		describe(ctx, &(*list_out)[i]);
	}
	return depend_describe(ctx, *list_out, *count_out);
}

bool batch_results(struct ctx *ctx, int64_t job_id, int outcome, int64_t after_ordinal, int32_t limit, struct job *job_out,
		   struct item_result **items_out, size_t *count_out)
{
	return access_job(ctx, job_id, job_out) && items_page(ctx, job_out, outcome, after_ordinal, limit, items_out, count_out);
}
