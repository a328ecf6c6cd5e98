/* The conflict sweep: calendars, stored intervals, timeline. */
#include "schedule/sweep.h"

#include <stdlib.h>

#include "schedule/compliance.h"
#include "rules/series.h"
#include "schedule/keys.h"

bool sweep_look_up(struct slice *slice, const struct event *const *events, size_t count, bool wants_now)
{
	struct key_list resources = { .arena = slice->ctx->arena };
	for (size_t i = 0; i < count; i++) {
		keys_add_all(&resources, events[i]->resources, events[i]->resource_count);
		keys_add_all(&resources, events[i]->assignees, events[i]->assignee_count);
	}
	keys_sort(&resources);
	struct reference_keys keys = { .resources = resources.ids, .resource_count = resources.count, .wants_now = wants_now };
	return (!resources.count && !wants_now) || references_fetch(slice->ctx, &keys, &slice->refs);
}

void sweep_open(struct sweep *sweep, struct slice *slice)
{
	*sweep = (struct sweep){ .slice = slice };
	/* Most slices need no more than this, and doubling would cost as much again. */
	for (size_t i = 0; i < slice->count; i++)
		sweep->touched_room += 1 + event_interval_count(&slice->items[i].event);
	sweep->touched = arena_array(slice->ctx->arena, sweep->touched_room + 1, sizeof(*sweep->touched));
}

/* Room for so many more. */
static struct interval *touch(struct sweep *sweep, size_t count)
{
	sweep->touched = arena_grow(sweep->slice->ctx->arena, sweep->touched, sweep->touched_count, &sweep->touched_room, count,
				    sizeof(*sweep->touched));
	return &sweep->touched[sweep->touched_count];
}

/* An instant occupies nobody, but may be forbidden to somebody: of a series the
 * first and the last say for when restrictions are asked for. */
static void touch_moment(struct sweep *sweep, const struct event *event, int64_t at_utc)
{
	struct interval *list = touch(sweep, event->resource_count + event->assignee_count);
	for (size_t i = 0; i < event->resource_count + event->assignee_count; i++) {
		int64_t id = i < event->resource_count ? event->resources[i] : event->assignees[i - event->resource_count];
		list[i] = (struct interval){ .kind = CALENDAR_RESOURCE, .calendar_id = id, .start_utc = at_utc, .end_utc = at_utc };
	}
	sweep->touched_count += event->resource_count + event->assignee_count;
}

void sweep_touch(struct sweep *sweep, const struct event *event)
{
	struct interval *list = touch(sweep, event_interval_count(event));
	sweep->touched_count += event_intervals(event, 0, list);
	if (!sweep->slice->check_compliance || event->duration_s || !event_status_is_busy(event->status))
		return;
	touch_moment(sweep, event, event->starts_at);
	if (event->occurrence_count)
		touch_moment(sweep, event, event->occurrences[event->occurrence_count - 1].start_utc);
}

void sweep_touch_crowded(struct sweep *sweep, const struct event *event)
{
	size_t count = event_interval_count(event);
	sweep->crowded = arena_grow(sweep->slice->ctx->arena, sweep->crowded, sweep->crowded_count, &sweep->crowded_room, count,
				    sizeof(*sweep->crowded));
	sweep->crowded_count += event_intervals(event, 0, &sweep->crowded[sweep->crowded_count]);
}

void sweep_touch_content(struct sweep *sweep, int64_t content_id)
{
	*touch(sweep, 1) = (struct interval){ .kind = CALENDAR_CONTENT, .calendar_id = content_id };
	sweep->touched_count++;
}

static int by_calendar(const void *left, const void *right)
{
	const struct interval *a = left, *b = right;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return (a->calendar_id > b->calendar_id) - (a->calendar_id < b->calendar_id);
}

/* The longest event a calendar held when the slice looked things up.  Contents
 * compare starts, so it does not matter there. */
static int64_t known_longest(const struct sweep *sweep, const struct interval *interval)
{
	const struct resource_ref *resource =
		interval->kind == CALENDAR_RESOURCE ? reference_resource(&sweep->slice->refs, interval->calendar_id) : NULL;
	return resource ? resource->longest_s : 0;
}

static void collect_calendars(struct sweep *sweep)
{
	struct calendar_key *key = NULL;
	size_t room = 1;
	for (size_t i = 1; i < sweep->touched_count; i++)
		room += by_calendar(&sweep->touched[i - 1], &sweep->touched[i]) != 0;
	sweep->calendars = arena_array(sweep->slice->ctx->arena, room, sizeof(*sweep->calendars));
	for (size_t i = 0; i < sweep->touched_count; i++) {
		const struct interval *interval = &sweep->touched[i];
		int64_t duration_s = interval->kind == CALENDAR_RESOURCE ? interval->end_utc - interval->start_utc : 0;
		if (!key || key->kind != interval->kind || key->id != interval->calendar_id) {
			int64_t known_s = known_longest(sweep, interval);
			key = &sweep->calendars[sweep->calendar_count++];
			*key = (struct calendar_key){ interval->kind, interval->calendar_id, known_s, known_s };
		}
		if (duration_s > key->longest_s)
			key->longest_s = duration_s;
	}
}

void sweep_close(struct sweep *sweep)
{
	if (sweep->touched_count > 1)
		qsort(sweep->touched, sweep->touched_count, sizeof(*sweep->touched), by_calendar);
	collect_calendars(sweep);
	sweep_collect_days(sweep);
}

/* An evaluation tells what its results rest on, as it was when the slice looked
 * things up; and until when any of it is restricted. */
static void note_calendars(struct sweep *sweep, int64_t *restricted_until)
{
	struct slice *slice = sweep->slice;
	slice->noted = sweep->calendars;
	slice->noted_count = sweep->calendar_count;
	slice->noted_versions = arena_array(slice->ctx->arena, sweep->calendar_count + 1, sizeof(*slice->noted_versions));
	for (size_t i = 0; i < sweep->calendar_count; i++) {
		const struct calendar_key *key = &sweep->calendars[i];
		const struct resource_ref *resource =
			key->kind == CALENDAR_RESOURCE ? reference_resource(&slice->refs, key->id) : NULL;
		slice->noted_versions[i] = calendar_is_noted(slice->noted_before, key->kind, key->id) ? CALENDAR_NOTED
					   : resource						       ? resource->calendar_version
					   : key->kind == CALENDAR_CONTENT ? reference_calendar_version(&slice->refs, key->id)
									   : 0;
		if (resource && resource->restricted_until > *restricted_until)
			*restricted_until = resource->restricted_until;
	}
}

/* May its batch hold changed copies of stored events? */
static bool has_shadows(const struct slice *slice)
{
	return slice->is_unpublished && (slice->kind == SLICE_UPDATE || slice->resolution.on_conflict == ON_CONFLICT_REPLACE);
}

bool sweep_fetch(struct sweep *sweep, bool lock_reads, bool with_calendars)
{
	struct slice *slice = sweep->slice;
	int64_t longest = 0, restricted_until = 0;
	sweep->lock_reads = lock_reads;
	sweep->by_owner = NULL;
	/* Then what may change from now on moves their versions: no need to look again. */
	if (slice->noted_before)
		note_calendars(sweep, &restricted_until);
	for (int look = 0; look < 2; look++) {
		struct probe probe = {
			.days = sweep->days,
			.day_count = sweep->day_count,
			.calendars = sweep->calendars,
			.calendar_count = with_calendars && !slice->noted_before ? sweep->calendar_count : 0,
			.plan_job_id = slice->use_plan ? slice->job_id : 0,
			.plan_days = sweep->plan_days,
			.plan_day_count = sweep->plan_day_count,
			.plan_moves = slice->dry_run, /* an evaluation moves nothing */
			.held_job_id = has_shadows(slice) ? slice->job_id : 0,
			.lock_reads = lock_reads,
			.restricted_until_out = &restricted_until,
		};
		if (!busy_fetch(slice->ctx, &probe, &sweep->stored, &sweep->stored_count, &longest))
			return false;
		if (!longest)
			break;
		/* Somebody stored a longer event since the look-up. With the
		 * calendars locked it can't happen again. */
		for (size_t i = 0; i < sweep->calendar_count; i++)
			if (sweep->calendars[i].longest_s < longest)
				sweep->calendars[i].longest_s = longest;
		sweep_collect_days(sweep);
	}
	return sweep_load_restrictions(sweep, lock_reads, restricted_until);
}

void sweep_touch_further(struct sweep *sweep, const struct event *event, int64_t ahead_s)
{
	size_t count;
	const struct interval *list = sweep_intervals(sweep, event, 0, &count);
	sweep->further = arena_grow(sweep->slice->ctx->arena, sweep->further, sweep->further_count, &sweep->further_room, count,
				    sizeof(*sweep->further));
	for (size_t i = 0; i < count; i++)
		sweep->further[sweep->further_count++] = (struct further){ list[i], ahead_s };
}

bool sweep_look_further(struct sweep *sweep)
{
	sweep_collect_days(sweep);
	return sweep_fetch(sweep, sweep->lock_reads, true);
}

static void free_arena(void *arena)
{
	arena_free(arena);
}

void sweep_begin_round(struct sweep *sweep)
{
	const struct slice *slice = sweep->slice;
	/* Of its own: what a round knew is as large as all that is stored. */
	if (!sweep->round_arena) {
		sweep->round_arena = arena_new();
		if (!sweep->round_arena)
			abort();
		arena_defer(slice->ctx->arena, free_arena, sweep->round_arena);
	}
	arena_reset(sweep->round_arena);
	sweep->timeline = timeline_new(sweep->round_arena);
	for (size_t i = 0; i < sweep->stored_count; i++) {
		const struct target *target = slice_target(slice, sweep->stored[i].owner);
		if (!target || !target->is_moving)
			timeline_add(sweep->timeline, &sweep->stored[i]);
	}
	timeline_sort(sweep->timeline);
}

const struct interval *sweep_intervals(struct sweep *sweep, const struct event *event, int64_t owner, size_t *count_out)
{
	size_t room = event_interval_count(event);
	if (room > sweep->place_room) {
		sweep->place_room = 2 * room;
		sweep->places = arena_array(sweep->slice->ctx->arena, sweep->place_room, sizeof(*sweep->places));
	}
	*count_out = event_intervals(event, owner, sweep->places);
	return sweep->places;
}

const struct calendar_rule *sweep_rule(const struct sweep *sweep, const struct interval *interval)
{
	static const struct calendar_rule content_rule = { .capacity = 1 };
	const struct resource_ref *resource =
		interval->kind == CALENDAR_RESOURCE ? reference_resource(&sweep->slice->refs, interval->calendar_id) : NULL;
	return resource ? &resource->rule : &content_rule;
}

/* Is one occurrence not over when the next one begins? */
static void check_itself(const struct sweep *sweep, const struct event *event, struct conflicts *found)
{
	const struct slice *slice = sweep->slice;
	int64_t latest = INT64_MIN;
	bool any = false;
	for (size_t i = 0; i < event->occurrence_count; i++) {
		any |= event->occurrences[i].start_utc < latest && event->occurrences[i].end_utc > event->occurrences[i].start_utc;
		if (event->occurrences[i].end_utc > latest)
			latest = event->occurrences[i].end_utc;
	}
	if (!any || !event_status_is_busy(event->status))
		return;
	struct interval *list = arena_array(slice->ctx->arena, event->occurrence_count, sizeof(*list));
	for (size_t i = 0; i < event->occurrence_count; i++)
		list[i] = (struct interval){
			.kind = CALENDAR_CONTENT,
			.start_utc = event->occurrences[i].start_utc,
			.end_utc = event->occurrences[i].end_utc,
			.version_no = event->version_no,
			.local_start = event->occurrences[i].local_start,
		};
	conflicts_with_itself(slice->ctx->arena, list, event->occurrence_count, slice->conflict_details, found);
}

struct conflicts *sweep_probe(struct sweep *sweep, const struct event *event, int64_t owner, int64_t ignored)
{
	const struct slice *slice = sweep->slice;
	struct conflicts found = { .of_series = event_recurs(event), .truncated = event->expanded_through != 0 };
	size_t count;
	const struct interval *list = sweep_intervals(sweep, event, owner, &count);
	check_itself(sweep, event, &found);
	sweep_check_restrictions(sweep, event, &found);
	for (size_t i = 0; i < count; i++) {
		timeline_probe(sweep->timeline, &list[i], sweep_rule(sweep, &list[i]), slice->conflict_window_s,
			       ignored ? ignored : owner, slice->conflict_details, &found);
	}
	if (!found.count)
		return NULL;
	struct conflicts *kept = arena_alloc(slice->ctx->arena, sizeof(*kept));
	*kept = found;
	return kept;
}

void sweep_accept(struct sweep *sweep, const struct event *event, int64_t owner)
{
	size_t count;
	const struct interval *list = sweep_intervals(sweep, event, owner, &count);
	for (size_t i = 0; i < count; i++)
		timeline_accept(sweep->timeline, &list[i]);
}
