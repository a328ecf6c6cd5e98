/* What a client does with a batch, and what it does after an error. */
#include "client.h"

#include <string.h>
#include <time.h>

#include "store/idempotency.h"
#include "world.h"

#define ERRORS_MAX 40

static void read_options(const struct client *client, struct batch_options *options)
{
	struct ctx *ctx = client->ctx;
	const struct line *line = client->line;
	struct issues issues = { .arena = ctx->arena };
	options_default(ctx->config, options);
	const json_t *object = json_read(ctx->arena, line->options, strlen(line->options), &ctx->fail);
	if (!object || !options_read(object, line->type, options, &issues))
		give_up("options %s", line->options);
}

static bool find_or_make(struct client *client, int64_t *id_out)
{
	struct ctx *ctx = client->ctx;
	const struct line *line = client->line;
	struct job job;
	struct batch_options options;
	*id_out = world_job(client->eyes);
	if (*id_out)
		return true;
	read_options(client, &options);
	if (!batch_create(ctx, line->type, &options, "sweep", &job))
		return false;
	*id_out = job.id;
	return true;
}

/* One body with an Idempotency-Key, as the web's edge takes it. */
static bool make_once(struct client *client, int64_t *id_out)
{
	struct ctx *ctx = client->ctx;
	struct idempotency_key key = { .reply_status = 201 };
	const char *at = client->line->slices[0];
	struct byte_source source = { line_read, &at };
	enum key_claim claim;
	struct job job = { .id = 0 };
	struct batch_options options;
	read_options(client, &options);
	digest("sweep", 5, key.key_hash);
	digest_begin(&key.content);
	if (!idempotency_claim(ctx, &key, &claim))
		return false;
	if (claim == KEY_BUSY) /* by another tab: whoever is gone has been released */
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_INTERNAL, "The key is busy");
	ctx->key = &key;
	bool ok = claim == KEY_KEPT || batch_create_from_body(ctx, true, client->line->type, &options, "sweep", INGEST_JSON, source, &job);
	ctx->key = NULL;
	*id_out = claim == KEY_KEPT ? key.job_id : job.id;
	if (!ok)
		return false;
	/* What others had begun is cancelled, and no part of the comparison. */
	if (world_number(client->eyes, "SELECT COUNT(*) FROM {batch_jobs} WHERE status <> 'cancelled'") != 1)
		give_up("one key made several batches");
	world_sql(client->eyes, "DELETE FROM {batch_job_items} WHERE job_id <> %lld", (long long)*id_out);
	world_sql(client->eyes, "DELETE FROM {batch_item_errors} WHERE job_id <> %lld", (long long)*id_out);
	world_sql(client->eyes, "DELETE FROM {batch_jobs} WHERE id <> %lld", (long long)*id_out);
	return true;
}

static bool is_terminal(struct client *client)
{
	return world_number(client->eyes, "SELECT COUNT(*) FROM {batch_jobs} WHERE phase IN ('completed', 'failed')") > 0;
}

/* All of it, also item by item where its holders died twice: what could not be read is done at once then. */
static bool is_first_chunk_done(struct client *client)
{
	return world_number(client->eyes, "SELECT COUNT(*) FROM {batch_chunks} f WHERE f.epoch = 1 AND f.first_ordinal = 0 AND f.isolated = 0"
					  " AND NOT EXISTS (SELECT 1 FROM {batch_chunks} c WHERE c.epoch = 1 AND c.first_ordinal <= f.last_ordinal"
					  " AND c.state IN ('ready', 'leased'))") > 0;
}

static bool is_running(struct client *client)
{
	return world_number(client->eyes, "SELECT COUNT(*) FROM {batch_jobs} WHERE status = 'running'") > 0;
}

static bool give_up_unseen(struct client *client, int64_t job)
{
	struct advance_report report;
	while (is_running(client) && !world_number(client->eyes, "SELECT COUNT(*) FROM {scheduled_events} WHERE job_unpublished > 0"))
		if (!batch_advance(client->ctx, job, ONE_STEP, &report))
			return false;
	return !is_running(client) || batch_cancel(client->ctx, job, true);
}

/* One chunk is worked; then the batch is steered. */
static bool steer(struct client *client, int64_t job)
{
	struct ctx *ctx = client->ctx;
	struct advance_report report;
	while (!is_first_chunk_done(client))
		if (!batch_advance(ctx, job, ONE_STEP, &report))
			return false;
	if (is_terminal(client))
		return true;
	if (client->line->steering == STEER_GIVE_UP)
		return give_up_unseen(client, job);
	if (client->line->steering == STEER_CANCEL)
		return batch_cancel(ctx, job, true);
	if (client->line->steering == STEER_ROLL_BACK)
		return batch_roll_back(ctx, job, true);
	return batch_pause(ctx, job) && batch_advance(ctx, job, ONE_STEP, &report) && batch_resume(ctx, job);
}

/* The content that some items name is added; then what failed is tried once more.  What the first pass found is
 * told by its epoch: who comes again does not retry twice. */
static bool retry(struct client *client, int64_t job)
{
	world_sql(client->eyes, "INSERT IGNORE INTO {contents} (id, title, latest_version, created_at) VALUES (99, 'Late', 3, NOW())");
	world_sql(client->eyes, "INSERT IGNORE INTO {content_versions} (content_id, version_no, created_at) VALUES (99, 1, NOW())");
	return batch_retry(client->ctx, job, OUTCOME_BIT(OUTCOME_FAILED), 1);
}

static bool feed(struct client *client, int64_t job)
{
	int64_t offset = 0;
	for (size_t i = 0; i < client->line->slice_count; i++) {
		struct ingest_report received;
		const char *at = client->line->slices[i];
		struct byte_source source = { line_read, &at };
		if (!batch_append(client->ctx, job, offset, INGEST_JSON, source, &received))
			return false;
		offset += received.accepted;
	}
	return true;
}

static bool work(struct client *client, int64_t job)
{
	struct advance_report report = { 0 };
	for (int i = 0; i < 1000 && !is_terminal(client); i++) {
		if (!batch_advance(client->ctx, job, 20000, &report))
			return false;
		if (!report.chunks)
			world_release(client->eyes);
	}
	return true;
}

/* One conflict is skipped, the others are shifted: Those of the first pass are meant, so who comes again decides nothing
 * anew. */
static bool decide(struct client *client, int64_t job)
{
	struct decide_report report;
	struct decide_entry first = { .action = ON_CONFLICT_SKIP, .scope = SCOPE_OF_BATCH, .epoch = 1 };
	struct decide_request one = { .entries = &first, .count = 1, .like_ordinal = -1 };
	struct decide_request rest = { .alike = { .action = ON_CONFLICT_SHIFT, .scope = SCOPE_OF_BATCH }, .like_ordinal = -1, .epoch = 1 };
	if (!world_number(client->eyes, "SELECT COUNT(*) FROM {batch_job_items} WHERE outcome = 4"))
		return true;
	first.ordinal = world_number(client->eyes, "SELECT MIN(ordinal) FROM {batch_item_errors} WHERE code = 'resource_overlap'"
						   " AND outcome IN (3, 4)");
	return batch_decide(client->ctx, job, &one, &report) && work(client, job) && batch_decide(client->ctx, job, &rest, &report);
}

/* Somebody changes two of its events, once; then it is undone. */
static bool undo(struct client *client, int64_t job)
{
	if (world_number(client->eyes, "SELECT COUNT(*) FROM {batch_jobs} WHERE status IN ('undone', 'undo_partial')"))
		return true;
	world_sql(client->eyes, "UPDATE {scheduled_events} e JOIN {batch_job_items} i ON i.event_id = e.id AND i.outcome = 1"
				" SET e.row_version = e.row_version + 1, e.updated_by = 99 WHERE e.updated_by <> 99 AND i.ordinal IN (3, 14, 25)");
	return batch_undo(client->ctx, job);
}

/* The whole way; may be begun again at any time, like a client that got no answer. */
static bool go(struct client *client)
{
	struct ctx *ctx = client->ctx;
	struct batch_status status;
	int64_t job = 0, sum = 0;
	/* Whoever held a lease is gone, and nobody waits for the clock. */
	world_release(client->eyes);
	if (client->line->is_keyed ? !make_once(client, &job) : !find_or_make(client, &job) || !feed(client, job))
		return false;
	bool receiving = world_number(client->eyes, "SELECT COUNT(*) FROM {batch_jobs} WHERE status = 'receiving'") > 0;
	if (receiving && !batch_start(ctx, job))
		return false;
	enum steering steering = client->line->steering;
	bool is_steered = steering != STEER_NOT && steering != STEER_UNDO && steering != STEER_RETRY && steering != STEER_DECIDE;
	if (is_steered && !is_terminal(client) && !steer(client, job))
		return false;
	if (!work(client, job) || (steering == STEER_UNDO && (!undo(client, job) || !work(client, job))) ||
	    (steering == STEER_RETRY && (!retry(client, job) || !work(client, job))) ||
	    (steering == STEER_DECIDE && (!decide(client, job) || !work(client, job))))
		return false;
	if (!batch_status(ctx, job, &status))
		return false;
	for (int i = 0; i < OUTCOME_COUNT; i++)
		sum += status.counts.by_outcome[i];
	if (sum != status.job.total || !job_state_is_terminal(status.job.state))
		give_up("counts sum to %lld of %lld, the batch is %s", (long long)sum, (long long)status.job.total,
			job_state_name(status.job.state));
	return true;
}

/* Busy, away, full, no answer: try again.  Refused: somebody else was quicker, look again.  All else is a fault. */
static bool may_try_again(const struct client *client, enum fail_kind kind)
{
	return kind == FAIL_RETRY || kind == FAIL_UNCERTAIN || kind == FAIL_CONFLICT ||
	       (client->is_starved && kind == FAIL_INTERNAL);
}

bool client_run(struct client *client)
{
	struct ctx *ctx = client->ctx;
	for (int error = 0; error < ERRORS_MAX; error++) {
		fail_clear(&ctx->fail);
		arena_reset(ctx->arena);
		/* As at the beginning of every request. */
		if (db_ensure(ctx->db, &ctx->fail) && go(client))
			return true;
		if (!may_try_again(client, ctx->fail.kind))
			give_up("%s: %s (%s)", code_info(ctx->fail.code)->name, ctx->fail.public_message, ctx->fail.detail);
	}
	if (!client->is_starved)
		give_up("no end of errors: %s (%s)", ctx->fail.public_message, ctx->fail.detail);
	return false;
}
