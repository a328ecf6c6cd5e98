/* Ticks: due work done because a cron job or an uptime pinger asks. */
#include "base/clock.h"
#include "base/config.h"
#include "batch/maintenance.h"
#include "batch/tell.h"
#include "notify/send.h"
#include "store/throttle.h"
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/session.h"

#define NOTIFY_MS 500
#define TICKS_PER_MINUTE 60 /* of the whole site */

/* A GET starts no work in a browser: not by a link, not by a prefetch. */
static bool is_meant(struct request *request)
{
	return request->method == METHOD_POST || request->ctx->actor->by_token ||
	       fail_set(&request->ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "A GET ticks only with a token");
}

static bool count_tick(struct request *request)
{
	struct ctx *ctx = request->ctx;
	unsigned char bucket[DIGEST_BYTES];
	int64_t hits, left_s;
	throttle_bucket("tick", "", bucket);
	if (!throttle_read(ctx, bucket, THROTTLE_WINDOW_S, &hits, &left_s))
		return false;
	if (hits < TICKS_PER_MINUTE)
		return throttle_add(ctx, bucket, THROTTLE_WINDOW_S, 1);
	request->retry_after_s = (int)left_s;
	return fail_set(&ctx->fail, FAIL_LIMIT, CODE_TOO_MANY_REQUESTS, "More than %d ticks in a minute; wait %d s",
			TICKS_PER_MINUTE, request->retry_after_s);
}

static bool tick(struct request *request, struct drive_report *report)
{
	struct ctx *ctx = request->ctx;
	struct drive how = { .budget_ms = 0 };
	if (!is_meant(request) || !param_int(request, "time_budget_ms", 100, 20000, ctx->config->time_budget_ms, &how.budget_ms) ||
	    !count_tick(request))
		return false;
	ctx->worker_type = "tick";
	int64_t until_ms = monotonic_ms() + how.budget_ms;
	if (!batch_settle_waiting(ctx) || !batch_drive(ctx, &how, report))
		return false;
	/* A busy site keeps house as well. */
	maintenance_step(ctx, report->has_more ? monotonic_ms() + MAINTENANCE_MS : until_ms);
	/* One webhook at least, however long the batches took; a cron job may wait. */
	return tell_all(ctx, monotonic_ms() + NOTIFY_MS) && send_due(ctx, monotonic_ms() + NOTIFY_MS);
}

void post_tick(struct request *request, struct response *response)
{
	struct drive_report report;
	struct json_writer w;
	if (!tick(request, &report)) {
		respond_fail(response, NULL);
		return;
	}
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	jw_int(&w, "chunks", report.chunks);
	jw_int(&w, "items", report.items);
	jw_int(&w, "jobs", report.jobs);
	jw_bool(&w, "has_more", report.has_more);
	jw_end_object(&w);
}
