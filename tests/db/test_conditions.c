/* Conditions: stored as they are read, judged by an evaluation with one statement for a chunk. */
#include "jobs.h"

#define EVENT(content, minute, more) event_json(site, content, minute, 30, more)
#define IF(rule) ",\"conditions\":" rule
#define VAR(path) "{\"var\":\"" path "\"}"

static void they_are_stored_without_blanks_and_change_what_an_event_is(void **state)
{
	struct site *site = *state;
	int64_t id = stored(site, 1, 0, 30, ",\"client_id\":\"a\"" IF("{ \"==\" : [ " VAR("content.title") " , \"x\" ] }"));
	bool is_mariadb;
	(void)db_server_version(site->look.db, &is_mariadb); /* MySQL writes them as it likes */
	assert_string_equal(lines(site, is_mariadb ? "s" : "j", "SELECT conditions FROM {scheduled_events} WHERE id = %lld", (long long)id),
			    "{\"==\":[{\"var\":\"content.title\"},\"x\"]}\n");
	int64_t same = new_run(site, JOB_CREATE, NULL, list_of(site,
		EVENT(1, 0, ",\"client_id\":\"a\"" IF("{\"==\":[" VAR("content.title") ",\"x\"]}")),
		EVENT(1, 0, ",\"client_id\":\"a\"" IF("{\"==\":[" VAR("content.title") ",\"y\"]}")), NULL));
	assert_string_equal(status_line(site, same), "partial: 1 unchanged 1 failed");
	new_run(site, JOB_UPDATE, NULL, text_of(site, "[{\"selector\":{\"event_id\":%lld},\"values\":{\"conditions\":null}}]",
						(long long)id));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {scheduled_events} WHERE conditions IS NULL AND id = %lld",
				(long long)id), 1);
}

static void what_is_wrong_with_them_is_told_where_it_stands(void **state)
{
	struct site *site = *state;
	int64_t job = new_run(site, JOB_CREATE, NULL, list_of(site, EVENT(1, 0, IF("{\"and\":[{\"equals\":[1,2]}]}")),
		EVENT(2, 0, IF("7")), EVENT(3, 0, IF("{}")), EVENT(4, 0, IF("{\"reduce\":[1],\"map\":[]}")), NULL));
	assert_string_equal(told(site, job),
			    "0 failed; unknown_operator /conditions/and/0/equals: “equals” is not an operator of JsonLogic\n"
			    "1 failed; invalid_type /conditions: 7 is not a rule of JsonLogic\n"
			    "2 succeeded\n"
			    "3 failed; invalid_value /conditions: a rule has exactly one operator, this has 2\n");
}

static void an_evaluation_tells_which_parts_do_not_hold(void **state)
{
	struct site *site = *state;
	sql(site, "UPDATE {contents} SET title = 'Tea', live_version = 1 WHERE id = 1");
	sql(site, "UPDATE {content_versions} SET body = JSON_OBJECT('approved', TRUE) WHERE content_id = 2 AND version_no = 1");
	int64_t job = EVALUATE(NULL,
		EVENT(1, 0, IF("{\"and\":[{\"==\":[" VAR("content.title") ",\"Tea\"]},{\"<\":[" VAR("content.live_version") ",1]},"
			       "{\"!\":" VAR("version.is_latest") "}]}")),
		EVENT(1, 600, IF("{\"and\":[" VAR("attributes.ok") ",{\"==\":[" VAR("version.no") ",1]},{\"<\":[" VAR("now")
			       "," VAR("event.starts_at") "]}]}") ",\"attributes\":{\"ok\":true}"),
		EVENT(2, 0, IF(VAR("version.body.approved"))), EVENT(3, 0, IF(VAR("version.body.approved"))),
		EVENT(4, 0, ""));
	assert_string_equal(told(site, job),
			    "0 succeeded blocked; conditions_not_met /conditions: Not so: content.live_version < 1"
			    " (content.live_version is 1)\n"
			    "1 succeeded ready\n2 succeeded ready\n"
			    "3 succeeded blocked; conditions_not_met /conditions: Not so: version.body.approved (version.body.approved is"
			    " null)\n4 succeeded ready\n");
	assert_non_null(strstr(lines(site, "s", "SELECT JSON_EXTRACT(detail, '$.conditions') FROM {batch_item_errors}"
					     " WHERE job_id = %lld AND ordinal = 0", (long long)job),
			       "/conditions/and/1"));
}

static void other_events_are_seen_by_id_and_by_client_id(void **state)
{
	struct site *site = *state;
	long long id = stored(site, 5, 0, 30, ",\"client_id\":\"first\",\"title\":\"One\"");
	stored(site, 6, 0, 30, ",\"client_id\":\"12x\",\"status\":\"draft\"");
	int64_t job = EVALUATE(NULL,
		EVENT(1, 0, text_of(site, IF("{\"==\":[{\"var\":\"events.%lld.status\"},\"completed\"]}"), id)),
		EVENT(2, 0, IF("{\"==\":[" VAR("events.first.title") ",\"One\"]}")),
		EVENT(3, 0, IF("{\"==\":[" VAR("events.12x.status") ",\"draft\"]}")),
		EVENT(4, 0, IF("{\"missing\":[\"events.nobody.status\",\"events.first.status\"]}")));
	assert_string_equal(told(site, job),
			    text_of(site, "0 succeeded blocked; conditions_not_met /conditions: Not so: events.%lld.status = “completed”"
					  " (events.%lld.status is scheduled)\n1 succeeded ready\n2 succeeded ready\n3 succeeded ready\n",
				    id, id));
	/* Those of others are not there for whoever may not see them. */
	become(&site->one, TRAINER);
	job = EVALUATE(NULL, event_json(site, 31, 600, 30, text_of(site, IF("{\"!\":{\"var\":\"events.%lld\"}}"), id)),
		       event_json(site, 32, 600, 30, IF("{\"!\":" VAR("events.first.title") "}")));
	assert_string_equal(told(site, job), "0 succeeded ready\n1 succeeded ready\n");
	become(&site->one, ADMIN);
}

static void a_rule_that_takes_too_much_work_blocks(void **state)
{
	struct site *site = *state;
	int64_t job = EVALUATE(NULL, EVENT(1, 0, IF("{\"reduce\":[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24],"
						    "{\"cat\":[" VAR("accumulator") "," VAR("accumulator") "]},\"x\"]}")),
			       EVENT(2, 0, IF("{\"==\":[1,1]}")));
	assert_string_equal(told(site, job),
			    "0 succeeded blocked; conditions_not_met /conditions: Not so: The conditions take too much work\n"
			    "1 succeeded ready\n");
}

static void a_stored_event_is_asked_for_its_moment(void **state)
{
	struct site *site = *state;
	long long ahead = stored(site, 1, 0, 30, ""), past = stored(site, 2, 0, 30, "");
	sql(site, "UPDATE {scheduled_events} SET starts_at = '2020-01-01', ends_at = '2020-01-01 00:30:00' WHERE id = %lld", past);
	char *both = text_of(site, "[{\"event_id\":%lld},{\"event_id\":%lld}]", ahead, past);
	assert_string_equal(told(site, new_run(site, JOB_EVALUATE, NULL, both)), "0 succeeded ready\n1 succeeded ready\n");
	assert_string_equal(told(site, new_run(site, JOB_EVALUATE, "{\"check_due\":true}", both)),
			    "0 succeeded not_due\n1 succeeded ready\n");
}

static void a_chunk_asks_once_for_all_its_conditions(void **state)
{
	struct site *site = *state;
	struct str list = STR_INIT;
	for (int i = 0; i < 400; i++)
		str_addf(&list, "%s{\"content_id\":%d,\"starts_at\":\"%s\",\"conditions\":{\"and\":[{\"var\":\"events.%d.status\"},"
			 "{\"var\":\"events.k%d.status\"}]}}", i ? "," : "[", 1 + i % 30, at_minute(site, i * 61), 1000 + i, i);
	str_addc(&list, ']');
	int64_t job = new_run(site, JOB_EVALUATE, "{\"chunk_size\":400}", list.data);
	assert_string_equal(status_line(site, job), "succeeded: 400 succeeded");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items} WHERE job_id = %lld AND verdict = %d", (long long)job,
				VERDICT_BLOCKED), 400);
	str_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(they_are_stored_without_blanks_and_change_what_an_event_is),
		CASE(what_is_wrong_with_them_is_told_where_it_stands),
		CASE(an_evaluation_tells_which_parts_do_not_hold),
		CASE(other_events_are_seen_by_id_and_by_client_id),
		CASE(a_rule_that_takes_too_much_work_blocks),
		CASE(a_stored_event_is_asked_for_its_moment),
		CASE(a_chunk_asks_once_for_all_its_conditions),
	};

	return cmocka_run_group_tests_name("conditions", tests, site_open, site_close);
}
