/* The text of a rule to struct recurrence: one table of parts. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "rules/recurrence_parts.h"

const char *const recurrence_freq_names[RECUR_FREQ_COUNT] = {
	[RECUR_YEARLY] = "YEARLY", [RECUR_MONTHLY] = "MONTHLY", [RECUR_WEEKLY] = "WEEKLY",
	[RECUR_DAILY] = "DAILY",   [RECUR_HOURLY] = "HOURLY",   [RECUR_MINUTELY] = "MINUTELY",
};
const char recurrence_weekday_names[7][3] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

struct parse {
	struct recurrence *rule;
	struct recurrence_refusal *why;
	uint32_t seen; /* rows of parts[] */
};

/* A piece of the text. */
struct piece {
	const char *text;
	size_t len;
};

struct part {
	const char *name;
	bool (*read)(struct parse *, const struct part *, struct piece value);
	int min, max;
	bool from_end; /* -1 is the last one */
	void (*put)(struct recurrence *, int value); /* of a list */
};

bool recurrence_refuse(struct recurrence_refusal *why, enum code code, const char *suggestion, const char *format, ...)
{
	va_list ap;

	why->code = code;
	va_start(ap, format);
	vsnprintf(why->message, sizeof(why->message), format, ap);
	va_end(ap);
	snprintf(why->suggestion, sizeof(why->suggestion), "%s", suggestion);
	return false;
}

/* How much of a piece is shown: it was checked to be plain ASCII. */
static int shown(struct piece piece)
{
	return piece.len < 32 ? (int)piece.len : 32;
}

static bool bad_value(const struct parse *p, const struct part *part, struct piece value, const char *suggestion)
{
	return recurrence_refuse(p->why, CODE_RECURRENCE_INVALID, suggestion, "%s can't be “%.*s”", part->name,
				 shown(value), value.text);
}

static bool same(struct piece piece, const char *name)
{
	return strlen(name) == piece.len && strncasecmp(piece.text, name, piece.len) == 0;
}

/* Cuts off what stands before the next `separator`. */
static struct piece next_piece(struct piece *rest, char separator)
{
	const char *end = memchr(rest->text, separator, rest->len);
	struct piece piece = { rest->text, end ? (size_t)(end - rest->text) : rest->len };
	size_t used = piece.len + (end ? 1 : 0);

	rest->text += used;
	rest->len -= used;
	return piece;
}

/* Digits with an optional sign; false for anything else, or more than 4 of them. */
static bool whole_number(struct piece piece, bool signs, int *out)
{
	bool minus = piece.len > 0 && piece.text[0] == '-';
	size_t at = signs && piece.len > 0 && (minus || piece.text[0] == '+') ? 1 : 0;
	int value = 0;

	if (at == piece.len || piece.len - at > 4)
		return false;
	for (; at < piece.len; at++) {
		if (piece.text[at] < '0' || piece.text[at] > '9')
			return false;
		value = value * 10 + (piece.text[at] - '0');
	}
	*out = minus ? -value : value;
	return true;
}

static bool weekday_of(struct piece piece, uint8_t *out)
{
	for (uint8_t day = 0; day < 7; day++) {
		if (same(piece, recurrence_weekday_names[day])) {
			*out = day;
			return true;
		}
	}
	return false;
}

/* --- single values ----------------------------------------------------------- */

static bool read_freq(struct parse *p, const struct part *part, struct piece value)
{
	for (int i = 0; i < RECUR_FREQ_COUNT; i++) {
		if (same(value, recurrence_freq_names[i])) {
			p->rule->freq = (enum recurrence_freq)i;
			return true;
		}
	}
	if (same(value, "SECONDLY"))
		return recurrence_refuse(p->why, CODE_RECURRENCE_NOT_SUPPORTED, "Use FREQ=HOURLY or a rarer one.",
					 "FREQ=SECONDLY is not taken");
	return bad_value(p, part, value, "Use one of: HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY");
}

/* INTERVAL and COUNT. */
static bool read_amount(struct parse *p, const struct part *part, struct piece value)
{
	char limit[64];
	int number = 0;

	snprintf(limit, sizeof(limit), "Use a number from 1 to %d", part->max);
	for (size_t i = 0; i < value.len && number >= 0 && number <= part->max; i++)
		number = value.text[i] >= '0' && value.text[i] <= '9' ? number * 10 + (value.text[i] - '0') : -1;
	if (number <= 0)
		return bad_value(p, part, value, limit);
	if (number > part->max)
		return recurrence_refuse(p->why, CODE_RECURRENCE_NOT_SUPPORTED, limit, "%s=%.*s is more than %d", part->name,
					 shown(value), value.text, part->max);
	part->put(p->rule, number);
	return true;
}

static void put_interval(struct recurrence *rule, int value) { rule->interval = value; }
static void put_count(struct recurrence *rule, int value) { rule->count = value; }

static bool read_week_start(struct parse *p, const struct part *part, struct piece value)
{
	if (weekday_of(value, &p->rule->week_start))
		return true;
	return bad_value(p, part, value, "Use one of: MO, TU, WE, TH, FR, SA, SU");
}

/* 20261224, 20261224T180000 or 20261224T180000Z */
static bool read_until(struct parse *p, const struct part *part, struct piece value)
{
	static const char form[] = "Write it as 20261224, 20261224T180000 or 20261224T180000Z";
	bool date = value.len == 8, utc = value.len == 16 && (value.text[15] == 'Z' || value.text[15] == 'z');
	int at[6] = { 0, 0, 0, 23, 59, 59 }; /* year, month, day, hour, minute, second */
	int year, month, day;
	int64_t days;

	if (!date && !utc && value.len != 15)
		return bad_value(p, part, value, form);
	if (!date && value.text[8] != 'T' && value.text[8] != 't')
		return bad_value(p, part, value, form);
	for (int i = 0; i < (date ? 3 : 6); i++) {
		size_t from = i == 0 ? 0 : (size_t)(2 + 2 * i) + (i >= 3 ? 1 : 0);

		if (!whole_number((struct piece){ value.text + from, i == 0 ? 4 : 2 }, false, &at[i]))
			return bad_value(p, part, value, form);
	}
	days = days_from_civil(at[0], at[1], at[2]);
	civil_from_days(days, &year, &month, &day);
	if (at[0] < 1 || year != at[0] || month != at[1] || day != at[2] || at[3] > 23 || at[4] > 59 || at[5] > 60)
		return bad_value(p, part, value, "Use a day and time that exist.");
	p->rule->until_kind = date ? RECUR_UNTIL_DATE : utc ? RECUR_UNTIL_UTC : RECUR_UNTIL_LOCAL;
	p->rule->until = days * 86400 + at[3] * 3600 + at[4] * 60 + (at[5] == 60 ? 59 : at[5]);
	return true;
}

/* --- lists --------------------------------------------------------------------- */

static void put_month(struct recurrence *rule, int value)
{
	rule->months |= (uint16_t)(1u << value);
}

static void put_month_day(struct recurrence *rule, int value)
{
	if (value > 0)
		rule->month_days |= 1u << value;
	else
		rule->month_days_back |= 1u << -value;
}

static void put_year_day(struct recurrence *rule, int value)
{
	uint64_t *words = value > 0 ? rule->year_days : rule->year_days_back;
	int bit = value > 0 ? value : -value;

	words[bit / 64] |= 1ULL << (bit % 64);
}

static void put_week(struct recurrence *rule, int value)
{
	if (value > 0)
		rule->weeks |= 1ULL << value;
	else
		rule->weeks_back |= 1ULL << -value;
}

static void put_hour(struct recurrence *rule, int value)
{
	rule->hours |= 1u << value;
}

static void put_minute(struct recurrence *rule, int value)
{
	rule->minutes |= 1ULL << value;
}

/* Keeps the list sorted and unique; it has room for all values of a part. */
static void put_position(struct recurrence *rule, int value)
{
	size_t at = 0;

	while (at < rule->position_count && rule->positions[at] < value)
		at++;
	if (at < rule->position_count && rule->positions[at] == value)
		return;
	memmove(&rule->positions[at + 1], &rule->positions[at], (rule->position_count - at) * sizeof(rule->positions[0]));
	rule->positions[at] = (int16_t)value;
	rule->position_count++;
}

static void put_nth(struct recurrence *rule, int nth, uint8_t weekday)
{
	size_t at = 0;

	while (at < rule->nth_count && (rule->nth[at].weekday < weekday ||
					(rule->nth[at].weekday == weekday && rule->nth[at].nth < nth)))
		at++;
	if (at < rule->nth_count && rule->nth[at].weekday == weekday && rule->nth[at].nth == nth)
		return;
	memmove(&rule->nth[at + 1], &rule->nth[at], (rule->nth_count - at) * sizeof(rule->nth[0]));
	rule->nth[at] = (struct recurrence_nth){ (int8_t)nth, weekday };
	rule->nth_count++;
}

static bool too_many(const struct parse *p, const struct part *part)
{
	return recurrence_refuse(p->why, CODE_RECURRENCE_NOT_SUPPORTED, "Use fewer values, or several events.",
				 "%s has more than %d values", part->name, RECURRENCE_LIST_MAX);
}

static bool read_list(struct parse *p, const struct part *part, struct piece value)
{
	struct piece rest = value;
	char range[80];
	int count = 0, number;

	if (part->from_end)
		snprintf(range, sizeof(range), "Use numbers from 1 to %d, or -1 to -%d from the end", part->max, part->max);
	else
		snprintf(range, sizeof(range), "Use numbers from %d to %d", part->min, part->max);
	do {
		struct piece one = next_piece(&rest, ',');

		if (++count > RECURRENCE_LIST_MAX)
			return too_many(p, part);
		if (!whole_number(one, part->from_end, &number) || number > part->max ||
		    (part->from_end ? number < -part->max || number == 0 : number < part->min))
			return bad_value(p, part, one, range);
		part->put(p->rule, number);
		if (rest.len == 0 && one.text + one.len < value.text + value.len)
			return bad_value(p, part, value, "Take the comma at its end away."); /* "1," */
	} while (rest.len > 0);
	return true;
}

static bool read_weekdays(struct parse *p, const struct part *part, struct piece value)
{
	struct piece rest = value;
	int count = 0;

	do {
		struct piece one = next_piece(&rest, ',');
		struct piece name = { one.len > 2 ? one.text + one.len - 2 : one.text, one.len > 2 ? 2 : one.len };
		uint8_t day;
		int nth = 0;

		if (++count > RECURRENCE_LIST_MAX)
			return too_many(p, part);
		if (!weekday_of(name, &day) ||
		    (one.len > 2 && (!whole_number((struct piece){ one.text, one.len - 2 }, true, &nth) || nth == 0 ||
				     nth < -53 || nth > 53)))
			return bad_value(p, part, one, "Write days as MO, TU, WE, TH, FR, SA, SU; 2TU is the second one, -1FR the last");
		if (nth == 0)
			p->rule->weekdays |= (uint8_t)(1u << day);
		else
			put_nth(p->rule, nth, day);
		if (rest.len == 0 && one.text + one.len < value.text + value.len)
			return bad_value(p, part, value, "Take the comma at its end away.");
	} while (rest.len > 0);
	return true;
}

static bool read_refused(struct parse *p, const struct part *part, struct piece value)
{
	return recurrence_refuse(p->why, CODE_RECURRENCE_NOT_SUPPORTED,
				 "Leave it out: the start's own seconds and the Gregorian calendar count.", "%s=%.*s is not taken",
				 part->name, shown(value), value.text);
}

static const struct part parts[] = {
	{ "FREQ", read_freq, 0, 0, false, NULL },
	{ "INTERVAL", read_amount, 1, RECURRENCE_INTERVAL_MAX, false, put_interval },
	{ "COUNT", read_amount, 1, RECURRENCE_COUNT_MAX, false, put_count },
	{ "UNTIL", read_until, 0, 0, false, NULL },
	{ "WKST", read_week_start, 0, 0, false, NULL },
	{ "BYMONTH", read_list, 1, 12, false, put_month },
	{ "BYWEEKNO", read_list, 1, 53, true, put_week },
	{ "BYYEARDAY", read_list, 1, 366, true, put_year_day },
	{ "BYMONTHDAY", read_list, 1, 31, true, put_month_day },
	{ "BYDAY", read_weekdays, 0, 0, false, NULL },
	{ "BYHOUR", read_list, 0, 23, false, put_hour },
	{ "BYMINUTE", read_list, 0, 59, false, put_minute },
	{ "BYSETPOS", read_list, 1, 366, true, put_position },
	{ "BYSECOND", read_refused, 0, 0, false, NULL },
	{ "RSCALE", read_refused, 0, 0, false, NULL },
	{ "SKIP", read_refused, 0, 0, false, NULL },
};
#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

/* --- the whole --------------------------------------------------------------------- */

static bool read_part(struct parse *p, struct piece piece)
{
	struct piece value = piece, name;

	if (piece.len == 0)
		return recurrence_refuse(p->why, CODE_RECURRENCE_INVALID, "Take one of the semicolons away.",
					 "a part of the rule is empty");
	name = next_piece(&value, '=');
	if (name.len == piece.len)
		return recurrence_refuse(p->why, CODE_RECURRENCE_INVALID, "Write each part as NAME=value", "“%.*s” has no =",
					 shown(piece), piece.text);
	for (size_t i = 0; i < PART_COUNT; i++) {
		if (!same(name, parts[i].name))
			continue;
		if (p->seen & (1u << i))
			return recurrence_refuse(p->why, CODE_RECURRENCE_INVALID, "Keep one of the two.", "%s stands twice",
						 parts[i].name);
		p->seen |= 1u << i;
		return parts[i].read(p, &parts[i], value);
	}
	return recurrence_refuse(p->why, CODE_RECURRENCE_INVALID,
				 same(name, "BYWEEKDAY") ? "Did you mean BYDAY?" : "Leave it out, or correct its name.",
				 "“%.*s” is not a part of a recurrence rule", shown(name), name.text);
}

/* Only printable ASCII without blanks can be part of a rule. */
static bool is_plain(struct piece piece)
{
	for (size_t i = 0; i < piece.len; i++) {
		if (piece.text[i] <= ' ' || piece.text[i] > '~')
			return false;
	}
	return true;
}

bool recurrence_parse(const char *text, size_t len, bool minutely, struct recurrence *rule_out,
		      struct recurrence_refusal *why)
{
	struct parse p = { .seen = 0 };
	struct piece rest = { text, len };

	memset(rule_out, 0, sizeof(*rule_out));
	memset(why, 0, sizeof(*why));
	rule_out->interval = 1;
	p.rule = rule_out;
	p.why = why;
	if (len > RECURRENCE_TEXT_MAX)
		return recurrence_refuse(why, CODE_RECURRENCE_NOT_SUPPORTED, "Write it shorter.",
					 "the rule is longer than %d bytes", RECURRENCE_TEXT_MAX);
	if (!is_plain(rest))
		return recurrence_refuse(why, CODE_RECURRENCE_INVALID, "Write it as FREQ=WEEKLY;BYDAY=MO,WE",
					 "the rule has blanks, line breaks or characters that no rule has");
	if (rest.len > 6 && strncasecmp(rest.text, "RRULE:", 6) == 0)
		next_piece(&rest, ':');
	if (rest.len > 0 && rest.text[rest.len - 1] == ';')
		return recurrence_refuse(why, CODE_RECURRENCE_INVALID, "Take the semicolon at its end away.",
					 "a part of the rule is empty");
	do {
		if (!read_part(&p, next_piece(&rest, ';')))
			return false;
	} while (rest.len > 0);
	if (!(p.seen & 1u))
		return recurrence_refuse(why, CODE_RECURRENCE_INVALID, "Add FREQ, such as FREQ=WEEKLY", "FREQ is missing");
	return recurrence_check(rule_out, minutely, why);
}
