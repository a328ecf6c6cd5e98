/*
 * Telling webhooks that a batch has ended: the outbox (store/deliveries.h).
 * Nothing is sent here; that is notify/send.h's.
 */
#ifndef BATCH_TELL_H
#define BATCH_TELL_H

#include "store/jobs.h"

/* In a transaction, before a batch that has ended moves on or is forgotten:
 * its end is noted for the webhooks that take it, unless that is done already.
 * One statement where there is no webhook. */
MUST_USE bool tell_job(struct ctx *ctx, int64_t job_id);

/* Notes the ends of batches that are not noted yet, until `until_ms`
 * (monotonic).  Outside a transaction. */
MUST_USE bool tell_all(struct ctx *ctx, int64_t until_ms);

/* May the batch that is being made name this webhook (0 = it names none)?
 * FAIL_INVALID at /options/notify/webhook_id. */
MUST_USE bool tell_may_name(struct ctx *ctx, int64_t webhook_id);

#endif
