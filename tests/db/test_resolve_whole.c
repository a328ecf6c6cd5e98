/* Items that make room for themselves, in batches that are checked first or all or nothing. */
#include "jobs.h"

#define CREATE(options, ...) new_run(site, JOB_CREATE, options, list_of(site, __VA_ARGS__, NULL))
#define UPDATE(options, ...) new_run(site, JOB_UPDATE, options, list_of(site, __VA_ARGS__, NULL))
#define EVENT(content, minute, minutes, more) event_json(site, content, minute, minutes, more)

static const char *starts(struct site *site)
{
	return lines(site, "isi", "SELECT TIMESTAMPDIFF(MINUTE, '2030-01-01', starts_at), status, job_unpublished FROM {scheduled_events}"
				  " ORDER BY status, 1");
}

static void a_checked_batch_replaces_and_shifts(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"));
	int64_t job = CREATE("{\"validate_before_execute\":true,\"on_conflict\":\"replace\",\"chunk_size\":1}",
			     EVENT(2, 30, 60, ",\"resources\":[1]"), EVENT(3, 100, 60, ",\"resources\":[1]"));
	assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
	assert_string_equal(starts(site), "30 scheduled 0\n100 scheduled 0\n0 superseded 0\n");
	int64_t shifted = CREATE("{\"validate_before_execute\":true,\"on_conflict\":\"shift\",\"chunk_size\":1}",
				 EVENT(4, 30, 60, ",\"resources\":[1]"), EVENT(5, 30, 60, ",\"resources\":[1]"));
	assert_string_equal(status_line(site, shifted), "succeeded: 2 succeeded");
	assert_string_equal(starts(site), "30 scheduled 0\n100 scheduled 0\n160 scheduled 0\n220 scheduled 0\n0 superseded 0\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy_plan}"), 0);
	assert_domain_whole(site);
}

static void what_is_held_back_shifts(void **state)
{
	struct site *site = *state;
	int64_t made = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 0, 30, ",\"resources\":[2]"));
	int64_t most = site->config.transaction_items_max;
	site->config.transaction_items_max = 1;
	int64_t job = CREATE("{\"atomic\":true,\"on_conflict\":\"shift\",\"chunk_size\":1}", EVENT(3, 0, 60, ",\"resources\":[1]"),
			     EVENT(4, 0, 60, ",\"resources\":[1]"), EVENT(5, 30, 30, ",\"resources\":[1]"));
	assert_string_equal(status_line(site, job), "succeeded: 3 succeeded");
	assert_string_equal(starts(site), "0 scheduled 0\n0 scheduled 0\n60 scheduled 0\n120 scheduled 0\n180 scheduled 0\n");
	int64_t moved = UPDATE("{\"atomic\":true,\"on_conflict\":\"shift\",\"chunk_size\":1}",
			       text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"resources\":[1]}}",
				       (long long)event_of(site, made, 1)),
			       text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"x\"}}", (long long)event_of(site, made, 0)));
	site->config.transaction_items_max = most;
	assert_string_equal(status_line(site, moved), "succeeded: 2 succeeded");
	assert_string_equal(starts(site), "0 scheduled 0\n60 scheduled 0\n120 scheduled 0\n180 scheduled 0\n210 scheduled 0\n");
	assert_domain_whole(site);
}

static void a_batch_all_or_nothing_may_not_replace(void **state)
{
	struct site *site = *state;
	struct batch_options options;
	struct issues issues = { .arena = site->one.arena };
	const char *text = "{\"atomic\":true,\"on_conflict\":\"replace\"}";
	options_default(&site->config, &options);
	assert_false(options_read(json_read(site->one.arena, text, strlen(text), &site->one.fail), JOB_CREATE, &options, &issues));
	assert_int_equal(issues.list[0].code, CODE_NOT_AVAILABLE);
	assert_string_equal(issues.list[0].pointer, "/options/on_conflict");
}

static void retried_items_replace_what_is_there_now(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"));
	sql(site, "UPDATE {scheduled_events} SET status = 'processing'");
	int64_t job = CREATE("{\"on_conflict\":\"replace\"}", EVENT(2, 0, 60, ",\"resources\":[1]"));
	assert_string_equal(status_line(site, job), "failed: 1 failed");
	sql(site, "UPDATE {scheduled_events} SET status = 'scheduled'");
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_FAILED), 0));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
	assert_done(&site->one, batch_undo(&site->one, job));
	run_batch(site, job);
	assert_string_equal(starts(site), "0 scheduled 0\n");
	assert_domain_whole(site);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_checked_batch_replaces_and_shifts),
		CASE(what_is_held_back_shifts),
		CASE(a_batch_all_or_nothing_may_not_replace),
		CASE(retried_items_replace_what_is_there_now),
	};
	return cmocka_run_group_tests_name("resolve, whole", cases, site_open, site_close);
}
