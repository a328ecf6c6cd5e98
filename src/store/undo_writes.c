/* Undo: putting things back, a chunk at a time. */
#include "store/undo.h"

#include "db/text.h"
#include "store/events.h"

/* Of the column `id`, which only events have. */
static void by_id(struct db_text *text, const struct undo_write *list, const int64_t *values, size_t count)
{
	db_text_by_key(text, "id", &list[0].event_id, values, sizeof(*list), count);
}

/* `and_version` names the column where a join has two; only events have an id. */
static void still_at(struct db_text *text, const struct undo_write *list, size_t count, const char *and_version)
{
	db_text_lit(text, " WHERE id IN (");
	for (size_t i = 0; i < count; i++)
		db_text_i64(text, list[i].event_id);
	db_text_lit(text, and_version);
	by_id(text, list, &list[0].row_version, count);
}

bool undo_delete_events(struct ctx *ctx, int64_t job_id, const struct undo_write *list, size_t count, bool *same_out)
{
	int64_t deleted = 0;
	struct db_text *text = db_text_begin(ctx->db, "DELETE FROM {scheduled_events}");
	still_at(text, list, count, ") AND row_version = ");
	db_text_lit(text, " AND origin_job_id = ");
	db_text_i64(text, job_id);
	if (!db_text_exec(text, &deleted, &ctx->fail))
		return false;
	*same_out = deleted == (int64_t)count;
	return true;
}

bool undo_restore_events(struct ctx *ctx, int64_t job_id, int64_t undone_by, const struct undo_write *list, size_t count,
			 bool *same_out)
{
	int64_t restored = 0;
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {scheduled_events} e STRAIGHT_JOIN {undo_rows} u"
					     " ON u.event_id = e.id AND u.job_id = ");
	db_text_i64(text, job_id);
	db_text_lit(text, " AND u.epoch = ");
	by_id(text, list, &list[0].epoch, count);
	db_text_lit(text, " AND u.ordinal = ");
	by_id(text, list, &list[0].ordinal, count);
	db_text_lit(text, " SET " EVENT_COPY("u") ", e.next_due_at = CASE WHEN u.status = 'scheduled' THEN u.starts_at END,"
		    " e.as_version = COALESCE(NULLIF(u.as_version, 0), u.row_version), e.row_version = e.row_version + 1,"
		    " e.updated_by = ");
	db_text_i64(text, undone_by);
	still_at(text, list, count, ") AND e.row_version = ");
	if (!db_text_exec(text, &restored, &ctx->fail))
		return false;
	*same_out = restored == (int64_t)count;
	return true;
}

bool undo_free_client_ids(struct ctx *ctx, const int64_t *event_ids, size_t count)
{
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {scheduled_events} SET client_id = NULL WHERE id IN ");
	db_text_list(text, event_ids, count);
	return !count || db_text_exec(text, NULL, &ctx->fail);
}

bool undo_set_versions(struct ctx *ctx, const struct undo_write *list, size_t count)
{
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {scheduled_events} SET updated_at = updated_at, as_version = ");
	by_id(text, list, &list[0].row_version, count);
	db_text_lit(text, " WHERE id IN (");
	for (size_t i = 0; i < count; i++)
		db_text_i64(text, list[i].event_id);
	db_text_lit(text, ")");
	return db_text_exec(text, NULL, &ctx->fail);
}

bool undo_set_moments(struct ctx *ctx, const struct undo_moment *list, size_t count)
{
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {scheduled_events} SET updated_at = updated_at,"
					     " starts_at = TIMESTAMP'1970-01-01 00:00:00' + INTERVAL ");
	db_text_by_key(text, "id", &list[0].event_id, &list[0].starts_at, sizeof(*list), count);
	db_text_lit(text, " SECOND, ends_at = starts_at + INTERVAL duration_s SECOND, next_due_at = CASE WHEN status = 'scheduled'"
		    " THEN starts_at END WHERE id IN (");
	for (size_t i = 0; i < count; i++)
		db_text_i64(text, list[i].event_id);
	db_text_lit(text, ")");
	return db_text_exec(text, NULL, &ctx->fail);
}

bool undo_same_states(struct ctx *ctx, const int64_t *event_ids, size_t count)
{
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {scheduled_events} e JOIN {event_history} h ON h.event_id = e.id"
					     " AND h.row_version = e.row_version - 1 SET e.updated_at = e.updated_at,"
					     " e.as_version = COALESCE(NULLIF(h.as_version, 0), h.row_version) WHERE e.id IN ");
	db_text_list(text, event_ids, count);
	return db_text_exec(text, NULL, &ctx->fail);
}
