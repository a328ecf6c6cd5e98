/*
 * The versions that items name, for themselves and for single occurrences: a
 * version must exist and be its content's.  Between slice.h's steps; not for
 * other folders.
 */
#ifndef SCHEDULE_NAMED_VERSIONS_H
#define SCHEDULE_NAMED_VERSIONS_H

#include "schedule/slice.h"

/* Grows as it is filled. */
struct version_list {
	struct arena *arena;
	struct version_ref *list;
	size_t count, room;
};

/* The content that an item's versions belong to; 0 = none is named. */
int64_t item_content(const struct slice_item *item);

/* Adds all that the item's content must have. */
void versions_want(const struct slice_item *item, struct version_list *versions);

/* Adds an issue for each that item->content has not. */
void versions_check(const struct slice *slice, struct slice_item *item);

#endif
