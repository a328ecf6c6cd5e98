/*
 * Single edits of events: a slice of one, through the very code that works a
 * batch's chunk (schedule/slice.h), so bulk and single can't disagree.
 */
#ifndef SCHEDULE_EDIT_H
#define SCHEDULE_EDIT_H

#include "base/ctx.h"
#include "base/json.h"
#include "rules/event.h"

/* What became of it.  When an edit is refused the function fails with
 * FAIL_INVALID (issues), FAIL_CONFLICT (conflicts), FAIL_DENIED or
 * FAIL_NOT_FOUND and `detail` holds the JSON text {"errors":[…],"conflicts":[…]}
 * of the item, as a batch would report it. */
struct edit_result {
	struct event event;      /* as stored now */
	bool unchanged;
	const char *detail;      /* or NULL */
	uint32_t ways;           /* refused for conflicts: what could settle them (ON_CONFLICT_BIT, rules/resolution.h) */
};

/* What is beside the event itself; where it is NULL: nothing. */
struct edit_how {
	const char *on_conflict; /* as the option of that name; NULL = fail */
	bool skip_compliance;    /* needs resolve_conflicts for the event's type: else not_permitted */
};

/* `object` is an event as in api.md. */
MUST_USE bool edit_create(struct ctx *ctx, const json_t *object, const struct edit_how *how, struct edit_result *result_out);
/* `values` as in bulkUpdate; `expected_version` 0 = any.  Of a series that is
 * divided (scope following) result_out->event is the one that carries on. */
MUST_USE bool edit_update(struct ctx *ctx, int64_t event_id, const json_t *values, int64_t expected_version,
			  const struct edit_how *how, struct edit_result *result_out);
/* Makes the event again what it was at a former row_version, checked like any
 * update.  FAIL_NOT_FOUND (state_not_found) where that is not known. */
MUST_USE bool edit_restore(struct ctx *ctx, int64_t event_id, int64_t row_version, int64_t expected_version,
			   const struct edit_how *how, struct edit_result *result_out);
/* Cancels the event (status cancelled; it is kept). */
MUST_USE bool edit_cancel(struct ctx *ctx, int64_t event_id, int64_t expected_version, struct edit_result *result_out);

#endif
