/* What an undo brings back, and what it leaves alone. */
#include "jobs.h"

#include "schedule/edit.h"

static void edit(struct site *site, int64_t user, int64_t id, const char *values)
{
	struct edit_result result;
	become(&site->two, user);
	const json_t *object = json_read(site->two.arena, values, strlen(values), &site->two.fail);
	assert_done(&site->two, edit_update(&site->two, id, object, 0, NULL, &result));
}

/* All that an error says of who stands in the way. */
static const char *who(struct site *site, int64_t job)
{
	return lines(site, "s",
		     "SELECT CONCAT_WS(' ', ordinal, outcome, code, JSON_VALUE(detail, '$.changed_by.name'),"
		     " JSON_VALUE(detail, '$.changed_at'), JSON_VALUE(detail, '$.changed_in_batch')) FROM {batch_item_errors}"
		     " WHERE job_id = %lld ORDER BY ordinal", (long long)job);
}

/* --- creates ---------------------------------------------------------------------- */

static void what_a_batch_made_is_deleted(void **state)
{
	struct site *site = *state;
	(void)stored(site, 1, 5000, 30, ",\"resources\":[1],\"assignees\":[21]");
	const char *before = domain_seen(site);
	int64_t job = new_run(site, JOB_CREATE, "{\"chunk_size\":7}", many_events(site, 50));
	assert_string_equal(status_line(site, job), "succeeded: 50 succeeded");
	calendars_mark(site);
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undone: 50 undone");
	assert_string_equal(domain_seen(site), before);
	assert_domain_whole(site);
	/* 40 contents and 10 venues. */
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {calendars} WHERE ver > 0"), 50);
	assert_string_equal(lines(site, "iis", "SELECT epoch, undone_by, IFNULL(undo_until, 'no') FROM {batch_jobs} WHERE id = %lld",
				  (long long)job), "2 1 no\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {audit_log} WHERE action = 'job.undo' AND job_id = %lld", (long long)job), 1);
}

static void only_what_succeeded_is_undone(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 0, 30, ",\"client_id\":\"k\"");
	const char *before = domain_seen(site);
	int64_t job = new_run(site, JOB_CREATE, "{\"chunk_size\":2}",
			      list_of(site, event_json(site, 1, 0, 30, ",\"client_id\":\"k\""), event_json(site, 99, 60, 30, ""),
				      event_json(site, 2, 60, 30, ""), "7", event_json(site, 3, 60, 30, ""), NULL));
	assert_string_equal(status_line(site, job), "partial: 2 succeeded 1 unchanged 2 failed");
	assert_int_equal(event_of(site, job, 0), id);
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undone: 1 unchanged 2 failed 2 undone");
	assert_string_equal(domain_seen(site), before);
	assert_string_equal(lines(site, "iiii", "SELECT ordinal, outcome, attempts, event_id > 0 FROM {batch_job_items} WHERE job_id = %lld"
				  " ORDER BY 1", (long long)job), "0 2 1 1\n1 5 1 0\n2 7 2 1\n3 5 0 0\n4 7 2 1\n");
}

static void what_was_changed_since_is_left_alone(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"chunk_size\":2}",
			      list_of(site, event_json(site, 1, 0, 30, ""), event_json(site, 2, 0, 30, ""), event_json(site, 3, 0, 30, ""),
				      event_json(site, 4, 0, 30, ""), NULL));
	edit(site, EDITOR, event_of(site, job, 1), "{\"title\":\"Mine\"}");
	int64_t later = UPDATE(NULL, BY_ID(event_of(site, job, 2), "{\"title\":\"Later\"}"));
	sql(site, "UPDATE {scheduled_events} SET updated_at = '2026-01-02 03:04:05' WHERE row_version > 1");
	sql(site, "DELETE e, b FROM {scheduled_events} e JOIN {busy} b ON b.event_id = e.id WHERE e.content_id = 4");
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undo_partial: 2 undone 2 undo_conflict");
	assert_string_equal(told(site, job),
			    text_of(site,
				    "0 undone\n"
				    "1 undo_conflict; changed_since : Event %lld was changed by Edda Editor at 2026-01-02T03:04:05Z: it is at"
				    " version 2, this batch made version 1\n"
				    "2 undo_conflict; changed_since : Event %lld was changed by Ada Admin at 2026-01-02T03:04:05Z in batch"
				    " %lld: it is at version 2, this batch made version 1\n"
				    "3 undone\n", (long long)event_of(site, job, 1), (long long)event_of(site, job, 2), (long long)later));
	assert_string_equal(who(site, job),
			    text_of(site, "1 8 changed_since Edda Editor 2026-01-02T03:04:05Z\n"
					  "2 8 changed_since Ada Admin 2026-01-02T03:04:05Z %lld\n", (long long)later));
	assert_string_equal(events_told(site), "2 v1 0+30 scheduled r2\n3 v1 0+30 scheduled r2\n");
	assert_domain_whole(site);
}

/* --- updates ---------------------------------------------------------------------- */

static void what_a_batch_changed_becomes_what_it_was(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 60, 30,
			    ",\"client_id\":\"k\",\"title\":\"Old\",\"resources\":[2,1],\"assignees\":[21],\"priority\":3,"
			    "\"attributes\":{\"a\":1}");
	int64_t bare = stored(site, 2, 600, 0, "");
	/* What a later version of the program may have stored comes back as well. */
	sql(site, "UPDATE {scheduled_events} SET exdates = '[1]', rdates = '[]', conditions = '[3]',"
		  " until_at = '2031-01-01', overrides = '[4]', expanded_through = '2030-06-01', misfire = 'skip', grace_s = 7,"
		  " superseded_by = 9 WHERE id = %lld", (long long)id);
	const char *before = domain_seen(site);
	int64_t job = UPDATE(NULL,
			     BY_ID(id, "{\"client_id\":\"other\",\"content_id\":3,\"version_no\":2,\"schedule_type\":\"training\",\"title\":\"New\","
				       "\"starts_at\":\"2030-01-03T01:00:00Z\",\"duration_s\":600,\"timezone\":\"Europe/Stockholm\","
				       "\"resources\":[5],\"assignees\":[],\"priority\":-1,\"attributes\":null}"),
			     BY_ID(bare, "{\"status\":\"cancelled\"}"));
	assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
	assert_string_not_equal(domain_seen(site), before);
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undone: 2 undone");
	assert_string_equal(domain_seen(site), before);
	assert_string_equal(lines(site, "iii", "SELECT row_version, as_version, updated_by FROM {scheduled_events}"), "3 1 1\n3 1 1\n");
	assert_domain_whole(site);
}

static void a_change_of_another_is_left_alone(void **state)
{
	struct site *site = *state;
	int64_t a = stored(site, 1, 0, 30, ""), b = stored(site, 2, 0, 30, ""), c = stored(site, 3, 0, 30, "");
	int64_t job = UPDATE(NULL, BY_ID(a, "{\"title\":\"A\"}"), BY_ID(b, "{\"title\":\"B\"}"), BY_ID(c, "{\"title\":\"C\"}"));
	edit(site, EDITOR, b, "{\"priority\":5}");
	sql(site, "UPDATE {scheduled_events} SET updated_at = '2026-01-02 03:04:05' WHERE row_version > 1");
	sql(site, "DELETE e, b FROM {scheduled_events} e JOIN {busy} b ON b.event_id = e.id WHERE e.id = %lld", (long long)c);
	run_undo(site, job);
	assert_string_equal(told(site, job),
			    text_of(site,
				    "0 undone\n"
				    "1 undo_conflict; changed_since : Event %lld was changed by Edda Editor at 2026-01-02T03:04:05Z: it is at"
				    " version 3, this batch made version 2\n"
				    "2 undo_conflict; changed_since : Event %lld has been deleted\n", (long long)b, (long long)c));
	assert_string_equal(lines(site, "ss", "SELECT title, priority FROM {scheduled_events} ORDER BY id"), " 0\nB 5\n");
}

static void an_event_changed_twice_by_one_batch_is_as_before_the_first(void **state)
{
	struct site *site = *state;
	static const char *const options[] = { NULL, "{\"chunk_size\":1}", "{\"chunk_size\":2}" };
	int64_t id = stored(site, 1, 0, 30, ",\"title\":\"First\",\"resources\":[1]");
	const char *before = domain_seen(site);
	for (size_t i = 0; i < 3; i++) {
		int64_t job = UPDATE(options[i], BY_ID(id, "{\"title\":\"A\"}"), BY_ID(id, "{\"resources\":[2]}"),
				     BY_ID(id, "{\"title\":\"C\",\"starts_at\":\"2030-01-01T04:00:00Z\"}"));
		assert_string_equal(status_line(site, job), "succeeded: 3 succeeded");
		run_undo(site, job);
		assert_string_equal(status_line(site, job), "undone: 3 undone");
		assert_string_equal(domain_seen(site), before);
	}
	assert_domain_whole(site);
}

static void a_change_in_between_keeps_what_was_before_it(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 0, 30, ",\"title\":\"First\"");
	int64_t job = batch_new(site, JOB_UPDATE, "{\"chunk_size\":1,\"ordered\":true}",
				list_of(site, BY_ID(id, "{\"title\":\"A\"}"), BY_ID(id, "{\"title\":\"B\"}"), NULL));
	advance_once(&site->one, job);
	edit(site, EDITOR, id, "{\"priority\":5}");
	run_batch(site, job);
	sql(site, "UPDATE {scheduled_events} SET updated_at = '2026-01-02 03:04:05'");
	run_undo(site, job);
	/* The second is undone; the first had been changed by another before. */
	assert_string_equal(status_line(site, job), "undo_partial: 1 undone 1 undo_conflict");
	assert_string_equal(lines(site, "si", "SELECT title, priority FROM {scheduled_events}"), "A 5\n");
}

static void items_that_a_retry_did_later_are_undone_first(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 0, 30, ",\"title\":\"First\"");
	const char *before = domain_seen(site);
	int64_t job = UPDATE("{\"chunk_size\":1}", BY_ID(id, "{\"content_id\":44}"), BY_ID(id, "{\"title\":\"B\"}"));
	assert_string_equal(status_line(site, job), "partial: 1 succeeded 1 failed");
	sql(site, "INSERT INTO {contents} (id, title, latest_version, created_at) VALUES (44, 'late', 3, NOW())");
	sql(site, "INSERT INTO {content_versions} (content_id, version_no, created_at) VALUES (44, 1, NOW())");
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_FAILED), 0));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undone: 2 undone");
	assert_string_equal(domain_seen(site), before);
}

static void undoing_the_later_batch_makes_the_earlier_undoable(void **state)
{
	struct site *site = *state;
	int64_t made = new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 1, 0, 30, ",\"resources\":[1]"), NULL));
	int64_t id = event_of(site, made, 0);
	int64_t first = UPDATE(NULL, BY_ID(id, "{\"title\":\"A\",\"resources\":[2]}"));
	int64_t second = UPDATE(NULL, BY_ID(id, "{\"title\":\"B\",\"starts_at\":\"2030-01-01T04:00:00Z\"}"));
	run_undo(site, second);
	assert_string_equal(status_line(site, second), "undone: 1 undone");
	assert_string_equal(lines(site, "sii", "SELECT title, row_version, as_version FROM {scheduled_events}"), "A 4 2\n");
	run_undo(site, first);
	assert_string_equal(status_line(site, first), "undone: 1 undone");
	assert_string_equal(lines(site, "sii", "SELECT title, row_version, as_version FROM {scheduled_events}"), " 5 1\n");
	assert_domain_whole(site);
	run_undo(site, made);
	assert_string_equal(status_line(site, made), "undone: 1 undone");
	assert_string_equal(domain_seen(site), "");
}

/* --- places ------------------------------------------------------------------------ */

static void a_place_that_was_taken_since_is_not_taken_back(void **state)
{
	struct site *site = *state;
	int64_t a = stored(site, 1, 0, 60, ",\"resources\":[1]"), b = stored(site, 2, 0, 60, ",\"resources\":[2]");
	int64_t job = UPDATE(NULL, BY_ID(a, "{\"starts_at\":\"2030-01-01T05:00:00Z\"}"), BY_ID(b, "{\"starts_at\":\"2030-01-01T05:00:00Z\"}"));
	become(&site->one, EDITOR);
	int64_t taker = stored(site, 3, 30, 60, ",\"resources\":[1]");
	become(&site->one, ADMIN);
	sql(site, "UPDATE {scheduled_events} SET updated_at = '2026-01-02 03:04:05' WHERE id = %lld", (long long)taker);
	run_undo(site, job);
	assert_string_equal(told(site, job),
			    text_of(site, "0 undo_conflict; place_taken : Event %lld can't go back: event %lld, changed by Edda Editor at"
					  " 2026-01-02T03:04:05Z in batch %lld has its place; resource_overlap hard with event %lld\n1 undone\n",
				    (long long)a, (long long)taker, (long long)job + 1, (long long)taker));
	assert_string_equal(events_told(site), "2 v1 0+60 scheduled r3\n3 v1 30+60 scheduled r1\n1 v1 300+60 scheduled r2\n");
	assert_domain_whole(site);
}

static void a_soft_conflict_is_told_but_does_not_hinder(void **state)
{
	struct site *site = *state;
	int64_t a = stored(site, 1, 0, 60, ",\"resources\":[11]");
	const char *before = domain_seen(site);
	int64_t job = UPDATE(NULL, BY_ID(a, "{\"starts_at\":\"2030-01-01T05:00:00Z\"}"));
	int64_t other = stored(site, 2, 30, 60, ",\"resources\":[11]");
	run_undo(site, job);
	assert_string_equal(told(site, job), text_of(site, "0 undone; resource_overlap soft with event %lld; warning resource_overlap:"
							   " The resource is taken: event %lld\n", (long long)other, (long long)other));
	sql(site, "DELETE FROM {scheduled_events} WHERE id = %lld", (long long)other);
	sql(site, "DELETE FROM {event_resources} WHERE event_id = %lld", (long long)other);
	sql(site, "DELETE FROM {busy} WHERE event_id = %lld", (long long)other);
	assert_string_equal(domain_seen(site), before);
}

static void events_that_exchanged_places_change_back(void **state)
{
	struct site *site = *state;
	int64_t a = stored(site, 1, 0, 60, ",\"resources\":[1]"), b = stored(site, 2, 120, 60, ",\"resources\":[1]");
	const char *before = domain_seen(site);
	int64_t job = UPDATE(NULL, BY_ID(a, "{\"starts_at\":\"2030-01-01T02:00:00Z\"}"), BY_ID(b, "{\"starts_at\":\"2030-01-01T00:00:00Z\"}"));
	assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undone: 2 undone");
	assert_string_equal(domain_seen(site), before);
	assert_domain_whole(site);
}

/* Sixty events back to back on one venue, moved on by half an hour in chunks of ten, and back. */
static void a_row_of_events_moves_back_across_chunks(void **state)
{
	struct site *site = *state;
	struct str list = STR_INIT;
	for (int64_t i = 0; i < 60; i++)
		str_addf(&list, "%s%s", i ? "," : "[", event_json(site, 1 + i % CONTENTS, i * 30, 30, ",\"resources\":[1]"));
	str_addc(&list, ']');
	(void)new_run(site, JOB_CREATE, NULL, str_text(&list));
	str_free(&list);
	const char *before = domain_seen(site);
	int64_t job = UPDATE("{\"chunk_size\":10}", "{\"selector\":{\"query\":{\"resource_id\":1}},\"values\":{\"shift_s\":1800}}");
	assert_string_equal(status_line(site, job), "succeeded: 60 succeeded");
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undone: 60 undone");
	assert_string_equal(domain_seen(site), before);
	assert_domain_whole(site);
}

/* The first place is gone: each event keeps the next from going back. */
static void what_stays_keeps_the_others_from_their_places(void **state)
{
	struct site *site = *state;
	struct str list = STR_INIT;
	for (int64_t i = 0; i < 30; i++)
		str_addf(&list, "%s%s", i ? "," : "[", event_json(site, 1 + i, i * 30, 30, ",\"resources\":[1]"));
	str_addc(&list, ']');
	(void)new_run(site, JOB_CREATE, NULL, str_text(&list));
	str_free(&list);
	int64_t job = UPDATE("{\"chunk_size\":7}", "{\"selector\":{\"query\":{\"resource_id\":1}},\"values\":{\"shift_s\":1800}}");
	assert_string_equal(status_line(site, job), "succeeded: 30 succeeded");
	(void)stored(site, 40, 0, 30, ",\"resources\":[1]");
	const char *before = domain_seen(site);
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undo_partial: 30 undo_conflict");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_errors} WHERE code = 'place_taken' AND"
				      " JSON_VALUE(detail, '$.changed_by.name') = 'Ada Admin'"), 30);
	assert_string_equal(domain_seen(site), before);
	assert_domain_whole(site);
}

static void client_ids_come_back_unless_somebody_has_them(void **state)
{
	struct site *site = *state;
	int64_t a = stored(site, 1, 0, 30, ",\"client_id\":\"a\""), b = stored(site, 2, 0, 30, ",\"client_id\":\"b\"");
	int64_t c = stored(site, 3, 0, 30, ",\"client_id\":\"c\"");
	int64_t job = UPDATE("{\"chunk_size\":1,\"ordered\":true}", BY_ID(a, "{\"client_id\":\"x\"}"), BY_ID(b, "{\"client_id\":\"a\"}"),
			     BY_ID(a, "{\"client_id\":\"b\"}"), BY_ID(c, "{\"client_id\":\"y\"}"));
	assert_string_equal(status_line(site, job), "succeeded: 4 succeeded");
	int64_t taker = stored(site, 4, 0, 30, ",\"client_id\":\"c\"");
	run_undo(site, job);
	assert_string_equal(told(site, job), text_of(site, "0 undone\n1 undone\n2 undone\n3 undo_conflict; duplicate : Event %lld has the"
							   " client_id “c” by now\n", (long long)taker));
	assert_string_equal(lines(site, "s", "SELECT client_id FROM {scheduled_events} ORDER BY id"), "a\nb\ny\nc\n");
}

/* In one chunk the two exchange theirs at once. */
static void exchanged_client_ids_change_back_at_once(void **state)
{
	struct site *site = *state;
	int64_t a = stored(site, 1, 0, 30, ",\"client_id\":\"a\""), b = stored(site, 2, 0, 30, ",\"client_id\":\"b\"");
	int64_t job = UPDATE("{\"chunk_size\":1,\"ordered\":true}", BY_ID(a, "{\"client_id\":\"x\"}"), BY_ID(b, "{\"client_id\":\"a\"}"),
			     BY_ID(a, "{\"client_id\":\"b\"}"));
	sql(site, "UPDATE {batch_chunks} SET last_ordinal = 2, succeeded = 3 WHERE job_id = %lld AND first_ordinal = 0", (long long)job);
	sql(site, "DELETE FROM {batch_chunks} WHERE job_id = %lld AND first_ordinal > 0", (long long)job);
	run_undo(site, job);
	assert_string_equal(status_line(site, job), "undone: 3 undone");
	assert_string_equal(lines(site, "s", "SELECT client_id FROM {scheduled_events} ORDER BY id"), "a\nb\n");
}

static void what_needs_a_resource_that_is_gone_stays(void **state)
{
	struct site *site = *state;
	int64_t a = stored(site, 1, 0, 30, ",\"resources\":[1],\"assignees\":[21]"), b = stored(site, 2, 60, 30, ",\"assignees\":[21]");
	int64_t job = UPDATE(NULL, BY_ID(a, "{\"resources\":[2]}"), BY_ID(b, "{\"assignees\":[22]}"));
	sql(site, "DELETE FROM {resources} WHERE id IN (1, 21)");
	run_undo(site, job);
	assert_string_equal(told(site, job), "0 undo_conflict; resource_not_found : The event had resource 1, which does not exist any more\n"
					     "1 undo_conflict; assignee_not_found : The event had person 21, who does not exist any more\n");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(what_a_batch_made_is_deleted),
		CASE(only_what_succeeded_is_undone),
		CASE(what_was_changed_since_is_left_alone),
		CASE(what_a_batch_changed_becomes_what_it_was),
		CASE(a_change_of_another_is_left_alone),
		CASE(an_event_changed_twice_by_one_batch_is_as_before_the_first),
		CASE(a_change_in_between_keeps_what_was_before_it),
		CASE(items_that_a_retry_did_later_are_undone_first),
		CASE(undoing_the_later_batch_makes_the_earlier_undoable),
		CASE(a_place_that_was_taken_since_is_not_taken_back),
		CASE(a_soft_conflict_is_told_but_does_not_hinder),
		CASE(events_that_exchanged_places_change_back),
		CASE(a_row_of_events_moves_back_across_chunks),
		CASE(what_stays_keeps_the_others_from_their_places),
		CASE(client_ids_come_back_unless_somebody_has_them),
		CASE(exchanged_client_ids_change_back_at_once),
		CASE(what_needs_a_resource_that_is_gone_stays),
	};
	return cmocka_run_group_tests_name("undo", cases, site_open, site_close);
}
