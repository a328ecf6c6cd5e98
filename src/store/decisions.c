/* Rows of batch_decisions. */
#include "store/decisions.h"

#include "db/db.h"
#include "db/text.h"
#include "store/sql_time.h"

enum { STMT_LOAD, STMT_FORGET, STMT_ANNOUNCE, STMT_ANY_WAITING, STMT_LIKENESS, STMT_ALIKE };
static const struct db_stmt statements[] = {
	[STMT_LOAD] = { "decisions.load",
			"SELECT ordinal, action, scope, user_id FROM {batch_decisions} WHERE job_id = ? AND ordinal BETWEEN ? AND ?"
			" AND worked_epoch = 0 ORDER BY ordinal",
			"iii", "issi" },
	[STMT_FORGET] = { "decisions.forget", "DELETE FROM {batch_decisions} WHERE job_id = ? AND worked_epoch = 0", "i", "" },
	[STMT_ANNOUNCE] = { "decisions.announce", "UPDATE {batch_jobs} SET decided = ? WHERE id = ?", "ii", "" },
	[STMT_ANY_WAITING] = { "decisions.any_waiting",
			       "SELECT EXISTS (SELECT 1 FROM {batch_decisions} WHERE job_id = ? AND worked_epoch = 0)", "i", "i" },
	[STMT_LIKENESS] = { "decisions.likeness",
			    "SELECT x.likeness FROM {batch_item_errors} x JOIN {batch_job_items} i ON i.job_id = x.job_id"
			    " AND i.ordinal = x.ordinal AND i.outcome = x.outcome WHERE x.job_id = ? AND x.ordinal = ?",
			    "ii", "i" },
	/* First come, first served: what waits to be carried out stands. */
	[STMT_ALIKE] = { "decisions.alike",
			 "SELECT x.ordinal, x.epoch FROM {batch_item_errors} x"
			 " JOIN {batch_job_items} i ON i.job_id = x.job_id AND i.ordinal = x.ordinal AND i.outcome = 4"
			 " LEFT JOIN {batch_decisions} d ON d.job_id = x.job_id AND d.ordinal = x.ordinal AND d.worked_epoch = 0"
			 " WHERE x.job_id = ? AND x.outcome = 4 AND x.ordinal > ? AND x.ways & ? <> 0 AND (? = 0 OR x.likeness = ?)"
			 " AND (? = 0 OR x.code = ?) AND (? = 0 OR x.epoch <= ?) AND d.ordinal IS NULL ORDER BY x.ordinal LIMIT ?",
			 "iiiiiisiii", "ii" },
};
const struct db_stmt_table decisions_statements = { "decisions.c", statements, sizeof(statements) / sizeof(statements[0]) };

/* Words that only a newer program knows: the item is left alone. */
static enum on_conflict action_of(const char *word)
{
	enum on_conflict action = ON_CONFLICT_ASK;
	return word && on_conflict_by_name(word, &action) && on_conflict_is_decision(action) ? action : ON_CONFLICT_ASK;
}

static enum conflict_scope scope_of(const char *word)
{
	enum conflict_scope scope = SCOPE_OF_BATCH;
	return word && conflict_scope_by_name(word, &scope) ? scope : SCOPE_OF_BATCH;
}

bool decisions_load(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, struct decision **list_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LOAD], job_id, first, last))
		return false;
	*count_out = rows.count;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++)
		(*list_out)[i] = (struct decision){
			.ordinal = db_int(&rows, i, 0),
			.action = action_of(db_str(&rows, i, 1)),
			.scope = scope_of(db_str(&rows, i, 2)),
			.user_id = db_int(&rows, i, 3),
		};
	return true;
}

bool decisions_carried_out(struct ctx *ctx, const struct job *job, const int64_t *ordinals, size_t count)
{
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {batch_decisions} SET worked_epoch = ");
	db_text_i64(text, job->epoch);
	db_text_lit(text, " WHERE job_id = ");
	db_text_i64(text, job->id);
	db_text_lit(text, " AND ordinal IN ");
	db_text_list(text, ordinals, count);
	return db_text_exec(text, NULL, &ctx->fail);
}

bool decisions_forget_waiting(struct ctx *ctx, int64_t job_id)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_FORGET], job_id) &&
	       db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_ANNOUNCE], (int64_t)0, job_id);
}

bool decisions_announce(struct ctx *ctx, int64_t job_id)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_ANNOUNCE], (int64_t)1, job_id);
}

bool decisions_any_waiting(struct ctx *ctx, int64_t job_id, bool *any_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_ANY_WAITING], job_id))
		return false;
	*any_out = db_int(&rows, 0, 0) != 0;
	return true;
}

#define LOOK_COLUMNS                                                                                                   \
	"SELECT i.ordinal, i.outcome, COALESCE(x.epoch, 0), COALESCE(x.ways, 0), d.ordinal IS NOT NULL,"                \
	" COALESCE(d.worked_epoch, 1) = 0, d.action, d.scope, COALESCE(d.user_id, 0), COALESCE(d.seen_epoch, 0),"       \
	" COALESCE(u.display_name, '')"
#define LOOK_TABLES                                                                                                    \
	" FROM {batch_job_items} i LEFT JOIN {batch_item_errors} x ON x.job_id = i.job_id AND x.ordinal = i.ordinal"    \
	" LEFT JOIN {batch_decisions} d ON d.job_id = i.job_id AND d.ordinal = i.ordinal"                               \
	" LEFT JOIN {users} u ON u.id = d.user_id WHERE i.job_id = "
#define LOOK_TYPES "iiiiiissiiss"

bool decisions_look(struct ctx *ctx, int64_t job_id, const int64_t *ordinals, size_t count, bool with_detail,
		    struct undecided **list_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, LOOK_COLUMNS);
	db_text_lit(text, with_detail ? ", x.detail" LOOK_TABLES : ", NULL" LOOK_TABLES);
	db_text_i64(text, job_id);
	db_text_lit(text, " AND i.ordinal IN ");
	db_text_list(text, ordinals, count);
	db_text_lit(text, " ORDER BY i.ordinal");
	if (!db_text_query(text, LOOK_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++)
		(*list_out)[i] = (struct undecided){
			.ordinal = db_int(&rows, i, 0),
			.outcome = (enum outcome)db_int(&rows, i, 1),
			.epoch = (int32_t)db_int(&rows, i, 2),
			.ways = (uint32_t)db_int(&rows, i, 3),
			.is_decided = db_int(&rows, i, 4) != 0,
			.waits = db_int(&rows, i, 5) != 0,
			.decision = { .ordinal = db_int(&rows, i, 0), .action = action_of(db_str(&rows, i, 6)),
				      .scope = scope_of(db_str(&rows, i, 7)), .user_id = db_int(&rows, i, 8) },
			.decided_epoch = (int32_t)db_int(&rows, i, 9),
			.decided_by = db_str(&rows, i, 10),
			.detail = db_str(&rows, i, 11),
		};
	return true;
}

bool decisions_insert(struct ctx *ctx, int64_t job_id, int64_t user_id, const struct new_decision *list, size_t count)
{
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {batch_decisions} (job_id, ordinal, action, scope, user_id,"
						      " seen_epoch, decided_at) VALUES ");
	for (size_t i = 0; i < count; i++) {
		db_text_row(text);
		db_text_i64(text, job_id);
		db_text_i64(text, list[i].ordinal);
		db_text_str(text, on_conflict_name(list[i].action));
		db_text_str(text, conflict_scope_name(list[i].scope));
		db_text_i64(text, user_id);
		db_text_i64(text, list[i].seen_epoch);
		db_text_sql(text, SQL_NOW);
		db_text_end_row(text);
	}
	db_text_lit(text, " ON DUPLICATE KEY UPDATE action = VALUES(action), scope = VALUES(scope), user_id = VALUES(user_id),"
			  " seen_epoch = VALUES(seen_epoch), decided_at = VALUES(decided_at), worked_epoch = 0");
	return db_text_exec(text, NULL, &ctx->fail);
}

bool decisions_alike(struct ctx *ctx, int64_t job_id, const struct decide_alike *alike, struct new_decision **list_out,
		     size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_ALIKE], job_id, alike->after_ordinal,
		      (int64_t)ON_CONFLICT_BIT(alike->action), alike->likeness, alike->likeness, (int64_t)(alike->kind != NULL),
		      alike->kind, (int64_t)alike->until_epoch, (int64_t)alike->until_epoch, alike->limit))
		return false;
	*count_out = rows.count;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++)
		(*list_out)[i] = (struct new_decision){ db_int(&rows, i, 0), alike->action, alike->scope, (int32_t)db_int(&rows, i, 1) };
	return true;
}

bool decisions_likeness(struct ctx *ctx, int64_t job_id, int64_t ordinal, int64_t *likeness_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LIKENESS], job_id, ordinal))
		return false;
	*likeness_out = rows.count ? db_int(&rows, 0, 0) : 0;
	return true;
}
