/*
 * Rows of webhooks: other programs that are told when batches end.
 *
 * The secret that signs what is sent is stored encrypted (base/ids.h, seal) and
 * shown once.  After a change the one before signs as well for a day, so that
 * receivers can follow.
 */
#ifndef STORE_WEBHOOKS_H
#define STORE_WEBHOOKS_H

#include "base/ctx.h"
#include "store/jobs.h"

#define WEBHOOKS_MAX 50         /* on a site */
#define WEBHOOK_LABEL_MAX 100
#define WEBHOOK_SECRET_BYTES 32
#define WEBHOOK_SECRET_SIZE 52  /* "whsec_" and 44 */
#define OLD_SECRET_S 86400

enum webhook_event {
	WEBHOOK_COMPLETED,
	WEBHOOK_PROBLEMS,
	WEBHOOK_FAILED,
	WEBHOOK_CANCELLED,
	WEBHOOK_UNDONE,
	WEBHOOK_EVENT_COUNT
};
#define WEBHOOK_ALL_EVENTS ((1u << WEBHOOK_EVENT_COUNT) - 1)
/* "batch.completed" and so on. */
const char *webhook_event_name(enum webhook_event event);
bool webhook_event_by_name(const char *name, enum webhook_event *event_out);
/* How a batch in this state, which is terminal, has ended. */
enum webhook_event webhook_event_of(enum job_state state);

/* Whose batches it takes. */
enum webhook_takes { WEBHOOK_OWN, WEBHOOK_ALL, WEBHOOK_NAMED, WEBHOOK_TAKES_COUNT };
const char *webhook_takes_name(enum webhook_takes takes);
bool webhook_takes_by_name(const char *name, enum webhook_takes *takes_out);

struct webhook {
	int64_t id;
	const char *label, *url;
	enum webhook_takes takes;
	uint32_t events;            /* bit n: enum webhook_event n */
	bool is_active;
	const char *off_reason;     /* "", "person" or "gone" */
	int64_t created_by;
	const char *created_by_name;
	int64_t created_at;         /* UTC seconds */
	int64_t waiting;            /* deliveries */
	int64_t delivered_at;       /* the last that arrived; 0 = none is known */
	const char *last_problem;   /* of the last attempt, "" = it went well or there was none */
	int64_t row_version;        /* the one that has been seen; update and delete are refused when there is another */
};

/* By id. */
MUST_USE bool webhooks_list(struct ctx *ctx, struct webhook **list_out, size_t *count_out);
MUST_USE bool webhook_get(struct ctx *ctx, int64_t id, struct webhook *webhook_out);
/* In a transaction.  FAIL_LIMIT beyond WEBHOOKS_MAX.  The secret's text exists
 * here alone. */
MUST_USE bool webhook_insert(struct ctx *ctx, struct webhook *webhook, char secret_out[WEBHOOK_SECRET_SIZE]);
/* In a transaction: label, url, takes, events, is_active.  Switched off, what
 * waits is given up; on again, it takes what ends from now on.  FAIL_CONFLICT
 * (stale_version, row_version.h). */
MUST_USE bool webhook_update(struct ctx *ctx, const struct webhook *webhook, const char *off_reason);
MUST_USE bool webhook_new_secret(struct ctx *ctx, int64_t id, char secret_out[WEBHOOK_SECRET_SIZE]);
/* In a transaction; its deliveries go with it (the rest by store/purge.h).
 * FAIL_CONFLICT (stale_version). */
MUST_USE bool webhook_delete(struct ctx *ctx, const struct webhook *webhook);

/* May this person's batches name it?  It must be active, and be the person's
 * own or take batches that name it. */
MUST_USE bool webhook_nameable(struct ctx *ctx, int64_t id, int64_t user_id, bool *yes_out);

/* A secret out of its column; false when tranche.conf has another secret now. */
bool webhook_unseal(struct ctx *ctx, int64_t id, const void *sealed, size_t len, unsigned char key_out[WEBHOOK_SECRET_BYTES]);

#endif
