/*
 * What a recurrence rule costs: nanoseconds an occurrence for rules of every
 * kind, and microseconds for rules that have none.  Prints one JSON object:
 * the dearest of each, with its name.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/zone.h"
#include "rules/recurrence.h"

#define OCCURRENCES 1000
#define ROUNDS 7

static double now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* it waits for nothing */
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Rules that go on; some give only few occurrences until 2100. */
static const char *const going[] = {
	"FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=SU", "FREQ=MONTHLY",
	"FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=YEARLY",
	"FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
	"FREQ=HOURLY;INTERVAL=3", "FREQ=DAILY;BYHOUR=9,12,15;BYMINUTE=0,30", "FREQ=MINUTELY;INTERVAL=15;BYHOUR=9,10,11",
	"FREQ=YEARLY;BYYEARDAY=1,100,200,-1", "FREQ=DAILY;BYMONTH=1;BYDAY=MO",
};

static const char *const impossible[] = {
	"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=31", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
	"FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MINUTELY;INTERVAL=15;BYMONTH=2;BYMONTHDAY=30", "FREQ=HOURLY;INTERVAL=2;BYHOUR=8",
	"FREQ=MINUTELY;INTERVAL=61;BYHOUR=3;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6;BYDAY=MO",
	"FREQ=YEARLY;BYDAY=53MO,53TU,53WE,-53TH,-53FR;BYMONTH=1", "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=31;BYMONTH=2;BYSETPOS=1,2,3",
	"FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1", "FREQ=DAILY;BYDAY=MO;BYMONTH=2;BYMONTHDAY=30;BYHOUR=0,1,2,3",
};

/* Of the fastest round: the others measure the machine. `count_out` = 0 when there is none. */
static double one_expansion_ns(const char *text, size_t *count_out)
{
	static struct recurrence_instance list[OCCURRENCES];
	struct recurrence_refusal why;
	struct recurrence rule;
	struct recurrence_series series = { .rule = &rule, .zone = zone_find("Europe/Stockholm") };
	double best = 1e18;

	if (!recurrence_parse(text, strlen(text), true, &rule, &why) || !series.zone ||
	    !time_parse_local("2024-02-29T09:00", 16, &series.local_start)) {
		fprintf(stderr, "%s: %s\n", text, why.message);
		return -1;
	}
	for (int round = 0; round < ROUNDS; round++) {
		int repeats = 0;
		double from = now_ns(), took;

		do {
			(void)recurrence_expand(&series, INT64_MIN, INT64_MAX, list, OCCURRENCES, count_out);
			repeats++;
			took = now_ns() - from;
		} while (took < 2e6);
		best = took / repeats < best ? took / repeats : best;
	}
	return best;
}

static bool dearest(const char *const *rules, size_t rule_count, bool each, const char *name)
{
	double most = 0;
	const char *which = "";

	for (size_t i = 0; i < rule_count; i++) {
		size_t count;
		double ns = one_expansion_ns(rules[i], &count);

		if (ns < 0 || (count == 0) == each)
			return false;
		if (each)
			ns /= (double)count;
		fprintf(stderr, "%10.1f ns %s\n", ns, rules[i]);
		if (ns > most) {
			most = ns;
			which = rules[i];
		}
	}
	printf("\"%s\": %.1f, \"%s_rule\": \"%s\"", name, most, name, which);
	return true;
}

int main(void)
{
	printf("{");
	if (!dearest(going, sizeof(going) / sizeof(going[0]), true, "occurrence_ns"))
		return 1;
	printf(", ");
	if (!dearest(impossible, sizeof(impossible) / sizeof(impossible[0]), false, "impossible_ns"))
		return 1;
	printf("}\n");
	zone_shutdown();
	return 0;
}
