/* Which events readers see while a batch that is all or nothing holds some: what it wrote is nobody's business until
 * it is published, and then all of it at once. */
#include "jobs.h"

#include "base/json.h"
#include "schedule/edit.h"
#include "store/events.h"

enum { HELD = 77 };

/* Events 1 to 4 on content 1; batch 77 holds a new one (5) and a changed copy (6) of event 2, with places of its own. */
static void hold(struct site *site)
{
	sql(site, "INSERT INTO {batch_jobs} (id, type, status, phase, created_by, atomic, created_at)"
		  " VALUES (77, 'update', 'running', 'processing', 1, 1, NOW())");
	sql(site, "INSERT INTO {scheduled_events} (id, client_id, content_id, version_no, schedule_type, title, starts_at, ends_at,"
		  " duration_s, created_by) SELECT seq, CONCAT('k', seq), 1, 1, 'publish', CONCAT('Old ', seq),"
		  " '2030-01-01' + INTERVAL seq HOUR, '2030-01-01' + INTERVAL seq + 1 HOUR, 3600, 1 FROM seq_1_to_4");
	sql(site, "INSERT INTO {event_resources} (event_id, resource_id, role) VALUES (2, 3, 'resource'), (-2, 4, 'resource')");
	sql(site, "INSERT INTO {scheduled_events} (id, client_id, content_id, version_no, schedule_type, title, starts_at, ends_at,"
		  " duration_s, created_by, origin_job_id, origin_ordinal, job_unpublished)"
		  " VALUES (5, 'k5', 1, 1, 'publish', 'New', '2030-01-02', '2030-01-02 01:00', 3600, 1, 77, 0, 77)");
	sql(site, "INSERT INTO {scheduled_events} (id, client_id, content_id, version_no, schedule_type, title, starts_at, ends_at,"
		  " duration_s, created_by, row_version, job_unpublished, shadow_of, shadow_moves)"
		  " VALUES (6, 'k2', 1, 1, 'publish', 'Changed', '2030-01-03', '2030-01-03 01:00', 3600, -1, 2, 77, 2, 1)");
	sql(site, "UPDATE {scheduled_events} SET job_unpublished = -77 WHERE id = 2");
}

static void publish(struct site *site)
{
	sql(site, "UPDATE {batch_jobs} SET published = 1, status = 'publishing' WHERE id = 77");
}

static const char *page(struct site *site, struct event_filter filter, int64_t after, int32_t limit)
{
	struct event *events;
	size_t count;
	struct str out = STR_INIT;
	assert_done(&site->one, events_page(&site->one, &filter, after, limit, &events, &count));
	for (size_t i = 0; i < count; i++)
		str_addf(&out, "%s%lld %s r%lld of %lld at %lld", i ? ", " : "", (long long)events[i].id, events[i].title,
			 (long long)events[i].row_version, (long long)events[i].created_by,
			 events[i].resource_count ? (long long)events[i].resources[0] : 0LL);
	return kept_text(site, &out);
}

static const char *walk(struct site *site, struct event_filter filter, int32_t direction)
{
	struct event_order order = { .direction = direction };
	struct str out = STR_INIT;
	int64_t *ids;
	size_t count;
	do {
		assert_done(&site->one, events_ids(&site->one, &filter, &order, 2, &ids, &count));
		for (size_t i = 0; i < count; i++)
			str_addf(&out, "%s%lld", out.len ? " " : "", (long long)ids[i]);
	} while (count == 2);
	return kept_text(site, &out);
}

static int64_t count_of(struct site *site, struct event_filter filter)
{
	int64_t count;
	assert_done(&site->one, events_count(&site->one, &filter, 100, &count));
	return count;
}

static const struct event_filter all = { 0 };

static void lists_see_none_before_and_all_after(void **state)
{
	struct site *site = *state;
	hold(site);
	assert_string_equal(page(site, all, 0, 10),
			    "1 Old 1 r1 of 1 at 0, 2 Old 2 r1 of 1 at 3, 3 Old 3 r1 of 1 at 0, 4 Old 4 r1 of 1 at 0");
	assert_string_equal(walk(site, all, 0), "1 2 3 4");
	assert_int_equal(count_of(site, all), 4);
	publish(site);
	assert_string_equal(page(site, all, 0, 10), "1 Old 1 r1 of 1 at 0, 2 Changed r2 of 1 at 4, 3 Old 3 r1 of 1 at 0,"
						    " 4 Old 4 r1 of 1 at 0, 5 New r1 of 1 at 0");
	assert_string_equal(walk(site, all, 0), "1 2 3 4 5");
	assert_int_equal(count_of(site, all), 5);
}

static void pages_follow_the_stored_id(void **state)
{
	struct site *site = *state;
	hold(site);
	publish(site);
	assert_string_equal(page(site, all, 0, 2), "1 Old 1 r1 of 1 at 0, 2 Changed r2 of 1 at 4");
	assert_string_equal(page(site, all, 2, 2), "3 Old 3 r1 of 1 at 0, 4 Old 4 r1 of 1 at 0");
	assert_string_equal(page(site, all, 4, 2), "5 New r1 of 1 at 0");
	assert_string_equal(walk(site, all, 1), "1 3 4 5 2");
	assert_string_equal(walk(site, all, -1), "2 5 4 3 1");
}

static void filters_judge_what_is_seen(void **state)
{
	struct site *site = *state;
	struct event_filter old_place = { .resource_id = 3 }, new_place = { .resource_id = 4 }, named = { .text = "Changed" },
			    mine = { .created_by = 1 };
	hold(site);
	assert_int_equal(count_of(site, old_place), 1);
	assert_int_equal(count_of(site, new_place), 0);
	assert_int_equal(count_of(site, named), 0);
	assert_int_equal(count_of(site, mine), 4);
	publish(site);
	assert_int_equal(count_of(site, old_place), 0);
	assert_string_equal(page(site, new_place, 0, 9), "2 Changed r2 of 1 at 4");
	assert_int_equal(count_of(site, named), 1);
	assert_int_equal(count_of(site, mine), 5);
}

static void one_event_is_found_by_its_own_id_only(void **state)
{
	struct site *site = *state;
	struct event event;
	hold(site);
	assert_done(&site->one, event_get(&site->one, 2, &event));
	assert_string_equal(event.title, "Old 2");
	assert_int_equal(event.held_by, HELD);
	assert_refused(&site->one, event_get(&site->one, 5, &event), "NOT_FOUND event_not_found: There is no event 5");
	assert_refused(&site->one, event_get(&site->one, 6, &event), "NOT_FOUND event_not_found: There is no event 6");
	publish(site);
	assert_done(&site->one, event_get(&site->one, 2, &event));
	assert_string_equal(event.title, "Changed");
	assert_int_equal(event.id, 2);
	assert_int_equal(event.resources[0], 4);
	assert_done(&site->one, event_get(&site->one, 5, &event));
	assert_refused(&site->one, event_get(&site->one, 6, &event), "NOT_FOUND event_not_found: There is no event 6");
}

/* --- what others may do with them --------------------------------------------------- */

static bool edit(struct site *site, int64_t id)
{
	struct edit_result result;
	json_t *values = json_pack("{s:s}", "title", "Mine");
	bool ok = edit_update(&site->two, id, values, 0, NULL, &result);
	json_decref(values);
	return ok;
}

static void nobody_else_changes_what_is_held(void **state)
{
	struct site *site = *state;
	const char *items = "[{\"selector\":{\"event_id\":2},\"values\":{\"title\":\"x\"}},"
			    "{\"selector\":{\"client_id\":\"k2\"},\"values\":{\"title\":\"x\"}},"
			    "{\"selector\":{\"event_id\":5},\"values\":{\"title\":\"x\"}},"
			    "{\"selector\":{\"event_id\":6},\"values\":{\"title\":\"x\"}},"
			    "{\"selector\":{\"event_id\":3},\"values\":{\"title\":\"x\"}}]";
	hold(site);
	assert_refused(&site->two, edit(site, 2), "CONFLICT event_locked /selector: Event 2 is held by batch 77 until that has ended");
	assert_string_equal(told(site, new_run(site, JOB_UPDATE, NULL, items)),
			    "0 failed; event_locked /selector: Event 2 is held by batch 77 until that has ended\n"
			    "1 failed; event_locked /selector: Event 2 is held by batch 77 until that has ended\n"
			    "2 failed; event_not_found /selector: No event of yours is named by this selector\n"
			    "3 failed; event_not_found /selector: No event of yours is named by this selector\n"
			    "4 succeeded\n");
	publish(site);
	assert_refused(&site->two, edit(site, 2), "CONFLICT event_locked /selector: Event 2 is held by batch 77 until that has ended");
	assert_refused(&site->two, edit(site, 5), "CONFLICT event_locked /selector: Event 5 is held by batch 77 until that has ended");
	assert_string_equal(lines(site, "is", "SELECT id, title FROM {scheduled_events} WHERE id IN (2, 5, 6) ORDER BY id"),
			    "2 Old 2\n5 New\n6 Changed\n");
}

/* The row may become held between being read and being locked. */
static void an_event_that_becomes_held_is_not_overwritten(void **state)
{
	struct site *site = *state;
	struct event_undo still = { 2, 0, 1 };
	bool same = true;
	hold(site);
	assert_done(&site->one, events_keep_state(&site->one, 0, &still, 1, &same));
	assert_false(same);
	still.event_id = 3;
	assert_done(&site->one, events_keep_state(&site->one, 0, &still, 1, &same));
	assert_true(same);
}

static void a_client_id_that_is_held_is_refused(void **state)
{
	struct site *site = *state;
	const char *items = text_of(site, "[%s,%s]", event_json(site, 9, 9000, 60, ",\"client_id\":\"k5\""),
				    event_json(site, 8, 9000, 60, ",\"client_id\":\"k9\""));
	hold(site);
	assert_string_equal(told(site, new_run(site, JOB_CREATE, NULL, items)),
			    "0 failed; event_locked /client_id: The client_id “k5” is held by batch 77 until that has ended\n"
			    "1 succeeded\n");
	publish(site);
	assert_string_equal(told(site, new_run(site, JOB_CREATE, NULL, items)),
			    "0 failed; duplicate /client_id: Your event 5 already has the client_id “k5” and is different\n"
			    "1 unchanged\n");
}

static void an_evaluation_does_not_mix_before_and_after(void **state)
{
	struct site *site = *state;
	hold(site);
	assert_string_equal(told(site, new_run(site, JOB_EVALUATE, NULL, "[{\"event_id\":2},{\"event_id\":3}]")),
			    "0 succeeded ready\n1 succeeded ready\n");
	publish(site);
	assert_string_equal(told(site, new_run(site, JOB_EVALUATE, NULL, "[{\"event_id\":2},{\"event_id\":3}]")),
			    "0 succeeded invalid; event_locked /event_id: Event 2 is just being changed by batch 77\n1 succeeded ready\n");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(lists_see_none_before_and_all_after),   CASE(pages_follow_the_stored_id),
		CASE(filters_judge_what_is_seen),	     CASE(one_event_is_found_by_its_own_id_only),
		CASE(nobody_else_changes_what_is_held),	     CASE(an_event_that_becomes_held_is_not_overwritten),
		CASE(a_client_id_that_is_held_is_refused),   CASE(an_evaluation_does_not_mix_before_and_after),
	};
	return cmocka_run_group_tests_name("visible", cases, site_open, site_close);
}
