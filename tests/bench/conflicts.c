/*
 * What conflicts cost, in seconds of processor time: 10,000 proposals against
 * 200,000 stored events, on 500 calendars and all on one; 100,000 proposals
 * that are all the same, looked at and moved on.  Prints one JSON object, of
 * the fastest of a few rounds.
 */
#include <stdio.h>
#include <time.h>

#include "base/arena.h"
#include "rules/conflict.h"

#define STORED 200000
#define PROPOSALS 10000
#define EQUAL 100000
#define CALENDARS 500
#define SPAN_S (400LL * 86400)
#define ROUNDS 5

static const struct calendar_rule hard = { .hard = true, .capacity = 1 };

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* it waits for nothing */
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int64_t below(uint64_t *seed, int64_t bound)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (int64_t)(*seed % (uint64_t)bound);
}

static struct interval somewhere(uint64_t *seed, int64_t calendars, int64_t owner)
{
	int64_t start = below(seed, SPAN_S / 300) * 300;
	return (struct interval){ .kind = CALENDAR_RESOURCE, .calendar_id = below(seed, calendars), .start_utc = start,
				  .end_utc = start + 900 * (1 + below(seed, 8)), .owner = owner, .local_start = start };
}

static double sweep(int64_t calendars, int64_t *found_out)
{
	struct arena *arena = arena_new();
	struct timeline *timeline = timeline_new(arena);
	uint64_t seed = 7;
	double began = now_s();
	*found_out = 0;
	for (int64_t i = 0; i < STORED; i++) {
		struct interval stored = somewhere(&seed, calendars, i + 1);
		timeline_add(timeline, &stored);
	}
	timeline_sort(timeline);
	for (int64_t i = 0; i < PROPOSALS; i++) {
		struct interval proposal = somewhere(&seed, calendars, -1 - i);
		struct conflicts found = { .count = 0 };
		timeline_probe(timeline, &proposal, &hard, 0, 0, CONFLICTS_LISTED_MAX, &found);
		*found_out += found.count;
		if (!found.count)
			timeline_accept(timeline, &proposal);
	}
	double took = now_s() - began;
	arena_free(arena);
	return took;
}

/* Each meets all before it: five billion pairs, counted and not looked at. */
static double equal_ones(bool are_moved, int64_t *found_out)
{
	static const struct calendar_rule *const rules[] = { &hard };
	struct arena *arena = arena_new();
	struct timeline *timeline = timeline_new(arena);
	double began = now_s();
	*found_out = 0;
	timeline_sort(timeline);
	for (int64_t i = 0; i < EQUAL; i++) {
		struct interval one = { .kind = CALENDAR_RESOURCE, .calendar_id = 1, .end_utc = 290, .owner = -1 - i };
		struct conflicts found = { .count = 0 };
		struct shift shift = { .list = &one, .rules = rules, .count = 1, .grid_s = 300, .limit_s = EQUAL * 300 };
		int64_t move_s = 0;
		timeline_probe(timeline, &one, &hard, 0, 0, CONFLICTS_LISTED_MAX, &found);
		*found_out += found.count;
		if (are_moved && timeline_shift(timeline, &shift, &move_s) != SHIFT_FOUND)
			return -1;
		one.start_utc += move_s;
		one.end_utc += move_s;
		timeline_accept(timeline, &one);
	}
	double took = now_s() - began;
	arena_free(arena);
	return took;
}

int main(void)
{
	double best[4] = { 1e9, 1e9, 1e9, 1e9 };
	int64_t found[4] = { 0 };
	for (int round = 0; round < ROUNDS; round++) {
		const double took[4] = { sweep(CALENDARS, &found[0]), sweep(1, &found[1]), equal_ones(false, &found[2]),
					 equal_ones(true, &found[3]) };
		for (int i = 0; i < 4; i++)
			best[i] = took[i] < best[i] ? took[i] : best[i];
	}
	printf("{\"uniform_s\":%.4f,\"uniform_found\":%lld,\"hot_s\":%.4f,\"hot_found\":%lld,\"equal_s\":%.4f,\"equal_found\":%lld,"
	       "\"shifted_s\":%.4f}\n",
	       best[0], (long long)found[0], best[1], (long long)found[1], best[2], (long long)found[2], best[3]);
	return 0;
}
