/* Stages of a batch whose items depend on items: how many, in which order. */
#include "jobs.h"

static const char *of_chain(struct site *site, int64_t i)
{
	return text_of(site, ",\"id\":\"k%lld\",\"depends_on\":[%s]", (long long)i, i ? text_of(site, "\"k%lld\"", (long long)i - 1) : "");
}

static void a_chain_may_have_a_hundred_stages(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL, day_events(site, 103, of_chain));
	assert_string_equal(status_line(site, job), "partial: 100 succeeded 3 failed");
	assert_string_equal(lines(site, "is", "SELECT ordinal, code FROM {batch_item_errors} WHERE job_id = %lld ORDER BY 1", (long long)job),
			    "100 too_many_stages\n101 too_many_stages\n102 too_many_stages\n");
	assert_int_equal(number(site, "SELECT stages FROM {batch_jobs} WHERE id = %lld", (long long)job), 100);
}

/* Everything hangs on one item, and one item on twenty: more links and nodes than a step takes. */
static const char *of_fan(struct site *site, int64_t i)
{
	return i == 1700 ? ",\"id\":\"root\"" : text_of(site, ",\"id\":\"k%lld\",\"depends_on\":[\"root\"%s]", (long long)i, i % 2 ? "" : ",\"k1\"");
}

static void more_links_than_a_step_takes(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL, day_events(site, 2500, of_fan));
	assert_string_equal(status_line(site, job), "succeeded: 2500 succeeded");
	assert_string_equal(lines(site, "ii", "SELECT stage, COUNT(*) FROM {batch_item_nodes} WHERE job_id = %lld GROUP BY 1 ORDER BY 1", (long long)job),
			    "0 1\n1 1250\n2 1249\n");
}

static void cancelled_between_stages_the_rest_is_unprocessed_and_can_be_retried(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, NULL, day_events(site, 4, of_chain));
	while (number(site, "SELECT stage FROM {batch_jobs} WHERE id = %lld", (long long)job) < 2)
		advance_once(&site->one, job);
	assert_done(&site->one, batch_cancel(&site->one, job, true));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "cancelled: 2 succeeded 2 unprocessed");
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_UNPROCESSED), 0));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 4 succeeded");
}

/* --- against a reference ------------------------------------------------------------ */

#define DAG 1000
static int stage_of[DAG], needs[DAG][4], need_count[DAG];

static uint32_t dice(uint32_t *seed)
{
	return *seed = *seed * 1664525u + 1013904223u;
}

/* Item at place p of a hidden order depends on up to four that stand before it there, so there is no cycle. */
static void make_dag(uint32_t seed)
{
	int order[DAG];
	for (int i = 0; i < DAG; i++)
		order[i] = i;
	for (int i = DAG - 1; i > 0; i--) {
		int j = (int)(dice(&seed) >> 8) % (i + 1), kept = order[i];
		order[i] = order[j];
		order[j] = kept;
	}
	for (int p = 0; p < DAG; p++) {
		int item = order[p];
		stage_of[item] = need_count[item] = 0;
		int wanted = (int)(dice(&seed) >> 8) % 5;
		for (int k = 0; k < wanted && p; k++) {
			int other = order[(int)(dice(&seed) >> 8) % p], known = 0;
			for (int n = 0; n < need_count[item]; n++)
				known |= needs[item][n] == other;
			if (known)
				continue;
			needs[item][need_count[item]++] = other;
			if (stage_of[item] <= stage_of[other])
				stage_of[item] = stage_of[other] + 1;
		}
	}
}

static const char *of_dag(struct site *site, int64_t i)
{
	struct str out = STR_INIT;
	str_addf(&out, ",\"id\":\"k%lld\",\"depends_on\":[", (long long)i);
	for (int n = 0; n < need_count[i]; n++)
		str_addf(&out, "%s\"k%d\"", n ? "," : "", needs[i][n]);
	str_addc(&out, ']');
	return kept_text(site, &out);
}

static void assert_like_reference(struct site *site, int64_t job)
{
	struct str stages = STR_INIT;
	for (int i = 0; i < DAG; i++)
		str_addf(&stages, "%d %d\n", i, stage_of[i]);
	assert_string_equal(stages_told(site, job), str_text(&stages));
	str_free(&stages);
}

/* Ids of events grow in the order in which they were made. */
static void assert_in_order(struct site *site, int64_t job)
{
	assert_string_equal(status_line(site, job), text_of(site, "succeeded: %d succeeded", DAG));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_links} l JOIN {batch_job_items} a ON a.job_id = l.job_id AND a.ordinal = l.ordinal"
				      " JOIN {batch_job_items} b ON b.job_id = l.job_id AND b.ordinal = l.needs_ordinal"
				      " WHERE l.job_id = %lld AND a.event_id <= b.event_id", (long long)job), 0);
}

static void random_dags_run_in_the_order_of_a_reference(void **state)
{
	struct site *site = *state;
	for (uint32_t seed = 1; seed <= 3; seed++) {
		make_dag(seed);
		sql(site, "DELETE FROM {scheduled_events}");
		sql(site, "DELETE FROM {busy}");
		int64_t job = new_run(site, JOB_CREATE, "{\"chunk_size\":150}", day_events(site, DAG, of_dag));
		assert_like_reference(site, job);
		assert_in_order(site, job);
	}
}

static void two_processes_stage_and_work_one_batch(void **state)
{
	struct site *site = *state;
	struct advance_report report;
	make_dag(77);
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":100}", day_events(site, DAG, of_dag));
	do {
		advance_once(&site->one, job);
		assert_done(&site->two, batch_advance(&site->two, job, ONE_STEP, &report));
	} while (!report.is_terminal);
	assert_like_reference(site, job);
	assert_in_order(site, job);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_chain_may_have_a_hundred_stages),
		CASE(more_links_than_a_step_takes),
		CASE(cancelled_between_stages_the_rest_is_unprocessed_and_can_be_retried),
		CASE(random_dags_run_in_the_order_of_a_reference),
		CASE(two_processes_stage_and_work_one_batch),
	};
	return cmocka_run_group_tests_name("stages", cases, site_open, site_close);
}
