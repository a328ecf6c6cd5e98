/* Several files in one batch: begun, taken back, taken all at once. */
#include "jobs.h"

#include "batch/files.h"

#define GOOD_CSV "content_id,starts_at\n1,2030-01-01T00:00:00Z\n1,2030-01-02T00:00:00Z\n"
#define OTHER_CSV "title,starts_at,content_id\nSwim,2030-02-01T00:00:00Z,2\n"
#define GOOD_JSON "[{\"content_id\":1,\"starts_at\":\"2030-03-01T00:00:00Z\"}]"

static int64_t receiving(struct site *site, enum job_type type)
{
	struct job job;
	assert_done(&site->one, batch_create(&site->one, type, NULL, NULL, &job));
	return job.id;
}

static struct upload_file begin(struct site *site, int64_t job, int32_t file_no, const char *name)
{
	struct upload_file file = { 0 };
	assert_done(&site->one, batch_file_begin(&site->one, job, file_no, name, 100, &file));
	return file;
}

static void drop(struct site *site, int64_t job, int32_t file_no)
{
	bool done = false;
	while (!done)
		assert_done(&site->one, batch_file_drop(&site->one, job, file_no, UPLOAD_REFUSED, "malformed_csv", "Row 9: no", &done));
}

static const char *files_told(struct site *site, int64_t job)
{
	return lines(site, "s", "SELECT CONCAT_WS(' ', file_no, name, first_ordinal, state, code, message) FROM {upload_files} WHERE job_id = %lld"
				" ORDER BY file_no", (long long)job);
}

static int64_t left_of(struct site *site, int64_t job)
{
	return number(site, "SELECT (SELECT COUNT(*) FROM {batch_job_items} WHERE job_id = %lld) + (SELECT COUNT(*) FROM {batch_item_errors} WHERE"
			    " job_id = %lld) + (SELECT COUNT(*) FROM {batch_item_nodes} WHERE job_id = %lld) + (SELECT COUNT(*) FROM {batch_item_links}"
			    " WHERE job_id = %lld) + (SELECT COUNT(*) FROM {batch_slices} WHERE job_id = %lld) + (SELECT COUNT(*) FROM {busy_plan} WHERE"
			    " job_id = %lld) + (SELECT COUNT(*) FROM {batch_expansions} WHERE job_id = %lld) + (SELECT COUNT(*) FROM {batch_places} WHERE"
			    " job_id = %lld)",
		      (long long)job, (long long)job, (long long)job, (long long)job, (long long)job, (long long)job, (long long)job, (long long)job);
}

static void each_file_has_columns_of_its_own(void **state)
{
	struct site *site = *state;
	int64_t job = receiving(site, JOB_CREATE);
	assert_int_equal(begin(site, job, 1, "a.csv").first_ordinal, 0);
	append(site, job, 0, INGEST_CSV, GOOD_CSV);
	assert_int_equal(begin(site, job, 2, "b.csv").first_ordinal, 2);
	assert_int_equal(begin(site, job, 2, "b.csv").first_ordinal, 2); /* said twice */
	append(site, job, 2, INGEST_CSV, OTHER_CSV);
	begin(site, job, 3, "c.json");
	append(site, job, 3, INGEST_JSON, GOOD_JSON);
	assert_string_equal(files_told(site, job), "1 a.csv 0 taken\n2 b.csv 2 taken\n3 c.json 3 taken\n");
	struct upload_file *list;
	size_t count;
	assert_done(&site->one, batch_files(&site->one, job, NULL, &list, &count));
	assert_int_equal(count, 3);
	assert_int_equal(list[0].items, 2);
	assert_int_equal(list[1].items, 1);
	assert_non_null(list[1].csv_header);
	assert_null(list[2].csv_header);
	assert_done(&site->one, batch_start(&site->one, job));
	run_batch(site, job);
	assert_string_equal(told(site, job), "0 succeeded\n1 succeeded\n2 succeeded\n3 succeeded\n");
	struct job again;
	assert_done(&site->one, batch_create_from_job(&site->one, job, &(struct batch_options){ .max_concurrency = 1 }, "", &again));
	assert_string_equal(files_told(site, again.id), files_told(site, job));
}

static void files_begin_in_turn(void **state)
{
	struct site *site = *state;
	struct upload_file file;
	int64_t job = receiving(site, JOB_CREATE);
	assert_refused(&site->one, batch_file_begin(&site->one, job, 2, "b.csv", 1, &file),
		       "CONFLICT offset_mismatch: 0 files have begun; the next one is number 1");
	begin(site, job, 1, "a.csv");
	assert_refused(&site->one, batch_file_begin(&site->one, job, 1, "other.csv", 1, &file),
		       "CONFLICT offset_mismatch: 1 files have begun; the next one is number 2");
	append(site, job, 0, INGEST_CSV, GOOD_CSV);
	assert_done(&site->one, batch_start(&site->one, job));
	assert_refused(&site->one, batch_file_begin(&site->one, job, 2, "b.csv", 1, &file),
		       "CONFLICT illegal_transition: The batch is queued and takes no more files; allowed: pause, cancel");
	bool done;
	assert_refused(&site->one, batch_file_drop(&site->one, job, 1, UPLOAD_CANCELLED, NULL, NULL, &done),
		       "CONFLICT illegal_transition: The batch is queued and takes no more files; allowed: pause, cancel");
}

/* Whatever came with its items goes with them, in steps, and the next file takes its place. */
static void a_file_taken_back_leaves_nothing(void **state)
{
	struct site *site = *state;
	int64_t job = receiving(site, JOB_UPDATE);
	begin(site, job, 1, "queries.json");
	append(site, job, 0, INGEST_JSON, "[{\"selector\":{\"query\":{\"status\":\"draft\"}},\"values\":{\"title\":\"x\"}},"
					  "{\"id\":\"a\",\"selector\":{\"event_id\":1},\"values\":{}},tru,"
					  "{\"depends_on\":[\"a\"],\"selector\":{\"event_id\":1},\"values\":{}}]");
	assert_true(left_of(site, job) > 8);
	drop(site, job, 1);
	drop(site, job, 1);
	assert_int_equal(left_of(site, job), 0);
	assert_string_equal(lines(site, "iii", "SELECT received, total, unfrozen FROM {batch_jobs}"), "0 0 0\n");
	assert_string_equal(files_told(site, job), "1 queries.json 0 refused malformed_csv Row 9: no\n");

	job = receiving(site, JOB_EVALUATE);
	begin(site, job, 1, "long.json");
	append(site, job, 0, INGEST_JSON, many_events(site, 4500));
	assert_true(left_of(site, job) > 4500);
	drop(site, job, 1);
	assert_int_equal(left_of(site, job), 0);
	begin(site, job, 2, "next.json");
	append(site, job, 0, INGEST_JSON, GOOD_JSON);
	begin(site, job, 3, "last.json");
	bool done;
	assert_refused(&site->one, batch_file_drop(&site->one, job, 2, UPLOAD_CANCELLED, NULL, NULL, &done),
		       "CONFLICT illegal_transition: Another file has begun since: only the last one can be taken back");
	assert_done(&site->one, batch_start(&site->one, job));
	run_batch(site, job);
	assert_string_equal(told(site, job), "0 succeeded ready\n");
}

static void a_bad_file_among_several_is_named_and_the_others_go_on(void **state)
{
	struct site *site = *state;
	struct batch_options options;
	struct job job;
	const struct file_input files[] = {
		{ "good.csv", GOOD_CSV, sizeof(GOOD_CSV) - 1, INGEST_CSV },
		{ "plan.xlsx", "PK\3\4\0\0", 6, INGEST_CSV },
		{ "column.csv", "content_id,begins\n1,2\n", 21, INGEST_CSV },
		{ "empty.csv", "", 0, INGEST_CSV },
		{ "broken.json", "[{\"content_id\":1},", 18, INGEST_JSON },
		{ "options.json", "{\"type\":\"create\",\"items\":[{\"a\":1}]}", 35, INGEST_JSON },
		{ "none.json", "[]", 2, INGEST_JSON },
		{ "other.csv", OTHER_CSV, sizeof(OTHER_CSV) - 1, INGEST_CSV },
	};
	struct issues issues = { .arena = site->one.arena };
	options_default(site->one.config, &options);
	assert_done(&site->one, batch_create_from_files(&site->one, JOB_CREATE, &options, files, 8, &issues, "/file", &job));
	assert_int_equal(issues.count, 6);
	assert_string_equal(issues.list[0].message, "plan.xlsx: The selected file must be a CSV, JSON or NDJSON file: save a spreadsheet as “CSV UTF-8” first");
	assert_string_equal(lines(site, "sis", "SELECT name, first_ordinal, COALESCE(code, '-') FROM {upload_files} ORDER BY file_no"),
			    "good.csv 0 -\nplan.xlsx 2 unsupported_media_type\ncolumn.csv 2 unknown_column\nempty.csv 2 empty_batch\n"
			    "broken.json 2 malformed_json\noptions.json 2 unknown_field\nnone.json 2 empty_batch\nother.csv 2 -\n");
	run_batch(site, job.id);
	assert_string_equal(told(site, job.id), "0 succeeded\n1 succeeded\n2 succeeded\n");
}

static void files_of_which_none_can_be_read_leave_no_batch(void **state)
{
	struct site *site = *state;
	struct batch_options options;
	struct job job;
	const struct file_input files[] = { { "a.csv", "x\n", 2, INGEST_CSV }, { "b.csv", "", 0, INGEST_CSV } };
	struct issues issues = { .arena = site->one.arena };
	options_default(site->one.config, &options);
	assert_false(batch_create_from_files(&site->one, JOB_CREATE, &options, files, 2, &issues, "/file", &job));
	assert_int_equal(site->one.fail.kind, FAIL_NONE);
	assert_int_equal(issues.count, 2);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_jobs}"), 0);
}

static void a_stranger_sees_no_files(void **state)
{
	struct site *site = *state;
	struct upload_file *list;
	struct upload_file file;
	size_t count;
	int64_t job = receiving(site, JOB_CREATE);
	begin(site, job, 1, "a.csv");
	become(&site->two, 3);
	const char *refusal = arena_printf(site->look.arena, "NOT_FOUND not_found: There is no batch %lld", (long long)job);
	assert_refused(&site->two, batch_files(&site->two, job, NULL, &list, &count), refusal);
	assert_refused(&site->two, batch_file_begin(&site->two, job, 2, "b.csv", 1, &file), refusal);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(each_file_has_columns_of_its_own),
		CASE(files_begin_in_turn),
		CASE(a_file_taken_back_leaves_nothing),
		CASE(a_bad_file_among_several_is_named_and_the_others_go_on),
		CASE(files_of_which_none_can_be_read_leave_no_batch),
		CASE(a_stranger_sees_no_files),
	};
	return cmocka_run_group_tests_name("files", cases, site_open, site_close);
}
