/* POSIX TZ rules, as the footers of TZif files have them (RFC 8536, 3.3). */
#include <string.h>

#include "base/clock.h"
#include "base/zone_file.h"

#define DAY_S 86400

struct text {
	const char *at, *end;
};

static bool take(struct text *t, char c)
{
	if (t->at == t->end || *t->at != c)
		return false;
	t->at++;
	return true;
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* An abbreviation: three letters or more, or anything quoted by < and >. */
static bool skip_name(struct text *t)
{
	const char *from;
	bool quoted = take(t, '<');

	from = t->at;
	while (t->at < t->end &&
	       (is_letter(*t->at) || (quoted && (is_digit(*t->at) || *t->at == '+' || *t->at == '-'))))
		t->at++;
	return t->at - from >= 3 && (!quoted || take(t, '>'));
}

static bool number(struct text *t, int min, int max, int *out)
{
	int value = 0;
	const char *from = t->at;

	while (t->at < t->end && is_digit(*t->at) && t->at - from < 4)
		value = value * 10 + (*t->at++ - '0');
	*out = value;
	return t->at > from && value >= min && value <= max;
}

/* [+-]hh[:mm[:ss]] */
static bool clock_time(struct text *t, int hours_max, int32_t *seconds_out)
{
	bool negative = take(t, '-');
	int hours, minutes = 0, seconds = 0;

	if (!negative)
		take(t, '+');
	if (!number(t, 0, hours_max, &hours))
		return false;
	if (take(t, ':')) {
		if (!number(t, 0, 59, &minutes))
			return false;
		if (take(t, ':') && !number(t, 0, 59, &seconds))
			return false;
	}
	*seconds_out = hours * 3600 + minutes * 60 + seconds;
	if (negative)
		*seconds_out = -*seconds_out;
	return true;
}

static bool rule_day(struct text *t, struct zone_rule_day *day)
{
	memset(day, 0, sizeof(*day));
	day->time_s = 2 * 3600;
	if (take(t, 'M')) {
		day->kind = DAY_OF_MONTH_WEEK;
		if (!number(t, 1, 12, &day->month) || !take(t, '.') || !number(t, 1, 5, &day->week) ||
		    !take(t, '.') || !number(t, 0, 6, &day->day))
			return false;
	} else if (take(t, 'J')) {
		day->kind = DAY_JULIAN;
		if (!number(t, 1, 365, &day->day))
			return false;
	} else {
		day->kind = DAY_OF_YEAR;
		if (!number(t, 0, 365, &day->day))
			return false;
	}
	return !take(t, '/') || clock_time(t, 167, &day->time_s);
}

bool zone_rule_parse(const char *text, size_t len, struct zone_rule *rule_out)
{
	struct text t = { text, text + len };
	int32_t west;

	memset(rule_out, 0, sizeof(*rule_out));
	if (!skip_name(&t) || !clock_time(&t, 24, &west))
		return false;
	rule_out->standard_s = -west; /* POSIX counts to the west */
	if (t.at == t.end)
		return true;
	rule_out->has_summer = true;
	rule_out->summer_s = rule_out->standard_s + 3600;
	if (!skip_name(&t))
		return false;
	if (t.at < t.end && *t.at != ',') {
		if (!clock_time(&t, 24, &west))
			return false;
		rule_out->summer_s = -west;
	}
	return take(&t, ',') && rule_day(&t, &rule_out->begin) && take(&t, ',') && rule_day(&t, &rule_out->end) &&
	       t.at == t.end;
}

/* Midnight of the rule's day in `year`, in days since the epoch. */
static int64_t day_in_year(const struct zone_rule_day *day, int year)
{
	int64_t january = days_from_civil(year, 1, 1);
	int64_t first, next;
	int weekday;
	bool leap;

	switch (day->kind) {
	case DAY_OF_YEAR:
		return january + day->day;
	case DAY_JULIAN:
		leap = days_from_civil(year + 1, 1, 1) - january == 366;
		return january + day->day - 1 + (leap && day->day >= 60);
	case DAY_OF_MONTH_WEEK:
		break;
	}
	first = days_from_civil(year, day->month, 1);
	next = day->month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, day->month + 1, 1);
	weekday = (int)((first + 4) % 7); /* 1970-01-01 was a Thursday */
	if (weekday < 0)
		weekday += 7;
	first += (day->day - weekday + 7) % 7 + (day->week - 1) * 7;
	return first < next ? first : first - 7; /* week 5 means the last */
}

int64_t zone_rule_begin_utc(const struct zone_rule *rule, int year)
{
	return day_in_year(&rule->begin, year) * DAY_S + rule->begin.time_s - rule->standard_s;
}

int64_t zone_rule_end_utc(const struct zone_rule *rule, int year)
{
	return day_in_year(&rule->end, year) * DAY_S + rule->end.time_s - rule->summer_s;
}
