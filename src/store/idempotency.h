/*
 * Rows of idempotency_keys: a creation that is sent twice happens once.
 *
 * A request claims its key before it reads the body; what it makes is bound to
 * the key in the transaction that makes it, and the key is kept in the one
 * that completes it.  So a process that dies in between leaves a key whose
 * lease runs out and, at most, a batch that has received a part: whoever comes
 * next with the key cancels that part and begins anew.  A request that was
 * only slow, and finds its key taken over, writes nothing more.
 *
 * Who holds a key has it in ctx->key; bind, keep and release do nothing for a
 * request without one.
 */
#ifndef STORE_IDEMPOTENCY_H
#define STORE_IDEMPOTENCY_H

#include "base/ctx.h"
#include "base/ids.h"

#define IDEMPOTENCY_LEASE_S 15
#define IDEMPOTENCY_RENEW_MS 5000

struct idempotency_key {
	unsigned char key_hash[DIGEST_BYTES];
	struct digest_state content;  /* what is asked, hashed as it flows */
	int reply_status;             /* HTTP; of the reply that completes it, or of the first when it is kept */
	int64_t token;                /* names the request that holds it */
	int64_t renewed_ms;           /* monotonic */
	/* what a kept key led to, as the first request made it */
	bool was_kept;
	unsigned char content_hash[DIGEST_BYTES];
	int64_t job_id;
	int64_t event_id;
	int64_t busy_s;               /* KEY_BUSY: so long at most until it is free */
};

enum key_claim {
	KEY_MINE,  /* to be made now */
	KEY_BUSY,  /* another request is making it */
	KEY_KEPT,  /* it was made within 24 hours */
};

/* Claims key->key_hash for ctx->actor; outside a transaction. */
MUST_USE bool idempotency_claim(struct ctx *ctx, struct idempotency_key *key, enum key_claim *claim_out);
/* In a transaction: `job_id` is being made with the key.  Fails with
 * FAIL_CONFLICT when another request has taken it over. */
MUST_USE bool idempotency_bind(struct ctx *ctx, int64_t job_id);
/* The same, when the lease wants renewing. */
MUST_USE bool idempotency_renew(struct ctx *ctx, int64_t job_id);
/* In the transaction that completes it: the job or event, and the content's
 * digest as far as it was read, which must be all of it. */
MUST_USE bool idempotency_keep(struct ctx *ctx, int64_t job_id, int64_t event_id);
/* Frees the key unless it is kept. */
MUST_USE bool idempotency_release(struct ctx *ctx);
/* Removes at most `limit` keys older than 24 hours, for the retention. */
MUST_USE bool idempotency_purge(struct ctx *ctx, int64_t limit, int64_t *removed_out);

#endif
