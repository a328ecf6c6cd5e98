/*
 * Between the files of slice_apply(): deciding and writing.  Not for other
 * folders.
 */
#ifndef SCHEDULE_APPLY_H
#define SCHEDULE_APPLY_H

#include "schedule/sweep.h"

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
