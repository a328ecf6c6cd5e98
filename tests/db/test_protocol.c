/* Claim, lease, finish, complete: engine.md, "The protocol". */
#include "jobs.h"

#include "batch/work.h"
#include "store/grants.h"
#include "store/workers.h"

#define STATES "SELECT CONCAT(first_ordinal, '-', last_ordinal, ' ', state, ' a', attempt, ' e', errors, ' x', expiries)" \
	       " FROM {batch_chunks} WHERE job_id = %lld ORDER BY first_ordinal, isolated"

static const char *chunks_told(struct site *site, int64_t job)
{
	return lines(site, "s", STATES, (long long)job);
}

/* The batch's row, its first chunk planned and as poll shows it. */
static void plan_first(struct site *site, int64_t job_id, struct job *job, struct chunk *chunk)
{
	struct chunk list[CANDIDATES_MAX];
	bool mine = false;
	size_t count = 0;
	assert_done(&site->one, job_get(&site->one, job_id, job));
	assert_done(&site->one, chunks_plan(&site->one, job, 4, 2, &mine));
	assert_true(mine);
	assert_done(&site->one, job_get(&site->one, job_id, job));
	assert_done(&site->one, chunks_poll(&site->one, job, list, &count));
	assert_int_equal(count, 2);
	*chunk = list[0];
}

static int64_t living_leases(struct site *site, int64_t job)
{
	return number(site, "SELECT COUNT(*) FROM {batch_chunks} WHERE job_id = %lld AND state = 'leased' AND lease_until >= UTC_TIMESTAMP(3)",
		      (long long)job);
}

static int64_t eight_events(struct site *site)
{
	return batch_new(site, JOB_CREATE, "{\"chunk_size\":4}", many_events(site, 8));
}

static void expire(struct site *site, int64_t job)
{
	sql(site, "UPDATE {batch_chunks} SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE job_id = %lld"
		  " AND state = 'leased'", (long long)job);
	sql(site, "UPDATE {batch_lanes} SET held_until = '1970-01-01' WHERE job_id = %lld", (long long)job);
}

static struct worker *worker_of(struct site *site, struct ctx *ctx, int64_t job_id)
{
	struct worker *worker = arena_alloc(ctx->arena, sizeof *worker);
	*worker = (struct worker){ .ctx = ctx };
	assert_done(ctx, job_get(ctx, job_id, &worker->job));
	assert_done(ctx, grants_load(ctx, worker->job.created_by, NULL, &worker->actor));
	worker->options = options_of(site, worker->job.type, NULL);
	worker->operation = operation_of(worker->job.type);
	worker->chunk_size = 4;
	return worker;
}

static void claim_is_exclusive(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk chunk, same;
	bool first = false, second = true;
	int64_t id = eight_events(site);
	plan_first(site, id, &job, &chunk);
	same = chunk;
	assert_done(&site->one, claim(&site->one, &job, &chunk, &first));
	assert_done(&site->two, claim(&site->two, &job, &same, &second));
	assert_true(first);
	assert_false(second);
	assert_int_equal(chunk.attempt, 1);
	assert_string_equal(chunks_told(site, id), "0-3 leased a1 e0 x0\n4-7 ready a0 e0 x0\n");
	assert_string_equal(lines(site, "s", "SELECT worker FROM {batch_chunks} WHERE job_id = %lld AND state = 'leased'", (long long)id),
			    "00000000-0000-4000-8000-000000000001\n");
}

static void claim_asks_for_the_attempt_that_was_seen(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk chunk;
	bool mine = true;
	int64_t id = eight_events(site);
	plan_first(site, id, &job, &chunk);
	chunk.attempt = 1;
	assert_done(&site->one, claim(&site->one, &job, &chunk, &mine));
	assert_false(mine);
}

static void a_living_lease_is_not_offered(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk chunk, list[CANDIDATES_MAX];
	bool mine;
	size_t count;
	int64_t id = eight_events(site);
	plan_first(site, id, &job, &chunk);
	assert_done(&site->one, claim(&site->one, &job, &chunk, &mine));
	assert_done(&site->two, chunks_poll(&site->two, &job, list, &count));
	assert_int_equal(count, 1);
	assert_int_equal(list[0].first_ordinal, 4);
	assert_int_equal(living_leases(site, id), 1);
}

static void an_expired_lease_is_taken_over_and_counted_apart(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk chunk, list[CANDIDATES_MAX];
	bool mine;
	size_t count;
	int64_t id = eight_events(site);
	plan_first(site, id, &job, &chunk);
	assert_done(&site->one, claim(&site->one, &job, &chunk, &mine));
	expire(site, id);
	assert_done(&site->two, chunks_poll(&site->two, &job, list, &count));
	assert_int_equal(count, 2);
	size_t expired = list[0].was_leased ? 0 : 1;
	assert_int_equal(list[expired].first_ordinal, 0);
	assert_done(&site->two, claim(&site->two, &job, &list[expired], &mine));
	assert_true(mine);
	assert_int_equal(list[expired].expiries, 1);
	assert_string_equal(chunks_told(site, id), "0-3 leased a2 e0 x1\n4-7 ready a0 e0 x0\n");
}

static void finishing_with_a_foreign_token_changes_nothing(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk chunk;
	bool mine;
	int64_t id = eight_events(site);
	plan_first(site, id, &job, &chunk);
	assert_done(&site->one, claim(&site->one, &job, &chunk, &mine));
	struct chunk foreign = chunk;
	foreign.token++;
	assert_done(&site->two, chunk_finish(&site->two, &job, &foreign, &mine));
	assert_false(mine);
	foreign = chunk;
	foreign.attempt++;
	assert_done(&site->two, chunk_finish(&site->two, &job, &foreign, &mine));
	assert_false(mine);
	assert_done(&site->two, chunk_release(&site->two, &job, &foreign, false, 0));
	foreign.token++;
	assert_done(&site->two, chunk_split(&site->two, &job, &foreign));
	assert_string_equal(chunks_told(site, id), "0-3 leased a1 e0 x0\n4-7 ready a0 e0 x0\n");
}

static void a_lost_lease_throws_the_work_away(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk chunk;
	bool mine;
	int64_t id = eight_events(site);
	plan_first(site, id, &job, &chunk);
	assert_done(&site->one, claim(&site->one, &job, &chunk, &mine));
	expire(site, id);
	struct chunk taken = chunk;
	taken.was_leased = true;
	assert_done(&site->two, claim(&site->two, &job, &taken, &mine));
	assert_true(mine);
	const char *before = domain_sum(site);
	assert_int_equal(work_chunk(worker_of(site, &site->one, id), &chunk), CHUNK_LOST);
	assert_string_equal(domain_sum(site), before);
	assert_string_equal(chunks_told(site, id), "0-3 leased a2 e0 x1\n4-7 ready a0 e0 x0\n");
	assert_int_equal(work_chunk(worker_of(site, &site->two, id), &taken), CHUNK_DONE);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 4);
	assert_string_equal(chunks_told(site, id), "0-3 done a2 e0 x1\n4-7 ready a0 e0 x0\n");
}

static void a_late_finish_of_an_expired_lease_that_nobody_took_counts(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk chunk;
	bool mine;
	int64_t id = eight_events(site);
	plan_first(site, id, &job, &chunk);
	assert_done(&site->one, claim(&site->one, &job, &chunk, &mine));
	expire(site, id);
	assert_int_equal(work_chunk(worker_of(site, &site->one, id), &chunk), CHUNK_DONE);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 4);
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 8 succeeded");
}

static void complete_waits_for_open_chunks(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk chunk;
	bool mine, completed = true;
	int64_t id = eight_events(site);
	plan_first(site, id, &job, &chunk);
	assert_done(&site->one, job_complete(&site->one, &job, &completed));
	assert_false(completed);
	assert_done(&site->one, claim(&site->one, &job, &chunk, &mine));
	sql(site, "UPDATE {batch_chunks} SET state = 'done' WHERE job_id = %lld AND first_ordinal = 4", (long long)id);
	assert_done(&site->one, job_complete(&site->one, &job, &completed));
	assert_false(completed);
	assert_string_equal(lines(site, "ss", "SELECT status, phase FROM {batch_jobs}"), "running processing\n");
}

static void complete_asks_for_the_epoch_that_was_seen(void **state)
{
	struct site *site = *state;
	struct job job;
	bool completed = true;
	int64_t id = eight_events(site);
	run_batch(site, id);
	sql(site, "UPDATE {batch_jobs} SET status = 'running', phase = 'processing', finished_at = NULL");
	assert_done(&site->one, job_get(&site->one, id, &job));
	job.epoch++;
	assert_done(&site->one, job_complete(&site->one, &job, &completed));
	assert_false(completed);
	job.epoch--;
	assert_done(&site->one, job_complete(&site->one, &job, &completed));
	assert_true(completed);
	assert_done(&site->two, job_complete(&site->two, &job, &completed));
	assert_false(completed);
}

static void status_repeats_the_step_that_ends_a_job(void **state)
{
	struct site *site = *state;
	int64_t id = eight_events(site);
	run_batch(site, id);
	/* As if the process had died between the last commit and the step. */
	sql(site, "UPDATE {batch_jobs} SET status = 'running', phase = 'processing', finished_at = NULL");
	assert_string_equal(status_line(site, id), "succeeded: 8 succeeded");
	assert_string_equal(lines(site, "ssi", "SELECT status, phase, finished_at IS NOT NULL FROM {batch_jobs}"),
			    "succeeded completed 1\n");
}

static void a_job_ends_as_partial_or_failed_by_its_items(void **state)
{
	struct site *site = *state;
	const char *good = event_json(site, 1, 0, 30, ""), *bad = "{\"content_id\":99,\"starts_at\":\"2030-01-01T00:00:00Z\"}";
	int64_t partial = new_run(site, JOB_CREATE, NULL, list_of(site, good, bad, NULL));
	int64_t failed = new_run(site, JOB_CREATE, NULL, list_of(site, bad, bad, NULL));
	assert_string_equal(status_line(site, partial), "partial: 1 succeeded 1 failed");
	assert_string_equal(status_line(site, failed), "failed: 2 failed");
	assert_string_equal(lines(site, "ss", "SELECT status, phase FROM {batch_jobs} ORDER BY id"),
			    "partial completed\nfailed failed\n");
}

static void the_planner_who_comes_second_plans_nothing(void **state)
{
	struct site *site = *state;
	struct job first, second;
	bool mine;
	int64_t id = eight_events(site);
	assert_done(&site->one, job_get(&site->one, id, &first));
	assert_done(&site->two, job_get(&site->two, id, &second));
	assert_done(&site->one, chunks_plan(&site->one, &first, 3, 2, &mine));
	assert_true(mine);
	assert_done(&site->two, chunks_plan(&site->two, &second, 5, 2, &mine));
	assert_false(mine);
	assert_string_equal(chunks_told(site, id), "0-2 ready a0 e0 x0\n3-5 ready a0 e0 x0\n");
	assert_done(&site->two, job_get(&site->two, id, &second));
	assert_done(&site->two, chunks_plan(&site->two, &second, 5, 2, &mine));
	assert_true(mine);
	assert_string_equal(chunks_told(site, id), "0-2 ready a0 e0 x0\n3-5 ready a0 e0 x0\n6-7 ready a0 e0 x0\n");
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 8 succeeded");
}

static void two_connections_share_a_job_and_the_cursor_never_goes_back(void **state)
{
	struct site *site = *state;
	int64_t cursor = 0, done_before = 0;
	int64_t id = batch_new(site, JOB_CREATE, "{\"chunk_size\":7,\"max_concurrency\":2}", many_events(site, 200));
	for (int i = 0; i < 100; i++) {
		struct batch_status status;
		struct ctx *ctx = i % 2 ? &site->two : &site->one;
		advance_once(ctx, id);
		assert_done(ctx, batch_status(ctx, id, &status));
		int64_t sum = 0, done = status.counts.by_outcome[OUTCOME_SUCCEEDED];
		for (int o = 0; o < OUTCOME_COUNT; o++)
			sum += status.counts.by_outcome[o];
		assert_int_equal(sum, 200);
		assert_true(status.counts.cursor >= cursor);
		assert_true(done >= done_before);
		assert_true(status.percent < 100 || job_state_is_terminal(status.job.state));
		cursor = status.counts.cursor;
		done_before = done;
		if (job_state_is_terminal(status.job.state))
			break;
	}
	assert_string_equal(status_line(site, id), "succeeded: 200 succeeded");
	assert_int_equal(cursor, 200);
	assert_int_equal(number(site, "SELECT COUNT(DISTINCT origin_ordinal) FROM {scheduled_events}"), 200);
	assert_int_equal(number(site, "SELECT COUNT(DISTINCT worker) FROM {batch_chunks}"), 2);
	assert_domain_whole(site);
}

static void no_more_leases_than_lanes(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk chunk;
	bool mine;
	struct advance_report report;
	int64_t id = batch_new(site, JOB_CREATE, "{\"chunk_size\":4,\"max_concurrency\":1}", many_events(site, 8));
	plan_first(site, id, &job, &chunk);
	assert_done(&site->one, claim(&site->one, &job, &chunk, &mine));
	assert_done(&site->two, batch_advance(&site->two, id, 100, &report));
	assert_true(report.found_nothing);
	assert_int_equal(report.chunks, 0);
	expire(site, id);
	assert_done(&site->two, batch_advance(&site->two, id, 20000, &report));
	assert_true(report.is_terminal);
	assert_string_equal(status_line(site, id), "succeeded: 8 succeeded");
}

static void an_ordered_job_works_its_chunks_in_order(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk chunk;
	bool mine, blocked;
	size_t count;
	int64_t id = batch_new(site, JOB_CREATE, "{\"chunk_size\":4,\"ordered\":true}", many_events(site, 8));
	plan_first(site, id, &job, &chunk);
	assert_int_equal(job.max_lanes, 1);
	assert_done(&site->one, chunks_poll_ordered(&site->one, &job, &chunk, &count, &blocked));
	assert_int_equal(count, 1);
	assert_int_equal(chunk.first_ordinal, 0);
	assert_done(&site->one, claim(&site->one, &job, &chunk, &mine));
	assert_done(&site->two, chunks_poll_ordered(&site->two, &job, &chunk, &count, &blocked));
	assert_int_equal(count, 0);
	assert_true(blocked);
}

static void a_released_chunk_waits_for_its_time(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk chunk, list[CANDIDATES_MAX];
	bool mine;
	size_t count;
	int64_t id = eight_events(site);
	plan_first(site, id, &job, &chunk);
	assert_done(&site->one, claim(&site->one, &job, &chunk, &mine));
	assert_done(&site->one, chunk_release(&site->one, &job, &chunk, false, 60000));
	assert_done(&site->one, chunks_poll(&site->one, &job, list, &count));
	assert_int_equal(count, 1);
	assert_int_equal(list[0].first_ordinal, 4);
	assert_done(&site->one, claim(&site->one, &job, &chunk, &mine));
	assert_false(mine);
	assert_string_equal(chunks_told(site, id), "0-3 ready a1 e1 x0\n4-7 ready a0 e0 x0\n");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(claim_is_exclusive),
		CASE(claim_asks_for_the_attempt_that_was_seen),
		CASE(a_living_lease_is_not_offered),
		CASE(an_expired_lease_is_taken_over_and_counted_apart),
		CASE(finishing_with_a_foreign_token_changes_nothing),
		CASE(a_lost_lease_throws_the_work_away),
		CASE(a_late_finish_of_an_expired_lease_that_nobody_took_counts),
		CASE(complete_waits_for_open_chunks),
		CASE(complete_asks_for_the_epoch_that_was_seen),
		CASE(status_repeats_the_step_that_ends_a_job),
		CASE(a_job_ends_as_partial_or_failed_by_its_items),
		CASE(the_planner_who_comes_second_plans_nothing),
		CASE(two_connections_share_a_job_and_the_cursor_never_goes_back),
		CASE(no_more_leases_than_lanes),
		CASE(an_ordered_job_works_its_chunks_in_order),
		CASE(a_released_chunk_waits_for_its_time),
	};
	return cmocka_run_group_tests_name("protocol", cases, site_open, site_close);
}
