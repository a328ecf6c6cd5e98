/* Set-based: a chunk costs the same statements for ten items as for a thousand. */
#include "jobs.h"
#include "plan.h"

#include "batch/states.h"
#include "batch/work.h"
#include "db/text.h"
#include "store/events.h"
#include "store/grants.h"

#define STATEMENTS_MAX_PER_CHUNK 16

/* What one chunk of a started batch costs, from its claim to its commit (a poll serves several chunks). */
static int64_t chunk_cost(struct site *site, int64_t job_id, int64_t items)
{
	struct ctx *ctx = &site->one;
	struct worker worker = { .ctx = ctx };
	struct chunk chunk;
	bool mine = false, found = false;
	assert_done(ctx, job_get(ctx, job_id, &worker.job));
	assert_int_equal(worker.job.total, items);
	assert_done(ctx, grants_load(ctx, worker.job.created_by, NULL, &worker.actor));
	assert_true(options_load(&site->config, ctx->arena, worker.job.type, worker.job.options, &worker.options));
	worker.operation = operation_of(worker.job.type);
	assert_done(ctx, chunks_plan(ctx, &worker.job, 1000, 1, &mine));
	assert_done(ctx, work_refresh(&worker));
	worker.job.chunk_size = worker.chunk_size = 1000;
	assert_done(ctx, chunks_poll(ctx, &worker.job, worker.candidates, &worker.candidate_count));
	assert_done(ctx, lane_find(ctx, &worker.job, &worker.lane, NULL)); /* serves several chunks, as does the poll */
	int64_t before = db_statements(ctx->db);
	assert_done(ctx, work_claim(&worker, &chunk, &found));
	assert_true(found);
	assert_int_equal(chunk.last_ordinal, items - 1);
	assert_int_equal(work_chunk(&worker, &chunk), CHUNK_DONE);
	return db_statements(ctx->db) - before;
}

static void assert_constant(int64_t few, int64_t many)
{
	print_message("%lld statements for 10 items, %lld for 1,000\n", (long long)few, (long long)many);
	assert_int_equal(few, many);
	assert_in_range(many, 1, STATEMENTS_MAX_PER_CHUNK);
}

/* One more where the server does not tell the ids of new rows by itself. */
static int64_t asked_for_ids(struct site *site)
{
	bool is_mariadb;
	(void)db_server_version(site->look.db, &is_mariadb);
	return !is_mariadb;
}

/* Creates with resources, people, client_ids, and of each ten: a conflict, a version and a content that are not. */
static char *mixed(struct site *site, int64_t count, int64_t first_day)
{
	struct str out = STR_INIT;
	for (int64_t i = 0; i < count; i++) {
		int64_t minute = first_day * 1440 + i / 10 * 60 + (i % 10 == 7 ? -30 : 0);
		str_addf(&out, "%s{\"content_id\":%lld,\"version_no\":%d,\"starts_at\":\"%s\",\"duration_s\":3600,\"title\":\"Event %lld\","
			       "\"client_id\":\"m%lld-%lld\",\"resources\":[%lld],\"assignees\":[%s]}",
			 i ? "," : "[", (long long)(i % 10 == 3 ? 99 : 1 + i % CONTENTS), i % 10 == 5 ? 9 : 1, at_minute(site, minute),
			 (long long)i, (long long)first_day, (long long)i, (long long)(1 + (i % 10 == 7 ? 6 : i % VENUES)),
			 i % 10 < PERSONS ? text_of(site, "%lld", (long long)(PERSON + i % 10)) : "");
	}
	str_addc(&out, ']');
	return kept_text(site, &out);
}

static int64_t create_cost(struct site *site, const char *options, int64_t count, int64_t day)
{
	int64_t job = batch_new(site, JOB_CREATE, options, mixed(site, count, day));
	return chunk_cost(site, job, count);
}

/* Restrictions cost a statement where there are some, and a few more where one is broken: for a thousand items
 * as for ten. */
static void a_chunk_of_creates_with_restrictions(void **state)
{
	struct site *site = *state;
	(void)create_cost(site, NULL, 1000, 900); /* makes the calendars */
	int64_t none = create_cost(site, NULL, 1000, 600);
	sql(site, "INSERT INTO {restrictions} (resource_id, from_utc, to_utc, level, reason, alternatives)"
		  " SELECT r.id, %lld + s.seq * 86400, %lld + s.seq * 86400 + 36000, IF(s.seq %% 3, 'hard', 'advisory'), 'Away',"
		  " '1,2,3,22' FROM {resources} r JOIN seq_1_to_400 s WHERE r.id IN (2, 22)", DAY_ONE, DAY_ONE);
	sql(site, "UPDATE {calendars} SET restricted_until = %lld WHERE kind = 2", DAY_ONE + 402 * 86400);
	assert_int_equal(create_cost(site, NULL, 1000, 700), none);
	int64_t few = create_cost(site, NULL, 10, 10), many = create_cost(site, NULL, 1000, 100);
	print_message("%lld statements for 10 items, %lld for 1,000\n", (long long)few, (long long)many);
	assert_int_equal(few, many);
	assert_in_range(many - none, 1, 5);
	assert_int_equal(number(site, "SELECT COUNT(*) > 10 FROM {batch_item_errors} WHERE code = 'compliance'"), 1);
}

static void a_chunk_of_creates(void **state)
{
	struct site *site = *state;
	(void)create_cost(site, NULL, 1000, 900); /* makes the calendars */
	int64_t few = create_cost(site, NULL, 10, 10), many = create_cost(site, NULL, 1000, 100);
	assert_constant(few, many);
	assert_string_equal(lines(site, "s", "SELECT DISTINCT code FROM {batch_item_errors} ORDER BY 1"),
			    "content_not_found\nresource_overlap\nversion_not_found\n");
	assert_int_equal(number(site, "SELECT COUNT(*) > 600 FROM {scheduled_events}"), 1);
}

/* What failed (a content, a version) has come meanwhile, what collided still does. */
static int64_t retry_cost(struct site *site, int64_t count, int64_t day)
{
	struct batch_status status;
	int64_t job = batch_new(site, JOB_CREATE, NULL, mixed(site, count, day));
	(void)chunk_cost(site, job, count);
	sql(site, "INSERT IGNORE INTO {contents} (id, title, latest_version, created_at) VALUES (99, 'late', 1, NOW())");
	sql(site, "INSERT IGNORE INTO {content_versions} (content_id, version_no, created_at) VALUES (99, 1, NOW())");
	assert_done(&site->one, batch_status(&site->one, job, &status));
	assert_done(&site->one, batch_retry(&site->one, job, RETRYABLE_OUTCOMES, 0));
	return chunk_cost(site, job, count);
}

static void a_chunk_of_a_retry(void **state)
{
	struct site *site = *state;
	(void)create_cost(site, NULL, 1000, 900);
	int64_t few = retry_cost(site, 10, 10);
	sql(site, "DELETE FROM {contents} WHERE id = 99");
	sql(site, "DELETE FROM {calendars} WHERE kind = 1 AND ref_id = 99");
	int64_t asked = asked_for_ids(site);
	assert_constant(few - asked, retry_cost(site, 1000, 100) - asked);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items} WHERE attempts = 2 AND outcome = 1"), 1 + 100);
	assert_domain_whole(site);
}

static void a_chunk_of_creates_that_makes_its_calendars(void **state)
{
	struct site *site = *state;
	int64_t few = create_cost(site, NULL, 10, 10) - asked_for_ids(site);
	sql(site, "DELETE FROM {calendars}");
	assert_constant(few, create_cost(site, NULL, 1000, 100) - asked_for_ids(site));
}

/* Each item depends on the one before it in its thousand, half of them over a reference; all of them in the second stage. */
static char *linked(struct site *site, int64_t count, int64_t first_day)
{
	struct str out = STR_INIT;
	str_addf(&out, "[%s", event_json(site, 1, first_day * 1440, 10, ",\"id\":\"root\""));
	for (int64_t i = 1; i <= count; i++)
		str_addf(&out, ",%s", event_json(site, 1 + i % CONTENTS, (first_day + 1) * 1440 + i * 60, 10,
						 i % 2 ? ",\"depends_on\":[\"root\"]" : ",\"attributes\":{\"of\":{\"$ref\":\"root\"}}"));
	str_addc(&out, ']');
	return kept_text(site, &out);
}

/* The chunk of the second stage. */
static int64_t linked_cost(struct site *site, int64_t count, int64_t day)
{
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":1000}", linked(site, count, day));
	while (number(site, "SELECT stage FROM {batch_jobs} WHERE id = %lld", (long long)job) < 1)
		advance_once(&site->one, job);
	struct worker worker = { .ctx = &site->one };
	struct chunk chunk;
	bool found = false;
	assert_done(&site->one, job_get(&site->one, job, &worker.job));
	assert_done(&site->one, grants_load(&site->one, worker.job.created_by, NULL, &worker.actor));
	assert_true(options_load(&site->config, site->one.arena, worker.job.type, worker.job.options, &worker.options));
	worker.operation = operation_of(worker.job.type);
	int64_t before = db_statements(site->one.db);
	assert_done(&site->one, work_claim(&worker, &chunk, &found));
	assert_true(found);
	assert_int_equal(work_chunk(&worker, &chunk), CHUNK_DONE);
	int64_t cost = db_statements(site->one.db) - before;
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items} WHERE job_id = %lld AND outcome = 1", (long long)job), count + 1);
	return cost;
}

static void a_chunk_of_items_that_depend_on_others(void **state)
{
	struct site *site = *state;
	(void)linked_cost(site, 900, 900);
	int64_t few = linked_cost(site, 10, 10), many = linked_cost(site, 900, 100);
	assert_constant(few, many);
}

static void a_chunk_of_a_dry_run(void **state)
{
	struct site *site = *state;
	(void)create_cost(site, "{\"dry_run\":true}", 10, 900);
	int64_t few = create_cost(site, "{\"dry_run\":true}", 10, 10), many = create_cost(site, "{\"dry_run\":true}", 1000, 100);
	assert_constant(few, many);
}

static int64_t evaluate_cost(struct site *site, int64_t count, int64_t day)
{
	int64_t job = batch_new(site, JOB_EVALUATE, NULL, mixed(site, count, day));
	return chunk_cost(site, job, count);
}

/* The first evaluation makes the notes of its calendars, which is what counts here. */
static int64_t create_from_cost(struct site *site, int64_t count, int64_t day)
{
	struct job job;
	struct batch_options options = options_of(site, JOB_CREATE, "{}");
	int64_t evaluation = new_run(site, JOB_EVALUATE, NULL, mixed(site, count, day));
	assert_done(&site->one, batch_create_from_evaluation(&site->one, evaluation, &options, NULL, &job));
	return chunk_cost(site, job.id, job.total);
}

static void a_chunk_of_what_an_evaluation_found_ready(void **state)
{
	struct site *site = *state;
	(void)create_cost(site, NULL, 1000, 900); /* makes the calendars */
	int64_t few = create_from_cost(site, 10, 10), many = create_from_cost(site, 1000, 100);
	assert_constant(few, many);
	assert_int_equal(number(site, "SELECT COUNT(*) > 100 FROM {scheduled_events} WHERE origin_job_id = (SELECT MAX(id) FROM {batch_jobs})"), 1);
}

static void a_chunk_of_an_evaluation(void **state)
{
	struct site *site = *state;
	(void)create_cost(site, NULL, 1000, 100);
	(void)evaluate_cost(site, 10, 900);
	int64_t few = evaluate_cost(site, 10, 100), many = evaluate_cost(site, 1000, 100);
	assert_constant(few, many);
	assert_true(number(site, "SELECT COUNT(DISTINCT verdict) FROM {batch_job_items}") >= 3);
}

/* By id, by client_id, with a stale version and with one that is nobody's. */
static int64_t update_cost(struct site *site, int64_t count, int64_t day)
{
	struct str out = STR_INIT;
	int64_t source = new_run(site, JOB_CREATE, "{\"conflict_window_s\":0}", mixed(site, count, day));
	for (int64_t i = 0; i < count; i++) {
		const char *selector = i % 2 ? text_of(site, "{\"event_id\":%lld}", (long long)(event_of(site, source, i) + (i % 10 == 3)))
					     : text_of(site, "{\"client_id\":\"m%lld-%lld\"}", (long long)day, (long long)i);
		str_addf(&out, "%s{\"selector\":%s,%s\"values\":{\"title\":\"New %lld\",\"shift_s\":3600,\"resources\":[%lld]}}", i ? "," : "[",
			 selector, i % 10 == 9 ? "\"expected_version\":7," : "", (long long)i, (long long)(1 + i % VENUES));
	}
	str_addc(&out, ']');
	int64_t job = batch_new(site, JOB_UPDATE, NULL, str_text(&out));
	str_free(&out);
	return chunk_cost(site, job, count);
}

/* Four weeks each, in a venue and at an hour of its own. */
static char *series(struct site *site, int64_t count, int64_t first_day)
{
	struct str out = STR_INIT;
	for (int64_t i = 0; i < count; i++)
		str_addf(&out, "%s%s", i ? "," : "[",
			 event_json(site, 1 + i % CONTENTS, first_day * 1440 + i / VENUES * 60, 60,
				    text_of(site, ",\"recurrence\":\"FREQ=WEEKLY;COUNT=4\",\"resources\":[%lld]", (long long)(1 + i % VENUES))));
	str_addc(&out, ']');
	return kept_text(site, &out);
}

static void chunks_of_series(void **state)
{
	struct site *site = *state;
	int64_t cost[2][2], counts[] = { 10, 300 };
	(void)new_run(site, JOB_CREATE, NULL, series(site, 400, 900)); /* makes the calendars */
	for (int i = 0; i < 2; i++) {
		int64_t count = counts[i];
		struct str out = STR_INIT;
		int64_t job = batch_new(site, JOB_CREATE, NULL, series(site, count, 100 + 100 * i));
		cost[0][i] = chunk_cost(site, job, count);
		for (int64_t k = 0; k < count; k++)
			str_addf(&out, "%s{\"selector\":{\"event_id\":%lld},\"values\":{\"shift_s\":86400,\"duration_s\":1800}}", k ? "," : "[",
				 (long long)event_of(site, job, k));
		str_addc(&out, ']');
		cost[1][i] = chunk_cost(site, batch_new(site, JOB_UPDATE, NULL, str_text(&out)), count);
		str_free(&out);
	}
	assert_constant(cost[0][0], cost[0][1]);
	print_message("%lld statements to change 10 series, %lld for 300\n", (long long)cost[1][0], (long long)cost[1][1]);
	assert_int_equal(cost[1][0], cost[1][1]);
	assert_domain_whole(site);
}

/* Half of them on, with other values, where a restriction and a taken place are in the way of some. */
static int64_t divide_cost(struct site *site, int64_t count, int64_t day, int64_t *undo_cost_out)
{
	struct str out = STR_INIT;
	int64_t source = new_run(site, JOB_CREATE, NULL, series(site, count, day));
	for (int64_t i = 0; i < count; i++) {
		char *at = at_minute(site, (day + 14) * 1440 + i / VENUES * 60);
		at[19] = '\0';
		str_addf(&out, "%s{\"selector\":{\"event_id\":%lld},\"scope\":\"following\",\"occurrence\":\"%s\",\"values\":{\"title\":\"x\",\"shift_s\":%d}}",
			 i ? "," : "[", (long long)event_of(site, source, i), at, i % 10 == 3 ? 0 : 1800);
	}
	str_addc(&out, ']');
	int64_t job = batch_new(site, JOB_UPDATE, "{\"on_conflict\":\"skip\"}", str_text(&out));
	int64_t cost = chunk_cost(site, job, count);
	assert_true(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE origin_job_id = %lld", (long long)job) >= count / 10);
	(void)status_line(site, job);
	assert_done(&site->one, batch_undo(&site->one, job));
	*undo_cost_out = chunk_cost(site, job, count);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE origin_job_id = %lld", (long long)job), 0);
	str_free(&out);
	return cost;
}

/* Of each series a date, and an hour later another for every second. */
static int64_t dates_cost(struct site *site, int64_t count, int64_t day, int64_t *undo_cost_out)
{
	struct str out = STR_INIT;
	(void)new_run(site, JOB_CREATE, NULL, series(site, count, day));
	for (int64_t i = 0; i < count; i++)
		str_addf(&out, "%s%s", i ? "," : "[",
			 event_json(site, 1 + (i + 7) % CONTENTS, (day + 7 * (1 + i % 3)) * 1440 + i / VENUES * 60, 60,
				    text_of(site, ",\"resources\":[%lld]", (long long)(1 + i % VENUES))));
	str_addc(&out, ']');
	int64_t job = batch_new(site, JOB_CREATE, "{\"on_conflict\":\"replace\",\"conflict_scope\":\"occurrence\",\"ordered\":false}", str_text(&out));
	int64_t cost = chunk_cost(site, job, count);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {undo_rows} WHERE job_id = %lld", (long long)job), count);
	(void)status_line(site, job);
	assert_done(&site->one, batch_undo(&site->one, job));
	*undo_cost_out = chunk_cost(site, job, count);
	str_free(&out);
	return cost;
}

static void a_chunk_that_takes_dates(void **state)
{
	struct site *site = *state;
	int64_t undo_few, undo_many;
	(void)new_run(site, JOB_CREATE, NULL, series(site, 400, 900)); /* makes the calendars */
	int64_t few = dates_cost(site, 10, 100, &undo_few), many = dates_cost(site, 300, 200, &undo_many);
	print_message("%lld statements to take a date of 10 series, %lld of 300; undone %lld, %lld\n", (long long)few, (long long)many,
		      (long long)undo_few, (long long)undo_many);
	assert_int_equal(few, many);
	assert_int_equal(undo_few, undo_many);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE exdates IS NOT NULL"), 0);
	assert_domain_whole(site);
}

static void a_chunk_of_series_divided(void **state)
{
	struct site *site = *state;
	int64_t undo_few, undo_many;
	(void)new_run(site, JOB_CREATE, NULL, series(site, 400, 900)); /* makes the calendars */
	int64_t few = divide_cost(site, 10, 100, &undo_few), many = divide_cost(site, 300, 200, &undo_many);
	print_message("%lld statements to divide 10 series, %lld for 300; undone %lld, %lld\n", (long long)few, (long long)many,
		      (long long)undo_few, (long long)undo_many);
	assert_int_equal(few, many);
	assert_int_equal(undo_few, undo_many);
	assert_domain_whole(site);
}

static void a_chunk_of_updates(void **state)
{
	struct site *site = *state;
	(void)update_cost(site, 10, 900);
	int64_t few = update_cost(site, 10, 10), many = update_cost(site, 1000, 100);
	assert_constant(few, many);
	assert_true(number(site, "SELECT COUNT(*) FROM {undo_rows}") > 500);
	assert_true(number(site, "SELECT COUNT(*) FROM {batch_item_errors} WHERE code = 'stale_version'") >= 100);
	assert_domain_whole(site);
}

/* What undoing one chunk costs; the job has been worked, but not looked at yet. */
static int64_t undo_cost(struct site *site, int64_t count)
{
	int64_t job = number(site, "SELECT MAX(id) FROM {batch_jobs} WHERE total = %lld", (long long)count);
	(void)status_line(site, job);
	assert_done(&site->one, batch_undo(&site->one, job));
	return chunk_cost(site, job, count);
}

/* Of each ten one has been changed since. */
static void change_some(struct site *site)
{
	sql(site, "UPDATE {scheduled_events} SET row_version = row_version + 1, updated_by = 2 WHERE origin_ordinal %% 10 = 1");
}

static void a_chunk_of_undone_creates(void **state)
{
	struct site *site = *state;
	(void)create_cost(site, NULL, 1000, 900); /* makes the calendars */
	(void)undo_cost(site, 1000);
	(void)create_cost(site, NULL, 10, 10);
	(void)create_cost(site, NULL, 1000, 100);
	change_some(site);
	int64_t few = undo_cost(site, 10), many = undo_cost(site, 1000);
	assert_constant(few, many);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items} WHERE outcome = 8"), 101);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 101);
	assert_domain_whole(site);
}

/* A taken place keeps one in ten, of which each has the place of the next. */
static void a_chunk_of_undone_updates(void **state)
{
	struct site *site = *state;
	(void)update_cost(site, 10, 10);
	(void)update_cost(site, 1000, 100);
	sql(site, "UPDATE {scheduled_events} SET row_version = row_version + 1, updated_by = 2 WHERE origin_ordinal %% 10 = 1"
		  " AND row_version > 1");
	for (int64_t day = 10; day <= 100; day += 90)
		(void)new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 40, day * 1440, 30, ",\"resources\":[3]"), NULL));
	int64_t few = undo_cost(site, 10), many = undo_cost(site, 1000);
	assert_constant(few, many);
	assert_string_equal(lines(site, "s", "SELECT DISTINCT code FROM {batch_item_errors} WHERE outcome = 8 ORDER BY 1"),
			    "changed_since\nplace_taken\n");
	assert_int_equal(number(site, "SELECT COUNT(*) > 400 FROM {batch_job_items} WHERE outcome = 7"), 1);
	assert_domain_whole(site);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_chunk_of_creates_that_makes_its_calendars),
		CASE(a_chunk_of_creates_with_restrictions), CASE(a_chunk_of_what_an_evaluation_found_ready),
		CASE(a_chunk_of_creates),	 CASE(a_chunk_of_a_retry),	 CASE(a_chunk_of_a_dry_run),	       CASE(a_chunk_of_an_evaluation),
		CASE(a_chunk_of_undone_creates), CASE(a_chunk_of_undone_updates),
		CASE(a_chunk_of_items_that_depend_on_others),
		CASE(chunks_of_series),
		CASE(a_chunk_of_series_divided), CASE(a_chunk_that_takes_dates),
		CASE(a_chunk_of_updates),
	};
	return cmocka_run_group_tests_name("statements", cases, site_open, site_close);
}
