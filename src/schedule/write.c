/* Writing what was decided: a constant number of multi-row statements. */
#include "schedule/apply.h"

#include "store/displaced.h"
#include "store/events.h"
#include "store/occurrences.h"

struct interval *all_intervals(struct arena *arena, const struct event *const *events, size_t count, size_t *found_out)
{
	size_t room = 1, found = 0;
	for (size_t i = 0; i < count; i++)
		room += event_interval_count(events[i]);
	struct interval *list = arena_array(arena, room, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		found += event_intervals(events[i], events[i]->id, &list[found]);
	if (found > 1)
		qsort(list, found, sizeof(*list), busy_order);
	*found_out = found;
	return list;
}

bool write_places(struct slice *slice, const struct event *const *events, size_t count)
{
	size_t found = 0;
	struct interval *list = all_intervals(slice->ctx->arena, events, count, &found);
	return busy_insert(slice->ctx, list, found) && events_insert_resources(slice->ctx, events, count) &&
	       occurrences_insert(slice->ctx, events, count);
}

/* --- creates -------------------------------------------------------------- */

bool client_id_taken(struct ctx *ctx)
{
	/* Since the look-up: look again. */
	if (ctx->fail.code == CODE_DUPLICATE_KEY)
		ctx->fail.kind = FAIL_RETRY;
	return false;
}

static void settle_twin_ids(struct slice *slice)
{
	for (size_t i = 0; i < slice->count; i++)
		if (slice->items[i].twin)
			slice->items[i].event_id = slice->items[i].twin->event_id;
}

/* The event that an item makes; NULL = none. */
static struct event *made_by(const struct slice *slice, struct slice_item *item)
{
	if (!item->was_worked || item->outcome != OUTCOME_SUCCEEDED)
		return NULL;
	return slice->kind == SLICE_UPDATE ? item->next : &item->event;
}

bool write_creates(struct slice *slice)
{
	struct arena *arena = slice->ctx->arena;
	struct slice_item **written = arena_array(arena, slice->count + 1, sizeof(struct slice_item *));
	struct event_write *writes = arena_array(arena, slice->count + 1, sizeof(*writes));
	struct event **made = arena_array(arena, slice->count + 1, sizeof(struct event *));
	const struct event **events = arena_array(arena, slice->count + 1, sizeof(const struct event *));
	struct event_maker maker = { slice->job_id, slice->actor->user_id, slice->is_unpublished };
	size_t count = 0;
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		struct event *event = made_by(slice, item);
		if (!event)
			continue;
		written[count] = item;
		made[count] = event;
		events[count] = event;
		writes[count++] =
			(struct event_write){ event, item->ordinal, item->next ? event_payload_hash(event) : item->payload_hash, 0, NULL };
	}
	if (!count)
		return true;
	if (!events_insert(slice->ctx, maker, writes, count))
		return client_id_taken(slice->ctx);
	for (size_t i = 0; i < count; i++) {
		made[i]->id = writes[i].id;
		if (!written[i]->next) /* else that of the series that ended */
			written[i]->event_id = writes[i].id;
	}
	settle_twin_ids(slice);
	return write_places(slice, events, count);
}

/* --- updates -------------------------------------------------------------- */

bool changed_meanwhile(struct ctx *ctx)
{
	return fail_set(&ctx->fail, FAIL_RETRY, CODE_STALE_VERSION, "An event was changed meanwhile");
}

bool occurrences_still_are(struct ctx *ctx, const struct event *const *events, size_t count)
{
	bool same = false;
	return occurrences_are(ctx, events, count, &same) && (same || changed_meanwhile(ctx));
}

/* Saves the before-images, or for a single edit the history, and thereby makes sure that the events still are as
 * they were loaded: with their calendars locked they stay so. */
static bool save_before(struct slice *slice, const struct event_undo *undo, size_t count)
{
	bool same = false;
	bool ok = slice->job_id ? events_save_undo(slice->ctx, slice->job_id, slice->epoch, undo, count, &same)
				: events_keep_state(slice->ctx, 0, undo, count, &same);
	return ok && (same || changed_meanwhile(slice->ctx));
}

/* What the changed events need written; most changes leave places alone. */
struct changes {
	struct event_undo *undo;
	struct event_write *writes;
	size_t count;
	const struct event **left;       /* as stored: these busy rows go … */
	const struct event **moved;      /* … and are written anew as these */
	int64_t *moved_ids;
	size_t moved_count;
	bool places_changed;             /* for some of them the resources, too */
};

static void collect_changes(const struct slice *slice, struct changes *changes)
{
	struct arena *arena = slice->ctx->arena;
	size_t room = slice->target_count + 1;
	*changes = (struct changes){
		.undo = arena_array(arena, room, sizeof(*changes->undo)),
		.writes = arena_array(arena, room, sizeof(*changes->writes)),
		.left = arena_array(arena, room, sizeof(const struct event *)),
		.moved = arena_array(arena, room, sizeof(const struct event *)),
		.moved_ids = arena_array(arena, room, sizeof(*changes->moved_ids)),
	};
	for (size_t i = 0; i < slice->target_count; i++) {
		struct target *target = &slice->targets[i];
		uint32_t different = event_difference(&target->stored, &target->current);
		if (!target->is_changed)
			continue;
		changes->undo[changes->count] =
			(struct event_undo){ target->stored.id, target->first_ordinal, target->stored.row_version };
		changes->writes[changes->count++] =
			(struct event_write){ .event = &target->current, .payload_hash = event_payload_hash(&target->current),
					      .before = &target->stored };
		if (event_moves(&target->stored, &target->current)) {
			changes->left[changes->moved_count] = &target->stored;
			changes->moved[changes->moved_count] = &target->current;
			changes->moved_ids[changes->moved_count++] = target->stored.id;
		}
		changes->places_changed |= (different & (FIELD_RESOURCES | FIELD_ASSIGNEES)) != 0;
	}
}

bool write_updates(struct slice *slice)
{
	struct changes changes;
	size_t were_count = 0, are_count = 0;
	if (slice->is_unpublished)
		return write_shadows(slice);
	collect_changes(slice, &changes);
	if (!changes.count)
		return true;
	if (!save_before(slice, changes.undo, changes.count) || !occurrences_still_are(slice->ctx, changes.left, changes.moved_count) ||
	    !events_update(slice->ctx, slice->actor->user_id, changes.writes, changes.count))
		return false;
	struct interval *were = all_intervals(slice->ctx->arena, changes.left, changes.moved_count, &were_count);
	struct interval *are = all_intervals(slice->ctx->arena, changes.moved, changes.moved_count, &are_count);
	return busy_replace(slice->ctx, were, were_count, are, are_count) &&
	       occurrences_replace(slice->ctx, changes.left, changes.moved, changes.moved_count) &&
	       (!changes.places_changed ||
		(events_clear_resources(slice->ctx, changes.moved_ids, changes.moved_count) &&
		 events_insert_resources(slice->ctx, changes.moved, changes.moved_count)));
}

/* --- what made room ---------------------------------------------------------- */

/* What makes room: superseded, or without some of its occurrences. */
struct leaving {
	struct event_undo *undo;
	struct held_change *held;        /* the same, where they are held back */
	const struct event **left, **now;
	size_t count;
	struct supersession *replaced;
	size_t replaced_count;
	struct event_write *shorter;
	size_t shorter_count;
};

static bool collect_leaving(struct slice *slice, struct leaving *leaving)
{
	struct arena *arena = slice->ctx->arena;
	size_t room = slice->displaced_count + 1;
	*leaving = (struct leaving){
		.undo = arena_array(arena, room, sizeof(*leaving->undo)),
		.held = arena_array(arena, room, sizeof(*leaving->held)),
		.left = arena_array(arena, room, sizeof(const struct event *)),
		.now = arena_array(arena, room, sizeof(const struct event *)),
		.replaced = arena_array(arena, room, sizeof(*leaving->replaced)),
		.shorter = arena_array(arena, room, sizeof(*leaving->shorter)),
	};
	for (size_t i = 0; i < slice->displaced_count; i++) {
		struct target *target = &slice->displaced[i];
		if (!target->taken_by || target->taken_by->outcome != OUTCOME_SUCCEEDED)
			continue;
		leaving->undo[leaving->count] =
			(struct event_undo){ target->stored.id, target->taken_by->ordinal, target->stored.row_version };
		leaving->held[leaving->count] = (struct held_change){ &target->stored, &target->current, target->taken_by->ordinal };
		leaving->left[leaving->count] = &target->stored;
		leaving->now[leaving->count++] = &target->current;
		target->current = target->stored;
		if (!target->lost) {
			target->current.status = EVENT_SUPERSEDED; /* and occupies nothing */
			target->current.superseded_by = slice_successor(target->taken_by);
			target->current.row_version = target->stored.row_version + 1;
			leaving->replaced[leaving->replaced_count++] =
				(struct supersession){ target->stored.id, slice_successor(target->taken_by) };
			continue;
		}
		if (!slice_give_up(slice, target, &target->current))
			return fail_set(&slice->ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "A series can't be told any more");
		leaving->shorter[leaving->shorter_count++] =
			(struct event_write){ .event = &target->current, .payload_hash = event_payload_hash(&target->current) };
	}
	return true;
}

bool write_displaced(struct slice *slice)
{
	struct ctx *ctx = slice->ctx;
	struct leaving leaving;
	size_t were_count = 0, are_count = 0;
	if (!collect_leaving(slice, &leaving))
		return false;
	if (!leaving.count)
		return true;
	if (slice->is_unpublished)
		return hold_changes(slice, leaving.held, leaving.count);
	struct interval *were = all_intervals(ctx->arena, leaving.left, leaving.count, &were_count);
	struct interval *are = all_intervals(ctx->arena, leaving.now, leaving.count, &are_count);
	return save_before(slice, leaving.undo, leaving.count) && occurrences_still_are(ctx, leaving.left, leaving.count) &&
	       (!leaving.replaced_count || events_supersede(ctx, slice->actor->user_id, leaving.replaced, leaving.replaced_count)) &&
	       (!leaving.shorter_count || events_update(ctx, slice->actor->user_id, leaving.shorter, leaving.shorter_count)) &&
	       busy_replace(ctx, were, were_count, are, are_count) &&
	       occurrences_replace(ctx, leaving.left, leaving.now, leaving.count);
}

/* --- dry runs -------------------------------------------------------------- */

/* The rows of what an item would have done: its intervals, its client_id, and
 * that its event has left its old place. */
static size_t plan_event(const struct slice_item *item, const struct event *event, struct interval *list)
{
	int64_t owner = -1 - item->ordinal;
	size_t count = event_intervals(event, owner, list);
	if (event->client_id)
		list[count++] = (struct interval){
			.kind = (enum calendar_kind)PLAN_CLIENT_ID,
			.calendar_id = client_key(event->client_id),
			.end_utc = (int64_t)(item->target ? event_payload_hash(event) : item->payload_hash),
			.owner = owner,
		};
	return count;
}

/* The occurrences that series would have given up to it. */
static size_t plan_taken(const struct slice *slice, const struct slice_item *item, struct interval *list)
{
	size_t count = 0;
	for (size_t i = 0; i < item->resolved.taken_count; i++) {
		const struct taken *taken = &item->resolved.taken[i];
		const struct event *series = &slice_displaced(slice, taken->event_id)->stored;
		for (size_t k = 0, o = 0; k < taken->count; k++, o = 0) {
			while (o < series->occurrence_count && series->occurrences[o].local_start != taken->occurrences[k])
				o++;
			if (o < series->occurrence_count)
				list[count++] = (struct interval){ .kind = (enum calendar_kind)PLAN_TAKEN,
								   .calendar_id = taken->event_id,
								   .start_utc = series->occurrences[o].start_utc,
								   .owner = -1 - item->ordinal };
		}
	}
	return count;
}

static size_t plan_item(const struct slice *slice, const struct slice_item *item, struct interval *list)
{
	int64_t owner = -1 - item->ordinal;
	size_t count = plan_event(item, item->target ? &item->target->current : &item->event, list);
	if (item->next)
		count += plan_event(item, item->next, &list[count]);
	if (item->target)
		list[count++] = (struct interval){
			.kind = (enum calendar_kind)PLAN_MOVED, .calendar_id = item->target->stored.id, .owner = owner };
	count += plan_taken(slice, item, &list[count]);
	for (size_t i = 0; i < item->resolved.replaced_count; i++)
		list[count++] = (struct interval){
			.kind = (enum calendar_kind)PLAN_MOVED, .calendar_id = item->resolved.replaced[i], .owner = owner };
	return count;
}

bool write_plan(struct slice *slice)
{
	size_t room = 1, found = 0;
	for (size_t i = 0; i < slice->count; i++) {
		const struct slice_item *item = &slice->items[i];
		const struct event *event = item->target ? &item->target->current : &item->event;
		room += 2 + event_interval_count(event) + item->resolved.replaced_count;
		room += item->next ? 1 + event_interval_count(item->next) : 0;
		for (size_t k = 0; k < item->resolved.taken_count; k++)
			room += item->resolved.taken[k].count;
	}
	struct interval *list = arena_array(slice->ctx->arena, room, sizeof(*list));
	for (size_t i = 0; i < slice->count; i++) {
		const struct slice_item *item = &slice->items[i];
		if (item->was_worked && item->outcome == OUTCOME_SUCCEEDED && !item->twin)
			found += plan_item(slice, item, &list[found]);
	}
	if (found > 1)
		qsort(list, found, sizeof(*list), busy_order);
	return busy_plan_insert(slice->ctx, slice->job_id, list, found);
}
