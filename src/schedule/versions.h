/*
 * An older version after a newer one: allowed, but seldom meant, so it is
 * warned of.  Between slice.h's steps; not for other folders.
 */
#ifndef SCHEDULE_VERSIONS_H
#define SCHEDULE_VERSIONS_H

#include "schedule/slice.h"

/* Before the calendars are locked: finds what slice_warn_older() needs of what
 * is stored, for all that is still pending.  Other lanes wait for the locks, and
 * for this they needn't: a newer version that another one schedules at the same
 * moment goes without the warning.  Of updates and retries it is asked later. */
MUST_USE bool slice_look_for_newer(struct slice *slice);

/* When all is decided: warns of every accepted event whose version is older
 * than the live one, or than one that is scheduled, or accepted in this slice,
 * to start before it.  Both together are one statement, none where every version
 * is the latest. */
MUST_USE bool slice_warn_older(struct slice *slice);

#endif
