/*
 * What happens when: occurrences of events by start, for calendars.
 *
 * Single events are read by the key on their start, recurring ones from
 * event_occurrences by theirs; neither reads anything outside of the time asked
 * for.  Only what readers may see is there (visible.h, event_where.h).
 */
#ifndef STORE_TIMETABLE_H
#define STORE_TIMETABLE_H

#include "base/ctx.h"
#include "rules/filter.h"
#include "rules/timetable.h"

/* A stretch of time; what starts in [from, to). */
struct timetable_window {
	int64_t from_utc, to_utc;
	bool with_running;         /* also what began before and goes on at from_utc */
};
#define TIMETABLE_WINDOWS_MAX 64

/* Occurrences in the windows, which are ascending and do not overlap: in each
 * of them the first `limit` after `after`.  One statement.  `filter`'s own
 * times are not looked at. */
MUST_USE bool timetable_read(struct ctx *ctx, const struct event_filter *filter, const struct timetable_window *windows,
			     size_t window_count, const struct timetable_place *after, int32_t limit,
			     struct timetable_entry **entries_out, size_t *count_out);
/* The occurrences of one series that are not over at `from_utc`, the first
 * `limit` of those that are materialised. */
MUST_USE bool timetable_next(struct ctx *ctx, int64_t event_id, int64_t from_utc, int32_t limit,
			     struct timetable_entry **entries_out, size_t *count_out);
/* How many there are in each window, counted up to `cap`; not what only goes on. */
MUST_USE bool timetable_count(struct ctx *ctx, const struct event_filter *filter, const struct timetable_window *windows,
			      size_t window_count, int64_t cap, int64_t *counts_out);
struct timetable_place timetable_place_of(const struct timetable_entry *entry);

/* Who is who among events that stand in the way: what
 * readers see of them, sorted by id; what nobody sees is not there. */
struct event_name {
	int64_t id;
	bool has_moved_copy;       /* what is seen is a changed copy, with places of its own (visible.h) */
	bool is_viewable;          /* else it only is known to exist */
	const char *title;
};
MUST_USE bool event_names(struct ctx *ctx, const struct actor *viewer, const int64_t *ids, size_t count,
			  struct event_name **names_out, size_t *count_out);

#endif
