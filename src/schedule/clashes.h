/*
 * Conflicts of what a calendar shows: the very sweep that batches use
 * (sweep.h), over what is stored around the occurrences shown.
 */
#ifndef SCHEDULE_CLASHES_H
#define SCHEDULE_CLASHES_H

#include "base/ctx.h"
#include "rules/timetable.h"

#define CLASHES_LISTED_MAX 5 /* of an occurrence */

/* Fills in the conflicts of each entry, as the context's actor may know them:
 * what nobody sees yet is not counted, what this person may not view has no
 * title.  Three statements, four where there are restrictions, however many
 * entries (up to 20,000 calendar days). */
MUST_USE bool clashes_find(struct ctx *ctx, struct timetable_entry *entries, size_t count);

#endif
