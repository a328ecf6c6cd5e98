/* Step three, with the calendars locked: which items may be. */
#include "base/clock.h"
#include "schedule/apply.h"
#include "schedule/compliance.h"
#include "schedule/following.h"
#include "schedule/resolve.h"

#include <stdlib.h>

/* Each round can only take moves back; this many settle all but contrived
 * chains, after which the rest stay where they are. */
#define ROUNDS_MAX 8
#define KINDS_MAX 4 /* of conflicts, restrictions aside */

static const char *item_pointer(const struct slice *slice, const struct conflict *conflict)
{
	const struct resource_ref *resource =
		conflict->code == CODE_COMPLIANCE ? reference_resource(&slice->refs, conflict->calendar_id) : NULL;
	const char *field = conflict->code == CODE_ASSIGNEE_OVERLAP || (resource && resource->rule.is_person) ? "assignees"
			    : conflict->code == CODE_RESOURCE_OVERLAP || resource			      ? "resources"
			    : conflict->code == CODE_SELF_OVERLAP					      ? "duration_s"
													      : "starts_at";
	return slice_pointer(slice, field);
}

void slice_explain(const struct slice *slice, const struct conflicts *conflicts, struct issues *issues)
{
	enum code told[KINDS_MAX] = { CODE_NONE };
	size_t told_count = 0;
	for (size_t i = 0; i < conflicts->listed && told_count < KINDS_MAX; i++) {
		const struct conflict *conflict = &conflicts->list[i];
		if (conflict->violation) { /* all are named; why is said later (rulings.c) */
			issue_add(issues, conflict->code, item_pointer(slice, conflict), NULL, "Restriction %lld forbids it",
				  (long long)conflict->violation->restriction->id);
			continue;
		}
		bool again = false;
		for (size_t t = 0; t < told_count; t++)
			again |= told[t] == conflict->code;
		if (again)
			continue;
		told[told_count++] = conflict->code;
		if (conflict->code == CODE_SELF_OVERLAP) {
			char when[TIME_TEXT_SIZE];
			time_format_utc(conflict->start_utc, when);
			issue_add(issues, conflict->code, item_pointer(slice, conflict), NULL,
				  "The occurrence of %s begins before the one before it has ended", when);
			continue;
		}
		const char *other = conflict->owner > 0
					    ? arena_printf(slice->ctx->arena, "event %lld", (long long)conflict->owner)
					    : arena_printf(slice->ctx->arena, "item %lld of this batch", (long long)(-1 - conflict->owner));
		issue_add(issues, conflict->code, item_pointer(slice, conflict), NULL, "%s: %s",
			  code_info(conflict->code)->title, other);
	}
}

static void decide_create(struct sweep *sweep, struct slice_item *item)
{
	int64_t owner = -1 - item->ordinal;
	item->conflicts = sweep_probe(sweep, &item->event, owner, 0);
	if (item->conflicts && !resolve(sweep, item, &item->event, owner))
		return;
	sweep_accept(sweep, &item->event, owner);
	item->outcome = OUTCOME_SUCCEEDED;
}

void slice_proposal(const struct slice *slice, struct slice_item *item, struct event *proposed)
{
	struct issues ignored = { .arena = slice->ctx->arena };
	bool carries_on = false;
	if (item->target && slice_divides(item) && slice_propose_next(slice, item, proposed, &carries_on, &ignored) && carries_on)
		return;
	if (!item->target || !slice_propose(slice, item, proposed, &ignored))
		*proposed = item->target ? item->target->current : item->event;
}

/* An event that changes twice leaves where the first change put it. */
static bool find_place(struct sweep *sweep, struct slice_item *item, struct event *proposed)
{
	struct target *target = item->target;
	int64_t id = target->stored.id;
	if (target->is_changed)
		sweep_release(sweep, &target->current, id);
	else if (!target->is_moving)
		sweep_release_stored(sweep, id);
	if (resolve_is_known(sweep, item)) {
		item->conflicts = sweep_probe(sweep, proposed, id, 0);
		if (!item->conflicts || resolve(sweep, item, proposed, id)) {
			sweep_accept(sweep, proposed, id);
			return true;
		}
	}
	if (target->is_changed || !target->is_moving)
		sweep_accept(sweep, &target->current, id);
	return false;
}

static void change(struct slice_item *item, const struct event *proposed)
{
	struct target *target = item->target;
	if (!target->is_changed)
		target->first_ordinal = item->ordinal;
	target->is_changed = true;
	target->current = *proposed;
	target->current.row_version = target->stored.row_version + 1;
	item->outcome = OUTCOME_SUCCEEDED;
}

static void decide_update(struct sweep *sweep, struct slice_item *item)
{
	struct target *target = item->target;
	struct event proposed;

	if (item->expected_version && item->expected_version != target->current.row_version) {
		issue_add(&item->issues, CODE_STALE_VERSION, "/expected_version", NULL, "Event %lld is at version %lld, not %lld",
			  (long long)target->stored.id, (long long)target->current.row_version,
			  (long long)item->expected_version);
		item->outcome = OUTCOME_FAILED;
		return;
	}
	if (!slice_propose(sweep->slice, item, &proposed, &item->issues)) {
		item->outcome = OUTCOME_FAILED;
		return;
	}
	item->event_id = target->stored.id;
	if (slice_divides(item)) {
		if (following_find_places(sweep, item, &proposed))
			change(item, &proposed);
		return;
	}
	if (!event_difference(&target->current, &proposed)) {
		item->outcome = OUTCOME_UNCHANGED;
		return;
	}
	/* An event that was kept beside another can still get a new title. */
	if (event_moves(&target->current, &proposed)) {
		if (!find_place(sweep, item, &proposed))
			return;
	} else if (compliance_concerns(event_difference(&target->current, &proposed))) { /* another type or tag */
		item->conflicts = sweep_probe_restrictions(sweep, &proposed);
		if (item->conflicts) {
			resolve_in_place(sweep, item);
			return;
		}
	}
	if (item->resolved.action == ON_CONFLICT_SHIFT)
		target->shifted_s += item->resolved.to_utc - item->resolved.from_utc;
	change(item, &proposed);
}

void decide_touch(struct sweep *sweep)
{
	struct slice *slice = sweep->slice;
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		struct issues ignored = { .arena = slice->ctx->arena };
		struct event proposed, next;
		bool carries_on;
		if (item->outcome != OUTCOME_PENDING || item->twin)
			continue;
		if (!item->target) {
			sweep_touch(sweep, &item->event);
			continue;
		}
		sweep_touch_content(sweep, item->target->stored.content_id);
		sweep_touch(sweep, &item->target->stored);
		if (slice_divides(item) && slice_propose_next(slice, item, &next, &carries_on, &ignored) && carries_on)
			sweep_touch(sweep, &next);
		if (!slice_propose(slice, item, &proposed, &ignored))
			continue;
		sweep_touch(sweep, &proposed);
		item->target->is_moving |= event_moves(&item->target->stored, &proposed);
		item->target->may_move = item->target->is_moving;
		/* Several items may change one event: the days of all steps count. */
		item->target->current = proposed;
	}
	for (size_t i = 0; i < slice->target_count; i++)
		slice->targets[i].current = slice->targets[i].stored;
	resolve_begin(sweep);
}

/* Who decides first.  Of a stored event it is what it has: items that change
 * one event stay in their order, even if they change this. */
static int32_t priority_of(const struct slice_item *item)
{
	return item->target ? item->target->stored.priority : item->event.priority;
}

static int by_priority(const void *left, const void *right)
{
	const struct slice_item *a = *(struct slice_item *const *)left, *b = *(struct slice_item *const *)right;
	int32_t x = priority_of(a), y = priority_of(b);
	if (x != y)
		return x > y ? -1 : 1;
	return (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

/* By priority, highest first, then in input order. */
static struct slice_item **in_order(const struct slice *slice)
{
	struct slice_item **order = arena_array(slice->ctx->arena, slice->count + 1, sizeof(struct slice_item *));
	bool is_sorted = true;
	for (size_t i = 0; i < slice->count; i++) {
		order[i] = &slice->items[i];
		is_sorted &= i == 0 || by_priority(&order[i - 1], &order[i]) <= 0;
	}
	if (!is_sorted)
		qsort(order, slice->count, sizeof(struct slice_item *), by_priority);
	return order;
}

/* One pass over what is pending. */
static void decide_round(struct sweep *sweep, struct slice_item *const *order)
{
	const struct slice *slice = sweep->slice;
	sweep_begin_round(sweep);
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = order[i];
		if (item->outcome != OUTCOME_PENDING || item->twin)
			continue;
		if (item->target)
			decide_update(sweep, item);
		else
			decide_create(sweep, item);
	}
}

/* Events that were thought to move away but stay are in the way after all.
 * True when there were any: what was decided without them is open again. */
static bool take_back(struct sweep *sweep, bool all)
{
	struct slice *slice = sweep->slice;
	bool any = false;
	for (size_t i = 0; i < slice->target_count; i++) {
		struct target *target = &slice->targets[i];
		if (target->is_moving && (all || !target->is_changed)) {
			target->is_moving = false;
			any |= !target->is_changed;
		}
	}
	if (!any)
		return false;
	for (size_t i = 0; i < slice->target_count; i++) {
		slice->targets[i].current = slice->targets[i].stored;
		slice->targets[i].shifted_s = 0;
		slice->targets[i].is_changed = false;
	}
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		if (!item->was_worked || !item->target || item->twin ||
		    (item->outcome != OUTCOME_SUCCEEDED && item->outcome != OUTCOME_UNCHANGED))
			continue;
		resolve_reopen(sweep, item);
	}
	return true;
}

static void settle_twins(struct slice *slice)
{
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		if (!item->twin)
			continue;
		item->outcome = item->twin->outcome == OUTCOME_SUCCEEDED ? OUTCOME_UNCHANGED : item->twin->outcome;
		item->issues = item->twin->issues;
		item->conflicts = item->twin->conflicts;
	}
}

/* Events of one chunk move together: their old places are free.  Those that
 * then can't move take their places back, and what was decided on their absence
 * is decided again. */
static void decide_in_rounds(struct sweep *sweep, struct slice_item *const *order)
{
	int round = 0;
	do
		decide_round(sweep, order);
	while (take_back(sweep, ++round >= ROUNDS_MAX));
}

bool decide_all(struct sweep *sweep)
{
	struct slice_item **order = in_order(sweep->slice);
	decide_in_rounds(sweep, order);
	while (resolve_wants_more(sweep)) {
		if (!resolve_look(sweep))
			return false;
		decide_in_rounds(sweep, order);
	}
	settle_twins(sweep->slice);
	return true;
}
