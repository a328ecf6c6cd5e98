/* Items that depend on items: id, depends_on, $ref. */
#include "jobs.h"

#include "store/item_links.h"

/* One event a day, half an hour; `more` is "" or begins with a comma. */
static char *op(struct site *site, int64_t day, const char *more)
{
	return event_json(site, 1 + day % CONTENTS, day * 1440, 30, more);
}

/* "ORDINAL STAGE" of every item that has a node. */
static const char *stages_told(struct site *site, int64_t job)
{
	return lines(site, "ii", "SELECT ordinal, stage FROM {batch_item_nodes} WHERE job_id = %lld ORDER BY 1", (long long)job);
}

static void an_item_waits_for_those_it_depends_on(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"chunk_size\":2}",
			      list_of(site, op(site, 1, ",\"id\":\"last\",\"depends_on\":[\"middle\",\"first\"]"), op(site, 2, ""),
				      op(site, 3, ",\"id\":\"middle\",\"depends_on\":[\"first\"]"), op(site, 4, ",\"depends_on\":[]"),
				      op(site, 5, ",\"id\":\"first\""), NULL));
	assert_string_equal(status_line(site, job), "succeeded: 5 succeeded");
	assert_string_equal(stages_told(site, job), "0 2\n2 1\n3 0\n4 0\n");
	assert_string_equal(lines(site, "iii", "SELECT linked, stage, stages FROM {batch_jobs} WHERE id = %lld", (long long)job), "2 2 3\n");
	assert_true(event_of(site, job, 0) > event_of(site, job, 2) && event_of(site, job, 2) > event_of(site, job, 4));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_stagings}"), 0);
	assert_int_equal(number(site, "SELECT SUM(attempts) FROM {batch_job_items} WHERE job_id = %lld", (long long)job), 5);
	assert_domain_whole(site);
}

static void a_reference_becomes_the_event_that_the_item_made(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL,
			      list_of(site, op(site, 1, ",\"attributes\":{\"after\":{\"$ref\":\"a\"},\"all\":[1,{\"$ref\":\"b\"},{\"x\":{\"$ref\":\"a\"}}],\"t\":\"$ref\"}"),
				      op(site, 2, ",\"id\":\"a\""), op(site, 3, ",\"id\":\"b\",\"attributes\":{\"of\":{\"$ref\":\"a\"}}"), NULL));
	assert_string_equal(status_line(site, job), "succeeded: 3 succeeded");
	assert_string_equal(stages_told(site, job), "0 2\n1 0\n2 1\n");
	long long a = event_of(site, job, 1), b = event_of(site, job, 2);
	/* MySQL has an order of its own for members. */
	assert_string_equal(lines(site, "iiiiis", "SELECT JSON_LENGTH(attributes), JSON_EXTRACT(attributes, '$.after'), JSON_EXTRACT(attributes, '$.all[0]'),"
						  " JSON_EXTRACT(attributes, '$.all[1]'), JSON_EXTRACT(attributes, '$.all[2].x'),"
						  " JSON_EXTRACT(attributes, '$.t') FROM {scheduled_events} WHERE id = %lld",
				  (long long)event_of(site, job, 0)),
			    text_of(site, "3 %lld 1 %lld %lld \"$ref\"\n", a, b, a));

	assert_string_equal(lines(site, "s", "SELECT REPLACE(attributes, ' ', '') FROM {scheduled_events} WHERE id = %lld", b), text_of(site, "{\"of\":%lld}\n", a));
}

static void an_update_names_the_event_of_another_item(void **state)
{
	struct site *site = *state;
	int64_t made = new_run(site, JOB_CREATE, NULL, list_of(site, op(site, 1, ",\"client_id\":\"one\""), NULL));
	int64_t job = new_run(site, JOB_UPDATE, NULL,
			      list_of(site, "{\"selector\":{\"event_id\":{\"$ref\":\"x\"}},\"values\":{\"title\":\"second\",\"attributes\":{\"me\":{\"$ref\":\"x\"}}}}",
				      "{\"id\":\"x\",\"selector\":{\"client_id\":\"one\"},\"values\":{\"title\":\"first\"}}", NULL));
	long long event = event_of(site, made, 0);
	assert_string_equal(told(site, job), "0 succeeded\n1 succeeded\n");
	assert_string_equal(lines(site, "sis", "SELECT title, row_version, REPLACE(attributes, ' ', '') FROM {scheduled_events} WHERE id = %lld", event),
			    text_of(site, "second 3 {\"me\":%lld}\n", event));
}

static void an_evaluation_names_the_event_of_another_item(void **state)
{
	struct site *site = *state;
	int64_t made = new_run(site, JOB_CREATE, NULL, list_of(site, op(site, 1, ""), NULL));
	int64_t job = new_run(site, JOB_EVALUATE, NULL,
			      list_of(site, "{\"event_id\":{\"$ref\":\"p\"}}", op(site, 9, ",\"id\":\"p\""), op(site, 10, ",\"depends_on\":[\"p\"]"), NULL));
	(void)made;
	assert_string_equal(told(site, job), "0 failed; event_not_found /event_id: Item 1 (“p”) has no event\n1 succeeded ready\n2 succeeded ready\n");
}

static void what_is_wrong_with_an_id_or_a_reference_fails_its_item(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL,
			      list_of(site, op(site, 1, ",\"id\":5"), op(site, 2, ",\"id\":\"\""), op(site, 3, ",\"depends_on\":\"a\""),
				      op(site, 4, ",\"depends_on\":[1]"), op(site, 5, ",\"depends_on\":[\"nobody\"]"),
				      op(site, 6, ",\"attributes\":{\"a\":[{\"$ref\":\"nobody\"}]}"), op(site, 7, ",\"id\":\"a\""),
				      op(site, 8, ",\"id\":\"a\""), op(site, 9, ",\"depends_on\":[\"a\"]"), op(site, 10, ""),
				      op(site, 11, text_of(site, ",\"id\":\"%0101d\"", 7)), NULL));
	assert_string_equal(told(site, job),
			    "0 failed; invalid_type /id: The id of an item must be a text\n"
			    "1 failed; required /id: An id must have 1 to 100 bytes\n"
			    "2 failed; invalid_type /depends_on: depends_on must be a list of ids of items\n"
			    "3 failed; invalid_type /depends_on/0: The id of an item must be a text\n"
			    "4 failed; dependency_not_found /depends_on/0: No item of this batch has the id “nobody”\n"
			    "5 failed; dependency_not_found /attributes/a/0: No item of this batch has the id “nobody”\n"
			    "6 succeeded\n"
			    "7 failed; duplicate_id /id: An earlier item of this batch has the id “a”\n"
			    "8 succeeded\n9 succeeded\n"
			    "10 failed; too_long /id: An id must have 1 to 100 bytes\n");
}

static void a_query_can_have_no_id(void **state)
{
	struct site *site = *state;
	new_run(site, JOB_CREATE, NULL, list_of(site, op(site, 1, ""), NULL));
	int64_t job = new_run(site, JOB_UPDATE, NULL,
			      "[{\"id\":\"q\",\"selector\":{\"query\":{\"status\":\"scheduled\"}},\"values\":{\"title\":\"x\"}}]");
	assert_string_equal(told(site, job), "0 failed; invalid_value /selector/query: A query stands for many items, which can't have one id or depend on others\n");
}

static void more_than_twenty_are_refused(void **state)
{
	struct site *site = *state;
	struct str list = STR_INIT, items = STR_INIT;
	for (int i = 0; i < 21; i++) {
		str_addf(&list, "%s\"k%d\"", i ? "," : "", i);
		str_addf(&items, "%s%s", i ? "," : "[", op(site, i, text_of(site, ",\"id\":\"k%d\"", i)));
	}
	str_addf(&items, ",%s]", op(site, 30, text_of(site, ",\"depends_on\":[%s]", str_text(&list))));
	int64_t job = new_run(site, JOB_CREATE, NULL, str_text(&items));
	assert_string_equal(status_line(site, job), "partial: 21 succeeded 1 failed");
	assert_string_equal(lines(site, "is", "SELECT ordinal, code FROM {batch_item_errors} WHERE job_id = %lld", (long long)job),
			    "21 out_of_range\n");
	str_free(&list);
	str_free(&items);
}

static int64_t failing_chain(struct site *site)
{
	char *bad = text_of(site, "{\"id\":\"bad\",\"content_id\":99,\"starts_at\":\"%s\",\"duration_s\":60}", at_minute(site, 0));
	return new_run(site, JOB_CREATE, "{\"chunk_size\":1}",
		       list_of(site, bad, op(site, 2, ",\"id\":\"next\",\"depends_on\":[\"bad\"]"),
			       op(site, 3, ",\"attributes\":{\"n\":{\"$ref\":\"next\"}}"), op(site, 4, ",\"id\":\"good\""),
			       op(site, 5, ",\"depends_on\":[\"good\"]"), NULL));
}

static void dependents_of_a_failed_item_fail(void **state)
{
	struct site *site = *state;
	int64_t job = failing_chain(site);
	assert_string_equal(told(site, job),
			    "0 failed; content_not_found /content_id: There is no content 99\n"
			    "1 failed; dependency_failed /depends_on/0: Item 0 (“bad”), which it depends on, is failed\n"
			    "2 failed; dependency_failed /attributes/n: Item 1 (“next”), which it depends on, is failed\n"
			    "3 succeeded\n4 succeeded\n");
	assert_string_equal(status_line(site, job), "partial: 2 succeeded 3 failed");
}

static void make_late_content(struct site *site)
{
	sql(site, "INSERT INTO {contents} (id, title, schedule_type, latest_version, created_at) VALUES (99, 'Late', 'publish', 1, NOW())");
	sql(site, "INSERT INTO {content_versions} (content_id, version_no, created_at) VALUES (99, 1, NOW())");
}

static void a_retry_goes_through_the_stages_again(void **state)
{
	struct site *site = *state;
	int64_t job = failing_chain(site);
	make_late_content(site);
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_FAILED), 0));
	run_batch(site, job);
	assert_string_equal(told(site, job), "0 succeeded\n1 succeeded\n2 succeeded\n3 succeeded\n4 succeeded\n");
	assert_string_equal(status_line(site, job), "succeeded: 5 succeeded");
	assert_string_equal(lines(site, "i", "SELECT attempts FROM {batch_job_items} WHERE job_id = %lld ORDER BY ordinal", (long long)job),
			    "2\n2\n2\n1\n1\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 5);
}

/* What failed in a later stage the last time, in a chunk that has items of all of them. */
static void stop_on_error_does_not_take_an_old_failure_for_a_new_one(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"stop_on_error\":true}",
			      list_of(site, op(site, 1, ",\"id\":\"x\""), event_json(site, 99, 9000, 30, ",\"depends_on\":[\"x\"]"),
				      op(site, 3, ",\"id\":\"y\",\"depends_on\":[\"x\"]"), op(site, 4, ",\"depends_on\":[\"y\"]"), NULL));
	assert_string_equal(status_line(site, job), "cancelled: 2 succeeded 1 failed 1 unprocessed");
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_UNPROCESSED), 0));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "partial: 3 succeeded 1 failed");
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_FAILED), 0));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "cancelled: 3 succeeded 1 failed");
	make_late_content(site);
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_FAILED), 0));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 4 succeeded");
}

static void a_cycle_is_named_and_the_rest_goes_on(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL,
			      list_of(site, op(site, 1, ",\"depends_on\":[\"a\"]"), op(site, 2, ",\"id\":\"a\",\"depends_on\":[\"free\",\"b\"]"),
				      op(site, 3, ",\"id\":\"b\",\"depends_on\":[\"c\"]"), op(site, 4, ",\"id\":\"c\",\"attributes\":{\"r\":{\"$ref\":\"a\"}}"),
				      op(site, 5, ",\"id\":\"free\""), op(site, 6, ",\"id\":\"self\",\"depends_on\":[\"self\"]"),
				      op(site, 7, ",\"depends_on\":[\"free\"]"), NULL));
	assert_string_equal(told(site, job),
			    "0 failed; dependency_failed /depends_on/0: Item 1 (“a”), which it depends on, is failed\n"
			    "1 failed; dependency_cycle /depends_on/0: It depends on itself: a → b → c → a\n"
			    "2 failed; dependency_cycle /depends_on/0: It depends on itself: a → b → c → a\n"
			    "3 failed; dependency_cycle /attributes/r: It depends on itself: a → b → c → a\n"
			    "4 succeeded\n"
			    "5 failed; dependency_cycle /depends_on/0: It depends on itself: self → self\n"
			    "6 succeeded\n");
}

/* Many items by a function of the number. */
static char *many(struct site *site, int64_t count, const char *(*more)(struct site *site, int64_t i))
{
	struct str out = STR_INIT;
	for (int64_t i = 0; i < count; i++)
		str_addf(&out, "%s%s", i ? "," : "[", op(site, i, more(site, i)));
	str_addc(&out, ']');
	char *kept = arena_strdup(site->look.arena, str_text(&out));
	str_free(&out);
	return kept;
}

static const char *of_pair(struct site *site, int64_t i)
{
	return text_of(site, ",\"id\":\"k%lld\",\"depends_on\":[\"k%lld\"]", (long long)i, (long long)(i ^ 1));
}

static void many_cycles_are_found(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL, many(site, 700, of_pair));
	assert_string_equal(status_line(site, job), "failed: 700 failed");
	assert_string_equal(lines(site, "si", "SELECT code, COUNT(*) FROM {batch_item_errors} WHERE job_id = %lld GROUP BY 1", (long long)job),
			    "dependency_cycle 700\n");
	assert_int_equal(number(site, "SELECT COUNT(DISTINCT cycle_ids) FROM {batch_item_nodes} WHERE job_id = %lld", (long long)job), 350);
}

static const char *of_ring(struct site *site, int64_t i)
{
	return text_of(site, ",\"id\":\"k%lld\",\"depends_on\":[\"k%lld\"]", (long long)i, (long long)((i + 1) % 600));
}

static void a_cycle_that_is_too_long_to_name_fails_all_the_same(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL, many(site, 600, of_ring));
	assert_string_equal(lines(site, "si", "SELECT code, COUNT(*) FROM {batch_item_errors} WHERE job_id = %lld GROUP BY 1", (long long)job),
			    "dependency_cycle 600\n");
}

static const char *of_chain(struct site *site, int64_t i)
{
	return text_of(site, ",\"id\":\"k%lld\",\"depends_on\":[%s]", (long long)i, i ? text_of(site, "\"k%lld\"", (long long)i - 1) : "");
}

static void a_chain_may_have_a_hundred_stages(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL, many(site, 103, of_chain));
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
	int64_t job = new_run(site, JOB_CREATE, NULL, many(site, 2500, of_fan));
	assert_string_equal(status_line(site, job), "succeeded: 2500 succeeded");
	assert_string_equal(lines(site, "ii", "SELECT stage, COUNT(*) FROM {batch_item_nodes} WHERE job_id = %lld GROUP BY 1 ORDER BY 1", (long long)job),
			    "0 1\n1 1250\n2 1249\n");
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
	char *kept = text_of(site, "%s", str_text(&out));
	str_free(&out);
	return kept;
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
		int64_t job = new_run(site, JOB_CREATE, "{\"chunk_size\":150}", many(site, DAG, of_dag));
		assert_like_reference(site, job);
		assert_in_order(site, job);
	}
}

static void two_processes_stage_and_work_one_batch(void **state)
{
	struct site *site = *state;
	struct advance_report report;
	make_dag(77);
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":100}", many(site, DAG, of_dag));
	do {
		advance_once(&site->one, job);
		assert_done(&site->two, batch_advance(&site->two, job, 1, &report));
	} while (!report.is_terminal);
	assert_like_reference(site, job);
	assert_in_order(site, job);
}

/* --- around it -------------------------------------------------------------------------- */

static void slices_may_name_each_other(void **state)
{
	struct site *site = *state;
	struct job job;
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job));
	char *first = list_of(site, op(site, 1, ",\"depends_on\":[\"later\"]"), NULL);
	append(site, job.id, 0, INGEST_JSON, first);
	append(site, job.id, 0, INGEST_JSON, first); /* sent again */
	append(site, job.id, 1, INGEST_JSON, list_of(site, op(site, 2, ",\"id\":\"later\""), NULL));
	assert_done(&site->one, batch_start(&site->one, job.id));
	run_batch(site, job.id);
	assert_string_equal(status_line(site, job.id), "succeeded: 2 succeeded");
	assert_string_equal(stages_told(site, job.id), "0 1\n1 0\n");
}

static void a_batch_copied_from_a_dry_run_is_staged_anew(void **state)
{
	struct site *site = *state;
	struct job real;
	int64_t dry = new_run(site, JOB_CREATE, "{\"dry_run\":true}",
			      list_of(site, op(site, 1, ",\"attributes\":{\"a\":{\"$ref\":\"x\"}}"), op(site, 2, ",\"id\":\"x\""), NULL));
	assert_string_equal(told(site, dry), "0 succeeded\n1 succeeded\n");
	assert_done(&site->one, batch_create_from_job(&site->one, dry, NULL, NULL, &real));
	run_batch(site, real.id);
	assert_string_equal(told(site, real.id), "0 succeeded\n1 succeeded\n");
	assert_string_equal(lines(site, "s", "SELECT REPLACE(attributes, ' ', '') FROM {scheduled_events} WHERE id = %lld", (long long)event_of(site, real.id, 0)),
			    text_of(site, "{\"a\":%lld}\n", (long long)event_of(site, real.id, 1)));
}

static void items_without_ids_pay_nothing(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL, many_events(site, 20));
	assert_string_equal(status_line(site, job), "succeeded: 20 succeeded");
	assert_string_equal(lines(site, "iii", "SELECT linked, stages, epoch FROM {batch_jobs} WHERE id = %lld", (long long)job), "0 1 1\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_nodes}"), 0);
}

static void csv_has_columns_for_it(void **state)
{
	struct site *site = *state;
	struct job job;
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job));
	append(site, job.id, 0, INGEST_CSV,
	       text_of(site, "id,depends_on,content_id,version_no,starts_at\r\nc,a b,1,1,%s\r\nb,a|a,2,1,%s\r\na,,3,1,%s\r\n", at_minute(site, 0),
		       at_minute(site, 1440), at_minute(site, 2880)));
	assert_done(&site->one, batch_start(&site->one, job.id));
	run_batch(site, job.id);
	assert_string_equal(status_line(site, job.id), "succeeded: 3 succeeded");
	assert_string_equal(stages_told(site, job.id), "0 2\n1 1\n2 0\n");
}

static void cancelled_between_stages_the_rest_is_unprocessed_and_can_be_retried(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, NULL, many(site, 4, of_chain));
	while (number(site, "SELECT stage FROM {batch_jobs} WHERE id = %lld", (long long)job) < 2)
		advance_once(&site->one, job);
	assert_done(&site->one, batch_cancel(&site->one, job, true));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "cancelled: 2 succeeded 2 unprocessed");
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_UNPROCESSED), 0));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 4 succeeded");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(an_item_waits_for_those_it_depends_on),
		CASE(a_reference_becomes_the_event_that_the_item_made),
		CASE(an_update_names_the_event_of_another_item),
		CASE(an_evaluation_names_the_event_of_another_item),
		CASE(what_is_wrong_with_an_id_or_a_reference_fails_its_item),
		CASE(a_query_can_have_no_id),
		CASE(more_than_twenty_are_refused),
		CASE(dependents_of_a_failed_item_fail),
		CASE(a_retry_goes_through_the_stages_again),
		CASE(stop_on_error_does_not_take_an_old_failure_for_a_new_one),
		CASE(a_cycle_is_named_and_the_rest_goes_on),
		CASE(many_cycles_are_found),
		CASE(a_cycle_that_is_too_long_to_name_fails_all_the_same),
		CASE(a_chain_may_have_a_hundred_stages),
		CASE(more_links_than_a_step_takes),
		CASE(random_dags_run_in_the_order_of_a_reference),
		CASE(two_processes_stage_and_work_one_batch),
		CASE(slices_may_name_each_other),
		CASE(a_batch_copied_from_a_dry_run_is_staged_anew),
		CASE(items_without_ids_pay_nothing),
		CASE(csv_has_columns_for_it),
		CASE(cancelled_between_stages_the_rest_is_unprocessed_and_can_be_retried),
	};
	return cmocka_run_group_tests_name("links", cases, site_open, site_close);
}
