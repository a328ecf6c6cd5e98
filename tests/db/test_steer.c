/* Start, pause, resume, cancel, delete: what a person does to a batch. */
#include "jobs.h"

#include "store/chunks.h"

static int64_t forty_events(struct site *site)
{
	return batch_new(site, JOB_CREATE, "{\"chunk_size\":10}", many_events(site, 40));
}

/* One chunk done, one leased by somebody who is still at it. */
static int64_t half_way(struct site *site, struct job *job, struct chunk *held)
{
	int64_t id = forty_events(site);
	advance_once(&site->one, id);
	begin_chunk(site, id, job, held);
	return id;
}

static int64_t state_count(struct site *site, int64_t id, const char *state)
{
	return number(site, "SELECT COUNT(*) FROM {batch_chunks} WHERE job_id = %lld AND state = '%s'", (long long)id, state);
}

static void pause_lets_leased_chunks_finish_and_begins_no_new_ones(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk held;
	struct advance_report report;
	bool mine;
	int64_t id = half_way(site, &job, &held);
	assert_done(&site->one, batch_pause(&site->one, id));
	assert_string_equal(status_line(site, id), "pausing: 30 pending 10 succeeded");
	assert_done(&site->one, batch_advance(&site->one, id, 5000, &report));
	assert_int_equal(report.chunks, 0);
	assert_false(report.is_terminal);
	assert_done(&site->two, chunk_finish(&site->two, &job, &held, &mine));
	assert_true(mine);
	assert_string_equal(status_line(site, id), "paused: 30 pending 10 succeeded");
	assert_done(&site->one, batch_advance(&site->one, id, 5000, &report));
	assert_int_equal(report.chunks, 0);
	assert_done(&site->one, batch_pause(&site->one, id));
}

static void pause_without_leases_is_done_at_once(void **state)
{
	struct site *site = *state;
	int64_t id = forty_events(site);
	advance_once(&site->one, id);
	assert_done(&site->one, batch_pause(&site->one, id));
	assert_string_equal(status_line(site, id), "paused: 30 pending 10 succeeded");
}

static void resume_goes_on_where_it_was(void **state)
{
	struct site *site = *state;
	int64_t id = forty_events(site);
	advance_once(&site->one, id);
	assert_done(&site->one, batch_pause(&site->one, id));
	assert_done(&site->one, batch_resume(&site->one, id));
	assert_done(&site->one, batch_resume(&site->one, id));
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 40 succeeded");
	assert_int_equal(number(site, "SELECT MAX(attempt) FROM {batch_chunks}"), 1);
}

static void a_batch_paused_before_it_began_can_go_on(void **state)
{
	struct site *site = *state;
	int64_t id = forty_events(site);
	assert_done(&site->one, batch_pause(&site->one, id));
	assert_string_equal(status_line(site, id), "paused: 40 pending");
	assert_done(&site->one, batch_resume(&site->one, id));
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 40 succeeded");
}

/* A process that dies inside of a resume must not leave chunks out of reach. */
static void resume_asked_again_repairs_what_a_kill_left(void **state)
{
	struct site *site = *state;
	int64_t id = forty_events(site);
	advance_once(&site->one, id);
	assert_done(&site->one, batch_pause(&site->one, id));
	bool moved;
	assert_done(&site->one, job_move(&site->one, id, JOB_PAUSED, JOB_RUNNING, &moved));
	assert_true(moved);
	assert_done(&site->one, batch_resume(&site->one, id));
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 40 succeeded");
}

static void graceful_cancel_lets_leased_chunks_finish(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk held;
	bool mine;
	int64_t id = half_way(site, &job, &held);
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	assert_string_equal(status_line(site, id), "cancelling: 10 pending 10 succeeded 20 unprocessed");
	assert_int_equal(state_count(site, id, "leased"), 1);
	assert_done(&site->two, chunk_finish(&site->two, &job, &held, &mine));
	assert_true(mine);
	assert_string_equal(status_line(site, id), "cancelled: 10 succeeded 30 unprocessed");
	assert_int_equal(state_count(site, id, "ready"), 0);
}

static void cancel_without_grace_throws_leased_work_away(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk held;
	bool mine;
	int64_t id = half_way(site, &job, &held);
	assert_done(&site->one, batch_cancel(&site->one, id, false));
	assert_string_equal(status_line(site, id), "cancelled: 10 succeeded 30 unprocessed");
	assert_done(&site->two, chunk_finish(&site->two, &job, &held, &mine));
	assert_false(mine);
	assert_int_equal(state_count(site, id, "leased"), 0);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 10);
	assert_string_equal(lines(site, "ss", "SELECT status, phase FROM {batch_jobs}"), "cancelled failed\n");
}

static void a_graceful_cancel_can_become_less_graceful(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk held;
	int64_t id = half_way(site, &job, &held);
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	assert_done(&site->one, batch_cancel(&site->one, id, false));
	assert_string_equal(status_line(site, id), "cancelled: 10 succeeded 30 unprocessed");
}

static void a_cancelled_lease_that_ran_out_does_not_hold_the_end(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk held;
	int64_t id = half_way(site, &job, &held);
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	sql(site, "UPDATE {batch_chunks} SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE state = 'leased'");
	sql(site, "UPDATE {batch_lanes} SET held_until = '1970-01-01'");
	assert_string_equal(status_line(site, id), "cancelled: 10 succeeded 30 unprocessed");
}

static void a_receiving_batch_can_be_cancelled(void **state)
{
	struct site *site = *state;
	struct job job;
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, "label", &job));
	append(site, job.id, 0, INGEST_JSON, many_events(site, 3));
	assert_done(&site->one, batch_cancel(&site->one, job.id, true));
	assert_string_equal(status_line(site, job.id), "cancelled: 3 unprocessed");
}

static void illegal_transitions_name_what_is_allowed(void **state)
{
	struct site *site = *state;
	struct job job;
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job));
	assert_refused(&site->one, batch_pause(&site->one, job.id),
		       "CONFLICT illegal_transition: The batch is receiving: “pause” is not possible, allowed: start, cancel");
	assert_refused(&site->one, batch_start(&site->one, job.id), "INVALID empty_batch: The batch has no items");
	assert_refused(&site->one, batch_delete(&site->one, job.id),
		       "CONFLICT illegal_transition: The batch is receiving; only a finished one can be forgotten; allowed: start, cancel");
	int64_t id = new_run(site, JOB_CREATE, NULL, many_events(site, 3));
	assert_refused(&site->one, batch_cancel(&site->one, id, true),
		       "CONFLICT illegal_transition: The batch is succeeded: “cancel” is not possible, allowed: undo");
	assert_refused(&site->one, batch_start(&site->one, id),
		       "CONFLICT illegal_transition: The batch is succeeded: “start” is not possible, allowed: undo");
}

static void a_batch_of_somebody_else_does_not_exist(void **state)
{
	struct site *site = *state;
	struct batch_status status;
	int64_t id = forty_events(site);
	char *none = text_of(site, "NOT_FOUND not_found: There is no batch %lld", (long long)id);
	become(&site->two, EDITOR);
	assert_refused(&site->two, batch_status(&site->two, id, &status), none);
	assert_refused(&site->two, batch_cancel(&site->two, id, true), none);
	assert_refused(&site->two, batch_pause(&site->two, id), none);
	become(&site->one, AUTHOR);
	become(&site->two, ADMIN);
	int64_t authors = batch_new(site, JOB_CREATE, NULL, list_of(site, event_json(site, AUTHORS_OWN, 0, 30, ""), NULL));
	assert_done(&site->two, batch_status(&site->two, authors, &status));
}

static void a_finished_batch_can_be_forgotten_and_its_events_stay(void **state)
{
	struct site *site = *state;
	int64_t id = new_run(site, JOB_CREATE, NULL, many_events(site, 30));
	const char *domain = domain_sum(site);
	assert_done(&site->one, batch_delete(&site->one, id));
	assert_string_equal(domain_sum(site), domain);
	assert_int_equal(number(site, "SELECT (SELECT COUNT(*) FROM {batch_jobs}) + (SELECT COUNT(*) FROM {batch_job_items})"
				      " + (SELECT COUNT(*) FROM {batch_chunks}) + (SELECT COUNT(*) FROM {batch_slices})"), 0);
}

static void too_many_open_batches_are_refused(void **state)
{
	struct site *site = *state;
	struct job job;
	site->config.open_jobs_max = 2;
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job));
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job));
	bool ok = batch_create(&site->one, JOB_CREATE, NULL, NULL, &job);
	site->config.open_jobs_max = 20;
	assert_refused(&site->one, ok, "LIMIT too_many_jobs: 2 batches of yours are open; 2 may be");
	become(&site->one, NOBODY);
	assert_refused(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job),
		       "DENIED not_permitted: Your role does not allow “create”");
}

static void stop_on_error_begins_nothing_after_a_failed_item(void **state)
{
	struct site *site = *state;
	const char *bad = "{\"content_id\":99,\"starts_at\":\"2030-01-01T00:00:00Z\"}";
	int64_t id = new_run(site, JOB_CREATE, "{\"chunk_size\":1,\"ordered\":true,\"stop_on_error\":true}",
			     list_of(site, event_json(site, 1, 0, 30, ""), bad, event_json(site, 2, 0, 30, ""), NULL));
	assert_string_equal(status_line(site, id), "cancelled: 1 succeeded 1 failed 1 unprocessed");
}

static void stop_on_error_stops_nothing_where_the_last_item_failed(void **state)
{
	struct site *site = *state;
	const char *bad = "{\"content_id\":99,\"starts_at\":\"2030-01-01T00:00:00Z\"}";
	int64_t id = new_run(site, JOB_CREATE, "{\"chunk_size\":1,\"ordered\":true,\"stop_on_error\":true}",
			     list_of(site, event_json(site, 1, 0, 30, ""), bad, NULL));
	assert_string_equal(status_line(site, id), "partial: 1 succeeded 1 failed");
}

static void where_nothing_can_be_worked_a_client_is_told_to_wait(void **state)
{
	struct site *site = *state;
	struct advance_report report;
	int64_t id = batch_new(site, JOB_CREATE, NULL, list_of(site, event_json(site, 1, 0, 30, ""), NULL));
	assert_done(&site->one, batch_pause(&site->one, id));
	assert_done(&site->one, batch_advance(&site->one, id, 10, &report));
	assert_true(report.found_nothing);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(pause_lets_leased_chunks_finish_and_begins_no_new_ones),
		CASE(pause_without_leases_is_done_at_once),
		CASE(resume_goes_on_where_it_was),
		CASE(a_batch_paused_before_it_began_can_go_on),
		CASE(resume_asked_again_repairs_what_a_kill_left),
		CASE(graceful_cancel_lets_leased_chunks_finish),
		CASE(cancel_without_grace_throws_leased_work_away),
		CASE(a_graceful_cancel_can_become_less_graceful),
		CASE(a_cancelled_lease_that_ran_out_does_not_hold_the_end),
		CASE(a_receiving_batch_can_be_cancelled),
		CASE(illegal_transitions_name_what_is_allowed),
		CASE(a_batch_of_somebody_else_does_not_exist),
		CASE(a_finished_batch_can_be_forgotten_and_its_events_stay),
		CASE(too_many_open_batches_are_refused),
		CASE(stop_on_error_begins_nothing_after_a_failed_item),
		CASE(stop_on_error_stops_nothing_where_the_last_item_failed),
		CASE(where_nothing_can_be_worked_a_client_is_told_to_wait),
	};
	return cmocka_run_group_tests_name("steer", cases, site_open, site_close);
}
