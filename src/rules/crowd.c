#include "rules/crowd.h"

#include <stdlib.h>

#include "rules/conflict.h"

static int by_start(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->calendar_id != b->calendar_id)
		return a->calendar_id < b->calendar_id ? -1 : 1;
	if (a->start_utc != b->start_utc)
		return a->start_utc < b->start_utc ? -1 : 1;
	return (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

/* Those with the same label do not collide. */
static int32_t label_of(const struct place *place)
{
	return place->kind == CALENDAR_CONTENT ? place->version_no : place->ordinal;
}

/* What starts before this, and not before the place itself, collides with it. */
static int64_t reach_of(const struct place *place, int64_t window_s)
{
	return place->start_utc + (place->kind == CALENDAR_CONTENT ? window_s : place->duration_s);
}

/* Marks what begins within the reach of an earlier one: the two furthest reaches
 * with different labels tell, for any label. */
static void look_back(struct place *list, size_t count, int64_t window_s)
{
	int64_t furthest = INT64_MIN, second = INT64_MIN;
	int32_t label = 0;
	for (size_t i = 0; i < count; i++) {
		int64_t reach = reach_of(&list[i], window_s);
		bool is_same = label_of(&list[i]) == label;
		list[i].is_crowded |= (is_same ? second : furthest) > list[i].start_utc;
		if (is_same && reach > furthest) {
			furthest = reach;
		} else if (!is_same && reach > furthest) {
			second = furthest;
			furthest = reach;
			label = label_of(&list[i]);
		} else if (!is_same && reach > second) {
			second = reach;
		}
	}
}

/* Marks what reaches to the next one with another label. */
static void look_ahead(struct place *list, size_t count, int64_t window_s)
{
	const struct place *other = NULL;
	for (size_t i = count; i-- > 0;) {
		if (i + 1 < count && label_of(&list[i + 1]) != label_of(&list[i]))
			other = &list[i + 1];
		list[i].is_crowded |= other && other->start_utc < reach_of(&list[i], window_s);
	}
}

static void look_around(struct place *list, size_t count, int64_t window_s)
{
	if (list->kind == CALENDAR_CONTENT || list->kind == CALENDAR_RESOURCE) {
		look_back(list, count, window_s);
		look_ahead(list, count, window_s);
		return;
	}
	for (size_t i = 0; i < count; i++)
		list[i].is_crowded |= count > 1;
}

void crowd_sift(struct place *list, size_t count, int64_t window_s)
{
	if (count > 1)
		qsort(list, count, sizeof(*list), by_start);
	for (size_t from = 0, until = 0; from < count; from = until) {
		while (until < count && list[until].kind == list[from].kind && list[until].calendar_id == list[from].calendar_id)
			until++;
		look_around(&list[from], until - from, window_s);
	}
}
