#include "base/zone.h"
#include "rules/event.h"
#include "support.h"

#define START 1796115600 /* 2026-12-01T09:00:00Z */

static struct arena *arena;
static struct issues issues;

static int setup(void **state)
{
	arena = arena_new();
	issues = (struct issues){ .arena = arena };
	return arena ? 0 : -1;
}

static int teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static struct event stored(const char *json)
{
	struct event event;

	if (!event_read(test_json(arena, json), EVENT_NEW, "", &event, &issues))
		fail_msg("%s", test_issues(&issues));
	event.id = 12;
	event.row_version = 4;
	return event;
}

static struct event plain(void)
{
	return stored("{\"content_id\":7,\"starts_at\":\"2026-12-01T09:00:00Z\",\"duration_s\":3600}");
}

static struct event zoned(void)
{
	return stored("{\"content_id\":7,\"local_start\":\"2026-12-01T10:00:00\",\"timezone\":\"Europe/Stockholm\","
		      "\"duration_s\":3600,\"title\":\"T\",\"version_no\":3,\"client_id\":\"c\",\"priority\":5,"
		      "\"resources\":[1,2],\"attributes\":{\"a\":1}}");
}

static bool apply(struct event *event, const char *json)
{
	struct event values;

	if (!event_read(test_json(arena, json), EVENT_VALUES, "/values", &values, &issues))
		fail_msg("%s", test_issues(&issues));
	return event_apply(event, &values, &issues);
}

/* --- apply --------------------------------------------------------------------- */

static void fields_that_are_not_given_stay(void **state)
{
	struct event before = zoned(), after = before;

	assert_true(apply(&after, "{}"));
	assert_int_equal(event_difference(&before, &after), 0);
	assert_true(apply(&after, "{\"title\":\"U\"}"));
	assert_int_equal(event_difference(&before, &after), FIELD_TITLE);
}

static void every_given_field_is_put(void **state)
{
	struct event before = zoned(), after = before;

	assert_true(apply(&after, "{\"client_id\":\"d\",\"content_id\":8,\"version_no\":4,\"schedule_type\":\"train\","
				  "\"title\":\"U\",\"starts_at\":\"2026-12-02T09:00:00Z\",\"duration_s\":60,"
				  "\"timezone\":\"Europe/Paris\",\"resources\":[3],\"assignees\":[4],\"priority\":6,"
				  "\"attributes\":{\"a\":2},\"status\":\"cancelled\"}"));
	assert_int_equal(event_difference(&before, &after),
			 FIELD_CLIENT_ID | FIELD_CONTENT_ID | FIELD_VERSION_NO | FIELD_SCHEDULE_TYPE | FIELD_TITLE |
				 FIELD_STARTS_AT | FIELD_DURATION_S | FIELD_TIMEZONE | FIELD_RESOURCES |
				 FIELD_ASSIGNEES | FIELD_PRIORITY | FIELD_ATTRIBUTES | FIELD_STATUS);
	assert_int_equal(after.status, EVENT_CANCELLED);
	assert_int_equal(after.id, 12);
	assert_int_equal(after.row_version, 4);
}

static void nulls_reset_to_the_defaults(void **state)
{
	struct event event = zoned();

	assert_true(apply(&event, "{\"client_id\":null,\"version_no\":null,\"title\":null,\"resources\":null,"
				  "\"priority\":null,\"attributes\":null,\"timezone\":null,\"duration_s\":null}"));
	assert_null(event.client_id);
	assert_int_equal(event.version_no, 0);
	assert_string_equal(event.title, "");
	assert_int_equal(event.resource_count, 0);
	assert_int_equal(event.priority, 0);
	assert_null(event.attributes);
	assert_null(event.timezone);
	assert_int_equal(event.duration_s, 0);
	assert_int_equal(event.starts_at, START);
	assert_int_equal(event.ends_at, START);
}

static void a_new_start_keeps_the_duration(void **state)
{
	struct event event = plain();

	assert_true(apply(&event, "{\"starts_at\":\"2026-12-01T10:00:00Z\"}"));
	assert_int_equal(event.starts_at, START + 3600);
	assert_int_equal(event.ends_at, START + 7200);
}

static void a_new_end_changes_the_duration(void **state)
{
	struct event event = plain();

	assert_true(apply(&event, "{\"ends_at\":\"2026-12-01T09:10:00Z\"}"));
	assert_int_equal(event.starts_at, START);
	assert_int_equal(event.duration_s, 600);
}

static void an_end_that_is_taken_away_leaves_no_duration(void **state)
{
	struct event event = plain();

	assert_true(apply(&event, "{\"ends_at\":null}"));
	assert_int_equal(event.duration_s, 0);
	assert_int_equal(event.ends_at, START);
}

static void a_new_start_moves_the_wall_time(void **state)
{
	struct event event = zoned();

	assert_true(apply(&event, "{\"starts_at\":\"2026-07-01T08:00:00Z\"}"));
	assert_int_equal(event.local_start, 1782892800 + 7200);
}

static void a_new_wall_time_uses_the_events_zone(void **state)
{
	struct event event = zoned();

	assert_true(apply(&event, "{\"local_start\":\"2026-07-01T10:00\"}"));
	assert_int_equal(event.starts_at, 1782892800);
	assert_int_equal(event.ends_at, 1782892800 + 3600);
}

static void a_wall_time_without_any_zone_is_an_issue(void **state)
{
	struct event before = plain(), after = before;

	assert_false(apply(&after, "{\"local_start\":\"2026-07-01T10:00\",\"title\":\"U\"}"));
	assert_string_equal(test_issues(&issues), "time_missing /values/timezone: local_start is given without timezone | "
						  "Add timezone, such as Europe/Stockholm\n");
	assert_int_equal(after.starts_at, before.starts_at);
}

static void a_new_zone_keeps_the_wall_time(void **state)
{
	struct event event = zoned();

	assert_true(apply(&event, "{\"timezone\":\"America/New_York\"}"));
	assert_int_equal(event.local_start, START + 3600);
	assert_int_equal(event.starts_at, START + 6 * 3600);
}

static void a_first_zone_keeps_the_instant(void **state)
{
	struct event event = plain();

	assert_true(apply(&event, "{\"timezone\":\"America/New_York\"}"));
	assert_int_equal(event.starts_at, START);
	assert_int_equal(event.local_start, START - 5 * 3600);
}

static void a_zone_taken_away_keeps_the_instant(void **state)
{
	struct event event = zoned();

	assert_true(apply(&event, "{\"timezone\":null}"));
	assert_null(event.timezone);
	assert_int_equal(event.starts_at, START);
}

static void an_end_before_the_kept_start_is_an_issue(void **state)
{
	struct event event = plain();

	assert_false(apply(&event, "{\"ends_at\":\"2026-12-01T08:00:00Z\"}"));
	assert_string_equal(test_issues(&issues), "ends_before_start /values/ends_at: ends_at 2026-12-01T08:00:00Z is before "
						  "the start 2026-12-01T09:00:00Z | Swap the two or correct one.\n");
	assert_int_equal(event.duration_s, 3600);
}

/* --- write ------------------------------------------------------------------------ */

static const char *written(const struct event *event)
{
	struct str out = STR_INIT;
	struct json_writer w;
	const char *copy;

	jw_begin(&w, &out);
	event_write(&w, NULL, event);
	copy = arena_strdup(arena, str_text(&out));
	str_free(&out);
	return copy;
}

static void a_full_event_is_written_whole(void **state)
{
	struct event event = zoned();

	assert_string_equal(written(&event),
			    "{\"id\":12,\"client_id\":\"c\",\"content_id\":7,\"version_no\":3,\"schedule_type\":\"publish\","
			    "\"title\":\"T\",\"starts_at\":\"2026-12-01T09:00:00Z\",\"ends_at\":\"2026-12-01T10:00:00Z\","
			    "\"duration_s\":3600,\"timezone\":\"Europe/Stockholm\",\"local_start\":\"2026-12-01T10:00:00\","
			    "\"recurrence\":null,\"exdates\":[],\"rdates\":[],\"overrides\":{},"
			    "\"resources\":[1,2],\"assignees\":[],\"priority\":5,\"status\":\"scheduled\","
			    "\"conditions\":null,\"misfire\":\"run_late\",\"grace_s\":3600,"
			    "\"attributes\":{\"a\":1},\"superseded_by\":null,\"row_version\":4}");
}

static void what_is_absent_is_written_as_null(void **state)
{
	struct event event = stored("{\"content_id\":7,\"starts_at\":\"1970-01-01T00:00:00Z\"}");

	event.id = 0;
	assert_string_equal(written(&event),
			    "{\"id\":null,\"client_id\":null,\"content_id\":7,\"version_no\":null,"
			    "\"schedule_type\":\"publish\",\"title\":\"\",\"starts_at\":\"1970-01-01T00:00:00Z\","
			    "\"ends_at\":\"1970-01-01T00:00:00Z\",\"duration_s\":0,\"timezone\":null,\"local_start\":null,"
			    "\"recurrence\":null,\"exdates\":[],\"rdates\":[],\"overrides\":{},"
			    "\"resources\":[],\"assignees\":[],\"priority\":0,\"status\":\"scheduled\","
			    "\"conditions\":null,\"misfire\":\"run_late\",\"grace_s\":3600,\"attributes\":{},"
			    "\"superseded_by\":null,\"row_version\":4}");
}

/* --- hash and difference -------------------------------------------------------------- */

static void the_hash_ignores_what_nobody_gives(void **state)
{
	struct event a = zoned(), b = zoned();

	b.id = 99;
	b.row_version = 17;
	b.created_by = 3;
	b.status = EVENT_COMPLETED;
	assert_true(event_payload_hash(&a) == event_payload_hash(&b));
}

static void the_hash_sees_every_field(void **state)
{
	static const char *const changes[] = {
		"{\"client_id\":\"d\"}", "{\"client_id\":null}", "{\"content_id\":8}", "{\"version_no\":null}",
		"{\"schedule_type\":\"train\"}", "{\"title\":\"\"}", "{\"starts_at\":\"2026-12-02T09:00:00Z\"}",
		"{\"duration_s\":1}", "{\"timezone\":\"Europe/Paris\"}", "{\"timezone\":null}", "{\"resources\":[1]}",
		"{\"assignees\":[1,2],\"resources\":null}", "{\"priority\":4}", "{\"attributes\":{\"a\":\"1\"}}",
		"{\"attributes\":{\"a\":1,\"b\":1}}", "{\"attributes\":null}", "{\"status\":\"draft\"}",
		"{\"status\":\"cancelled\"}", "{\"misfire\":\"skip\"}", "{\"grace_s\":0}",
	};
	struct event before = zoned();

	for (size_t i = 0; i < COUNT(changes); i++) {
		struct event after = before;

		assert_true(apply(&after, changes[i]));
		if (event_payload_hash(&before) == event_payload_hash(&after))
			fail_msg("%s keeps the hash", changes[i]);
		if (event_difference(&before, &after) == 0)
			fail_msg("%s makes no difference", changes[i]);
	}
}

static void attributes_in_another_order_are_equal(void **state)
{
	struct event a = zoned(), b = zoned();

	a.attributes = "{\"a\":1,\"b\":[1,{\"x\":null,\"y\":0.5}]}";
	b.attributes = "{\"b\": [1, {\"y\": 0.5, \"x\": null}], \"a\": 1}"; /* as MySQL gives it back */
	assert_true(event_payload_hash(&a) == event_payload_hash(&b));
	assert_int_equal(event_difference(&a, &b), 0);
	b.attributes = "{\"b\": [{\"y\": 0.5, \"x\": null}, 1], \"a\": 1}"; /* a list has an order */
	assert_true(event_payload_hash(&a) != event_payload_hash(&b));
	assert_int_equal(event_difference(&a, &b), FIELD_ATTRIBUTES);
}

static void no_attributes_and_empty_ones_are_equal(void **state)
{
	struct event a = plain(), b = plain();

	b.attributes = "{}";
	assert_true(event_payload_hash(&a) == event_payload_hash(&b));
	assert_int_equal(event_difference(&a, &b), 0);
}

static void neighbouring_texts_do_not_run_together(void **state)
{
	struct event a = plain(), b = plain();

	a.schedule_type = "ab";
	a.title = "c";
	b.schedule_type = "a";
	b.title = "bc";
	assert_true(event_payload_hash(&a) != event_payload_hash(&b));
}

static void what_was_written_reads_back_equal(void **state)
{
	struct event before = zoned(), after;
	json_t *object = json_loads(written(&before), 0, NULL);

	json_object_del(object, "id");
	json_object_del(object, "row_version");
	json_object_del(object, "superseded_by");
	assert_true(event_read(object, EVENT_NEW, "", &after, &issues));
	assert_int_equal(event_difference(&before, &after), 0);
	assert_true(event_payload_hash(&before) == event_payload_hash(&after));
	json_decref(object);
}

static void each_field_has_its_name(void **state)
{
	assert_string_equal(event_field_name(FIELD_CLIENT_ID), "client_id");
	assert_string_equal(event_field_name(FIELD_STATUS), "status");
	assert_string_equal(event_field_name((enum event_field)0), "");
	for (uint32_t bit = 1; bit <= FIELD_STATUS; bit <<= 1)
		assert_true(event_field_name((enum event_field)bit)[0] != '\0');
}

/* --- status ------------------------------------------------------------------------------ */

static const struct status_row {
	const char *name;
	enum event_status status;
	bool busy, editable;
} status_rows[] = {
	{ "draft", EVENT_DRAFT, true, true },
	{ "scheduled", EVENT_SCHEDULED, true, true },
	{ "processing", EVENT_PROCESSING, true, false },
	{ "completed", EVENT_COMPLETED, true, false },
	{ "failed", EVENT_FAILED, false, true },
	{ "missed", EVENT_MISSED, false, true },
	{ "superseded", EVENT_SUPERSEDED, false, false },
	{ "cancelled", EVENT_CANCELLED, false, true },
	{ "archived", EVENT_ARCHIVED, false, false },
};

static void status_case(void **state)
{
	const struct status_row *row = *state;
	enum event_status status = EVENT_STATUS_COUNT;

	assert_string_equal(event_status_name(row->status), row->name);
	assert_true(event_status_by_name(row->name, &status));
	assert_int_equal(status, row->status);
	assert_int_equal(event_status_is_busy(row->status), row->busy);
	assert_int_equal(event_status_is_editable(row->status), row->editable);
}

static void an_unknown_status_is_none(void **state)
{
	enum event_status status = EVENT_MISSED;

	assert_false(event_status_by_name("live", &status));
	assert_int_equal(status, EVENT_MISSED);
	assert_string_equal(event_status_name((enum event_status)99), "");
	assert_false(event_status_is_busy((enum event_status)99));
	assert_false(event_status_is_editable((enum event_status)99));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(fields_that_are_not_given_stay),
		CASE(every_given_field_is_put),
		CASE(nulls_reset_to_the_defaults),
		CASE(a_new_start_keeps_the_duration),
		CASE(a_new_end_changes_the_duration),
		CASE(an_end_that_is_taken_away_leaves_no_duration),
		CASE(a_new_start_moves_the_wall_time),
		CASE(a_new_wall_time_uses_the_events_zone),
		CASE(a_wall_time_without_any_zone_is_an_issue),
		CASE(a_new_zone_keeps_the_wall_time),
		CASE(a_first_zone_keeps_the_instant),
		CASE(a_zone_taken_away_keeps_the_instant),
		CASE(an_end_before_the_kept_start_is_an_issue),
		CASE(a_full_event_is_written_whole),
		CASE(what_is_absent_is_written_as_null),
		CASE(the_hash_ignores_what_nobody_gives),
		CASE(the_hash_sees_every_field),
		CASE(attributes_in_another_order_are_equal),
		CASE(no_attributes_and_empty_ones_are_equal),
		CASE(neighbouring_texts_do_not_run_together),
		CASE(what_was_written_reads_back_equal),
		CASE(each_field_has_its_name),
		CASE(an_unknown_status_is_none),
	};
	int failed = cmocka_run_group_tests_name("event", tests, NULL, NULL);

	failed += TABLE_CASES(status_rows, status_case);
	zone_shutdown();
	return failed;
}
