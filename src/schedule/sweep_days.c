/* The conflict sweep: on which days it has to look. */
#include "schedule/sweep.h"

#include <stdlib.h>

#define DAY_S 86400
#define SAME_LOOK_S 3600 /* looks at a day no further apart than this are one */

static int by_day(const void *left, const void *right)
{
	const struct calendar_day *a = left, *b = right;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return (a->from_utc > b->from_utc) - (a->from_utc < b->from_utc);
}

static bool is_same_day(const struct calendar_day *a, const struct calendar_day *b)
{
	return a->kind == b->kind && a->id == b->id && a->day == b->day;
}

/* When something may have started that meets this interval. */
static void start_range(const struct sweep *sweep, const struct interval *interval, int64_t longest_s, int64_t *from,
			int64_t *to)
{
	*from = interval->start_utc - longest_s;
	*to = interval->end_utc - 1;
	if (interval->kind == CALENDAR_CONTENT) { /* starts less than a window apart */
		*from = interval->start_utc - sweep->slice->conflict_window_s + 1;
		*to = interval->start_utc + sweep->slice->conflict_window_s - 1;
	}
	if (*to < interval->start_utc)
		*to = interval->start_utc;
	if (*from > interval->start_utc)
		*from = interval->start_utc;
	if (*from < 0)
		*from = 0;
}

/* Looks at a day that are near each other become one, with the hull of their
 * times.  Others stay apart: what a hot calendar holds between them is nobody's
 * concern, and a chunk of series would fetch hundreds of full days. */
static size_t merge_days(struct calendar_day *days, size_t count)
{
	size_t kept = 0;
	if (!days)
		return 0;
	if (count > 1)
		qsort(days, count, sizeof(*days), by_day);
	for (size_t i = 0; i < count; i++) {
		if (!kept || !is_same_day(&days[kept - 1], &days[i]) || days[i].from_utc > days[kept - 1].to_utc + SAME_LOOK_S) {
			days[kept++] = days[i];
			continue;
		}
		if (days[i].to_utc > days[kept - 1].to_utc)
			days[kept - 1].to_utc = days[i].to_utc;
	}
	return kept;
}

/* The days that an interval looks at; how many. `list` NULL: counted only. */
static size_t days_of(const struct sweep *sweep, const struct interval *interval, int64_t longest_s, int64_t ahead_s,
		      struct calendar_day *list)
{
	int64_t from, to;
	size_t count = 0;
	start_range(sweep, interval, longest_s, &from, &to);
	to += ahead_s;
	for (int64_t day = from / DAY_S; day <= to / DAY_S; day++, count++)
		if (list)
			list[count] = (struct calendar_day){ interval->kind, interval->calendar_id, day, from, to };
	return count;
}

static const struct calendar_key *key_of(const struct sweep *sweep, const struct interval *interval)
{
	size_t low = 0, high = sweep->calendar_count;
	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;
		const struct calendar_key *key = &sweep->calendars[middle];
		if (key->kind < interval->kind || (key->kind == interval->kind && key->id <= interval->calendar_id))
			low = middle;
		else
			high = middle;
	}
	return &sweep->calendars[low];
}

/* Days beside what may be moved. */
static size_t further_days(const struct sweep *sweep, struct calendar_day *list)
{
	size_t count = 0;
	for (size_t i = 0; i < sweep->further_count; i++) {
		const struct further *further = &sweep->further[i];
		count += days_of(sweep, &further->interval, key_of(sweep, &further->interval)->longest_s, further->ahead_s,
				 list ? list + count : NULL);
	}
	return count;
}

/* The batch's own plan is looked at where its items may be in each other's way. */
static void collect_plan_days(struct sweep *sweep)
{
	for (int pass = 0; pass < 2; pass++) {
		struct calendar_day *days = pass ? sweep->plan_days : NULL;
		size_t count = 0;
		for (size_t i = 0; i < sweep->crowded_count; i++)
			count += days_of(sweep, &sweep->crowded[i], key_of(sweep, &sweep->crowded[i])->longest_s, 0, days ? days + count : NULL);
		count += further_days(sweep, days ? days + count : NULL);
		if (pass)
			sweep->plan_day_count = merge_days(days, count);
		else
			sweep->plan_days = arena_array(sweep->slice->ctx->arena, count + 1, sizeof(*sweep->plan_days));
	}
}

void sweep_collect_days(struct sweep *sweep)
{
	size_t room = 0;
	for (int pass = 0; pass < 2; pass++) {
		size_t key = 0, count = 0;
		struct calendar_day *days = pass ? sweep->days : NULL;
		/* Touched intervals and calendars are in the same order: a merge. */
		for (size_t i = 0; i < sweep->touched_count; i++) {
			const struct interval *interval = &sweep->touched[i];
			while (sweep->calendars[key].kind != interval->kind || sweep->calendars[key].id != interval->calendar_id)
				key++;
			count += days_of(sweep, interval, sweep->calendars[key].longest_s, 0, days ? days + count : NULL);
		}
		room = count + further_days(sweep, days ? days + count : NULL);
		if (!pass)
			sweep->days = arena_array(sweep->slice->ctx->arena, room + 1, sizeof(*sweep->days));
	}
	sweep->day_count = merge_days(sweep->days, room);
	if (sweep->slice->kind == SLICE_EVALUATE && sweep->slice->use_plan)
		collect_plan_days(sweep);
}
