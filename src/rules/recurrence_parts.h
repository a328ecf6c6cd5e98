/*
 * What the files of the recurrence rules share, and nobody else.
 */
#ifndef RULES_RECURRENCE_PARTS_H
#define RULES_RECURRENCE_PARTS_H

#include "rules/recurrence.h"

#define YEAR_DAY_WORDS 6

extern const char *const recurrence_freq_names[RECUR_FREQ_COUNT];
extern const char recurrence_weekday_names[7][3]; /* "MO" … */

/* Fills `why`; false, to be returned. */
bool recurrence_refuse(struct recurrence_refusal *why, enum code code, const char *suggestion, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* May these parts stand together, and do they mean one thing?  For a rule
 * whose parts are each valid.  `minutely` as in recurrence_parse(). */
bool recurrence_check(const struct recurrence *rule, bool minutely, struct recurrence_refusal *why);

/* Is any of the bits set? */
bool recurrence_any_year_day(const struct recurrence *rule);

#endif
