/* What a job receives: slices, queries to be frozen, options; and its end. */
#include "db/db.h"
#include "db/text.h"
#include "store/jobs.h"

enum {
	STMT_ADD_ITEMS,
	STMT_SET_OPTIONS,
	STMT_SET_CSV_HEADER,
	STMT_SLICE_GET,
	STMT_SLICE_INSERT,
	STMT_EXPANSION_NEXT,
	STMT_EXPANSION_MOVE,
	STMT_EXPANSION_FINISH,
	STMT_ADD_FROZEN,
};

static const struct db_stmt statements[] = {
	[STMT_ADD_ITEMS] = { "jobs.add_items",
			     "UPDATE {batch_jobs} SET received = received + ?, total = total + ?, unfrozen = unfrozen + ?,"
			     " ordered = GREATEST(ordered, ?), linked = GREATEST(linked, ?),"
			     " places_left = GREATEST(places_left, ?), places_whole = GREATEST(places_whole, ?)"
			     " WHERE id = ? AND status = 'receiving'",
			     "iiiiiiii", "" },
	[STMT_SET_OPTIONS] = { "jobs.set_options",
			       "UPDATE {batch_jobs} SET options = ?, label = ?, priority = ?, chunk_size = ?, max_lanes = ?, lease_s = ?,"
			       " waiting = ?, ordered = GREATEST(ordered, ?), atomic = ? WHERE id = ? AND status = 'receiving'",
			       "ssiiiiiiii", "" },
	[STMT_SET_CSV_HEADER] = { "jobs.set_csv_header", "UPDATE {batch_jobs} SET csv_header = ? WHERE id = ?", "si", "" },
	[STMT_SLICE_GET] = { "slices.get", "SELECT items, content_hash FROM {batch_slices} WHERE job_id = ? AND first_ordinal = ?",
			     "ii", "ib" },
	[STMT_SLICE_INSERT] = { "slices.insert",
				"INSERT INTO {batch_slices} (job_id, first_ordinal, items, content_hash) VALUES (?, ?, ?, ?)", "iiib", "" },
	[STMT_EXPANSION_NEXT] = { "expansions.next",
				  "SELECT x.ordinal, x.direction, x.after_utc, x.after_id, x.matched, i.input FROM {batch_expansions} x"
				  " JOIN {batch_job_items} i ON i.job_id = x.job_id AND i.ordinal = x.ordinal"
				  " WHERE x.job_id = ? ORDER BY x.ordinal LIMIT 1",
				  "i", "iiiiis" },
	[STMT_EXPANSION_MOVE] = { "expansions.move",
				  "UPDATE {batch_expansions} SET after_utc = ?, after_id = ?, matched = ?"
				  " WHERE job_id = ? AND ordinal = ? AND after_id = ?",
				  "iiiiii", "" },
	[STMT_EXPANSION_FINISH] = { "expansions.finish", "DELETE FROM {batch_expansions} WHERE job_id = ? AND ordinal = ?", "ii", "" },
	[STMT_ADD_FROZEN] = { "jobs.add_frozen",
			      "UPDATE {batch_jobs} SET total = total + ?, unfrozen = unfrozen - ? WHERE id = ?", "iii", "" },
};
const struct db_stmt_table job_input_statements = { "job_input.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool job_add_items(struct ctx *ctx, int64_t id, const struct received *received)
{
	int64_t affected = 0;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_ADD_ITEMS], received->items, received->items,
		     received->queries, (int64_t)received->in_order, (int64_t)received->is_linked,
		     (int64_t)received->place_parts, (int64_t)received->places_whole, id))
		return false;
	return affected == 1 ||
	       fail_set(&ctx->fail, FAIL_CONFLICT, CODE_ILLEGAL_TRANSITION, "The batch no longer takes items");
}

bool job_set_options(struct ctx *ctx, const struct job *job)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_SET_OPTIONS], job->options, job->label,
		       (int64_t)job->priority, job->chunk_size, (int64_t)job->max_lanes, (int64_t)job->lease_s,
		       (int64_t)job->waiting, (int64_t)job->is_ordered, (int64_t)job->is_atomic, job->id);
}

bool job_set_csv_header(struct ctx *ctx, int64_t id, const char *header)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_SET_CSV_HEADER], header, id);
}

bool slice_row_get(struct ctx *ctx, int64_t job_id, int64_t offset, struct slice_row *row)
{
	struct db_rows rows;
	*row = (struct slice_row){ 0 };
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_SLICE_GET], job_id, offset))
		return false;
	if (rows.count && db_at(&rows, 0, 1)->len == sizeof(row->content_hash)) {
		row->items = db_int(&rows, 0, 0);
		memcpy(row->content_hash, db_str(&rows, 0, 1), sizeof(row->content_hash));
	}
	return true;
}

bool slice_row_insert(struct ctx *ctx, int64_t job_id, int64_t offset, const struct slice_row *row)
{
	struct db_bytes hash = { row->content_hash, sizeof(row->content_hash) };
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_SLICE_INSERT], job_id, offset, row->items, &hash);
}

bool expansion_next(struct ctx *ctx, int64_t job_id, struct expansion *expansion, bool *found_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_EXPANSION_NEXT], job_id))
		return false;
	*found_out = rows.count > 0;
	if (*found_out)
		*expansion = (struct expansion){ db_int(&rows, 0, 0), (int32_t)db_int(&rows, 0, 1), db_int(&rows, 0, 2),
						  db_int(&rows, 0, 3), db_int(&rows, 0, 4), db_str(&rows, 0, 5) };
	return true;
}

bool expansion_move(struct ctx *ctx, int64_t job_id, const struct expansion *expansion, int64_t after_utc, int64_t after_id,
		    int64_t matched, bool *mine_out)
{
	int64_t affected = 0;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_EXPANSION_MOVE], after_utc, after_id, matched, job_id,
		     expansion->ordinal, expansion->after_id))
		return false;
	*mine_out = affected == 1;
	return true;
}

bool expansion_finish(struct ctx *ctx, int64_t job_id, int64_t ordinal)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_EXPANSION_FINISH], job_id, ordinal);
}

bool job_add_frozen(struct ctx *ctx, int64_t id, int64_t items, int64_t finished_queries)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_ADD_FROZEN], items, finished_queries, id);
}
