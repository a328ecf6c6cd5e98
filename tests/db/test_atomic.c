/* Batches that are all or nothing, and batches that are checked before anything is written. */
#include "jobs.h"

#include "base/clock.h"
#include "base/json.h"
#include "batch/work.h"
#include "schedule/edit.h"
#include "store/events.h"

/* --- in one transaction --------------------------------------------------------------- */

static void up_to_a_thousand_items_are_one_transaction(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"atomic\":true,\"chunk_size\":10}", many_events(site, 200));
	assert_string_equal(status_line(site, job), "succeeded: 200 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE job_unpublished = 0"), 200);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_chunks} WHERE state = 'done'"), 1);
	assert_domain_whole(site);
}

static void one_bad_item_and_nothing_is_written(void **state)
{
	struct site *site = *state;
	const char *before = domain_sum(site);
	char *good = event_json(site, 1, 600, 60, ",\"resources\":[1]");
	int64_t job = new_run(site, JOB_CREATE, "{\"atomic\":true}",
			      list_of(site, good, event_json(site, 99, 900, 60, ""), event_json(site, 2, 630, 60, ",\"resources\":[1]"),
				      event_json(site, 3, 2000, 60, ""), NULL));
	assert_string_equal(status_line(site, job), "rolled_back: 2 failed 2 unprocessed");
	assert_string_equal(told(site, job), "0 unprocessed\n"
					     "1 failed; content_not_found /content_id: There is no content 99\n"
					     "2 failed; resource_overlap /resources: The resource is taken: item 0 of this batch;"
					     " resource_overlap hard with item 0\n"
					     "3 unprocessed\n");
	sql(site, "DELETE FROM {calendars}"); /* their locks are no effect */
	assert_string_equal(domain_sum(site), before);
}

static void updates_in_one_transaction(void **state)
{
	struct site *site = *state;
	int64_t source = new_run(site, JOB_CREATE, NULL, many_events(site, 20));
	const char *before = events_told(site), *places = busy_told(site);
	char *items = text_of(site, "[{\"selector\":{\"event_id\":%lld},\"values\":{\"shift_s\":86400}},"
				    "{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"x\"},\"expected_version\":9}]",
			      (long long)event_of(site, source, 0), (long long)event_of(site, source, 1));
	assert_string_equal(status_line(site, new_run(site, JOB_UPDATE, "{\"atomic\":true}", items)), "rolled_back: 1 failed 1 unprocessed");
	assert_string_equal(events_told(site), before);
	assert_string_equal(busy_told(site), places);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {undo_rows}"), 0);
	items = text_of(site, "[{\"selector\":{\"event_id\":%lld},\"values\":{\"shift_s\":86400}}]", (long long)event_of(site, source, 0));
	assert_string_equal(status_line(site, new_run(site, JOB_UPDATE, "{\"atomic\":true}", items)), "succeeded: 1 succeeded");
	assert_domain_whole(site);
}

static void what_is_skipped_or_unchanged_is_no_failure(void **state)
{
	struct site *site = *state;
	char *first = event_json(site, 1, 600, 60, ",\"resources\":[1],\"client_id\":\"a\"");
	(void)new_run(site, JOB_CREATE, NULL, list_of(site, first, NULL));
	int64_t job = new_run(site, JOB_CREATE, "{\"atomic\":true,\"on_conflict\":\"skip\"}",
			      list_of(site, first, event_json(site, 2, 600, 60, ",\"resources\":[1]"), event_json(site, 3, 900, 60, ""), NULL));
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded 1 unchanged 1 skipped");
}

static void soft_conflicts_are_kept_if_wished(void **state)
{
	struct site *site = *state;
	char *venue = text_of(site, ",\"resources\":[%d]", SOFT_VENUE);
	int64_t job = new_run(site, JOB_CREATE, "{\"atomic\":true,\"on_conflict\":\"keep_both\"}",
			      list_of(site, event_json(site, 1, 600, 60, venue), event_json(site, 2, 600, 60, venue), NULL));
	assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
}

/* --- validate_before_execute ------------------------------------------------------------- */

static void nothing_is_written_unless_every_item_can_be(void **state)
{
	struct site *site = *state;
	const char *before = domain_sum(site);
	int64_t job = new_run(site, JOB_CREATE, "{\"validate_before_execute\":true,\"chunk_size\":2}",
			      list_of(site, event_json(site, 1, 600, 60, ",\"resources\":[1]"), event_json(site, 3, 2000, 60, ""),
				      event_json(site, 2, 630, 60, ",\"resources\":[1]"), event_json(site, 4, 3000, 60, ""),
				      "{\"title\":\"?\"}", NULL));
	assert_string_equal(status_line(site, job), "failed: 2 failed 3 unprocessed");
	assert_string_equal(told(site, job), "0 unprocessed\n1 unprocessed\n"
					     "2 failed; resource_overlap /resources: The resource is taken: item 0 of this batch;"
					     " resource_overlap hard with item 0\n"
					     "3 unprocessed\n"
					     "4 failed; required /content_id: content_id is missing; time_missing /starts_at:"
					     " starts_at is missing\n");
	assert_string_equal(domain_sum(site), before);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy_plan}"), 0);
}

static void what_has_been_checked_is_carried_out(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"validate_before_execute\":true,\"chunk_size\":30}", many_events(site, 100));
	assert_string_equal(status_line(site, job), "succeeded: 100 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 100);
	assert_int_equal(number(site, "SELECT MAX(attempts) FROM {batch_job_items}"), 1);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy_plan}"), 0);
	assert_domain_whole(site);
}

static void a_check_that_failed_can_be_retried(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"validate_before_execute\":true,\"chunk_size\":2}",
			      list_of(site, event_json(site, 1, 600, 60, ",\"client_id\":\"a\""), event_json(site, 99, 900, 60, ",\"client_id\":\"b\""),
				      event_json(site, 3, 2000, 60, ",\"client_id\":\"c\""), NULL));
	assert_string_equal(status_line(site, job), "failed: 1 failed 2 unprocessed");
	sql(site, "INSERT INTO {contents} (id, title, latest_version, created_at) VALUES (99, 'Late', 1, NOW())");
	sql(site, "INSERT INTO {content_versions} (content_id, version_no, created_at) VALUES (99, 1, NOW())");
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_FAILED), 0));
	run_batch(site, job);
	sql(site, "DELETE FROM {contents} WHERE id = 99");
	sql(site, "DELETE FROM {content_versions} WHERE content_id = 99");
	assert_string_equal(status_line(site, job), "succeeded: 3 succeeded");
	assert_string_equal(told(site, job), "0 succeeded\n1 succeeded\n2 succeeded\n");
}

/* --- more than one transaction holds --------------------------------------------------------- */

enum { MANY = 1200 };

static int64_t seen(struct site *site, struct event_filter filter)
{
	int64_t count;
	assert_done(&site->two, events_count(&site->two, &filter, 100000, &count));
	return count;
}

/* Works chunk by chunk; after each a reader counts what `filter` matches: `before`, or from some moment on `after`. */
static void run_watched(struct site *site, int64_t job, struct event_filter filter, int64_t before, int64_t after)
{
	struct advance_report report = { 0 };
	bool turned = false;
	int64_t looks = 0;
	for (; looks < 1000 && !report.is_terminal; looks++) {
		assert_done(&site->one, batch_advance(&site->one, job, ONE_STEP, &report));
		int64_t count = seen(site, filter);
		turned |= count == after;
		if (count != (turned ? after : before))
			fail_msg("a reader saw %lld of %lld events", (long long)count, (long long)after);
	}
	assert_true(report.is_terminal);
	assert_in_range(looks, 8, 999);
}

static void creates_are_seen_all_at_once(void **state)
{
	struct site *site = *state;
	struct event_filter all = { 0 };
	int64_t job = batch_new(site, JOB_CREATE, "{\"atomic\":true,\"chunk_size\":300}", many_events(site, MANY));
	run_watched(site, job, all, 0, MANY);
	assert_string_equal(status_line(site, job), "succeeded: 1200 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE job_unpublished = 0"), MANY);
	assert_int_equal(number(site, "SELECT MAX(attempts) FROM {batch_job_items}"), 1);
	assert_domain_whole(site);
}

static char *changes_of(struct site *site, int64_t source, const char *values)
{
	struct str out = STR_INIT;
	char *ids = text_of(site, "%s", lines(site, "i", "SELECT event_id FROM {batch_job_items} WHERE job_id = %lld ORDER BY ordinal",
					      (long long)source));
	for (char *id = strtok(ids, "\n"); id; id = strtok(NULL, "\n"))
		str_addf(&out, "%s{\"selector\":{\"event_id\":%s},\"values\":%s}", out.len ? "," : "[", id, values);
	str_addc(&out, ']');
	return kept_text(site, &out);
}

/* Who looked at the batch before anybody planned must not take its checks for writes. */
static void a_lane_that_comes_too_early_checks_first(void **state)
{
	struct site *site = *state;
	struct event_filter all = { 0 };
	struct advance_report report = { 0 };
	struct worker early;
	struct job job;
	int64_t id = batch_new(site, JOB_CREATE, "{\"atomic\":true,\"chunk_size\":300}", many_events(site, MANY));
	assert_done(&site->two, job_get(&site->two, id, &job));
	assert_done(&site->two, work_open(&site->two, &job, &early));
	assert_done(&site->one, batch_advance(&site->one, id, ONE_STEP, &report));
	early.chunks_max = 1;
	bool ok = work_until(&early, monotonic_ms() + 5000);
	assert_done(&site->two, work_close(&early, ok, monotonic_ms() + 5000));
	assert_int_equal(early.report.chunks, 1);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 0);
	assert_int_equal(seen(site, all), 0);
	run_batch(site, id);
	assert_int_equal(seen(site, all), MANY);
}

static void changes_are_seen_all_at_once(void **state)
{
	struct site *site = *state;
	struct event_filter changed = { .text = "Changed" };
	int64_t source = new_run(site, JOB_CREATE, NULL, many_events(site, MANY));
	int64_t job = batch_new(site, JOB_UPDATE, "{\"atomic\":true,\"chunk_size\":300}",
				changes_of(site, source, "{\"title\":\"Changed\",\"shift_s\":864000}"));
	run_watched(site, job, changed, 0, MANY);
	assert_string_equal(status_line(site, job), "succeeded: 1200 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE title = 'Changed' AND row_version = 2"
				      " AND job_unpublished = 0 AND shadow_of IS NULL AND client_id IS NOT NULL AND created_by = 1"), MANY);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), MANY);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {undo_rows} WHERE written_version = 2"), MANY);
	assert_domain_whole(site);
}

/* All of these move onto the place of the next: only possible together. */
static void places_are_left_and_taken_by_the_same_batch(void **state)
{
	struct site *site = *state;
	int64_t source = new_run(site, JOB_CREATE, NULL, many_events(site, MANY));
	int64_t job = new_run(site, JOB_UPDATE, "{\"atomic\":true}",
			      "[{\"selector\":{\"query\":{\"status\":\"scheduled\"}},\"values\":{\"shift_s\":1800}}]");
	(void)source;
	assert_string_equal(status_line(site, job), "succeeded: 1200 succeeded");
	assert_domain_whole(site);
}

static void resources_move_with_their_events(void **state)
{
	struct site *site = *state;
	int64_t source = new_run(site, JOB_CREATE, NULL, many_events(site, MANY));
	int64_t job = new_run(site, JOB_UPDATE, "{\"atomic\":true}",
			      changes_of(site, source, text_of(site, "{\"resources\":[%d]}", SOFT_VENUE)));
	assert_string_equal(status_line(site, job), "rolled_back: 1080 failed 120 unprocessed");
	job = new_run(site, JOB_UPDATE, "{\"atomic\":true,\"on_conflict\":\"keep_both\"}",
		      changes_of(site, source, text_of(site, "{\"resources\":[%d]}", SOFT_VENUE)));
	assert_string_equal(status_line(site, job), "succeeded: 1200 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_resources} WHERE resource_id = %d AND event_id > 0", SOFT_VENUE), MANY);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_resources}"), MANY);
	assert_domain_whole(site);
}

static void an_item_that_fails_late_takes_everything_back(void **state)
{
	struct site *site = *state;
	struct event_filter all = { 0 };
	struct advance_report report = { 0 };
	int64_t job = batch_new(site, JOB_CREATE, "{\"atomic\":true,\"chunk_size\":300,\"ordered\":true}", many_events(site, MANY));
	/* The check is through, and half is written: then somebody takes a place. */
	while (number(site, "SELECT COUNT(*) FROM {scheduled_events}") < 600 && !report.is_terminal)
		assert_done(&site->one, batch_advance(&site->one, job, ONE_STEP, &report));
	assert_int_equal(seen(site, all), 0);
	sql(site, "INSERT INTO {scheduled_events} (content_id, schedule_type, starts_at, ends_at, created_by, client_id)"
		  " VALUES (1, 'publish', '2030-01-01', '2030-01-01', 1, 'e-700')");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "rolled_back: 1 failed 300 unprocessed 899 undone");
	assert_int_equal(seen(site, all), 1);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 1);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy}"), 0);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_resources}"), 0);
}

static void changes_that_are_given_up_leave_no_trace(void **state)
{
	struct site *site = *state;
	struct advance_report report = { 0 };
	int64_t source = new_run(site, JOB_CREATE, NULL, many_events(site, MANY));
	const char *events = events_told(site), *places = busy_told(site);
	int64_t job = batch_new(site, JOB_UPDATE, "{\"atomic\":true,\"chunk_size\":300}",
				changes_of(site, source, "{\"title\":\"Changed\",\"shift_s\":864000}"));
	while (number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE shadow_of > 0") < 600 && !report.is_terminal)
		assert_done(&site->one, batch_advance(&site->one, job, ONE_STEP, &report));
	assert_done(&site->one, batch_cancel(&site->one, job, true));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "rolled_back: 600 unprocessed 600 undone");
	assert_string_equal(events_told(site), events);
	assert_string_equal(busy_told(site), places);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE job_unpublished <> 0"), 0);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {undo_rows}"), 0);
	assert_domain_whole(site);
}

static void a_check_that_fails_writes_nothing(void **state)
{
	struct site *site = *state;
	(void)new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 30, 30, 60, ",\"resources\":[2]"), NULL));
	const char *before = domain_sum(site);
	int64_t job = new_run(site, JOB_CREATE, "{\"atomic\":true}", many_events(site, MANY));
	assert_string_equal(status_line(site, job), "rolled_back: 2 failed 1198 unprocessed");
	assert_string_equal(domain_sum(site), before);
}

/* The same event twice, far apart: the second item finds what the first has made of it. */
static void an_event_may_be_named_twice(void **state)
{
	struct site *site = *state;
	struct str out = STR_INIT;
	int64_t source = new_run(site, JOB_CREATE, NULL, many_events(site, MANY));
	int64_t id = event_of(site, source, 0);
	char *changes = changes_of(site, source, "{\"title\":\"Changed\",\"shift_s\":864000}");
	changes[strlen(changes) - 1] = '\0';
	str_addf(&out, "%s,{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"Twice\",\"shift_s\":1728000}}]", changes, (long long)id);
	int64_t job = new_run(site, JOB_UPDATE, "{\"atomic\":true,\"chunk_size\":300,\"ordered\":true}", str_text(&out));
	str_free(&out);
	assert_string_equal(status_line(site, job), "succeeded: 1201 succeeded");
	assert_string_equal(lines(site, "ssii", "SELECT title, starts_at, row_version, duration_s FROM {scheduled_events} WHERE id = %lld",
				  (long long)id),
			    "Twice 2030-01-31 00:00:00 3 1800\n");
	assert_string_equal(lines(site, "iis", "SELECT row_version, written_version, title FROM {undo_rows} WHERE event_id = %lld"
				  " ORDER BY row_version", (long long)id),
			    "1 2 \n2 3 Changed\n");
	assert_domain_whole(site);
}

static void others_meet_what_is_held(void **state)
{
	struct site *site = *state;
	struct advance_report report = { 0 };
	int64_t source = new_run(site, JOB_CREATE, NULL, many_events(site, MANY));
	int64_t id = event_of(site, source, 0);
	int64_t job = batch_new(site, JOB_UPDATE, "{\"atomic\":true,\"chunk_size\":300,\"ordered\":true}",
				changes_of(site, source, "{\"shift_s\":8640000}"));
	while (number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE shadow_of > 0") < 600 && !report.is_terminal)
		assert_done(&site->one, batch_advance(&site->one, job, ONE_STEP, &report));
	/* The event itself, its old place and its new one. */
	const char *items = text_of(site, "[{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"x\"}}]", (long long)id);
	assert_string_equal(told(site, new_run(site, JOB_UPDATE, NULL, items)),
			    text_of(site, "0 failed; event_locked /selector: Event %lld is held by batch %lld until that has ended\n",
				    (long long)id, (long long)job));
	const char *creates = list_of(site, event_json(site, 30, 0, 30, ",\"resources\":[1]"),
				      event_json(site, 30, 144000, 30, ",\"resources\":[1]"), NULL);
	const char *wanted = text_of(site, "0 failed; resource_overlap /resources: The resource is taken: event %lld;"
					   " resource_overlap hard with event %lld\n"
					   "1 failed; resource_overlap /resources: The resource is taken: event %lld;"
					   " resource_overlap hard with event %lld\n",
				     (long long)id, (long long)id, (long long)id, (long long)id);
	assert_string_equal(told(site, new_run(site, JOB_CREATE, NULL, creates)), wanted);
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 1200 succeeded");
	assert_domain_whole(site);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(up_to_a_thousand_items_are_one_transaction), CASE(one_bad_item_and_nothing_is_written),
		CASE(updates_in_one_transaction),		  CASE(what_is_skipped_or_unchanged_is_no_failure),
		CASE(soft_conflicts_are_kept_if_wished),	  CASE(nothing_is_written_unless_every_item_can_be),
		CASE(what_has_been_checked_is_carried_out),	  CASE(a_check_that_failed_can_be_retried),
		CASE(creates_are_seen_all_at_once),		  CASE(a_lane_that_comes_too_early_checks_first),
		CASE(changes_are_seen_all_at_once),
		CASE(places_are_left_and_taken_by_the_same_batch), CASE(resources_move_with_their_events),
		CASE(an_item_that_fails_late_takes_everything_back), CASE(changes_that_are_given_up_leave_no_trace),
		CASE(a_check_that_fails_writes_nothing),	  CASE(an_event_may_be_named_twice),
		CASE(others_meet_what_is_held),
	};
	return cmocka_run_group_tests_name("atomic", cases, site_open, site_close);
}
