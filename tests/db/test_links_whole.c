/* Items that depend on items, in batches that are checked first or are all or nothing. */
#include "jobs.h"

static const char *stage_told(struct site *site, int64_t job)
{
	return lines(site, "iis", "SELECT stage, stages, work FROM {batch_jobs} WHERE id = %lld", (long long)job);
}

static char *chain_of_three(struct site *site, const char *last)
{
	return list_of(site, day_event(site, 1, ",\"depends_on\":[\"b\"],\"attributes\":{\"after\":{\"$ref\":\"a\"}}"),
		       day_event(site, 2, ",\"id\":\"b\",\"depends_on\":[\"a\"]"), day_event(site, 3, ",\"id\":\"a\""), last, NULL);
}

static void all_or_nothing_goes_through_the_stages_unseen(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"atomic\":true,\"chunk_size\":2}", chain_of_three(site, day_event(site, 4, "")));
	while (number(site, "SELECT work <> 'publish' FROM {batch_jobs} WHERE id = %lld", (long long)job)) {
		assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE job_unpublished = 0"), 0);
		advance_once(&site->one, job);
	}
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 4 succeeded");
	assert_true(event_of(site, job, 0) > event_of(site, job, 1) && event_of(site, job, 1) > event_of(site, job, 2));
	assert_string_equal(lines(site, "s", "SELECT REPLACE(attributes, ' ', '') FROM {scheduled_events} WHERE id = %lld", (long long)event_of(site, job, 0)),
			    text_of(site, "{\"after\":%lld}\n", (long long)event_of(site, job, 2)));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE job_unpublished = 0"), 4);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy_plan}"), 0);
	assert_domain_whole(site);
}

static void a_bad_item_of_a_late_stage_leaves_nothing(void **state)
{
	struct site *site = *state;
	const char *before = domain_sum(site);
	int64_t job = new_run(site, JOB_CREATE, "{\"atomic\":true,\"chunk_size\":2}",
			      list_of(site, day_event(site, 1, ",\"depends_on\":[\"bad\"]"), event_json(site, 99, 9000, 30, ",\"id\":\"bad\",\"depends_on\":[\"a\"]"),
				      day_event(site, 3, ",\"id\":\"a\""), NULL));
	assert_string_equal(status_line(site, job), "rolled_back: 2 failed 1 unprocessed");
	assert_string_equal(told(site, job), "0 failed; dependency_failed /depends_on/0: Item 1 (“bad”), which it depends on, is failed\n"
					     "1 failed; content_not_found /content_id: There is no content 99\n"
					     "2 unprocessed\n");
	assert_string_equal(stage_told(site, job), "2 3 check\n");
	assert_string_equal(domain_sum(site), before);
}

/* What the check could not foresee: everything written by the stages before goes again. */
static void what_appears_after_the_check_takes_all_of_it_back(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"atomic\":true}", chain_of_three(site, event_json(site, 9, 600, 30, ",\"resources\":[1],\"depends_on\":[\"b\"]")));
	while (number(site, "SELECT work <> 'do' OR stage = 0 FROM {batch_jobs} WHERE id = %lld", (long long)job))
		advance_once(&site->one, job);
	int64_t other = new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 8, 600, 30, ",\"resources\":[1]"), NULL));
	assert_string_equal(status_line(site, other), "succeeded: 1 succeeded");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "rolled_back: 1 failed 3 undone");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 1);
	assert_domain_whole(site);
}

static void updates_of_one_event_follow_each_other_unseen(void **state)
{
	struct site *site = *state;
	int64_t made = new_run(site, JOB_CREATE, NULL, list_of(site, day_event(site, 1, ",\"client_id\":\"one\",\"resources\":[1]"), day_event(site, 5, ""), NULL));
	long long event = event_of(site, made, 0), other = event_of(site, made, 1);
	char *items = list_of(site, "{\"id\":\"y\",\"selector\":{\"event_id\":{\"$ref\":\"x\"}},\"values\":{\"title\":\"second\",\"shift_s\":600}}",
			      text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"attributes\":{\"of\":{\"$ref\":\"y\"}}}}", other),
			      "{\"id\":\"x\",\"selector\":{\"client_id\":\"one\"},\"values\":{\"title\":\"first\",\"resources\":[2]}}", NULL);
	const char *places = busy_told(site);
	int64_t job = batch_new(site, JOB_UPDATE, "{\"atomic\":true,\"chunk_size\":1}", items);
	for (int look = 0; number(site, "SELECT work <> 'publish' FROM {batch_jobs} WHERE id = %lld", (long long)job); look++) {
		assert_true(look < 40);
		assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} e WHERE e.shadow_of IS NULL AND e.row_version > 1"), 0);
		advance_once(&site->one, job);
	}
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 3 succeeded");
	assert_string_equal(lines(site, "sii", "SELECT title, row_version, TIMESTAMPDIFF(MINUTE, '2030-01-01', starts_at) FROM {scheduled_events}"
					       " WHERE id = %lld", event),
			    "second 3 1450\n");
	assert_string_equal(lines(site, "s", "SELECT REPLACE(attributes, ' ', '') FROM {scheduled_events} WHERE id = %lld", other), text_of(site, "{\"of\":%lld}\n", event));
	assert_domain_whole(site);
	assert_done(&site->one, batch_undo(&site->one, job));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "undone: 3 undone");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE title = ''"), 2);
	assert_string_equal(busy_told(site), places);
}

/* One change after the other to a key, the last one to `end`. */
static int64_t rename_three_times(struct site *site, long long event, const char *end)
{
	char *items = list_of(site, text_of(site, "{\"id\":\"1\",\"selector\":{\"event_id\":%lld},\"values\":{\"client_id\":\"away\"}}", event),
			      text_of(site, "{\"id\":\"2\",\"depends_on\":[\"1\"],\"selector\":{\"event_id\":%lld},\"values\":{\"client_id\":\"home\"}}", event),
			      text_of(site, "{\"id\":\"3\",\"depends_on\":[\"2\"],\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"t\"}}", event),
			      text_of(site, "{\"depends_on\":[\"3\"],\"selector\":{\"event_id\":%lld},\"values\":{\"client_id\":\"%s\",\"priority\":3}}",
				      event, end),
			      NULL);
	return batch_new(site, JOB_UPDATE, "{\"atomic\":true,\"chunk_size\":1}", items);
}

static void a_key_may_be_changed_away_and_back_while_held_back(void **state)
{
	struct site *site = *state;
	static const char *const ends[] = { "home", "else", "home" };
	int64_t made = new_run(site, JOB_CREATE, NULL, list_of(site, day_event(site, 1, ",\"client_id\":\"home\""), day_event(site, 5, ",\"client_id\":\"other\""), NULL));
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		int64_t job = rename_three_times(site, event_of(site, made, 0), ends[i]);
		run_batch(site, job);
		assert_string_equal(status_line(site, job), "succeeded: 4 succeeded");
		assert_string_equal(lines(site, "sisi", "SELECT client_id, created_by, title, shadow_of IS NOT NULL FROM {scheduled_events} ORDER BY id"),
				    text_of(site, "%s %d t 0\nother %d  0\n", ends[i], ADMIN, ADMIN));
		sql(site, "UPDATE {scheduled_events} SET client_id = 'home', title = '', priority = 0 WHERE id = %lld", (long long)event_of(site, made, 0));
	}
	/* A key that another event has is still another's. */
	int64_t job = rename_three_times(site, event_of(site, made, 0), "other");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "rolled_back: 1 failed 3 unprocessed");
	assert_domain_whole(site);
}

static void checked_first_then_done_stage_by_stage(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"validate_before_execute\":true,\"chunk_size\":2}", chain_of_three(site, day_event(site, 4, "")));
	assert_string_equal(status_line(site, job), "succeeded: 4 succeeded");
	assert_true(event_of(site, job, 0) > event_of(site, job, 1) && event_of(site, job, 1) > event_of(site, job, 2));
	assert_int_equal(number(site, "SELECT MAX(attempts) FROM {batch_job_items}"), 1);
	assert_string_equal(stage_told(site, job), "2 3 do\n");
}

static void checked_in_vain_nothing_is_done_and_a_retry_checks_again(void **state)
{
	struct site *site = *state;
	const char *before = domain_sum(site);
	int64_t job = new_run(site, JOB_CREATE, "{\"validate_before_execute\":true}",
			      chain_of_three(site, event_json(site, 99, 9000, 30, ",\"depends_on\":[\"b\"]")));
	assert_string_equal(status_line(site, job), "failed: 1 failed 3 unprocessed");
	assert_string_equal(domain_sum(site), before);
	sql(site, "INSERT INTO {contents} (id, title, latest_version, created_at) VALUES (99, 'Late', 1, NOW())");
	sql(site, "INSERT INTO {content_versions} (content_id, version_no, created_at) VALUES (99, 1, NOW())");
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_FAILED), 0));
	run_batch(site, job);
	sql(site, "DELETE FROM {contents} WHERE id = 99");
	sql(site, "DELETE FROM {content_versions} WHERE content_id = 99");
	assert_string_equal(status_line(site, job), "succeeded: 4 succeeded");
	assert_true(event_of(site, job, 0) > event_of(site, job, 1) && event_of(site, job, 3) > event_of(site, job, 1));
}

static void a_cycle_is_found_by_the_check(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"atomic\":true}",
			      list_of(site, day_event(site, 1, ",\"id\":\"x\",\"depends_on\":[\"y\"]"), day_event(site, 2, ",\"id\":\"y\",\"depends_on\":[\"x\"]"),
				      day_event(site, 3, ""), NULL));
	assert_string_equal(status_line(site, job), "rolled_back: 2 failed 1 unprocessed");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 0);
}

static void percent_grows_through_stages_of_check_and_work(void **state)
{
	struct site *site = *state;
	struct batch_status status;
	int32_t before = 0, seen = 0;
	int64_t job = batch_new(site, JOB_CREATE, "{\"atomic\":true,\"chunk_size\":1}", chain_of_three(site, day_event(site, 4, "")));
	do {
		advance_once(&site->one, job);
		assert_done(&site->one, batch_status(&site->one, job, &status));
		assert_true(status.percent >= before && status.percent <= 100);
		seen += status.job.work == WORK_CHECK && status.percent > 0 && status.percent <= 50;
		before = status.percent;
	} while (!job_state_is_terminal(status.job.state));
	assert_int_equal(status.percent, 100);
	assert_true(seen >= 3);
}

static void cancelled_between_stages_nothing_is_left(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"atomic\":true}", chain_of_three(site, day_event(site, 4, "")));
	while (number(site, "SELECT work <> 'do' OR stage = 0 FROM {batch_jobs} WHERE id = %lld", (long long)job))
		advance_once(&site->one, job);
	assert_done(&site->one, batch_cancel(&site->one, job, true));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "rolled_back: 2 unprocessed 2 undone");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 0);
	assert_domain_whole(site);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(all_or_nothing_goes_through_the_stages_unseen),
		CASE(a_bad_item_of_a_late_stage_leaves_nothing),
		CASE(what_appears_after_the_check_takes_all_of_it_back),
		CASE(updates_of_one_event_follow_each_other_unseen),
		CASE(a_key_may_be_changed_away_and_back_while_held_back),
		CASE(checked_first_then_done_stage_by_stage),
		CASE(checked_in_vain_nothing_is_done_and_a_retry_checks_again),
		CASE(a_cycle_is_found_by_the_check),
		CASE(percent_grows_through_stages_of_check_and_work),
		CASE(cancelled_between_stages_nothing_is_left),
	};
	return cmocka_run_group_tests_name("links, as a whole", cases, site_open, site_close);
}
