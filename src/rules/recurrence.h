/*
 * Recurrence rules (RFC 5545, 3.3.10): read, judged, written in one normal
 * form, expanded.
 *
 * Wall clock first, UTC last: instances are found as wall-clock times and only
 * then converted with the zone, so "every day at nine" stays at nine over
 * daylight saving.  What RFC 5545 forbids, what libraries disagree about and
 * what Tranche does not take is refused with a code and a reason.
 * Pure: no clock, no allocation; the same input gives the same output.
 */
#ifndef RULES_RECURRENCE_H
#define RULES_RECURRENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/codes.h"
#include "base/zone.h"

#define RECURRENCE_TEXT_MAX 512       /* bytes of a rule */
#define RECURRENCE_LIST_MAX 64        /* values of one part */
#define RECURRENCE_INTERVAL_MAX 1000
#define RECURRENCE_COUNT_MAX 1000
#define RECURRENCE_MINUTES_MIN 15     /* least INTERVAL of FREQ=MINUTELY */
#define RECURRENCE_BUDGET 100000      /* units of work of one expansion; one is about 10 ns */

enum recurrence_freq {
	RECUR_YEARLY,
	RECUR_MONTHLY,
	RECUR_WEEKLY,
	RECUR_DAILY,
	RECUR_HOURLY,
	RECUR_MINUTELY,
	RECUR_FREQ_COUNT
};

enum recurrence_until {
	RECUR_UNTIL_NONE,
	RECUR_UNTIL_DATE,  /* the end of that day of the wall clock */
	RECUR_UNTIL_LOCAL, /* wall clock, inclusive */
	RECUR_UNTIL_UTC,   /* compared after conversion, inclusive */
};

/* "-1FR": the last Friday of the month or year. Never 0. */
struct recurrence_nth {
	int8_t nth;
	uint8_t weekday; /* 0 = Monday */
};

/* A rule, read.  Plain data without pointers: it may be copied.  Lists are sets
 * of bits (value v = bit v; `_back` counts from the end, so -1 is bit 1); 0 =
 * the part is not given. */
struct recurrence {
	enum recurrence_freq freq;
	int32_t interval;           /* 1..RECURRENCE_INTERVAL_MAX */
	int32_t count;              /* 0 = no COUNT */
	enum recurrence_until until_kind;
	int64_t until;              /* seconds; of a date: its last second */
	uint8_t week_start;         /* 0 = Monday */
	uint8_t weekdays;           /* BYDAY without a number */
	uint8_t nth_count, position_count;
	uint16_t months;
	uint32_t month_days, month_days_back;
	uint32_t hours;
	uint64_t minutes;
	uint64_t weeks, weeks_back;
	uint64_t year_days[6], year_days_back[6];
	struct recurrence_nth nth[RECURRENCE_LIST_MAX];  /* sorted, unique */
	int16_t positions[RECURRENCE_LIST_MAX];          /* BYSETPOS, sorted, unique */
};

/* Why a rule is refused. */
struct recurrence_refusal {
	enum code code;       /* CODE_RECURRENCE_INVALID, _AMBIGUOUS, _NOT_SUPPORTED */
	char message[200];    /* names the part and the value */
	char suggestion[160]; /* "" = the code's own */
};

/* Reads the text of a rule ("FREQ=WEEKLY;BYDAY=MO"; "RRULE:" before it and
 * lower case are taken).  `minutely`: FREQ=MINUTELY is allowed here.  False
 * with `why` filled when it is refused. */
bool recurrence_parse(const char *text, size_t len, bool minutely, struct recurrence *rule_out,
		      struct recurrence_refusal *why);

/* Writes the rule in its normal form: parts in one order, lists sorted without
 * duplicates, defaults left out.  Equal rules have equal texts; parsing it
 * gives the same rule.  Never longer than what was parsed.  Returns its length;
 * 0 when a rule that was given an end has become longer than can be kept. */
size_t recurrence_write(const struct recurrence *rule, char out[RECURRENCE_TEXT_MAX + 1]);

/* What is expanded.  Everything is borrowed. */
struct recurrence_series {
	const struct recurrence *rule; /* NULL: the start and the added ones alone */
	int64_t local_start;           /* wall clock: the first instance (DTSTART) */
	const struct zone *zone;       /* NULL = UTC */
	const int64_t *exdates;        /* wall clock, sorted: taken away (after COUNT) */
	size_t exdate_count;
	const int64_t *rdates;         /* wall clock, sorted: added */
	size_t rdate_count;
};

struct recurrence_instance {
	int64_t local_start; /* wall clock: names the instance, also when the zone's data change */
	int64_t start_utc;
	enum zone_flag flag; /* a gap: the wall time does not exist that day; start_utc is as far after the gap */
};

enum recurrence_outcome {
	RECUR_ALL,           /* nothing comes after what was given out */
	RECUR_TRUNCATED,     /* the limit or the horizon cut it: more comes */
	RECUR_TOO_EXPENSIVE, /* the budget ended before limit and horizon: the rule is to be refused */
};

/* The instances with from_utc <= start_utc < until_utc, the first `limit` of
 * them (the room of `out`), sorted by start_utc, no two at the same moment.  A rule's start is given out only
 * if it is an instance of the rule.  Nothing lies outside the years 1970 to
 * 2100.  Bounded by RECURRENCE_BUDGET however far from_utc is from the start. */
enum recurrence_outcome recurrence_expand(const struct recurrence_series *series, int64_t from_utc,
					  int64_t until_utc, struct recurrence_instance *out, size_t limit,
					  size_t *count_out);

/* Is there an instance of that wall time? False also when it is too expensive
 * to tell. */
bool recurrence_has(const struct recurrence_series *series, int64_t local);

/* How many instances the rule itself has before that wall time, EXDATE and
 * RDATE aside: what COUNT has used up.  At most `limit`. */
int32_t recurrence_count_before(const struct recurrence *rule, int64_t local_start, int64_t before_local,
				int32_t limit);

#endif
