/* Undo: series get back the dates that items took of them, each of them with its item. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "schedule/apply.h"

/* A date that an item of this chunk took, as its result tells it. */
struct taken_date {
	int64_t event_id, date;
	struct slice_item *item;
};
struct taken_dates {
	struct taken_date *list; /* by event, then date */
	size_t count, room;
};

static int by_event_and_date(const void *left, const void *right)
{
	const struct taken_date *a = left, *b = right;
	if (a->event_id != b->event_id)
		return a->event_id < b->event_id ? -1 : 1;
	return (a->date > b->date) - (a->date < b->date);
}

static void add_date(struct slice *slice, struct taken_dates *dates, int64_t event_id, const char *text, struct slice_item *item)
{
	int64_t date;
	if (!text || !time_parse_local(text, strlen(text), &date))
		return;
	dates->list = arena_grow(slice->ctx->arena, dates->list, dates->count, &dates->room, 1, sizeof(*dates->list));
	dates->list[dates->count++] = (struct taken_date){ event_id, date, item };
}

static bool read_dates(struct slice *slice, const struct undo_taking *taking, struct taken_dates *dates)
{
	const json_t *all = json_read(slice->ctx->arena, taking->text, strlen(taking->text), &slice->ctx->fail), *series, *date;
	size_t i, k;
	if (!all)
		return false;
	json_array_foreach(all, i, series) {
		int64_t id = json_integer_value(json_object_get(series, "event_id"));
		json_array_foreach(json_object_get(series, "occurrences"), k, date) {
			add_date(slice, dates, id, json_string_value(date), &slice->items[taking->ordinal - slice->items[0].ordinal]);
		}
	}
	return true;
}

static bool load_dates(struct slice *slice, int64_t first, int64_t last, struct taken_dates *dates)
{
	struct undo_taking *takings;
	size_t count;
	*dates = (struct taken_dates){ 0 };
	if (!undo_load_takings(slice->ctx, slice->job_id, first, last, &takings, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!read_dates(slice, &takings[i], dates))
			return false;
	if (dates->count > 1)
		qsort(dates->list, dates->count, sizeof(*dates->list), by_event_and_date);
	return true;
}

static bool load_series(struct slice *slice, const struct taken_dates *dates, struct undo_event **list_out, size_t *count_out)
{
	int64_t *ids = arena_array(slice->ctx->arena, dates->count + 1, sizeof(*ids));
	size_t count = 0;
	for (size_t i = 0; i < dates->count; i++)
		if (!count || ids[count - 1] != dates->list[i].event_id)
			ids[count++] = dates->list[i].event_id;
	if (!undo_load_events(slice->ctx, slice->job_id, ids, count, list_out, count_out))
		return false;
	struct undo_event **events = arena_array(slice->ctx->arena, *count_out + 1, sizeof(struct undo_event *));
	for (size_t i = 0; i < *count_out; i++)
		events[i] = &(*list_out)[i];
	return !*count_out || undo_load_chains(slice->ctx, slice->job_id, events, *count_out);
}

static bool has_date(const struct event *event, int64_t date)
{
	for (size_t i = 0; i < event->exdate_count; i++)
		if (event->exdates[i] == date)
			return true;
	return false;
}

/* As far as it lacks them still. */
static void give(struct slice *slice, const struct undo_event *event, const struct taken_date *dates, size_t count,
		 struct target *target)
{
	target->given = arena_array(slice->ctx->arena, count + 1, sizeof(*target->given));
	for (size_t i = 0; i < count; i++)
		if (has_date(&event->stored, dates[i].date))
			target->given[target->given_count++] = (struct given){ .date = dates[i].date, .item = dates[i].item };
}

/* The series with all or with those of the dates that are free again. */
static void without_exdates(struct slice *slice, struct target *target, bool all)
{
	int64_t *kept = arena_array(slice->ctx->arena, target->stored.exdate_count + 1, sizeof(*kept));
	size_t count = 0;
	for (size_t i = 0; i < target->stored.exdate_count; i++) {
		bool goes = false;
		for (size_t k = 0; k < target->given_count; k++)
			goes |= target->given[k].date == target->stored.exdates[i] && (all || target->given[k].is_back);
		if (!goes)
			kept[count++] = target->stored.exdates[i];
	}
	target->current.exdates = kept;
	target->current.exdate_count = count;
}

/* Of a series that is the batch's own work still: what it is to get back. */
static bool take_series(struct slice *slice, const struct undo_event *event, const struct taken_date *dates, size_t count,
			struct target *target)
{
	const struct undo_image *earliest = event->image_count ? event->images[event->image_count - 1] : NULL;
	bool is_ours = false;
	for (size_t i = 0; i < event->image_count; i++)
		is_ours |= event->images[i]->written_version == event->version;
	/* What was replaced as a whole comes back as that (undo_displaced.c), or has come back. */
	if (!earliest || (is_ours && event->stored.status == EVENT_SUPERSEDED) || event->version <= earliest->before_version)
		return false;
	*target = (struct target){ .stored = event->stored, .current = event->stored, .image = earliest };
	give(slice, event, dates, count, target);
	if (!target->given_count)
		return false;
	target->stored.id = target->current.id = event->id;
	target->current.row_version = event->stored.row_version + 1;
	target->version = target->as_version = event->version;
	if (!is_ours) {
		undo_leave(target, CODE_CHANGED_SINCE, &event->change,
			   arena_printf(slice->ctx->arena, "was %s and stays as it is", undo_who(slice->ctx->arena, &event->change)));
		return true;
	}
	without_exdates(slice, target, true);
	target->is_moving = true;
	return true;
}

bool undo_take_dates(struct slice *slice, int64_t first, int64_t last, struct target **list_out, size_t *count_out)
{
	struct taken_dates dates;
	struct undo_event *events;
	size_t event_count, at = 0;
	*count_out = 0;
	if (!load_dates(slice, first, last, &dates))
		return false;
	if (!dates.count)
		return true;
	if (!load_series(slice, &dates, &events, &event_count))
		return false;
	*list_out = arena_array(slice->ctx->arena, event_count + 1, sizeof(**list_out));
	for (size_t i = 0; i < event_count; i++) {
		while (at < dates.count && dates.list[at].event_id < events[i].id)
			at++;
		size_t from = at;
		while (at < dates.count && dates.list[at].event_id == events[i].id)
			at++;
		*count_out += take_series(slice, &events[i], &dates.list[from], at - from, &(*list_out)[*count_out]);
	}
	return true;
}

/* --- deciding -------------------------------------------------------------------- */

static const struct occurrence *occurrence_at(const struct target *target, int64_t date)
{
	for (size_t i = 0; i < target->all_count; i++)
		if (target->all[i].local_start == date)
			return &target->all[i];
	return NULL;
}

static int by_start(const void *left, const void *right)
{
	const struct occurrence *a = left, *b = right;
	return (a->start_utc > b->start_utc) - (a->start_utc < b->start_utc);
}

/* What it has, and what it gets back. */
static void rebuild(struct slice *slice, struct target *target)
{
	const struct event *stored = &target->stored;
	size_t count = stored->occurrence_count;
	struct occurrence *list = arena_array(slice->ctx->arena, count + target->given_count + 1, sizeof(*list));
	if (count)
		memcpy(list, stored->occurrences, count * sizeof(*list));
	for (size_t i = 0; i < target->given_count; i++) {
		const struct occurrence *back = target->given[i].is_back ? occurrence_at(target, target->given[i].date) : NULL;
		if (back)
			list[count++] = *back;
	}
	if (count > 1)
		qsort(list, count, sizeof(*list), by_start);
	without_exdates(slice, target, false);
	target->current.occurrences = list;
	target->current.occurrence_count = count;
	/* Whole again, it has the state that it had before. */
	bool is_whole = target->current.exdate_count == target->image->event.exdate_count;
	target->as_version = is_whole ? target->image->before_version : target->version;
}

/* A date beyond what is known has no place to be taken. */
static bool is_free(struct sweep *sweep, struct target *target, struct given *given)
{
	const struct occurrence *occurrence = occurrence_at(target, given->date);
	struct event one = target->stored;
	struct occurrence only;
	if (!occurrence)
		return true;
	only = *occurrence;
	one.occurrences = &only;
	one.occurrence_count = 1;
	const struct conflicts *conflicts = sweep_probe(sweep, &one, one.id, 0);
	given->taken_by = conflicts && conflicts->hard_count ? conflicts->list[0].owner : 0;
	if (given->taken_by)
		return false;
	sweep_accept(sweep, &one, one.id);
	return true;
}

void undo_decide_dates(struct sweep *sweep, struct target *target)
{
	if (!target->all) {
		target->all = target->current.occurrences;
		target->all_count = target->current.occurrence_count;
	}
	target->is_changed = false;
	for (size_t i = 0; i < target->given_count; i++) {
		struct given *given = &target->given[i];
		given->is_back = undo_is_place_left(given->item) && is_free(sweep, target, given);
		target->is_changed |= given->is_back;
	}
	if (target->is_changed)
		rebuild(sweep->slice, target);
}

void undo_settle_dates(struct target *target)
{
	for (size_t i = 0; i < target->given_count; i++) {
		const struct given *given = &target->given[i];
		if (given->is_back || given->item->outcome != OUTCOME_UNDONE)
			continue;
		if (target->left_why)
			undo_refuse(given->item, target->left_code, target->left_change, "Event %lld, which had been replaced, %s",
				    (long long)target->stored.id, target->left_why);
		else
			undo_refuse(given->item, CODE_PLACE_TAKEN, NULL,
				    "Event %lld, which had been replaced, can't have its date back: event %lld has its place",
				    (long long)target->stored.id, (long long)given->taken_by);
	}
}
