/* The public conflict vectors: every pair of every case, and no other. */
#include "rules/conflict.h"
#include "support.h"

static struct arena *arena;

#define SHARDS 12 /* so that no list is ever capped */

static bool expected(const json_t *pairs, int64_t a, int64_t b, int64_t a_at, int64_t b_at)
{
	for (size_t i = 0; i < json_array_size(pairs); i++) {
		const json_t *pair = json_array_get(pairs, i);

		if (json_integer_value(json_array_get(pair, 0)) == a && json_integer_value(json_array_get(pair, 1)) == b &&
		    json_integer_value(json_array_get(pair, 2)) == a_at && json_integer_value(json_array_get(pair, 3)) == b_at)
			return true;
	}
	return false;
}

static struct interval occurrence(const json_t *event, size_t at, bool window, int64_t owner)
{
	const json_t *pair = json_array_get(json_object_get(event, "occ"), at);

	return (struct interval){
		.kind = window ? CALENDAR_CONTENT : CALENDAR_RESOURCE,
		.calendar_id = json_integer_value(json_object_get(event, "resource")),
		.start_utc = json_integer_value(json_array_get(pair, 0)),
		.end_utc = json_integer_value(json_array_get(pair, 1)),
		.version_no = (int32_t)json_integer_value(json_object_get(event, "version")),
		.owner = owner,
	};
}

/* The place of an occurrence that starts then. */
static int64_t place_of(const json_t *event, int64_t start)
{
	const json_t *list = json_object_get(event, "occ");

	for (size_t i = 0; i < json_array_size(list); i++) {
		if (json_integer_value(json_array_get(json_array_get(list, i), 0)) == start)
			return (int64_t)i;
	}
	fail_msg("no such occurrence");
	return -1;
}

/* Probes every shard; each listed pair must be expected, and as many be found. */
static size_t pairs_found(struct timeline **shards, const json_t *event, size_t at, const json_t *test,
			  const json_t *others, const json_t *expect, bool other_first)
{
	static const struct calendar_rule rule = { .hard = true, .capacity = 1 };
	bool window = strcmp(json_string_value(json_object_get(test, "kind")), "version_window") == 0;
	int64_t id = json_integer_value(json_object_get(event, "id"));
	size_t found_pairs = 0;

	for (int s = 0; s < SHARDS; s++) {
		struct interval proposal = occurrence(event, at, window, -1 - id);
		struct conflicts found = { .listed = 0 };

		timeline_probe(shards[s], &proposal, &rule, json_integer_value(json_object_get(test, "window")), 0,
			       CONFLICTS_LISTED_MAX, &found);
		assert_int_equal(found.count, found.listed);
		for (size_t i = 0; i < found.listed; i++) {
			int64_t owner = found.list[i].owner, other = owner > 0 ? owner - 1 : -1 - owner;
			int64_t place = place_of(json_array_get(others, (size_t)other), found.list[i].start_utc);

			if (other_first)
				assert_true(expected(expect, other, id, place, (int64_t)at));
			else
				assert_true(expected(expect, id, other, (int64_t)at, place));
		}
		found_pairs += found.listed;
	}
	return found_pairs;
}

static void fill(struct timeline **shards, const json_t *stored, bool window)
{
	size_t next = 0;

	for (size_t i = 0; i < json_array_size(stored); i++) {
		const json_t *event = json_array_get(stored, i);
		int64_t id = json_integer_value(json_object_get(event, "id"));

		assert_int_equal(id, i);
		for (size_t k = 0; k < json_array_size(json_object_get(event, "occ")); k++) {
			struct interval interval = occurrence(event, k, window, id + 1);

			if (json_is_true(json_object_get(event, "active")))
				timeline_add(shards[next++ % SHARDS], &interval);
		}
	}
}

static void vector(const json_t *test)
{
	bool window = strcmp(json_string_value(json_object_get(test, "kind")), "version_window") == 0;
	const json_t *stored = json_object_get(test, "stored"), *batch = json_object_get(test, "batch");
	const json_t *expect_stored = json_object_get(test, "expect_stored");
	const json_t *expect_batch = json_object_get(test, "expect_batch");
	struct timeline *old[SHARDS], *new[SHARDS];
	size_t stored_pairs = 0, batch_pairs = 0, next = 0;

	for (int s = 0; s < SHARDS; s++) {
		old[s] = timeline_new(arena);
		new[s] = timeline_new(arena);
		timeline_sort(new[s]);
	}
	fill(old, stored, window);
	for (int s = 0; s < SHARDS; s++)
		timeline_sort(old[s]);
	for (size_t i = 0; i < json_array_size(batch); i++) {
		const json_t *event = json_array_get(batch, i);
		size_t occurrences = json_array_size(json_object_get(event, "occ"));

		for (size_t k = 0; k < occurrences; k++) {
			stored_pairs += pairs_found(old, event, k, test, stored, expect_stored, false);
			batch_pairs += pairs_found(new, event, k, test, batch, expect_batch, true);
		}
		for (size_t k = 0; k < occurrences; k++) {
			struct interval interval = occurrence(event, k, window, -1 - (int64_t)i);

			timeline_accept(new[next++ % SHARDS], &interval);
		}
	}
	assert_int_equal(stored_pairs, json_array_size(expect_stored));
	assert_int_equal(batch_pairs, json_array_size(expect_batch));
}

static void every_public_vector_is_met(void **state)
{
	char *text = test_file("tests/vectors/conflicts.jsonl", NULL), *rest = text, *line;
	int cases = 0;

	while ((line = strsep(&rest, "\n")) && *line) {
		json_t *test = json_loads(line, 0, NULL);

		assert_non_null(test);
		vector(test);
		json_decref(test);
		arena_reset(arena);
		cases++;
	}
	free(text);
	assert_int_equal(cases, 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_public_vector_is_met),
	};
	int failed;

	arena = arena_new();
	failed = cmocka_run_group_tests_name("conflict vectors", tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
