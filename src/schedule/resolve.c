/* Conflicts resolved: which way, and how often it takes a further look. */
#include "schedule/apply.h"
#include "schedule/resolve.h"

void resolve_begin(struct sweep *sweep)
{
	const struct slice *slice = sweep->slice;
	sweep->wanted.arena = slice->ctx->arena;
	sweep->rooms = arena_array(slice->ctx->arena, slice->count + 1, sizeof(*sweep->rooms));
	for (size_t i = 0; i < slice->count; i++) {
		const struct slice_item *item = &slice->items[i];
		sweep->rooms[i] = (struct room){
			.is_open = item->outcome == OUTCOME_PENDING && !item->twin,
			.ahead_s = -1,
			.wants_ahead_s = -1,
			.issue_count = item->issues.count,
			.warning_count = item->warnings.count,
		};
	}
}

bool resolve_fail(const struct sweep *sweep, struct slice_item *item)
{
	slice_explain(sweep->slice, item->conflicts, &item->issues);
	/* What a person is asked about, or has decided in vain, waits. */
	bool is_asked = sweep->slice->resolution.on_conflict == ON_CONFLICT_ASK || item->decision;
	item->outcome = is_asked ? OUTCOME_CONFLICT : OUTCOME_FAILED;
	return false;
}

static bool keep_both(const struct sweep *sweep, struct slice_item *item)
{
	if (item->conflicts->hard_count)
		return resolve_fail(sweep, item);
	slice_explain(sweep->slice, item->conflicts, &item->warnings);
	item->resolved.action = ON_CONFLICT_KEEP_BOTH;
	return true;
}

void resolve_remember(const struct sweep *sweep, struct slice_item *item)
{
	struct event *asked;
	if (item->target || room_of(sweep, item)->asked)
		return; /* an update's event is proposed anew */
	asked = arena_alloc(sweep->slice->ctx->arena, sizeof(*asked));
	*asked = item->event;
	room_of(sweep, item)->asked = asked;
}

bool resolve_is_own_fault(const struct conflicts *conflicts)
{
	return conflicts->listed && conflicts->list[0].code == CODE_SELF_OVERLAP;
}

static bool skip(const struct sweep *sweep, struct slice_item *item)
{
	slice_explain(sweep->slice, item->conflicts, &item->issues);
	item->outcome = OUTCOME_SKIPPED;
	return false;
}

bool resolve(struct sweep *sweep, struct slice_item *item, struct event *event, int64_t owner)
{
	enum on_conflict on_conflict = slice_on_conflict(sweep->slice, item);
	/* Nobody can make room for a series that stands in its own way. */
	if (resolve_is_own_fault(item->conflicts) && on_conflict != ON_CONFLICT_SKIP)
		return resolve_fail(sweep, item);
	switch (on_conflict) {
	case ON_CONFLICT_KEEP_BOTH:
		return keep_both(sweep, item);
	case ON_CONFLICT_SKIP:
		if (slice_conflict_scope(sweep->slice, item) == SCOPE_OCCURRENCE && event->occurrence_count > 1 &&
		    resolve_leave_out(sweep, item, event, owner))
			return true;
		return skip(sweep, item);
	case ON_CONFLICT_REPLACE:
		return resolve_replace(sweep, item, event, owner);
	case ON_CONFLICT_SHIFT:
		return resolve_shift(sweep, item, event, owner);
	case ON_CONFLICT_ASK:
	case ON_CONFLICT_FAIL:
	case ON_CONFLICT_COUNT:
		break;
	}
	return resolve_fail(sweep, item);
}

void resolve_in_place(const struct sweep *sweep, struct slice_item *item)
{
	if (slice_on_conflict(sweep->slice, item) == ON_CONFLICT_SKIP)
		(void)skip(sweep, item);
	else
		(void)resolve_fail(sweep, item);
}

bool resolve_is_known(struct sweep *sweep, struct slice_item *item)
{
	struct room *room = room_of(sweep, item);
	/* Only where an earlier item was moved does one change follow to where
	 * nobody has looked yet. */
	if (item->target->shifted_s <= room->ahead_s || !item->target->shifted_s)
		return true;
	sweep->wants_all = room->wants = true;
	return false;
}

/* --- further looks ----------------------------------------------------------------- */

static void keep(struct target *displaced)
{
	displaced->taken_by = NULL;
	displaced->lost = NULL;
	displaced->lost_count = 0;
}

void resolve_reopen(const struct sweep *sweep, struct slice_item *item)
{
	struct room *room = room_of(sweep, item);
	for (size_t i = 0; i < item->resolved.replaced_count; i++)
		keep(slice_displaced(sweep->slice, item->resolved.replaced[i]));
	for (size_t i = 0; i < item->resolved.taken_count; i++)
		keep(slice_displaced(sweep->slice, item->resolved.taken[i].event_id));
	item->outcome = OUTCOME_PENDING;
	item->event_id = 0;
	item->conflicts = NULL;
	item->next = NULL;
	item->resolved = (struct resolved){ 0 };
	item->issues.count = room->issue_count;
	item->warnings.count = room->warning_count;
	if (room->asked)
		item->event = *room->asked;
	room->asked = NULL;
}

bool resolve_wants_more(const struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->slice->count; i++)
		if (sweep->rooms[i].wants)
			return true;
	return false;
}

/* One item's move may make the next one collide, and so on: the second time
 * all of them look as far as they may go. */
static void look_for_all(struct sweep *sweep)
{
	const struct slice *slice = sweep->slice;
	struct issues ignored = { .arena = slice->ctx->arena };
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		struct room *room = &sweep->rooms[i];
		struct event proposed = item->event, next;
		bool carries_on;
		if (!room->is_open || slice_on_conflict(slice, item) != ON_CONFLICT_SHIFT)
			continue;
		bool divides = item->target && slice_divides(item);
		if (divides && (!slice_propose_next(slice, item, &next, &carries_on, &ignored) || !carries_on))
			continue;
		if (item->target && !slice_propose(slice, item, &proposed, &ignored))
			continue;
		sweep_touch_further(sweep, divides ? &next : &proposed, slice->resolution.shift_limit_s + SHIFT_MARGIN_S);
		room->wants_ahead_s = slice->resolution.shift_limit_s;
		/* Several items may change one event. */
		if (item->target)
			item->target->current = proposed;
	}
	sweep->wants_all = false;
}

static void forget(struct sweep *sweep)
{
	struct slice *slice = sweep->slice;
	for (size_t i = 0; i < slice->target_count; i++) {
		struct target *target = &slice->targets[i];
		target->current = target->stored;
		target->shifted_s = 0;
		target->is_changed = false;
		target->is_moving = target->may_move;
	}
	for (size_t i = 0; i < slice->displaced_count; i++)
		keep(&slice->displaced[i]);
	for (size_t i = 0; i < slice->count; i++)
		if (sweep->rooms[i].is_open)
			resolve_reopen(sweep, &slice->items[i]);
}

bool resolve_look(struct sweep *sweep)
{
	bool further = false;
	sweep->looks++;
	forget(sweep);
	if (sweep->wants_all)
		look_for_all(sweep);
	for (size_t i = 0; i < sweep->slice->count; i++) {
		struct room *room = &sweep->rooms[i];
		further |= room->wants_ahead_s > room->ahead_s;
		room->ahead_s = room->wants_ahead_s > room->ahead_s ? room->wants_ahead_s : room->ahead_s;
		room->wants = false;
	}
	forget(sweep);
	return (!further || sweep_look_further(sweep)) && resolve_load_displaced(sweep);
}
