#include "recurrence_reference.h"

#include <string.h>

#include "base/clock.h"

#define PERIOD_MAX 4096 /* instances of one period */
#define DAY 86400

struct date {
	int year, month, day, weekday, year_day, year_length, month_length;
};

static int64_t day_number(int64_t local)
{
	return (local - ((local % DAY) + DAY) % DAY) / DAY;
}

static struct date date_of(int64_t number)
{
	struct date date;

	civil_from_days(number, &date.year, &date.month, &date.day);
	date.weekday = (int)(((number + 3) % 7 + 7) % 7);
	date.year_day = (int)(number - days_from_civil(date.year, 1, 1)) + 1;
	date.year_length = (int)(days_from_civil(date.year + 1, 1, 1) - days_from_civil(date.year, 1, 1));
	date.month_length = (int)(days_from_civil(date.month == 12 ? date.year + 1 : date.year, date.month % 12 + 1, 1) -
				  days_from_civil(date.year, date.month, 1));
	return date;
}

static bool bit(uint64_t bits, int at)
{
	return at >= 0 && at < 64 && ((bits >> at) & 1);
}

static bool any(const uint64_t *words)
{
	return words[0] || words[1] || words[2] || words[3] || words[4] || words[5];
}

/* The week's Thursday (of a week that begins on Monday; else its fourth day)
 * says to which year it belongs and which number it has. */
static bool week_takes(const struct recurrence *rule, int64_t number)
{
	int into = (date_of(number).weekday - rule->week_start + 7) % 7;
	struct date fourth = date_of(number - into + 3);
	int week = (fourth.year_day - 1) / 7 + 1, last = 0;

	for (int64_t day = days_from_civil(fourth.year, 12, 22); day <= days_from_civil(fourth.year, 12, 31); day++) {
		struct date date = date_of(day);

		if (date.weekday == (rule->week_start + 3) % 7)
			last = (date.year_day - 1) / 7 + 1;
	}
	return bit(rule->weeks, week) || bit(rule->weeks_back, last + 1 - week);
}

static bool weekday_takes(const struct recurrence *rule, const struct date *date)
{
	bool in_year = rule->freq == RECUR_YEARLY && !rule->months;
	int place = in_year ? date->year_day : date->day, length = in_year ? date->year_length : date->month_length;

	if (bit(rule->weekdays, date->weekday))
		return true;
	for (size_t i = 0; i < rule->nth_count; i++) {
		int nth = rule->nth[i].nth;

		if (rule->nth[i].weekday != date->weekday)
			continue;
		if (nth > 0 ? (place - 1) / 7 + 1 == nth : (length - place) / 7 + 1 == -nth)
			return true;
	}
	return false;
}

/* Does every part take that day? */
static bool day_taken(const struct reference *ref, int64_t number)
{
	const struct recurrence *rule = ref->rule;
	struct date date = date_of(number), start = date_of(day_number(ref->start));
	bool month_days = rule->month_days || rule->month_days_back, year_days = any(rule->year_days) || any(rule->year_days_back);
	bool weekdays = rule->weekdays || rule->nth_count, weeks = rule->weeks || rule->weeks_back;

	if (rule->months && !bit(rule->months, date.month))
		return false;
	if (month_days && !bit(rule->month_days, date.day) && !bit(rule->month_days_back, date.month_length + 1 - date.day))
		return false;
	if (year_days && !bit(rule->year_days[date.year_day / 64], date.year_day % 64) &&
	    !bit(rule->year_days_back[(date.year_length + 1 - date.year_day) / 64], (date.year_length + 1 - date.year_day) % 64))
		return false;
	if (weekdays && !weekday_takes(rule, &date))
		return false;
	if (weeks && !week_takes(rule, number))
		return false;
	if (month_days || year_days || weekdays || weeks)
		return true;
	/* Nothing names a day: it is the start's. */
	if (rule->freq == RECUR_WEEKLY)
		return date.weekday == start.weekday;
	if (rule->freq == RECUR_MONTHLY || rule->freq == RECUR_YEARLY)
		return date.day == start.day && (rule->freq == RECUR_MONTHLY || rule->months || date.month == start.month);
	return true;
}

/* In how many-th period it lies, counted from the start's. */
static int64_t period_of(const struct reference *ref, int64_t local)
{
	struct date date = date_of(day_number(local)), first = date_of(day_number(ref->start));
	int64_t weeks = day_number(local) - (date.weekday - ref->rule->week_start + 7) % 7;
	int64_t first_weeks = day_number(ref->start) - (first.weekday - ref->rule->week_start + 7) % 7;

	switch (ref->rule->freq) {
	case RECUR_YEARLY:
		return date.year - first.year;
	case RECUR_MONTHLY:
		return (date.year - first.year) * 12 + date.month - first.month;
	case RECUR_WEEKLY:
		return (weeks - first_weeks) / 7;
	case RECUR_DAILY:
		return day_number(local) - day_number(ref->start);
	case RECUR_HOURLY:
		return local / 3600 - ref->start / 3600;
	case RECUR_MINUTELY:
	case RECUR_FREQ_COUNT:
		break;
	}
	return local / 60 - ref->start / 60;
}

static bool position_taken(const struct recurrence *rule, size_t at, size_t size)
{
	for (size_t i = 0; i < rule->position_count; i++) {
		if (rule->positions[i] == (int)at + 1 || rule->positions[i] == (int)at - (int)size)
			return true;
	}
	return rule->position_count == 0;
}

/* One period's set is whole: BYSETPOS, the start, COUNT and a local UNTIL. */
static void close_period(struct reference *ref, const int64_t *set, size_t size)
{
	const struct recurrence *rule = ref->rule;

	for (size_t i = 0; i < size && !ref->over; i++) {
		bool past = rule->until_kind != RECUR_UNTIL_NONE && rule->until_kind != RECUR_UNTIL_UTC && set[i] > rule->until;

		if (!position_taken(rule, i, size) || set[i] < ref->start)
			continue;
		ref->over = past || (rule->count && ref->given == rule->count) || ref->count == REFERENCE_MAX;
		if (!ref->over) {
			ref->found[ref->count++] = set[i];
			ref->given++;
		}
	}
}

/* Every minute of a day that the parts for times take. */
static size_t times_taken(const struct reference *ref, int64_t day, int64_t *out)
{
	const struct recurrence *rule = ref->rule;
	int hour_of_start = (int)(ref->start % DAY / 3600), minute_of_start = (int)(ref->start / 60 % 60);
	size_t count = 0;

	for (int hour = 0; hour < 24; hour++) {
		if (rule->hours ? !bit(rule->hours, hour) : rule->freq < RECUR_HOURLY && hour != hour_of_start)
			continue;
		for (int minute = 0; minute < 60; minute++) {
			int64_t local = day * DAY + hour * 3600 + minute * 60 + ref->start % 60;

			if (rule->minutes ? !bit(rule->minutes, minute) : rule->freq < RECUR_MINUTELY && minute != minute_of_start)
				continue;
			if (period_of(ref, local) % rule->interval == 0)
				out[count++] = local;
		}
	}
	return count;
}

bool reference_run(struct reference *ref, int64_t until_local)
{
	static int64_t set[PERIOD_MAX], times[24 * 60];
	int64_t first = day_number(ref->start) - 366, period = INT64_MIN;
	size_t size = 0;

	for (int64_t day = first; !ref->over && day * DAY < until_local; day++) {
		size_t count;

		if (!day_taken(ref, day))
			continue;
		count = times_taken(ref, day, times);
		for (size_t i = 0; i < count; i++) {
			int64_t of = period_of(ref, times[i]);

			if (of < 0)
				continue;
			if (of != period) {
				close_period(ref, set, size);
				period = of;
				size = 0;
			}
			if (size == PERIOD_MAX)
				return false;
			set[size++] = times[i];
		}
	}
	if (!ref->over)
		close_period(ref, set, size);
	return true;
}
