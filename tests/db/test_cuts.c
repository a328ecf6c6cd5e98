/* Chunks whose series have more occurrences than a chunk may hold are cut before they are worked. */
#include "jobs.h"

#include "batch/states.h"

/* So many daily series for 400 days, each at a minute of its own in its venue. */
static char *many_series(struct site *site, int64_t count, const char *more)
{
	struct str out = STR_INIT;
	for (int64_t i = 0; i < count; i++)
		str_addf(&out, "%s%s", i ? "," : "[",
			 event_json(site, 1 + i % CONTENTS, i / VENUES * 5, 5,
				    text_of(site, ",\"recurrence\":\"FREQ=DAILY\",\"resources\":[%lld]%s", (long long)(1 + i % VENUES), more)));
	str_addc(&out, ']');
	return kept_text(site, &out);
}

/* 800 intervals each: seven fit into a chunk. */
static void a_chunk_that_is_too_much_is_cut_without_an_error(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"chunk_size\":60}", many_series(site, 60, ""));
	assert_string_equal(status_line(site, job), "succeeded: 60 succeeded");
	assert_string_equal(lines(site, "iiii", "SELECT first_ordinal, last_ordinal, succeeded, errors + transients + expiries + (attempt > 1)"
						" FROM {batch_chunks} WHERE job_id = %lld ORDER BY 1", (long long)job),
			    "0 6 7 0\n7 13 7 0\n14 20 7 0\n21 27 7 0\n28 34 7 0\n35 41 7 0\n42 48 7 0\n49 55 7 0\n56 59 4 0\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy}"), 60 * 800);
	assert_domain_whole(site);
	run_undo(site, job);
	assert_int_equal(number(site, "SELECT (SELECT COUNT(*) FROM {busy}) + (SELECT COUNT(*) FROM {event_occurrences})"), 0);
}

static void cut_chunks_of_a_retry_keep_their_counts(void **state)
{
	struct site *site = *state;
	int64_t blocker = event_of(site, CREATE(NULL, event_json(site, 40, 0, 60, ",\"resources\":[1]")), 0);
	int64_t job = new_run(site, JOB_CREATE, NULL, many_series(site, 60, ""));
	assert_string_equal(status_line(site, job), "partial: 54 succeeded 6 failed");
	sql(site, "UPDATE {batch_chunks} SET last_ordinal = 59, succeeded = 54, failed = 6 WHERE first_ordinal = 0 AND job_id = %lld", (long long)job);
	sql(site, "DELETE FROM {batch_chunks} WHERE first_ordinal > 0 AND job_id = %lld", (long long)job);
	UPDATE(NULL, BY_ID(blocker, "{\"status\":\"cancelled\"}"));
	assert_done(&site->one, batch_retry(&site->one, job, RETRYABLE_OUTCOMES, 0));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 60 succeeded");
	assert_domain_whole(site);
}

static void what_is_too_much_for_one_transaction_is_held_back(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"atomic\":true}", many_series(site, 80, ""));
	assert_string_equal(status_line(site, job), "succeeded: 80 succeeded");
	assert_true(number(site, "SELECT COUNT(*) FROM {batch_chunks} WHERE job_id = %lld AND epoch = 1", (long long)job) > 3);
	assert_int_equal(number(site, "SELECT atomic FROM {batch_jobs} WHERE id = %lld", (long long)job), 2);
	assert_domain_whole(site);
}

static void changed_series_are_cut_by_what_they_were_and_become(void **state)
{
	struct site *site = *state;
	struct str out = STR_INIT;
	int64_t job = new_run(site, JOB_CREATE, NULL, many_series(site, 30, ""));
	for (int64_t i = 0; i < 30; i++)
		str_addf(&out, "%s%s", i ? "," : "[", BY_ID(event_of(site, job, i), "{\"shift_s\":86400}"));
	str_addc(&out, ']');
	int64_t update = new_run(site, JOB_UPDATE, "{\"chunk_size\":30}", str_text(&out));
	str_free(&out);
	assert_string_equal(status_line(site, update), "succeeded: 30 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_chunks} WHERE job_id = %lld", (long long)update), 10);
	assert_domain_whole(site);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_chunk_that_is_too_much_is_cut_without_an_error),
		CASE(cut_chunks_of_a_retry_keep_their_counts),
		CASE(what_is_too_much_for_one_transaction_is_held_back),
		CASE(changed_series_are_cut_by_what_they_were_and_become),
	};
	return cmocka_run_group_tests_name("cuts", cases, site_open, site_close);
}
