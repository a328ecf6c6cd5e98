/* Figures of the dashboard: read by key, of what was really worked, bounded. */
#include "jobs.h"
#include "plan.h"

#include "db/text.h"
#include "store/summary.h"

static const char *series(struct site *site, int64_t user, int64_t window_s, int64_t bucket_s)
{
	struct throughput_row *rows;
	size_t count;
	struct str out = STR_INIT;
	assert_done(&site->one, summary_throughput(&site->one, user, window_s, bucket_s, &rows, &count));
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(rows[i].at % bucket_s, 0);
		str_addf(&out, "%lld items %lld ms\n", (long long)rows[i].items, (long long)rows[i].work_ms);
	}
	return kept_text(site, &out);
}

static void chunk(struct site *site, int64_t job, int epoch, int first, const char *state, int attempt, int64_t ago_s)
{
	sql(site, "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, last_ordinal, state, available_at, attempt, finished_at, work_ms)"
		  " VALUES (%lld, %d, %d, %d, '%s', NOW(), %d, UTC_TIMESTAMP(3) - INTERVAL %lld SECOND, 7)", (long long)job, epoch, first,
	    first + 9, state, attempt, (long long)ago_s);
}

static void throughput_is_what_was_worked_in_its_minute_or_hour(void **state)
{
	struct site *site = *state;
	/* No minute ends meanwhile, and no thousand days. */
	clock_stands_at(site, &site->look, "'2030-01-15 12:30:30'");
	clock_stands_at(site, &site->one, "'2030-01-15 12:30:30'");
	sql(site, "INSERT INTO {batch_jobs} (id, type, created_by, created_at) VALUES (1001, 'create', 1, NOW()), (1002, 'create', 2, NOW())");
	assert_string_equal(series(site, 0, 3600, 60), "");
	chunk(site, 1001, 1, 0, "done", 1, 2);
	chunk(site, 1002, 1, 0, "done", 2, 2);
	chunk(site, 1001, 1, 10, "split", 1, 2);   /* its parts count */
	chunk(site, 1001, 2, 0, "done", 0, 2);     /* copied into a further pass */
	chunk(site, 1001, 1, 20, "done", 1, 3000);
	chunk(site, 1001, 1, 30, "done", 1, 80000);
	chunk(site, 1001, 1, 40, "done", 1, 90000); /* the day before */
	assert_string_equal(series(site, 0, 3600, 86400 * 1000), "30 items 21 ms\n");
	assert_string_equal(series(site, 1, 3600, 86400 * 1000), "20 items 14 ms\n");
	assert_string_equal(series(site, 2, 3600, 86400 * 1000), "10 items 7 ms\n");
	assert_string_equal(series(site, 0, 86400, 86400 * 1000), "40 items 28 ms\n");
	assert_string_equal(series(site, 0, 3600, 60), "10 items 7 ms\n20 items 14 ms\n");
}

/* 30,000 chunks of the day and as many of older days: the newest 20,000 are looked at. */
static void throughput_reads_a_bounded_part_of_the_index(void **state)
{
	struct site *site = *state;
	struct throughput_row *rows;
	size_t count;
	sql(site, "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, last_ordinal, state, available_at, attempt, finished_at, work_ms)"
		  " SELECT 1000, 1, seq, seq, 'done', NOW(), 1, UTC_TIMESTAMP(3) - INTERVAL seq * 2 SECOND, 1 FROM seq_1_to_60000");
	struct plan plan = plan_of_text(site, statement_text(site, "summary.throughput", (const char *[]){ "3000", "3000", "3000", "3000", "3000" }));
	assert_non_null(strstr(plan.keys, " finished"));
	assert_non_null(strstr(plan.lines[plan.count - 1].extra, "Using index"));
	int64_t before = rows_touched(&site->one);
	assert_done(&site->one, summary_throughput(&site->one, 0, 86400, 3600, &rows, &count));
	assert_in_range(rows_touched(&site->one) - before, THROUGHPUT_CHUNKS_MAX, 5 * THROUGHPUT_CHUNKS_MAX);
	int64_t items = 0;
	for (size_t i = 0; i < count; i++)
		items += rows[i].items;
	assert_int_equal(items, THROUGHPUT_CHUNKS_MAX);
}

static void errors_are_the_open_ones_of_all_or_those_of_ones_own_batches(void **state)
{
	struct site *site = *state;
	struct error_row *rows;
	size_t count;
	int64_t job = new_run(site, JOB_CREATE, NULL,
			      list_of(site, event_json(site, 99, 0, 30, ""), event_json(site, 99, 60, 30, ""),
				      event_json(site, 1, 0, 30, ",\"resources\":[9999]"), NULL));
	assert_done(&site->one, summary_errors(&site->one, ADMIN, &rows, &count));
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].code, "content_not_found");
	assert_int_equal(rows[0].count, 2);
	assert_int_equal(rows[0].example_job, job);
	assert_done(&site->one, summary_errors(&site->one, EDITOR, &rows, &count));
	assert_int_equal(count, 0);
	assert_done(&site->one, summary_errors(&site->one, 0, &rows, &count));
	assert_int_equal(count, 2);
	sql(site, "UPDATE {error_logs} SET resolved_at = UTC_TIMESTAMP(3) WHERE code = 'content_not_found'");
	assert_done(&site->one, summary_errors(&site->one, 0, &rows, &count));
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].code, "resource_not_found");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(throughput_is_what_was_worked_in_its_minute_or_hour),
		CASE(throughput_reads_a_bounded_part_of_the_index),
		CASE(errors_are_the_open_ones_of_all_or_those_of_ones_own_batches),
	};
	return cmocka_run_group_tests_name("summary", cases, site_open, site_close);
}
