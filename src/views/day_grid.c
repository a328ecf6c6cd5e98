#include "views/day_grid.h"

#include <stdio.h>

#include "base/clock.h"

#define DAY_S 86400

int64_t day_hour_utc(const struct zone *zone, int64_t day, int hour)
{
	int64_t utc = day * DAY_S + hour * 3600;
	if (zone)
		zone_to_utc(zone, utc, &utc);
	return utc;
}

struct day_span day_span(const struct zone *zone, int64_t day)
{
	return (struct day_span){ day, day_hour_utc(zone, day, 0), day_hour_utc(zone, day + 1, 0) };
}

int64_t day_of(const struct zone *zone, int64_t utc)
{
	int64_t local = utc + (zone ? zone_offset_at(zone, utc) : 0);
	int64_t day = (local - (local < 0 ? DAY_S - 1 : 0)) / DAY_S;
	/* Where the clocks skip or repeat midnight, the offset alone misleads by a day. */
	while (utc < day_hour_utc(zone, day, 0))
		day--;
	while (utc >= day_hour_utc(zone, day + 1, 0))
		day++;
	return day;
}

int day_weekday(int64_t day)
{
	return (int)(((day + 3) % 7 + 7) % 7); /* 1970 began on a Thursday */
}

const char *weekday_name(int weekday)
{
	static const char *const names[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };
	return names[weekday % 7];
}

const char *month_name(int month)
{
	static const char *const names[] = { "January", "February", "March",	 "April",   "May",	"June",
					     "July",	"August",   "September", "October", "November", "December" };
	return names[(month - 1) % 12];
}

/* A week belongs to the year of its Thursday. */
int day_week_number(int64_t day)
{
	int year, month, of_month;
	int64_t thursday = day - day_weekday(day) + 3;
	civil_from_days(thursday, &year, &month, &of_month);
	return (int)((thursday - days_from_civil(year, 1, 1)) / 7) + 1;
}

int64_t month_begin(int64_t day)
{
	return month_step(day, 0);
}

int64_t month_step(int64_t day, int months)
{
	int year, month, of_month;
	civil_from_days(day, &year, &month, &of_month);
	int count = year * 12 + month - 1 + months;
	return days_from_civil(count / 12, count % 12 + 1, 1);
}

void day_text(int64_t day, char out[16])
{
	int year, month, of_month;
	civil_from_days(day, &year, &month, &of_month);
	snprintf(out, 16, "%04d-%02d-%02d", year % 10000, month % 100, of_month % 100);
}

void day_add(struct str *out, int64_t day)
{
	int year, month, of_month;
	civil_from_days(day, &year, &month, &of_month);
	str_addf(out, "%d %s %d", of_month, month_name(month), year);
}
