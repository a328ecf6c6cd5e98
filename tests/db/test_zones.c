/* The data of time zones change: events with a wall time go where it is by now. */
#include "jobs.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/zone.h"
#include "batch/maintenance.h"
#include "schedule/rezone.h"

#define A_WHILE_MS 60000

static char folder[] = "/tmp/tranche-zones-XXXXXX";

/* From now on the clocks of Testland are so many hours ahead of UTC. */
static void testland_is(const char *hours)
{
	char path[100], to[100];
	snprintf(path, sizeof(path), "%s/Testland", folder);
	snprintf(to, sizeof(to), "/usr/share/zoneinfo/Etc/GMT-%s", hours);
	(void)!unlink(path);
	assert_int_equal(symlink(to, path), 0);
	zone_look_again();
}

static int open_zones(void **state)
{
	int failed = site_open(state);
	if (!mkdtemp(folder))
		return 1;
	zone_init(folder);
	return failed;
}

static int close_zones(void **state)
{
	char path[100];
	snprintf(path, sizeof(path), "%s/Testland", folder);
	(void)!unlink(path);
	(void)!rmdir(folder);
	return site_close(state);
}

/* Noon of a day of 2030 in Testland, for an hour. */
static char *noon(struct site *site, int64_t content, int64_t day, const char *more)
{
	return text_of(site, "{\"content_id\":%lld,\"version_no\":1,\"local_start\":\"2030-01-%02lldT12:00:00\",\"timezone\":\"Testland\","
			     "\"duration_s\":3600%s}", (long long)content, (long long)day, more);
}

static void keep_house(struct site *site)
{
	sql(site, "UPDATE {maintenance} SET due_at = '2000-01-01'");
	maintenance_step(&site->one, monotonic_ms() + A_WHILE_MS);
}

static const char *walk_of(struct site *site)
{
	return lines(site, "iii", "SELECT step, REPLACE(result, ' ', '') LIKE '%%\"left\":true%%', TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), due_at) DIV 50"
				  " FROM {maintenance} WHERE name = 'zones'");
}

static void events_go_where_their_wall_time_is(void **state)
{
	struct site *site = *state;
	testland_is("1");
	int64_t job = new_run(site, JOB_CREATE, NULL,
			      list_of(site, noon(site, 1, 1, ",\"resources\":[1],\"client_id\":\"a\""), event_json(site, 2, 11 * 60, 60, ",\"resources\":[2]"),
				      noon(site, 3, 3, ",\"recurrence\":\"FREQ=DAILY;COUNT=2\""), noon(site, 4, 4, ""), NULL));
	int64_t id = event_of(site, job, 0), series = event_of(site, job, 2);
	/* One that is over stays where it was. */
	sql(site, "UPDATE {busy} SET start_utc = 1000000000 + 3600, end_utc = 1000000000 + 7200, day = 1000000000 DIV 86400,"
		  " local_start = 1000000000 + 3600 WHERE calendar_kind = 1 AND calendar_id = 4");
	sql(site, "UPDATE {scheduled_events} SET starts_at = '2001-09-09 02:46:40', ends_at = '2001-09-09 03:46:40',"
		  " local_start = '2001-09-09 03:46:40' WHERE content_id = 4");
	keep_house(site);
	const char *before = domain_sum(site);
	keep_house(site);
	assert_string_equal(domain_sum(site), before);
	assert_string_equal(walk_of(site), "0 0 7\n");
	testland_is("3");
	keep_house(site);
	assert_string_equal(lines(site, "iii", "SELECT starts_at = CONCAT('2030-01-01 ', '09:00:00') AND ends_at = '2030-01-01 10:00:00'"
					       " AND next_due_at = starts_at, row_version, local_start = '2030-01-01 12:00:00'"
					       " FROM {scheduled_events} WHERE id = %lld", (long long)id), "1 2 1\n");
	assert_string_equal(lines(site, "i", "SELECT row_version FROM {scheduled_events} ORDER BY id"), "2\n1\n1\n1\n");
	assert_string_equal(lines(site, "ii", "SELECT starts_at = '2030-01-03 09:00:00', next_due_at = '2030-01-03 09:00:00' FROM {scheduled_events}"
					      " WHERE id = %lld", (long long)series), "1 1\n");
	assert_string_equal(lines(site, "ii", "SELECT row_version, starts_at = '2030-01-01 11:00:00' FROM {event_history} WHERE event_id = %lld", (long long)id), "1 1\n");
	assert_string_equal(lines(site, "siis", "SELECT action, user_id, object_id, JSON_VALUE(detail, '$.to') FROM {audit_log} WHERE action LIKE 'event.%%' ORDER BY id"),
			    text_of(site, "event.zone 0 %lld 2030-01-01T09:00:00Z\n", (long long)id));
	assert_string_equal(walk_of(site), "0 0 7\n");
	assert_domain_whole(site);
	/* It is what a person would send now. */
	assert_string_equal(told(site, new_run(site, JOB_CREATE, NULL, list_of(site, noon(site, 1, 1, ",\"resources\":[1],\"client_id\":\"a\""), NULL))), "0 unchanged\n");
}

static void what_they_meet_there_is_told(void **state)
{
	struct site *site = *state;
	testland_is("1");
	int64_t job = new_run(site, JOB_CREATE, NULL,
			      list_of(site, noon(site, 1, 1, ",\"resources\":[11]"), event_json(site, 2, 9 * 60, 60, ",\"resources\":[11]"), NULL));
	keep_house(site);
	testland_is("3");
	keep_house(site);
	assert_string_equal(lines(site, "si", "SELECT action, JSON_VALUE(detail, '$.event_id') FROM {audit_log} WHERE action = 'event.conflict'"),
			    text_of(site, "event.conflict %lld\n", (long long)event_of(site, job, 1)));
	assert_string_equal(lines(site, "ssi", "SELECT code, context, occurrences FROM {error_logs}"), "resource_overlap program 1\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE starts_at = '2030-01-01 09:00:00'"), 2);
	assert_domain_whole(site);
}

/* Wherever its wall time is by now, it is what the batch made: so it can be undone, and what comes back is where it
 * belongs today. */
static void what_was_moved_can_be_undone(void **state)
{
	struct site *site = *state;
	testland_is("1");
	int64_t made = new_run(site, JOB_CREATE, NULL,
			       list_of(site, noon(site, 1, 1, ",\"title\":\"One\",\"resources\":[1]"), noon(site, 2, 2, ",\"title\":\"Two\""), NULL));
	int64_t one = event_of(site, made, 0), two = event_of(site, made, 1);
	int64_t changed = new_run(site, JOB_UPDATE, NULL,
				  list_of(site, text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"Changed\"}}", (long long)one),
					  text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"local_start\":\"2030-01-05T08:00:00\","
							"\"timezone\":\"Europe/Berlin\"}}", (long long)two), NULL));
	assert_string_equal(status_line(site, changed), "succeeded: 2 succeeded");
	keep_house(site);
	testland_is("3");
	keep_house(site);
	assert_string_equal(lines(site, "sii", "SELECT TIME(starts_at), row_version, as_version FROM {scheduled_events} ORDER BY id"),
			    "09:00:00 3 2\n07:00:00 2 0\n");
	/* What the program did by itself is no undo. */
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_history} WHERE event_id = %lld AND row_version = 2", (long long)one), 1);
	run_undo(site, changed);
	assert_string_equal(status_line(site, changed), "undone: 2 undone");
	assert_string_equal(lines(site, "ssi", "SELECT title, CONCAT(starts_at, '/', ends_at, '/', next_due_at, '/', local_start), as_version"
					       " FROM {scheduled_events} ORDER BY id"),
			    "One 2030-01-01 09:00:00/2030-01-01 10:00:00/2030-01-01 09:00:00/2030-01-01 12:00:00 1\n"
			    "Two 2030-01-02 09:00:00/2030-01-02 10:00:00/2030-01-02 09:00:00/2030-01-02 12:00:00 1\n");
	assert_domain_whole(site);
	/* Twice is not too often. */
	testland_is("2");
	keep_house(site);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE TIME(starts_at) = '10:00:00' AND as_version = 1"), 2);
	run_undo(site, made);
	assert_string_equal(status_line(site, made), "undone: 2 undone");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy}"), 0);
}

/* Those that move together make room for each other. */
static void they_may_take_each_others_places(void **state)
{
	struct site *site = *state;
	testland_is("1");
	new_run(site, JOB_CREATE, NULL, list_of(site, noon(site, 1, 1, ",\"resources\":[1]"),
						text_of(site, "{\"content_id\":2,\"version_no\":1,\"local_start\":\"2030-01-01T11:00:00\",\"timezone\":\"Testland\","
							      "\"duration_s\":3600,\"resources\":[1]}"), NULL));
	keep_house(site);
	testland_is("2");
	keep_house(site);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE row_version = 2"), 2);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {audit_log} WHERE action = 'event.conflict'"), 0);
	assert_domain_whole(site);
}

static void what_a_batch_holds_is_moved_later(void **state)
{
	struct site *site = *state;
	testland_is("1");
	new_run(site, JOB_CREATE, NULL, list_of(site, noon(site, 1, 1, ""), noon(site, 2, 2, ""), NULL));
	keep_house(site);
	sql(site, "UPDATE {scheduled_events} SET job_unpublished = -999 WHERE content_id = 1");
	testland_is("3");
	keep_house(site);
	assert_string_equal(lines(site, "i", "SELECT row_version FROM {scheduled_events} ORDER BY id"), "1\n2\n");
	assert_string_equal(walk_of(site), "1 0 1\n");
	sql(site, "UPDATE {scheduled_events} SET job_unpublished = 0");
	keep_house(site);
	assert_string_equal(lines(site, "i", "SELECT row_version FROM {scheduled_events} ORDER BY id"), "2\n2\n");
	assert_string_equal(walk_of(site), "0 0 7\n");
	assert_domain_whole(site);
}

/* Of a wall time that comes twice either moment is right. */
static void the_second_of_two_moments_stays(void **state)
{
	struct site *site = *state;
	new_run(site, JOB_CREATE, NULL, "[{\"content_id\":1,\"version_no\":1,\"local_start\":\"2030-10-27T02:30:00\",\"starts_at\":\"2030-10-27T01:30:00Z\","
					"\"timezone\":\"Europe/Stockholm\"},{\"content_id\":2,\"version_no\":1,\"local_start\":\"2030-03-31T02:30:00\","
					"\"timezone\":\"Europe/Stockholm\"}]");
	sql(site, "UPDATE {maintenance} SET result = NULL WHERE name = 'zones'");
	keep_house(site);
	assert_string_equal(lines(site, "i", "SELECT row_version FROM {scheduled_events} ORDER BY id"), "1\n1\n");
}

static int64_t statements_of_step(struct site *site, int64_t *next_id)
{
	bool left = false;
	int64_t before = db_statements(site->one.db);
	assert_done(&site->one, rezone_step(&site->one, next_id, &left));
	assert_false(left);
	return db_statements(site->one.db) - before;
}

static void however_many_in_steps_of_as_many_statements(void **state)
{
	struct site *site = *state;
	struct str list = STR_INIT;
	int64_t next_id = 1;
	testland_is("1");
	for (int64_t i = 0; i < 230; i++)
		str_addf(&list, "%s%s", i ? "," : "[", noon(site, 1 + i % 40, 1 + i / 40, text_of(site, ",\"assignees\":[%lld]", (long long)(21 + i % 8))));
	str_addc(&list, ']');
	new_run(site, JOB_CREATE, "{\"on_conflict\":\"keep_both\",\"check_compliance\":false}", str_text(&list));
	str_free(&list);
	int64_t made = number(site, "SELECT COUNT(*) FROM {scheduled_events}");
	assert_true(made > 0);
	keep_house(site);
	testland_is("2");
	(void)made;
	int64_t first = statements_of_step(site, &next_id);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE row_version = 2"), made < REZONE_MOVED ? made : REZONE_MOVED);
	assert_true(first <= 16);
	/* Who did that died; another goes on from the beginning. */
	keep_house(site);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE row_version = 2"), made);
	assert_string_equal(walk_of(site), "0 0 7\n");
	assert_domain_whole(site);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(events_go_where_their_wall_time_is),
		CASE(what_they_meet_there_is_told),
		CASE(what_was_moved_can_be_undone),
		CASE(they_may_take_each_others_places),
		CASE(what_a_batch_holds_is_moved_later),
		CASE(the_second_of_two_moments_stays),
		CASE(however_many_in_steps_of_as_many_statements),
	};
	return cmocka_run_group_tests_name("zones", cases, open_zones, close_zones);
}
