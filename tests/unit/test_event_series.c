/* What makes an event a series: read, held to its rule, changed. */
#include "base/clock.h"
#include "base/zone.h"
#include "rules/event.h"
#include "support.h"

#define C "\"content_id\":7,"
#define MON "\"starts_at\":\"2026-12-07T09:00:00Z\","
#define LOCAL "\"timezone\":\"Europe/Stockholm\",\"local_start\":\"2026-12-07T10:00:00\","
#define RULE "\"recurrence\":\"FREQ=WEEKLY;BYDAY=MO\""

/* A JSON item, and the issues it has or, when it has none, what it becomes. */
static const struct series_row {
	const char *name, *json, *want;
} series_rows[] = {
	{ "a rule in its normal form", "{" C MON "\"recurrence\":\"rrule:freq=weekly;wkst=mo;byday=we,mo;interval=1\"}",
	  "FREQ=WEEKLY;BYDAY=MO,WE 2026-12-07T09:00:00Z [] []" },
	{ "null happens once", "{" C MON "\"recurrence\":null,\"exdates\":[],\"rdates\":null,\"overrides\":{}}",
	  "once 2026-12-07T09:00:00Z [] []" },
	{ "dates are sorted, each once",
	  "{" C LOCAL RULE ",\"exdates\":[\"2026-12-21T10:00\",\"2026-12-14T10:00:00\",\"2026-12-21T10:00:00\"],"
	  "\"rdates\":[\"2026-12-09T12:00:00\"]}",
	  "FREQ=WEEKLY;BYDAY=MO 2026-12-07T09:00:00Z [\"2026-12-14T10:00:00\",\"2026-12-21T10:00:00\"] "
	  "[\"2026-12-09T12:00:00\"]" },
	{ "added dates alone", "{" C MON "\"rdates\":[\"2026-12-09T12:00:00\"]}",
	  "once 2026-12-07T09:00:00Z [] [\"2026-12-09T12:00:00\"]" },
	{ "overrides in the order of time",
	  "{" C LOCAL RULE ",\"overrides\":{\"2026-12-21T10:00\":{\"title\":\"late\",\"version_no\":null},"
	  "\"2026-12-14T10:00:00\":{\"version_no\":2,\"duration_s\":60,\"local_start\":\"2026-12-15T11:00\"},"
	  "\"2026-12-28T10:00:00\":{}}}",
	  "FREQ=WEEKLY;BYDAY=MO 2026-12-07T09:00:00Z [] [] {\"2026-12-14T10:00:00\":{\"local_start\":\"2026-12-15T11:00:00\","
	  "\"duration_s\":60,\"version_no\":2},\"2026-12-21T10:00:00\":{\"title\":\"late\"}}" },
	{ "in a gap it starts all the same",
	  "{" C "\"timezone\":\"Europe/Stockholm\",\"local_start\":\"2026-03-29T02:30:00\",\"recurrence\":\"FREQ=DAILY\"}",
	  "FREQ=DAILY 2026-03-29T01:30:00Z [] []" },
	{ "normalise moves the start",
	  "{" C LOCAL "\"recurrence\":\"FREQ=WEEKLY;BYDAY=WE\",\"normalise\":true,\"duration_s\":60}",
	  "FREQ=WEEKLY;BYDAY=WE 2026-12-09T09:00:00Z [] []" },
	{ "a start that is an occurrence stays", "{" C LOCAL RULE ",\"normalise\":true}",
	  "FREQ=WEEKLY;BYDAY=MO 2026-12-07T09:00:00Z [] []" },
	/* what is no rule */
	{ "a number", "{" C MON "\"recurrence\":7}",
	  "invalid_type /recurrence: 7 is not a text | Write it as \"FREQ=WEEKLY;BYDAY=MO\"\n" },
	{ "empty", "{" C MON "\"recurrence\":\"\"}",
	  "recurrence_invalid /recurrence: the rule is empty | Write it as FREQ=WEEKLY;BYDAY=MO, or leave it out.\n" },
	{ "words", "{" C MON "\"recurrence\":\"every day\"}",
	  "recurrence_invalid /recurrence: the rule has blanks, line breaks or characters that no rule has | Write it as "
	  "FREQ=WEEKLY;BYDAY=MO,WE\n" },
	{ "forbidden", "{" C MON "\"recurrence\":\"FREQ=DAILY;COUNT=3;UNTIL=20271224\"}",
	  "recurrence_invalid /recurrence: COUNT and UNTIL can't stand together | Keep one of the two.\n" },
	{ "ambiguous", "{" C MON "\"recurrence\":\"FREQ=YEARLY;BYMONTHDAY=7\"}",
	  "recurrence_ambiguous /recurrence: BYMONTHDAY with FREQ=YEARLY but without BYMONTH: some programs take every month, "
	  "others the start's | Add BYMONTH, or use FREQ=MONTHLY\n" },
	{ "not taken", "{" C MON "\"recurrence\":\"FREQ=SECONDLY\"}",
	  "recurrence_not_supported /recurrence: FREQ=SECONDLY is not taken | Use FREQ=HOURLY or a rarer one.\n" },
	{ "not taken on this site", "{" C MON "\"recurrence\":\"FREQ=MINUTELY;INTERVAL=30\"}",
	  "recurrence_not_supported /recurrence: FREQ=MINUTELY is not taken on this site | Use FREQ=HOURLY with BYMINUTE, or a "
	  "rarer one.\n" },
	/* what has no occurrence */
	{ "a day that no month has", "{" C MON "\"recurrence\":\"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\"}",
	  "recurrence_empty /recurrence: no day from the start up to 2100 fits the rule | Check the dates: a month may not have "
	  "the day, or UNTIL may lie before the start.\n" },
	{ "ended before it began", "{" C MON "\"recurrence\":\"FREQ=DAILY;UNTIL=20261206\"}",
	  "recurrence_empty /recurrence: no day from the start up to 2100 fits the rule | Check the dates: a month may not have "
	  "the day, or UNTIL may lie before the start.\n" },
	{ "everything excluded", "{" C MON "\"recurrence\":\"FREQ=DAILY;COUNT=2\",\"exdates\":[\"2026-12-07T09:00\","
	  "\"2026-12-08T09:00\"]}",
	  "recurrence_empty /exdates: every occurrence is excluded | Leave at least one occurrence.\n" },
	{ "too expensive", "{" C MON "\"recurrence\":\"FREQ=HOURLY;INTERVAL=2;BYHOUR=10\"}",
	  "recurrence_too_expensive /recurrence: no occurrence was found within the work that a rule may make | Write the rule "
	  "with a larger FREQ, such as DAILY with BYHOUR instead of HOURLY.\n" },
	/* starts */
	{ "a start on another day", "{" C MON "\"recurrence\":\"FREQ=WEEKLY;BYDAY=TU\"}",
	  "start_not_in_recurrence /starts_at: 2026-12-07T09:00:00Z is not an occurrence of FREQ=WEEKLY;BYDAY=TU | Start at "
	  "2026-12-08T09:00:00Z, or set normalise to true.\n" },
	{ "a wall time on another day", "{" C LOCAL "\"recurrence\":\"FREQ=WEEKLY;BYDAY=TU\"}",
	  "start_not_in_recurrence /local_start: 2026-12-07T10:00:00 is not an occurrence of FREQ=WEEKLY;BYDAY=TU | Start at "
	  "2026-12-08T10:00:00, or set normalise to true.\n" },
	{ "the second of two", "{" C "\"starts_at\":\"2026-10-25T01:30:00Z\",\"timezone\":\"Europe/Stockholm\","
	  "\"recurrence\":\"FREQ=DAILY\"}",
	  "start_not_in_recurrence /starts_at: 2026-10-25T01:30:00Z is the second time that the clock shows this; a series takes "
	  "the first | Start at 2026-10-25T00:30:00Z, or set normalise to true.\n" },
	{ "normalise in words", "{" C MON RULE ",\"normalise\":\"yes\"}",
	  "invalid_type /normalise: yes is neither true nor false | Write true or false, without quotes.\n" },
	/* exceptions */
	{ "dates that are none", "{" C MON RULE ",\"exdates\":[\"2026-12-14\",7,\"2026-12-14T09:00:00Z\"],\"rdates\":\"x\"}",
	  "invalid_time /exdates/0: “2026-12-14” is not a time | Write it as 2026-12-01T09:00:00\n"
	  "invalid_type /exdates/1: 7 is not a text | Write it as \"2026-12-01T09:00:00\"\n"
	  "invalid_time /exdates/2: 2026-12-14T09:00:00Z has an offset from UTC; a wall time has none | Write it as "
	  "2026-12-01T09:00:00, or use starts_at.\n"
	  "invalid_type /rdates: x is not a list of times | Write it as [\"2026-12-01T09:00:00\"]\n" },
	{ "exceptions of what happens once", "{" C MON "\"exdates\":[\"2026-12-14T09:00:00\"]}",
	  "invalid_value /exdates: exdates is given without recurrence or rdates | Add recurrence, or leave it out.\n" },
	{ "an override of no occurrence", "{" C MON RULE ",\"overrides\":{\"2026-12-15T09:00:00\":{\"title\":\"x\"}}}",
	  "no_such_occurrence /overrides/2026-12-15T09:00:00: the series has no occurrence at 2026-12-15T09:00:00 | Use one of "
	  "the local_start values of the occurrences listed.\n" },
	{ "an override of what is excluded may stay",
	  "{" C MON RULE ",\"exdates\":[\"2026-12-14T09:00:00\"],\"overrides\":{\"2026-12-14T09:00:00\":{\"title\":\"x\"}}}",
	  "FREQ=WEEKLY;BYDAY=MO 2026-12-07T09:00:00Z [\"2026-12-14T09:00:00\"] [] {\"2026-12-14T09:00:00\":{\"title\":\"x\"}}" },
	{ "overrides that are none",
	  "{" C MON RULE ",\"overrides\":{\"x\":{},\"2026-12-14T09:00\":7,\"2026-12-21T09:00\":{\"titel\":\"x\",\"duration_s\":-1,"
	  "\"local_start\":7,\"version_no\":0}}}",
	  "invalid_time /overrides: “x” is not a time | Write it as 2026-12-01T09:00:00\n"
	  "invalid_type /overrides/2026-12-14T09:00: 7 is not an object | Write it as {\"title\": \"…\"}\n"
	  "unknown_field /overrides/2026-12-21T09:00/titel: “titel” is not a field of an override | Did you mean title?\n"
	  "out_of_range /overrides/2026-12-21T09:00/duration_s: -1 is out of range | Use a whole number from 0 to 2678400.\n"
	  "invalid_type /overrides/2026-12-21T09:00/local_start: 7 is not a text | Write it as \"2026-12-01T09:00:00\"\n"
	  "out_of_range /overrides/2026-12-21T09:00/version_no: 0 is out of range | Use a whole number from 1 to 2147483647.\n" },
};

/* "FREQ=… start exdates rdates overrides" */
static const char *shown(const struct event *event)
{
	static char text[2000];
	struct str dates = STR_INIT;
	char start[TIME_TEXT_SIZE];

	time_format_utc(event->starts_at, start);
	event_dates_write(&dates, event->exdates, event->exdate_count);
	str_addc(&dates, ' ');
	event_dates_write(&dates, event->rdates, event->rdate_count);
	snprintf(text, sizeof(text), "%s %s %s%s%s", event->recurrence ? event->recurrence : "once", start, str_text(&dates),
		 event->overrides ? " " : "", event->overrides ? event->overrides : "");
	str_free(&dates);
	return text;
}

static void series_case(void **state)
{
	const struct series_row *row = *state;
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event event;

	if (event_read(test_json(arena, row->json), EVENT_NEW, "", &event, &issues)) {
		assert_string_equal(shown(&event), row->want);
		assert_true(event.ends_at == event.starts_at + event.duration_s);
	} else {
		assert_string_equal(test_issues(&issues), row->want);
	}
	arena_free(arena);
}

/* --- changes ------------------------------------------------------------------ */

#define SERIES "{" C LOCAL RULE ",\"exdates\":[\"2026-12-21T10:00\"],\"rdates\":[\"2026-12-09T12:00\"]," \
	       "\"overrides\":{\"2026-12-14T10:00\":{\"local_start\":\"2026-12-14T11:00\"}}}"

static const struct change_row {
	const char *name, *event, *values, *want;
} change_rows[] = {
	{ "a title leaves the series alone", SERIES, "{\"title\":\"x\"}",
	  "FREQ=WEEKLY;BYDAY=MO 2026-12-07T09:00:00Z [\"2026-12-21T10:00:00\"] [\"2026-12-09T12:00:00\"] "
	  "{\"2026-12-14T10:00:00\":{\"local_start\":\"2026-12-14T11:00:00\"}}" },
	{ "a later start takes the exceptions along", SERIES, "{\"local_start\":\"2026-12-07T11:30\"}",
	  "FREQ=WEEKLY;BYDAY=MO 2026-12-07T10:30:00Z [\"2026-12-21T11:30:00\"] [\"2026-12-09T13:30:00\"] "
	  "{\"2026-12-14T11:30:00\":{\"local_start\":\"2026-12-14T12:30:00\"}}" },
	{ "but not those that are given", SERIES,
	  "{\"local_start\":\"2026-12-07T11:30\",\"exdates\":[\"2026-12-28T11:30\"],\"rdates\":null,\"overrides\":{}}",
	  "FREQ=WEEKLY;BYDAY=MO 2026-12-07T10:30:00Z [\"2026-12-28T11:30:00\"] []" },
	{ "another zone keeps the wall time", SERIES, "{\"timezone\":\"America/New_York\"}",
	  "FREQ=WEEKLY;BYDAY=MO 2026-12-07T15:00:00Z [\"2026-12-21T10:00:00\"] [\"2026-12-09T12:00:00\"] "
	  "{\"2026-12-14T10:00:00\":{\"local_start\":\"2026-12-14T11:00:00\"}}" },
	/* UNTIL is the last start, as other programs write it. */
	{ "a later start takes its end along", "{" C LOCAL "\"recurrence\":\"FREQ=DAILY;UNTIL=20261210T100000\"}",
	  "{\"local_start\":\"2026-12-07T10:45\"}", "FREQ=DAILY;UNTIL=20261210T104500 2026-12-07T09:45:00Z [] []" },
	{ "in UTC, by the wall clock", "{" C "\"timezone\":\"Europe/Stockholm\",\"local_start\":\"2027-03-26T01:00\","
	  "\"recurrence\":\"FREQ=DAILY;UNTIL=20270328T000000Z\"}", "{\"local_start\":\"2027-03-26T04:00\"}",
	  "FREQ=DAILY;UNTIL=20270328T020000Z 2027-03-26T03:00:00Z [] []" },
	{ "into another zone", "{" C LOCAL "\"recurrence\":\"FREQ=DAILY;UNTIL=20261210T090000Z\"}",
	  "{\"timezone\":\"America/New_York\"}", "FREQ=DAILY;UNTIL=20261210T150000Z 2026-12-07T15:00:00Z [] []" },
	{ "a day as its end stays", "{" C LOCAL "\"recurrence\":\"FREQ=DAILY;UNTIL=20261210\"}",
	  "{\"local_start\":\"2026-12-08T11:00\"}", "FREQ=DAILY;UNTIL=20261210 2026-12-08T10:00:00Z [] []" },
	{ "an end that is given", "{" C LOCAL "\"recurrence\":\"FREQ=DAILY;UNTIL=20261210T100000\"}",
	  "{\"local_start\":\"2026-12-07T11:00\",\"recurrence\":\"FREQ=DAILY;UNTIL=20261210T100000\"}",
	  "FREQ=DAILY;UNTIL=20261210T100000 2026-12-07T10:00:00Z [] []" },
	{ "another rule and its start", SERIES,
	  "{\"recurrence\":\"FREQ=WEEKLY;BYDAY=TU\",\"local_start\":\"2026-12-08T10:00\"}",
	  "FREQ=WEEKLY;BYDAY=TU 2026-12-08T09:00:00Z [\"2026-12-22T10:00:00\"] [\"2026-12-10T12:00:00\"] "
	  "{\"2026-12-15T10:00:00\":{\"local_start\":\"2026-12-15T11:00:00\"}}" },
	{ "a rule that has not what was overridden drops it", SERIES, "{\"recurrence\":\"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO\"}",
	  "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO 2026-12-07T09:00:00Z [\"2026-12-21T10:00:00\"] [\"2026-12-09T12:00:00\"]" },
	{ "a rule without its start", SERIES, "{\"recurrence\":\"FREQ=WEEKLY;BYDAY=TU\"}",
	  "start_not_in_recurrence /values/local_start: 2026-12-07T10:00:00 is not an occurrence of FREQ=WEEKLY;BYDAY=TU | Start "
	  "at 2026-12-08T10:00:00, or set normalise to true.\n" },
	{ "which normalise moves", SERIES, "{\"recurrence\":\"FREQ=WEEKLY;BYDAY=TU\",\"normalise\":true}",
	  "FREQ=WEEKLY;BYDAY=TU 2026-12-08T09:00:00Z [\"2026-12-21T10:00:00\"] [\"2026-12-09T12:00:00\"]" },
	{ "a start without its rule", SERIES, "{\"local_start\":\"2026-12-08T10:00\"}",
	  "start_not_in_recurrence /values/local_start: 2026-12-08T10:00:00 is not an occurrence of FREQ=WEEKLY;BYDAY=MO | Start "
	  "at 2026-12-14T10:00:00, or set normalise to true.\n" },
	{ "no rule any more, nothing added", SERIES, "{\"recurrence\":null,\"rdates\":null}", "once 2026-12-07T09:00:00Z [] []" },
	{ "a rule for what happened once", "{" C LOCAL "\"title\":\"x\"}", "{" RULE ",\"exdates\":[\"2026-12-14T10:00\"]}",
	  "FREQ=WEEKLY;BYDAY=MO 2026-12-07T09:00:00Z [\"2026-12-14T10:00:00\"] []" },
	{ "exceptions of what happens once", "{" C LOCAL "\"title\":\"x\"}", "{\"overrides\":{\"2026-12-14T10:00\":{\"title\":\"y\"}}}",
	  "invalid_value /values/overrides: overrides is given without recurrence or rdates | Add recurrence, or leave it "
	  "out.\n" },
	{ "an override of no occurrence", SERIES, "{\"overrides\":{\"2026-12-15T10:00\":{\"title\":\"y\"}}}",
	  "no_such_occurrence /values/overrides/2026-12-15T10:00:00: the series has no occurrence at 2026-12-15T10:00:00 | Use "
	  "one of the local_start values of the occurrences listed.\n" },
	{ "everything excluded", "{" C LOCAL "\"recurrence\":\"FREQ=DAILY;COUNT=1\"}", "{\"exdates\":[\"2026-12-07T10:00\"]}",
	  "recurrence_empty /values/exdates: every occurrence is excluded | Leave at least one occurrence.\n" },
};

static void change_case(void **state)
{
	const struct change_row *row = *state;
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event event, values;

	assert_true(event_read(test_json(arena, row->event), EVENT_NEW, "", &event, &issues));
	assert_true(event_read(test_json(arena, row->values), EVENT_VALUES, "/values", &values, &issues));
	if (event_apply(&event, &values, &issues))
		assert_string_equal(shown(&event), row->want);
	else
		assert_string_equal(test_issues(&issues), row->want);
	arena_free(arena);
}

static void lists_have_an_end(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct str text = STR_INIT;
	struct event event;

	str_adds(&text, "{" C MON RULE ",\"exdates\":[");
	for (int i = 0; i <= EVENT_DATES_MAX; i++)
		str_addf(&text, "%s\"2026-12-14T%02d:%02d:00\"", i ? "," : "", i / 60, i % 60);
	str_adds(&text, "],\"overrides\":{");
	for (int i = 0; i <= EVENT_OVERRIDES_MAX; i++)
		str_addf(&text, "%s\"2026-12-14T%02d:%02d:00\":{}", i ? "," : "", i / 60, i % 60);
	str_adds(&text, "}}");
	assert_false(event_read(test_json(arena, str_text(&text)), EVENT_NEW, "", &event, &issues));
	assert_string_equal(test_issues(&issues),
			    "too_long /exdates: exdates has 1001 times, 1000 are taken | Use a rule, or several events.\n"
			    "too_long /overrides: overrides has 201 occurrences, 200 are taken | Use several events.\n");
	str_free(&text);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_have_an_end),
	};
	int failed = TABLE_CASES(series_rows, series_case) + TABLE_CASES(change_rows, change_case) +
		     cmocka_run_group_tests_name("series", tests, NULL, NULL);

	zone_shutdown();
	return failed;
}
