/*
 * Events whose moment has come: found by KEY due, taken into a batch, and what
 * became of them written.
 *
 * Taking an event moves its next_due_at some minutes on: a lease.  If the batch
 * is cancelled or forgotten, the event is due again by itself; that it happens
 * once is held by its row, which is locked and must still be `scheduled` when
 * the batch decides.  Copies and events of batches that are not published yet
 * wait until they are.
 */
#ifndef STORE_ACTIVATION_H
#define STORE_ACTIVATION_H

#include "base/ctx.h"
#include "rules/activation.h"

#define ACTIVATION_LEASE_S 600

/* Is there any?  One look into KEY due. */
MUST_USE bool activation_is_due(struct ctx *ctx, bool *due_out);
/* In a transaction: one maker at a time, on all nodes, and none while a batch of
 * this type is open.  The row stays locked until the commit. */
MUST_USE bool activation_turn(struct ctx *ctx, bool *mine_out);
/* Makes due events the items of a batch, in the order of their moments, and
 * moves them on; how many. */
MUST_USE bool activation_take(struct ctx *ctx, int64_t job_id, int32_t limit, int64_t *count_out);

/* A due occurrence, or (is_ahead) when the event's next one is. */
struct due_occurrence {
	int64_t event_id;
	struct moment moment;
	bool is_ahead;
};
/* By event, then time. */
MUST_USE bool activation_occurrences(struct ctx *ctx, const int64_t *event_ids, size_t count, int64_t now_utc,
				     struct due_occurrence **list_out, size_t *count_out);

/* The row of an event, locked. */
struct locked_event {
	int64_t id, row_version;
	int64_t done_through;    /* of a series: what starts up to here is over */
	bool is_scheduled;
};
/* Sorted by id; without those that are gone or held by a batch. */
MUST_USE bool activation_lock_events(struct ctx *ctx, const int64_t *event_ids, size_t count, struct locked_event **list_out,
				     size_t *count_out);

struct live_content {
	int64_t id, latest_version, live_version;
	int64_t live_at;         /* the moment of the event that made it live, 0 = none did */
	bool is_changed;
};
/* Locked, sorted by id. */
MUST_USE bool activation_lock_contents(struct ctx *ctx, const int64_t *content_ids, size_t count,
				       struct live_content **list_out, size_t *count_out);

/* What became of an event. */
struct activated_event {
	int64_t id;
	int64_t status;          /* enum event_status */
	int64_t next_due_at;     /* UTC, 0 = never */
	int64_t done_through;    /* of a series: the last occurrence that is over, 0 = as it was */
	int64_t is_new;          /* 1 = its row_version counts on */
};
/* Sorted by id. */
MUST_USE bool activation_write_events(struct ctx *ctx, const struct activated_event *list, size_t count);
/* Those that are changed. */
MUST_USE bool activation_write_contents(struct ctx *ctx, const struct live_content *list, size_t count);

struct ended_occurrence {
	int64_t event_id, local_start;
	int64_t state;           /* 1 completed, 2 missed */
};
/* Sorted by event, then local_start. */
MUST_USE bool activation_write_occurrences(struct ctx *ctx, const struct ended_occurrence *list, size_t count);

#endif
