/* Undo: who is in the way. */
#include "schedule/apply.h"
#include "schedule/keys.h"

static const struct conflict *hard_conflict(const struct slice_item *item)
{
	for (size_t i = 0; item->conflicts && i < item->conflicts->listed; i++)
		if (item->conflicts->list[i].hard)
			return &item->conflicts->list[i];
	return NULL;
}

static bool is_taken(const struct slice_item *item)
{
	return item->outcome == OUTCOME_UNDO_CONFLICT && !item->issues.count && item->target;
}

static const struct event_change *change_of(const struct event_change *changes, size_t count, int64_t event_id)
{
	for (size_t i = 0; i < count; i++)
		if (changes[i].event_id == event_id)
			return &changes[i];
	return NULL;
}

bool undo_explain_taken(struct slice *slice)
{
	struct key_list takers = { .arena = slice->ctx->arena };
	struct event_change *changes = NULL;
	size_t count = 0;
	for (size_t i = 0; i < slice->count; i++) {
		const struct conflict *conflict = is_taken(&slice->items[i]) ? hard_conflict(&slice->items[i]) : NULL;
		if (conflict)
			keys_add(&takers, conflict->owner);
	}
	keys_sort(&takers);
	if (takers.count && !undo_changes(slice->ctx, takers.ids, takers.count, &changes, &count))
		return false;
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		const struct conflict *conflict = is_taken(item) ? hard_conflict(item) : NULL;
		if (!is_taken(item))
			continue;
		const struct event_change *change = conflict ? change_of(changes, count, conflict->owner) : NULL;
		undo_refuse(item, CODE_PLACE_TAKEN, change, "Event %lld can't go back: event %lld%s%s has its place",
			    (long long)item->event_id, conflict ? (long long)conflict->owner : 0LL, change ? ", " : "",
			    undo_who(slice->ctx->arena, change));
	}
	return true;
}
