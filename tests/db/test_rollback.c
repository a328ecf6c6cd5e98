/* When an undo may be, what rolls a batch back, and how long that can be done. */
#include "jobs.h"

#include "store/undo.h"

/* --- when it may be ------------------------------------------------------------------ */

static void an_undo_is_refused_with_the_reason(void **state)
{
	struct site *site = *state;
	char *good = list_of(site, event_json(site, 1, 0, 30, ""), NULL), *bad = list_of(site, event_json(site, 99, 0, 30, ""), NULL);
	int64_t evaluation = new_run(site, JOB_EVALUATE, NULL, good), check = new_run(site, JOB_CREATE, "{\"dry_run\":true}", good);
	int64_t failed = new_run(site, JOB_CREATE, NULL, bad), open = batch_new(site, JOB_CREATE, NULL, good);
#define NOTHING "CONFLICT not_undoable: This batch has changed nothing: there is nothing to undo"
	assert_refused(&site->one, batch_undo(&site->one, evaluation), NOTHING);
	assert_refused(&site->one, batch_undo(&site->one, check), NOTHING);
	assert_refused(&site->one, batch_undo(&site->one, failed),
		       "CONFLICT nothing_to_undo: No item of the batch has changed anything: there is nothing to undo");
	assert_refused(&site->one, batch_undo(&site->one, open),
		       "CONFLICT illegal_transition: The batch is queued: “undo” is not possible, allowed: pause, cancel");
	run_batch(site, open);
	become(&site->two, AUTHOR);
	assert_refused(&site->two, batch_undo(&site->two, open), text_of(site, "NOT_FOUND not_found: There is no batch %lld", (long long)open));
	int64_t same = new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 2, 0, 30, ",\"client_id\":\"k\""), NULL));
	int64_t unchanged = new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 2, 0, 30, ",\"client_id\":\"k\""), NULL));
	assert_string_equal(status_line(site, unchanged), "succeeded: 1 unchanged");
	assert_refused(&site->one, batch_undo(&site->one, unchanged),
		       "CONFLICT nothing_to_undo: No item of the batch has changed anything: there is nothing to undo");
	run_undo(site, open);
	assert_refused(&site->one, batch_undo(&site->one, open),
		       "CONFLICT not_undoable: The batch has been undone already, and an undo can't be undone");
	sql(site, "UPDATE {batch_jobs} SET undo_until = '2026-01-02 03:04:05' WHERE id = %lld", (long long)same);
	assert_refused(&site->one, batch_undo(&site->one, same), "CONFLICT undo_expired: The batch could be undone until 2026-01-02T03:04:05Z");
	assert_string_equal(status_line(site, same), "succeeded: 1 succeeded");
}

static const char *allowed(struct site *site, int64_t job)
{
	struct batch_status status;
	struct str out = STR_INIT;
	assert_done(&site->one, batch_status(&site->one, job, &status));
	for (size_t i = 0; i < status.allowed_count; i++)
		str_addf(&out, "%s%s", i ? " " : "", status.allowed[i]);
	return kept_text(site, &out);
}

static void the_deadline_counts_from_the_end(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 1, 0, 30, ""), NULL));
	assert_in_range(number(site, "SELECT TIMESTAMPDIFF(SECOND, finished_at, undo_until) FROM {batch_jobs} WHERE id = %lld",
			       (long long)job), 86399, 86401);
	assert_string_equal(allowed(site, job), "undo");
	sql(site, "UPDATE {batch_jobs} SET undo_until = '2026-01-02' WHERE id = %lld", (long long)job);
	assert_string_equal(allowed(site, job), "");
	int64_t check = new_run(site, JOB_CREATE, "{\"dry_run\":true}", list_of(site, event_json(site, 2, 0, 30, ""), NULL));
	assert_string_equal(allowed(site, check), "");
	assert_string_equal(lines(site, "s", "SELECT undo_until FROM {batch_jobs} WHERE id = %lld", (long long)check), "-\n");
}

static void an_undo_asked_twice_happens_once(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"chunk_size\":5,\"max_concurrency\":1}", many_events(site, 20));
	assert_done(&site->one, batch_undo(&site->one, job));
	assert_done(&site->two, batch_undo(&site->two, job));
	assert_int_equal(number(site, "SELECT epoch FROM {batch_jobs} WHERE id = %lld", (long long)job), 2);
	assert_string_equal(status_line(site, job), "undoing: 20 pending");
	advance_once(&site->two, job);
	assert_string_equal(status_line(site, job), "undoing: 15 pending 5 undone");
	assert_string_equal(lines(site, "i", "SELECT ordinal FROM {batch_job_items} WHERE job_id = %lld AND outcome = 7 ORDER BY 1"
				  , (long long)job), "15\n16\n17\n18\n19\n");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "undone: 20 undone");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {audit_log} WHERE action = 'job.undo'"), 1);
}

static void what_another_processes_undo_has_done_is_thrown_away(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 0, 30, "");
	int64_t job = UPDATE(NULL, BY_ID(id, "{\"title\":\"A\"}"));
	assert_done(&site->one, batch_undo(&site->one, job));
	/* Its lease has run out while it was at work; another has finished. */
	sql(site, "UPDATE {batch_chunks} SET state = 'leased', token = 5, attempt = 1, lease_until = '2020-01-01' WHERE epoch = 2 AND job_id = %lld",
	    (long long)job);
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "undone: 1 undone");
	assert_string_equal(lines(site, "i", "SELECT row_version FROM {scheduled_events}"), "3\n");
}

/* --- cancel with rollback ---------------------------------------------------------------- */

static void a_cancellation_with_rollback_undoes_what_was_done(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":5}", many_events(site, 20));
	advance_once(&site->one, job);
	assert_done(&site->one, batch_roll_back(&site->one, job, true));
	assert_string_equal(status_line(site, job), "undoing: 5 pending 15 unprocessed");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "undone: 15 unprocessed 5 undone");
	assert_string_equal(domain_seen(site), "");
	assert_done(&site->one, batch_roll_back(&site->one, job, true));
	assert_string_equal(status_line(site, job), "undone: 15 unprocessed 5 undone");
}

static void a_graceful_one_waits_for_who_is_at_work(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":5}", many_events(site, 20));
	advance_once(&site->one, job);
	sql(site, "UPDATE {batch_chunks} SET state = 'leased', token = 5, attempt = 1, lease_until = '2099-01-01' WHERE job_id = %lld"
		  " AND state = 'ready' ORDER BY first_ordinal LIMIT 1", (long long)job);
	assert_done(&site->one, batch_roll_back(&site->one, job, true));
	assert_string_equal(status_line(site, job), "cancelling: 5 pending 5 succeeded 10 unprocessed");
	assert_string_equal(allowed(site, job), "");
	sql(site, "UPDATE {batch_chunks} SET lease_until = '2020-01-01' WHERE job_id = %lld AND state = 'leased'", (long long)job);
	assert_string_equal(status_line(site, job), "undoing: 5 pending 15 unprocessed");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "undone: 15 unprocessed 5 undone");
}

static void one_that_is_not_throws_their_work_away(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":5}", many_events(site, 20));
	advance_once(&site->one, job);
	sql(site, "UPDATE {batch_chunks} SET state = 'leased', token = 5, attempt = 1, lease_until = '2099-01-01' WHERE job_id = %lld"
		  " AND state = 'ready' ORDER BY first_ordinal LIMIT 1", (long long)job);
	assert_done(&site->one, batch_roll_back(&site->one, job, false));
	assert_string_equal(status_line(site, job), "undoing: 5 pending 15 unprocessed");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "undone: 15 unprocessed 5 undone");
	assert_string_equal(domain_seen(site), "");
}

static void with_nothing_done_it_is_a_cancellation(void **state)
{
	struct site *site = *state;
	int64_t queued = batch_new(site, JOB_CREATE, NULL, many_events(site, 3));
	assert_done(&site->one, batch_roll_back(&site->one, queued, true));
	assert_string_equal(status_line(site, queued), "cancelled: 3 unprocessed");
	int64_t failing = batch_new(site, JOB_CREATE, "{\"chunk_size\":1}",
				    list_of(site, event_json(site, 99, 0, 30, ""), event_json(site, 99, 0, 30, ""), NULL));
	advance_once(&site->one, failing);
	assert_done(&site->one, batch_roll_back(&site->one, failing, true));
	assert_string_equal(status_line(site, failing), "cancelled: 1 failed 1 unprocessed");
	int64_t check = batch_new(site, JOB_EVALUATE, "{\"chunk_size\":1}", many_events(site, 3));
	/* An evaluation's items are compared before its first chunk. */
	for (int i = 0; i < 3 && !number(site, "SELECT COUNT(*) FROM {batch_chunks} WHERE job_id = %lld AND state = 'done'", (long long)check); i++)
		advance_once(&site->one, check);
	assert_done(&site->one, batch_roll_back(&site->one, check, true));
	assert_string_equal(status_line(site, check), "cancelled: 1 succeeded 2 unprocessed");
}

static void a_paused_and_a_cancelled_batch_can_be_rolled_back(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":5}", many_events(site, 10));
	advance_once(&site->one, job);
	assert_done(&site->one, batch_pause(&site->one, job));
	assert_string_equal(status_line(site, job), "paused: 5 pending 5 succeeded");
	assert_done(&site->one, batch_roll_back(&site->one, job, true));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "undone: 5 unprocessed 5 undone");
	int64_t other = batch_new(site, JOB_CREATE, "{\"chunk_size\":5}", many_events(site, 10));
	advance_once(&site->one, other);
	assert_done(&site->one, batch_cancel(&site->one, other, true));
	assert_string_equal(status_line(site, other), "cancelled: 5 succeeded 5 unprocessed");
	assert_done(&site->one, batch_roll_back(&site->one, other, true));
	run_batch(site, other);
	assert_string_equal(status_line(site, other), "undone: 5 unprocessed 5 undone");
	assert_string_equal(domain_seen(site), "");
}

/* --- rollback on error --------------------------------------------------------------------- */

static void a_failure_rolls_back_what_was_done(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 5000, 30, ",\"resources\":[1]");
	const char *before = domain_seen(site);
	int64_t job = batch_new(site, JOB_UPDATE, "{\"chunk_size\":1,\"ordered\":true,\"rollback_on_error\":true}",
				list_of(site, BY_ID(id, "{\"title\":\"A\"}"), BY_ID(id, "{\"title\":\"B\"}"), BY_ID(999999, "{\"title\":\"C\"}"),
					BY_ID(id, "{\"title\":\"D\"}"), NULL));
	advance_once(&site->one, job);
	advance_once(&site->one, job);
	assert_string_equal(status_line(site, job), "running: 2 pending 2 succeeded");
	advance_once(&site->one, job);
	assert_string_equal(status_line(site, job), "rolling_back: 2 pending 1 failed 1 unprocessed");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "rolled_back: 1 failed 1 unprocessed 2 undone");
	assert_string_equal(domain_seen(site), before);
	assert_refused(&site->one, batch_undo(&site->one, job),
		       "CONFLICT not_undoable: The batch has been undone already, and an undo can't be undone");
}

/* Who found the last item failed died before it could begin the rollback. */
static void no_look_ends_a_batch_that_is_to_be_rolled_back(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":1,\"ordered\":true,\"rollback_on_error\":true}",
				list_of(site, event_json(site, 1, 0, 30, ""), event_json(site, 2, 0, 30, ""), NULL));
	advance_once(&site->one, job);
	sql(site, "UPDATE {batch_jobs} SET status = 'running', phase = 'processing' WHERE id = %lld", (long long)job);
	sql(site, "UPDATE {batch_chunks} SET state = 'done', failed = 1 WHERE job_id = %lld AND first_ordinal = 1", (long long)job);
	sql(site, "UPDATE {batch_job_items} SET outcome = 5, attempts = 1 WHERE job_id = %lld AND ordinal = 1", (long long)job);
	assert_string_equal(status_line(site, job), "rolling_back: 1 pending 1 failed");
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "rolled_back: 1 failed 1 undone");
	assert_string_equal(domain_seen(site), "");
}

/* --- purging ------------------------------------------------------------------------------------ */

static void before_images_go_when_their_time_is_over(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 0, 30, ",\"title\":\"First\"");
	int64_t old = UPDATE("{\"chunk_size\":1}", BY_ID(id, "{\"title\":\"A\"}"), BY_ID(id, "{\"title\":\"B\"}"), BY_ID(id, "{\"title\":\"C\"}"));
	int64_t young = UPDATE(NULL, BY_ID(id, "{\"title\":\"D\"}"));
	bool more = true;
	assert_done(&site->one, undo_purge(&site->one, 2, &more));
	assert_false(more);
	sql(site, "UPDATE {batch_jobs} SET undo_until = '2026-01-02' WHERE id = %lld", (long long)old);
	assert_done(&site->one, undo_purge(&site->one, 2, &more));
	assert_true(more);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {undo_rows}"), 2);
	assert_done(&site->one, undo_purge(&site->one, 2, &more));
	assert_done(&site->one, undo_purge(&site->one, 2, &more));
	assert_false(more);
	assert_string_equal(lines(site, "i", "SELECT job_id = %lld FROM {undo_rows}", (long long)young), "1\n");
	/* A retry gave the batch another day, but its first images are gone. */
	run_undo(site, young);
	sql(site, "UPDATE {batch_jobs} SET undo_until = '2099-01-02' WHERE id = %lld", (long long)old);
	run_undo(site, old);
	assert_string_equal(status_line(site, old), "undo_partial: 3 undo_conflict");
	assert_string_equal(lines(site, "s", "SELECT DISTINCT code FROM {batch_item_errors}"), "undo_expired\n");
	assert_done(&site->one, undo_purge(&site->one, 100, &more));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {undo_rows}"), 0);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(an_undo_is_refused_with_the_reason),
		CASE(the_deadline_counts_from_the_end),
		CASE(an_undo_asked_twice_happens_once),
		CASE(what_another_processes_undo_has_done_is_thrown_away),
		CASE(a_cancellation_with_rollback_undoes_what_was_done),
		CASE(a_graceful_one_waits_for_who_is_at_work),
		CASE(one_that_is_not_throws_their_work_away),
		CASE(with_nothing_done_it_is_a_cancellation),
		CASE(a_paused_and_a_cancelled_batch_can_be_rolled_back),
		CASE(a_failure_rolls_back_what_was_done),
		CASE(no_look_ends_a_batch_that_is_to_be_rolled_back),
		CASE(before_images_go_when_their_time_is_over),
	};
	return cmocka_run_group_tests_name("rollback", cases, site_open, site_close);
}
