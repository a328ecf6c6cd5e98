/* What leaves its place while a slice is decided. */
#include "schedule/sweep.h"

#include <stdlib.h>

void sweep_release(struct sweep *sweep, const struct event *event, int64_t owner)
{
	size_t count;
	const struct interval *list = sweep_intervals(sweep, event, owner, &count);
	for (size_t i = 0; i < count; i++)
		timeline_release(sweep->timeline, &list[i]);
}

static int owner_order(const void *left, const void *right)
{
	const struct interval *a = *(const struct interval *const *)left, *b = *(const struct interval *const *)right;
	return (a->owner > b->owner) - (a->owner < b->owner);
}

/* Where an owner's stored intervals begin among those by owner. */
static size_t first_of(struct sweep *sweep, int64_t owner)
{
	size_t low = 0, high = sweep->stored_count;
	if (!sweep->by_owner) {
		sweep->by_owner = arena_array(sweep->slice->ctx->arena, sweep->stored_count + 1, sizeof(const struct interval *));
		for (size_t i = 0; i < sweep->stored_count; i++)
			sweep->by_owner[i] = &sweep->stored[i];
		if (sweep->stored_count > 1)
			qsort(sweep->by_owner, sweep->stored_count, sizeof(const struct interval *), owner_order);
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (sweep->by_owner[middle]->owner < owner)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void sweep_release_stored(struct sweep *sweep, int64_t owner)
{
	for (size_t i = first_of(sweep, owner); i < sweep->stored_count && sweep->by_owner[i]->owner == owner; i++)
		timeline_release(sweep->timeline, sweep->by_owner[i]);
}

void sweep_release_occurrence(struct sweep *sweep, int64_t owner, int64_t local_start)
{
	for (size_t i = first_of(sweep, owner); i < sweep->stored_count && sweep->by_owner[i]->owner == owner; i++)
		if (sweep->by_owner[i]->local_start == local_start)
			timeline_release(sweep->timeline, sweep->by_owner[i]);
}
