/* Evaluation: every reason, nothing written, no locks. */
#include "schedule/compliance.h"

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

static bool has_issue(const struct slice_item *item, enum code code)
{
	for (size_t i = 0; i < item->issues.count; i++)
		if (item->issues.list[i].code == code)
			return true;
	return false;
}

static enum verdict verdict_of(const struct slice *slice, const struct slice_item *item)
{
	if (!has_place(item))
		return VERDICT_INVALID;
	if (has_issue(item, CODE_NOT_PERMITTED) && !slice->conflicts_only)
		return VERDICT_NOT_PERMITTED;
	return item->conflicts || has_issue(item, CODE_DUPLICATE) ? VERDICT_CONFLICT : VERDICT_READY;
}

bool slice_check(struct slice *slice)
{
	struct sweep sweep;
	sweep_open(&sweep, slice);
	for (size_t i = 0; i < slice->count; i++)
		if (slice->items[i].outcome == OUTCOME_PENDING && has_place(&slice->items[i]))
			sweep_touch(&sweep, &slice->items[i].event);
	sweep_close(&sweep);
	if (!sweep_fetch(&sweep, false, true))
		return false;
	sweep_begin_round(&sweep);
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		if (item->outcome != OUTCOME_PENDING)
			continue;
		if (has_place(item))
			item->conflicts = sweep_probe(&sweep, &item->event, owner_of(item), item->event_id);
		item->verdict = verdict_of(slice, item);
		if (item->conflicts)
			slice_explain(slice, item->conflicts, &item->issues);
		item->outcome = OUTCOME_SUCCEEDED;
	}
	return sweep_tell_restrictions(&sweep);
}
