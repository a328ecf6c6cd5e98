#include "store/figures.h"

#include "db/db.h"

enum { STMT_LEARN };

static const struct db_stmt statements[] = {
	/* By the key (type, status) the newest come last; a few thousand chunk
	 * rows at most.  Items by their outcomes: a chunk of a stage spans those of
	 * other stages. */
	[STMT_LEARN] = { "figures.learn",
			 "SELECT COUNT(*), SUM(x.items), SUM(x.work_ms) FROM (SELECT"
			 " c.job_id, c.succeeded + c.unchanged + c.skipped + c.conflict + c.failed + c.undone + c.undo_conflict"
			 " AS items, c.work_ms FROM (SELECT id FROM {batch_jobs}"
			 " WHERE type = ? AND status = ? ORDER BY id DESC LIMIT 5) j JOIN {batch_chunks} c ON c.job_id = j.id"
			 " AND c.epoch = 1 AND c.state = 'done' AND c.work_ms > 0 LIMIT 2000) x GROUP BY x.job_id",
			 "ss", "iii" },
};
const struct db_stmt_table figures_statements = { "figures.c", statements, sizeof(statements) / sizeof(statements[0]) };

static bool is_cheaper(const struct work_figures *figures, const struct work_figures *than)
{
	return figures->work_ms * than->items < than->work_ms * figures->items;
}

bool figures_learn(struct ctx *ctx, enum job_type type, int64_t least_items, struct work_figures *figures)
{
	static const enum job_state ends[] = { JOB_SUCCEEDED, JOB_PARTIAL };
	*figures = (struct work_figures){ 0 };
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct db_rows rows;
		if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LEARN], job_type_name(type),
			      job_state_name(ends[i])))
			return false;
		for (size_t row = 0; row < rows.count; row++) {
			struct work_figures job = { db_int(&rows, row, 0), db_int(&rows, row, 1), db_int(&rows, row, 2) };
			if (job.items >= least_items && (!figures->items || is_cheaper(&job, figures)))
				*figures = job;
		}
	}
	return true;
}
