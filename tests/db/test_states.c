/* The table of states (batch/states.c): every transition in it is exercised, no other occurs, and what a person may
 * not do is refused with what he may. */
#include "jobs.h"

#include "batch/pass.h"
#include "batch/states.h"
#include "store/chunks.h"

/* --- what occurs --------------------------------------------------------------------- */

/* The server itself writes down every change of a state. */
static void record(struct site *site, bool on)
{
	sql(site, "DROP TRIGGER IF EXISTS tr_seen");
	sql(site, "DROP TABLE IF EXISTS tr_seen_transitions");
	if (!on)
		return;
	sql(site, "CREATE TABLE tr_seen_transitions (was VARCHAR(12), became VARCHAR(12), PRIMARY KEY (was, became))");
	sql(site, "CREATE TRIGGER tr_seen AFTER UPDATE ON {batch_jobs} FOR EACH ROW IF OLD.status <> NEW.status THEN"
		  " INSERT IGNORE INTO tr_seen_transitions VALUES (OLD.status, NEW.status); END IF");
}

static int end_record(void **state)
{
	record(*state, false);
	return 0;
}

static const char *bad_item(struct site *site)
{
	return event_json(site, 99, 0, 30, "");
}

static int64_t good(struct site *site, const char *options)
{
	static int64_t day; /* each batch has a day of its own */
	int64_t minute = 1440 * ++day;
	return batch_new(site, JOB_CREATE, options,
			 list_of(site, event_json(site, 1, minute, 30, ""), event_json(site, 2, minute, 30, ""),
				 event_json(site, 3, minute, 30, ""), event_json(site, 4, minute, 30, ""), NULL));
}

static int64_t half_good(struct site *site, const char *options)
{
	return batch_new(site, JOB_CREATE, options, list_of(site, event_json(site, 1, 9000, 30, ""), bad_item(site), NULL));
}

/* One of two chunks done, the other leased by somebody who is still at it. */
static int64_t at_work(struct site *site, struct job *job, struct chunk *held)
{
	int64_t id = good(site, "{\"chunk_size\":2}");
	advance_once(&site->one, id);
	begin_chunk(site, id, job, held);
	return id;
}

static void let_go(struct site *site, int64_t id, const struct job *job, const struct chunk *held)
{
	bool mine;
	assert_done(&site->two, chunk_finish(&site->two, job, held, &mine));
	sql(site, "UPDATE {batch_lanes} SET held_until = '1970-01-01'");
	(void)status_line(site, id);
}

static void begin_and_end(struct site *site)
{
	struct job job;
	run_batch(site, good(site, NULL));
	int64_t partial = half_good(site, NULL);
	run_batch(site, partial);
	assert_done(&site->one, batch_retry(&site->one, partial, RETRYABLE_OUTCOMES, 0));
	int64_t failed = new_run(site, JOB_CREATE, NULL, list_of(site, bad_item(site), NULL));
	assert_done(&site->one, batch_retry(&site->one, failed, RETRYABLE_OUTCOMES, 0));
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job));
	assert_done(&site->one, batch_cancel(&site->one, job.id, true));
	int64_t early = good(site, NULL);
	assert_done(&site->one, batch_cancel(&site->one, early, true));
	assert_done(&site->one, batch_retry(&site->one, early, RETRYABLE_OUTCOMES, 0));
}

static void hold_and_give_up(struct site *site)
{
	struct job job;
	struct chunk held;
	int64_t id = good(site, NULL);
	assert_done(&site->one, batch_pause(&site->one, id));
	assert_done(&site->one, batch_resume(&site->one, id));
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	id = at_work(site, &job, &held);
	assert_done(&site->one, batch_pause(&site->one, id));
	assert_done(&site->one, batch_resume(&site->one, id));
	assert_done(&site->one, batch_pause(&site->one, id));
	let_go(site, id, &job, &held);
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	id = at_work(site, &job, &held);
	assert_done(&site->one, batch_pause(&site->one, id));
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	let_go(site, id, &job, &held);
}

/* One good, one bad, and two that collide and wait for a decision, each in a chunk of its own. */
static int64_t asking(struct site *site)
{
	return batch_new(site, JOB_CREATE, "{\"on_conflict\":\"ask\",\"chunk_size\":1,\"ordered\":true}",
			 list_of(site, event_json(site, 5, 9500, 30, ",\"resources\":[1]"), bad_item(site),
				 event_json(site, 6, 9500, 30, ",\"resources\":[1]"), event_json(site, 7, 9500, 30, ",\"resources\":[1]"), NULL));
}

static bool skip_all(struct ctx *ctx, int64_t id)
{
	struct decide_report report;
	struct decide_request request = { .alike = { .action = ON_CONFLICT_SKIP, .scope = SCOPE_OF_BATCH }, .like_ordinal = -1 };
	return batch_decide(ctx, id, &request, &report);
}

static void decide(struct site *site)
{
	struct decide_report report;
	struct decide_entry entry = { .ordinal = 2, .action = ON_CONFLICT_SKIP, .scope = SCOPE_OF_BATCH };
	struct decide_request one = { .entries = &entry, .count = 1, .like_ordinal = -1 };
	int64_t id = asking(site);
	run_batch(site, id);
	assert_done(&site->one, batch_decide(&site->one, id, &one, &report)); /* partial -> running */
	assert_done(&site->one, skip_all(&site->one, id));		      /* running, and again a pass */
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	assert_done(&site->one, skip_all(&site->one, id)); /* cancelled -> running */
	run_batch(site, id);
}

static void put_back(struct site *site)
{
	int64_t id = good(site, NULL);
	run_batch(site, id);
	assert_done(&site->one, batch_undo(&site->one, id));
	run_batch(site, id);
	id = half_good(site, NULL);
	run_batch(site, id);
	sql(site, "UPDATE {scheduled_events} SET row_version = 7 WHERE origin_job_id = %lld", (long long)id);
	assert_done(&site->one, batch_undo(&site->one, id));
	run_batch(site, id);
	id = good(site, "{\"chunk_size\":2}");
	advance_once(&site->one, id);
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	assert_done(&site->one, batch_undo(&site->one, id));
	id = good(site, "{\"chunk_size\":2}");
	advance_once(&site->one, id);
	assert_done(&site->one, batch_roll_back(&site->one, id, true));
}

static void wait_for_others(struct site *site)
{
	int64_t first = good(site, NULL);
	int64_t waiting = good(site, text_of(site, "{\"depends_on\":[%lld]}", (long long)first));
	assert_done(&site->one, batch_pause(&site->one, waiting));
	assert_done(&site->one, batch_resume(&site->one, waiting));
	assert_done(&site->one, batch_cancel(&site->one, first, true));
	(void)status_line(site, waiting);
}

/* A pass that finds nothing to do: what an atomic batch goes through at its end. */
static void pass_without_work(struct site *site, int64_t id, enum job_event event, enum job_work work)
{
	struct job job;
	bool ended = false;
	assert_done(&site->one, db_begin(site->one.db, &site->one.fail));
	assert_done(&site->one, job_lock(&site->one, id, &job));
	assert_done(&site->one, pass_begin(&site->one, &job, event, work, 0));
	assert_done(&site->one, db_commit(site->one.db, &site->one.fail));
	assert_done(&site->one, pass_end(&site->one, &job, &ended));
	assert_true(ended);
}

/* A batch in one transaction that was cancelled while its holder committed. */
static void written_when_cancelled(struct site *site)
{
	struct job job;
	struct chunk list[CANDIDATES_MAX];
	size_t count;
	bool mine;
	int64_t id = good(site, "{\"atomic\":true}");
	struct chunk_result result = { .by_outcome = { [OUTCOME_SUCCEEDED] = 4 } };
	assert_done(&site->two, job_get(&site->two, id, &job));
	assert_done(&site->two, chunks_plan(&site->two, &job, job.total, 1, &mine));
	assert_done(&site->two, chunks_poll(&site->two, &job, list, &count));
	assert_done(&site->two, claim(&site->two, &job, &list[0], &mine));
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	assert_done(&site->two, chunk_set_counts(&site->two, &job, &list[0], &result));
	let_go(site, id, &job, &list[0]);
}

static void all_or_nothing(struct site *site)
{
	struct job job;
	struct chunk held;
	int64_t id = good(site, "{\"chunk_size\":2}");
	advance_once(&site->one, id);
	pass_without_work(site, id, JOB_EVENT_PUBLISH, WORK_PUBLISH);
	id = good(site, "{\"chunk_size\":2}");
	advance_once(&site->one, id);
	pass_without_work(site, id, JOB_EVENT_ROLL_BACK, WORK_UNDO);
	id = at_work(site, &job, &held);
	assert_done(&site->one, batch_cancel(&site->one, id, true));
	pass_without_work(site, id, JOB_EVENT_ROLL_BACK, WORK_UNDO);
	run_batch(site, half_good(site, "{\"atomic\":true}"));
	written_when_cancelled(site);
}

static int by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The table's rows as the recorder would tell them: those that change the state. */
static const char *table_told(struct site *site)
{
	const char **rows = arena_array(site->look.arena, job_transition_count, sizeof(const char *));
	struct str out = STR_INIT;
	size_t count = 0;
	for (size_t i = 0; i < job_transition_count; i++)
		if (job_transitions[i].from != job_transitions[i].to)
			rows[count++] = text_of(site, "%s %s\n", job_state_name(job_transitions[i].from), job_state_name(job_transitions[i].to));
	qsort(rows, count, sizeof(const char *), by_text);
	for (size_t i = 0; i < count; i++)
		if (!i || strcmp(rows[i - 1], rows[i]) != 0)
			str_adds(&out, rows[i]);
	return kept_text(site, &out);
}

static void every_transition_of_the_table_occurs_and_no_other(void **state)
{
	struct site *site = *state;
	record(site, true);
	begin_and_end(site);
	hold_and_give_up(site);
	put_back(site);
	wait_for_others(site);
	all_or_nothing(site);
	decide(site);
	assert_string_equal(lines(site, "ss", "SELECT was, became FROM tr_seen_transitions"
					      " ORDER BY CONVERT(CONCAT(was, ' ', became) USING ascii) COLLATE ascii_bin"), table_told(site));
}

/* --- what a person may not do -------------------------------------------------------------- */

static bool cancel(struct ctx *ctx, int64_t id)
{
	return batch_cancel(ctx, id, true);
}

static bool retry(struct ctx *ctx, int64_t id)
{
	return batch_retry(ctx, id, RETRYABLE_OUTCOMES, 0);
}

static const struct {
	const char *name;
	bool (*call)(struct ctx *ctx, int64_t job_id);
} events[] = {
	{ "start", batch_start }, { "pause", batch_pause }, { "resume", batch_resume },
	{ "cancel", cancel },	  { "retry", retry },	    { "undo", batch_undo },	{ "decide", skip_all },
};
#define EVENTS (sizeof(events) / sizeof(events[0]))

/* Of each state, in the order of `events`: > it moves, = it has happened already, - it is refused, and then these
 * are named; * undo gives a reason of its own (test_undo.c). */
static const struct {
	enum job_state state;
	const char *does;
	const char *named;
} persons_table[] = {
	/* clang-format off */
	/*                   start pause resume cancel retry undo decide */
	{ JOB_RECEIVING,    ">--" ">---", "allowed: start, cancel" },
	{ JOB_QUEUED,       "=>=" ">---", "allowed: pause, cancel" },
	{ JOB_RUNNING,      "=>=" ">-->", "allowed: pause, cancel, decide" },
	{ JOB_PAUSING,      "-=>" ">---", "allowed: resume, cancel" },
	{ JOB_PAUSED,       "-=>" ">---", "allowed: resume, cancel" },
	{ JOB_CANCELLING,   "---" "=---", "nothing more is" },
	{ JOB_CANCELLED,    "---" "=>>>", "allowed: undo, decide, retry" },
	{ JOB_SUCCEEDED,    "---" "-->-", "allowed: undo" },
	{ JOB_PARTIAL,      "---" "->>>", "allowed: undo, retry, decide" },
	{ JOB_FAILED,       "---" "->*-", "allowed: retry" },
	{ JOB_PUBLISHING,   "---" "----", "nothing more is" },
	{ JOB_ROLLING_BACK, "---" "----", "nothing more is" },
	{ JOB_ROLLED_BACK,  "---" "--*-", "nothing more is" },
	{ JOB_UNDOING,      "---" "--=-", "nothing more is" },
	{ JOB_UNDONE,       "---" "--*-", "nothing more is" },
	{ JOB_UNDO_PARTIAL, "---" "--*-", "nothing more is" },
	/* clang-format on */
};

static void set_state(struct site *site, int64_t id, enum job_state state)
{
	sql(site, "UPDATE {batch_jobs} SET status = '%s', phase = '%s', undo_until = UTC_TIMESTAMP() + INTERVAL 1 DAY WHERE id = %lld",
	    job_state_name(state), job_state_phase(state), (long long)id);
}

static void what_is_not_in_the_table_is_refused(void **state)
{
	struct site *site = *state;
	int64_t id = asking(site);
	run_batch(site, id);
	assert_int_equal(sizeof(persons_table) / sizeof(persons_table[0]), JOB_STATE_COUNT);
	for (size_t i = 0; i < JOB_STATE_COUNT; i++) {
		const char *name = job_state_name(persons_table[i].state);
		assert_int_equal(strlen(persons_table[i].does), EVENTS);
		set_state(site, id, persons_table[i].state);
		for (size_t e = 0; e < EVENTS; e++) {
			char does = persons_table[i].does[e];
			if (does == '>' || does == '*')
				continue;
			if (does == '=') {
				assert_done(&site->one, events[e].call(&site->one, id));
				set_state(site, id, persons_table[i].state); /* a pause may have been done by now */
				continue;
			}
			assert_refused(&site->one, events[e].call(&site->one, id),
				       text_of(site, "CONFLICT illegal_transition: The batch is %s: “%s” is not possible, %s", name,
					       events[e].name, persons_table[i].named));
			assert_string_equal(lines(site, "s", "SELECT status FROM {batch_jobs} WHERE id = %lld", (long long)id),
					    text_of(site, "%s\n", name));
		}
	}
}

/* What the program says is possible is what the table above says. */
static void what_is_allowed_is_what_moves(void **state)
{
	struct site *site = *state;
	int64_t id = asking(site);
	run_batch(site, id);
	for (size_t i = 0; i < JOB_STATE_COUNT; i++) {
		const char *names[EVENTS + 1];
		struct job job;
		struct job_counts counts;
		set_state(site, id, persons_table[i].state);
		assert_done(&site->one, job_get(&site->one, id, &job));
		assert_done(&site->one, job_get_counts(&site->one, &job, &counts));
		size_t count = job_allowed(&job, &counts, names, EVENTS + 1), moving = 0;
		for (size_t e = 0; e < EVENTS; e++) {
			bool is_named = false;
			for (size_t n = 0; n < count; n++)
				is_named |= strcmp(names[n], events[e].name) == 0;
			moving += persons_table[i].does[e] == '>';
			if (is_named != (persons_table[i].does[e] == '>'))
				fail_msg("%s: %s", job_state_name(job.state), events[e].name);
		}
		assert_int_equal(count, moving);
	}
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		cmocka_unit_test_setup_teardown(every_transition_of_the_table_occurs_and_no_other, site_begin, end_record),
		CASE(what_is_not_in_the_table_is_refused),
		CASE(what_is_allowed_is_what_moves),
	};
	return cmocka_run_group_tests_name("states", cases, site_open, site_close);
}
