/* Receiving items: slices and bodies of JSON and NDJSON. */
#include "jobs.h"

#include "base/clock.h"

static struct job receiving(struct site *site)
{
	struct job job;
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, NULL, &job));
	return job;
}

static bool slice(struct site *site, int64_t job, int64_t offset, enum ingest_format format, struct body body)
{
	struct ingest_report report;
	return batch_append(&site->one, job, offset, format, body_source(&body), &report);
}
#define SLICE(offset, ...) slice(site, job.id, offset, INGEST_JSON, (struct body){ .text = __VA_ARGS__ })

static const char *items_told(struct site *site, int64_t job)
{
	return lines(site, "s", "SELECT CONCAT(i.ordinal, ' ', i.outcome, ' ', COALESCE(x.code, '-'), ' ', i.input) FROM {batch_job_items} i"
				" LEFT JOIN {batch_item_errors} x ON x.job_id = i.job_id AND x.ordinal = i.ordinal"
				" WHERE i.job_id = %lld ORDER BY i.ordinal", (long long)job);
}

static void slices_are_idempotent_by_offset(void **state)
{
	struct site *site = *state;
	struct job job = receiving(site);
	struct ingest_report report;
	assert_true(SLICE(0, "[{\"a\":1},{\"a\":2}]"));
	struct body again = { .text = "[{\"a\":1},{\"a\":2}]", .step = 1 };
	assert_done(&site->one, batch_append(&site->one, job.id, 0, INGEST_JSON, body_source(&again), &report));
	assert_true(report.was_repeated);
	assert_int_equal(report.received, 2);
	assert_int_equal(report.accepted, 2);
	assert_refused(&site->one, SLICE(0, "[{\"a\":1},{\"a\":3}]"),
		       "CONFLICT offset_mismatch: Other items were received at offset 0; go on from 2");
	assert_refused(&site->one, SLICE(1, "[{\"a\":2}]"), "CONFLICT offset_mismatch: Other items were received at offset 1; go on from 2");
	assert_refused(&site->one, SLICE(3, "[{\"a\":4}]"), "CONFLICT offset_gap: The next items must have offset 2, not 3");
	assert_true(SLICE(2, "[{\"a\":3}]"));
	assert_string_equal(items_told(site, job.id), "0 0 - {\"a\":1}\n1 0 - {\"a\":2}\n2 0 - {\"a\":3}\n");
	assert_string_equal(lines(site, "ii", "SELECT received, total FROM {batch_jobs}"), "3 3\n");
}

/* Who got no answer to the last slice sends it again, even after somebody has started the batch. */
static void a_started_batch_takes_repeats_but_no_more(void **state)
{
	struct site *site = *state;
	struct job job = receiving(site);
	assert_true(SLICE(0, "[{\"a\":1}]"));
	assert_done(&site->one, batch_start(&site->one, job.id));
	assert_true(SLICE(0, "[{\"a\":1}]"));
	assert_refused(&site->one, SLICE(1, "[{\"a\":2}]"),
		       "CONFLICT illegal_transition: The batch is queued and takes no more items; allowed: pause, cancel");
}

/* As results.ndjson has them, corrected. */
static void lines_of_results_are_taken_as_what_had_been_sent(void **state)
{
	struct site *site = *state;
	struct job job = receiving(site);
	assert_true(SLICE(0, "[{\"ordinal\":7,\"outcome\":\"failed\",\"event_id\":null,\"errors\":[],\"input\":{\"client_id\":\"c\"}}]"));
	assert_string_equal(items_told(site, job.id), "0 0 - {\"client_id\":\"c\"}\n");
}

static void a_label_is_held_to_its_length_however_it_comes(void **state)
{
	static const char refusal[] = "INVALID too_long /label: label may have 150 characters";
	struct site *site = *state;
	struct job job;
	char *label = text_of(site, "%0*d", JOB_LABEL_MAX + 1, 0);
	struct body rows = { .text = "{\"content_id\":1}\n" };
	struct body whole = { .text = text_of(site, "{\"type\":\"create\",\"items\":[{}],\"label\":\"%s\"}", label) };
	assert_refused(&site->one, batch_create_from_body(&site->one, true, JOB_CREATE, NULL, label, INGEST_NDJSON, body_source(&rows), &job),
		       refusal);
	assert_refused(&site->one, batch_create_from_body(&site->one, false, JOB_CREATE, NULL, NULL, INGEST_JSON, body_source(&whole), &job),
		       refusal);
	assert_done(&site->one, batch_create(&site->one, JOB_CREATE, NULL, label + 1, &job));
}

static void an_empty_slice_stores_nothing(void **state)
{
	struct site *site = *state;
	struct job job = receiving(site);
	assert_true(SLICE(0, "[]"));
	assert_true(SLICE(0, "[ ]"));
	assert_true(SLICE(0, "[{\"a\":1}]"));
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items}"), 1);
}

static void a_malformed_item_does_not_sink_its_neighbours(void **state)
{
	struct site *site = *state;
	struct job job = receiving(site);
	struct body body = { .text = "[{\"a\":1},{\"a\":tru},\n[2],\"x\",{\"a\":1,\"a\":2},{\"b\":\"\\u0000\"},{\"a\":6}]" };
	struct ingest_report report;
	assert_done(&site->one, batch_append(&site->one, job.id, 0, INGEST_JSON, body_source(&body), &report));
	assert_int_equal(report.accepted, 7);
	assert_int_equal(report.malformed, 5);
	assert_string_equal(lines(site, "iis", "SELECT ordinal, outcome, code FROM {batch_item_errors}"),
			    "1 5 malformed_json\n2 5 invalid_type\n3 5 invalid_type\n4 5 duplicate_key\n5 5 invalid_utf8\n");
	assert_string_equal(lines(site, "s", "SELECT input FROM {batch_job_items} WHERE outcome = 0"), "{\"a\":1}\n{\"a\":6}\n");
	assert_done(&site->one, batch_start(&site->one, job.id));
	run_batch(site, job.id);
	assert_string_equal(status_line(site, job.id), "failed: 7 failed");
	assert_string_equal(lines(site, "ii", "SELECT ordinal, attempts FROM {batch_job_items} WHERE ordinal IN (0, 1)"), "0 1\n1 0\n");
	const char *said = told(site, job.id);
	assert_non_null(strstr(said, "\n1 failed; malformed_json : The JSON can't be read at line 1, column 8: a comma, quote or bracket is"
				     " missing or too many.\n2 failed; invalid_type : An item must be a JSON object\n"));
}

static void broken_framing_stores_nothing(void **state)
{
	struct site *site = *state;
	struct job job = receiving(site);
	static const struct { const char *text, *wanted; } rows[] = {
		{ "[{\"a\":1},{\"a\":2}", "INVALID malformed_json: The JSON can't be read at line 1, column 17: the text ends inside an item." },
		{ "[{\"a\":1}}", "INVALID malformed_json: The JSON can't be read at line 1, column 9: a } stands where a comma or ] is meant." },
		{ "[{\"a\":1},]", "INVALID malformed_json: The JSON can't be read at line 1, column 10: a value is missing." },
		{ "[{\"a\":1}] x", "INVALID malformed_json: The JSON can't be read at line 1, column 11: something follows after the end." },
		{ "", "INVALID malformed_json: The JSON can't be read at line 1, column 1: the text is empty." },
		{ "7", "INVALID malformed_json: The JSON can't be read at line 1, column 1: a list [ or an object { must come first." },
		{ "{\"items\":[{\"a\":1}],\"type\":\"create\"}", "INVALID unknown_field /type: The member “type” is not known; only “items” is." },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_refused(&site->one, SLICE(0, rows[i].text), rows[i].wanted);
		assert_string_equal(items_told(site, job.id), "");
	}
	assert_true(SLICE(0, "{\"items\":[{\"a\":1}]}"));
	assert_string_equal(items_told(site, job.id), "0 0 - {\"a\":1}\n");
}

static void a_body_that_breaks_off_stores_nothing(void **state)
{
	struct site *site = *state;
	struct job job = receiving(site);
	const char *text = "[{\"a\":1},{\"a\":2},{\"a\":3}]";
	for (size_t at = 1; at < strlen(text); at++)
		assert_refused(&site->one, SLICE(0, text, .breaks_at = at, .step = 3),
			       "INVALID truncated_body: The body broke off; nothing of it was kept");
	assert_string_equal(items_told(site, job.id), "");
	assert_true(SLICE(0, text));
	assert_refused(&site->one, SLICE(0, text, .breaks_at = 5), "INVALID truncated_body: The body broke off");
}

static void bytes_may_come_one_by_one(void **state)
{
	struct site *site = *state;
	struct job job = receiving(site);
	const char *text = " \n[ {\"a\":\"ü\\\"]\"} ,\n{\"b\":[1,{}]}\t]\n";
	assert_true(SLICE(0, text, .step = 1));
	assert_string_equal(items_told(site, job.id), "0 0 - {\"a\":\"ü\\\"]\"}\n1 0 - {\"b\":[1,{}]}\n");
	assert_true(SLICE(0, text));
}

static void deep_nesting_is_one_bad_item(void **state)
{
	struct site *site = *state;
	struct job job = receiving(site);
	struct str deep = STR_INIT;
	str_adds(&deep, "[{\"a\":1},");
	for (int i = 0; i < 100000; i++)
		str_addc(&deep, '[');
	for (int i = 0; i < 100000; i++)
		str_addc(&deep, ']');
	str_adds(&deep, ",{\"a\":3},");
	for (int i = 0; i < 33; i++)
		str_addc(&deep, '[');
	for (int i = 0; i < 33; i++)
		str_addc(&deep, ']');
	str_addc(&deep, ']');
	assert_true(SLICE(0, str_text(&deep), .len = deep.len));
	assert_string_equal(lines(site, "is", "SELECT ordinal, code FROM {batch_item_errors}"), "1 item_too_large\n3 too_deep\n");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items}"), 4);
	/* Open for ever: the framing is broken. */
	str_clear(&deep);
	for (int i = 0; i < 100000; i++)
		str_addc(&deep, '[');
	assert_false(slice(site, job.id, 4, INGEST_JSON, (struct body){ .text = str_text(&deep), .len = deep.len }));
	assert_int_equal(site->one.fail.code, CODE_MALFORMED_JSON);
	fail_clear(&site->one.fail);
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_job_items}"), 4);
	str_free(&deep);
}

static void a_too_large_item_is_one_bad_item(void **state)
{
	struct site *site = *state;
	struct job job = receiving(site);
	struct str body = STR_INIT;
	str_adds(&body, "[{\"a\":\"");
	for (int i = 0; i < 70000; i++)
		str_addc(&body, 'x');
	str_adds(&body, "\"},{\"a\":2}]");
	assert_true(SLICE(0, str_text(&body), .len = body.len));
	assert_string_equal(lines(site, "is", "SELECT ordinal, code FROM {batch_item_errors}"), "0 item_too_large\n");
	assert_string_equal(lines(site, "is", "SELECT ordinal, LEFT(input, 10) FROM {batch_job_items}"), "0 \"{\\\"a\\\":\\\"\n1 {\"a\":2}\n");
	str_free(&body);
}

static void a_slice_holds_ten_thousand_items_at_most(void **state)
{
	struct site *site = *state;
	struct job job = receiving(site);
	struct str body = STR_INIT;
	str_addc(&body, '[');
	for (int i = 0; i < 10001; i++)
		str_adds(&body, i ? ",{}" : "{}");
	str_addc(&body, ']');
	assert_refused(&site->one, SLICE(0, str_text(&body), .len = body.len),
		       "LIMIT too_many_items: At most 10000 items are taken here");
	assert_string_equal(items_told(site, job.id), "");
	str_free(&body);
}

static void lines_of_json_are_items(void **state)
{
	struct site *site = *state;
	struct job job = receiving(site);
	const char *text = "\xEF\xBB\xBF{\"a\":1}\r\n\r\n{\"a\":\n{\"a\":3}\n\n{\"a\":\"\xff\"}\n{\"a\":5}";
	assert_true(slice(site, job.id, 0, INGEST_NDJSON, (struct body){ .text = text, .step = 1 }));
	assert_string_equal(items_told(site, job.id),
			    "0 0 - {\"a\":1}\n1 5 malformed_json \"{\\\"a\\\":\"\n2 0 - {\"a\":3}\n3 5 invalid_utf8 \"{\\\"a\\\":\\\"?\\\"}\"\n"
			    "4 0 - {\"a\":5}\n");
}

/* --- one body ------------------------------------------------------------------ */

static bool from_body(struct site *site, bool type_known, struct body body, struct job *job)
{
	return batch_create_from_body(&site->one, type_known, JOB_CREATE, NULL, NULL, INGEST_JSON, body_source(&body), job);
}
#define FROM_BODY(...) from_body(site, false, (struct body){ .text = __VA_ARGS__ }, &job)

static void members_may_stand_before_or_after_the_items(void **state)
{
	struct site *site = *state;
	struct job job;
	assert_true(FROM_BODY("{\"type\":\"update\",\"label\":\"L\",\"options\":{\"chunk_size\":7,\"priority\":3},\"items\":[{}]}"));
	assert_string_equal(lines(site, "sssii", "SELECT type, label, status, chunk_size, priority FROM {batch_jobs}"), "update L queued 7 3\n");
	sql(site, "DELETE FROM {batch_jobs}");
	assert_true(FROM_BODY("{\"items\":[{}],\"options\":{\"ordered\":true,\"priority\":-3,\"time_budget_ms\":20000},\"label\":\"M\","
			      "\"type\":\"create\"}", .step = 1));
	assert_string_equal(lines(site, "sssiii", "SELECT type, label, status, max_lanes, priority, lease_s FROM {batch_jobs}"),
			    "create M queued 1 -3 45\n" /* three times the budget, which is half of a request's 30 s */);
}

static void a_body_that_cannot_be_a_batch_leaves_none_open(void **state)
{
	struct site *site = *state;
	struct job job;
	assert_refused(&site->one, FROM_BODY("{\"items\":[{}]}"), "INVALID required /type: type is missing, or stands behind too many items");
	assert_refused(&site->one, FROM_BODY("{\"type\":\"destroy\",\"items\":[{}]}"),
		       "INVALID invalid_value /type: There is no batch type destroy; create, update and evaluate are");
	assert_refused(&site->one, FROM_BODY("{\"type\":\"create\",\"items\":[]}"), "INVALID empty_batch: The list of items is empty");
	/* Where the address says that it is a create. */
	assert_refused(&site->one, from_body(site, true, (struct body){ .text = "{}" }, &job), "INVALID required /items: items is missing");
	assert_refused(&site->one, from_body(site, true, (struct body){ .text = "{\"type\":\"update\",\"items\":[{}]}" }, &job),
		       "INVALID invalid_value /type: This address makes batches of type create");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_jobs}"), 0);
	assert_refused(&site->one, FROM_BODY("{\"type\":\"create\",\"items\":[{}],\"options\":{\"chunksize\":1}}"),
		       "INVALID unknown_option /options/chunksize: “chunksize” is not an option of create");
	assert_false(FROM_BODY("{\"type\":\"create\",\"items\":[{}],\"options\":{\"on_conflict\":\"move\"}}"));
	assert_string_equal(site->one.fail.suggestion, "Use fail, skip, keep_both, replace, shift or ask");
	fail_clear(&site->one.fail);
	assert_refused(&site->one, FROM_BODY("{\"type\":\"create\",\"items\":[{}],\"options\":{\"notify\":{\"webhook_id\":1}}}"),
		       "INVALID webhook_not_found /options/notify/webhook_id: There is no webhook 1 that your batches may name");
	assert_refused(&site->one, FROM_BODY("{\"type\":\"create\",\"items\":[{}],\"colour\":1}"),
		       "INVALID unknown_field /colour: “colour” is not a field of a batch");
	assert_refused(&site->one, FROM_BODY("{\"type\":\"create\",\"items\":[{}", .len = 0),
		       "INVALID malformed_json: The JSON can't be read at line 1, column 29: the text ends inside an item.");
	assert_int_equal(number(site, "SELECT COUNT(*) FROM {batch_jobs} WHERE phase IN ('pending', 'processing')"), 0);
	assert_true(FROM_BODY("{\"type\":\"create\"}"));
	assert_string_equal(lines(site, "s", "SELECT status FROM {batch_jobs} WHERE id = %lld", (long long)job.id), "receiving\n");
}

static void a_long_body_that_breaks_off_is_cancelled(void **state)
{
	struct site *site = *state;
	struct job job;
	char *body = many_events(site, 2500);
	assert_refused(&site->one, from_body(site, true, (struct body){ .text = body, .breaks_at = strlen(body) - 100 }, &job),
		       "INVALID truncated_body: The body broke off; nothing of it was kept");
	assert_string_equal(lines(site, "ss", "SELECT status, phase FROM {batch_jobs}"), "cancelled failed\n");
}

/* --- memory ---------------------------------------------------------------------- */

/* Events made up as they are read: the test itself holds none of them. */
struct endless {
	int64_t next, count;
	char line[300];
	size_t len, at;
};

static long read_endless(void *user, char *buffer, size_t size)
{
	struct endless *source = user;
	size_t filled = 0;
	while (filled < size) {
		if (source->at == source->len) {
			if (source->next == source->count)
				break;
			char when[TIME_TEXT_SIZE];
			time_format_utc(DAY_ONE + source->next / VENUES * 60, when);
			source->len = (size_t)snprintf(source->line, sizeof source->line,
						       "{\"content_id\":%lld,\"version_no\":1,\"starts_at\":\"%s\",\"duration_s\":60,\"resources\":[%lld]}\n",
						       (long long)(1 + source->next % CONTENTS), when, (long long)(1 + source->next % VENUES));
			source->at = 0;
			source->next++;
		}
		size_t left = source->len - source->at, len = left < size - filled ? left : size - filled;
		memcpy(buffer + filled, source->line + source->at, len);
		source->at += len;
		filled += len;
	}
	return (long)filled;
}

static int64_t grown_kib(struct site *site, int64_t items)
{
	struct endless source = { .count = items };
	struct job job;
	struct batch_options options = options_of(site, JOB_CREATE, "{\"chunk_size\":500}");
	int64_t before = resident_kib();
	assert_done(&site->one, batch_create_from_body(&site->one, true, JOB_CREATE, &options, NULL, INGEST_NDJSON,
						       (struct byte_source){ read_endless, &source }, &job));
	assert_int_equal(job.total, items);
	assert_true(arena_used_bytes(site->one.arena) < 64 * 1024);
	for (int i = 0; i < 20; i++) {
		struct arena_mark request = arena_mark(site->one.arena);
		advance_once(&site->one, job.id);
		arena_rewind(site->one.arena, request);
	}
	assert_true(arena_used_bytes(site->one.arena) < 64 * 1024);
	return resident_kib() - before;
}

static void memory_does_not_grow_with_the_items(void **state)
{
	struct site *site = *state;
	(void)grown_kib(site, 10000); /* what the process needs anyway */
	int64_t grown = grown_kib(site, 200000);
	/* Held, they would be 25,000; the allocator's own breath is some 1,000. */
	if (grown > 4096)
		fail_msg("200,000 items took %lld KiB more than 10,000", (long long)grown);
}

int main(void)
{
	const struct CMUnitTest cases[] = {
		CASE(slices_are_idempotent_by_offset),
		CASE(a_started_batch_takes_repeats_but_no_more),
		CASE(lines_of_results_are_taken_as_what_had_been_sent),
		CASE(a_label_is_held_to_its_length_however_it_comes),
		CASE(an_empty_slice_stores_nothing),
		CASE(a_malformed_item_does_not_sink_its_neighbours),
		CASE(broken_framing_stores_nothing),
		CASE(a_body_that_breaks_off_stores_nothing),
		CASE(bytes_may_come_one_by_one),
		CASE(deep_nesting_is_one_bad_item),
		CASE(a_too_large_item_is_one_bad_item),
		CASE(a_slice_holds_ten_thousand_items_at_most),
		CASE(lines_of_json_are_items),
		CASE(members_may_stand_before_or_after_the_items),
		CASE(a_body_that_cannot_be_a_batch_leaves_none_open),
		CASE(a_long_body_that_breaks_off_is_cancelled),
		CASE(memory_does_not_grow_with_the_items),
	};
	return cmocka_run_group_tests_name("ingest", cases, site_open, site_close);
}
