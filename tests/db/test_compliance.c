/* Restrictions against every way of assigning somebody: hard ones block, advisory ones warn. */
#include "jobs.h"

#include "web/place_input.h"

#include "base/json.h"
#include "schedule/edit.h"
#include "store/restrictions.h"

#define EVENT(content, minute, minutes, more) event_json(site, content, minute, minutes, more)
#define ADA ",\"assignees\":[21]"

/* A restriction of somebody, in minutes from day one. */
static int64_t restrict_to(struct site *site, int64_t resource, int64_t from, int64_t to, bool is_hard, const char *types,
			   const char *tags, const char *alternatives)
{
	struct restriction_row row = {
		.rule = { .resource_id = resource, .from_utc = DAY_ONE + from * 60, .to_utc = DAY_ONE + to * 60,
			  .is_hard = is_hard, .schedule_types = types, .tags = tags },
		.reason = "On leave",
		.alternatives = alternatives,
	};
	assert_done(&site->two, restriction_insert(&site->two, &row));
	return row.rule.id;
}

/* What was said about the first item, as JSON. */
static const json_t *detail_of(struct site *site, int64_t job)
{
	const char *text = lines(site, "s", "SELECT detail FROM {batch_item_errors} WHERE job_id = %lld AND ordinal = 0", (long long)job);
	const json_t *object = json_read(site->look.arena, text, strlen(text), &site->look.fail);
	assert_non_null(object);
	return object;
}

/* Three days on leave: too many steps of five minutes to be tried one by one. */
static void a_series_moves_beyond_a_long_one(void **state)
{
	struct site *site = *state;
	restrict_to(site, 21, 0, 3 * 1440, true, NULL, NULL, "");
	int64_t job = CREATE("{\"on_conflict\":\"shift\"}", EVENT(1, 540, 30, ADA ",\"recurrence\":\"FREQ=DAILY;COUNT=3\""),
			     EVENT(2, 540, 30, ADA ",\"recurrence\":\"FREQ=DAILY;UNTIL=20300103T090000Z\""));
	assert_string_equal(lines(site, "ii", "SELECT e.origin_ordinal, (o.start_utc - %lld) DIV 60 FROM {scheduled_events} e"
					      " JOIN {event_occurrences} o ON o.event_id = e.id WHERE e.origin_job_id = %lld ORDER BY 1, 2",
				  (long long)DAY_ONE, (long long)job),
			    "0 4320\n0 5760\n0 7200\n1 4350\n1 5790\n1 7230\n");
	assert_domain_whole(site);
}

static void a_hard_one_blocks_and_names_who_else_is_free(void **state)
{
	struct site *site = *state;
	long long id = restrict_to(site, 21, 0, 600, true, NULL, NULL, "23,22,24,29");
	CREATE(NULL, EVENT(5, 30, 60, ",\"assignees\":[23]"));
	restrict_to(site, 24, 0, 90, true, "training", NULL, "");
	int64_t job = CREATE(NULL, EVENT(1, 60, 60, ADA));
	assert_string_equal(told(site, job), text_of(site, "0 failed; compliance /assignees: Resource 21: On leave (restriction %lld);"
							   " compliance hard by restriction %lld\n", id, id));
	const json_t *detail = detail_of(site, job), *conflict = json_array_get(json_object_get(detail, "conflicts"), 0);
	assert_int_equal(json_integer_value(json_object_get(detail, "conflict_count")), 1);
	assert_int_equal(json_integer_value(json_object_get(conflict, "resource_id")), 21);
	assert_string_equal(json_string_value(json_object_get(conflict, "reason")), "On leave");
	assert_string_equal(json_string_value(json_object_get(conflict, "starts_at")), "2030-01-01T00:00:00Z");
	/* 23 is busy, 24 only forbidden for training, 29 is no longer there. */
	assert_string_equal(sorted_json(site, json_object_get(conflict, "alternatives")),
			    "[{\"free\":true,\"id\":22,\"name\":\"Resource 22\"},{\"free\":true,\"id\":24,\"name\":\"Resource 24\"},"
			    "{\"free\":false,\"id\":23,\"name\":\"Resource 23\"}]");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 1);
	assert_domain_whole(site);
}

static void an_advisory_one_warns(void **state)
{
	struct site *site = *state;
	long long id = restrict_to(site, 21, 0, 600, false, NULL, NULL, "22");
	int64_t job = CREATE(NULL, EVENT(1, 60, 60, ADA));
	assert_string_equal(told(site, job), text_of(site, "0 succeeded; warning compliance: Resource 21: On leave (restriction %lld)\n", id));
	const json_t *advice = json_array_get(json_object_get(detail_of(site, job), "advisories"), 0);
	assert_string_equal(json_string_value(json_object_get(advice, "severity")), "advisory");
	assert_int_equal(json_array_size(json_object_get(advice, "alternatives")), 1);
}

static void types_and_tags_say_what_is_forbidden(void **state)
{
	struct site *site = *state;
	restrict_to(site, 21, 0, 6000, true, "training", "loud", "");
	int64_t job = CREATE(NULL, EVENT(1, 0, 60, ADA), EVENT(31, 60, 60, ADA),
			     EVENT(2, 120, 60, ADA ",\"attributes\":{\"tags\":[\"quiet\",\"loud\"]}"),
			     EVENT(3, 180, 60, ADA ",\"attributes\":{\"tags\":[\"quiet\"]}"), EVENT(4, 240, 0, ADA ",\"schedule_type\":\"training\""));
	assert_string_equal(lines(site, "is", "SELECT i.ordinal, COALESCE(x.code, '-') FROM {batch_job_items} i LEFT JOIN {batch_item_errors} x"
					      " ON x.job_id = i.job_id AND x.ordinal = i.ordinal WHERE i.job_id = %lld ORDER BY 1", (long long)job),
			    "0 -\n1 compliance\n2 compliance\n3 -\n4 compliance\n");
}

static void overlapping_ones_are_all_named(void **state)
{
	struct site *site = *state;
	long long a = restrict_to(site, 21, 0, 600, true, NULL, NULL, ""), b = restrict_to(site, 21, 30, 90, true, NULL, NULL, "");
	long long c = restrict_to(site, 1, 0, 60, false, NULL, NULL, "");
	int64_t job = new_run(site, JOB_EVALUATE, NULL, list_of(site, EVENT(1, 40, 60, ADA ",\"resources\":[1]"), NULL));
	assert_string_equal(told(site, job),
			    text_of(site,
				    "0 succeeded conflict; compliance /assignees: Resource 21: On leave (restriction %lld); compliance"
				    " /assignees: Resource 21: On leave (restriction %lld); compliance hard by restriction %lld;"
				    " compliance hard by restriction %lld; warning compliance: Resource 1: On leave (restriction %lld)\n",
				    a, b, a, b, c));
}

static void nothing_keeps_or_moves_an_event_onto_a_hard_one(void **state)
{
	static const char *const ways[] = { "fail", "keep_both", "skip" };
	struct site *site = *state;
	restrict_to(site, 21, 0, 600, true, NULL, NULL, "");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int64_t job = CREATE(text_of(site, "{\"on_conflict\":\"%s\"}", ways[i]), EVENT(1, 60, 60, ADA));
		assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_item_errors} WHERE job_id = %lld AND code = 'compliance'",
					(long long)job), 1);
	}
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 0);
}

static void an_update_is_checked_when_it_moves_reassigns_or_changes_the_type(void **state)
{
	struct site *site = *state;
	int64_t made = CREATE(NULL, EVENT(1, 60, 60, ADA), EVENT(2, 700, 60, ADA), EVENT(3, 60, 60, ",\"assignees\":[22]"));
	restrict_to(site, 21, 0, 600, true, NULL, NULL, "");
	restrict_to(site, 22, 0, 600, true, "training", NULL, "");
	long long stays = event_of(site, made, 0), comes = event_of(site, made, 1), typed = event_of(site, made, 2);
	int64_t job = new_run(site, JOB_UPDATE, NULL,
			      list_of(site, text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"New\"}}", stays),
				      text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"shift_s\":-9000}}", comes),
				      text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"schedule_type\":\"training\"}}", typed),
				      text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"assignees\":[21]}}", typed),
				      text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"status\":\"cancelled\"}}", stays), NULL));
	assert_string_equal(lines(site, "is", "SELECT i.ordinal, COALESCE(x.code, '-') FROM {batch_job_items} i LEFT JOIN {batch_item_errors} x"
					      " ON x.job_id = i.job_id AND x.ordinal = i.ordinal WHERE i.job_id = %lld ORDER BY 1", (long long)job),
			    "0 -\n1 compliance\n2 compliance\n3 compliance\n4 -\n");
}

static void a_dry_run_says_the_same(void **state)
{
	struct site *site = *state;
	long long id = restrict_to(site, 21, 0, 600, true, NULL, NULL, "");
	int64_t job = CREATE("{\"dry_run\":true}", EVENT(1, 60, 60, ADA), EVENT(2, 600, 60, ADA));
	assert_string_equal(told(site, job), text_of(site, "0 failed; compliance /assignees: Resource 21: On leave (restriction %lld);"
							   " compliance hard by restriction %lld\n1 succeeded\n", id, id));
}

static void leaving_out_the_check_is_for_those_who_may_decide_conflicts(void **state)
{
	struct site *site = *state;
	struct job job;
	struct batch_options options = options_of(site, JOB_CREATE, "{\"check_compliance\":false}");
	restrict_to(site, 21, 0, 600, true, NULL, NULL, "");
	become(&site->one, AUTHOR);
	assert_refused(&site->one, batch_create(&site->one, JOB_CREATE, &options, NULL, &job),
		       "DENIED not_permitted /options/check_compliance: Your role may not leave out the check of restrictions");
	become(&site->one, TRAINER); /* may, but for training alone */
	int64_t made = CREATE("{\"check_compliance\":false}", EVENT(31, 0, 60, ADA));
	assert_string_equal(told(site, made), "0 succeeded\n");
	become(&site->one, ADMIN);
	made = CREATE("{\"check_compliance\":false}", EVENT(1, 60, 60, ADA), EVENT(31, 120, 60, ADA));
	assert_string_equal(told(site, made), "0 succeeded\n1 succeeded\n");
}

static void a_single_edit_is_checked_alike(void **state)
{
	struct site *site = *state;
	struct edit_result result;
	long long id = restrict_to(site, 21, 0, 600, true, NULL, NULL, "");
	const char *text = EVENT(1, 60, 60, ADA);
	const json_t *event = json_read(site->one.arena, text, strlen(text), &site->one.fail);
	assert_refused(&site->one, edit_create(&site->one, event, NULL, &result),
		       text_of(site, "CONFLICT compliance /assignees: Resource 21: On leave (restriction %lld)", id));
	struct edit_how how = { .skip_compliance = true };
	become(&site->one, AUTHOR);
	assert_refused(&site->one, edit_create(&site->one, event, &how, &result),
		       "DENIED not_permitted: Your role may not leave out the check of restrictions");
	become(&site->one, ADMIN);
	assert_done(&site->one, edit_create(&site->one, event, &how, &result));
}

static void an_event_of_no_length_is_where_it_starts(void **state)
{
	struct site *site = *state;
	restrict_to(site, 21, 0, 600, true, NULL, NULL, "");
	int64_t job = CREATE(NULL, EVENT(1, 0, 0, ADA), EVENT(2, 600, 0, ADA));
	assert_string_equal(lines(site, "i", "SELECT ordinal FROM {batch_item_errors} WHERE job_id = %lld", (long long)job), "0\n");
}

/* --- the rows themselves -------------------------------------------------------------- */

static void the_calendar_tells_until_when_there_are_any(void **state)
{
	struct site *site = *state;
	struct restriction_row row;
	int64_t a = restrict_to(site, 21, 0, 600, true, NULL, NULL, ""), b = restrict_to(site, 21, 0, 900, true, NULL, NULL, "");
#define UNTIL(id) (number(site, "SELECT COALESCE(MAX(restricted_until), 0) FROM {calendars} WHERE kind = 2 AND ref_id = " #id) / 60)
	int64_t day_one = DAY_ONE / 60;
	assert_int_equal(UNTIL(21), day_one + 900);
	assert_done(&site->one, restriction_get(&site->one, b, &row));
	row.rule.resource_id = 22;
	calendars_mark(site);
	assert_done(&site->one, restriction_update(&site->one, &row, 21));
	assert_int_equal(UNTIL(21), day_one + 600);
	assert_int_equal(UNTIL(22), day_one + 900);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {calendars} WHERE kind = 2 AND ver > 0"), 2);
	assert_done(&site->one, restriction_get(&site->one, a, &row));
	row.row_version++; /* somebody was first */
	assert_refused(&site->one, restriction_update(&site->one, &row, 21), "CONFLICT stale_version: Somebody has changed it meanwhile");
	assert_refused(&site->one, restriction_delete(&site->one, &row), "CONFLICT stale_version: Somebody has changed it meanwhile");
	row.row_version--;
	assert_done(&site->one, restriction_delete(&site->one, &row));
	assert_int_equal(UNTIL(21), 0);
	assert_refused(&site->one, restriction_get(&site->one, a, &row),
		       text_of(site, "NOT_FOUND restriction_not_found: There is no restriction %lld", (long long)a));
	assert_string_equal(lines(site, "s", "SELECT action FROM {audit_log} WHERE action LIKE 'restriction.%%' ORDER BY id"),
			    "restriction.create\nrestriction.create\nrestriction.change\nrestriction.delete\n");
}

static void there_is_a_limit_to_them(void **state)
{
	struct site *site = *state;
	struct restriction_row row = { .rule = { .resource_id = 21, .from_utc = DAY_ONE, .to_utc = DAY_ONE + 60 }, .reason = "x",
				       .alternatives = "" };
	sql(site, "INSERT INTO {restrictions} (resource_id, from_utc, to_utc, level, reason) SELECT 21, %lld, %lld, 'hard', 'x'"
		  " FROM seq_1_to_500", DAY_ONE, DAY_ONE + 60);
	assert_refused(&site->one, restriction_insert(&site->one, &row),
		       "CONFLICT too_many_restrictions: Resource 21 has 500 restrictions that have not ended");
	row.rule.resource_id = 22;
	assert_done(&site->one, restriction_insert(&site->one, &row));
}

static void what_it_touches_is_told(void **state)
{
	struct site *site = *state;
	struct restriction_touch touch;
	int64_t a = restrict_to(site, 21, 0, 600, true, NULL, NULL, "");
	restrict_to(site, 22, 0, 600, true, NULL, NULL, "");
	CREATE("{\"check_compliance\":false}", EVENT(1, 60, 60, ADA), EVENT(2, 600, 60, ADA));
	struct restriction rule = { .resource_id = 21, .from_utc = DAY_ONE + 119 * 60, .to_utc = DAY_ONE + 300 * 60 };
	assert_done(&site->one, restriction_touches(&site->one, &rule, &touch));
	assert_int_equal(touch.overlapping_count, 1);
	assert_int_equal(touch.overlapping[0], a);
	assert_int_equal(touch.event_count, 1);
	rule.from_utc = DAY_ONE + 120 * 60;
	assert_done(&site->one, restriction_touches(&site->one, &rule, &touch));
	assert_int_equal(touch.event_count, 0);
}

/* --- in forms ------------------------------------------------------------------------ */

static void whoever_is_in_no_list_is_typed(void **state)
{
	struct site *site = *state;
	struct ctx *ctx = &site->one;
	struct resource *list;
	size_t count;
	bool more = false;
	struct issues issues = { .arena = ctx->arena };
	for (int i = 0; i < 6; i++) /* 600 in six statements */
		sql(site, "INSERT INTO {resources} (id, kind, name, created_at) SELECT 1000 + %d * 100 + a.id * 10 + b.id, 'venue',"
			  " CONCAT('Far ', 1000 + %d * 100 + a.id * 10 + b.id), UTC_TIMESTAMP() FROM {resources} a, {resources} b"
			  " WHERE a.id <= 10 AND b.id <= 10", i, i);
	sql(site, "UPDATE {resources} SET name = 'Twice' WHERE id IN (1011, 1012)");
	int64_t last = number(site, "SELECT MAX(id) FROM {resources}");
	assert_done(ctx, places_listed(ctx, &last, 1, &list, &count, &more));
	assert_true(more);
	assert_int_equal(count, PLACES_LISTED + 1);
	assert_int_equal(list[count - 1].id, last);
	struct pair pairs[] = { { "who", text_of(site, " far 1022 , %lld,, 1", (long long)last) }, { "wrong", "Nobody, twice, 999999" } };
	struct request request = { .ctx = ctx, .form = pairs, .form_count = 2 };
	assert_done(ctx, places_typed(&request, "who", &list, &count, &issues));
	assert_int_equal(issues.count, 0);
	assert_int_equal(count, 3);
	assert_int_equal(list[0].id, 1022);
	assert_int_equal(list[1].id, last);
	assert_int_equal(list[2].id, 1);
	assert_done(ctx, places_typed(&request, "wrong", &list, &count, &issues));
	assert_int_equal(count, 0);
	assert_int_equal(issues.count, 3);
	assert_string_equal(issues.list[1].message, "Several are called “twice”: nos. 1011, 1012…");
	assert_string_equal(issues.list[2].pointer, "/wrong");
	sql(site, "DELETE FROM {resources} WHERE id >= 1000");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(whoever_is_in_no_list_is_typed),
		CASE(a_series_moves_beyond_a_long_one),
		CASE(a_hard_one_blocks_and_names_who_else_is_free),
		CASE(an_advisory_one_warns),
		CASE(types_and_tags_say_what_is_forbidden),
		CASE(overlapping_ones_are_all_named),
		CASE(nothing_keeps_or_moves_an_event_onto_a_hard_one),
		CASE(an_update_is_checked_when_it_moves_reassigns_or_changes_the_type),
		CASE(a_dry_run_says_the_same),
		CASE(leaving_out_the_check_is_for_those_who_may_decide_conflicts),
		CASE(a_single_edit_is_checked_alike),
		CASE(an_event_of_no_length_is_where_it_starts),
		CASE(the_calendar_tells_until_when_there_are_any),
		CASE(there_is_a_limit_to_them),
		CASE(what_it_touches_is_told),
	};
	return cmocka_run_group_tests_name("compliance", cases, site_open, site_close);
}
