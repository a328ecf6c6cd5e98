/* on_conflict replace by occurrence: a series gives up the dates that are in the way, and lives on. */
#include "jobs.h"

#define WEEK 10080
#define BY_DATE "\"on_conflict\":\"replace\",\"conflict_scope\":\"occurrence\""
/* An hour every week on venue 1, five times. */
#define WEEKLY(content, minute, more) event_json(site, content, minute, 60, ",\"recurrence\":\"FREQ=WEEKLY;COUNT=5\",\"resources\":[1]" more)
#define ONCE(content, minute, more) event_json(site, content, minute, 60, ",\"resources\":[1]" more)

/* "CONTENT STATUS rVERSION: starts" of every event, in minutes. */
static const char *starts_told(struct site *site)
{
	return lines(site, "s",
		     "SELECT CONCAT(content_id, ' ', status, ' r', row_version, ':',"
		     " COALESCE((SELECT GROUP_CONCAT((o.start_utc - 1893456000) DIV 60 ORDER BY o.start_utc) FROM {event_occurrences} o"
		     " WHERE o.event_id = e.id AND o.is_busy = 1), TIMESTAMPDIFF(MINUTE, '2030-01-01', starts_at)))"
		     " FROM {scheduled_events} e ORDER BY content_id, id");
}

static void a_series_gives_up_the_date_that_is_in_the_way(void **state)
{
	struct site *site = *state;
	int64_t made = CREATE(NULL, WEEKLY(1, 60, ",\"overrides\":{\"2030-01-15T01:00:00\":{\"title\":\"x\"}}"), ONCE(2, 60 + 5 * WEEK, ""));
	int64_t series = event_of(site, made, 0), single = event_of(site, made, 1);
	int64_t job = CREATE("{" BY_DATE ",\"reason\":\"Fair\"}", ONCE(3, 90 + 2 * WEEK, ""), ONCE(4, 30 + 5 * WEEK, ""));
	assert_string_equal(told(site, job),
			    text_of(site, "0 succeeded; resource_overlap hard with event %lld; warning replaced: 1 occurrence of event %lld was replaced:"
					  " 2030-01-15T01:00:00\n"
					  "1 succeeded; resource_overlap hard with event %lld; warning replaced: Event %lld was replaced\n",
				    (long long)series, (long long)series, (long long)single, (long long)single));
	assert_string_equal(starts_told(site), "1 scheduled r2:60,10140,30300,40380\n2 superseded r2:50460\n3 scheduled r1:20250\n4 scheduled r1:50430\n");
	assert_string_equal(lines(site, "sss", "SELECT JSON_EXTRACT(detail, '$.resolution.replaced_occurrences[0].occurrences'),"
					       " JSON_VALUE(detail, '$.resolution.action'), JSON_VALUE(detail, '$.resolution.reason')"
					       " FROM {batch_item_errors} WHERE job_id = %lld AND ordinal = 0", (long long)job),
			    "[\"2030-01-15T01:00:00\"] replace Fair\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {audit_log} WHERE action = 'conflict.replace' AND job_id = %lld", (long long)job), 1);
	assert_domain_whole(site);
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undone: 2 undone");
	assert_string_equal(starts_told(site), "1 scheduled r3:60,10140,20220,30300,40380\n2 scheduled r3:50460\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE exdates IS NOT NULL OR as_version <> 1"), 0);
	assert_domain_whole(site);
	/* What was before is that again for others' undo, too. */
	run_undo(site, made);
	assert_string_equal(status_line(site, made), "undone: 2 undone");
}

static void many_items_take_dates_of_one_series(void **state)
{
	struct site *site = *state;
	static const char *const options[] = { "{" BY_DATE "}", "{" BY_DATE ",\"chunk_size\":1}", "{" BY_DATE ",\"validate_before_execute\":true,\"chunk_size\":2}",
					       "{" BY_DATE ",\"chunk_size\":1,\"ordered\":false}" };
	CREATE(NULL, WEEKLY(1, 60, ""));
	for (int i = 0; i < 4; i++) {
		int64_t job = CREATE(options[i], ONCE(2, 60, ""), ONCE(3, 60 + 3 * WEEK, ""),
				     event_json(site, 4, 30 + WEEK, 60, ",\"recurrence\":\"FREQ=WEEKLY;COUNT=2\",\"resources\":[1]"), ONCE(5, 60 + 3 * WEEK, ""));
		assert_string_equal(status_line(site, job), strstr(options[i], "validate") ? "failed: 1 failed 3 unprocessed" : "partial: 3 succeeded 1 failed");
		if (strstr(options[i], "validate"))
			continue;
		/* Out of order, either of the two that want the same date gets it. */
		bool last_wins = i == 3 && strstr(starts_told(site), "5 scheduled");
		assert_string_equal(strchr(starts_told(site), ':'),
				    last_wins ? ":40380\n2 scheduled r1:60\n4 scheduled r1:10110,20190\n5 scheduled r1:30300\n"
					      : ":40380\n2 scheduled r1:60\n3 scheduled r1:30300\n4 scheduled r1:10110,20190\n");
		assert_domain_whole(site);
		run_undo(site, job);
		assert_string_equal(status_line(site, job), "undone: 1 failed 3 undone");
		assert_string_equal(strchr(starts_told(site), ':'), ":60,10140,20220,30300,40380\n");
		assert_int_equal(number(site, "SELECT as_version FROM {scheduled_events}"), 1);
		assert_domain_whole(site);
	}
}

static void a_series_that_would_have_nothing_left_is_replaced(void **state)
{
	struct site *site = *state;
	CREATE(NULL, WEEKLY(1, 60, ""));
	int64_t job = CREATE("{" BY_DATE "}", ONCE(2, 60 + WEEK, ""), WEEKLY(3, 30, ",\"exdates\":[\"2030-01-08T00:30:00\"]"));
	assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
	assert_string_equal(starts_told(site), "1 superseded r2:60,10140,20220,30300,40380\n2 scheduled r1:10140\n3 scheduled r1:30,20190,30270,40350\n");
	assert_domain_whole(site);
	run_undo(site, job);
	assert_string_equal(starts_told(site), "1 scheduled r3:60,10140,20220,30300,40380\n");
	assert_domain_whole(site);
	/* One that goes on beyond what is known always has something left. */
	int64_t endless = event_of(site, CREATE(NULL, event_json(site, 5, 180, 60, ",\"recurrence\":\"FREQ=DAILY\",\"resources\":[2]")), 0);
	job = CREATE("{" BY_DATE "}", event_json(site, 6, 180, 60, ",\"recurrence\":\"FREQ=DAILY;INTERVAL=2;COUNT=200\",\"resources\":[2]"));
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_occurrences} WHERE event_id = %lld", (long long)endless), 200);
	run_undo(site, job);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_occurrences} WHERE event_id = %lld", (long long)endless), 400);
	assert_domain_whole(site);
}

static void updates_take_dates_as_well(void **state)
{
	struct site *site = *state;
	int64_t made = CREATE(NULL, WEEKLY(1, 60, ""), event_json(site, 2, 60, 60, ",\"recurrence\":\"FREQ=WEEKLY;COUNT=3\",\"resources\":[2]"));
	int64_t job = UPDATE("{" BY_DATE "}", text_of(site, "{\"selector\":{\"event_id\":%lld},\"scope\":\"following\",\"occurrence\":\"2030-01-08T01:00:00\","
						      "\"values\":{\"resources\":[1]}}", (long long)event_of(site, made, 1)));
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
	assert_string_equal(starts_told(site), "1 scheduled r2:60,30300,40380\n2 scheduled r2:60\n2 scheduled r1:10140,20220\n");
	assert_domain_whole(site);
	run_undo(site, job);
	assert_string_equal(starts_told(site), "1 scheduled r3:60,10140,20220,30300,40380\n2 scheduled r3:60,10140,20220\n");
	assert_domain_whole(site);
}

/* People decide one after the other, not in the order of the items. */
static void decided_one_by_one_each_gives_back_its_own(void **state)
{
	struct site *site = *state;
	struct decide_entry entry = { .action = ON_CONFLICT_REPLACE, .scope = SCOPE_OCCURRENCE };
	struct decide_request request = { .entries = &entry, .count = 1, .like_ordinal = -1 };
	struct decide_report report;
	CREATE(NULL, WEEKLY(1, 60, ""));
	int64_t job = CREATE("{\"on_conflict\":\"ask\",\"chunk_size\":1}", ONCE(2, 60, ""), ONCE(3, 60 + WEEK, ""), ONCE(4, 60 + 2 * WEEK, ""));
	assert_string_equal(status_line(site, job), "partial: 3 conflict");
	for (int i = 0; i < 3; i++) {
		entry.ordinal = (int[]){ 1, 2, 0 }[i];
		assert_done(&site->one, batch_decide(&site->one, job, &request, &report));
		run_batch(site, job);
	}
	assert_string_equal(status_line(site, job), "succeeded: 3 succeeded");
	assert_string_equal(starts_told(site), "1 scheduled r4:30300,40380\n2 scheduled r1:60\n3 scheduled r1:10140\n4 scheduled r1:20220\n");
	/* One of the three stays. */
	sql(site, "UPDATE {scheduled_events} SET row_version = 2, updated_by = 2 WHERE content_id = 4");
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undo_partial: 2 undone 1 undo_conflict");
	assert_string_equal(starts_told(site), "1 scheduled r6:60,10140,30300,40380\n4 scheduled r2:20220\n");
	assert_domain_whole(site);
}

/* Items of one chunk share the image of what they took; each gives back its own all the same. */
static void of_one_chunk_each_gives_back_its_own(void **state)
{
	static const char *const options[] = { "{" BY_DATE "}", "{" BY_DATE ",\"chunk_size\":1}" };
	static const char *const ends[] = { "60,10140,20220,30300,40380", "60,20220,30300,40380", "10140,20220,30300,40380",
					    "20220,30300,40380" };
	struct site *site = *state;
	for (int i = 0; i < 8; i++) {
		assert_int_equal(site_begin(state), 0);
		CREATE(NULL, WEEKLY(1, 60, ""));
		int stays = i % 4; /* bit 0: the second item, bit 1: the first */
		int64_t job = CREATE(options[i / 4], ONCE(2, 60, ""), ONCE(3, 60 + WEEK, ""));
		assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
		sql(site, "UPDATE {scheduled_events} SET row_version = row_version + 1, updated_by = 2 WHERE content_id = 3 AND %d & 1"
			  " OR content_id = 2 AND %d & 2", stays, stays);
		run_undo(site, job);
		assert_string_equal(status_line(site, job), stays == 0	 ? "undone: 2 undone"
							    : stays == 3 ? "undo_partial: 2 undo_conflict"
									 : "undo_partial: 1 undone 1 undo_conflict");
		assert_string_equal(lines(site, "s", "SELECT GROUP_CONCAT((start_utc - 1893456000) DIV 60 ORDER BY start_utc) FROM {event_occurrences}"
						     " WHERE is_busy = 1"),
				    text_of(site, "%s\n", ends[stays]));
		assert_domain_whole(site);
	}
}

/* Of two dates one has somebody else by now: the other comes back. */
static void a_date_comes_back_without_the_one_that_is_taken(void **state)
{
	struct site *site = *state;
	CREATE(NULL, WEEKLY(1, 60, ""));
	int64_t job = CREATE("{" BY_DATE "}", event_json(site, 2, 90 + WEEK, 60, ",\"resources\":[1]"), ONCE(3, 60 + 2 * WEEK, ""));
	CREATE(NULL, event_json(site, 4, 60 + WEEK, 30, ",\"resources\":[1]"));
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undo_partial: 1 undone 1 undo_conflict");
	assert_string_equal(starts_told(site), "1 scheduled r3:60,20220,30300,40380\n4 scheduled r1:10140\n");
	assert_domain_whole(site);
}

static void who_changed_the_series_since_keeps_it(void **state)
{
	struct site *site = *state;
	int64_t series = event_of(site, CREATE(NULL, WEEKLY(1, 60, "")), 0);
	int64_t job = CREATE("{" BY_DATE "}", ONCE(2, 60 + WEEK, ""));
	UPDATE(NULL, text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"x\"}}", (long long)series));
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undo_partial: 1 undo_conflict");
	assert_string_equal(starts_told(site), "1 scheduled r3:60,20220,30300,40380\n");
	assert_domain_whole(site);
}

/* The date that was given up has somebody else by now. */
static void a_date_that_is_taken_again_does_not_come_back(void **state)
{
	struct site *site = *state;
	CREATE(NULL, WEEKLY(1, 60, ""));
	int64_t job = CREATE("{" BY_DATE "}", event_json(site, 2, 90 + WEEK, 60, ",\"resources\":[1]"));
	CREATE(NULL, event_json(site, 3, 60 + WEEK, 30, ",\"resources\":[1]"));
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undo_partial: 1 undo_conflict");
	assert_string_equal(starts_told(site), "1 scheduled r2:60,20220,30300,40380\n3 scheduled r1:10140\n");
	assert_domain_whole(site);
}

static void a_dry_run_sees_the_dates_that_are_free_then(void **state)
{
	struct site *site = *state;
	CREATE(NULL, WEEKLY(1, 60, ""));
	const char *before = domain_sum(site);
	int64_t job = CREATE("{" BY_DATE ",\"dry_run\":true,\"chunk_size\":1}", event_json(site, 2, 60 + WEEK, 30, ",\"resources\":[1]"),
			     event_json(site, 3, 90 + WEEK, 30, ",\"resources\":[1]"), event_json(site, 4, 60 + WEEK, 10, ",\"resources\":[1]"));
	assert_string_equal(status_line(site, job), "partial: 2 succeeded 1 failed");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_errors} WHERE detail LIKE '%%replaced_occurrences%%'"), 1);
	assert_string_equal(domain_sum(site), before);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_series_gives_up_the_date_that_is_in_the_way),
		CASE(many_items_take_dates_of_one_series),
		CASE(a_series_that_would_have_nothing_left_is_replaced),
		CASE(updates_take_dates_as_well),
		CASE(decided_one_by_one_each_gives_back_its_own),
		CASE(of_one_chunk_each_gives_back_its_own),
		CASE(a_date_comes_back_without_the_one_that_is_taken),
		CASE(who_changed_the_series_since_keeps_it),
		CASE(a_date_that_is_taken_again_does_not_come_back),
		CASE(a_dry_run_sees_the_dates_that_are_free_then),
	};
	return cmocka_run_group_tests_name("resolve, dates", cases, site_open, site_close);
}
