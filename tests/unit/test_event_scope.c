/* One occurrence of a series changed, and a series divided. */
#include "base/clock.h"
#include "base/zone.h"
#include "rules/event_scope.h"
#include "rules/recurrence.h"
#include "support.h"

#define SERIES \
	"{\"content_id\":7,\"title\":\"T\",\"client_id\":\"c\",\"timezone\":\"Europe/Stockholm\",\"local_start\":\"2026-12-07T10:00\"," \
	"\"duration_s\":60,\"recurrence\":\"FREQ=WEEKLY;COUNT=6\",\"exdates\":[\"2026-12-14T10:00\"]," \
	"\"rdates\":[\"2026-12-09T12:00\"],\"overrides\":{\"2026-12-21T10:00\":{\"title\":\"x\"}}}"

static int64_t at(const char *local)
{
	int64_t seconds;

	assert_true(time_parse_local(local, strlen(local), &seconds));
	return seconds;
}

static struct event series(struct arena *arena, const char *json)
{
	struct issues issues = { .arena = arena };
	struct event event;

	assert_true(event_read(test_json(arena, json), EVENT_NEW, "", &event, &issues));
	return event;
}

/* "start rule exdates rdates overrides" */
static const char *shown(const struct event *event)
{
	static char texts[2][1000];
	static int turn;
	struct str dates = STR_INIT;
	char start[TIME_TEXT_SIZE];

	turn = !turn;
	time_format_utc(event->starts_at, start);
	event_dates_write(&dates, event->exdates, event->exdate_count);
	str_addc(&dates, ' ');
	event_dates_write(&dates, event->rdates, event->rdate_count);
	snprintf(texts[turn], sizeof(texts[0]), "%s %s %s %s", start, event->recurrence ? event->recurrence : "once",
		 str_text(&dates), event->overrides ? event->overrides : "{}");
	str_free(&dates);
	return texts[turn];
}

#define HEAD "2026-12-07T09:00:00Z FREQ=WEEKLY;COUNT=6 "
#define OUT "[\"2026-12-14T10:00:00\"] [\"2026-12-09T12:00:00\"] "
#define X "\"2026-12-21T10:00:00\":{\"title\":\"x\"}"

static const struct one_row {
	const char *name, *occurrence, *values;
	int64_t shift_s;
	const char *want;
} one_rows[] = {
	{ "a title", "2026-12-28T10:00", "{\"title\":\"y\"}", 0,
	  HEAD OUT "{" X ",\"2026-12-28T10:00:00\":{\"title\":\"y\"}}" },
	{ "a further change of one", "2026-12-21T10:00", "{\"version_no\":2,\"duration_s\":90}", 0,
	  HEAD OUT "{\"2026-12-21T10:00:00\":{\"duration_s\":90,\"title\":\"x\",\"version_no\":2}}" },
	{ "the series' own again", "2026-12-21T10:00", "{\"title\":null,\"version_no\":null,\"duration_s\":60}", 0, HEAD OUT "{}" },
	{ "moved, by wall time", "2026-12-21T10:00", "{\"local_start\":\"2026-12-22T11:00\"}", 0,
	  HEAD OUT "{\"2026-12-21T10:00:00\":{\"local_start\":\"2026-12-22T11:00:00\",\"title\":\"x\"}}" },
	{ "moved, by UTC", "2026-12-28T10:00", "{\"starts_at\":\"2026-12-28T10:00:00Z\"}", 0,
	  HEAD OUT "{" X ",\"2026-12-28T10:00:00\":{\"local_start\":\"2026-12-28T11:00:00\"}}" },
	{ "moved by so much", "2026-12-28T10:00", "{}", 3600,
	  HEAD OUT "{" X ",\"2026-12-28T10:00:00\":{\"local_start\":\"2026-12-28T11:00:00\"}}" },
	{ "moved back", "2026-12-28T10:00", "{\"local_start\":\"2026-12-28T10:00\"}", 0, HEAD OUT "{" X "}" },
	{ "left out", "2026-12-21T10:00", "{\"status\":\"cancelled\"}", 0,
	  HEAD "[\"2026-12-14T10:00:00\",\"2026-12-21T10:00:00\"] [\"2026-12-09T12:00:00\"] {" X "}" },
	{ "left out, the first", "2026-12-07T10:00", "{\"status\":\"cancelled\"}", 0,
	  HEAD "[\"2026-12-07T10:00:00\",\"2026-12-14T10:00:00\"] [\"2026-12-09T12:00:00\"] {" X "}" },
	{ "an added one left out", "2026-12-09T12:00", "{\"status\":\"cancelled\"}", 0,
	  HEAD "[\"2026-12-09T12:00:00\",\"2026-12-14T10:00:00\"] [\"2026-12-09T12:00:00\"] {" X "}" },
	{ "back again", "2026-12-14T10:00", "{\"status\":\"scheduled\"}", 0, HEAD "[] [\"2026-12-09T12:00:00\"] {" X "}" },
	{ "left out twice", "2026-12-14T10:00", "{\"status\":\"cancelled\"}", 0, HEAD OUT "{" X "}" },
	{ "none of it", "2026-12-15T10:00", "{\"title\":\"y\"}", 0,
	  "no_such_occurrence /occurrence: the series has no occurrence at 2026-12-15T10:00:00 | Use one of the local_start values "
	  "of the occurrences listed.\n" },
	{ "beyond COUNT", "2027-01-18T10:00", "{\"title\":\"y\"}", 0,
	  "no_such_occurrence /occurrence: the series has no occurrence at 2027-01-18T10:00:00 | Use one of the local_start values "
	  "of the occurrences listed.\n" },
	{ "what all share", "2026-12-28T10:00", "{\"priority\":1,\"recurrence\":\"FREQ=DAILY\"}", 0,
	  "invalid_value /values/priority: priority is the same for all occurrences of a series | Use scope following or all, or "
	  "change only start, duration_s, title, version_no or status.\n"
	  "invalid_value /values/recurrence: recurrence is the same for all occurrences of a series | Use scope following or all, "
	  "or change only start, duration_s, title, version_no or status.\n" },
	{ "archived", "2026-12-28T10:00", "{\"status\":\"archived\"}", 0,
	  "invalid_value /values/status: one occurrence can't be archived | Use cancelled to leave it out, scheduled to have it "
	  "back.\n" },
	{ "nothing", "2026-12-28T10:00", "{}", 0,
	  "required /values: nothing is to be changed | Give at least one field.\n" },
};

static void one_case(void **state)
{
	const struct one_row *row = *state;
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event event = series(arena, SERIES), values;

	assert_true(event_read(test_json(arena, row->values), EVENT_VALUES, "/values", &values, &issues));
	if (event_apply_occurrence(&event, at(row->occurrence), &values, row->shift_s, &issues))
		assert_string_equal(shown(&event), row->want);
	else
		assert_string_equal(test_issues(&issues), row->want);
	arena_free(arena);
}

/* --- division -------------------------------------------------------------------- */

static void count_and_exceptions_are_divided(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event event = series(arena, SERIES), before, after;

	assert_true(event_divide(&event, at("2026-12-21T10:00"), &before, &after, &issues));
	assert_string_equal(shown(&before), "2026-12-07T09:00:00Z FREQ=WEEKLY;COUNT=2 " OUT "{}");
	assert_string_equal(shown(&after), "2026-12-21T09:00:00Z FREQ=WEEKLY;COUNT=4 [] [] {" X "}");
	assert_null(after.client_id);
	assert_true(after.id == 0 && after.ends_at == after.starts_at + 60);
	arena_free(arena);
}

static void a_rule_without_count_ends_before(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event before, after;
	struct event event = series(arena, "{\"content_id\":7,\"starts_at\":\"2026-12-07T10:00:00Z\","
					   "\"recurrence\":\"FREQ=WEEKLY;UNTIL=20270101;BYDAY=MO,WE\"}");

	assert_true(event_divide(&event, at("2026-12-16T10:00"), &before, &after, &issues));
	assert_string_equal(shown(&before), "2026-12-07T10:00:00Z FREQ=WEEKLY;UNTIL=20261216T095959;BYDAY=MO,WE [] [] {}");
	assert_string_equal(shown(&after), "2026-12-16T10:00:00Z FREQ=WEEKLY;UNTIL=20270101;BYDAY=MO,WE [] [] {}");
	arena_free(arena);
}

static void dates_alone_are_divided(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event before, after;
	struct event event = series(arena, "{\"content_id\":7,\"starts_at\":\"2026-12-07T10:00:00Z\","
					   "\"rdates\":[\"2026-12-09T10:00\",\"2026-12-12T10:00\"]}");

	assert_true(event_divide(&event, at("2026-12-12T10:00"), &before, &after, &issues));
	assert_string_equal(shown(&before), "2026-12-07T10:00:00Z once [] [\"2026-12-09T10:00:00\"] {}");
	assert_string_equal(shown(&after), "2026-12-12T10:00:00Z once [] [\"2026-12-12T10:00:00\"] {}");
	arena_free(arena);
}

static void what_can_not_be_divided(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event event = series(arena, SERIES), before, after;
	struct event single = series(arena, "{\"content_id\":7,\"starts_at\":\"2026-12-07T10:00:00Z\"}");

	assert_true(event_begins_with(&event, at("2026-12-07T10:00")));
	assert_false(event_divide(&event, at("2026-12-07T10:00"), &before, &after, &issues));
	assert_false(event_divide(&event, at("2026-12-09T12:00"), &before, &after, &issues)); /* added: no start of the rule */
	assert_false(event_divide(&event, at("2026-12-10T10:00"), &before, &after, &issues));
	assert_false(event_divide(&single, at("2026-12-07T10:00"), &before, &after, &issues));
	assert_string_equal(test_issues(&issues),
			    "no_such_occurrence /occurrence: the series can't be divided at 2026-12-07T10:00:00 | Use scope this or "
			    "all.\n"
			    "no_such_occurrence /occurrence: the series can't be divided at 2026-12-09T12:00:00 | Use scope this or "
			    "all.\n"
			    "no_such_occurrence /occurrence: the series has no occurrence at 2026-12-10T10:00:00 | Use one of the "
			    "local_start values of the occurrences listed.\n"
			    "no_such_occurrence /occurrence: the event happens once, it is no series | Leave scope and occurrence out.\n");
	arena_free(arena);
}

/* Added occurrences come first, but nothing of the rule: the first half would be a rule without an end. */
static void the_rule_is_not_divided_at_its_start(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event before, after, event = series(arena, "{\"content_id\":7,\"starts_at\":\"2026-12-07T10:00:00Z\","
						   "\"recurrence\":\"FREQ=DAILY;COUNT=3\",\"rdates\":[\"2026-12-01T10:00\"]}");

	assert_false(event_begins_with(&event, at("2026-12-07T10:00")));
	assert_false(event_divide(&event, at("2026-12-07T10:00"), &before, &after, &issues));
	assert_int_equal(issues.count, 1);
	arena_free(arena);
}

/* What is left out before it is no first half. */
static void a_series_begins_with_what_is_left(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event event = series(arena, "{\"content_id\":7,\"client_id\":\"c\",\"starts_at\":\"2026-12-07T10:00:00Z\","
				    "\"recurrence\":\"FREQ=DAILY;COUNT=4\",\"exdates\":[\"2026-12-07T10:00\",\"2026-12-09T10:00\"]}");

	assert_true(event_begins_with(&event, at("2026-12-07T10:00")));
	assert_true(event_begins_with(&event, at("2026-12-08T10:00")));
	assert_false(event_begins_with(&event, at("2026-12-09T10:00")));
	assert_true(event_drop_before(&event, at("2026-12-07T10:00"), &issues));
	assert_true(event_drop_before(&event, at("2026-12-08T10:00"), &issues));
	assert_string_equal(shown(&event), "2026-12-08T10:00:00Z FREQ=DAILY;COUNT=3 [\"2026-12-09T10:00:00\"] [] {}");
	assert_string_equal(event.client_id, "c");
	assert_false(event_drop_before(&event, at("2026-12-08T11:00"), &issues));
	arena_free(arena);
}

static void the_last_one_that_is_left_goes_with_the_event(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event values, event = series(arena, "{\"content_id\":7,\"starts_at\":\"2026-12-07T10:00:00Z\","
					    "\"recurrence\":\"FREQ=DAILY;COUNT=2\",\"exdates\":[\"2026-12-07T10:00\"]}");

	assert_true(event_read(test_json(arena, "{\"status\":\"cancelled\"}"), EVENT_VALUES, "/values", &values, &issues));
	assert_false(event_apply_occurrence(&event, at("2026-12-08T10:00"), &values, 0, &issues));
	assert_string_equal(test_issues(&issues), "recurrence_empty /values/status: no other occurrence is left | Cancel the event "
						  "itself: scope all.\n");
	arena_free(arena);
}

/* A first half needs an UNTIL, for which this rule has no room: it is not to lose other parts for it. */
static void a_rule_that_is_full_is_not_divided(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct str json = STR_INIT;
	struct event before, after, event;

	str_adds(&json, "{\"content_id\":7,\"starts_at\":\"2027-01-01T10:00:00Z\",\"recurrence\":\"FREQ=YEARLY;BYYEARDAY=");
	for (int day = 1; day <= 64; day++)
		str_addf(&json, "%s%d", day > 1 ? "," : "", day);
	str_adds(&json, ";BYSETPOS=");
	for (int place = 1; place <= 62; place++)
		str_addf(&json, "%s-%d", place > 1 ? "," : "", place + 2);
	str_adds(&json, ";BYHOUR=10,11,12,13,14,15,16,17,18,19,20,21\",\"normalise\":true}");
	event = series(arena, str_text(&json));
	str_free(&json);
	assert_in_range(strlen(event.recurrence), RECURRENCE_TEXT_MAX - 20, RECURRENCE_TEXT_MAX);
	assert_false(event_divide(&event, event.starts_at + 3600, &before, &after, &issues));
	assert_int_equal(issues.count, 1);
	assert_int_equal(issues.list[0].code, CODE_RECURRENCE_NOT_SUPPORTED);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(count_and_exceptions_are_divided),
		cmocka_unit_test(a_rule_without_count_ends_before),
		cmocka_unit_test(dates_alone_are_divided),
		cmocka_unit_test(what_can_not_be_divided),
		cmocka_unit_test(the_rule_is_not_divided_at_its_start),
		cmocka_unit_test(a_series_begins_with_what_is_left),
		cmocka_unit_test(the_last_one_that_is_left_goes_with_the_event),
		cmocka_unit_test(a_rule_that_is_full_is_not_divided),
	};
	int failed = TABLE_CASES(one_rows, one_case) + cmocka_run_group_tests_name("division", tests, NULL, NULL);

	zone_shutdown();
	return failed;
}
