/*
 * Rows of batch_jobs: what a person started.
 *
 * Only SQL and structs: which transition is legal is decided by
 * batch/states.c, and every transition here is a conditional UPDATE, so two
 * requests can't both win.  Counts are not stored in the job: they are summed
 * from its chunks (store/chunks.h).
 */
#ifndef STORE_JOBS_H
#define STORE_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "store/outcome.h"

enum job_type {
	JOB_CREATE,
	JOB_UPDATE,
	JOB_EVALUATE,
	JOB_ACTIVATE,              /* made by the program for events whose moment has come */
	JOB_TYPE_COUNT
};
const char *job_type_name(enum job_type type);
bool job_type_by_name(const char *name, enum job_type *type_out);

enum job_state {
	JOB_RECEIVING,
	JOB_QUEUED,
	JOB_RUNNING,
	JOB_PAUSING,
	JOB_PAUSED,
	JOB_CANCELLING,
	JOB_CANCELLED,
	JOB_SUCCEEDED,
	JOB_PARTIAL,
	JOB_FAILED,
	JOB_PUBLISHING,
	JOB_ROLLING_BACK,
	JOB_ROLLED_BACK,
	JOB_UNDOING,
	JOB_UNDONE,
	JOB_UNDO_PARTIAL,
	JOB_STATE_COUNT
};
const char *job_state_name(enum job_state state);
/* A word that only a newer program knows is JOB_RUNNING: nothing here will then
 * move it. */
enum job_state job_state_by_name(const char *name);
const char *job_state_phase(enum job_state state); /* pending, processing, completed, failed */
bool job_state_is_terminal(enum job_state state);

/* What the chunks of an epoch do. */
enum job_work { WORK_DO, WORK_CHECK, WORK_PUBLISH, WORK_UNDO, WORK_COUNT };
const char *job_work_name(enum job_work work);

/* Does a batch wait for others (store/dependencies.h)? */
enum job_waiting {
	WAITING_NOT,
	WAITING_FOR_OTHERS,
	WAITING_IN_VAIN,           /* one of them did not succeed: the batch has failed */
};

/* Do its items have ids or depend on each other (store/item_links.h)? */
enum job_linked {
	LINKED_NOT,
	LINKED_UNSTAGED,           /* their stages have still to be found */
	LINKED_STAGED,
};

/* Ids of batches, borrowed. */
struct id_list {
	const int64_t *ids;
	size_t count;
};

#define JOB_LABEL_MAX 150 /* characters */

struct job {
	int64_t id;
	enum job_type type;
	enum job_state state;
	const char *label;
	const char *options;       /* JSON text, defaults filled in */
	const char *csv_header;    /* JSON list of names or NULL */
	int32_t epoch;
	int32_t priority;
	int64_t created_by;
	const char *created_by_name;
	const char *scope;         /* permissions of the limited token that made it; NULL = all of the person's */
	int64_t received;          /* input items stored */
	int64_t total;             /* items to work on */
	int64_t planned;
	int64_t unfrozen;
	int64_t chunk_size;
	int32_t max_lanes;
	bool is_ordered;           /* chunks one after the other */
	enum job_work work;        /* what the chunks of this epoch do */
	uint32_t retrying;         /* bit n: items with outcome n are worked again in this epoch */
	int32_t stage, stages;     /* the stage being worked on, of how many */
	bool is_atomic;            /* all or nothing: in one transaction, or … */
	bool is_held_back;         /* … by many, and seen when it is published; known from the first plan on */
	bool is_published;
	bool is_decided;           /* conflicts that people have decided still have to be worked on */
	bool is_dry_run;           /* decides as if, and changes nothing */
	bool wants_rollback;       /* a cancellation that goes on as an undo */
	int64_t undo_until;        /* UTC seconds, 0 = not undoable */
	enum job_waiting waiting;
	enum job_linked linked;
	int32_t places_left;       /* of an evaluation: parts of its places still to be compared … */
	int32_t places_whole;      /* … and how (store/places.h) */
	int32_t lease_s;
	int64_t created_at, started_at, finished_at; /* UTC seconds, 0 = not yet */
	int64_t elapsed_ms;        /* from started_at to finished_at or now */
	int64_t now_utc;           /* the database's clock when this was read */
};

/* What progress reports, summed from the job's chunks of this epoch. */
struct job_counts {
	int64_t by_outcome[OUTCOME_COUNT];
	int64_t cursor;            /* first ordinal that no finished chunk covers */
	int64_t active_ms;         /* summed work time of chunks finished in this epoch ... */
	int64_t worked_items;      /* ... and their items */
	int64_t open_items;        /* of chunks that are ready or leased */
	int64_t recent_items, recent_ms; /* finished in the last 10 s, for throughput */
	int32_t lanes;             /* chunks leased now */
	int32_t ready;             /* chunks due now */
	int64_t idle_s;            /* since a chunk was claimed or finished; 0 if none yet */
	int64_t stalled_at;        /* ordinal of an expired lease, -1 if none */
	int64_t current_first, current_last; /* a chunk that somebody holds; -1 if none */
	int64_t unreadable;        /* of those that failed: they could not be read, no retry helps */
	int64_t newly_failed;      /* by the chunks worked in this epoch */
	int64_t errors, expiries;  /* attempts at chunks that ended in an error; whose lease ran out */
};

/* Inserts a receiving job; fills id. */
MUST_USE bool job_insert(struct ctx *ctx, struct job *job);
/* FAIL_NOT_FOUND when there is none. Texts live in ctx->arena. */
MUST_USE bool job_get(struct ctx *ctx, int64_t id, struct job *job_out);
/* That failure, in the same words for a batch that is somebody else's; false. */
bool job_not_found(struct ctx *ctx, int64_t id);
MUST_USE bool job_get_counts(struct ctx *ctx, const struct job *job, struct job_counts *counts_out);

/* The same for several jobs in one statement. */
MUST_USE bool job_get_counts_of_list(struct ctx *ctx, const struct job *jobs, size_t count, struct job_counts *counts_out);

struct job_filter {
	const char *phase;         /* NULL = any */
	const char *type;          /* NULL = any */
	int64_t created_by;        /* 0 = any */
	int64_t before_id;         /* keyset: ids below; 0 = from the newest */
	int32_t limit;             /* 1..200 */
};
MUST_USE bool job_list(struct ctx *ctx, const struct job_filter *filter, struct job **jobs_out, size_t *count_out);
/* Open (not terminal) jobs of a user. */
MUST_USE bool job_count_open(struct ctx *ctx, int64_t user_id, int64_t *count_out);
/* The same, and how many items the largest of them has. */
MUST_USE bool job_open_load(struct ctx *ctx, int64_t user_id, int64_t *count_out, int64_t *largest_out);
/* Jobs that have work to do, of anybody; 0 also where the tables are too old to be asked. */
int64_t job_count_runnable(struct ctx *ctx);

struct summary_row {
	const char *type;          /* NULL for workers */
	const char *status;
	int64_t count;
};
/* The views batch_jobs_summary and worker_status_summary. */
MUST_USE bool job_summary(struct ctx *ctx, struct summary_row **rows_out, size_t *count_out);

/* Conditional transition: from `from` to `to`; `moved_out` false when the row
 * was no longer in `from`.  Sets phase, desired, finished_at as `to` needs. */
MUST_USE bool job_move(struct ctx *ctx, int64_t id, enum job_state from, enum job_state to, bool *moved_out);
/* Whether the cancellation under way is to go on as an undo; the row is held. */
MUST_USE bool job_want_rollback(struct ctx *ctx, int64_t id, bool wanted);

/* --- for the engine ------------------------------------------------------- */

/* job_get() that holds the row until the transaction ends. */
MUST_USE bool job_lock(struct ctx *ctx, int64_t id, struct job *job_out);
/* Items that a receiving job gets. */
struct received {
	int64_t items;
	int64_t queries;       /* of these, that become more */
	bool in_order;         /* one of the queries wants its events in an order */
	bool is_linked;        /* one has an id or depends on others */
	int32_t place_parts;   /* of an evaluation that has left places to be compared (store/places.h) … */
	int32_t places_whole;  /* … and how, 0 if nothing is against it */
};
MUST_USE bool job_add_items(struct ctx *ctx, int64_t id, const struct received *received);
/* Sets options, label, priority, chunk_size, max_lanes and lease_s of a
 * receiving job, from `job`. */
MUST_USE bool job_set_options(struct ctx *ctx, const struct job *job);
MUST_USE bool job_set_csv_header(struct ctx *ctx, int64_t id, const char *header);

/* A slice that was stored at an offset; `items` 0 when there is none. */
struct slice_row {
	int64_t items;
	unsigned char content_hash[32];
};
MUST_USE bool slice_row_get(struct ctx *ctx, int64_t job_id, int64_t offset, struct slice_row *row_out);
MUST_USE bool slice_row_insert(struct ctx *ctx, int64_t job_id, int64_t offset, const struct slice_row *row);

/* A query being frozen into items, in the order of event_order (events.h). */
struct expansion {
	int64_t ordinal;       /* the item that holds it */
	int32_t direction;     /* 0 by id, 1 earliest start first, -1 latest first */
	int64_t after_utc;     /* the last frozen event; after_id 0 = none yet */
	int64_t after_id;
	int64_t matched;
	const char *input;     /* that item's text */
};
MUST_USE bool expansion_next(struct ctx *ctx, int64_t job_id, struct expansion *expansion_out, bool *found_out);
/* In a transaction: the query moves on from where it was seen; false in
 * mine_out when another process has moved it. */
MUST_USE bool expansion_move(struct ctx *ctx, int64_t job_id, const struct expansion *expansion, int64_t after_utc,
			     int64_t after_id, int64_t matched, bool *mine_out);
MUST_USE bool expansion_finish(struct ctx *ctx, int64_t job_id, int64_t ordinal);
/* More items by a query; the job is queued. */
MUST_USE bool job_add_frozen(struct ctx *ctx, int64_t id, int64_t items, int64_t finished_queries);

#endif
