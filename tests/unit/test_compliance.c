#include "rules/compliance.h"
#include "support.h"

#define ADA 21
#define BO 22
#define HALL 1

/* A restriction of ADA from 100 to 200 unless the row says otherwise, against
 * an event of type publish with the tag "loud" that ADA and the hall have. */
static const struct row {
	const char *name;
	int64_t resource, from, to;
	const char *types, *tags;
	int64_t start, duration;
	enum event_status status;
	const char *attributes;
	bool meets;
} rows[] = {
	{ "within", ADA, 100, 200, NULL, NULL, 120, 10, EVENT_SCHEDULED, NULL, true },
	{ "around it", ADA, 100, 200, NULL, NULL, 50, 300, EVENT_SCHEDULED, NULL, true },
	{ "ends as it begins", ADA, 100, 200, NULL, NULL, 50, 50, EVENT_SCHEDULED, NULL, false },
	{ "ends a second later", ADA, 100, 200, NULL, NULL, 50, 51, EVENT_SCHEDULED, NULL, true },
	{ "begins as it ends", ADA, 100, 200, NULL, NULL, 200, 50, EVENT_SCHEDULED, NULL, false },
	{ "begins in its last second", ADA, 100, 200, NULL, NULL, 199, 50, EVENT_SCHEDULED, NULL, true },
	{ "an instant within", ADA, 100, 200, NULL, NULL, 150, 0, EVENT_SCHEDULED, NULL, true },
	{ "an instant as it begins", ADA, 100, 200, NULL, NULL, 100, 0, EVENT_SCHEDULED, NULL, true },
	{ "an instant as it ends", ADA, 100, 200, NULL, NULL, 200, 0, EVENT_SCHEDULED, NULL, false },
	{ "somebody else's", BO, 100, 200, NULL, NULL, 120, 10, EVENT_SCHEDULED, NULL, false },
	{ "the hall's", HALL, 100, 200, NULL, NULL, 120, 10, EVENT_SCHEDULED, NULL, true },
	{ "a draft", ADA, 100, 200, NULL, NULL, 120, 10, EVENT_DRAFT, NULL, true },
	{ "cancelled", ADA, 100, 200, NULL, NULL, 120, 10, EVENT_CANCELLED, NULL, false },
	{ "its type", ADA, 100, 200, "training, publish", NULL, 120, 10, EVENT_SCHEDULED, NULL, true },
	{ "another type", ADA, 100, 200, "training,publishing", NULL, 120, 10, EVENT_SCHEDULED, NULL, false },
	{ "no types named is no type", ADA, 100, 200, "", NULL, 120, 10, EVENT_SCHEDULED, NULL, true },
	{ "its tag", ADA, 100, 200, NULL, "new year,loud", 120, 10, EVENT_SCHEDULED, "{\"tags\":[\"x\",\"loud\"]}", true },
	{ "a tag with a blank", ADA, 100, 200, NULL, "new year, loud", 120, 10, EVENT_SCHEDULED, "{\"tags\":[\"new year\"]}", true },
	{ "another tag", ADA, 100, 200, NULL, "loud", 120, 10, EVENT_SCHEDULED, "{\"tags\":[\"louder\"]}", false },
	{ "tags in another case", ADA, 100, 200, NULL, "loud", 120, 10, EVENT_SCHEDULED, "{\"tags\":[\"Loud\"]}", false },
	{ "no tags", ADA, 100, 200, NULL, "loud", 120, 10, EVENT_SCHEDULED, "{\"room\":\"loud\"}", false },
	{ "no attributes", ADA, 100, 200, NULL, "loud", 120, 10, EVENT_SCHEDULED, NULL, false },
	{ "tags that are no list", ADA, 100, 200, NULL, "loud", 120, 10, EVENT_SCHEDULED, "{\"tags\":\"loud\"}", false },
	{ "tags that are no texts", ADA, 100, 200, NULL, "1", 120, 10, EVENT_SCHEDULED, "{\"tags\":[1,null]}", false },
	{ "type or tag: the type", ADA, 100, 200, "publish", "loud", 120, 10, EVENT_SCHEDULED, NULL, true },
	{ "type or tag: the tag", ADA, 100, 200, "training", "loud", 120, 10, EVENT_SCHEDULED, "{\"tags\":[\"loud\"]}", true },
	{ "type or tag: neither", ADA, 100, 200, "training", "loud", 120, 10, EVENT_SCHEDULED, "{\"tags\":[\"x\"]}", false },
};

static void compliance_case(void **state)
{
	const struct row *row = *state;
	struct arena *arena = arena_new();
	int64_t people[] = { ADA }, places[] = { HALL };
	struct restriction one = { .id = 7, .resource_id = row->resource, .from_utc = row->from, .to_utc = row->to,
				   .is_hard = true, .schedule_types = row->types, .tags = row->tags };
	struct restrictions restrictions = { &one, 1 };
	struct event event = { .schedule_type = "publish", .starts_at = row->start, .duration_s = row->duration,
			       .status = row->status, .attributes = row->attributes, .assignees = people,
			       .assignee_count = 1, .resources = places, .resource_count = 1 };
	struct violation *list;
	size_t count = compliance_check(&restrictions, &event, arena, &list);
	assert_int_equal(count, row->meets);
	if (row->meets) {
		assert_int_equal(list[0].restriction->id, 7);
		assert_int_equal(list[0].count, 1);
		assert_int_equal(list[0].start_utc, row->start);
	}
	assert_int_equal(compliance_forbids(&restrictions, &event, arena, row->start, row->start + row->duration), row->meets);
	assert_int_equal(compliance_allowed_from(&restrictions, &event, arena, row->start), row->meets ? row->to : row->start);
	arena_free(arena);
}

static void overlapping_restrictions_are_all_named_hard_ones_first(void **state)
{
	struct arena *arena = arena_new();
	int64_t people[] = { ADA, BO };
	struct restriction four[] = {
		{ .id = 1, .resource_id = BO, .from_utc = 0, .to_utc = 500 },
		{ .id = 2, .resource_id = ADA, .from_utc = 100, .to_utc = 150, .is_hard = true },
		{ .id = 3, .resource_id = ADA, .from_utc = 90, .to_utc = 300, .is_hard = true },
		{ .id = 4, .resource_id = ADA, .from_utc = 400, .to_utc = 500, .is_hard = true },
	};
	struct restrictions restrictions = { four, 4 };
	struct event event = { .schedule_type = "publish", .starts_at = 110, .duration_s = 20, .status = EVENT_SCHEDULED,
			       .assignees = people, .assignee_count = 2 };
	struct violation *list;
	compliance_sort(&restrictions);
	assert_int_equal(compliance_check(&restrictions, &event, arena, &list), 3);
	assert_int_equal(list[0].restriction->id, 2);
	assert_int_equal(list[1].restriction->id, 3);
	assert_int_equal(list[2].restriction->id, 1);
	assert_false(list[2].restriction->is_hard);
	arena_free(arena);
}

static void every_occurrence_counts(void **state)
{
	struct arena *arena = arena_new();
	int64_t people[] = { ADA };
	struct occurrence occurrences[40];
	for (int i = 0; i < 40; i++)
		occurrences[i] = (struct occurrence){ .start_utc = 1000 + 100 * i, .end_utc = 1010 + 100 * i };
	struct restriction one = { .id = 1, .resource_id = ADA, .from_utc = 2005, .to_utc = 2501, .is_hard = true };
	struct restrictions restrictions = { &one, 1 };
	struct event event = { .schedule_type = "publish", .starts_at = 1000, .duration_s = 10, .status = EVENT_SCHEDULED,
			       .assignees = people, .assignee_count = 1, .occurrences = occurrences, .occurrence_count = 40 };
	struct violation *list;
	assert_int_equal(compliance_check(&restrictions, &event, arena, &list), 1);
	assert_int_equal(list[0].count, 6); /* 2000 to 2500 */
	assert_int_equal(list[0].start_utc, 2000);
	assert_int_equal(list[0].end_utc, 2010);
	arena_free(arena);
}

/* --- against brute force ------------------------------------------------------------ */

#define SPAN 60

static bool is_forbidden(const struct restriction *list, size_t count, const struct event *event, int64_t start)
{
	int64_t end = start + (event->duration_s ? event->duration_s : 1);
	for (size_t i = 0; i < count; i++) {
		bool is_theirs = false;
		for (size_t a = 0; a < event->assignee_count; a++)
			is_theirs |= event->assignees[a] == list[i].resource_id;
		if (is_theirs && list[i].is_hard && list[i].from_utc < end && list[i].to_utc > start &&
		    (!list[i].schedule_types || strcmp(list[i].schedule_types, event->schedule_type) == 0))
			return true;
	}
	return false;
}

static void the_earliest_allowed_start_is_what_trying_every_second_finds(void **state)
{
	for (uint64_t round = 0; round < 20000; round++) {
		uint64_t seed = round * 7919 + 1;
		struct arena *arena = arena_new();
		struct restriction list[12];
		int64_t people[] = { 1, 3 };
		size_t count = (size_t)test_below(&seed, 12);
		for (size_t i = 0; i < count; i++) {
			int64_t from = test_below(&seed, SPAN);
			list[i] = (struct restriction){ .id = (int64_t)i + 1, .resource_id = 1 + test_below(&seed, 4), .from_utc = from,
							.to_utc = from + 1 + test_below(&seed, 12),
							.is_hard = test_below(&seed, 4) != 0,
							.schedule_types = test_below(&seed, 3) ? NULL : test_below(&seed, 2) ? "a" : "b" };
		}
		struct restrictions restrictions = { list, count };
		struct event event = { .schedule_type = "a", .starts_at = test_below(&seed, SPAN), .duration_s = test_below(&seed, 9),
				       .status = EVENT_SCHEDULED, .assignees = people, .assignee_count = 2 };
		int64_t earliest = event.starts_at;
		compliance_sort(&restrictions);
		assert_int_equal(compliance_forbids(&restrictions, &event, arena, earliest, earliest + event.duration_s),
				 is_forbidden(list, count, &event, earliest));
		while (is_forbidden(list, count, &event, earliest))
			earliest++;
		if (compliance_allowed_from(&restrictions, &event, arena, event.starts_at) != earliest)
			fail_msg("round %llu", (unsigned long long)round);
		arena_free(arena);
	}
}

int main(void)
{
	json_init();
	const struct CMUnitTest cases[] = {
		cmocka_unit_test(overlapping_restrictions_are_all_named_hard_ones_first),
		cmocka_unit_test(every_occurrence_counts),
		cmocka_unit_test(the_earliest_allowed_start_is_what_trying_every_second_finds),
	};
	return TABLE_CASES(rows, compliance_case) + cmocka_run_group_tests_name("compliance", cases, NULL, NULL);
}
