/*
 * Rows of scheduled_events, with their resources; reads for people and the
 * set-based writes of the engine.
 */
#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include "base/ctx.h"
#include "rules/event.h"
#include "rules/filter.h"

/* One event with resources and assignees.  Events of unpublished atomic
 * batches do not exist for readers.  FAIL_NOT_FOUND (event_not_found). */
MUST_USE bool event_get(struct ctx *ctx, int64_t id, struct event *event_out);

/* Events that match, by id after `after_id`, at most `limit` (1..500). */
MUST_USE bool events_page(struct ctx *ctx, const struct event_filter *filter, int64_t after_id, int32_t limit,
			  struct event **events_out, size_t *count_out);
/* How many match, counted up to `cap` (so that a count never scans a table). */
MUST_USE bool events_count(struct ctx *ctx, const struct event_filter *filter, int64_t cap, int64_t *count_out);

#endif
