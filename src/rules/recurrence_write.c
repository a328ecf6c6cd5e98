/* struct recurrence to its normal text. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "rules/recurrence_parts.h"

struct text {
	char *out;
	size_t len;
	bool is_cut;
};

static void add(struct text *text, const char *bytes)
{
	size_t len = strlen(bytes);

	text->is_cut |= text->len + len > RECURRENCE_TEXT_MAX;
	if (text->is_cut)
		return;
	memcpy(text->out + text->len, bytes, len + 1);
	text->len += len;
}

static void add_number(struct text *text, int value)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%d", value);
	add(text, digits);
}

/* ";BYHOUR=" before the first value, "," before the others. */
static void add_value(struct text *text, const char *name, bool *begun, int value)
{
	add(text, *begun ? "," : name);
	*begun = true;
	add_number(text, value);
}

static bool has_bit(const uint64_t *words, int bit)
{
	return (words[bit / 64] >> (bit % 64)) & 1;
}

/* The values from the end first: -2,-1,1,2. */
static void add_set(struct text *text, const char *name, const uint64_t *words, const uint64_t *back, int max)
{
	bool begun = false;

	for (int value = max; back && value > 0; value--) {
		if (has_bit(back, value))
			add_value(text, name, &begun, -value);
	}
	for (int value = 0; value <= max; value++) {
		if (has_bit(words, value))
			add_value(text, name, &begun, value);
	}
}

static void add_small_set(struct text *text, const char *name, uint64_t bits, uint64_t back, int max)
{
	add_set(text, name, &bits, &back, max);
}

static void add_until(struct text *text, const struct recurrence *rule)
{
	char date[TIME_TEXT_SIZE], compact[24];

	if (rule->until_kind == RECUR_UNTIL_NONE)
		return;
	time_format_local(rule->until, date);
	snprintf(compact, sizeof(compact), "%.4s%.2s%.2sT%.2s%.2s%.2s%s", date, date + 5, date + 8, date + 11, date + 14,
		 date + 17, rule->until_kind == RECUR_UNTIL_UTC ? "Z" : "");
	if (rule->until_kind == RECUR_UNTIL_DATE)
		compact[8] = '\0';
	add(text, ";UNTIL=");
	add(text, compact);
}

static void add_weekdays(struct text *text, const struct recurrence *rule)
{
	bool begun = false;

	for (int day = 0; day < 7; day++) {
		if (!(rule->weekdays & (1u << day)))
			continue;
		add(text, begun ? "," : ";BYDAY=");
		add(text, recurrence_weekday_names[day]);
		begun = true;
	}
	for (size_t i = 0; i < rule->nth_count; i++) {
		add_value(text, ";BYDAY=", &begun, rule->nth[i].nth);
		add(text, recurrence_weekday_names[rule->nth[i].weekday]);
	}
}

/* Does it matter with which day a week begins? */
static bool week_start_counts(const struct recurrence *rule)
{
	return rule->weeks || rule->weeks_back ||
	       (rule->freq == RECUR_WEEKLY && (rule->interval > 1 || rule->position_count > 0));
}

size_t recurrence_write(const struct recurrence *rule, char out[RECURRENCE_TEXT_MAX + 1])
{
	struct text text = { out, 0, false };
	bool begun = false;

	add(&text, "FREQ=");
	add(&text, recurrence_freq_names[rule->freq]);
	if (rule->interval > 1) {
		add(&text, ";INTERVAL=");
		add_number(&text, rule->interval);
	}
	if (rule->count > 0) {
		add(&text, ";COUNT=");
		add_number(&text, rule->count);
	}
	add_until(&text, rule);
	add_small_set(&text, ";BYMONTH=", rule->months, 0, 12);
	add_small_set(&text, ";BYWEEKNO=", rule->weeks, rule->weeks_back, 53);
	add_set(&text, ";BYYEARDAY=", rule->year_days, rule->year_days_back, 366);
	add_small_set(&text, ";BYMONTHDAY=", rule->month_days, rule->month_days_back, 31);
	add_weekdays(&text, rule);
	add_small_set(&text, ";BYHOUR=", rule->hours, 0, 23);
	add_small_set(&text, ";BYMINUTE=", rule->minutes, 0, 59);
	for (size_t i = 0; i < rule->position_count; i++)
		add_value(&text, ";BYSETPOS=", &begun, rule->positions[i]);
	if (rule->week_start != 0 && week_start_counts(rule)) {
		add(&text, ";WKST=");
		add(&text, recurrence_weekday_names[rule->week_start]);
	}
	return text.is_cut ? 0 : text.len;
}
