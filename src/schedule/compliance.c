/* Restrictions of a slice: read, checked. */
#include "schedule/compliance.h"

#include "store/restrictions.h"

/* Whoever may decide conflicts may do without the check, for his types. */
bool sweep_is_exempt(const struct slice *slice, const struct event *event)
{
	int64_t owner = event->created_by ? event->created_by : slice->actor->user_id;
	return slice->skip_compliance && permitted_for(slice->actor, PERMIT_RESOLVE_CONFLICTS, event->schedule_type, owner);
}

/* What may be moved is needed later, too, by calendars that are touched. */
static void add_further(const struct sweep *sweep, struct restriction_range *list, size_t count)
{
	for (size_t i = 0; i < sweep->further_count; i++) {
		const struct interval *interval = &sweep->further[i].interval;
		int64_t end = interval->end_utc + sweep->further[i].ahead_s + 1;
		size_t low = 0, high = count;
		while (low < high) {
			size_t middle = low + (high - low) / 2;
			if (list[middle].resource_id < interval->calendar_id)
				low = middle + 1;
			else
				high = middle;
		}
		if (interval->kind == CALENDAR_RESOURCE && low < count && end > list[low].to_utc)
			list[low].to_utc = end;
	}
}

/* From when to when each resource is needed; touched intervals are sorted by
 * calendar. */
static struct restriction_range *ranges_of(const struct sweep *sweep, size_t *count_out)
{
	struct restriction_range *list = arena_array(sweep->slice->ctx->arena, sweep->calendar_count + 1, sizeof(*list));
	size_t count = 0;
	for (size_t i = 0; i < sweep->touched_count; i++) {
		const struct interval *interval = &sweep->touched[i];
		int64_t end = interval->end_utc > interval->start_utc ? interval->end_utc : interval->start_utc + 1;
		if (interval->kind != CALENDAR_RESOURCE)
			continue;
		struct restriction_range *range = count ? &list[count - 1] : NULL;
		if (!range || range->resource_id != interval->calendar_id) {
			list[count++] = (struct restriction_range){ interval->calendar_id, interval->start_utc, end };
			continue;
		}
		if (interval->start_utc < range->from_utc)
			range->from_utc = interval->start_utc;
		if (end > range->to_utc)
			range->to_utc = end;
	}
	add_further(sweep, list, count);
	*count_out = count;
	return list;
}

bool sweep_load_restrictions(struct sweep *sweep, bool lock_reads, int64_t restricted_until)
{
	struct slice *slice = sweep->slice;
	/* What may be shifted is asked where it may go. */
	bool may_shift = slice->resolution.on_conflict == ON_CONFLICT_SHIFT || slice->resolution.on_conflict == ON_CONFLICT_ASK;
	int64_t reach_s = may_shift ? slice->resolution.shift_limit_s : 0;
	size_t count, kept = 0;
	sweep->restrictions.count = 0;
	if (!slice->check_compliance || !restricted_until)
		return true;
	struct restriction_range *ranges = ranges_of(sweep, &count);
	for (size_t i = 0; i < count; i++) {
		ranges[i].to_utc += reach_s;
		if (ranges[i].from_utc < restricted_until)
			ranges[kept++] = ranges[i];
	}
	return !kept || restrictions_fetch(slice->ctx, ranges, kept, lock_reads, &sweep->restrictions);
}

void sweep_check_restrictions(const struct sweep *sweep, const struct event *event, struct conflicts *conflicts)
{
	const struct slice *slice = sweep->slice;
	struct violation *list;
	if (!sweep->restrictions.count || sweep_is_exempt(slice, event))
		return;
	size_t count = compliance_check(&sweep->restrictions, event, slice->ctx->arena, &list);
	for (size_t i = 0; i < count && list[i].restriction->is_hard; i++) {
		const struct restriction *restriction = list[i].restriction;
		conflicts->count += list[i].count;
		conflicts->hard_count += list[i].count;
		if (i && conflicts->listed >= slice->conflict_details)
			continue;
		conflicts->list[conflicts->listed++] = (struct conflict){
			.code = CODE_COMPLIANCE,
			.hard = true,
			.calendar_id = restriction->resource_id,
			.start_utc = restriction->from_utc,
			.end_utc = restriction->to_utc,
			.violation = &list[i],
		};
	}
}

struct conflicts *sweep_probe_restrictions(const struct sweep *sweep, const struct event *event)
{
	struct conflicts found = { .count = 0 };
	sweep_check_restrictions(sweep, event, &found);
	if (!found.count)
		return NULL;
	struct conflicts *kept = arena_alloc(sweep->slice->ctx->arena, sizeof(*kept));
	*kept = found;
	return kept;
}

int64_t sweep_allowed_from(const struct sweep *sweep, const struct event *event, int64_t start_utc)
{
	if (!sweep->restrictions.count || sweep_is_exempt(sweep->slice, event))
		return start_utc;
	return compliance_allowed_from(&sweep->restrictions, event, sweep->slice->ctx->arena, start_utc);
}

bool sweep_forbids(const struct sweep *sweep, const struct event *event, int64_t start_utc, int64_t end_utc)
{
	return sweep->restrictions.count && !sweep_is_exempt(sweep->slice, event) &&
	       compliance_forbids(&sweep->restrictions, event, sweep->slice->ctx->arena, start_utc, end_utc);
}

int64_t sweep_forbids_for(const struct sweep *sweep, const struct event *event)
{
	struct violation *list;
	int64_t longest_s = 0;
	if (!sweep->restrictions.count || sweep_is_exempt(sweep->slice, event))
		return 0;
	size_t count = compliance_check(&sweep->restrictions, event, sweep->slice->ctx->arena, &list);
	for (size_t i = 0; i < count && list[i].restriction->is_hard; i++) {
		int64_t rest_s = list[i].restriction->to_utc - list[i].start_utc;
		longest_s = rest_s > longest_s ? rest_s : longest_s;
	}
	return longest_s;
}

const struct ruling *item_ruling(const struct slice_item *item, int64_t restriction_id)
{
	for (size_t i = 0; i < item->ruling_count; i++)
		if (item->rulings[i].violation->restriction->id == restriction_id)
			return &item->rulings[i];
	return NULL;
}
