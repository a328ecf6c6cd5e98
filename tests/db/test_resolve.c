/* What becomes of items that collide, for each way to resolve it. */
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "jobs.h"

#define EVENT(content, minute, minutes, more) event_json(site, content, minute, minutes, more)

static void the_higher_priority_decides_first(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 0, 60, ",\"resources\":[1],\"priority\":5"),
			     EVENT(3, 0, 60, ",\"resources\":[1],\"priority\":5"), EVENT(4, 0, 60, ",\"resources\":[1],\"priority\":-1"));
	const char *why = "failed; resource_overlap /resources: The resource is taken: item 1 of this batch; resource_overlap hard"
			  " with item 1\n";
	assert_string_equal(told(site, job), text_of(site, "0 %s1 succeeded\n2 %s3 %s", why, why, why));
	assert_domain_whole(site);
}

static void ask_leaves_the_item_to_a_person(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE("{\"on_conflict\":\"ask\"}", EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 0, 60, ",\"resources\":[1]"));
	assert_string_equal(told(site, job), "0 succeeded\n1 conflict; resource_overlap /resources: The resource is taken: item 0 of this"
					     " batch; resource_overlap hard with item 0\n");
	assert_string_equal(status_line(site, job), "partial: 1 succeeded 1 conflict");
}

static const char *starts(struct site *site, int64_t job)
{
	return lines(site, "ii", "SELECT origin_ordinal, TIMESTAMPDIFF(MINUTE, '2030-01-01', starts_at) FROM {scheduled_events}"
				 " WHERE origin_job_id = %lld ORDER BY origin_ordinal", (long long)job);
}

static void shift_takes_the_next_free_time_of_all_its_calendars(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 50, 40, ",\"assignees\":[21]"), EVENT(3, 93, 30, ",\"resources\":[1]"));
	int64_t job = CREATE("{\"on_conflict\":\"shift\"}", EVENT(4, 30, 30, ",\"resources\":[1],\"assignees\":[21]"));
	/* 60..93 is free on the venue, from 90 on the person: 125 is the first five minutes both are. */
	const char *all = told(site, job);
	assert_non_null(strstr(all, "0 succeeded; resource_overlap hard with event"));
	assert_non_null(strstr(all, "; warning shifted: Moved from 2030-01-01T00:30:00Z to 2030-01-01T02:05:00Z, the next free time\n"));
	assert_string_equal(starts(site, job), "0 125\n");
	assert_domain_whole(site);
}

static void shifted_items_queue_up(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 120, 60, ",\"resources\":[1]"));
	int64_t job = CREATE("{\"on_conflict\":\"shift\"}", EVENT(3, 0, 60, ",\"resources\":[1]"), EVENT(4, 60, 60, ",\"resources\":[1]"),
			     EVENT(5, 60, 30, ",\"resources\":[1],\"priority\":9"), EVENT(6, 0, 10, ",\"resources\":[1]"));
	assert_string_equal(starts(site, job), "0 180\n1 240\n2 60\n3 90\n");
	int64_t again = CREATE("{\"on_conflict\":\"shift\",\"chunk_size\":1}", EVENT(7, 0, 60, ",\"resources\":[1]"),
			       EVENT(8, 0, 60, ",\"resources\":[1]"), EVENT(9, 0, 15, ",\"resources\":[1]"));
	assert_string_equal(starts(site, again), "0 300\n1 360\n2 100\n");
	assert_domain_whole(site);
}

static void shift_keeps_versions_apart(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 0, ""), EVENT(1, 130, 0, ""));
	int64_t job = CREATE("{\"on_conflict\":\"shift\",\"shift_grid_s\":60}",
			     "{\"content_id\":1,\"version_no\":2,\"starts_at\":\"2030-01-01T00:30:00Z\"}");
	assert_string_equal(starts(site, job), "0 60\n");
	job = CREATE("{\"on_conflict\":\"shift\"}", "{\"content_id\":1,\"version_no\":3,\"starts_at\":\"2030-01-01T00:30:00Z\"}");
	assert_string_equal(starts(site, job), "0 190\n");
}

static void shift_has_a_limit(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 3 * 1440, ",\"resources\":[1]"));
	int64_t job = CREATE("{\"on_conflict\":\"shift\",\"shift_limit_s\":86400}", EVENT(2, 0, 60, ",\"resources\":[1]"),
			     EVENT(3, 2 * 1440, 60, ",\"resources\":[1]"));
	const char *all = told(site, job);
	assert_int_equal(strncmp(all, "0 failed; no_free_time : There is no free time within 1 days of the one asked for; ", 82), 0);
	assert_string_equal(starts(site, job), "1 4320\n");
	int64_t far = CREATE("{\"on_conflict\":\"shift\"}", EVENT(4, 0, 60, ",\"resources\":[1]"));
	assert_string_equal(starts(site, far), "0 4380\n");
	assert_domain_whole(site);
}

static void shift_keeps_to_the_wall_clock(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 8 * 60, 62, ",\"resources\":[1]"));
	int64_t job = CREATE("{\"on_conflict\":\"shift\",\"shift_grid_s\":3600}",
			     "{\"content_id\":2,\"timezone\":\"Asia/Kolkata\",\"local_start\":\"2030-01-01T14:00:00\",\"duration_s\":600,"
			     "\"resources\":[1]}");
	assert_string_equal(lines(site, "ss", "SELECT local_start, starts_at FROM {scheduled_events} WHERE origin_job_id = %lld",
				  (long long)job), "2030-01-01 15:00:00 2030-01-01 09:30:00\n");
}

static void a_shifted_item_sent_again_is_unchanged(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"));
	char *item = EVENT(2, 0, 60, ",\"resources\":[1],\"client_id\":\"s\"");
	CREATE("{\"on_conflict\":\"shift\"}", item);
	assert_string_equal(told(site, CREATE("{\"on_conflict\":\"shift\"}", item)), "0 unchanged\n");
}

static void updates_shift_and_their_successors_see_it(void **state)
{
	struct site *site = *state;
	int64_t made = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 0, 60, ",\"resources\":[2]"),
			      EVENT(3, 60 + 1440, 60, ",\"resources\":[2]"));
	long long second = event_of(site, made, 1);
	int64_t job = UPDATE("{\"on_conflict\":\"shift\"}",
			     text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"resources\":[1]}}", second),
			     text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"shift_s\":86400,\"resources\":[2]}}", second));
	assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
	/* First to 60 beside the first one, then a day on, where 60 is taken, too. */
	assert_string_equal(lines(site, "ii", "SELECT TIMESTAMPDIFF(MINUTE, '2030-01-01', starts_at), row_version FROM"
					      " {scheduled_events} WHERE id = %lld", second), "1560 2\n");
	assert_domain_whole(site);
	assert_done(&site->one, batch_undo(&site->one, job));
	run_batch(site, job);
	assert_string_equal(lines(site, "i", "SELECT TIMESTAMPDIFF(MINUTE, '2030-01-01', starts_at) FROM {scheduled_events}"
					     " WHERE id = %lld", second), "0\n");
	assert_domain_whole(site);
}

static void replace_supersedes_what_is_there(void **state)
{
	struct site *site = *state;
	int64_t first = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1,2]"), EVENT(2, 60, 60, ",\"resources\":[1]"),
			       EVENT(3, 120, 60, ",\"resources\":[1]"));
	int64_t job = CREATE("{\"on_conflict\":\"replace\"}", EVENT(4, 30, 60, ",\"resources\":[1]"), EVENT(5, 30, 60, ",\"resources\":[2]"));
	long long one = event_of(site, first, 0), two = event_of(site, first, 1);
	assert_non_null(strstr(told(site, job), text_of(site, "warning replaced: Event %lld was replaced", one)));
	assert_string_equal(status_line(site, job), "succeeded: 2 succeeded");
	assert_string_equal(lines(site, "isiii", "SELECT e.id - %lld, e.status, e.row_version, e.superseded_by = i.event_id,"
						 " e.next_due_at IS NULL FROM {scheduled_events} e JOIN {batch_job_items} i"
						 " ON i.job_id = %lld AND i.ordinal = 0 WHERE e.status = 'superseded' ORDER BY e.id",
				  one, (long long)job), text_of(site, "0 superseded 2 1 1\n%lld superseded 2 1 1\n", two - one));
	assert_domain_whole(site);
	assert_done(&site->one, batch_undo(&site->one, job));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "undone: 2 undone");
	assert_string_equal(lines(site, "isi", "SELECT id - %lld, status, superseded_by FROM {scheduled_events} ORDER BY id", one),
			    text_of(site, "0 scheduled 0\n%lld scheduled 0\n%lld scheduled 0\n", two - one, two - one + 1));
	assert_domain_whole(site);
}

static void who_replaced_and_kept_is_logged_with_the_reason(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1,11]"));
	int64_t kept = CREATE("{\"on_conflict\":\"keep_both\",\"reason\":\"Both fit\"}", EVENT(2, 0, 60, ",\"resources\":[11]"));
	int64_t replaced = CREATE("{\"on_conflict\":\"replace\",\"reason\":\"Promised\"}", EVENT(3, 0, 60, ",\"resources\":[1]"));
	assert_string_equal(lines(site, "siss", "SELECT action, user_id, JSON_VALUE(detail, '$.reason'), JSON_VALUE(detail, '$.ordinals[0]')"
						" FROM {audit_log} WHERE action LIKE 'conflict.%%' AND job_id IN (%lld, %lld) ORDER BY id",
				  (long long)kept, (long long)replaced), "conflict.keep_both 1 Both fit 0\nconflict.replace 1 Promised 0\n");
}

static void a_batch_does_not_replace_itself(void **state)
{
	struct site *site = *state;
	const char *one = "{\"on_conflict\":\"replace\",\"chunk_size\":1}", *all = "{\"on_conflict\":\"replace\"}";
	for (int i = 0; i < 2; i++) {
		int64_t job = CREATE(i ? one : all, EVENT(1, i * 60, 60, ",\"resources\":[1]"), EVENT(2, i * 60, 60, ",\"resources\":[1]"));
		assert_string_equal(status_line(site, job), "partial: 1 succeeded 1 failed");
		assert_non_null(strstr(told(site, job), "not_replaceable"));
	}
	assert_domain_whole(site);
}

static void a_hall_loses_only_whom_it_must(void **state)
{
	struct site *site = *state;
	int64_t first = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[12],\"priority\":3"), EVENT(2, 0, 60, ",\"resources\":[12]"));
	int64_t job = CREATE("{\"on_conflict\":\"replace\"}", EVENT(3, 30, 60, ",\"resources\":[12]"));
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
	assert_string_equal(lines(site, "i", "SELECT id - %lld FROM {scheduled_events} WHERE status = 'superseded'",
				  (long long)event_of(site, first, 0)), "1\n");
	assert_domain_whole(site);
}

static void replacing_needs_the_permission_for_what_is_there(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"));
	become(&site->one, AUTHOR);
	int64_t job = CREATE("{\"on_conflict\":\"replace\"}", EVENT(AUTHORS_OWN, 0, 60, ",\"resources\":[1]"));
	assert_string_equal(status_line(site, job), "failed: 1 failed");
	assert_non_null(strstr(told(site, job), "0 failed; not_permitted : You may not replace event "));
}

static void what_is_at_work_is_not_replaced(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"));
	sql(site, "UPDATE {scheduled_events} SET status = 'processing'");
	int64_t job = CREATE("{\"on_conflict\":\"replace\"}", EVENT(2, 0, 60, ",\"resources\":[1]"));
	assert_non_null(strstr(told(site, job), "0 failed; not_replaceable : Event "));
	assert_non_null(strstr(told(site, job), " is processing; resource_overlap"));
}

static void what_was_replaced_and_changed_since_is_left_alone(void **state)
{
	struct site *site = *state;
	int64_t first = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 60, 60, ",\"resources\":[1]"),
			       EVENT(3, 120, 60, ",\"resources\":[1]"));
	int64_t job = CREATE("{\"on_conflict\":\"replace\"}", EVENT(4, 0, 180, ",\"resources\":[1]"));
	long long one = event_of(site, first, 0), two = event_of(site, first, 1), made = event_of(site, job, 0);
	sql(site, "UPDATE {scheduled_events} SET row_version = row_version + 1, status = 'archived' WHERE id = %lld", one);
	sql(site, "DELETE FROM {scheduled_events} WHERE id = %lld", two);
	assert_done(&site->one, batch_undo(&site->one, job));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "undo_partial: 1 undo_conflict");
	assert_non_null(strstr(told(site, job), text_of(site, "; changed_since : Event %lld, which had been replaced, was changed by", one)));
	assert_non_null(strstr(told(site, job), text_of(site, "; changed_since : Event %lld, which had been replaced, has been deleted", two)));
	assert_string_equal(lines(site, "is", "SELECT id - %lld, status FROM {scheduled_events} WHERE id <> %lld", one, made),
			    "0 archived\n2 scheduled\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE id = %lld", made), 0);
	assert_domain_whole(site);
}

static void what_was_replaced_stays_when_its_place_is_taken(void **state)
{
	struct site *site = *state;
	int64_t first = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1,2]"));
	int64_t job = CREATE("{\"on_conflict\":\"replace\"}", EVENT(2, 0, 60, ",\"resources\":[1]"));
	int64_t third = CREATE(NULL, EVENT(3, 0, 60, ",\"resources\":[2]"));
	long long one = event_of(site, first, 0), taker = event_of(site, third, 0);
	assert_done(&site->one, batch_undo(&site->one, job));
	run_batch(site, job);
	assert_string_equal(told(site, job), text_of(site, "0 undo_conflict; place_taken : Event %lld, which had been replaced, can't come"
							   " back: event %lld has its place\n", one, taker));
	assert_string_equal(lines(site, "is", "SELECT id - %lld, status FROM {scheduled_events} ORDER BY id", one),
			    text_of(site, "0 superseded\n%lld scheduled\n", taker - one));
	assert_domain_whole(site);
}

static void an_update_replaces_too(void **state)
{
	struct site *site = *state;
	int64_t made = CREATE(NULL, EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 60, 60, ",\"resources\":[1]"));
	long long id = event_of(site, made, 1);
	int64_t job = UPDATE("{\"on_conflict\":\"replace\"}",
			     text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"starts_at\":\"2030-01-01T00:30:00Z\"}}", id));
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
	assert_string_equal(lines(site, "si", "SELECT status, superseded_by = %lld FROM {scheduled_events} ORDER BY id", id),
			    "superseded 1\nscheduled 0\n");
	assert_domain_whole(site);
	assert_done(&site->one, batch_undo(&site->one, job));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "undone: 1 undone");
	assert_string_equal(lines(site, "sii", "SELECT status, superseded_by, TIMESTAMPDIFF(MINUTE, '2030-01-01', starts_at)"
					       " FROM {scheduled_events} ORDER BY id"), "scheduled 0 0\nscheduled 0 60\n");
	assert_domain_whole(site);
}

#define DAILY ",\"resources\":[1],\"recurrence\":\"FREQ=DAILY;COUNT=4\""

static const char *occurrences(struct site *site, int64_t job)
{
	return lines(site, "i", "SELECT (o.start_utc - 1893456000) DIV 60 FROM {event_occurrences} o JOIN {scheduled_events} e"
				" ON e.id = o.event_id WHERE e.origin_job_id = %lld ORDER BY 1", (long long)job);
}

static void a_series_may_not_overlap_itself(void **state)
{
	struct site *site = *state;
	int64_t job = CREATE("{\"on_conflict\":\"shift\"}", EVENT(1, 0, 2000, DAILY), EVENT(2, 0, 1440, ",\"resources\":[2],\"recurrence\":"
			     "\"FREQ=DAILY;COUNT=4\""));
	assert_non_null(strstr(told(site, job), "0 failed; self_overlap /duration_s: The occurrence of 2030-01-02T00:00:00Z begins before the"
						" one before it has ended"));
	assert_string_equal(status_line(site, job), "partial: 1 succeeded 1 failed");
	assert_domain_whole(site);
}

static void skip_leaves_out_the_occurrences_that_collide(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 1440, 60, ",\"resources\":[1]"), EVENT(2, 3 * 1440 + 30, 60, ",\"resources\":[1]"));
	int64_t job = CREATE("{\"on_conflict\":\"skip\",\"conflict_scope\":\"occurrence\"}", EVENT(3, 0, 60, DAILY),
			     EVENT(4, 1440, 60, ",\"resources\":[1]"));
	assert_string_equal(occurrences(site, job), "0\n2880\n");
	assert_non_null(strstr(told(site, job), "; warning occurrences_left_out: 2 of 4 occurrences were left out: 2030-01-02T00:00:00,"
						" 2030-01-04T00:00:00\n1 skipped"));
	assert_domain_whole(site);
	int64_t whole = CREATE("{\"on_conflict\":\"skip\"}", EVENT(5, 1440, 60, DAILY));
	assert_string_equal(status_line(site, whole), "succeeded: 1 skipped");
}

static void a_series_moves_as_a_whole(void **state)
{
	struct site *site = *state;
	CREATE(NULL, EVENT(1, 1440, 60, ",\"resources\":[1]"), EVENT(2, 2 * 1440 + 65, 60, ",\"resources\":[1]"));
	int64_t job = CREATE("{\"on_conflict\":\"shift\"}", EVENT(3, 0, 30, DAILY), EVENT(4, 0, 60, DAILY));
	assert_string_equal(occurrences(site, job), "125\n155\n1565\n1595\n3005\n3035\n4445\n4475\n");
	assert_domain_whole(site);
	/* Mondays: beyond midnight comes the next Monday. */
	CREATE(NULL, EVENT(5, 6 * 1440, 1440, ",\"resources\":[2]"));
	int64_t mondays = CREATE("{\"on_conflict\":\"shift\",\"shift_limit_s\":864000}",
				 "{\"content_id\":6,\"starts_at\":\"2030-01-07T09:00:00Z\",\"duration_s\":3600,\"resources\":[2],"
				 "\"recurrence\":\"FREQ=WEEKLY;BYDAY=MO;COUNT=2\"}");
	assert_string_equal(occurrences(site, mondays), "18720\n28800\n");
	assert_domain_whole(site);
}

static void a_series_is_replaced_and_comes_back(void **state)
{
	struct site *site = *state;
	int64_t first = CREATE(NULL, EVENT(1, 0, 60, DAILY));
	int64_t job = CREATE("{\"on_conflict\":\"replace\"}", EVENT(2, 1440, 60, ",\"resources\":[1]"));
	assert_string_equal(status_line(site, job), "succeeded: 1 succeeded");
	assert_string_equal(busy_told(site), "1 2 1440-1500 v1\n2 1 1440-1500 v1\n");
	assert_done(&site->one, batch_undo(&site->one, job));
	run_batch(site, job);
	assert_string_equal(status_line(site, job), "undone: 1 undone");
	assert_string_equal(occurrences(site, first), "0\n1440\n2880\n4320\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy}"), 8);
	assert_domain_whole(site);
}

#define RACERS 4
#define RACING(how) "{\"on_conflict\":\"" how "\",\"ordered\":false,\"chunk_size\":3,\"max_concurrency\":8}"

/* A process of its own works the two batches, a chunk at a time, until both have ended. */
static int race(struct site *site, int64_t first, int64_t second)
{
	struct ctx ctx = site->one;
	ctx.arena = arena_new();
	ctx.db = db_new(&site->config);
	ctx.fail = (struct fail){ 0 };
	if (!db_ensure(ctx.db, &ctx.fail))
		return 1;
	for (int i = 0, ended = 0; i < 4000 && ended < 2; i++) {
		struct advance_report report = { 0 };
		if (!batch_advance(&ctx, i % 2 ? first : second, ONE_STEP, &report) && ctx.fail.kind != FAIL_RETRY)
			return 2;
		ended = report.is_terminal ? ended + 1 : 0;
		fail_clear(&ctx.fail);
	}
	return 0;
}

/* Forty items want five places on one venue; a batch shifts, another replaces, lanes and chunks are many. */
static void nothing_is_booked_twice_in_a_race(void **state)
{
	struct site *site = *state;
	struct str body = STR_INIT;
	pid_t racers[RACERS];
	for (int i = 0; i < 40; i++)
		str_addf(&body, "%s%s", i ? "," : "[", EVENT(1 + i, i % 5 * 20, 30, ",\"resources\":[1]"));
	str_addc(&body, ']');
	CREATE("{\"on_conflict\":\"skip\"}", EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 60, 90, ",\"resources\":[1]"));
	int64_t shifts = batch_new(site, JOB_CREATE, RACING("shift"), str_text(&body));
	int64_t replaces = batch_new(site, JOB_CREATE, RACING("replace"), str_text(&body));
	str_free(&body);
	for (int i = 0; i < RACERS; i++) {
		racers[i] = fork();
		if (racers[i] == 0)
			_exit(race(site, shifts, replaces));
	}
	for (int i = 0; i < RACERS; i++) {
		int status = -1;
		assert_int_equal(waitpid(racers[i], &status, 0), racers[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	run_batch(site, shifts);
	run_batch(site, replaces);
	assert_string_equal(status_line(site, shifts), "succeeded: 40 succeeded");
	assert_true(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE status = 'superseded'") > 1);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} o JOIN {scheduled_events} n ON n.id = o.superseded_by"
				      " WHERE o.status = 'superseded' AND n.origin_job_id = %lld", (long long)replaces),
			 number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE status = 'superseded'"));
	assert_domain_whole(site);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(the_higher_priority_decides_first), CASE(ask_leaves_the_item_to_a_person),
		CASE(shift_takes_the_next_free_time_of_all_its_calendars), CASE(shifted_items_queue_up),
		CASE(shift_keeps_versions_apart), CASE(shift_has_a_limit), CASE(shift_keeps_to_the_wall_clock),
		CASE(a_shifted_item_sent_again_is_unchanged), CASE(updates_shift_and_their_successors_see_it),
		CASE(replace_supersedes_what_is_there), CASE(who_replaced_and_kept_is_logged_with_the_reason), CASE(a_batch_does_not_replace_itself),
		CASE(a_hall_loses_only_whom_it_must), CASE(replacing_needs_the_permission_for_what_is_there),
		CASE(what_is_at_work_is_not_replaced), CASE(what_was_replaced_and_changed_since_is_left_alone),
		CASE(what_was_replaced_stays_when_its_place_is_taken), CASE(an_update_replaces_too),
		CASE(a_series_may_not_overlap_itself), CASE(skip_leaves_out_the_occurrences_that_collide),
		CASE(a_series_moves_as_a_whole), CASE(a_series_is_replaced_and_comes_back),
		CASE(nothing_is_booked_twice_in_a_race),
	};
	return cmocka_run_group_tests_name("resolve", cases, site_open, site_close);
}
