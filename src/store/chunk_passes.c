/* The chunks of a further pass, made out of those of the pass before. */
#include "db/db.h"
#include "store/chunks.h"
#include "store/decisions.h"
#include "store/sql_time.h"

#define KNOWN "(c.succeeded + c.unchanged + c.skipped + c.conflict + c.failed + c.undone + c.undo_conflict)"
#define UNKNOWN "(c.last_ordinal - c.first_ordinal + 1 - " KNOWN ")"
/* Is there anything in chunk `c` that job `j` works on again?  The bits are
 * those of enum outcome; what was unreadable is left alone. */
#define TO_DO                                                                                                          \
	"(j.retrying & 2 <> 0 AND c.succeeded > 0 OR j.retrying & 4 <> 0 AND c.unchanged > 0"                          \
	" OR j.retrying & 8 <> 0 AND c.skipped > 0 OR j.retrying & 16 <> 0 AND c.conflict > 0"                         \
	" OR j.retrying & 32 <> 0 AND c.failed > c.unreadable OR j.retrying & 64 <> 0 AND " UNKNOWN " > 0"             \
	" OR j.retrying & 512 <> 0 AND c.conflict > 0 AND m.first_ordinal IS NOT NULL)"

/* Joins to chunk `c` of the pass before what it has of ITEMS (a SELECT ordinal, 1),
 * if anything: `m` is NULL where there is none.  Chunks and items are laid in one
 * row by their ordinals, and each item belongs to the chunk that began last: the
 * n-th, by a sum that MariaDB carries on (a MAX it takes anew for each row).  As a
 * look for each chunk (EXISTS ... BETWEEN) each began at the batch's first item. */
#define WITH_ITEMS(ITEMS)                                                                                              \
	" LEFT JOIN (SELECT MIN(CASE WHEN w.is_item = 0 THEN w.ordinal END) AS first_ordinal,"                        \
	" MIN(CASE WHEN w.is_item = 1 THEN w.ordinal END) AS ordinal FROM (SELECT u.ordinal, u.is_item,"              \
	" SUM(1 - u.is_item) OVER (ORDER BY u.ordinal, u.is_item ROWS UNBOUNDED PRECEDING) AS number FROM"            \
	" (SELECT b.first_ordinal AS ordinal, 0 AS is_item FROM {batch_jobs} k JOIN {batch_chunks} b"                  \
	" ON b.job_id = k.id AND b.epoch = k.epoch - 1 WHERE k.id = ? AND b.state <> 'split' UNION ALL " ITEMS ") u) w" \
	" GROUP BY w.number) m ON m.first_ordinal = c.first_ordinal AND m.ordinal <= c.last_ordinal"

enum { STMT_PLANNED_END, STMT_BEGIN_EPOCH, STMT_COPY, STMT_COPY_STAGE, STMT_ANY_OPEN, STMT_COVER };
_Static_assert(RETRY_DECIDED == 512, "as in TO_DO and ITEM_IS_DECIDED");
static const struct db_stmt statements[] = {
	[STMT_PLANNED_END] = { "chunks.planned_end",
			       "SELECT c.first_ordinal FROM {batch_chunks} c WHERE c.job_id = ? AND c.epoch = ?"
			       " AND c.state = 'cancelled' AND c.isolated = 0 AND c.last_ordinal = ? AND " KNOWN " = 0",
			       "iii", "i" },
	[STMT_BEGIN_EPOCH] = { "jobs.begin_epoch",
			       "UPDATE {batch_jobs} SET epoch = epoch + 1, status = ?, phase = ?, desired = 'run', work = ?, retrying = ?,"
			       " published = CASE WHEN work = 'publish' THEN 1 ELSE published END,"
			       " decided = CASE WHEN ? THEN 0 ELSE decided END,"
			       " stage = ?, planned = ?, finished_at = NULL WHERE id = ? AND epoch = ? AND status = ?",
			       "sssiiiiiis", "" },
	/* Ready where the stage has an item that this epoch works on. */
	[STMT_COPY_STAGE] = { "chunks.copy_stage",
			      "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, isolated, last_ordinal, state, available_at,"
			      " claimed_at, finished_at, work_ms, succeeded, unchanged, skipped, conflict, failed, undone, undo_conflict,"
			      " unreadable) SELECT c.job_id, j.epoch, c.first_ordinal, c.isolated, c.last_ordinal,"
			      " CASE WHEN m.first_ordinal IS NOT NULL THEN 'ready'"
			      " WHEN c.state = 'cancelled' THEN 'cancelled' ELSE 'done' END, " SQL_NOW ","
			      " c.claimed_at, c.finished_at, c.work_ms, c.succeeded, c.unchanged, c.skipped, c.conflict, c.failed, c.undone,"
			      " c.undo_conflict, c.unreadable FROM {batch_jobs} j JOIN {batch_chunks} c ON c.job_id = j.id"
			      " AND c.epoch = j.epoch - 1" WITH_ITEMS(
				      "SELECT n.ordinal, 1 FROM {batch_jobs} j JOIN {batch_item_nodes} n FORCE INDEX (stage)"
				      " ON n.job_id = j.id AND n.stage = j.stage JOIN {batch_job_items} i ON i.job_id = n.job_id"
				      " AND i.ordinal = n.ordinal WHERE j.id = ? AND CASE"
				      " WHEN i.outcome = 0 THEN j.retrying = 0 OR j.retrying & 64 <> 0"
				      " ELSE (j.retrying >> i.outcome) & 1 = 1 OR i.outcome = 4 AND " ITEM_IS_DECIDED " END")
			      " WHERE j.id = ? AND c.state <> 'split'",
			      "iii", "" },
	[STMT_ANY_OPEN] = { "chunks.any_open",
			    "SELECT 1 FROM {batch_chunks} WHERE job_id = ? AND epoch = ? AND state IN ('ready', 'leased') LIMIT 1", "ii", "i" },
	/* A split chunk lives on in its parts.  What is not worked on and not all
	 * known stays cancelled: unprocessed. */
	[STMT_COPY] = { "chunks.copy",
			"INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, isolated, last_ordinal, state, available_at,"
			" claimed_at, finished_at, work_ms, succeeded, unchanged, skipped, conflict, failed, undone, undo_conflict, unreadable)"
			" SELECT c.job_id, j.epoch, c.first_ordinal, c.isolated, c.last_ordinal,"
			" CASE WHEN " TO_DO " THEN 'ready' WHEN " UNKNOWN " > 0 THEN 'cancelled' ELSE 'done' END, " SQL_NOW ","
			" c.claimed_at, c.finished_at, c.work_ms, c.succeeded, c.unchanged, c.skipped, c.conflict, c.failed, c.undone,"
			" c.undo_conflict, c.unreadable FROM {batch_jobs} j JOIN {batch_chunks} c ON c.job_id = j.id"
			" AND c.epoch = j.epoch - 1" WITH_ITEMS(
				"SELECT d.ordinal, 1 FROM {batch_decisions} d WHERE d.job_id = ? AND d.worked_epoch = 0")
			" WHERE j.id = ? AND c.state <> 'split' AND c.first_ordinal < j.planned",
			"iii", "" },
	[STMT_COVER] = { "chunks.cover",
			 "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, last_ordinal, state, available_at)"
			 " VALUES (?, ?, ?, ?, 'cancelled', " SQL_NOW ")",
			 "iiii", "" },
};
const struct db_stmt_table chunk_passes_statements = { "chunk_passes.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool chunks_planned_end(struct ctx *ctx, const struct job *job, int64_t *planned_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_PLANNED_END], job->id, (int64_t)job->epoch,
		      job->total - 1))
		return false;
	*planned_out = rows.count ? db_int(&rows, 0, 0) : job->planned;
	return true;
}

bool job_begin_epoch(struct ctx *ctx, const struct job *job, const struct job *next, bool *moved_out)
{
	int64_t affected = 0;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_BEGIN_EPOCH], job_state_name(next->state),
		     job_state_phase(next->state), job_work_name(next->work), (int64_t)next->retrying,
		     (int64_t)((next->retrying & RETRY_DECIDED) != 0), (int64_t)next->stage, next->planned, job->id, (int64_t)job->epoch, job_state_name(job->state)))
		return false;
	*moved_out = affected == 1;
	return true;
}

bool chunks_copy(struct ctx *ctx, const struct job *next)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_COPY], next->id, next->id, next->id);
}

bool chunks_copy_stage(struct ctx *ctx, const struct job *next)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_COPY_STAGE], next->id, next->id, next->id);
}

bool chunks_any_open(struct ctx *ctx, const struct job *job, bool *open_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_ANY_OPEN], job->id, (int64_t)job->epoch))
		return false;
	*open_out = rows.count > 0;
	return true;
}

bool chunks_cover_rest(struct ctx *ctx, const struct job *next, int64_t first)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_COVER], next->id, (int64_t)next->epoch, first, next->total - 1);
}
