#include "store/summary.h"

#include "store/sql_time.h"

enum { SUMMARY_THROUGHPUT, SUMMARY_OPEN_ERRORS, SUMMARY_ERRORS_OF_USER };

static const struct db_stmt statements[] = {
	/* A chunk that a further pass only copied has not been attempted there. */
	[SUMMARY_THROUGHPUT] = { "summary.throughput",
				 "SELECT ? * (TIMESTAMPDIFF(SECOND, '1970-01-01', c.finished_at) DIV ?) AS at,"
				 " CAST(SUM(c.items) AS SIGNED), CAST(SUM(c.work_ms) AS SIGNED) FROM (SELECT job_id, finished_at,"
				 " last_ordinal - first_ordinal + 1 AS items, work_ms FROM {batch_chunks} FORCE INDEX (finished)"
				 " WHERE finished_at > " SQL_NOW " - INTERVAL ? SECOND AND state = 'done' AND attempt > 0"
				 " ORDER BY finished_at DESC LIMIT ?) c LEFT JOIN {batch_jobs} j ON j.id = c.job_id"
				 " WHERE ? IN (0, j.created_by) GROUP BY 1 ORDER BY 1",
				 "iiiii", "iii" },
	[SUMMARY_OPEN_ERRORS] = { "summary.open_errors",
				  "SELECT code, CAST(SUM(occurrences) AS SIGNED) AS hits, MAX(job_id) FROM {error_logs}"
				  " WHERE resolved_at IS NULL AND last_seen > " SQL_NOW " - INTERVAL 7 DAY"
				  " GROUP BY code ORDER BY hits DESC, code LIMIT 10",
				  "", "sii" },
	/* Derived tables, because LIMIT in an IN subquery is not portable. */
	[SUMMARY_ERRORS_OF_USER] = { "summary.errors_of_user",
				     "SELECT code, COUNT(*) AS hits, MAX(job_id) FROM (SELECT e.code, e.job_id FROM (SELECT id"
				     " FROM {batch_jobs} WHERE created_by = ? ORDER BY id DESC LIMIT 20) j"
				     " JOIN {batch_item_errors} e ON e.job_id = j.id AND e.outcome IN (4, 5, 8) LIMIT 20000) counted"
				     " GROUP BY code ORDER BY hits DESC, code LIMIT 10",
				     "i", "sii" },
};
const struct db_stmt_table summary_statements = { "summary.c", statements, sizeof statements / sizeof statements[0] };

bool summary_throughput(struct ctx *ctx, int64_t user_id, int64_t window_s, int64_t bucket_s,
			struct throughput_row **rows_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[SUMMARY_THROUGHPUT], bucket_s, bucket_s, window_s,
		      (int64_t)THROUGHPUT_CHUNKS_MAX, user_id))
		return false;
	*rows_out = arena_array(ctx->arena, rows.count + 1, sizeof **rows_out);
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*rows_out)[i] = (struct throughput_row){ db_int(&rows, i, 0), db_int(&rows, i, 1), db_int(&rows, i, 2) };
	return true;
}

bool summary_errors(struct ctx *ctx, int64_t user_id, struct error_row **rows_out, size_t *count_out)
{
	struct db_rows rows;
	bool ok = user_id ? db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[SUMMARY_ERRORS_OF_USER], user_id)
			  : db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[SUMMARY_OPEN_ERRORS]);
	if (!ok)
		return false;
	*rows_out = arena_array(ctx->arena, rows.count + 1, sizeof **rows_out);
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*rows_out)[i] = (struct error_row){ db_str(&rows, i, 0), db_int(&rows, i, 1), db_int(&rows, i, 2) };
	return true;
}
