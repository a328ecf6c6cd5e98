/* Rows of batch_chunks: claim, fence, release, plan, complete. */
#include "store/chunks.h"

#include "base/config.h"
#include "base/ids.h"
#include "db/db.h"
#include "db/text.h"
#include "store/decisions.h"
#include "store/sql_time.h"

#define CHUNK_COLUMNS "first_ordinal, isolated, last_ordinal, state = 'leased', attempt, errors, expiries, transients"
#define CHUNK_TYPES "iiiiiiii"
#define HELD "'9999-01-01'"
/* Failed without having been worked on: it could not be read when it arrived. */
#define ITEM_UNREADABLE "i.outcome = 5 AND i.attempts = 0"
/* Over the chunks of the epoch of job `j`. */
#define SUM_OF(columns)                                                                                                \
	"(SELECT COALESCE(SUM(" columns "), 0) FROM {batch_chunks} c WHERE c.job_id = j.id AND c.epoch = j.epoch)"
#define OPTION_IS_ON(name) "COALESCE(JSON_CONTAINS(j.options, 'true', '$." name "'), 0) = 1"
/* By the new state; a batch that left nothing behind can't be undone. */
#define UNDO_UNTIL                                                                                                     \
	"j.undo_until = CASE WHEN j.status IN ('succeeded', 'partial', 'cancelled') AND j.type NOT IN ('evaluate', 'activate')"\
	" AND NOT " OPTION_IS_ON("dry_run") " AND " SUM_OF("succeeded") " > 0 THEN " SQL_NOW " + INTERVAL ? SECOND END"
#define CHUNK_KEY "job_id = ? AND epoch = ? AND first_ordinal = ? AND isolated = ?"

#define POLL(order)                                                                                                    \
	"(SELECT " CHUNK_COLUMNS " FROM {batch_chunks} WHERE job_id = ? AND epoch = ? AND state = 'ready'"             \
	" AND available_at <= " SQL_NOW " " order " LIMIT 32)"                                                         \
	" UNION ALL (SELECT " CHUNK_COLUMNS " FROM {batch_chunks} WHERE job_id = ? AND epoch = ?"                      \
	" AND state = 'leased' AND lease_until < " SQL_NOW " LIMIT 32)"
#define POLL_ORDERED(order)                                                                                            \
	"SELECT " CHUNK_COLUMNS ", state = 'ready' AND available_at <= " SQL_NOW                                       \
	" OR state = 'leased' AND lease_until < " SQL_NOW " FROM {batch_chunks}"                                       \
	" WHERE job_id = ? AND epoch = ? AND state IN ('ready', 'leased') ORDER BY " order " LIMIT 1"
/* A cancellation that came too late for a batch that is all or nothing. */
#define HAS_DONE_ALL "j.atomic = 1 AND " SUM_OF("succeeded + unchanged + skipped") " = j.total"

enum {
	STMT_POLL,
	STMT_POLL_LATEST,
	STMT_POLL_ORDERED,
	STMT_POLL_ORDERED_LATEST,
	STMT_CLAIM,
	STMT_CHECK,
	STMT_FINISH,
	STMT_SET_COUNTS,
	STMT_SET_FOLDED,
	STMT_OPEN,
	STMT_RELEASE,
	STMT_SPLIT,
	STMT_ISOLATE,
	STMT_RESERVE,
	STMT_HOLD,
	STMT_UNHOLD,
	STMT_CANCEL,
	STMT_ITEM_US,
	STMT_COMPLETE,
	STMT_DRAIN,
};

static const struct db_stmt statements[] = {
	[STMT_POLL] = { "chunks.poll", POLL(""), "iiii", CHUNK_TYPES },
	[STMT_POLL_LATEST] = { "chunks.poll_latest", POLL("ORDER BY available_at DESC, first_ordinal DESC, isolated DESC"), "iiii",
			       CHUNK_TYPES },
	[STMT_POLL_ORDERED] = { "chunks.poll_ordered", POLL_ORDERED("first_ordinal, isolated"), "ii", CHUNK_TYPES "i" },
	[STMT_POLL_ORDERED_LATEST] = { "chunks.poll_ordered_latest", POLL_ORDERED("first_ordinal DESC, isolated DESC"), "ii",
				       CHUNK_TYPES "i" },
	/* Chunk and lane in one statement: never more living leases than lanes,
	 * and no statement more for it.  Lane and chunk are rows by primary key;
	 * nobody else waits for the lane's. */
	[STMT_CLAIM] = { "chunks.claim",
			 "UPDATE {batch_chunks} c JOIN {batch_lanes} l ON l.job_id = c.job_id"
			 " SET c.expiries = c.expiries + ?, c.state = 'leased', c.token = ?, c.attempt = c.attempt + 1,"
			 " c.lease_until = " SQL_NOW " + INTERVAL ? SECOND, c.worker = ?, c.claimed_at = " SQL_NOW ","
			 " l.token = ?, l.held_until = " SQL_NOW " + INTERVAL ? SECOND"
			 " WHERE c.job_id = ? AND c.epoch = ? AND c.first_ordinal = ? AND c.isolated = ? AND c.attempt = ?"
			 " AND (? = 0 AND c.state = 'ready' AND c.available_at <= " SQL_NOW
			 " OR ? = 1 AND c.state = 'leased' AND c.lease_until < " SQL_NOW ")"
			 " AND l.lane = ? AND (l.held_until < " SQL_NOW " OR l.token = ?)",
			 "iiisiiiiiiiiiii", "" },
	[STMT_CHECK] = { "chunks.check",
			 "SELECT COUNT(*) FROM {batch_chunks} WHERE " CHUNK_KEY " AND token = ? AND attempt = ? AND state = ?",
			 "iiiiiis", "i" },
	[STMT_FINISH] = { "chunks.finish",
			  "UPDATE {batch_chunks} SET state = 'done', finished_at = " SQL_NOW ", lease_until = NULL"
			  " WHERE " CHUNK_KEY " AND state = 'leased' AND token = ? AND attempt = ?",
			  "iiiiii", "" },
	[STMT_SET_COUNTS] = { "chunks.set_counts",
			      "UPDATE {batch_chunks} SET succeeded = ?, unchanged = ?, skipped = ?, conflict = ?, failed = ?,"
			      " undone = ?, undo_conflict = ?, unreadable = ?, work_ms = ?,"
			      " unlogged = failed + conflict + undo_conflict > 0 WHERE " CHUNK_KEY,
			      "iiiiiiiiiiiii", "" },
	/* Assignments run from left to right. */
	[STMT_SET_FOLDED] = { "chunks.set_folded",
			      "UPDATE {batch_chunks} SET undone = undone + succeeded * ?, succeeded = succeeded * ?, work_ms = ? WHERE " CHUNK_KEY,
			      "iiiiiii", "" },
	[STMT_OPEN] = { "chunks.open",
			"SELECT EXISTS (SELECT 1 FROM {batch_chunks} WHERE job_id = ? AND epoch = ? AND state IN ('ready', 'leased'))",
			"ii", "i" },
	[STMT_RELEASE] = { "chunks.release",
			   "UPDATE {batch_chunks} SET state = 'ready', errors = errors + ?, transients = transients + ?, lease_until = NULL,"
			   " available_at = " SQL_NOW " + INTERVAL ? * 1000 MICROSECOND"
			   " WHERE " CHUNK_KEY " AND state = 'leased' AND token = ? AND attempt = ?",
			   "iiiiiiiii", "" },
	[STMT_SPLIT] = { "chunks.split",
			 "UPDATE {batch_chunks} SET state = 'split', lease_until = NULL, succeeded = 0, unchanged = 0,"
			 " skipped = 0, conflict = 0, failed = 0, undone = 0, undo_conflict = 0, unreadable = 0"
			 " WHERE " CHUNK_KEY " AND state = 'leased' AND token = ? AND attempt = ?",
			 "iiiiii", "" },
	/* `retrying` 0: a first pass, over what is pending.  What was unreadable is
	 * done by that, and has still to be counted (error_log.c). */
	[STMT_ISOLATE] = { "chunks.isolate",
			   "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, isolated, last_ordinal, available_at, attempt,"
			   " state, succeeded, unchanged, skipped, conflict, failed, undone, undo_conflict, unreadable, unlogged, finished_at)"
			   " SELECT i.job_id, j.epoch, i.ordinal, 1, i.ordinal, " SQL_NOW ", ?,"
			   " CASE WHEN i.outcome = 0 THEN CASE WHEN j.retrying = 0 OR j.retrying & 64 <> 0 THEN 'ready' ELSE 'cancelled' END"
			   " WHEN (j.retrying >> i.outcome) & 1 = 1 AND NOT (" ITEM_UNREADABLE ") THEN 'ready'"
			   " WHEN i.outcome = 4 AND " ITEM_IS_DECIDED " THEN 'ready' ELSE 'done' END,"
			   " i.outcome = 1, i.outcome = 2, i.outcome = 3, i.outcome = 4, i.outcome = 5, i.outcome = 7, i.outcome = 8,"
			   " " ITEM_UNREADABLE ", " ITEM_UNREADABLE ", CASE WHEN " ITEM_UNREADABLE " THEN " SQL_NOW " END"
			   " FROM {batch_jobs} j JOIN {batch_job_items} i ON i.job_id = j.id"
			   " WHERE j.id = ? AND i.ordinal BETWEEN ? AND ?",
			   "iiii", "" },
	/* The one planner is who moves `planned`; a pause or cancel that came
	 * first makes it nobody. */
	[STMT_RESERVE] = { "chunks.reserve",
			   "UPDATE {batch_jobs} SET planned = ?, chunk_size = ?, work = ?, atomic = ?, status = 'running', phase = 'processing',"
			   " started_at = COALESCE(started_at, " SQL_NOW ")"
			   " WHERE id = ? AND epoch = ? AND planned = ? AND status IN ('queued', 'running') AND desired = 'run'"
			   " AND waiting <> 1",
			   "iisiiii", "" },
	[STMT_HOLD] = { "chunks.hold",
			"UPDATE {batch_chunks} SET available_at = " HELD " WHERE job_id = ? AND state = 'ready'", "i", "" },
	[STMT_UNHOLD] = { "chunks.unhold",
			  "UPDATE {batch_chunks} SET available_at = " SQL_NOW " WHERE job_id = ? AND state = 'ready'"
			  " AND available_at = " HELD,
			  "i", "" },
	[STMT_CANCEL] = { "chunks.cancel",
			  "UPDATE {batch_chunks} SET state = 'cancelled', lease_until = NULL WHERE job_id = ?"
			  " AND (state = 'ready' OR state = 'leased' AND (? OR lease_until < " SQL_NOW "))",
			  "ii", "" },
	[STMT_ITEM_US] = { "chunks.item_us",
			   "SELECT CAST(COALESCE(1000 * SUM(x.work_ms) DIV SUM(x.items), 0) AS SIGNED) FROM"
			   " (SELECT work_ms, last_ordinal - first_ordinal + 1 AS items FROM {batch_chunks}"
			   " WHERE job_id = ? AND epoch = ? AND state = 'done' LIMIT 20) x",
			   "ii", "i" },
	/* Assignments run from left to right: `phase` looks at the new state. */
	[STMT_COMPLETE] = { "chunks.complete",
			    "UPDATE {batch_jobs} j SET j.status = CASE j.status"
			    " WHEN 'publishing' THEN 'succeeded' WHEN 'rolling_back' THEN 'rolled_back'"
			    " WHEN 'undoing' THEN CASE " SUM_OF("undo_conflict") " WHEN 0 THEN 'undone' ELSE 'undo_partial' END"
			    " ELSE CASE " SUM_OF("succeeded + unchanged + skipped")
			    " WHEN j.total THEN 'succeeded' WHEN -j.atomic - " SUM_OF("conflict") " THEN 'failed' ELSE CASE j.atomic WHEN 1 THEN 'rolled_back'"
			    " ELSE 'partial' END END END,"
			    " j.phase = CASE WHEN j.status IN ('failed', 'rolled_back') THEN 'failed' ELSE 'completed' END,"
			    " j.finished_at = " SQL_NOW ", " UNDO_UNTIL
			    " WHERE j.id = ? AND j.epoch = ? AND j.planned >= j.total AND j.unfrozen = 0"
			    " AND (j.status IN ('publishing', 'rolling_back', 'undoing')"
			    " OR j.status = 'running' AND j.work = 'do' AND j.stage + 1 >= j.stages AND j.atomic < 2 AND j.decided = 0"
			    " AND NOT (" OPTION_IS_ON("rollback_on_error") " AND NOT " OPTION_IS_ON("dry_run") " AND " SUM_OF("failed") " > 0))"
			    " AND NOT EXISTS (SELECT 1 FROM {batch_chunks} o WHERE o.job_id = j.id AND o.epoch = j.epoch"
			    " AND o.state IN ('ready', 'leased'))",
			    "iii", "" },
	[STMT_DRAIN] = { "chunks.drain",
			 "UPDATE {batch_jobs} j SET j.phase = CASE WHEN j.status = 'pausing' THEN 'processing'"
			 " WHEN " HAS_DONE_ALL " THEN 'completed' ELSE 'failed' END,"
			 " j.finished_at = CASE WHEN j.status = 'pausing' THEN NULL ELSE " SQL_NOW " END,"
			 " j.status = CASE WHEN j.status = 'pausing' THEN 'paused' WHEN " HAS_DONE_ALL " THEN 'succeeded'"
			 " ELSE 'cancelled' END, " UNDO_UNTIL
			 " WHERE j.id = ? AND j.status IN ('pausing', 'cancelling') AND j.epoch = ?"
			 " AND NOT EXISTS (SELECT 1 FROM {batch_chunks} o WHERE o.job_id = j.id AND o.epoch = j.epoch"
			 " AND o.state = 'leased' AND o.lease_until >= " SQL_NOW ")",
			 "iii", "" },
};
const struct db_stmt_table chunks_statements = { "chunks.c", statements, sizeof(statements) / sizeof(statements[0]) };

static void chunk_from_row(const struct db_rows *rows, size_t row, struct chunk *chunk)
{
	*chunk = (struct chunk){
		.first_ordinal = db_int(rows, row, 0),
		.is_isolated = db_int(rows, row, 1) != 0,
		.last_ordinal = db_int(rows, row, 2),
		.was_leased = db_int(rows, row, 3) != 0,
		.attempt = (int32_t)db_int(rows, row, 4),
		.errors = (int32_t)db_int(rows, row, 5),
		.expiries = (int32_t)db_int(rows, row, 6),
		.transients = (int32_t)db_int(rows, row, 7),
	};
}

bool chunks_poll(struct ctx *ctx, const struct job *job, struct chunk *list, size_t *count_out)
{
	struct db_rows rows;
	int64_t epoch = job->epoch;
	int statement = job->work == WORK_UNDO ? STMT_POLL_LATEST : STMT_POLL;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[statement], job->id, epoch, job->id, epoch))
		return false;
	*count_out = rows.count < CANDIDATES_MAX ? rows.count : CANDIDATES_MAX;
	for (size_t i = 0; i < *count_out; i++)
		chunk_from_row(&rows, i, &list[i]);
	return true;
}

bool chunks_poll_ordered(struct ctx *ctx, const struct job *job, struct chunk *list, size_t *count_out, bool *blocked_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows,
		      &statements[job->work == WORK_UNDO ? STMT_POLL_ORDERED_LATEST : STMT_POLL_ORDERED], job->id, (int64_t)job->epoch))
		return false;
	*count_out = rows.count && db_int(&rows, 0, 8) ? 1 : 0;
	*blocked_out = rows.count && !*count_out;
	if (*count_out)
		chunk_from_row(&rows, 0, list);
	return true;
}

bool chunk_claim(struct ctx *ctx, const struct job *job, struct chunk *chunk, struct lane *lane, bool *mine_out)
{
	int64_t affected = 0;
	/* 63 bits: prepared parameters are signed. */
	uint64_t token = (random_u64() >> 1) | 1;
	int64_t seen = chunk->attempt, was_leased = chunk->was_leased, lease_s = job->lease_s;
	chunk->token = token;
	chunk->attempt++;
	if (db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_CLAIM], was_leased, (int64_t)token, lease_s,
		    ctx->worker_uuid, (int64_t)token, lease_s, job->id, (int64_t)job->epoch, chunk->first_ordinal,
		    (int64_t)chunk->is_isolated, seen, was_leased, was_leased, (int64_t)lane->number, (int64_t)lane->token)) {
		*mine_out = affected > 0;
		chunk->expiries += chunk->was_leased;
	} else {
		if (ctx->fail.kind != FAIL_RETRY)
			return false;
		/* Deadlock or a lost answer: whose it is now stands in the row. */
		fail_clear(&ctx->fail);
		if ((db_is_lost(ctx->db) && !db_ensure(ctx->db, &ctx->fail)) || !chunk_check(ctx, job, chunk, "leased", mine_out))
			return false;
	}
	if (*mine_out)
		lane->token = token;
	return true;
}

bool chunks_item_us(struct ctx *ctx, const struct job *job, int64_t *item_us_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_ITEM_US], job->id, (int64_t)job->epoch))
		return false;
	*item_us_out = db_int(&rows, 0, 0);
	return true;
}

bool chunk_check(struct ctx *ctx, const struct job *job, const struct chunk *chunk, const char *state, bool *mine_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_CHECK], job->id, (int64_t)job->epoch,
		      chunk->first_ordinal, (int64_t)chunk->is_isolated, (int64_t)chunk->token, (int64_t)chunk->attempt, state))
		return false;
	*mine_out = db_int(&rows, 0, 0) == 1;
	return true;
}

/* Statements whose parameters are key, token, attempt. */
static bool fenced(struct ctx *ctx, const struct job *job, const struct chunk *chunk, int statement, bool *mine_out)
{
	int64_t affected = 0;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[statement], job->id, (int64_t)job->epoch,
		     chunk->first_ordinal, (int64_t)chunk->is_isolated, (int64_t)chunk->token, (int64_t)chunk->attempt))
		return false;
	*mine_out = affected == 1;
	return true;
}

bool chunk_finish(struct ctx *ctx, const struct job *job, const struct chunk *chunk, bool *mine_out)
{
	return fenced(ctx, job, chunk, STMT_FINISH, mine_out);
}

bool chunk_set_counts(struct ctx *ctx, const struct job *job, const struct chunk *chunk, const struct chunk_result *result)
{
	const int64_t *by_outcome = result->by_outcome;
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_SET_COUNTS], by_outcome[OUTCOME_SUCCEEDED],
		       by_outcome[OUTCOME_UNCHANGED], by_outcome[OUTCOME_SKIPPED], by_outcome[OUTCOME_CONFLICT],
		       by_outcome[OUTCOME_FAILED], by_outcome[OUTCOME_UNDONE], by_outcome[OUTCOME_UNDO_CONFLICT],
		       result->unreadable, result->work_ms, job->id, (int64_t)job->epoch, chunk->first_ordinal,
		       (int64_t)chunk->is_isolated);
}

bool chunk_set_folded(struct ctx *ctx, const struct job *job, const struct chunk *chunk, bool withdrawn, int64_t work_ms)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_SET_FOLDED], (int64_t)withdrawn, (int64_t)!withdrawn, work_ms,
		       job->id, (int64_t)job->epoch, chunk->first_ordinal, (int64_t)chunk->is_isolated);
}

bool chunks_open(struct ctx *ctx, const struct job *job, bool *open_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_OPEN], job->id, (int64_t)job->epoch))
		return false;
	*open_out = db_int(&rows, 0, 0) != 0;
	return true;
}

bool chunk_release(struct ctx *ctx, const struct job *job, const struct chunk *chunk, bool is_transient, int64_t delay_ms)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_RELEASE], (int64_t)!is_transient, (int64_t)is_transient, delay_ms, job->id, (int64_t)job->epoch,
		       chunk->first_ordinal, (int64_t)chunk->is_isolated, (int64_t)chunk->token, (int64_t)chunk->attempt);
}

static void chunk_row(struct db_text *text, const struct job *job, int64_t first, int64_t last)
{
	db_text_row(text);
	db_text_i64(text, job->id);
	db_text_i64(text, job->epoch);
	db_text_i64(text, first);
	db_text_i64(text, last);
	db_text_sql(text, SQL_NOW);
	db_text_end_row(text);
}

#define CHUNK_INSERT "INSERT INTO {batch_chunks} (job_id, epoch, first_ordinal, last_ordinal, available_at) VALUES "

bool chunk_split(struct ctx *ctx, const struct job *job, const struct chunk *chunk)
{
	bool mine = false;
	if (!db_begin(ctx->db, &ctx->fail) || !fenced(ctx, job, chunk, STMT_SPLIT, &mine))
		goto undo;
	if (!mine) {
		db_rollback(ctx->db);
		return true;
	}
	if (db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_ISOLATE], (int64_t)chunk->attempt, job->id,
		    chunk->first_ordinal, chunk->last_ordinal) &&
	    db_commit(ctx->db, &ctx->fail))
		return true;
undo:
	db_rollback(ctx->db);
	return false;
}

bool chunks_plan(struct ctx *ctx, struct job *job, int64_t size, int32_t count, bool *mine_out)
{
	int64_t affected = 0;
	int64_t end = job->planned + size * count < job->total ? job->planned + size * count : job->total;
	if (!db_begin(ctx->db, &ctx->fail) ||
	    !db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_RESERVE], end, size, job_work_name(job->work),
		     job->is_held_back ? (int64_t)2 : (int64_t)job->is_atomic, job->id, (int64_t)job->epoch, job->planned))
		goto undo;
	*mine_out = affected == 1;
	if (!*mine_out) {
		db_rollback(ctx->db);
		return true;
	}
	if (end > job->planned) {
		struct db_text *text = db_text_begin(ctx->db, CHUNK_INSERT);
		for (int64_t first = job->planned; first < end; first += size)
			chunk_row(text, job, first, (first + size < end ? first + size : end) - 1);
		if (!db_text_exec(text, NULL, &ctx->fail))
			goto undo;
	}
	if (!db_commit(ctx->db, &ctx->fail))
		return false;
	job->planned = end;
	return true;
undo:
	db_rollback(ctx->db);
	return false;
}

bool chunks_hold(struct ctx *ctx, int64_t job_id, bool hold)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[hold ? STMT_HOLD : STMT_UNHOLD], job_id);
}

bool chunks_cancel(struct ctx *ctx, int64_t job_id, bool also_leased)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_CANCEL], job_id, (int64_t)also_leased);
}

bool job_complete(struct ctx *ctx, const struct job *job, bool *completed_out)
{
	int64_t affected = 0;
	int statement = job->state == JOB_PAUSING || job->state == JOB_CANCELLING ? STMT_DRAIN : STMT_COMPLETE;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[statement], ctx->config->undo_window_s, job->id,
		     (int64_t)job->epoch))
		return false;
	*completed_out = affected == 1;
	return true;
}
