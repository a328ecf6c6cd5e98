/* Step two, for what recurs: what proposals and stored events come to. */
#include "rules/series.h"
#include "schedule/apply.h"
#include "schedule/following.h"
#include "schedule/slice.h"
#include "store/occurrences.h"

static const char *why_not(enum code code)
{
	return code == CODE_UNKNOWN_TIMEZONE ? "The event's time zone is not known here" : code_info(code)->title;
}

bool slice_expand(const struct slice *slice, struct event *event, struct issues *issues)
{
	enum code code = series_expand(event, slice->now_utc, 0, slice->ctx->arena);
	const char *field = code == CODE_UNKNOWN_TIMEZONE ? "timezone" : "recurrence";
	if (code == CODE_NONE)
		return true;
	/* An evaluation goes on with what its reading has found too expensive. */
	if (!issues_have(issues, code))
		issue_add(issues, code, slice_pointer(slice, field), NULL, "%s", why_not(code));
	return false;
}

/* Several rounds ask for the same: expanding it once is enough. */
bool slice_expand_proposed(const struct slice *slice, struct slice_item *item, struct event *proposed, struct issues *issues)
{
	const struct event *known = item->expanded;
	if (!event_recurs(proposed)) {
		proposed->occurrences = NULL;
		proposed->occurrence_count = 0;
		proposed->until_at = proposed->expanded_through = 0;
		return true;
	}
	if (known && series_is_same(known, proposed)) {
		proposed->occurrences = known->occurrences;
		proposed->occurrence_count = known->occurrence_count;
		proposed->until_at = known->until_at;
		proposed->expanded_through = known->expanded_through;
		return true;
	}
	if (!slice_expand(slice, proposed, issues))
		return false;
	struct event *kept = arena_alloc(slice->ctx->arena, sizeof(*kept));
	*kept = *proposed;
	item->expanded = kept;
	return true;
}

void slice_add_shift(const struct slice_item *item, const struct event *event, struct event *values)
{
	if (!item->shift_s)
		return;
	values->given |= event->timezone ? FIELD_LOCAL_START : FIELD_STARTS_AT;
	values->starts_at = event->starts_at + item->shift_s;
	values->local_start = event->local_start + item->shift_s;
}

bool slice_propose(const struct slice *slice, struct slice_item *item, struct event *proposed, struct issues *issues)
{
	const struct event *current = &item->target->current;
	struct event values = item->event;
	*proposed = *current;
	if (slice_divides(item))
		return slice_propose_ended(slice, item, proposed, issues);
	if (item->scope == EDIT_THIS)
		return event_apply_occurrence(proposed, item->occurrence, &values, item->shift_s, issues) &&
		       (!event_moves(current, proposed) || slice_expand_proposed(slice, item, proposed, issues));
	if (item->scope == EDIT_FOLLOWING && !event_drop_before(proposed, item->occurrence, issues))
		return false;
	slice_add_shift(item, proposed, &values);
	/* What leaves the places alone leaves the occurrences alone. */
	return event_apply(proposed, &values, issues) &&
	       (!event_moves(current, proposed) || slice_expand_proposed(slice, item, proposed, issues));
}

/* --- all of a slice ---------------------------------------------------------- */

/* How many rows of busy each stored series has, by the target's place. */
static bool count_stored(const struct slice *slice, int64_t **counts_out)
{
	int64_t *ids = arena_array(slice->ctx->arena, slice->target_count + 1, sizeof(*ids));
	int64_t *counts;
	size_t found = 0, at = 0;
	*counts_out = arena_array(slice->ctx->arena, slice->target_count + 1, sizeof(**counts_out));
	for (size_t i = 0; i < slice->target_count; i++)
		if (event_recurs(&slice->targets[i].stored))
			ids[found++] = slice->targets[i].stored.id;
	if (!occurrences_count(slice->ctx, ids, found, &counts))
		return false;
	for (size_t i = 0; i < slice->target_count; i++) {
		const struct event *stored = &slice->targets[i].stored;
		if (event_recurs(stored))
			(*counts_out)[i] = counts[at++] * (int64_t)(1 + stored->resource_count + stored->assignee_count);
	}
	return true;
}

/* What is over before anybody looks is never due, so nobody would be told later. */
static void warn_of_past(const struct slice *slice, struct slice_item *item)
{
	const struct event *event = &item->event;
	if (event->until_at && event->until_at <= slice->now_utc && event->status == EVENT_SCHEDULED && !item->issues.count)
		issue_add(&item->warnings, CODE_STARTS_IN_PAST, "/recurrence", NULL,
			  "All of the series lies in the past: what its grace no longer covers will be missed");
}

/* Expands what an item proposes; how much it occupies, before and after. */
static int64_t expand_new(struct slice *slice, struct slice_item *item)
{
	struct arena_mark mark = arena_mark(slice->ctx->arena);
	if (event_recurs(&item->event) && !slice_expand(slice, &item->event, &item->issues)) {
		if (slice->kind != SLICE_EVALUATE)
			item->outcome = OUTCOME_FAILED;
		return 0;
	}
	warn_of_past(slice, item);
	int64_t count = (int64_t)event_interval_count(&item->event);
	/* Where there is no batch yet, all that counts is how many. */
	if (!slice->job_id && slice->count > 1 && event_recurs(&item->event)) {
		item->event.occurrences = NULL;
		item->event.occurrence_count = 0;
		arena_rewind(slice->ctx->arena, mark);
	}
	return count;
}

static int64_t expand_item(struct slice *slice, struct slice_item *item, const int64_t *stored_counts)
{
	struct issues ignored = { .arena = slice->ctx->arena };
	struct event proposed, next;
	bool carries_on = false;
	if (!item->target)
		return expand_new(slice, item);
	int64_t count = stored_counts[item->target - slice->targets];
	if (slice->kind == SLICE_UPDATE && slice_divides(item)) { /* the two of them, at most twice what it was */
		if (slice_propose_next(slice, item, &next, &carries_on, &ignored) && carries_on)
			count += (int64_t)event_interval_count(&next);
		return count + stored_counts[item->target - slice->targets];
	}
	if (slice->kind == SLICE_UPDATE && (event_recurs(&item->event) || event_recurs(&item->target->stored)) &&
	    slice_propose(slice, item, &proposed, &ignored))
		count += (int64_t)event_interval_count(&proposed);
	return count;
}

bool slice_load_occurrences(const struct slice *slice, struct event *const *events, size_t event_count)
{
	struct event **stored = arena_array(slice->ctx->arena, event_count + 1, sizeof(struct event *));
	struct event **held = arena_array(slice->ctx->arena, event_count + 1, sizeof(struct event *));
	size_t count = 0, held_count = 0;
	for (size_t i = 0; i < event_count; i++) {
		if (events[i]->held_by == -slice->job_id && slice->is_unpublished)
			held[held_count++] = events[i];
		else
			stored[count++] = events[i];
	}
	/* A changed copy that has no places of its own has its event's. */
	if (!occurrences_load(slice->ctx, stored, count, false) || !occurrences_load(slice->ctx, held, held_count, true))
		return false;
	count = 0;
	for (size_t i = 0; i < held_count; i++)
		if (!held[i]->occurrence_count)
			held[count++] = held[i];
	return occurrences_load(slice->ctx, held, count, false);
}

static bool load_stored(struct slice *slice)
{
	struct event **list = arena_array(slice->ctx->arena, slice->target_count + 1, sizeof(struct event *));
	for (size_t i = 0; i < slice->target_count; i++)
		list[i] = &slice->targets[i].stored;
	if (!slice_load_occurrences(slice, list, slice->target_count))
		return false;
	for (size_t i = 0; i < slice->target_count; i++) {
		slice->targets[i].current.occurrences = slice->targets[i].stored.occurrences;
		slice->targets[i].current.occurrence_count = slice->targets[i].stored.occurrence_count;
	}
	return true;
}

static int64_t intervals_max(const struct slice *slice)
{
	int64_t most = slice->resolution.on_conflict == ON_CONFLICT_SHIFT ? SLICE_SHIFTED_INTERVALS_MAX : SLICE_INTERVALS_MAX;
	return slice->all_or_nothing ? 6 * most : most;
}

bool slice_expand_all(struct slice *slice)
{
	int64_t *stored_counts, sum = 0;
	if (!slice->recurs)
		return true;
	if (!count_stored(slice, &stored_counts))
		return false;
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		if (item->outcome != OUTCOME_PENDING || item->twin)
			continue;
		sum += item->intervals = expand_item(slice, item, stored_counts);
		if (sum > intervals_max(slice) && i && slice->job_id) {
			slice->cut_at = item->ordinal;
			return true;
		}
	}
	if (!load_stored(slice))
		return false;
	for (size_t i = 0; slice->kind == SLICE_EVALUATE && i < slice->count; i++)
		if (slice->items[i].target)
			slice->items[i].event = slice->items[i].target->stored;
	return true;
}
