/* From the end of a batch to rows of webhook_deliveries. */
#include "batch/tell.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/json.h"
#include "db/db.h"
#include "rules/permission.h"
#include "store/deliveries.h"

/* What the receiver gets, byte for byte.  Nothing about people: what it may
 * know it asks for by the address. */
static const char *payload_of(struct ctx *ctx, const struct job *job, const struct job_counts *counts, const char *event)
{
	const char *site = ctx->config->site_url;
	struct str out = STR_INIT;
	struct json_writer w;
	jw_begin(&w, &out);
	jw_object(&w, NULL);
	jw_text(&w, "type", event);
	jw_time(&w, "timestamp", job->finished_at);
	jw_object(&w, "data");
	jw_int(&w, "id", job->id);
	jw_text(&w, "type", job_type_name(job->type));
	jw_text(&w, "status", job_state_name(job->state));
	jw_text(&w, "label", job->label);
	jw_bool(&w, "dry_run", job->is_dry_run);
	jw_int(&w, "epoch", job->epoch);
	jw_int(&w, "total", job->total);
	jw_object(&w, "counts");
	for (int i = OUTCOME_SUCCEEDED; i < OUTCOME_COUNT; i++)
		jw_int(&w, outcome_name((enum outcome)i), counts->by_outcome[i]);
	jw_end_object(&w);
	jw_text(&w, "url", site[0] ? arena_printf(ctx->arena, "%s/jobs/%lld", site, (long long)job->id) : NULL);
	jw_end_object(&w);
	jw_end_object(&w);
	const char *text = arena_strdup(ctx->arena, str_text(&out));
	str_free(&out);
	return text;
}

bool tell_job(struct ctx *ctx, int64_t job_id)
{
	struct job job;
	struct job_counts counts;
	int64_t receivers[WEBHOOKS_MAX];
	size_t count = 0;
	bool mine = false;
	if (!delivery_take_job(ctx, job_id, &mine) || !mine)
		return ctx->fail.kind == FAIL_NONE;
	if (!job_get(ctx, job_id, &job) ||
	    !delivery_receivers(ctx, job_id, webhook_event_of(job.state), receivers, &count))
		return false;
	if (!count)
		return true;
	const char *event = webhook_event_name(webhook_event_of(job.state));
	return job_get_counts(ctx, &job, &counts) &&
	       deliveries_insert(ctx, &job, event, payload_of(ctx, &job, &counts, event), receivers, count);
}

bool tell_all(struct ctx *ctx, int64_t until_ms)
{
	int64_t job_id = 1;
	while (job_id && monotonic_ms() < until_ms) {
		struct arena_mark mark = arena_mark(ctx->arena);
		bool ok = delivery_untold_job(ctx, &job_id);
		if (ok && job_id && !(db_begin(ctx->db, &ctx->fail) && tell_job(ctx, job_id) && db_commit(ctx->db, &ctx->fail))) {
			db_rollback(ctx->db);
			ok = false;
		}
		arena_rewind(ctx->arena, mark);
		if (!ok)
			return false;
	}
	return true;
}

bool tell_may_name(struct ctx *ctx, int64_t webhook_id)
{
	bool yes = true;
	if (webhook_id && !webhook_nameable(ctx, webhook_id, ctx->actor->user_id, &yes))
		return false;
	if (yes)
		return true;
	(void)fail_set(&ctx->fail, FAIL_INVALID, CODE_WEBHOOK_NOT_FOUND, "There is no webhook %lld that your batches may name", (long long)webhook_id);
	return fail_at(&ctx->fail, "/options/notify/webhook_id");
}
