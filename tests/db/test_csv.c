/* Receiving CSV: tests/db/test_ingest.c is the same for JSON. */
#include "jobs.h"

/* Sends a text as one slice of a new batch; the batch. */
static int64_t csv(struct site *site, enum job_type type, const char *text)
{
	struct job job;
	assert_done(&site->one, batch_create(&site->one, type, NULL, NULL, &job));
	append(site, job.id, 0, INGEST_CSV, text);
	return job.id;
}

static const char *inputs(struct site *site, int64_t job)
{
	return lines(site, "s", "SELECT input FROM {batch_job_items} WHERE job_id = %lld ORDER BY ordinal", (long long)job);
}

static void assert_csv_refused(struct site *site, enum job_type type, const char *text, const char *wanted)
{
	struct job job;
	struct ingest_report report;
	struct body body = { .text = text };
	assert_done(&site->one, batch_create(&site->one, type, NULL, NULL, &job));
	refused_at(batch_append(&site->one, job.id, 0, INGEST_CSV, body_source(&body), &report), &site->one, wanted, text, __FILE__,
		   __LINE__);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items}"), 0);
	assert_done(&site->one, batch_cancel(&site->one, job.id, true));
}

#define ROW_1 "{\"content_id\":1,\"starts_at\":\"2030-01-01T00:00:00Z\"}\n"

static void a_header_names_the_fields(void **state)
{
	struct site *site = *state;
	int64_t job = csv(site, JOB_CREATE,
			  "content_id,version_no,title,starts_at,duration_s,resources,assignees,attributes,priority\n"
			  "1,2,Hello,2030-01-01T00:00:00Z,60,1;2|3 4,21,\"{\"\"a\"\":1}\",-5\n"
			  "x,,,,,y,,,\n");
	assert_string_equal(inputs(site, job),
			    "{\"content_id\":1,\"version_no\":2,\"title\":\"Hello\",\"starts_at\":\"2030-01-01T00:00:00Z\",\"duration_s\":60,"
			    "\"resources\":[1,2,3,4],\"assignees\":[21],\"attributes\":{\"a\":1},\"priority\":-5}\n"
			    "{\"content_id\":\"x\",\"resources\":[\"y\"]}\n");
}

static void byte_order_mark_crlf_quotes_and_case(void **state)
{
	struct site *site = *state;
	int64_t job = csv(site, JOB_CREATE,
			  "\xEF\xBB\xBF" "Content_ID , STARTS_AT,\"title\"\r\n1,2030-01-01T00:00:00Z,\"a \"\"b\"\",\r\nc\"\r\n\r\n1,2030-01-01T00:00:00Z,");
	assert_string_equal(inputs(site, job),
			    "{\"content_id\":1,\"starts_at\":\"2030-01-01T00:00:00Z\",\"title\":\"a \\\"b\\\",\\r\\nc\"}\n" ROW_1);
}

static void semicolons_and_tabs_part_cells_too(void **state)
{
	struct site *site = *state;
	assert_string_equal(inputs(site, csv(site, JOB_CREATE, "content_id;starts_at;resources\n1;2030-01-01T00:00:00Z;1,2\n")),
			    "{\"content_id\":1,\"starts_at\":\"2030-01-01T00:00:00Z\",\"resources\":[1,2]}\n");
	assert_string_equal(inputs(site, csv(site, JOB_CREATE, "content_id\tstarts_at\n1\t2030-01-01T00:00:00Z\n")), ROW_1);
}

static void columns_that_lack_or_are_unknown_refuse_the_file(void **state)
{
	struct site *site = *state;
	assert_csv_refused(site, JOB_CREATE, "content_id,title\n1,x\n",
			   "INVALID missing_column: The column “starts_at” (or “local_start” with “timezone”) is missing");
	assert_csv_refused(site, JOB_CREATE, "starts_at\n1\n", "INVALID missing_column: The column “content_id” is missing");
	assert_csv_refused(site, JOB_UPDATE, "title\nx\n", "INVALID missing_column: The column “event_id” (or “client_id”) is missing");
	assert_csv_refused(site, JOB_CREATE, "content_id,starts_at,titel\n1,x,y\n",
			   "INVALID unknown_column: The column “titel” is not known for create");
	assert_csv_refused(site, JOB_CREATE, "content_id,starts_at,starts_at\n1,x,y\n",
			   "INVALID duplicate_key: The column “starts_at” stands twice");
	assert_csv_refused(site, JOB_CREATE, "content_id,starts_at,expected_version\n1,x,y\n",
			   "INVALID unknown_column: The column “expected_version” is not known for create");
}

static void a_row_with_too_many_cells_is_one_bad_item(void **state)
{
	struct site *site = *state;
	int64_t job = csv(site, JOB_CREATE, "content_id,starts_at\n1,2030-01-01T00:00:00Z\n1,2030-01-01T00:00:00Z,x\n1\n"
					    "1,2030-01-01T00:00:00Z,\n");
	assert_string_equal(inputs(site, job), ROW_1 "\"1,2030-01-01T00:00:00Z,x\"\n{\"content_id\":1}\n" ROW_1);
	assert_string_equal(lines(site, "iss", "SELECT ordinal, code, JSON_VALUE(detail, '$.errors[0].message') FROM {batch_item_errors}"),
			    "1 malformed_csv Row 3: it has more cells than the header\n");
}

static void invalid_utf8_is_one_bad_item(void **state)
{
	struct site *site = *state;
	int64_t job = csv(site, JOB_CREATE, "content_id,starts_at,title\n1,2030-01-01T00:00:00Z,caf\xe9\n1,2030-01-01T00:00:00Z,caf\xc3\xa9\n");
	assert_string_equal(inputs(site, job),
			    "\"1,2030-01-01T00:00:00Z,caf?\"\n"
			    "{\"content_id\":1,\"starts_at\":\"2030-01-01T00:00:00Z\",\"title\":\"café\"}\n");
	assert_string_equal(lines(site, "iss", "SELECT ordinal, code, JSON_VALUE(detail, '$.errors[0].message') FROM {batch_item_errors}"),
			    "0 invalid_utf8 Row 2: The text is not UTF-8\n");
}

static void an_unclosed_quote_stores_nothing(void **state)
{
	struct site *site = *state;
	assert_csv_refused(site, JOB_CREATE, "content_id,starts_at,title\n1,2030-01-01T00:00:00Z,\"x\n1,2030-01-01T00:00:00Z,y\n",
			   "INVALID malformed_csv: Row 2: a quote is not closed");
	struct str body = STR_INIT;
	str_adds(&body, "content_id,starts_at,title\n1,2030-01-01T00:00:00Z,\"x\n");
	for (int i = 0; i < 10000; i++)
		str_adds(&body, "1,2030-01-01T00:00:00Z,y\n");
	assert_csv_refused(site, JOB_CREATE, str_text(&body),
			   "INVALID malformed_csv: Row 2: a cell is too long or its quote is not closed");
	str_free(&body);
}

static void later_slices_know_the_header_and_may_repeat_it(void **state)
{
	struct site *site = *state;
	int64_t job = csv(site, JOB_CREATE, "content_id,starts_at\n1,2030-01-01T00:00:00Z\n");
	assert_int_equal(append(site, job, 1, INGEST_CSV, "1,2030-01-01T00:00:00Z\n"), 1);
	assert_int_equal(append(site, job, 2, INGEST_CSV, "Content_Id,starts_at\n1,2030-01-01T00:00:00Z\n"), 1);
	assert_int_equal(append(site, job, 2, INGEST_CSV, "Content_Id,starts_at\n1,2030-01-01T00:00:00Z\n"), 1);
	assert_string_equal(inputs(site, job), ROW_1 ROW_1 ROW_1);
}

static void results_can_be_corrected_and_sent_again_as_they_are(void **state)
{
	struct site *site = *state;
	int64_t job = csv(site, JOB_CREATE,
			  "ordinal,outcome,event_id,error_code,error_message,error_suggestion,content_id,starts_at,title\n"
			  "7,failed,,x,y,z,1,2030-01-01T00:00:00Z,'=1+1\n");
	assert_string_equal(inputs(site, job), "{\"content_id\":1,\"starts_at\":\"2030-01-01T00:00:00Z\",\"title\":\"=1+1\"}\n");
}

static void updates_and_evaluations_have_columns_of_their_own(void **state)
{
	struct site *site = *state;
	int64_t update = csv(site, JOB_UPDATE, "event_id,expected_version,shift_s,title\n12,3,-60,x\n13,,,\n");
	assert_string_equal(inputs(site, update),
			    "{\"selector\":{\"event_id\":12},\"values\":{\"shift_s\":-60,\"title\":\"x\"},\"expected_version\":3}\n"
			    "{\"selector\":{\"event_id\":13},\"values\":{}}\n");
	assert_string_equal(lines(site, "i", "SELECT target_id FROM {batch_job_items} WHERE job_id = %lld", (long long)update), "12\n13\n");
	int64_t by_client = csv(site, JOB_UPDATE, "client_id,title\nk,x\n");
	assert_string_equal(lines(site, "ss", "SELECT client_id, input FROM {batch_job_items} WHERE job_id = %lld", (long long)by_client),
			    "k {\"selector\":{\"client_id\":\"k\"},\"values\":{\"title\":\"x\"}}\n");
	assert_string_equal(inputs(site, csv(site, JOB_EVALUATE, "event_id\n12\n")), "{\"event_id\":12}\n");
}

static void a_body_may_come_byte_by_byte_and_break_off(void **state)
{
	struct site *site = *state;
	struct job job;
	struct ingest_report report;
	const char *text = "content_id,starts_at\r\n1,2030-01-01T00:00:00Z\r\n1,2030-01-01T00:00:00Z\r\n";
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job));
	for (size_t at = 1; at < strlen(text); at += 3) {
		struct body broken = { .text = text, .step = 2, .breaks_at = at };
		assert_refused(&site->one, batch_append(&site->one, job.id, 0, INGEST_CSV, body_source(&broken), &report),
			       "INVALID truncated_body: The body broke off; nothing of it was kept");
	}
	struct body whole = { .text = text, .step = 1 };
	assert_done(&site->one, batch_append(&site->one, job.id, 0, INGEST_CSV, body_source(&whole), &report));
	assert_string_equal(inputs(site, job.id), ROW_1 ROW_1);
	struct body again = { .text = text };
	assert_done(&site->one, batch_append(&site->one, job.id, 0, INGEST_CSV, body_source(&again), &report));
	assert_true(report.was_repeated);
}

static void a_whole_file_becomes_a_batch(void **state)
{
	struct site *site = *state;
	struct job job;
	struct body body = { .text = "content_id,starts_at,resources\n1,2030-01-01T00:00:00Z,1\n99,2030-01-01T00:00:00Z,1\n" };
	assert_done(&site->one, batch_create_from_body(&site->one, true, JOB_CREATE, NULL, "file", INGEST_CSV, body_source(&body), &job));
	run_batch(site, job.id);
	assert_string_equal(told(site, job.id), "0 succeeded\n1 failed; content_not_found /content_id: There is no content 99\n");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_header_names_the_fields),
		CASE(byte_order_mark_crlf_quotes_and_case),
		CASE(semicolons_and_tabs_part_cells_too),
		CASE(columns_that_lack_or_are_unknown_refuse_the_file),
		CASE(a_row_with_too_many_cells_is_one_bad_item),
		CASE(invalid_utf8_is_one_bad_item),
		CASE(an_unclosed_quote_stores_nothing),
		CASE(later_slices_know_the_header_and_may_repeat_it),
		CASE(results_can_be_corrected_and_sent_again_as_they_are),
		CASE(updates_and_evaluations_have_columns_of_their_own),
		CASE(a_body_may_come_byte_by_byte_and_break_off),
		CASE(a_whole_file_becomes_a_batch),
	};
	return cmocka_run_group_tests_name("csv", cases, site_open, site_close);
}
