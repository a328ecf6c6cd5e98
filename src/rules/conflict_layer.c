#include "rules/conflict_layer.h"

#include <stdlib.h>
#include <string.h>

/* A tail is scanned: short enough to cost no more than a few binary searches. */
#define TAIL_MAX 48

static int by_start(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	if (x->start_utc != y->start_utc)
		return x->start_utc < y->start_utc ? -1 : 1;
	return (x->owner > y->owner) - (x->owner < y->owner);
}

/* One run of a run and more intervals, both sorted. */
static struct run *merged(struct arena *arena, const struct run *run, const struct interval *more, size_t more_count)
{
	size_t total = run->count + more_count, at = 0, other = 0;
	/* Not of the arena: it would stay below the new run until the end. */
	struct interval *list = malloc(total * sizeof(*list));
	struct run *result;

	if (!list)
		abort();
	for (size_t i = 0; i < total; i++) {
		bool take_run = other == more_count ||
				(at < run->count && run->start[at] <= more[other].start_utc);

		list[i] = take_run ? run_interval(run, at++) : more[other++];
	}
	result = run_new(arena, list, total);
	free(list);
	return result;
}

static struct run *merge_runs(struct arena *arena, const struct run *newer, const struct run *older)
{
	struct interval *list = malloc(newer->count * sizeof(*list));
	struct run *result;

	if (!list)
		abort();
	for (size_t i = 0; i < newer->count; i++)
		list[i] = run_interval(newer, i);
	result = merged(arena, older, list, newer->count);
	free(list);
	return result;
}

static void flush_tail(struct layer *layer, struct arena *arena)
{
	struct run *run;

	qsort(layer->tail, layer->tail_count, sizeof(*layer->tail), by_start);
	run = run_new(arena, layer->tail, layer->tail_count);
	run->older = layer->newest;
	while (run->older && run->older->count <= run->count) {
		struct run *older = run->older;

		run = merge_runs(arena, run, older);
		run->older = older->older;
	}
	layer->newest = run;
	layer->tail_count = 0;
}

void layer_add(struct layer *layer, struct arena *arena, const struct interval *interval)
{
	if (layer->tail_count == TAIL_MAX)
		flush_tail(layer, arena);
	if (layer->tail_count == layer->tail_room) {
		uint32_t room = layer->tail_room ? layer->tail_room * 2 : 3;
		struct interval *tail = arena_array(arena, room, sizeof(*tail));

		if (layer->tail_count)
			memcpy(tail, layer->tail, layer->tail_count * sizeof(*tail));
		layer->tail = tail;
		layer->tail_room = room;
	}
	layer->tail[layer->tail_count++] = *interval;
}

void layer_fill(struct layer *layer, struct arena *arena, const struct interval *sorted, size_t count)
{
	if (count > TAIL_MAX) {
		layer->newest = run_new(arena, sorted, count);
		return;
	}
	layer->tail = arena_array(arena, count, sizeof(*layer->tail));
	memcpy(layer->tail, sorted, count * sizeof(*sorted));
	layer->tail_count = layer->tail_room = (uint32_t)count;
}

/* The rule itself, for the intervals that are scanned. */
static bool collides(const struct interval *interval, const struct probe *probe)
{
	bool meets;

	if (probe->is_content)
		meets = interval->start_utc > probe->low && interval->start_utc < probe->high &&
			interval->version_no != probe->version_no;
	else
		meets = interval->start_utc < probe->high && interval->end_utc > probe->low;
	return meets && !is_excluded(&probe->excluded, interval->owner);
}

int64_t layer_count(const struct layer *layer, const struct probe *probe)
{
	int64_t count = 0;

	for (uint32_t i = 0; i < layer->tail_count; i++)
		count += collides(&layer->tail[i], probe);
	for (struct run *run = layer->newest; run; run = run->older) {
		count += probe->is_content ? run_count_window(run, probe->low, probe->high, probe->version_no,
							      &probe->excluded)
					   : run_count_overlaps(run, probe->low, probe->high, &probe->excluded);
	}
	return count;
}

static size_t next_in_run(const struct run *run, size_t from, const struct probe *probe)
{
	if (probe->is_content)
		return run_next_in_window(run, from, probe->low, probe->high, probe->version_no);
	return run_next_overlap(run, from, probe->low, probe->high);
}

bool run_each(const struct run *run, const struct probe *probe, each_interval *each, void *user)
{
	for (size_t at = next_in_run(run, 0, probe); at < run->count; at = next_in_run(run, at + 1, probe)) {
		struct interval interval = run_interval(run, at);

		if (!is_excluded(&probe->excluded, interval.owner) && !each(user, &interval))
			return false;
	}
	return true;
}

bool tail_each(const struct layer *layer, const struct probe *probe, each_interval *each, void *user)
{
	for (uint32_t i = 0; i < layer->tail_count; i++) {
		if (collides(&layer->tail[i], probe) && !each(user, &layer->tail[i]))
			return false;
	}
	return true;
}

bool layer_each(const struct layer *layer, const struct probe *probe, each_interval *each, void *user)
{
	for (const struct run *run = layer->newest; run; run = run->older) {
		if (!run_each(run, probe, each, user))
			return false;
	}
	return tail_each(layer, probe, each, user);
}

bool layer_has(const struct layer *layer, const struct interval *interval)
{
	for (uint32_t i = 0; i < layer->tail_count; i++) {
		if (layer->tail[i].owner == interval->owner && layer->tail[i].start_utc == interval->start_utc)
			return true;
	}
	for (struct run *run = layer->newest; run; run = run->older) {
		struct owned owned = run_owned(run, interval->owner, interval->start_utc - 1);

		if (owned.from < owned.until && run->start[run->by_owner[owned.from].index] == interval->start_utc)
			return true;
	}
	return false;
}
