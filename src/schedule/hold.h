/*
 * What a batch that is all or nothing holds, a range of its items at a time:
 * put in its place once the batch is published, or withdrawn as if it had never
 * been (engine.md, "Atomic jobs").
 *
 * Both are a constant number of statements in the caller's transaction, whose
 * first statement was the fence; doing one twice changes nothing.  The events
 * are known from the items, which must have their outcomes.
 */
#ifndef SCHEDULE_HOLD_H
#define SCHEDULE_HOLD_H

#include "store/jobs.h"

/* New events become events like any other, shadows take their events' rows. */
MUST_USE bool hold_fold(struct ctx *ctx, const struct job *job, int64_t first, int64_t last);
/* New events and shadows go, stored events are free again, and the items'
 * outcome becomes `undone`. */
MUST_USE bool hold_withdraw(struct ctx *ctx, const struct job *job, int64_t first, int64_t last);

#endif
