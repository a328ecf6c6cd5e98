/* Events that others name by id. */
#include <stdlib.h>

#include "db/db.h"
#include "db/text.h"
#include "store/events.h"

bool events_kinds(struct ctx *ctx, const int64_t *ids, size_t count, struct event_kind **kinds_out, size_t *count_out)
{
	struct db_rows rows = { 0 };
	struct db_text *text = db_text_begin(ctx->db, "SELECT e.id, e.schedule_type, e.created_by FROM {scheduled_events} e WHERE e.id IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, " ORDER BY e.id");
	if (!db_text_query(text, "isi", ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	*kinds_out = arena_array(ctx->arena, rows.count + 1, sizeof(**kinds_out));
	for (size_t i = 0; i < rows.count; i++)
		(*kinds_out)[i] = (struct event_kind){ db_int(&rows, i, 0), db_str(&rows, i, 1), db_int(&rows, i, 2) };
	return true;
}

bool events_by_ids(struct ctx *ctx, const int64_t *ids, size_t count, struct named_event **list_out, size_t *count_out)
{
	struct db_rows rows = { 0 };
	struct db_text *text = db_text_begin(ctx->db, "SELECT " EVENT_COLUMNS ", COALESCE(u.display_name, '') FROM {scheduled_events} e"
					     " LEFT JOIN {users} u ON u.id = e.created_by WHERE " EVENT_IS_STORED("e")
					     " AND (e.job_unpublished <= 0 OR " EVENT_PUBLISHED("e") ") AND e.id IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, " ORDER BY e.id");
	if (!db_text_query(text, EVENT_TYPES "s", ctx->arena, &rows, &ctx->fail))
		return false;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	*count_out = 0;
	for (size_t i = 0; i < rows.count; i++)
		if (event_from_row(ctx, &rows, i, 0, &(*list_out)[*count_out].event))
			(*list_out)[(*count_out)++].maker_name = db_str(&rows, i, EVENT_COLUMN_COUNT);
	return true;
}

static int by_id(const void *left, const void *right)
{
	const struct event *a = left, *b = right;
	return (a->id > b->id) - (a->id < b->id);
}

bool events_seen(struct ctx *ctx, const int64_t *ids, size_t count, struct event **events_out, size_t *count_out)
{
	struct db_rows rows = { 0 };
	struct db_text *text = db_text_begin(ctx->db, "(SELECT " EVENT_COLUMNS " FROM {scheduled_events} e WHERE " EVENT_IS_STORED("e")
					     " AND " EVENT_VISIBLE("e") " AND e.id IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, ") UNION ALL (SELECT " EVENT_COLUMNS " FROM {scheduled_events} e WHERE " EVENT_VISIBLE("e") " AND e.shadow_of IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, ")");
	if (!db_text_query(text, EVENT_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	*events_out = arena_array(ctx->arena, rows.count + 1, sizeof(**events_out));
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(void)event_from_row(ctx, &rows, i, 0, &(*events_out)[i]);
	if (rows.count > 1)
		qsort(*events_out, rows.count, sizeof(**events_out), by_id);
	return true;
}
