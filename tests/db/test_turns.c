/* What is worked next by those who look for work: urgency, then users in turn, then age. */
#include "jobs.h"
#include "plan.h"

#include "db/text.h"
#include "store/turns.h"

/* A started batch of a user: so many chunks of one event each, on a content that is its own. */
static int64_t batch_of(struct site *site, int64_t user, int priority, int64_t chunks)
{
	static int64_t place;
	struct str out = STR_INIT;
	become(&site->one, user);
	for (int64_t i = 0; i < chunks; i++)
		str_addf(&out, "%s%s", i ? "," : "[", event_json(site, 1 + place % CONTENTS, place / CONTENTS * 120, 30, "")), place++;
	str_addc(&out, ']');
	int64_t id = batch_new(site, JOB_CREATE, text_of(site, "{\"chunk_size\":1,\"conflict_window_s\":0,\"priority\":%d}", priority), str_text(&out));
	str_free(&out);
	become(&site->one, ADMIN);
	return id;
}

/* So many chunks are worked by whoever comes along; which batches they were of, as "1 2 1". */
static int stop_after, stopped;
static bool is_enough(void *user)
{
	(void)user;
	return ++stopped > stop_after;
}

static struct drive_report drive(struct site *site, int chunks)
{
	struct drive_report report;
	stop_after = chunks;
	stopped = 0;
	assert_done(&site->two, batch_drive(&site->two, &(struct drive){ .budget_ms = 20000, .is_over = is_enough }, &report));
	return report;
}

static const char *worked_in_order(struct site *site, int chunks)
{
	struct str out = STR_INIT;
	for (int i = 0; i < chunks; i++) {
		sql(site, "UPDATE {batch_chunks} SET work_ms = -1 WHERE state = 'done'");
		struct drive_report report = drive(site, 1);
		if (!report.chunks)
			break;
		assert_int_equal(report.chunks, 1);
		assert_int_equal(report.jobs, 1);
		str_addf(&out, "%s%lld", i ? " " : "", (long long)number(site, "SELECT job_id FROM {batch_chunks} WHERE state = 'done' AND work_ms >= 0"));
	}
	return kept_text(site, &out);
}

/* Ids go on from case to case; here they count from 1. */
static const char *numbered(struct site *site, const char *ids)
{
	struct str out = STR_INIT;
	int64_t first = number(site, "SELECT MIN(id) FROM {batch_jobs}");
	for (const char *c = ids; *c; c += strcspn(c, " "), c += *c == ' ')
		str_addf(&out, "%s%lld", out.len ? " " : "", (long long)(strtoll(c, NULL, 10) - first + 1));
	return kept_text(site, &out);
}
#define ORDER(chunks) numbered(site, worked_in_order(site, chunks))

static void the_most_urgent_batch_is_worked_first(void **state)
{
	struct site *site = *state;
	(void)batch_of(site, ADMIN, 0, 1);
	(void)batch_of(site, EDITOR, -10, 1);
	(void)batch_of(site, ADMIN, 10, 1);
	(void)batch_of(site, EDITOR, 3, 2);
	assert_string_equal(ORDER(9), "3 4 4 1 2");
}

static void users_share_in_turn_however_many_batches_each_has(void **state)
{
	struct site *site = *state;
	(void)batch_of(site, ADMIN, 0, 2);
	(void)batch_of(site, ADMIN, 0, 2);
	(void)batch_of(site, ADMIN, 0, 2);
	(void)batch_of(site, EDITOR, 0, 2);
	(void)batch_of(site, AUTHOR, 0, 1);
	assert_string_equal(ORDER(20), "1 4 5 1 4 2 2 3 3");
}

static void one_item_does_not_wait_for_a_hundred_thousand(void **state)
{
	struct site *site = *state;
	int64_t large = batch_of(site, ADMIN, 0, 1);
	/* Ever so many, most of them not planned yet. */
	sql(site, "UPDATE {batch_jobs} SET total = 100000, received = 100000 WHERE id = %lld", (long long)large);
	sql(site, "INSERT INTO {batch_job_items} (job_id, ordinal, input) SELECT %lld, seq, '{}' FROM seq_1_to_2000", (long long)large);
	(void)drive(site, 3);
	int64_t small = batch_of(site, EDITOR, 0, 1);
	(void)drive(site, 1);
	assert_string_equal(lines(site, "s", "SELECT status FROM {batch_jobs} WHERE id = %lld", (long long)small), "succeeded\n");
	assert_string_equal(lines(site, "s", "SELECT status FROM {batch_jobs} WHERE id = %lld", (long long)large), "running\n");
}

static void work_that_a_user_drives_himself_counts_as_his_turn(void **state)
{
	struct site *site = *state;
	int64_t first = batch_of(site, ADMIN, 0, 2);
	(void)batch_of(site, EDITOR, 0, 1);
	/* Both wait for a turn; the one who has just worked comes after the other. */
	sql(site, "UPDATE {batch_turns} SET turn_at = IF(user_id = 1, '2001-01-01', '2001-01-02')");
	advance_once(&site->one, first);
	sql(site, "UPDATE {batch_lanes} SET held_until = '1970-01-01'"); /* a moment later */
	assert_string_equal(ORDER(9), "2 1");
}

static void what_can_not_be_worked_is_not_picked(void **state)
{
	struct site *site = *state;
	struct chunk list[CANDIDATES_MAX];
	struct job job;
	size_t count;
	bool mine;
	int64_t paused = batch_of(site, ADMIN, 9, 2), late = batch_of(site, ADMIN, 8, 1), full = batch_of(site, EDITOR, 7, 2);
	int64_t waiting = batch_of(site, AUTHOR, 6, 1);
	(void)batch_of(site, AUTHOR, 0, 1);
	assert_done(&site->one, batch_pause(&site->one, paused));
	/* One whose only chunk is in backoff, one whose lanes are all held, one that waits for another. */
	assert_done(&site->one, job_get(&site->one, late, &job));
	assert_done(&site->one, chunks_plan(&site->one, &job, 1, 1, &mine));
	sql(site, "UPDATE {batch_chunks} SET available_at = UTC_TIMESTAMP(3) + INTERVAL 60 SECOND WHERE job_id = %lld", (long long)late);
	sql(site, "UPDATE {batch_jobs} SET max_lanes = 1 WHERE id = %lld", (long long)full);
	assert_done(&site->one, job_get(&site->one, full, &job));
	assert_done(&site->one, chunks_plan(&site->one, &job, 1, 2, &mine));
	assert_done(&site->one, chunks_poll(&site->one, &job, list, &count));
	assert_done(&site->one, claim(&site->one, &job, &list[0], &mine));
	assert_true(mine);
	sql(site, "UPDATE {batch_jobs} SET waiting = 1 WHERE id = %lld", (long long)waiting);
	struct drive_report report = drive(site, 100);
	assert_int_equal(report.chunks, 1);
	assert_int_equal(report.jobs, 1);
	assert_false(report.has_more);
	assert_string_equal(lines(site, "s", "SELECT status FROM {batch_jobs} ORDER BY id"), "paused\nrunning\nrunning\nqueued\nsucceeded\n");
	/* The one in backoff is looked at again when its chunk is due, the full one soon. */
	assert_int_equal(number(site, "SELECT ROUND(TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), due_at) / 60) FROM {batch_jobs} WHERE id = %lld",
				(long long)late), 1);
	assert_int_equal(number(site, "SELECT due_at > '2000-01-01' AND due_at <= UTC_TIMESTAMP() + INTERVAL 3 SECOND FROM {batch_jobs} WHERE id = %lld",
				(long long)full), 1);
	/* Soon is not yet, however slow the machine. */
	sql(site, "UPDATE {batch_jobs} SET due_at = UTC_TIMESTAMP(3) + INTERVAL 60 SECOND WHERE id = %lld", (long long)full);
	sql(site, "UPDATE {batch_turns} SET turn_at = UTC_TIMESTAMP(3) + INTERVAL 60 SECOND");
	/* Nobody's turn leads anywhere now: looking costs one statement, one that makes sure, and one for
	 * events whose moment has come. */
	int64_t before = db_statements(site->two.db);
	assert_int_equal(drive(site, 100).chunks, 0);
	assert_int_equal(db_statements(site->two.db) - before, 3);
	assert_done(&site->one, batch_resume(&site->one, paused));
	assert_int_equal(drive(site, 100).chunks, 2);
}

static void a_batch_that_somebody_drives_is_left_to_him(void **state)
{
	struct site *site = *state;
	int64_t id = batch_of(site, ADMIN, 0, 3);
	advance_once(&site->one, id);
	/* A second ago. */
	clock_stands_at(site, &site->two, "(SELECT MAX(held_until) FROM {batch_lanes}) + INTERVAL 1 SECOND");
	assert_int_equal(drive(site, 100).chunks, 0);
	clock_goes_on(site);
	/* He went away: it is looked at again, and gone on with. */
	sql(site, "UPDATE {batch_jobs} SET due_at = '2001-01-01'");
	sql(site, "UPDATE {batch_turns} SET turn_at = '2001-01-01'");
	sql(site, "UPDATE {batch_lanes} SET held_until = UTC_TIMESTAMP(3) - INTERVAL 3 SECOND");
	assert_int_equal(drive(site, 100).chunks, 2);
	assert_string_equal(status_line(site, id), "succeeded: 3 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_jobs} WHERE due_at > '2000-01-01'"), 0);
}

static bool put_off_meanwhile(void *user)
{
	sql(user, "UPDATE {batch_jobs} SET due_at = UTC_TIMESTAMP(3) + INTERVAL 600 SECOND WHERE due_at = '2000-01-01' AND status = 'running'");
	return ++stopped > 5;
}

static void who_works_a_batch_goes_on_though_another_one_put_it_off(void **state)
{
	struct site *site = *state;
	struct drive_report report;
	(void)batch_of(site, ADMIN, 0, 3);
	stopped = 0;
	/* Between a look and the end of the chunk that it led to. */
	struct drive how = { .budget_ms = 20000, .is_over = put_off_meanwhile, .user = site };
	assert_done(&site->two, batch_drive(&site->two, &how, &report));
	assert_int_equal(report.chunks, 1);
	int64_t id = number(site, "SELECT MAX(id) FROM {batch_jobs}");
	assert_done(&site->two, job_not_put_off(&site->two, id));
	assert_int_equal(number(site, "SELECT due_at = '2000-01-01' FROM {batch_jobs}"), 1);
	sql(site, "UPDATE {batch_jobs} SET due_at = '9999-01-01'");
	assert_done(&site->two, job_not_put_off(&site->two, id));
	assert_int_equal(number(site, "SELECT due_at = '2000-01-01' FROM {batch_jobs}"), 0);
}

static void others_work_is_done_with_its_creators_rights(void **state)
{
	struct site *site = *state;
	become(&site->one, AUTHOR);
	/* An author schedules what is his own. */
	int64_t id = batch_new(site, JOB_CREATE, NULL, list_of(site, event_json(site, AUTHORS_OWN, 0, 30, ""), event_json(site, ADMINS_OWN, 60, 30, ""), NULL));
	const struct actor *admin = site->two.actor;
	assert_int_equal(drive(site, 100).items, 2);
	assert_ptr_equal(site->two.actor, admin);
	become(&site->one, ADMIN);
	assert_string_equal(status_line(site, id), "partial: 1 succeeded 1 failed");
	assert_int_equal(number(site, "SELECT created_by FROM {scheduled_events}"), AUTHOR);
}

static void a_turn_that_is_missing_is_made_anew(void **state)
{
	struct site *site = *state;
	(void)batch_of(site, ADMIN, 0, 1);
	(void)batch_of(site, EDITOR, 5, 1);
	sql(site, "DELETE FROM {batch_turns}");
	assert_string_equal(ORDER(9), "2 1");
}

static void a_batch_that_fails_does_not_keep_others_waiting(void **state)
{
	struct site *site = *state;
	int64_t broken = batch_of(site, ADMIN, 10, 1);
	(void)batch_of(site, EDITOR, 0, 1);
	sql(site, "UPDATE {batch_jobs} SET options = '[]' WHERE id = %lld", (long long)broken);
	assert_int_equal(drive(site, 100).chunks, 1);
	assert_int_equal(site->two.fail.kind, FAIL_NONE);
}

/* --- what looking costs --------------------------------------------------------------- */

#define FILLED_AT_ONCE 10000 /* rows, so that a slow server answers before the connector gives it up */

/* Open batches of a thousand users, half of them of one (paused, waiting and put off among them), and finished ones. */
static void fill_batches(struct site *site, int64_t open)
{
	sql(site, "TRUNCATE TABLE {batch_jobs}"); /* a hundred thousand rows take MySQL half a minute to delete */
	sql(site, "DELETE FROM {batch_turns}");
	for (int64_t done = 0; done < open; done += FILLED_AT_ONCE)
		sql(site, "INSERT INTO {batch_jobs} (type, status, phase, created_by, priority, total, received, created_at, due_at, waiting)"
			  " SELECT 'create', ELT(1 + seq %% 4, 'queued', 'running', 'paused', 'queued'), 'processing', IF(seq %% 2, 1, 1 + seq %% 1000),"
			  " CAST(seq %% 3 AS SIGNED) - 1, 1000, 1000, NOW(),"
			  " IF(seq %% 7 > 1, '2000-01-01', IF(seq %% 7, '2037-01-01', '2001-01-01')), seq %% 4 = 3"
			  " FROM seq_1_to_%lld WHERE seq > %lld AND seq <= %lld", (long long)open, (long long)done, (long long)(done + FILLED_AT_ONCE));
	sql(site, "INSERT INTO {batch_jobs} (type, status, phase, created_by, total, received, created_at)"
		  " SELECT 'create', 'succeeded', 'completed', 1 + seq %% 1000, 1000, 1000, NOW() FROM seq_1_to_%lld", (long long)open / 4 + 1);
	sql(site, "INSERT INTO {batch_turns} (urgency, user_id, turn_at) SELECT DISTINCT 10 - priority, created_by, UTC_TIMESTAMP() FROM {batch_jobs}");
	(void)lines(site, "ssss", "ANALYZE TABLE {batch_jobs}, {batch_turns}");
}

static int64_t looking_costs(struct site *site)
{
	struct turn turns[TURNS_MAX];
	size_t count;
	assert_done(&site->two, turns_next(&site->two, turns, &count));
	int64_t before = rows_touched(&site->two), idle = rows_touched(&site->two) - before;
	before = rows_touched(&site->two);
	assert_done(&site->two, turns_next(&site->two, turns, &count));
	int64_t cost = rows_touched(&site->two) - before - idle;
	assert_int_equal(count, TURNS_MAX);
	assert_int_equal(turns[0].urgency, 9);
	return cost;
}

/* What it costs to find a lane and a chunk of one batch, claim and finish it. */
static int64_t claiming_costs(struct site *site)
{
	struct ctx *ctx = &site->two;
	struct chunk list[CANDIDATES_MAX];
	struct lane lane;
	struct job job;
	size_t count;
	bool mine;
	sql(site, "DELETE FROM {batch_chunks}");
	sql(site, "DELETE FROM {batch_lanes}");
	sql(site, "UPDATE {batch_jobs} SET max_lanes = 1 WHERE status = 'running'");
	sql(site, "INSERT INTO {batch_lanes} (job_id, lane) SELECT id, 0 FROM {batch_jobs} WHERE status = 'running'");
	sql(site, "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, last_ordinal, available_at)"
		  " SELECT id, 1, 0, 99, '2020-01-01' FROM {batch_jobs} WHERE status = 'running'");
	(void)lines(site, "ssss", "ANALYZE TABLE {batch_lanes}, {batch_chunks}");
	assert_done(ctx, job_get(ctx, number(site, "SELECT MAX(id) FROM {batch_jobs} WHERE status = 'running'"), &job));
	int64_t before = rows_touched(ctx), idle = rows_touched(ctx) - before;
	before = rows_touched(ctx);
	assert_done(ctx, lane_find(ctx, &job, &lane, NULL));
	assert_done(ctx, chunks_poll(ctx, &job, list, &count));
	assert_int_equal(count, 1);
	assert_done(ctx, chunk_claim(ctx, &job, &list[0], &lane, &mine));
	assert_true(mine);
	assert_done(ctx, chunk_finish(ctx, &job, &list[0], &mine));
	assert_true(mine);
	assert_done(ctx, lane_release(ctx, &job, &lane, true));
	return rows_touched(ctx) - before - idle;
}

/* From its first look to its end, and the ticks of those who look for work. */
static int64_t one_item_costs(struct site *site)
{
	struct advance_report report;
	sql(site, "UPDATE {batch_jobs} SET status = 'paused', waiting = 0 WHERE status IN ('queued', 'running')");
	sql(site, "DELETE FROM {batch_jobs} WHERE created_by = %d", EDITOR);
	int64_t first = batch_of(site, EDITOR, 0, 1);
	assert_done(&site->two, batch_advance(&site->two, first, 20000, &report)); /* keeps house, once a minute */
	int64_t id = batch_of(site, EDITOR, 0, 1);
	int64_t before = rows_touched(&site->two), idle = rows_touched(&site->two) - before;
	before = rows_touched(&site->two);
	assert_done(&site->two, batch_advance(&site->two, id, 20000, &report));
	assert_true(report.is_terminal);
	assert_done(&site->two, batch_settle_waiting(&site->two));
	return rows_touched(&site->two) - before - idle;
}

struct costs {
	int64_t looking, claiming, one_item; /* rows read */
};

static struct costs costs_with(struct site *site, int64_t open)
{
	struct costs costs;
	fill_batches(site, open);
	costs.looking = looking_costs(site);
	costs.claiming = claiming_costs(site);
	costs.one_item = one_item_costs(site);
	print_message("rows read with %lld open batches: %lld to find the next, %lld to find, claim and finish a chunk, %lld to work one item\n",
		      (long long)open, (long long)costs.looking, (long long)costs.claiming, (long long)costs.one_item);
	return costs;
}

static void work_costs_the_same_with_ten_and_with_a_hundred_thousand_batches(void **state)
{
	struct site *site = *state;
	bool is_mariadb;
	(void)db_server_version(site->look.db, &is_mariadb);
	/* MySQL takes half a minute to write the index entries of so many that are paused. */
	struct costs few = costs_with(site, 10), many = costs_with(site, is_mariadb ? 100000 : 20000);
	assert_in_range(few.looking, 1, 60);
	assert_in_range(many.looking, 1, 60);
	assert_in_range(few.claiming, 1, 40);
	assert_in_range(many.claiming, 1, 40);
	assert_in_range(many.one_item, 1, few.one_item + 50);
	sql(site, "TRUNCATE TABLE {batch_jobs}");
}

/* Rows of items, chunks or finished batches can't matter to a statement that does not read them. */
static void looking_reads_by_key_and_no_items(void **state)
{
	struct site *site = *state;
	fill_batches(site, 20000);
	assert_string_equal(plan_of_text(site, statement_text(site, "turns.next", NULL)).keys, "t queue, tr_batch_jobs turn, tr_batch_jobs turn");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(the_most_urgent_batch_is_worked_first),
		CASE(users_share_in_turn_however_many_batches_each_has),
		CASE(one_item_does_not_wait_for_a_hundred_thousand),
		CASE(work_that_a_user_drives_himself_counts_as_his_turn),
		CASE(what_can_not_be_worked_is_not_picked),
		CASE(a_batch_that_somebody_drives_is_left_to_him),
		CASE(who_works_a_batch_goes_on_though_another_one_put_it_off),
		CASE(others_work_is_done_with_its_creators_rights),
		CASE(a_turn_that_is_missing_is_made_anew),
		CASE(a_batch_that_fails_does_not_keep_others_waiting),
		CASE(work_costs_the_same_with_ten_and_with_a_hundred_thousand_batches),
		CASE(looking_reads_by_key_and_no_items),
	};
	return cmocka_run_group_tests_name("turns", cases, site_open, site_close);
}
