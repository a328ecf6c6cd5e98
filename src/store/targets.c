#include "store/targets.h"

#include <stdlib.h>
#include <string.h>

#include "db/text.h"
#include "store/events.h"

struct named {
	const struct event *event;
};

static int by_id(const void *left, const void *right)
{
	const struct event *a = ((const struct named *)left)->event, *b = ((const struct named *)right)->event;
	return (a->id > b->id) - (a->id < b->id);
}

static int by_client_id(const void *left, const void *right)
{
	const struct event *a = ((const struct named *)left)->event, *b = ((const struct named *)right)->event;
	return strcmp(a->client_id, b->client_id);
}

typedef int order(const void *, const void *);

/* Runs the statement and sorts what it found. */
static bool fetch(struct ctx *ctx, struct db_text *text, order *by, struct named **list_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_text_query(text, EVENT_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	struct named *list = arena_array(ctx->arena, rows.count + 1, sizeof(*list));
	size_t count = 0;
	for (size_t i = 0; i < rows.count; i++) {
		struct event *event = arena_alloc(ctx->arena, sizeof(*event));
		if (event_from_row(ctx, &rows, i, 0, event))
			list[count++].event = event;
	}
	qsort(list, count, sizeof(*list), by);
	*list_out = list;
	*count_out = count;
	return true;
}

#define SELECT_EVENTS "SELECT " EVENT_COLUMNS " FROM {scheduled_events} e WHERE e.job_unpublished = 0"

static bool find_by_id(struct ctx *ctx, const struct item_input *list, size_t count, const struct event **events)
{
	int64_t *ids = arena_array(ctx->arena, count + 1, sizeof(*ids));
	struct named *found;
	size_t id_count = 0, found_count;
	for (size_t i = 0; i < count; i++)
		if (list[i].target_id)
			ids[id_count++] = list[i].target_id;
	if (!id_count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, SELECT_EVENTS " AND e.id IN ");
	db_text_list(text, ids, id_count);
	if (!fetch(ctx, text, by_id, &found, &found_count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct event wanted = { .id = list[i].target_id };
		const struct named *hit = bsearch(&(struct named){ &wanted }, found, found_count, sizeof(*found), by_id);
		if (list[i].target_id && hit)
			events[i] = hit->event;
	}
	return true;
}

static bool is_by_client_id(const struct item_input *item)
{
	return item->client_id && !item->target_id && item->code == CODE_NONE;
}

static bool find_by_client_id(struct ctx *ctx, int64_t owner_id, const struct item_input *list, size_t count,
			      const struct event **events)
{
	struct named *found;
	size_t name_count = 0, found_count;
	struct db_text *text = db_text_begin(ctx->db, SELECT_EVENTS " AND e.created_by = ");
	db_text_i64(text, owner_id);
	db_text_lit(text, " AND e.client_id IN ");
	db_text_row(text);
	for (size_t i = 0; i < count; i++) {
		if (!is_by_client_id(&list[i]))
			continue;
		db_text_str(text, list[i].client_id);
		name_count++;
	}
	if (!name_count)
		db_text_null(text);
	db_text_end_row(text);
	if (!fetch(ctx, text, by_client_id, &found, &found_count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct event wanted = { .client_id = list[i].client_id };
		if (!is_by_client_id(&list[i]))
			continue;
		const struct named *hit = bsearch(&(struct named){ &wanted }, found, found_count, sizeof(*found), by_client_id);
		events[i] = hit ? hit->event : NULL;
	}
	return true;
}

bool targets_find(struct ctx *ctx, int64_t owner_id, const struct item_input *list, size_t count,
		  const struct event ***events_out)
{
	*events_out = arena_array(ctx->arena, count + 1, sizeof(const struct event *));
	return find_by_id(ctx, list, count, *events_out) && find_by_client_id(ctx, owner_id, list, count, *events_out);
}
