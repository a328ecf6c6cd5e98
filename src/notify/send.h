/*
 * Sending what webhooks have to be told, one delivery at a time.
 *
 * A delivery is claimed (store/deliveries.h), signed, and given to a courier
 * (net/courier.h): a child, so that whoever serves visitors goes on doing so.
 * What came of it is noted when the courier is back.
 */
#ifndef NOTIFY_SEND_H
#define NOTIFY_SEND_H

#include "base/ctx.h"
#include "net/courier.h"
#include "store/deliveries.h"

/* One delivery under way; owned by the process, zeroed at its beginning. */
struct sending {
	struct courier courier;
	struct delivery delivery; /* without its texts */
	bool is_test;
};

bool sending_is_under_way(const struct sending *sending);

/* Claims what is due (`id` 0), or this one, and sends the courier off.
 * `begun_out` false: there is nothing to do, or it is somebody else's. */
MUST_USE bool sending_begin(struct ctx *ctx, struct sending *sending, int64_t id, bool *begun_out);
/* Is it back?  Waits at most so long, then notes what came of it. */
MUST_USE bool sending_look(struct ctx *ctx, struct sending *sending, int wait_ms, bool *ended_out);

/* For those who may wait: sends what is due, one after the other, as long as
 * `until_ms` (monotonic) is not over when one begins. */
MUST_USE bool send_due(struct ctx *ctx, int64_t until_ms);
/* Sends this one, if it waits, and waits until that is noted. */
MUST_USE bool send_one(struct ctx *ctx, int64_t id);

/* A test of this webhook, sent at once. */
MUST_USE bool send_test(struct ctx *ctx, int64_t webhook_id, int64_t *delivery_id_out);

#endif
