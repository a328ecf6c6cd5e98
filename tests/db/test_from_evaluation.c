/* Creating what an evaluation found ready, looking again only where somebody has been since. */
#include "jobs.h"

#include "store/restrictions.h"

#define EVENT(content, minute, minutes, more) event_json(site, content, minute, minutes, more)

static int64_t create_from(struct site *site, int64_t evaluation, const char *options)
{
	struct job job;
	struct batch_options read = options_of(site, JOB_CREATE, options ? options : "{}");
	assert_done(&site->one, batch_create_from_evaluation(&site->one, evaluation, &read, NULL, &job));
	run_batch(site, job.id);
	return job.id;
}

/* Somebody's event that nobody was told of: only who looks at the calendar itself finds it. */
static void hide_in_busy(struct site *site, int64_t venue, int64_t from, int64_t to)
{
	sql(site, "INSERT INTO {busy} (calendar_kind, calendar_id, day, start_utc, event_id, local_start, end_utc)"
		  " VALUES (2, %lld, %lld, %lld, 999999, %lld, %lld)",
	    (long long)venue, (long long)((DAY_ONE + from * 60) / 86400), (long long)(DAY_ONE + from * 60),
	    (long long)(DAY_ONE + from * 60), (long long)(DAY_ONE + to * 60));
}

static void what_was_ready_is_created_and_nothing_else(void **state)
{
	struct site *site = *state;
	long long taken = event_of(site, CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]")), 0);
	int64_t evaluation = EVALUATE(NULL, EVENT(2, 0, 60, ",\"resources\":[1]"), EVENT(3, 60, 60, ",\"resources\":[1],\"client_id\":\"c\""),
				      EVENT(99, 0, 30, ""), text_of(site, "{\"event_id\":%lld}", taken), EVENT(4, 0, 60, ",\"resources\":[2]"),
				      text_of(site, "{\"selector\":{\"event_id\":%lld}}", taken));
	int64_t job = create_from(site, evaluation, NULL);
	assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
	assert_string_equal(events_told(site), "1 v1 0+60 scheduled r1\n4 v1 0+60 scheduled r1\n3 v1 60+60 scheduled r1\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE client_id = 'c' AND origin_job_id = %lld"
				      " AND origin_ordinal = 0", (long long)job), 1);
	assert_domain_whole(site);
}

static void a_calendar_that_moved_is_looked_at_and_one_that_did_not_is_not(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(9, 6000, 60, ",\"resources\":[1,2]"));
	int64_t evaluation = EVALUATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 0, 60, ",\"resources\":[2]"),
				      EVENT(3, 0, 60, ",\"resources\":[3]"), EVENT(4, 300, 60, ",\"resources\":[1]"));
	/* Venue 1 moves, and is taken; venue 2 is as it was, as far as anybody knows. */
	CREATE(NULL, EVENT(8, 30, 60, ",\"resources\":[1]"));
	hide_in_busy(site, 2, 0, 60);
	int64_t job = create_from(site, evaluation, NULL);
	assert_string_equal(lines(site, "iis", "SELECT i.ordinal, i.outcome, COALESCE(x.code, '-') FROM {batch_job_items} i"
					       " LEFT JOIN {batch_item_errors} x ON x.job_id = i.job_id AND x.ordinal = i.ordinal"
					       " WHERE i.job_id = %lld ORDER BY 1", (long long)job),
			    "0 5 resource_overlap\n1 1 -\n2 1 -\n3 1 -\n");
}

static void what_the_batch_itself_books_does_not_count_as_moved(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(9, 6000, 60, ",\"resources\":[1]"));
	int64_t evaluation = EVALUATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(1, 100, 60, ",\"resources\":[1,4]"),
				      EVENT(1, 200, 60, ",\"resources\":[1]"), EVENT(3, 300, 60, ",\"resources\":[1,5]"));
	hide_in_busy(site, 1, 0, 600);
	int64_t job = create_from(site, evaluation, "{\"chunk_size\":1}");
	assert_string_equal(status_line(site, job), "succeeded: 4 succeeded");
	/* Once somebody else has been there, all of it is looked at. */
	evaluation = EVALUATE(NULL, EVENT(5, 1000, 60, ",\"resources\":[1]"), EVENT(5, 1100, 60, ",\"resources\":[1]"));
	CREATE(NULL, EVENT(7, 9000, 60, ",\"resources\":[1]"));
	hide_in_busy(site, 1, 1000, 1060);
	hide_in_busy(site, 1, 1100, 1160);
	job = create_from(site, evaluation, "{\"chunk_size\":1}");
	assert_string_equal(status_line(site, job), "failed: 2 failed");
}

static void a_calendar_that_came_since_has_moved(void **state)
{
	struct site *site = *state;
	int64_t evaluation = EVALUATE(NULL, EVENT(1, 0, 60, ",\"resources\":[6]"), EVENT(2, 0, 60, ",\"resources\":[7]"));
	CREATE(NULL, EVENT(8, 0, 60, ",\"resources\":[6]"));
	int64_t job = create_from(site, evaluation, NULL);
	assert_string_equal(status_line(site, job), "partial: 1 succeeded 1 failed");
}

static void a_restriction_that_came_since_counts(void **state)
{
	struct site *site = *state;
	int64_t evaluation = EVALUATE(NULL, EVENT(1, 0, 60, ",\"assignees\":[21]"), EVENT(2, 0, 60, ",\"assignees\":[22]"));
	struct restriction_row row = {
		.rule = { .resource_id = 21, .from_utc = DAY_ONE, .to_utc = DAY_ONE + 3600, .is_hard = true }, .reason = "Ill", .alternatives = "" };
	assert_done(&site->two, restriction_insert(&site->two, &row));
	int64_t job = create_from(site, evaluation, NULL);
	assert_string_equal(lines(site, "is", "SELECT ordinal, code FROM {batch_item_errors} WHERE job_id = %lld", (long long)job),
			    "0 compliance\n");
}

static void a_batch_that_looks_closer_looks_at_everything(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 0, ",\"title\":\"other version\""));
	int64_t evaluation = EVALUATE("{\"conflict_window_s\":60}", "{\"content_id\":1,\"version_no\":2,\"starts_at\":\"2030-01-01T00:30:00Z\"}");
	assert_string_equal(status_line(site, create_from(site, evaluation, "{\"conflict_window_s\":60}")), "succeeded: 1 succeeded");
	evaluation = EVALUATE("{\"conflict_window_s\":60}", "{\"content_id\":1,\"version_no\":3,\"starts_at\":\"2030-01-01T00:15:00Z\"}");
	assert_string_equal(status_line(site, create_from(site, evaluation, NULL)), "failed: 1 failed");
}

static void only_ones_own_ended_evaluation_will_do(void **state)
{
	struct site *site = *state;
	struct job job;
	struct batch_options options = options_of(site, JOB_CREATE, "{}");
	long long made = CREATE(NULL, EVENT(1, 0, 60, ""));
	long long open = batch_new(site, JOB_EVALUATE, NULL, list_of(site, EVENT(2, 0, 60, ""), NULL));
	long long nothing = EVALUATE(NULL, EVENT(99, 0, 60, "")), mine = EVALUATE(NULL, EVENT(3, 0, 60, ""));
#define FROM(id) batch_create_from_evaluation(&site->one, id, &options, NULL, &job)
	assert_refused(&site->one, FROM(made), text_of(site, "INVALID invalid_value /from_evaluation: Batch %lld is no evaluation", made));
	assert_refused(&site->one, FROM(open), text_of(site, "CONFLICT illegal_transition: Evaluation %lld has not ended: it is queued", open));
	assert_refused(&site->one, FROM(nothing),
		       text_of(site, "CONFLICT empty_batch: Evaluation %lld found nothing ready to be created", nothing));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_jobs} WHERE type = 'create' AND status NOT IN ('succeeded', 'cancelled')"), 0);
	become(&site->one, AUTHOR);
	assert_refused(&site->one, FROM(mine), text_of(site, "NOT_FOUND not_found: There is no batch %lld", mine));
	become(&site->one, ADMIN);
	assert_done(&site->one, batch_delete(&site->one, mine));
	assert_refused(&site->one, FROM(mine), text_of(site, "NOT_FOUND not_found: There is no batch %lld", mine));
}

static void stored_events_are_evaluated_by_query(void **state)
{
	struct site *site = *state;
	int64_t made = CREATE(NULL, EVENT(1, 0, 60, ",\"client_id\":\"a\""), EVENT(1, 600, 60, ""), EVENT(31, 0, 60, ""));
	const char *before = domain_sum(site);
	int64_t job = EVALUATE(NULL, "{\"selector\":{\"query\":{\"content_id\":1}}}", "{\"selector\":{\"client_id\":\"a\"}}",
			       "{\"selector\":{\"client_id\":\"b\"}}", "{\"selector\":{\"query\":{\"content_id\":30}}}");
	assert_string_equal(lines(site, "iiii", "SELECT ordinal, outcome, verdict, event_id FROM {batch_job_items} WHERE job_id = %lld"
						" ORDER BY ordinal", (long long)job),
			    text_of(site, "0 1 1 %lld\n1 1 1 %lld\n2 1 6 0\n3 2 0 0\n4 1 1 %lld\n", (long long)event_of(site, made, 0),
				    (long long)event_of(site, made, 0), (long long)event_of(site, made, 1)));
	assert_string_equal(domain_sum(site), before);
	/* Who may only see one type is given events of that. */
	become(&site->one, TRAINER);
	job = EVALUATE(NULL, "{\"selector\":{\"query\":{\"starts_after\":\"2029-01-01T00:00:00Z\"}}}");
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
}

/* What depends on what comes along; what depends on something that was not ready says so. */
static void items_that_depend_on_others_come_along(void **state)
{
	struct site *site = *state;
	static const char *const options[] = { NULL, "{\"atomic\":true}", "{\"chunk_size\":1}" };
	CREATE(NULL, EVENT(9, 0, 60, ",\"resources\":[1]"));
	int64_t evaluation = EVALUATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1],\"id\":\"taken\""), EVENT(2, 0, 60, ",\"id\":\"b\",\"depends_on\":[\"a\"]"),
				      EVENT(3, 0, 60, ",\"attributes\":{\"after\":{\"$ref\":\"b\"}}"), EVENT(4, 0, 60, ",\"depends_on\":[\"taken\"]"),
				      EVENT(5, 0, 60, ",\"id\":\"a\""), EVENT(6, 0, 60, ",\"depends_on\":[\"nobody\"]"), EVENT(7, 0, 60, ""));
	assert_string_equal(lines(site, "ii", "SELECT ordinal, verdict FROM {batch_job_items} WHERE job_id = %lld ORDER BY ordinal", (long long)evaluation),
			    "0 4\n1 1\n2 1\n3 1\n4 1\n5 0\n6 1\n");
	for (int i = 0; i < 3; i++) {
		int64_t job = create_from(site, evaluation, options[i]);
		if (i == 1) { /* all or nothing */
			assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE origin_job_id = %lld", (long long)job), 0);
			continue;
		}
		assert_string_equal(told(site, job),
				    text_of(site, "0 succeeded\n1 succeeded\n2 failed; dependency_failed /depends_on/0: Item “taken”, which it depends on,"
						  " was not ready in evaluation %lld\n3 succeeded\n4 succeeded\n", (long long)evaluation));
		assert_int_equal(number(site, "SELECT JSON_VALUE(c.attributes, '$.after') = b.id FROM {scheduled_events} c JOIN {scheduled_events} b"
					      " ON b.content_id = 2 AND b.origin_job_id = c.origin_job_id WHERE c.content_id = 3 AND c.origin_job_id = %lld",
					(long long)job), 1);
		assert_domain_whole(site);
		assert_done(&site->one, batch_undo(&site->one, job));
		run_batch(site, job);
	}
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(what_was_ready_is_created_and_nothing_else),
		CASE(a_calendar_that_moved_is_looked_at_and_one_that_did_not_is_not),
		CASE(what_the_batch_itself_books_does_not_count_as_moved),
		CASE(a_calendar_that_came_since_has_moved),
		CASE(a_restriction_that_came_since_counts),
		CASE(a_batch_that_looks_closer_looks_at_everything),
		CASE(only_ones_own_ended_evaluation_will_do),
		CASE(stored_events_are_evaluated_by_query), CASE(items_that_depend_on_others_come_along),
	};
	return cmocka_run_group_tests_name("from_evaluation", cases, site_open, site_close);
}
