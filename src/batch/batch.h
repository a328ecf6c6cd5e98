/*
 * The engine's face to the outside: create a batch, feed it, start it, work
 * it, look at it, steer it.
 *
 * Handlers and pages call these and nothing deeper.  Every function checks
 * that ctx->actor may see and steer the job (its own, or manage_batches) and
 * answers FAIL_NOT_FOUND for a job that the actor may not know of.
 */
#ifndef BATCH_BATCH_H
#define BATCH_BATCH_H

#include "batch/options.h"
#include "store/decisions.h"
#include "store/dependencies.h"
#include "store/items.h"
#include "store/jobs.h"

/* --- create and feed ----------------------------------------------------- */

/* The type of a batch that a request makes (`name` may be NULL).  FAIL_INVALID at /type:
 * required, invalid_value, or not_available for one of a later version. */
MUST_USE bool batch_type_read(struct ctx *ctx, const char *name, enum job_type *type_out);

/* A new job in state receiving.  `options` may be NULL (defaults).  Fails with
 * FAIL_LIMIT (too_many_jobs) and FAIL_DENIED (type not permitted). */
MUST_USE bool batch_create(struct ctx *ctx, enum job_type type, const struct batch_options *options,
			   const char *label, struct job *job_out);

enum ingest_format { INGEST_JSON, INGEST_NDJSON, INGEST_CSV };

/* Where the bytes of a body come from: fills `buffer`, returns the number of
 * bytes, 0 at the end, -1 when the client went away early. */
struct byte_source {
	long (*read)(void *user, char *buffer, size_t size);
	void *user;
};
/* Text in memory as such. */
struct memory_source {
	const char *at;
	size_t left;
};
struct byte_source memory_source(struct memory_source *memory);

struct ingest_report {
	int64_t received;        /* items of the job stored now */
	int64_t accepted;        /* of this body */
	int64_t malformed;       /* of this body, stored as failed items */
	bool was_repeated;       /* the same slice had been stored before */
	bool saw_items;          /* the body had a list of items, empty or not */
};

/* Appends one slice at `offset`: all or nothing, idempotent (engine.md,
 * "Ingest").  JSON is a list.  At most `slice_items_max` items (10,000). */
MUST_USE bool batch_append(struct ctx *ctx, int64_t job_id, int64_t offset, enum ingest_format format,
			   struct byte_source source, struct ingest_report *report_out);

/* Members beside "items" of a one-body request, as they come. */
struct body_members {
	const char *type;        /* JSON texts or NULL, in ctx->arena */
	const char *options;
	const char *label;
};

/* Feeds one whole body of any length into a new job, in transactions of at
 * most 1,000 items, memory bounded by one; JSON is a list, or an object with
 * "items" and other members.  A body that breaks off or is malformed in its
 * framing fails, and the job is cancelled: a one-body request is not resumed
 * but sent again.  Members "type" (if `type_known` is false), "options" and
 * "label" may stand before or after the items.  The job is started; without
 * "items", which it may lack only where the type is not known, it is receiving.
 * `format` INGEST_CSV and INGEST_NDJSON have no members. */
MUST_USE bool batch_create_from_body(struct ctx *ctx, bool type_known, enum job_type type,
				     const struct batch_options *options, const char *label,
				     enum ingest_format format, struct byte_source source, struct job *job_out);

/* A new, started job with the same items as `source_job_id` (same type), for
 * example the real run after a dry run.  The server copies the items, a
 * thousand to a transaction. */
MUST_USE bool batch_create_from_job(struct ctx *ctx, int64_t source_job_id, const struct batch_options *options,
				    const char *label, struct job *job_out);

/* A new, started batch of type create with what an evaluation found ready, in
 * its order.  Only calendars that somebody has changed since are looked at
 * again, where `options` look no closer than the evaluation did.
 * What they depend on comes with them; what depends on an item that was not
 * ready fails (dependency_failed).  FAIL_NOT_FOUND: not there, or not the
 * actor's; FAIL_INVALID at /from_evaluation: another type;
 * FAIL_CONFLICT: it has not ended, or nothing was ready. */
MUST_USE bool batch_create_from_evaluation(struct ctx *ctx, int64_t evaluation_id, const struct batch_options *options,
					   const char *label, struct job *job_out);

struct batch_status;

/* --- steer ---------------------------------------------------------------- */

/* Each does one transition or fails with FAIL_CONFLICT (illegal_transition,
 * the message names the state and what is allowed); repeating a transition
 * that has already happened succeeds. */
MUST_USE bool batch_start(struct ctx *ctx, int64_t job_id);
MUST_USE bool batch_pause(struct ctx *ctx, int64_t job_id);
MUST_USE bool batch_resume(struct ctx *ctx, int64_t job_id);
/* graceful: leased chunks finish; else their work is thrown away. */
MUST_USE bool batch_cancel(struct ctx *ctx, int64_t job_id, bool graceful);
/* The same, and what was done is undone (state undoing); what the batch could
 * not do anything to stays cancelled. */
MUST_USE bool batch_roll_back(struct ctx *ctx, int64_t job_id, bool graceful);
/* Puts things back as they were before the batch, item by item; what others
 * have changed since is left alone (outcome undo_conflict).  FAIL_CONFLICT:
 * undo_expired, not_undoable, nothing_to_undo or illegal_transition. */
MUST_USE bool batch_undo(struct ctx *ctx, int64_t job_id);
/* May it be undone now?  Fails with the same reasons. */
MUST_USE bool batch_may_undo(struct ctx *ctx, const struct batch_status *status);
/* A further pass over the items with these outcomes (OUTCOME_BIT of
 * RETRYABLE_OUTCOMES, states.h); the others keep theirs.  FAIL_CONFLICT
 * nothing_to_retry when there is none.  `epoch` is the pass whose results the
 * person saw, 0 = the last: the same retry asked twice happens once. */
MUST_USE bool batch_retry(struct ctx *ctx, int64_t job_id, uint32_t outcomes, int32_t epoch);
/* Decides about items in conflict: some one by one, or all that are alike.
 * Needs resolve_conflicts.  What was decided before stands; the same decision
 * asked twice happens once.  Entries that can't be are told in the report's
 * issues (/resolutions/N/…) and keep the others from nothing.  Then the decided
 * items are worked on.  FAIL_CONFLICT illegal_transition or not_in_conflict
 * when the batch is not one to decide about now; FAIL_RETRY asks to send the
 * same again, because there is more than fits into one request. */
#define DECIDE_ENTRIES_MAX 1000
struct decide_entry {
	int64_t ordinal;
	enum on_conflict action;      /* SKIP, REPLACE, SHIFT, KEEP_BOTH */
	enum conflict_scope scope;
	int32_t epoch;                /* of the conflict that the person saw; 0 = whatever it is */
};
struct decide_request {
	const struct decide_entry *entries;
	size_t count;                 /* 0: */
	struct decide_alike alike;    /* action, scope and kind of these are looked at */
	int64_t like_ordinal;         /* … those like this item; -1 = all */
	int32_t epoch;                /* conflicts found later are left; 0 = none is */
};
struct decide_report {
	int64_t decided, repeated, refused;
	struct issues issues;         /* why, of the first ISSUES_MAX that were refused */
};
MUST_USE bool batch_decide(struct ctx *ctx, int64_t job_id, const struct decide_request *request,
			   struct decide_report *report_out);
/* Forgets a finished job's records; its events stay. */
MUST_USE bool batch_delete(struct ctx *ctx, int64_t job_id);

/* --- work ----------------------------------------------------------------- */

struct advance_report {
	int32_t chunks;          /* finished by this call */
	int64_t items;
	int64_t budget_ms;       /* that it had: what was asked, within the host's limit */
	bool is_terminal;        /* the job has ended */
	bool found_nothing;      /* no chunk was due */
	bool gave_way;           /* others waited for this process: the rest of the budget was not used */
};

/* Works one time budget on a job (engine.md): chunk after chunk until the
 * budget is spent, the job ends or nothing is due.  `budget_ms` 0 = the job's
 * or the site's. */
MUST_USE bool batch_advance(struct ctx *ctx, int64_t job_id, int64_t budget_ms, struct advance_report *report_out);

/* Lets batches begin, or end, that wait without need because whoever ended the
 * one they waited for died right after; for ticks. */
MUST_USE bool batch_settle_waiting(struct ctx *ctx);

/* How to work whatever is most urgent, over all batches. */
struct drive {
	int64_t budget_ms;
	int64_t chunk_max_ms;    /* chunks that would take longer are left to others; 0 = any */
	bool (*is_over)(void *user); /* asked between chunks: something else waits; NULL = goes by ctx->others_wait */
	void *user;
};

struct drive_report {
	int32_t chunks;          /* finished by this call */
	int64_t items;
	int32_t jobs;            /* in which there was something to do */
	bool has_more;           /* stopped before everything due was done */
};

/* Works chunks of the most urgent batches, a chunk to a turn, so that the users
 * share (store/turns.h); each with its creator's rights, whoever ctx->actor is.
 * Batches that somebody drives himself are left to him.  False only when the
 * database can't be asked; a batch that fails is put off. */
MUST_USE bool batch_drive(struct ctx *ctx, const struct drive *how, struct drive_report *report_out);

/* --- look ----------------------------------------------------------------- */

struct batch_status {
	struct job job;
	struct job_counts counts;
	int64_t retryable;            /* items that a retry would work on now */
	int64_t goal;                 /* items that it will come to; at the end, all there were */
	int32_t percent;              /* of these; 100 only when terminal */
	double throughput_per_s;
	double eta_s;                 /* < 0 = unknown */
	struct error_group *errors;
	size_t error_count;
	const char *allowed[8];       /* transitions that would be accepted now */
	size_t allowed_count;
	const char *message;          /* plain words when nothing moves, else NULL */
	struct dependency *waiting_for; /* batches that have to succeed first */
	size_t waiting_for_count;
};
MUST_USE bool batch_status(struct ctx *ctx, int64_t job_id, struct batch_status *status_out);
/* The same for jobs of a list; items_page, job_list are called directly. */
MUST_USE bool batch_list(struct ctx *ctx, struct job_filter *filter, struct batch_status **list_out, size_t *count_out);
/* Results of a job that the actor may see. */
MUST_USE bool batch_results(struct ctx *ctx, int64_t job_id, int outcome, int64_t after_ordinal, int32_t limit,
			    struct job *job_out, struct item_result **items_out, size_t *count_out);

#endif
