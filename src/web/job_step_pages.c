#include "views/page_job.h"
#include "web/idempotency.h"
#include "web/job_map.h"
#include "web/page_frame.h"
#include "web/pages.h"

/* After a step, or after one that came too late: the page shows how things are. */
static void answer_step(struct request *request, struct response *response, bool done, bool goes_on)
{
	struct fail *fail = &request->ctx->fail;
	if (!done && fail->kind != FAIL_CONFLICT)
		respond_fail(response, NULL);
	else if (!done)
		response_redirect(response, "/jobs/%" PRId64 "?refused=1", request->path_id);
	else if (goes_on)
		redirect_to_job(response, request->path_id);
	else
		response_redirect(response, "/jobs/%" PRId64, request->path_id);
}

void post_job_pause(struct request *request, struct response *response)
{
	if (form_checked(request, response))
		answer_step(request, response, batch_pause(request->ctx, request->path_id), false);
}

void post_job_resume(struct request *request, struct response *response)
{
	if (form_checked(request, response))
		answer_step(request, response, batch_resume(request->ctx, request->path_id), true);
}

/* The button says whether it means what went wrong or what was left, and which
 * results the person saw. */
void post_job_retry(struct request *request, struct response *response)
{
	int64_t epoch;
	if (!form_checked(request, response))
		return;
	const char *what = form_text(request, "what");
	uint32_t outcomes = OUTCOME_BIT(!strcmp(what, "unprocessed") ? OUTCOME_UNPROCESSED
					: !strcmp(what, "conflict")  ? OUTCOME_CONFLICT
								     : OUTCOME_FAILED);
	if (param_int(request, "epoch", 0, INT32_MAX, 0, &epoch))
		answer_step(request, response, batch_retry(request->ctx, request->path_id, outcomes, (int32_t)epoch), true);
	else
		respond_fail(response, NULL);
}

void post_job_start(struct request *request, struct response *response)
{
	if (form_checked(request, response))
		answer_step(request, response, batch_start(request->ctx, request->path_id), true);
}

/* Confirms that this browser wants to work on the batch; the work itself is
 * done by the page it leads to. */
void post_job_continue(struct request *request, struct response *response)
{
	struct batch_status status;
	if (form_checked(request, response))
		answer_step(request, response, batch_status(request->ctx, request->path_id, &status), true);
}

void post_job_cancel(struct request *request, struct response *response)
{
	if (!form_checked(request, response))
		return;
	bool rollback = form_text(request, "rollback")[0] != '\0';
	answer_step(request, response, (rollback ? batch_roll_back : batch_cancel)(request->ctx, request->path_id, true), true);
}

void post_job_undo(struct request *request, struct response *response)
{
	if (!form_checked(request, response))
		return;
	bool began = batch_undo(request->ctx, request->path_id);
	if (!began && request->ctx->fail.kind == FAIL_CONFLICT) /* that page says why */
		response_redirect(response, "/jobs/%" PRId64 "/undo", request->path_id);
	else
		answer_step(request, response, began, true);
}

void get_job_undo(struct request *request, struct response *response)
{
	struct frame frame;
	struct batch_status status;
	struct job_view job;
	const char *refusal = NULL;
	if (!batch_status(request->ctx, request->path_id, &status)) {
		respond_fail(response, NULL);
		return;
	}
	job_map(request->ctx, &status, &job);
	if (!batch_may_undo(request->ctx, &status))
		refusal = arena_strdup(request->ctx->arena, request->ctx->fail.public_message);
	fail_clear(&request->ctx->fail);
	page_frame(request, refusal ? "This batch can't be undone" : "Undo this batch?", NAV_JOBS, &frame);
	page_job_undo(&response->body, &frame, &job, refusal);
}

void get_job_cancel(struct request *request, struct response *response)
{
	struct frame frame;
	struct batch_status status;
	struct job_view job;
	if (!batch_status(request->ctx, request->path_id, &status)) {
		respond_fail(response, NULL);
		return;
	}
	job_map(request->ctx, &status, &job);
	if (!job.may.cancel) {
		response_redirect(response, "/jobs/%" PRId64 "?refused=1", request->path_id);
		return;
	}
	page_frame(request, "Cancel this batch?", NAV_JOBS, &frame);
	page_job_cancel(&response->body, &frame, &job);
}

/* What an evaluation found ready is created, as it was looked at. */
static bool create_ready(struct request *request, const struct batch_status *status, const struct batch_options *evaluated,
			 struct job *job_out)
{
	struct ctx *ctx = request->ctx;
	struct batch_options options;
	options_default(ctx->config, &options);
	options.conflict_window_s = evaluated->conflict_window_s;
	return batch_create_from_evaluation(ctx, status->job.id, &options, status->job.label, job_out);
}

/* A check that was good becomes a batch: the same items, without another upload. */
static bool run_checked(struct request *request, const void *what, struct job *job_out)
{
	struct ctx *ctx = request->ctx;
	int64_t checked_id = request->path_id;
	struct batch_status status;
	struct batch_options options;
	(void)what;
	if (!batch_status(ctx, checked_id, &status) ||
	    !options_load(ctx->config, ctx->arena, status.job.type, status.job.options, &options))
		return false;
	if (status.job.type == JOB_EVALUATE)
		return create_ready(request, &status, &options, job_out);
	options.dry_run = false;
	return batch_create_from_job(ctx, checked_id, &options, status.job.label, job_out);
}

void post_job_run(struct request *request, struct response *response)
{
	struct job job;
	struct digest_state content;
	if (!form_checked(request, response))
		return;
	digest_begin(&content);
	form_content(&content, request->path);
	if (form_make_once(request, &content, run_checked, NULL, &job))
		redirect_to_job(response, job.id);
	else
		answer_step(request, response, false, false);
}
