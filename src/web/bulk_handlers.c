/* bulkCreate, bulkUpdate, bulkEvaluate, batchCheckForConflicts in one request. */
#include "base/clock.h"
#include "base/config.h"
#include "db/db.h"
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/idempotency.h"
#include "web/status_json.h"

#include <strings.h>

#define PAUSE_MS 50 /* while other processes hold what is left */

/* What follows "wait=" among the preferences; NULL when it is not among them. */
static const char *wait_value(const char *prefer)
{
	for (const char *p = prefer; *p; p += strcspn(p, ",")) {
		p += strspn(p, " \t,");
		if (strncasecmp(p, "wait", strlen("wait")) != 0)
			continue;
		const char *value = p + strlen("wait");
		value += strspn(value, " \t");
		if (*value == '=')
			return value + 1 + strspn(value + 1, " \t\"");
	}
	return NULL;
}

/* `Prefer: wait=N` in seconds, at most what is left of this request; -1 when
 * nothing of the kind was asked (RFC 7240). */
static int64_t wait_asked(const struct request *request)
{
	const char *prefer = request->header(request, "HTTP_PREFER");
	const char *wait = prefer ? wait_value(prefer) : NULL;
	int64_t left_s = (request->ctx->deadline_ms - monotonic_ms()) / 1000;
	int64_t seconds;
	if (!wait || !parse_i64(wait, strspn(wait, "0123456789"), &seconds))
		return -1;
	return seconds < left_s ? seconds : left_s > 0 ? left_s : 0;
}

/* Advances until the job ends or the time is over. */
static bool advance_until(struct ctx *ctx, int64_t job_id, int64_t deadline_ms, bool *ended_out)
{
	struct advance_report report = { .is_terminal = false };
	for (int64_t left = deadline_ms - monotonic_ms(); left > 0 && !report.is_terminal;
	     left = deadline_ms - monotonic_ms()) {
		int64_t budget = left < ctx->config->time_budget_ms ? left : ctx->config->time_budget_ms;
		if (!batch_advance(ctx, job_id, budget, &report))
			return false;
		if (report.found_nothing && !report.is_terminal)
			nanosleep(&(struct timespec){ .tv_nsec = PAUSE_MS * 1000000L }, NULL);
	}
	*ended_out = report.is_terminal;
	return true;
}

static void respond_created(struct response *response, int64_t job_id, int64_t wait_s)
{
	struct ctx *ctx = response->request->ctx;
	bool has_ended = false;
	/* What fails from here on does not unmake the batch: it is told as it is. */
	if (wait_s >= 0 && !advance_until(ctx, job_id, monotonic_ms() + wait_s * 1000, &has_ended)) {
		fail_clear(&ctx->fail);
		if (!db_ensure(ctx->db, &ctx->fail)) {
			locate_job(response, job_id);
			respond_fail(response, NULL);
			return;
		}
	}
	if (wait_s >= 0)
		response_header(response, "Preference-Applied", "wait=%lld", (long long)wait_s);
	if (has_ended) {
		respond_results(response, job_id, true);
		return;
	}
	locate_job(response, job_id);
	respond_status(response, 202, job_id);
}

static void make_bulk(struct response *response, enum job_type type, const struct batch_options *options, int64_t wait_s)
{
	struct request *request = response->request;
	struct job job;
	if (batch_create_from_body(request->ctx, true, type, options, NULL, INGEST_JSON, body_source(request), &job))
		respond_created(response, job.id, wait_s);
	else
		respond_fail(response, NULL);
}

static void run_bulk(struct request *request, struct response *response, enum job_type type,
		     const struct batch_options *options)
{
	int64_t wait_s = wait_asked(request);
	if (strcmp(request->content_type, "application/json") != 0) {
		fail_set(&request->ctx->fail, FAIL_INVALID, CODE_UNSUPPORTED_MEDIA_TYPE,
			 "The body must be application/json; POST /api/v1/batch also takes NDJSON and CSV");
		respond_fail(response, NULL);
		return;
	}
	switch (key_begin(request, 202)) {
	case TURN_MAKE:
		make_bulk(response, type, options, wait_s);
		break;
	case TURN_TELL:
		respond_created(response, request->ctx->key->job_id, wait_s);
		break;
	case TURN_REFUSE:
		respond_fail(response, NULL);
		break;
	}
	key_end(request, response);
}

void post_bulk_create(struct request *request, struct response *response)
{
	run_bulk(request, response, JOB_CREATE, NULL);
}

void put_bulk_update(struct request *request, struct response *response)
{
	run_bulk(request, response, JOB_UPDATE, NULL);
}

void post_evaluate(struct request *request, struct response *response)
{
	run_bulk(request, response, JOB_EVALUATE, NULL);
}

void post_conflicts(struct request *request, struct response *response)
{
	struct batch_options options;
	options_default(request->ctx->config, &options);
	options.conflicts_only = true;
	run_bulk(request, response, JOB_EVALUATE, &options);
}
