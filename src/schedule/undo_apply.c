/* Undo, in the transaction: lock, see whether the old places are free, write. */
#include <stdlib.h>

#include "base/clock.h"
#include "rules/series.h"
#include "schedule/apply.h"
#include "store/events.h"
#include "store/occurrences.h"

/* Each round can only leave more where they are; a row of events of which one
 * is kept from its place takes two, a maze of them more. */
#define ROUNDS_MAX 64

/* Is there still something to be done with the item's event? */
static bool is_open(const struct slice_item *item)
{
	return item->outcome == OUTCOME_PENDING && item->target;
}

/* --- deciding ------------------------------------------------------------------ */

static void touch(struct sweep *sweep)
{
	struct slice *slice = sweep->slice;
	for (size_t i = 0; i < slice->count; i++)
		if (is_open(&slice->items[i]))
			slice->items[i].target->is_changed = true;
	undo_touch_next(slice);
	for (size_t i = 0; i < slice->target_count; i++) {
		struct target *target = &slice->targets[i];
		target->is_moving &= target->is_changed;
		if (!target->is_changed)
			continue;
		/* Whoever changes an event holds its content's calendar. */
		sweep_touch_content(sweep, target->stored.content_id);
		if (!target->image || target->is_moving)
			sweep_touch(sweep, &target->stored);
		/* What goes away is not in the way of what comes back. */
		if (!target->image && (slice->displaced_count || slice->divides)) {
			target->current = target->stored;
			target->current.status = EVENT_ARCHIVED;
			target->is_moving = true;
		}
		if (target->is_moving)
			sweep_touch(sweep, &target->current);
	}
	undo_touch_displaced(sweep);
	sweep_close(sweep);
	/* Each calendar has held these events before: none gets a longer one. */
	for (size_t i = 0; i < sweep->calendar_count; i++)
		sweep->calendars[i].known_longest_s = sweep->calendars[i].longest_s;
}

static void leave_alone(struct sweep *sweep, struct target *target)
{
	target->is_changed = false;
	if (target->is_moving)
		sweep_accept(sweep, &target->stored, target->stored.id);
	target->is_moving = false;
}

/* Another event of the slice has its old client_id and does not give it back. */
static bool is_client_id_kept(const struct slice *slice, const struct target *target)
{
	const struct target *taker = target->image->client_taken_by ? slice_target(slice, target->image->client_taken_by) : NULL;
	return taker && (!taker->is_changed || !taker->image ||
			 (taker->current.client_id && strcmp(taker->current.client_id, target->current.client_id) == 0));
}

/* May the event go back?  If not it stays, and that is in the way of others. */
static bool goes_back(struct sweep *sweep, struct slice_item *item)
{
	struct target *target = item->target;
	if (!target->image)
		return true;
	if (is_client_id_kept(sweep->slice, target)) {
		undo_refuse(item, CODE_DUPLICATE, NULL, "Event %lld has the client_id “%.100s” by now",
			    (long long)target->image->client_taken_by, target->current.client_id);
		return false;
	}
	if (!target->is_moving)
		return true;
	item->conflicts = sweep_probe(sweep, &target->current, target->stored.id, 0);
	if (item->conflicts && item->conflicts->hard_count) {
		item->outcome = OUTCOME_UNDO_CONFLICT;
		return false;
	}
	sweep_accept(sweep, &target->current, target->stored.id);
	return true;
}

/* Latest items first: what they left is free for the ones before.  Who stays
 * is in the way of others, in one direction or the other: rounds alternate.
 * True when one stays that others were thought to have room without. */
static bool decide_round(struct sweep *sweep, bool latest_first)
{
	struct slice *slice = sweep->slice;
	bool any_stays = false;
	sweep_begin_round(sweep);
	for (size_t n = 0; n < slice->count; n++) {
		struct slice_item *item = &slice->items[latest_first ? slice->count - 1 - n : n];
		if (!is_open(item) || !item->target->is_changed || item->target->first_ordinal != item->ordinal)
			continue;
		if (goes_back(sweep, item))
			continue;
		leave_alone(sweep, item->target);
		undo_leave_next(sweep, item->target);
		any_stays = true;
	}
	undo_decide_displaced(sweep);
	return any_stays;
}

/* Where it does not settle, the rest stay where they are. */
static void keep_the_rest(struct slice *slice)
{
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		if (!is_open(item) || !item->target->is_moving || !item->target->image)
			continue;
		undo_refuse(item, CODE_PLACE_TAKEN, NULL, "Event %lld can't go back together with the others of this batch",
			    (long long)item->event_id);
		item->target->is_changed = false;
	}
}

static void decide(struct sweep *sweep)
{
	struct slice *slice = sweep->slice;
	bool any_stays = true;
	/* Of several items of one event the latest speaks for all. */
	for (size_t i = 0; i < slice->count; i++)
		if (is_open(&slice->items[i]))
			slice->items[i].target->first_ordinal = slice->items[i].ordinal;
	for (int round = 0; any_stays && round < ROUNDS_MAX; round++)
		any_stays = decide_round(sweep, round % 2 == 0);
	if (any_stays)
		keep_the_rest(slice);
}

/* --- telling ------------------------------------------------------------------- */

/* Each item has the outcome of its event. */
static void settle(struct slice *slice)
{
	for (size_t i = slice->count; i-- > 0;) {
		struct slice_item *item = &slice->items[i];
		if (!is_open(item))
			continue;
		if (item->target->is_changed) {
			item->outcome = OUTCOME_UNDONE;
			if (item->conflicts)
				slice_explain(slice, item->conflicts, &item->warnings);
			continue;
		}
		for (size_t j = i + 1; j < slice->count; j++) {
			if (slice->items[j].target != item->target)
				continue;
			item->outcome = slice->items[j].outcome;
			item->issues = slice->items[j].issues;
			item->conflicts = slice->items[j].conflicts;
			item->change = slice->items[j].change;
			break;
		}
	}
}

/* --- writing ------------------------------------------------------------------- */

/* What an undo has to write, by event id. */
struct putting_back {
	struct undo_write *deletes, *restores;
	struct event_write *longer;     /* series that get occurrences back */
	struct undo_write *longer_as;
	size_t longer_count;
	size_t delete_count, restore_count;
	struct undo_moment *rederived;  /* of restored ones: other zone data than then */
	size_t rederived_count;
	struct undo_write *kept;        /* of those series: whose states go to the history */
	size_t kept_count;
	const struct event **left;      /* as stored: their busy rows go … */
	size_t left_count;
	const struct event **moved;     /* … and these come back, which stood as … */
	const struct event **moved_from;
	size_t moved_count;
	int64_t *ended;                 /* series that go away */
	size_t ended_count;
	int64_t *cleared;               /* their resources are written anew, or are gone */
	size_t cleared_count;
	int64_t *renamed;               /* they get another client_id */
	size_t renamed_count;
	bool frees_client_ids;
	bool places_changed;
};

static void delete_event(struct putting_back *back, const struct target *target)
{
	back->deletes[back->delete_count++] =
		(struct undo_write){ .event_id = target->stored.id, .row_version = target->stored.row_version };
	back->left[back->left_count++] = &target->stored;
	back->cleared[back->cleared_count++] = target->stored.id;
	if (event_recurs(&target->stored))
		back->ended[back->ended_count++] = target->stored.id;
}

static void restore_event(struct putting_back *back, const struct target *target)
{
	uint32_t different = event_difference(&target->stored, &target->current);
	if (target->as_version) {
		back->longer_as[back->longer_count] =
			(struct undo_write){ .event_id = target->stored.id, .row_version = target->as_version };
		back->longer[back->longer_count++] = (struct event_write){ .event = &target->current, .payload_hash = event_payload_hash(&target->current) };
	}
	*(target->as_version ? &back->kept[back->kept_count++] : &back->restores[back->restore_count++]) = (struct undo_write){
		target->stored.id, target->stored.row_version, target->image->epoch, target->image->ordinal };
	if (target->is_rederived)
		back->rederived[back->rederived_count++] = (struct undo_moment){ target->stored.id, target->current.starts_at };
	if (different & FIELD_CLIENT_ID)
		back->renamed[back->renamed_count++] = target->stored.id;
	back->frees_client_ids |= target->image->client_taken_by != 0;
	if (!target->is_moving)
		return;
	back->left[back->left_count++] = &target->stored;
	back->moved_from[back->moved_count] = &target->stored;
	back->moved[back->moved_count++] = &target->current;
	back->cleared[back->cleared_count++] = target->stored.id;
	back->places_changed |= (different & (FIELD_RESOURCES | FIELD_ASSIGNEES)) != 0;
}

static int by_event_id(const void *left, const void *right)
{
	const struct undo_write *a = left, *b = right;
	return (a->event_id > b->event_id) - (a->event_id < b->event_id);
}

static int by_moment(const void *left, const void *right)
{
	const struct undo_moment *a = left, *b = right;
	return (a->event_id > b->event_id) - (a->event_id < b->event_id);
}

static void collect(const struct slice *slice, struct putting_back *back)
{
	struct arena *arena = slice->ctx->arena;
	size_t room = slice->target_count + slice->displaced_count + 1;
	*back = (struct putting_back){
		.deletes = arena_array(arena, room, sizeof(*back->deletes)),
		.restores = arena_array(arena, room, sizeof(*back->restores)),
		.longer = arena_array(arena, room, sizeof(*back->longer)),
		.longer_as = arena_array(arena, room, sizeof(*back->longer_as)),
		.kept = arena_array(arena, room, sizeof(*back->kept)),
		.rederived = arena_array(arena, room, sizeof(*back->rederived)),
		.left = arena_array(arena, room, sizeof(const struct event *)),
		.moved = arena_array(arena, room, sizeof(const struct event *)),
		.moved_from = arena_array(arena, room, sizeof(const struct event *)),
		.ended = arena_array(arena, room, sizeof(int64_t)),
		.cleared = arena_array(arena, room, sizeof(int64_t)),
		.renamed = arena_array(arena, room, sizeof(int64_t)),
	};
	for (size_t i = 0; i < slice->target_count; i++) {
		const struct target *target = &slice->targets[i];
		if (target->is_changed && target->image)
			restore_event(back, target);
		else if (target->is_changed)
			delete_event(back, target);
	}
	for (size_t i = 0; i < slice->displaced_count; i++)
		if (slice->displaced[i].is_changed)
			restore_event(back, &slice->displaced[i]);
	if (slice->displaced_count && back->restore_count > 1)
		qsort(back->restores, back->restore_count, sizeof(*back->restores), by_event_id);
	if (slice->displaced_count && back->rederived_count > 1)
		qsort(back->rederived, back->rederived_count, sizeof(*back->rederived), by_moment);
}

/* What an undo replaces is nobody's before-image: it goes to the history at once. */
static bool keep_states(struct slice *slice, const struct putting_back *back, bool *same_out)
{
	size_t count = 0, from = 0;
	struct event_undo *list = arena_array(slice->ctx->arena, back->restore_count + back->kept_count, sizeof(*list));
	/* Both are in the order of their ids. */
	for (size_t i = 0; i < back->restore_count || from < back->kept_count;) {
		bool is_kept = i == back->restore_count ||
			       (from < back->kept_count && back->kept[from].event_id < back->restores[i].event_id);
		const struct undo_write *next = is_kept ? &back->kept[from++] : &back->restores[i++];
		list[count++] = (struct event_undo){ .event_id = next->event_id, .row_version = next->row_version };
	}
	return events_keep_state(slice->ctx, slice->job_id, list, count, same_out);
}

static bool put_events_back(struct slice *slice, const struct putting_back *back)
{
	struct ctx *ctx = slice->ctx;
	bool same = true;
	if (back->delete_count && !undo_delete_events(ctx, slice->job_id, back->deletes, back->delete_count, &same))
		return false;
	if (same && back->frees_client_ids && !undo_free_client_ids(ctx, back->renamed, back->renamed_count))
		return false;
	if (same && back->restore_count + back->kept_count && !keep_states(slice, back, &same))
		return false;
	if (same && back->restore_count &&
	    !undo_restore_events(ctx, slice->job_id, slice->undone_by, back->restores, back->restore_count, &same))
		return client_id_taken(ctx);
	if (same && back->rederived_count && !undo_set_moments(ctx, back->rederived, back->rederived_count))
		return false;
	if (same && back->longer_count &&
	    (!events_update(ctx, slice->undone_by, back->longer, back->longer_count) ||
	     !undo_set_versions(ctx, back->longer_as, back->longer_count)))
		return false;
	return same || changed_meanwhile(ctx);
}

static bool write_back(struct slice *slice)
{
	struct arena *arena = slice->ctx->arena;
	struct putting_back back;
	size_t were_count = 0, are_count = 0;
	collect(slice, &back);
	struct interval *were = all_intervals(arena, back.left, back.left_count, &were_count);
	struct interval *are = all_intervals(arena, back.moved, back.moved_count, &are_count);
	if (!occurrences_still_are(slice->ctx, back.left, back.left_count) || !put_events_back(slice, &back) ||
	    !busy_replace(slice->ctx, were, were_count, are, are_count) ||
	    !occurrences_clear(slice->ctx, back.ended, back.ended_count, true) ||
	    !occurrences_replace(slice->ctx, back.moved_from, back.moved, back.moved_count))
		return false;
	if (!back.delete_count && !back.places_changed)
		return true;
	return events_clear_resources(slice->ctx, back.cleared, back.cleared_count) &&
	       events_insert_resources(slice->ctx, back.moved, back.moved_count);
}

bool apply_undo(struct slice *slice)
{
	struct sweep sweep;
	bool any_restored = false;
	sweep_open(&sweep, slice);
	touch(&sweep);
	int64_t asked_ms = monotonic_ms();
	if (!calendars_lock(slice->ctx, sweep.calendars, sweep.calendar_count))
		return false;
	slice->waited_ms = monotonic_ms() - asked_ms;
	for (size_t i = 0; i < slice->target_count; i++)
		any_restored |= slice->targets[i].is_changed && slice->targets[i].image;
	any_restored |= slice->displaced_count > 0;
	/* Nothing that goes away needs a place. */
	if (any_restored) {
		if (!sweep_fetch(&sweep, true, true))
			return false;
		decide(&sweep);
	}
	if (!undo_explain_taken(slice))
		return false;
	settle(slice);
	undo_touch_next(slice);
	undo_settle_displaced(slice);
	return write_back(slice);
}
