/* The end of a batch is noted for webhooks once, however it comes about and whoever dies; a delivery has one sender. */
#include "jobs.h"

#include "base/clock.h"
#include "base/ids.h"
#include "batch/maintenance.h"
#include "batch/tell.h"
#include "store/deliveries.h"

#define A_WHILE_MS 60000

static int begin_hooks(void **state)
{
	if (site_begin(state))
		return -1;
	struct site *site = *state;
	sql(site, "DELETE FROM {webhooks}");
	sql(site, "DELETE FROM {webhook_deliveries}");
	return 0;
}
#define HOOK_CASE(fn) cmocka_unit_test_setup(fn, begin_hooks)

static int64_t new_hook(struct site *site, enum webhook_takes takes, uint32_t events)
{
	char secret[WEBHOOK_SECRET_SIZE];
	struct webhook webhook = { .label = "x", .url = "https://example.com/", .takes = takes, .events = events, .is_active = true, .created_by = ADMIN };
	assert_done(&site->one, db_begin(site->one.db, &site->one.fail));
	assert_done(&site->one, webhook_insert(&site->one, &webhook, secret));
	assert_done(&site->one, db_commit(site->one.db, &site->one.fail));
	assert_int_equal(strlen(secret), 50);
	/* What ends in the same moment counts. */
	sql(site, "UPDATE {webhooks} SET since = since - INTERVAL 1 SECOND");
	return webhook.id;
}

static void tell(struct ctx *ctx)
{
	assert_done(ctx, tell_all(ctx, monotonic_ms() + A_WHILE_MS));
}

/* "EVENT EPOCH STATE" of each, by job and epoch. */
static const char *deliveries(struct site *site)
{
	return lines(site, "sis", "SELECT event, epoch, state FROM {webhook_deliveries} ORDER BY job_id, epoch, webhook_id");
}

static int64_t good(struct site *site, int64_t minute, const char *options)
{
	return new_run(site, JOB_CREATE, options, list_of(site, event_json(site, 1, minute, 30, ""), NULL));
}

static void each_way_to_end_is_told_once(void **state)
{
	struct site *site = *state;
	struct job job;
	(void)new_hook(site, WEBHOOK_ALL, WEBHOOK_ALL_EVENTS);
	int64_t undone = good(site, 100, NULL);
	run_undo(site, undone); /* nobody looked in between */
	(void)new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 2, 200, 30, ""), event_json(site, 99, 0, 30, ""), NULL));
	(void)new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 99, 0, 30, ""), NULL));
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job));
	assert_done(&site->one, batch_cancel(&site->one, job.id, true));
	(void)new_run(site, JOB_CREATE, "{\"atomic\":true}", list_of(site, event_json(site, 3, 300, 30, ""), event_json(site, 99, 0, 30, ""), NULL));
	tell(&site->one);
	tell(&site->two);
	assert_string_equal(deliveries(site), "batch.completed 1 waiting\nbatch.undone 2 waiting\nbatch.completed_with_problems 1 waiting\n"
					      "batch.failed 1 waiting\nbatch.cancelled 1 waiting\nbatch.failed 1 waiting\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_jobs} WHERE untold = 1"), 0);
	assert_int_equal(number(site, "SELECT COUNT(DISTINCT message_id) FROM {webhook_deliveries}"), 6);
}

/* Who dies before the commit has told nothing: the next one does. */
static void a_death_on_the_way_loses_and_doubles_nothing(void **state)
{
	struct site *site = *state;
	(void)new_hook(site, WEBHOOK_ALL, WEBHOOK_ALL_EVENTS);
	int64_t id = good(site, 100, NULL);
	assert_done(&site->two, db_begin(site->two.db, &site->two.fail));
	assert_done(&site->two, tell_job(&site->two, id));
	db_drop(site->two.db);
	assert_done(&site->two, db_ensure(site->two.db, &site->two.fail));
	assert_string_equal(deliveries(site), "");
	assert_int_equal(number(site, "SELECT untold FROM {batch_jobs} WHERE id = %lld", (long long)id), 1);
	tell(&site->two);
	assert_string_equal(deliveries(site), "batch.completed 1 waiting\n");
	/* Even if the note in the batch's row were lost. */
	sql(site, "UPDATE {batch_jobs} SET told_epoch = 0");
	tell(&site->one);
	assert_string_equal(deliveries(site), "batch.completed 1 waiting\n");
}

static void only_what_a_webhook_takes_and_only_since_it_is_there(void **state)
{
	struct site *site = *state;
	(void)good(site, 50, NULL); /* before any */
	sql(site, "UPDATE {batch_jobs} SET finished_at = finished_at - INTERVAL 1 HOUR");
	int64_t own = new_hook(site, WEBHOOK_OWN, WEBHOOK_ALL_EVENTS), failures = new_hook(site, WEBHOOK_ALL, 1u << WEBHOOK_FAILED);
	int64_t named = new_hook(site, WEBHOOK_NAMED, WEBHOOK_ALL_EVENTS), off = new_hook(site, WEBHOOK_ALL, WEBHOOK_ALL_EVENTS);
	sql(site, "UPDATE {webhooks} SET active = 0 WHERE id = %lld", (long long)off);
	(void)good(site, 100, NULL);
	become(&site->one, EDITOR);
	int64_t naming = good(site, 200, text_of(site, "{\"notify\":{\"webhook_id\":%lld}}", (long long)named));
	become(&site->one, ADMIN);
	(void)new_run(site, JOB_CREATE, NULL, list_of(site, event_json(site, 99, 0, 30, ""), NULL));
	tell(&site->one);
	assert_string_equal(lines(site, "is", "SELECT webhook_id - %lld, event FROM {webhook_deliveries} ORDER BY job_id, webhook_id", (long long)own),
			    text_of(site, "0 batch.completed\n%lld batch.completed\n0 batch.failed\n%lld batch.failed\n", (long long)(named - own),
				    (long long)(failures - own)));
	assert_int_equal(number(site, "SELECT job_id FROM {webhook_deliveries} WHERE webhook_id = %lld", (long long)named), naming);
}

static void nothing_is_asked_twice_where_there_is_no_webhook(void **state)
{
	struct site *site = *state;
	(void)good(site, 100, NULL);
	int64_t before = db_statements(site->one.db);
	tell(&site->one);
	assert_int_equal(db_statements(site->one.db) - before, 1);
}

/* --- one sender ----------------------------------------------------------------------- */

static bool claims(struct ctx *ctx, struct delivery *delivery)
{
	bool found = false;
	assert_done(ctx, delivery_claim(ctx, 0, delivery, &found));
	return found;
}

static void one_sender_at_a_time_and_the_dead_are_followed(void **state)
{
	struct site *site = *state;
	struct delivery mine, theirs;
	int64_t hook = new_hook(site, WEBHOOK_ALL, WEBHOOK_ALL_EVENTS);
	(void)good(site, 100, NULL);
	(void)good(site, 200, NULL);
	tell(&site->one);
	assert_true(claims(&site->one, &mine));
	assert_int_equal(mine.attempts, 1);
	assert_int_equal(mine.key_count, 1);
	assert_false(claims(&site->two, &theirs)); /* of one webhook one at a time */
	sql(site, "UPDATE {webhook_deliveries} SET lease_until = '2020-01-01' WHERE id = %lld", (long long)mine.id);
	sql(site, "UPDATE {webhook_deliveries} SET next_at = '2019-01-01' WHERE id = %lld", (long long)mine.id);
	assert_true(claims(&site->two, &theirs));
	assert_int_equal(theirs.id, mine.id);
	assert_int_equal(theirs.attempts, 2);
	assert_string_equal(theirs.message_id, mine.message_id);
	/* Who lost the lease notes nothing any more. */
	struct delivery_end arrived = { .problem = "", .detail = "", .reply = "", .reply_code = 204 };
	struct delivery_end failed = { .problem = "status", .detail = "500", .reply = "", .reply_code = 500, .again_in_s = -1 };
	assert_done(&site->one, delivery_end(&site->one, &mine, &failed));
	assert_done(&site->two, delivery_end(&site->two, &theirs, &arrived));
	assert_done(&site->one, delivery_end(&site->one, &mine, &failed));
	assert_int_equal(number(site, "SELECT reply_code FROM {webhook_deliveries} WHERE id = %lld", (long long)mine.id), 204);
	assert_refused(&site->one, delivery_retry(&site->one, hook, mine.id),
		       "CONFLICT illegal_transition: It has arrived already, or is being sent in this moment");
	assert_true(claims(&site->one, &mine));
	assert_done(&site->one, delivery_end(&site->one, &mine, &failed));
	assert_false(claims(&site->one, &theirs));
	assert_done(&site->one, delivery_retry(&site->one, hook, mine.id));
	assert_true(claims(&site->one, &theirs));
	assert_int_equal(theirs.attempts, 1);
}

static void an_undecipherable_secret_is_no_key(void **state)
{
	struct site *site = *state;
	struct delivery delivery;
	(void)new_hook(site, WEBHOOK_ALL, WEBHOOK_ALL_EVENTS);
	(void)good(site, 100, NULL);
	tell(&site->one);
	sql(site, "UPDATE {webhooks} SET secret = REVERSE(secret)");
	assert_true(claims(&site->one, &delivery));
	assert_int_equal(delivery.key_count, 0);
}

/* --- what goes ------------------------------------------------------------------------ */

static void keep_house(struct site *site)
{
	sql(site, "UPDATE {maintenance} SET due_at = '2000-01-01', step = 0");
	maintenance_step(&site->one, monotonic_ms() + A_WHILE_MS);
}

static void old_deliveries_and_those_of_webhooks_that_are_gone_go(void **state)
{
	struct site *site = *state;
	int64_t kept = new_hook(site, WEBHOOK_ALL, WEBHOOK_ALL_EVENTS), gone = new_hook(site, WEBHOOK_ALL, WEBHOOK_ALL_EVENTS);
	int64_t young = good(site, 100, NULL), old = good(site, 200, NULL);
	tell(&site->one);
	sql(site, "UPDATE {webhook_deliveries} SET created_at = created_at - INTERVAL 31 DAY WHERE job_id = %lld", (long long)old);
	sql(site, "DELETE FROM {webhooks} WHERE id = %lld", (long long)gone);
	keep_house(site);
	keep_house(site);
	assert_string_equal(lines(site, "ii", "SELECT webhook_id, job_id FROM {webhook_deliveries}"),
			    text_of(site, "%lld %lld\n", (long long)kept, (long long)young));
	/* A batch that is forgotten takes what has arrived along, and is still told of if it was not. */
	int64_t other = good(site, 300, NULL);
	assert_done(&site->one, batch_delete(&site->one, other));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {webhook_deliveries} WHERE job_id = %lld", (long long)other), 1);
	sql(site, "UPDATE {webhook_deliveries} SET state = 'delivered'");
	assert_done(&site->one, batch_delete(&site->one, young));
	keep_house(site);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {webhook_deliveries} WHERE job_id = %lld", (long long)young), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOOK_CASE(each_way_to_end_is_told_once),
		HOOK_CASE(a_death_on_the_way_loses_and_doubles_nothing),
		HOOK_CASE(only_what_a_webhook_takes_and_only_since_it_is_there),
		HOOK_CASE(nothing_is_asked_twice_where_there_is_no_webhook),
		HOOK_CASE(one_sender_at_a_time_and_the_dead_are_followed),
		HOOK_CASE(an_undecipherable_secret_is_no_key),
		HOOK_CASE(old_deliveries_and_those_of_webhooks_that_are_gone_go),
	};
	return cmocka_run_group_tests(tests, site_open, site_close);
}
