#include "rules/conflict.h"
#include "support.h"

#define RES CALENDAR_RESOURCE
#define CON CALENDAR_CONTENT

static struct arena *arena;

static int setup(void **state)
{
	arena = arena_new();
	return arena ? 0 : -1;
}

static int teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static const struct calendar_rule room = { .hard = true, .capacity = 1 };
static const struct calendar_rule soft = { .hard = false, .capacity = 1 };
static const struct calendar_rule person = { .is_person = true, .capacity = 1 };

static struct interval on(enum calendar_kind kind, int64_t id, int64_t start, int64_t end, int32_t version, int64_t owner)
{
	return (struct interval){ .kind = kind, .calendar_id = id, .start_utc = start, .end_utc = end, .version_no = version,
				  .owner = owner };
}

/* A timeline of these. */
static struct timeline *timeline_of(const struct interval *list, size_t count)
{
	struct timeline *timeline = timeline_new(arena);

	for (size_t i = 0; i < count; i++)
		timeline_add(timeline, &list[i]);
	timeline_sort(timeline);
	return timeline;
}

static struct conflicts probe(const struct timeline *timeline, struct interval proposal, const struct calendar_rule *rule,
			      int64_t window, int64_t ignore)
{
	struct conflicts found = { .listed = 0 };

	timeline_probe(timeline, &proposal, rule, window, ignore, CONFLICTS_LISTED_MAX, &found);
	return found;
}

/* --- overlaps -------------------------------------------------------------------- */

static const struct overlap_row {
	const char *name;
	int64_t start, end;         /* stored */
	int64_t probe_start, probe_end;
	bool conflict;
} overlap_rows[] = {
	{ "overlap: the same", 100, 200, 100, 200, true },
	{ "overlap: inside", 100, 200, 120, 130, true },
	{ "overlap: around", 100, 200, 50, 300, true },
	{ "overlap: over the start", 100, 200, 50, 101, true },
	{ "overlap: over the end", 100, 200, 199, 300, true },
	{ "overlap: touching in front", 100, 200, 50, 100, false },
	{ "overlap: touching behind", 100, 200, 200, 300, false },
	{ "overlap: apart", 100, 200, 300, 400, false },
	{ "overlap: empty proposal inside", 100, 200, 150, 150, false },
	{ "overlap: empty proposal at the start", 100, 200, 100, 100, false },
	{ "overlap: empty stored inside", 150, 150, 100, 200, false },
	{ "overlap: both empty", 150, 150, 150, 150, false },
};

static void overlap_case(void **state)
{
	const struct overlap_row *row = *state;
	struct interval stored;
	struct conflicts found;

	setup(NULL);
	stored = on(RES, 1, row->start, row->end, 0, 10);
	found = probe(timeline_of(&stored, 1), on(RES, 1, row->probe_start, row->probe_end, 0, -1), &room, 0, 0);
	assert_int_equal(found.count, row->conflict);
	assert_int_equal(found.listed, row->conflict);
	teardown(NULL);
}

static void a_conflict_names_the_other_one(void **state)
{
	struct interval stored = on(RES, 7, 100, 200, 0, 10);
	struct conflicts found = probe(timeline_of(&stored, 1), on(RES, 7, 150, 250, 0, -1), &room, 0, 0);

	assert_int_equal(found.list[0].code, CODE_RESOURCE_OVERLAP);
	assert_true(found.list[0].hard);
	assert_int_equal(found.list[0].calendar_id, 7);
	assert_int_equal(found.list[0].owner, 10);
	assert_int_equal(found.list[0].start_utc, 100);
	assert_int_equal(found.list[0].end_utc, 200);
}

static void hardness_is_the_calendars_and_a_person_is_always_hard(void **state)
{
	struct interval stored = on(RES, 1, 100, 200, 0, 10);
	struct timeline *timeline = timeline_of(&stored, 1);
	struct interval proposal = on(RES, 1, 100, 200, 0, -1);

	assert_int_equal(probe(timeline, proposal, &soft, 0, 0).hard_count, 0);
	assert_int_equal(probe(timeline, proposal, &room, 0, 0).hard_count, 1);
	assert_int_equal(probe(timeline, proposal, &person, 0, 0).hard_count, 1);
	assert_int_equal(probe(timeline, proposal, &person, 0, 0).list[0].code, CODE_ASSIGNEE_OVERLAP);
}

static void other_calendars_do_not_matter(void **state)
{
	struct interval stored[] = { on(RES, 1, 100, 200, 0, 10), on(CON, 2, 100, 200, 1, 11) };
	struct timeline *timeline = timeline_of(stored, 2);

	assert_int_equal(probe(timeline, on(RES, 2, 100, 200, 0, -1), &room, 3600, 0).count, 0);
	assert_int_equal(probe(timeline, on(CON, 1, 100, 200, 2, -1), NULL, 3600, 0).count, 0);
}

static void own_and_ignored_owners_do_not_count(void **state)
{
	struct interval stored[] = { on(RES, 1, 100, 200, 0, 10), on(RES, 1, 100, 200, 0, -3), on(RES, 1, 100, 200, 0, 12) };
	struct timeline *timeline = timeline_of(stored, 3);

	assert_int_equal(probe(timeline, on(RES, 1, 100, 200, 0, -3), &room, 0, 10).count, 1);
	assert_int_equal(probe(timeline, on(RES, 1, 100, 200, 0, 10), &room, 0, 10).count, 2);
	assert_int_equal(probe(timeline, on(RES, 1, 100, 200, 0, 0), &room, 0, 0).count, 3);
}

static void an_empty_timeline_has_no_conflicts(void **state)
{
	struct timeline *timeline = timeline_of(NULL, 0);

	assert_int_equal(probe(timeline, on(RES, 1, 100, 200, 0, -1), &room, 0, 0).count, 0);
	assert_int_equal(probe(timeline, on(CON, 1, 100, 200, 1, -1), NULL, 3600, 0).count, 0);
}

static void conflicts_of_several_probes_add_up(void **state)
{
	struct interval stored[] = { on(RES, 1, 0, 100, 0, 10), on(RES, 2, 0, 100, 0, 10) };
	struct timeline *timeline = timeline_of(stored, 2);
	struct conflicts found = { .listed = 0 };
	struct interval first = on(RES, 1, 50, 60, 0, -1), second = on(RES, 2, 50, 60, 0, -1);

	timeline_probe(timeline, &first, &room, 0, 0, 20, &found);
	timeline_probe(timeline, &second, &soft, 0, 0, 20, &found);
	assert_int_equal(found.count, 2);
	assert_int_equal(found.hard_count, 1);
	assert_int_equal(found.listed, 2);
}

static void counts_are_exact_and_lists_are_capped(void **state)
{
	struct timeline *timeline = timeline_new(arena);
	struct conflicts found = { .listed = 0 };
	struct interval proposal = on(RES, 1, 0, 1000000, 0, -1);

	for (int i = 0; i < 5000; i++) {
		struct interval interval = on(RES, 1, i * 10, i * 10 + 5, 0, i + 1);

		timeline_add(timeline, &interval);
	}
	timeline_sort(timeline);
	timeline_probe(timeline, &proposal, &room, 0, 0, 3, &found);
	assert_int_equal(found.count, 5000);
	assert_int_equal(found.listed, 3);
	assert_int_equal(found.list[0].owner, 1);
	assert_int_equal(found.list[2].owner, 3);
	timeline_probe(timeline, &proposal, &room, 0, 0, 1000, &found);
	assert_int_equal(found.count, 10000);
	assert_int_equal(found.listed, CONFLICTS_LISTED_MAX);
}

static void accepted_intervals_count_from_then_on(void **state)
{
	struct timeline *timeline = timeline_of(NULL, 0);
	struct interval first = on(RES, 1, 100, 200, 0, -1), second = on(RES, 1, 150, 250, 0, -2);

	assert_int_equal(probe(timeline, second, &room, 0, 0).count, 0);
	timeline_accept(timeline, &first);
	assert_int_equal(probe(timeline, second, &room, 0, 0).count, 1);
	assert_int_equal(probe(timeline, second, &room, 0, 0).list[0].owner, -1);
}

static void released_intervals_count_no_longer(void **state)
{
	struct interval stored[] = { on(RES, 1, 100, 200, 0, 10), on(RES, 1, 100, 200, 0, 11), on(CON, 1, 100, 200, 1, 10) };
	struct timeline *timeline = timeline_of(stored, 3);
	struct conflicts found;

	timeline_release(timeline, &stored[0]);
	timeline_release(timeline, &stored[2]);
	found = probe(timeline, on(RES, 1, 100, 200, 0, -1), &room, 0, 0);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.listed, 1);
	assert_int_equal(found.list[0].owner, 11);
	assert_int_equal(probe(timeline, on(CON, 1, 100, 200, 2, -1), NULL, 3600, 0).count, 0);
}

/* --- capacity ------------------------------------------------------------------------ */

static void capacity_allows_as_many(void **state)
{
	struct calendar_rule three = { .hard = true, .capacity = 3 };
	struct interval stored[] = { on(RES, 1, 0, 100, 0, 10), on(RES, 1, 50, 150, 0, 11) };
	struct timeline *timeline = timeline_of(stored, 2);
	struct interval third = on(RES, 1, 60, 90, 0, -1), fourth = on(RES, 1, 80, 200, 0, -2);

	assert_int_equal(probe(timeline, third, &three, 0, 0).count, 0);
	timeline_accept(timeline, &third);
	assert_int_equal(probe(timeline, fourth, &three, 0, 0).count, 3);
}

static void capacity_is_of_one_moment_not_of_the_whole_time(void **state)
{
	struct calendar_rule two = { .capacity = 2 };
	struct interval stored[] = { on(RES, 1, 0, 10, 0, 10), on(RES, 1, 10, 20, 0, 11), on(RES, 1, 20, 30, 0, 12) };

	assert_int_equal(probe(timeline_of(stored, 3), on(RES, 1, 0, 30, 0, -1), &two, 0, 0).count, 0);
}

static void a_capacity_of_zero_is_one(void **state)
{
	struct calendar_rule none = { .capacity = 0 };
	struct interval stored = on(RES, 1, 0, 10, 0, 10);

	assert_int_equal(probe(timeline_of(&stored, 1), on(RES, 1, 0, 10, 0, -1), &none, 0, 0).count, 1);
}

/* --- version window -------------------------------------------------------------------- */

static const struct window_row {
	const char *name;
	int32_t version;
	int64_t start;
	int64_t window;
	bool conflict;
} window_rows[] = { /* against version 3 at 10000 */
	{ "window: other version at the same time", 4, 10000, 3600, true },
	{ "window: same version", 3, 10000, 3600, false },
	{ "window: just inside, after", 4, 13599, 3600, true },
	{ "window: just inside, before", 4, 6401, 3600, true },
	{ "window: exactly the window apart, after", 4, 13600, 3600, false },
	{ "window: exactly the window apart, before", 4, 6400, 3600, false },
	{ "window: latest is a version of its own", 0, 10000, 3600, true },
	{ "window: none", 4, 10000, 0, false },
	{ "window: negative", 4, 10000, -5, false },
	{ "window: one second", 4, 10000, 1, true },
};

static void window_case(void **state)
{
	const struct window_row *row = *state;
	struct interval stored;
	struct conflicts found;

	setup(NULL);
	stored = on(CON, 1, 10000, 10000, 3, 10);
	found = probe(timeline_of(&stored, 1), on(CON, 1, row->start, row->start, row->version, -1), NULL, row->window, 0);
	assert_int_equal(found.count, row->conflict);
	if (row->conflict) {
		assert_int_equal(found.list[0].code, CODE_VERSION_WINDOW);
		assert_false(found.list[0].hard);
		assert_int_equal(found.list[0].existing_version, 3);
		assert_int_equal(found.list[0].requested_version, row->version);
	}
	teardown(NULL);
}

static void latest_and_latest_do_not_collide(void **state)
{
	struct interval stored = on(CON, 1, 10000, 20000, 0, 10);

	assert_int_equal(probe(timeline_of(&stored, 1), on(CON, 1, 10000, 10000, 0, -1), NULL, 3600, 0).count, 0);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_conflict_names_the_other_one),
		CASE(hardness_is_the_calendars_and_a_person_is_always_hard),
		CASE(other_calendars_do_not_matter),
		CASE(own_and_ignored_owners_do_not_count),
		CASE(an_empty_timeline_has_no_conflicts),
		CASE(conflicts_of_several_probes_add_up),
		CASE(counts_are_exact_and_lists_are_capped),
		CASE(accepted_intervals_count_from_then_on),
		CASE(released_intervals_count_no_longer),
		CASE(capacity_allows_as_many),
		CASE(capacity_is_of_one_moment_not_of_the_whole_time),
		CASE(a_capacity_of_zero_is_one),
		CASE(latest_and_latest_do_not_collide),
	};

	return cmocka_run_group_tests_name("conflict", tests, NULL, NULL) + TABLE_CASES(overlap_rows, overlap_case) +
	       TABLE_CASES(window_rows, window_case);
}
