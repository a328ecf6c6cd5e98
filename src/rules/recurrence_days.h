/*
 * The days of one year or month that a rule's parts choose.  Private to
 * rules/recurrence*.c.
 *
 * A month's days are the bits 1..31 of one word, so a list of days costs one
 * AND, however long the list.
 */
#ifndef RULES_RECURRENCE_DAYS_H
#define RULES_RECURRENCE_DAYS_H

#include "rules/recurrence.h"

/* What is the same for every period of a rule, worked out once. */
struct day_rules {
	const struct recurrence *rule;
	uint32_t weekdays[7];    /* days of a month that begins on that weekday */
	uint32_t month_days[4];  /* of a month of 28 + i days */
	int start_month;         /* of the start: 1..12, 1..31 */
	int start_day;
	bool by_day, by_month_day, by_year_day, by_week; /* the part is given */
};

void day_rules_init(struct day_rules *days, const struct recurrence *rule, int64_t start_day);

/* Days since 1970 of what the rule chooses in that month (0-based, months since
 * year 0) or year, ascending; how many.  Room for 31 and 366. */
int month_choose(const struct day_rules *days, int64_t month, int32_t *out);
int year_choose(const struct day_rules *days, int year, int32_t *out);

/* Does the rule's BYMONTH, BYYEARDAY, BYMONTHDAY and BYDAY take that day?
 * (what they are to FREQ=DAILY and below)  If not, `next_out` is the next day
 * that is worth asking about. */
bool day_allowed(const struct day_rules *days, int64_t day, int64_t *next_out);

/* 0 = Monday */
int weekday_of_day(int64_t day);

#endif
