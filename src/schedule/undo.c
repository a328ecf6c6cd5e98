/* Undo, outside the transaction: what did the items do, and is it still so? */
#include "base/clock.h"
#include "rules/series.h"
#include "schedule/apply.h"
#include "store/occurrences.h"

const char *undo_who(struct arena *arena, const struct event_change *change)
{
	char at[TIME_TEXT_SIZE];
	if (!change)
		return "";
	time_format_utc(change->at_utc, at);
	return arena_printf(arena, "changed by %s at %s%s", change->user_name[0] ? change->user_name : "somebody", at,
			    change->job_id ? arena_printf(arena, " in batch %lld", (long long)change->job_id) : "");
}

void undo_refuse(struct slice_item *item, enum code code, const struct event_change *change, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	const char *message = arena_vprintf(item->issues.arena, format, ap);
	va_end(ap);
	item->outcome = OUTCOME_UNDO_CONFLICT;
	item->change = change;
	issue_add(&item->issues, code, "", NULL, "%s", message);
}

/* --- which image ------------------------------------------------------------ */

/* From what the event is now back over what the batch made of it, change by
 * change, as far as that goes; NULL = its state is not the batch's work. */
static const struct undo_image *earliest(const struct undo_event *event)
{
	const struct undo_image *image = NULL;
	int64_t version = event->version;
	for (size_t i = 0; i < event->image_count; i++) {
		if (event->images[i]->written_version != version)
			continue;
		image = event->images[i];
		version = image->before_version;
	}
	return image;
}

/* Changes of one batch to one event never overlap, so what lies between now
 * and the earliest image is on the way there. */
static bool is_on_the_way(const struct undo_event *event, const struct undo_image *image)
{
	const struct undo_image *last = earliest(event);
	return last && image->written_version <= event->version && image->before_version >= last->before_version;
}

/* The batch changed it again, in a chunk that has not been undone yet. */
static bool is_behind_own_work(const struct slice *slice, const struct undo_item *item)
{
	return item->event && item->image && item->event->is_there && item->event->version > item->image->before_version &&
	       !is_on_the_way(item->event, item->image) && item->event->change.job_id == slice->job_id;
}

static bool load_chains(struct slice *slice, const struct undo_chunk *chunk, bool *any_out)
{
	struct undo_event **events = arena_array(slice->ctx->arena, chunk->event_count + 1, sizeof(struct undo_event *));
	bool *wanted = arena_array(slice->ctx->arena, chunk->event_count + 1, sizeof(*wanted));
	size_t count = 0;
	memset(wanted, 0, (chunk->event_count + 1) * sizeof(*wanted));
	for (size_t i = 0; i < chunk->item_count; i++)
		if (is_behind_own_work(slice, &chunk->items[i]))
			wanted[chunk->items[i].event - chunk->events] = true;
	for (size_t i = 0; i < chunk->event_count; i++)
		if (wanted[i])
			events[count++] = &chunk->events[i];
	*any_out = count > 0;
	return !count || undo_load_chains(slice->ctx, slice->job_id, events, count);
}

/* --- what is to be done ------------------------------------------------------- */

static void refuse_changed(struct slice_item *item, const struct undo_event *event, int64_t written_version)
{
	undo_refuse(item, CODE_CHANGED_SINCE, &event->change, "Event %lld was %s: it is at version %lld, this batch made version %lld",
		    (long long)event->id, undo_who(item->issues.arena, &event->change), (long long)event->stored.row_version,
		    (long long)written_version);
}

static void judge_made(struct slice_item *item, const struct undo_event *event)
{
	if (!event->is_there)
		item->outcome = OUTCOME_UNDONE; /* somebody has taken it away already */
	else if (event->version != 1)
		refuse_changed(item, event, 1);
}

static void judge_changed(struct slice_item *item, const struct undo_event *event, const struct undo_image *image)
{
	if (!image)
		undo_refuse(item, CODE_UNDO_EXPIRED, NULL, "What event %lld was before has been deleted", (long long)event->id);
	else if (!event->is_there)
		undo_refuse(item, CODE_CHANGED_SINCE, NULL, "Event %lld has been deleted", (long long)event->id);
	else if (event->version <= image->before_version)
		item->outcome = OUTCOME_UNDONE; /* with a later item's change */
	else if (!is_on_the_way(event, image))
		refuse_changed(item, event, image->written_version);
}

static void take_item(struct slice *slice, const struct undo_item *loaded, bool with_images, struct slice_item *item)
{
	bool has_effect = loaded->event != NULL;
	*item = (struct slice_item){
		.ordinal = loaded->ordinal,
		.outcome = has_effect ? OUTCOME_PENDING : loaded->outcome,
		.verdict = loaded->verdict,
		.was_worked = has_effect,
		.event_id = loaded->event_id,
		.issues.arena = slice->ctx->arena,
		.warnings.arena = slice->ctx->arena,
	};
	if (has_effect && with_images)
		judge_changed(item, loaded->event, loaded->image);
	else if (has_effect)
		judge_made(item, loaded->event);
}

/* The zone data may have changed since; of a series each occurrence is derived anew. */
void undo_rederive(struct target *target)
{
	target->is_rederived = !event_recurs(&target->current) && event_rederive(&target->current);
}

/* One target for each event that something is to be done with; events are in
 * the order of their ids, and so are targets. */
static void take_targets(struct slice *slice, const struct undo_chunk *chunk, bool with_images)
{
	struct target **by_event = arena_array(slice->ctx->arena, chunk->event_count + 1, sizeof(struct target *));
	memset(by_event, 0, (chunk->event_count + 1) * sizeof(struct target *));
	for (size_t i = 0; i < slice->count; i++)
		if (slice->items[i].outcome == OUTCOME_PENDING && slice->items[i].was_worked)
			by_event[chunk->items[i].event - chunk->events] = slice->targets;
	for (size_t i = 0; i < chunk->event_count; i++) {
		struct undo_event *event = &chunk->events[i];
		if (!by_event[i])
			continue;
		by_event[i] = &slice->targets[slice->target_count++];
		*by_event[i] = (struct target){ .stored = event->stored, .image = with_images ? earliest(event) : NULL };
		if (!by_event[i]->image)
			continue;
		by_event[i]->current = by_event[i]->image->event;
		undo_rederive(by_event[i]);
		by_event[i]->is_moving = event_moves(&event->stored, &by_event[i]->current);
	}
	for (size_t i = 0; i < slice->count; i++)
		if (slice->items[i].outcome == OUTCOME_PENDING && slice->items[i].was_worked)
			slice->items[i].target = by_event[chunk->items[i].event - chunk->events];
}

/* --- what the old state needs --------------------------------------------------- */

static struct target *target_at(const struct slice *slice, size_t i)
{
	return i < slice->target_count ? &slice->targets[i] : &slice->displaced[i - slice->target_count];
}

static bool fetch_references(struct slice *slice)
{
	size_t room = slice->target_count + slice->displaced_count, count = 0;
	const struct event **events = arena_array(slice->ctx->arena, 2 * room + 1, sizeof(const struct event *));
	bool any_series = false;
	for (size_t i = 0; i < room; i++) {
		const struct target *target = target_at(slice, i);
		if (!target->is_moving)
			continue;
		any_series |= event_recurs(&target->current);
		events[count++] = &target->stored;
		events[count++] = &target->current;
	}
	if (!sweep_look_up(slice, events, count, any_series))
		return false;
	slice->now_utc = slice->refs.now_utc;
	return true;
}

/* What series have, and what they had: as far as it was known then. */
static bool load_series(struct slice *slice)
{
	size_t room = slice->target_count + slice->displaced_count, count = 0;
	struct event **stored = arena_array(slice->ctx->arena, room + 1, sizeof(struct event *));
	for (size_t i = 0; i < room; i++) {
		struct target *target = target_at(slice, i);
		if (!target->image || target->is_moving)
			stored[count++] = &target->stored;
		/* What can't be expanded any more (a zone that is gone) has no places. */
		if (target->image && target->is_moving)
			(void)series_expand(&target->current, slice->now_utc, target->current.expanded_through, slice->ctx->arena);
	}
	return occurrences_load(slice->ctx, stored, count, false);
}

static int64_t missing_of(const struct slice *slice, const int64_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!reference_resource(&slice->refs, ids[i]))
			return ids[i];
	return 0;
}

/* What the event was may name what has been deleted, or a client_id that
 * another event has by now. */
static void judge_image(const struct slice *slice, struct slice_item *item)
{
	const struct target *target = item->target;
	const struct event *before = &target->current;
	int64_t missing = target->is_moving ? missing_of(slice, before->resources, before->resource_count) : 0;
	int64_t gone = target->is_moving ? missing_of(slice, before->assignees, before->assignee_count) : 0;
	int64_t taker = target->image->client_taken_by;
	if (missing)
		undo_refuse(item, CODE_RESOURCE_NOT_FOUND, NULL, "The event had resource %lld, which does not exist any more",
			    (long long)missing);
	else if (gone)
		undo_refuse(item, CODE_ASSIGNEE_NOT_FOUND, NULL, "The event had person %lld, who does not exist any more",
			    (long long)gone);
	else if (taker && !slice_target(slice, taker))
		undo_refuse(item, CODE_DUPLICATE, NULL, "Event %lld has the client_id “%.100s” by now", (long long)taker,
			    before->client_id);
}

bool slice_load_undo(struct slice *slice, struct ctx *ctx, int64_t first, int64_t last, bool with_images)
{
	struct undo_chunk chunk;
	bool any_chains = false;
	slice->ctx = ctx;
	if (!undo_load(ctx, slice->job_id, first, last, with_images, &chunk) || !load_chains(slice, &chunk, &any_chains))
		return false;
	slice->count = chunk.item_count;
	slice->undone_by = chunk.undone_by;
	slice->items = arena_array(ctx->arena, chunk.item_count + 1, sizeof(*slice->items));
	slice->targets = arena_array(ctx->arena, chunk.event_count + 1, sizeof(*slice->targets));
	for (size_t i = 0; i < chunk.item_count; i++)
		take_item(slice, &chunk.items[i], with_images, &slice->items[i]);
	take_targets(slice, &chunk, with_images);
	if ((chunk.has_made && !undo_take_next(slice, first, any_chains ? UNDO_ANYWHERE : last)) || !undo_take_displaced(slice, first, last) || !fetch_references(slice) || !load_series(slice))
		return false;
	for (size_t i = 0; i < slice->count; i++)
		if (slice->items[i].target && slice->items[i].target->image)
			judge_image(slice, &slice->items[i]);
	return true;
}
