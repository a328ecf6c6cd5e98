/* Undo: events that had made room come back. */
#include "rules/series.h"
#include "schedule/apply.h"

static struct slice_item *item_of(const struct slice *slice, int64_t ordinal)
{
	return &slice->items[ordinal - slice->items[0].ordinal];
}

static void leave(struct target *target, enum code code, const struct event_change *change, const char *why)
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
		leave(target, CODE_CHANGED_SINCE, NULL, "has been deleted");
	else if (event->version <= loaded->image->before_version)
		return false; /* it is back already */
	else if (event->version != loaded->image->written_version)
		leave(target, CODE_CHANGED_SINCE, &event->change,
		      arena_printf(slice->ctx->arena, "was %s and stays as it is", undo_who(slice->ctx->arena, &event->change)));
	return true;
}

/* --- occurrences that were taken --------------------------------------------- */

/* It lives on, without some of its occurrences. */
static bool is_shortened(const struct undo_displaced *loaded)
{
	return loaded->event.is_there && event_recurs(&loaded->event.stored) &&
	       loaded->event.stored.status != EVENT_SUPERSEDED && loaded->image->event.status == loaded->event.stored.status;
}

/* All that the batch did to them, to see what each part of it took. */
static bool load_chains(struct slice *slice, struct undo_displaced *list, size_t count)
{
	struct undo_event **events = arena_array(slice->ctx->arena, count + 1, sizeof(struct undo_event *));
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_shortened(&list[i]) || (i && list[i].event.id == list[i - 1].event.id))
			continue;
		list[i].event.images = arena_array(slice->ctx->arena, 1, sizeof(struct undo_image *));
		events[found++] = &list[i].event;
	}
	return !found || undo_load_chains(slice->ctx, slice->job_id, events, found);
}

static bool has_date(const int64_t *dates, size_t count, int64_t date)
{
	for (size_t i = 0; i < count; i++)
		if (dates[i] == date)
			return true;
	return false;
}

/* The image that was written over by that one: what it left. */
static const struct event *after(const struct undo_event *event, const struct undo_image *image)
{
	for (size_t i = 0; i < event->image_count; i++)
		if (event->images[i]->before_version == image->written_version && image->written_version < event->version)
			return &event->images[i]->event;
	return &event->stored;
}

/* Was this date taken by what the chunk's items did? */
static bool was_taken(const struct undo_displaced *list, size_t count, int64_t date)
{
	const struct undo_event *event = &list[0].event;
	for (size_t i = 0; i < count && list[i].event.id == event->id; i++) {
		const struct undo_image *image = list[i].image;
		const struct event *left = after(event, image);
		if (image->written_version <= event->version && !has_date(image->event.exdates, image->event.exdate_count, date) &&
		    has_date(left->exdates, left->exdate_count, date))
			return true;
	}
	return false;
}

static const struct undo_image *earliest(const struct undo_event *event)
{
	return event->image_count ? event->images[event->image_count - 1] : NULL;
}

/* The series as it is, with what this chunk's items took; other parts of the
 * batch, undone before or after, are left out of it.  `list` begins with the
 * event's own rows. */
static bool give_back(struct slice *slice, const struct undo_displaced *list, size_t count, struct target *target)
{
	const struct undo_event *event = &list[0].event;
	const struct event *stored = &event->stored;
	bool is_ours = false;
	for (size_t i = 0; i < event->image_count; i++)
		is_ours |= event->images[i]->written_version == event->version;
	if (event->version <= list[0].image->before_version)
		return false; /* it is back already */
	if (!is_ours) {
		leave(target, CODE_CHANGED_SINCE, &event->change,
		      arena_printf(slice->ctx->arena, "was %s and stays as it is", undo_who(slice->ctx->arena, &event->change)));
		return true;
	}
	int64_t *kept = arena_array(slice->ctx->arena, stored->exdate_count + 1, sizeof(*kept));
	size_t kept_count = 0;
	for (size_t i = 0; i < stored->exdate_count; i++)
		if (!was_taken(list, count, stored->exdates[i]))
			kept[kept_count++] = stored->exdates[i];
	const struct undo_image *first = earliest(event);
	bool is_whole = kept_count == first->event.exdate_count;
	target->current = *stored;
	target->current.exdates = kept;
	target->current.exdate_count = kept_count;
	target->current.row_version = stored->row_version + 1;
	target->as_version = is_whole ? first->before_version : event->version;
	return true;
}

bool undo_take_displaced(struct slice *slice, int64_t first, int64_t last)
{
	struct undo_displaced *list;
	size_t count;
	/* A person may have decided so, too. */
	if (slice->resolution.on_conflict != ON_CONFLICT_REPLACE && slice->resolution.on_conflict != ON_CONFLICT_ASK)
		return true;
	if (!undo_load_displaced(slice->ctx, slice->job_id, first, last, &list, &count))
		return false;
	if (!load_chains(slice, list, count))
		return false;
	slice->displaced = arena_array(slice->ctx->arena, count + 1, sizeof(*slice->displaced));
	for (size_t i = 0; i < count; i++) {
		struct target *target = &slice->displaced[slice->displaced_count];
		*target = (struct target){
			.stored = list[i].event.stored,
			.current = list[i].image->event,
			.image = list[i].image,
			.taken_by = item_of(slice, list[i].ordinal),
		};
		target->stored.id = list[i].event.id;
		bool is_again = i > 0 && list[i].event.id == list[i - 1].event.id;
		if (is_shortened(&list[i]) ? is_again || !give_back(slice, &list[i], count - i, target) : !judge(slice, &list[i], target))
			continue;
		target->is_moving = !target->left_why && event_moves(&target->stored, &target->current);
		slice->displaced_count++;
	}
	return true;
}

/* Whoever had its place must have left it, by this undo or before. */
static bool is_place_left(const struct target *target)
{
	const struct slice_item *item = target->taken_by;
	return item->outcome == OUTCOME_UNDONE ||
	       (item->outcome == OUTCOME_PENDING && item->target && item->target->is_changed);
}

void undo_touch_displaced(struct sweep *sweep)
{
	struct slice *slice = sweep->slice;
	for (size_t i = 0; i < slice->displaced_count; i++) {
		const struct target *target = &slice->displaced[i];
		if (target->left_why || !is_place_left(target))
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
		if (target->left_why || !is_place_left(target))
			continue;
		int64_t missing = missing_of(slice, &target->current);
		if (missing) {
			leave(target, CODE_RESOURCE_NOT_FOUND, NULL,
			      arena_printf(arena, "had resource %lld, which does not exist any more", (long long)missing));
			continue;
		}
		if (target->as_version) /* of what it still has, too */
			sweep_release_stored(sweep, target->stored.id);
		const struct conflicts *conflicts = sweep_probe(sweep, &target->current, target->stored.id, 0);
		if (conflicts && conflicts->hard_count) {
			leave(target, CODE_PLACE_TAKEN, NULL,
			      arena_printf(arena, "can't come back: event %lld has its place", (long long)conflicts->list[0].owner));
			if (target->as_version)
				sweep_accept(sweep, &target->stored, target->stored.id);
			continue;
		}
		target->is_changed = true;
		sweep_accept(sweep, &target->current, target->stored.id);
	}
}

void undo_settle_displaced(struct slice *slice)
{
	for (size_t i = 0; i < slice->displaced_count; i++) {
		const struct target *target = &slice->displaced[i];
		if (target->left_why && target->taken_by->outcome != OUTCOME_PENDING)
			undo_refuse(target->taken_by, target->left_code, target->left_change, "Event %lld, which had been replaced, %s",
				    (long long)target->stored.id, target->left_why);
	}
}
