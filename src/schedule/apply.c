/* Step three: lock, probe, decide, write, in the caller's transaction. */
#include "base/clock.h"
#include "schedule/apply.h"
#include "schedule/compliance.h"
#include "schedule/versions.h"
#include "store/calendar_notes.h"

bool slice_is_good(const struct slice *slice)
{
	for (size_t i = 0; i < slice->count; i++)
		if (slice->items[i].outcome == OUTCOME_FAILED || slice->items[i].outcome == OUTCOME_CONFLICT)
			return false;
	return true;
}

void slice_withdraw(struct slice *slice)
{
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		if (!item->was_worked || item->outcome == OUTCOME_FAILED || item->outcome == OUTCOME_CONFLICT)
			continue;
		item->outcome = OUTCOME_PENDING;
		item->verdict = VERDICT_NONE;
		/* By it, items that are checked later name the event of this one. */
		if (!slice->is_check || !slice->is_linked || slice->kind != SLICE_UPDATE)
			item->event_id = 0;
		/* Tried again, it no longer has the errors of the first time. */
		item->was_worked = slice->retrying != 0;
	}
}

/* Leaves out calendars (by place): nothing is fetched of them, nothing collides
 * there but what is accepted. */
static void leave_out(struct sweep *sweep, const bool *out)
{
	size_t key = 0, touched = 0, kept = 0;
	/* Touched intervals and calendars are in the same order. */
	for (size_t i = 0; i < sweep->touched_count; i++) {
		const struct interval *interval = &sweep->touched[i];
		while (sweep->calendars[key].kind != interval->kind || sweep->calendars[key].id != interval->calendar_id)
			key++;
		if (!out[key])
			sweep->touched[touched++] = *interval;
	}
	for (size_t i = 0; i < sweep->calendar_count; i++)
		if (!out[i])
			sweep->calendars[kept++] = sweep->calendars[i];
	sweep->touched_count = touched;
	sweep->calendar_count = kept;
	sweep->day_count = 0;
	sweep_collect_days(sweep);
}

/* Locks what is touched; of a batch that was made from an evaluation only what
 * moved since is looked at again.  A series may reach further by now. */
static bool lock(struct sweep *sweep)
{
	struct slice *slice = sweep->slice;
	bool *unmoved = arena_array(slice->ctx->arena, sweep->calendar_count + 1, sizeof(*unmoved)), has_series = false;
	int64_t bumps;
	if (!calendars_lock_counted(slice->ctx, sweep->calendars, sweep->calendar_count, &bumps))
		return false;
	if (!slice->rests_on_notes)
		return true;
	if (!calendars_unmoved(slice->ctx, slice->job_id, sweep->calendars, sweep->calendar_count, bumps, unmoved))
		return false;
	for (size_t i = 0; i < slice->count; i++)
		has_series |= slice->items[i].event.recurrence != NULL;
	if (!has_series)
		leave_out(sweep, unmoved);
	return true;
}

bool slice_apply(struct slice *slice)
{
	struct sweep sweep;
	if (slice->kind == SLICE_UNDO)
		return apply_undo(slice);
	if (slice->kind == SLICE_ACTIVATE)
		return apply_activation(slice);
	sweep_open(&sweep, slice);
	decide_touch(&sweep);
	sweep_close(&sweep);
	if (!slice_look_for_newer(slice))
		return false;
	/* The order is the promise (data-model.md, "No double booking"): lock
	 * first, then look.  A dry run promises nothing and locks nothing. */
	int64_t asked_ms = monotonic_ms();
	if (!slice->dry_run && !lock(&sweep))
		return false;
	slice->waited_ms = monotonic_ms() - asked_ms;
	if (!sweep_fetch(&sweep, !slice->dry_run, true))
		return false;
	if (!decide_all(&sweep) || !sweep_tell_restrictions(&sweep) || !slice_warn_older(slice))
		return false;
	if (slice->all_or_nothing && !slice_is_good(slice)) {
		slice_withdraw(slice);
		return true;
	}
	if (slice->dry_run)
		return write_plan(slice);
	return (slice->kind != SLICE_UPDATE || write_updates(slice)) && write_creates(slice) && write_displaced(slice) &&
	       write_resolutions(slice);
}
