/* Creating batches: empty, from a body, slice by slice, from another batch. */
#include "base/config.h"
#include "base/log.h"
#include "batch/access.h"
#include "batch/body.h"
#include "batch/depend.h"
#include "batch/ingest.h"
#include "batch/states.h"
#include "batch/tell.h"
#include "db/db.h"
#include "store/audit.h"
#include "store/calendar_notes.h"
#include "store/idempotency.h"
#include "store/upload_files.h"
#include "store/users.h"

#define LEASE_MIN_S 15
#define FIRST_CHUNK_SIZE 200
#define SLICE_ITEMS_LIMIT 10000

/* What the engine keeps of the options in columns of its own. */
static void apply_options(struct ctx *ctx, const struct batch_options *options, const char *label, struct job *job)
{
	struct batch_options told = *options;
	int64_t host_ms = ctx->config->request_limit_ms / 2; /* as the site's own is held to */
	if (told.time_budget_ms > host_ms)
		told.time_budget_ms = host_ms;
	int64_t budget_ms = told.time_budget_ms ? told.time_budget_ms : ctx->config->time_budget_ms;
	int64_t lease_s = (3 * budget_ms + 999) / 1000;
	job->options = options_text(ctx->arena, job->type, &told);
	job->label = options->label ? options->label : label ? label : "";
	job->priority = options->priority;
	job->chunk_size = options->chunk_size ? options->chunk_size : FIRST_CHUNK_SIZE;
	job->is_ordered = options->ordered;
	job->is_atomic = options->atomic && !options->dry_run;
	job->max_lanes = options->ordered ? 1 : options->max_concurrency;
	job->lease_s = (int32_t)(lease_s < LEASE_MIN_S ? LEASE_MIN_S : lease_s);
	job->waiting = options->depends_on.count ? WAITING_FOR_OTHERS : WAITING_NOT;
}

/* In a transaction: one user's creations take their turns, so that the limit
 * of open batches holds for those that come at once. */
static bool may_create(struct ctx *ctx, enum job_type type)
{
	int64_t open = 0;
	if (!access_to_make(ctx, type) || !user_lock(ctx, ctx->actor->user_id) || !job_count_open(ctx, ctx->actor->user_id, &open))
		return false;
	if (open >= ctx->config->open_jobs_max)
		return fail_set(&ctx->fail, FAIL_LIMIT, CODE_TOO_MANY_JOBS, "%lld batches of yours are open; %lld may be",
				(long long)open, (long long)ctx->config->open_jobs_max);
	return true;
}

/* Which restrictions there are is not for everybody to leave out; each item
 * asks again for its own type. */
static bool may_leave_out(struct ctx *ctx, const struct batch_options *options)
{
	return options->check_compliance || permitted(ctx->actor, PERMIT_RESOLVE_CONFLICTS) ||
	       (fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "Your role may not leave out the check of restrictions"),
		fail_at(&ctx->fail, "/options/check_compliance"));
}

static bool may_have(struct ctx *ctx, const struct batch_options *options)
{
	return may_leave_out(ctx, options) && tell_may_name(ctx, options->notify_webhook);
}

bool job_make(struct ctx *ctx, enum job_type type, const struct batch_options *options, const char *label, bool is_whole, struct job *job)
{
	struct batch_options defaults;
	options_default(ctx->config, &defaults);
	*job = (struct job){ .type = type, .created_by = ctx->actor->user_id, .created_by_name = ctx->actor->name,
			     .scope = ctx->actor->scope };
	if (!options)
		options = &defaults;
	apply_options(ctx, options, label, job);
	if (label_fits(ctx, job->label) && may_have(ctx, options) && depend_check(ctx, &options->depends_on, 0) &&
	    db_begin(ctx->db, &ctx->fail) && may_create(ctx, type) && job_insert(ctx, job) && dependencies_insert(ctx, job->id, &options->depends_on) &&
	    audit_add(ctx, "job.create", job->id, 0, NULL) &&
	    (is_whole ? idempotency_keep(ctx, job->id, 0) : idempotency_bind(ctx, job->id)) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

bool batch_create(struct ctx *ctx, enum job_type type, const struct batch_options *options, const char *label,
		  struct job *job)
{
	return job_make(ctx, type, options, label, true, job);
}

/* --- slices ------------------------------------------------------------------- */

static bool is_receiving(struct ctx *ctx, const struct job *job)
{
	return job->state == JOB_RECEIVING || job_refuse_because(ctx, job, " and takes no more items");
}

/* An offset below what has been received must be a slice sent again. */
static bool check_repeat(struct ctx *ctx, const struct job *job, int64_t offset, struct byte_source source,
			 struct ingest_report *report)
{
	struct slice_row stored;
	struct digest_state digest;
	unsigned char hash[DIGEST_BYTES];
	char buffer[16384];
	long got;
	if (!slice_row_get(ctx, job->id, offset, &stored))
		return false;
	digest_begin(&digest);
	while ((got = source.read(source.user, buffer, sizeof(buffer))) > 0)
		digest_add(&digest, buffer, (size_t)got);
	digest_end(&digest, hash);
	if (got < 0)
		return fail_set(&ctx->fail, FAIL_INVALID, CODE_TRUNCATED_BODY, "The body broke off");
	if (!stored.items || !same_bytes(stored.content_hash, hash, DIGEST_BYTES))
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_OFFSET_MISMATCH,
				"Other items were received at offset %lld; go on from %lld", (long long)offset,
				(long long)job->received);
	*report = (struct ingest_report){ .received = job->received, .accepted = stored.items, .was_repeated = true };
	return true;
}

static bool take_slice(struct ctx *ctx, struct job *job, int64_t offset, enum ingest_format format,
		       struct byte_source source, struct ingest_report *report)
{
	struct ingest ingest;
	struct slice_row row;
	ingest_begin(&ingest, ctx, job, offset);
	ingest.one_transaction = true;
	ingest.items_max = SLICE_ITEMS_LIMIT;
	bool ok = ingest_body(&ingest, format, source);
	if (ok) {
		row.items = ingest.report.accepted;
		digest_end(&ingest.digest, row.content_hash);
		*report = ingest.report;
		report->received = job->received + row.items;
		ok = !row.items || slice_row_insert(ctx, job->id, offset, &row);
	}
	ingest_free(&ingest);
	return ok;
}

bool batch_append(struct ctx *ctx, int64_t job_id, int64_t offset, enum ingest_format format, struct byte_source source,
		  struct ingest_report *report)
{
	struct job job;
	*report = (struct ingest_report){ 0 };
	/* The job's row is held: two slices of one offset take their turns. */
	if (!db_begin(ctx->db, &ctx->fail) || !access_job_to_fill(ctx, job_id, &job))
		goto undo;
	if (offset < job.received) {
		db_rollback(ctx->db);
		return check_repeat(ctx, &job, offset, source, report);
	}
	if (!is_receiving(ctx, &job))
		goto undo;
	if (offset > job.received) {
		(void)fail_set(&ctx->fail, FAIL_CONFLICT, CODE_OFFSET_GAP, "The next items must have offset %lld, not %lld",
			       (long long)job.received, (long long)offset);
		goto undo;
	}
	if (take_slice(ctx, &job, offset, format, source, report) && db_commit(ctx->db, &ctx->fail))
		return true;
undo:
	db_rollback(ctx->db);
	return false;
}

/* --- one body --------------------------------------------------------------------- */

/* Before the first group is stored, or at the end of a body without items. */
static bool make_job(struct ingest *ingest)
{
	struct body *body = ingest->user;
	struct ctx *ctx = ingest->ctx;
	if (body->is_created)
		return true;
	if (!body_members_read(ingest, body) || !body_has_type(ctx, body))
		return false;
	body->is_created = job_make(ctx, ingest->job->type, &body->options, body->label, false, ingest->job);
	return body->is_created;
}

/* Options that came behind the items; now is known what the batch waits for. */
static bool set_options(struct ctx *ctx, const struct batch_options *options, const struct job *job)
{
	if (job->waiting == WAITING_NOT)
		return job_set_options(ctx, job);
	if (depend_check(ctx, &options->depends_on, job->id) && db_begin(ctx->db, &ctx->fail) && job_set_options(ctx, job) &&
	    dependencies_insert(ctx, job->id, &options->depends_on) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

/* Members that came behind the items. */
static bool finish_body(struct ingest *ingest, struct body *body)
{
	struct ctx *ctx = ingest->ctx;
	bool had_options = body->options_known;
	const char *label = body->label;
	if (!make_job(ingest) || !body_members_read(ingest, body))
		return false;
	if (had_options == body->options_known && label == body->label)
		return true;
	if (!may_have(ctx, &body->options))
		return false;
	apply_options(ctx, &body->options, body->label, ingest->job);
	return set_options(ctx, &body->options, ingest->job);
}

void job_give_up(struct ctx *ctx, const struct job *job)
{
	struct fail why = ctx->fail;
	bool moved = false;
	fail_clear(&ctx->fail);
	if (!db_ensure(ctx->db, &ctx->fail) || !job_move(ctx, job->id, JOB_RECEIVING, JOB_CANCELLED, &moved))
		log_line(LOG_WARN, ctx->reference, "batch %lld stays in receiving: %s", (long long)job->id, ctx->fail.detail);
	ctx->fail = why;
}

/* Before anything is made of it: only a batch whose type stands in the body may
 * come without its items, which then come in slices. */
static bool has_items(struct ingest *ingest, struct body *body, bool may_lack_them)
{
	struct ctx *ctx = ingest->ctx;
	if (ingest->report.accepted)
		return true;
	/* What is wrong with them comes first, and whether he may at all. */
	if (!body_members_read(ingest, body) || !body_has_type(ctx, body) || !access_to_make(ctx, ingest->job->type))
		return false;
	if (ingest->report.saw_items)
		return fail_set(&ctx->fail, FAIL_INVALID, CODE_EMPTY_BATCH, "The list of items is empty");
	if (may_lack_them)
		return true;
	(void)fail_set(&ctx->fail, FAIL_INVALID, CODE_REQUIRED, "items is missing");
	return fail_at(&ctx->fail, "/items");
}

bool batch_create_from_body(struct ctx *ctx, bool type_known, enum job_type type, const struct batch_options *options,
			    const char *label, enum ingest_format format, struct byte_source source, struct job *job)
{
	struct ingest ingest;
	struct body body = { .type_known = type_known, .label = label };
	*job = (struct job){ .type = type };
	if (options)
		body.options = *options;
	else
		options_default(ctx->config, &body.options);
	ingest_begin(&ingest, ctx, job, 0);
	ingest.before_first = make_job;
	ingest.user = &body;
	bool ok = ingest_body(&ingest, format, source) && has_items(&ingest, &body, !type_known) && finish_body(&ingest, &body);
	bool saw_items = ingest.report.saw_items;
	ingest_free(&ingest);
	if (ok)
		ok = saw_items ? batch_start(ctx, job->id) : idempotency_keep(ctx, job->id, 0);
	if (!ok && body.is_created)
		job_give_up(ctx, job);
	return ok && job_get(ctx, job->id, job);
}

/* --- from another batch ---------------------------------------------------------------- */

bool batch_create_from_job(struct ctx *ctx, int64_t source_job_id, const struct batch_options *options, const char *label,
			   struct job *job)
{
	struct job source;
	if (!access_job(ctx, source_job_id, &source))
		return false;
	if (source.state == JOB_RECEIVING)
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_ILLEGAL_TRANSITION, "That batch is still receiving items");
	if (!job_make(ctx, source.type, options, label, false, job))
		return false;
	for (int64_t done = 0; done < source.received; done += INGEST_GROUP) {
		int64_t copied = source.received - done < INGEST_GROUP ? source.received - done : INGEST_GROUP;
		struct received received = { .items = copied, .is_linked = source.linked != LINKED_NOT };
		if (!db_begin(ctx->db, &ctx->fail) || !idempotency_renew(ctx, job->id) ||
		    !items_copy(ctx, source.id, job->id, done, done + copied - 1, &received) ||
		    !job_add_items(ctx, job->id, &received) || !db_commit(ctx->db, &ctx->fail)) {
			db_rollback(ctx->db);
			job_give_up(ctx, job);
			return false;
		}
	}
	return upload_files_copy(ctx, source.id, job->id) && (!source.csv_header || job_set_csv_header(ctx, job->id, source.csv_header)) &&
	       batch_start(ctx, job->id) && job_get(ctx, job->id, job);
}

/* --- from an evaluation ------------------------------------------------------------------ */

static bool is_usable(struct ctx *ctx, int64_t id, struct job *job)
{
	if (!access_job(ctx, id, job))
		return false;
	if (job->type != JOB_EVALUATE)
		fail_set(&ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE, "Batch %lld is no evaluation", (long long)id);
	else if (!job_state_is_terminal(job->state))
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_ILLEGAL_TRANSITION, "Evaluation %lld has not ended: it is %s",
				(long long)id, job_state_name(job->state));
	else
		return true;
	return fail_at(&ctx->fail, "/from_evaluation");
}

/* Does the batch look at nothing that the evaluation did not? */
static bool is_covered(const struct batch_options *options, const struct batch_options *evaluated)
{
	enum on_conflict way = options->resolution.on_conflict;
	bool stays = way == ON_CONFLICT_FAIL || way == ON_CONFLICT_SKIP || way == ON_CONFLICT_KEEP_BOTH;
	return stays && options->conflict_window_s <= evaluated->conflict_window_s &&
	       (evaluated->check_compliance || !options->check_compliance);
}

static bool copy_notes(struct ctx *ctx, const struct job *evaluation, const struct job *job)
{
	struct note_copy copy = { 0 };
	while (!copy.is_done)
		if (!calendars_copy_notes(ctx, evaluation->id, job->id, INGEST_GROUP, &copy))
			return false;
	return true;
}

static bool copy_ready(struct ctx *ctx, const struct job *evaluation, const struct job *job, int64_t *total)
{
	for (int64_t done = 0; done < evaluation->total; done += INGEST_GROUP) {
		struct received received = { .is_linked = evaluation->linked != LINKED_NOT };
		if (!db_begin(ctx->db, &ctx->fail) || !idempotency_renew(ctx, job->id) ||
		    !items_copy_ready(ctx, evaluation->id, job->id, done, done + INGEST_GROUP - 1, *total, &received) ||
		    !job_add_items(ctx, job->id, &received) || !db_commit(ctx->db, &ctx->fail)) {
			db_rollback(ctx->db);
			return false;
		}
		*total += received.items;
	}
	return *total > 0 ||
	       fail_set(&ctx->fail, FAIL_CONFLICT, CODE_EMPTY_BATCH, "Evaluation %lld found nothing ready to be created", (long long)evaluation->id);
}

bool batch_create_from_evaluation(struct ctx *ctx, int64_t evaluation_id, const struct batch_options *options, const char *label,
				  struct job *job)
{
	struct job evaluation;
	struct batch_options evaluated, own = *options;
	int64_t total = 0;
	if (!is_usable(ctx, evaluation_id, &evaluation))
		return false;
	if (!options_load(ctx->config, ctx->arena, evaluation.type, evaluation.options, &evaluated))
		return fail_set(&ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "The evaluation's options can't be read");
	own.from_evaluation = evaluation_id;
	if (!job_make(ctx, JOB_CREATE, &own, label, false, job))
		return false;
	if ((is_covered(options, &evaluated) && !copy_notes(ctx, &evaluation, job)) || !copy_ready(ctx, &evaluation, job, &total)) {
		job_give_up(ctx, job);
		return false;
	}
	return batch_start(ctx, job->id) && job_get(ctx, job->id, job);
}
