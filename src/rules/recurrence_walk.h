/*
 * Walks the wall-clock instances of a rule in their order.  Private to
 * rules/recurrence*.c.
 *
 * A rule is a sequence of periods (years … minutes), INTERVAL apart; each has a
 * set of days times a set of times of day, from which BYSETPOS may choose.
 */
#ifndef RULES_RECURRENCE_WALK_H
#define RULES_RECURRENCE_WALK_H

#include "rules/recurrence_days.h"

struct recurrence_walk {
	const struct recurrence *rule;
	struct day_rules day_rules;
	int64_t local_start;
	int64_t first, period, last; /* in units of FREQ; `last` = where the year 2100 ends */
	int64_t step;
	int32_t days[366];           /* of this period */
	int hours[24], minutes[60];  /* times of day of each of those days */
	int day_count, hour_count, minute_count;
	int second;
	int picks[RECURRENCE_LIST_MAX]; /* places that BYSETPOS chooses, ascending */
	int at, end;                 /* places of the period's set (or of picks) still to come */
	int32_t given;               /* counts against COUNT */
	int64_t units;               /* of work done */
	bool exhausted;              /* it ended because the budget did */
};

/* `from_local`: instances before may be passed over (unless COUNT has to see
 * them). */
void recurrence_walk_begin(struct recurrence_walk *walk, const struct recurrence *rule, int64_t local_start,
			   int64_t from_local);

/* The next wall time; false at the end: COUNT, a local UNTIL, the year 2100 or
 * the budget. */
bool recurrence_walk_next(struct recurrence_walk *walk, int64_t *local_out);

/* Where the present period begins: everything before has been looked at. */
int64_t recurrence_walk_local(const struct recurrence_walk *walk);

#endif
