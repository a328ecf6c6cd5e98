/* Undo: events that had made room come back. */
#include <stdlib.h>

#include "schedule/apply.h"

static struct slice_item *item_of(const struct slice *slice, int64_t ordinal)
{
	return &slice->items[ordinal - slice->items[0].ordinal];
}

void undo_leave(struct target *target, enum code code, const struct event_change *change, const char *why)
{
	target->left_code = code;
	target->left_why = why;
	target->left_change = change;
}

/* Is its state still what the batch made of it? */
static bool judge(struct slice *slice, const struct undo_displaced *loaded, struct target *target)
{
	const struct undo_event *event = &loaded->event;
	if (!event->is_there)
		undo_leave(target, CODE_CHANGED_SINCE, NULL, "has been deleted");
	else if (event->version <= loaded->image->before_version)
		return false; /* it is back already */
	else if (event->version != loaded->image->written_version)
		undo_leave(target, CODE_CHANGED_SINCE, &event->change,
		      arena_printf(slice->ctx->arena, "was %s and stays as it is", undo_who(slice->ctx->arena, &event->change)));
	return true;
}

static int by_id(const void *left, const void *right)
{
	const struct target *a = left, *b = right;
	return (a->stored.id > b->stored.id) - (a->stored.id < b->stored.id);
}

static bool is_among(const struct target *list, size_t count, int64_t id)
{
	struct target key = { .stored = { .id = id } };
	return count && bsearch(&key, list, count, sizeof(*list), by_id) != NULL;
}

bool undo_take_displaced(struct slice *slice, int64_t first, int64_t last)
{
	struct undo_displaced *list;
	struct target *shortened = NULL;
	size_t count, shortened_count = 0;
	/* A person may have decided so, too. */
	bool is_asked = slice->resolution.on_conflict == ON_CONFLICT_ASK;
	bool by_dates = is_asked || slice->resolution.scope == SCOPE_OCCURRENCE;
	if (slice->resolution.on_conflict != ON_CONFLICT_REPLACE && !is_asked)
		return true;
	if (!undo_load_displaced(slice->ctx, slice->job_id, first, last, &list, &count))
		return false;
	if (by_dates && !undo_take_dates(slice, first, last, &shortened, &shortened_count))
		return false;
	slice->displaced = arena_array(slice->ctx->arena, count + shortened_count + 1, sizeof(*slice->displaced));
	for (size_t i = 0; i < count; i++) {
		struct target *target = &slice->displaced[slice->displaced_count];
		if (is_among(shortened, shortened_count, list[i].event.id))
			continue;
		*target = (struct target){
			.stored = list[i].event.stored,
			.current = list[i].image->event,
			.image = list[i].image,
			.taken_by = item_of(slice, list[i].ordinal),
		};
		target->stored.id = list[i].event.id;
		undo_rederive(target);
		if (!judge(slice, &list[i], target))
			continue;
		target->is_moving = !target->left_why && event_moves(&target->stored, &target->current);
		slice->displaced_count++;
	}
	if (shortened_count) {
		memcpy(&slice->displaced[slice->displaced_count], shortened, shortened_count * sizeof(*shortened));
		slice->displaced_count += shortened_count;
		qsort(slice->displaced, slice->displaced_count, sizeof(*slice->displaced), by_id);
	}
	return true;
}

/* Whoever had its place must have left it, by this undo or before. */
bool undo_is_place_left(const struct slice_item *item)
{
	return item->outcome == OUTCOME_UNDONE ||
	       (item->outcome == OUTCOME_PENDING && item->target && item->target->is_changed);
}

static bool is_any_place_left(const struct target *target)
{
	for (size_t i = 0; i < target->given_count; i++)
		if (undo_is_place_left(target->given[i].item))
			return true;
	return target->taken_by && undo_is_place_left(target->taken_by);
}

void undo_touch_displaced(struct sweep *sweep)
{
	struct slice *slice = sweep->slice;
	for (size_t i = 0; i < slice->displaced_count; i++) {
		const struct target *target = &slice->displaced[i];
		if (target->left_why || !is_any_place_left(target))
			continue;
		sweep_touch_content(sweep, target->stored.content_id);
		sweep_touch(sweep, &target->current);
	}
}

static int64_t missing_of(const struct slice *slice, const struct event *event)
{
	for (size_t i = 0; i < event->resource_count; i++)
		if (!reference_resource(&slice->refs, event->resources[i]))
			return event->resources[i];
	for (size_t i = 0; i < event->assignee_count; i++)
		if (!reference_resource(&slice->refs, event->assignees[i]))
			return event->assignees[i];
	return 0;
}

/* In each round anew: what leaves its place is known by then. */
void undo_decide_displaced(struct sweep *sweep)
{
	struct slice *slice = sweep->slice;
	struct arena *arena = slice->ctx->arena;
	for (size_t i = 0; i < slice->displaced_count; i++) {
		struct target *target = &slice->displaced[i];
		target->is_changed = false;
		if (target->left_code == CODE_PLACE_TAKEN)
			target->left_why = NULL;
		if (target->left_why || !is_any_place_left(target))
			continue;
		int64_t missing = missing_of(slice, &target->current);
		if (missing) {
			undo_leave(target, CODE_RESOURCE_NOT_FOUND, NULL,
			      arena_printf(arena, "had resource %lld, which does not exist any more", (long long)missing));
			continue;
		}
		if (target->given_count) {
			undo_decide_dates(sweep, target);
			continue;
		}
		const struct conflicts *conflicts = sweep_probe(sweep, &target->current, target->stored.id, 0);
		if (conflicts && conflicts->hard_count) {
			undo_leave(target, CODE_PLACE_TAKEN, NULL,
				   arena_printf(arena, "can't come back: event %lld has its place", (long long)conflicts->list[0].owner));
			continue;
		}
		target->is_changed = true;
		sweep_accept(sweep, &target->current, target->stored.id);
	}
}

void undo_settle_displaced(struct slice *slice)
{
	for (size_t i = 0; i < slice->displaced_count; i++) {
		struct target *target = &slice->displaced[i];
		if (target->given_count)
			undo_settle_dates(target);
		else if (target->left_why && target->taken_by->outcome != OUTCOME_PENDING)
			undo_refuse(target->taken_by, target->left_code, target->left_change, "Event %lld, which had been replaced, %s",
				    (long long)target->stored.id, target->left_why);
	}
}
