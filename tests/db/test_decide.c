/* on_conflict ask: items wait for a person, decisions are carried out once, by whoever may. */
#include "jobs.h"

#include "batch/pass.h"
#include "batch/states.h"

#define ASK "{\"on_conflict\":\"ask\",\"chunk_size\":3,\"ordered\":true}"

/* Items that collide with a stored event: on a soft venue, or on a hard one. */
static const char *on_venue(struct site *site, int64_t content, int64_t minute, int64_t venue)
{
	return event_json(site, content, minute, 30, text_of(site, ",\"resources\":[%lld]", (long long)venue));
}

static void book(struct site *site, int64_t minute, int64_t venue)
{
	static int64_t content;
	(void)new_run(site, JOB_CREATE, NULL, list_of(site, on_venue(site, 1 + content++ % 30, minute, venue), NULL));
}

/* 0 and 5 are free; 1, 2 meet a soft one, 3, 4 a hard one. */
static int64_t asked(struct site *site)
{
	book(site, 0, SOFT_VENUE);
	book(site, 0, 1);
	int64_t id = new_run(site, JOB_CREATE, ASK,
			     list_of(site, on_venue(site, 10, 600, 2), on_venue(site, 11, 0, SOFT_VENUE), on_venue(site, 12, 10, SOFT_VENUE),
				     on_venue(site, 13, 0, 1), on_venue(site, 14, 10, 1), on_venue(site, 15, 700, 2), NULL));
	assert_string_equal(status_line(site, id), "partial: 2 succeeded 4 conflict");
	return id;
}

static struct decide_report decide(struct ctx *ctx, int64_t id, int64_t ordinal, enum on_conflict action, int32_t epoch)
{
	struct decide_report report;
	struct decide_entry entry = { ordinal, action, SCOPE_OF_BATCH, epoch };
	assert_done(ctx, batch_decide(ctx, id, &(struct decide_request){ .entries = &entry, .count = 1, .like_ordinal = -1 }, &report));
	return report;
}

static struct decide_report decide_alike(struct ctx *ctx, int64_t id, int64_t like, enum on_conflict action)
{
	struct decide_report report;
	assert_done(ctx, batch_decide(ctx, id, &(struct decide_request){ .alike.action = action, .like_ordinal = like }, &report));
	return report;
}

#define assert_report(REPORT, DECIDED, REPEATED, REFUSED)                                                                     \
	do {                                                                                                                \
		struct decide_report told_ = (REPORT);                                                                        \
		assert_int_equal(told_.decided, DECIDED);                                                                     \
		assert_int_equal(told_.repeated, REPEATED);                                                                   \
		assert_int_equal(told_.refused, REFUSED);                                                                     \
	} while (0)

/* "CODE POINTER: MESSAGE" of the first refusal. */
static const char *refusal(struct site *site, struct decide_report report)
{
	assert_int_equal(report.refused, 1);
	const struct issue *issue = &report.issues.list[0];
	return text_of(site, "%s %s: %s", code_info(issue->code)->name, issue->pointer, issue->message);
}

static const char *outcomes(struct site *site, int64_t id)
{
	return lines(site, "ii", "SELECT ordinal, outcome FROM {batch_job_items} WHERE job_id = %lld ORDER BY ordinal", (long long)id);
}

static void what_collides_waits_and_keeps_nothing_from_going_on(void **state)
{
	struct site *site = *state;
	int64_t id = asked(site);
	assert_string_equal(outcomes(site, id), "0 1\n1 4\n2 4\n3 4\n4 4\n5 1\n");
	assert_string_equal(lines(site, "iis", "SELECT ordinal, ways, code FROM {batch_item_errors} ORDER BY ordinal"),
			    "1 30 resource_overlap\n2 30 resource_overlap\n3 26 resource_overlap\n4 26 resource_overlap\n");
	assert_int_equal(number(site, "SELECT COUNT(DISTINCT likeness) FROM {batch_item_errors} WHERE likeness <> 0"), 2);
	/* Also where nothing else is left. */
	int64_t all = new_run(site, JOB_CREATE, ASK, list_of(site, on_venue(site, 16, 0, 1), NULL));
	assert_string_equal(status_line(site, all), "partial: 1 conflict");
	assert_domain_whole(site);
}

static void only_what_was_decided_is_worked_on(void **state)
{
	struct site *site = *state;
	int64_t id = asked(site);
	assert_report(decide(&site->one, id, 2, ON_CONFLICT_KEEP_BOTH, 1), 1, 0, 0);
	assert_string_equal(status_line(site, id), "running: 2 succeeded 4 conflict");
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "partial: 3 succeeded 3 conflict");
	assert_report(decide(&site->one, id, 3, ON_CONFLICT_SKIP, 0), 1, 0, 0);
	run_batch(site, id);
	assert_string_equal(outcomes(site, id), "0 1\n1 4\n2 1\n3 3\n4 4\n5 1\n");
	assert_string_equal(lines(site, "iii", "SELECT ordinal, attempts, event_id > 0 FROM {batch_job_items} WHERE job_id = %lld ORDER BY 1",
				  (long long)id),
			    "0 1 1\n1 1 0\n2 2 1\n3 2 0\n4 1 0\n5 1 1\n");
	assert_string_equal(lines(site, "isiii", "SELECT ordinal, action, user_id, seen_epoch, worked_epoch FROM {batch_decisions}"),
			    "2 keep_both 1 1 2\n3 skip 1 1 3\n");
	assert_string_equal(lines(site, "sj", "SELECT action, detail FROM {audit_log} WHERE action = 'job.decide' ORDER BY id"),
			    "job.decide {\"decided\":1,\"keep_both\":[2]}\njob.decide {\"decided\":1,\"skip\":[3]}\n");
	assert_report(decide_alike(&site->one, id, -1, ON_CONFLICT_SKIP), 2, 0, 0);
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 3 succeeded 3 skipped");
	assert_domain_whole(site);
}

static void the_same_decision_twice_happens_once_and_another_one_comes_too_late(void **state)
{
	struct site *site = *state;
	int64_t id = asked(site);
	become(&site->two, EDITOR);
	sql(site, "UPDATE {batch_jobs} SET created_by = %d WHERE id = %lld", EDITOR, (long long)id);
	assert_report(decide(&site->two, id, 1, ON_CONFLICT_KEEP_BOTH, 1), 1, 0, 0);
	assert_report(decide(&site->two, id, 1, ON_CONFLICT_KEEP_BOTH, 1), 0, 1, 0);
	assert_string_equal(refusal(site, decide(&site->one, id, 1, ON_CONFLICT_SKIP, 1)),
			    "already_decided /resolutions/0/action: Edda Editor has decided item 1 already: keep_both");
	run_batch(site, id);
	assert_report(decide(&site->two, id, 1, ON_CONFLICT_KEEP_BOTH, 1), 0, 1, 0);
	assert_string_equal(refusal(site, decide(&site->one, id, 1, ON_CONFLICT_SKIP, 0)),
			    "already_decided /resolutions/0/action: Edda Editor has decided item 1 already: keep_both");
	assert_string_equal(refusal(site, decide(&site->one, id, 0, ON_CONFLICT_SKIP, 0)),
			    "not_in_conflict /resolutions/0/ordinal: Item 0 waits for no decision: it is succeeded");
	assert_string_equal(refusal(site, decide(&site->one, id, 77, ON_CONFLICT_SKIP, 0)),
			    "not_in_conflict /resolutions/0/ordinal: The batch has no item 77");
	assert_string_equal(refusal(site, decide(&site->one, id, 3, ON_CONFLICT_KEEP_BOTH, 0)),
			    "cannot_resolve /resolutions/0/action: Both can't be kept: one of its conflicts is hard");
	assert_string_equal(status_line(site, id), "partial: 3 succeeded 3 conflict");
	assert_int_equal(number(site, "SELECT epoch FROM {batch_jobs} WHERE id = %lld", (long long)id), 2);
}

static void what_meets_another_conflict_stays_and_may_be_decided_again(void **state)
{
	struct site *site = *state;
	book(site, 0, SOFT_VENUE);
	int64_t id = new_run(site, JOB_CREATE, ASK,
			     list_of(site, event_json(site, 11, 0, 30, text_of(site, ",\"resources\":[1,%d]", SOFT_VENUE)), NULL));
	assert_report(decide(&site->one, id, 0, ON_CONFLICT_KEEP_BOTH, 1), 1, 0, 0);
	book(site, 0, 1); /* before it is carried out, the hard one is taken */
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "partial: 1 conflict");
	assert_string_equal(lines(site, "iii", "SELECT ordinal, epoch, ways FROM {batch_item_errors} WHERE job_id = %lld", (long long)id), "0 2 26\n");
	assert_string_equal(refusal(site, decide(&site->one, id, 0, ON_CONFLICT_SKIP, 1)),
			    "conflict_changed /resolutions/0/epoch: Item 0 has met another conflict since");
	assert_report(decide(&site->one, id, 0, ON_CONFLICT_SKIP, 2), 1, 0, 0);
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 1 skipped");
}

static void those_that_are_alike_are_decided_at_once(void **state)
{
	struct site *site = *state;
	int64_t id = asked(site);
	assert_report(decide_alike(&site->one, id, 4, ON_CONFLICT_SKIP), 2, 0, 0);
	assert_string_equal(lines(site, "is", "SELECT ordinal, action FROM {batch_decisions} ORDER BY 1"), "3 skip\n4 skip\n");
	/* All, where it is possible: of the rest. */
	assert_report(decide_alike(&site->one, id, -1, ON_CONFLICT_KEEP_BOTH), 2, 0, 0);
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 4 succeeded 2 skipped");
	struct decide_report report;
	assert_refused(&site->one,
		       batch_decide(&site->one, id, &(struct decide_request){ .alike.action = ON_CONFLICT_SKIP, .like_ordinal = 4 }, &report),
		       "CONFLICT not_in_conflict /apply_to/like: Item 4 waits for no decision");
}

static void deciding_does_not_wait_for_the_batch(void **state)
{
	struct site *site = *state;
	book(site, 0, 1);
	int64_t id = batch_new(site, JOB_CREATE, "{\"on_conflict\":\"ask\",\"chunk_size\":1,\"ordered\":true}",
			       list_of(site, on_venue(site, 10, 0, 1), on_venue(site, 11, 100, 2), on_venue(site, 12, 0, 1), NULL));
	advance_once(&site->one, id);
	assert_report(decide(&site->one, id, 0, ON_CONFLICT_SKIP, 1), 1, 0, 0);
	assert_string_equal(status_line(site, id), "running: 2 pending 1 conflict");
	assert_int_equal(number(site, "SELECT epoch FROM {batch_jobs} WHERE id = %lld", (long long)id), 1);
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "partial: 1 succeeded 1 skipped 1 conflict");
	assert_string_equal(lines(site, "iii", "SELECT epoch, retrying, decided FROM {batch_jobs} WHERE id = %lld", (long long)id), "2 512 0\n");
	assert_report(decide(&site->one, id, 2, ON_CONFLICT_SKIP, 1), 1, 0, 0);
	assert_done(&site->one, batch_cancel(&site->one, id, true)); /* so it is taken back */
	assert_string_equal(status_line(site, id), "cancelled: 1 succeeded 1 skipped 1 conflict");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_decisions} WHERE worked_epoch = 0"), 0);
	assert_report(decide(&site->one, id, 2, ON_CONFLICT_SKIP, 1), 1, 0, 0);
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "succeeded: 1 succeeded 2 skipped");
}

static void a_retry_asks_again_and_an_undo_takes_decided_items_back(void **state)
{
	struct site *site = *state;
	int64_t id = asked(site);
	assert_report(decide(&site->one, id, 1, ON_CONFLICT_KEEP_BOTH, 1), 1, 0, 0);
	run_batch(site, id);
	sql(site, "DELETE FROM {busy} WHERE calendar_id = 1 AND calendar_kind = 2"); /* the hard venue is free by now */
	assert_done(&site->one, batch_retry(&site->one, id, OUTCOME_BIT(OUTCOME_CONFLICT), 0));
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "partial: 4 succeeded 2 conflict"); /* 3; 2 and 4 still collide */
	assert_done(&site->one, batch_undo(&site->one, id));
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "undone: 2 conflict 4 undone");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE origin_job_id = %lld", (long long)id), 0);
	struct decide_report report;
	assert_refused(&site->one,
		       batch_decide(&site->one, id, &(struct decide_request){ .alike.action = ON_CONFLICT_SKIP, .like_ordinal = -1 }, &report),
		       "CONFLICT illegal_transition: The batch is undone: “decide” is not possible, nothing more is");
}

static void whose_right_it_is(void **state)
{
	struct site *site = *state;
	int64_t id = asked(site);
	struct decide_report report;
	struct decide_request skip = { .alike.action = ON_CONFLICT_SKIP, .like_ordinal = -1 };
	sql(site, "UPDATE {batch_jobs} SET created_by = %d WHERE id = %lld", AUTHOR, (long long)id);
	become(&site->two, AUTHOR);
	assert_refused(&site->two, batch_decide(&site->two, id, &skip, &report),
		       "DENIED not_permitted: Your role does not allow to resolve conflicts");
	become(&site->two, EDITOR);
	sql(site, "UPDATE {batch_jobs} SET created_by = %d WHERE id = %lld", ADMIN, (long long)id);
	become(&site->two, TRAINER);
	assert_refused(&site->two, batch_decide(&site->two, id, &skip, &report), text_of(site, "NOT_FOUND not_found: There is no batch %lld", (long long)id));
	sql(site, "UPDATE {batch_jobs} SET created_by = %d WHERE id = %lld", TRAINER, (long long)id);
	assert_string_equal(refusal(site, decide(&site->two, id, 1, ON_CONFLICT_KEEP_BOTH, 1)),
			    "not_permitted /resolutions/0/action: You may not resolve conflicts with events of that type");
	assert_report(decide(&site->two, id, 1, ON_CONFLICT_SKIP, 1), 1, 0, 0);
}

static void a_decision_makes_room_and_the_undo_gives_it_back(void **state)
{
	struct site *site = *state;
	int64_t id = asked(site);
	assert_report(decide(&site->one, id, 3, ON_CONFLICT_REPLACE, 1), 1, 0, 0);
	run_batch(site, id);
	assert_report(decide(&site->one, id, 4, ON_CONFLICT_SHIFT, 1), 1, 0, 0);
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "partial: 4 succeeded 2 conflict");
	assert_string_equal(lines(site, "is", "SELECT origin_ordinal, TIMESTAMPDIFF(MINUTE, '2030-01-01', starts_at) FROM {scheduled_events}"
					      " WHERE origin_job_id = %lld AND origin_ordinal IN (3, 4) ORDER BY 1", (long long)id),
			    "3 0\n4 30\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE status = 'superseded'"), 1);
	assert_domain_whole(site);
	assert_done(&site->one, batch_undo(&site->one, id));
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "undone: 2 conflict 4 undone");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE status = 'superseded'"), 0);
	assert_domain_whole(site);
}

/* Not the maker's rights count, who may do all, but those of the decider. */
static void it_is_done_with_the_rights_of_who_decided(void **state)
{
	struct site *site = *state;
	int64_t id = asked(site);
	sql(site, "INSERT IGNORE INTO {role_permissions} (role_id, permission, schedule_types)"
		  " SELECT id, 'manage_batches', 'training' FROM {roles} WHERE name = 'trainer'");
	become(&site->two, TRAINER);
	assert_int_equal(decide_alike(&site->two, id, 3, ON_CONFLICT_REPLACE).decided, 2);
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "partial: 2 succeeded 4 conflict");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE status = 'superseded'"), 0);
	assert_string_equal(lines(site, "iii", "SELECT ordinal, user_id, worked_epoch FROM {batch_decisions}"), "3 4 2\n4 4 2\n");
	assert_int_equal(decide_alike(&site->one, id, 3, ON_CONFLICT_SKIP).decided, 2);
	run_batch(site, id);
	assert_string_equal(status_line(site, id), "partial: 2 succeeded 2 skipped 2 conflict");
}

static void what_changes_nothing_has_nothing_to_decide(void **state)
{
	struct site *site = *state;
	struct decide_report report;
	struct decide_request skip = { .alike.action = ON_CONFLICT_SKIP, .like_ordinal = -1 };
	book(site, 0, 1);
	int64_t dry = new_run(site, JOB_CREATE, "{\"on_conflict\":\"ask\",\"dry_run\":true}", list_of(site, on_venue(site, 10, 0, 1), NULL));
	assert_string_equal(status_line(site, dry), "partial: 1 conflict");
	assert_refused(&site->one, batch_decide(&site->one, dry, &skip, &report),
		       "CONFLICT not_in_conflict: Nothing can be decided here: this batch only looks, or is all or nothing");
	/* Checked first: what collides waits, the rest goes on. */
	int64_t checked = new_run(site, JOB_CREATE, "{\"on_conflict\":\"ask\",\"validate_before_execute\":true}",
				  list_of(site, on_venue(site, 10, 0, 1), on_venue(site, 11, 100, 1), NULL));
	assert_string_equal(status_line(site, checked), "partial: 1 succeeded 1 conflict");
	assert_report(decide_alike(&site->one, checked, -1, ON_CONFLICT_SKIP), 1, 0, 0);
	run_batch(site, checked);
	assert_string_equal(status_line(site, checked), "succeeded: 1 succeeded 1 skipped");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(what_collides_waits_and_keeps_nothing_from_going_on),
		CASE(only_what_was_decided_is_worked_on),
		CASE(the_same_decision_twice_happens_once_and_another_one_comes_too_late),
		CASE(what_meets_another_conflict_stays_and_may_be_decided_again),
		CASE(those_that_are_alike_are_decided_at_once),
		CASE(deciding_does_not_wait_for_the_batch),
		CASE(a_retry_asks_again_and_an_undo_takes_decided_items_back),
		CASE(whose_right_it_is),
		CASE(a_decision_makes_room_and_the_undo_gives_it_back),
		CASE(it_is_done_with_the_rights_of_who_decided),
		CASE(what_changes_nothing_has_nothing_to_decide),
	};
	return cmocka_run_group_tests_name("decide", cases, site_open, site_close);
}
