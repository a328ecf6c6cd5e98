/* Never more chunks of a batch at work than it has lanes, whoever and however many claim. */
#include "jobs.h"

#include <sys/wait.h>
#include <unistd.h>

#include "batch/work.h"

#define RACERS 8
#define LIVING "SELECT COUNT(*) FROM {batch_chunks} WHERE job_id = %lld AND state = 'leased' AND lease_until >= UTC_TIMESTAMP(3)"

static void expire_lanes(struct site *site)
{
	sql(site, "UPDATE {batch_chunks} SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE state = 'leased'");
	sql(site, "UPDATE {batch_lanes} SET held_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE held_until > UTC_TIMESTAMP(3)");
}

static int64_t planned_job(struct site *site, int lanes, struct job *job, struct chunk *list, size_t *count)
{
	bool mine;
	int64_t id = batch_new(site, JOB_CREATE, text_of(site, "{\"chunk_size\":1,\"max_concurrency\":%d}", lanes), many_events(site, 20));
	assert_done(&site->one, job_get(&site->one, id, job));
	assert_done(&site->one, chunks_plan(&site->one, job, 1, 20, &mine));
	assert_done(&site->one, job_get(&site->one, id, job));
	assert_done(&site->one, chunks_poll(&site->one, job, list, count));
	return id;
}

static void a_lane_is_taken_with_the_chunk_or_neither_is(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk list[CANDIDATES_MAX];
	struct lane first, second;
	size_t count;
	bool mine;
	int64_t id = planned_job(site, 1, &job, list, &count);
	/* Both see the only lane free, as two processes do that look at the same moment. */
	assert_done(&site->one, lane_find(&site->one, &job, &first, NULL));
	assert_done(&site->two, lane_find(&site->two, &job, &second, NULL));
	assert_int_equal(first.number, 0);
	assert_int_equal(second.number, 0);
	assert_done(&site->one, chunk_claim(&site->one, &job, &list[0], &first, &mine));
	assert_true(mine);
	assert_done(&site->two, chunk_claim(&site->two, &job, &list[1], &second, &mine));
	assert_false(mine);
	assert_int_equal(number(site, LIVING, (long long)id), 1);
	assert_done(&site->two, lane_find(&site->two, &job, &second, NULL));
	assert_int_equal(second.number, -1);
	/* And a chunk that is lost leaves the lane free. */
	assert_done(&site->one, chunk_finish(&site->one, &job, &list[0], &mine));
	assert_done(&site->one, lane_release(&site->one, &job, &first, false));
	assert_done(&site->two, lane_find(&site->two, &job, &second, NULL));
	assert_done(&site->two, chunk_claim(&site->two, &job, &list[0], &second, &mine));
	assert_false(mine);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_lanes} WHERE held_until >= UTC_TIMESTAMP(3)"), 0);
}

static void a_holder_claims_chunk_after_chunk_in_its_lane(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk list[CANDIDATES_MAX];
	struct lane lane;
	size_t count;
	bool mine;
	(void)planned_job(site, 1, &job, list, &count);
	assert_done(&site->one, lane_find(&site->one, &job, &lane, NULL));
	for (int i = 0; i < 3; i++) {
		assert_done(&site->one, chunk_claim(&site->one, &job, &list[i], &lane, &mine));
		assert_true(mine);
		assert_true(lane.token == list[i].token);
		assert_done(&site->one, chunk_finish(&site->one, &job, &list[i], &mine));
	}
}

static void a_lane_is_not_released_from_under_a_living_lease(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk list[CANDIDATES_MAX];
	struct lane lane, other;
	size_t count;
	bool mine, driven;
	(void)planned_job(site, 1, &job, list, &count);
	assert_done(&site->one, lane_find(&site->one, &job, &lane, &driven));
	assert_false(driven);
	assert_done(&site->one, chunk_claim(&site->one, &job, &list[0], &lane, &mine));
	assert_done(&site->one, lane_release(&site->one, &job, &lane, false));
	assert_done(&site->two, lane_find(&site->two, &job, &other, &driven));
	assert_int_equal(other.number, -1);
	assert_true(driven);
	/* Its holder died: with the lease the lane is free again. */
	expire_lanes(site);
	assert_done(&site->two, lane_find(&site->two, &job, &other, NULL));
	assert_int_equal(other.number, 0);
}

static void whoever_lost_the_lane_does_not_get_it_back_by_his_old_token(void **state)
{
	struct site *site = *state;
	struct job job;
	struct chunk list[CANDIDATES_MAX];
	struct lane slow, quick;
	size_t count;
	bool mine;
	(void)planned_job(site, 1, &job, list, &count);
	assert_done(&site->one, lane_find(&site->one, &job, &slow, NULL));
	assert_done(&site->one, chunk_claim(&site->one, &job, &list[0], &slow, &mine));
	expire_lanes(site);
	assert_done(&site->two, lane_find(&site->two, &job, &quick, NULL));
	assert_done(&site->two, chunk_claim(&site->two, &job, &list[1], &quick, &mine));
	assert_true(mine);
	assert_done(&site->one, chunk_claim(&site->one, &job, &list[2], &slow, &mine));
	assert_false(mine);
	assert_done(&site->one, lane_release(&site->one, &job, &slow, false));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_lanes} WHERE held_until >= UTC_TIMESTAMP(3)"), 1);
}

static void advancing_leaves_all_lanes_free(void **state)
{
	struct site *site = *state;
	struct advance_report report;
	int64_t id = batch_new(site, JOB_CREATE, "{\"chunk_size\":2,\"max_concurrency\":2}", many_events(site, 8));
	advance_once(&site->one, id);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_lanes} WHERE job_id = %lld", (long long)id), 2);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_lanes} WHERE held_until >= UTC_TIMESTAMP(3)"), 0);
	assert_done(&site->two, batch_advance(&site->two, id, 20000, &report));
	assert_true(report.is_terminal);
	assert_done(&site->one, batch_delete(&site->one, id));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_lanes}"), 0);
}

/* --- a race ---------------------------------------------------------------------------- */

static bool count_living(struct ctx *ctx, int64_t job_id, int64_t *living_out)
{
	static const struct db_stmt living = { "test.living",
					       "SELECT COUNT(*) FROM {batch_chunks} WHERE job_id = ? AND state = 'leased'"
					       " AND lease_until >= UTC_TIMESTAMP(3)", "i", "i" };
	struct db_rows rows;
	bool ok = db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &living, job_id);
	*living_out = ok ? db_int(&rows, 0, 0) : -1;
	return ok;
}

enum racer_end { RACER_WON, RACER_SAW_TOO_MANY = 3, RACER_FAILED };

/* Whoever is ready says so and waits until all are: the `gate` closes. */
struct start {
	int ready[2], gate[2];
};

static void wait_for_start(const struct start *start)
{
	char byte = 0;
	close(start->gate[1]);
	(void)!write(start->ready[1], &byte, 1);
	(void)!read(start->gate[0], &byte, 1);
}

/* A process of its own: claims, looks how many leases live beside his, finishes, until nothing is open. */
static enum racer_end race(struct site *site, const struct start *start, int64_t job_id, int64_t lanes)
{
	struct ctx ctx = site->one;
	struct worker worker = { .ctx = &ctx, .lane = { .number = -1 } };
	struct chunk chunk;
	ctx.arena = arena_new();
	ctx.db = db_new(&site->config);
	ctx.fail = (struct fail){ 0 };
	snprintf(ctx.worker_uuid, sizeof ctx.worker_uuid, "00000000-0000-4000-8000-%012d", (int)getpid());
	if (!db_ensure(ctx.db, &ctx.fail) || !job_get(&ctx, job_id, &worker.job))
		return RACER_FAILED;
	wait_for_start(start);
	for (int64_t open = 1; open;) {
		bool found = false, mine = false;
		int64_t living = 0;
		if (!work_claim(&worker, &chunk, &found))
			return RACER_FAILED;
		for (int look = 0; found && look < 4; look++)
			if (!count_living(&ctx, job_id, &living) || living > lanes)
				return living > lanes ? RACER_SAW_TOO_MANY : RACER_FAILED;
		if (found && (!chunk_finish(&ctx, &worker.job, &chunk, &mine) || !mine))
			return RACER_FAILED;
		/* Now and then another one gets a turn. */
		if (found && chunk.first_ordinal % 3 == 0 && !lane_release(&ctx, &worker.job, &worker.lane, false))
			return RACER_FAILED;
		static const struct db_stmt count_open = { "test.open",
							   "SELECT COUNT(*) FROM {batch_chunks} WHERE job_id = ? AND state <> 'done'", "i", "i" };
		struct db_rows rows;
		if (!db_query(ctx.db, &ctx.fail, ctx.arena, &rows, &count_open, job_id))
			return RACER_FAILED;
		open = db_int(&rows, 0, 0);
	}
	return lane_release(&ctx, &worker.job, &worker.lane, false) ? RACER_WON : RACER_FAILED;
}

static void race_for(struct site *site, int lanes)
{
	pid_t racers[RACERS];
	struct start start;
	char byte;
	int64_t id = batch_new(site, JOB_CREATE, text_of(site, "{\"max_concurrency\":%d}", lanes), many_events(site, 1));
	sql(site, "UPDATE {batch_jobs} SET status = 'running', phase = 'processing', total = 240, planned = 240 WHERE id = %lld", (long long)id);
	sql(site, "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, last_ordinal, available_at)"
		  " SELECT %lld, 1, seq, seq, '2020-01-01' FROM seq_0_to_239", (long long)id);
	assert_return_code(pipe(start.ready), 0);
	assert_return_code(pipe(start.gate), 0);
	for (int i = 0; i < RACERS; i++) {
		racers[i] = fork();
		if (racers[i] == 0)
			_exit((int)race(site, &start, id, lanes));
	}
	/* One that has ended before its time is told below. */
	close(start.ready[1]);
	for (int i = 0; i < RACERS && read(start.ready[0], &byte, 1) == 1; i++)
		;
	close(start.gate[1]);
	for (int i = 0; i < RACERS; i++) {
		int status = -1;
		assert_int_equal(waitpid(racers[i], &status, 0), racers[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), RACER_WON);
	}
	close(start.ready[0]);
	close(start.gate[0]);
	/* Each was done at the first attempt, and nobody alone did all. */
	assert_int_equal(number(site, "SELECT SUM(attempt = 1 AND state = 'done') FROM {batch_chunks} WHERE job_id = %lld", (long long)id), 240);
	assert_true(number(site, "SELECT COUNT(DISTINCT worker) FROM {batch_chunks} WHERE job_id = %lld", (long long)id) > 1);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_lanes} WHERE held_until >= UTC_TIMESTAMP(3)"), 0);
}

static void eight_processes_race_for_one_lane(void **state)
{
	race_for(*state, 1);
}

static void eight_processes_race_for_two_lanes(void **state)
{
	race_for(*state, 2);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_lane_is_taken_with_the_chunk_or_neither_is),
		CASE(a_holder_claims_chunk_after_chunk_in_its_lane),
		CASE(a_lane_is_not_released_from_under_a_living_lease),
		CASE(whoever_lost_the_lane_does_not_get_it_back_by_his_old_token),
		CASE(advancing_leaves_all_lanes_free),
		CASE(eight_processes_race_for_one_lane),
		CASE(eight_processes_race_for_two_lanes),
	};
	return cmocka_run_group_tests_name("lanes", cases, site_open, site_close);
}
