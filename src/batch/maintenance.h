/*
 * Keeping house in what is left of somebody's time: errors that nobody counted,
 * rows that nobody needs any more (store/purge.h), the horizon of recurring
 * events (schedule/horizon.h), and what new data of time zones move
 * (schedule/rezone.h).
 */
#ifndef BATCH_MAINTENANCE_H
#define BATCH_MAINTENANCE_H

#include "base/ctx.h"

#define MAINTENANCE_MS 200 /* of a request's time, when there is that much left */

/* Works until `until_ms` (monotonic), if it is anybody's turn: once a minute,
 * or at once while there is more to remove; of all processes one at a time.
 * Outside a transaction.  Failures are only logged: the next turn goes on where
 * this one stopped. */
void maintenance_step(struct ctx *ctx, int64_t until_ms);

#endif
