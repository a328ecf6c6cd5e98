#include "rules/conflict.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "rules/conflict_timeline.h"

#define FIRST_ROOM 64

static void release_added(void *object)
{
	struct timeline *timeline = object;

	free(timeline->added);
	timeline->added = NULL;
	timeline->added_count = timeline->added_room = 0;
}

struct timeline *timeline_new(struct arena *arena)
{
	struct timeline *timeline = arena_alloc(arena, sizeof(*timeline));

	timeline->arena = arena;
	arena_defer(arena, release_added, timeline);
	return timeline;
}

bool interval_counts(const struct interval *interval)
{
	return interval->kind == CALENDAR_CONTENT || interval->end_utc > interval->start_utc;
}

void timeline_add(struct timeline *timeline, const struct interval *interval)
{
	assert(!timeline->sorted);
	if (!interval_counts(interval))
		return;
	if (timeline->added_count == timeline->added_room) {
		size_t room = timeline->added_room ? timeline->added_room * 2 : FIRST_ROOM;
		struct interval *added = realloc(timeline->added, room * sizeof(*added));

		if (!added)
			abort();
		timeline->added = added;
		timeline->added_room = room;
	}
	timeline->added[timeline->added_count++] = *interval;
}

/* --- calendars --------------------------------------------------------------- */

static size_t slot_of(const struct timeline *timeline, enum calendar_kind kind, int64_t id)
{
	uint64_t x = ((uint64_t)id * 4 + (uint64_t)kind) * 0x9e3779b97f4a7c15u;

	return (size_t)(x >> 20) & (timeline->slot_count - 1);
}

struct calendar *timeline_calendar(const struct timeline *timeline, enum calendar_kind kind, int64_t id)
{
	size_t slot;

	if (timeline->slot_count == 0)
		return NULL;
	for (slot = slot_of(timeline, kind, id); timeline->slots[slot];
	     slot = (slot + 1) & (timeline->slot_count - 1)) {
		struct calendar *calendar = timeline->slots[slot];

		if (calendar->id == id && calendar->kind == kind)
			return calendar;
	}
	return NULL;
}

static void place_calendar(struct timeline *timeline, struct calendar *calendar)
{
	size_t slot = slot_of(timeline, calendar->kind, calendar->id);

	while (timeline->slots[slot])
		slot = (slot + 1) & (timeline->slot_count - 1);
	timeline->slots[slot] = calendar;
}

static void more_slots(struct timeline *timeline, size_t slot_count)
{
	struct calendar **old = timeline->slots;
	size_t old_count = timeline->slot_count;

	timeline->slots = arena_array(timeline->arena, slot_count, sizeof(struct calendar *));
	timeline->slot_count = slot_count;
	for (size_t i = 0; i < old_count; i++) {
		if (old[i])
			place_calendar(timeline, old[i]);
	}
}

static struct calendar *new_calendar(struct timeline *timeline, enum calendar_kind kind, int64_t id)
{
	struct calendar *calendar = arena_alloc(timeline->arena, sizeof(*calendar));

	if (2 * (timeline->calendar_count + 1) > timeline->slot_count)
		more_slots(timeline, timeline->slot_count ? timeline->slot_count * 2 : FIRST_ROOM);
	calendar->kind = kind;
	calendar->id = id;
	timeline->calendar_count++;
	place_calendar(timeline, calendar);
	return calendar;
}

static struct calendar *get_calendar(struct timeline *timeline, const struct interval *interval)
{
	struct calendar *calendar = timeline_calendar(timeline, interval->kind, interval->calendar_id);

	return calendar ? calendar : new_calendar(timeline, interval->kind, interval->calendar_id);
}

/* --- filling ------------------------------------------------------------------- */

static int in_order(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->calendar_id != y->calendar_id)
		return x->calendar_id < y->calendar_id ? -1 : 1;
	if (x->start_utc != y->start_utc)
		return x->start_utc < y->start_utc ? -1 : 1;
	return (x->owner > y->owner) - (x->owner < y->owner);
}

/* Rows read by primary key come in order already; that costs one pass. */
static void sort_added(struct timeline *timeline)
{
	const struct interval *list = timeline->added;

	for (size_t i = 1; i < timeline->added_count; i++) {
		if (in_order(&list[i - 1], &list[i]) > 0) {
			qsort(timeline->added, timeline->added_count, sizeof(*list), in_order);
			return;
		}
	}
}

void timeline_sort(struct timeline *timeline)
{
	const struct interval *list = timeline->added;
	size_t from = 0;

	assert(!timeline->sorted);
	sort_added(timeline);
	while (from < timeline->added_count) {
		size_t until = from + 1;

		while (until < timeline->added_count && list[until].calendar_id == list[from].calendar_id &&
		       list[until].kind == list[from].kind)
			until++;
		layer_fill(&get_calendar(timeline, &list[from])->present, timeline->arena, &list[from], until - from);
		from = until;
	}
	release_added(timeline);
	timeline->sorted = true;
}

void timeline_accept(struct timeline *timeline, const struct interval *interval)
{
	assert(timeline->sorted);
	if (interval_counts(interval))
		layer_add(&get_calendar(timeline, interval)->present, timeline->arena, interval);
}

void timeline_release(struct timeline *timeline, const struct interval *interval)
{
	assert(timeline->sorted);
	if (!interval_counts(interval))
		return;
	struct calendar *calendar = get_calendar(timeline, interval);
	layer_add(&calendar->gone, timeline->arena, interval);
	calendar->skips = NULL; /* what was taken may be free now */
}

/* --- probing --------------------------------------------------------------------- */

struct listing {
	const struct calendar *calendar;
	const struct interval *proposal;
	struct conflicts *conflicts;
	enum code code;
	bool hard;
	size_t list_max;
};

static bool is_listed(const struct conflicts *conflicts, enum code code)
{
	for (size_t i = 0; i < conflicts->listed; i++) {
		if (conflicts->list[i].code == code)
			return true;
	}
	return false;
}

static bool list_one(void *user, const struct interval *other)
{
	struct listing *listing = user;
	struct conflicts *conflicts = listing->conflicts;

	if (conflicts->listed >= listing->list_max && (conflicts->listed == CONFLICTS_ROOM || is_listed(conflicts, listing->code)))
		return false;
	if (layer_has(&listing->calendar->gone, other))
		return true;
	conflicts->list[conflicts->listed++] = (struct conflict){
		.code = listing->code,
		.hard = listing->hard,
		.calendar_id = listing->calendar->id,
		.owner = other->owner,
		.start_utc = other->start_utc,
		.end_utc = other->end_utc,
		.local_start = other->local_start,
		.own_local_start = listing->proposal->local_start,
		.own_start_utc = listing->proposal->start_utc,
		.own_end_utc = listing->proposal->end_utc,
		.existing_version = other->version_no,
		.requested_version = listing->proposal->version_no,
	};
	return true;
}

/* What a proposal is asked against. */
static struct probe probe_of(const struct interval *proposal, int64_t window_s, int64_t ignore_owner)
{
	struct probe probe = { .is_content = proposal->kind == CALENDAR_CONTENT, .version_no = proposal->version_no };

	if (proposal->owner)
		probe.excluded.owners[probe.excluded.count++] = proposal->owner;
	if (ignore_owner && ignore_owner != proposal->owner)
		probe.excluded.owners[probe.excluded.count++] = ignore_owner;
	probe.low = probe.is_content ? proposal->start_utc - window_s : proposal->start_utc;
	probe.high = probe.is_content ? proposal->start_utc + window_s : proposal->end_utc;
	return probe;
}

/* How many conflicts there are; capacity counts. */
static int64_t count_conflicts(const struct timeline *timeline, const struct calendar *calendar,
			       const struct interval *proposal, const struct probe *probe, int32_t capacity)
{
	if (!calendar || !interval_counts(proposal) || probe->low >= probe->high)
		return 0;
	int64_t count = layer_count(&calendar->present, probe) - layer_count(&calendar->gone, probe);
	if (count <= 0)
		return 0;
	if (!probe->is_content && capacity > 1 &&
	    !layers_reach(&calendar->present, &calendar->gone, probe, timeline->arena, capacity))
		return 0;
	return count;
}

void timeline_probe(const struct timeline *timeline, const struct interval *proposal,
		    const struct calendar_rule *rule, int64_t window_s, int64_t ignore_owner, size_t list_max,
		    struct conflicts *conflicts)
{
	const struct calendar *calendar = timeline_calendar(timeline, proposal->kind, proposal->calendar_id);
	struct probe probe = probe_of(proposal, window_s, ignore_owner);
	struct listing listing = { .calendar = calendar, .proposal = proposal, .conflicts = conflicts };

	assert(timeline->sorted);
	int64_t count = count_conflicts(timeline, calendar, proposal, &probe, probe.is_content ? 1 : rule->capacity);
	if (!count)
		return;
	listing.code = probe.is_content ? CODE_VERSION_WINDOW : rule->is_person ? CODE_ASSIGNEE_OVERLAP
										: CODE_RESOURCE_OVERLAP;
	listing.hard = !probe.is_content && (rule->is_person || rule->hard);
	listing.list_max = list_max < CONFLICTS_LISTED_MAX ? list_max : CONFLICTS_LISTED_MAX;
	conflicts->count += count;
	conflicts->hard_count += listing.hard ? count : 0;
	layer_each(&calendar->present, &probe, list_one, &listing);
}

struct visit {
	const struct calendar *calendar;
	conflict_visit *each;
	void *user;
};

static bool visit_one(void *user, const struct interval *other)
{
	const struct visit *visit = user;

	return layer_has(&visit->calendar->gone, other) || visit->each(visit->user, other);
}

void timeline_visit(const struct timeline *timeline, const struct interval *proposal, const struct calendar_rule *rule,
		    int64_t window_s, int64_t ignore_owner, conflict_visit *each, void *user)
{
	const struct calendar *calendar = timeline_calendar(timeline, proposal->kind, proposal->calendar_id);
	struct probe probe = probe_of(proposal, window_s, ignore_owner);
	struct visit visit = { calendar, each, user };

	if (count_conflicts(timeline, calendar, proposal, &probe, rule->capacity))
		layer_each(&calendar->present, &probe, visit_one, &visit);
}
