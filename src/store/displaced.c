/* Events that make room for others. */
#include "store/displaced.h"

#include "db/text.h"
#include "store/undo.h"

bool displaced_load(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count, bool lock_reads, bool held,
		    struct displaced_event **list_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT " EVENT_COLUMNS ", EXISTS (SELECT 1 FROM " IMAGES_BY_EVENT("u")
					     " WHERE u.event_id = t.id AND u.job_id = ");
	db_text_i64(text, job_id ? job_id : -1);
	db_text_lit(text, "), COALESCE(t.origin_job_id, 0) = ");
	db_text_i64(text, job_id ? job_id : -1);
	db_text_lit(text, " OR EXISTS (SELECT 1 FROM " IMAGES_BY_EVENT("u") " JOIN {batch_job_items} i"
		    " ON i.job_id = u.job_id AND i.ordinal = u.ordinal AND i.event_id = u.event_id WHERE u.event_id = t.id AND u.job_id = ");
	db_text_i64(text, job_id ? job_id : -1);
	db_text_lit(text, ") FROM {scheduled_events} t");
	if (held) {
		db_text_lit(text, " LEFT JOIN {scheduled_events} h ON h.shadow_of = t.id AND h.job_unpublished = ");
		db_text_i64(text, job_id);
		db_text_lit(text, " JOIN {scheduled_events} e ON e.id = COALESCE(h.id, t.id)");
	} else {
		db_text_lit(text, " JOIN {scheduled_events} e ON e.id = t.id");
	}
	db_text_lit(text, " WHERE t.id IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, " ORDER BY t.id");
	if (lock_reads && !db_reads_committed(ctx->db))
		db_text_lit(text, " LOCK IN SHARE MODE");
	if (!db_text_query(text, EVENT_TYPES "ii", ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++) {
		(void)event_from_row(ctx, &rows, i, 0, &(*list_out)[i].event);
		(*list_out)[i].has_lost = db_int(&rows, i, EVENT_COLUMN_COUNT) != 0;
		(*list_out)[i].is_of_batch = db_int(&rows, i, EVENT_COLUMN_COUNT + 1) != 0;
	}
	return true;
}

bool events_supersede(struct ctx *ctx, int64_t updated_by, const struct supersession *list, size_t count)
{
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {scheduled_events} SET status = 'superseded', next_due_at = NULL,"
					     " row_version = row_version + 1, as_version = 0, superseded_by = ");
	db_text_by_key(text, "id", &list->event_id, &list->superseded_by, sizeof(*list), count);
	db_text_lit(text, ", updated_by = ");
	db_text_i64(text, updated_by);
	db_text_lit(text, " WHERE id IN (");
	for (size_t i = 0; i < count; i++)
		db_text_i64(text, list[i].event_id);
	db_text_lit(text, ")");
	return db_text_exec(text, NULL, &ctx->fail);
}
