/*
 * Stored events by what items call them, for items that are not stored
 * themselves (store/items.h joins them for those that are).
 */
#ifndef STORE_TARGETS_H
#define STORE_TARGETS_H

#include "rules/event.h"
#include "store/items.h"

/* The event of each of `list` that names one, by id or by client_id among
 * those of `owner_id`; NULL where there is none.  Two statements. */
MUST_USE bool targets_find(struct ctx *ctx, int64_t owner_id, const struct item_input *list, size_t count,
			   const struct event ***events_out);

#endif
