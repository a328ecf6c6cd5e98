/* on_conflict replace: what is in the way makes room. */
#include <stdlib.h>

#include "schedule/apply.h"
#include "schedule/resolve.h"
#include "store/displaced.h"
#include "store/occurrences.h"

/* Who is in the way of an item. */
struct in_the_way {
	struct sweep *sweep;
	int64_t ids[REPLACE_MAX + 1]; /* latest first, each once; the last place is for one too many */
	bool must_go[REPLACE_MAX + 1]; /* by itself; else of several that share a calendar some may stay */
	size_t count;
	bool is_exclusive;
	int64_t item;                /* one of the batch, -1 - ordinal; 0 = none */
};

static bool note(void *user, const struct interval *other)
{
	struct in_the_way *way = user;
	size_t at = 0;
	if (other->owner <= 0) {
		way->item = other->owner;
		return !way->is_exclusive;
	}
	while (at < way->count && way->ids[at] > other->owner)
		at++;
	if (at < way->count && way->ids[at] == other->owner) {
		way->must_go[at] |= way->is_exclusive;
		return true;
	}
	if (way->count > REPLACE_MAX)
		return !way->is_exclusive;
	/* Of many that share a calendar the latest ones are enough. */
	if (!way->is_exclusive && way->count >= REPLACE_MAX)
		return true;
	memmove(&way->ids[at + 1], &way->ids[at], (way->count - at) * sizeof(*way->ids));
	memmove(&way->must_go[at + 1], &way->must_go[at], (way->count - at) * sizeof(*way->must_go));
	way->ids[at] = other->owner;
	way->must_go[at] = way->is_exclusive;
	way->count++;
	return true;
}

/* Calendars that take one at a time first: there all have to go. */
static void look_around(struct sweep *sweep, const struct event *event, int64_t owner, struct in_the_way *way)
{
	size_t count;
	const struct interval *list = sweep_intervals(sweep, event, owner, &count);
	*way = (struct in_the_way){ .sweep = sweep };
	for (int pass = 0; pass < 2; pass++) {
		way->is_exclusive = pass == 0;
		for (size_t i = 0; i < count; i++) {
			const struct calendar_rule *rule = sweep_rule(sweep, &list[i]);
			bool is_exclusive = list[i].kind == CALENDAR_CONTENT || rule->capacity <= 1;
			if (is_exclusive == way->is_exclusive)
				timeline_visit(sweep->timeline, &list[i], rule, sweep->slice->conflict_window_s, owner, note, way);
		}
	}
}

/* --- may it be? -------------------------------------------------------------------- */

static bool refuse(const struct sweep *sweep, struct slice_item *item, enum code code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static bool refuse(const struct sweep *sweep, struct slice_item *item, enum code code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	const char *message = arena_vprintf(sweep->slice->ctx->arena, format, ap);
	va_end(ap);
	issue_add(&item->issues, code, "", NULL, "%s", message);
	return resolve_fail(sweep, item);
}

/* Why this event may not be replaced; CODE_NONE = it may. */
static enum code judge(const struct sweep *sweep, const struct slice_item *item, int64_t id, const char **why_out)
{
	const struct slice *slice = sweep->slice;
	const struct target *target = slice_displaced(slice, id);
	struct arena *arena = slice->ctx->arena;
	/* A series may give up dates to several. */
	bool gives_again = target && target->lost && resolve_takes_dates(sweep, item, target);
	bool has_given = target && target->has_lost && !resolve_takes_dates(sweep, item, target);
	if (slice_target(slice, id) || (target && (target->is_of_batch || has_given || (target->taken_by && !gives_again)))) {
		*why_out = arena_printf(arena, "Event %lld is this batch's own work", (long long)id);
		return CODE_NOT_REPLACEABLE;
	}
	if (!target || (target->stored.held_by && target->stored.held_by != -slice->job_id)) {
		*why_out = arena_printf(arena, "Event %lld is held by another batch until that has ended", (long long)id);
		return CODE_NOT_REPLACEABLE;
	}
	if (target->stored.status != EVENT_DRAFT && target->stored.status != EVENT_SCHEDULED) {
		*why_out = arena_printf(arena, "Event %lld is %s", (long long)id, event_status_name(target->stored.status));
		return CODE_NOT_REPLACEABLE;
	}
	if (!permitted_for(slice_resolver(slice, item), PERMIT_RESOLVE_CONFLICTS, target->stored.schedule_type,
			   target->stored.created_by)) {
		*why_out = arena_printf(arena, "You may not replace event %lld, which is of type “%s”", (long long)id,
					target->stored.schedule_type);
		return CODE_NOT_PERMITTED;
	}
	return CODE_NONE;
}

/* A restriction, or the series itself, is no event that could go. */
static bool is_all_events(const struct conflicts *conflicts)
{
	for (size_t i = 0; i < conflicts->listed; i++)
		if (conflicts->list[i].code == CODE_SELF_OVERLAP || conflicts->list[i].owner == 0)
			return false;
	return true;
}

/* --- making room --------------------------------------------------------------------- */

static bool want_events(struct sweep *sweep, const struct in_the_way *way)
{
	bool any = false;
	for (size_t i = 0; i < way->count; i++) {
		if (slice_displaced(sweep->slice, way->ids[i]) || slice_target(sweep->slice, way->ids[i]) || is_last_look(sweep))
			continue;
		keys_add(&sweep->wanted, way->ids[i]);
		any = true;
	}
	return any;
}

static void displace(struct sweep *sweep, struct slice_item *item, const struct event *event, int64_t owner, int64_t id,
		     int64_t *list)
{
	struct target *target = slice_displaced(sweep->slice, id);
	if (resolve_take_dates(sweep, item, event, owner, target))
		return;
	if (!target->taken_by)
		target->taken_by = item;
	resolve_release_rest(sweep, target);
	list[item->resolved.replaced_count++] = id;
	issue_add(&item->warnings, CODE_REPLACED, "", NULL, "Event %lld was replaced", (long long)id);
}

/* Of those that share a calendar: the least important first, then the latest. */
static int64_t next_to_go(const struct sweep *sweep, const struct slice_item *item, const struct in_the_way *way)
{
	const struct target *best = NULL;
	const char *why;
	for (size_t i = 0; i < way->count; i++) {
		const struct target *target = slice_displaced(sweep->slice, way->ids[i]);
		if (way->must_go[i] || judge(sweep, item, way->ids[i], &why) != CODE_NONE)
			continue;
		if (!best || target->stored.priority < best->stored.priority)
			best = target;
	}
	return best ? best->stored.id : 0;
}

static bool make_room(struct sweep *sweep, struct slice_item *item, const struct event *event, int64_t owner,
		      const struct in_the_way *way)
{
	struct room *room = room_of(sweep, item);
	int64_t *list = arena_array(sweep->slice->ctx->arena, REPLACE_MAX + 1, sizeof(*list));
	item->resolved = (struct resolved){ .action = ON_CONFLICT_REPLACE, .replaced = list };
	for (size_t i = 0; i < way->count; i++)
		if (way->must_go[i])
			displace(sweep, item, event, owner, way->ids[i], list);
	while (sweep_probe(sweep, event, owner, 0)) {
		int64_t id = next_to_go(sweep, item, way);
		if (!id) {
			/* What has been released can't be taken back: all over
			 * again, without this. */
			room->is_in_vain = room->wants = true;
			return false;
		}
		displace(sweep, item, event, owner, id, list);
	}
	return true;
}

bool resolve_replace(struct sweep *sweep, struct slice_item *item, const struct event *event, int64_t owner)
{
	struct room *room = room_of(sweep, item);
	struct in_the_way way;
	const char *why = "";
	bool shares = false;
	if (!is_all_events(item->conflicts))
		return refuse(sweep, item, CODE_NOT_REPLACEABLE, "Not everything in the way is an event");
	look_around(sweep, event, owner, &way);
	if (way.count > REPLACE_MAX)
		return refuse(sweep, item, CODE_NOT_REPLACEABLE, "More than %d events are in the way", REPLACE_MAX);
	if (want_events(sweep, &way)) {
		room->wants = true;
		return false;
	}
	for (size_t i = 0; i < way.count; i++) {
		enum code code = way.must_go[i] ? judge(sweep, item, way.ids[i], &why) : CODE_NONE;
		if (code != CODE_NONE)
			return refuse(sweep, item, code, "%s", why);
		shares |= !way.must_go[i];
	}
	if (way.item && !shares)
		return refuse(sweep, item, CODE_NOT_REPLACEABLE, "Item %lld is this batch's own work", (long long)(-1 - way.item));
	if (shares && (room->is_in_vain || is_last_look(sweep)))
		return refuse(sweep, item, CODE_NOT_REPLACEABLE, "Not enough of what is in the way may be replaced");
	return make_room(sweep, item, event, owner, &way);
}

/* --- loading ------------------------------------------------------------------------------ */

static int by_id(const void *left, const void *right)
{
	const struct target *a = left, *b = right;
	return (a->stored.id > b->stored.id) - (a->stored.id < b->stored.id);
}

bool resolve_load_displaced(struct sweep *sweep)
{
	struct slice *slice = sweep->slice;
	struct displaced_event *found;
	size_t count;
	keys_sort(&sweep->wanted);
	if (!sweep->wanted.count)
		return true;
	if (!displaced_load(slice->ctx, slice->job_id, sweep->wanted.ids, sweep->wanted.count, sweep->lock_reads, slice->is_unpublished, &found, &count))
		return false;
	struct event **events = arena_array(slice->ctx->arena, count + 1, sizeof(struct event *));
	for (size_t i = 0; i < count; i++)
		events[i] = &found[i].event;
	if (!slice_load_occurrences(slice, events, count))
		return false;
	struct target *all = arena_array(slice->ctx->arena, slice->displaced_count + count + 1, sizeof(*all));
	if (slice->displaced_count)
		memcpy(all, slice->displaced, slice->displaced_count * sizeof(*all));
	for (size_t i = 0; i < count; i++)
		all[slice->displaced_count++] =
			(struct target){ .stored = found[i].event, .current = found[i].event, .is_of_batch = found[i].is_of_batch, .has_lost = found[i].has_lost };
	qsort(all, slice->displaced_count, sizeof(*all), by_id);
	slice->displaced = all;
	sweep->wanted.count = 0;
	return true;
}
