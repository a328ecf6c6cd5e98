/* Who may do what to which item: the others of a batch go on. */
#include "jobs.h"

#include "store/contents.h"
#include "store/grants.h"

#define EVENT(content, minute, more) event_json(site, content, minute, 30, more)

static int64_t made(struct site *site, int64_t user, const char *event)
{
	become(&site->one, user);
	int64_t job = new_run(site, JOB_CREATE, NULL, list_of(site, event, NULL));
	return event_of(site, job, 0);
}

/* "ordinal outcome code" of each item. */
static const char *codes(struct site *site, int64_t job)
{
	return lines(site, "iis", "SELECT i.ordinal, i.outcome, COALESCE(x.code, '-') FROM {batch_job_items} i LEFT JOIN {batch_item_errors} x"
				  " ON x.job_id = i.job_id AND x.ordinal = i.ordinal WHERE i.job_id = %lld ORDER BY 1", (long long)job);
}

/* Each person against: a content for all of type publish, one of type training, the author's own, the admin's own. */
static const struct {
	const char *name;
	int64_t user;
	const char *created; /* per content: y may, n may not */
	const char *changed; /* events of: the admin's publish, the admin's training, the author's own */
	const char *seen;
} people[] = {
	{ "admin", ADMIN, "yyyy", "yyy", "yyy" },
	{ "editor", EDITOR, "yyyy", "yyy", "yyy" },
	{ "author", AUTHOR, "yyyn", "nny", "yyy" },
	{ "trainer", TRAINER, "nynn", "nyn", "nyn" },
};

static const char *wanted(struct site *site, const char *may, const char *denied)
{
	const char *text = "";
	for (size_t i = 0; may[i]; i++)
		text = text_of(site, "%s%zu %s\n", text, i, may[i] == 'y' ? "1 -" : denied);
	return text;
}

static void creates_are_judged_item_by_item(void **state)
{
	struct site *site = *state;
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		int minute = (int)i * 100;
		become(&site->one, people[i].user);
		int64_t job = new_run(site, JOB_CREATE, NULL, list_of(site, EVENT(1, minute, ""), EVENT(31, minute, ""), EVENT(AUTHORS_OWN, minute, ""),
								      EVENT(ADMINS_OWN, minute, ""), NULL));
		print_message("%s\n", people[i].name);
		assert_string_equal(codes(site, job), wanted(site, people[i].created, "5 not_permitted"));
	}
}

static void changes_and_evaluations_are_judged_by_the_stored_event(void **state)
{
	struct site *site = *state;
	long long publish = made(site, ADMIN, EVENT(1, 5000, "")), training = made(site, ADMIN, EVENT(31, 5000, "")),
		  own = made(site, AUTHOR, EVENT(2, 5000, ""));
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
#define CHANGE(id) text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"%s\"}}", id, people[i].name)
#define LOOK(id) text_of(site, "{\"event_id\":%lld}", id)
		become(&site->one, people[i].user);
		print_message("%s\n", people[i].name);
		int64_t job = new_run(site, JOB_UPDATE, NULL, list_of(site, CHANGE(publish), CHANGE(training), CHANGE(own), NULL));
		assert_string_equal(codes(site, job), wanted(site, people[i].changed, "5 not_permitted"));
		job = new_run(site, JOB_EVALUATE, NULL, list_of(site, LOOK(publish), LOOK(training), LOOK(own), NULL));
		assert_string_equal(codes(site, job), wanted(site, people[i].seen, "1 not_permitted"));
		assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items} WHERE job_id = %lld AND verdict = 5", (long long)job),
				 (people[i].seen[0] == 'n') + (people[i].seen[1] == 'n') + (people[i].seen[2] == 'n'));
	}
}

/* An event may not be made into what one may not schedule, nor given to a content of somebody else. */
static void what_an_event_becomes_counts_too(void **state)
{
	struct site *site = *state;
	long long training = made(site, ADMIN, EVENT(31, 0, ""));
	become(&site->one, TRAINER);
	int64_t job = new_run(site, JOB_UPDATE, NULL,
			      list_of(site, text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"schedule_type\":\"publish\"}}", training),
				      text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"content_id\":%d}}", training, ADMINS_OWN), NULL));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_errors} WHERE job_id = %lld AND code = 'not_permitted'", (long long)job), 1);
	assert_int_equal(number(site, "SELECT schedule_type = 'training' FROM {scheduled_events} WHERE id = %lld", training), 1);
}

/* replace asks for resolve_conflicts of the existing event's type, whatever the new one's is. */
static void replacing_is_judged_by_what_is_replaced(void **state)
{
	struct site *site = *state;
	long long publish = made(site, ADMIN, EVENT(1, 0, ",\"resources\":[1]")), training = made(site, ADMIN, EVENT(31, 0, ",\"resources\":[2]"));
	become(&site->one, TRAINER);
	int64_t job = new_run(site, JOB_CREATE, "{\"on_conflict\":\"replace\"}",
			      list_of(site, EVENT(32, 0, ",\"resources\":[1]"), EVENT(33, 0, ",\"resources\":[2]"), EVENT(34, 600, ""), NULL));
	assert_string_equal(lines(site, "ii", "SELECT ordinal, outcome FROM {batch_job_items} WHERE job_id = %lld ORDER BY 1", (long long)job),
			    "0 5\n1 1\n2 1\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_errors} WHERE job_id = %lld AND ordinal = 0 AND detail LIKE"
				      " '%%not_permitted%%'", (long long)job), 1);
	assert_string_equal(lines(site, "s", "SELECT status FROM {scheduled_events} WHERE id IN (%lld, %lld) ORDER BY id", publish, training),
			    "scheduled\nsuperseded\n");
	become(&site->one, AUTHOR); /* has no resolve_conflicts at all */
	job = new_run(site, JOB_CREATE, "{\"on_conflict\":\"replace\"}", list_of(site, EVENT(AUTHORS_OWN, 0, ",\"resources\":[1]"), EVENT(5, 900, ""), NULL));
	assert_string_equal(lines(site, "ii", "SELECT ordinal, outcome FROM {batch_job_items} WHERE job_id = %lld ORDER BY 1", (long long)job), "0 5\n1 1\n");
}

/* --- limited tokens ------------------------------------------------------------------ */

/* As with a token that is limited to `scope`. */
static void become_limited(struct ctx *ctx, int64_t user, const char *scope)
{
	struct actor *actor = arena_alloc(ctx->arena, sizeof(*actor));
	assert_done(ctx, grants_load(ctx, user, scope, actor));
	actor->by_token = true;
	ctx->actor = actor;
}

/* Whoever works it, hours later: it has no more rights than the token that made it had. */
static void a_batch_has_the_rights_of_the_token_that_made_it(void **state)
{
	static const struct {
		const char *scope;
		int outcome;
		const char *status;
	} rows[] = { { "schedule_content,view_scheduled_content", 5, "scheduled" }, { "schedule_content,resolve_conflicts", 1, "superseded" } };
	struct site *site = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int minute = 1000 * (int)i;
		long long there = made(site, EDITOR, EVENT(1, minute, ",\"resources\":[1]"));
		become_limited(&site->one, ADMIN, rows[i].scope);
		int64_t job = batch_new(site, JOB_CREATE, "{\"on_conflict\":\"replace\"}", list_of(site, EVENT(2, minute, ",\"resources\":[1]"), NULL));
		become(&site->one, ADMIN);
		run_batch(site, job);
		assert_int_equal(number(site, "SELECT outcome FROM {batch_job_items} WHERE job_id = %lld", (long long)job), rows[i].outcome);
		assert_string_equal(lines(site, "s", "SELECT status FROM {scheduled_events} WHERE id = %lld", there),
				    text_of(site, "%s\n", rows[i].status));
	}
}

static bool add_item(struct site *site, int64_t job, const char *item)
{
	struct body body = { .text = item };
	struct ingest_report report;
	return batch_append(&site->one, job, 0, INGEST_JSON, body_source(&body), &report);
}

/* A token that reads could else put words into its owner's mouth. */
static void a_limited_token_neither_fills_nor_steers_a_batch(void **state)
{
	struct site *site = *state;
	struct ctx *ctx = &site->one;
	struct job job;
	const char *item = list_of(site, EVENT(1, 0, ""), NULL), *refused = "DENIED not_permitted: This token is limited: to steer the batch it needs “schedule_content”";
	struct batch_options options = options_of(site, JOB_CREATE, "{\"on_conflict\":\"replace\"}");
	become(ctx, ADMIN);
	assert_done(ctx, batch_create(ctx, JOB_CREATE, &options, NULL, &job));
	static const char *const scopes[] = { "view_scheduled_content", "schedule_content" };
	for (size_t i = 0; i < 2; i++) {
		become_limited(ctx, ADMIN, scopes[i]);
		assert_refused(ctx, add_item(site, job.id, item),
			       "DENIED not_permitted: This token is limited, and the batch was made with other rights: send the items with the token "
			       "that made it");
	}
	become(ctx, ADMIN);
	assert_true(add_item(site, job.id, item));
	become_limited(ctx, ADMIN, "view_scheduled_content");
	assert_refused(ctx, batch_start(ctx, job.id), refused);
	assert_refused(ctx, batch_cancel(ctx, job.id, false), refused);
	become(ctx, ADMIN);
	run_batch(site, (assert_done(ctx, batch_start(ctx, job.id)), job.id));
	become_limited(ctx, ADMIN, "view_scheduled_content");
	assert_refused(ctx, batch_retry(ctx, job.id, UINT32_MAX, 0), refused);
	assert_refused(ctx, batch_delete(ctx, job.id), refused);
	/* What it made itself it also fills and starts. */
	become_limited(ctx, ADMIN, "schedule_content");
	assert_done(ctx, batch_create(ctx, JOB_CREATE, &options, NULL, &job));
	assert_true(add_item(site, job.id, list_of(site, EVENT(2, 500, ""), NULL)));
	assert_done(ctx, batch_start(ctx, job.id));
	run_batch(site, job.id);
}

/* Whoever steers everybody's batches would else schedule in anybody's name. */
static void nobody_adds_items_to_the_batch_of_somebody_else(void **state)
{
	struct site *site = *state;
	struct job job;
	struct batch_options options = options_of(site, JOB_CREATE, NULL);
	become(&site->one, AUTHOR);
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, &options, NULL, &job));
	become(&site->one, ADMIN); /* manages batches */
	assert_refused(&site->one, add_item(site, job.id, list_of(site, EVENT(1, 0, ""), NULL)),
		       "DENIED not_permitted: Only who made the batch adds items: they are worked in that person's name");
	assert_done(&site->one, batch_cancel(&site->one, job.id, false));
}

/* --- contents -------------------------------------------------------------------------- */

static int64_t listed(struct site *site, const char *permission, const char *own_only, const char *types)
{
	struct grant grant = { permission_by_name(permission), own_only[0] == 'o', types };
	struct actor somebody = { .user_id = TRAINER, .grants = &grant, .grant_count = 1 };
	struct content *contents;
	size_t count;
	assert_done(&site->one, contents_page(&site->one, &somebody, 0, 200, &contents, &count));
	return (int64_t)count;
}

/* A list tells no more than its members asked for one by one. */
static void contents_are_listed_as_they_may_be_seen(void **state)
{
	struct site *site = *state;
	sql(site, "UPDATE {contents} SET owner_id = %d WHERE id IN (1, 31)", TRAINER);
	sql(site, "UPDATE {contents} SET owner_id = %d WHERE id = 2", AUTHOR);
	int64_t all = number(site, "SELECT COUNT(*) FROM {contents}");
	assert_int_equal(listed(site, "view_content_versions", "", NULL), all);
	assert_int_equal(listed(site, "view_content_versions", "", "training"), number(site, "SELECT COUNT(*) FROM {contents} WHERE schedule_type = 'training'"));
	assert_int_equal(listed(site, "view_content_versions", "own", NULL), number(site, "SELECT COUNT(*) FROM {contents} WHERE owner_id IN (0, %d)", TRAINER));
	assert_int_equal(listed(site, "view_content_versions", "own", "training, booking"),
			 number(site, "SELECT COUNT(*) FROM {contents} WHERE owner_id IN (0, %d) AND schedule_type = 'training'", TRAINER));
	assert_int_equal(listed(site, "schedule_content", "", NULL), 0);
}

/* What a rule finds is told: it finds nothing in versions that the person may not read. */
static void conditions_do_not_tell_what_versions_hold(void **state)
{
	struct site *site = *state;
	const char *rule = ",\"conditions\":{\"==\":[{\"var\":\"version.body.secret\"},\"?\"]}";
	sql(site, "UPDATE {content_versions} SET body = JSON_OBJECT('secret', 'blue herring') WHERE content_id = 2");
	for (int may = 0; may < 2; may++) {
		become_limited(&site->one, ADMIN, may ? "schedule_content,view_scheduled_content,view_content_versions" : "schedule_content,view_scheduled_content");
		int64_t job = new_run(site, JOB_EVALUATE, NULL, list_of(site, EVENT(2, 0, rule), NULL));
		assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_errors} WHERE job_id = %lld AND detail LIKE '%%blue herring%%'",
					(long long)job), may);
	}
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(creates_are_judged_item_by_item),
		CASE(changes_and_evaluations_are_judged_by_the_stored_event),
		CASE(what_an_event_becomes_counts_too),
		CASE(replacing_is_judged_by_what_is_replaced),
		CASE(a_batch_has_the_rights_of_the_token_that_made_it),
		CASE(a_limited_token_neither_fills_nor_steers_a_batch),
		CASE(nobody_adds_items_to_the_batch_of_somebody_else),
		CASE(contents_are_listed_as_they_may_be_seen),
		CASE(conditions_do_not_tell_what_versions_hold),
	};
	return cmocka_run_group_tests_name("permissions", cases, site_open, site_close);
}
