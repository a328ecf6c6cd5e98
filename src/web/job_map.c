#include "web/job_map.h"

#include "batch/states.h"
#include "store/upload_files.h"

static bool is_allowed(const struct batch_status *status, const char *step)
{
	for (size_t i = 0; i < status->allowed_count; i++)
		if (strcmp(status->allowed[i], step) == 0)
			return true;
	return false;
}

static const char *conflict_words(enum on_conflict on_conflict)
{
	switch (on_conflict) {
	case ON_CONFLICT_SKIP:
		return "skip the item";
	case ON_CONFLICT_KEEP_BOTH:
		return "keep both";
	case ON_CONFLICT_REPLACE:
		return "replace what is there";
	case ON_CONFLICT_SHIFT:
		return "move to the next free time";
	case ON_CONFLICT_ASK:
		return "wait for a decision";
	case ON_CONFLICT_FAIL:
	case ON_CONFLICT_COUNT:
		break;
	}
	return "report as failed";
}

static void map_options(struct ctx *ctx, const struct job *job, struct job_view *view)
{
	struct batch_options options;
	if (!options_load(ctx->config, ctx->arena, job->type, job->options, &options)) {
		fail_clear(&ctx->fail);
		options_default(ctx->config, &options);
	}
	view->is_dry_run = options.dry_run;
	view->on_conflict = conflict_words(options.resolution.on_conflict);
}

static void map_waiting(struct ctx *ctx, const struct batch_status *status, struct job_view *view)
{
	view->waiting_for_count = status->waiting_for_count;
	view->waiting_for = arena_array(ctx->arena, status->waiting_for_count + 1, sizeof(*view->waiting_for));
	for (size_t i = 0; i < status->waiting_for_count; i++) {
		const struct dependency *other = &status->waiting_for[i];
		view->waiting_for[i] = (struct other_job){ other->id, other->label, other->is_gone ? NULL : job_state_name(other->state) };
	}
}

static void map_numbers(const struct batch_status *status, struct job_view *view)
{
	const int64_t *by = status->counts.by_outcome;
	view->counts = (struct job_numbers){
		.pending = by[OUTCOME_PENDING],
		.succeeded = by[OUTCOME_SUCCEEDED],
		.unchanged = by[OUTCOME_UNCHANGED],
		.skipped = by[OUTCOME_SKIPPED],
		.conflict = by[OUTCOME_CONFLICT],
		.failed = by[OUTCOME_FAILED],
		.unprocessed = by[OUTCOME_UNPROCESSED],
		.undone = by[OUTCOME_UNDONE],
		.undo_conflict = by[OUTCOME_UNDO_CONFLICT],
	};
	view->cursor = status->counts.cursor;
	view->lanes = status->counts.lanes;
	view->goal = status->goal;
	view->percent = status->percent;
	view->eta_s = status->eta_s;
	view->throughput_per_s = status->throughput_per_s;
}

void job_map(struct ctx *ctx, const struct batch_status *status, struct job_view *view_out)
{
	const struct job *job = &status->job;
	*view_out = (struct job_view){
		.id = job->id,
		.type = job_type_name(job->type),
		.status = job_state_name(job->state),
		.label = job->label ? job->label : "",
		.created_by = job->created_by_name ? job->created_by_name : "",
		.is_csv = job->csv_header != NULL,
		.is_terminal = job_state_is_terminal(job->state),
		.epoch = job->epoch,
		.unreadable = status->counts.unreadable,
		.total = job->total,
		.received = job->received,
		.max_lanes = job->max_lanes,
		.elapsed_ms = job->elapsed_ms,
		.created_at = job->created_at,
		.started_at = job->started_at,
		.finished_at = job->finished_at,
		.undo_until = job_state_is_terminal(job->state) ? job->undo_until : 0,
		.is_undo = job->work == WORK_UNDO,
		.message = status->message,
	};
	map_options(ctx, job, view_out);
	map_waiting(ctx, status, view_out);
	map_numbers(status, view_out);
	const struct job_counts *counts = &status->counts;
	bool retry = is_allowed(status, "retry");
	view_out->may = (struct job_steps){
		.start = is_allowed(status, "start"),
		.retry_failed = retry ? job_retryable(counts, OUTCOME_BIT(OUTCOME_FAILED)) : 0,
		.decide = is_allowed(status, "decide") ? counts->by_outcome[OUTCOME_CONFLICT] : 0,
		.retry_unprocessed = retry ? counts->by_outcome[OUTCOME_UNPROCESSED] : 0,
		.pause = is_allowed(status, "pause"),
		.resume = is_allowed(status, "resume"),
		.cancel = is_allowed(status, "cancel"),
		.undo = is_allowed(status, "undo"),
		.create_ready = job->type == JOB_EVALUATE && job_state_is_terminal(job->state) && counts->by_outcome[OUTCOME_SUCCEEDED] > 0 &&
				job->linked == LINKED_NOT && permitted(ctx->actor, PERMIT_SCHEDULE_CONTENT),
		.run_for_real = view_out->is_dry_run && job->type != JOB_EVALUATE &&
				(job->state == JOB_SUCCEEDED || job->state == JOB_PARTIAL) && view_out->counts.succeeded > 0,
	};
}

bool job_map_files(struct ctx *ctx, const struct job *job, struct job_view *view)
{
	struct upload_file *list;
	if (!upload_files_list(ctx, job, &list, &view->file_count))
		return false;
	struct file_view *files = arena_array(ctx->arena, view->file_count + 1, sizeof(*files));
	for (size_t i = 0; i < view->file_count; i++)
		files[i] = (struct file_view){ .name = list[i].name,
					       .bytes = list[i].bytes,
					       .items = list[i].items,
					       .first_ordinal = list[i].first_ordinal,
					       .is_csv = list[i].csv_header != NULL,
					       .is_refused = list[i].state == UPLOAD_REFUSED,
					       .is_cancelled = list[i].state == UPLOAD_CANCELLED,
					       .message = list[i].message };
	view->files = files;
	return true;
}

struct error_view *job_map_errors(struct ctx *ctx, const struct error_group *errors, size_t count)
{
	struct error_view *views = arena_array(ctx->arena, count + 1, sizeof(*views));
	for (size_t i = 0; i < count; i++) {
		views[i] = (struct error_view){
			.info = code_info(code_by_name(errors[i].code)),
			.count = errors[i].count,
			.example_ordinal = errors[i].example_ordinal,
		};
	}
	return views;
}
