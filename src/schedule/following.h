/*
 * "This and following": an update that divides a series.  It ends before an
 * occurrence, and a new event, with the values, carries on (struct slice_item,
 * next).  Both are one item's work: written and undone together.  Between the
 * files of schedule/.
 */
#ifndef SCHEDULE_FOLLOWING_H
#define SCHEDULE_FOLLOWING_H

#include "schedule/sweep.h"

/* slice_propose() of an item that divides: the part before the occurrence. */
MUST_USE bool slice_propose_ended(const struct slice *slice, struct slice_item *item, struct event *ended, struct issues *issues);
/* Finds places for both, `ended` being the first part; false: the item has its
 * outcome, or stays open. */
bool following_find_places(struct sweep *sweep, struct slice_item *item, const struct event *ended);

/* --- of expand.c ------------------------------------------------------------- */

/* Fills in what the proposed event comes to; asked again, from memory. */
MUST_USE bool slice_expand_proposed(const struct slice *slice, struct slice_item *item, struct event *proposed,
				    struct issues *issues);
/* What an item's shift_s makes of the event's start, as a value. */
void slice_add_shift(const struct slice_item *item, const struct event *event, struct event *values);

#endif
