/* Chunks that turn out to be too much at once. */
#include "db/db.h"
#include "store/chunks.h"
#include "store/sql_time.h"

#define UNREADABLE "i.outcome = 5 AND i.attempts = 0"
#define SUM_IF(condition) "COALESCE(SUM(" condition "), 0)"
/* Items by the outcome that they have now. */
#define OUTCOME_SUMS                                                                                                   \
	SUM_IF("i.outcome = 1") " AS succeeded, " SUM_IF("i.outcome = 2") " AS unchanged, " SUM_IF("i.outcome = 3")       \
	" AS skipped, " SUM_IF("i.outcome = 4") " AS conflict, " SUM_IF("i.outcome = 5") " AS failed, "                  \
	SUM_IF("i.outcome = 7") " AS undone, " SUM_IF("i.outcome = 8") " AS undo_conflict, " SUM_IF(UNREADABLE) " AS unreadable"
#define IS_MINE                                                                                                        \
	"c.job_id = ? AND c.epoch = ? AND c.first_ordinal = ? AND c.isolated = ? AND c.state = 'leased'"                  \
	" AND c.token = ? AND c.attempt = ?"

enum { STMT_KEEP, STMT_PIECES, STMT_DROP, STMT_HOLD_BACK };
static const struct db_stmt statements[] = {
	[STMT_KEEP] = { "chunks.keep",
			"UPDATE {batch_chunks} c JOIN (SELECT " OUTCOME_SUMS " FROM {batch_job_items} i"
			" WHERE i.job_id = ? AND i.ordinal BETWEEN ? AND ?) s SET c.last_ordinal = ?, c.succeeded = s.succeeded,"
			" c.unchanged = s.unchanged, c.skipped = s.skipped, c.conflict = s.conflict, c.failed = s.failed,"
			" c.undone = s.undone, c.undo_conflict = s.undo_conflict, c.unreadable = s.unreadable WHERE " IS_MINE,
			"iiiiiiiiii", "" },
	[STMT_PIECES] = { "chunks.pieces",
			  "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, last_ordinal, available_at, succeeded, unchanged,"
			  " skipped, conflict, failed, undone, undo_conflict, unreadable) SELECT i.job_id, j.epoch, MIN(i.ordinal),"
			  " MAX(i.ordinal), " SQL_NOW ", " OUTCOME_SUMS " FROM {batch_jobs} j JOIN {batch_job_items} i ON i.job_id = j.id"
			  " WHERE j.id = ? AND i.ordinal BETWEEN ? AND ? GROUP BY i.job_id, j.epoch, (i.ordinal - ?) DIV ?",
			  "iiiii", "" },
	[STMT_DROP] = { "chunks.drop", "DELETE c FROM {batch_chunks} c WHERE " IS_MINE, "iiiiii", "" },
	[STMT_HOLD_BACK] = { "jobs.hold_back",
			     "UPDATE {batch_jobs} SET planned = 0, atomic = 2 WHERE id = ? AND epoch = ? AND atomic = 1 AND planned = total",
			     "ii", "" },
};
const struct db_stmt_table chunk_cut_statements = { "chunk_cut.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool chunk_cut(struct ctx *ctx, const struct job *job, const struct chunk *chunk, int64_t cut_at, bool *mine_out)
{
	int64_t affected = 0, size = cut_at - chunk->first_ordinal, epoch = job->epoch;
	*mine_out = false;
	if (!db_begin(ctx->db, &ctx->fail) ||
	    !db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_KEEP], job->id, chunk->first_ordinal, cut_at - 1, cut_at - 1,
		     job->id, epoch, chunk->first_ordinal, (int64_t)chunk->is_isolated, (int64_t)chunk->token, (int64_t)chunk->attempt))
		goto undo;
	if (affected != 1) {
		db_rollback(ctx->db);
		return true;
	}
	if (db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_PIECES], job->id, cut_at, chunk->last_ordinal, cut_at, size) &&
	    db_commit(ctx->db, &ctx->fail))
		return (*mine_out = true);
undo:
	db_rollback(ctx->db);
	return false;
}

bool chunk_hold_back(struct ctx *ctx, const struct job *job, const struct chunk *chunk)
{
	int64_t dropped = 0, held = 0;
	if (!db_begin(ctx->db, &ctx->fail) ||
	    !db_exec(ctx->db, &ctx->fail, &dropped, &statements[STMT_DROP], job->id, (int64_t)job->epoch, chunk->first_ordinal,
		     (int64_t)chunk->is_isolated, (int64_t)chunk->token, (int64_t)chunk->attempt) ||
	    !db_exec(ctx->db, &ctx->fail, &held, &statements[STMT_HOLD_BACK], job->id, (int64_t)job->epoch))
		goto undo;
	if (dropped != 1 || held != 1) {
		db_rollback(ctx->db); /* it is somebody else's now */
		return true;
	}
	if (db_commit(ctx->db, &ctx->fail))
		return true;
undo:
	db_rollback(ctx->db);
	return false;
}
