/* Updates by query: frozen to a list of events first. */
#include "jobs.h"

static int64_t update_by(struct site *site, const char *options, const char *query, const char *values)
{
	return batch_new(site, JOB_UPDATE, options,
			 text_of(site, "[{\"selector\":{\"query\":%s},\"values\":%s}]", query, values));
}

/* Back to back on one venue, half an hour each. */
static void fill_venue(struct site *site, int64_t venue, int64_t count)
{
	struct str out = STR_INIT;
	for (int64_t i = 0; i < count; i++)
		str_addf(&out, "%s%s", i ? "," : "[",
			 event_json(site, 1 + i % CONTENTS, i * 30, 30, text_of(site, ",\"resources\":[%lld]", (long long)venue)));
	str_addc(&out, ']');
	int64_t job = new_run(site, JOB_CREATE, NULL, str_text(&out));
	str_free(&out);
	assert_string_equal(status_line(site, job), text_of(site, "succeeded: %lld succeeded", (long long)count));
}

static void a_query_becomes_the_list_of_what_it_matches(void **state)
{
	struct site *site = *state;
	fill_venue(site, 1, 4);
	fill_venue(site, 2, 3);
	int64_t job = update_by(site, NULL, "{\"resource_id\":1}", "{\"title\":\"moved\"}");
	assert_int_equal(number(site, "SELECT unfrozen FROM {batch_jobs} WHERE id = %lld", (long long)job), 1);
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 4 succeeded");
	assert_string_equal(lines(site, "iii", "SELECT received, total, unfrozen FROM {batch_jobs} WHERE id = %lld", (long long)job),
			    "1 4 0\n");
	assert_string_equal(lines(site, "sii", "SELECT e.title, r.resource_id, COUNT(*) FROM {scheduled_events} e JOIN {event_resources} r"
					       " ON r.event_id = e.id GROUP BY 1, 2 ORDER BY 2"),
			    "moved 1 4\n 2 3\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_expansions}"), 0);
}

static void what_comes_after_the_freeze_is_not_touched(void **state)
{
	struct site *site = *state;
	fill_venue(site, 1, 4);
	int64_t job = update_by(site, "{\"chunk_size\":1}", "{\"resource_id\":1}", "{\"title\":\"moved\"}");
	advance_once(&site->one, job); /* freezes */
	assert_int_equal(number(site, "SELECT unfrozen FROM {batch_jobs} WHERE id = %lld", (long long)job), 0);
	new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 1, 6000, 30, ",\"resources\":[1]"), NULL));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 4 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE title = 'moved'"), 4);
}

static void a_query_without_matches_is_unchanged_and_says_so(void **state)
{
	struct site *site = *state;
	int64_t job = update_by(site, NULL, "{\"resource_id\":5}", "{\"title\":\"x\"}");
	run_batch(site, job);
	assert_string_equal(told(site, job), "0 unchanged; warning query_empty: No event matches the selector's query.\n");
	assert_string_equal(status_line(site, job), "succeeded: 1 unchanged");
}

static void a_query_that_cannot_be_read_fails_by_itself(void **state)
{
	struct site *site = *state;
	fill_venue(site, 1, 2);
	int64_t job = new_run(site, JOB_UPDATE, NULL,
			      "[{\"selector\":{\"query\":{\"titel\":1}},\"values\":{\"title\":\"x\"}},"
			      "{\"selector\":{\"query\":{\"resource_id\":1}},\"values\":{\"title\":\"x\"}}]");
	assert_string_equal(told(site, job),
			    "0 failed; unknown_field /selector/query/titel: “titel” is not a field of a query\n1 succeeded\n2 succeeded\n");
}

static void an_author_only_reaches_his_own_by_query(void **state)
{
	struct site *site = *state;
	fill_venue(site, 1, 2);
	become(&site->one, AUTHOR);
	new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 5, 6000, 30, ",\"resources\":[1]"), NULL));
	int64_t job = update_by(site, NULL, "{\"resource_id\":1}", "{\"title\":\"mine\"}");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
	assert_string_equal(lines(site, "i", "SELECT created_by FROM {scheduled_events} WHERE title = 'mine'"), "3\n");
}

static void more_than_a_thousand_matches_are_frozen_in_steps(void **state)
{
	struct site *site = *state;
	new_run(site, JOB_CREATE, NULL, many_events(site, 2300));
	int64_t job = update_by(site, NULL, "{\"status\":\"scheduled\"}", "{\"title\":\"all\"}");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 2300 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE title = 'all' AND row_version = 2"), 2300);
	assert_int_equal(number(site, "SELECT COUNT(DISTINCT target_id) FROM {batch_job_items} WHERE job_id = %lld", (long long)job), 2300);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {undo_rows} WHERE job_id = %lld", (long long)job), 2300);
}

static void two_processes_freeze_one_query_once(void **state)
{
	struct site *site = *state;
	new_run(site, JOB_CREATE, NULL, many_events(site, 1500));
	int64_t job = update_by(site, NULL, "{\"status\":\"scheduled\"}", "{\"title\":\"all\"}");
	for (int i = 0; i < 3; i++) {
		advance_once(&site->one, job);
		advance_once(&site->two, job);
	}
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 1500 succeeded");
}

static void a_query_that_matches_too_many_fails_alone(void **state)
{
	struct site *site = *state;
	new_run(site, JOB_CREATE, NULL, many_events(site, 30));
	site->config.items_max = 25;
	int64_t job = batch_new(site, JOB_UPDATE, NULL,
				"[{\"selector\":{\"query\":{\"content_id\":1}},\"values\":{\"title\":\"one\"}},"
				"{\"selector\":{\"query\":{\"status\":\"scheduled\"}},\"values\":{\"title\":\"all\"}},"
				"{\"selector\":{\"client_id\":\"e-5\"},\"values\":{\"title\":\"five\"}}]");
	run_batch(site, job);
	site->config.items_max = 1000000;
	assert_string_equal(told(site, job), "0 succeeded\n1 failed; too_many_items /selector/query: The query matches too many events: a batch"
					     " may hold 25 items\n2 succeeded\n");
	assert_string_equal(status_line(site, job), "partial: 2 succeeded 1 failed");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE title = 'all'"), 0);
}

static void back_to_back_events_move_together(void **state)
{
	struct site *site = *state;
	fill_venue(site, 1, 150);
	int64_t job = update_by(site, NULL, "{\"resource_id\":1}", "{\"shift_s\":1800}");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 150 succeeded");
	assert_int_equal(number(site, "SELECT TIMESTAMPDIFF(MINUTE, '2030-01-01', MIN(starts_at)) FROM {scheduled_events}"), 30);
	int64_t back = update_by(site, NULL, "{\"resource_id\":1}", "{\"shift_s\":-1800}");
	run_batch(site, back);
	assert_string_equal(status_line(site, back), "succeeded: 150 succeeded");
	assert_domain_whole(site);
}

static void back_to_back_events_move_together_across_chunks(void **state)
{
	struct site *site = *state;
	fill_venue(site, 1, 150);
	int64_t job = update_by(site, "{\"chunk_size\":40}", "{\"resource_id\":1}", "{\"shift_s\":1800}");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 150 succeeded");
	int64_t back = update_by(site, "{\"chunk_size\":40}", "{\"resource_id\":1}", "{\"shift_s\":-1800}");
	run_batch(site, back);
	assert_string_equal(status_line(site, back), "succeeded: 150 succeeded");
	assert_domain_whole(site);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_query_becomes_the_list_of_what_it_matches),
		CASE(what_comes_after_the_freeze_is_not_touched),
		CASE(a_query_without_matches_is_unchanged_and_says_so),
		CASE(a_query_that_cannot_be_read_fails_by_itself),
		CASE(an_author_only_reaches_his_own_by_query),
		CASE(more_than_a_thousand_matches_are_frozen_in_steps),
		CASE(two_processes_freeze_one_query_once),
		CASE(a_query_that_matches_too_many_fails_alone),
		CASE(back_to_back_events_move_together),
		CASE(back_to_back_events_move_together_across_chunks),
	};
	return cmocka_run_group_tests_name("query", cases, site_open, site_close);
}
