/*
 * What an event was before: its former states, newest first.
 *
 * While a batch can be undone, its before-images (undo_rows) are part of the
 * history; then they move to event_history, where single edits and undos put
 * what they replace at once.  A state is named by the row_version it had.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "rules/event.h"
#include "store/events.h"

struct event_state {
	struct event event;          /* as it was, row_version included; client_id only of the present one */
	int64_t as_version;          /* an undo brought back what it was at that row_version; 0 = no undo */
	int64_t changed_by;          /* who made it so */
	const char *changed_by_name; /* "" = unknown */
	int64_t changed_at;
	int64_t ended_by;            /* the batch that changed it into the next one; 0 = a single edit, or it is the present one */
	int64_t job_id;              /* the batch that made it so; 0 = a single edit, or what was before is forgotten */
};

/* The present state, if `before_version` is 0, and former ones below that
 * version; at most `limit`.  One statement.  FAIL_NOT_FOUND (event_not_found). */
MUST_USE bool history_page(struct ctx *ctx, int64_t event_id, int64_t before_version, int32_t limit,
			   struct event_state **states_out, size_t *count_out, bool *more_out);
/* One of them; FAIL_NOT_FOUND (state_not_found) where it is not known (any more). */
MUST_USE bool history_get(struct ctx *ctx, int64_t event_id, int64_t row_version, struct event_state *state_out);

/* Moves at most `limit` before-images of a batch to event_history, in one
 * transaction of its own; those of events that are gone go too. */
MUST_USE bool history_move(struct ctx *ctx, int64_t job_id, int64_t limit, int64_t *moved_out);

#endif
