/* Rows of batch_job_dependencies. */
#include "store/dependencies.h"

#include "db/db.h"
#include "db/text.h"
#include "store/sql_time.h"
#include "store/turns.h"

enum { STMT_FORGET };
static const struct db_stmt statements[] = {
	[STMT_FORGET] = { "dependencies.forget", "UPDATE {batch_jobs} SET waiting = 0 WHERE id = ?", "i", "" },
};
const struct db_stmt_table dependencies_statements = { "dependencies.c", statements,
						       sizeof(statements) / sizeof(statements[0]) };

bool dependencies_known(struct ctx *ctx, const struct id_list *ids, int64_t before_id, int64_t owner_id, int64_t *ids_out,
			size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT id FROM {batch_jobs} WHERE id IN ");
	db_text_list(text, ids->ids, ids->count);
	db_text_lit(text, " AND id < ");
	db_text_i64(text, before_id);
	if (owner_id) {
		db_text_lit(text, " AND created_by = ");
		db_text_i64(text, owner_id);
	}
	if (!db_text_query(text, "i", ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		ids_out[i] = db_int(&rows, i, 0);
	return true;
}

bool dependencies_insert(struct ctx *ctx, int64_t job_id, const struct id_list *ids)
{
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {batch_job_dependencies} (job_id, depends_on) VALUES ");
	for (size_t i = 0; i < ids->count; i++) {
		db_text_row(text);
		db_text_i64(text, job_id);
		db_text_i64(text, ids->ids[i]);
		db_text_end_row(text);
	}
	return !ids->count || db_text_exec(text, NULL, &ctx->fail);
}

bool dependencies_list(struct ctx *ctx, const int64_t *job_ids, size_t count, struct dependency **list_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT d.job_id, d.depends_on, j.status, j.label FROM {batch_job_dependencies} d"
					     " LEFT JOIN {batch_jobs} j ON j.id = d.depends_on WHERE d.job_id IN ");
	db_text_list(text, job_ids, count);
	db_text_lit(text, " ORDER BY d.job_id, d.depends_on");
	if (!db_text_query(text, "iiss", ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++) {
		const char *status = db_str(&rows, i, 2);
		(*list_out)[i] = (struct dependency){
			.job_id = db_int(&rows, i, 0),
			.id = db_int(&rows, i, 1),
			.is_gone = status == NULL,
			.state = status ? job_state_by_name(status) : JOB_CANCELLED,
			.label = status ? db_str(&rows, i, 3) : "",
		};
	}
	return true;
}

/* --- whose turn has come --------------------------------------------------------- */

bool dependencies_ripe(struct ctx *ctx, enum settle_which which, const struct id_list *ids, struct id_list *ready,
		       struct id_list *doomed)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(
		ctx->db, "SELECT j.id, SUM(p.status = 'succeeded') = COUNT(*) AS ready, SUM(p.id IS NULL OR"
			 " p.phase IN ('completed', 'failed') AND p.status <> 'succeeded') > 0 AS doomed FROM {batch_jobs} j"
			 " JOIN {batch_job_dependencies} d ON d.job_id = j.id LEFT JOIN {batch_jobs} p ON p.id = d.depends_on"
			 " WHERE j.waiting = 1 AND j.status = 'queued'");
	if (which == SETTLE_JOB)
		db_text_lit(text, " AND j.id IN ");
	else if (which == SETTLE_DEPENDENTS)
		db_text_lit(text, " AND j.id IN (SELECT x.job_id FROM {batch_job_dependencies} x WHERE x.depends_on IN ");
	if (which != SETTLE_ALL)
		db_text_list(text, ids->ids, ids->count);
	if (which == SETTLE_DEPENDENTS)
		db_text_lit(text, ")");
	db_text_lit(text, " GROUP BY j.id HAVING ready OR doomed LIMIT ");
	db_text_i64(text, SETTLE_MAX);
	if (!db_text_query(text, "iii", ctx->arena, &rows, &ctx->fail))
		return false;
	int64_t *begin = arena_array(ctx->arena, 2 * rows.count + 1, sizeof(*begin)), *end = begin + rows.count;
	*ready = (struct id_list){ begin, 0 };
	*doomed = (struct id_list){ end, 0 };
	for (size_t i = 0; i < rows.count; i++) {
		if (db_int(&rows, i, 2))
			end[doomed->count++] = db_int(&rows, i, 0);
		else if (db_int(&rows, i, 1))
			begin[ready->count++] = db_int(&rows, i, 0);
	}
	return true;
}

static bool move(struct ctx *ctx, const char *update, const struct id_list *jobs)
{
	if (!jobs->count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, update);
	db_text_lit(text, " WHERE waiting = 1 AND status = 'queued' AND id IN ");
	db_text_list(text, jobs->ids, jobs->count);
	return db_text_exec(text, NULL, &ctx->fail);
}

bool dependencies_release(struct ctx *ctx, const struct id_list *jobs)
{
	return move(ctx, "UPDATE {batch_jobs} SET waiting = 0", jobs) && jobs_are_ready(ctx, jobs->ids, jobs->count);
}

bool dependencies_doom(struct ctx *ctx, const struct id_list *jobs)
{
	return move(ctx, "UPDATE {batch_jobs} SET waiting = 2, status = 'failed', phase = 'failed', finished_at = " SQL_NOW, jobs);
}

bool dependencies_forget(struct ctx *ctx, int64_t job_id)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_FORGET], job_id);
}
