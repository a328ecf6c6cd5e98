/* Recurring events one page after another, and how far they are known. */
#include "db/text.h"
#include "store/events.h"
#include "store/occurrences.h"

enum { STMT_IDS, STMT_STILL_AT, STMT_LEAVE };
static const struct db_stmt statements[] = {
	[STMT_IDS] = { "series.ids",
		       "SELECT DISTINCT event_id FROM {event_occurrences} WHERE event_id > ? ORDER BY event_id LIMIT ?", "ii", "i" },
	[STMT_STILL_AT] = { "series.still_at",
			    "SELECT COUNT(*) FROM {scheduled_events} WHERE id = ? AND row_version = ? AND job_unpublished = 0", "ii", "i" },
	[STMT_LEAVE] = { "series.leave", "UPDATE {event_occurrences} SET is_busy = 0 WHERE event_id = ? AND start_utc < ? AND is_busy = 1",
			 "ii", "" },
};
const struct db_stmt_table series_pages_statements = { "series_pages.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool series_page(struct ctx *ctx, int64_t after_id, int64_t limit, struct event **events_out, size_t *count_out,
		 int64_t *last_id_out)
{
	struct db_rows rows;
	*count_out = 0;
	*last_id_out = 0;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_IDS], after_id, limit))
		return false;
	if (!rows.count)
		return true;
	int64_t *ids = arena_array(ctx->arena, rows.count, sizeof(*ids));
	for (size_t i = 0; i < rows.count; i++)
		ids[i] = *last_id_out = db_int(&rows, i, 0);
	struct db_text *text = db_text_begin(ctx->db, "SELECT " EVENT_COLUMNS " FROM {scheduled_events} e WHERE e.job_unpublished = 0"
					     " AND e.id IN ");
	db_text_list(text, ids, rows.count);
	db_text_lit(text, " ORDER BY e.id");
	if (!db_text_query(text, EVENT_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	*events_out = arena_array(ctx->arena, rows.count + 1, sizeof(**events_out));
	for (size_t i = 0; i < rows.count; i++)
		(void)event_from_row(ctx, &rows, i, 0, &(*events_out)[i]);
	*count_out = rows.count;
	return true;
}

bool series_still_at(struct ctx *ctx, const struct event *event, bool *same_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_STILL_AT], event->id, event->row_version))
		return false;
	*same_out = db_int(&rows, 0, 0) == 1;
	return true;
}

bool occurrences_leave(struct ctx *ctx, int64_t event_id, int64_t before_utc)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_LEAVE], event_id, before_utc);
}

bool series_note(struct ctx *ctx, const struct event *event)
{
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {scheduled_events} SET updated_at = updated_at, expanded_through = ");
	if (event->expanded_through)
		db_text_time(text, event->expanded_through);
	else
		db_text_lit(text, "NULL");
	db_text_lit(text, " WHERE id = ");
	db_text_i64(text, event->id);
	return db_text_exec(text, NULL, &ctx->fail);
}
