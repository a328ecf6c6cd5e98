/* Errors of a chunk: retried, isolated, given up; never at the neighbours' cost. */
#include "jobs.h"

#include "batch/states.h"
#include "store/error_log.h"

/* From here on the database refuses an event with this title, with an error that no rule of db/conn.c knows. */
static void poison(struct site *site, bool on)
{
	/* MySQL has no IF EXISTS here. */
	if (number(site, "SELECT COUNT(*) FROM information_schema.table_constraints WHERE constraint_schema = DATABASE()"
			 " AND constraint_name = 'poison'"))
		sql(site, "ALTER TABLE {scheduled_events} DROP CONSTRAINT poison");
	if (on)
		sql(site, "ALTER TABLE {scheduled_events} ADD CONSTRAINT poison CHECK (title <> 'poison')");
}

/* The same as a deadlock, which passes by itself. */
static void deadlock(struct site *site, bool on)
{
	sql(site, "DROP TRIGGER IF EXISTS tr_deadlock");
	if (on)
		sql(site, "CREATE TRIGGER tr_deadlock BEFORE INSERT ON {scheduled_events} FOR EACH ROW IF NEW.title = 'poison' THEN"
			  " SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock found'; END IF");
}

/* Or as if it took longer than a request may. */
static void dawdle(struct site *site, bool on)
{
	sql(site, "DROP TRIGGER IF EXISTS tr_dawdle");
	if (on)
		sql(site, "CREATE TRIGGER tr_dawdle BEFORE INSERT ON {scheduled_events} FOR EACH ROW IF NEW.title = 'poison' THEN"
			  " SIGNAL SQLSTATE '70100' SET MYSQL_ERRNO = 1969, MESSAGE_TEXT = 'max_statement_time exceeded'; END IF");
}

/* The database does not let go of an event with this title. */
static void cling(struct site *site, bool on)
{
	sql(site, "DROP TRIGGER IF EXISTS tr_cling");
	if (on)
		sql(site, "CREATE TRIGGER tr_cling BEFORE DELETE ON {scheduled_events} FOR EACH ROW IF OLD.title = 'poison' THEN"
			  " SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1644, MESSAGE_TEXT = 'not this one'; END IF");
}

static int unpoison(void **state)
{
	poison(*state, false);
	deadlock(*state, false);
	dawdle(*state, false);
	cling(*state, false);
	return 0;
}

/* Backoff is not waited for. */
static void until_the_end(struct site *site, int64_t job)
{
	struct advance_report report = { 0 };
	for (int i = 0; i < 60 && !report.is_terminal; i++) {
		assert_done(&site->one, batch_advance(&site->one, job, 20000, &report));
		sql(site, "UPDATE {batch_chunks} SET available_at = UTC_TIMESTAMP(3) WHERE state = 'ready'");
	}
	assert_true(report.is_terminal);
}

static int64_t five_with_poison(struct site *site, const char *options)
{
	return batch_new(site, JOB_CREATE, options,
			 list_of(site, event_json(site, 1, 0, 30, ""), event_json(site, 2, 0, 30, ""),
				 event_json(site, 3, 0, 30, ",\"title\":\"poison\""), event_json(site, 4, 0, 30, ""),
				 event_json(site, 5, 0, 30, ""), NULL));
}

static void what_was_unreadable_beside_poison_is_counted_once(void **state)
{
	struct site *site = *state;
	poison(site, true);
	int64_t job = batch_new(site, JOB_CREATE, NULL,
				list_of(site, event_json(site, 1, 0, 30, ""), "{\"content_id\":tru}", event_json(site, 3, 0, 30, ",\"title\":\"poison\""),
					"[]", NULL));
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "partial: 1 succeeded 3 failed");
	assert_done(&site->one, batch_retry(&site->one, job, OUTCOME_BIT(OUTCOME_FAILED), 0));
	until_the_end(site, job);
	bool more = true;
	while (more)
		assert_done(&site->one, error_log_collect(&site->one, 0, &more));
	assert_string_equal(lines(site, "si", "SELECT code, occurrences FROM {error_logs} ORDER BY code"), "invalid_type 1\nmalformed_json 1\npoison_item 2\n");
}

static void a_poison_item_is_isolated_and_its_neighbours_succeed(void **state)
{
	struct site *site = *state;
	poison(site, true);
	int64_t job = five_with_poison(site, NULL);
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "partial: 4 succeeded 1 failed");
	assert_string_equal(told(site, job), "0 succeeded\n1 succeeded\n2 failed; poison_item : The item could not be worked on"
					     " (reference 0000000000000000)\n3 succeeded\n4 succeeded\n");
	assert_string_equal(lines(site, "iisis", "SELECT first_ordinal, last_ordinal, state, isolated, IF(isolated, errors, '')"
						 " FROM {batch_chunks} ORDER BY isolated, first_ordinal"),
			    "0 4 split 0 \n0 0 done 1 0\n1 1 done 1 0\n2 2 done 1 3\n3 3 done 1 0\n4 4 done 1 0\n");
	assert_int_equal(number(site, "SELECT COUNT(DISTINCT origin_ordinal) FROM {scheduled_events}"), 4);
	assert_true(number(site, "SELECT COUNT(*) FROM {worker_logs} WHERE job_id = %lld AND level = 'warn'", (long long)job) >= 3);
	assert_string_equal(lines(site, "ssiiss", "SELECT code, context, occurrences, ordinal, detail, reference FROM {error_logs}"),
			    "poison_item create 1 2 Something went wrong on our side 0000000000000000\n");
	assert_domain_whole(site);
}

static void a_failed_chunk_waits_longer_each_time(void **state)
{
	struct site *site = *state;
	struct advance_report report;
	poison(site, true);
	clock_stops(site);
	int64_t job = batch_new(site, JOB_CREATE, "{\"retry_backoff_ms\":10000,\"retry_attempts\":3}",
				list_of(site, event_json(site, 3, 0, 30, ",\"title\":\"poison\""), NULL));
	for (int errors = 1; errors <= 3; errors++) {
		assert_done(&site->one, batch_advance(&site->one, job, 1000, &report));
		assert_false(report.is_terminal);
		int64_t waits_s = number(site, "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), available_at) FROM {batch_chunks}");
		assert_in_range(waits_s, (5 << (errors - 1)) - 1, 10 << (errors - 1));
		assert_string_equal(status_line(site, job), "running: 1 pending");
		sql(site, "UPDATE {batch_chunks} SET available_at = UTC_TIMESTAMP(3)");
	}
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "failed: 1 failed");
}

static void what_heals_in_time_leaves_no_trace(void **state)
{
	struct site *site = *state;
	struct advance_report report;
	poison(site, true);
	int64_t job = five_with_poison(site, NULL);
	assert_done(&site->one, batch_advance(&site->one, job, 1000, &report));
	assert_string_equal(status_line(site, job), "running: 5 pending");
	poison(site, false);
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 5 succeeded");
}

/* A chunk whose holders die is taken for poison as well. */
static void a_chunk_that_kills_its_holders_is_split(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":5}", many_events(site, 5));
	sql(site, "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, last_ordinal, state, available_at, lease_until, attempt, expiries)"
		  " VALUES (%lld, 1, 0, 4, 'leased', '2020-01-01', '2020-01-01', 2, 1)", (long long)job);
	sql(site, "UPDATE {batch_jobs} SET status = 'running', phase = 'processing', planned = 5");
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 5 succeeded");
	assert_string_equal(lines(site, "si", "SELECT state, COUNT(*) FROM {batch_chunks} GROUP BY 1 ORDER BY 1"), "done 5\nsplit 1\n");
}

/* An item that nobody survives can't be split any more: it is given up, what it took down with it is counted apart. */
static void an_item_that_kills_its_holders_is_given_up(void **state)
{
	struct site *site = *state;
	struct batch_status status;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":1,\"retry_attempts\":3}", many_events(site, 2));
	sql(site, "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, last_ordinal, state, available_at, lease_until, attempt, expiries)"
		  " VALUES (%lld, 1, 0, 0, 'leased', '2020-01-01', '2020-01-01', 3, 2), (%lld, 1, 1, 1, 'leased', '2020-01-01', '2020-01-01', 4, 3)",
	    (long long)job, (long long)job);
	sql(site, "UPDATE {batch_jobs} SET status = 'running', phase = 'processing', planned = 2");
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "partial: 1 succeeded 1 failed");
	assert_string_equal(told(site, job), "0 succeeded\n1 failed; poison_item : The item could not be worked on"
					     " (reference 0000000000000000)\n");
	assert_string_equal(lines(site, "ii", "SELECT ordinal, attempts FROM {batch_job_items} ORDER BY 1"), "0 1\n1 5\n");
	assert_done(&site->one, batch_status(&site->one, job, &status));
	assert_int_equal(status.counts.expiries, 3 + 4);
	assert_int_equal(status.counts.errors, 0);
	assert_string_equal(lines(site, "si", "SELECT code, occurrences FROM {error_logs}"), "poison_item 1\n");
}

/* Less at once may be quick enough: the chunk is cut; an item alone waits for a better hour and is never given up. */
static void what_takes_too_long_is_cut_and_waited_for(void **state)
{
	struct site *site = *state;
	struct advance_report report;
	dawdle(site, true);
	int64_t job = five_with_poison(site, "{\"retry_attempts\":1}");
	for (int i = 0; i < 8; i++) {
		assert_done(&site->one, batch_advance(&site->one, job, 20000, &report));
		assert_false(report.is_terminal);
		sql(site, "UPDATE {batch_chunks} SET available_at = UTC_TIMESTAMP(3) WHERE state = 'ready'");
	}
	assert_string_equal(status_line(site, job), "running: 1 pending 4 succeeded");
	assert_string_equal(lines(site, "iisi", "SELECT first_ordinal, last_ordinal, state, errors FROM {batch_chunks} WHERE state <> 'done'"
						" ORDER BY isolated, first_ordinal"), "0 4 split 0\n2 2 ready 0\n");
	dawdle(site, false);
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 5 succeeded");
}

/* A deadlock is nobody's fault: never split, never given up, however often; and it does not count towards that. */
static void what_passes_by_itself_is_waited_for(void **state)
{
	struct site *site = *state;
	struct advance_report report;
	struct batch_status status;
	deadlock(site, true);
	clock_stops(site);
	int64_t job = five_with_poison(site, "{\"retry_attempts\":1}");
	for (int i = 0; i < 5; i++) {
		assert_done(&site->one, batch_advance(&site->one, job, ONE_STEP, &report));
		assert_int_equal(report.chunks, 0);
		assert_int_equal(number(site, "SELECT available_at > UTC_TIMESTAMP(3) FROM {batch_chunks}"), 1);
		sql(site, "UPDATE {batch_chunks} SET available_at = UTC_TIMESTAMP(3)");
	}
	assert_string_equal(lines(site, "siiii", "SELECT state, attempt, errors, transients, expiries FROM {batch_chunks}"), "ready 5 0 5 0\n");
	deadlock(site, false);
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 5 succeeded");
	assert_done(&site->one, batch_status(&site->one, job, &status));
	assert_int_equal(status.counts.errors, 5);
	assert_string_equal(lines(site, "s", "SELECT message FROM {worker_logs} WHERE job_id = %lld ORDER BY id DESC LIMIT 1", (long long)job),
			    "items 0 to 4, attempt 5 (4 errors, 0 expired leases before): The database is busy\n");
}

/* In the pass of a retry it is just so; what went well before is not touched. */
static void poison_in_a_retry_is_isolated_too(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, NULL,
				list_of(site, event_json(site, 1, 0, 30, ""), event_json(site, 51, 0, 30, ",\"title\":\"poison\""),
					event_json(site, 52, 0, 30, ""), "{\"content_id\":}", NULL));
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "partial: 1 succeeded 3 failed");
	int64_t kept = event_of(site, job, 0);
	sql(site, "INSERT INTO {contents} (id, title, latest_version, created_at) VALUES (51, '', 1, NOW()), (52, '', 1, NOW())");
	sql(site, "INSERT INTO {content_versions} (content_id, version_no, created_at) VALUES (51, 1, NOW()), (52, 1, NOW())");
	poison(site, true);
	assert_done(&site->one, batch_retry(&site->one, job, RETRYABLE_OUTCOMES, 0));
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "partial: 2 succeeded 2 failed");
	assert_int_equal(event_of(site, job, 0), kept);
	assert_string_equal(lines(site, "isi", "SELECT x.ordinal, x.code, i.attempts > 4 FROM {batch_item_errors} x JOIN {batch_job_items} i"
					       " ON i.job_id = x.job_id AND i.ordinal = x.ordinal ORDER BY 1"),
			    "1 poison_item 1\n3 malformed_json 0\n");
	assert_string_equal(lines(site, "s", "SELECT CONCAT(code, ' ', occurrences) FROM {error_logs} WHERE code = 'poison_item'"), "poison_item 1\n");
	poison(site, false);
	assert_done(&site->one, batch_retry(&site->one, job, RETRYABLE_OUTCOMES, 0));
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "partial: 3 succeeded 1 failed");
	assert_domain_whole(site);
}

/* stop_on_error takes a poison item for the error it is; when it is healed, a retry goes all the way. */
static void poison_stops_a_batch_that_stops_on_errors(void **state)
{
	struct site *site = *state;
	poison(site, true);
	int64_t job = five_with_poison(site, "{\"chunk_size\":1,\"ordered\":true,\"stop_on_error\":true,\"retry_attempts\":2}");
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "cancelled: 2 succeeded 1 failed 2 unprocessed");
	poison(site, false);
	assert_done(&site->one, batch_retry(&site->one, job, RETRYABLE_OUTCOMES, 0));
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "succeeded: 5 succeeded");
	assert_string_equal(lines(site, "ii", "SELECT ordinal, attempts FROM {batch_job_items} ORDER BY 1"), "0 1\n1 1\n2 4\n3 1\n4 1\n");
	assert_domain_whole(site);
}

/* "ORDINAL EVENT" of all items, events by their place among all of them. */
static const char *events_named(struct site *site, int64_t job)
{
	return lines(site, "ii", "SELECT i.ordinal, i.event_id FROM {batch_job_items} i WHERE i.job_id = %lld ORDER BY 1", (long long)job);
}

static void a_poison_item_of_an_undo_keeps_its_event_and_its_neighbours_are_undone(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, NULL,
				list_of(site, event_json(site, 1, 0, 30, ""), event_json(site, 99, 0, 30, ""),
					event_json(site, 3, 0, 30, ",\"title\":\"poison\""), event_json(site, 4, 0, 30, ""), NULL));
	run_batch(site, job);
	const char *before = events_named(site, job);
	cling(site, true);
	assert_done(&site->one, batch_undo(&site->one, job));
	until_the_end(site, job);
	cling(site, false);
	assert_string_equal(status_line(site, job), "undo_partial: 1 failed 2 undone 1 undo_conflict");
	assert_string_equal(told(site, job), "0 undone\n1 failed; content_not_found /content_id: There is no content 99\n"
					     "2 undo_conflict; poison_item : The item could not be worked on (reference 0000000000000000)\n"
					     "3 undone\n");
	assert_string_equal(events_named(site, job), before);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE title = 'poison'"), 1);
}

static void a_poison_item_of_an_undo_of_changes(void **state)
{
	struct site *site = *state;
	int64_t made = five_with_poison(site, NULL);
	run_batch(site, made);
	struct str items = STR_INIT;
	for (int i = 0; i < 5; i++)
		str_addf(&items, "%c{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"other\"}}", i ? ',' : '[', (long long)event_of(site, made, i));
	str_addc(&items, ']');
	/* All or nothing it was; its undo goes item by item like any other. */
	int64_t job = new_run(site, JOB_UPDATE, "{\"atomic\":true}", str_text(&items));
	str_free(&items);
	const char *before = events_named(site, job);
	poison(site, true);
	assert_done(&site->one, batch_undo(&site->one, job));
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "undo_partial: 4 undone 1 undo_conflict");
	assert_string_equal(events_named(site, job), before);
}

/* Whoever works on the undo does not come back, again and again. */
static void an_undo_that_kills_its_workers_leaves_alone_what_had_no_effect(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":1}",
				list_of(site, event_json(site, 1, 0, 30, ""), event_json(site, 99, 0, 30, ""), NULL));
	run_batch(site, job);
	const char *before = events_named(site, job);
	assert_done(&site->one, batch_undo(&site->one, job));
	sql(site, "UPDATE {batch_chunks} SET state = 'ready', expiries = 9 WHERE epoch = 2");
	until_the_end(site, job);
	assert_string_equal(status_line(site, job), "undo_partial: 1 failed 1 undo_conflict");
	assert_string_equal(told(site, job), "0 undo_conflict; poison_item : The item could not be worked on (reference 0000000000000000)\n"
					     "1 failed; content_not_found /content_id: There is no content 99\n");
	assert_string_equal(events_named(site, job), before);
}

#define POISONED(fn) cmocka_unit_test_setup_teardown(fn, site_begin, unpoison)

int main(void)
{
	const struct CMUnitTest cases[] = {
		POISONED(what_was_unreadable_beside_poison_is_counted_once),
		POISONED(a_poison_item_is_isolated_and_its_neighbours_succeed),
		POISONED(a_failed_chunk_waits_longer_each_time),
		POISONED(what_heals_in_time_leaves_no_trace),
		CASE(a_chunk_that_kills_its_holders_is_split),
		CASE(an_item_that_kills_its_holders_is_given_up),
		POISONED(what_passes_by_itself_is_waited_for),
		POISONED(what_takes_too_long_is_cut_and_waited_for),
		POISONED(poison_in_a_retry_is_isolated_too),
		POISONED(poison_stops_a_batch_that_stops_on_errors),
		POISONED(a_poison_item_of_an_undo_keeps_its_event_and_its_neighbours_are_undone),
		POISONED(a_poison_item_of_an_undo_of_changes),
		POISONED(an_undo_that_kills_its_workers_leaves_alone_what_had_no_effect),
	};
	return cmocka_run_group_tests_name("poison", cases, site_open, site_close);
}
