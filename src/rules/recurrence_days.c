#include "rules/recurrence_days.h"

#include "base/clock.h"
#include "rules/recurrence_parts.h"

#define MONTH_BITS 0xFFFFFFFEu /* bits 1..31 */
#define WEEKS 0x810204081ULL   /* times a set of weekdays: that set in six weeks, one after the other */

int weekday_of_day(int64_t day)
{
	int weekday = (int)((day + 3) % 7); /* 1970-01-01 was a Thursday */

	return weekday < 0 ? weekday + 7 : weekday;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* `month`: 1..12 */
static int month_length(int year, int month)
{
	static const int8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return lengths[month - 1] + (month == 2 && is_leap(year));
}

static uint32_t first_days(int length)
{
	return length == 31 ? MONTH_BITS : ((1u << (length + 1)) - 2u);
}

/* The days that BYMONTHDAY names in a month of that length. */
static uint32_t named_month_days(const struct recurrence *rule, int length)
{
	uint32_t named = rule->month_days;

	for (int back = 1; back <= length; back++) {
		if (rule->month_days_back & (1u << back))
			named |= 1u << (length + 1 - back);
	}
	return named & first_days(length);
}

void day_rules_init(struct day_rules *days, const struct recurrence *rule, int64_t start_day)
{
	int year;

	days->rule = rule;
	civil_from_days(start_day, &year, &days->start_month, &days->start_day);
	days->by_day = rule->weekdays || rule->nth_count > 0;
	days->by_month_day = rule->month_days || rule->month_days_back;
	days->by_year_day = recurrence_any_year_day(rule);
	days->by_week = rule->weeks || rule->weeks_back;
	for (int first = 0; first < 7; first++)
		days->weekdays[first] = (uint32_t)(((uint64_t)rule->weekdays * WEEKS >> first) << 1) & MONTH_BITS;
	for (int i = 0; i < 4; i++)
		days->month_days[i] = days->by_month_day ? named_month_days(rule, 28 + i) : first_days(28 + i);
}

/* The nth such weekday of a span of `length` days whose first is `first`;
 * 1-based, 0 = it has none. */
static int nth_in_span(struct recurrence_nth nth, int first, int length)
{
	int offset = (nth.weekday - first + 7) % 7; /* of the first one */
	int last = offset + (length - 1 - offset) / 7 * 7;
	int at = nth.nth > 0 ? offset + (nth.nth - 1) * 7 : last + (nth.nth + 1) * 7;

	return at >= 0 && at < length ? at + 1 : 0;
}

/* The days of a month that BYDAY takes, numbers counting within the month. */
static uint32_t month_weekdays(const struct day_rules *days, int first, int length)
{
	const struct recurrence *rule = days->rule;
	uint32_t taken = days->weekdays[first];

	for (size_t i = 0; i < rule->nth_count; i++)
		taken |= 1u << nth_in_span(rule->nth[i], first, length); /* bit 0 is cut off */
	return taken;
}

static int put_days(uint32_t taken, int64_t first_day, int32_t *out)
{
	int count = 0;

	for (; taken; taken &= taken - 1)
		out[count++] = (int32_t)(first_day + __builtin_ctz(taken) - 1);
	return count;
}

int month_choose(const struct day_rules *days, int64_t month, int32_t *out)
{
	int year = (int)(month / 12), number = (int)(month % 12) + 1;
	int length = month_length(year, number);
	int64_t first_day;
	uint32_t taken;

	if (days->rule->months && !(days->rule->months & (1u << number)))
		return 0;
	first_day = days_from_civil(year, number, 1);
	taken = days->month_days[length - 28];
	if (days->by_day)
		taken &= month_weekdays(days, weekday_of_day(first_day), length);
	else if (!days->by_month_day)
		taken &= 1u << days->start_day;
	return put_days(taken, first_day, out);
}

/* --- years ----------------------------------------------------------------------- */

/* A year as months of bits, with where its days lie. */
struct year {
	int number, length;
	int64_t first_day;
	int first_weekday;
};

/* Adds day `at` (1-based) of the year. */
static void take_year_day(const struct year *year, int at, uint32_t months[12])
{
	for (int month = 1; month <= 12; month++) {
		int length = month_length(year->number, month);

		if (at <= length) {
			if (at > 0)
				months[month - 1] |= 1u << at;
			return;
		}
		at -= length;
	}
}

static void year_day_filter(const struct recurrence *rule, const struct year *year, uint32_t months[12])
{
	for (int word = 0; word < YEAR_DAY_WORDS; word++) {
		for (uint64_t left = rule->year_days[word]; left; left &= left - 1)
			take_year_day(year, word * 64 + __builtin_ctzll(left), months);
		for (uint64_t left = rule->year_days_back[word]; left; left &= left - 1)
			take_year_day(year, year->length + 1 - (word * 64 + __builtin_ctzll(left)), months);
	}
}

static int weeks_of_year(int year, int week_start)
{
	int64_t first = days_from_civil(year, 1, 1);
	/* How far 1 January is into its week; a week belongs to the year that has four of its days. */
	int into = (weekday_of_day(first) - week_start + 7) % 7;

	return into == 3 || (into == 2 && is_leap(year)) ? 53 : 52;
}

/* Adds the days of the week's that lie in the year and that BYDAY takes. */
static void take_week(const struct recurrence *rule, const struct year *year, int64_t week, uint32_t months[12])
{
	for (int i = 0; i < 7; i++) {
		int64_t at = week + i - year->first_day;

		if (at >= 0 && at < year->length && (rule->weekdays & (1u << ((rule->week_start + i) % 7))))
			take_year_day(year, (int)at + 1, months);
	}
}

/* The weeks that BYWEEKNO names in a year of so many, as bits. */
static uint64_t named_weeks(const struct recurrence *rule, int weeks)
{
	uint64_t named = rule->weeks;

	for (uint64_t left = rule->weeks_back; left; left &= left - 1) {
		if (__builtin_ctzll(left) <= weeks)
			named |= 1ULL << (weeks + 1 - __builtin_ctzll(left));
	}
	return named & ((1ULL << (weeks + 1)) - 2);
}

/* Weeks as ISO 8601 counts them, but beginning with WKST.  A year's first and
 * last days may belong to a week of the year beside it. */
static void week_filter(const struct recurrence *rule, const struct year *year, uint32_t months[12])
{
	int into = (year->first_weekday - rule->week_start + 7) % 7;
	int weeks = weeks_of_year(year->number, rule->week_start);
	int64_t first = year->first_day - into;

	if (into > 3) {
		int before = weeks_of_year(year->number - 1, rule->week_start);

		if (named_weeks(rule, before) >> before)
			take_week(rule, year, first, months);
		first += 7;
	}
	for (uint64_t left = named_weeks(rule, weeks); left; left &= left - 1)
		take_week(rule, year, first + 7 * (__builtin_ctzll(left) - 1), months);
	first += 7 * weeks;
	if (first < year->first_day + year->length &&
	    (named_weeks(rule, weeks_of_year(year->number + 1, rule->week_start)) & 2))
		take_week(rule, year, first, months);
}

/* BYDAY whose numbers count within the year. */
static void year_weekday_filter(const struct day_rules *days, const struct year *year, uint32_t months[12])
{
	int first = year->first_weekday;

	for (int month = 1; month <= 12; month++) {
		months[month - 1] = days->weekdays[first];
		first = (first + month_length(year->number, month)) % 7;
	}
	for (size_t i = 0; i < days->rule->nth_count; i++)
		take_year_day(year, nth_in_span(days->rule->nth[i], year->first_weekday, year->length), months);
}

/* The days of each month that the parts that look at the year take. */
static void filter_by_year(const struct day_rules *days, const struct year *year, uint32_t months[12])
{
	uint32_t filter[12];

	for (int i = 0; i < 12; i++)
		months[i] = MONTH_BITS;
	if (days->by_year_day) {
		for (int i = 0; i < 12; i++)
			filter[i] = 0;
		year_day_filter(days->rule, year, filter);
		for (int i = 0; i < 12; i++)
			months[i] &= filter[i];
	}
	if (days->by_week) {
		for (int i = 0; i < 12; i++)
			filter[i] = 0;
		week_filter(days->rule, year, filter);
		for (int i = 0; i < 12; i++)
			months[i] &= filter[i];
	}
	if (days->rule->nth_count > 0 && !days->rule->months) {
		year_weekday_filter(days, year, filter);
		for (int i = 0; i < 12; i++)
			months[i] &= filter[i];
	}
}

/* Nothing names a day: it is the start's, in its month or those of BYMONTH. */
static int start_days(const struct day_rules *days, int year, int32_t *out)
{
	uint32_t wanted = days->rule->months ? days->rule->months : 1u << days->start_month;
	int count = 0;

	for (; wanted; wanted &= wanted - 1) {
		int month = __builtin_ctz(wanted);

		if (days->start_day <= 28 || days->start_day <= month_length(year, month))
			out[count++] = (int32_t)days_from_civil(year, month, days->start_day);
	}
	return count;
}

int year_choose(const struct day_rules *days, int year_number, int32_t *out)
{
	const struct recurrence *rule = days->rule;
	struct year year = { .number = year_number, .length = is_leap(year_number) ? 366 : 365 };
	bool month_weekday = days->by_day && (rule->months || rule->nth_count == 0);
	bool by_year = days->by_year_day || days->by_week || (rule->nth_count > 0 && !rule->months);
	uint32_t wanted = rule->months ? rule->months : 0x1FFEu; /* months 1..12 */
	uint32_t months[12];
	int count = 0;

	if (!days->by_day && !days->by_month_day && !days->by_year_day && !days->by_week)
		return start_days(days, year_number, out);
	if (by_year) {
		year.first_day = days_from_civil(year_number, 1, 1);
		year.first_weekday = weekday_of_day(year.first_day);
		filter_by_year(days, &year, months);
	}
	for (; wanted; wanted &= wanted - 1) {
		int month = __builtin_ctz(wanted), length = month_length(year_number, month);
		uint32_t taken = days->month_days[length - 28];
		int64_t first_day;

		if (by_year)
			taken &= months[month - 1];
		if (!taken) /* most years have no 29 February */
			continue;
		first_day = days_from_civil(year_number, month, 1);
		if (month_weekday)
			taken &= month_weekdays(days, weekday_of_day(first_day), length);
		count += put_days(taken, first_day, out + count);
	}
	return count;
}

/* --- one day ------------------------------------------------------------------------ */

static bool has_bit(const uint64_t *words, int bit)
{
	return (words[bit / 64] >> (bit % 64)) & 1;
}

/* The first day of the next month that BYMONTH takes. */
static int64_t next_month(const struct recurrence *rule, int year, int month)
{
	do {
		month = month % 12 + 1;
		year += month == 1;
	} while (!(rule->months & (1u << month)));
	return days_from_civil(year, month, 1);
}

/* The next day after this one that BYDAY takes. */
static int64_t next_weekday(const struct recurrence *rule, int64_t day)
{
	uint64_t ahead = ((uint64_t)rule->weekdays * WEEKS) >> weekday_of_day(day + 1);

	return day + 1 + (ahead ? __builtin_ctzll(ahead) : 0);
}

bool day_allowed(const struct day_rules *days, int64_t day, int64_t *next_out)
{
	const struct recurrence *rule = days->rule;
	int year, month, number;

	*next_out = day + 1;
	/* First what is cheap to tell; of a month that is not taken it passes a few days. */
	if (days->by_day && !(rule->weekdays & (1u << weekday_of_day(day)))) {
		*next_out = next_weekday(rule, day);
		return false;
	}
	if (!rule->months && !days->by_month_day && !days->by_year_day)
		return true;
	civil_from_days(day, &year, &month, &number);
	if (rule->months && !(rule->months & (1u << month))) {
		*next_out = next_month(rule, year, month);
		return false;
	}
	if (days->by_month_day && !(days->month_days[month_length(year, month) - 28] & (1u << number)))
		return false;
	if (days->by_year_day) {
		int at = (int)(day - days_from_civil(year, 1, 1)) + 1, length = is_leap(year) ? 366 : 365;

		return has_bit(rule->year_days, at) || has_bit(rule->year_days_back, length + 1 - at);
	}
	return true;
}
