/* A series divided: what ends, what carries on, and room for both. */
#include "schedule/following.h"

#include "rules/series.h"
#include "schedule/resolve.h"

bool slice_divides(const struct slice_item *item)
{
	return item->scope == EDIT_FOLLOWING && item->target && !event_begins_with(&item->target->current, item->occurrence);
}

int64_t slice_successor(const struct slice_item *item)
{
	return item->next ? item->next->id : item->event_id;
}

/* --- the part that ends ------------------------------------------------------- */

/* It keeps the occurrences that it has, so that it takes nobody's place. */
static void keep_earlier(const struct slice *slice, const struct event *current, int64_t occurrence, struct event *ended)
{
	struct occurrence *kept = arena_array(slice->ctx->arena, current->occurrence_count + 1, sizeof(*kept));
	size_t count = 0;
	for (size_t i = 0; i < current->occurrence_count; i++)
		if (current->occurrences[i].local_start < occurrence)
			kept[count++] = current->occurrences[i];
	ended->occurrences = kept;
	ended->occurrence_count = count;
}

bool slice_propose_ended(const struct slice *slice, struct slice_item *item, struct event *ended, struct issues *issues)
{
	const struct event *current = &item->target->current;
	struct event before, after;
	if (!event_divide(current, item->occurrence, &before, &after, issues))
		return false;
	before.given = FIELD_RECURRENCE | FIELD_EXDATES | FIELD_RDATES | FIELD_OVERRIDES;
	before.base = "/values";
	before.normalise = false;
	*ended = *current;
	if (!event_apply(ended, &before, issues))
		return false;
	enum code code = series_expand(ended, slice->now_utc, current->expanded_through, slice->ctx->arena);
	if (code != CODE_NONE) {
		issue_add(issues, code, "/occurrence", NULL, "The part before it: %s", code_info(code)->title);
		return false;
	}
	if (event_recurs(ended))
		keep_earlier(slice, current, item->occurrence, ended);
	return true;
}

/* --- the one that carries on ----------------------------------------------------- */

static bool settle_status(const struct event *current, const struct event *values, struct event *next, struct issues *issues)
{
	bool is_given = (values->given & FIELD_STATUS) != 0;
	if (!is_given && current->status != EVENT_CANCELLED) {
		/* What the program has made of the series is not the new one's. */
		next->status = current->status == EVENT_DRAFT ? EVENT_DRAFT : EVENT_SCHEDULED;
		return true;
	}
	if (next->status == EVENT_DRAFT || next->status == EVENT_SCHEDULED)
		return true;
	issue_add(issues, CODE_INVALID_VALUE, "/values/status", "Use draft or scheduled, or cancelled, with which nothing carries on",
		  "An event can't begin as %s", event_status_name(next->status));
	return false;
}

bool slice_propose_next(const struct slice *slice, struct slice_item *item, struct event *next, bool *carries_on, struct issues *issues)
{
	const struct event *current = &item->target->current;
	struct event values = item->event, before;
	*carries_on = !(values.given & FIELD_STATUS) || values.status != EVENT_CANCELLED;
	if (!event_divide(current, item->occurrence, &before, next, issues))
		return false;
	if (!*carries_on)
		return true;
	slice_add_shift(item, next, &values);
	if (!(values.given & (FIELD_DURATION_S | FIELD_ENDS_AT))) { /* so that the series is held to what it has become */
		values.given |= FIELD_DURATION_S;
		values.duration_s = next->duration_s;
	}
	next->created_by = slice->actor->user_id;
	next->superseded_by = next->held_by = next->until_at = next->expanded_through = 0;
	next->row_version = 1;
	next->lends_client = false;
	next->occurrences = NULL;
	next->occurrence_count = 0;
	return event_apply(next, &values, issues) && settle_status(current, &values, next, issues) &&
	       slice_expand_proposed(slice, item, next, issues);
}

/* --- room for both ------------------------------------------------------------------ */

/* May the one that carries on have its places? */
static bool place_next(struct sweep *sweep, struct slice_item *item, struct event *next)
{
	int64_t owner = -1 - item->ordinal;
	if (!resolve_is_known(sweep, item))
		return false;
	item->conflicts = sweep_probe(sweep, next, owner, 0);
	if (item->conflicts && !resolve(sweep, item, next, owner))
		return false;
	sweep_accept(sweep, next, owner);
	item->next = next;
	return true;
}

bool following_find_places(struct sweep *sweep, struct slice_item *item, const struct event *ended)
{
	struct target *target = item->target;
	struct event *next = arena_alloc(sweep->slice->ctx->arena, sizeof(*next));
	int64_t id = target->stored.id;
	bool carries_on, holds = target->is_changed || !target->is_moving;
	if (!slice_propose_next(sweep->slice, item, next, &carries_on, &item->issues)) {
		item->outcome = OUTCOME_FAILED;
		return false;
	}
	if (target->is_changed)
		sweep_release(sweep, &target->current, id);
	else if (!target->is_moving)
		sweep_release_stored(sweep, id);
	sweep_accept(sweep, ended, id);
	if (!carries_on || place_next(sweep, item, next))
		return true;
	sweep_release(sweep, ended, id);
	if (holds)
		sweep_accept(sweep, &target->current, id);
	return false;
}
