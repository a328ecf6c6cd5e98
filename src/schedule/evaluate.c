/* Evaluation: every reason, nothing written, no locks. */
#include "schedule/compliance.h"
#include "schedule/resolve.h"
#include "schedule/versions.h"
#include "schedule/conditions.h"

static int64_t owner_of(const struct slice_item *item)
{
	return item->target ? item->target->stored.id : -1 - item->ordinal;
}

/* May the item's place be judged?  Its times and resources must be known; that
 * it may not be scheduled, or is there already, is no reason to keep quiet
 * about conflicts. */
static bool has_place(const struct slice_item *item)
{
	for (size_t i = 0; i < item->issues.count; i++)
		if (item->issues.list[i].code != CODE_NOT_PERMITTED && item->issues.list[i].code != CODE_DUPLICATE)
			return false;
	return true;
}

static enum verdict verdict_of(const struct slice *slice, const struct slice_item *item, int64_t now_utc)
{
	if (!has_place(item))
		return VERDICT_INVALID;
	if (issues_have(&item->issues, CODE_NOT_PERMITTED) && !slice->conflicts_only)
		return VERDICT_NOT_PERMITTED;
	if (item->conflicts || issues_have(&item->issues, CODE_DUPLICATE))
		return VERDICT_CONFLICT;
	if (item->conditions && !item->conditions->holds && !slice->conflicts_only)
		return VERDICT_BLOCKED;
	return slice->check_due && item->event.starts_at > now_utc ? VERDICT_NOT_DUE : VERDICT_READY;
}

/* Of those that have conditions: do these hold now? */
static bool judge_conditions(struct slice *slice, int64_t *now_out)
{
	struct condition_case *cases = arena_array(slice->ctx->arena, slice->count + 1, sizeof(*cases));
	size_t count = 0;
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		if (item->outcome != OUTCOME_PENDING || !item->event.conditions || !has_place(item))
			continue;
		item->conditions = &cases[count].result;
		cases[count++] = (struct condition_case){
			.event = &item->event,
			.actor = slice->actor,
			.owner_id = item->target ? item->target->stored.created_by : slice->actor->user_id,
			.version_no = item->event.version_no,
		};
	}
	return conditions_judge(slice->ctx, cases, count, slice->check_due ? now_out : NULL);
}

/* The verdicts rest on the first look; further ones have nothing to note. */
static bool propose_shifts(struct sweep *sweep)
{
	struct slice *slice = sweep->slice;
	const struct noted_calendars *noted_before = slice->noted_before;
	if (slice->resolution.on_conflict != ON_CONFLICT_SHIFT)
		return true;
	slice->noted_before = NULL;
	bool ok = resolve_propose_shifts(sweep);
	slice->noted_before = noted_before;
	return ok;
}

/* What the batch's own items occupy was compared when it began (batch/compare.c);
 * a stored event was not. */
static bool may_meet_others(const struct slice_item *item)
{
	return item->row->is_crowded || item->target;
}

bool slice_check(struct slice *slice)
{
	struct sweep sweep;
	int64_t now_utc = 0;
	sweep_open(&sweep, slice);
	for (size_t i = 0; i < slice->count; i++) {
		if (slice->items[i].outcome == OUTCOME_PENDING && has_place(&slice->items[i])) {
			sweep_touch(&sweep, &slice->items[i].event);
			if (may_meet_others(&slice->items[i]))
				sweep_touch_crowded(&sweep, &slice->items[i].event);
		}
	}
	sweep_close(&sweep);
	if (!sweep_fetch(&sweep, false, true) || (!slice->conflicts_only && !judge_conditions(slice, &now_utc)))
		return false;
	sweep_begin_round(&sweep);
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		if (item->outcome != OUTCOME_PENDING)
			continue;
		if (has_place(item))
			item->conflicts = sweep_probe(&sweep, &item->event, owner_of(item), item->event_id);
		item->verdict = verdict_of(slice, item, now_utc);
		if (item->conflicts)
			slice_explain(slice, item->conflicts, &item->issues);
		if (item->conditions && !item->conditions->holds)
			issue_add(&item->issues, CODE_CONDITIONS_NOT_MET, "/conditions", NULL, "Not so: %s", item->conditions->summary);
		if (item->target) /* of a query nobody else says which event this is */
			item->event_id = item->target->stored.id;
		item->outcome = OUTCOME_SUCCEEDED;
	}
	return propose_shifts(&sweep) && sweep_tell_restrictions(&sweep) && slice_warn_older(slice);
}
