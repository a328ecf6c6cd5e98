/*
 * Events that happen once and have a wall time, when the data of time zones have
 * changed: the wall time is what counts, so those that lie ahead move to where
 * it is by today's data (data-model.md, "What an event is").
 *
 * That is a change of the event like any other: row_version goes up, its former
 * state is kept, the audit log has event.zone.  Whatever it meets at its new
 * moment, it goes there; that is noted as event.conflict and among the errors,
 * for people to settle.  Recurring events are the horizon's (horizon.h).
 */
#ifndef SCHEDULE_REZONE_H
#define SCHEDULE_REZONE_H

#include "base/ctx.h"

#define REZONE_LOOKED 2000 /* events that a step looks at, by their key */
#define REZONE_MOVED 100   /* those that it moves at most, in one transaction */

/* Looks at the events from `next_id` on, which moves on, and is 0 again when
 * all have been looked at.  A constant number of statements.  `left_out` is set
 * (and never taken back) when one could not be moved, because a batch that is
 * all or nothing holds it or it fails: then all want to be looked at again.
 * Outside a transaction. */
MUST_USE bool rezone_step(struct ctx *ctx, int64_t *next_id, bool *left_out);

#endif
