/* Versions of contents: those that are not there, and older ones after newer ones. */
#include "jobs.h"

#define ITEM(content, version, minute) \
	text_of(site, "{\"content_id\":%d,\"version_no\":%s,\"starts_at\":\"%s\"}", content, version, at_minute(site, minute))
#define KEEP_BOTH "{\"on_conflict\":\"keep_both\"}"

static void a_version_must_be_there(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE(KEEP_BOTH, ITEM(1, "4", 0), ITEM(UNVERSIONED, "null", 0), ITEM(UNVERSIONED, "1", 0), ITEM(99, "1", 0), ITEM(1, "0", 0), ITEM(2, "3", 0));
	assert_string_equal(told(site, job),
			    text_of(site, "0 failed; version_not_found /version_no: Content 1 has no version 4\n"
					  "1 failed; version_not_found /content_id: Content %d has no version yet\n"
					  "2 failed; version_not_found /version_no: Content %d has no version 1\n"
					  "3 failed; content_not_found /content_id: There is no content 99\n"
					  "4 failed; out_of_range /version_no: 0 is out of range\n"
					  "5 succeeded\n", UNVERSIONED, UNVERSIONED));
}

static void an_older_version_after_a_newer_one_is_warned_of(void **state)
{
	struct site *site = *state;
	long long third = event_of(site, CREATE(KEEP_BOTH, ITEM(1, "3", 6000)), 0);
	sql(site, "UPDATE {contents} SET live_version = 2 WHERE id = 2");
	int64_t job = CREATE(KEEP_BOTH, ITEM(1, "2", 5000), ITEM(1, "2", 7000), ITEM(1, "3", 8000), ITEM(1, "null", 9000), ITEM(2, "1", 0), ITEM(2, "2", 300),
			     ITEM(3, "3", 0), ITEM(3, "1", 300), ITEM(4, "1", 0), ITEM(4, "2", 300));
	assert_string_equal(told(site, job),
			    text_of(site,
				    "0 succeeded\n1 succeeded; warning older_version: Version 2 comes after version 3: event %lld is earlier\n"
				    "2 succeeded\n3 succeeded\n4 succeeded; warning older_version: Version 1 comes after version 2, which is live\n"
				    "5 succeeded\n6 succeeded\n7 succeeded; warning older_version: Version 1 comes after version 3: item 6 is earlier\n"
				    "8 succeeded\n9 succeeded\n", third));
}

static void what_no_longer_happens_is_no_newer_version(void **state)
{
	struct site *site = *state;
	int64_t made = CREATE(KEEP_BOTH, ITEM(1, "3", 0), ITEM(2, "3", 0));
	sql(site, "UPDATE {scheduled_events} SET status = 'cancelled' WHERE id = %lld", (long long)event_of(site, made, 0));
	int64_t job = CREATE(KEEP_BOTH, ITEM(1, "2", 6000));
	assert_string_equal(told(site, job), "0 succeeded\n");
	/* An evaluation and an update say the same; a new title says nothing. */
	long long second = event_of(site, CREATE(KEEP_BOTH, ITEM(2, "1", 6000)), 0);
	job = new_run(site, JOB_EVALUATE, NULL, list_of(site, ITEM(2, "2", 7000), NULL));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_errors} WHERE job_id = %lld AND detail LIKE '%%older_version%%'",
				(long long)job), 1);
	job = new_run(site, JOB_UPDATE, NULL,
		      list_of(site, text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"x\"}}", second), NULL));
	assert_string_equal(told(site, job), "0 succeeded\n");
	job = new_run(site, JOB_UPDATE, NULL,
		      list_of(site, text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"shift_s\":60}}", second), NULL));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_errors} WHERE job_id = %lld AND code = 'older_version'", (long long)job), 1);
}

/* A content that has had thousands of events costs no more than those of newer versions, and of these not all. */
static void only_newer_versions_are_read_by_key(void **state)
{
	struct site *site = *state;
	sql(site, "INSERT INTO {scheduled_events} (content_id, version_no, schedule_type, starts_at, ends_at, created_by, payload_hash)"
		  " SELECT 1, 1, 'publish', '2029-01-01' + INTERVAL seq HOUR, '2029-01-01' + INTERVAL seq HOUR, 1, seq FROM seq_1_to_8000");
	sql(site, "INSERT INTO {scheduled_events} (content_id, version_no, schedule_type, starts_at, ends_at, created_by, payload_hash)"
		  " SELECT 1, 3, 'publish', '2029-01-01' + INTERVAL seq HOUR, '2029-01-01' + INTERVAL seq HOUR, 1, seq FROM seq_1_to_20");
	int64_t before = rows_touched(&site->one);
	int64_t job = CREATE(KEEP_BOTH, ITEM(1, "2", 6000));
	assert_in_range(rows_touched(&site->one) - before, 20, 400);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_errors} WHERE job_id = %lld AND code = 'older_version'", (long long)job), 1);
	sql(site, "INSERT INTO {scheduled_events} (content_id, version_no, schedule_type, starts_at, ends_at, created_by, payload_hash)"
		  " SELECT 2, 3, 'publish', '2029-01-01' + INTERVAL seq MINUTE, '2029-01-01' + INTERVAL seq MINUTE, 1, seq FROM seq_1_to_9000");
	before = rows_touched(&site->one);
	CREATE(KEEP_BOTH, ITEM(2, "2", 6000));
	assert_in_range(rows_touched(&site->one) - before, 1000, 1000 * 3 + 600);
}

/* A chunk that schedules two versions of each of forty contents, the second after thirty others of its own version: only
 * the last content has a newer one that comes too early, and what is looked at is not used up by the others. */
static void successors_in_one_chunk_hide_nothing(void **state)
{
	struct site *site = *state;
	struct str items = STR_INIT;
	sql(site, "INSERT INTO {scheduled_events} (content_id, version_no, schedule_type, starts_at, ends_at, created_by, payload_hash)"
		  " SELECT c, 2, 'publish', at, at, 1, c * 100 + n FROM (SELECT c.seq AS c, n.seq AS n, CAST('%.19s' AS DATETIME) + INTERVAL n.seq DAY AS at"
		  " FROM seq_1_to_40 c JOIN seq_1_to_30 n) x", at_minute(site, 0));
	CREATE(KEEP_BOTH, ITEM(40, "3", 35 * 1440));
	for (int content = 1; content <= 40; content++)
		str_addf(&items, "%s%s,%s", content > 1 ? "," : "[", ITEM(content, "1", 0), ITEM(content, "2", 40 * 1440));
	str_addc(&items, ']');
	int64_t job = new_run(site, JOB_CREATE, KEEP_BOTH, kept_text(site, &items));
	assert_string_equal(lines(site, "is", "SELECT ordinal, code FROM {batch_item_errors} WHERE job_id = %lld", (long long)job),
			    "79 older_version\n");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_version_must_be_there),
		CASE(an_older_version_after_a_newer_one_is_warned_of),
		CASE(what_no_longer_happens_is_no_newer_version),
		CASE(only_newer_versions_are_read_by_key),
		CASE(successors_in_one_chunk_hide_nothing),
	};
	return cmocka_run_group_tests_name("versions", cases, site_open, site_close);
}
