/* What a create does, item by item. */
#include "jobs.h"

/* Two minutes' worth of shorthand: one batch of the given items. */
#define EVENT(content, minute, minutes, more) event_json(site, content, minute, minutes, more)

static void an_event_is_written_with_all_that_belongs_to_it(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE(NULL, "{\"client_id\":\"a-1\",\"content_id\":31,\"version_no\":2,\"title\":\"Tïtle ’\",\"timezone\":"
				   "\"Europe/Stockholm\",\"local_start\":\"2030-01-01T10:00:00\",\"duration_s\":5400,\"resources\":[2,1],"
				   "\"assignees\":[21],\"priority\":5,\"attributes\":{\"a\":[1,\"x\"]}}");
	assert_string_equal(told(site, job), "0 succeeded\n");
	assert_string_equal(lines(site, "siisssssisiissi",
				  "SELECT client_id, content_id, version_no, schedule_type, title, starts_at, ends_at, timezone,"
				  " duration_s, local_start, priority, row_version, status, REPLACE(attributes, ' ', ''), created_by"
				  " FROM {scheduled_events}"),
			    "a-1 31 2 training Tïtle ’ 2030-01-01 09:00:00 2030-01-01 10:30:00 Europe/Stockholm 5400"
			    " 2030-01-01 10:00:00 5 1 scheduled {\"a\":[1,\"x\"]} 1\n");
	assert_string_equal(lines(site, "ssii", "SELECT next_due_at, IF(origin_job_id = %lld, 'origin', 'other'), origin_ordinal,"
						" job_unpublished FROM {scheduled_events}", (long long)job),
			    "2030-01-01 09:00:00 origin 0 0\n");
	assert_string_equal(lines(site, "is", "SELECT resource_id, role FROM {event_resources} ORDER BY 1"),
			    "1 resource\n2 resource\n21 assignee\n");
	assert_string_equal(busy_told(site), "1 31 540-630 v2\n2 1 540-630 v2\n2 2 540-630 v2\n2 21 540-630 v2\n");
	assert_string_equal(calendars_told(site), "1 31 bumped 0\n2 1 bumped 5400\n2 2 bumped 5400\n2 21 bumped 5400\n");
	assert_int_equal(event_of(site, job, 0), number(site, "SELECT id FROM {scheduled_events}"));
	assert_int_equal(number(site, "SELECT attempts FROM {batch_job_items}"), 1);
	assert_domain_whole(site);
}

static void what_does_not_exist_is_named(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE(NULL, EVENT(99, 0, 30, ""), "{\"content_id\":1,\"version_no\":9,\"starts_at\":\"2030-01-01T00:00:00Z\"}",
			     EVENT(1, 0, 30, ",\"resources\":[77,1]"), EVENT(1, 60, 30, ",\"resources\":[21]"),
			     EVENT(1, 120, 30, ",\"assignees\":[1]"), EVENT(1, 180, 30, ",\"assignees\":[78]"),
			     EVENT(1, 240, 30, ",\"resources\":[13]"), EVENT(1, 300, 30, ",\"assignees\":[29]"),
			     "{\"content_id\":41,\"starts_at\":\"2030-01-01T00:00:00Z\"}",
			     "{\"content_id\":1,\"starts_at\":\"2030-01-01T00:00:00Z\",\"recurrence\":\"FREQ=DAILY;COUNT=3\",\"overrides\":"
			     "{\"2030-01-02T00:00:00\":{\"version_no\":2},\"2030-01-03T00:00:00\":{\"version_no\":9}}}");
	assert_string_equal(told(site, job),
			    "0 failed; content_not_found /content_id: There is no content 99\n"
			    "1 failed; version_not_found /version_no: Content 1 has no version 9\n"
			    "2 failed; resource_not_found /resources: There is no resource 77\n"
			    "3 failed; resource_not_found /resources: There is no resource 21\n"
			    "4 failed; assignee_not_found /assignees: There is no person 1\n"
			    "5 failed; assignee_not_found /assignees: There is no person 78\n"
			    "6 failed; resource_not_found /resources: There is no resource 13\n"
			    "7 failed; assignee_not_found /assignees: There is no person 29\n"
			    "8 failed; version_not_found /content_id: Content 41 has no version yet\n"
			    "9 failed; version_not_found /overrides/2030-01-03T00:00:00/version_no: Content 1 has no version 9\n");
	assert_string_equal(events_told(site), "");
	assert_string_equal(busy_told(site), "");
}

static void every_error_of_an_item_is_told(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE(NULL, EVENT(99, 0, 30, ",\"resources\":[77],\"assignees\":[78],\"titel\":\"x\""));
	assert_string_equal(told(site, job), "0 failed; unknown_field /titel: “titel” is not a field of an event;"
					     " content_not_found /content_id: There is no content 99;"
					     " resource_not_found /resources: There is no resource 77;"
					     " assignee_not_found /assignees: There is no person 78\n");
	assert_string_equal(lines(site, "is", "SELECT outcome, code FROM {batch_item_errors}"), "5 unknown_field\n");
}

static void permission_is_asked_for_each_item(void **state)
{
	struct site *site = *state;
	become(&site->one, AUTHOR);
	int64_t authors = CREATE(NULL, EVENT(AUTHORS_OWN, 0, 30, ""), EVENT(ADMINS_OWN, 0, 30, ""), EVENT(1, 0, 30, ""));
	assert_string_equal(told(site, authors),
			    "0 succeeded\n1 failed; not_permitted /content_id: You may not schedule content 43 as “publish”\n2 succeeded\n");
	become(&site->one, TRAINER);
	int64_t trainers = CREATE(NULL, EVENT(31, 0, 30, ""), EVENT(2, 0, 30, ""), EVENT(3, 0, 30, ",\"schedule_type\":\"training\""),
				  EVENT(32, 0, 30, ",\"schedule_type\":\"publish\""));
	assert_string_equal(told(site, trainers),
			    "0 succeeded\n1 failed; not_permitted /content_id: You may not schedule content 2 as “publish”\n"
			    "2 succeeded\n3 failed; not_permitted /content_id: You may not schedule content 32 as “publish”\n");
	assert_string_equal(lines(site, "ii", "SELECT created_by, COUNT(*) FROM {scheduled_events} GROUP BY 1 ORDER BY 1"),
			    "3 2\n4 2\n");
}

/* The rights that count are those of the moment, not of the moment of sending. */
static void rights_taken_away_meanwhile_are_gone(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, NULL, list_of(site, EVENT(1, 0, 30, ""), NULL));
	sql(site, "DELETE FROM {user_roles} WHERE user_id = 1");
	run_batch(site, job);
	assert_string_equal(told(site, job), "0 failed; not_permitted /content_id: You may not schedule content 1 as “publish”\n");
	assert_string_equal(events_told(site), "");
}

static void the_same_client_id_again_is_unchanged_or_a_duplicate(void **state)
{
	struct site *site = *state;
	const char *event = EVENT(1, 0, 30, ",\"client_id\":\"k\",\"resources\":[1]");
	int64_t first = CREATE(NULL, event);
	int64_t id = event_of(site, first, 0);
	int64_t again = CREATE(NULL, event, EVENT(2, 600, 30, ",\"client_id\":\"K\""));
	assert_string_equal(told(site, again), "0 unchanged\n1 succeeded\n");
	assert_int_equal(event_of(site, again, 0), id);
	int64_t other = CREATE(NULL, EVENT(1, 30, 30, ",\"client_id\":\"k\",\"resources\":[1]"));
	assert_string_equal(told(site, other), text_of(site, "0 failed; duplicate /client_id: Your event %lld already has the client_id"
							     " “k” and is different\n", (long long)id));
	assert_string_equal(status_line(site, again), "succeeded: 1 succeeded 1 unchanged");
	become(&site->one, EDITOR);
	int64_t editors = CREATE(NULL, EVENT(3, 600, 30, ",\"client_id\":\"k\""));
	assert_string_equal(told(site, editors), "0 succeeded\n");
}

static void the_same_client_id_twice_in_a_batch(void **state)
{
	struct site *site = *state;
	const char *event = EVENT(1, 0, 30, ",\"client_id\":\"k\""), *other = EVENT(2, 0, 30, ",\"client_id\":\"k\"");
	int64_t job = CREATE(NULL, event, event, other);
	assert_string_equal(told(site, job), "0 succeeded\n1 unchanged\n"
					     "2 failed; duplicate /client_id: Item 0 of this batch has the client_id “k” too\n");
	assert_int_equal(event_of(site, job, 0), event_of(site, job, 1));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 1);
	/* The same in chunks of their own: the stored event is met. */
	const char *second = EVENT(3, 0, 30, ",\"client_id\":\"l\""), *third = EVENT(4, 0, 30, ",\"client_id\":\"l\"");
	int64_t chunked = CREATE("{\"chunk_size\":1,\"ordered\":true}", second, second, third);
	assert_string_equal(told(site, chunked),
			    text_of(site, "0 succeeded\n1 unchanged\n2 failed; duplicate /client_id: Your event %lld already has the"
					  " client_id “l” and is different\n", (long long)event_of(site, chunked, 0)));
}

static void the_twin_of_a_failed_item_fails_with_it(void **state)
{
	struct site *site = *state;
	const char *event = EVENT(1, 0, 30, ",\"client_id\":\"k\",\"resources\":[1]");
	int64_t blocker = CREATE(NULL, EVENT(2, 0, 30, ",\"resources\":[1]"));
	int64_t job = CREATE(NULL, event, event);
	char *one = text_of(site, "failed; resource_overlap /resources: The resource is taken: event %lld;"
				  " resource_overlap hard with event %lld",
			    (long long)event_of(site, blocker, 0), (long long)event_of(site, blocker, 0));
	assert_string_equal(told(site, job), text_of(site, "0 %s\n1 %s\n", one, one));
}

static void a_taken_venue_is_a_conflict_with_the_stored_event(void **state)
{
	struct site *site = *state;
	int64_t first = CREATE(NULL, EVENT(1, 60, 60, ",\"resources\":[1],\"assignees\":[21]"));
	long long id = event_of(site, first, 0);
	int64_t job = CREATE(NULL, EVENT(2, 90, 60, ",\"resources\":[1]"), EVENT(3, 90, 60, ",\"assignees\":[21]"),
			     EVENT(4, 0, 60, ",\"resources\":[1]"), EVENT(5, 120, 60, ",\"resources\":[1],\"assignees\":[21]"),
			     EVENT(6, 90, 0, ",\"resources\":[1]"));
	assert_string_equal(told(site, job),
			    text_of(site, "0 failed; resource_overlap /resources: The resource is taken: event %lld; resource_overlap"
					  " hard with event %lld\n"
					  "1 failed; assignee_overlap /assignees: The person is busy: event %lld; assignee_overlap"
					  " hard with event %lld\n"
					  "2 succeeded\n3 succeeded\n4 succeeded\n", id, id, id, id));
	assert_domain_whole(site);
}

static void items_of_a_batch_meet_each_other_in_order(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 59, 60, ",\"resources\":[1]"),
			     EVENT(3, 60, 60, ",\"resources\":[1]"), EVENT(4, 30, 60, ",\"resources\":[1]"));
	assert_string_equal(told(site, job),
			    "0 succeeded\n"
			    "1 failed; resource_overlap /resources: The resource is taken: item 0 of this batch;"
			    " resource_overlap hard with item 0\n"
			    "2 succeeded\n"
			    "3 failed; resource_overlap /resources: The resource is taken: item 0 of this batch;"
			    " resource_overlap hard with item 0; resource_overlap hard with item 2\n");
	assert_string_equal(status_line(site, job), "partial: 2 succeeded 2 failed");
	assert_domain_whole(site);
}

static void the_edges_of_the_version_window(void **state)
{
	struct site *site = *state;
	int64_t first = CREATE(NULL, "{\"content_id\":1,\"version_no\":1,\"starts_at\":\"2030-01-01T12:00:00Z\"}");
	long long id = event_of(site, first, 0);
	int64_t job = CREATE(NULL, "{\"content_id\":1,\"version_no\":2,\"starts_at\":\"2030-01-01T12:59:59Z\"}",
			     "{\"content_id\":1,\"version_no\":2,\"starts_at\":\"2030-01-01T11:00:01Z\"}",
			     "{\"content_id\":1,\"version_no\":2,\"starts_at\":\"2030-01-01T13:00:00Z\"}",
			     "{\"content_id\":1,\"version_no\":2,\"starts_at\":\"2030-01-01T11:00:00Z\"}",
			     "{\"content_id\":1,\"version_no\":1,\"starts_at\":\"2030-01-01T12:00:00Z\"}",
			     "{\"content_id\":2,\"version_no\":2,\"starts_at\":\"2030-01-01T12:00:00Z\"}",
			     "{\"content_id\":1,\"starts_at\":\"2030-01-01T12:00:00Z\"}");
	const char *told_once = "version_window /starts_at: Another version is scheduled too close: event";
	char *rest = text_of(site, "failed; %s %lld; version_window soft with event %lld", told_once, id, id);
	/* No version is a version of its own: the latest when the moment comes. */
	assert_string_equal(told(site, job),
			    text_of(site, "0 %s\n1 %s\n2 succeeded\n3 succeeded\n4 succeeded; warning older_version: Version 1 comes after version 2: item 3 is earlier\n5 succeeded\n"
					  "6 %s; version_window soft with item 4\n", rest, rest, rest));
}

static void the_window_is_an_option(void **state)
{
	struct site *site = *state;
	const char *first = "{\"content_id\":1,\"version_no\":1,\"starts_at\":\"2030-01-01T12:00:00Z\"}";
	const char *near = "{\"content_id\":1,\"version_no\":2,\"starts_at\":\"2030-01-01T12:00:00Z\"}";
	int64_t job = CREATE("{\"conflict_window_s\":0}", first, near);
	assert_string_equal(told(site, job), "0 succeeded\n1 succeeded\n");
	int64_t wide = CREATE("{\"conflict_window_s\":172801}",
			      "{\"content_id\":1,\"version_no\":1,\"starts_at\":\"2030-01-03T12:00:00Z\"}");
	assert_string_equal(status_line(site, wide), "failed: 1 failed");
}

static void keep_both_keeps_soft_conflicts_only(void **state)
{
	struct site *site = *state;
	int64_t first = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[11,1]"));
	long long id = event_of(site, first, 0);
	int64_t job = CREATE("{\"on_conflict\":\"keep_both\"}", EVENT(2, 0, 60, ",\"resources\":[11]"), EVENT(3, 0, 60, ",\"resources\":[1]"),
			     "{\"content_id\":1,\"version_no\":2,\"starts_at\":\"2030-01-01T00:00:00Z\"}");
	assert_string_equal(told(site, job),
			    text_of(site, "0 succeeded; resource_overlap soft with event %lld; warning resource_overlap: The resource is"
					  " taken: event %lld\n"
					  "1 failed; resource_overlap /resources: The resource is taken: event %lld; resource_overlap"
					  " hard with event %lld\n"
					  "2 succeeded; version_window soft with event %lld; warning version_window: Another version is"
					  " scheduled too close: event %lld\n", id, id, id, id, id, id));
	assert_string_equal(status_line(site, job), "partial: 2 succeeded 1 failed");
	assert_domain_whole(site);
}

static void skip_leaves_colliding_items_out(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE("{\"on_conflict\":\"skip\"}", EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 0, 60, ",\"resources\":[1]"),
			     EVENT(99, 0, 60, ""));
	assert_string_equal(told(site, job),
			    "0 succeeded\n1 skipped; resource_overlap /resources: The resource is taken: item 0 of this batch;"
			    " resource_overlap hard with item 0\n"
			    "2 failed; content_not_found /content_id: There is no content 99\n");
	assert_string_equal(status_line(site, job), "partial: 1 succeeded 1 skipped 1 failed");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 1);
}

static void a_hall_for_two_takes_two(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[12]"), EVENT(2, 30, 60, ",\"resources\":[12]"),
			     EVENT(3, 45, 60, ",\"resources\":[12]"), EVENT(4, 60, 30, ",\"resources\":[12]"));
	assert_string_equal(status_line(site, job), "partial: 3 succeeded 1 failed");
	assert_int_equal(event_of(site, job, 2), 0);
}

static void long_events_of_days_before_are_seen(void **state)
{
	struct site *site = *state;
	int64_t first = CREATE(NULL, EVENT(1, 0, 20 * 1440, ",\"resources\":[1]"));
	int64_t job = CREATE(NULL, EVENT(2, 19 * 1440, 30, ",\"resources\":[1]"), EVENT(3, 20 * 1440, 30, ",\"resources\":[1]"));
	assert_int_equal(number(site, "SELECT max_duration_s FROM {calendars} WHERE kind = 2"), 20 * 86400);
	assert_string_equal(told(site, job),
			    text_of(site, "0 failed; resource_overlap /resources: The resource is taken: event %lld; resource_overlap"
					  " hard with event %lld\n1 succeeded\n",
				    (long long)event_of(site, first, 0), (long long)event_of(site, first, 0)));
}

static void a_draft_takes_its_place_too(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1],\"status\":\"draft\""), EVENT(2, 0, 60, ",\"resources\":[1]"));
	assert_string_equal(status_line(site, job), "partial: 1 succeeded 1 failed");
	assert_string_equal(lines(site, "ss", "SELECT status, next_due_at FROM {scheduled_events}"), "draft -\n");
}

static void every_chunk_bumps_the_calendars_it_touches(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":2,\"ordered\":true}",
				list_of(site, EVENT(1, 0, 30, ",\"resources\":[1]"), EVENT(1, 60, 30, ",\"resources\":[1]"),
					EVENT(2, 120, 60, ",\"resources\":[2]"), EVENT(2, 240, 30, ",\"resources\":[2]"), NULL));
	advance_once(&site->one, job);
	assert_string_equal(calendars_told(site), "1 1 bumped 0\n2 1 bumped 1800\n");
	calendars_mark(site);
	advance_once(&site->one, job);
	assert_string_equal(calendars_told(site), "1 1 still 0\n1 2 bumped 0\n2 1 still 1800\n2 2 bumped 3600\n");
	assert_string_equal(status_line(site, job), "succeeded: 4 succeeded");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(an_event_is_written_with_all_that_belongs_to_it),
		CASE(what_does_not_exist_is_named),
		CASE(every_error_of_an_item_is_told),
		CASE(permission_is_asked_for_each_item),
		CASE(rights_taken_away_meanwhile_are_gone),
		CASE(the_same_client_id_again_is_unchanged_or_a_duplicate),
		CASE(the_same_client_id_twice_in_a_batch),
		CASE(the_twin_of_a_failed_item_fails_with_it),
		CASE(a_taken_venue_is_a_conflict_with_the_stored_event),
		CASE(items_of_a_batch_meet_each_other_in_order),
		CASE(the_edges_of_the_version_window),
		CASE(the_window_is_an_option),
		CASE(keep_both_keeps_soft_conflicts_only),
		CASE(skip_leaves_colliding_items_out),
		CASE(a_hall_for_two_takes_two),
		CASE(long_events_of_days_before_are_seen),
		CASE(a_draft_takes_its_place_too),
		CASE(every_chunk_bumps_the_calendars_it_touches),
	};
	return cmocka_run_group_tests_name("create", cases, site_open, site_close);
}
