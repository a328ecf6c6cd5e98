/*
 * The horizon of recurring events, moved on day by day: occurrences that come
 * into the window are materialised, those more than a month past leave busy,
 * and where the data of a time zone have changed, those that lie ahead are
 * derived anew (data-model.md, "Recurrence").
 *
 * It is no change of the event: row_version stays (but see rezone.h).  An occurrence that meets
 * others when it is materialised stays all the same; that is noted in the audit
 * log (event.conflict) and among the errors, for people to settle.
 */
#ifndef SCHEDULE_HORIZON_H
#define SCHEDULE_HORIZON_H

#include "base/ctx.h"

/* Looks at the next series after `after_id` (SERIES_PER_STEP of them), each in a
 * transaction of its own with its calendars locked; `after_id` moves on, and
 * is 0 again when all have been looked at.  Outside a transaction. */
#define SERIES_PER_STEP 20
MUST_USE bool horizon_step(struct ctx *ctx, int64_t *after_id);

#endif
