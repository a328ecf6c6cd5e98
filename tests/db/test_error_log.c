/* Errors by kind: each counted once, whoever dies; resolved, and reopened when they come back. */
#include "jobs.h"

#include "batch/work.h"
#include "db/text.h"
#include "store/error_log.h"
#include "store/grants.h"

#define GROUPS "SELECT code, context, occurrences, IF(resolved_at IS NULL, IF(reopened_at IS NULL, 'open', 'reopened'), 'resolved')" \
	       " FROM {error_logs} ORDER BY code, context"

static const char *groups_told(struct site *site)
{
	return lines(site, "ssis", GROUPS);
}

/* So many events, of which every fourth names a version and every tenth a content that is not there. */
static char *spoilt(struct site *site, int64_t count, int64_t first_minute)
{
	struct str out = STR_INIT;
	for (int64_t i = 0; i < count; i++)
		str_addf(&out, "%s{\"content_id\":%lld,\"version_no\":%d,\"starts_at\":\"%s\"}", i ? "," : "[",
			 (long long)(i % 10 == 9 ? 99 : 1 + i % CONTENTS), i % 10 != 9 && i % 4 == 3 ? 9 : 1,
			 at_minute(site, first_minute + i));
	str_addc(&out, ']');
	return kept_text(site, &out);
}

static void collect_all(struct ctx *ctx)
{
	bool more = true;
	while (more)
		assert_done(ctx, error_log_collect(ctx, 0, &more));
}

static void errors_of_batches_are_counted_by_code_and_type(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, "{\"chunk_size\":7}", spoilt(site, 60, 0));
	assert_string_equal(status_line(site, job), "partial: 42 succeeded 18 failed");
	assert_string_equal(groups_told(site), "content_not_found create 6 open\nversion_not_found create 12 open\n");
	assert_string_equal(lines(site, "iis", "SELECT job_id = %lld, ordinal, detail FROM {error_logs} WHERE code = 'content_not_found'",
				  (long long)job), "1 9 There is no content 99\n");
	new_run(site, JOB_CREATE, NULL, spoilt(site, 20, 5000));
	/* What an evaluation finds is its result. */
	new_run(site, JOB_EVALUATE, NULL, spoilt(site, 20, 9000));
	assert_string_equal(groups_told(site), "content_not_found create 8 open\nversion_not_found create 16 open\n");
	new_run(site, JOB_UPDATE, NULL, "[{\"selector\":{\"event_id\":999},\"values\":{\"title\":\"x\"}}]");
	assert_string_equal(groups_told(site), "content_not_found create 8 open\nevent_not_found update 1 open\n"
					       "version_not_found create 16 open\n");
}

static void a_batch_that_goes_well_costs_the_log_nothing(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":10}", many_events(site, 40));
	run_batch(site, job);
	assert_string_equal(groups_told(site), "");
	assert_int_equal(number(site, "SELECT SUM(unlogged) FROM {batch_chunks}"), 0);
}

/* Items that could not even be read have their errors from the ingest. */
static void unreadable_items_are_counted_with_their_chunk(void **state)
{
	struct site *site = *state;
	new_run(site, JOB_CREATE, NULL, "[{\"content_id\":1,\"version_no\":1,\"starts_at\":\"2030-01-01T00:00:00Z\"},7,\"x\"]");
	assert_string_equal(groups_told(site), "invalid_type create 2 open\n");
}

/* Works every chunk of a batch to its commit, as a process would that is killed right after it. */
static void work_and_die(struct site *site, int64_t job_id)
{
	struct ctx *ctx = &site->two;
	struct worker worker = { .ctx = ctx };
	struct chunk chunk;
	bool found = true;
	assert_done(ctx, job_get(ctx, job_id, &worker.job));
	assert_done(ctx, grants_load(ctx, worker.job.created_by, NULL, &worker.actor));
	assert_true(options_load(&site->config, ctx->arena, worker.job.type, worker.job.options, &worker.options));
	worker.operation = operation_of(worker.job.type);
	worker.chunk_size = 10;
	while (found) {
		assert_done(ctx, work_claim(&worker, &chunk, &found));
		if (found)
			assert_int_equal(work_chunk(&worker, &chunk), CHUNK_DONE);
	}
}

static void what_a_killed_process_left_is_counted_once(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":10}", spoilt(site, 60, 0));
	work_and_die(site, job);
	assert_string_equal(groups_told(site), "");
	assert_int_equal(number(site, "SELECT SUM(unlogged) FROM {batch_chunks}"), 6);
	/* Somebody counts, and dies before the commit. */
	bool more;
	assert_done(&site->two, db_begin(site->two.db, &site->two.fail));
	struct db_text *text = db_text_begin(site->two.db, "UPDATE {batch_chunks} SET unlogged = 0");
	assert_done(&site->two, db_text_exec(text, NULL, &site->two.fail));
	db_drop(site->two.db);
	int64_t before = db_statements(site->one.db);
	assert_done(&site->one, error_log_collect(&site->one, 0, &more));
	assert_false(more);
	assert_in_range(db_statements(site->one.db) - before, 4, 5);
	assert_string_equal(groups_told(site), "content_not_found create 6 open\nversion_not_found create 12 open\n");
	collect_all(&site->one);
	run_batch(site, job);
	assert_string_equal(groups_told(site), "content_not_found create 6 open\nversion_not_found create 12 open\n");
}

/* Two who count at once: the marks are taken by one of them. */
static void two_who_count_at_once_count_once(void **state)
{
	struct site *site = *state;
	int64_t job = batch_new(site, JOB_CREATE, "{\"chunk_size\":1}", spoilt(site, 400, 0));
	work_and_die(site, job);
	bool more_one = true, more_two = true;
	assert_done(&site->two, db_ensure(site->two.db, &site->two.fail));
	for (int turn = 0; more_one || more_two; turn++) {
		assert_true(turn < 20);
		assert_done(&site->one, error_log_collect(&site->one, job, &more_one));
		assert_done(&site->two, error_log_collect(&site->two, 0, &more_two));
	}
	assert_string_equal(groups_told(site), "content_not_found create 40 open\nversion_not_found create 80 open\n");
}

static void a_later_epoch_counts_only_what_it_found(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL, spoilt(site, 40, 0));
	assert_string_equal(groups_told(site), "content_not_found create 4 open\nversion_not_found create 8 open\n");
	/* What a retry of two items leaves when one of them fails again. */
	sql(site, "UPDATE {batch_jobs} SET epoch = 2 WHERE id = %lld", (long long)job);
	sql(site, "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, last_ordinal, state, available_at, finished_at, failed, unlogged)"
		  " SELECT job_id, 2, 0, 39, 'done', NOW(), UTC_TIMESTAMP(3), 11, 1 FROM {batch_chunks} LIMIT 1");
	sql(site, "DELETE FROM {batch_item_errors} WHERE ordinal = 3");
	sql(site, "UPDATE {batch_item_errors} SET epoch = 2 WHERE ordinal = 7");
	collect_all(&site->one);
	assert_string_equal(groups_told(site), "content_not_found create 4 open\nversion_not_found create 9 open\n");
}

static void a_resolved_error_is_reopened_when_it_comes_back(void **state)
{
	struct site *site = *state;
	struct ctx *ctx = &site->one;
	struct error_entry *list;
	struct error_resolution *notes;
	size_t count;
	new_run(site, JOB_CREATE, NULL, spoilt(site, 20, 0));
	assert_done(ctx, error_log_list(ctx, ERRORS_OPEN, 0, 10, &list, &count));
	assert_int_equal(count, 2);
	int64_t id = number(site, "SELECT id FROM {error_logs} WHERE code = 'version_not_found'");
	assert_done(ctx, error_log_resolve(ctx, id, "Version 9 was published"));
	assert_done(ctx, error_log_resolve(ctx, id, "Version 9 was published")); /* a double click */
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {error_resolutions}"), 1);
	assert_string_equal(groups_told(site), "content_not_found create 2 open\nversion_not_found create 4 resolved\n");
	assert_done(ctx, error_log_list(ctx, ERRORS_RESOLVED, 0, 10, &list, &count));
	assert_int_equal(count, 1);
	assert_string_equal(list[0].code, "version_not_found");
	/* What was found before is counted, and no reason to reopen it. */
	sql(site, "UPDATE {batch_chunks} SET unlogged = 1, finished_at = finished_at - INTERVAL 1 HOUR");
	collect_all(ctx);
	assert_string_equal(groups_told(site), "content_not_found create 4 open\nversion_not_found create 8 resolved\n");
	sql(site, "UPDATE {error_logs} SET resolved_at = resolved_at - INTERVAL 1 SECOND WHERE resolved_at IS NOT NULL");
	new_run(site, JOB_CREATE, NULL, spoilt(site, 20, 5000));
	assert_string_equal(groups_told(site), "content_not_found create 6 open\nversion_not_found create 12 reopened\n");
	assert_done(ctx, error_log_resolve(ctx, id, "Again"));
	assert_done(ctx, error_resolutions(ctx, id, &notes, &count));
	assert_int_equal(count, 2);
	assert_string_equal(notes[0].resolution, "Again");
	assert_int_equal(notes[0].occurrences, 12);
	assert_string_equal(notes[1].resolution, "Version 9 was published");
	assert_int_equal(notes[1].occurrences, 4);
	assert_string_equal(notes[1].user_name, "Ada Admin");
	assert_refused(ctx, error_log_resolve(ctx, 999999, "x"), "NOT_FOUND not_found: There is no error 999999");
}

static void what_concerns_no_batch_is_the_programs(void **state)
{
	struct site *site = *state;
	struct ctx *ctx = &site->one;
	struct error_entry entry;
	assert_done(ctx, error_log_add(ctx, CODE_DATABASE_AWAY, 0, -1, "The database could not be reached 3 times"));
	assert_done(ctx, error_log_add(ctx, CODE_DATABASE_AWAY, 0, -1, "The database could not be reached 1 time"));
	assert_string_equal(groups_told(site), "database_away program 2 open\n");
	assert_done(ctx, error_log_get(ctx, number(site, "SELECT id FROM {error_logs}"), &entry));
	assert_string_equal(entry.reference, "0000000000000000");
	assert_string_equal(entry.detail, "The database could not be reached 1 time");
	assert_int_equal(entry.job_id, 0);
	assert_int_equal(entry.ordinal, -1);
}

static void the_list_is_paged_by_last_seen(void **state)
{
	struct site *site = *state;
	struct ctx *ctx = &site->one;
	struct error_entry *list;
	size_t count;
	sql(site, "INSERT INTO {error_logs} (code, context, occurrences, first_seen, last_seen) SELECT CONCAT('c', seq), 'create', 1,"
		  " '2030-01-01', '2030-01-01' + INTERVAL seq DIV 2 SECOND FROM seq_1_to_9");
	struct str seen = STR_INIT;
	for (int64_t after = 0, pages = 0; pages < 5; pages++) {
		assert_done(ctx, error_log_list(ctx, ERRORS_ALL, after, 4, &list, &count));
		for (size_t i = 0; i < count; i++)
			str_addf(&seen, "%s ", list[i].code);
		after = count ? list[count - 1].id : after;
	}
	assert_string_equal(str_text(&seen), "c9 c8 c7 c6 c5 c4 c3 c2 c1 ");
	str_free(&seen);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(errors_of_batches_are_counted_by_code_and_type),
		CASE(a_batch_that_goes_well_costs_the_log_nothing),
		CASE(unreadable_items_are_counted_with_their_chunk),
		CASE(what_a_killed_process_left_is_counted_once),
		CASE(two_who_count_at_once_count_once),
		CASE(a_later_epoch_counts_only_what_it_found),
		CASE(a_resolved_error_is_reopened_when_it_comes_back),
		CASE(what_concerns_no_batch_is_the_programs),
		CASE(the_list_is_paged_by_last_seen),
	};
	return cmocka_run_group_tests_name("error log", cases, site_open, site_close);
}
