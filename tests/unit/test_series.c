/* What a recurring event comes to in the window that is materialised. */
#include "support.h"

#include "base/clock.h"
#include "rules/series.h"

#define NOW 1764590400LL /* 2025-12-01T12:00:00Z */

static struct arena *arena;

static int setup(void **state)
{
	arena = arena_new();
	zone_init(NULL);
	return 0;
}

static int teardown(void **state)
{
	arena_free(arena);
	zone_shutdown();
	return 0;
}

static int64_t utc(const char *text)
{
	int64_t at;
	assert_true(time_parse_utc(text, strlen(text), &at));
	return at;
}

static int64_t local(const char *text)
{
	int64_t at;
	assert_true(time_parse_local(text, strlen(text), &at));
	return at;
}

/* An hour from that wall time on. */
static struct event series(const char *start, const char *timezone, const char *rule)
{
	struct event event = {
		.local_start = local(start),
		.starts_at = local(start),
		.timezone = timezone,
		.duration_s = 3600,
		.version_no = 1,
		.recurrence = rule,
	};
	if (timezone)
		(void)zone_to_utc(zone_find(timezone), event.local_start, &event.starts_at);
	return event;
}

/* "NAME START+MINUTES vVERSION[gap|fold]" of each, where the name differs from the start. */
static const char *told(const struct event *event)
{
	struct str out = STR_INIT;
	for (size_t i = 0; i < event->occurrence_count; i++) {
		const struct occurrence *o = &event->occurrences[i];
		char name[TIME_TEXT_SIZE], start[TIME_TEXT_SIZE];
		time_format_local(o->local_start, name);
		time_format_utc(o->start_utc, start);
		if (o->local_start != o->start_utc)
			str_addf(&out, "%s ", name);
		str_addf(&out, "%s+%lld v%d%s\n", start, (long long)(o->end_utc - o->start_utc) / 60, o->version_no,
			 o->flag == ZONE_GAP ? " gap" : o->flag == ZONE_FOLD ? " fold" : "");
	}
	char *kept = arena_strdup(arena, str_text(&out));
	str_free(&out);
	return kept;
}

static void an_event_that_happens_once_has_no_occurrences(void **state)
{
	struct event event = series("2025-12-10T09:00:00", NULL, NULL);
	event.expanded_through = event.until_at = 7;
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_null(event.occurrences);
	assert_int_equal(event.occurrence_count + (size_t)event.expanded_through + (size_t)event.until_at, 0);
}

static void a_short_series_is_there_whole(void **state)
{
	struct event event = series("2025-12-10T09:00:00", NULL, "FREQ=DAILY;COUNT=3");
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_string_equal(told(&event), "2025-12-10T09:00:00Z+60 v1\n2025-12-11T09:00:00Z+60 v1\n2025-12-12T09:00:00Z+60 v1\n");
	assert_int_equal(event.expanded_through, 0);
	assert_int_equal(event.until_at, utc("2025-12-12T10:00:00Z"));
}

static void wall_time_stays_over_daylight_saving(void **state)
{
	struct event event = series("2026-03-28T02:30:00", "Europe/Stockholm", "FREQ=DAILY;COUNT=3");
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_string_equal(told(&event), "2026-03-28T02:30:00 2026-03-28T01:30:00Z+60 v1\n"
					  "2026-03-29T02:30:00 2026-03-29T01:30:00Z+60 v1 gap\n"
					  "2026-03-30T02:30:00 2026-03-30T00:30:00Z+60 v1\n");
}

static void an_endless_series_ends_at_the_horizon(void **state)
{
	struct event event = series("2025-12-10T09:00:00", NULL, "FREQ=WEEKLY;BYDAY=WE");
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_int_equal(event.expanded_through, utc("2025-12-10T00:00:00Z") + SERIES_AHEAD_S);
	assert_int_equal(event.occurrence_count, 58);
	assert_int_equal(event.until_at, 0);
	assert_true(event.occurrences[57].start_utc < event.expanded_through);
}

static void the_past_is_left_after_a_month(void **state)
{
	struct event event = series("2020-01-01T09:00:00", NULL, "FREQ=DAILY");
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_int_equal(event.occurrences[0].start_utc, utc("2025-10-31T09:00:00Z"));
	assert_int_equal(event.occurrence_count, 431);
}

static void at_most_a_thousand_and_where_it_was_cut(void **state)
{
	struct event event = series("2025-12-10T09:00:00", NULL, "FREQ=HOURLY");
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_int_equal(event.occurrence_count, SERIES_OCCURRENCES_MAX);
	assert_int_equal(event.expanded_through, utc("2025-12-10T09:00:00Z") + 999 * 3600 + 1);
	/* The same again as far as it was. */
	struct event again = series("2025-12-10T09:00:00", NULL, "FREQ=HOURLY");
	assert_int_equal(series_expand(&again, NOW + 5 * 3600, event.expanded_through, arena), CODE_NONE);
	assert_string_equal(told(&again), told(&event));
}

static void two_expansions_of_a_day_are_the_same(void **state)
{
	struct event morning = series("2025-12-01T00:00:00", NULL, "FREQ=HOURLY;INTERVAL=7"), evening = morning;
	assert_int_equal(series_expand(&morning, NOW - 11 * 3600, 0, arena), CODE_NONE);
	assert_int_equal(series_expand(&evening, NOW + 11 * 3600, 0, arena), CODE_NONE);
	assert_string_equal(told(&morning), told(&evening));
	assert_int_equal(morning.expanded_through, evening.expanded_through);
}

static void a_sparse_series_keeps_its_next_occurrence_in_sight(void **state)
{
	struct event event = series("2012-02-29T09:00:00", NULL, "FREQ=YEARLY;INTERVAL=16;BYMONTH=2;BYMONTHDAY=29");
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_string_equal(told(&event), "2028-02-29T09:00:00Z+60 v1\n");
	assert_int_equal(event.expanded_through, utc("2028-02-29T09:00:01Z"));
}

static void a_series_that_is_over_has_nothing_left(void **state)
{
	struct event event = series("2012-02-29T09:00:00", NULL, "FREQ=DAILY;COUNT=5");
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_int_equal(event.occurrence_count, 0);
	assert_int_equal(event.expanded_through, 0);
	assert_int_equal(event.until_at, utc("2012-03-04T10:00:00Z"));
}

static void exdates_and_rdates(void **state)
{
	struct event event = series("2025-12-10T09:00:00", "Europe/Stockholm", "FREQ=DAILY;COUNT=3");
	int64_t out[] = { local("2025-12-11T09:00:00") }, in[] = { local("2025-12-20T15:00:00") };
	event.exdates = out;
	event.rdates = in;
	event.exdate_count = event.rdate_count = 1;
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_string_equal(told(&event), "2025-12-10T09:00:00 2025-12-10T08:00:00Z+60 v1\n"
					  "2025-12-12T09:00:00 2025-12-12T08:00:00Z+60 v1\n"
					  "2025-12-20T15:00:00 2025-12-20T14:00:00Z+60 v1\n");
	assert_int_equal(event.until_at, utc("2025-12-20T15:00:00Z"));
}

static void an_override_keeps_its_name(void **state)
{
	struct event event = series("2025-12-10T09:00:00", "Europe/Stockholm", "FREQ=DAILY;COUNT=3");
	event.overrides = "{\"2025-12-10T09:00:00\":{\"local_start\":\"2025-12-11T17:00:00\",\"duration_s\":7200},"
			  "\"2025-12-12T09:00:00\":{\"version_no\":4,\"title\":\"x\"},\"2025-12-13T09:00:00\":{\"duration_s\":60}}";
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_string_equal(told(&event), "2025-12-11T09:00:00 2025-12-11T08:00:00Z+60 v1\n"
					  "2025-12-10T09:00:00 2025-12-11T16:00:00Z+120 v1\n"
					  "2025-12-12T09:00:00 2025-12-12T08:00:00Z+60 v4\n");
}

static void overrides_move_in_and_out_of_the_window(void **state)
{
	struct event event = series("2025-12-10T09:00:00", NULL, "FREQ=MONTHLY");
	event.overrides = "{\"2026-01-10T09:00:00\":{\"local_start\":\"2028-01-10T09:00:00\"},"
			  "\"2027-12-10T09:00:00\":{\"local_start\":\"2026-01-05T09:00:00\"},"
			  "\"2027-12-11T09:00:00\":{\"local_start\":\"2026-01-06T09:00:00\"}}";
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_int_equal(event.occurrence_count, 14);
	assert_int_equal(event.occurrences[1].start_utc, utc("2026-01-05T09:00:00Z"));
	assert_int_equal(event.occurrences[1].local_start, local("2027-12-10T09:00:00"));
	assert_int_equal(event.occurrences[2].start_utc, utc("2026-02-10T09:00:00Z"));
	/* One that is put off beyond the horizon is still to come. */
	struct event late = series("2025-12-10T09:00:00", NULL, "FREQ=DAILY;COUNT=2");
	late.overrides = "{\"2025-12-11T09:00:00\":{\"local_start\":\"2028-01-10T09:00:00\"}}";
	assert_int_equal(series_expand(&late, NOW, 0, arena), CODE_NONE);
	assert_int_equal(late.occurrence_count, 1);
	assert_int_equal(late.expanded_through, utc("2025-12-10T00:00:00Z") + SERIES_AHEAD_S);
}

static void what_cannot_be_expanded_says_why(void **state)
{
	struct event event = series("2025-12-10T09:00:00", NULL, "FREQ=NEVER");
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_RECURRENCE_INVALID);
	assert_int_equal(event.occurrence_count, 0);
	event = series("2025-12-10T09:00:00", NULL, "FREQ=DAILY");
	event.timezone = "Nowhere/Land";
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_UNKNOWN_TIMEZONE);
}

static void a_far_end_is_known_at_least(void **state)
{
	struct event event = series("2025-12-10T09:00:00", "Europe/Stockholm", "FREQ=HOURLY;UNTIL=20301210T000000Z");
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_int_equal(event.until_at, utc("2030-12-10T01:00:00Z"));
	event = series("2025-12-10T09:00:00", NULL, "FREQ=MONTHLY;COUNT=100");
	assert_int_equal(series_expand(&event, NOW, 0, arena), CODE_NONE);
	assert_int_equal(event.until_at, utc("2034-03-10T10:00:00Z"));
}

static void series_are_compared_by_what_makes_them(void **state)
{
	struct event a = series("2025-12-10T09:00:00", NULL, "FREQ=DAILY"), b = a;
	b.title = "other";
	assert_true(series_is_same(&a, &b));
	b.version_no = 2;
	assert_false(series_is_same(&a, &b));
	b = a;
	b.overrides = "{\"2025-12-11T09:00:00\":{\"duration_s\":60}}";
	assert_false(series_is_same(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_that_happens_once_has_no_occurrences),
		cmocka_unit_test(a_short_series_is_there_whole),
		cmocka_unit_test(wall_time_stays_over_daylight_saving),
		cmocka_unit_test(an_endless_series_ends_at_the_horizon),
		cmocka_unit_test(the_past_is_left_after_a_month),
		cmocka_unit_test(at_most_a_thousand_and_where_it_was_cut),
		cmocka_unit_test(two_expansions_of_a_day_are_the_same),
		cmocka_unit_test(a_sparse_series_keeps_its_next_occurrence_in_sight),
		cmocka_unit_test(a_series_that_is_over_has_nothing_left),
		cmocka_unit_test(exdates_and_rdates),
		cmocka_unit_test(an_override_keeps_its_name),
		cmocka_unit_test(overrides_move_in_and_out_of_the_window),
		cmocka_unit_test(what_cannot_be_expanded_says_why),
		cmocka_unit_test(a_far_end_is_known_at_least),
		cmocka_unit_test(series_are_compared_by_what_makes_them),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
