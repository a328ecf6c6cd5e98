/* What happens when: occurrences by start, in pages, for who may see them, with what stands in their way. */
#include "jobs.h"

#include "base/clock.h"
#include "db/text.h"
#include "schedule/clashes.h"
#include "store/timetable.h"

static const struct event_filter all = { 0 };
#define JANUARY { DAY_ONE, DAY_ONE + 31 * 86400LL, true }

/* Events 1 to 4, an hour each, at 1:00 … 4:00 of day one on venue 1; 5 is as 2 but on venue 2. */
static void five_events(struct site *site)
{
	sql(site, "INSERT INTO {scheduled_events} (id, content_id, version_no, schedule_type, title, starts_at, ends_at, duration_s, created_by)"
		  " SELECT seq, seq, 1, CASE WHEN seq = 3 THEN 'training' ELSE 'publish' END, CONCAT('E', seq),"
		  " '2030-01-01' + INTERVAL CASE seq WHEN 5 THEN 2 ELSE seq END HOUR,"
		  " '2030-01-01' + INTERVAL CASE seq WHEN 5 THEN 3 ELSE seq + 1 END HOUR, 3600, CASE WHEN seq = 4 THEN 3 ELSE 1 END FROM seq_1_to_5");
	sql(site, "INSERT INTO {event_resources} (event_id, resource_id, role) SELECT seq, CASE WHEN seq = 5 THEN 2 ELSE 1 END, 'resource'"
		  " FROM seq_1_to_5");
}

/* Event 6, every day at 2:00 for an hour, with its second occurrence an hour later and with another title. */
static void series(struct site *site)
{
	sql(site, "INSERT INTO {scheduled_events} (id, content_id, version_no, schedule_type, title, starts_at, ends_at, duration_s, created_by,"
		  " recurrence, overrides) VALUES (6, 6, 1, 'publish', 'S', '2030-01-01 02:00', '2030-01-01 03:00', 3600, 1, 'FREQ=DAILY',"
		  " JSON_OBJECT('2030-01-02T02:00:00', JSON_OBJECT('title', 'Other')))");
	sql(site, "INSERT INTO {event_occurrences} (event_id, local_start, start_utc, end_utc, version_no, flag, state) SELECT 6, %lld + seq * 86400,"
		  " %lld + seq * 86400 + CASE WHEN seq = 1 THEN 3600 ELSE 0 END, %lld + 3600 + seq * 86400 + CASE WHEN seq = 1 THEN 3600 ELSE 0 END,"
		  " 1, 0, CASE WHEN seq = 0 THEN 1 ELSE 0 END FROM seq_0_to_3",
	    DAY_ONE + 7200, DAY_ONE + 7200, DAY_ONE + 7200);
}

static const char *entry_told(struct site *site, const struct timetable_entry *entry)
{
	return text_of(site, "%s%s@%lld", entry->title, entry->is_recurring ? "*" : "", (long long)(entry->starts_at - DAY_ONE) / 60);
}

/* The whole list, so many at a time. */
static const char *pages(struct site *site, struct event_filter filter, struct timetable_window window, int32_t limit)
{
	struct timetable_place after = { 0 };
	struct timetable_entry *entries;
	const char *told = "";
	size_t count;
	do {
		assert_done(&site->one, timetable_read(&site->one, &filter, &window, 1, &after, limit, &entries, &count));
		for (size_t i = 0; i < count; i++)
			told = text_of(site, "%s%s%s", told, told[0] ? " " : "", entry_told(site, &entries[i]));
		if (count)
			after = timetable_place_of(&entries[count - 1]);
	} while (count == (size_t)limit);
	return told;
}

static void pages_go_on_within_one_start(void **state)
{
	struct site *site = *state;
	five_events(site);
	series(site);
	for (int32_t limit = 1; limit <= 10; limit++)
		assert_string_equal(pages(site, all, (struct timetable_window)JANUARY, limit),
				    "E1@60 E2@120 E5@120 S*@120 E3@180 E4@240 Other*@1620 S*@3000 S*@4440");
}

static void what_goes_on_at_the_beginning_is_there(void **state)
{
	struct site *site = *state;
	const int64_t half_past_two = DAY_ONE + 9000;
	five_events(site);
	series(site);
	assert_string_equal(pages(site, all, (struct timetable_window){ half_past_two, half_past_two + 3600, true }, 2),
			    "E2@120 E5@120 S*@120 E3@180");
	assert_string_equal(pages(site, all, (struct timetable_window){ half_past_two, half_past_two + 3600, false }, 2), "E3@180");
	assert_string_equal(pages(site, all, (struct timetable_window){ DAY_ONE + 10800, DAY_ONE + 10801, true }, 9), "E3@180");
}

static void each_window_has_its_own_first_ones(void **state)
{
	struct site *site = *state;
	struct timetable_entry *entries;
	struct timetable_window days[3];
	const char *told = "";
	size_t count;
	five_events(site);
	series(site);
	for (int i = 0; i < 3; i++)
		days[i] = (struct timetable_window){ DAY_ONE + i * 86400, DAY_ONE + (i + 1) * 86400, i == 0 };
	assert_done(&site->one, timetable_read(&site->one, &all, days, 3, NULL, 2, &entries, &count));
	for (size_t i = 0; i < count; i++)
		told = text_of(site, "%s %s", told, entry_told(site, &entries[i]));
	assert_string_equal(told, " E1@60 E2@120 Other*@1620 S*@3000");
	int64_t counts[3];
	assert_done(&site->one, timetable_count(&site->one, &all, days, 3, 4, counts));
	assert_int_equal(counts[0], 4); /* of six: it counts no further */
	assert_int_equal(counts[1], 1);
	assert_int_equal(counts[2], 1);
}

static void filters_and_permissions_count(void **state)
{
	struct site *site = *state;
	const struct timetable_window january = JANUARY;
	const struct grant own[] = { { PERMIT_VIEW_SCHEDULED_CONTENT, true, NULL } };
	const struct grant trainings[] = { { PERMIT_VIEW_SCHEDULED_CONTENT, false, "booking, training" },
					   { PERMIT_VIEW_SCHEDULED_CONTENT, true, "publish" } };
	const struct actor author = { .user_id = 3, .grants = own, .grant_count = 1 };
	const struct actor trainer = { .user_id = 3, .grants = trainings, .grant_count = 2 };
	const struct actor nobody = { .user_id = 3 };
	five_events(site);
	series(site);
	assert_string_equal(pages(site, (struct event_filter){ .resource_id = 2 }, january, 5), "E5@120");
	assert_string_equal(pages(site, (struct event_filter){ .content_id = 6, .has_status = true, .status = EVENT_COMPLETED }, january, 5),
			    "S*@120");
	assert_string_equal(pages(site, (struct event_filter){ .text = "E4" }, january, 5), "E4@240");
	assert_string_equal(pages(site, (struct event_filter){ .viewer = &author }, january, 5), "E4@240");
	assert_string_equal(pages(site, (struct event_filter){ .viewer = &trainer }, january, 5), "E3@180 E4@240");
	assert_string_equal(pages(site, (struct event_filter){ .viewer = &nobody }, january, 5), "");
}

static void a_batch_that_is_all_or_nothing_shows_all_or_nothing(void **state)
{
	struct site *site = *state;
	const struct timetable_window january = JANUARY;
	five_events(site);
	series(site);
	sql(site, "INSERT INTO {batch_jobs} (id, type, status, phase, created_by, atomic, created_at)"
		  " VALUES (77, 'update', 'running', 'processing', 1, 1, NOW())");
	sql(site, "INSERT INTO {scheduled_events} (id, content_id, schedule_type, title, starts_at, ends_at, duration_s, created_by, job_unpublished,"
		  " shadow_of, shadow_moves, recurrence) VALUES (20, 9, 'publish', 'New', '2030-01-01 09:00', '2030-01-01 10:00', 3600, 1, 77, NULL, 0, NULL),"
		  " (21, 2, 'publish', 'Moved', '2030-01-01 05:00', '2030-01-01 06:00', 3600, -1, 77, 2, 1, NULL),"
		  " (22, 6, 'publish', 'T', '2030-01-01 02:00', '2030-01-01 03:00', 3600, -1, 77, 6, 0, 'FREQ=DAILY')");
	sql(site, "UPDATE {scheduled_events} SET job_unpublished = -77 WHERE id IN (2, 6)");
	assert_string_equal(pages(site, all, january, 4), "E1@60 E2@120 E5@120 S*@120 E3@180 E4@240 Other*@1620 S*@3000 S*@4440");
	sql(site, "UPDATE {batch_jobs} SET published = 1, status = 'publishing' WHERE id = 77");
	assert_string_equal(pages(site, all, january, 4), "E1@60 E5@120 T*@120 E3@180 E4@240 Moved@300 New@540 T*@1620 T*@3000 T*@4440");
	/* The series moves, too: its copy has occurrences of its own. */
	sql(site, "UPDATE {scheduled_events} SET shadow_moves = 1 WHERE id = 22");
	sql(site, "INSERT INTO {event_occurrences} (event_id, local_start, start_utc, end_utc) VALUES (-6, %lld, %lld, %lld)", DAY_ONE, DAY_ONE,
	    DAY_ONE + 60);
	assert_string_equal(pages(site, all, january, 4), "T*@0 E1@60 E5@120 E3@180 E4@240 Moved@300 New@540");
}

static int64_t rows_read(struct ctx *ctx)
{
	struct db_rows rows;
	int64_t sum = 0;
	struct db_text *text = db_text_begin(ctx->db, "SHOW SESSION STATUS LIKE 'Handler_read%'");
	assert_true(db_text_query(text, "si", ctx->arena, &rows, &ctx->fail));
	for (size_t i = 0; i < rows.count; i++)
		sum += db_int(&rows, i, 1);
	return sum;
}

/* 20,000 events and 2,000 occurrences, two an hour: a day reads itself and the month before it. */
static void a_day_reads_no_more_than_its_time(void **state)
{
	struct site *site = *state;
	const int64_t day = DAY_ONE + 400 * 86400LL;
	const struct timetable_window windows[] = { { day, day + 86400, true }, { day, day + 86400, false } };
	struct timetable_entry *entries;
	size_t count;
	sql(site, "INSERT INTO {scheduled_events} (content_id, schedule_type, title, starts_at, ends_at, duration_s, created_by)"
		  " SELECT 1 + seq %% 40, 'publish', 'E', '2030-01-01' + INTERVAL seq * 30 MINUTE, '2030-01-01' + INTERVAL seq * 30 + 15 MINUTE, 900, 1"
		  " FROM seq_0_to_29999");
	sql(site, "INSERT INTO {scheduled_events} (id, content_id, schedule_type, title, starts_at, ends_at, duration_s, created_by, recurrence)"
		  " VALUES (100000, 1, 'publish', 'S', '2030-01-01', '2030-01-01', 0, 1, 'FREQ=HOURLY')");
	sql(site, "INSERT INTO {event_occurrences} (event_id, local_start, start_utc, end_utc) SELECT 100000, %lld + seq * 3600, %lld + seq * 3600,"
		  " %lld + seq * 3600 FROM seq_0_to_14999",
	    DAY_ONE, DAY_ONE, DAY_ONE);
	for (int i = 0; i < 2; i++) {
		const struct event_filter of_venue = { .resource_id = 3 };
		int64_t before = rows_read(&site->one);
		assert_done(&site->one, timetable_read(&site->one, i ? &of_venue : &all, &windows[1], 1, NULL, 500, &entries, &count));
		assert_int_equal(count, i ? 0 : 72);
		assert_in_range(rows_read(&site->one) - before, 0, 500);
	}
	int64_t before = rows_read(&site->one);
	assert_done(&site->one, timetable_read(&site->one, &all, &windows[0], 1, NULL, 500, &entries, &count));
	assert_int_equal(count, 72);
	assert_in_range(rows_read(&site->one) - before, 0, 6000);
}

/* --- conflicts ---------------------------------------------------------------------- */

static const char *clashes(struct site *site, struct ctx *ctx)
{
	const struct timetable_window january = JANUARY;
	struct timetable_entry *entries;
	const char *told = "";
	size_t count;
	assert_done(ctx, timetable_read(ctx, &all, &january, 1, NULL, 100, &entries, &count));
	int64_t before = db_statements(ctx->db);
	assert_done(ctx, clashes_find(ctx, entries, count));
	assert_int_equal(db_statements(ctx->db) - before, 3);
	for (size_t i = 0; i < count; i++) {
		if (!entries[i].conflict_count)
			continue;
		told = text_of(site, "%s%s %lld:", told, entry_told(site, &entries[i]), (long long)entries[i].conflict_count);
		for (size_t k = 0; k < entries[i].clash_count; k++) {
			const struct clash *clash = &entries[i].clashes[k];
			told = text_of(site, "%s %s %s", told, code_info(clash->code)->name, clash->title ? clash->title : "?");
		}
		told = text_of(site, "%s\n", told);
	}
	return told;
}

static void conflicts_are_those_that_a_batch_would_find(void **state)
{
	struct site *site = *state;
	char *items = list_of(site, event_json(site, 1, 60, 60, ",\"title\":\"A\",\"resources\":[11]"),
			      event_json(site, 2, 90, 60, ",\"title\":\"B\",\"resources\":[11]"),
			      event_json(site, 3, 300, 60, ",\"title\":\"C\",\"resources\":[11,3]"),
			      event_json(site, 4, 330, 60, ",\"title\":\"D\",\"resources\":[12],\"schedule_type\":\"training\""),
			      text_of(site, "{\"content_id\":1,\"version_no\":2,\"starts_at\":\"%s\",\"duration_s\":600,\"title\":\"E\"}",
				      at_minute(site, 110)),
			      NULL);
	int64_t job = new_run(site, JOB_CREATE, "{\"on_conflict\":\"keep_both\"}", items);
	assert_string_equal(status_line(site, job), "succeeded: 5 succeeded");
	assert_string_equal(clashes(site, &site->one), "A@60 2: version_window E resource_overlap B\n"
						       "B@90 1: resource_overlap A\n"
						       "E@110 1: version_window A\n");
	/* Who may not view the other one learns that there is one, not which. */
	sql(site, "UPDATE {scheduled_events} SET schedule_type = 'secret' WHERE title = 'B'");
	const struct grant grants[] = { { PERMIT_VIEW_SCHEDULED_CONTENT, false, "publish" } };
	const struct actor reader = { .user_id = 4, .grants = grants, .grant_count = 1 };
	const struct actor *was = site->one.actor;
	site->one.actor = &reader;
	assert_non_null(strstr(clashes(site, &site->one), "A@60 2: version_window E resource_overlap ?\n"));
	site->one.actor = was;
	/* What a batch holds and nobody sees stands in nobody's way. */
	sql(site, "INSERT INTO {batch_jobs} (id, type, status, phase, created_by, atomic, created_at)"
		  " VALUES (77, 'create', 'running', 'processing', 1, 1, NOW())");
	sql(site, "UPDATE {scheduled_events} SET job_unpublished = 77 WHERE title = 'B'");
	assert_string_equal(clashes(site, &site->one), "A@60 1: version_window E\nE@110 1: version_window A\n");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(pages_go_on_within_one_start),
		CASE(what_goes_on_at_the_beginning_is_there),
		CASE(each_window_has_its_own_first_ones),
		CASE(filters_and_permissions_count),
		CASE(a_batch_that_is_all_or_nothing_shows_all_or_nothing),
		CASE(a_day_reads_no_more_than_its_time),
		CASE(conflicts_are_those_that_a_batch_would_find),
	};
	return cmocka_run_group_tests_name("calendar", cases, site_open, site_close);
}
