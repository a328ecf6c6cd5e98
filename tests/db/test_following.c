/* "This and following" in batches: a series ends before an occurrence and another event carries on. */
#include "jobs.h"

#include "base/json.h"
#include "schedule/edit.h"

#define WEEK 10080
/* An hour every week, eight times. */
#define WEEKLY(content, minute, more) event_json(site, content, minute, 60, ",\"title\":\"Weekly\",\"recurrence\":\"FREQ=WEEKLY;COUNT=8\"" more)
#define ONCE(content, minute, more) event_json(site, content, minute, 60, more)

/* The item that divides an event at its n-th week. */
static char *from_week(struct site *site, int64_t id, int64_t minute, int64_t week, const char *values)
{
	char *at = at_minute(site, minute + week * WEEK);
	at[19] = '\0';
	return text_of(site, "{\"selector\":{\"event_id\":%lld},\"scope\":\"following\",\"occurrence\":\"%s\",\"values\":%s}", (long long)id, at, values);
}

/* "TITLE STATUS RULE rVERSION: starts" of every event, in minutes. */
static const char *series_told(struct site *site)
{
	return lines(site, "s",
		     "SELECT CONCAT(title, ' ', status, ' ', COALESCE(recurrence, '-'), ' r', row_version, ':',"
		     " COALESCE((SELECT GROUP_CONCAT((o.start_utc - 1893456000) DIV 60 ORDER BY o.start_utc) FROM {event_occurrences} o"
		     " WHERE o.event_id = e.id AND o.is_busy = 1), TIMESTAMPDIFF(MINUTE, '2030-01-01', starts_at)))"
		     " FROM {scheduled_events} e WHERE shadow_of IS NULL ORDER BY id");
}

#define WHOLE "Weekly scheduled FREQ=WEEKLY;COUNT=8 r%d:60,10140,20220,30300,40380,50460,60540,70620\n"

static int64_t weekly(struct site *site, const char *more)
{
	return event_of(site, new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 1, 60, 60,
		text_of(site, ",\"title\":\"Weekly\",\"recurrence\":\"FREQ=WEEKLY;COUNT=8\",\"resources\":[1]%s", more)), NULL)), 0);
}

static void a_batch_divides_series(void **state)
{
	struct site *site = *state;
	int64_t id = weekly(site, ",\"client_id\":\"w\",\"assignees\":[21]");
	int64_t other = event_of(site, CREATE(NULL, WEEKLY(2, 180, ",\"resources\":[2]")), 0);
	int64_t job = UPDATE(NULL,
			     "{\"selector\":{\"client_id\":\"w\"},\"scope\":\"following\",\"occurrence\":\"2030-01-22T01:00:00\","
			     "\"values\":{\"title\":\"Later\",\"shift_s\":3600,\"resources\":[3]}}",
			     from_week(site, other, 180, 6, "{\"title\":\"Last\",\"client_id\":\"w-2\"}"));
	assert_string_equal(told(site, job), "0 succeeded\n1 succeeded\n");
	assert_string_equal(series_told(site), "Weekly scheduled FREQ=WEEKLY;COUNT=3 r2:60,10140,20220\n"
					       "Weekly scheduled FREQ=WEEKLY;COUNT=6 r2:180,10260,20340,30420,40500,50580\n"
					       "Later scheduled FREQ=WEEKLY;COUNT=5 r1:30360,40440,50520,60600,70680\n"
					       "Last scheduled FREQ=WEEKLY;COUNT=2 r1:60660,70740\n");
	/* The result names both; what it was known by stays with the first part. */
	assert_string_equal(lines(site, "i", "SELECT i.event_id = %lld AND JSON_VALUE(x.detail, '$.following_event_id') = e.id AND e.client_id IS NULL"
					     " FROM {batch_job_items} i JOIN {batch_item_errors} x ON x.job_id = i.job_id AND x.ordinal = i.ordinal"
					     " JOIN {scheduled_events} e ON e.origin_job_id = i.job_id AND e.origin_ordinal = i.ordinal"
					     " WHERE i.job_id = %lld AND i.ordinal = 0", (long long)id, (long long)job), "1\n");
	assert_domain_whole(site);
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undone: 2 undone");
	assert_string_equal(series_told(site), text_of(site, WHOLE "Weekly scheduled FREQ=WEEKLY;COUNT=8 r3:180,10260,20340,30420,40500,50580,60660,70740\n", 3));
	assert_domain_whole(site);
}

static void a_series_is_divided_again_and_again(void **state)
{
	struct site *site = *state;
	static const char *const options[] = { NULL, "{\"chunk_size\":1,\"ordered\":true}", "{\"atomic\":true}" };
	int64_t id = weekly(site, "");
	for (int i = 0; i < 3; i++) {
		int64_t job = UPDATE(options[i], from_week(site, id, 60, 6, "{\"title\":\"C\"}"), from_week(site, id, 60, 3, "{\"title\":\"B\"}"),
				     from_week(site, id, 60, 1, "{\"status\":\"cancelled\"}"));
		assert_string_equal(told(site, job), "0 succeeded\n1 succeeded\n2 succeeded\n");
		assert_string_equal(strchr(series_told(site), ':'), ":60\nC scheduled FREQ=WEEKLY;COUNT=2 r1:60540,70620\n"
								    "B scheduled FREQ=WEEKLY;COUNT=3 r1:30300,40380,50460\n");
		assert_domain_whole(site);
		run_undo(site, job);
		assert_string_equal(status_line(site, job), "undone: 3 undone");
		assert_string_equal(strchr(series_told(site), ':'), strchr(WHOLE, ':'));
		assert_domain_whole(site);
	}
}

static void what_can_not_be_divided_is_told(void **state)
{
	struct site *site = *state;
	int64_t id = weekly(site, ",\"client_id\":\"w\""), single = event_of(site, CREATE(NULL, ONCE(2, 0, ",\"client_id\":\"s\"")), 0);
	int64_t job = UPDATE(NULL, from_week(site, id, 61, 3, "{\"title\":\"x\"}"), from_week(site, single, 0, 0, "{\"title\":\"Single\"}"),
			     from_week(site, single, 0, 1, "{\"title\":\"x\"}"), from_week(site, id, 60, 3, "{\"client_id\":\"w\"}"),
			     from_week(site, id, 60, 3, "{\"client_id\":\"s\"}"), from_week(site, id, 60, 3, "{\"status\":\"archived\"}"),
			     from_week(site, id, 60, 3, "{\"recurrence\":\"FREQ=DAILY;INTERVAL=2;BYDAY=MO\"}"),
			     text_of(site, "{\"selector\":{\"event_id\":%lld},\"scope\":\"following\",\"values\":{\"title\":\"x\"}}", (long long)id));
	assert_string_equal(told(site, job),
			    text_of(site, "0 failed; no_such_occurrence /occurrence: the series has no occurrence at 2030-01-22T01:01:00\n"
				    "1 succeeded\n"
				    "2 failed; no_such_occurrence /occurrence: the event happens once, it is no series\n"
				    "3 failed; duplicate /values/client_id: Your event %lld already has the client_id “w” and is different\n"
				    "4 failed; duplicate /values/client_id: Your event %lld already has the client_id “s” and is different\n"
				    "5 failed; invalid_value /values/status: An event can't begin as archived\n"
				    "6 failed; start_not_in_recurrence /values/starts_at: 2030-01-22T01:00:00Z is not an occurrence of FREQ=DAILY;INTERVAL=2;BYDAY=MO\n"
				    "7 failed; required /occurrence: occurrence says no wall time\n", (long long)id, (long long)single));
	assert_string_equal(series_told(site), text_of(site, WHOLE "Single scheduled - r2:0\n", 1));
}

/* What is left out before it is no part that could end. */
static void from_the_first_that_is_left_on_it_is_the_whole_series(void **state)
{
	struct site *site = *state;
	int64_t id = weekly(site, ",\"client_id\":\"w\",\"exdates\":[\"2030-01-01T01:00:00\",\"2030-01-15T01:00:00\"]");
	int64_t job = UPDATE(NULL, from_week(site, id, 60, 1, "{\"title\":\"Later\",\"local_start\":\"2030-01-08T02:00:00\",\"timezone\":\"UTC\"}"));
	assert_string_equal(told(site, job), "0 succeeded\n");
	assert_string_equal(series_told(site), "Later scheduled FREQ=WEEKLY;COUNT=7 r2:10200,30360,40440,50520,60600,70680\n");
	assert_domain_whole(site);
	run_undo(site, job);
	assert_string_equal(series_told(site), "Weekly scheduled FREQ=WEEKLY;COUNT=8 r3:10140,30300,40380,50460,60540,70620\n");
	assert_domain_whole(site);
}

static void what_carries_on_meets_conflicts_as_any_other(void **state)
{
	struct site *site = *state;
	static const struct {
		const char *options, *told, *series;
	} ways[] = {
		{ NULL, "0 failed; resource_overlap /values/resources: The resource is taken: event %lld; resource_overlap hard with event %lld\n", NULL },
		{ "{\"on_conflict\":\"skip\"}", "0 skipped; resource_overlap /values/resources: The resource is taken: event %lld; resource_overlap hard with event %lld\n", NULL },
		{ "{\"on_conflict\":\"skip\",\"conflict_scope\":\"occurrence\"}",
		  "0 succeeded; resource_overlap hard with event %lld; warning occurrences_left_out: 1 of 3 occurrences were left out: 2030-02-12T01:00:00\n",
		  ":60,10140,20220,30300,40380\n scheduled - r1:60540\nNew scheduled FREQ=WEEKLY;COUNT=3 r1:50460,70620\n" },
		{ "{\"on_conflict\":\"replace\"}", "0 succeeded; resource_overlap hard with event %lld; warning replaced: Event %lld was replaced\n",
		  ":60,10140,20220,30300,40380\n superseded - r2:60540\nNew scheduled FREQ=WEEKLY;COUNT=3 r1:50460,60540,70620\n" },
		{ "{\"on_conflict\":\"shift\"}", "0 succeeded; resource_overlap hard with event %lld; warning shifted: Moved from 2030-02-05T01:00:00Z to"
						 " 2030-02-05T02:00:00Z, the next time when all occurrences are free\n",
		  ":60,10140,20220,30300,40380\n scheduled - r1:60540\nNew scheduled FREQ=WEEKLY;COUNT=3 r1:50520,60600,70680\n" },
	};
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		int64_t made = CREATE(NULL, WEEKLY(1, 60, ",\"resources\":[1]"), ONCE(2, 60 + 6 * WEEK, ",\"resources\":[2]"));
		int64_t id = event_of(site, made, 0), other = event_of(site, made, 1);
		const char *before = strchr(series_told(site), ':');
		int64_t job = UPDATE(ways[i].options, from_week(site, id, 60, 5, "{\"title\":\"New\",\"resources\":[2]}"));
		const char *wanted = ways[i].told;
		for (const char *at = strstr(wanted, "%lld"); at; at = strstr(wanted, "%lld"))
			wanted = text_of(site, "%.*s%lld%s", (int)(at - wanted), wanted, (long long)other, at + 4);
		assert_string_equal(told(site, job), wanted);
		assert_string_equal(strchr(series_told(site), ':'), ways[i].series ? ways[i].series : before);
		assert_domain_whole(site);
		if (ways[i].series) {
			if (strstr(ways[i].options, "replace"))
				assert_int_equal(number(site, "SELECT e.superseded_by = n.id FROM {scheduled_events} e JOIN {scheduled_events} n"
							      " ON n.origin_job_id = %lld WHERE e.id = %lld", (long long)job, (long long)other), 1);
			run_undo(site, job);
			assert_string_equal(status_line(site, job), "undone: 1 undone");
			assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE status <> 'scheduled'"), 0);
		}
		run_undo(site, made);
		assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy}"), 0);
		sql(site, "DELETE FROM {scheduled_events}");
		sql(site, "DELETE FROM {event_resources}");
		sql(site, "DELETE FROM {event_occurrences}");
	}
}

static void a_person_decides_about_what_carries_on(void **state)
{
	struct site *site = *state;
	struct decide_entry entry = { .ordinal = 0, .action = ON_CONFLICT_REPLACE };
	struct decide_request request = { .entries = &entry, .count = 1, .like_ordinal = -1 };
	struct decide_report report;
	int64_t id = weekly(site, "");
	CREATE(NULL, ONCE(2, 60 + 6 * WEEK, ",\"resources\":[2]"));
	int64_t job = UPDATE("{\"on_conflict\":\"ask\"}", from_week(site, id, 60, 5, "{\"title\":\"New\",\"resources\":[2]}"));
	assert_string_equal(status_line(site, job), "partial: 1 conflict");
	assert_done(&site->one, batch_decide(&site->one, job, &request, &report));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE status = 'superseded'"), 1);
	assert_domain_whole(site);
	run_undo(site, job);
	assert_string_equal(strchr(series_told(site), ':'), text_of(site, "%.*s\n scheduled - r3:60540\n", (int)strcspn(strchr(WHOLE, ':'), "\n"), strchr(WHOLE, ':')));
	assert_domain_whole(site);
}

/* Who changed either of the two keeps both. */
static void an_undo_leaves_what_others_changed(void **state)
{
	struct site *site = *state;
	for (int which = 0; which < 2; which++) {
		int64_t id = weekly(site, "");
		int64_t job = UPDATE(NULL, from_week(site, id, 60, 5, "{\"title\":\"New\"}"), from_week(site, id, 60, 2, "{\"title\":\"Newer\"}"));
		assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
		int64_t changed = which ? id : number(site, "SELECT MAX(id) FROM {scheduled_events}");
		UPDATE(NULL, text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"priority\":3}}", (long long)changed));
		const char *before = series_told(site);
		run_undo(site, job);
		assert_string_equal(status_line(site, job), "undo_partial: 2 undo_conflict");
		assert_string_equal(lines(site, "s", "SELECT DISTINCT code FROM {batch_item_errors} WHERE job_id = %lld", (long long)job), "changed_since\n");
		assert_string_equal(series_told(site), before);
		assert_domain_whole(site);
		sql(site, "UPDATE {scheduled_events} SET status = 'cancelled'");
		sql(site, "DELETE FROM {busy}");
	}
}

/* The old places are taken by then: the series can't come back, and what carries on stays. */
static void an_undo_that_finds_no_place_leaves_both(void **state)
{
	struct site *site = *state;
	int64_t id = weekly(site, "");
	int64_t job = UPDATE(NULL, from_week(site, id, 60, 5, "{\"title\":\"New\",\"resources\":[2]}"));
	CREATE(NULL, ONCE(2, 60 + 6 * WEEK, ",\"resources\":[1]"));
	const char *before = series_told(site);
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undo_partial: 1 undo_conflict");
	assert_string_equal(series_told(site), before);
	assert_domain_whole(site);
}

static void what_is_held_back_is_divided_for_nobody_yet(void **state)
{
	struct site *site = *state;
	int64_t most = site->config.transaction_items_max, id = weekly(site, ""), other = event_of(site, CREATE(NULL, WEEKLY(2, 180, ",\"resources\":[2]")), 0);
	site->config.transaction_items_max = 1;
	const char *before = series_told(site);
	for (int good = 0; good < 2; good++) {
		int64_t job = UPDATE("{\"atomic\":true,\"chunk_size\":1,\"ordered\":true}", from_week(site, id, 60, 5, "{\"title\":\"New\"}"),
				     from_week(site, other, good ? 180 : 181, 4, "{\"title\":\"Newer\",\"resources\":[1]}"));
		assert_string_equal(status_line(site, job), good ? "succeeded: 2 succeeded" : "rolled_back: 1 failed 1 unprocessed");
		if (!good) {
			assert_string_equal(series_told(site), before);
			continue;
		}
		assert_string_equal(series_told(site), "Weekly scheduled FREQ=WEEKLY;COUNT=5 r2:60,10140,20220,30300,40380\n"
						       "Weekly scheduled FREQ=WEEKLY;COUNT=4 r2:180,10260,20340,30420\n"
						       "New scheduled FREQ=WEEKLY;COUNT=3 r1:50460,60540,70620\n"
						       "Newer scheduled FREQ=WEEKLY;COUNT=4 r1:40500,50580,60660,70740\n");
		assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE job_unpublished <> 0 OR shadow_of IS NOT NULL"), 0);
		assert_domain_whole(site);
		run_undo(site, job);
		assert_string_equal(status_line(site, job), "undone: 2 undone");
	}
	/* Given up when one has been written. */
	int64_t job = batch_new(site, JOB_UPDATE, "{\"atomic\":true,\"chunk_size\":1,\"ordered\":true}",
				list_of(site, from_week(site, id, 60, 5, "{\"title\":\"New\"}"), from_week(site, other, 180, 4, "{\"title\":\"Newer\"}"), NULL));
	while (!number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE job_unpublished > 0 AND shadow_of IS NULL"))
		advance_once(&site->one, job);
	assert_int_equal(number(site, "SELECT job_unpublished > 0 FROM {scheduled_events} WHERE title = 'New' AND shadow_of IS NULL"), 1);
	assert_done(&site->one, batch_cancel(&site->one, job, true));
	run_batch(site, job);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE title <> 'Weekly'"), 0);
	site->config.transaction_items_max = most;
	assert_domain_whole(site);
}

static void a_dry_run_tells_what_would_collide(void **state)
{
	struct site *site = *state;
	int64_t id = weekly(site, ""), other = event_of(site, CREATE(NULL, WEEKLY(2, 180, ",\"resources\":[2]")), 0);
	const char *before = domain_sum(site);
	int64_t job = UPDATE("{\"dry_run\":true,\"chunk_size\":1}", from_week(site, id, 60, 5, "{\"shift_s\":7200}"),
			     from_week(site, other, 180, 4, "{\"resources\":[1]}"));
	assert_string_equal(told(site, job), "0 succeeded\n1 failed; resource_overlap /values/resources: The resource is taken: item 0 of this batch;"
					     " resource_overlap hard with item 0; resource_overlap hard with item 0; resource_overlap hard with item 0\n");
	assert_string_equal(domain_sum(site), before);
}

/* One event by itself is a batch of one. */
static void a_single_edit_divides_alike(void **state)
{
	struct site *site = *state;
	const char *text = "{\"scope\":\"following\",\"occurrence\":\"2030-02-05T01:00:00\",\"title\":\"New\"}";
	struct edit_result result;
	int64_t id = weekly(site, ",\"client_id\":\"w\"");
	json_t *values = json_read(site->one.arena, text, strlen(text), &site->one.fail);
	assert_done(&site->one, edit_update(&site->one, id, values, 1, NULL, &result));
	assert_int_not_equal(result.event.id, id);
	assert_string_equal(series_told(site), "Weekly scheduled FREQ=WEEKLY;COUNT=5 r2:60,10140,20220,30300,40380\n"
					       "New scheduled FREQ=WEEKLY;COUNT=3 r1:50460,60540,70620\n");
	assert_string_equal(lines(site, "si", "SELECT action, object_id FROM {audit_log} WHERE action LIKE 'event.%%' ORDER BY id"),
			    text_of(site, "event.update %lld\nevent.create %lld\n", (long long)id, (long long)result.event.id));
	assert_domain_whole(site);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_batch_divides_series),
		CASE(a_series_is_divided_again_and_again),
		CASE(what_can_not_be_divided_is_told),
		CASE(from_the_first_that_is_left_on_it_is_the_whole_series),
		CASE(what_carries_on_meets_conflicts_as_any_other),
		CASE(a_person_decides_about_what_carries_on),
		CASE(an_undo_leaves_what_others_changed),
		CASE(an_undo_that_finds_no_place_leaves_both),
		CASE(what_is_held_back_is_divided_for_nobody_yet),
		CASE(a_dry_run_tells_what_would_collide),
		CASE(a_single_edit_divides_alike),
	};
	return cmocka_run_group_tests_name("following", cases, site_open, site_close);
}
