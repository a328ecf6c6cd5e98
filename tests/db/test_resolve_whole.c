/* Items that make room for themselves, in batches that are checked first or all or nothing. */
#include "jobs.h"

#include "store/events.h"

#define EVENT(content, minute, minutes, more) event_json(site, content, minute, minutes, more)

static const char *starts(struct site *site)
{
	return lines(site, "isi", "SELECT TIMESTAMPDIFF(MINUTE, '2030-01-01', starts_at), status, job_unpublished FROM {scheduled_events}"
				  " ORDER BY status, 1");
}

static void a_checked_batch_replaces_and_shifts(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"));
	int64_t job = CREATE("{\"validate_before_execute\":true,\"on_conflict\":\"replace\",\"chunk_size\":1}",
			     EVENT(2, 30, 60, ",\"resources\":[1]"), EVENT(3, 100, 60, ",\"resources\":[1]"));
	assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
	assert_string_equal(starts(site), "30 scheduled 0\n100 scheduled 0\n0 superseded 0\n");
	int64_t shifted = CREATE("{\"validate_before_execute\":true,\"on_conflict\":\"shift\",\"chunk_size\":1}",
				 EVENT(4, 30, 60, ",\"resources\":[1]"), EVENT(5, 30, 60, ",\"resources\":[1]"));
	assert_string_equal(status_line(site, shifted), "succeeded: 2 succeeded");
	assert_string_equal(starts(site), "30 scheduled 0\n100 scheduled 0\n160 scheduled 0\n220 scheduled 0\n0 superseded 0\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy_plan}"), 0);
	assert_domain_whole(site);
}

static void what_is_held_back_shifts(void **state)
{
	struct site *site = *state;
	int64_t made = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 0, 30, ",\"resources\":[2]"));
	int64_t most = site->config.transaction_items_max;
	site->config.transaction_items_max = 1;
	int64_t job = CREATE("{\"atomic\":true,\"on_conflict\":\"shift\",\"chunk_size\":1}", EVENT(3, 0, 60, ",\"resources\":[1]"),
			     EVENT(4, 0, 60, ",\"resources\":[1]"), EVENT(5, 30, 30, ",\"resources\":[1]"));
	assert_string_equal(status_line(site, job), "succeeded: 3 succeeded");
	assert_string_equal(starts(site), "0 scheduled 0\n0 scheduled 0\n60 scheduled 0\n120 scheduled 0\n180 scheduled 0\n");
	int64_t moved = UPDATE("{\"atomic\":true,\"on_conflict\":\"shift\",\"chunk_size\":1}",
			       text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"resources\":[1]}}",
				       (long long)event_of(site, made, 1)),
			       text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"x\"}}", (long long)event_of(site, made, 0)));
	site->config.transaction_items_max = most;
	assert_string_equal(status_line(site, moved), "succeeded: 2 succeeded");
	assert_string_equal(starts(site), "0 scheduled 0\n60 scheduled 0\n120 scheduled 0\n180 scheduled 0\n210 scheduled 0\n");
	assert_domain_whole(site);
}

/* Held back, a decision might take days: it is refused for good. */
static void a_batch_all_or_nothing_may_not_ask(void **state)
{
	struct site *site = *state;
	struct batch_options options;
	struct issues issues = { .arena = site->one.arena };
	const char *text = "{\"atomic\":true,\"on_conflict\":\"ask\"}";
	options_default(&site->config, &options);
	assert_false(options_read(json_read(site->one.arena, text, strlen(text), &site->one.fail), JOB_CREATE, &options, &issues));
	assert_int_equal(issues.count, 1);
	assert_int_equal(issues.list[0].code, CODE_ATOMIC_CANNOT_ASK);
	assert_string_equal(issues.list[0].pointer, "/options/on_conflict");
}

/* "CONTENT STATUS: starts" of every event as readers see it. */
static const char *seen(struct site *site)
{
	struct str out = STR_INIT;
	struct event_filter all = { 0 };
	struct event *events;
	size_t count;
	assert_done(&site->two, events_page(&site->two, &all, 0, 100, &events, &count));
	for (size_t i = 0; i < count; i++)
		str_addf(&out, "%lld %s %lld; ", (long long)events[i].content_id, event_status_name(events[i].status), (long long)events[i].exdate_count);
	return kept_text(site, &out);
}

#define REPLACE "\"atomic\":true,\"on_conflict\":\"replace\",\"conflict_scope\":\"occurrence\""
#define WEEKLY ",\"resources\":[2],\"recurrence\":\"FREQ=WEEKLY;COUNT=4\""

static void what_is_replaced_stays_until_all_is_published(void **state)
{
	struct site *site = *state;
	int64_t most = site->config.transaction_items_max;
	for (int held = 0; held < 2; held++) {
		site->config.transaction_items_max = held ? 1 : most;
		int64_t made = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 0, 60, WEEKLY));
		const char *before = seen(site);
		int64_t job = batch_new(site, JOB_CREATE, "{" REPLACE ",\"chunk_size\":1}",
					list_of(site, EVENT(3, 30, 60, ",\"resources\":[1]"), EVENT(4, 30, 60, ",\"resources\":[2]"),
						EVENT(5, 30 + 2 * 10080, 60, ",\"resources\":[2]"), NULL));
		for (int i = 0; held && i < 50 && number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE shadow_of IS NOT NULL") < 2; i++)
			advance_once(&site->one, job);
		assert_string_equal(seen(site), before);
		run_batch(site, job);
		assert_string_equal(status_line(site, job), "succeeded: 3 succeeded");
		assert_string_equal(seen(site), "1 superseded 0; 2 scheduled 2; 3 scheduled 0; 4 scheduled 0; 5 scheduled 0; ");
		assert_int_equal(number(site, "SELECT o.superseded_by = n.id FROM {scheduled_events} o JOIN {scheduled_events} n"
					      " ON n.content_id = 3 WHERE o.content_id = 1"), 1);
		assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE job_unpublished <> 0 OR shadow_of IS NOT NULL"), 0);
		assert_domain_whole(site);
		assert_done(&site->one, batch_undo(&site->one, job));
		run_batch(site, job);
		assert_string_equal(status_line(site, job), "undone: 3 undone");
		assert_string_equal(seen(site), before);
		assert_domain_whole(site);
		assert_done(&site->one, batch_undo(&site->one, made));
		run_batch(site, made);
		assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 0);
	}
	site->config.transaction_items_max = most;
}

/* Held, then withdrawn: because somebody gives it up. */
static void what_is_replaced_in_vain_is_as_it_was(void **state)
{
	struct site *site = *state;
	int64_t most = site->config.transaction_items_max;
	int64_t made = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 0, 60, WEEKLY), EVENT(6, 600, 60, ",\"resources\":[3]"));
	const char *shown = seen(site);
	site->config.transaction_items_max = 1;
	for (int updates = 0; updates < 2; updates++) {
		char *moving = text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"shift_s\":-36000,\"resources\":[1,2]}}",
				       (long long)event_of(site, made, 2));
		char *named = text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"x\"}}", (long long)event_of(site, made, 2));
		char *items = updates ? list_of(site, moving, named, NULL)
				      : list_of(site, EVENT(3, 30, 60, ",\"resources\":[1]"), EVENT(4, 30, 60, ",\"resources\":[2]"), NULL);
		int64_t job = batch_new(site, updates ? JOB_UPDATE : JOB_CREATE, "{" REPLACE ",\"chunk_size\":1}", items);
		for (int i = 0; i < 50 && !number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE job_unpublished > 0"); i++)
			advance_once(&site->one, job);
		assert_string_equal(seen(site), shown);
		assert_done(&site->one, batch_cancel(&site->one, job, true));
		run_batch(site, job);
		assert_int_equal(number(site, "SELECT status = 'rolled_back' OR status = 'cancelled' FROM {batch_jobs} WHERE id = %lld", (long long)job), 1);
		assert_string_equal(seen(site), shown);
		assert_domain_whole(site);
		assert_int_equal(number(site, "SELECT COUNT(*) FROM {undo_rows}"), 0);
	}
	site->config.transaction_items_max = most;
}

static void retried_items_replace_what_is_there_now(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"));
	sql(site, "UPDATE {scheduled_events} SET status = 'processing'");
	int64_t job = CREATE("{\"on_conflict\":\"replace\"}", EVENT(2, 0, 60, ",\"resources\":[1]"));
	assert_string_equal(status_line(site, job), "failed: 1 failed");
	sql(site, "UPDATE {scheduled_events} SET status = 'scheduled'");
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_FAILED), 0));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
	assert_done(&site->one, batch_undo(&site->one, job));
	run_batch(site, job);
	assert_string_equal(starts(site), "0 scheduled 0\n");
	assert_domain_whole(site);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_checked_batch_replaces_and_shifts),
		CASE(what_is_held_back_shifts),
		CASE(a_batch_all_or_nothing_may_not_ask),
		CASE(what_is_replaced_stays_until_all_is_published),
		CASE(what_is_replaced_in_vain_is_as_it_was),
		CASE(retried_items_replace_what_is_there_now),
	};
	return cmocka_run_group_tests_name("resolve, whole", cases, site_open, site_close);
}
