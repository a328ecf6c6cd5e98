/*
 * What changed from one state of an event to the next, as JSON members: for
 * the API and the page alike.
 */
#ifndef WEB_HISTORY_MAP_H
#define WEB_HISTORY_MAP_H

#include "base/json.h"
#include "store/history.h"

struct field_change {
	const char *field;
	const json_t *before, *after; /* in the arena */
};

/* The fields that differ; at most one of each. */
size_t state_changes(struct arena *arena, const struct event *before, const struct event *after,
		     struct field_change **changes_out);
/* The state before states[i], or NULL where it is not known. */
const struct event *state_before(const struct event_state *states, size_t count, size_t i);

#endif
