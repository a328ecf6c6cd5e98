/* Batches that wait for batches. */
#include "jobs.h"

static int64_t first_day;

/* A batch of two events, or of one good and one bad, waiting for others ("" = for none). */
static int64_t waiting_new(struct site *site, const char *depends_on, bool is_bad)
{
	int64_t minute = first_day++ * 1440;
	return batch_new(site, JOB_CREATE, *depends_on ? text_of(site, "{\"depends_on\":[%s]}", depends_on) : NULL,
			 list_of(site, event_json(site, 1, minute, 30, ""), event_json(site, is_bad ? 99 : 1, minute + 60, 30, ""), NULL));
}

static const char *id_of(struct site *site, int64_t job)
{
	return text_of(site, "%lld", (long long)job);
}

/* "STATUS; waits for ID STATUS, …; MESSAGE" */
static const char *waits_told(struct site *site, int64_t job)
{
	struct batch_status status;
	struct str out = STR_INIT;
	assert_done(&site->one, batch_status(&site->one, job, &status));
	str_addf(&out, "%s;", job_state_name(status.job.state));
	for (size_t i = 0; i < status.waiting_for_count; i++)
		str_addf(&out, " %lld %s", (long long)status.waiting_for[i].id,
			 status.waiting_for[i].is_gone ? "gone" : job_state_name(status.waiting_for[i].state));
	str_addf(&out, "; %s", status.message ? status.message : "-");
	for (size_t i = 0; i < status.error_count; i++)
		str_addf(&out, "; %s %lld", status.errors[i].code, (long long)status.errors[i].count);
	return kept_text(site, &out);
}

static void a_batch_waits_until_those_it_depends_on_have_succeeded(void **state)
{
	struct site *site = *state;
	struct advance_report report;
	int64_t a = waiting_new(site, "", false), b = waiting_new(site, "", false);
	int64_t c = waiting_new(site, text_of(site, "%lld,%lld,%lld", (long long)a, (long long)b, (long long)a), false);
	assert_done(&site->one, batch_advance(&site->one, c, 0, &report));
	assert_true(report.found_nothing);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_chunks} WHERE job_id = %lld", (long long)c), 0);
	assert_string_equal(waits_told(site, c),
			    text_of(site, "queued; %lld queued %lld queued; Begins by itself when batch %lld and 1 other have succeeded; it is queued now",
				    (long long)a, (long long)b, (long long)a));
	run_batch(site, a);
	assert_string_equal(waits_told(site, c), text_of(site, "queued; %lld queued; Begins by itself when batch %lld has succeeded; it is queued now",
							 (long long)b, (long long)b));
	run_batch(site, b);
	assert_int_equal(number(site, "SELECT waiting FROM {batch_jobs} WHERE id = %lld", (long long)c), 0);
	run_batch(site, c);
	assert_string_equal(waits_told(site, c), "succeeded;; -");
}

static void one_that_did_not_succeed_fails_those_that_wait(void **state)
{
	struct site *site = *state;
	int64_t a = waiting_new(site, "", true), b = waiting_new(site, id_of(site, a), false), c = waiting_new(site, id_of(site, b), false);
	run_batch(site, a);
	assert_string_equal(status_line(site, a), "partial: 1 succeeded 1 failed");
	assert_string_equal(status_line(site, b), "failed: 2 unprocessed");
	assert_string_equal(waits_told(site, b),
			    text_of(site, "failed; %lld partial; Never begun: batch %lld, which it depends on, did not succeed (partial); dependency_failed 2",
				    (long long)a, (long long)a));
	/* And so on. */
	assert_string_equal(lines(site, "sis", "SELECT status, waiting, phase FROM {batch_jobs} WHERE id = %lld", (long long)c), "failed 2 failed\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_chunks} WHERE job_id <> %lld", (long long)a), 0);
}

static void cancelling_is_not_succeeding(void **state)
{
	struct site *site = *state;
	int64_t a = waiting_new(site, "", false), b = waiting_new(site, id_of(site, a), false);
	assert_done(&site->one, batch_cancel(&site->one, a, true));
	assert_string_equal(status_line(site, b), "failed: 2 unprocessed");
}

static void whoever_looks_settles_what_a_killed_process_left(void **state)
{
	struct site *site = *state;
	int64_t a = waiting_new(site, "", false), b = waiting_new(site, id_of(site, a), false), c = waiting_new(site, id_of(site, a), false);
	run_batch(site, a);
	/* As if it had died right before it told them. */
	sql(site, "UPDATE {batch_jobs} SET waiting = 1 WHERE id > %lld", (long long)a);
	assert_string_equal(waits_told(site, b), "queued;; -");
	assert_int_equal(number(site, "SELECT waiting FROM {batch_jobs} WHERE id = %lld", (long long)c), 1);
	assert_done(&site->one, batch_settle_waiting(&site->one));
	assert_int_equal(number(site, "SELECT waiting FROM {batch_jobs} WHERE id = %lld", (long long)c), 0);
}

static void only_batches_that_the_person_knows_can_be_waited_for(void **state)
{
	struct site *site = *state;
	struct job job;
	int64_t a = waiting_new(site, "", false), count = number(site, "SELECT COUNT(*) FROM {batch_jobs}");
	struct batch_options unknown = options_of(site, JOB_CREATE, text_of(site, "{\"depends_on\":[%lld,%lld]}", (long long)a, (long long)a + 1));
	assert_refused(&site->one, batch_create(&site->one, JOB_CREATE, &unknown, NULL, &job),
		       text_of(site, "INVALID dependency_not_found /options/depends_on/1: There is no batch %lld to wait for", (long long)a + 1));
	become(&site->one, AUTHOR);
	struct batch_options foreign = options_of(site, JOB_CREATE, text_of(site, "{\"depends_on\":[%lld]}", (long long)a));
	assert_refused(&site->one, batch_create(&site->one, JOB_CREATE, &foreign, NULL, &job),
		       text_of(site, "INVALID dependency_not_found /options/depends_on/0: There is no batch %lld to wait for", (long long)a));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_jobs}"), count);
}

/* Options may stand behind the items, when the batch has its id already: it still can't wait for itself or a younger one. */
static void no_cycle_by_options_behind_the_items(void **state)
{
	struct site *site = *state;
	struct job job;
	int64_t next = waiting_new(site, "", false) + 1;
	struct str items = STR_INIT;
	str_adds(&items, "{\"type\":\"create\",\"items\":[");
	for (int64_t i = 0; i < 1100; i++)
		str_addf(&items, "%s%s", i ? "," : "", event_json(site, 1, i * 60, 30, ""));
	str_addf(&items, "],\"options\":{\"depends_on\":[%lld]}}", (long long)next);
	struct body body = { .text = str_text(&items), .len = items.len };
	assert_refused(&site->one, batch_create_from_body(&site->one, false, JOB_CREATE, NULL, NULL, INGEST_JSON, body_source(&body), &job),
		       text_of(site, "INVALID dependency_not_found /options/depends_on/0: There is no batch %lld to wait for", (long long)next));
	assert_string_equal(lines(site, "s", "SELECT status FROM {batch_jobs} WHERE id = %lld", (long long)next), "cancelled\n");
	str_free(&items);
}

static void options_behind_the_items_are_waited_for(void **state)
{
	struct site *site = *state;
	struct job job;
	int64_t a = waiting_new(site, "", false);
	struct str items = STR_INIT;
	str_adds(&items, "{\"type\":\"create\",\"items\":[");
	for (int64_t i = 0; i < 1100; i++)
		str_addf(&items, "%s%s", i ? "," : "", event_json(site, 2, i * 60, 30, ""));
	str_addf(&items, "],\"options\":{\"depends_on\":[%lld]}}", (long long)a);
	struct body body = { .text = str_text(&items), .len = items.len };
	assert_done(&site->one, batch_create_from_body(&site->one, false, JOB_CREATE, NULL, NULL, INGEST_JSON, body_source(&body), &job));
	str_free(&items);
	advance_once(&site->one, job.id);
	assert_string_equal(status_line(site, job.id), "queued: 1100 pending");
	run_batch(site, a);
	run_batch(site, job.id);
	assert_string_equal(status_line(site, job.id), "succeeded: 1100 succeeded");
}

static void pausing_a_waiting_batch_and_resuming_it_waits_on(void **state)
{
	struct site *site = *state;
	int64_t a = waiting_new(site, "", false), b = waiting_new(site, id_of(site, a), false);
	assert_done(&site->one, batch_pause(&site->one, b));
	run_batch(site, a);
	assert_string_equal(status_line(site, b), "paused: 2 pending");
	assert_done(&site->one, batch_resume(&site->one, b));
	assert_string_equal(lines(site, "s", "SELECT status FROM {batch_jobs} WHERE id = %lld", (long long)b), "queued\n");
	run_batch(site, b);
	assert_string_equal(status_line(site, b), "succeeded: 2 succeeded");
}

static void forgetting_a_batch_that_succeeded_does_not_fail_those_that_wait(void **state)
{
	struct site *site = *state;
	int64_t a = waiting_new(site, "", false), b = waiting_new(site, "", true);
	int64_t c = waiting_new(site, text_of(site, "%lld,%lld", (long long)a, (long long)b), false);
	run_batch(site, a);
	assert_done(&site->one, batch_delete(&site->one, a));
	assert_string_equal(waits_told(site, c), text_of(site, "queued; %lld queued; Begins by itself when batch %lld has succeeded; it is queued now",
							 (long long)b, (long long)b));
	assert_done(&site->one, batch_cancel(&site->one, b, true));
	sql(site, "UPDATE {batch_jobs} SET waiting = 1, status = 'queued', phase = 'pending' WHERE id = %lld", (long long)c);
	assert_done(&site->one, batch_delete(&site->one, b));
	assert_string_equal(waits_told(site, c),
			    text_of(site, "failed; %lld gone; Never begun: batch %lld, which it depends on, did not succeed (deleted); dependency_failed 2",
				    (long long)b, (long long)b));
}

static void what_is_no_list_of_batches_is_refused(void **state)
{
	struct site *site = *state;
	static const struct { const char *json, *wanted; } cases[] = {
		{ "{\"depends_on\":17}", "/options/depends_on invalid_type" },
		{ "{\"depends_on\":[\"17\"]}", "/options/depends_on/0 invalid_type" },
		{ "{\"depends_on\":[0]}", "/options/depends_on/0 invalid_type" },
		{ "{\"depends_on\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21]}", "/options/depends_on out_of_range" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fail fail = { 0 };
		struct batch_options options;
		struct issues issues = { .arena = site->one.arena };
		options_default(&site->config, &options);
		const json_t *object = json_read(site->one.arena, cases[i].json, strlen(cases[i].json), &fail);
		assert_false(options_read(object, JOB_CREATE, &options, &issues));
		assert_string_equal(text_of(site, "%s %s", issues.list[0].pointer, code_info(issues.list[0].code)->name), cases[i].wanted);
	}
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_batch_waits_until_those_it_depends_on_have_succeeded),
		CASE(one_that_did_not_succeed_fails_those_that_wait),
		CASE(cancelling_is_not_succeeding),
		CASE(whoever_looks_settles_what_a_killed_process_left),
		CASE(only_batches_that_the_person_knows_can_be_waited_for),
		CASE(no_cycle_by_options_behind_the_items),
		CASE(options_behind_the_items_are_waited_for),
		CASE(pausing_a_waiting_batch_and_resuming_it_waits_on),
		CASE(forgetting_a_batch_that_succeeded_does_not_fail_those_that_wait),
		CASE(what_is_no_list_of_batches_is_refused),
	};
	return cmocka_run_group_tests_name("depend", cases, site_open, site_close);
}
