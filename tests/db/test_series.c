/* Recurring events in the engine: every occurrence is looked at, written, moved, held and taken back. */
#include "jobs.h"

#include "base/clock.h"
#include "base/json.h"
#include "schedule/edit.h"
#include "schedule/horizon.h"

/* An hour every week from 2030-01-01T00:00Z + `minute` on, four times. */
#define WEEKLY(content, minute, more) event_json(site, content, minute, 60, ",\"recurrence\":\"FREQ=WEEKLY;COUNT=4\"" more)
#define ONCE(content, minute, more) event_json(site, content, minute, 60, more)
#define WEEK 10080

/* "NAME START+MINUTES vVERSION" of every occurrence, in minutes. */
static const char *occurrences_told(struct site *site)
{
	return lines(site, "s", "SELECT CONCAT((local_start - 1893456000) DIV 60, ' ', (start_utc - 1893456000) DIV 60, '+',"
				" (end_utc - start_utc) DIV 60, ' v', version_no) FROM {event_occurrences} ORDER BY event_id, local_start");
}

/* The domain but for what an undo may change: counters of changes, locks. */
static const char *domain(struct site *site)
{
	return text_of(site, "%s%s%s", busy_told(site), occurrences_told(site),
		       lines(site, "iissssisssis", "SELECT id, content_id, starts_at, timezone, title, status, duration_s, recurrence, exdates,"
						   " rdates, overrides IS NULL, expanded_through FROM {scheduled_events} ORDER BY id"));
}

/* --- creates -------------------------------------------------------------------- */

static void every_occurrence_is_busy(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE(NULL, WEEKLY(1, 60, ",\"resources\":[1],\"assignees\":[21]"));
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
	assert_string_equal(occurrences_told(site), "60 60+60 v1\n10140 10140+60 v1\n20220 20220+60 v1\n30300 30300+60 v1\n");
	assert_string_equal(busy_told(site), "1 1 60-120 v1\n1 1 10140-10200 v1\n1 1 20220-20280 v1\n1 1 30300-30360 v1\n"
					     "2 1 60-120 v1\n2 1 10140-10200 v1\n2 1 20220-20280 v1\n2 1 30300-30360 v1\n"
					     "2 21 60-120 v1\n2 21 10140-10200 v1\n2 21 20220-20280 v1\n2 21 30300-30360 v1\n");
	assert_domain_whole(site);
	run_undo(site, job);
	assert_int_equal(number(site, "SELECT (SELECT COUNT(*) FROM {busy}) + (SELECT COUNT(*) FROM {event_occurrences})"), 0);
}

static void an_endless_series_is_known_for_four_hundred_days(void **state)
{
	struct site *site = *state;
	CREATE(NULL, event_json(site, 1, 60, 60, ",\"recurrence\":\"FREQ=DAILY\",\"resources\":[1]"));
	assert_string_equal(lines(site, "is", "SELECT (SELECT COUNT(*) FROM {event_occurrences}), expanded_through FROM {scheduled_events}"),
			    "400 2031-02-05 00:00:00\n");
	assert_domain_whole(site);
}

static void wall_time_decides(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE(NULL, "{\"content_id\":1,\"version_no\":1,\"local_start\":\"2030-03-30T02:30:00\",\"timezone\":\"Europe/Stockholm\","
				   "\"duration_s\":3600,\"recurrence\":\"FREQ=DAILY;COUNT=3\",\"resources\":[1]}");
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
	assert_string_equal(lines(site, "sii", "SELECT FROM_UNIXTIME(start_utc), flag, (start_utc - local_start) DIV 60"
					       " FROM {event_occurrences} ORDER BY 1"),
			    "2030-03-30 01:30:00 0 -60\n2030-03-31 01:30:00 1 -60\n2030-04-01 00:30:00 0 -120\n");
	assert_domain_whole(site);
}

static void the_occurrence_that_collides_is_named(void **state)
{
	struct site *site = *state;
	int64_t first = event_of(site, CREATE(NULL, WEEKLY(1, 60, ",\"resources\":[1]")), 0);
	int64_t job = CREATE(NULL, WEEKLY(2, 2 * WEEK + 90, ",\"resources\":[1]"), ONCE(3, 3 * WEEK + 30, ",\"resources\":[1]"),
			     ONCE(4, 4 * WEEK + 60, ",\"resources\":[1]"));
	assert_string_equal(told(site, job),
			    text_of(site,
				    "0 failed; resource_overlap /resources: The resource is taken: event %lld; resource_overlap hard with event %lld;"
				    " resource_overlap hard with event %lld\n"
				    "1 failed; resource_overlap /resources: The resource is taken: event %lld; resource_overlap hard with event %lld\n"
				    "2 succeeded\n", (long long)first, (long long)first, (long long)first, (long long)first, (long long)first));
	/* With the times of both occurrences. */
	assert_string_equal(lines(site, "ssss", "SELECT JSON_VALUE(detail, '$.conflicts[0].starts_at'), JSON_VALUE(detail, '$.conflicts[0].occurrence'),"
						" JSON_VALUE(detail, '$.conflicts[1].starts_at'), JSON_VALUE(detail, '$.conflicts[1].occurrence')"
						" FROM {batch_item_errors} WHERE job_id = %lld AND ordinal = 0", (long long)job),
			    "2030-01-15T01:00:00Z 2030-01-15T01:30:00 2030-01-22T01:00:00Z 2030-01-22T01:30:00\n");
	assert_domain_whole(site);
}

static void items_of_a_batch_see_each_others_occurrences(void **state)
{
	struct site *site = *state;
	for (int one_by_one = 0; one_by_one < 2; one_by_one++) {
		int64_t job = CREATE(one_by_one ? "{\"chunk_size\":1,\"ordered\":true}" : NULL, WEEKLY(1, 60, ",\"resources\":[2]"),
				     ONCE(2, 3 * WEEK + 119, ",\"resources\":[2]"), ONCE(2, 3 * WEEK + 120, ",\"resources\":[2]"));
		assert_string_equal(status_line(site, job), "partial: 2 succeeded 1 failed");
		assert_domain_whole(site);
		run_undo(site, job);
	}
}

static void versions_of_a_content_are_kept_apart_in_every_week(void **state)
{
	struct site *site = *state;
	CREATE(NULL, WEEKLY(1, 60, ""));
	int64_t job = CREATE(NULL, text_of(site, "{\"content_id\":1,\"version_no\":2,\"starts_at\":\"%s\"}", at_minute(site, 2 * WEEK + 61)),
			     text_of(site, "{\"content_id\":1,\"version_no\":1,\"starts_at\":\"%s\"}", at_minute(site, 2 * WEEK + 61)));
	assert_string_equal(status_line(site, job), "partial: 1 succeeded 1 failed");
}

/* --- as many conflicts as there are ------------------------------------------------- */

/* Every fourth hour against every sixth, 50 and 70 minutes long: what a join of all occurrences with all says. */
static void a_series_against_a_series_is_as_by_brute_force(void **state)
{
	struct site *site = *state;
	CREATE(NULL, event_json(site, 1, 7, 50, ",\"recurrence\":\"FREQ=HOURLY;INTERVAL=4;COUNT=200\",\"resources\":[1]"));
	char *six = event_json(site, 2, -100, 70, ",\"recurrence\":\"FREQ=HOURLY;INTERVAL=6;COUNT=200\",\"resources\":[1]");
	int64_t job = EVALUATE(NULL, six);
	int64_t counted = number(site, "SELECT JSON_VALUE(detail, '$.conflict_count') FROM {batch_item_errors} WHERE job_id = %lld", (long long)job);
	assert_int_equal(number(site, "SELECT JSON_LENGTH(detail, '$.conflicts') FROM {batch_item_errors} WHERE job_id = %lld", (long long)job), 20);
	CREATE(NULL, event_json(site, 2, -100, 70, ",\"recurrence\":\"FREQ=HOURLY;INTERVAL=6;COUNT=200\",\"resources\":[2]"));
	int64_t wanted = number(site, "SELECT COUNT(*) FROM {event_occurrences} a JOIN {event_occurrences} b ON a.event_id < b.event_id"
				      " AND a.start_utc < b.end_utc AND b.start_utc < a.end_utc");
	assert_true(wanted > 50);
	assert_int_equal(counted, wanted);
}

/* --- evaluations and dry runs --------------------------------------------------------- */

static void an_evaluation_sees_every_occurrence_of_its_items(void **state)
{
	struct site *site = *state;
	int64_t job = EVALUATE("{\"chunk_size\":1}", WEEKLY(1, 60, ",\"resources\":[1]"), ONCE(2, 3 * WEEK + 60, ",\"resources\":[1]"),
			       ONCE(2, 4 * WEEK + 60, ",\"resources\":[1]"));
	assert_string_equal(told(site, job), "0 succeeded conflict; resource_overlap /resources: The resource is taken: item 1 of this batch;"
					     " resource_overlap hard with item 1\n"
					     "1 succeeded conflict; resource_overlap /resources: The resource is taken: item 0 of this batch;"
					     " resource_overlap hard with item 0\n"
					     "2 succeeded ready\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy_plan}"), 0);
}

static void an_evaluation_lists_the_first_occurrences(void **state)
{
	struct site *site = *state;
	int64_t job = EVALUATE("{\"list_occurrences\":2}",
			       "{\"content_id\":1,\"version_no\":1,\"local_start\":\"2030-03-30T02:30:00\",\"timezone\":\"Europe/Stockholm\","
			       "\"recurrence\":\"FREQ=DAILY;COUNT=3\"}",
			       event_json(site, 2, 0, 60, ",\"recurrence\":\"FREQ=WEEKLY\""));
	assert_string_equal(lines(site, "ij", "SELECT ordinal, JSON_EXTRACT(detail, '$.occurrences') FROM {batch_item_errors}"
					      " WHERE job_id = %lld ORDER BY 1", (long long)job),
			    "0 {\"count\":3,\"list\":[{\"flag\":null,\"local_start\":\"2030-03-30T02:30:00\",\"starts_at\":\"2030-03-30T01:30:00Z\"},"
			    "{\"flag\":\"gap\",\"local_start\":\"2030-03-31T02:30:00\",\"starts_at\":\"2030-03-31T01:30:00Z\"}],\"truncated\":false}\n"
			    "1 {\"count\":58,\"list\":[{\"flag\":null,\"local_start\":\"2030-01-01T00:00:00\",\"starts_at\":\"2030-01-01T00:00:00Z\"},"
			    "{\"flag\":null,\"local_start\":\"2030-01-08T00:00:00\",\"starts_at\":\"2030-01-08T00:00:00Z\"}],\"truncated\":true}\n");
}

static void a_stored_series_is_evaluated(void **state)
{
	struct site *site = *state;
	int64_t id = event_of(site, CREATE(NULL, WEEKLY(1, 60, ",\"resources\":[11]")), 0);
	int64_t other = event_of(site, CREATE("{\"on_conflict\":\"keep_both\"}", ONCE(2, 2 * WEEK + 60, ",\"resources\":[11]")), 0);
	int64_t job = EVALUATE(NULL, text_of(site, "{\"event_id\":%lld}", (long long)id));
	assert_string_equal(told(site, job), text_of(site, "0 succeeded conflict; resource_overlap /resources: The resource is taken: event %lld;"
							   " resource_overlap soft with event %lld\n", (long long)other, (long long)other));
}

static void a_dry_run_of_series_predicts_the_real_one(void **state)
{
	struct site *site = *state;
	char *items = list_of(site, WEEKLY(1, 60, ",\"resources\":[1]"), ONCE(2, 3 * WEEK + 60, ",\"resources\":[1]"),
			      WEEKLY(3, 4 * WEEK + 60, ",\"resources\":[1]"), WEEKLY(4, 7 * WEEK + 60, ",\"resources\":[1]"), NULL);
	const char *before = domain_sum(site);
	int64_t dry = new_run(site, JOB_CREATE, "{\"dry_run\":true,\"ordered\":true,\"chunk_size\":1}", items);
	assert_string_equal(domain_sum(site), before);
	int64_t real = new_run(site, JOB_CREATE, "{\"ordered\":true,\"chunk_size\":1}", items);
	assert_string_equal(lines(site, "ii", "SELECT ordinal, outcome FROM {batch_job_items} WHERE job_id = %lld ORDER BY 1", (long long)dry),
			    lines(site, "ii", "SELECT ordinal, outcome FROM {batch_job_items} WHERE job_id = %lld ORDER BY 1", (long long)real));
	assert_string_equal(status_line(site, real), "partial: 2 succeeded 2 failed");
}

/* --- updates ---------------------------------------------------------------------- */

static void a_changed_series_moves_all_its_places_and_back(void **state)
{
	struct site *site = *state;
	int64_t id = event_of(site, CREATE(NULL, WEEKLY(1, 60, ",\"resources\":[1],\"exdates\":[\"2030-01-08T01:00:00\"]")), 0);
	int64_t once = event_of(site, CREATE(NULL, ONCE(2, 60, ",\"resources\":[2]")), 0);
	const char *before = domain(site);
	const char *const changes[] = {
		"{\"shift_s\":3600}",	    "{\"recurrence\":\"FREQ=DAILY;COUNT=30\",\"exdates\":[]}",
		"{\"recurrence\":null,\"exdates\":null}", "{\"resources\":[3],\"duration_s\":60}",
		"{\"status\":\"cancelled\"}", "{\"title\":\"New\"}",
		"{\"version_no\":2}",	    "{\"timezone\":\"America/New_York\"}",
	};
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		int64_t job = UPDATE(NULL, BY_ID(id, changes[i]), BY_ID(once, "{\"recurrence\":\"FREQ=WEEKLY;COUNT=9\"}"));
		assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
		assert_domain_whole(site);
		assert_string_not_equal(domain(site), before);
		run_undo(site, job);
		assert_string_equal(status_line(site, job), "undone: 2 undone");
		assert_domain_whole(site);
		assert_string_equal(domain(site), before);
	}
}

static void several_items_change_one_series(void **state)
{
	struct site *site = *state;
	int64_t id = event_of(site, CREATE(NULL, WEEKLY(1, 60, ",\"resources\":[1]")), 0);
	int64_t job = UPDATE(NULL, BY_ID(id, "{\"shift_s\":86400}"), BY_ID(id, "{\"resources\":[2]}"), BY_ID(id, "{\"shift_s\":-86400}"));
	assert_string_equal(status_line(site, job), "succeeded: 3 succeeded");
	assert_string_equal(busy_told(site), "1 1 60-120 v1\n1 1 10140-10200 v1\n1 1 20220-20280 v1\n1 1 30300-30360 v1\n"
					     "2 2 60-120 v1\n2 2 10140-10200 v1\n2 2 20220-20280 v1\n2 2 30300-30360 v1\n");
	assert_domain_whole(site);
}

static void a_moved_series_is_kept_from_a_taken_place(void **state)
{
	struct site *site = *state;
	int64_t id = event_of(site, CREATE(NULL, WEEKLY(1, 60, ",\"resources\":[1]")), 0);
	CREATE(NULL, ONCE(2, 3 * WEEK + 200, ",\"resources\":[1]"));
	const char *before = domain(site);
	int64_t job = UPDATE(NULL, BY_ID(id, "{\"shift_s\":7200}"));
	assert_string_equal(status_line(site, job), "failed: 1 failed");
	assert_string_equal(domain(site), before);
	/* A gap in the series where the other is: an exception makes room. */
	job = UPDATE(NULL, BY_ID(id, "{\"shift_s\":7200,\"exdates\":[\"2030-01-22T03:00:00\"]}"));
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
	assert_domain_whole(site);
}

static void two_series_exchange_their_places(void **state)
{
	struct site *site = *state;
	int64_t a = event_of(site, CREATE(NULL, WEEKLY(1, 60, ",\"resources\":[1]")), 0);
	int64_t b = event_of(site, CREATE(NULL, WEEKLY(2, 60, ",\"resources\":[2]")), 0);
	int64_t job = UPDATE(NULL, BY_ID(a, "{\"resources\":[2]}"), BY_ID(b, "{\"resources\":[1]}"));
	assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
	assert_domain_whole(site);
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undone: 2 undone");
	assert_domain_whole(site);
}

static void a_single_edit_of_a_series(void **state)
{
	struct site *site = *state;
	struct edit_result result;
	const json_t *values = json_read(site->one.arena, "{\"duration_s\":600}", 18, &site->one.fail);
	int64_t id = event_of(site, CREATE(NULL, WEEKLY(1, 60, ",\"resources\":[1]")), 0);
	assert_done(&site->one, edit_update(&site->one, id, values, 0, NULL, &result));
	assert_string_equal(occurrences_told(site), "60 60+10 v1\n10140 10140+10 v1\n20220 20220+10 v1\n30300 30300+10 v1\n");
	assert_domain_whole(site);
}

/* A horizon that was moved meanwhile is noticed: nothing is left behind. */
static void occurrences_that_came_meanwhile_are_not_forgotten(void **state)
{
	struct site *site = *state;
	bool is_same = false;
	int64_t id = event_of(site, CREATE(NULL, WEEKLY(1, 60, ",\"resources\":[1]")), 0);
	sql(site, "UPDATE {scheduled_events} SET recurrence = 'FREQ=WEEKLY;COUNT=5' WHERE id = %lld", (long long)id);
	sql(site, "INSERT INTO {event_occurrences} (event_id, local_start, start_utc, end_utc, version_no) SELECT event_id,"
		  " local_start + 604800, start_utc + 604800, end_utc + 604800, 1 FROM {event_occurrences} ORDER BY start_utc DESC LIMIT 1");
	sql(site, "INSERT INTO {busy} (calendar_kind, calendar_id, day, start_utc, event_id, local_start, end_utc, version_no)"
		  " SELECT calendar_kind, calendar_id, day + 7, start_utc + 604800, event_id, local_start + 604800, end_utc + 604800, 1"
		  " FROM {busy} ORDER BY start_utc DESC LIMIT 2");
	assert_domain_whole(site);
	UPDATE(NULL, BY_ID(id, "{\"resources\":[2]}"));
	assert_domain_whole(site);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy}"), 10);
	(void)is_same;
}

/* --- all or nothing ------------------------------------------------------------------ */

static void series_that_are_all_or_nothing(void **state)
{
	struct site *site = *state;
	int64_t limit = site->config.transaction_items_max;
	for (int held = 0; held < 2; held++) {
		site->config.transaction_items_max = held ? 1 : limit;
		int64_t job = CREATE("{\"atomic\":true,\"chunk_size\":1}", WEEKLY(1, 60, ",\"resources\":[1]"),
				     WEEKLY(2, 60, ",\"resources\":[2]"), ONCE(3, 60, ",\"resources\":[3]"));
		assert_string_equal(status_line(site, job), "succeeded: 3 succeeded");
		assert_domain_whole(site);
		int64_t a = event_of(site, job, 0), b = event_of(site, job, 1), c = event_of(site, job, 2);
		const char *before = domain(site);
		/* One that fails takes all back. */
		int64_t bad = UPDATE("{\"atomic\":true,\"chunk_size\":1}", BY_ID(a, "{\"shift_s\":86400}"), BY_ID(b, "{\"resources\":[3]}"));
		assert_string_equal(text_of(site, "%.11s", status_line(site, bad)), "rolled_back");
		assert_string_equal(domain(site), before);
		assert_domain_whole(site);
		/* They move together, one of them twice, and back. */
		int64_t good = UPDATE("{\"atomic\":true,\"chunk_size\":1}", BY_ID(a, "{\"resources\":[4]}"), BY_ID(b, "{\"shift_s\":86400}"),
				      BY_ID(c, "{\"recurrence\":\"FREQ=DAILY;COUNT=5\"}"), BY_ID(a, "{\"shift_s\":3600}"));
		assert_string_equal(status_line(site, good), "succeeded: 4 succeeded");
		assert_domain_whole(site);
		run_undo(site, good);
		assert_string_equal(status_line(site, good), "undone: 4 undone");
		assert_string_equal(domain(site), before);
		run_undo(site, job);
		assert_int_equal(number(site, "SELECT (SELECT COUNT(*) FROM {busy}) + (SELECT COUNT(*) FROM {event_occurrences})"), 0);
	}
	site->config.transaction_items_max = limit;
}

static void a_batch_that_is_held_back_and_cancelled_leaves_nothing(void **state)
{
	struct site *site = *state;
	int64_t limit = site->config.transaction_items_max;
	site->config.transaction_items_max = 1;
	int64_t id = event_of(site, CREATE(NULL, WEEKLY(1, 60, ",\"resources\":[1]")), 0);
	const char *before = domain(site);
	int64_t job = batch_new(site, JOB_UPDATE, "{\"atomic\":true,\"chunk_size\":1}",
				list_of(site, BY_ID(id, "{\"shift_s\":86400}"), BY_ID(id, "{\"resources\":[4]}"), NULL));
	while (number(site, "SELECT COUNT(*) FROM {event_occurrences} WHERE event_id < 0") == 0)
		advance_once(&site->one, job);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy} WHERE local_start < 0"), 8);
	assert_done(&site->one, batch_cancel(&site->one, job, true));
	run_batch(site, job);
	assert_string_equal(domain(site), before);
	assert_domain_whole(site);
	site->config.transaction_items_max = limit;
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(every_occurrence_is_busy),
		CASE(an_endless_series_is_known_for_four_hundred_days),
		CASE(wall_time_decides),
		CASE(the_occurrence_that_collides_is_named),
		CASE(items_of_a_batch_see_each_others_occurrences),
		CASE(versions_of_a_content_are_kept_apart_in_every_week),
		CASE(a_series_against_a_series_is_as_by_brute_force),
		CASE(an_evaluation_sees_every_occurrence_of_its_items),
		CASE(an_evaluation_lists_the_first_occurrences),
		CASE(a_stored_series_is_evaluated),
		CASE(a_dry_run_of_series_predicts_the_real_one),
		CASE(a_changed_series_moves_all_its_places_and_back),
		CASE(several_items_change_one_series),
		CASE(a_moved_series_is_kept_from_a_taken_place),
		CASE(two_series_exchange_their_places),
		CASE(a_single_edit_of_a_series),
		CASE(occurrences_that_came_meanwhile_are_not_forgotten),
		CASE(series_that_are_all_or_nothing),
		CASE(a_batch_that_is_held_back_and_cancelled_leaves_nothing),
	};
	return cmocka_run_group_tests_name("series", cases, site_open, site_close);
}
