/* What event_read() says about an item: code, pointer and exact message. */
#include "base/zone.h"
#include "rules/event.h"
#include "support.h"

#define C "\"content_id\":7,"
#define S "\"starts_at\":\"2026-12-01T09:00:00Z\""
#define X10 "xxxxxxxxxx"
#define X50 X10 X10 X10 X10 X10

/* A JSON item and every issue it has: "" when it is right. */
static const struct event_row {
	const char *name;
	const char *json;
	const char *want;
} new_rows[] = {
	{ "new: the least", "{" C S "}", "" },
	{ "new: everything",
	  "{\"client_id\":\"a-1\",\"content_id\":7,\"version_no\":3,\"schedule_type\":\"publish\",\"title\":\"T\","
	  "\"starts_at\":\"2026-12-01T09:00:00Z\",\"duration_s\":3600,\"ends_at\":\"2026-12-01T10:00:00Z\","
	  "\"timezone\":\"Europe/Stockholm\",\"local_start\":\"2026-12-01T10:00:00\",\"resources\":[3,1],"
	  "\"assignees\":[9],\"priority\":-5,\"status\":\"draft\",\"attributes\":{\"a\":[1]}}",
	  "" },
	{ "new: nulls are as if left out",
	  "{" C S ",\"client_id\":null,\"version_no\":null,\"title\":null,\"ends_at\":null,\"timezone\":null,"
	  "\"local_start\":null,\"resources\":null,\"attributes\":null,\"status\":null,\"recurrence\":null}",
	  "" },
	/* the item itself */
	{ "new: a list", "[1]", "invalid_type : [1] is not an object | Write it as {\"name\": value, …}\n" },
	{ "new: a text", "\"x\"", "invalid_type : x is not an object | Write it as {\"name\": value, …}\n" },
	{ "new: empty", "{}",
	  "required /content_id: content_id is missing | Add the id of the content.\n"
	  "time_missing /starts_at: starts_at is missing | Add one of the two.\n" },
	/* names */
	{ "new: misspelt name", "{" C S ",\"titel\":\"x\"}",
	  "unknown_field /titel: “titel” is not a field of an event | Did you mean title?\n" },
	{ "new: name in capitals", "{" C S ",\"Title\":\"x\"}",
	  "unknown_field /Title: “Title” is not a field of an event | Did you mean title?\n" },
	{ "new: singular", "{" C S ",\"resource\":[1]}",
	  "unknown_field /resource: “resource” is not a field of an event | Did you mean resources?\n" },
	{ "new: a name like no other", "{" C S ",\"colour\":\"x\"}",
	  "unknown_field /colour: “colour” is not a field of an event | Use one of: client_id, content_id, version_no, "
	  "schedule_type, title, starts_at, ends_at, duration_s, timezone, local_start, resources, assignees, priority, "
	  "attributes, status, recurrence, exdates, rdates, overrides, conditions, misfire, grace_s\n" },
	{ "new: name with pointer characters", "{" C S ",\"a/b~c\":1}",
	  "unknown_field /a~1b~0c: “a/b~c” is not a field of an event | Use one of: client_id, content_id, version_no, "
	  "schedule_type, title, starts_at, ends_at, duration_s, timezone, local_start, resources, assignees, priority, "
	  "attributes, status, recurrence, exdates, rdates, overrides, conditions, misfire, grace_s\n" },
	{ "new: no conditions", "{" C S ",\"conditions\":{}}", "" },
	{ "new: conditions", "{" C S ",\"conditions\":{\"<\":[{\"var\":\"content.live_version\"},3]}}", "" },
	{ "new: conditions that are a text", "{" C S ",\"conditions\":\"yes\"}",
	  "invalid_type /conditions: yes is not a rule of JsonLogic | Write a rule such as {\"<\": [{\"var\": "
	  "\"content.live_version\"}, 3]}\n" },
	{ "new: conditions with an operator nobody knows", "{" C S ",\"conditions\":{\"or\":[1,{\"not\":1}]}}",
	  "unknown_operator /conditions/or/1/not: “not” is not an operator of JsonLogic | Did you mean !?\n" },
	/* integers */
	{ "new: integer in quotes", "{\"content_id\":\"7\"," S "}",
	  "invalid_type /content_id: “7” is a text, not a whole number | Drop the quotes: 7\n" },
	{ "new: integer as a word", "{\"content_id\":\"seven\"," S "}",
	  "invalid_type /content_id: “seven” is a text, not a whole number | Write a whole number.\n" },
	{ "new: integer with a fraction", "{\"content_id\":7.0," S "}",
	  "invalid_type /content_id: 7.0 is not a whole number | Write a whole number.\n" },
	{ "new: integer as boolean", "{\"content_id\":true," S "}",
	  "invalid_type /content_id: true is not a whole number | Write a whole number.\n" },
	{ "new: content_id null", "{\"content_id\":null," S "}",
	  "required /content_id: content_id is missing | Add the id of the content.\n" },
	{ "new: content_id zero", "{\"content_id\":0," S "}",
	  "out_of_range /content_id: 0 is out of range | Use a whole number from 1 up.\n" },
	{ "new: content_id negative", "{\"content_id\":-1," S "}",
	  "out_of_range /content_id: -1 is out of range | Use a whole number from 1 up.\n" },
	{ "new: content_id largest", "{\"content_id\":9223372036854775807," S "}", "" },
	{ "new: version zero", "{" C S ",\"version_no\":0}",
	  "out_of_range /version_no: 0 is out of range | Use a whole number from 1 to 2147483647.\n" },
	{ "new: version too large", "{" C S ",\"version_no\":2147483648}",
	  "out_of_range /version_no: 2147483648 is out of range | Use a whole number from 1 to 2147483647.\n" },
	{ "new: priority at its limits", "{" C S ",\"priority\":1000}", "" },
	{ "new: priority beyond", "{" C S ",\"priority\":1001}",
	  "out_of_range /priority: 1001 is out of range | Use a whole number from -1000 to 1000.\n" },
	/* texts */
	{ "new: client_id empty", "{" C S ",\"client_id\":\"\"}",
	  "invalid_value /client_id: client_id is empty | Give it a text, or leave it out.\n" },
	{ "new: client_id a number", "{" C S ",\"client_id\":12}",
	  "invalid_type /client_id: 12 is not a text | Put it in quotes: \"12\"\n" },
	{ "new: client_id 100 characters", "{" C S ",\"client_id\":\"" X50 X50 "\"}", "" },
	{ "new: client_id 101 characters", "{" C S ",\"client_id\":\"" X50 X50 "x\"}",
	  "too_long /client_id: “" X50 X10 "…” has 101 characters | Shorten it to 100 characters.\n" },
	{ "new: title counts characters", "{" C S ",\"title\":\"" X50 X50 X50 X50 X50 "\u20ac\u20ac\u20ac\u20ac\u20ac\"}", "" },
	{ "new: title 256 characters", "{" C S ",\"title\":\"" X50 X50 X50 X50 X50 "\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\"}",
	  "too_long /title: “" X50 X10 "…” has 256 characters | Shorten it to 255 characters.\n" },
	{ "new: title a list", "{" C S ",\"title\":[]}",
	  "invalid_type /title: [] is not a text | Write a text in quotes.\n" },
	{ "new: title with a line break", "{" C S ",\"title\":\"a\\nb\"}",
	  "invalid_value /title: “a\\nb” holds a control character | Remove the line break, tab or other control character.\n" },
	{ "new: title with DEL", "{" C S ",\"title\":\"a\\u007f\"}",
	  "invalid_value /title: “a\\x7f” holds a control character | Remove the line break, tab or other control character.\n" },
	{ "new: title with a C1 control", "{" C S ",\"title\":\"a\\u0085b\"}",
	  "invalid_value /title: “a\\x85b” holds a control character | Remove the line break, tab or other control character.\n" },
	{ "new: title with quotes, SQL and an emoji", "{" C S ",\"title\":\"'; DROP TABLE x; -- \\\\ \\ud83d\\ude00\"}", "" },
	{ "new: schedule_type with every kind of character", "{" C S ",\"schedule_type\":\"a-b_c9\"}", "" },
	{ "new: schedule_type empty", "{" C S ",\"schedule_type\":\"\"}",
	  "invalid_value /schedule_type: “” is not a schedule type | Use 1 to 32 lower-case letters, digits, _ or -, with a "
	  "letter first, such as publish\n" },
	{ "new: schedule_type in capitals", "{" C S ",\"schedule_type\":\"Publish\"}",
	  "invalid_value /schedule_type: “Publish” is not a schedule type | Use 1 to 32 lower-case letters, digits, _ or -, "
	  "with a letter first, such as publish\n" },
	{ "new: schedule_type with a digit first", "{" C S ",\"schedule_type\":\"9a\"}",
	  "invalid_value /schedule_type: “9a” is not a schedule type | Use 1 to 32 lower-case letters, digits, _ or -, "
	  "with a letter first, such as publish\n" },
	{ "new: schedule_type of 33", "{" C S ",\"schedule_type\":\"" X10 X10 X10 "xxx\"}",
	  "invalid_value /schedule_type: “" X10 X10 X10 "xxx” is not a schedule type | Use 1 to 32 lower-case letters, digits, "
	  "_ or -, with a letter first, such as publish\n" },
	/* times */
	{ "new: a day that does not exist", "{" C "\"starts_at\":\"2026-02-30T09:00:00Z\"}",
	  "invalid_time /starts_at: 2026-02-30T09:00:00Z is not a day that exists | Write it as 2026-12-01T09:00:00Z\n" },
	{ "new: hour 24", "{" C "\"starts_at\":\"2026-02-01T24:00:00Z\"}",
	  "invalid_time /starts_at: 2026-02-01T24:00:00Z is not a time of day that exists | Write it as "
	  "2026-12-01T09:00:00Z\n" },
	{ "new: no offset", "{" C "\"starts_at\":\"2026-02-01T09:00:00\"}",
	  "invalid_time /starts_at: 2026-02-01T09:00:00 has no offset from UTC | Write it as 2026-12-01T09:00:00Z\n" },
	{ "new: not a time", "{" C "\"starts_at\":\"tomorrow\\n\"}",
	  "invalid_time /starts_at: “tomorrow\\n” is not a time | Write it as 2026-12-01T09:00:00Z\n" },
	{ "new: a long text as time", "{" C "\"starts_at\":\"" X50 X50 "\"}",
	  "invalid_time /starts_at: “" X50 X10 "…” is not a time | Write it as 2026-12-01T09:00:00Z\n" },
	{ "new: seconds since the epoch", "{" C "\"starts_at\":1796115600}",
	  "invalid_type /starts_at: 1796115600 is not a text | Write it as \"2026-12-01T09:00:00Z\"\n" },
	{ "new: before 1970", "{" C "\"starts_at\":\"1969-12-31T23:59:59Z\"}",
	  "out_of_range /starts_at: 1969-12-31T23:59:59Z is outside the years 1970 to 2100 | Use a time from 1970 to 2100.\n" },
	{ "new: after 2100", "{" C "\"starts_at\":\"2101-01-01T00:00:00Z\"}",
	  "out_of_range /starts_at: 2101-01-01T00:00:00Z is outside the years 1970 to 2100 | Use a time from 1970 to 2100.\n" },
	{ "new: no start", "{\"content_id\":7}", "time_missing /starts_at: starts_at is missing | Add one of the two.\n" },
	{ "new: local_start alone", "{" C "\"local_start\":\"2026-12-01T10:00:00\"}",
	  "time_missing /timezone: local_start is given without timezone | Add timezone, such as Europe/Stockholm\n" },
	{ "new: timezone alone", "{" C "\"timezone\":\"Europe/Stockholm\"}",
	  "time_missing /local_start: timezone is given without a start | Add local_start, such as 2026-12-01T09:00:00\n" },
	{ "new: local_start with an offset", "{" C "\"timezone\":\"Europe/Stockholm\",\"local_start\":\"2026-12-01T10:00:00Z\"}",
	  "invalid_time /local_start: 2026-12-01T10:00:00Z has an offset from UTC; a wall time has none | Write it as "
	  "2026-12-01T09:00:00, or use starts_at.\n" },
	{ "new: local_start on no day", "{" C "\"timezone\":\"Europe/Stockholm\",\"local_start\":\"2026-02-29T10:00\"}",
	  "invalid_time /local_start: 2026-02-29T10:00 is not a day that exists | Write it as 2026-12-01T09:00:00\n" },
	{ "new: unknown timezone", "{" C S ",\"timezone\":\"Europe/Stokholm\"}",
	  "unknown_timezone /timezone: “Europe/Stokholm” is not a known time zone | Write it as Europe/Stockholm or "
	  "America/New_York.\n" },
	{ "new: timezone as a path", "{" C S ",\"timezone\":\"../../etc/passwd\"}",
	  "unknown_timezone /timezone: “../../etc/passwd” is not a known time zone | Write it as Europe/Stockholm or "
	  "America/New_York.\n" },
	{ "new: two starts that agree", "{" C S ",\"timezone\":\"Europe/Stockholm\",\"local_start\":\"2026-12-01T10:00:00\"}", "" },
	{ "new: two starts that differ", "{" C S ",\"timezone\":\"Europe/Stockholm\",\"local_start\":\"2026-12-01T09:00:00\"}",
	  "time_twice /local_start: starts_at is 2026-12-01T10:00:00 in Europe/Stockholm, but local_start says "
	  "2026-12-01T09:00:00 | Keep one of the two.\n" },
	{ "new: the second moment of a fold",
	  "{" C "\"starts_at\":\"2026-10-25T01:30:00Z\",\"timezone\":\"Europe/Stockholm\",\"local_start\":\"2026-10-25T02:30:00\"}",
	  "" },
	{ "new: local_start beyond the years", "{" C "\"timezone\":\"Asia/Tokyo\",\"local_start\":\"1970-01-01T08:00:00\"}",
	  "out_of_range /local_start: the start is outside the years 1970 to 2100 | Use a time from 1970 to 2100.\n" },
	/* ends */
	{ "new: ends before it starts", "{" C S ",\"ends_at\":\"2026-12-01T08:59:59Z\"}",
	  "ends_before_start /ends_at: ends_at 2026-12-01T08:59:59Z is before the start 2026-12-01T09:00:00Z | Swap the two "
	  "or correct one.\n" },
	{ "new: ends when it starts", "{" C S ",\"ends_at\":\"2026-12-01T09:00:00Z\"}", "" },
	{ "new: negative duration", "{" C S ",\"duration_s\":-1}",
	  "out_of_range /duration_s: -1 is out of range | Use a whole number from 0 to 2678400.\n" },
	{ "new: 31 days", "{" C S ",\"duration_s\":2678400}", "" },
	{ "new: a second more than 31 days", "{" C S ",\"duration_s\":2678401}",
	  "duration_too_long /duration_s: 2678401 s are more than 31 days | Shorten it, or split it into several events.\n" },
	{ "new: more than 31 days to the end", "{" C S ",\"ends_at\":\"2027-01-01T09:00:01Z\"}",
	  "duration_too_long /ends_at: 2678401 s are more than 31 days | Shorten it, or split it into several events.\n" },
	{ "new: two ends that differ", "{" C S ",\"ends_at\":\"2026-12-01T10:00:00Z\",\"duration_s\":60}",
	  "end_twice /ends_at: ends_at is 3600 s after the start, duration_s is 60 | Keep one of the two.\n" },
	{ "new: ends after 2100", "{" C "\"starts_at\":\"2100-12-31T23:59:59Z\",\"duration_s\":1}",
	  "out_of_range /duration_s: the end is outside the years 1970 to 2100 | Use a time from 1970 to 2100.\n" },
	{ "new: a bad start hides no other field", "{" C "\"starts_at\":\"x\",\"ends_at\":\"y\",\"priority\":\"z\"}",
	  "invalid_time /starts_at: “x” is not a time | Write it as 2026-12-01T09:00:00Z\n"
	  "invalid_time /ends_at: “y” is not a time | Write it as 2026-12-01T09:00:00Z\n"
	  "invalid_type /priority: “z” is a text, not a whole number | Write a whole number.\n" },
	/* lists */
	{ "new: resources as a number", "{" C S ",\"resources\":3}",
	  "invalid_type /resources: 3 is not a list | Write a list of ids: [12, 13]\n" },
	{ "new: resources as a text", "{" C S ",\"resources\":\"1,2\"}",
	  "invalid_type /resources: 1,2 is not a list | Write a list of ids: [12, 13]\n" },
	{ "new: bad elements", "{" C S ",\"assignees\":[1,\"2\",0,null,4.5]}",
	  "invalid_type /assignees/1: “2” is a text, not a whole number | Drop the quotes: 2\n"
	  "out_of_range /assignees/2: 0 is out of range | Use a whole number from 1 up.\n"
	  "invalid_type /assignees/3: null is not a whole number | Write a whole number.\n"
	  "invalid_type /assignees/4: 4.5 is not a whole number | Write a whole number.\n" },
	{ "new: 51 resources",
	  "{" C S ",\"resources\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,"
	  "34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51]}",
	  "too_long /resources: the list has 51 ids | Give at most 50.\n" },
	/* the rest */
	{ "new: attributes as a list", "{" C S ",\"attributes\":[1]}",
	  "invalid_type /attributes: [1] is not an object | Write it as {\"name\": value, …}\n" },
	{ "new: status unknown", "{" C S ",\"status\":\"live\"}",
	  "invalid_value /status: “live” can't be set as a status | Use one of: draft, scheduled\n" },
	{ "new: status of an update", "{" C S ",\"status\":\"cancelled\"}",
	  "invalid_value /status: “cancelled” can't be set as a status | Use one of: draft, scheduled\n" },
	{ "new: status a number", "{" C S ",\"status\":1}",
	  "invalid_type /status: 1 is not a text | Write a text in quotes.\n" },
};

static struct event_row const value_rows[] = {
	{ "values: none", "{}", "" },
	{ "values: all nulls that have a default",
	  "{\"client_id\":null,\"version_no\":null,\"schedule_type\":null,\"title\":null,\"ends_at\":null,\"duration_s\":null,"
	  "\"timezone\":null,\"local_start\":null,\"resources\":null,\"assignees\":null,\"priority\":null,\"attributes\":null,"
	  "\"status\":null}",
	  "" },
	{ "values: nulls that have none", "{\"content_id\":null,\"starts_at\":null}",
	  "required /values/content_id: content_id can't be null | Give it a value, or leave it out.\n"
	  "required /values/starts_at: starts_at can't be null | Give it a value, or leave it out.\n" },
	{ "values: status of an update", "{\"status\":\"archived\"}", "" },
	{ "values: status of the program", "{\"status\":\"completed\"}",
	  "invalid_value /values/status: “completed” can't be set as a status | Use one of: draft, scheduled, cancelled, "
	  "archived\n" },
	{ "values: local_start alone is for event_apply()", "{\"local_start\":\"2026-12-01T10:00:00\"}", "" },
	{ "values: unknown field", "{\"id\":7}",
	  "unknown_field /values/id: “id” is not a field of an event | Use one of: client_id, content_id, version_no, "
	  "schedule_type, title, starts_at, ends_at, duration_s, timezone, local_start, resources, assignees, priority, "
	  "attributes, status, recurrence, exdates, rdates, overrides, conditions, misfire, grace_s\n" },
	{ "values: element of a list", "{\"resources\":[true]}",
	  "invalid_type /values/resources/0: true is not a whole number | Write a whole number.\n" },
};

static void judge(const struct event_row *row, enum event_reading mode, const char *base)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct event event;
	bool ok = event_read(test_json(arena, row->json), mode, base, &event, &issues);

	assert_string_equal(test_issues(&issues), row->want);
	assert_int_equal(ok, row->want[0] == '\0');
	arena_free(arena);
}

static void new_case(void **state)
{
	judge(*state, EVENT_NEW, "");
}

static void values_case(void **state)
{
	judge(*state, EVENT_VALUES, "/values");
}

int main(void)
{
	int failed = TABLE_CASES(new_rows, new_case) + TABLE_CASES(value_rows, values_case);

	zone_shutdown();
	return failed;
}
