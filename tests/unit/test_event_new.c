/* What event_read() makes of an item that is right. */
#include "base/zone.h"
#include "rules/event.h"
#include "support.h"

#define C "\"content_id\":7,"
#define S "\"starts_at\":\"2026-12-01T09:00:00Z\""

static struct arena *arena;

static int open_arena(void **state)
{
	arena = arena_new();
	return arena ? 0 : -1;
}

static int close_arena(void **state)
{
	arena_free(arena);
	return 0;
}

static struct event read_new(const char *json)
{
	struct issues issues = { .arena = arena };
	struct event event;

	if (!event_read(test_json(arena, json), EVENT_NEW, "", &event, &issues))
		fail_msg("%s", test_issues(&issues));
	return event;
}

static void what_is_left_out_has_its_default(void **state)
{
	struct event e = read_new("{" C S "}");

	assert_int_equal(e.given, FIELD_CONTENT_ID | FIELD_STARTS_AT);
	assert_null(e.client_id);
	assert_int_equal(e.content_id, 7);
	assert_int_equal(e.version_no, 0);
	assert_string_equal(e.schedule_type, "publish");
	assert_string_equal(e.title, "");
	assert_int_equal(e.starts_at, 1796115600);
	assert_int_equal(e.ends_at, 1796115600);
	assert_int_equal(e.duration_s, 0);
	assert_null(e.timezone);
	assert_int_equal(e.resource_count, 0);
	assert_int_equal(e.assignee_count, 0);
	assert_null(e.attributes);
	assert_int_equal(e.status, EVENT_SCHEDULED);
}

static void duration_and_end_follow_from_each_other(void **state)
{
	struct event a = read_new("{" C S ",\"duration_s\":90}");
	struct event b = read_new("{" C S ",\"ends_at\":\"2026-12-01T10:01:30+01:00\"}");

	assert_int_equal(a.ends_at, 1796115690);
	assert_int_equal(b.duration_s, 90);
	assert_int_equal(b.ends_at, 1796115690);
}

static void a_wall_time_becomes_utc(void **state)
{
	struct event e = read_new("{" C "\"local_start\":\"2026-07-01T10:00\",\"timezone\":\"Europe/Stockholm\"}");

	assert_int_equal(e.starts_at, 1782892800); /* 08:00 UTC */
	assert_int_equal(e.time_flag, ZONE_NORMAL);
	assert_string_equal(e.timezone, "Europe/Stockholm");
}

static void a_zone_beside_utc_gives_the_wall_time(void **state)
{
	struct event e = read_new("{" C S ",\"timezone\":\"America/New_York\"}");

	assert_int_equal(e.starts_at, 1796115600);
	assert_int_equal(e.local_start, 1796115600 - 5 * 3600);
}

static void gap_and_fold_are_flagged(void **state)
{
	struct event gap = read_new("{" C "\"local_start\":\"2026-03-29T02:30\",\"timezone\":\"Europe/Stockholm\"}");
	struct event fold = read_new("{" C "\"local_start\":\"2026-10-25T02:30\",\"timezone\":\"Europe/Stockholm\"}");
	struct event late = read_new("{" C "\"starts_at\":\"2026-10-25T01:30:00Z\",\"timezone\":\"Europe/Stockholm\"}");

	assert_int_equal(gap.time_flag, ZONE_GAP);
	assert_int_equal(gap.starts_at, 1774747800); /* 01:30 UTC, 03:30 on the wall */
	assert_int_equal(fold.time_flag, ZONE_FOLD);
	assert_int_equal(fold.starts_at, 1792888200); /* 00:30 UTC, the first of the two */
	assert_int_equal(late.time_flag, ZONE_FOLD);
	assert_int_equal(late.starts_at, 1792891800); /* as given */
	assert_int_equal(late.local_start, fold.local_start);
}

static void ids_are_sorted_without_duplicates(void **state)
{
	struct event e = read_new("{" C S ",\"resources\":[30,10,20,10,30],\"assignees\":[]}");
	int64_t want[] = { 10, 20, 30 };

	assert_int_equal(e.resource_count, 3);
	assert_memory_equal(e.resources, want, sizeof(want));
	assert_int_equal(e.assignee_count, 0);
}

static void attributes_keep_their_text_compactly(void **state)
{
	assert_string_equal(read_new("{" C S ",\"attributes\":{ \"b\" : 0.1, \"a\" : [ 1 ] }}").attributes,
			    "{\"b\":0.1,\"a\":[1]}");
	assert_null(read_new("{" C S ",\"attributes\":{}}").attributes);
}

static void attributes_have_16_kib_at_most(void **state)
{
	for (size_t extra = 0; extra < 2; extra++) {
		struct issues issues = { .arena = arena };
		struct event event;
		char *value = arena_alloc(arena, 16385);

		memset(value, 'x', 16384 - strlen("{\"a\":\"\"}") + extra);
		assert_int_equal(event_read(test_json(arena, arena_printf(arena, "{" C S ",\"attributes\":{\"a\":\"%s\"}}", value)),
					    EVENT_NEW, "", &event, &issues),
				 extra == 0);
		assert_string_equal(test_issues(&issues),
				    extra ? "too_long /attributes: the attributes have 16385 bytes | Shorten it to 16384 bytes.\n"
					  : "");
	}
}

static void texts_outlive_the_json(void **state)
{
	struct issues issues = { .arena = arena };
	json_t *object = json_loads("{" C S ",\"title\":\"T\",\"client_id\":\"c\"}", 0, NULL);
	struct event e;

	assert_true(event_read(object, EVENT_NEW, "", &e, &issues));
	json_decref(object);
	assert_string_equal(e.title, "T");
	assert_string_equal(e.client_id, "c");
}

static void bytes_that_are_not_utf8_are_an_issue(void **state)
{
	struct issues issues = { .arena = arena };
	json_t *object = json_loads("{" C S "}", 0, NULL);
	struct event e;

	json_object_set_new(object, "title", json_string_nocheck("ab\xff"));
	assert_false(event_read(object, EVENT_NEW, "", &e, &issues));
	assert_string_equal(test_issues(&issues),
			    "invalid_utf8 /title: byte 3 of the text is not UTF-8 | Save the file as “CSV UTF-8” or “Unicode "
			    "(UTF-8)” and send it again.\n");
	json_decref(object);
}

static void a_missing_object_is_an_issue(void **state)
{
	struct issues issues = { .arena = arena };
	struct event e;

	assert_false(event_read(NULL, EVENT_VALUES, "/values", &e, &issues));
	assert_string_equal(test_issues(&issues),
			    "required /values: the object is missing | Write it as {\"name\": value, …}\n");
}

static void a_full_list_of_issues_still_makes_it_bad(void **state)
{
	struct issues issues = { .arena = arena };
	struct event e;

	for (int i = 0; i < ISSUES_MAX; i++)
		issue_add(&issues, CODE_REQUIRED, "", NULL, "another item's");
	assert_false(event_read(test_json(arena, "{}"), EVENT_NEW, "", &e, &issues));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_arena, close_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_left_out_has_its_default),
		CASE(duration_and_end_follow_from_each_other),
		CASE(a_wall_time_becomes_utc),
		CASE(a_zone_beside_utc_gives_the_wall_time),
		CASE(gap_and_fold_are_flagged),
		CASE(ids_are_sorted_without_duplicates),
		CASE(attributes_keep_their_text_compactly),
		CASE(attributes_have_16_kib_at_most),
		CASE(texts_outlive_the_json),
		CASE(bytes_that_are_not_utf8_are_an_issue),
		CASE(a_missing_object_is_an_issue),
		CASE(a_full_list_of_issues_still_makes_it_bad),
	};
	int failed = cmocka_run_group_tests_name("event_new", tests, NULL, NULL);

	zone_shutdown();
	return failed;
}
