/* Series against brute force, and shifts against trying every start of the grid. */
#include "rules/conflict.h"
#include "support.h"

#include <time.h>

#define STORED_MAX 400
#define OCCURRENCES_MAX 6

struct world {
	struct arena *arena;
	struct timeline *timeline;
	struct interval list[STORED_MAX];
	bool gone[STORED_MAX];
	size_t count;
	struct calendar_rule rules[3][4]; /* by kind and calendar */
	int64_t window_s;
};

static bool collides(const struct world *world, const struct interval *p, int64_t move_s)
{
	int64_t start = p->start_utc + move_s, end = p->end_utc + move_s;
	int32_t capacity = world->rules[p->kind][p->calendar_id].capacity;

	if (p->kind == CALENDAR_RESOURCE && start == end)
		return false;
	for (size_t i = 0; i < world->count; i++) {
		const struct interval *other = &world->list[i];
		int64_t here = 0;

		if (world->gone[i] || other->kind != p->kind || other->calendar_id != p->calendar_id)
			continue;
		if (p->kind == CALENDAR_CONTENT) {
			if (other->version_no != p->version_no && llabs(other->start_utc - start) < world->window_s)
				return true;
			continue;
		}
		/* The fullest moment is one where something begins. */
		int64_t moment = other->start_utc > start ? other->start_utc : start;
		for (size_t k = 0; k < world->count; k++)
			here += !world->gone[k] && world->list[k].kind == p->kind &&
				world->list[k].calendar_id == p->calendar_id && world->list[k].start_utc <= moment &&
				world->list[k].end_utc > moment;
		if (moment < end && here >= capacity)
			return true;
	}
	return false;
}

/* Start by start, as nobody should. */
static int64_t naive_shift(const struct world *world, const struct shift *shift)
{
	for (int64_t move_s = shift->from_s; move_s <= shift->limit_s; move_s++) {
		bool free = (shift->start_utc + shift->grid_offset_s + move_s) % shift->grid_s == 0;

		for (size_t i = 0; i < shift->count && free; i++)
			free = !collides(world, &shift->list[i], move_s);
		if (free)
			return move_s;
	}
	return -1;
}

static struct interval random_interval(uint64_t *seed, int64_t span, int64_t longest)
{
	int64_t start = 1000 + test_below(seed, span);

	return (struct interval){
		.kind = test_below(seed, 3) ? CALENDAR_RESOURCE : CALENDAR_CONTENT,
		.calendar_id = test_below(seed, 3),
		.start_utc = start,
		.end_utc = start + test_below(seed, longest),
		.version_no = (int32_t)test_below(seed, 3),
	};
}

static void begin(struct world *world, uint64_t *seed, int64_t span, int64_t longest, size_t stored)
{
	*world = (struct world){ .arena = arena_new(), .window_s = test_below(seed, 2 * longest) };
	world->timeline = timeline_new(world->arena);
	for (int c = 0; c < 4; c++) {
		world->rules[CALENDAR_CONTENT][c] = (struct calendar_rule){ .capacity = 1 };
		world->rules[CALENDAR_RESOURCE][c] = (struct calendar_rule){ .hard = true, .capacity = 1 + (int32_t)test_below(seed, 3) };
	}
	for (; world->count < stored; world->count++) {
		struct interval interval = random_interval(seed, span, longest);

		interval.owner = (int64_t)world->count + 1;
		timeline_add(world->timeline, &interval);
		world->list[world->count] = interval;
	}
	timeline_sort(world->timeline);
}

/* A few occurrences on a few calendars. */
static size_t random_series(uint64_t *seed, struct interval *list, int64_t span, int64_t longest)
{
	struct interval first = random_interval(seed, span, longest);
	size_t occurrences = 1 + (size_t)test_below(seed, 3), calendars = 1 + (size_t)test_below(seed, 2), count = 0;
	int64_t spacing = 1 + test_below(seed, span / 2);

	for (size_t c = 0; c < calendars; c++) {
		struct interval interval = random_interval(seed, span, longest);

		if (c == 1 && interval.kind == list[0].kind && interval.calendar_id == list[0].calendar_id)
			interval.calendar_id = 3; /* an owner is at one place only once */
		for (size_t i = 0; i < occurrences; i++) {
			interval.start_utc = first.start_utc + (int64_t)i * spacing;
			interval.end_utc = interval.start_utc + first.end_utc - first.start_utc;
			list[count++] = interval;
		}
	}
	return count;
}

static void shift_finds_the_earliest_free_slot(void **state)
{
	static const struct {
		int64_t span, longest;
		size_t stored;
	} shapes[] = { { 200, 30, 5 }, { 400, 20, 30 }, { 1500, 40, 120 }, { 600, 100, 30 }, { 3000, 30, 250 } };
	uint64_t seed = 4;
	int found = 0, none = 0;

	for (int round = 0; round < 400; round++) {
		struct world world;
		size_t shape = (size_t)round % COUNT(shapes);

		begin(&world, &seed, shapes[shape].span, shapes[shape].longest, shapes[shape].stored);
		for (int step = 0; step < 12 && world.count + OCCURRENCES_MAX < STORED_MAX; step++) {
			struct interval list[OCCURRENCES_MAX];
			const struct calendar_rule *rules[OCCURRENCES_MAX];
			struct shift shift = { .list = list, .rules = rules, .window_s = world.window_s };
			int64_t move_s = 0;

			shift.count = random_series(&seed, list, shapes[shape].span, shapes[shape].longest);
			for (size_t i = 0; i < shift.count; i++) {
				list[i].owner = -1 - step;
				rules[i] = &world.rules[list[i].kind][list[i].calendar_id];
			}
			shift.start_utc = list[0].start_utc;
			shift.grid_s = 1 + test_below(&seed, 8);
			shift.grid_offset_s = test_below(&seed, 2) ? 0 : -test_below(&seed, 5);
			shift.limit_s = test_below(&seed, 2 * shapes[shape].span);
			int64_t want = naive_shift(&world, &shift);
			enum shift_end end = timeline_shift(world.timeline, &shift, &move_s);
			assert_int_equal(end, want < 0 ? SHIFT_NONE : SHIFT_FOUND);
			if (want < 0) {
				none++;
				continue;
			}
			found++;
			assert_int_equal(move_s, want);
			for (size_t i = 0; i < shift.count; i++) {
				list[i].start_utc += move_s;
				list[i].end_utc += move_s;
				timeline_accept(world.timeline, &list[i]);
				world.list[world.count++] = list[i];
			}
			size_t leaves = (size_t)test_below(&seed, (int64_t)world.count);
			if (test_below(&seed, 4) == 0 && !world.gone[leaves]) {
				world.gone[leaves] = true;
				timeline_release(world.timeline, &world.list[leaves]);
			}
		}
		arena_free(world.arena);
	}
	assert_true(found > 1000 && none > 100);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void a_hundred_thousand_equal_proposals_queue_up(void **state)
{
	struct arena *arena = arena_new();
	struct timeline *timeline = timeline_new(arena);
	const struct calendar_rule rule = { .hard = true, .capacity = 1 }, *rules[1] = { &rule };
	double began = seconds();

	timeline_sort(timeline);
	for (int64_t i = 0; i < 100000; i++) {
		struct interval one = { .kind = CALENDAR_RESOURCE, .calendar_id = 1, .start_utc = 0, .end_utc = 290, .owner = -1 - i };
		struct shift shift = { .list = &one, .rules = rules, .count = 1, .grid_s = 300, .limit_s = 100000 * 300 };
		int64_t move_s = -1;

		assert_int_equal(timeline_shift(timeline, &shift, &move_s), SHIFT_FOUND);
		assert_int_equal(move_s, i * 300);
		one.start_utc += move_s;
		one.end_utc += move_s;
		timeline_accept(timeline, &one);
	}
	print_message("%.3f s\n", seconds() - began);
	arena_free(arena);
}

/* --- series ------------------------------------------------------------------------ */

static void a_series_is_probed_as_brute_force_does(void **state)
{
	uint64_t seed = 11;

	for (int round = 0; round < 600; round++) {
		struct world world;
		struct interval list[OCCURRENCES_MAX];

		begin(&world, &seed, 500, 40, 60);
		size_t count = random_series(&seed, list, 500, 40);
		for (size_t i = 0; i < count; i++) {
			struct conflicts found = { .listed = 0 };

			list[i].owner = -1;
			timeline_probe(world.timeline, &list[i], &world.rules[list[i].kind][list[i].calendar_id], world.window_s, 0,
				       CONFLICTS_LISTED_MAX, &found);
			assert_int_equal(found.count > 0, collides(&world, &list[i], 0));
		}
		arena_free(world.arena);
	}
}

static void a_series_overlaps_itself(void **state)
{
	struct arena *arena = arena_new();
	uint64_t seed = 3;

	for (int round = 0; round < 2000; round++) {
		struct interval list[40];
		size_t count = (size_t)test_below(&seed, 40), list_max = (size_t)test_below(&seed, 25);
		int64_t start = 0, pairs = 0;
		struct conflicts found = { .listed = 0 };

		for (size_t i = 0; i < count; i++) {
			start += test_below(&seed, 20);
			list[i] = (struct interval){ .start_utc = start, .end_utc = start + test_below(&seed, 30), .owner = -7 };
		}
		for (size_t i = 0; i < count; i++)
			for (size_t k = i + 1; k < count; k++)
				pairs += list[i].start_utc < list[k].end_utc && list[k].start_utc < list[i].end_utc &&
					 list[i].end_utc > list[i].start_utc && list[k].end_utc > list[k].start_utc;
		conflicts_with_itself(arena, list, count, list_max, &found);
		assert_int_equal(found.count, pairs);
		assert_int_equal(found.hard_count, pairs);
		list_max = list_max > CONFLICTS_LISTED_MAX ? CONFLICTS_LISTED_MAX : list_max ? list_max : 1; /* one always */
		assert_int_equal(found.listed, (size_t)pairs < list_max ? (size_t)pairs : list_max);
		for (size_t i = 0; i < found.listed; i++)
			assert_true(found.list[i].hard && found.list[i].code == CODE_SELF_OVERLAP);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shift_finds_the_earliest_free_slot),
		cmocka_unit_test(a_hundred_thousand_equal_proposals_queue_up),
		cmocka_unit_test(a_series_is_probed_as_brute_force_does),
		cmocka_unit_test(a_series_overlaps_itself),
	};

	return cmocka_run_group_tests_name("shift", tests, NULL, NULL);
}
