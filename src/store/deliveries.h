/*
 * Rows of webhook_deliveries: what webhooks were told or still have to be.
 *
 * The outbox begins in the batch's own row: `untold` there is derived from
 * phase, epoch and told_epoch, so whatever statement ends a batch notes in the
 * same moment that it has to be told, and no transition can forget it.  Telling
 * makes the rows here and sets told_epoch in one transaction, once for each end
 * of a batch; it comes before the batch moves on again (a retry, an undo) or is
 * forgotten.
 *
 * A row is sent by whoever holds its lease (token); who dies leaves it to the
 * next: at least once, always under the same message id.
 */
#ifndef STORE_DELIVERIES_H
#define STORE_DELIVERIES_H

#include "base/ctx.h"
#include "store/webhooks.h"

#define DELIVERY_LEASE_S 60
#define DELIVERY_TEST "webhook.test"

/* --- from batches ------------------------------------------------------------- */

/* A batch that has ended and of which webhooks don't know yet; 0 = none, or
 * there is no webhook. */
MUST_USE bool delivery_untold_job(struct ctx *ctx, int64_t *job_id_out);
/* In a transaction: holds the batch's row and notes that it is told.
 * `mine_out`: it had to be, and is for the caller to do. */
MUST_USE bool delivery_take_job(struct ctx *ctx, int64_t job_id, bool *mine_out);
/* The webhooks that take such an end of the batch. */
MUST_USE bool delivery_receivers(struct ctx *ctx, int64_t job_id, enum webhook_event event, int64_t *ids_out, size_t *count_out);
/* A row for each; twice makes one. */
MUST_USE bool deliveries_insert(struct ctx *ctx, const struct job *job, const char *event, const char *payload, const int64_t *webhook_ids,
				size_t count);
/* A test of one webhook. */
MUST_USE bool delivery_insert_test(struct ctx *ctx, int64_t webhook_id, const char *payload, int64_t *id_out);

/* --- sending -------------------------------------------------------------------- */

struct delivery {
	int64_t id, webhook_id, job_id;
	const char *event, *message_id, *payload, *url;
	int32_t attempts;           /* with the one that begins now */
	uint64_t token;
	unsigned char keys[2][WEBHOOK_SECRET_BYTES];
	size_t key_count;           /* 0 = tranche.conf has another secret by now */
	int64_t now_utc;
};
/* Claims a row that is due (`id` 0), or this one if it waits; `found_out` false
 * when there is none or somebody else was quicker.  Of one webhook only one is
 * under way at a time. */
MUST_USE bool delivery_claim(struct ctx *ctx, int64_t id, struct delivery *delivery_out, bool *found_out);

struct delivery_end {
	const char *problem, *detail, *reply; /* problem "": it has arrived */
	int32_t reply_code, took_ms;
	int64_t again_in_s;         /* -1 = never: it has failed for good */
};
/* Notes what came of it, if the lease is still the caller's. */
MUST_USE bool delivery_end(struct ctx *ctx, const struct delivery *delivery, const struct delivery_end *end);
/* In a transaction: the receiver wants no more (410). */
MUST_USE bool delivery_gone(struct ctx *ctx, const struct delivery *delivery);

/* Those of a webhook that wait become failed: it was switched off. */
MUST_USE bool deliveries_give_up(struct ctx *ctx, int64_t webhook_id);
/* By hand: one that failed waits again, with all its attempts. */
MUST_USE bool delivery_retry(struct ctx *ctx, int64_t webhook_id, int64_t id);
MUST_USE bool deliveries_forget(struct ctx *ctx, int64_t webhook_id, int64_t limit, int64_t *removed_out);

/* --- looking ---------------------------------------------------------------------- */

struct delivery_row {
	int64_t id, job_id;         /* job_id 0 = a test */
	const char *event, *message_id, *state, *problem, *detail, *reply;
	int32_t attempts, reply_code, took_ms;
	bool is_under_way;
	int64_t created_at, tried_at, next_at; /* UTC seconds; 0 = none */
};
struct delivery_filter {
	int64_t webhook_id;
	const char *state;          /* NULL = any */
	int64_t id;                 /* 0 = any */
	int64_t before_id;          /* keyset; 0 = from the newest */
	int32_t limit;
};
MUST_USE bool deliveries_list(struct ctx *ctx, const struct delivery_filter *filter, struct delivery_row **rows_out, size_t *count_out);

#endif
