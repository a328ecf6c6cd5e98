/* The sieve against brute force. */
#include "rules/conflict.h"
#include "rules/crowd.h"
#include "support.h"

#define PLACES_MAX 400

static bool collides(const struct place *a, const struct place *b, int64_t window_s)
{
	if (a->kind != b->kind || a->calendar_id != b->calendar_id)
		return false;
	if (a->kind == CALENDAR_CONTENT)
		return a->version_no != b->version_no && llabs(a->start_utc - b->start_utc) < window_s;
	return a->ordinal != b->ordinal && a->start_utc < b->start_utc + b->duration_s && b->start_utc < a->start_utc + a->duration_s;
}

static void assert_sifted(struct place *list, size_t count, int64_t window_s)
{
	crowd_sift(list, count, window_s);
	for (size_t i = 0; i < count; i++) {
		bool any = false;
		for (size_t k = 0; k < count; k++)
			any |= k != i && collides(&list[i], &list[k], window_s);
		assert_int_equal(list[i].is_crowded, any);
	}
}

static void a_crowd_is_as_by_brute_force(void **state)
{
	static const struct {
		int64_t calendars, span, longest, owners, versions, window;
	} shapes[] = {
		{ 1, 100, 20, 5, 3, 10 },    { 3, 2000, 30, 100, 2, 7 },  { 40, 500, 60, 200, 4, 25 },
		{ 2, 50, 5, 2, 2, 1 },	     { 5, 10, 3, 300, 1, 100 },	  { 10, 5000, 4000, 50, 3, 0 },
		{ 1, 5, 5, 1, 1, 5 },	     { 2, 3000, 40, 20, 5, 60 },
	};
	uint64_t seed = 20261122;
	for (int round = 0; round < 200; round++) {
		size_t shape = (size_t)round % COUNT(shapes), count = (size_t)test_below(&seed, PLACES_MAX);
		struct place list[PLACES_MAX];
		for (size_t i = 0; i < count; i++)
			list[i] = (struct place){
				.kind = test_below(&seed, 2) ? CALENDAR_CONTENT : CALENDAR_RESOURCE,
				.calendar_id = 1 + test_below(&seed, shapes[shape].calendars),
				.start_utc = test_below(&seed, shapes[shape].span),
				.duration_s = (int32_t)(1 + test_below(&seed, shapes[shape].longest)),
				.version_no = (int32_t)test_below(&seed, shapes[shape].versions),
				.ordinal = (int32_t)test_below(&seed, shapes[shape].owners),
			};
		assert_sifted(list, count, shapes[shape].window);
	}
}

static void nobody_is_in_nobodys_way(void **state)
{
	struct place one = { .kind = CALENDAR_RESOURCE, .calendar_id = 1, .duration_s = 10 };
	crowd_sift(NULL, 0, 3600);
	crowd_sift(&one, 1, 3600);
	assert_false(one.is_crowded);
}

static void two_of_a_name_are_a_crowd(void **state)
{
	struct place list[] = { { .kind = 3, .calendar_id = 7, .start_utc = 5, .ordinal = 1 },
				{ .kind = 3, .calendar_id = 8, .start_utc = 5, .ordinal = 2 },
				{ .kind = 3, .calendar_id = 7, .start_utc = 900000, .ordinal = 3 } };
	crowd_sift(list, COUNT(list), 3600);
	assert_true(list[0].is_crowded && list[0].calendar_id == 7 && list[1].is_crowded);
	assert_false(list[2].is_crowded);
}

int main(void)
{
	const struct CMUnitTest cases[] = { cmocka_unit_test(a_crowd_is_as_by_brute_force), cmocka_unit_test(nobody_is_in_nobodys_way),
					    cmocka_unit_test(two_of_a_name_are_a_crowd) };
	return cmocka_run_group_tests_name("crowd", cases, NULL, NULL);
}
