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

/* One event with its conflicts as above: itself, or of a series the occurrences
 * that are not over at `from_utc`, as far as they are materialised (400 days)
 * and no more than CLASHES_PLACES_MAX places of theirs can be looked at.  In the
 * order of their starts.  Such conflicts may have come about without anybody's
 * doing: by the horizon (horizon.h) or new zone data (rezone.h). */
#define CLASHES_PLACES_MAX 10000
MUST_USE bool clashes_of_event(struct ctx *ctx, const struct event *event, int64_t from_utc,
			       struct timetable_entry **entries_out, size_t *count_out);

#endif
