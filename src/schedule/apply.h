/*
 * Between the files of slice_apply(): deciding and writing.  Not for other
 * folders.
 */
#ifndef SCHEDULE_APPLY_H
#define SCHEDULE_APPLY_H

#include "schedule/sweep.h"

/* Only these change what an event occupies: others need no probe and no new
 * busy rows. */
#define OCCUPYING_FIELDS                                                                                               \
	((uint32_t)(FIELD_CONTENT_ID | FIELD_VERSION_NO | FIELD_STARTS_AT | FIELD_ENDS_AT | FIELD_DURATION_S |         \
		    FIELD_LOCAL_START | FIELD_RESOURCES | FIELD_ASSIGNEES | FIELD_STATUS))

/* Touches what every pending item would occupy, before and after. */
void decide_touch(struct sweep *sweep);
/* Decides every pending item; the sweep has been fetched. */
void decide_all(struct sweep *sweep);

/* Writes what was decided. */
MUST_USE bool write_creates(struct slice *slice);
MUST_USE bool write_updates(struct slice *slice);
/* Instead of writing, for a dry run: the plan that later chunks see. */
MUST_USE bool write_plan(struct slice *slice);

#endif
