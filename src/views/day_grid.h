/*
 * Days as a calendar shows them: civil days of a time zone, their weeks and
 * months.  A day is counted from 1970-01-01; it lasts 23 or 25 hours where the
 * clocks change.
 */
#ifndef VIEWS_DAY_GRID_H
#define VIEWS_DAY_GRID_H

#include "base/str.h"
#include "base/zone.h"

#define GRID_DAYS_MAX 42 /* six weeks */

struct day_span {
	int64_t day;
	int64_t from_utc, to_utc;
};

/* The day's first second in a zone (NULL = UTC), and that many hours of wall clock later. */
int64_t day_hour_utc(const struct zone *zone, int64_t day, int hour);
struct day_span day_span(const struct zone *zone, int64_t day);
/* The day on which an instant falls. */
int64_t day_of(const struct zone *zone, int64_t utc);

/* Monday is 0. */
int day_weekday(int64_t day);
const char *weekday_name(int weekday);
const char *month_name(int month); /* 1 is January */
/* ISO 8601. */
int day_week_number(int64_t day);
int64_t month_begin(int64_t day);
/* So many months on, the first of it. */
int64_t month_step(int64_t day, int months);

/* "2026-12-01". */
void day_text(int64_t day, char out[16]);
/* "1 December 2026". */
void day_add(struct str *out, int64_t day);

#endif
