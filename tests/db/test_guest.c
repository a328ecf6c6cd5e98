/* Chunks in a visitor's spare time: he must not be held up, and nothing may wait for ever because of that. */
#include "jobs.h"

/* One chunk in the spare time of a visitor who may be held up for 100 ms; the items of it. */
static int looks;
static bool is_enough(void *user)
{
	(void)user;
	return ++looks > 1;
}

static int64_t guest_works(struct site *site)
{
	struct drive_report report;
	/* Whoever drove it has gone. */
	sql(site, "UPDATE {batch_lanes} SET held_until = UTC_TIMESTAMP(3) - INTERVAL 3 SECOND");
	sql(site, "UPDATE {batch_jobs} SET due_at = '2001-01-01'");
	sql(site, "UPDATE {batch_turns} SET turn_at = '2001-01-01'");
	looks = 0;
	assert_done(&site->two, batch_drive(&site->two, &(struct drive){ .budget_ms = 20000, .chunk_max_ms = 100, .is_over = is_enough }, &report));
	return report.items;
}

/* What is planned of the batch becomes one chunk, from an item on. */
static void one_chunk_from(struct site *site, int64_t id, int64_t first, int64_t last)
{
	sql(site, "DELETE FROM {batch_chunks} WHERE job_id = %lld AND first_ordinal >= %lld", (long long)id, (long long)first);
	sql(site, "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, last_ordinal, available_at) SELECT id, epoch, %lld, %lld, '2020-01-01'"
		  " FROM {batch_jobs} WHERE id = %lld", (long long)first, (long long)last, (long long)id);
	sql(site, "UPDATE {batch_jobs} SET planned = %lld WHERE id = %lld", (long long)last + 1, (long long)id);
}

static const char *open_chunks(struct site *site)
{
	return lines(site, "ii", "SELECT first_ordinal, last_ordinal FROM {batch_chunks} WHERE state = 'ready' ORDER BY first_ordinal");
}

static void a_guest_takes_no_more_than_he_has_time_for(void **state)
{
	struct site *site = *state;
	int64_t id = batch_new(site, JOB_CREATE, "{\"ordered\":true}", many_events(site, 600));
	/* How long an item takes is not known yet: it begins with 200. */
	assert_int_equal(guest_works(site), 200);
	/* An item takes a millisecond: a hundred of them are as much as he takes. */
	sql(site, "UPDATE {batch_chunks} SET work_ms = 200 WHERE state = 'done'");
	one_chunk_from(site, id, 200, 299);
	assert_int_equal(guest_works(site), 100);
	/* The database got slower, or who began the batch has gone: what was planned is cut. */
	sql(site, "UPDATE {batch_chunks} SET work_ms = last_ordinal - first_ordinal + 1 WHERE state = 'done'");
	one_chunk_from(site, id, 300, 549);
	assert_int_equal(guest_works(site), 100);
	assert_string_equal(open_chunks(site), "400 499\n500 549\n");
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 600 succeeded");
}

static void chunks_as_their_owner_wants_them_are_left_to_him(void **state)
{
	struct site *site = *state;
	int64_t id = batch_new(site, JOB_CREATE, "{\"ordered\":true,\"chunk_size\":150}", many_events(site, 300));
	advance_once(&site->one, id);
	sql(site, "UPDATE {batch_chunks} SET work_ms = 150 WHERE state = 'done'");
	assert_int_equal(guest_works(site), 0);
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 300 succeeded");
}

static void an_undo_begins_with_the_newest_in_a_guests_time_too(void **state)
{
	struct site *site = *state;
	struct str changes = STR_INIT;
	int64_t made = new_run(site, JOB_CREATE, NULL, many_events(site, 300));
	for (int64_t i = 0; i < 300; i++)
		str_addf(&changes, "%s%s", i ? "," : "[", BY_ID(event_of(site, made, i), "{\"title\":\"changed\"}"));
	str_addc(&changes, ']');
	int64_t id = new_run(site, JOB_UPDATE, NULL, str_text(&changes));
	str_free(&changes);
	assert_done(&site->one, batch_undo(&site->one, id));
	one_chunk_from(site, id, 0, 299);
	assert_int_equal(guest_works(site), 100);
	assert_string_equal(lines(site, "iii", "SELECT MIN(ordinal), MAX(ordinal), COUNT(*) FROM {batch_job_items} WHERE outcome = 7"), "200 299 100\n");
	assert_string_equal(open_chunks(site), "0 199\n");
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "undone: 300 undone");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_guest_takes_no_more_than_he_has_time_for),
		CASE(chunks_as_their_owner_wants_them_are_left_to_him),
		CASE(an_undo_begins_with_the_newest_in_a_guests_time_too),
	};
	return cmocka_run_group_tests_name("guest", cases, site_open, site_close);
}
