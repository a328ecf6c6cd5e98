/* What an update does: selectors, checks, before-images, busy rows. */
#include "jobs.h"

#define BY_VERSION(id, version, values)                                                                  \
	text_of(site, "{\"selector\":{\"event_id\":%lld},\"expected_version\":%d,\"values\":%s}", (long long)(id), version, values)
#define BY_CLIENT(key, values) text_of(site, "{\"selector\":{\"client_id\":\"%s\"},\"values\":%s}", key, values)

static char *taken(struct site *site, int64_t by)
{
	return text_of(site, "failed; resource_overlap /values/resources: The resource is taken: event %lld; resource_overlap hard"
			     " with event %lld", (long long)by, (long long)by);
}

static void an_update_changes_what_it_names_and_nothing_else(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 60, 30, ",\"client_id\":\"k\",\"title\":\"Old\",\"resources\":[1],\"assignees\":[21]");
	stored(site, 2, 600, 30, ",\"resources\":[2]");
	calendars_mark(site);
	int64_t job = UPDATE(NULL, BY_ID(id, "{\"title\":\"New\",\"version_no\":2,\"starts_at\":\"2030-01-01T02:00:00Z\","
					    "\"resources\":[3]}"));
	assert_string_equal(told(site, job), "0 succeeded\n");
	assert_int_equal(event_of(site, job, 0), id);
	assert_string_equal(events_told(site), "1 v2 120+30 scheduled r2\n2 v1 600+30 scheduled r1\n");
	assert_string_equal(busy_told(site), "1 1 120-150 v2\n1 2 600-630 v1\n2 2 600-630 v1\n2 3 120-150 v2\n2 21 120-150 v2\n");
	assert_string_equal(calendars_told(site), "1 1 bumped 0\n1 2 still 0\n2 1 bumped 1800\n2 2 still 1800\n"
						  "2 3 bumped 1800\n2 21 bumped 1800\n");
	assert_string_equal(lines(site, "sss", "SELECT title, client_id, next_due_at FROM {scheduled_events} WHERE content_id = 1"),
			    "New k 2030-01-01 02:00:00\n");
	assert_domain_whole(site);
}

static void a_busy_row_that_keeps_its_key_is_written_over(void **state)
{
	struct site *site = *state;
	int64_t longer = stored(site, 1, 60, 30, ",\"resources\":[1],\"assignees\":[21]");
	int64_t renamed = stored(site, 2, 600, 30, ",\"resources\":[1]");
	int64_t moved = stored(site, 3, 900, 30, ",\"resources\":[2]");
	int64_t job = UPDATE(NULL, BY_ID(longer, "{\"duration_s\":3600,\"assignees\":[22]}"),
			     BY_ID(renamed, "{\"title\":\"Same place\",\"version_no\":2}"),
			     BY_ID(moved, "{\"starts_at\":\"2030-01-01T16:00:00Z\"}"));
	assert_string_equal(told(site, job), "0 succeeded\n1 succeeded\n2 succeeded\n");
	assert_string_equal(busy_told(site), "1 1 60-120 v1\n1 2 600-630 v2\n1 3 960-990 v1\n2 1 60-120 v1\n2 1 600-630 v2\n"
					     "2 2 960-990 v1\n2 22 60-120 v1\n");
	assert_domain_whole(site);
}

static void the_before_image_is_the_row_as_it_was(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 60, 30,
			    ",\"client_id\":\"k\",\"title\":\"Old\",\"resources\":[2,1],\"assignees\":[21],\"priority\":3,"
			    "\"attributes\":{\"a\":1}");
	const char *columns = "client_id, content_id, version_no, schedule_type, title, starts_at, ends_at, duration_s, timezone,"
			      " local_start, attributes, priority, status, row_version, payload_hash, superseded_by";
	const char *before = lines(site, "siissssissssiiii", "SELECT %s FROM {scheduled_events}", columns);
	int64_t job = UPDATE(NULL, "{\"selector\":{\"client_id\":\"none\"},\"values\":{\"title\":\"x\"}}",
			     BY_ID(id, "{\"title\":\"New\",\"resources\":[],\"attributes\":null,\"timezone\":\"Europe/Stockholm\"}"));
	assert_string_equal(lines(site, "siissssissssiiii", "SELECT %s FROM {undo_rows}", columns), before);
	assert_string_equal(lines(site, "iiiis", "SELECT job_id = %lld, epoch, ordinal, written_version, resources FROM {undo_rows}",
				  (long long)job),
			    "1 1 1 2 r1,r2,a21\n");
	assert_string_equal(lines(site, "sss", "SELECT timezone, local_start, attributes FROM {scheduled_events}"),
			    "Europe/Stockholm 2030-01-01 02:00:00 -\n");
}

/* A chunk names the columns that any of its events uses, before or after. */
static void what_one_event_loses_the_others_of_its_chunk_keep(void **state)
{
	struct site *site = *state;
	const char *full = ",\"priority\":3,\"attributes\":{\"a\":1},\"conditions\":{\"==\":[1,1]}";
	const char *columns = "SELECT title, REPLACE(attributes, ' ', ''), priority, REPLACE(conditions, ' ', ''), misfire"
			      " FROM {scheduled_events} ORDER BY id";
	int64_t bare = stored(site, 1, 60, 30, full), kept = stored(site, 2, 600, 30, full), plain = stored(site, 3, 900, 30, "");
	UPDATE(NULL, BY_ID(bare, "{\"title\":\"a\",\"attributes\":null,\"priority\":0,\"conditions\":null}"));
	UPDATE(NULL, BY_ID(bare, "{\"title\":\"b\"}"), BY_ID(kept, "{\"title\":\"c\"}"), BY_ID(plain, "{\"title\":\"d\"}"));
	assert_string_equal(lines(site, "ssiss", "%s", columns), "b - 0 - run_late\n"
							   "c {\"a\":1} 3 {\"==\":[1,1]} run_late\n"
							   "d - 0 - run_late\n");
	UPDATE(NULL, BY_ID(bare, "{\"title\":\"e\"}"), BY_ID(plain, "{\"title\":\"f\",\"misfire\":\"skip\"}"));
	UPDATE(NULL, BY_ID(kept, "{\"title\":\"g\",\"attributes\":null}"), BY_ID(plain, "{\"misfire\":\"run_late\"}"));
	assert_string_equal(lines(site, "ssiss", "%s", columns), "e - 0 - run_late\ng - 3 {\"==\":[1,1]} run_late\nf - 0 - run_late\n");
}

static void selectors_by_client_id_see_only_the_actors_own(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 60, 30, ",\"client_id\":\"k\"");
	int64_t job = UPDATE(NULL, BY_CLIENT("k", "{\"title\":\"A\"}"), BY_CLIENT("K", "{\"title\":\"B\"}"),
			     BY_ID(id + 1000, "{\"title\":\"C\"}"));
	assert_string_equal(told(site, job), "0 succeeded\n1 failed; event_not_found /selector: No event of yours is named by this"
					     " selector\n2 failed; event_not_found /selector: No event of yours is named by this selector\n");
	become(&site->one, EDITOR);
	int64_t editors = UPDATE(NULL, BY_CLIENT("k", "{\"title\":\"D\"}"), BY_ID(id, "{\"title\":\"E\"}"));
	assert_string_equal(told(site, editors), "0 failed; event_not_found /selector: No event of yours is named by this selector\n"
						 "1 succeeded\n");
	become(&site->one, AUTHOR);
	int64_t authors = UPDATE(NULL, BY_ID(id, "{\"title\":\"F\"}"));
	assert_string_equal(told(site, authors), text_of(site, "0 failed; not_permitted /selector: You may not change event %lld\n",
							 (long long)id));
	assert_string_equal(lines(site, "si", "SELECT title, row_version FROM {scheduled_events}"), "E 3\n");
}

static void a_stale_version_is_refused(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 60, 30, "");
	int64_t job = UPDATE(NULL, BY_VERSION(id, 1, "{\"title\":\"A\"}"), BY_VERSION(id, 1, "{\"title\":\"B\"}"));
	assert_string_equal(told(site, job), text_of(site, "0 succeeded\n1 failed; stale_version /expected_version: Event %lld is at"
							   " version 2, not 1\n", (long long)id));
	assert_string_equal(lines(site, "si", "SELECT title, row_version FROM {scheduled_events}"), "A 2\n");
}

static void no_change_is_unchanged_and_writes_nothing(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 60, 30, ",\"title\":\"Same\",\"resources\":[1]");
	int64_t job = UPDATE(NULL, BY_ID(id, "{\"title\":\"Same\",\"resources\":[1],\"starts_at\":\"2030-01-01T01:00:00Z\"}"));
	assert_string_equal(status_line(site, job), "succeeded: 1 unchanged");
	assert_string_equal(events_told(site), "1 v1 60+30 scheduled r1\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {undo_rows}"), 0);
}

static void what_has_ended_is_not_editable(void **state)
{
	struct site *site = *state;
	static const char *const ended[] = { "processing", "completed", "superseded", "archived" };
	int64_t id = stored(site, 1, 60, 30, "");
	for (size_t i = 0; i < 4; i++) {
		sql(site, "UPDATE {scheduled_events} SET status = '%s'", ended[i]);
		int64_t job = UPDATE(NULL, BY_ID(id, "{\"title\":\"A\"}"));
		assert_string_equal(told(site, job), text_of(site, "0 failed; not_editable /selector: Event %lld is %s\n", (long long)id,
							     ended[i]));
	}
}

static void values_are_checked_like_those_of_a_new_event(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 60, 30, "");
	int64_t job = UPDATE(NULL, BY_ID(id, "{\"version_no\":9}"), BY_ID(id, "{\"content_id\":99}"), BY_ID(id, "{\"resources\":[77]}"),
			     BY_ID(id, "{\"assignees\":[1]}"), BY_ID(id, "{\"titel\":\"x\"}"), BY_ID(id, "{\"shift_s\":\"x\"}"),
			     BY_ID(id, "{\"shift_s\":60,\"starts_at\":\"2030-01-01T01:00:00Z\"}"),
			     text_of(site, "{\"selector\":{\"event_id\":%lld}}", (long long)id), "{\"values\":{\"title\":\"x\"}}",
			     text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"x\"},\"value\":1}", (long long)id));
	assert_string_equal(told(site, job),
			    "0 failed; version_not_found /values/version_no: Content 1 has no version 9\n"
			    "1 failed; content_not_found /values/content_id: There is no content 99\n"
			    "2 failed; resource_not_found /values/resources: There is no resource 77\n"
			    "3 failed; assignee_not_found /values/assignees: There is no person 1\n"
			    "4 failed; unknown_field /values/titel: “titel” is not a field of an event\n"
			    "5 failed; invalid_type /values/shift_s: shift_s is not a whole number\n"
			    "6 failed; time_twice /values/shift_s: shift_s can't stand beside a new start\n"
			    "7 failed; required /values: values must be an object with the fields to change\n"
			    "8 failed; required /selector: the object is missing\n"
			    "9 failed; unknown_field /value: “value” is not a field of this operation\n");
	assert_string_equal(events_told(site), "1 v1 60+30 scheduled r1\n");
}

static void a_move_onto_a_taken_place_is_a_conflict(void **state)
{
	struct site *site = *state;
	int64_t here = stored(site, 1, 0, 60, ",\"resources\":[1]"), there = stored(site, 2, 120, 60, ",\"resources\":[1]");
	int64_t job = UPDATE(NULL, BY_ID(here, "{\"starts_at\":\"2030-01-01T01:30:00Z\"}"));
	assert_string_equal(told(site, job), text_of(site, "0 %s\n", taken(site, there)));
	int64_t edge = UPDATE(NULL, BY_ID(here, "{\"starts_at\":\"2030-01-01T01:00:00Z\"}"));
	assert_string_equal(told(site, edge), "0 succeeded\n");
	int64_t own = UPDATE(NULL, BY_ID(here, "{\"starts_at\":\"2030-01-01T00:30:00Z\"}"));
	assert_string_equal(told(site, own), "0 succeeded\n");
	assert_domain_whole(site);
}

static void two_events_can_change_places_in_one_batch(void **state)
{
	struct site *site = *state;
	int64_t here = stored(site, 1, 0, 60, ",\"resources\":[1]"), there = stored(site, 2, 120, 60, ",\"resources\":[1]");
	int64_t job = UPDATE(NULL, BY_ID(here, "{\"starts_at\":\"2030-01-01T02:00:00Z\"}"),
			     BY_ID(there, "{\"starts_at\":\"2030-01-01T00:00:00Z\"}"));
	assert_string_equal(told(site, job), "0 succeeded\n1 succeeded\n");
	assert_string_equal(events_told(site), "2 v1 0+60 scheduled r2\n1 v1 120+60 scheduled r2\n");
	assert_domain_whole(site);
}

/* Who could not leave is in the way of who wanted to come. */
static void an_event_that_must_stay_keeps_its_place(void **state)
{
	struct site *site = *state;
	int64_t first = stored(site, 1, 0, 60, ",\"resources\":[1]"), second = stored(site, 2, 60, 60, ",\"resources\":[1]");
	int64_t wall = stored(site, 3, 120, 60, ",\"resources\":[1]");
	int64_t job = UPDATE(NULL, BY_ID(first, "{\"shift_s\":3600}"), BY_ID(second, "{\"shift_s\":3600}"));
	assert_string_equal(told(site, job), text_of(site, "0 %s\n1 %s\n", taken(site, second), taken(site, wall)));
	assert_string_equal(events_told(site), "1 v1 0+60 scheduled r1\n2 v1 60+60 scheduled r1\n3 v1 120+60 scheduled r1\n");
}

static void several_items_may_change_one_event(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 0, 60, ",\"resources\":[1],\"title\":\"A\"");
	int64_t job = UPDATE(NULL, BY_ID(id, "{\"title\":\"B\"}"), BY_ID(id, "{\"shift_s\":3600}"), BY_ID(id, "{\"shift_s\":3600}"));
	assert_string_equal(told(site, job), "0 succeeded\n1 succeeded\n2 succeeded\n");
	assert_string_equal(events_told(site), "1 v1 120+60 scheduled r2\n");
	assert_string_equal(lines(site, "iisi", "SELECT ordinal, written_version, title, row_version FROM {undo_rows}"), "0 2 A 1\n");
	assert_domain_whole(site);
}

static void cancelling_an_event_frees_its_place(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 0, 60, ",\"resources\":[1],\"assignees\":[21]");
	calendars_mark(site);
	int64_t job = UPDATE(NULL, BY_ID(id, "{\"status\":\"cancelled\"}"));
	assert_string_equal(told(site, job), "0 succeeded\n");
	assert_string_equal(events_told(site), "1 v1 0+60 cancelled r2\n");
	assert_string_equal(busy_told(site), "");
	assert_string_equal(lines(site, "is", "SELECT resource_id, role FROM {event_resources} ORDER BY 1"), "1 resource\n21 assignee\n");
	assert_string_equal(calendars_told(site), "1 1 bumped 0\n2 1 bumped 3600\n2 21 bumped 3600\n");
	assert_string_equal(lines(site, "s", "SELECT next_due_at FROM {scheduled_events}"), "-\n");
	stored(site, 2, 0, 60, ",\"resources\":[1]");
	int64_t back = UPDATE(NULL, BY_ID(id, "{\"status\":\"scheduled\"}"));
	assert_string_equal(status_line(site, back), "failed: 1 failed");
	assert_domain_whole(site);
}

/* A title is no reason to look for conflicts again. */
static void an_event_kept_beside_another_can_still_be_renamed(void **state)
{
	struct site *site = *state;
	stored(site, 1, 0, 60, ",\"resources\":[11]");
	int64_t kept = new_run(site, JOB_CREATE, "{\"on_conflict\":\"keep_both\"}",
			       list_of(site, event_json(site, 2, 0, 60, ",\"resources\":[11]"), NULL));
	int64_t job = UPDATE(NULL, BY_ID(event_of(site, kept, 0), "{\"title\":\"B\",\"priority\":2}"));
	assert_string_equal(told(site, job), "0 succeeded\n");
	int64_t moved = UPDATE(NULL, BY_ID(event_of(site, kept, 0), "{\"shift_s\":60}"));
	assert_string_equal(status_line(site, moved), "failed: 1 failed");
}

static void a_client_id_can_be_changed_but_not_to_one_that_exists(void **state)
{
	struct site *site = *state;
	int64_t first = stored(site, 1, 0, 60, ",\"client_id\":\"a\""), second = stored(site, 2, 0, 60, ",\"client_id\":\"b\"");
	int64_t job = UPDATE(NULL, BY_ID(first, "{\"client_id\":\"b\"}"), BY_ID(second, "{\"client_id\":\"c\"}"),
			     BY_ID(first, "{\"client_id\":\"c\"}"));
	assert_string_equal(told(site, job),
			    text_of(site, "0 failed; duplicate /values/client_id: Your event %lld already has the client_id “b” and is"
					  " different\n1 succeeded\n2 failed; duplicate /values/client_id: Item 1 of this batch has the"
					  " client_id “c” too\n", (long long)second));
	assert_string_equal(lines(site, "s", "SELECT client_id FROM {scheduled_events} ORDER BY id"), "a\nc\n");
}

static void a_content_that_lacks_the_version_is_refused(void **state)
{
	struct site *site = *state;
	sql(site, "DELETE FROM {content_versions} WHERE content_id = 2 AND version_no = 3");
	int64_t id = stored(site, 1, 0, 60, "");
	sql(site, "UPDATE {scheduled_events} SET version_no = 3");
	int64_t job = UPDATE(NULL, BY_ID(id, "{\"content_id\":2}"));
	assert_string_equal(told(site, job), "0 failed; version_not_found /values/version_no: Content 2 has no version 3\n");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(an_update_changes_what_it_names_and_nothing_else),
		CASE(a_busy_row_that_keeps_its_key_is_written_over),
		CASE(the_before_image_is_the_row_as_it_was),
		CASE(what_one_event_loses_the_others_of_its_chunk_keep),
		CASE(selectors_by_client_id_see_only_the_actors_own),
		CASE(a_stale_version_is_refused),
		CASE(no_change_is_unchanged_and_writes_nothing),
		CASE(what_has_ended_is_not_editable),
		CASE(values_are_checked_like_those_of_a_new_event),
		CASE(a_move_onto_a_taken_place_is_a_conflict),
		CASE(two_events_can_change_places_in_one_batch),
		CASE(an_event_that_must_stay_keeps_its_place),
		CASE(several_items_may_change_one_event),
		CASE(cancelling_an_event_frees_its_place),
		CASE(an_event_kept_beside_another_can_still_be_renamed),
		CASE(a_client_id_can_be_changed_but_not_to_one_that_exists),
		CASE(a_content_that_lacks_the_version_is_refused),
	};
	return cmocka_run_group_tests_name("update", cases, site_open, site_close);
}
