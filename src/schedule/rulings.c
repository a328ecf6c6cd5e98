/* What is told about broken restrictions: reasons, and who else has time. */
#include "schedule/compliance.h"
#include "schedule/keys.h"
#include "store/restrictions.h"

#include <stdlib.h>

#define DAY_S 86400
/* Beyond so many, alternatives are named without a look at their calendars. */
#define LOOKED_UP_MAX 2000

/* The event as it was decided; NULL where nothing was accepted. */
static const struct event *accepted(const struct slice *slice, const struct slice_item *item)
{
	const struct event *event = item->next ? item->next
				    : item->target && slice->kind != SLICE_EVALUATE ? &item->target->current
										     : &item->event;
	if (!item->was_worked || item->outcome != OUTCOME_SUCCEEDED || sweep_is_exempt(slice, event))
		return NULL;
	if (event == &item->event || event == item->next || compliance_concerns(event_difference(&item->target->stored, event)))
		return event;
	return NULL;
}

static void add_ruling(struct slice_item *item, const struct violation *violation)
{
	if (item->ruling_count < ITEM_RULINGS_MAX && !item_ruling(item, violation->restriction->id))
		item->rulings[item->ruling_count++] = (struct ruling){ .violation = violation };
}

static void warn(struct slice_item *item, const struct violation *violation)
{
	add_ruling(item, violation);
	issue_add(&item->warnings, CODE_COMPLIANCE, "", NULL, "Restriction %lld advises against it",
		  (long long)violation->restriction->id);
}

/* The rulings of every item; the number of them. */
static size_t collect(struct sweep *sweep)
{
	struct slice *slice = sweep->slice;
	struct arena *arena = slice->ctx->arena;
	size_t total = 0;
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		const struct event *event = accepted(slice, item);
		struct violation *list = NULL;
		size_t count = event ? compliance_check(&sweep->restrictions, event, arena, &list) : 0;
		if (!item->was_worked || (!count && !item->conflicts))
			continue;
		item->rulings = arena_array(arena, ITEM_RULINGS_MAX, sizeof(*item->rulings));
		for (size_t c = 0; item->conflicts && c < item->conflicts->listed; c++)
			if (item->conflicts->list[c].violation)
				add_ruling(item, item->conflicts->list[c].violation);
		for (size_t v = 0; v < count; v++)
			if (!list[v].restriction->is_hard)
				warn(item, &list[v]);
		total += item->ruling_count;
	}
	return total;
}

/* --- reasons ---------------------------------------------------------------------- */

struct telling {
	struct sweep *sweep;
	struct restriction_told *told;      /* sorted by id */
	size_t told_count;
	struct alternative_ref *others;     /* sorted by id */
	size_t other_count;
	struct timeline *timeline;          /* of the others */
	struct restrictions forbidden;      /* to the others */
	size_t looked_up;
};

typedef void each_ruling(struct telling *telling, struct slice_item *item, struct ruling *ruling);

static void for_each(struct telling *telling, each_ruling *each)
{
	struct slice *slice = telling->sweep->slice;
	for (size_t i = 0; i < slice->count; i++)
		for (size_t r = 0; r < slice->items[i].ruling_count; r++)
			each(telling, &slice->items[i], &slice->items[i].rulings[r]);
}

static int told_by_id(const void *left, const void *right)
{
	int64_t id = *(const int64_t *)left;
	const struct restriction_told *told = right;
	return (id > told->id) - (id < told->id);
}

static const struct restriction_told *told_of(const struct telling *telling, const struct ruling *ruling)
{
	int64_t id = ruling->violation->restriction->id;
	return telling->told_count ? bsearch(&id, telling->told, telling->told_count, sizeof(*telling->told), told_by_id) : NULL;
}

static bool fetch_reasons(struct telling *telling)
{
	struct slice *slice = telling->sweep->slice;
	struct key_list ids = { .arena = slice->ctx->arena };
	for (size_t i = 0; i < slice->count; i++)
		for (size_t r = 0; r < slice->items[i].ruling_count; r++)
			keys_add(&ids, slice->items[i].rulings[r].violation->restriction->id);
	keys_sort(&ids);
	return restrictions_tell(slice->ctx, ids.ids, ids.count, &telling->told, &telling->told_count);
}

/* --- who else ----------------------------------------------------------------------- */

static bool fetch_others(struct telling *telling)
{
	struct ctx *ctx = telling->sweep->slice->ctx;
	struct key_list ids = { .arena = ctx->arena };
	for (size_t i = 0; i < telling->told_count; i++)
		keys_add_all(&ids, telling->told[i].alternatives, telling->told[i].alternative_count);
	for (size_t i = 0; i < telling->sweep->restrictions.count; i++) /* whose they are, to be named */
		keys_add(&ids, telling->sweep->restrictions.list[i].resource_id);
	keys_sort(&ids);
	return !ids.count || alternatives_fetch(ctx, ids.ids, ids.count, &telling->others, &telling->other_count);
}

static int other_by_id(const void *left, const void *right)
{
	int64_t id = *(const int64_t *)left;
	const struct alternative_ref *other = right;
	return (id > other->id) - (id < other->id);
}

static const struct alternative_ref *other_of(const struct telling *telling, int64_t id)
{
	return telling->other_count ? bsearch(&id, telling->others, telling->other_count, sizeof(*telling->others), other_by_id) : NULL;
}

static void name_alternatives(struct telling *telling, struct slice_item *item, struct ruling *ruling)
{
	const struct restriction_told *told = told_of(telling, ruling);
	(void)item;
	if (!told)
		return;
	ruling->reason = told->reason;
	ruling->alternatives = arena_array(telling->sweep->slice->ctx->arena, told->alternative_count + 1, sizeof(*ruling->alternatives));
	for (size_t i = 0; i < told->alternative_count; i++) {
		const struct alternative_ref *other = other_of(telling, told->alternatives[i]);
		if (!other || !other->is_active)
			continue;
		ruling->alternatives[ruling->alternative_count++] = (struct alternative){
			.id = other->id, .name = other->name, .is_known = telling->looked_up < LOOKED_UP_MAX };
		telling->looked_up++;
	}
}

static int by_day(const void *left, const void *right)
{
	const struct calendar_day *a = left, *b = right;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (a->day > b->day) - (a->day < b->day);
}

/* The days to look at: whole ones, each once. */
struct days {
	struct calendar_day *list;
	size_t count, room;
	struct restriction_range *ranges;
	size_t range_count;
};

static void add_days(struct days *days, const struct alternative_ref *other, const struct violation *violation)
{
	int64_t first = (violation->start_utc - other->longest_s) / DAY_S, last = violation->end_utc / DAY_S;
	for (int64_t day = first < 0 ? 0 : first; day <= last && days->count < days->room; day++)
		days->list[days->count++] = (struct calendar_day){
			CALENDAR_RESOURCE, other->id, day, day * DAY_S, (day + 1) * DAY_S - 1 };
	days->ranges[days->range_count++] =
		(struct restriction_range){ other->id, violation->start_utc, violation->end_utc + 1 };
}

static void collect_days(struct telling *telling, struct days *days)
{
	struct slice *slice = telling->sweep->slice;
	struct arena *arena = slice->ctx->arena;
	days->room = (size_t)LOOKED_UP_MAX * 34; /* an event has 31 days at most */
	days->list = arena_array(arena, days->room, sizeof(*days->list));
	days->ranges = arena_array(arena, LOOKED_UP_MAX + 1, sizeof(*days->ranges));
	for (size_t i = 0; i < slice->count; i++)
		for (size_t r = 0; r < slice->items[i].ruling_count; r++) {
			const struct ruling *ruling = &slice->items[i].rulings[r];
			for (size_t a = 0; a < ruling->alternative_count; a++)
				if (ruling->alternatives[a].is_known)
					add_days(days, other_of(telling, ruling->alternatives[a].id), ruling->violation);
		}
	days->count = sort_unique(days->list, days->count, sizeof(*days->list), by_day);
}

static int range_by_id(const void *left, const void *right)
{
	const struct restriction_range *a = left, *b = right;
	return (a->resource_id > b->resource_id) - (a->resource_id < b->resource_id);
}

/* One range for each resource, the hull of its own. */
static void merge_ranges(struct days *days)
{
	size_t kept = 0;
	if (days->range_count > 1)
		qsort(days->ranges, days->range_count, sizeof(*days->ranges), range_by_id);
	for (size_t i = 0; i < days->range_count; i++) {
		struct restriction_range *last = kept ? &days->ranges[kept - 1] : NULL;
		if (!last || last->resource_id != days->ranges[i].resource_id) {
			days->ranges[kept++] = days->ranges[i];
			continue;
		}
		if (days->ranges[i].from_utc < last->from_utc)
			last->from_utc = days->ranges[i].from_utc;
		if (days->ranges[i].to_utc > last->to_utc)
			last->to_utc = days->ranges[i].to_utc;
	}
	days->range_count = kept;
}

static bool fetch_calendars(struct telling *telling)
{
	struct slice *slice = telling->sweep->slice;
	struct days days = { 0 };
	struct interval *stored;
	size_t count;
	collect_days(telling, &days);
	merge_ranges(&days);
	struct probe probe = { .days = days.list, .day_count = days.count, .plan_job_id = slice->use_plan ? slice->job_id : 0 };
	if (!days.count)
		return true;
	if (!busy_fetch(slice->ctx, &probe, &stored, &count, NULL) ||
	    !restrictions_fetch(slice->ctx, days.ranges, days.range_count, false, &telling->forbidden))
		return false;
	telling->timeline = timeline_new(slice->ctx->arena);
	for (size_t i = 0; i < count; i++)
		timeline_add(telling->timeline, &stored[i]);
	timeline_sort(telling->timeline);
	return true;
}

static bool has_time(const struct telling *telling, const struct slice_item *item, const struct alternative_ref *other,
		     const struct violation *violation)
{
	struct event event = item->event; /* its type and tags */
	struct conflicts found = { .count = 0 };
	struct interval interval = { .kind = CALENDAR_RESOURCE, .calendar_id = other->id, .start_utc = violation->start_utc,
				     .end_utc = violation->end_utc };
	int64_t id = other->id;
	if (item->target && !(event.given & FIELD_SCHEDULE_TYPE))
		event.schedule_type = item->target->stored.schedule_type;
	if (item->target && !(event.given & FIELD_ATTRIBUTES))
		event.attributes = item->target->stored.attributes;
	event.resources = &id;
	event.resource_count = 1;
	event.assignee_count = 0;
	event.status = EVENT_SCHEDULED;
	timeline_probe(telling->timeline, &interval, &other->rule, 0, 0, 0, &found);
	return !found.count && !compliance_forbids(&telling->forbidden, &event, telling->sweep->slice->ctx->arena,
						   violation->start_utc, violation->end_utc);
}

/* Free ones first, each part in the order of the restriction. */
static void order_alternatives(struct telling *telling, struct slice_item *item, struct ruling *ruling)
{
	struct alternative sorted[RESTRICTION_ALTERNATIVES_MAX] = { { 0 } };
	size_t count = 0;
	for (size_t i = 0; i < ruling->alternative_count; i++) {
		struct alternative *one = &ruling->alternatives[i];
		one->is_free = one->is_known && telling->timeline &&
			       has_time(telling, item, other_of(telling, one->id), ruling->violation);
	}
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < ruling->alternative_count; i++)
			if (ruling->alternatives[i].is_free == (pass == 0))
				sorted[count++] = ruling->alternatives[i];
	if (count)
		memcpy(ruling->alternatives, sorted, count * sizeof(*sorted));
}

/* --- in words ------------------------------------------------------------------------- */

/* The issues of an item's hard, or advisory, rulings come in their order. */
static void word_issues(const struct telling *telling, struct slice_item *item, struct issues *issues, bool hard)
{
	struct arena *arena = telling->sweep->slice->ctx->arena;
	size_t r = 0;
	for (size_t i = 0; i < issues->count; i++) {
		struct issue *issue = &issues->list[i];
		if (issue->code != CODE_COMPLIANCE)
			continue;
		while (r < item->ruling_count && item->rulings[r].violation->restriction->is_hard != hard)
			r++;
		if (r == item->ruling_count)
			return;
		const struct ruling *ruling = &item->rulings[r++];
		const struct restriction *restriction = ruling->violation->restriction;
		const struct alternative_ref *who = other_of(telling, restriction->resource_id);
		issue->message = arena_printf(arena, "%s: %s (restriction %lld)", who ? who->name : "Resource",
					      ruling->reason ? ruling->reason : "", (long long)restriction->id);
		if (ruling->alternative_count && ruling->alternatives[0].is_free)
			issue->suggestion = arena_printf(arena, "%s (%lld) is free then", ruling->alternatives[0].name,
							 (long long)ruling->alternatives[0].id);
	}
}

static void word_item(struct telling *telling, struct slice_item *item, struct ruling *ruling)
{
	if (ruling != &item->rulings[0])
		return; /* once for an item */
	word_issues(telling, item, &item->issues, true);
	word_issues(telling, item, &item->warnings, false);
}

bool sweep_tell_restrictions(struct sweep *sweep)
{
	struct telling telling = { .sweep = sweep };
	if (!sweep->restrictions.count || !collect(sweep))
		return true;
	if (!fetch_reasons(&telling) || !fetch_others(&telling))
		return false;
	for_each(&telling, name_alternatives);
	if (telling.looked_up && !fetch_calendars(&telling))
		return false;
	for_each(&telling, order_alternatives);
	for_each(&telling, word_item);
	return true;
}
