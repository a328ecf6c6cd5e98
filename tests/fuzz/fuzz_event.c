/* An item: what is accepted is written, reads back equal, and can be applied. */
#include "rules/event.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void event_check_issues(const struct issues *issues, bool ok)
{
	REQUIRE(ok == (issues->count == 0));
	REQUIRE(issues->count <= ISSUES_MAX);
	for (size_t i = 0; i < issues->count; i++) {
		const struct issue *issue = &issues->list[i];

		REQUIRE(issue->code != CODE_NONE && issue->message[0] && issue->suggestion[0]);
		REQUIRE(utf8_valid(issue->message, strlen(issue->message), NULL));
	}
}

static void event_check_times(const struct event *event)
{
	REQUIRE(event->ends_at == event->starts_at + event->duration_s);
	REQUIRE(event->duration_s >= 0 && event->duration_s <= EVENT_DURATION_MAX_S);
	for (size_t i = 1; i < event->resource_count; i++)
		REQUIRE(event->resources[i - 1] < event->resources[i]);
}

/* What was written, less what the program adds, is the same event. */
static void event_check_written(struct arena *arena, const struct event *event)
{
	struct issues issues = { .arena = arena };
	struct str out = STR_INIT;
	struct json_writer w;
	struct event again;
	json_t *object;

	jw_begin(&w, &out);
	event_write(&w, NULL, event);
	object = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	REQUIRE(object);
	json_object_del(object, "id");
	json_object_del(object, "row_version");
	json_object_del(object, "superseded_by");
	REQUIRE(event_read(object, EVENT_NEW, "", &again, &issues));
	REQUIRE(event_difference(event, &again) == 0);
	REQUIRE(event_payload_hash(event) == event_payload_hash(&again));
	json_decref(object);
	str_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct fail f = { 0 };
	const json_t *object = json_read(arena, (const char *)data, size, &f);
	struct event event, values;

	if (object) {
		struct issues issues = { .arena = arena }, value_issues = { .arena = arena }, apply_issues = { .arena = arena };
		bool ok = event_read(object, EVENT_NEW, "", &event, &issues);
		bool values_ok = event_read(object, EVENT_VALUES, "/values", &values, &value_issues);

		event_check_issues(&issues, ok);
		event_check_issues(&value_issues, values_ok);
		if (ok) {
			event_check_times(&event);
			event_check_written(arena, &event);
		}
		if (ok && values_ok) {
			/* The same fields once more change nothing. */
			struct event after = event;

			REQUIRE(event_apply(&after, &values, &apply_issues));
			REQUIRE(event_difference(&event, &after) == 0);
		}
	}
	arena_free(arena);
	return 0;
}
