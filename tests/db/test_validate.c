/* Judging a batch without one: every bad item told, nothing stored, and an estimate that holds. */
#include "jobs.h"

#include "base/clock.h"
#include "batch/validate.h"

static bool validate(struct site *site, enum job_type type, const char *options, enum ingest_format format, const char *text,
		     struct validation *found)
{
	struct body body = { .text = text };
	struct batch_options read = options_of(site, type, options ? options : "{}");
	return batch_validate(&site->one, true, type, &read, format, body_source(&body), found);
}

/* "17 /items/17/starts_at invalid_time" a line. */
static const char *listed(struct site *site, const struct validation *found)
{
	struct str out = STR_INIT;
	for (size_t i = 0; i < found->listed_count; i++)
		for (size_t e = 0; e < found->listed[i].issues.count; e++) {
			const struct issue *issue = &found->listed[i].issues.list[e];
			str_addf(&out, "%lld %s %s\n", (long long)found->listed[i].ordinal, issue->pointer, code_info(issue->code)->name);
		}
	return kept_text(site, &out);
}

static const char *all_sums(struct site *site)
{
	return lines(site, "ss", "SELECT 'jobs', COUNT(*) FROM {batch_jobs} UNION ALL SELECT 'items', COUNT(*) FROM {batch_job_items}"
				 " UNION ALL SELECT 'errors', COUNT(*) FROM {batch_item_errors} UNION ALL SELECT 'plan', COUNT(*) FROM"
				 " {busy_plan} UNION ALL SELECT 'audit', COUNT(*) FROM {audit_log} UNION ALL SELECT 'expansions', COUNT(*) FROM"
				 " {batch_expansions} UNION ALL SELECT 'calendars', COUNT(*) FROM {calendars} UNION ALL SELECT 'undo', COUNT(*)"
				 " FROM {undo_rows} UNION ALL SELECT 'keys', COUNT(*) FROM {idempotency_keys}");
}

static void every_bad_item_is_told_with_its_pointer(void **state)
{
	struct site *site = *state;
	struct validation found;
	const char *before = all_sums(site), *domain = domain_sum(site);
	const char *body = list_of(site, event_json(site, 1, 0, 30, ""),
				   "{\"content_id\":1,\"starts_at\":\"2030-02-30T00:00:00Z\",\"colour\":1}", "{\"content_id\":tru}", "7",
				   event_json(site, 99, 60, 30, ""), event_json(site, 2, 60, 30, ",\"resources\":[99]"),
				   event_json(site, 3, 60, 30, ""), NULL);
	assert_done(&site->one, validate(site, JOB_CREATE, NULL, INGEST_JSON, body, &found));
	assert_int_equal(found.items, 7);
	assert_int_equal(found.total, 7);
	assert_int_equal(found.invalid, 5);
	assert_string_equal(listed(site, &found), "1 /items/1/starts_at invalid_time\n1 /items/1/colour unknown_field\n"
						  "2 /items/2 malformed_json\n3 /items/3 invalid_type\n"
						  "4 /items/4/content_id content_not_found\n5 /items/5/resources resource_not_found\n");
	assert_int_equal(found.by_code[CODE_INVALID_TIME], 1);
	assert_int_equal(found.first_of_code[CODE_CONTENT_NOT_FOUND], 4);
	assert_string_equal(all_sums(site), before);
	assert_string_equal(domain_sum(site), domain);
}

static void counts_are_exact_where_the_list_ends(void **state)
{
	struct site *site = *state;
	struct validation found;
	struct str body = STR_INIT;
	for (int i = 0; i < 2500; i++)
		str_addf(&body, "%s\n", i % 2 ? event_json(site, 1, i, 1, "") : event_json(site, 77, i, 1, ",\"colour\":1"));
	assert_done(&site->one, validate(site, JOB_CREATE, NULL, INGEST_NDJSON, str_text(&body), &found));
	assert_int_equal(found.items, 2500);
	assert_int_equal(found.invalid, 1250);
	assert_int_equal(found.listed_count, VALIDATION_LISTED_MAX);
	assert_int_equal(found.by_code[CODE_UNKNOWN_FIELD], 1250);
	assert_true(arena_used_bytes(site->one.arena) < 512 * 1024);
	str_free(&body);
}

static void targets_and_queries_are_looked_up(void **state)
{
	struct site *site = *state;
	struct validation found;
	new_run(site, JOB_CREATE, NULL,
		list_of(site, event_json(site, 1, 0, 30, ",\"client_id\":\"a\""), event_json(site, 2, 60, 30, ""), event_json(site, 2, 120, 30, ""),
			NULL));
	int64_t id = number(site, "SELECT MIN(id) FROM {scheduled_events}");
	const char *body = list_of(site, text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":{\"title\":\"x\"}}", (long long)id),
				   "{\"selector\":{\"client_id\":\"a\"},\"values\":{\"title\":\"x\"}}",
				   "{\"selector\":{\"client_id\":\"b\"},\"values\":{\"title\":\"x\"}}",
				   "{\"selector\":{\"event_id\":999999},\"values\":{\"title\":\"x\"}}",
				   "{\"selector\":{\"query\":{\"content_id\":2}},\"values\":{\"title\":\"x\"}}",
				   "{\"selector\":{\"query\":{\"content_id\":3}},\"values\":{\"title\":\"x\"}}",
				   text_of(site, "{\"selector\":{\"event_id\":%lld},\"expected_version\":9,\"values\":{\"title\":\"x\"}}", (long long)id),
				   NULL);
	assert_done(&site->one, validate(site, JOB_UPDATE, NULL, INGEST_JSON, body, &found));
	assert_int_equal(found.items, 7);
	assert_int_equal(found.total, 8); /* one query is two events */
	assert_string_equal(listed(site, &found), "2 /items/2/selector event_not_found\n3 /items/3/selector event_not_found\n");
	/* Who may change only his own sees nobody else's. */
	become(&site->one, AUTHOR);
	assert_done(&site->one, validate(site, JOB_UPDATE, NULL, INGEST_JSON, body, &found));
	assert_int_equal(found.invalid, 5); /* his queries match nothing, which is no mistake */
}

static void what_no_batch_could_be_made_of_is_refused(void **state)
{
	struct site *site = *state;
	struct validation found;
	struct body untyped = { .text = "{\"items\":[{}]}" }, wrong = { .text = "{\"type\":\"create\",\"options\":{\"chunk_size\":0},\"items\":[{}]}" };
	assert_refused(&site->one, validate(site, JOB_CREATE, NULL, INGEST_JSON, "[]", &found), "INVALID empty_batch: The list of items is empty");
	assert_refused(&site->one, validate(site, JOB_CREATE, NULL, INGEST_CSV, "content_id,colour\n1,red\n", &found),
		       "INVALID unknown_column: The column “colour” is not known for create");
	assert_refused(&site->one, batch_validate(&site->one, false, JOB_CREATE, NULL, INGEST_JSON, body_source(&untyped), &found),
		       "INVALID required /type: type is missing, or stands behind too many items");
	assert_refused(&site->one, batch_validate(&site->one, false, JOB_CREATE, NULL, INGEST_JSON, body_source(&wrong), &found),
		       "INVALID out_of_range /options/chunk_size: chunk_size is 0; it must be from 1 to 1000");
	become(&site->one, NOBODY);
	assert_refused(&site->one, validate(site, JOB_CREATE, NULL, INGEST_JSON, "[{}]", &found),
		       "DENIED not_permitted: Your role does not allow “create”");
}

/* --- the estimate -------------------------------------------------------------- */

static int64_t rows_now(struct site *site)
{
	static const char *const tables[] = { "scheduled_events", "event_resources",  "event_occurrences", "busy",	  "busy_plan",	 "calendars",	"batch_jobs",
					      "batch_job_items",  "batch_item_errors", "batch_slices", "batch_chunks", "undo_rows", "audit_log",
					      "batch_expansions", "worker_logs",      "workers",	  "batch_item_nodes",  "batch_item_links" };
	int64_t rows = 0;
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		rows += number(site, "SELECT COUNT(*) FROM {%s}", tables[i]);
	return rows;
}

/* Pages of data and of indexes, of what stays.  (An evaluation's plan goes at its
 * end, and when the server notes the size of a table nobody analyses is up to the
 * server.)  Pages are reserved by 64, for each index: a batch that is to be told
 * from that grows its tables by far more, and begins with tables of no history,
 * whose indexes have no such places left over or just used up. */
static int64_t bytes_now(struct site *site)
{
	static const char *const tables[] = { "scheduled_events", "event_resources", "event_occurrences", "busy",	 "calendars",
					      "batch_jobs",	  "batch_job_items", "batch_item_errors", "batch_chunks", "undo_rows",
					      "batch_item_nodes", "batch_item_links" };
	int64_t bytes = 0;
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		lines(site, "ssss", "ANALYZE TABLE {%s}", tables[i]);
		bytes += number(site, "SELECT data_length + index_length FROM information_schema.tables WHERE table_schema = DATABASE()"
				      " AND CONCAT('`', table_name, '`') = '{%s}'", tables[i]);
	}
	return bytes;
}

static void assert_within_twice(const char *what, int64_t estimated, int64_t real)
{
	print_message("    %s: estimated %lld, really %lld\n", what, (long long)estimated, (long long)real);
	if (estimated > 2 * real || real > 2 * estimated)
		fail_msg("%s: estimated %lld, really %lld", what, (long long)estimated, (long long)real);
}

/* Truncated, so that no place is free that earlier batches needed. */
static void forget_batches(struct site *site)
{
	static const char *const tables[] = { "batch_job_items", "batch_item_errors", "undo_rows", "busy_plan", "batch_chunks",
					      "batch_item_nodes", "batch_item_links" };
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		sql(site, "TRUNCATE {%s}", tables[i]);
}

static void forget_events(struct site *site)
{
	static const char *const tables[] = { "scheduled_events", "event_resources", "event_occurrences", "busy" };
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		sql(site, "TRUNCATE {%s}", tables[i]);
}

static void run_and_compare(struct site *site, enum job_type type, const char *options, const char *body)
{
	struct validation found;
	struct job job;
	struct body bytes = { .text = body };
	struct batch_options read = options_of(site, type, options ? options : "{}");
	assert_done(&site->one, validate(site, type, options, INGEST_JSON, body, &found));
	forget_batches(site);
	int64_t rows = rows_now(site), size = bytes_now(site), requests = 0;
	int64_t began_ms = monotonic_ms();
	assert_done(&site->one, batch_create_from_body(&site->one, true, type, &read, NULL, INGEST_JSON, body_source(&bytes), &job));
	for (struct advance_report report = { 0 }; !report.is_terminal; requests++)
		assert_done(&site->one, batch_advance(&site->one, job.id, 0, &report));
	print_message("  %s, %lld items\n    seconds: estimated %.2f, really %.2f\n    requests: estimated %lld, really %lld\n", job_type_name(type),
		      (long long)found.items, found.estimate.seconds, (double)(monotonic_ms() - began_ms) / 1000.0,
		      (long long)found.estimate.requests, (long long)requests);
	assert_within_twice("rows", found.estimate.rows, rows_now(site) - rows);
	assert_within_twice("bytes", found.estimate.bytes, bytes_now(site) - size);
}

static char *bookings(struct site *site, int count)
{
	struct str out = STR_INIT;
	for (int i = 0; i < count; i++)
		str_addf(&out, "%s%s", i ? "," : "[",
			 event_json(site, 1 + i % CONTENTS, i / VENUES * 30, 30,
				    text_of(site, ",\"client_id\":\"b-%d\",\"title\":\"Swimming for beginners %d\",\"resources\":[%d]%s", i, i,
					    1 + i % VENUES, i % 10 ? "" : ",\"colour\":\"red\"")));
	str_addc(&out, ']');
	return kept_text(site, &out);
}

/* Each of a hundred days, on one calendar. */
static char *series(struct site *site, int count)
{
	char *list = text_of(site, "[");
	for (int i = 0; i < count; i++)
		list = text_of(site, "%s%s%s", list, i ? "," : "",
			       event_json(site, 1 + i % CONTENTS, 8000000 + i * 2, 1, ",\"recurrence\":\"FREQ=DAILY;COUNT=100\""));
	return text_of(site, "%s]", list);
}

/* So many at a time, each after one of those before. */
static char *chains(struct site *site, int64_t minute, int count, int wide)
{
	struct str out = STR_INIT;
	for (int i = 0; i < count; i++) {
		const char *needs = i < wide ? "" : text_of(site, ",\"depends_on\":[\"step %d\"]", i - wide);
		str_addf(&out, "%s%s", i ? "," : "[",
			 event_json(site, 1 + i % CONTENTS, minute + i, 1, text_of(site, ",\"id\":\"step %d\"%s", i, needs)));
	}
	str_addc(&out, ']');
	return kept_text(site, &out);
}

static void rows_and_bytes_are_within_twice_of_what_happens(void **state)
{
	struct site *site = *state;
	forget_events(site);
	run_and_compare(site, JOB_CREATE, NULL, bookings(site, 12000));
	struct str changes = STR_INIT;
	for (int i = 1; i < 12000; i++)
		str_addf(&changes, "%s{\"selector\":{\"client_id\":\"b-%d\"},\"values\":{\"title\":\"Swimming for the advanced %d\"}}",
			 i > 1 ? "," : "[", i, i);
	str_addc(&changes, ']');
	run_and_compare(site, JOB_UPDATE, NULL, str_text(&changes));
	run_and_compare(site, JOB_UPDATE, "{\"dry_run\":true}", "[{\"selector\":{\"query\":{\"status\":\"scheduled\"}},\"values\":{\"priority\":3}}]");
	run_and_compare(site, JOB_UPDATE, NULL, "[{\"selector\":{\"query\":{\"status\":\"scheduled\"}},\"values\":{\"priority\":3}}]");
	run_and_compare(site, JOB_EVALUATE, NULL, bookings(site, 12000)); /* each in conflict, its client_id taken */
	forget_events(site);
	run_and_compare(site, JOB_EVALUATE, NULL, bookings(site, 12000));
	run_and_compare(site, JOB_CREATE, "{\"conflict_window_s\":0}", series(site, 400));
	forget_events(site);
	run_and_compare(site, JOB_CREATE, "{\"conflict_window_s\":0}", chains(site, 4000000, 6000, 100));
	str_free(&changes);
}

/* As if each item of all batches so far had taken so long. */
static void items_took(struct site *site, double ms)
{
	sql(site, "UPDATE {batch_chunks} SET work_ms = %.3f * (last_ordinal - first_ordinal + 1)", ms);
}

/* Judged as slow_host of batch/estimate.c would: 5 groups, 6 ms and 38 us an item. */
static const struct batch_facts five_thousand = { .items = 5000, .total = 5000, .events = 5000, .intervals = 5000, .judged_groups = 5 };
#define JUDGED_US 220000

static struct estimate estimated(struct site *site, const char *options, const struct batch_facts *counted, int64_t judged_us)
{
	struct estimate estimate;
	struct batch_facts facts = *counted;
	struct batch_options read = options_of(site, JOB_CREATE, options);
	facts.judged_us = judged_us;
	assert_done(&site->one, batch_estimate(&site->one, JOB_CREATE, &read, &facts, &estimate));
	return estimate;
}

static void figures_are_learned_from_finished_batches(void **state)
{
	struct site *site = *state;
	new_run(site, JOB_CREATE, NULL, many_events(site, 600));
	items_took(site, 3); /* a very slow host */
	struct estimate learned = estimated(site, "{}", &five_thousand, 0);
	assert_true(learned.seconds > 15 && learned.seconds < 17);
	assert_int_equal(learned.requests, 5000 * 3 / 2000 + 1);
	assert_int_equal(estimated(site, "{\"time_budget_ms\":1000}", &five_thousand, 0).requests, 5000 * 3 / 1000 + 1);
	/* Series afterwards say nothing about single events; what they cost is known besides. */
	new_run(site, JOB_CREATE, "{\"conflict_window_s\":0}", series(site, 100));
	sql(site, "UPDATE {batch_chunks} SET work_ms = 9000 WHERE job_id = (SELECT MAX(id) FROM {batch_jobs})");
	assert_true(estimated(site, "{}", &five_thousand, 0).seconds == learned.seconds);
	/* If there was nothing else, the host was not as slow as that: it has just judged these items. */
	items_took(site, 90);
	assert_true(estimated(site, "{}", &five_thousand, JUDGED_US).seconds < 9);
	items_took(site, 0.01);
	assert_true(estimated(site, "{}", &five_thousand, JUDGED_US).seconds > 0.3);
}

/* Until there are such: how long the items took to judge tells how fast the host is. */
static void a_new_site_goes_by_its_own_pace(void **state)
{
	struct site *site = *state;
	struct validation found;
	struct estimate slow = estimated(site, "{}", &five_thousand, JUDGED_US), quick = estimated(site, "{}", &five_thousand, JUDGED_US / 4);
	assert_true(slow.seconds > 1.5 && slow.seconds < 3);
	assert_true(slow.seconds > 3.9 * quick.seconds && slow.seconds < 4.1 * quick.seconds);
	assert_int_equal(slow.rows, quick.rows);
	assert_true(estimated(site, "{}", &five_thousand, 0).seconds == slow.seconds);
	assert_done(&site->one, validate(site, JOB_CREATE, NULL, INGEST_JSON, many_events(site, 600), &found));
	assert_true(found.estimate.seconds > 0);
}

/* Not the items alone cost: so do many small chunks, series, items in a row, and a look at everything beforehand. */
static void what_costs_more_is_estimated_higher(void **state)
{
	struct site *site = *state;
	struct batch_facts series = five_thousand, row = five_thousand;
	double plain = estimated(site, "{}", &five_thousand, 0).seconds;
	series.series_intervals = 500000;
	row.stages = 2500;
	assert_true(estimated(site, "{\"chunk_size\":1}", &five_thousand, 0).seconds > 10 * plain);
	assert_true(estimated(site, "{\"validate_before_execute\":true}", &five_thousand, 0).seconds > 1.2 * plain);
	assert_true(estimated(site, "{}", &series, 0).seconds > 10 * plain);
	assert_true(estimated(site, "{}", &row, 0).seconds > 10 * plain);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(every_bad_item_is_told_with_its_pointer),
		CASE(counts_are_exact_where_the_list_ends),
		CASE(targets_and_queries_are_looked_up),
		CASE(what_no_batch_could_be_made_of_is_refused),
		CASE(rows_and_bytes_are_within_twice_of_what_happens),
		CASE(figures_are_learned_from_finished_batches),
		CASE(a_new_site_goes_by_its_own_pace),
		CASE(what_costs_more_is_estimated_higher),
	};
	return cmocka_run_group_tests_name("validate", cases, site_open, site_close);
}
