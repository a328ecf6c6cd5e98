/*
 * Crowds: which intervals of a batch may collide with others of the same batch.
 *
 * A sieve before the sweep: of a batch whose items are hardly in each other's way
 * nearly everything falls through, and only what is left has to be looked at
 * item by item (conflict.h).  Pure.
 */
#ifndef RULES_CROWD_H
#define RULES_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An interval of an item, small: there are many of them at once. */
struct place {
	int64_t calendar_id;
	int64_t start_utc;
	int32_t duration_s;
	int32_t version_no;
	int32_t ordinal;
	int8_t kind;           /* enum calendar_kind, or a kind of names */
	bool is_crowded;
};

/* Sorts the list by calendar and start, and marks each interval that collides
 * with one of another item by the rules of timeline_probe(): half-open intervals
 * on resources, whatever their capacity; another version that starts less than
 * `window_s` apart on contents (also one of the same item).  Other kinds are
 * names: two of the same one are a crowd.  All of a calendar must be in the
 * list.  O(n log n), whatever collides. */
void crowd_sift(struct place *list, size_t count, int64_t window_s);

#endif
