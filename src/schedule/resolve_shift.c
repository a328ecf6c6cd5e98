/* on_conflict shift: the earliest free start. */
#include "base/clock.h"
#include "rules/series.h"
#include "schedule/compliance.h"
#include "schedule/resolve.h"

/* Most find a place within a day: so far the first look goes. */
#define NEAR_S 86400

/* What an event occupies with its calendars' rules; good until the next call. */
void resolve_list_places(struct sweep *sweep, const struct event *event, struct shift *shift)
{
	shift->list = sweep_intervals(sweep, event, 0, &shift->count);
	if (shift->count > sweep->rule_room) {
		sweep->rule_room = 2 * shift->count;
		sweep->rules = arena_array(sweep->slice->ctx->arena, sweep->rule_room, sizeof(const struct calendar_rule *));
	}
	for (size_t i = 0; i < shift->count; i++)
		sweep->rules[i] = sweep_rule(sweep, &shift->list[i]);
	shift->rules = sweep->rules;
}

/* The grid is one of wall times: 09:00, 09:05, whatever the zone's offset. */
static int64_t offset_of(const struct event *event)
{
	const struct zone *zone = event->timezone ? zone_find(event->timezone) : NULL;
	return zone ? zone_offset_at(zone, event->starts_at) : 0;
}

static bool move_once(const struct sweep *sweep, struct event *event, int64_t move_s)
{
	struct event values = { .given = FIELD_STARTS_AT, .starts_at = event->starts_at + move_s, .base = "" };
	struct issues issues = { .arena = sweep->slice->ctx->arena };
	return event_apply(event, &values, &issues); /* not beyond the year 2100 */
}

static void tell(struct slice_item *item, int64_t from_utc, int64_t to_utc, bool is_series)
{
	char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE];
	time_format_utc(from_utc, from);
	time_format_utc(to_utc, to);
	item->resolved = (struct resolved){ .action = ON_CONFLICT_SHIFT, .from_utc = from_utc, .to_utc = to_utc };
	issue_add(&item->warnings, CODE_SHIFTED, "", NULL,
		  is_series ? "Moved from %s to %s, the next time when all occurrences are free" : "Moved from %s to %s, the next free time",
		  from, to);
}

static bool find_none(const struct sweep *sweep, struct slice_item *item, enum shift_end end)
{
	int64_t limit_s = sweep->slice->resolution.shift_limit_s;
	if (end == SHIFT_TOO_HARD)
		issue_add(&item->issues, CODE_NO_FREE_TIME, "", NULL, "So much is in the way that no free time was found");
	else
		issue_add(&item->issues, CODE_NO_FREE_TIME, "", NULL, "There is no free time within %lld %s of the one asked for",
			  (long long)(limit_s % 86400 ? limit_s / 60 : limit_s / 86400), limit_s % 86400 ? "minutes" : "days");
	return resolve_fail(sweep, item);
}

/* To be decided again when it is known what is stored further ahead. */
static bool look_further(struct sweep *sweep, struct room *room, const struct event *event, int64_t limit_s)
{
	room->wants = true;
	if (room->ahead_s >= 0) {
		sweep->wants_all = true;
		return false;
	}
	room->wants_ahead_s = limit_s < NEAR_S ? limit_s : NEAR_S;
	sweep_touch_further(sweep, event, room->wants_ahead_s + SHIFT_MARGIN_S);
	return false;
}

/* Free, and nothing forbids it: the two take turns until they agree. */
static enum shift_end find(const struct sweep *sweep, const struct event *event, struct shift *shift, int64_t *move_s_out)
{
	for (;;) {
		enum shift_end end = timeline_shift(sweep->timeline, shift, move_s_out);
		if (end != SHIFT_FOUND)
			return end;
		int64_t start_utc = event->starts_at + *move_s_out;
		int64_t allowed_utc = sweep_allowed_from(sweep, event, start_utc);
		if (allowed_utc <= start_utc)
			return SHIFT_FOUND;
		shift->from_s = allowed_utc - event->starts_at;
	}
}

/* Moves the event there; SHIFT_NONE with unknown_out: as far as is known. */
static enum shift_end move(struct sweep *sweep, const struct slice_item *item, struct event *event, int64_t owner, bool *unknown_out)
{
	const struct room *room = room_of(sweep, item);
	const struct resolution *how = &sweep->slice->resolution;
	int64_t shifted_s = item->target ? item->target->shifted_s : 0, move_s = 0;
	int64_t known_s = room->ahead_s - shifted_s;
	struct shift shift = {
		.start_utc = event->starts_at,
		.grid_s = how->shift_grid_s,
		.grid_offset_s = offset_of(event),
		.limit_s = known_s < how->shift_limit_s ? known_s : how->shift_limit_s,
		.window_s = sweep->slice->conflict_window_s,
	};
	*unknown_out = shift.limit_s < 0;
	if (*unknown_out)
		return SHIFT_NONE;
	resolve_list_places(sweep, event, &shift);
	bool is_series = event_recurs(event);
	enum shift_end end = is_series ? resolve_move_series(sweep, event, owner, &shift, &move_s)
				       : find(sweep, event, &shift, &move_s);
	if (end == SHIFT_FOUND && !is_series && !move_once(sweep, event, move_s))
		return SHIFT_NONE;
	*unknown_out = end == SHIFT_NONE && room->ahead_s < how->shift_limit_s;
	return end;
}

bool resolve_shift(struct sweep *sweep, struct slice_item *item, struct event *event, int64_t owner)
{
	int64_t from_utc = event->starts_at;
	bool unknown;
	resolve_remember(sweep, item);
	enum shift_end end = move(sweep, item, event, owner, &unknown);
	if (unknown)
		return look_further(sweep, room_of(sweep, item), event, sweep->slice->resolution.shift_limit_s);
	if (end != SHIFT_FOUND)
		return find_none(sweep, item, end);
	tell(item, from_utc, event->starts_at, event_recurs(event));
	return true;
}

/* --- evaluations ------------------------------------------------------------------ */

/* False: more must be known. */
static bool propose(struct sweep *sweep, struct slice_item *item)
{
	struct room *room = room_of(sweep, item);
	int64_t owner = item->target ? item->target->stored.id : -1 - item->ordinal, limit_s = sweep->slice->resolution.shift_limit_s;
	struct event *moved = arena_alloc(sweep->slice->ctx->arena, sizeof(*moved));
	bool unknown = false;
	*moved = item->event;
	item->is_sought = true;
	if (resolve_is_own_fault(item->conflicts))
		return true;
	/* What it has itself, or is planned to, is not in its way. */
	sweep_release_stored(sweep, owner);
	enum shift_end end = move(sweep, item, moved, owner, &unknown);
	sweep_accept(sweep, &item->event, owner);
	item->shifted = end == SHIFT_FOUND ? moved : NULL;
	if (!unknown)
		return true;
	room->wants_ahead_s = room->ahead_s < 0 && limit_s > NEAR_S ? NEAR_S : limit_s;
	sweep_touch_further(sweep, &item->event, room->wants_ahead_s + SHIFT_MARGIN_S);
	return false;
}

bool resolve_propose_shifts(struct sweep *sweep)
{
	const struct slice *slice = sweep->slice;
	bool more = true;
	resolve_begin(sweep);
	for (size_t i = 0; i < slice->count; i++)
		sweep->rooms[i].wants = slice->items[i].was_worked && slice->items[i].conflicts;
	while (more) {
		more = false;
		for (size_t i = 0; i < slice->count; i++) {
			struct room *room = &sweep->rooms[i];
			room->wants = room->wants && !propose(sweep, &slice->items[i]);
			more |= room->wants;
		}
		for (size_t i = 0; i < slice->count; i++)
			sweep->rooms[i].ahead_s = sweep->rooms[i].wants_ahead_s;
		if (more && !sweep_look_further(sweep))
			return false;
		if (more)
			sweep_begin_round(sweep);
	}
	return true;
}
