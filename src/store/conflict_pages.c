/* Items in conflict, read. */
#include "store/conflict_pages.h"

#include "db/db.h"
#include "db/text.h"
#include "store/sql_time.h"

/* What is in conflict has a likeness, whatever its outcome. */
#define WAITING_JOIN                                                                                                   \
	" LEFT JOIN {batch_decisions} d ON d.job_id = x.job_id AND d.ordinal = x.ordinal AND d.worked_epoch = 0"

enum { STMT_ROWS, STMT_ALIKE };
static const struct db_stmt statements[] = {
	[STMT_ROWS] = { "conflicts.rows",
			"SELECT x.ordinal, x.code, x.epoch, x.ways, x.likeness, x.detail, i.input,"
			" CASE WHEN ? = 1 THEN i.event_id ELSE i.target_id END, d.ordinal IS NOT NULL, d.action, " SQL_SECONDS("d.decided_at") ","
			" COALESCE(u.display_name, '') FROM {batch_item_errors} x"
			" JOIN {batch_job_items} i ON i.job_id = x.job_id AND i.ordinal = x.ordinal AND i.outcome = x.outcome" WAITING_JOIN
			" LEFT JOIN {users} u ON u.id = d.user_id"
			" WHERE x.job_id = ? AND x.outcome = ? AND x.ordinal > ? AND x.likeness <> 0 AND (? = 0 OR x.likeness = ?)"
			" AND (? = 0 OR x.code = ?) ORDER BY x.ordinal LIMIT ?",
			"iiiiiiisi", "isiiissiisis" },
	[STMT_ALIKE] = { "conflicts.alike",
			 "SELECT g.likeness, g.waiting, g.first_ordinal, f.code, f.detail FROM"
			 " (SELECT x.likeness, COUNT(*) AS waiting, MIN(x.ordinal) AS first_ordinal FROM {batch_item_errors} x" WAITING_JOIN
			 " WHERE x.job_id = ? AND x.likeness <> 0 AND d.ordinal IS NULL GROUP BY x.likeness"
			 " ORDER BY waiting DESC, first_ordinal LIMIT ?) g"
			 " JOIN {batch_item_errors} f ON f.job_id = ? AND f.ordinal = g.first_ordinal ORDER BY g.waiting DESC, g.first_ordinal",
			 "iii", "iiiss" },
};
const struct db_stmt_table conflict_pages_statements = { "conflict_pages.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool conflict_rows(struct ctx *ctx, const struct job *job, const struct conflict_filter *filter, struct conflict_row **rows_out,
		   size_t *count_out)
{
	struct db_rows rows;
	int64_t outcome = job->type == JOB_EVALUATE ? OUTCOME_SUCCEEDED : OUTCOME_CONFLICT;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_ROWS], (int64_t)(job->type == JOB_UPDATE), job->id, outcome,
		      filter->after_ordinal, filter->likeness, filter->likeness, (int64_t)(filter->kind != NULL), filter->kind,
		      (int64_t)filter->limit))
		return false;
	*count_out = rows.count;
	*rows_out = arena_array(ctx->arena, rows.count + 1, sizeof(**rows_out));
	for (size_t i = 0; i < rows.count; i++) {
		struct conflict_row *row = &(*rows_out)[i];
		const char *action = db_str(&rows, i, 9);
		*row = (struct conflict_row){
			.ordinal = db_int(&rows, i, 0),
			.kind = db_str(&rows, i, 1),
			.epoch = (int32_t)db_int(&rows, i, 2),
			.ways = (uint32_t)db_int(&rows, i, 3),
			.likeness = db_int(&rows, i, 4),
			.detail = db_str(&rows, i, 5),
			.input = db_str(&rows, i, 6),
			.target_id = db_int(&rows, i, 7),
			.is_decided = db_int(&rows, i, 8) != 0,
			.decided_at = db_int(&rows, i, 10),
			.decided_by = db_str(&rows, i, 11),
		};
		row->is_decided &= action && on_conflict_by_name(action, &row->action);
	}
	return true;
}

bool conflict_alike(struct ctx *ctx, int64_t job_id, int32_t limit, struct alike_row **rows_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_ALIKE], job_id, (int64_t)limit, job_id))
		return false;
	*count_out = rows.count;
	*rows_out = arena_array(ctx->arena, rows.count + 1, sizeof(**rows_out));
	for (size_t i = 0; i < rows.count; i++)
		(*rows_out)[i] = (struct alike_row){ db_int(&rows, i, 0), db_int(&rows, i, 1), db_int(&rows, i, 2), db_str(&rows, i, 3),
						     db_str(&rows, i, 4) };
	return true;
}

bool conflict_alike_counts(struct ctx *ctx, int64_t job_id, const int64_t *likenesses, size_t count, struct alike_row **rows_out,
			   size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT x.likeness, COUNT(*), MIN(x.ordinal) FROM {batch_item_errors} x" WAITING_JOIN
					     " WHERE d.ordinal IS NULL AND x.job_id = ");
	db_text_i64(text, job_id);
	db_text_lit(text, " AND x.likeness IN ");
	db_text_list(text, likenesses, count);
	db_text_lit(text, " GROUP BY x.likeness ORDER BY x.likeness");
	if (!db_text_query(text, "iii", ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	*rows_out = arena_array(ctx->arena, rows.count + 1, sizeof(**rows_out));
	for (size_t i = 0; i < rows.count; i++)
		(*rows_out)[i] = (struct alike_row){ .likeness = db_int(&rows, i, 0), .count = db_int(&rows, i, 1), .first_ordinal = db_int(&rows, i, 2) };
	return true;
}

bool conflict_made_events(struct ctx *ctx, int64_t job_id, const int64_t *ordinals, size_t count, struct made_event **list_out,
			  size_t *count_out)
{
	struct db_rows rows = { 0 };
	struct db_text *text = db_text_begin(ctx->db, "SELECT ordinal, event_id FROM {batch_job_items} WHERE event_id <> 0 AND job_id = ");
	db_text_i64(text, job_id);
	db_text_lit(text, " AND ordinal IN ");
	db_text_list(text, ordinals, count);
	db_text_lit(text, " ORDER BY ordinal");
	if (!db_text_query(text, "ii", ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++)
		(*list_out)[i] = (struct made_event){ db_int(&rows, i, 0), db_int(&rows, i, 1) };
	return true;
}

bool conflict_places(struct ctx *ctx, enum calendar_kind kind, const int64_t *ids, size_t count, struct named_place **list_out,
		     size_t *count_out)
{
	struct db_rows rows = { 0 };
	struct db_text *text = db_text_begin(ctx->db, kind == CALENDAR_CONTENT ? "SELECT id, title, NULL FROM {contents} WHERE id IN "
									       : "SELECT id, name, timezone FROM {resources} WHERE id IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, " ORDER BY id");
	if (!db_text_query(text, "iss", ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++)
		(*list_out)[i] = (struct named_place){ db_int(&rows, i, 0), db_str(&rows, i, 1), db_str(&rows, i, 2) };
	return true;
}
