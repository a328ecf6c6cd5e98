/*
 * An older version after a newer one: allowed, but seldom meant, so it is
 * warned of.  Between slice.h's steps; not for other folders.
 */
#ifndef SCHEDULE_VERSIONS_H
#define SCHEDULE_VERSIONS_H

#include "schedule/slice.h"

/* When all is decided: warns of every accepted event whose version is older
 * than the live one, or than one that is scheduled, or accepted in this slice,
 * to start before it.  One statement, none where every version is the latest. */
MUST_USE bool slice_warn_older(struct slice *slice);

#endif
