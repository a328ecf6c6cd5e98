#include "store/turns.h"

#include "db/db.h"
#include "db/text.h"
#include "store/sql_time.h"

#define NEVER "'9999-01-01'"
#define AT_ONCE "'2000-01-01'"  /* the column's default: never put off */
#define NEWCOMER SQL_NOW " - INTERVAL 1 DAY" /* before everybody who has just worked, in the order in which they came */
#define PUT_OFF_S "2"           /* all lanes held, or somebody drives it */
#define HEAL_AT_ONCE "20"
#define SETS_OFF_MAX_S "600"

/* One row is read: named in full, the key's order is what every server sorts by
 * without sorting. */
#define FIRST_OF_KEY " ORDER BY created_by, priority, runnable, put_off, due_at, id LIMIT 1"
#define OF_USER "created_by = t.user_id AND priority = 10 - t.urgency AND runnable = 1"

enum { STMT_NEXT, STMT_TAKE, STMT_PUT_OFF, STMT_SPEND, STMT_HEAL, STMT_READY, STMT_READY_TURN, STMT_JOB_OFF, STMT_JOB_ON };

static const struct db_stmt statements[] = {
	/* All priorities by name, so that the key gives urgency and turn in order
	 * and what is not due yet is not read.  Of a user's batches: the oldest
	 * that was never put off, or the first to be due again of those that were. */
	[STMT_NEXT] = { "turns.next",
			"SELECT t.urgency, t.user_id, CAST(t.turn_at AS CHAR), LEAST("
			"COALESCE((SELECT id FROM {batch_jobs} FORCE INDEX (turn) WHERE " OF_USER " AND put_off = 0" FIRST_OF_KEY
			"), 9223372036854775807),"
			" COALESCE((SELECT IF(due_at <= " SQL_NOW ", id, NULL) FROM {batch_jobs} FORCE INDEX (turn) WHERE " OF_USER
			" AND put_off = 1" FIRST_OF_KEY "), 9223372036854775807))"
			" FROM {batch_turns} t FORCE INDEX (queue)"
			" WHERE t.urgency IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)"
			" AND t.turn_at <= " SQL_NOW " ORDER BY t.urgency, t.turn_at LIMIT 4",
			"", "iisi" },
	[STMT_TAKE] = { "turns.take",
			"UPDATE {batch_turns} SET turn_at = " SQL_NOW " WHERE urgency = ? AND user_id = ? AND turn_at = ?", "iis", "" },
	[STMT_PUT_OFF] = { "turns.put_off",
			   "UPDATE {batch_turns} t SET t.turn_at = COALESCE((SELECT due_at FROM {batch_jobs} FORCE INDEX (turn)"
			   " WHERE " OF_USER FIRST_OF_KEY "), " NEVER ") WHERE t.urgency = ? AND t.user_id = ? AND t.turn_at = ?",
			   "iis", "" },
	[STMT_SPEND] = { "turns.spend",
			 "UPDATE {batch_turns} SET turn_at = " SQL_NOW " WHERE urgency = 10 - ? AND user_id = ? AND turn_at < " SQL_NOW,
			 "ii", "" },
	[STMT_HEAL] = { "turns.heal",
			"INSERT INTO {batch_turns} (urgency, user_id, turn_at) SELECT 10 - priority, created_by, MIN(due_at) FROM"
			" (SELECT priority, created_by, due_at FROM {batch_jobs} FORCE INDEX (runnable) WHERE runnable = 1"
			" AND due_at <= " SQL_NOW " ORDER BY due_at LIMIT " HEAL_AT_ONCE ") due GROUP BY 1, 2"
			" ON DUPLICATE KEY UPDATE turn_at = LEAST(turn_at, VALUES(turn_at))",
			"", "" },
	[STMT_READY] = { "turns.job_ready", "UPDATE {batch_jobs} SET due_at = " AT_ONCE " WHERE id = ? AND due_at > " AT_ONCE, "i", "" },
	[STMT_READY_TURN] = { "turns.ready",
			      "INSERT INTO {batch_turns} (urgency, user_id, turn_at) SELECT 10 - priority, created_by, " NEWCOMER
			      " FROM {batch_jobs} WHERE id = ? ON DUPLICATE KEY UPDATE turn_at = LEAST(turn_at, VALUES(turn_at))",
			      "i", "" },
	[STMT_JOB_OFF] = { "turns.job_put_off",
			   "UPDATE {batch_jobs} SET due_at = " SQL_NOW " + INTERVAL COALESCE((SELECT LEAST(" SETS_OFF_MAX_S
			   " * 1000000, TIMESTAMPDIFF(MICROSECOND, " SQL_NOW ", MIN(available_at))) FROM {batch_chunks} c"
			   " WHERE c.job_id = ? AND c.epoch = ? AND c.state = 'ready' AND c.available_at > " SQL_NOW
			   "), " PUT_OFF_S " * 1000000) MICROSECOND WHERE id = ? AND due_at <= " SQL_NOW,
			   "iii", "" },
	[STMT_JOB_ON] = { "turns.job_on",
			  "UPDATE {batch_jobs} SET due_at = " AT_ONCE " WHERE id = ? AND due_at > " AT_ONCE " AND due_at < " NEVER, "i", "" },
};
const struct db_stmt_table turns_statements = { "turns.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool turns_next(struct ctx *ctx, struct turn *list, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_NEXT]))
		return false;
	*count_out = rows.count < TURNS_MAX ? rows.count : TURNS_MAX;
	for (size_t i = 0; i < *count_out; i++) {
		int64_t id = db_int(&rows, i, 3);
		list[i] = (struct turn){ .urgency = db_int(&rows, i, 0),
					 .user_id = db_int(&rows, i, 1),
					 .turn_at = db_str(&rows, i, 2),
					 .job_id = id == INT64_MAX ? 0 : id };
	}
	return true;
}

static bool move_turn(struct ctx *ctx, int statement, const struct turn *turn, int64_t *affected)
{
	return db_exec(ctx->db, &ctx->fail, affected, &statements[statement], turn->urgency, turn->user_id, turn->turn_at);
}

bool turn_take(struct ctx *ctx, const struct turn *turn, bool *mine_out)
{
	int64_t affected = 0;
	bool ok = move_turn(ctx, STMT_TAKE, turn, &affected);
	*mine_out = affected == 1;
	return ok;
}

bool turn_put_off(struct ctx *ctx, const struct turn *turn)
{
	return move_turn(ctx, STMT_PUT_OFF, turn, NULL);
}

bool turn_spend(struct ctx *ctx, const struct job *job)
{
	if (db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_SPEND], (int64_t)job->priority, job->created_by))
		return true;
	/* Another lane of the user notes the same. */
	if (ctx->fail.kind != FAIL_RETRY || db_is_lost(ctx->db))
		return false;
	fail_clear(&ctx->fail);
	return true;
}

bool turns_heal(struct ctx *ctx, int64_t *found_out)
{
	return db_exec(ctx->db, &ctx->fail, found_out, &statements[STMT_HEAL]);
}

bool job_is_ready(struct ctx *ctx, int64_t job_id)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_READY], job_id) &&
	       db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_READY_TURN], job_id);
}

bool jobs_are_ready(struct ctx *ctx, const int64_t *job_ids, size_t count)
{
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {batch_turns} (urgency, user_id, turn_at)"
					     " SELECT DISTINCT 10 - priority, created_by, " NEWCOMER " FROM {batch_jobs} WHERE id IN ");
	db_text_list(text, job_ids, count);
	db_text_lit(text, " ON DUPLICATE KEY UPDATE turn_at = LEAST(turn_at, VALUES(turn_at))");
	return db_text_exec(text, NULL, &ctx->fail);
}

bool job_put_off(struct ctx *ctx, const struct job *job)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_JOB_OFF], job->id, (int64_t)job->epoch, job->id);
}

bool job_not_put_off(struct ctx *ctx, int64_t job_id)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_JOB_ON], job_id);
}
