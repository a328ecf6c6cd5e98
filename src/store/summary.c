#include "store/summary.h"

enum { SUMMARY_THROUGHPUT, SUMMARY_ERRORS };

/* A derived table, because LIMIT in an IN subquery is not portable. */
#define NEWEST_JOBS(count) \
	" FROM (SELECT id, epoch FROM {batch_jobs} WHERE ? IN (0, created_by) ORDER BY id DESC LIMIT " count ") j"

static const struct db_stmt statements[] = {
	[SUMMARY_THROUGHPUT] = { "summary.throughput",
				 "SELECT 60 * (TIMESTAMPDIFF(SECOND, '1970-01-01', c.finished_at) DIV 60) AS at,"
				 " CAST(SUM(c.last_ordinal - c.first_ordinal + 1) AS SIGNED), CAST(SUM(c.work_ms) AS SIGNED)"
				 NEWEST_JOBS("100")
				 " JOIN {batch_chunks} c ON c.job_id = j.id AND c.epoch = j.epoch AND c.state = 'done'"
				 " WHERE c.finished_at > UTC_TIMESTAMP() - INTERVAL 1 HOUR GROUP BY 1 ORDER BY 1",
				 "i", "iii" },
	[SUMMARY_ERRORS] = { "summary.errors",
			     "SELECT e.code, COUNT(*) AS hits, MAX(e.job_id)" NEWEST_JOBS("20")
			     " JOIN {batch_item_errors} e ON e.job_id = j.id GROUP BY e.code ORDER BY hits DESC, e.code"
			     " LIMIT 10",
			     "i", "sii" },
};
const struct db_stmt_table summary_statements = { "summary.c", statements, sizeof statements / sizeof statements[0] };

bool summary_throughput(struct ctx *ctx, int64_t user_id, struct minute_row **rows_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[SUMMARY_THROUGHPUT], user_id))
		return false;
	*rows_out = arena_array(ctx->arena, rows.count + 1, sizeof **rows_out);
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*rows_out)[i] =
			(struct minute_row){ db_int(&rows, i, 0), db_int(&rows, i, 1), db_int(&rows, i, 2) };
	return true;
}

bool summary_errors(struct ctx *ctx, int64_t user_id, struct error_row **rows_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[SUMMARY_ERRORS], user_id))
		return false;
	*rows_out = arena_array(ctx->arena, rows.count + 1, sizeof **rows_out);
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*rows_out)[i] = (struct error_row){ db_str(&rows, i, 0), db_int(&rows, i, 1), db_int(&rows, i, 2) };
	return true;
}
