/* Items that depend on items: id, depends_on, $ref. */
#include "jobs.h"

static void an_item_waits_for_those_it_depends_on(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"chunk_size\":2}",
			      list_of(site, day_event(site, 1, ",\"id\":\"last\",\"depends_on\":[\"middle\",\"first\"]"), day_event(site, 2, ""),
				      day_event(site, 3, ",\"id\":\"middle\",\"depends_on\":[\"first\"]"), day_event(site, 4, ",\"depends_on\":[]"),
				      day_event(site, 5, ",\"id\":\"first\""), NULL));
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
			      list_of(site, day_event(site, 1, ",\"attributes\":{\"after\":{\"$ref\":\"a\"},\"all\":[1,{\"$ref\":\"b\"},{\"x\":{\"$ref\":\"a\"}}],\"t\":\"$ref\"}"),
				      day_event(site, 2, ",\"id\":\"a\""), day_event(site, 3, ",\"id\":\"b\",\"attributes\":{\"of\":{\"$ref\":\"a\"}}"), NULL));
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
	int64_t made = new_run(site, JOB_CREATE, NULL, list_of(site, day_event(site, 1, ",\"client_id\":\"one\""), NULL));
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
	int64_t made = new_run(site, JOB_CREATE, NULL, list_of(site, day_event(site, 1, ""), NULL));
	int64_t job = new_run(site, JOB_EVALUATE, NULL,
			      list_of(site, "{\"event_id\":{\"$ref\":\"p\"}}", day_event(site, 9, ",\"id\":\"p\""), day_event(site, 10, ",\"depends_on\":[\"p\"]"), NULL));
	(void)made;
	assert_string_equal(told(site, job), "0 failed; event_not_found /event_id: Item 1 (“p”) has no event\n1 succeeded ready\n2 succeeded ready\n");
}

static void what_is_wrong_with_an_id_or_a_reference_fails_its_item(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL,
			      list_of(site, day_event(site, 1, ",\"id\":5"), day_event(site, 2, ",\"id\":\"\""), day_event(site, 3, ",\"depends_on\":\"a\""),
				      day_event(site, 4, ",\"depends_on\":[1]"), day_event(site, 5, ",\"depends_on\":[\"nobody\"]"),
				      day_event(site, 6, ",\"attributes\":{\"a\":[{\"$ref\":\"nobody\"}]}"), day_event(site, 7, ",\"id\":\"a\""),
				      day_event(site, 8, ",\"id\":\"a\""), day_event(site, 9, ",\"depends_on\":[\"a\"]"), day_event(site, 10, ""),
				      day_event(site, 11, text_of(site, ",\"id\":\"%0101d\"", 7)), NULL));
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
	new_run(site, JOB_CREATE, NULL, list_of(site, day_event(site, 1, ""), NULL));
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
		str_addf(&items, "%s%s", i ? "," : "[", day_event(site, i, text_of(site, ",\"id\":\"k%d\"", i)));
	}
	str_addf(&items, ",%s]", day_event(site, 30, text_of(site, ",\"depends_on\":[%s]", str_text(&list))));
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
		       list_of(site, bad, day_event(site, 2, ",\"id\":\"next\",\"depends_on\":[\"bad\"]"),
			       day_event(site, 3, ",\"attributes\":{\"n\":{\"$ref\":\"next\"}}"), day_event(site, 4, ",\"id\":\"good\""),
			       day_event(site, 5, ",\"depends_on\":[\"good\"]"), NULL));
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
			      list_of(site, day_event(site, 1, ",\"id\":\"x\""), event_json(site, 99, 9000, 30, ",\"depends_on\":[\"x\"]"),
				      day_event(site, 3, ",\"id\":\"y\",\"depends_on\":[\"x\"]"), day_event(site, 4, ",\"depends_on\":[\"y\"]"), NULL));
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
			      list_of(site, day_event(site, 1, ",\"depends_on\":[\"a\"]"), day_event(site, 2, ",\"id\":\"a\",\"depends_on\":[\"free\",\"b\"]"),
				      day_event(site, 3, ",\"id\":\"b\",\"depends_on\":[\"c\"]"), day_event(site, 4, ",\"id\":\"c\",\"attributes\":{\"r\":{\"$ref\":\"a\"}}"),
				      day_event(site, 5, ",\"id\":\"free\""), day_event(site, 6, ",\"id\":\"self\",\"depends_on\":[\"self\"]"),
				      day_event(site, 7, ",\"depends_on\":[\"free\"]"), NULL));
	assert_string_equal(told(site, job),
			    "0 failed; dependency_failed /depends_on/0: Item 1 (“a”), which it depends on, is failed\n"
			    "1 failed; dependency_cycle /depends_on/0: It depends on itself: a → b → c → a\n"
			    "2 failed; dependency_cycle /depends_on/0: It depends on itself: a → b → c → a\n"
			    "3 failed; dependency_cycle /attributes/r: It depends on itself: a → b → c → a\n"
			    "4 succeeded\n"
			    "5 failed; dependency_cycle /depends_on/0: It depends on itself: self → self\n"
			    "6 succeeded\n");
}

static const char *of_pair(struct site *site, int64_t i)
{
	return text_of(site, ",\"id\":\"k%lld\",\"depends_on\":[\"k%lld\"]", (long long)i, (long long)(i ^ 1));
}

static void many_cycles_are_found(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL, day_events(site, 700, of_pair));
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
	int64_t job = new_run(site, JOB_CREATE, NULL, day_events(site, 600, of_ring));
	assert_string_equal(lines(site, "si", "SELECT code, COUNT(*) FROM {batch_item_errors} WHERE job_id = %lld GROUP BY 1", (long long)job),
			    "dependency_cycle 600\n");
}

/* --- around it -------------------------------------------------------------------------- */

static void slices_may_name_each_other(void **state)
{
	struct site *site = *state;
	struct job job;
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job));
	char *first = list_of(site, day_event(site, 1, ",\"depends_on\":[\"later\"]"), NULL);
	append(site, job.id, 0, INGEST_JSON, first);
	append(site, job.id, 0, INGEST_JSON, first); /* sent again */
	append(site, job.id, 1, INGEST_JSON, list_of(site, day_event(site, 2, ",\"id\":\"later\""), NULL));
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
			      list_of(site, day_event(site, 1, ",\"attributes\":{\"a\":{\"$ref\":\"x\"}}"), day_event(site, 2, ",\"id\":\"x\""), NULL));
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
		CASE(slices_may_name_each_other),
		CASE(a_batch_copied_from_a_dry_run_is_staged_anew),
		CASE(items_without_ids_pay_nothing),
		CASE(csv_has_columns_for_it),
	};
	return cmocka_run_group_tests_name("links", cases, site_open, site_close);
}
