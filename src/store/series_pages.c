/* Events whose moments are derived, one page after another: recurring ones, and
 * how far they are known; those with a wall time. */
#include "db/text.h"
#include "store/events.h"
#include "store/occurrences.h"

enum { STMT_IDS, STMT_STILL_AT, STMT_LEAVE, STMT_PURGE, STMT_PAGE_END, STMT_ZONED };
static const struct db_stmt statements[] = {
	[STMT_IDS] = { "series.ids",
		       "SELECT DISTINCT event_id FROM {event_occurrences} WHERE event_id > ? ORDER BY event_id LIMIT ?", "ii", "i" },
	[STMT_STILL_AT] = { "series.still_at",
			    "SELECT COUNT(*) FROM {scheduled_events} WHERE id = ? AND row_version = ? AND job_unpublished = 0", "ii", "i" },
	[STMT_LEAVE] = { "series.leave", "UPDATE {event_occurrences} SET is_busy = 0 WHERE event_id = ? AND start_utc < ? AND is_busy = 1",
			 "ii", "" },
	[STMT_PURGE] = { "series.purge",
			 "DELETE o FROM (SELECT p.event_id, p.local_start FROM {event_occurrences} p FORCE INDEX (starts)"
			 " LEFT JOIN {scheduled_events} e ON e.id = p.event_id WHERE p.start_utc < " SQL_SECONDS("UTC_TIMESTAMP()")
			 " - ? * 86400 AND (e.status IN ('failed', 'missed', 'superseded', 'cancelled', 'archived') OR p.is_busy = 0"
			 " AND (p.state <> 0 OR e.id IS NULL OR e.status <> 'scheduled' OR e.done_through >= p.start_utc))"
			 " ORDER BY p.start_utc LIMIT ?) d STRAIGHT_JOIN {event_occurrences} o ON o.event_id = d.event_id"
			 " AND o.local_start = d.local_start",
			 "ii", "" },
	[STMT_PAGE_END] = { "zoned.page_end",
			    "SELECT COALESCE(MAX(p.id), 0) FROM (SELECT id FROM {scheduled_events} WHERE id >= ? ORDER BY id LIMIT ?) p",
			    "ii", "i" },
	/* Changed copies, too: their events are to be looked at again when they are
	 * no longer held. */
	[STMT_ZONED] = { "zoned.page",
			 "SELECT " EVENT_ID("e") ", e.timezone, " SQL_SECONDS("e.local_start") ", " SQL_SECONDS("e.starts_at")
			 ", e.duration_s, e.job_unpublished <> 0 FROM {scheduled_events} e WHERE e.id BETWEEN ? AND ?"
			 " AND e.timezone IS NOT NULL AND e.recurrence IS NULL AND e.rdates IS NULL"
			 " AND e.starts_at > UTC_TIMESTAMP() ORDER BY e.id",
			 "ii", "isiiii" },
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

bool occurrences_purge(struct ctx *ctx, int64_t days, int64_t limit, int64_t *removed_out)
{
	return db_exec(ctx->db, &ctx->fail, removed_out, &statements[STMT_PURGE], days, limit);
}

static void moment_or_null(struct db_text *text, int64_t utc)
{
	if (utc)
		db_text_time(text, utc);
	else
		db_text_lit(text, "NULL");
}

bool series_note(struct ctx *ctx, const struct event *event, int64_t next_utc)
{
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {scheduled_events} SET updated_at = updated_at, expanded_through = ");
	moment_or_null(text, event->expanded_through);
	db_text_lit(text, ", until_at = ");
	moment_or_null(text, event->until_at);
	db_text_lit(text, ", starts_at = ");
	db_text_time(text, event->starts_at);
	db_text_lit(text, ", ends_at = ");
	db_text_time(text, event->ends_at);
	db_text_lit(text, ", payload_hash = ");
	db_text_i64(text, (int64_t)event_payload_hash(event));
	if (next_utc) { /* too early does no harm */
		db_text_lit(text, ", next_due_at = LEAST(next_due_at, ");
		db_text_time(text, next_utc);
		db_text_lit(text, ")");
	}
	db_text_lit(text, " WHERE id = ");
	db_text_i64(text, event->id);
	return db_text_exec(text, NULL, &ctx->fail);
}

/* --- with a wall time ------------------------------------------------------------- */

bool zoned_page(struct ctx *ctx, int64_t from_id, int64_t limit, struct zoned_event **list_out, size_t *count_out, int64_t *next_id_out)
{
	struct db_rows rows;
	*list_out = NULL;
	*count_out = 0;
	*next_id_out = 0;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_PAGE_END], from_id, limit))
		return false;
	int64_t last_id = db_int(&rows, 0, 0);
	if (!last_id)
		return true;
	*next_id_out = last_id + 1;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_ZONED], from_id, last_id))
		return false;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++) {
		int64_t starts_at = db_int(&rows, i, 3), duration_s = db_int(&rows, i, 4);
		(*list_out)[i] = (struct zoned_event){
			.event = { .id = db_int(&rows, i, 0),
				   .timezone = db_str(&rows, i, 1),
				   .local_start = db_int(&rows, i, 2),
				   .starts_at = starts_at,
				   .ends_at = starts_at + duration_s,
				   .duration_s = duration_s },
			.is_held = db_int(&rows, i, 5) != 0,
		};
	}
	return true;
}
