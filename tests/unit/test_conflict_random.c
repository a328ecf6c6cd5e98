/* The timeline against brute force, on random cases dense enough to collide. */
#include "rules/conflict.h"
#include "rules/sorted.h"
#include "support.h"

#define OWNERS 40

/* What brute force knows: every interval, and whether it still counts. */
struct model {
	struct interval list[4096];
	bool gone[4096];
	size_t count;
};

struct shape {
	const char *name;
	int calendars;
	int64_t span;      /* starts are below */
	int64_t longest;   /* so are durations */
	size_t stored, steps;
	int rounds;
};

static bool counts(const struct interval *interval)
{
	return interval->kind == CALENDAR_CONTENT || interval->end_utc > interval->start_utc;
}

static bool same_calendar(const struct interval *a, const struct interval *b)
{
	return a->kind == b->kind && a->calendar_id == b->calendar_id;
}

static bool meets(const struct interval *a, const struct interval *b, int64_t window)
{
	if (a->kind == CALENDAR_CONTENT)
		return a->version_no != b->version_no && llabs(a->start_utc - b->start_utc) < window;
	return a->start_utc < b->end_utc && b->start_utc < a->end_utc;
}

static bool in_the_way(const struct model *model, size_t i, const struct interval *p, int64_t ignore, int64_t window)
{
	const struct interval *other = &model->list[i];

	return !model->gone[i] && counts(other) && same_calendar(other, p) && meets(other, p, window) &&
	       other->owner != p->owner && (ignore == 0 || other->owner != ignore);
}

/* The most of the others at any moment: something begins at each maximum. */
static int64_t most_at_once(const struct model *model, const struct interval *p, int64_t ignore)
{
	int64_t most = 0;

	for (size_t k = 0; k <= model->count; k++) {
		int64_t moment = k == model->count ? p->start_utc : model->list[k].start_utc, here = 0;

		if (moment < p->start_utc || moment >= p->end_utc)
			continue;
		for (size_t i = 0; i < model->count; i++)
			here += in_the_way(model, i, p, ignore, 0) && model->list[i].start_utc <= moment &&
				model->list[i].end_utc > moment;
		most = here > most ? here : most;
	}
	return most;
}

static int64_t brute_force(const struct model *model, const struct interval *p, const struct calendar_rule *rule,
			   int64_t window, int64_t ignore)
{
	int64_t count = 0;

	if (!counts(p))
		return 0;
	for (size_t i = 0; i < model->count; i++)
		count += in_the_way(model, i, p, ignore, window);
	if (p->kind == CALENDAR_RESOURCE && rule->capacity > 1 && most_at_once(model, p, ignore) < rule->capacity)
		return 0;
	return count;
}

static struct interval random_interval(uint64_t *seed, const struct shape *shape)
{
	int64_t start = test_below(seed, shape->span);

	return (struct interval){
		.kind = test_below(seed, 2) ? CALENDAR_CONTENT : CALENDAR_RESOURCE,
		.calendar_id = 1 + test_below(seed, shape->calendars),
		.start_utc = start,
		/* Some are empty, and a few far longer than the others. */
		.end_utc = start + (test_below(seed, 20) == 0 ? shape->span : test_below(seed, shape->longest)),
		.version_no = (int32_t)test_below(seed, 4),
		.owner = test_below(seed, 2) ? 1 + test_below(seed, OWNERS) : -1 - test_below(seed, OWNERS),
	};
}

/* An owner is at one place of a calendar at one moment only once. */
static bool is_new(const struct model *model, const struct interval *interval)
{
	for (size_t i = 0; i < model->count; i++) {
		if (same_calendar(&model->list[i], interval) && model->list[i].owner == interval->owner &&
		    model->list[i].start_utc == interval->start_utc)
			return false;
	}
	return true;
}

static void check_list(const struct model *model, const struct conflicts *found, const struct interval *p,
		       int64_t ignore, int64_t window, size_t list_max)
{
	size_t most = list_max ? list_max : 1; /* one of its kind always */
	size_t want = (size_t)found->count < most ? (size_t)found->count : most;

	assert_int_equal(found->listed, want);
	for (size_t k = 0; k < found->listed; k++) {
		const struct conflict *one = &found->list[k];
		size_t i = 0;

		while (i < model->count && !(in_the_way(model, i, p, ignore, window) && model->list[i].owner == one->owner &&
					     model->list[i].start_utc == one->start_utc))
			i++;
		assert_true(i < model->count);
		assert_int_equal(one->end_utc, model->list[i].end_utc);
		for (size_t j = 0; j < k; j++)
			assert_false(found->list[j].owner == one->owner && found->list[j].start_utc == one->start_utc);
	}
}

static void check_probe(const struct model *model, const struct timeline *timeline, const struct shape *shape,
			uint64_t *seed)
{
	struct interval p = random_interval(seed, shape);
	struct calendar_rule rule = { .hard = test_below(seed, 2) == 0, .capacity = (int32_t)test_below(seed, 6) };
	int64_t window = test_below(seed, shape->longest * 2);
	int64_t ignore = test_below(seed, 2) ? 0 : 1 + test_below(seed, OWNERS);
	size_t list_max = (size_t)test_below(seed, CONFLICTS_LISTED_MAX + 1);
	struct conflicts found = { .listed = 0 };
	int64_t want = brute_force(model, &p, &rule, window, ignore);

	timeline_probe(timeline, &p, &rule, window, ignore, list_max, &found);
	assert_int_equal(found.count, want);
	assert_int_equal(found.hard_count, p.kind == CALENDAR_RESOURCE && rule.hard ? want : 0);
	check_list(model, &found, &p, ignore, window, list_max);
}

static void step(struct model *model, struct timeline *timeline, const struct shape *shape, uint64_t *seed)
{
	struct interval interval = random_interval(seed, shape);
	int64_t choice = test_below(seed, 4);

	if (choice == 0 && model->count > 0) {
		size_t i = (size_t)test_below(seed, (int64_t)model->count);

		if (!model->gone[i]) {
			timeline_release(timeline, &model->list[i]);
			model->gone[i] = true;
		}
	} else if (is_new(model, &interval)) {
		timeline_accept(timeline, &interval);
		model->list[model->count++] = interval;
	}
}

static const struct shape shapes[] = {
	{ "few calendars, few intervals", 2, 50, 10, 6, 12, 1500 },
	{ "short tails", 3, 200, 20, 60, 60, 100 },
	{ "one busy calendar, long tails and runs", 1, 3000, 200, 300, 600, 8 },
	{ "one busy calendar, everything at once", 1, 40, 30, 500, 300, 8 },
	{ "many versions and owners in one place", 1, 400, 5, 700, 200, 6 },
	{ "only accepted ones", 1, 2000, 100, 0, 900, 6 },
};

static void shape_case(void **state)
{
	const struct shape *shape = *state;
	struct model *model = malloc(sizeof(*model));

	assert_non_null(model);
	for (int round = 0; round < shape->rounds; round++) {
		struct arena *arena = arena_new();
		struct timeline *timeline = timeline_new(arena);
		uint64_t seed = (uint64_t)round * 7919 + 1;

		memset(model, 0, sizeof(*model));
		while (model->count < shape->stored) {
			struct interval interval = random_interval(&seed, shape);

			if (!is_new(model, &interval))
				continue;
			timeline_add(timeline, &interval);
			model->list[model->count++] = interval;
		}
		timeline_sort(timeline);
		for (size_t i = 0; i < shape->steps; i++) {
			check_probe(model, timeline, shape, &seed);
			step(model, timeline, shape, &seed);
		}
		arena_free(arena);
	}
	free(model);
}

/* --- the tools --------------------------------------------------------------------- */

static void peaks_agree_with_a_scan(void **state)
{
	uint64_t seed = 9;

	for (int round = 0; round < 300; round++) {
		struct arena *arena = arena_new();
		size_t count = (size_t)test_below(&seed, 700) + 1;
		int64_t *values = arena_array(arena, count, sizeof(*values));
		struct peaks peaks;

		for (size_t i = 0; i < count; i++)
			values[i] = test_below(&seed, 1 + (round % 3) * 500);
		peaks_build(&peaks, arena, values, count);
		for (int k = 0; k < 100; k++) {
			size_t limit = (size_t)test_below(&seed, (int64_t)count + 1);
			size_t from = (size_t)test_below(&seed, (int64_t)limit + 1), next = from;
			int64_t above = test_below(&seed, 600) - 1, most = INT64_MIN;

			while (next < limit && values[next] <= above)
				next++;
			for (size_t i = from; i < limit; i++)
				most = values[i] > most ? values[i] : most;
			assert_int_equal(peaks_next(&peaks, from, limit, above), next);
			assert_true(peaks_most(&peaks, from, limit) == most);
		}
		arena_free(arena);
	}
}

static void keyed_sort_sorts_and_is_stable(void **state)
{
	uint64_t seed = 21;
	struct keyed list[500], spare[500];

	for (int round = 0; round < 300; round++) {
		size_t count = (size_t)test_below(&seed, 500);

		for (size_t i = 0; i < count; i++)
			list[i] = (struct keyed){ test_below(&seed, 1 + round) - 50, (uint32_t)i };
		keyed_sort(list, spare, count);
		for (size_t i = 1; i < count; i++)
			assert_true(list[i - 1].key < list[i].key ||
				    (list[i - 1].key == list[i].key && list[i - 1].index < list[i].index));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peaks_agree_with_a_scan),
		cmocka_unit_test(keyed_sort_sorts_and_is_stable),
	};

	return cmocka_run_group_tests_name("sorted", tests, NULL, NULL) + TABLE_CASES(shapes, shape_case);
}
