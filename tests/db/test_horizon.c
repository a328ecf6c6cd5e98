/* The horizon of series: it moves on, what comes into it is looked at, other zone data move what lies ahead. */
#include "jobs.h"

#include "base/clock.h"
#include "schedule/horizon.h"

static void move_horizon(struct site *site)
{
	int64_t after_id = 0;
	do
		assert_done(&site->one, horizon_step(&site->one, &after_id));
	while (after_id);
}

/* A daily series that began two months ago and was looked at last then. */
static int64_t neglected(struct site *site, const char *more)
{
	char start[TIME_TEXT_SIZE];
	int64_t now = number(site, "SELECT UNIX_TIMESTAMP()");
	time_format_utc(now - now % 86400 - 20 * 86400, start);
	int64_t id = event_of(site, CREATE(NULL, text_of(site, "{\"content_id\":1,\"version_no\":1,\"starts_at\":\"%s\",\"duration_s\":3600,"
							      "\"recurrence\":\"FREQ=DAILY\"%s}", start, more)), 0);
	/* Its rows as if 40 days more had passed: all of them earlier. */
	sql(site, "UPDATE {scheduled_events} SET starts_at = starts_at - INTERVAL 40 DAY, ends_at = ends_at - INTERVAL 40 DAY,"
		  " expanded_through = expanded_through - INTERVAL 40 DAY WHERE id = %lld", (long long)id);
	sql(site, "UPDATE {event_occurrences} SET local_start = local_start - 3456000, start_utc = start_utc - 3456000,"
		  " end_utc = end_utc - 3456000 WHERE event_id = %lld ORDER BY local_start", (long long)id);
	sql(site, "UPDATE {busy} SET day = day - 40, local_start = local_start - 3456000, start_utc = start_utc - 3456000,"
		  " end_utc = end_utc - 3456000 WHERE event_id = %lld ORDER BY start_utc", (long long)id);
	return id;
}

static void the_horizon_moves_on_and_the_past_leaves_busy(void **state)
{
	struct site *site = *state;
	clock_stops(site); /* no midnight comes between */
	int64_t id = neglected(site, ",\"resources\":[1]");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_occurrences}"), 420);
	assert_domain_whole(site);
	move_horizon(site);
	/* 60 days ago to 400 days ahead; of the past 31 days are busy. */
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_occurrences} WHERE event_id = %lld", (long long)id), 460);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_occurrences} WHERE is_busy = 1"), 431);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {busy}"), 2 * 431);
	assert_int_equal(number(site, "SELECT TIMESTAMPDIFF(DAY, UTC_DATE(), expanded_through) IN (399, 400) FROM {scheduled_events}"), 1);
	assert_int_equal(number(site, "SELECT row_version FROM {scheduled_events}"), 1);
	assert_domain_whole(site);
	const char *before = domain_sum(site);
	move_horizon(site); /* again: nothing to do */
	assert_string_equal(domain_sum(site), before);
}

static void what_comes_into_the_window_and_collides_is_told(void **state)
{
	struct site *site = *state;
	clock_stops(site); /* no midnight comes between */
	(void)neglected(site, ",\"resources\":[11]");
	int64_t other = event_of(site, CREATE("{\"on_conflict\":\"keep_both\"}",
					      text_of(site, "{\"content_id\":2,\"version_no\":1,\"starts_at\":\"%s\",\"duration_s\":60,\"resources\":[11]}",
						      at_minute(site, (number(site, "SELECT (UNIX_TIMESTAMP() DIV 86400 + 390) * 86400") - DAY_ONE) / 60))), 0);
	move_horizon(site);
	assert_string_equal(lines(site, "sii", "SELECT action, user_id, JSON_VALUE(detail, '$.event_id') FROM {audit_log}"
					       " WHERE action = 'event.conflict'"), text_of(site, "event.conflict 0 %lld\n", (long long)other));
	assert_string_equal(lines(site, "ssi", "SELECT code, context, occurrences FROM {error_logs}"), "resource_overlap program 1\n");
	assert_domain_whole(site);
}

/* What the data of a zone say now counts for what lies ahead. */
static void other_zone_data_move_what_lies_ahead(void **state)
{
	struct site *site = *state;
	char start[TIME_TEXT_SIZE];
	clock_stops(site);
	int64_t today = number(site, "SELECT UNIX_TIMESTAMP() DIV 86400") * 86400;
	time_format_local(today - 10 * 86400 + 7200, start);
	CREATE(NULL, text_of(site, "{\"content_id\":1,\"version_no\":1,\"local_start\":\"%s\",\"timezone\":\"Europe/Stockholm\",\"duration_s\":600,"
				  "\"recurrence\":\"FREQ=DAILY;COUNT=20\",\"resources\":[1]}", start));
	const char *right = lines(site, "ii", "SELECT local_start, start_utc FROM {event_occurrences} WHERE start_utc > %lld ORDER BY 1", (long long)today + 86400);
	/* As if they had been derived by an older file, an hour and a half off. */
	sql(site, "UPDATE {event_occurrences} SET start_utc = start_utc + 5400, end_utc = end_utc + 5400");
	sql(site, "UPDATE {busy} SET start_utc = start_utc + 5400, end_utc = end_utc + 5400 ORDER BY start_utc DESC");
	sql(site, "UPDATE {busy} SET day = start_utc DIV 86400");
	assert_domain_whole(site);
	move_horizon(site);
	assert_domain_whole(site);
	assert_string_equal(lines(site, "ii", "SELECT local_start, start_utc FROM {event_occurrences} WHERE start_utc > %lld ORDER BY 1", (long long)today + 86400), right);
	/* The past is what happened. */
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {event_occurrences} WHERE (start_utc - local_start) %% 3600 <> 0"
				      " AND start_utc < %lld", (long long)today - 86400), 9);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(the_horizon_moves_on_and_the_past_leaves_busy),
		CASE(what_comes_into_the_window_and_collides_is_told),
		CASE(other_zone_data_move_what_lies_ahead),
	};
	return cmocka_run_group_tests_name("horizon", cases, site_open, site_close);
}
