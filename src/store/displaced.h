/*
 * Events that make room for others: looked at and superseded, a list at a time.
 *
 * The calendar on which they are in the way is locked, and whoever changes an
 * event locks all of its calendars: so they stay as they are loaded.
 */
#ifndef STORE_DISPLACED_H
#define STORE_DISPLACED_H

#include "store/events.h"

struct displaced_event {
	struct event event;
	bool is_of_batch;      /* this batch has made it, or an item of it changed it */
	bool has_lost;         /* this batch has taken occurrences of it */
};

/* One statement; those that exist, by id.  `ids` sorted, each once; `job_id` 0
 * = a single edit.  `held`: as this batch has changed them already and holds
 * them back (visible.h). */
MUST_USE bool displaced_load(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count, bool lock_reads, bool held,
			     struct displaced_event **list_out, size_t *count_out);

/* By event_id, each once. */
struct supersession {
	int64_t event_id;
	int64_t superseded_by;
};
/* Status, successor and row_version of events whose before-images are saved. */
MUST_USE bool events_supersede(struct ctx *ctx, int64_t updated_by, const struct supersession *list, size_t count);

#endif
