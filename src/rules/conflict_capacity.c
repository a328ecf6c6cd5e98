/*
 * Are so many there at once?  The oldest run, which is what was stored, answers
 * for any stretch of time by itself; everything else (accepted since, released
 * since, the excluded owners' own) is laid over it as steps up and down.
 */
#include <stdlib.h>

#include "rules/conflict_layer.h"

struct step {
	int64_t time;
	int64_t change;
};

struct steps {
	struct arena *arena;
	struct step *list;
	size_t count, room;
	int64_t sign;        /* of the layer being laid over */
	int64_t low, high;
	int64_t ups;
};

static bool add_steps(void *user, const struct interval *interval)
{
	struct steps *steps = user;
	int64_t from = interval->start_utc > steps->low ? interval->start_utc : steps->low;
	int64_t until = interval->end_utc < steps->high ? interval->end_utc : steps->high;

	if (steps->count + 2 > steps->room) {
		size_t room = steps->room ? steps->room * 2 : 32;
		struct step *list = arena_array(steps->arena, room, sizeof(*list));

		for (size_t i = 0; i < steps->count; i++)
			list[i] = steps->list[i];
		steps->list = list;
		steps->room = room;
	}
	steps->list[steps->count++] = (struct step){ from, steps->sign };
	steps->list[steps->count++] = (struct step){ until, -steps->sign };
	steps->ups += steps->sign > 0;
	return true;
}

/* What the oldest run counts although its owner is excluded. */
static void add_excluded(struct steps *steps, struct run *oldest, const struct excluded *excluded)
{
	steps->sign = -1;
	for (size_t e = 0; e < excluded->count; e++) {
		struct owned owned = run_owned(oldest, excluded->owners[e], steps->low - oldest->longest_s);

		for (size_t i = owned.from; i < owned.until; i++) {
			struct interval interval = run_interval(oldest, oldest->by_owner[i].index);

			if (interval.start_utc >= steps->high)
				break;
			if (interval.end_utc > steps->low)
				add_steps(steps, &interval);
		}
	}
}

static int by_time(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

static bool reach(struct steps *steps, struct run *oldest, int64_t capacity)
{
	int64_t level = 0, from = steps->low;
	size_t i = 0;

	if (steps->count > 1)
		qsort(steps->list, steps->count, sizeof(*steps->list), by_time);
	while (from < steps->high) {
		int64_t until;

		while (i < steps->count && steps->list[i].time <= from)
			level += steps->list[i++].change;
		until = i < steps->count ? steps->list[i].time : steps->high;
		if (level + (oldest ? run_most_at_once(oldest, from, until) : 0) >= capacity)
			return true;
		from = until;
	}
	return false;
}

bool layers_reach(const struct layer *present, const struct layer *gone, const struct probe *probe,
		  struct arena *arena, int64_t capacity)
{
	struct steps steps = { .arena = arena, .sign = 1, .low = probe->low, .high = probe->high };
	struct run *oldest = present->newest;
	struct arena_mark mark;
	int64_t stored = 0;
	bool reached = false;

	while (oldest && oldest->older)
		oldest = oldest->older;
	/* What is built on first use stays: it must lie below the mark. */
	if (oldest) {
		stored = run_most_at_once(oldest, probe->low, probe->high);
		for (size_t e = 0; e < probe->excluded.count; e++)
			run_owned(oldest, probe->excluded.owners[e], probe->low);
	}
	mark = arena_mark(arena);
	tail_each(present, probe, add_steps, &steps);
	for (const struct run *run = present->newest; run != oldest; run = run->older)
		run_each(run, probe, add_steps, &steps);
	if (stored + steps.ups >= capacity) {
		steps.sign = -1;
		layer_each(gone, probe, add_steps, &steps);
		if (oldest)
			add_excluded(&steps, oldest, &probe->excluded);
		reached = reach(&steps, oldest, capacity);
	}
	arena_rewind(arena, mark);
	return reached;
}
