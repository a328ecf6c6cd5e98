/* Evaluations and dry runs: what would happen, and nothing happens. */
#include "jobs.h"

#define EVENT(content, minute, minutes, more) event_json(site, content, minute, minutes, more)

static void every_verdict_with_all_its_reasons(void **state)
{
	struct site *site = *state;
	long long id = stored(site, 1, 0, 60, ",\"resources\":[1],\"assignees\":[21],\"client_id\":\"k\"");
	const char *before = domain_sum(site);
	int64_t job = EVALUATE(NULL, EVENT(2, 60, 30, ",\"resources\":[1]"), EVENT(99, 0, 30, ",\"resources\":[77]"),
			       EVENT(2, 0, 30, ",\"resources\":[1],\"assignees\":[21]"), EVENT(3, 600, 30, ",\"client_id\":\"k\""),
			       "{\"content_id\":1,\"version_no\":2,\"starts_at\":\"2030-01-01T00:59:59Z\"}", "{\"titel\":1}");
	assert_string_equal(told(site, job),
			    text_of(site,
				    "0 succeeded ready\n"
				    "1 succeeded invalid; content_not_found /content_id: There is no content 99; resource_not_found"
				    " /resources: There is no resource 77\n"
				    "2 succeeded conflict; resource_overlap /resources: The resource is taken: event %lld;"
				    " assignee_overlap /assignees: The person is busy: event %lld; resource_overlap hard with event %lld;"
				    " assignee_overlap hard with event %lld\n"
				    "3 succeeded conflict; duplicate /client_id: Your event %lld already has the client_id “k” and is"
				    " different\n"
				    "4 succeeded conflict; version_window /starts_at: Another version is scheduled too close: event %lld;"
				    " version_window soft with event %lld\n"
				    "5 succeeded invalid; unknown_field /titel: “titel” is not a field of an event; required /content_id:"
				    " content_id is missing; time_missing /starts_at: starts_at is missing\n",
				    id, id, id, id, id, id, id));
	assert_string_equal(domain_sum(site), before);
	assert_string_equal(status_line(site, job), "succeeded: 6 succeeded");
}

static void what_may_not_be_scheduled_is_told_with_its_conflicts(void **state)
{
	struct site *site = *state;
	long long id = stored(site, 1, 0, 60, ",\"resources\":[1]");
	become(&site->one, TRAINER);
	int64_t job = EVALUATE(NULL, EVENT(2, 0, 30, ",\"resources\":[1]"), EVENT(31, 600, 30, ""));
	assert_string_equal(told(site, job),
			    text_of(site, "0 succeeded not_permitted; not_permitted /content_id: You may not schedule content 2 as"
					  " “publish”; resource_overlap /resources: The resource is taken: event %lld; resource_overlap"
					  " hard with event %lld\n1 succeeded ready\n", id, id));
}

static void items_of_an_evaluation_see_each_other_across_chunks(void **state)
{
	struct site *site = *state;
	int64_t job = EVALUATE("{\"chunk_size\":1}", EVENT(1, 0, 60, ",\"resources\":[1]"), EVENT(2, 30, 60, ",\"resources\":[1]"),
			       EVENT(3, 90, 60, ",\"resources\":[1]"));
	assert_string_equal(told(site, job),
			    "0 succeeded conflict; resource_overlap /resources: The resource is taken: item 1 of this batch;"
			    " resource_overlap hard with item 1\n"
			    "1 succeeded conflict; resource_overlap /resources: The resource is taken: item 0 of this batch;"
			    " resource_overlap hard with item 0\n"
			    "2 succeeded ready\n");
}

/* A look at a few hours goes back by the longest event, and no further than 1970. */
static void what_begins_with_1970_is_looked_at(void **state)
{
	struct site *site = *state;
	long long minute = -31557600; /* 1970-01-01T00:00:00Z */
	const char *warning = "; warning starts_in_past: The start lies further in the past than its grace lasts: the event will be missed";
	stored(site, 1, 0, 1441, ",\"resources\":[1]");
	int64_t made = CREATE(NULL, EVENT(2, minute + 10, 30, ",\"resources\":[1]"));
	assert_string_equal(told(site, made), text_of(site, "0 succeeded%s\n", warning));
	int64_t job = EVALUATE(NULL, EVENT(3, minute + 1, 9, ",\"resources\":[1]"), EVENT(4, minute + 39, 1, ",\"resources\":[1]"));
	long long id = event_of(site, made, 0);
	assert_string_equal(told(site, job),
			    text_of(site, "0 succeeded ready%s\n1 succeeded conflict; resource_overlap /resources: The resource is taken:"
					  " event %lld; resource_overlap hard with event %lld%s\n",
				    warning, id, id, warning));
}

/* What is over is never due, so nobody would be told of it later. */
static void a_series_that_is_over_is_warned_of(void **state)
{
	struct site *site = *state;
#define FROM_2020(content, rule) \
	"{\"content_id\":" content ",\"starts_at\":\"2020-01-01T09:00:00Z\",\"recurrence\":\"FREQ=" rule "\"}"
#define IS_OVER "; warning starts_in_past: All of the series lies in the past: what its grace no longer covers will be missed"
	assert_string_equal(told(site, EVALUATE(NULL, FROM_2020("1", "DAILY;COUNT=5"), FROM_2020("2", "YEARLY"))),
			    "0 succeeded ready" IS_OVER "\n1 succeeded ready\n");
	assert_string_equal(told(site, CREATE(NULL, FROM_2020("1", "DAILY;COUNT=5"), FROM_2020("2", "YEARLY"))),
			    "0 succeeded" IS_OVER "\n1 succeeded\n");
}

/* --- who may be in whose way --------------------------------------------------- */

static uint32_t next_number(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

/* Some of them collide: venues, people, two versions of a content. */
static char *random_events(struct site *site, int64_t count)
{
	struct str out = STR_INIT;
	uint32_t seed = 7;
	for (int64_t i = 0; i < count; i++) {
		uint32_t venue = 1 + next_number(&seed, 10), minute = next_number(&seed, 600) * 15, person = next_number(&seed, 20);
		char *event = event_json(site, 1 + next_number(&seed, 20), minute, 15 * (1 + next_number(&seed, 4)),
					 text_of(site, ",\"resources\":[%u]%s%s", venue,
						 person < 3 ? text_of(site, ",\"assignees\":[%u]", 21 + person) : "",
						 i % 40 == 7 ? ",\"recurrence\":\"FREQ=DAILY;COUNT=5\"" : ""));
		if (i % 3 == 0)
			*strstr(event, "\"version_no\":1") = ' ', memcpy(strstr(event, "version_no\":1") - 1, "\"version_no\":2", 14);
		str_addf(&out, "%s%s", i ? "," : "[", event);
	}
	str_addc(&out, ']');
	return kept_text(site, &out);
}

#define COUNTED                                                                                                        \
	"SELECT i.ordinal, i.verdict, COALESCE(JSON_EXTRACT(x.detail, '$.conflict_count'), 0) FROM {batch_job_items} i"   \
	" LEFT JOIN {batch_item_errors} x ON x.job_id = i.job_id AND x.ordinal = i.ordinal WHERE i.job_id = %lld ORDER BY 1"
#define CROWDED "SELECT COUNT(*) FROM {batch_job_items} WHERE crowded = 1 AND job_id = %lld"

/* What is sifted and what is planned as a whole give the same results; a restriction
 * that names somebody else, or a search for other times, wants all of it. */
static void what_is_sifted_out_is_in_nobodys_way(void **state)
{
	struct site *site = *state;
	char *items = random_events(site, 300);
	int64_t sifted = new_run(site, JOB_EVALUATE, "{\"chunk_size\":17}", items);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_places}"), 0);
	sql(site, "INSERT INTO {restrictions} (resource_id, from_utc, to_utc, level, reason, alternatives) VALUES (21, 1, 2, 'hard', '', '22')");
	int64_t whole = new_run(site, JOB_EVALUATE, "{\"chunk_size\":17}", items);
	int64_t in_one = new_run(site, JOB_EVALUATE, "{\"chunk_size\":1000}", items);
	assert_int_equal(number(site, CROWDED, (long long)whole), 300);
	assert_in_range(number(site, CROWDED, (long long)sifted), 20, 250);
	assert_string_equal(told(site, sifted), told(site, whole));
	assert_string_equal(lines(site, "iii", COUNTED, (long long)in_one), lines(site, "iii", COUNTED, (long long)whole));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items} WHERE job_id = %lld AND crowded = 0 AND verdict = 4",
				(long long)whole), 0);
	sql(site, "DELETE FROM {restrictions}");
	int64_t shifting = new_run(site, JOB_EVALUATE, "{\"chunk_size\":17,\"on_conflict\":\"shift\"}", items);
	assert_int_equal(number(site, CROWDED, (long long)shifting), 300);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_places}"), 0);
}

/* A stored event is in the way of proposals, and they are in its. */
static void a_stored_event_meets_proposals_beside_it(void **state)
{
	struct site *site = *state;
	long long id = stored(site, 1, 0, 60, ",\"resources\":[1]");
	int64_t job = EVALUATE("{\"chunk_size\":1}", text_of(site, "{\"event_id\":%lld}", id), EVENT(2, 30, 60, ",\"resources\":[1]"),
			       EVENT(3, 600, 60, ",\"resources\":[1]"));
	assert_string_equal(told(site, job),
			    text_of(site, "0 succeeded conflict; resource_overlap /resources: The resource is taken: item 1 of this batch;"
					  " resource_overlap hard with item 1\n"
					  "1 succeeded conflict; resource_overlap /resources: The resource is taken: event %lld;"
					  " resource_overlap hard with event %lld\n"
					  "2 succeeded ready\n", id, id));
}

/* The first that has a client_id wins, in whichever chunk the others are; the very same again is no duplicate. */
static void a_client_id_given_twice_is_found_in_any_chunk(void **state)
{
	struct site *site = *state;
	char *items = list_of(site, EVENT(1, 0, 30, ",\"client_id\":\"a\""), EVENT(1, 60, 30, ",\"client_id\":\"b\""),
			      EVENT(1, 120, 30, ",\"client_id\":\"a\""), EVENT(1, 0, 30, ",\"client_id\":\"a\""),
			      EVENT(1, 120, 30, ",\"client_id\":\"a\""), EVENT(1, 180, 30, ",\"client_id\":\"c\""), NULL);
	static const char *const options[] = { "{\"chunk_size\":1}", "{\"chunk_size\":2}", "{\"chunk_size\":1000}" };
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		int64_t job = new_run(site, JOB_EVALUATE, options[i], items);
		assert_string_equal(told(site, job), "0 succeeded ready\n"
						     "1 succeeded ready\n"
						     "2 succeeded conflict; duplicate /client_id: Item 0 of this batch has the client_id “a” too\n"
						     "3 succeeded ready\n"
						     "4 succeeded conflict; duplicate /client_id: Item 0 of this batch has the client_id “a” too\n"
						     "5 succeeded ready\n");
		assert_int_equal(number(site, CROWDED, (long long)job), 4);
	}
}

/* More on one calendar than is compared at once: all of that becomes rows, and it is found all the same. */
static void a_calendar_that_holds_too_much_is_planned_as_a_whole(void **state)
{
	struct site *site = *state;
	struct str body = STR_INIT;
	int64_t count = 120;
	for (int64_t i = 0; i < count; i++)
		str_addf(&body, "%s%s", i ? "," : "[", event_json(site, 1, i * 10, 10, ",\"resources\":[1],\"recurrence\":\"FREQ=DAILY;COUNT=399\""));
	str_addf(&body, ",%s,%s]", event_json(site, 2, 5, 10, ",\"resources\":[1]"), event_json(site, 3, 5, 10, ",\"resources\":[2]"));
	int64_t job = new_run(site, JOB_EVALUATE, "{\"chunk_size\":40}", str_text(&body));
	str_free(&body);
	/* The one in between collides with two of them, and they with it. */
	assert_string_equal(lines(site, "iii", "SELECT i.ordinal, i.verdict, COALESCE(JSON_EXTRACT(x.detail, '$.conflict_count'), 0)"
					       " FROM {batch_job_items} i LEFT JOIN {batch_item_errors} x ON x.job_id = i.job_id AND x.ordinal = i.ordinal"
					       " WHERE i.job_id = %lld AND (i.verdict <> 1 OR i.ordinal > 120) ORDER BY 1", (long long)job),
			    "0 4 1\n1 4 1\n120 4 2\n121 1 0\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_places}"), 0);
	assert_int_equal(number(site, CROWDED, (long long)job), count + 1);
}

static void a_stored_event_is_evaluated_by_its_id(void **state)
{
	struct site *site = *state;
	long long id = stored(site, 1, 0, 60, ",\"resources\":[11]");
	int64_t kept = new_run(site, JOB_CREATE, "{\"on_conflict\":\"keep_both\"}", list_of(site, EVENT(2, 0, 60, ",\"resources\":[11]"), NULL));
	long long other = event_of(site, kept, 0);
	int64_t job = EVALUATE(NULL, text_of(site, "{\"event_id\":%lld}", id), text_of(site, "{\"event_id\":%lld}", id + 1000),
			       "{\"event_id\":\"x\"}");
	assert_string_equal(told(site, job),
			    text_of(site, "0 succeeded conflict; resource_overlap /resources: The resource is taken: event %lld;"
					  " resource_overlap soft with event %lld\n"
					  "1 succeeded invalid; event_not_found /event_id: No event has the id %lld\n"
					  "2 succeeded invalid; invalid_type /event_id: event_id is not a whole number\n",
				    other, other, id + 1000));
}

/* Venue 1 is taken thirty times, ten minutes each, one after another; and by `more`, "" or events behind a comma. */
static void take_venue(struct site *site, const char *more)
{
	struct str body = STR_INIT;
	for (int64_t i = 0; i < 30; i++)
		str_addf(&body, "%s%s", i ? "," : "[", EVENT(1 + i, i * 10, 10, ",\"resources\":[1]"));
	str_addf(&body, "%s]", more);
	new_run(site, JOB_CREATE, NULL, str_text(&body));
	str_free(&body);
}

static void the_list_of_conflicts_is_capped_and_their_number_exact(void **state)
{
	struct site *site = *state;
	take_venue(site, "");
	int64_t job = EVALUATE(NULL, EVENT(40, 0, 300, ",\"resources\":[1]"));
	assert_string_equal(lines(site, "ii", "SELECT JSON_EXTRACT(detail, '$.conflict_count'), JSON_LENGTH(detail, '$.conflicts')"
					      " FROM {batch_item_errors} WHERE job_id = %lld", (long long)job), "30 20\n");
	int64_t few = EVALUATE("{\"conflict_details\":3}", EVENT(40, 0, 300, ",\"resources\":[1]"));
	assert_string_equal(lines(site, "ii", "SELECT JSON_EXTRACT(detail, '$.conflict_count'), JSON_LENGTH(detail, '$.conflicts')"
					      " FROM {batch_item_errors} WHERE job_id = %lld", (long long)few), "30 3\n");
}

/* However few conflicts are listed, and however many there are of another kind. */
static void every_kind_of_conflict_is_a_reason(void **state)
{
	static const char *const options[] = { NULL, "{\"conflict_details\":1}", "{\"conflict_details\":0}" };
	struct site *site = *state;
	take_venue(site, ",{\"content_id\":40,\"version_no\":2,\"starts_at\":\"2030-01-01T04:50:00Z\",\"duration_s\":300,\"assignees\":[21]}");
	for (int i = 0; i < 3; i++) {
		int64_t job = EVALUATE(options[i], EVENT(40, 260, 40, ",\"resources\":[1],\"assignees\":[21],"
							 "\"recurrence\":\"FREQ=HOURLY;COUNT=2;BYMINUTE=20,45\""));
		assert_string_equal(lines(site, "ss", "SELECT JSON_EXTRACT(detail, '$.errors[*].code'), JSON_EXTRACT(detail, '$.conflict_count') > 0"
						      " FROM {batch_item_errors} WHERE job_id = %lld", (long long)job),
				    "[\"self_overlap\", \"version_window\", \"resource_overlap\", \"assignee_overlap\"] 1\n");
		assert_int_equal(number(site, "SELECT JSON_LENGTH(detail, '$.conflicts') FROM {batch_item_errors} WHERE job_id = %lld",
					(long long)job), i ? 2 - i : 11);
	}
}

/* --- dry runs ------------------------------------------------------------------- */

#define OUTCOMES "SELECT CONCAT(i.ordinal, ' ', i.outcome, ' ', COALESCE(x.code, '')) FROM {batch_job_items} i" \
		 " LEFT JOIN {batch_item_errors} x ON x.job_id = i.job_id AND x.ordinal = i.ordinal" \
		 " WHERE i.job_id = %lld ORDER BY i.ordinal"

/* Runs the same items dry, then for real: the domain must not move before, and the outcomes must be the same. */
static void assert_predicted(struct site *site, enum job_type type, const char *options, const char *body)
{
	const char *before = domain_sum(site);
	int64_t dry = new_run(site, type, text_of(site, "{\"dry_run\":true%s%s}", *options ? "," : "", options), body);
	assert_string_equal(domain_sum(site), before);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items} WHERE job_id = %lld AND event_id <> 0"
				      " AND event_id NOT IN (SELECT id FROM {scheduled_events})", (long long)dry), 0);
	int64_t real = new_run(site, type, text_of(site, "{%s}", options), body);
	assert_string_equal(lines(site, "s", OUTCOMES, (long long)dry), lines(site, "s", OUTCOMES, (long long)real));
	assert_domain_whole(site);
}

static char *mixed_creates(struct site *site)
{
	return list_of(site, EVENT(1, 0, 60, ",\"resources\":[1],\"client_id\":\"a\""), EVENT(2, 30, 60, ",\"resources\":[1]"),
		       EVENT(3, 60, 60, ",\"resources\":[1],\"client_id\":\"b\""), EVENT(99, 0, 30, ""),
		       EVENT(1, 0, 60, ",\"resources\":[1],\"client_id\":\"a\""), EVENT(4, 600, 60, ",\"client_id\":\"b\""),
		       EVENT(5, 60, 60, ",\"resources\":[1]"), "{\"titel\":1}", "[1]", NULL);
}

static void a_dry_run_predicts_a_create(void **state)
{
	assert_predicted(*state, JOB_CREATE, "\"ordered\":true", mixed_creates(*state));
}

static void a_dry_run_predicts_a_create_in_many_chunks(void **state)
{
	assert_predicted(*state, JOB_CREATE, "\"ordered\":true,\"chunk_size\":1", mixed_creates(*state));
}

static char *mixed_updates(struct site *site)
{
	int64_t one = stored(site, 1, 0, 60, ",\"resources\":[1],\"client_id\":\"one\"");
	int64_t two = stored(site, 2, 60, 60, ",\"resources\":[1],\"client_id\":\"two\"");
	stored(site, 3, 600, 60, ",\"resources\":[1],\"client_id\":\"three\"");
	return list_of(site, text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"shift_s\":14400}}", (long long)two),
		       text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"shift_s\":3600}}", (long long)one),
		       "{\"selector\":{\"client_id\":\"three\"},\"values\":{\"shift_s\":-3600}}",
		       "{\"selector\":{\"client_id\":\"two\"},\"expected_version\":1,\"values\":{\"title\":\"x\"}}",
		       "{\"selector\":{\"client_id\":\"one\"},\"values\":{\"client_id\":\"two\"}}", NULL);
}

static void a_dry_run_predicts_an_update(void **state)
{
	assert_predicted(*state, JOB_UPDATE, "\"ordered\":true", mixed_updates(*state));
}

static void a_dry_run_predicts_an_update_in_many_chunks(void **state)
{
	assert_predicted(*state, JOB_UPDATE, "\"ordered\":true,\"chunk_size\":1", mixed_updates(*state));
}

static void a_real_run_can_be_made_from_a_dry_one(void **state)
{
	struct site *site = *state;
	struct job job;
	int64_t dry = new_run(site, JOB_CREATE, "{\"dry_run\":true,\"ordered\":true}", mixed_creates(site));
	struct batch_options options = options_of(site, JOB_CREATE, "{\"ordered\":true}");
	assert_done(&site->one, batch_create_from_job(&site->one, dry, &options, "real", &job));
	run_batch(site, job.id);
	assert_string_equal(lines(site, "s", OUTCOMES, (long long)dry), lines(site, "s", OUTCOMES, (long long)job.id));
	assert_string_equal(told(site, dry), told(site, job.id));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events}"), 2);
}

static const char *proposed(struct site *site, int64_t job)
{
	return lines(site, "is", "SELECT ordinal, COALESCE(JSON_VALUE(detail, '$.proposed_starts_at'), IF(JSON_CONTAINS_PATH(detail, 'one',"
				 " '$.proposed_starts_at'), 'none', '-')) FROM {batch_item_errors} WHERE job_id = %lld ORDER BY ordinal", (long long)job);
}

/* Where a shift would lead, without moving anything. */
static void what_collides_is_told_when_it_would_be_free(void **state)
{
	struct site *site = *state;
	static const char *const none = "{\"on_conflict\":\"shift\",\"shift_limit_s\":1800}";
	int64_t id = stored(site, 1, 60, 60, ",\"resources\":[1]");
	(void)stored(site, 2, 120, 3 * 1440, ",\"resources\":[1]");
	char *items = list_of(site, event_json(site, 4, 90, 30, ",\"resources\":[1]"), event_json(site, 5, 4000, 400, ",\"resources\":[1]"),
			      event_json(site, 6, 90, 30, ",\"resources\":[3]"),
			      event_json(site, 7, 100, 30, ",\"resources\":[1],\"recurrence\":\"FREQ=WEEKLY;COUNT=2\""),
			      event_json(site, 8, 20000, 2000, ",\"recurrence\":\"FREQ=DAILY;COUNT=2\""), NULL);
	int64_t job = new_run(site, JOB_EVALUATE, "{\"on_conflict\":\"shift\",\"chunk_size\":2,\"ordered\":true}", items);
	/* Beside item 1 where that was asked for, and the other way round; a series moves as a whole; none is in its own way. */
	assert_string_equal(proposed(site, job), "0 2030-01-04T02:00:00Z\n1 2030-01-04T02:00:00Z\n3 2030-01-04T02:00:00Z\n4 none\n");
	assert_string_equal(proposed(site, new_run(site, JOB_EVALUATE, none, items)), "0 none\n1 none\n3 none\n4 none\n");
	assert_string_equal(proposed(site, new_run(site, JOB_EVALUATE, NULL, items)), "0 -\n1 -\n3 -\n4 -\n");
	/* What is stored is not in its own way. */
	sql(site, "UPDATE {busy} SET end_utc = end_utc + 600 WHERE event_id = %lld AND calendar_kind = 2", (long long)id);
	sql(site, "UPDATE {scheduled_events} SET duration_s = 4200, ends_at = ends_at + INTERVAL 10 MINUTE WHERE id = %lld", (long long)id);
	assert_string_equal(proposed(site, EVALUATE("{\"on_conflict\":\"shift\"}", text_of(site, "{\"event_id\":%lld}", (long long)id))), "0 2030-01-04T02:00:00Z\n");
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(every_verdict_with_all_its_reasons),
		CASE(what_may_not_be_scheduled_is_told_with_its_conflicts),
		CASE(what_begins_with_1970_is_looked_at), CASE(a_series_that_is_over_is_warned_of),
		CASE(items_of_an_evaluation_see_each_other_across_chunks),
		CASE(a_stored_event_is_evaluated_by_its_id),
		CASE(what_is_sifted_out_is_in_nobodys_way), CASE(a_stored_event_meets_proposals_beside_it),
		CASE(a_client_id_given_twice_is_found_in_any_chunk),
		CASE(a_calendar_that_holds_too_much_is_planned_as_a_whole),
		CASE(the_list_of_conflicts_is_capped_and_their_number_exact), CASE(every_kind_of_conflict_is_a_reason),
		CASE(a_dry_run_predicts_a_create),
		CASE(a_dry_run_predicts_a_create_in_many_chunks),
		CASE(a_dry_run_predicts_an_update),
		CASE(a_dry_run_predicts_an_update_in_many_chunks),
		CASE(a_real_run_can_be_made_from_a_dry_one), CASE(what_collides_is_told_when_it_would_be_free),
	};
	return cmocka_run_group_tests_name("evaluate", cases, site_open, site_close);
}
