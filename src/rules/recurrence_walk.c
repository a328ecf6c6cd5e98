#include "rules/recurrence_walk.h"

#include <string.h>

#include "base/clock.h"

#define DAY_S 86400
#define HOUR_S 3600

static int64_t floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

/* The period that a wall time lies in. */
static int64_t period_of(const struct recurrence *rule, int64_t local)
{
	int64_t day = floor_div(local, DAY_S);
	int year, month, number;

	switch (rule->freq) {
	case RECUR_WEEKLY:
		return day - (weekday_of_day(day) - rule->week_start + 7) % 7;
	case RECUR_DAILY:
		return day;
	case RECUR_HOURLY:
		return floor_div(local, HOUR_S);
	case RECUR_MINUTELY:
		return floor_div(local, 60);
	case RECUR_YEARLY:
	case RECUR_MONTHLY:
	case RECUR_FREQ_COUNT:
		break;
	}
	civil_from_days(day, &year, &month, &number);
	return rule->freq == RECUR_YEARLY ? year : (int64_t)year * 12 + month - 1;
}

/* The last of the rule's periods that begins at or before `period`. */
static int64_t align_down(const struct recurrence_walk *walk, int64_t period)
{
	if (period <= walk->first)
		return walk->first;
	return period - (period - walk->first) % walk->step;
}

static void times_of_day(struct recurrence_walk *walk)
{
	const struct recurrence *rule = walk->rule;
	int64_t seconds = walk->local_start - floor_div(walk->local_start, DAY_S) * DAY_S;

	walk->second = (int)(seconds % 60);
	walk->hour_count = walk->minute_count = 0;
	for (uint32_t left = rule->hours ? rule->hours : 1u << (seconds / HOUR_S); left; left &= left - 1)
		walk->hours[walk->hour_count++] = __builtin_ctz(left);
	for (uint64_t left = rule->minutes ? rule->minutes : 1ULL << (seconds / 60 % 60); left; left &= left - 1)
		walk->minutes[walk->minute_count++] = __builtin_ctzll(left);
}

void recurrence_walk_begin(struct recurrence_walk *walk, const struct recurrence *rule, int64_t local_start,
			   int64_t from_local)
{
	if (from_local < local_start)
		from_local = local_start;
	else if (from_local > TIME_MAX_UTC)
		from_local = TIME_MAX_UTC;
	walk->rule = rule;
	walk->local_start = local_start;
	walk->day_count = walk->at = walk->end = 0;
	walk->given = 0;
	walk->units = 0;
	walk->exhausted = false;
	day_rules_init(&walk->day_rules, rule, floor_div(local_start, DAY_S));
	times_of_day(walk);
	walk->step = rule->freq == RECUR_WEEKLY ? 7 * rule->interval : rule->interval;
	walk->first = period_of(rule, local_start);
	walk->last = period_of(rule, TIME_MAX_UTC);
	walk->period = rule->count == 0 ? align_down(walk, period_of(rule, from_local)) : walk->first;
	walk->period -= walk->step; /* the next one is the first */
}

/* Goes on so that the next period is the first one at or after `period`. */
static void skip_until(struct recurrence_walk *walk, int64_t period)
{
	int64_t next = align_down(walk, period - 1);

	if (next > walk->period)
		walk->period = next;
}

/* --- the days of a period ------------------------------------------------------- */

static void choose_week(struct recurrence_walk *walk)
{
	const struct recurrence *rule = walk->rule;
	int start = weekday_of_day(floor_div(walk->local_start, DAY_S));

	for (int i = 0; i < 7; i++) {
		int weekday = (rule->week_start + i) % 7;
		int64_t day = walk->period + i;

		if (rule->weekdays ? !(rule->weekdays & (1u << weekday)) : weekday != start)
			continue;
		if (rule->months) {
			int year, month, number;

			civil_from_days(day, &year, &month, &number);
			if (!(rule->months & (1u << month)))
				continue;
		}
		walk->days[walk->day_count++] = (int32_t)day;
	}
}

static void choose_day(struct recurrence_walk *walk, int64_t day)
{
	int64_t next;

	if (day_allowed(&walk->day_rules, day, &next))
		walk->days[walk->day_count++] = (int32_t)day;
	else if (next > day + 1)
		skip_until(walk, next);
}

/* Hours that can't be are passed over a day or more at a time, minutes an hour. */
static void choose_hour(struct recurrence_walk *walk)
{
	const struct recurrence *rule = walk->rule;
	int64_t day = floor_div(walk->period, 24);
	int hour = (int)(walk->period - day * 24);
	int64_t next;

	if (!day_allowed(&walk->day_rules, day, &next)) {
		skip_until(walk, next * 24);
		return;
	}
	if (rule->hours && !((rule->hours >> hour) & 1))
		return;
	walk->hours[0] = hour;
	walk->hour_count = 1;
	walk->days[walk->day_count++] = (int32_t)day;
}

static void choose_minute(struct recurrence_walk *walk)
{
	const struct recurrence *rule = walk->rule;
	int64_t hours = floor_div(walk->period, 60), day = floor_div(hours, 24);
	int hour = (int)(hours - day * 24), minute = (int)(walk->period - hours * 60);
	int64_t next;

	if (!day_allowed(&walk->day_rules, day, &next)) {
		skip_until(walk, next * 24 * 60);
		return;
	}
	if (rule->hours && !((rule->hours >> hour) & 1)) {
		skip_until(walk, (hours + 1) * 60);
		return;
	}
	if (rule->minutes && !((rule->minutes >> minute) & 1))
		return;
	walk->hours[0] = hour;
	walk->minutes[0] = minute;
	walk->hour_count = walk->minute_count = 1;
	walk->days[walk->day_count++] = (int32_t)day;
}

/* BYSETPOS: the places are sorted from the end first; -1 is the last of the set. */
static void choose_positions(struct recurrence_walk *walk, int size)
{
	const struct recurrence *rule = walk->rule;
	int count = 0;

	for (size_t i = 0; i < rule->position_count; i++) {
		int place = rule->positions[i] > 0 ? rule->positions[i] - 1 : size + rule->positions[i];
		int at = count;

		if (place < 0 || place >= size)
			continue;
		while (at > 0 && walk->picks[at - 1] > place)
			at--;
		if (at > 0 && walk->picks[at - 1] == place)
			continue;
		memmove(&walk->picks[at + 1], &walk->picks[at], (size_t)(count - at) * sizeof(walk->picks[0]));
		walk->picks[at] = place;
		count++;
	}
	walk->units += (int64_t)rule->position_count;
	walk->end = count;
}

static void choose(struct recurrence_walk *walk)
{
	walk->day_count = walk->at = 0;
	switch (walk->rule->freq) {
	case RECUR_YEARLY:
		walk->units += 10 + 2 * (int64_t)walk->rule->nth_count;
		walk->day_count = year_choose(&walk->day_rules, (int)walk->period, walk->days);
		break;
	case RECUR_MONTHLY:
		walk->units += 1 + (int64_t)walk->rule->nth_count;
		walk->day_count = month_choose(&walk->day_rules, walk->period, walk->days);
		break;
	case RECUR_WEEKLY:
		walk->units += 2;
		choose_week(walk);
		break;
	case RECUR_DAILY:
		choose_day(walk, walk->period);
		break;
	case RECUR_HOURLY:
		walk->units++;
		choose_hour(walk);
		break;
	case RECUR_MINUTELY:
	case RECUR_FREQ_COUNT:
		walk->units++;
		choose_minute(walk);
		break;
	}
	walk->units += 1 + walk->day_count / 8;
	walk->end = walk->day_count * walk->hour_count * walk->minute_count;
	if (walk->rule->position_count > 0 && walk->end > 0)
		choose_positions(walk, walk->end);
}

/* To the next period that has instances. */
static bool next_period(struct recurrence_walk *walk)
{
	do {
		if (walk->units >= RECURRENCE_BUDGET) {
			walk->exhausted = true;
			return false;
		}
		walk->period += walk->step;
		if (walk->period > walk->last)
			return false;
		choose(walk);
	} while (walk->end == 0);
	return true;
}

/* --- the instances of a period ---------------------------------------------------- */

static int64_t local_at(const struct recurrence_walk *walk, int place)
{
	int times = walk->hour_count * walk->minute_count, time = 0;

	if (walk->rule->position_count > 0)
		place = walk->picks[place];
	if (times > 1) {
		time = place % times;
		place /= times;
	}
	return (int64_t)walk->days[place] * DAY_S + walk->hours[time / walk->minute_count] * HOUR_S +
	       walk->minutes[time % walk->minute_count] * 60 + walk->second;
}

bool recurrence_walk_next(struct recurrence_walk *walk, int64_t *local_out)
{
	const struct recurrence *rule = walk->rule;
	int64_t local;

	if (rule->count > 0 && walk->given == rule->count)
		return false;
	do {
		if (walk->at == walk->end && !next_period(walk))
			return false;
		walk->units++;
		local = local_at(walk, walk->at++);
	} while (local < walk->local_start);
	if (local > TIME_MAX_UTC)
		return false;
	if ((rule->until_kind == RECUR_UNTIL_LOCAL || rule->until_kind == RECUR_UNTIL_DATE) && local > rule->until)
		return false;
	walk->given++;
	*local_out = local;
	return true;
}

int64_t recurrence_walk_local(const struct recurrence_walk *walk)
{
	switch (walk->rule->freq) {
	case RECUR_YEARLY:
		return days_from_civil((int)walk->period, 1, 1) * DAY_S;
	case RECUR_MONTHLY:
		return days_from_civil((int)(walk->period / 12), (int)(walk->period % 12) + 1, 1) * DAY_S;
	case RECUR_HOURLY:
		return walk->period * HOUR_S;
	case RECUR_MINUTELY:
		return walk->period * 60;
	case RECUR_WEEKLY:
	case RECUR_DAILY:
	case RECUR_FREQ_COUNT:
		break;
	}
	return walk->period * DAY_S;
}
