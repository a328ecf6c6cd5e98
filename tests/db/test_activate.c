/* Events whose moment has come: taken once, carried out once, waiting, missed. */
#include "jobs.h"

#include "batch/activate.h"

/* An event of content 1 to 40 that was due so many seconds ago. */
static int64_t due(struct site *site, int64_t content, int64_t version, int64_t ago_s, const char *more)
{
	char *item = text_of(site, "[{\"content_id\":%lld,\"version_no\":%lld,\"starts_at\":\"2030-01-01T00:00:00Z\"%s}]",
			     (long long)content, (long long)version, more);
	int64_t id = event_of(site, new_run(site, JOB_CREATE, "{\"on_conflict\":\"keep_both\"}", item), 0);
	assert_true(id > 0);
	sql(site, "UPDATE {scheduled_events} SET starts_at = UTC_TIMESTAMP() - INTERVAL %lld SECOND, ends_at = starts_at,"
		  " next_due_at = starts_at WHERE id = %lld", (long long)ago_s, (long long)id);
	return id;
}

static int64_t newest(struct site *site)
{
	return number(site, "SELECT COALESCE(MAX(id), 0) FROM {batch_jobs} WHERE type = 'activate'");
}

/* Whoever has time to spare; the batch that was made by it, 0 = none. */
static int64_t spare_time(struct site *site)
{
	struct drive how = { .budget_ms = 20000 };
	struct drive_report report;
	int64_t before = newest(site);
	sql(site, "UPDATE {maintenance} SET due_at = '2000-01-01'");
	assert_done(&site->one, batch_drive(&site->one, &how, &report));
	return newest(site) > before ? newest(site) : 0;
}

static const char *status_of(struct site *site, int64_t id)
{
	return lines(site, "s", "SELECT status FROM {scheduled_events} WHERE id = %lld", (long long)id);
}

static int64_t live(struct site *site, int64_t content)
{
	return number(site, "SELECT live_version FROM {contents} WHERE id = %lld", (long long)content);
}

static void what_is_due_goes_live_and_is_completed(void **state)
{
	struct site *site = *state;
	int64_t two = due(site, 1, 2, 30, ""), latest = due(site, 2, 1, 20, ""), ahead = due(site, 3, 1, -600, "");
	new_run(site, JOB_UPDATE, NULL, text_of(site, "[{\"selector\":{\"event_id\":%lld},\"values\":{\"version_no\":null}}]",
						(long long)latest));
	sql(site, "UPDATE {scheduled_events} SET starts_at = UTC_TIMESTAMP() - INTERVAL 20 SECOND, next_due_at = starts_at"
		  " WHERE id = %lld", (long long)latest);
	int64_t job = spare_time(site);
	assert_string_equal(told(site, job), "0 succeeded\n1 succeeded\n");
	assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
	assert_int_equal(live(site, 1), 2);
	assert_int_equal(live(site, 2), 3);
	assert_int_equal(live(site, 3), 0);
	assert_string_equal(status_of(site, two), "completed\n");
	assert_string_equal(status_of(site, latest), "completed\n");
	assert_string_equal(status_of(site, ahead), "scheduled\n");
	/* Never again. */
	assert_int_equal(spare_time(site), 0);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE next_due_at IS NULL"), 2);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_history} WHERE job_id = %lld", (long long)job), 2);
}

static void two_that_look_at_once_make_one_batch(void **state)
{
	struct site *site = *state;
	for (int i = 1; i <= 5; i++)
		due(site, i, 2, 10, "");
	sql(site, "UPDATE {maintenance} SET due_at = '2000-01-01'");
	assert_done(&site->one, activate_due(&site->one));
	assert_done(&site->two, activate_due(&site->two));
	sql(site, "UPDATE {maintenance} SET due_at = '2000-01-01'");
	assert_done(&site->two, activate_due(&site->two)); /* one is open */
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_jobs} WHERE type = 'activate'"), 1);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items} i JOIN {batch_jobs} j ON j.id = i.job_id"
				" WHERE j.type = 'activate'"), 5);
}

static void events_of_a_batch_that_is_given_up_are_due_again(void **state)
{
	struct site *site = *state;
	int64_t id = due(site, 1, 2, 10, "");
	sql(site, "UPDATE {maintenance} SET due_at = '2000-01-01'");
	assert_done(&site->one, activate_due(&site->one));
	assert_done(&site->one, batch_cancel(&site->one, newest(site), true));
	assert_int_equal(spare_time(site), 0); /* its lease runs */
	sql(site, "UPDATE {scheduled_events} SET next_due_at = UTC_TIMESTAMP() WHERE id = %lld", (long long)id);
	assert_string_equal(told(site, spare_time(site)), "0 succeeded\n");
	assert_int_equal(live(site, 1), 2);
}

static void what_waits_for_an_event_of_its_own_moment_follows_in_time(void **state)
{
	struct site *site = *state;
	int64_t first = due(site, 1, 2, 5, "");
	int64_t next = due(site, 2, 2, 5, text_of(site, ",\"grace_s\":0,\"conditions\":{\"==\":[{\"var\":\"events.%lld.status\"},\"completed\"]}",
						   (long long)first));
	assert_string_equal(status_line(site, spare_time(site)), "succeeded: 1 succeeded 1 skipped");
	assert_string_equal(status_of(site, first), "completed\n");
	assert_int_equal(number(site, "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), next_due_at) <= 10 AND TIMESTAMPDIFF(SECOND, starts_at,"
				      " next_due_at) <= 60 FROM {scheduled_events} WHERE id = %lld", (long long)next), 1);
	sql(site, "UPDATE {scheduled_events} SET next_due_at = UTC_TIMESTAMP() WHERE id = %lld", (long long)next);
	assert_string_equal(told(site, spare_time(site)), "0 succeeded\n");
	assert_string_equal(status_of(site, next), "completed\n");
}

static void what_its_conditions_forbid_waits_and_is_missed_in_the_end(void **state)
{
	struct site *site = *state;
	int64_t id = due(site, 1, 2, 300, ",\"conditions\":{\"==\":[{\"var\":\"content.title\"},\"Ready\"]}");
	int64_t other = due(site, 2, 2, 300, ",\"conditions\":{\"==\":[{\"var\":\"content.title\"},\"Ready\"]}");
	int64_t job = spare_time(site);
	assert_string_equal(status_line(site, job), "succeeded: 2 skipped");
	assert_string_equal(status_of(site, id), "scheduled\n");
	assert_int_equal(number(site, "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), next_due_at) BETWEEN 120 AND 200"
				" FROM {scheduled_events} WHERE id = %lld", (long long)id), 1);
	assert_int_equal(spare_time(site), 0);
	/* One of them becomes true, the other's grace is over. */
	sql(site, "UPDATE {contents} SET title = 'Ready' WHERE id = 1");
	sql(site, "UPDATE {scheduled_events} SET next_due_at = UTC_TIMESTAMP() - INTERVAL 1 SECOND");
	sql(site, "UPDATE {scheduled_events} SET starts_at = UTC_TIMESTAMP() - INTERVAL 3700 SECOND WHERE id = %lld", (long long)other);
	job = spare_time(site);
	assert_string_equal(status_line(site, job), "partial: 1 succeeded 1 failed");
	assert_non_null(strstr(told(site, job), "event_missed /conditions: Due at "));
	assert_string_equal(status_of(site, id), "completed\n");
	assert_string_equal(status_of(site, other), "missed\n");
	assert_int_equal(live(site, 1), 2);
	assert_int_equal(live(site, 2), 0);
	/* Never silently; and its place is free. */
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {audit_log} WHERE action = 'event.missed' AND object_id = %lld",
				(long long)other), 1);
	assert_int_equal(number(site, "SELECT occurrences FROM {error_logs} WHERE code = 'event_missed'"), 1);
}

static void who_comes_late_goes_by_each_events_misfire_policy(void **state)
{
	struct site *site = *state;
	int64_t late = due(site, 1, 2, 7200, ""), all = due(site, 2, 2, 864000, ",\"misfire\":\"run_all\"");
	int64_t skip = due(site, 3, 2, 120, ",\"misfire\":\"skip\""), grace = due(site, 4, 2, 7200, ",\"grace_s\":9000");
	spare_time(site);
	assert_string_equal(status_of(site, late), "missed\n");
	assert_string_equal(status_of(site, all), "completed\n");
	assert_string_equal(status_of(site, skip), "missed\n");
	assert_string_equal(status_of(site, grace), "completed\n");
}

static void a_later_event_is_not_set_back_by_an_earlier_one(void **state)
{
	struct site *site = *state;
	int64_t first = due(site, 1, 1, 600, ",\"conditions\":{\"var\":\"attributes.ok\"},\"attributes\":{\"ok\":false}");
	spare_time(site);
	due(site, 1, 3, 60, "");
	spare_time(site);
	assert_int_equal(live(site, 1), 3);
	sql(site, "UPDATE {scheduled_events} SET attributes = JSON_OBJECT('ok', TRUE), next_due_at = UTC_TIMESTAMP() WHERE id = %lld",
	    (long long)first);
	int64_t job = spare_time(site);
	assert_non_null(strstr(told(site, job), "0 failed; overtaken"));
	assert_int_equal(live(site, 1), 3);
	assert_string_equal(status_of(site, first), "missed\n");
	/* A later one may: it is told that the version is older. */
	due(site, 1, 2, 5, "");
	job = spare_time(site);
	assert_int_equal(live(site, 1), 2);
	assert_non_null(strstr(lines(site, "s", "SELECT detail FROM {batch_item_errors} WHERE job_id = %lld", (long long)job),
			       "Version 2 replaces version 3"));
}

static void several_of_one_content_happen_in_the_order_of_their_moments(void **state)
{
	struct site *site = *state;
	due(site, 1, 3, 10, "");
	due(site, 1, 1, 50, "");
	due(site, 1, 2, 30, "");
	assert_string_equal(status_line(site, spare_time(site)), "succeeded: 3 succeeded");
	assert_int_equal(live(site, 1), 3);
}

static void a_series_happens_occurrence_by_occurrence(void **state)
{
	struct site *site = *state;
	int64_t id = event_of(site, new_run(site, JOB_CREATE, NULL,
					    "[{\"content_id\":1,\"version_no\":2,\"starts_at\":\"2030-01-01T00:00:00Z\","
					    "\"recurrence\":\"FREQ=DAILY;COUNT=3\"}]"), 0);
	/* Two are over, a minute and a day ago; one is ahead. */
	sql(site, "UPDATE {event_occurrences} SET start_utc = UNIX_TIMESTAMP() - 86460 + (local_start - 1893456000), end_utc = start_utc");
	sql(site, "UPDATE {scheduled_events} SET next_due_at = UTC_TIMESTAMP() - INTERVAL 1 MINUTE");
	assert_string_equal(status_line(site, spare_time(site)), "succeeded: 1 succeeded");
	assert_int_equal(live(site, 1), 2);
	assert_string_equal(lines(site, "i", "SELECT state FROM {event_occurrences} ORDER BY local_start"), "2\n1\n0\n");
	assert_string_equal(status_of(site, id), "scheduled\n");
	assert_int_equal(number(site, "SELECT UNIX_TIMESTAMP(next_due_at) = (SELECT MAX(start_utc) FROM {event_occurrences})"
				" FROM {scheduled_events}"), 1);
	assert_int_equal(spare_time(site), 0);
	/* The last one ends it. */
	sql(site, "UPDATE {event_occurrences} SET start_utc = UNIX_TIMESTAMP() - 5 WHERE state = 0");
	sql(site, "UPDATE {scheduled_events} SET next_due_at = UTC_TIMESTAMP()");
	spare_time(site);
	assert_string_equal(status_of(site, id), "completed\n");
	assert_string_equal(lines(site, "i", "SELECT state FROM {event_occurrences} ORDER BY local_start"), "2\n1\n1\n");
}

/* The servers' own conversions of seconds end in 2038. */
static void a_series_goes_on_after_2038(void **state)
{
	struct site *site = *state;
	int64_t id = event_of(site, new_run(site, JOB_CREATE, NULL,
					    "[{\"content_id\":1,\"version_no\":2,\"starts_at\":\"2030-01-01T00:00:00Z\","
					    "\"rdates\":[\"2090-06-01T00:00:00\"]}]"), 0);
	sql(site, "UPDATE {event_occurrences} SET start_utc = UNIX_TIMESTAMP() - 60, end_utc = start_utc WHERE start_utc < 2000000000");
	sql(site, "INSERT IGNORE INTO {event_occurrences} (event_id, local_start, start_utc, end_utc) VALUES (%lld, 3799958400, 3799958400, 3799958400)",
	    (long long)id);
	sql(site, "UPDATE {scheduled_events} SET next_due_at = UTC_TIMESTAMP() - INTERVAL 1 MINUTE");
	assert_string_equal(status_line(site, spare_time(site)), "succeeded: 1 succeeded");
	assert_string_equal(lines(site, "si", "SELECT status, next_due_at = '2090-06-01 00:00:00' FROM {scheduled_events}"), "scheduled 1\n");
}

static void what_was_changed_since_it_was_taken_is_left_alone(void **state)
{
	struct site *site = *state;
	int64_t id = due(site, 1, 2, 10, "");
	sql(site, "UPDATE {maintenance} SET due_at = '2000-01-01'");
	assert_done(&site->one, activate_due(&site->one));
	new_run(site, JOB_UPDATE, NULL, text_of(site, "[{\"selector\":{\"event_id\":%lld},\"values\":{\"status\":\"cancelled\"}}]",
						(long long)id));
	run_batch(site, newest(site));
	assert_non_null(strstr(told(site, newest(site)), "0 skipped; no_longer_due"));
	assert_int_equal(live(site, 1), 0);
}

static void such_a_batch_is_the_programs(void **state)
{
	struct site *site = *state;
	struct job job;
	due(site, 1, 2, 10, "");
	int64_t id = spare_time(site);
	assert_int_equal(number(site, "SELECT undo_until IS NULL FROM {batch_jobs} WHERE id = %lld", (long long)id), 1);
	assert_refused(&site->one, batch_create(&site->one, JOB_ACTIVATE, NULL, NULL, &job),
		       "DENIED not_permitted: The program makes these batches itself, when the moments of events have come");
	assert_refused(&site->one, batch_undo(&site->one, id),
		       "CONFLICT not_undoable: What has happened can't be undone: publish the former version with a new event");
	become(&site->one, AUTHOR);
	assert_refused(&site->one, batch_advance(&site->one, id, 0, &(struct advance_report){ 0 }),
		       text_of(site, "NOT_FOUND not_found: There is no batch %lld", (long long)id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_due_goes_live_and_is_completed),
		CASE(two_that_look_at_once_make_one_batch),
		CASE(events_of_a_batch_that_is_given_up_are_due_again),
		CASE(what_waits_for_an_event_of_its_own_moment_follows_in_time),
		CASE(what_its_conditions_forbid_waits_and_is_missed_in_the_end),
		CASE(who_comes_late_goes_by_each_events_misfire_policy),
		CASE(a_later_event_is_not_set_back_by_an_earlier_one),
		CASE(several_of_one_content_happen_in_the_order_of_their_moments),
		CASE(a_series_happens_occurrence_by_occurrence),
		CASE(a_series_goes_on_after_2038),
		CASE(what_was_changed_since_it_was_taken_is_left_alone),
		CASE(such_a_batch_is_the_programs),
	};

	return cmocka_run_group_tests_name("activate", tests, site_open, site_close);
}
