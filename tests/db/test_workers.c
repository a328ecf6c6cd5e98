/* The list of workers. */
#include "jobs.h"

#include "store/workers.h"

static void a_worker_is_seen_while_it_works_and_after(void **state)
{
	struct site *site = *state;
	new_run(site, JOB_CREATE, NULL, many_events(site, 8));
	assert_string_equal(lines(site, "sssi", "SELECT uuid, type, status, job_id FROM {workers}"),
			    "00000000-0000-4000-8000-000000000001 tick idle 0\n");
}

static void a_worker_that_ended_is_shown_as_stopped_and_forgotten_later(void **state)
{
	struct site *site = *state;
	advance_once(&site->one, batch_new(site, JOB_CREATE, NULL, many_events(site, 8)));
	sql(site, "INSERT INTO {workers} (uuid, type, status, started_at, last_ping) VALUES"
		  " ('stopped now', 'fastcgi', 'stopped', UTC_TIMESTAMP(), UTC_TIMESTAMP() - INTERVAL 59 MINUTE),"
		  " ('stopped', 'cgi', 'stopped', UTC_TIMESTAMP(), UTC_TIMESTAMP() - INTERVAL 61 MINUTE),"
		  " ('idle', 'fastcgi', 'idle', UTC_TIMESTAMP(), UTC_TIMESTAMP() - INTERVAL 23 HOUR),"
		  " ('gone', 'fastcgi', 'busy', UTC_TIMESTAMP(), UTC_TIMESTAMP() - INTERVAL 25 HOUR)");
	assert_done(&site->one, worker_stop(&site->one));
	assert_string_equal(lines(site, "ss", "SELECT uuid, status FROM {workers} ORDER BY last_ping"),
			    "idle idle\nstopped now stopped\n00000000-0000-4000-8000-000000000001 stopped\n");
}

/* As CGI each request is a worker: a list of those of an hour would hide the living. */
static void a_worker_of_one_request_is_forgotten_soon_unless_it_reported(void **state)
{
	struct site *site = *state;
	advance_once(&site->one, batch_new(site, JOB_CREATE, NULL, many_events(site, 8)));
	clock_stops(site);
	sql(site, "INSERT INTO {workers} (uuid, type, status, started_at, last_ping) VALUES"
		  " ('silent', 'cgi', 'stopped', UTC_TIMESTAMP(), UTC_TIMESTAMP() - INTERVAL 11 SECOND),"
		  " ('ticked', 'tick', 'stopped', UTC_TIMESTAMP(), UTC_TIMESTAMP() - INTERVAL 12 SECOND),"
		  " ('reported', 'cgi', 'stopped', UTC_TIMESTAMP(), UTC_TIMESTAMP() - INTERVAL 13 SECOND),"
		  " ('working', 'cgi', 'busy', UTC_TIMESTAMP(), UTC_TIMESTAMP() - INTERVAL 14 SECOND),"
		  " ('just now', 'cgi', 'stopped', UTC_TIMESTAMP(), UTC_TIMESTAMP() - INTERVAL 1 SECOND)");
	sql(site, "INSERT INTO {worker_logs} (uuid, at, level, message) VALUES ('reported', UTC_TIMESTAMP(), 'warn', 'a deadlock')");
	assert_done(&site->one, worker_stop(&site->one));
	assert_string_equal(lines(site, "s", "SELECT uuid FROM {workers} ORDER BY last_ping"),
			    "working\nreported\njust now\n00000000-0000-4000-8000-000000000001\n");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(a_worker_is_seen_while_it_works_and_after),
		CASE(a_worker_that_ended_is_shown_as_stopped_and_forgotten_later),
		CASE(a_worker_of_one_request_is_forgotten_soon_unless_it_reported),
	};
	return cmocka_run_group_tests_name("workers", cases, site_open, site_close);
}
