/* By which keys the database finds what it is asked for. */
#include "jobs.h"
#include "plan.h"

#include "store/events.h"

/* A hundred batches of a thousand items, a hundred chunks each, most of them done. */
static void fill_batches(struct site *site)
{
	sql(site, "INSERT INTO {batch_jobs} (id, type, status, phase, created_by, total, received, planned, created_at)"
		  " SELECT 1000 + seq, 'create', 'running', 'processing', 1, 1000, 1000, 1000, NOW() FROM seq_1_to_100");
	sql(site, "INSERT INTO {batch_job_items} (job_id, ordinal, input) SELECT 1000 + j.seq, i.seq, '' FROM seq_1_to_100 j"
		  " JOIN seq_0_to_999 i");
	sql(site, "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, last_ordinal, state, available_at) SELECT 1000 + j.seq, 1,"
		  " i.seq * 10, i.seq * 10 + 9, IF(i.seq < 95, 'done', 'ready'), '2020-01-01' FROM seq_1_to_100 j JOIN seq_0_to_99 i");
	sql(site, "UPDATE {batch_chunks} SET state = 'leased', token = 1, attempt = 1, lease_until = '2099-01-01'"
		  " WHERE first_ordinal IN (500, 600, 700)");
	sql(site, "INSERT INTO {batch_lanes} (job_id, lane) SELECT 1000 + j.seq, l.seq FROM seq_1_to_100 j JOIN seq_0_to_2 l");
	sql(site, "INSERT INTO {scheduled_events} (content_id, schedule_type, starts_at, ends_at, created_by, client_id)"
		  " SELECT 1, 'publish', '2030-01-01', '2030-01-01', 1, CONCAT('x', seq) FROM seq_1_to_20000");
	sql(site, "INSERT INTO {event_resources} (event_id, resource_id, role) SELECT id, 1, 'resource' FROM {scheduled_events}");
	(void)lines(site, "ssss",
		    "ANALYZE TABLE {batch_jobs}, {batch_job_items}, {batch_chunks}, {scheduled_events}, {event_resources}");
}

/* Keys, and no more rows than that: exact numbers are the statistics' choice. */
static void assert_plan(struct site *site, const char *wanted, int64_t rows_max, const char *statement)
{
	struct plan plan = plan_of_text(site, statement);
	if (strcmp(plan.keys, wanted) != 0 || plan.rows_max > rows_max)
		fail_msg("uses %s (%lld rows), not %s (%lld)\n%s", plan.keys, (long long)plan.rows_max, wanted, (long long)rows_max, statement);
}

#define OWN(name, ...) statement_text(site, name, (const char *const[]){ __VA_ARGS__ })

static void the_poll_reads_only_candidates(void **state)
{
	struct site *site = *state;
	fill_batches(site);
	assert_plan(site, "tr_batch_chunks candidates, tr_batch_chunks candidates", 10, OWN("chunks.poll", "1050", "1", "1050", "1"));
	assert_plan(site, "c PRIMARY, l PRIMARY", 1,
		    OWN("chunks.claim", "0", "1", "15", "'w'", "1", "15", "1050", "1", "990", "0", "0", "0", "0", "0", "0"));
	assert_plan(site, "tr_batch_lanes PRIMARY", 3, OWN("lanes.read", "1050", "3"));
	assert_plan(site, "tr_batch_chunks PRIMARY", 1, OWN("chunks.finish", "1050", "1", "500", "0", "1", "1"));
	assert_plan(site, "i PRIMARY", 100, OWN("items.load", "1050", "500", "599"));
}

static void a_chunk_finds_its_targets_by_key(void **state)
{
	struct site *site = *state;
	fill_batches(site);
	assert_plan(site, "i PRIMARY, e PRIMARY, pj PRIMARY, x client, pj PRIMARY, r PRIMARY", 100, OWN("items.load_with_target", "1", "1050", "500", "599"));
}

static void pages_of_results_are_read_by_key(void **state)
{
	struct site *site = *state;
	struct job job;
	struct item_result *items;
	size_t count;
	fill_batches(site);
	int64_t before = rows_touched(&site->one);
	assert_done(&site->one, batch_results(&site->one, 1050, -1, 900, 50, &job, &items, &count));
	assert_int_equal(count, 50);
	assert_in_range(rows_touched(&site->one) - before, 50, 250);
	before = rows_touched(&site->one);
	assert_done(&site->one, batch_results(&site->one, 1050, OUTCOME_FAILED, -1, 50, &job, &items, &count));
	assert_in_range(rows_touched(&site->one) - before, 0, 50);
}

/* What is seen of events depends on batches now: that must not cost a look at more of them. */
static void lists_of_events_are_read_by_key(void **state)
{
	struct site *site = *state;
	struct event_filter all = { 0 }, later = { .starts_after = DAY_ONE + 86400 * 300 };
	struct event_order by_start = { .direction = 1 };
	struct event *events, event;
	int64_t *ids, counted;
	size_t count;
	fill_batches(site);
	sql(site, "UPDATE {scheduled_events} SET starts_at = '2030-01-01' + INTERVAL id HOUR");
	sql(site, "UPDATE {scheduled_events} SET job_unpublished = -1050 WHERE id %% 1000 = 0");
	(void)lines(site, "ssss", "ANALYZE TABLE {scheduled_events}");
	int64_t first = number(site, "SELECT MIN(id) FROM {scheduled_events}"), before = rows_touched(&site->one);
	assert_done(&site->one, events_page(&site->one, &all, first + 10000, 50, &events, &count));
	assert_int_equal(count, 50);
	assert_in_range(rows_touched(&site->one) - before, 50, 250);
	before = rows_touched(&site->one);
	assert_done(&site->one, events_ids(&site->one, &later, &by_start, 50, &ids, &count));
	assert_int_equal(count, 50);
	assert_in_range(rows_touched(&site->one) - before, 50, 150);
	before = rows_touched(&site->one);
	assert_done(&site->one, events_count(&site->one, &later, 100, &counted));
	assert_int_equal(counted, 100);
	assert_in_range(rows_touched(&site->one) - before, 100, 400);
	before = rows_touched(&site->one);
	assert_done(&site->one, event_get(&site->one, first + 1, &event));
	assert_in_range(rows_touched(&site->one) - before, 1, 20);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(the_poll_reads_only_candidates),
		CASE(a_chunk_finds_its_targets_by_key),
		CASE(pages_of_results_are_read_by_key),
		CASE(lists_of_events_are_read_by_key),
	};
	return cmocka_run_group_tests_name("keys", cases, site_open, site_close);
}
