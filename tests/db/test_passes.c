/* Further passes over the items of a batch: what is copied, what is worked, what is counted. */
#include "jobs.h"

#include "batch/pass.h"
#include "batch/states.h"
#include "store/chunks.h"

#define FAILED OUTCOME_BIT(OUTCOME_FAILED)
#define CONFLICT OUTCOME_BIT(OUTCOME_CONFLICT)
#define UNPROCESSED OUTCOME_BIT(OUTCOME_UNPROCESSED)

/* Items 0 to 5; those from 2 on name contents that are not there (yet). */
static const char *two_good_four_bad(struct site *site)
{
	return list_of(site, event_json(site, 1, 0, 30, ""), event_json(site, 2, 0, 30, ""), event_json(site, 51, 0, 30, ""),
		       event_json(site, 52, 0, 30, ""), event_json(site, 53, 0, 30, ""), event_json(site, 54, 0, 30, ""), NULL);
}

static void make_content(struct site *site, int64_t id)
{
	sql(site, "INSERT INTO {contents} (id, title, latest_version, created_at) VALUES (%lld, 'late', 1, NOW())", (long long)id);
	sql(site, "INSERT INTO {content_versions} (content_id, version_no, created_at) VALUES (%lld, 1, NOW())", (long long)id);
}

/* "FIRST-LAST STATE" of the chunks of the present epoch. */
static const char *chunks_told(struct site *site, int64_t id)
{
	return lines(site, "s",
		     "SELECT CONCAT(c.first_ordinal, '-', c.last_ordinal, IF(c.isolated, ' alone ', ' '), c.state) FROM {batch_chunks} c"
		     " JOIN {batch_jobs} j ON j.id = c.job_id AND j.epoch = c.epoch WHERE j.id = %lld ORDER BY c.first_ordinal, c.isolated",
		     (long long)id);
}

static void a_retry_works_only_on_what_failed(void **state)
{
	struct site *site = *state;
	int64_t id = new_run(site, JOB_CREATE, "{\"chunk_size\":2}", two_good_four_bad(site));
	assert_string_equal(status_line(site, id), "partial: 2 succeeded 4 failed");
	make_content(site, 52);
	make_content(site, 53);
	assert_done(&site->one, batch_retry(&site->one, id, FAILED, 0));
	assert_string_equal(status_line(site, id), "running: 4 pending 2 succeeded");
	assert_string_equal(chunks_told(site, id), "0-1 done\n2-3 ready\n4-5 ready\n");
	assert_string_equal(lines(site, "iss", "SELECT epoch, phase, IF(finished_at IS NULL, 'open', 'ended') FROM {batch_jobs}"),
			    "2 processing open\n");
	advance_once(&site->one, id);
	assert_string_equal(status_line(site, id), "running: 2 pending 3 succeeded 1 failed");
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "partial: 4 succeeded 2 failed");
	assert_string_equal(lines(site, "iiii", "SELECT ordinal, outcome, attempts, event_id > 0 FROM {batch_job_items} ORDER BY 1"),
			    "0 1 1 1\n1 1 1 1\n2 5 2 0\n3 1 2 1\n4 1 2 1\n5 5 2 0\n");
	assert_string_equal(lines(site, "i", "SELECT ordinal FROM {batch_item_errors} ORDER BY 1"), "2\n5\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 4);
	assert_domain_whole(site);
}

static void a_retry_of_one_chunk_finds_the_events_it_writes_among_the_older(void **state)
{
	struct site *site = *state;
	int64_t id = new_run(site, JOB_CREATE, NULL,
			     list_of(site, event_json(site, 51, 0, 30, ""), event_json(site, 1, 0, 30, ""), event_json(site, 52, 0, 30, ""), NULL));
	int64_t kept = event_of(site, id, 1);
	make_content(site, 51);
	make_content(site, 52);
	assert_done(&site->one, batch_retry(&site->one, id, RETRYABLE_OUTCOMES, 0));
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 3 succeeded");
	assert_int_equal(event_of(site, id, 1), kept);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items} i JOIN {scheduled_events} e ON e.id = i.event_id"
				      " AND e.origin_job_id = i.job_id AND e.origin_ordinal = i.ordinal"), 3);
	assert_domain_whole(site);
}

static void what_could_not_be_read_stays_failed(void **state)
{
	struct site *site = *state;
	int64_t id = new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 1, 0, 30, ""), "{\"content_id\":}", NULL));
	const char *before = told(site, id);
	assert_string_equal(status_line(site, id), "partial: 1 succeeded 1 failed");
	assert_refused(&site->one, batch_retry(&site->one, id, RETRYABLE_OUTCOMES, 0),
		       "CONFLICT nothing_to_retry: None of the batch's items can be retried: those that could not be read have to be"
		       " corrected and sent again");
	int64_t other = new_run(site, JOB_CREATE, NULL,
				list_of(site, event_json(site, 51, 0, 30, ""), event_json(site, 2, 0, 30, ""), "{\"content_id\":}", NULL));
	make_content(site, 51);
	assert_done(&site->one, batch_retry(&site->one, other, FAILED, 0));
	assert_string_equal(status_line(site, other), "running: 1 pending 1 succeeded 1 failed");
	run_batch(site, other);
	assert_string_equal(status_line(site, other), "partial: 2 succeeded 1 failed");
	assert_string_equal(told(site, id), before);
	assert_int_equal(number(site, "SELECT SUM(attempts) FROM {batch_job_items} WHERE input LIKE '\"%%'"), 0);
}

/* Cancelled when 2 of 6 are done and, with chunk_size 1, not all is planned. */
static int64_t left_off(struct site *site)
{
	int64_t id = batch_new(site, JOB_CREATE, "{\"chunk_size\":1,\"ordered\":true,\"stop_on_error\":true}",
			       list_of(site, event_json(site, 1, 0, 30, ""), event_json(site, 51, 0, 30, ""), event_json(site, 3, 0, 30, ""),
				       event_json(site, 52, 0, 30, ""), event_json(site, 5, 0, 30, ""), event_json(site, 6, 0, 30, ""), NULL));
	run_batch(site, id);
	return id;
}

static void stop_on_error_goes_on_with_what_it_left(void **state)
{
	struct site *site = *state;
	int64_t id = left_off(site);
	assert_string_equal(status_line(site, id), "cancelled: 1 succeeded 1 failed 4 unprocessed");
	assert_done(&site->one, batch_retry(&site->one, id, UNPROCESSED, 0));
	assert_string_equal(status_line(site, id), "running: 4 pending 1 succeeded 1 failed");
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "cancelled: 2 succeeded 2 failed 2 unprocessed");
	make_content(site, 51);
	assert_done(&site->one, batch_retry(&site->one, id, RETRYABLE_OUTCOMES, 0));
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "cancelled: 3 succeeded 1 failed 2 unprocessed");
	make_content(site, 52);
	assert_done(&site->one, batch_retry(&site->one, id, RETRYABLE_OUTCOMES, 0));
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 6 succeeded");
	assert_int_equal(number(site, "SELECT MAX(attempts) FROM {batch_job_items}"), 3);
}

/* 100 items, all of them planned in chunks of 2 but the last 36. */
static int64_t cancelled_early(struct site *site)
{
	int64_t id = batch_new(site, JOB_CREATE, "{\"chunk_size\":2}",
			       text_of(site, "[%s,%s", event_json(site, 51, 0, 30, ""), many_events(site, 99) + 1));
	advance_once(&site->one, id);
	assert_int_equal(number(site, "SELECT planned FROM {batch_jobs} WHERE id = %lld", (long long)id), 64);
	while (number(site, "SELECT COALESCE(SUM(failed), 0) FROM {batch_chunks}") == 0)
		advance_once(&site->one, id);
	assert_done(&site->one, batch_cancel(&site->one, id, false));
	return id;
}

static void what_is_not_retried_is_covered_and_uncovered_again(void **state)
{
	struct site *site = *state;
	int64_t id = cancelled_early(site);
	int64_t good = number(site, "SELECT SUM(succeeded) FROM {batch_chunks}");
	make_content(site, 51);
	assert_done(&site->one, batch_retry(&site->one, id, FAILED, 0));
	assert_int_equal(number(site, "SELECT planned FROM {batch_jobs}"), 100);
	assert_int_equal(number(site, "SELECT SUM(last_ordinal - first_ordinal + 1) FROM {batch_chunks} WHERE epoch = 2"), 100);
	assert_string_equal(lines(site, "iis", "SELECT first_ordinal, last_ordinal, state FROM {batch_chunks} WHERE epoch = 2"
					       " ORDER BY 1 DESC LIMIT 1"), "64 99 cancelled\n");
	run_batch(site, id);
	assert_string_equal(status_line(site, id), text_of(site, "partial: %lld succeeded %lld unprocessed", (long long)good + 1,
							   99 - (long long)good));
	assert_done(&site->one, batch_retry(&site->one, id, UNPROCESSED, 0));
	assert_int_equal(number(site, "SELECT planned FROM {batch_jobs}"), 64);
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 100 succeeded");
	assert_int_equal(number(site, "SELECT MAX(attempts) FROM {batch_job_items} WHERE ordinal > 0"), 1);
	assert_domain_whole(site);
}

static void a_batch_cancelled_before_it_began_can_be_run(void **state)
{
	struct site *site = *state;
	int64_t id = batch_new(site, JOB_CREATE, NULL, many_events(site, 5));
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	assert_string_equal(status_line(site, id), "cancelled: 5 unprocessed");
	assert_done(&site->one, batch_retry(&site->one, id, RETRYABLE_OUTCOMES, 0));
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 5 succeeded");
}

static void a_cancelled_retry_leaves_the_old_results(void **state)
{
	struct site *site = *state;
	int64_t id = new_run(site, JOB_CREATE, "{\"chunk_size\":2}", two_good_four_bad(site));
	const char *before = told(site, id);
	assert_done(&site->one, batch_retry(&site->one, id, FAILED, 0));
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	assert_string_equal(status_line(site, id), "cancelled: 2 succeeded 4 failed");
	assert_string_equal(told(site, id), before);
	assert_done(&site->one, batch_retry(&site->one, id, FAILED, 0));
	assert_string_equal(status_line(site, id), "running: 4 pending 2 succeeded");
}

/* Who slept over a cancellation and a retry has lost the lease for good. */
static void a_lease_of_the_pass_before_can_not_be_finished(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk list[CANDIDATES_MAX], held;
	size_t count;
	bool mine;
	int64_t id = batch_new(site, JOB_CREATE, "{\"chunk_size\":2}", many_events(site, 4));
	advance_once(&site->one, id);
	assert_done(&site->two, job_get(&site->two, id, &job));
	assert_done(&site->two, chunks_poll(&site->two, &job, list, &count));
	held = list[0];
	assert_done(&site->two, claim(&site->two, &job, &held, &mine));
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	sql(site, "UPDATE {batch_chunks} SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE state = 'leased'");
	assert_string_equal(status_line(site, id), "cancelled: 2 succeeded 2 unprocessed");
	assert_done(&site->one, batch_retry(&site->one, id, UNPROCESSED, 0));
	assert_done(&site->two, chunk_finish(&site->two, &job, &held, &mine));
	assert_false(mine);
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 4 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 4);
}

static void a_retry_asked_twice_happens_once(void **state)
{
	struct site *site = *state;
	int64_t id = new_run(site, JOB_CREATE, NULL, two_good_four_bad(site));
	assert_done(&site->one, batch_retry(&site->one, id, FAILED, 1));
	assert_done(&site->two, batch_retry(&site->two, id, FAILED, 1));
	assert_done(&site->two, batch_retry(&site->two, id, FAILED, 0));
	assert_int_equal(number(site, "SELECT epoch FROM {batch_jobs}"), 2);
	run_batch(site, id);
	assert_done(&site->one, batch_retry(&site->one, id, FAILED, 1));
	assert_int_equal(number(site, "SELECT epoch FROM {batch_jobs}"), 2);
	assert_done(&site->one, batch_retry(&site->one, id, FAILED, 0));
	assert_int_equal(number(site, "SELECT epoch FROM {batch_jobs}"), 3);
	assert_refused(&site->one, batch_retry(&site->one, id, CONFLICT, 0),
		       "CONFLICT illegal_transition: The batch is running: “retry” is not possible, allowed: pause, cancel");
}

static void a_retry_of_nothing_is_refused(void **state)
{
	struct site *site = *state;
	int64_t id = new_run(site, JOB_CREATE, NULL, two_good_four_bad(site));
	assert_refused(&site->one, batch_retry(&site->one, id, CONFLICT, 0),
		       "CONFLICT nothing_to_retry: No item of the batch has an outcome asked for");
	id = new_run(site, JOB_CREATE, NULL, many_events(site, 2));
	assert_refused(&site->one, batch_retry(&site->one, id, FAILED, 0),
		       "CONFLICT illegal_transition: The batch is succeeded: “retry” is not possible, allowed: undo");
}

static void a_retry_can_be_paused_and_split(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk list[CANDIDATES_MAX];
	size_t count;
	bool mine;
	int64_t id = new_run(site, JOB_CREATE, NULL, two_good_four_bad(site));
	make_content(site, 53);
	assert_done(&site->one, batch_retry(&site->one, id, FAILED, 0));
	assert_done(&site->one, batch_pause(&site->one, id));
	assert_string_equal(status_line(site, id), "paused: 4 pending 2 succeeded");
	assert_done(&site->one, batch_resume(&site->one, id));
	assert_done(&site->two, job_get(&site->two, id, &job));
	assert_done(&site->two, chunks_poll(&site->two, &job, list, &count));
	assert_done(&site->two, claim(&site->two, &job, &list[0], &mine));
	assert_done(&site->two, chunk_split(&site->two, &job, &list[0]));
	assert_string_equal(chunks_told(site, id), "0-5 split\n0-0 alone done\n1-1 alone done\n2-2 alone ready\n3-3 alone ready\n"
						   "4-4 alone ready\n5-5 alone ready\n");
	assert_string_equal(status_line(site, id), "running: 4 pending 2 succeeded");
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "partial: 3 succeeded 3 failed");
	assert_done(&site->one, batch_retry(&site->one, id, FAILED, 0));
	assert_string_equal(chunks_told(site, id), "0-0 alone done\n1-1 alone done\n2-2 alone ready\n3-3 alone ready\n"
						   "4-4 alone done\n5-5 alone ready\n");
	assert_string_equal(status_line(site, id), "running: 3 pending 3 succeeded");
	/* A pass counts once, split or not. */
	run_batch(site, id);
	assert_string_equal(lines(site, "ii", "SELECT ordinal, attempts FROM {batch_job_items} ORDER BY 1"), "0 1\n1 1\n2 3\n3 3\n4 2\n5 3\n");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_retry_works_only_on_what_failed),
		CASE(a_retry_of_one_chunk_finds_the_events_it_writes_among_the_older),
		CASE(what_could_not_be_read_stays_failed),
		CASE(stop_on_error_goes_on_with_what_it_left),
		CASE(what_is_not_retried_is_covered_and_uncovered_again),
		CASE(a_batch_cancelled_before_it_began_can_be_run),
		CASE(a_cancelled_retry_leaves_the_old_results),
		CASE(a_lease_of_the_pass_before_can_not_be_finished),
		CASE(a_retry_asked_twice_happens_once),
		CASE(a_retry_of_nothing_is_refused),
		CASE(a_retry_can_be_paused_and_split),
	};
	return cmocka_run_group_tests_name("passes", cases, site_open, site_close);
}
