/* Undo of a series that was divided: the event that carries on goes away. */
#include <stdlib.h>

#include "schedule/apply.h"

static int by_event_id(const void *left, const void *right)
{
	const struct target *a = left, *b = right;
	return (a->stored.id > b->stored.id) - (a->stored.id < b->stored.id);
}

/* Who changed the one that carries on keeps the division: all items that
 * changed the series stay done. */
static void refuse(struct slice *slice, const struct target *ended, const struct undo_event *event)
{
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		if (item->target == ended && item->outcome == OUTCOME_PENDING)
			undo_refuse(item, CODE_CHANGED_SINCE, &event->change, "Event %lld, which carries on from the series, was %s",
				    (long long)event->id, undo_who(slice->ctx->arena, &event->change));
	}
}

/* Targets are in the order of their ids; more of them move those that are there. */
static void add_targets(struct slice *slice, const struct undo_made *const *made, size_t count)
{
	size_t before = slice->target_count;
	struct target *all = arena_array(slice->ctx->arena, before + count + 1, sizeof(*all));
	int64_t *ids = arena_array(slice->ctx->arena, slice->count + 1, sizeof(*ids));
	for (size_t i = 0; i < slice->count; i++)
		ids[i] = slice->items[i].target ? slice->items[i].target->stored.id : 0;
	if (before)
		memcpy(all, slice->targets, before * sizeof(*all));
	for (size_t i = 0; i < count; i++)
		all[before + i] = (struct target){ .stored = made[i]->event.stored,
						   .current = made[i]->event.stored,
						   .is_moving = true,
						   .follows = made[i]->ended_id };
	slice->targets = all;
	slice->target_count = before + count;
	qsort(all, slice->target_count, sizeof(*all), by_event_id);
	for (size_t i = 0; i < slice->count; i++)
		slice->items[i].target = ids[i] ? slice_target(slice, ids[i]) : NULL;
	slice->divides = count > 0;
}

/* Items that changed one event in one chunk share what it was before, and the
 * chunk may have been cut since. */
static int64_t first_concerned(const struct slice *slice, int64_t first)
{
	for (size_t i = 0; i < slice->target_count; i++)
		if (slice->targets[i].image && slice->targets[i].image->ordinal < first)
			first = slice->targets[i].image->ordinal;
	return first;
}

bool undo_take_next(struct slice *slice, int64_t first, int64_t last)
{
	struct undo_made *made;
	size_t count, kept = 0;
	if (!undo_load_made(slice->ctx, slice->job_id, last == UNDO_ANYWHERE ? 0 : first_concerned(slice, first), last, &made, &count))
		return false;
	const struct undo_made **list = arena_array(slice->ctx->arena, count + 1, sizeof(const struct undo_made *));
	for (size_t i = 0; i < count; i++) {
		struct target *ended = slice_target(slice, made[i].ended_id);
		if (!ended || !ended->image || made[i].before_version < ended->image->before_version)
			continue; /* its division stays, or is undone already */
		if (made[i].event.version == 1)
			list[kept++] = &made[i];
		else
			refuse(slice, ended, &made[i].event);
	}
	if (kept)
		add_targets(slice, list, kept);
	return true;
}

void undo_touch_next(struct slice *slice)
{
	for (size_t i = 0; slice->divides && i < slice->target_count; i++) {
		struct target *next = &slice->targets[i];
		const struct target *ended = next->follows ? slice_target(slice, next->follows) : NULL;
		if (ended)
			next->is_changed = ended->is_changed;
	}
}

void undo_leave_next(struct sweep *sweep, const struct target *ended)
{
	struct slice *slice = sweep->slice;
	for (size_t i = 0; slice->divides && i < slice->target_count; i++) {
		struct target *next = &slice->targets[i];
		if (next->follows != ended->stored.id || !next->is_changed)
			continue;
		next->is_changed = next->is_moving = false;
		sweep_accept(sweep, &next->stored, next->stored.id);
	}
}
