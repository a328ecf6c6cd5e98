#include "views/recurrence_words.h"

#include <stdlib.h>
#include <string.h>

#include "views/day_grid.h"
#include "views/html.h"

/* The value of a part, and its length; NULL = the rule has none. */
static const char *part(const char *rule, const char *name, size_t *len)
{
	size_t name_len = strlen(name);
	while (*rule) {
		size_t part_len = strcspn(rule, ";");
		if (part_len > name_len && rule[name_len] == '=' && memcmp(rule, name, name_len) == 0) {
			*len = part_len - name_len - 1;
			return rule + name_len + 1;
		}
		rule += part_len + (rule[part_len] == ';');
	}
	*len = 0;
	return NULL;
}

static bool is_value(const char *value, size_t len, const char *wanted)
{
	return value && strlen(wanted) == len && memcmp(value, wanted, len) == 0;
}

static void ordinal(struct str *out, long number)
{
	static const char *const firsts[] = { "", "first", "second", "third", "fourth", "fifth" };
	if (number == -1)
		html_raw(out, "last");
	else if (number > 0 && number <= 5)
		str_adds(out, firsts[number]);
	else
		html_f(out, "%ld%s", labs(number), number < 0 ? "th last" : "th");
}

static void weekday(struct str *out, const char *text, size_t len)
{
	static const char days[] = "MOTUWETHFRSASU";
	char *end;
	long number = strtol(text, &end, 10);
	if (number) {
		html_raw(out, "the ");
		ordinal(out, number);
		str_addc(out, ' ');
	}
	for (int i = 0; i < 7 && end + 2 <= text + len; i++)
		if (memcmp(end, &days[2 * i], 2) == 0)
			html_text(out, weekday_name(i));
}

static void month(struct str *out, const char *text, size_t len)
{
	(void)len;
	long number = strtol(text, NULL, 10);
	if (number >= 1 && number <= 12)
		html_text(out, month_name((int)number));
}

static void month_day(struct str *out, const char *text, size_t len)
{
	(void)len;
	long number = strtol(text, NULL, 10);
	if (number < 0) {
		html_raw(out, "the ");
		ordinal(out, number);
		html_raw(out, " day");
	} else {
		html_f(out, "day %ld", number);
	}
}

/* "a, b and c" */
static void list(struct str *out, const char *before, const char *value, size_t len, void (*write)(struct str *, const char *, size_t))
{
	if (!value)
		return;
	const char *end = value + len;
	str_adds(out, before);
	for (const char *at = value; at < end;) {
		size_t item = strcspn(at, ",;");
		if (at + item > end)
			item = (size_t)(end - at);
		write(out, at, item);
		at += item + 1;
		if (at < end)
			str_adds(out, memchr(at, ',', (size_t)(end - at)) ? ", " : " and ");
	}
}

static void how_often(struct str *out, const char *rule)
{
	static const struct {
		const char *freq, *one, *many;
	} units[] = {
		{ "MINUTELY", "every minute", "minutes" }, { "HOURLY", "every hour", "hours" }, { "DAILY", "every day", "days" },
		{ "WEEKLY", "every week", "weeks" },	   { "MONTHLY", "every month", "months" }, { "YEARLY", "every year", "years" },
	};
	size_t freq_len, interval_len;
	const char *freq = part(rule, "FREQ", &freq_len), *interval = part(rule, "INTERVAL", &interval_len);
	long step = interval ? strtol(interval, NULL, 10) : 1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!is_value(freq, freq_len, units[i].freq))
			continue;
		if (step > 1)
			html_f(out, "every %ld %s", step, units[i].many);
		else
			html_text(out, units[i].one);
	}
}

static void how_long(struct str *out, const char *rule)
{
	size_t len;
	const char *count = part(rule, "COUNT", &len);
	if (count) {
		html_raw(out, ", ");
		html_count(out, strtoll(count, NULL, 10), "time", "times");
	}
	const char *until = part(rule, "UNTIL", &len);
	if (until && len >= 8) {
		char day[3] = { until[6], until[7], 0 }, year[5] = { until[0], until[1], until[2], until[3], 0 };
		char number[3] = { until[4], until[5], 0 };
		long of_year = strtol(number, NULL, 10);
		html_f(out, ", until %ld %s %s", strtol(day, NULL, 10), of_year >= 1 && of_year <= 12 ? month_name((int)of_year) : number, year);
	}
}

void recurrence_words(struct str *out, const char *rule)
{
	static const char *const others[] = { "BYYEARDAY", "BYWEEKNO", "BYHOUR", "BYMINUTE", "BYSETPOS" };
	size_t len;
	how_often(out, rule);
	const char *value = part(rule, "BYMONTH", &len);
	list(out, " in ", value, len, month);
	value = part(rule, "BYMONTHDAY", &len);
	list(out, " on ", value, len, month_day);
	value = part(rule, "BYDAY", &len);
	list(out, " on ", value, len, weekday);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		value = part(rule, others[i], &len);
		if (value) {
			char text[128];
			snprintf(text, sizeof(text), "%s=%.*s", others[i], (int)(len < 100 ? len : 100), value);
			html_f(out, ", %s", text);
		}
	}
	how_long(out, rule);
}
