/* The places of an evaluation's items. */
#include "batch/ingest_plan.h"

#include <stdlib.h>

#include "rules/series.h"
#include "schedule/slice.h"
#include "store/calendars.h"
#include "store/places.h"
#include "store/system.h"

#define ROOM 400
#define PIECE 10000 /* intervals of series in memory at once */

struct planned_series {
	struct planned_series *next;
	int64_t ordinal;
	struct event event;
};

/* Which options there are may only be known after the items: what normalise
 * would allow is planned. */
static bool read_item(struct arena *arena, const json_t *object, struct event *event)
{
	struct issues issues = { .arena = arena };
	return event_read(object, EVENT_NEW | EVENT_NORMALISE | EVENT_MINUTELY, "", event, &issues);
}

static struct interval *room_for(struct ingest_plan *plan, size_t count)
{
	if (plan->cap - plan->count < count) {
		plan->cap = 2 * plan->cap + ROOM + count;
		plan->list = realloc(plan->list, plan->cap * sizeof(*plan->list));
		if (!plan->list)
			abort();
	}
	return plan->list + plan->count;
}

/* Whoever is called the same is found like what stands in the same place.  Of
 * an item as it was given: what its content adds is not known yet. */
static void plan_name(struct ingest_plan *plan, int64_t ordinal, const struct event *event)
{
	int64_t hash = (int64_t)event_payload_hash(event);
	*room_for(plan, 1) = (struct interval){
		.kind = (enum calendar_kind)PLAN_CLIENT_ID,
		.calendar_id = client_key(event->client_id),
		.start_utc = hash,
		.end_utc = hash,
		.owner = -1 - ordinal,
	};
	plan->count++;
}

void plan_item(struct ingest_plan *plan, struct arena *scratch, int64_t ordinal, const json_t *object)
{
	struct event event;
	bool names_event = json_object_get(object, "event_id") || json_object_get(object, "selector");
	plan->names_events |= names_event;
	if (names_event || !read_item(scratch, object, &event))
		return;
	if (event.client_id)
		plan_name(plan, ordinal, &event);
	if (!event_recurs(&event)) {
		plan->count += event_intervals(&event, -1 - ordinal, room_for(plan, event_interval_count(&event)));
		return;
	}
	/* Read again, to be kept with the group's texts. */
	struct planned_series *series = arena_alloc(plan->texts, sizeof(*series));
	*series = (struct planned_series){ .next = plan->series, .ordinal = ordinal };
	if (read_item(plan->texts, object, &series->event))
		plan->series = series;
}

static bool write_piece(struct ctx *ctx, int64_t job_id, int64_t group_ordinal, struct ingest_plan *plan)
{
	bool ok = !plan->count || places_insert(ctx, job_id, group_ordinal, &plan->piece, plan->list, plan->count);
	plan->count = 0;
	return ok;
}

static bool write_series(struct ctx *ctx, int64_t job_id, int64_t group_ordinal, struct ingest_plan *plan)
{
	int64_t now_utc;
	bool ok = system_now(ctx, &now_utc);
	for (struct planned_series *series = plan->series; ok && series; series = series->next) {
		struct arena_mark mark = arena_mark(ctx->arena);
		/* What can't be expanded is told with the item. */
		if (series_expand(&series->event, now_utc, 0, ctx->arena) == CODE_NONE)
			plan->count += event_intervals(&series->event, -1 - series->ordinal,
						       room_for(plan, event_interval_count(&series->event)));
		arena_rewind(ctx->arena, mark);
		ok = plan->count < PIECE || write_piece(ctx, job_id, group_ordinal, plan);
	}
	return ok;
}

bool plan_write(struct ctx *ctx, int64_t job_id, int64_t group_ordinal, struct ingest_plan *plan, struct received *received)
{
	if ((plan->series && !write_series(ctx, job_id, group_ordinal, plan)) || !write_piece(ctx, job_id, group_ordinal, plan))
		return false;
	received->place_parts = plan->piece ? PLACE_PARTS : 0;
	/* A stored event is looked at beside all proposals. */
	received->places_whole = plan->names_events ? PLACES_WHOLE : PLACES_COMPARED;
	return true;
}

void plan_empty(struct ingest_plan *plan)
{
	plan->count = 0;
	plan->series = NULL;
	plan->names_events = false;
	plan->piece = 0;
}

void plan_free(struct ingest_plan *plan)
{
	free(plan->list);
	plan->list = NULL;
}
