/*
 * Series that collide: their colliding occurrences are left out (on_conflict
 * skip by occurrence), or all of them move on together (shift).
 */
#include "base/clock.h"
#include "rules/series.h"
#include "rules/sorted.h"
#include "schedule/compliance.h"
#include "schedule/resolve.h"

#include <stdlib.h>

/* A move of a whole series may lead onto a day that its rule does not have, or
 * across a change of the clocks: then the next one is tried. */
#define TRIES_MAX 200
#define LEFT_OUT_TOLD_MAX 5

/* --- leaving out --------------------------------------------------------------- */

static bool is_of(const struct interval *interval, const struct occurrence *occurrence)
{
	return interval->local_start == occurrence->local_start && interval->start_utc == occurrence->start_utc;
}

/* Does what stands together in the list, all of one occurrence, collide? */
static bool collides(const struct sweep *sweep, const struct event *event, const struct occurrence *occurrence,
		     const struct interval *list, size_t count, size_t *at)
{
	struct conflicts found = { .count = 0 };
	for (; *at < count && is_of(&list[*at], occurrence); (*at)++)
		timeline_probe(sweep->timeline, &list[*at], sweep_rule(sweep, &list[*at]), sweep->slice->conflict_window_s, 0, 0,
			       &found);
	return found.count || sweep_forbids(sweep, event, occurrence->start_utc, occurrence->end_utc);
}

static bool exclude(const struct sweep *sweep, struct slice_item *item, struct event *event, const int64_t *dates, size_t count)
{
	struct arena *arena = sweep->slice->ctx->arena;
	struct issues ignored = { .arena = arena };
	int64_t *all = arena_array(arena, event->exdate_count + count, sizeof(*all));
	if (event->exdate_count)
		memcpy(all, event->exdates, event->exdate_count * sizeof(*all));
	memcpy(&all[event->exdate_count], dates, count * sizeof(*all));
	resolve_remember(sweep, item);
	event->exdates = all;
	event->exdate_count = sort_unique(all, event->exdate_count + count, sizeof(*all), by_number);
	return event->exdate_count <= EVENT_DATES_MAX && slice_expand(sweep->slice, event, &ignored);
}

static void tell(struct slice_item *item, const int64_t *dates, size_t count, size_t of)
{
	struct str text = STR_INIT;
	char when[TIME_TEXT_SIZE];
	for (size_t i = 0; i < count && i < LEFT_OUT_TOLD_MAX; i++) {
		time_format_local(dates[i], when);
		str_addf(&text, "%s%s", i ? ", " : "", when);
	}
	issue_add(&item->warnings, CODE_OCCURRENCES_LEFT_OUT, "", NULL, "%zu of %zu occurrences were left out: %s%s", count, of,
		  str_text(&text), count > LEFT_OUT_TOLD_MAX ? " …" : "");
	str_free(&text);
}

bool resolve_leave_out(struct sweep *sweep, struct slice_item *item, struct event *event, int64_t owner)
{
	size_t count, at = 0, left_out = 0, of = event->occurrence_count;
	const struct interval *list = sweep_intervals(sweep, event, owner, &count);
	int64_t *dates = arena_array(sweep->slice->ctx->arena, of + 1, sizeof(*dates));
	for (size_t i = 0; i < of; i++)
		if (collides(sweep, event, &event->occurrences[i], list, count, &at))
			dates[left_out++] = event->occurrences[i].local_start;
	if (!left_out || left_out == of)
		return false;
	qsort(dates, left_out, sizeof(*dates), by_number);
	if (!exclude(sweep, item, event, dates, left_out) || sweep_probe(sweep, event, owner, 0))
		return false;
	item->resolved = (struct resolved){ .action = ON_CONFLICT_SKIP, .left_out = dates, .left_out_count = left_out };
	tell(item, dates, left_out, of);
	return true;
}

/* --- moving on -------------------------------------------------------------------- */

static bool move_all(const struct sweep *sweep, const struct event *event, int64_t move_s, struct event *moved)
{
	const struct slice *slice = sweep->slice;
	struct issues ignored = { .arena = slice->ctx->arena };
	struct event values = { .given = event->timezone ? FIELD_LOCAL_START : FIELD_STARTS_AT,
				.starts_at = event->starts_at + move_s,
				.local_start = event->local_start + move_s,
				.base = "" };
	*moved = *event;
	return event_apply(moved, &values, &ignored) && slice_expand(slice, moved, &ignored) &&
	       moved->occurrence_count == event->occurrence_count;
}

/* By the wall clock, whose days its rule goes by. */
static int64_t to_midnight(const struct event *event, int64_t move_s)
{
	int64_t wall = event_wall_start(event) + move_s;
	return move_s + 86400 - wall % 86400;
}

/* Restrictions are passed at once, other things step by step.  Where the clocks
 * change a move by the wall clock is an hour more or less: then a little before. */
static int64_t past_restrictions(const struct sweep *sweep, const struct event *moved)
{
	const struct zone *zone = moved->timezone ? zone_find(moved->timezone) : NULL;
	int64_t forbidden_s = sweep_forbids_for(sweep, moved), change_utc;
	int32_t offset_s;
	if (!forbidden_s)
		return 1;
	const struct occurrence *first = &moved->occurrences[0], *last = &moved->occurrences[moved->occurrence_count - 1];
	if (zone && zone_next_change(zone, first->start_utc, &change_utc, &offset_s) && change_utc <= last->start_utc + forbidden_s)
		forbidden_s -= SHIFT_MARGIN_S;
	return forbidden_s > 1 ? forbidden_s : 1;
}

enum shift_end resolve_move_series(struct sweep *sweep, struct event *event, int64_t owner, struct shift *shift,
				   int64_t *move_s_out)
{
	struct event moved;
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		enum shift_end end = timeline_shift(sweep->timeline, shift, move_s_out);
		if (end != SHIFT_FOUND)
			return end;
		if (!move_all(sweep, event, *move_s_out, &moved)) {
			shift->from_s = to_midnight(event, *move_s_out);
			continue;
		}
		/* sweep_probe() uses the same room as the shift's list. */
		if (!sweep_probe(sweep, &moved, owner, 0)) {
			*event = moved;
			return SHIFT_FOUND;
		}
		shift->from_s = *move_s_out + past_restrictions(sweep, &moved);
		resolve_list_places(sweep, event, shift);
	}
	return SHIFT_TOO_HARD;
}
