/* Shadows: written, folded into their events, withdrawn. */
#include "schedule/hold.h"

#include "schedule/apply.h"
#include "rules/series.h"
#include "store/items.h"
#include "store/occurrences.h"
#include "store/shadows.h"

static struct interval *intervals_of(struct ctx *ctx, const struct event *events, size_t count, size_t *found_out)
{
	const struct event **list = arena_array(ctx->arena, count + 1, sizeof(const struct event *));
	for (size_t i = 0; i < count; i++)
		list[i] = &events[i];
	return all_intervals(ctx->arena, list, count, found_out);
}

/* The occurrences of those that recur, from their own rows or from those of
 * their changed copies. */
static bool load_occurrences(struct ctx *ctx, struct event *events, size_t count, bool of_shadows)
{
	struct event **list = arena_array(ctx->arena, count + 1, sizeof(struct event *));
	for (size_t i = 0; i < count; i++)
		list[i] = &events[i];
	return occurrences_load(ctx, list, count, of_shadows);
}

/* The ids of those that recur, negative for changed copies. */
static size_t ids_of_series(const struct event *events, size_t count, int64_t sign, int64_t *ids)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++)
		if (event_recurs(&events[i]))
			ids[found++] = sign * events[i].id;
	return found;
}

static bool clear_occurrences(struct ctx *ctx, const struct event *events, size_t count, int64_t sign)
{
	int64_t *ids = arena_array(ctx->arena, count + 1, sizeof(*ids));
	return occurrences_clear(ctx, ids, ids_of_series(events, count, sign, ids), true);
}

/* --- writing ------------------------------------------------------------------- */

/* Changed events that are stored as they were, and those of which this batch
 * holds a shadow already. */
struct held {
	struct event_undo *fresh, *again;
	int64_t *fresh_ids, *again_ids;
	int64_t *client_ids;             /* of the latter, those with a client_id that may not be the stored one */
	struct event *shadows;           /* of the latter, as they were */
	size_t fresh_count, again_count, client_count;
	struct shadow_write *writes;
	struct event *moved;             /* those with places of their own */
	size_t count, moved_count;
};

static void collect(const struct slice *slice, const struct held_change *list, size_t count, struct held *held)
{
	struct arena *arena = slice->ctx->arena;
	size_t room = count + 1;
	*held = (struct held){
		.fresh = arena_array(arena, room, sizeof(*held->fresh)),
		.again = arena_array(arena, room, sizeof(*held->again)),
		.fresh_ids = arena_array(arena, room, sizeof(*held->fresh_ids)),
		.again_ids = arena_array(arena, room, sizeof(*held->again_ids)),
		.client_ids = arena_array(arena, room, sizeof(*held->client_ids)),
		.shadows = arena_array(arena, room, sizeof(*held->shadows)),
		.writes = arena_array(arena, room, sizeof(*held->writes)),
		.moved = arena_array(arena, room, sizeof(*held->moved)),
	};
	for (size_t i = 0; i < count; i++) {
		const struct event *stored = list[i].stored, *current = list[i].current;
		struct event_undo undo = { stored->id, list[i].ordinal, stored->row_version };
		uint32_t different = event_difference(stored, current);
		bool is_again = stored->held_by == -slice->job_id;
		if (is_again) {
			held->shadows[held->again_count] = *stored;
			held->again_ids[held->again_count] = stored->id;
			held->again[held->again_count++] = undo;
			if (current->client_id && (different & FIELD_CLIENT_ID || !stored->lends_client))
				held->client_ids[held->client_count++] = stored->id;
		} else {
			held->fresh_ids[held->fresh_count] = stored->id;
			held->fresh[held->fresh_count++] = undo;
		}
		/* What the shadow was before may have had places already. */
		bool moves = is_again || event_moves(stored, current);
		held->writes[held->count++] = (struct shadow_write){
			{ current, 0, event_payload_hash(current), 0, NULL },
			moves,
			!is_again && current->client_id && different & FIELD_CLIENT_ID,
		};
		if (moves)
			held->moved[held->moved_count++] = *current;
	}
}

/* The shadow that is there is written anew. */
static bool rewrite(struct slice *slice, const struct held *held)
{
	struct ctx *ctx = slice->ctx;
	bool same = false;
	size_t found = 0;
	if (!held->again_count)
		return true;
	if (!shadows_save_undo(ctx, slice->job_id, slice->epoch, held->again, held->again_count, &same))
		return false;
	struct interval *list = intervals_of(ctx, held->shadows, held->again_count, &found);
	return (same || changed_meanwhile(ctx)) && busy_clear_shadows(ctx, list, found) &&
	       clear_occurrences(ctx, held->shadows, held->again_count, -1) &&
	       shadows_delete(ctx, slice->job_id, held->again_ids, held->again_count);
}

static bool hold(struct slice *slice, const struct held *held)
{
	struct ctx *ctx = slice->ctx;
	bool same = false;
	if (!held->fresh_count)
		return true;
	if (!events_save_undo(ctx, slice->job_id, slice->epoch, held->fresh, held->fresh_count, &same))
		return false;
	if (same && !events_hold(ctx, slice->job_id, held->fresh_ids, held->fresh_count, &same))
		return false;
	return same || changed_meanwhile(ctx);
}

static bool write_shadow_places(struct ctx *ctx, struct event *moved, size_t count)
{
	const struct event **list = arena_array(ctx->arena, count + 1, sizeof(const struct event *));
	size_t found = 0;
	struct interval *intervals = intervals_of(ctx, moved, count, &found);
	if (!busy_insert_shadows(ctx, intervals, found))
		return false;
	for (size_t i = 0; i < count; i++) {
		moved[i].id = -moved[i].id; /* event_resources of shadows */
		list[i] = &moved[i];
	}
	return events_insert_resources(ctx, list, count) && occurrences_insert(ctx, list, count);
}

bool write_shadows(struct slice *slice)
{
	struct held_change *list = arena_array(slice->ctx->arena, slice->target_count + 1, sizeof(*list));
	size_t count = 0;
	for (size_t i = 0; i < slice->target_count; i++) {
		const struct target *target = &slice->targets[i];
		if (target->is_changed)
			list[count++] = (struct held_change){ &target->stored, &target->current, target->first_ordinal };
	}
	return hold_changes(slice, list, count);
}

bool hold_changes(struct slice *slice, const struct held_change *list, size_t count)
{
	struct ctx *ctx = slice->ctx;
	struct held held;
	collect(slice, list, count, &held);
	if (!held.count)
		return true;
	if (!hold(slice, &held) || !rewrite(slice, &held))
		return false;
	if (!shadows_insert(ctx, slice->job_id, slice->actor->user_id, held.writes, held.count) ||
	    !shadows_take_clients(ctx, slice->job_id, held.client_ids, held.client_count))
		return client_id_taken(ctx);
	return write_shadow_places(ctx, held.moved, held.moved_count);
}

/* --- folding --------------------------------------------------------------------- */

/* What a range of a batch's items holds. */
struct range {
	int64_t *ids;
	struct shadow *shadows;
	size_t id_count, shadow_count;
	int64_t *held_ids, *moved_ids;
	struct event *moved;             /* shadows with places of their own */
	size_t moved_count;
};

static bool load_range(struct ctx *ctx, const struct job *job, int64_t first, int64_t last, struct range *range)
{
	*range = (struct range){ 0 };
	if (!undo_rows_events(ctx, job->id, first, last, &range->ids, &range->id_count) ||
	    !shadows_load(ctx, job->id, range->ids, range->id_count, &range->shadows, &range->shadow_count))
		return false;
	size_t room = range->shadow_count + 1;
	range->held_ids = arena_array(ctx->arena, room, sizeof(int64_t));
	range->moved_ids = arena_array(ctx->arena, room, sizeof(int64_t));
	range->moved = arena_array(ctx->arena, room, sizeof(*range->moved));
	for (size_t i = 0; i < range->shadow_count; i++) {
		range->held_ids[i] = range->shadows[i].event.id;
		if (!range->shadows[i].moves)
			continue;
		range->moved_ids[range->moved_count] = range->shadows[i].event.id;
		range->moved[range->moved_count++] = range->shadows[i].event;
	}
	return load_occurrences(ctx, range->moved, range->moved_count, true);
}

/* What was a series and is none any more has only old ones, and the other way
 * round; most were and are. */
static bool fold_occurrences(struct ctx *ctx, const struct event *stored, size_t stored_count, const struct range *range)
{
	int64_t *ids = arena_array(ctx->arena, stored_count + range->moved_count + 1, sizeof(*ids));
	size_t count = ids_of_series(stored, stored_count, 1, ids);
	count += ids_of_series(range->moved, range->moved_count, 1, ids + count);
	return occurrences_fold(ctx, ids, count);
}

/* Old places and new ones go, and the new ones come back as those of events. */
static bool fold_places(struct ctx *ctx, const struct job *job, const struct range *range)
{
	struct event *stored;
	size_t stored_count, old_count = 0, new_count = 0;
	if (!range->moved_count)
		return true;
	if (!events_load_held(ctx, job->id, range->moved_ids, range->moved_count, &stored, &stored_count) ||
	    !load_occurrences(ctx, stored, stored_count, false))
		return false;
	struct interval *old = intervals_of(ctx, stored, stored_count, &old_count);
	struct interval *new = intervals_of(ctx, range->moved, range->moved_count, &new_count);
	return busy_clear(ctx, old, old_count) && busy_clear_shadows(ctx, new, new_count) && busy_insert(ctx, new, new_count) &&
	       fold_occurrences(ctx, stored, stored_count, range);
}

bool hold_fold(struct ctx *ctx, const struct job *job, int64_t first, int64_t last)
{
	struct range range;
	/* A series that is divided makes an event, and what is made may replace others. */
	return events_show_made(ctx, job->id, first, last) && load_range(ctx, job, first, last, &range) && fold_places(ctx, job, &range) &&
	       shadows_fold(ctx, job->id, range.held_ids, range.shadow_count, range.moved_ids, range.moved_count);
}

/* --- withdrawing ------------------------------------------------------------------- */

static bool withdraw_made(struct ctx *ctx, const struct job *job, int64_t first, int64_t last)
{
	struct event *made;
	size_t count, found = 0;
	if (!events_load_made(ctx, job->id, first, last, &made, &count))
		return false;
	int64_t *ids = arena_array(ctx->arena, count + 1, sizeof(*ids));
	if (!load_occurrences(ctx, made, count, false))
		return false;
	for (size_t i = 0; i < count; i++)
		ids[i] = made[i].id;
	struct interval *list = intervals_of(ctx, made, count, &found);
	return busy_clear(ctx, list, found) && clear_occurrences(ctx, made, count, 1) &&
	       events_delete_made(ctx, job->id, first, last, ids, count);
}

static bool withdraw_shadows(struct ctx *ctx, const struct job *job, int64_t first, int64_t last)
{
	struct range range;
	size_t found = 0;
	if (!load_range(ctx, job, first, last, &range))
		return false;
	struct interval *list = intervals_of(ctx, range.moved, range.moved_count, &found);
	return busy_clear_shadows(ctx, list, found) && clear_occurrences(ctx, range.moved, range.moved_count, -1) &&
	       shadows_delete(ctx, job->id, range.held_ids, range.shadow_count) &&
	       events_release(ctx, job->id, range.held_ids, range.shadow_count) && undo_rows_forget(ctx, job->id, first, last);
}

bool hold_withdraw(struct ctx *ctx, const struct job *job, int64_t first, int64_t last)
{
	return withdraw_made(ctx, job, first, last) && withdraw_shadows(ctx, job, first, last) &&
	       items_take_back(ctx, job->id, first, last, job->type == JOB_CREATE);
}
