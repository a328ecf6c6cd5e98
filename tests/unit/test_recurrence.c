/* Rules: what is refused, the normal form, and what a rule means. */
#include "base/clock.h"
#include "rules/event.h"
#include "rules/recurrence.h"
#include "support.h"

#define B10 "1,2,3,4,5,6,7,8,9,10,"

/* A rule, and its normal form or why it is refused. */
static const struct text_row {
	const char *name, *want;
} text_rows[] = {
	/* the normal form */
	{ "FREQ=DAILY", "FREQ=DAILY" },
	{ "RRULE:freq=weekly;interval=01;byday=fr,mo,fr;wkst=su", "FREQ=WEEKLY;BYDAY=MO,FR" },
	{ "BYDAY=MO,TU;WKST=SU;INTERVAL=2;FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;WKST=SU" },
	{ "FREQ=MONTHLY;BYDAY=+1MO,-1FR,2MO,1MO;BYSETPOS=+1,-1,1", "FREQ=MONTHLY;BYDAY=1MO,2MO,-1FR;BYSETPOS=-1,1" },
	{ "FREQ=MONTHLY;BYMONTHDAY=-1,15,1,-1,-31", "FREQ=MONTHLY;BYMONTHDAY=-31,-1,1,15" },
	{ "FREQ=YEARLY;BYYEARDAY=366,-366,1,64,-64", "FREQ=YEARLY;BYYEARDAY=-366,-64,1,64,366" },
	{ "FREQ=YEARLY;BYWEEKNO=53,-53,1;BYDAY=SU;WKST=SU", "FREQ=YEARLY;BYWEEKNO=-53,1,53;BYDAY=SU;WKST=SU" },
	{ "FREQ=DAILY;BYHOUR=23,0;BYMINUTE=59,00", "FREQ=DAILY;BYHOUR=0,23;BYMINUTE=0,59" },
	{ "FREQ=DAILY;UNTIL=20261224", "FREQ=DAILY;UNTIL=20261224" },
	{ "FREQ=DAILY;UNTIL=20261224t180000", "FREQ=DAILY;UNTIL=20261224T180000" },
	{ "FREQ=DAILY;UNTIL=20261224T180060z", "FREQ=DAILY;UNTIL=20261224T180059Z" },
	{ "FREQ=DAILY;UNTIL=99991231T235959Z", "FREQ=DAILY;UNTIL=99991231T235959Z" },
	{ "FREQ=DAILY;COUNT=1000;INTERVAL=1000", "FREQ=DAILY;INTERVAL=1000;COUNT=1000" },
	{ "FREQ=HOURLY;BYYEARDAY=1;BYMONTHDAY=1;BYDAY=MO", "FREQ=HOURLY;BYYEARDAY=1;BYMONTHDAY=1;BYDAY=MO" },
	{ "FREQ=MINUTELY;INTERVAL=15", "FREQ=MINUTELY;INTERVAL=15" },
	/* what can't be read */
	{ "", "recurrence_invalid: a part of the rule is empty" },
	{ ";", "recurrence_invalid: a part of the rule is empty" },
	{ "FREQ=DAILY;", "recurrence_invalid: a part of the rule is empty" },
	{ "FREQ=DAILY;;COUNT=2", "recurrence_invalid: a part of the rule is empty" },
	{ "DAILY", "recurrence_invalid: “DAILY” has no =" },
	{ "COUNT=2", "recurrence_invalid: FREQ is missing" },
	{ "FREQ=", "recurrence_invalid: FREQ can't be “”" },
	{ "FREQ=FORTNIGHTLY", "recurrence_invalid: FREQ can't be “FORTNIGHTLY”" },
	{ "FREQ=DAILY;FREQ=DAILY", "recurrence_invalid: FREQ stands twice" },
	{ "FREQ=DAILY;BYDAY=MO;byday=TU", "recurrence_invalid: BYDAY stands twice" },
	{ "FREQ=DAILY; COUNT=2",
	  "recurrence_invalid: the rule has blanks, line breaks or characters that no rule has" },
	{ "FREQ=DAILY;X-FOO=1", "recurrence_invalid: “X-FOO” is not a part of a recurrence rule" },
	{ "FREQ=DAILY;BYEASTER=0", "recurrence_invalid: “BYEASTER” is not a part of a recurrence rule" },
	{ "FREQ=DAILY;COUNT=0", "recurrence_invalid: COUNT can't be “0”" },
	{ "FREQ=DAILY;COUNT=-1", "recurrence_invalid: COUNT can't be “-1”" },
	{ "FREQ=DAILY;COUNT=two", "recurrence_invalid: COUNT can't be “two”" },
	{ "FREQ=DAILY;COUNT=", "recurrence_invalid: COUNT can't be “”" },
	{ "FREQ=DAILY;INTERVAL=0", "recurrence_invalid: INTERVAL can't be “0”" },
	{ "FREQ=DAILY;INTERVAL=1.5", "recurrence_invalid: INTERVAL can't be “1.5”" },
	{ "FREQ=DAILY;BYMONTH=13", "recurrence_invalid: BYMONTH can't be “13”" },
	{ "FREQ=DAILY;BYMONTH=-1", "recurrence_invalid: BYMONTH can't be “-1”" },
	{ "FREQ=DAILY;BYMONTH=+1", "recurrence_invalid: BYMONTH can't be “+1”" },
	{ "FREQ=DAILY;BYMONTH=1,", "recurrence_invalid: BYMONTH can't be “1,”" },
	{ "FREQ=DAILY;BYMONTH=,1", "recurrence_invalid: BYMONTH can't be “”" },
	{ "FREQ=DAILY;BYMONTHDAY=0", "recurrence_invalid: BYMONTHDAY can't be “0”" },
	{ "FREQ=DAILY;BYMONTHDAY=32", "recurrence_invalid: BYMONTHDAY can't be “32”" },
	{ "FREQ=YEARLY;BYYEARDAY=-367", "recurrence_invalid: BYYEARDAY can't be “-367”" },
	{ "FREQ=YEARLY;BYWEEKNO=54;BYDAY=MO", "recurrence_invalid: BYWEEKNO can't be “54”" },
	{ "FREQ=DAILY;BYHOUR=24", "recurrence_invalid: BYHOUR can't be “24”" },
	{ "FREQ=DAILY;BYMINUTE=60", "recurrence_invalid: BYMINUTE can't be “60”" },
	{ "FREQ=DAILY;BYSETPOS=0;BYHOUR=1", "recurrence_invalid: BYSETPOS can't be “0”" },
	{ "FREQ=DAILY;BYSETPOS=99999999999;BYHOUR=1", "recurrence_invalid: BYSETPOS can't be “99999999999”" },
	{ "FREQ=DAILY;BYDAY=M", "recurrence_invalid: BYDAY can't be “M”" },
	{ "FREQ=DAILY;BYDAY=MON", "recurrence_invalid: BYDAY can't be “MON”" },
	{ "FREQ=MONTHLY;BYDAY=0MO", "recurrence_invalid: BYDAY can't be “0MO”" },
	{ "FREQ=YEARLY;BYDAY=54MO", "recurrence_invalid: BYDAY can't be “54MO”" },
	{ "FREQ=YEARLY;BYDAY=MO,", "recurrence_invalid: BYDAY can't be “MO,”" },
	{ "FREQ=WEEKLY;WKST=XX", "recurrence_invalid: WKST can't be “XX”" },
	{ "FREQ=DAILY;UNTIL=tomorrow", "recurrence_invalid: UNTIL can't be “tomorrow”" },
	{ "FREQ=DAILY;UNTIL=20260230", "recurrence_invalid: UNTIL can't be “20260230”" },
	{ "FREQ=DAILY;UNTIL=20261224T240000", "recurrence_invalid: UNTIL can't be “20261224T240000”" },
	{ "FREQ=DAILY;UNTIL=20261224T180000+0100", "recurrence_invalid: UNTIL can't be “20261224T180000+0100”" },
	{ "FREQ=DAILY;UNTIL=2026-12-24", "recurrence_invalid: UNTIL can't be “2026-12-24”" },
	{ "FREQ=DAILY;UNTIL=00000101", "recurrence_invalid: UNTIL can't be “00000101”" },
	/* what can't stand together */
	{ "FREQ=DAILY;COUNT=2;UNTIL=20261224", "recurrence_invalid: COUNT and UNTIL can't stand together" },
	{ "FREQ=DAILY;BYSETPOS=1", "recurrence_invalid: BYSETPOS needs another BY part" },
	{ "FREQ=MONTHLY;BYWEEKNO=1;BYDAY=MO", "recurrence_invalid: BYWEEKNO can't stand with FREQ=MONTHLY" },
	{ "FREQ=DAILY;BYYEARDAY=1", "recurrence_invalid: BYYEARDAY can't stand with FREQ=DAILY" },
	{ "FREQ=WEEKLY;BYMONTHDAY=1", "recurrence_invalid: BYMONTHDAY can't stand with FREQ=WEEKLY" },
	{ "FREQ=WEEKLY;BYDAY=1MO", "recurrence_invalid: BYDAY can't have numbers with FREQ=WEEKLY" },
	{ "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "recurrence_invalid: BYDAY can't have numbers beside BYWEEKNO" },
	/* what means two things */
	{ "FREQ=YEARLY;BYWEEKNO=20",
	  "recurrence_ambiguous: BYWEEKNO without BYDAY: some programs take every day of the week, others the start's" },
	{ "FREQ=YEARLY;BYMONTHDAY=13;BYDAY=FR", "recurrence_ambiguous: BYMONTHDAY with FREQ=YEARLY but without BYMONTH: some "
						"programs take every month, others the start's" },
	/* what is not taken */
	{ "FREQ=SECONDLY", "recurrence_not_supported: FREQ=SECONDLY is not taken" },
	{ "FREQ=DAILY;BYSECOND=0", "recurrence_not_supported: BYSECOND=0 is not taken" },
	{ "FREQ=DAILY;RSCALE=CHINESE", "recurrence_not_supported: RSCALE=CHINESE is not taken" },
	{ "FREQ=DAILY;SKIP=OMIT", "recurrence_not_supported: SKIP=OMIT is not taken" },
	{ "FREQ=MINUTELY;INTERVAL=14", "recurrence_not_supported: FREQ=MINUTELY needs an INTERVAL of at least 15" },
	{ "FREQ=DAILY;COUNT=1001", "recurrence_not_supported: COUNT=1001 is more than 1000" },
	{ "FREQ=DAILY;COUNT=99999999999999999999", "recurrence_not_supported: COUNT=99999999999999999999 is more than 1000" },
	{ "FREQ=DAILY;INTERVAL=1001", "recurrence_not_supported: INTERVAL=1001 is more than 1000" },
	{ "FREQ=DAILY;BYMONTHDAY=" B10 B10 B10 B10 B10 B10 "1,2,3,4,5",
	  "recurrence_not_supported: BYMONTHDAY has more than 64 values" },
};

static void text_case(void **state)
{
	const struct text_row *row = *state;
	struct recurrence_refusal why;
	struct recurrence rule;
	char got[RECURRENCE_TEXT_MAX + 1];

	if (recurrence_parse(row->name, strlen(row->name), true, &rule, &why)) {
		recurrence_write(&rule, got);
	} else {
		snprintf(got, sizeof(got), "%s: %s", code_info(why.code)->name, why.message);
		assert_true(why.suggestion[0]);
	}
	assert_string_equal(got, row->want);
}

static void a_rule_of_513_bytes_is_too_long(void **state)
{
	char text[RECURRENCE_TEXT_MAX + 2];
	struct recurrence_refusal why;
	struct recurrence rule;
	size_t len = (size_t)snprintf(text, sizeof(text), "FREQ=DAILY;BYMONTH=");

	while (len < RECURRENCE_TEXT_MAX + 1)
		text[len++] = '0';
	text[len - 1] = '1';
	assert_false(recurrence_parse(text, len, true, &rule, &why));
	assert_string_equal(why.message, "the rule is longer than 512 bytes");
	assert_false(recurrence_parse(text, len - 1, true, &rule, &why));
	assert_string_equal(why.message, "BYMONTH can't be “00000000000000000000000000000000”");
	assert_false(recurrence_parse("FREQ=MINUTELY;INTERVAL=30", 25, false, &rule, &why));
	assert_string_equal(why.message, "FREQ=MINUTELY is not taken on this site");
}

/* --- what rules mean --------------------------------------------------------------- */

/* What is expanded from 1970 on: the wall times, "…" when more comes; "!" in
 * front of those in a gap, "?" of those in a fold. */
static const struct meaning_row {
	const char *name; /* the rule */
	const char *start, *zone, *want;
	const char *exdates, *rdates; /* JSON lists or NULL */
} meaning_rows[] = {
	/* RFC 5545, 3.8.5.3, and what its examples are about */
	{ "FREQ=DAILY;UNTIL=19971224T000000Z;INTERVAL=30", "1997-09-02T09:00", "America/New_York",
	  "1997-09-02T09:00 1997-10-02T09:00 1997-11-01T09:00 1997-12-01T09:00", NULL, NULL },
	{ "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05T09:00", "America/New_York",
	  "1997-08-05T09:00 1997-08-10T09:00 1997-08-19T09:00 1997-08-24T09:00", NULL, NULL },
	{ "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05T09:00", "America/New_York",
	  "1997-08-05T09:00 1997-08-17T09:00 1997-08-19T09:00 1997-08-31T09:00", NULL, NULL },
	{ "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22T09:00", NULL,
	  "1997-09-22T09:00 1997-10-20T09:00 1997-11-17T09:00 1997-12-22T09:00 1998-01-19T09:00 1998-02-16T09:00", NULL, NULL },
	{ "FREQ=YEARLY;BYDAY=20MO", "1997-05-19T09:00", NULL, "1997-05-19T09:00 1998-05-18T09:00 1999-05-17T09:00 …", NULL, NULL },
	{ "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12T09:00", NULL,
	  "1997-05-12T09:00 1998-05-11T09:00 1999-05-17T09:00 …", NULL, NULL },
	{ "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05T09:00", NULL,
	  "1996-11-05T09:00 2000-11-07T09:00 2004-11-02T09:00 …", NULL, NULL },
	{ "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29T09:00", NULL,
	  "1997-09-29T09:00 1997-10-30T09:00 1997-11-27T09:00 …", NULL, NULL },
	{ "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000", "1997-09-02T09:00", NULL,
	  "1997-09-02T09:00 1997-09-02T12:00 1997-09-02T15:00", NULL, NULL },
	{ "FREQ=MINUTELY;INTERVAL=90;COUNT=3", "1997-09-02T23:00", NULL, "1997-09-02T23:00 1997-09-03T00:30 1997-09-03T02:00",
	  NULL, NULL },
	{ "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15T09:00", NULL,
	  "2007-01-15T09:00 2007-01-30T09:00 2007-02-15T09:00 2007-03-15T09:00 2007-03-30T09:00", NULL, NULL },
	/* days that not every year or month has */
	{ "FREQ=YEARLY", "2096-02-29T09:00", NULL, "2096-02-29T09:00", NULL, NULL }, /* 2100 has none */
	{ "FREQ=YEARLY;INTERVAL=3", "2024-02-29T09:00", NULL, "2024-02-29T09:00 2036-02-29T09:00 2048-02-29T09:00 …", NULL, NULL },
	{ "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "2023-02-28T09:00", NULL,
	  "2023-02-28T09:00 2024-02-29T09:00 2025-02-28T09:00 …", NULL, NULL },
	{ "FREQ=MONTHLY;BYMONTHDAY=31", "2026-10-31T09:00", NULL, "2026-10-31T09:00 2026-12-31T09:00 2027-01-31T09:00 …", NULL, NULL },
	{ "FREQ=YEARLY;BYYEARDAY=-366", "2024-01-01T09:00", NULL, "2024-01-01T09:00 2028-01-01T09:00 2032-01-01T09:00 …", NULL, NULL },
	{ "FREQ=MONTHLY;BYDAY=5FR", "2026-10-30T09:00", NULL, "2026-10-30T09:00 2027-01-29T09:00 2027-04-30T09:00 …", NULL, NULL },
	{ "FREQ=MONTHLY;BYDAY=-5FR;COUNT=2", "2026-10-02T09:00", NULL, "2026-10-02T09:00 2027-01-01T09:00", NULL, NULL },
	/* weeks over the turn of the year */
	{ "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,SU", "2024-12-30T09:00", NULL,
	  "2024-12-30T09:00 2025-01-05T09:00 2025-12-29T09:00 …", NULL, NULL },
	{ "FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU", "2027-01-03T09:00", NULL, "2027-01-03T09:00 2033-01-02T09:00 2038-01-03T09:00 …", NULL,
	  NULL },
	{ "FREQ=YEARLY;BYWEEKNO=-53;BYDAY=MO", "2026-01-01T09:00", NULL, "2031-12-29T09:00 2036-12-29T09:00 2042-12-29T09:00 …", NULL,
	  NULL },
	/* BYSETPOS with each FREQ */
	{ "FREQ=YEARLY;BYDAY=SA,SU;BYSETPOS=-1", "2026-12-27T09:00", NULL, "2026-12-27T09:00 2027-12-26T09:00 2028-12-31T09:00 …",
	  NULL, NULL },
	{ "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2;WKST=WE", "2026-12-04T09:00", NULL,
	  "2026-12-04T09:00 2026-12-11T09:00 2026-12-18T09:00 …", NULL, NULL },
	{ "FREQ=DAILY;BYHOUR=9,12;BYMINUTE=0,30;BYSETPOS=1,-1", "2026-12-01T12:30", NULL,
	  "2026-12-01T12:30 2026-12-02T09:00 2026-12-02T12:30 …", NULL, NULL },
	{ "FREQ=HOURLY;BYMINUTE=0,20,40;BYSETPOS=-1", "2026-12-01T09:40", NULL,
	  "2026-12-01T09:40 2026-12-01T10:40 2026-12-01T11:40 …", NULL, NULL },
	{ "FREQ=MINUTELY;INTERVAL=15;BYHOUR=9;BYSETPOS=1", "2026-12-01T09:45", NULL,
	  "2026-12-01T09:45 2026-12-02T09:00 2026-12-02T09:15 …", NULL, NULL },
	{ "FREQ=MINUTELY;INTERVAL=15;BYHOUR=9;BYSETPOS=2", "2026-12-01T09:45", NULL, "", NULL, NULL },
	/* the clock changes */
	{ "FREQ=DAILY;COUNT=3", "2026-03-28T02:30", "Europe/Stockholm", "2026-03-28T02:30 !2026-03-29T02:30 2026-03-30T02:30", NULL,
	  NULL },
	{ "FREQ=DAILY;COUNT=3", "2026-10-24T02:30", "Europe/Stockholm", "2026-10-24T02:30 ?2026-10-25T02:30 2026-10-26T02:30", NULL,
	  NULL },
	/* an hour that does not exist falls on the next, which comes once */
	{ "FREQ=HOURLY;COUNT=4", "2026-03-29T01:00", "Europe/Stockholm", "2026-03-29T01:00 2026-03-29T03:00 2026-03-29T04:00", NULL,
	  NULL },
	/* and 02:30 is shown at 03:30, after 03:00 */
	{ "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,15,30;COUNT=6", "2026-03-29T02:00", "Europe/Stockholm",
	  "2026-03-29T03:00 2026-03-29T03:15 2026-03-29T03:30", NULL, NULL },
	{ "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=30,45;BYSETPOS=1,2,4", "2026-03-29T02:30", "Europe/Stockholm",
	  "!2026-03-29T02:30 2026-03-29T03:45 2026-03-30T02:30 …", NULL, NULL },
	{ "FREQ=DAILY;COUNT=3", "2011-12-29T10:00", "Pacific/Apia", "2011-12-29T10:00 2011-12-31T10:00", NULL, NULL },
	/* UNTIL, in its three kinds; 09:00 is 08:00 in UTC */
	{ "FREQ=DAILY;UNTIL=20261203", "2026-12-01T09:00", "Europe/Stockholm", "2026-12-01T09:00 2026-12-02T09:00 2026-12-03T09:00",
	  NULL, NULL },
	{ "FREQ=DAILY;UNTIL=20261203T090000", "2026-12-01T09:00", "Europe/Stockholm",
	  "2026-12-01T09:00 2026-12-02T09:00 2026-12-03T09:00", NULL, NULL },
	{ "FREQ=DAILY;UNTIL=20261203T080000Z", "2026-12-01T09:00", "Europe/Stockholm",
	  "2026-12-01T09:00 2026-12-02T09:00 2026-12-03T09:00", NULL, NULL },
	{ "FREQ=DAILY;UNTIL=20261203T075959Z", "2026-12-01T09:00", "Europe/Stockholm", "2026-12-01T09:00 2026-12-02T09:00", NULL, NULL },
	{ "FREQ=DAILY;UNTIL=20261130", "2026-12-01T09:00", NULL, "", NULL, NULL },
	/* exceptions */
	{ "FREQ=DAILY;COUNT=3", "2026-12-01T09:00", NULL, "2026-12-01T09:00 2026-12-03T09:00", "[\"2026-12-02T09:00\"]", NULL },
	{ "FREQ=DAILY;COUNT=2", "2026-12-01T09:00", NULL, "2026-12-01T09:00 2026-12-01T10:00 2026-12-02T09:00", "[]",
	  "[\"2026-12-01T10:00\",\"2026-12-02T09:00\"]" },
	{ "FREQ=DAILY;COUNT=2", "2026-12-01T09:00", NULL, "2026-12-01T09:00 2026-12-02T09:00", "[\"2026-12-24T09:00\"]",
	  "[\"2026-12-24T09:00\"]" },
	{ "FREQ=DAILY;UNTIL=20261202T090000Z", "2026-12-01T09:00", NULL, "2026-12-01T09:00 2026-12-02T09:00 2027-01-01T09:00", NULL,
	  "[\"2027-01-01T09:00\"]" },
	{ "FREQ=DAILY;COUNT=1", "2026-12-01T09:00", NULL, "2026-11-01T09:00 2026-12-01T09:00", NULL, "[\"2026-11-01T09:00\"]" },
	/* to the last day there is */
	{ "FREQ=DAILY", "2100-12-30T23:00", NULL, "2100-12-30T23:00 2100-12-31T23:00", NULL, NULL },
	{ "FREQ=YEARLY;INTERVAL=1000", "1970-01-01T00:00", NULL, "1970-01-01T00:00", NULL, NULL },
};

static size_t dates_of(struct arena *arena, const char *text, int64_t **out)
{
	return event_dates_read(arena, text, out);
}

static void meaning_case(void **state)
{
	const struct meaning_row *row = *state;
	struct arena *arena = arena_new();
	struct recurrence_instance list[6];
	struct recurrence_refusal why;
	struct recurrence rule;
	struct recurrence_series series = { .rule = &rule, .zone = row->zone ? zone_find(row->zone) : NULL };
	int64_t *exdates, *rdates;
	struct str got = STR_INIT;
	size_t count, limit = strstr(row->want, "…") ? 3 : COUNT(list);
	enum recurrence_outcome outcome;

	assert_true(time_parse_local(row->start, strlen(row->start), &series.local_start));
	assert_true(recurrence_parse(row->name, strlen(row->name), true, &rule, &why));
	series.exdate_count = dates_of(arena, row->exdates, &exdates);
	series.rdate_count = dates_of(arena, row->rdates, &rdates);
	series.exdates = exdates;
	series.rdates = rdates;
	outcome = recurrence_expand(&series, INT64_MIN, INT64_MAX, list, limit, &count);
	for (size_t i = 0; i < count; i++) {
		char local[TIME_TEXT_SIZE];

		time_format_local(list[i].local_start, local);
		str_addf(&got, "%s%s%.16s", i ? " " : "", list[i].flag == ZONE_GAP ? "!" : list[i].flag == ZONE_FOLD ? "?" : "",
			 local);
		assert_true(recurrence_has(&series, list[i].local_start));
	}
	if (outcome == RECUR_TRUNCATED)
		str_adds(&got, " …");
	assert_string_equal(str_text(&got), row->want);
	str_free(&got);
	arena_free(arena);
}

/* --- windows and limits ------------------------------------------------------------- */

static struct recurrence rule_of(const char *text)
{
	struct recurrence_refusal why;
	struct recurrence rule;

	assert_true(recurrence_parse(text, strlen(text), true, &rule, &why));
	return rule;
}

static int64_t at(const char *local)
{
	int64_t seconds;

	assert_true(time_parse_local(local, strlen(local), &seconds));
	return seconds;
}

static void a_window_far_from_the_start_costs_no_more(void **state)
{
	struct recurrence rule = rule_of("FREQ=HOURLY");
	struct recurrence_series series = { .rule = &rule, .local_start = at("1970-01-01T00:30") };
	struct recurrence_instance list[3];
	size_t count;

	assert_int_equal(recurrence_expand(&series, at("2099-06-01T12:00"), at("2099-06-01T14:00"), list, 3, &count),
			 RECUR_TRUNCATED);
	assert_int_equal(count, 2);
	assert_true(list[0].start_utc == at("2099-06-01T12:30"));
	assert_int_equal(recurrence_expand(&series, at("2100-12-31T22:00"), INT64_MAX, list, 3, &count), RECUR_ALL);
	assert_int_equal(count, 2);
	assert_int_equal(recurrence_expand(&series, INT64_MAX, INT64_MAX, list, 3, &count), RECUR_ALL);
	assert_int_equal(count, 0);
	assert_int_equal(recurrence_expand(&series, INT64_MIN, INT64_MAX, list, 0, &count), RECUR_TRUNCATED);
	assert_int_equal(count, 0);
}

static void a_limit_inside_a_gap_keeps_the_earliest(void **state)
{
	/* 02:30 does not exist and is shown at 03:30; 03:00 comes before it. */
	struct recurrence rule = rule_of("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30;BYSETPOS=2,3");
	struct recurrence_series series = { .rule = &rule, .local_start = at("2026-03-28T02:30"),
					    .zone = zone_find("Europe/Stockholm") };
	struct recurrence_instance list[3];
	size_t count;

	assert_int_equal(recurrence_expand(&series, at("2026-03-29T00:00"), INT64_MAX, list, 1, &count), RECUR_TRUNCATED);
	assert_int_equal(count, 1);
	assert_true(list[0].local_start == at("2026-03-29T03:00"));
	/* Nor does the horizon lose it. */
	assert_int_equal(recurrence_expand(&series, at("2026-03-29T00:00"), at("2026-03-29T01:30"), list, 3, &count),
			 RECUR_TRUNCATED);
	assert_int_equal(count, 1);
	assert_true(list[0].local_start == at("2026-03-29T03:00"));
}

static void what_is_too_expensive_ends(void **state)
{
	struct recurrence rule = rule_of("FREQ=HOURLY;INTERVAL=2;BYHOUR=10");
	struct recurrence_series series = { .rule = &rule, .local_start = at("2026-03-28T09:00") };
	struct recurrence_instance list[3];
	size_t count;

	assert_int_equal(recurrence_expand(&series, INT64_MIN, INT64_MAX, list, 3, &count), RECUR_TOO_EXPENSIVE);
	assert_int_equal(count, 0);
	assert_false(recurrence_has(&series, at("2026-03-28T10:00")));
	/* Within a year there is none: that much is known, the rest is not asked. */
	assert_int_equal(recurrence_expand(&series, INT64_MIN, at("2027-03-28T09:00"), list, 3, &count), RECUR_TRUNCATED);
	assert_int_equal(count, 0);
}

static void what_count_has_used_up(void **state)
{
	struct recurrence rule = rule_of("FREQ=DAILY;COUNT=10");
	int64_t start = at("2026-12-01T09:00");

	assert_int_equal(recurrence_count_before(&rule, start, start, 1000), 0);
	assert_int_equal(recurrence_count_before(&rule, start, at("2026-12-04T09:00"), 1000), 3);
	assert_int_equal(recurrence_count_before(&rule, start, at("2027-12-04T09:00"), 1000), 10);
	assert_int_equal(recurrence_count_before(&rule, start, at("2027-12-04T09:00"), 4), 4);
}

static void dates_alone_are_a_series(void **state)
{
	int64_t rdates[] = { at("2026-11-01T09:00"), at("2026-12-01T09:00"), at("2026-12-24T09:00") };
	struct recurrence_series series = { .local_start = at("2026-12-01T09:00"), .rdates = rdates, .rdate_count = 3 };
	struct recurrence_instance list[4];
	size_t count;

	assert_int_equal(recurrence_expand(&series, INT64_MIN, INT64_MAX, list, 4, &count), RECUR_ALL);
	assert_int_equal(count, 3);
	assert_true(recurrence_has(&series, at("2026-12-24T09:00")) && !recurrence_has(&series, at("2026-12-25T09:00")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_of_513_bytes_is_too_long),
		cmocka_unit_test(a_window_far_from_the_start_costs_no_more),
		cmocka_unit_test(a_limit_inside_a_gap_keeps_the_earliest),
		cmocka_unit_test(what_is_too_expensive_ends),
		cmocka_unit_test(what_count_has_used_up),
		cmocka_unit_test(dates_alone_are_a_series),
	};
	int failed = TABLE_CASES(text_rows, text_case) + TABLE_CASES(meaning_rows, meaning_case) +
		     cmocka_run_group_tests_name("recurrence", tests, NULL, NULL);

	zone_shutdown();
	return failed;
}
