/*
 * Between the files of slice_read(): what an item depends on.  Not for other
 * folders.
 */
#ifndef SCHEDULE_LINKS_H
#define SCHEDULE_LINKS_H

#include "base/json.h"
#include "schedule/slice.h"

/* Puts events in the place of references and takes away what is no part of the
 * operation.  False when there is nothing more to read: the item has failed,
 * because something that it depends on is not there, has not succeeded or
 * depends on the item itself. */
MUST_USE bool slice_read_links(const struct slice *slice, struct slice_item *item, json_t *object);

#endif
