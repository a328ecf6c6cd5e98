/* Progress: speed over a sliding window, time left from active time, percent that keeps 100 for the end. */
#include "jobs.h"

#include "batch/pass.h"

static struct batch_status status_of(struct site *site, int64_t job)
{
	struct batch_status status;
	assert_done(&site->one, batch_status(&site->one, job, &status));
	return status;
}

/* So many chunks of ten, each of `work_ms`, finished a second ago and begun `began_s` ago; the clock stands then. */
static void work(struct site *site, int64_t job, int chunks, int work_ms, int began_s)
{
	clock_goes_on(site);
	for (int i = 0; i < chunks; i++)
		advance_once(&site->one, job);
	clock_stops(site);
	sql(site, "UPDATE {batch_chunks} SET work_ms = %d, claimed_at = UTC_TIMESTAMP(3) - INTERVAL %d SECOND, finished_at ="
		  " UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE job_id = %lld AND state = 'done' AND attempt > 0", work_ms, began_s, (long long)job);
}

static int64_t hundred(struct site *site)
{
	return batch_new(site, JOB_CREATE, "{\"chunk_size\":10,\"ordered\":true}", many_events(site, 100));
}

#define assert_near(value, wanted) assert_true((value) > (wanted) * 0.9 && (value) < (wanted) * 1.1)

static void nothing_is_known_before_the_first_chunk(void **state)
{
	struct site *site = *state;
	struct job job;
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job));
	struct batch_status empty = status_of(site, job.id);
	assert_int_equal(empty.percent, 0);
	assert_true(empty.eta_s < 0 && empty.throughput_per_s == 0);
	assert_int_equal(empty.counts.current_first, -1);
	struct batch_status queued = status_of(site, hundred(site));
	assert_int_equal(queued.percent, 0);
	assert_true(queued.eta_s < 0 && queued.throughput_per_s == 0);
	assert_int_equal(queued.job.elapsed_ms, 0);
}

static void speed_is_of_the_last_ten_seconds_and_time_left_of_active_time(void **state)
{
	struct site *site = *state;
	int64_t job = hundred(site);
	work(site, job, 4, 500, 5);
	struct batch_status now = status_of(site, job);
	assert_int_equal(now.percent, 40);
	assert_near(now.throughput_per_s, 40 / 5.0);
	assert_int_equal(now.counts.active_ms, 2000);
	assert_near(now.eta_s, 60 * 2.0 / 40);
	/* Nobody has worked for a while: no speed, the same time of work left. */
	sql(site, "UPDATE {batch_chunks} SET finished_at = UTC_TIMESTAMP(3) - INTERVAL 11 SECOND, claimed_at = UTC_TIMESTAMP(3) -"
		  " INTERVAL 12 SECOND WHERE state = 'done'");
	now = status_of(site, job);
	assert_true(now.throughput_per_s == 0);
	assert_near(now.eta_s, 60 * 2.0 / 40);
}

static void a_pause_is_no_work(void **state)
{
	struct site *site = *state;
	int64_t job = hundred(site);
	work(site, job, 5, 100, 2);
	assert_done(&site->one, batch_pause(&site->one, job));
	sql(site, "UPDATE {batch_jobs} SET started_at = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR");
	sql(site, "UPDATE {batch_chunks} SET claimed_at = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR, finished_at = UTC_TIMESTAMP(3) - INTERVAL 59"
		  " MINUTE WHERE state = 'done'");
	assert_done(&site->one, batch_resume(&site->one, job));
	struct batch_status now = status_of(site, job);
	assert_true(now.job.elapsed_ms >= 3600000);
	assert_int_equal(now.counts.active_ms, 500);
	assert_near(now.eta_s, 0.5);
	assert_true(now.throughput_per_s == 0);
	clock_goes_on(site);
	advance_once(&site->one, job);
	now = status_of(site, job);
	assert_true(now.throughput_per_s > 0); /* the window begins anew, not an hour ago */
	run_batch(site, job);
	now = status_of(site, job);
	assert_int_equal(now.percent, 100);
	assert_true(now.eta_s < 0);
	assert_near(now.throughput_per_s, 100000.0 / (double)now.counts.active_ms); /* and not over an hour */
}

static void a_hundred_percent_is_the_end(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":1,\"ordered\":true}", many_events(site, 300));
	for (int i = 0; i < 299; i++)
		advance_once(&site->one, job);
	assert_int_equal(number(site, "SELECT SUM(succeeded) FROM {batch_chunks}"), 299);
	assert_int_equal(status_of(site, job).percent, 99);
	advance_once(&site->one, job);
	assert_int_equal(status_of(site, job).percent, 100);
	int64_t given_up = hundred(site);
	work(site, given_up, 3, 10, 1);
	assert_done(&site->one, batch_cancel(&site->one, given_up, true));
	assert_int_equal(status_of(site, given_up).percent, 30);
}

static void what_is_at_work_is_what_somebody_holds(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":10}", many_events(site, 100));
	work(site, job, 2, 100, 2);
	/* Two lanes hold chunks, the holder of a third is dead. */
	sql(site, "UPDATE {batch_chunks} SET state = 'leased', attempt = 1, lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND"
		  " WHERE state = 'ready' ORDER BY first_ordinal LIMIT 1");
	sql(site, "UPDATE {batch_chunks} SET state = 'leased', attempt = 1, lease_until = UTC_TIMESTAMP(3) + INTERVAL 9 SECOND"
		  " WHERE state = 'ready' ORDER BY first_ordinal LIMIT 2");
	int64_t first = number(site, "SELECT MIN(first_ordinal) FROM {batch_chunks} WHERE lease_until > UTC_TIMESTAMP(3)");
	struct batch_status now = status_of(site, job);
	assert_int_equal(now.counts.lanes, 2);
	assert_int_equal(now.counts.current_first, first);
	assert_int_equal(now.counts.current_last, first + 9);
	assert_near(now.eta_s, 80 * 0.01 / 2); /* two at once */
	sql(site, "UPDATE {batch_chunks} SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE state = 'leased'");
	now = status_of(site, job);
	assert_int_equal(now.counts.lanes, 0);
	assert_int_equal(now.counts.current_first, -1);
}

/* A retry of ten items of a thousand is not nearly done because the rest is. */
static void a_new_epoch_is_measured_by_its_own_work(void **state)
{
	struct site *site = *state;
	struct str body = STR_INIT;
	char *events = many_events(site, 80);
	str_add(&body, events, strlen(events) - 1);
	for (int i = 0; i < 20; i++)
		str_addf(&body, ",%s", event_json(site, 99, i, 1, ""));
	str_addc(&body, ']');
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":10,\"ordered\":true}", str_text(&body));
	run_batch(site, job);
	work(site, job, 0, 1000, 3);
	assert_string_equal(status_line(site, job), "partial: 80 succeeded 20 failed");
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_FAILED), 0));
	struct batch_status now = status_of(site, job);
	assert_int_equal(now.job.epoch, 2);
	assert_int_equal(now.percent, 80);
	assert_true(now.throughput_per_s == 0 && now.eta_s < 0);
	assert_int_equal(now.counts.active_ms, 0);
	work(site, job, 1, 400, 2);
	now = status_of(site, job);
	assert_int_equal(now.counts.active_ms, 400);
	assert_near(now.eta_s, 0.4);               /* the other chunk of ten */
	assert_near(now.throughput_per_s, 10 / 2.0);
	str_free(&body);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(nothing_is_known_before_the_first_chunk),
		CASE(speed_is_of_the_last_ten_seconds_and_time_left_of_active_time),
		CASE(a_pause_is_no_work),
		CASE(a_hundred_percent_is_the_end),
		CASE(what_is_at_work_is_what_somebody_holds),
		CASE(a_new_epoch_is_measured_by_its_own_work),
	};
	return cmocka_run_group_tests_name("progress", cases, site_open, site_close);
}
