/* Keeping house: what is old goes, in bounded steps, by one process at a time; what is needed stays. */
#include "jobs.h"

#include "base/clock.h"
#include "batch/maintenance.h"
#include "db/text.h"
#include "store/purge.h"
#include "store/statements.h"

#define A_WHILE_MS 60000
#define STEP 2000

static void due(struct site *site)
{
	sql(site, "UPDATE {maintenance} SET due_at = '2000-01-01', step = 0");
}

static void keep_house(struct site *site)
{
	due(site);
	maintenance_step(&site->one, monotonic_ms() + A_WHILE_MS);
}

static void make_old(struct site *site, int64_t job)
{
	sql(site, "UPDATE {batch_jobs} SET finished_at = finished_at - INTERVAL 91 DAY, undo_until = UTC_TIMESTAMP() - INTERVAL 90 DAY"
		  " WHERE id = %lld", (long long)job);
}

static bool is_there(struct site *site, int64_t job)
{
	return number(site, "SELECT COUNT(*) FROM {batch_jobs} WHERE id = %lld", (long long)job) == 1;
}

/* Rows of a batch in every table that has a job_id, but those that outlive it. */
static const char *rows_of(struct site *site, int64_t job)
{
	struct db_rows tables;
	struct str out = STR_INIT;
	struct db_text *text = db_text_begin(
		site->look.db,
		"SELECT table_name FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'job_id'"
		" AND CONCAT('`', table_name, '`') NOT IN ('{audit_log}', '{worker_logs}', '{workers}', '{error_logs}', '{idempotency_keys}',"
		" '{event_history}') ORDER BY 1");
	if (!db_text_query(text, "s", site->look.arena, &tables, &site->look.fail))
		fail_msg("%s", site->look.fail.detail);
	assert_true(tables.count >= 8);
	for (size_t i = 0; i < tables.count; i++) {
		int64_t count = number(site, "SELECT COUNT(*) FROM `%s` WHERE job_id = %lld", db_str(&tables, i, 0), (long long)job);
		if (count)
			str_addf(&out, "%s %lld\n", db_str(&tables, i, 0), (long long)count);
	}
	return kept_text(site, &out);
}

static int64_t a_batch(struct site *site)
{
	int64_t job = new_run(site, JOB_CREATE, "{\"chunk_size\":10}", many_events(site, 40));
	int64_t event = event_of(site, job, 0);
	return new_run(site, JOB_UPDATE, NULL,
		       text_of(site, "[{\"id\":\"a\",\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"x\"}},"
				     "{\"depends_on\":[\"a\"],\"selector\":{\"event_id\":1},\"values\":{\"title\":\"x\"}}]", (long long)event));
}

static void an_old_batch_goes_with_all_its_rows_and_its_events_stay(void **state)
{
	struct site *site = *state;
	int64_t job = a_batch(site);
	assert_string_not_equal(rows_of(site, job), "");
	int64_t changed = number(site, "SELECT COUNT(*) FROM {undo_rows}");
	assert_true(changed > 0);
	make_old(site, job);
	keep_house(site);
	assert_false(is_there(site, job));
	assert_string_equal(rows_of(site, job), "");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 40);
	/* What they were before stays known, too. */
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_history} WHERE job_id = %lld", (long long)job), changed);
	assert_true(is_there(site, number(site, "SELECT MAX(id) FROM {batch_jobs}")));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_purges}"), 0);
	struct job read;
	assert_refused(&site->one, job_get(&site->one, job, &read),
		       text_of(site, "NOT_FOUND not_found: There is no batch %lld", (long long)job));
}

static void former_states_go_after_their_time(void **state)
{
	struct site *site = *state;
	int64_t job = a_batch(site);
	int64_t changed = number(site, "SELECT COUNT(*) FROM {undo_rows}");
	sql(site, "UPDATE {batch_jobs} SET undo_until = '2020-01-01' WHERE id = %lld", (long long)job);
	keep_house(site);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {undo_rows}"), 0);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_history}"), changed);
	sql(site, "UPDATE {event_history} SET kept_at = UTC_TIMESTAMP() - INTERVAL 366 DAY LIMIT 1");
	site->config.retention_days_history = 0;
	keep_house(site);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_history}"), changed);
	site->config.retention_days_history = 365;
	keep_house(site);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_history}"), changed - 1);
}

static void what_is_open_undoable_or_waited_for_stays(void **state)
{
	struct site *site = *state;
	int64_t young = a_batch(site), undoable = a_batch(site), open = a_batch(site), waited_for = a_batch(site);
	make_old(site, undoable);
	make_old(site, open);
	make_old(site, waited_for);
	sql(site, "UPDATE {batch_jobs} SET undo_until = UTC_TIMESTAMP() + INTERVAL 1 HOUR WHERE id = %lld", (long long)undoable);
	sql(site, "UPDATE {batch_jobs} SET status = 'undoing', phase = 'processing' WHERE id = %lld", (long long)open);
	sql(site, "INSERT INTO {batch_job_dependencies} (job_id, depends_on) VALUES (%lld, %lld)", (long long)open, (long long)waited_for);
	const int64_t kept[] = { young, undoable, open, waited_for };
	const char *before[4];
	for (int i = 0; i < 4; i++)
		before[i] = rows_of(site, kept[i]);
	keep_house(site);
	for (int i = 0; i < 4; i++) {
		assert_true(is_there(site, kept[i]));
		if (kept[i] != waited_for) /* its before-images are of no use any more */
			assert_string_equal(rows_of(site, kept[i]), before[i]);
	}
}

static void nothing_is_old_where_the_site_keeps_all(void **state)
{
	struct site *site = *state;
	int64_t job = a_batch(site);
	make_old(site, job);
	sql(site, "UPDATE {audit_log} SET at = '2020-01-01'");
	int64_t rows = number(site, "SELECT COUNT(*) FROM {audit_log}");
	site->config.retention_days_jobs = site->config.retention_days_audit = 0;
	keep_house(site);
	site->config.retention_days_jobs = 90;
	site->config.retention_days_audit = 400;
	assert_true(is_there(site, job));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {audit_log}"), rows);
}

static void logs_sessions_and_counters_go_after_their_time(void **state)
{
	struct site *site = *state;
	sql(site, "INSERT INTO {worker_logs} (uuid, at, level, message) VALUES ('w', UTC_TIMESTAMP() - INTERVAL 31 DAY, 'info', 'old'),"
		  " ('w', UTC_TIMESTAMP() - INTERVAL 29 DAY, 'info', 'new')");
	sql(site, "INSERT INTO {audit_log} (at, user_id, action) VALUES (UTC_TIMESTAMP() - INTERVAL 401 DAY, 1, 'old'),"
		  " (UTC_TIMESTAMP() - INTERVAL 399 DAY, 1, 'new')");
	sql(site, "INSERT INTO {error_logs} (id, code, context, occurrences, first_seen, last_seen) VALUES"
		  " (1, 'old', 'create', 1, '2020-01-01', UTC_TIMESTAMP() - INTERVAL 31 DAY),"
		  " (2, 'new', 'create', 1, '2020-01-01', UTC_TIMESTAMP() - INTERVAL 29 DAY)");
	sql(site, "INSERT INTO {error_resolutions} (error_id, at, user_id, occurrences, resolution) VALUES (1, NOW(), 1, 1, 'x'), (2, NOW(), 1, 1, 'y')");
	sql(site, "INSERT INTO {workers} (uuid, type, started_at, last_ping) VALUES ('old', 'cgi', NOW(), UTC_TIMESTAMP() - INTERVAL 2 DAY),"
		  " ('new', 'cgi', NOW(), UTC_TIMESTAMP())");
	sql(site, "DELETE FROM {sessions}");
	sql(site, "INSERT INTO {sessions} (token_hash, user_id, created_at, seen_at) VALUES ('old', 1, NOW(), UTC_TIMESTAMP() - INTERVAL 13 HOUR),"
		  " ('new', 1, NOW(), UTC_TIMESTAMP() - INTERVAL 11 HOUR)");
	sql(site, "DELETE FROM {throttle}");
	sql(site, "INSERT INTO {throttle} (bucket, window_start, hits) VALUES ('old', UNIX_TIMESTAMP() - 90000, 1), ('new', UNIX_TIMESTAMP(), 1)");
	sql(site, "INSERT INTO {busy_plan} (job_id, calendar_kind, calendar_id, day, start_utc, ordinal, end_utc) VALUES (999999, 1, 1, 1, 1, 1, 1)");
	keep_house(site);
	assert_string_equal(lines(site, "s", "SELECT message FROM {worker_logs} UNION ALL SELECT action FROM {audit_log} UNION ALL"
					     " SELECT code FROM {error_logs} UNION ALL SELECT resolution FROM {error_resolutions} UNION ALL"
					     " SELECT uuid FROM {workers} UNION ALL SELECT TRIM(TRAILING CHAR(0) FROM token_hash) FROM {sessions}"
					     " UNION ALL SELECT TRIM(TRAILING CHAR(0) FROM bucket) FROM {throttle} UNION ALL"
					     " SELECT job_id FROM {busy_plan}"),
			    "new\nnew\nnew\ny\nnew\nnew\nnew\n");
}

/* What is over goes; what waits to be carried out, and what is ahead, stays. */
static void past_occurrences_go_when_nothing_waits_for_them(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL,
			      list_of(site, event_json(site, 1, 0, 60, ",\"recurrence\":\"FREQ=DAILY;COUNT=6\""),
				      event_json(site, 2, 0, 60, ",\"recurrence\":\"FREQ=DAILY;COUNT=2\""), NULL));
	int64_t id = event_of(site, job, 0), cancelled = event_of(site, job, 1);
	/* 401, 401, 401, 401, 399 days ago and in 2030; of those one waits, and one is still in busy's window. */
	sql(site, "UPDATE {event_occurrences} SET start_utc = UNIX_TIMESTAMP() - 401 * 86400, end_utc = start_utc, is_busy = 0, state = 1"
		  " WHERE event_id = %lld AND local_start < %lld", (long long)id, (long long)DAY_ONE + 5 * 86400);
	sql(site, "UPDATE {event_occurrences} SET start_utc = start_utc + 2 * 86400 WHERE event_id = %lld AND local_start = %lld", (long long)id,
	    (long long)DAY_ONE + 4 * 86400);
	sql(site, "UPDATE {event_occurrences} SET state = 0 WHERE event_id = %lld AND local_start = %lld", (long long)id, (long long)DAY_ONE + 86400);
	sql(site, "UPDATE {event_occurrences} SET is_busy = 1 WHERE event_id = %lld AND local_start = %lld", (long long)id, (long long)DAY_ONE);
	new_run(site, JOB_UPDATE, NULL, text_of(site, "[{\"selector\":{\"event_id\":%lld},\"values\":{\"status\":\"cancelled\"}}]", (long long)cancelled));
	sql(site, "UPDATE {event_occurrences} SET start_utc = 1000000000, end_utc = start_utc WHERE event_id = %lld AND local_start = %lld",
	    (long long)cancelled, (long long)DAY_ONE);
	int64_t removed = 0;
	bool more = true;
	assert_done(&site->one, purge_some(&site->one, PURGE_OCCURRENCES, 2, &removed, &more));
	assert_int_equal(removed, 2);
	assert_true(more);
	assert_done(&site->one, purge_some(&site->one, PURGE_OCCURRENCES, 2, &removed, &more));
	assert_int_equal(removed, 1);
	assert_string_equal(lines(site, "ii", "SELECT event_id = %lld, (local_start - %lld) DIV 86400 FROM {event_occurrences} ORDER BY 1, 2",
				  (long long)id, (long long)DAY_ONE), "0 1\n1 0\n1 1\n1 4\n1 5\n");
	/* It was carried out meanwhile. */
	sql(site, "UPDATE {scheduled_events} SET done_through = UNIX_TIMESTAMP() - 400 * 86400 WHERE id = %lld", (long long)id);
	site->config.retention_days_occurrences = 0;
	assert_done(&site->one, purge_some(&site->one, PURGE_OCCURRENCES, 2, &removed, &more));
	assert_int_equal(removed, 0);
	site->config.retention_days_occurrences = 400;
	assert_done(&site->one, purge_some(&site->one, PURGE_OCCURRENCES, 2, &removed, &more));
	assert_int_equal(removed, 1);
}

static void one_process_a_minute(void **state)
{
	struct site *site = *state;
	sql(site, "INSERT INTO {audit_log} (at, user_id, action) VALUES ('2020-01-01', 1, 'old')");
	keep_house(site);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {audit_log}"), 0);
	sql(site, "INSERT INTO {audit_log} (at, user_id, action) VALUES ('2020-01-01', 1, 'old')");
	int64_t before = db_statements(site->two.db);
	maintenance_step(&site->two, monotonic_ms() + A_WHILE_MS);
	assert_int_equal(db_statements(site->two.db) - before, 3); /* one look for each kind of turn */
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {audit_log}"), 1);
	assert_in_range(number(site, "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), due_at) FROM {maintenance} WHERE name = 'purge'"), 1, 60);
	due(site);
	maintenance_step(&site->two, monotonic_ms() + A_WHILE_MS);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {audit_log}"), 0);
}

static void no_time_left_costs_nothing(void **state)
{
	struct site *site = *state;
	due(site);
	int64_t before = db_statements(site->one.db);
	maintenance_step(&site->one, monotonic_ms());
	assert_int_equal(db_statements(site->one.db), before);
}

/* A failure that the request already has is not touched. */
static void a_failure_stays_what_it_was(void **state)
{
	struct site *site = *state;
	struct ctx *ctx = &site->one;
	(void)fail_set(&ctx->fail, FAIL_CONFLICT, CODE_DUPLICATE, "Kept");
	keep_house(site);
	assert_int_equal(ctx->fail.kind, FAIL_CONFLICT);
	assert_string_equal(ctx->fail.public_message, "Kept");
	fail_clear(&ctx->fail);
}

/* --- steps ------------------------------------------------------------------- */

static int64_t big_batch(struct site *site, int64_t items)
{
	int64_t job = batch_new(site, JOB_CREATE, NULL, "[{\"content_id\":1,\"version_no\":1,\"starts_at\":\"2030-01-01T00:00:00Z\"}]");
	run_batch(site, job);
	sql(site, "INSERT INTO {batch_job_items} (job_id, ordinal, outcome, input) SELECT %lld, seq, 5,"
		  " '{\"content_id\":1,\"version_no\":1,\"starts_at\":\"2030-01-01T00:00:00Z\"}' FROM seq_1_to_%lld",
	    (long long)job, (long long)items - 1);
	sql(site, "INSERT INTO {batch_item_errors} (job_id, ordinal, outcome, code) SELECT %lld, seq, 5, 'version_not_found' FROM seq_1_to_%lld",
	    (long long)job, (long long)items - 1);
	return job;
}

static void a_step_is_bounded_and_the_next_goes_on_after_a_death(void **state)
{
	struct site *site = *state;
	bool more = true, forgotten;
	int64_t removed, steps = 0, total = 0;
	struct job job;
	int64_t id = big_batch(site, 10000);
	assert_done(&site->one, job_get(&site->one, id, &job));
	assert_done(&site->one, job_forget(&site->one, &job, &forgotten));
	assert_true(forgotten);
	for (; more; steps++) {
		struct ctx *ctx = steps % 2 ? &site->two : &site->one;
		assert_true(steps < 30);
		assert_done(ctx, purge_some(ctx, PURGE_FORGOTTEN, STEP, &removed, &more));
		assert_in_range(removed, 0, STEP);
		total += removed;
		db_drop(ctx->db);
		assert_done(ctx, db_ensure(ctx->db, &ctx->fail));
	}
	assert_in_range(total, 20000, 20010);
	assert_in_range(steps, 10, 12);
	assert_string_equal(rows_of(site, id), "");
}

static void a_batch_that_moved_on_is_not_forgotten(void **state)
{
	struct site *site = *state;
	struct job job;
	bool forgotten;
	int64_t id = a_batch(site);
	assert_done(&site->one, job_get(&site->one, id, &job));
	sql(site, "UPDATE {batch_jobs} SET epoch = 2, status = 'running', phase = 'processing' WHERE id = %lld", (long long)id);
	assert_done(&site->one, job_forget(&site->one, &job, &forgotten));
	assert_false(forgotten);
	assert_true(is_there(site, id));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_purges}"), 0);
	assert_refused(&site->one, batch_delete(&site->one, id),
		       "CONFLICT illegal_transition: The batch is running; only a finished one can be forgotten; allowed: pause, cancel");
}

/* Deleting removes more rows a statement than an ingest and the work after it make. */
static void purging_keeps_pace_with_ingest(void **state)
{
	struct site *site = *state;
	int64_t before = db_statements(site->one.db);
	int64_t id = batch_new(site, JOB_CREATE, NULL, many_events(site, 6000));
	run_batch(site, id);
	int64_t made = number(site, "SELECT (SELECT COUNT(*) FROM {batch_job_items} WHERE job_id = %lld)"
				    " + (SELECT COUNT(*) FROM {batch_chunks} WHERE job_id = %lld)", (long long)id, (long long)id);
	int64_t to_make = db_statements(site->one.db) - before;
	make_old(site, id);
	before = db_statements(site->one.db);
	int64_t began_ms = monotonic_ms();
	sql(site, "UPDATE {maintenance} SET due_at = IF(name = 'purge', '2000-01-01', '2999-01-01'), step = 0");
	maintenance_step(&site->one, monotonic_ms() + A_WHILE_MS);
	int64_t to_purge = db_statements(site->one.db) - before;
	print_message("%lld rows: %lld statements to make, %lld to purge (%lld ms)\n", (long long)made, (long long)to_make,
		      (long long)to_purge, (long long)(monotonic_ms() - began_ms));
	assert_string_equal(rows_of(site, id), "");
	assert_true(2 * to_purge <= to_make);
	assert_true(made / to_purge >= 100);
	assert_int_equal(number(site, "SELECT removed >= %lld FROM {maintenance} WHERE name = 'purge'", (long long)made), 1);
}

static void a_deleted_batch_is_gone_at_once(void **state)
{
	struct site *site = *state;
	struct advance_report report;
	int64_t id = big_batch(site, 3000);
	assert_done(&site->one, batch_delete(&site->one, id));
	assert_refused(&site->one, batch_advance(&site->one, id, 100, &report),
		       text_of(site, "NOT_FOUND not_found: There is no batch %lld", (long long)id));
	keep_house(site);
	assert_string_equal(rows_of(site, id), "");
}

/* The backlog of one kind does not keep the others waiting for ever: the next turn comes at once and goes on. */
static void a_backlog_is_worked_off_without_waiting(void **state)
{
	struct site *site = *state;
	sql(site, "INSERT INTO {audit_log} (at, user_id, action) SELECT '2020-01-01', 1, 'old' FROM seq_1_to_30000");
	due(site);
	int turns = 0;
	int64_t turn_ms = 25, left = 30000;
	while (number(site, "SELECT due_at <= UTC_TIMESTAMP(3) FROM {maintenance} WHERE name = 'purge'")) {
		assert_true(++turns < 200);
		maintenance_step(&site->one, monotonic_ms() + turn_ms);
		/* A turn that ends before it comes to this kind removes none of it: on a slow machine the next one is longer. */
		int64_t now_left = number(site, "SELECT COUNT(*) FROM {audit_log}");
		turn_ms = now_left < left ? 25 : 2 * turn_ms;
		left = now_left;
	}
	assert_true(turns > 1);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {audit_log}"), 0);
}

/* --- the audit log -------------------------------------------------------------- */

static void the_audit_log_is_only_appended_to_but_for_its_age(void **state)
{
	size_t purges = 0, adds = 0;
	(void)state;
	for (size_t t = 0; t < all_statements_count; t++)
		for (size_t i = 0; i < all_statements[t]->count; i++) {
			const struct db_stmt *stmt = &all_statements[t]->list[i];
			if (!stmt->sql || !strstr(stmt->sql, "{audit_log}") || strncmp(stmt->sql, "SELECT", 6) == 0)
				continue;
			if (strncmp(stmt->sql, "INSERT INTO {audit_log}", 23) == 0 && !strstr(stmt->sql, "ON DUPLICATE"))
				adds++;
			else if (strcmp(stmt->sql, "DELETE FROM {audit_log} WHERE at < UTC_TIMESTAMP(3) - INTERVAL ? DAY LIMIT ?") == 0)
				purges++;
			else
				fail_msg("%s changes the audit log", stmt->name);
		}
	assert_int_equal(adds, 1);
	assert_int_equal(purges, 1);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(an_old_batch_goes_with_all_its_rows_and_its_events_stay),
		CASE(former_states_go_after_their_time), CASE(what_is_open_undoable_or_waited_for_stays),
		CASE(nothing_is_old_where_the_site_keeps_all),
		CASE(logs_sessions_and_counters_go_after_their_time),
		CASE(past_occurrences_go_when_nothing_waits_for_them),
		CASE(one_process_a_minute),
		CASE(no_time_left_costs_nothing),
		CASE(a_failure_stays_what_it_was),
		CASE(a_step_is_bounded_and_the_next_goes_on_after_a_death),
		CASE(a_batch_that_moved_on_is_not_forgotten),
		CASE(purging_keeps_pace_with_ingest),
		CASE(a_deleted_batch_is_gone_at_once),
		CASE(a_backlog_is_worked_off_without_waiting),
		CASE(the_audit_log_is_only_appended_to_but_for_its_age),
	};
	return cmocka_run_group_tests_name("maintenance", cases, site_open, site_close);
}
