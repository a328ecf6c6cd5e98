/* Rows that a batch holds until it is published: held, folded, withdrawn. */
#include "store/shadows.h"

#include "db/text.h"

enum { STMT_LOAD_MADE, STMT_SHOW_MADE, STMT_DELETE_MADE, STMT_UNDO_EVENTS, STMT_FORGET_UNDO };
#define MADE_RANGE " e.origin_job_id = ? AND e.origin_ordinal BETWEEN ? AND ? AND e.job_unpublished > 0"
static const struct db_stmt statements[] = {
	[STMT_LOAD_MADE] = { "shadows.load_made",
			     "SELECT " EVENT_COLUMNS " FROM {scheduled_events} e WHERE" MADE_RANGE " ORDER BY e.id", "iii", EVENT_TYPES },
	[STMT_SHOW_MADE] = { "shadows.show_made",
			     "UPDATE {scheduled_events} e SET e.job_unpublished = 0, e.updated_at = e.updated_at WHERE" MADE_RANGE, "iii", "" },
	[STMT_DELETE_MADE] = { "shadows.delete_made", "DELETE e FROM {scheduled_events} e WHERE" MADE_RANGE, "iii", "" },
	[STMT_UNDO_EVENTS] = { "shadows.undo_events",
			       "SELECT DISTINCT event_id FROM {undo_rows} WHERE job_id = ? AND ordinal BETWEEN ? AND ? ORDER BY event_id",
			       "iii", "i" },
	[STMT_FORGET_UNDO] = { "shadows.forget_undo", "DELETE FROM {undo_rows} WHERE job_id = ? AND ordinal BETWEEN ? AND ?", "iii", "" },
};
const struct db_stmt_table shadows_statements = { "shadows.c", statements, sizeof(statements) / sizeof(statements[0]) };

/* --- holding ------------------------------------------------------------------ */

static bool mark(struct ctx *ctx, int64_t from, int64_t to, const int64_t *ids, size_t count, int64_t *marked_out)
{
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {scheduled_events} SET updated_at = updated_at, job_unpublished = ");
	db_text_i64(text, to);
	db_text_lit(text, " WHERE job_unpublished = ");
	db_text_i64(text, from);
	db_text_lit(text, " AND id IN ");
	db_text_list(text, ids, count);
	return db_text_exec(text, marked_out, &ctx->fail);
}

bool events_hold(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count, bool *same_out)
{
	int64_t marked = 0;
	if (count && !mark(ctx, 0, -job_id, ids, count, &marked))
		return false;
	*same_out = marked == (int64_t)count;
	return true;
}

bool events_release(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count)
{
	return !count || mark(ctx, -job_id, 0, ids, count, NULL);
}

/* " FROM shadows WHERE …" */
static void where_shadows(struct db_text *text, int64_t job_id, const int64_t *ids, size_t count)
{
	db_text_lit(text, " WHERE e.job_unpublished = ");
	db_text_i64(text, job_id);
	db_text_lit(text, " AND e.shadow_of IN ");
	db_text_list(text, ids, count);
}

bool shadows_delete(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count)
{
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "DELETE e, r FROM {scheduled_events} e"
					     " LEFT JOIN {event_resources} r ON r.event_id = -e.shadow_of");
	where_shadows(text, job_id, ids, count);
	return db_text_exec(text, NULL, &ctx->fail);
}

bool shadows_take_clients(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count)
{
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {scheduled_events} e JOIN {scheduled_events} t ON t.id = e.shadow_of"
					     " SET e.created_by = ABS(e.created_by), e.updated_at = e.updated_at");
	where_shadows(text, job_id, ids, count);
	db_text_lit(text, " AND NOT (e.client_id <=> t.client_id)");
	return db_text_exec(text, NULL, &ctx->fail);
}

/* --- looking ------------------------------------------------------------------- */

bool shadows_load(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count, struct shadow **list_out,
		  size_t *count_out)
{
	struct db_rows rows = { 0 };
	if (count) {
		struct db_text *text = db_text_begin(ctx->db, "SELECT e.shadow_moves, " EVENT_COLUMNS " FROM {scheduled_events} e");
		where_shadows(text, job_id, ids, count);
		db_text_lit(text, " ORDER BY e.shadow_of FOR UPDATE");
		if (!db_text_query(text, "i" EVENT_TYPES, ctx->arena, &rows, &ctx->fail))
			return false;
	}
	*count_out = rows.count;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++) {
		(*list_out)[i].moves = db_int(&rows, i, 0) != 0;
		(void)event_from_row(ctx, &rows, i, 1, &(*list_out)[i].event);
	}
	return true;
}

static void take_events(struct ctx *ctx, const struct db_rows *rows, struct event **list_out, size_t *count_out)
{
	*count_out = rows->count;
	*list_out = arena_array(ctx->arena, rows->count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows->count; i++)
		(void)event_from_row(ctx, rows, i, 0, &(*list_out)[i]);
}

bool events_load_held(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count, struct event **list_out,
		      size_t *count_out)
{
	struct db_rows rows = { 0 };
	if (count) {
		struct db_text *text = db_text_begin(ctx->db, "SELECT " EVENT_COLUMNS " FROM {scheduled_events} e WHERE e.job_unpublished = ");
		db_text_i64(text, -job_id);
		db_text_lit(text, " AND e.id IN ");
		db_text_list(text, ids, count);
		if (!db_text_query(text, EVENT_TYPES, ctx->arena, &rows, &ctx->fail))
			return false;
	}
	take_events(ctx, &rows, list_out, count_out);
	return true;
}

bool events_load_made(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, struct event **list_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LOAD_MADE], job_id, first, last))
		return false;
	take_events(ctx, &rows, list_out, count_out);
	return true;
}

/* --- showing and withdrawing ------------------------------------------------------ */

bool events_show_made(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_SHOW_MADE], job_id, first, last);
}

bool events_delete_made(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, const int64_t *ids, size_t count)
{
	return !count || (events_clear_resources(ctx, ids, count) &&
			  db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_DELETE_MADE], job_id, first, last));
}

/* A client_id that is new stands in both rows for a moment: the shadow's owner
 * becomes the one that does not count first. */
static bool free_client_ids(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count)
{
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {scheduled_events} e SET e.created_by = -ABS(e.created_by),"
					     " e.updated_at = e.updated_at");
	where_shadows(text, job_id, ids, count);
	db_text_lit(text, " AND e.created_by > 0");
	return db_text_exec(text, NULL, &ctx->fail);
}

static bool copy_over(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count)
{
	struct db_text *text =
		db_text_begin(ctx->db, "UPDATE {scheduled_events} e JOIN {scheduled_events} s ON e.id = s.shadow_of"
			      " SET " EVENT_COPY("s") ", e.next_due_at = s.next_due_at, e.row_version = s.row_version,"
			      " e.as_version = 0, e.updated_by = s.updated_by, e.updated_at = s.updated_at, e.job_unpublished = 0"
			      " WHERE s.job_unpublished = ");
	db_text_i64(text, job_id);
	db_text_lit(text, " AND s.shadow_of IN ");
	db_text_list(text, ids, count);
	return db_text_exec(text, NULL, &ctx->fail);
}

static bool move_resources(struct ctx *ctx, const int64_t *moved, size_t count)
{
	int64_t *negative = arena_array(ctx->arena, count + 1, sizeof(*negative));
	for (size_t i = 0; i < count; i++)
		negative[i] = -moved[i];
	if (!events_clear_resources(ctx, moved, count))
		return false;
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {event_resources} SET event_id = -event_id WHERE event_id IN ");
	db_text_list(text, negative, count);
	return db_text_exec(text, NULL, &ctx->fail);
}

bool shadows_fold(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count, const int64_t *moved, size_t moved_count)
{
	return !count || (free_client_ids(ctx, job_id, ids, count) && copy_over(ctx, job_id, ids, count) &&
			  (!moved_count || move_resources(ctx, moved, moved_count)) && shadows_delete(ctx, job_id, ids, count));
}

bool undo_rows_events(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, int64_t **ids_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_UNDO_EVENTS], job_id, first, last))
		return false;
	*count_out = rows.count;
	*ids_out = arena_array(ctx->arena, rows.count + 1, sizeof(**ids_out));
	for (size_t i = 0; i < rows.count; i++)
		(*ids_out)[i] = db_int(&rows, i, 0);
	return true;
}

bool undo_rows_forget(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_FORGET_UNDO], job_id, first, last);
}
