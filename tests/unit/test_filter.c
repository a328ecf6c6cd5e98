#include "rules/filter.h"
#include "support.h"

#define KNOWN \
	"Use one of: content_id, resource_id, assignee_id, starts_after, starts_before, status, recurring, schedule_type, text"

static const struct set_row {
	const char *label;
	const char *name, *text;
	const char *want;
} set_rows[] = {
	{ "set: content_id", "content_id", "7", "" },
	{ "set: empty means any", "content_id", "", "" },
	{ "set: empty status means any", "status", "", "" },
	{ "set: status", "status", "superseded", "" },
	{ "set: recurring", "recurring", "true", "" },
	{ "set: recurring in other words", "recurring", "yes",
	  "invalid_value /recurring: “yes” is neither true nor false | Use true or false.\n" },
	{ "set: time", "starts_after", "2026-12-01T10:00:00+01:00", "" },
	{ "set: text", "text", "100 % “x” \\ ' _", "" },
	{ "set: id zero", "content_id", "0", "out_of_range /content_id: 0 is out of range | Use a whole number from 1 up.\n" },
	{ "set: id negative", "resource_id", "-3",
	  "out_of_range /resource_id: -3 is out of range | Use a whole number from 1 up.\n" },
	{ "set: id as a word", "assignee_id", "Ada",
	  "invalid_type /assignee_id: “Ada” is not a whole number | Write a whole number.\n" },
	{ "set: id too large", "content_id", "9223372036854775808",
	  "invalid_type /content_id: “9223372036854775808” is not a whole number | Write a whole number.\n" },
	{ "set: bad time", "starts_before", "2026-02-30T00:00:00Z",
	  "invalid_time /starts_before: 2026-02-30T00:00:00Z is not a day that exists | Write it as 2026-12-01T09:00:00Z\n" },
	{ "set: bad status", "status", "live",
	  "invalid_value /status: “live” is not a status | Use one of: draft, scheduled, processing, completed, failed, "
	  "missed, superseded, cancelled, archived\n" },
	{ "set: bad type", "schedule_type", "x y",
	  "invalid_value /schedule_type: “x y” is not a schedule type | Use 1 to 32 lower-case letters, digits, _ or -, "
	  "with a letter first, such as publish\n" },
	{ "set: control character", "text", "a\x01",
	  "invalid_value /text: “a\\x01” holds a control character | Remove the line break, tab or other control "
	  "character.\n" },
	{ "set: not UTF-8", "text", "a\xff",
	  "invalid_utf8 /text: byte 2 of the text is not UTF-8 | Save the file as “CSV UTF-8” or “Unicode (UTF-8)” and send "
	  "it again.\n" },
	{ "set: misspelt name", "content", "7",
	  "unknown_field /content: “content” is not a field of a query | Did you mean content_id?\n" },
	{ "set: unknown name", "verification", "7",
	  "unknown_field /verification: “verification” is not a field of a query | " KNOWN "\n" },
	{ "set: created_by is the program's", "created_by", "1",
	  "unknown_field /created_by: “created_by” is not a field of a query | " KNOWN "\n" },
};

static void set_case(void **state)
{
	const struct set_row *row = *state;
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event_filter filter = { 0 };

	assert_int_equal(filter_set(&filter, row->name, row->text, "", &issues), row->want[0] == '\0');
	assert_string_equal(test_issues(&issues), row->want);
	arena_free(arena);
}

static const struct json_row {
	const char *name;
	const char *json;
	const char *want;
} read_rows[] = {
	{ "query: empty", "{}", "" },
	{ "query: nulls", "{\"content_id\":null,\"status\":null,\"text\":null}", "" },
	{ "query: everything",
	  "{\"content_id\":1,\"resource_id\":2,\"assignee_id\":3,\"starts_after\":\"2026-12-01T09:00:00Z\","
	  "\"starts_before\":\"2026-12-02T09:00:00Z\",\"status\":\"draft\",\"schedule_type\":\"train\",\"text\":\"x\"}",
	  "" },
	{ "query: recurring", "{\"recurring\":false}", "" },
	{ "query: a list", "[]", "invalid_type /q: [] is not an object | Write it as {\"name\": value, …}\n" },
	{ "query: id in quotes", "{\"content_id\":\"7\"}",
	  "invalid_type /q/content_id: “7” is a text, not a whole number | Drop the quotes: 7\n" },
	{ "query: text as a number", "{\"text\":7}", "invalid_type /q/text: 7 is not a text | Put it in quotes: \"7\"\n" },
	{ "query: two problems", "{\"status\":\"x\",\"colour\":1}",
	  "invalid_value /q/status: “x” is not a status | Use one of: draft, scheduled, processing, completed, failed, "
	  "missed, superseded, cancelled, archived\n"
	  "unknown_field /q/colour: “colour” is not a field of a query | " KNOWN "\n" },
};

static void read_case(void **state)
{
	const struct json_row *row = *state;
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event_filter filter;

	assert_int_equal(filter_read(test_json(arena, row->json), "/q", &filter, &issues), row->want[0] == '\0');
	assert_string_equal(test_issues(&issues), row->want);
	arena_free(arena);
}

static const struct json_row selector_rows[] = {
	{ "selector: event_id", "{\"event_id\":12}", "" },
	{ "selector: client_id", "{\"client_id\":\"a\"}", "" },
	{ "selector: query", "{\"query\":{\"content_id\":7}}", "" },
	{ "selector: query of everything", "{\"query\":{}}", "" },
	{ "selector: empty", "{}",
	  "required /selector: the selector is empty | Give exactly one of event_id, client_id, query.\n" },
	{ "selector: two", "{\"event_id\":1,\"client_id\":\"a\"}",
	  "invalid_value /selector: the selector names its events in 2 ways | Give exactly one of event_id, client_id, "
	  "query.\n" },
	{ "selector: misspelt", "{\"eventid\":1}",
	  "unknown_field /selector/eventid: “eventid” is not a field of a selector | Did you mean event_id?\n" },
	{ "selector: id zero", "{\"event_id\":0}",
	  "out_of_range /selector/event_id: 0 is out of range | Use a whole number from 1 up.\n" },
	{ "selector: id null", "{\"event_id\":null}",
	  "invalid_type /selector/event_id: null is not a whole number | Write a whole number.\n" },
	{ "selector: client_id empty", "{\"client_id\":\"\"}",
	  "invalid_value /selector/client_id: client_id is empty | Give the client_id of an event.\n" },
	{ "selector: bad query", "{\"query\":{\"content_id\":-1}}",
	  "out_of_range /selector/query/content_id: -1 is out of range | Use a whole number from 1 up.\n" },
	{ "selector: query a text", "{\"query\":\"all\"}",
	  "invalid_type /selector/query: all is not an object | Write it as {\"name\": value, …}\n" },
	{ "selector: a number", "12", "invalid_type /selector: 12 is not an object | Write it as {\"name\": value, …}\n" },
};

static void selector_case(void **state)
{
	const struct json_row *row = *state;
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct selector selector;

	assert_int_equal(selector_read(test_json(arena, row->json), "/selector", &selector, &issues),
			 row->want[0] == '\0');
	assert_string_equal(test_issues(&issues), row->want);
	arena_free(arena);
}

static void a_query_is_read_into_its_fields(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct selector s;

	assert_true(selector_read(test_json(arena, read_rows[2].json), "", &s, &issues) == false);
	issues.count = 0;
	assert_true(selector_read(test_json(arena, arena_printf(arena, "{\"query\":%s}", read_rows[2].json)), "", &s, &issues));
	assert_int_equal(s.kind, SELECT_QUERY);
	assert_int_equal(s.query.content_id, 1);
	assert_int_equal(s.query.resource_id, 2);
	assert_int_equal(s.query.assignee_id, 3);
	assert_int_equal(s.query.starts_after, 1796115600);
	assert_int_equal(s.query.starts_before, 1796115600 + 86400);
	assert_true(s.query.has_status);
	assert_int_equal(s.query.status, EVENT_DRAFT);
	assert_string_equal(s.query.schedule_type, "train");
	assert_string_equal(s.query.text, "x");
	arena_free(arena);
}

static void an_empty_text_takes_a_filter_back(void **state)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event_filter filter = { .content_id = 7, .has_status = true, .text = "x", .starts_after = 5 };

	assert_true(filter_set(&filter, "content_id", "", "", &issues));
	assert_true(filter_set(&filter, "status", "", "", &issues));
	assert_true(filter_set(&filter, "text", "", "", &issues));
	assert_true(filter_set(&filter, "starts_after", "", "", &issues));
	assert_int_equal(filter.content_id, 0);
	assert_false(filter.has_status);
	assert_null(filter.text);
	assert_int_equal(filter.starts_after, 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_is_read_into_its_fields),
		cmocka_unit_test(an_empty_text_takes_a_filter_back),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL) + TABLE_CASES(set_rows, set_case) +
	       TABLE_CASES(read_rows, read_case) + TABLE_CASES(selector_rows, selector_case);
}
