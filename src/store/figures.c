#include "store/figures.h"

#include "db/db.h"

enum { STMT_LEARN };

static const struct db_stmt statements[] = {
	/* By the key (type, status) the newest come last; a few thousand chunk
	 * rows at most. */
	[STMT_LEARN] = { "figures.learn",
			 "SELECT COUNT(*), COALESCE(SUM(x.items), 0), COALESCE(SUM(x.work_ms), 0) FROM (SELECT"
			 " c.last_ordinal - c.first_ordinal + 1 AS items, c.work_ms FROM (SELECT id FROM {batch_jobs}"
			 " WHERE type = ? AND status = ? ORDER BY id DESC LIMIT 5) j JOIN {batch_chunks} c ON c.job_id = j.id"
			 " AND c.epoch = 1 AND c.state = 'done' AND c.work_ms > 0 LIMIT 2000) x",
			 "ss", "iii" },
};
const struct db_stmt_table figures_statements = { "figures.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool figures_learn(struct ctx *ctx, enum job_type type, struct work_figures *figures)
{
	static const enum job_state ends[] = { JOB_SUCCEEDED, JOB_PARTIAL };
	*figures = (struct work_figures){ 0 };
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct db_rows rows;
		if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LEARN], job_type_name(type),
			      job_state_name(ends[i])))
			return false;
		figures->chunks += db_int(&rows, 0, 0);
		figures->items += db_int(&rows, 0, 1);
		figures->work_ms += db_int(&rows, 0, 2);
	}
	return true;
}
