/* Filters and selectors: as query parameters (name=text), and as JSON. */
#include "rules/filter.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void filter_check(const struct event_filter *filter, const struct issues *issues, bool ok)
{
	REQUIRE(ok == (issues->count == 0));
	REQUIRE(filter->content_id >= 0 && filter->resource_id >= 0 && filter->assignee_id >= 0);
	REQUIRE(filter->starts_after >= 0 && filter->starts_before >= 0);
	REQUIRE((unsigned)filter->status < EVENT_STATUS_COUNT);
	REQUIRE((unsigned)filter->recurring <= RECURRING_NOT);
	REQUIRE(!filter->text || utf8_valid(filter->text, strlen(filter->text), NULL));
	REQUIRE(filter->created_by == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct issues set = { .arena = arena }, read = { .arena = arena }, selected = { .arena = arena };
	char *text = arena_strndup(arena, (const char *)data, size), *equals = strchr(text, '=');
	struct event_filter filter = { 0 };
	struct selector selector;
	struct fail f = { 0 };
	const json_t *value;
	bool ok;

	if (equals) {
		*equals = '\0';
		ok = filter_set(&filter, text, equals + 1, "", &set);
		filter_check(&filter, &set, ok);
	}
	value = json_read(arena, (const char *)data, size, &f);
	if (value) {
		ok = filter_read(value, "/query", &filter, &read);
		filter_check(&filter, &read, ok);
		ok = selector_read(value, "/selector", &selector, &selected);
		filter_check(&selector.query, &selected, ok);
		REQUIRE(!ok || selector.kind == SELECT_QUERY || selector.event_id > 0 || selector.client_id);
	}
	arena_free(arena);
	return 0;
}
