/* Idempotency keys: a creation that is sent twice happens once, whatever became of the first. */
#include "jobs.h"

#include "schedule/edit.h"
#include "store/idempotency.h"

/* A request with the key `name`, as the web's edge makes one. */
static enum key_claim claim_named(struct ctx *ctx, struct idempotency_key *key, const char *name)
{
	enum key_claim claim = KEY_BUSY;
	*key = (struct idempotency_key){ .reply_status = 201 };
	digest(name, strlen(name), key->key_hash);
	digest_begin(&key->content);
	ctx->key = NULL;
	assert_done(ctx, idempotency_claim(ctx, key, &claim));
	ctx->key = key;
	return claim;
}

static bool make(struct ctx *ctx, struct body body, struct job *job)
{
	return batch_create_from_body(ctx, true, JOB_CREATE, NULL, NULL, INGEST_JSON, body_source(&body), job);
}

static void let_lease_pass(struct site *site)
{
	sql(site, "UPDATE {idempotency_keys} SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND");
}

static const char *jobs_told(struct site *site)
{
	return lines(site, "si", "SELECT status, received FROM {batch_jobs} ORDER BY id");
}

/* As after SIGKILL: the connection goes, and nothing is tidied up. */
static void die(struct ctx *ctx)
{
	db_drop(ctx->db);
	ctx->key = NULL;
	fail_clear(&ctx->fail);
	assert_done(ctx, db_ensure(ctx->db, &ctx->fail));
}

static void a_kept_key_names_the_job_it_made(void **state)
{
	struct site *site = *state;
	struct idempotency_key key;
	struct job job;
	assert_int_equal(claim_named(&site->one, &key, "k"), KEY_MINE);
	assert_true(make(&site->one, (struct body){ .text = "[{\"a\":1}]" }, &job));
	assert_int_equal(claim_named(&site->two, &key, "k"), KEY_KEPT);
	assert_int_equal(key.job_id, job.id);
	assert_int_equal(key.reply_status, 201);
	assert_int_equal(claim_named(&site->two, &key, "other"), KEY_MINE);
	/* Keys are one user's. */
	become(&site->two, EDITOR);
	assert_int_equal(claim_named(&site->two, &key, "k"), KEY_MINE);
}

static void a_key_that_is_held_is_busy_until_its_lease_passes(void **state)
{
	struct site *site = *state;
	struct idempotency_key first, second;
	clock_stops(site);
	assert_int_equal(claim_named(&site->one, &first, "k"), KEY_MINE);
	assert_int_equal(claim_named(&site->two, &second, "k"), KEY_BUSY);
	assert_int_equal(second.busy_s, IDEMPOTENCY_LEASE_S + 1);
	let_lease_pass(site);
	assert_int_equal(claim_named(&site->two, &second, "k"), KEY_MINE);
	/* The first was only slow: it finds that it is too late and makes nothing. */
	struct job job;
	assert_refused(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job),
		       "CONFLICT idempotency_in_progress: This took so long that another request with the same Idempotency-Key went on with it");
	assert_string_equal(jobs_told(site), "");
	assert_done(&site->two, batch_create(&site->two, JOB_CREATE, NULL, NULL, &job));
	assert_string_equal(jobs_told(site), "receiving 0\n");
}

/* What died half way is cancelled by who comes next with the key. */
struct half_way {
	struct body body;
	int64_t die_after;
};

static long read_and_die(void *user, char *buffer, size_t size)
{
	struct half_way *half = user;
	if ((int64_t)half->body.at > half->die_after)
		return -1;
	return body_source(&half->body).read(&half->body, buffer, size < 1000 ? size : 1000);
}

static void a_creator_that_died_half_way_leaves_no_second_batch(void **state)
{
	struct site *site = *state;
	struct idempotency_key key;
	struct job half, whole;
	char *body = many_events(site, 2500);
	assert_int_equal(claim_named(&site->one, &key, "k"), KEY_MINE);
	/* The body stands still after two groups, so to say: what has been stored is a part. */
	struct half_way reading = { .body = { .text = body }, .die_after = (int64_t)strlen(body) - 2000 };
	assert_false(batch_create_from_body(&site->one, true, JOB_CREATE, NULL, NULL, INGEST_JSON,
					    (struct byte_source){ read_and_die, &reading }, &half));
	sql(site, "UPDATE {batch_jobs} SET status = 'receiving', phase = 'pending', finished_at = NULL"); /* it died before it could give up */
	die(&site->one);
	assert_string_equal(jobs_told(site), "receiving 2000\n");
	assert_int_equal(claim_named(&site->two, &key, "k"), KEY_BUSY);
	let_lease_pass(site);
	assert_int_equal(claim_named(&site->two, &key, "k"), KEY_MINE);
	assert_string_equal(jobs_told(site), "cancelled 2000\n");
	assert_true(make(&site->two, (struct body){ .text = body }, &whole));
	assert_string_equal(jobs_told(site), "cancelled 2000\nqueued 2500\n");
	assert_int_equal(claim_named(&site->one, &key, "k"), KEY_KEPT);
	assert_int_equal(key.job_id, whole.id);
}

/* The slow one is still sending when its key is taken over: its next group is refused. */
struct overtaken {
	struct body body;
	struct site *site;
	bool was_overtaken;
};

static long read_and_be_overtaken(void *user, char *buffer, size_t size)
{
	struct overtaken *overtaken = user;
	if (overtaken->body.at > 200000 && !overtaken->was_overtaken) {
		struct idempotency_key key;
		overtaken->was_overtaken = true;
		let_lease_pass(overtaken->site);
		assert_int_equal(claim_named(&overtaken->site->two, &key, "k"), KEY_MINE);
	}
	return body_source(&overtaken->body).read(&overtaken->body, buffer, size);
}

static void a_creator_that_was_overtaken_stores_nothing_more(void **state)
{
	struct site *site = *state;
	struct idempotency_key key;
	struct job job;
	struct overtaken slow = { .body = { .text = many_events(site, 2500) }, .site = site };
	assert_int_equal(claim_named(&site->one, &key, "k"), KEY_MINE);
	assert_false(batch_create_from_body(&site->one, true, JOB_CREATE, NULL, NULL, INGEST_JSON,
					    (struct byte_source){ read_and_be_overtaken, &slow }, &job));
	assert_true(slow.was_overtaken);
	assert_int_equal(site->one.fail.kind, FAIL_CONFLICT);
	fail_clear(&site->one.fail);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_jobs} WHERE status <> 'cancelled'"), 0);
}

static void a_body_that_breaks_off_frees_its_key(void **state)
{
	struct site *site = *state;
	struct idempotency_key key;
	struct job job;
	assert_int_equal(claim_named(&site->one, &key, "k"), KEY_MINE);
	assert_refused(&site->one, make(&site->one, (struct body){ .text = "[{\"a\":1},{\"a\":2}]", .breaks_at = 9 }, &job),
		       "INVALID truncated_body: The body broke off; nothing of it was kept");
	assert_done(&site->one, idempotency_release(&site->one));
	assert_int_equal(claim_named(&site->two, &key, "k"), KEY_MINE);
	assert_true(make(&site->two, (struct body){ .text = "[{\"a\":1},{\"a\":2}]" }, &job));
	/* Releasing what is kept does nothing. */
	assert_done(&site->two, idempotency_release(&site->two));
	assert_int_equal(claim_named(&site->one, &key, "k"), KEY_KEPT);
}

static void a_key_is_kept_for_a_day_and_then_purged(void **state)
{
	struct site *site = *state;
	struct idempotency_key key;
	struct job job;
	int64_t removed = 0;
	for (int i = 0; i < 3; i++) {
		(void)claim_named(&site->one, &key, text_of(site, "k%d", i));
		assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job));
	}
	sql(site, "UPDATE {idempotency_keys} SET created_at = UTC_TIMESTAMP(3) - INTERVAL 1439 MINUTE");
	assert_int_equal(claim_named(&site->one, &key, "k0"), KEY_KEPT);
	assert_done(&site->one, idempotency_purge(&site->one, 2, &removed));
	assert_int_equal(removed, 0);
	sql(site, "UPDATE {idempotency_keys} SET created_at = UTC_TIMESTAMP(3) - INTERVAL 1441 MINUTE");
	assert_int_equal(claim_named(&site->one, &key, "k0"), KEY_MINE); /* though nobody has purged it */
	assert_done(&site->one, idempotency_purge(&site->one, 1, &removed));
	assert_int_equal(removed, 1);
	assert_done(&site->one, idempotency_purge(&site->one, 9, &removed));
	assert_int_equal(removed, 1);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {idempotency_keys}"), 1);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_jobs}"), 3);
}

static void an_event_is_made_once(void **state)
{
	struct site *site = *state;
	struct idempotency_key key;
	struct edit_result result;
	struct fail unread = { .kind = FAIL_NONE };
	char *text = event_json(site, 1, 0, 30, ",\"client_id\":\"e\"");
	const json_t *event = json_read(site->one.arena, text, strlen(text), &unread);
	assert_int_equal(claim_named(&site->one, &key, "e"), KEY_MINE);
	assert_done(&site->one, edit_create(&site->one, event, NULL, &result));
	assert_int_equal(claim_named(&site->two, &key, "e"), KEY_KEPT);
	assert_int_equal(key.event_id, result.event.id);
	assert_int_equal(key.reply_status, 201);
	/* Another key, the same client_id: found, not made, and so it stays. */
	assert_int_equal(claim_named(&site->one, &key, "f"), KEY_MINE);
	assert_done(&site->one, edit_create(&site->one, event, NULL, &result));
	assert_true(result.unchanged);
	assert_int_equal(claim_named(&site->two, &key, "f"), KEY_KEPT);
	assert_int_equal(key.reply_status, 200);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_kept_key_names_the_job_it_made),
		CASE(a_key_that_is_held_is_busy_until_its_lease_passes),
		CASE(a_creator_that_died_half_way_leaves_no_second_batch),
		CASE(a_creator_that_was_overtaken_stores_nothing_more),
		CASE(a_body_that_breaks_off_frees_its_key),
		CASE(a_key_is_kept_for_a_day_and_then_purged),
		CASE(an_event_is_made_once),
	};
	return cmocka_run_group_tests_name("idempotency", cases, site_open, site_close);
}
