/* on_conflict replace by occurrence: a series gives up the dates that are in the way. */
#include "base/clock.h"
#include "rules/series.h"
#include "rules/sorted.h"
#include "schedule/apply.h"
#include "schedule/resolve.h"

#include <stdlib.h>

#define DATES_TOLD_MAX 5

bool resolve_takes_dates(const struct sweep *sweep, const struct slice_item *item, const struct target *target)
{
	return slice_conflict_scope(sweep->slice, item) == SCOPE_OCCURRENCE && event_recurs(&target->stored);
}

/* The occurrences of one series that an event meets. */
struct meeting {
	int64_t id;
	int64_t *dates;
	size_t count, room;
};

static bool note(void *user, const struct interval *other)
{
	struct meeting *meeting = user;
	bool again = meeting->count && meeting->dates[meeting->count - 1] == other->local_start;
	if (other->owner == meeting->id && !again && meeting->count < meeting->room)
		meeting->dates[meeting->count++] = other->local_start;
	return true;
}

static void meet(struct sweep *sweep, const struct event *event, int64_t owner, const struct target *target,
		 struct meeting *meeting)
{
	size_t count;
	const struct interval *list = sweep_intervals(sweep, event, owner, &count);
	/* Each calendar may name each of them. */
	size_t room = target->stored.occurrence_count * (count < 200 ? count + 1 : 200) + 1;
	*meeting = (struct meeting){
		.id = target->stored.id, .dates = arena_array(sweep->slice->ctx->arena, room, sizeof(int64_t)), .room = room };
	for (size_t i = 0; i < count; i++)
		timeline_visit(sweep->timeline, &list[i], sweep_rule(sweep, &list[i]), sweep->slice->conflict_window_s, owner, note,
			       meeting);
	meeting->count = sort_unique(meeting->dates, meeting->count, sizeof(int64_t), by_number);
}

/* "2 occurrences of event 5 were replaced: …" */
static void tell(struct slice_item *item, const struct meeting *meeting)
{
	struct str text = STR_INIT;
	char when[TIME_TEXT_SIZE];
	for (size_t i = 0; i < meeting->count && i < DATES_TOLD_MAX; i++) {
		time_format_local(meeting->dates[i], when);
		str_addf(&text, "%s%s", i ? ", " : "", when);
	}
	issue_add(&item->warnings, CODE_REPLACED, "", NULL, "%zu occurrence%s of event %lld %s replaced: %s%s", meeting->count,
		  meeting->count > 1 ? "s" : "", (long long)meeting->id, meeting->count > 1 ? "were" : "was", str_text(&text),
		  meeting->count > DATES_TOLD_MAX ? " …" : "");
	str_free(&text);
}

static void add_lost(const struct sweep *sweep, struct target *target, const struct meeting *meeting)
{
	int64_t *all = arena_array(sweep->slice->ctx->arena, target->lost_count + meeting->count + 1, sizeof(*all));
	if (target->lost_count)
		memcpy(all, target->lost, target->lost_count * sizeof(*all));
	memcpy(&all[target->lost_count], meeting->dates, meeting->count * sizeof(*all));
	target->lost = all;
	target->lost_count = sort_unique(all, target->lost_count + meeting->count, sizeof(*all), by_number);
}

bool resolve_take_dates(struct sweep *sweep, struct slice_item *item, const struct event *event, int64_t owner,
			struct target *target)
{
	struct meeting meeting;
	struct resolved *resolved = &item->resolved;
	const struct event *stored = &target->stored;
	if (!resolve_takes_dates(sweep, item, target))
		return false;
	meet(sweep, event, owner, target, &meeting);
	bool is_all = !stored->expanded_through && target->lost_count + meeting.count >= stored->occurrence_count;
	if (!meeting.count || is_all || stored->exdate_count + target->lost_count + meeting.count > EVENT_DATES_MAX)
		return false;
	for (size_t i = 0; i < meeting.count; i++)
		sweep_release_occurrence(sweep, stored->id, meeting.dates[i]);
	add_lost(sweep, target, &meeting);
	if (!target->taken_by)
		target->taken_by = item;
	if (!resolved->taken)
		resolved->taken = arena_array(sweep->slice->ctx->arena, REPLACE_MAX + 1, sizeof(*resolved->taken));
	resolved->taken[resolved->taken_count++] = (struct taken){ stored->id, meeting.dates, meeting.count };
	tell(item, &meeting);
	return true;
}

static bool has_lost(const struct target *target, int64_t date)
{
	return sorted_has(target->lost, target->lost_count, date);
}

void resolve_release_rest(struct sweep *sweep, struct target *target)
{
	if (!target->lost)
		sweep_release_stored(sweep, target->stored.id);
	for (size_t i = 0; target->lost && i < target->stored.occurrence_count; i++)
		if (!has_lost(target, target->stored.occurrences[i].local_start))
			sweep_release_occurrence(sweep, target->stored.id, target->stored.occurrences[i].local_start);
	target->lost = NULL;
	target->lost_count = 0;
}

bool slice_give_up(const struct slice *slice, const struct target *target, struct event *shorter)
{
	const struct event *stored = &target->stored;
	struct arena *arena = slice->ctx->arena;
	int64_t *dates = arena_array(arena, stored->exdate_count + target->lost_count + 1, sizeof(*dates));
	struct occurrence *kept = arena_array(arena, stored->occurrence_count + 1, sizeof(*kept));
	size_t count = 0;
	*shorter = *stored;
	if (stored->exdate_count)
		memcpy(dates, stored->exdates, stored->exdate_count * sizeof(*dates));
	memcpy(&dates[stored->exdate_count], target->lost, target->lost_count * sizeof(*dates));
	shorter->exdates = dates;
	shorter->exdate_count = sort_unique(dates, stored->exdate_count + target->lost_count, sizeof(*dates), by_number);
	if (series_expand(shorter, slice->now_utc, stored->expanded_through, arena) != CODE_NONE)
		return false;
	/* It keeps what it has: that takes nobody's place. */
	for (size_t i = 0; i < stored->occurrence_count; i++)
		if (!has_lost(target, stored->occurrences[i].local_start))
			kept[count++] = stored->occurrences[i];
	shorter->occurrences = kept;
	shorter->occurrence_count = count;
	shorter->row_version = stored->row_version + 1;
	return true;
}
