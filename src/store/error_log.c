/* Errors by kind: counted, listed, resolved. */
#include "store/error_log.h"

#include "db/text.h"
#include "rules/permission.h"
#include "store/outcome.h"
#include "store/sql_time.h"

#define CHUNKS_PER_STEP 32
#define RESOLUTIONS_MAX "100"

/* Assignments run from left to right, so those that look at the old row stand
 * first.  What was found before a resolution does not reopen it. */
#define ADD_TO_ROW                                                                                             \
	" ON DUPLICATE KEY UPDATE occurrences = occurrences + VALUES(occurrences),"                            \
	" reopened_at = CASE WHEN VALUES(last_seen) > resolved_at THEN VALUES(last_seen) ELSE reopened_at END," \
	" resolved_at = CASE WHEN VALUES(last_seen) > resolved_at THEN NULL ELSE resolved_at END,"             \
	" job_id = CASE WHEN VALUES(last_seen) >= last_seen THEN VALUES(job_id) ELSE job_id END,"              \
	" ordinal = CASE WHEN VALUES(last_seen) >= last_seen THEN VALUES(ordinal) ELSE ordinal END,"           \
	" detail = CASE WHEN VALUES(last_seen) >= last_seen THEN VALUES(detail) ELSE detail END,"              \
	" reference = CASE WHEN VALUES(last_seen) >= last_seen THEN VALUES(reference) ELSE reference END,"     \
	" first_seen = LEAST(first_seen, VALUES(first_seen)), last_seen = GREATEST(last_seen, VALUES(last_seen))"

#define ROW_COLUMNS "(code, context, occurrences, first_seen, last_seen, job_id, ordinal, detail, reference)"

#define ENTRY_COLUMNS                                                                                          \
	"e.id, e.code, e.context, e.occurrences, " SQL_SECONDS("e.first_seen") ", " SQL_SECONDS("e.last_seen") ","    \
	" COALESCE(j.id, 0), CASE WHEN j.id IS NULL THEN -1 ELSE e.ordinal END, e.detail, e.reference, "      \
	SQL_SECONDS("e.resolved_at") ", " SQL_SECONDS("e.reopened_at")
#define ENTRY_TYPES "issiiiiissii"
#define ENTRIES " FROM {error_logs} e LEFT JOIN {batch_jobs} j ON j.id = e.job_id"

enum { STMT_ADD, STMT_UNLOGGED, STMT_UNLOGGED_OF_JOB, STMT_LIST, STMT_GET, STMT_RESOLUTIONS, STMT_RESOLVE, STMT_NOTE };
static const struct db_stmt statements[] = {
	[STMT_ADD] = { "errors.add",
		       "INSERT INTO {error_logs} " ROW_COLUMNS " VALUES (?, COALESCE((SELECT type FROM {batch_jobs} b WHERE b.id = ?),"
		       " '" ERROR_CONTEXT_PROGRAM "'), 1, " SQL_NOW ", " SQL_NOW ", ?, ?, LEFT(?, 500), ?)" ADD_TO_ROW,
		       "siiiss", "" },
	[STMT_UNLOGGED] = { "errors.unlogged",
			    "SELECT job_id, epoch, first_ordinal, isolated FROM {batch_chunks} WHERE unlogged = 1"
			    " ORDER BY job_id, epoch LIMIT ?",
			    "i", "iiii" },
	[STMT_UNLOGGED_OF_JOB] = { "errors.unlogged_of_job",
				   "SELECT job_id, epoch, first_ordinal, isolated FROM {batch_chunks} FORCE INDEX (unlogged)"
				   " WHERE unlogged = 1 AND job_id = ? ORDER BY epoch LIMIT ?",
				   "ii", "iiii" },
	/* There are as many rows as kinds of errors, some hundred at most. */
	[STMT_LIST] = { "errors.list",
			"SELECT " ENTRY_COLUMNS ENTRIES " LEFT JOIN {error_logs} a ON a.id = ?"
			" WHERE ? IN (0, 1 + (e.resolved_at IS NOT NULL))"
			" AND (a.id IS NULL OR e.last_seen < a.last_seen OR (e.last_seen = a.last_seen AND e.id < a.id))"
			" ORDER BY e.last_seen DESC, e.id DESC LIMIT ?",
			"iii", ENTRY_TYPES },
	[STMT_GET] = { "errors.get", "SELECT " ENTRY_COLUMNS ENTRIES " WHERE e.id = ?", "i", ENTRY_TYPES },
	[STMT_RESOLUTIONS] = { "errors.resolutions",
			       "SELECT r.id, " SQL_SECONDS("r.at") ", r.user_id, COALESCE(u.display_name, ''), r.occurrences, r.resolution"
			       " FROM {error_resolutions} r LEFT JOIN {users} u ON u.id = r.user_id WHERE r.error_id = ?"
			       " ORDER BY r.id DESC LIMIT " RESOLUTIONS_MAX,
			       "i", "iiisis" },
	[STMT_RESOLVE] = { "errors.resolve", "UPDATE {error_logs} SET resolved_at = " SQL_NOW " WHERE id = ?", "i", "" },
	/* A form sent twice is one note: nothing has happened between. */
	[STMT_NOTE] = { "errors.note",
			"INSERT INTO {error_resolutions} (error_id, at, user_id, occurrences, resolution)"
			" SELECT e.id, e.resolved_at, ?, e.occurrences, ? FROM {error_logs} e WHERE e.id = ? AND NOT EXISTS"
			" (SELECT 1 FROM {error_resolutions} r WHERE r.error_id = e.id AND r.occurrences = e.occurrences"
			" AND r.user_id = ? AND r.resolution = ?)",
			"isiis", "" },
};
const struct db_stmt_table error_log_statements = { "error_log.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool error_log_add(struct ctx *ctx, enum code code, int64_t job_id, int64_t ordinal, const char *detail)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_ADD], code_info(code)->name, job_id, job_id, ordinal,
		       detail ? detail : "", ctx->reference);
}

/* --- counting chunks ------------------------------------------------------- */

static void chunk_list(struct db_text *text, const struct db_rows *chunks, size_t count)
{
	db_text_lit(text, "(c.job_id, c.epoch, c.first_ordinal, c.isolated) IN (");
	for (size_t i = 0; i < count; i++) {
		db_text_row(text);
		for (size_t column = 0; column < chunks->columns; column++)
			db_text_i64(text, db_int(chunks, i, column));
		db_text_end_row(text);
	}
	db_text_lit(text, ")");
}

/* Chunks of one batch and epoch; the list is in that order. */
static size_t first_group(const struct db_rows *chunks)
{
	size_t count = 0;
	while (count < chunks->count && db_int(chunks, count, 0) == db_int(chunks, 0, 0) &&
	       db_int(chunks, count, 1) == db_int(chunks, 0, 1))
		count++;
	return count;
}

static bool take_marks(struct ctx *ctx, const struct db_rows *chunks, size_t count, bool *mine_out)
{
	int64_t affected = 0;
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {batch_chunks} c FORCE INDEX (PRIMARY)"
					     " SET c.unlogged = 0 WHERE c.unlogged = 1 AND ");
	chunk_list(text, chunks, count);
	if (!db_text_exec(text, &affected, &ctx->fail))
		return false;
	*mine_out = affected == (int64_t)count;
	return true;
}

/* What each code is counted in one chunk.  A chunk is a statement of its own:
 * then it is a constant, and its errors are a range.  (As one join over all
 * chunks every error of the batch was looked at for each of them.) */
static void add_chunk(struct db_text *text, const struct db_rows *chunks, size_t row)
{
	static const char *const keys[] = { "c.job_id = ", " AND c.epoch = ", " AND c.first_ordinal = ", " AND c.isolated = " };
	db_text_lit(text, "(SELECT x.code, MIN(c.finished_at) AS finished_at, COUNT(*) AS occurrences, MIN(x.ordinal) AS ordinal"
			  " FROM {batch_chunks} c JOIN {batch_item_errors} x ON x.job_id = c.job_id"
			  " AND x.ordinal BETWEEN c.first_ordinal AND c.last_ordinal AND x.epoch = c.epoch AND x.outcome IN (");
	db_text_i64(text, OUTCOME_CONFLICT);
	db_text_i64(text, OUTCOME_FAILED);
	db_text_i64(text, OUTCOME_UNDO_CONFLICT);
	db_text_lit(text, ") AND x.code <> ");
	db_text_str(text, code_info(CODE_POISON_ITEM)->name);
	db_text_lit(text, " WHERE ");
	for (size_t column = 0; column < chunks->columns; column++) {
		db_text_lit(text, keys[column]);
		db_text_i64(text, db_int(chunks, row, column));
	}
	db_text_lit(text, " GROUP BY x.code)");
}

/* Groups in the order of the key, so that two who count wait for one another
 * and don't lock crosswise.  The columns of the outermost SELECT have names of
 * their own: those of error_logs stand in the UPDATE clause. */
static bool add_groups(struct ctx *ctx, const struct db_rows *chunks, size_t count)
{
	struct db_text *text = db_text_begin(
		ctx->db,
		"INSERT INTO {error_logs} " ROW_COLUMNS " SELECT g_code, g_context, g_count, g_first, g_last, g_job, g_ordinal,"
		" g_detail, '' FROM (SELECT g.*, LEFT(COALESCE(JSON_UNQUOTE(JSON_EXTRACT(e.detail, '$.errors[0].message')), ''), 500)"
		" AS g_detail FROM (SELECT p.code AS g_code, CASE WHEN j.work = 'undo' AND j.epoch = ");
	db_text_i64(text, db_int(chunks, 0, 1));
	db_text_lit(text, " THEN 'undo' ELSE j.type END AS g_context, SUM(p.occurrences) AS g_count, MIN(p.finished_at) AS g_first,"
			  " MAX(p.finished_at) AS g_last, j.id AS g_job, MIN(p.ordinal) AS g_ordinal FROM (");
	for (size_t i = 0; i < count; i++) {
		db_text_lit(text, i ? " UNION ALL " : "");
		add_chunk(text, chunks, i);
	}
	db_text_lit(text, ") p JOIN {batch_jobs} j ON j.id = ");
	db_text_i64(text, db_int(chunks, 0, 0));
	db_text_lit(text, " GROUP BY p.code, j.id, j.work, j.epoch, j.type) g"
			  " JOIN {batch_item_errors} e ON e.job_id = g.g_job AND e.ordinal = g.g_ordinal) h"
			  " ORDER BY g_code" ADD_TO_ROW);
	return db_text_exec(text, NULL, &ctx->fail);
}

static bool count_chunks(struct ctx *ctx, const struct db_rows *chunks, size_t count)
{
	bool mine = false;
	if (!db_begin(ctx->db, &ctx->fail) || !take_marks(ctx, chunks, count, &mine))
		goto undo;
	if (!mine) { /* somebody else is counting them */
		db_rollback(ctx->db);
		return true;
	}
	if (add_groups(ctx, chunks, count) && db_commit(ctx->db, &ctx->fail))
		return true;
undo:
	db_rollback(ctx->db);
	return false;
}

bool error_log_collect(struct ctx *ctx, int64_t job_id, bool *more_out)
{
	struct db_rows chunks;
	int64_t limit = CHUNKS_PER_STEP + 1;
	bool ok = job_id ? db_query(ctx->db, &ctx->fail, ctx->arena, &chunks, &statements[STMT_UNLOGGED_OF_JOB], job_id, limit)
			 : db_query(ctx->db, &ctx->fail, ctx->arena, &chunks, &statements[STMT_UNLOGGED], limit);
	*more_out = false;
	if (!ok || !chunks.count)
		return ok;
	size_t count = first_group(&chunks);
	count = count < CHUNKS_PER_STEP ? count : CHUNKS_PER_STEP;
	*more_out = chunks.count > count;
	return count_chunks(ctx, &chunks, count);
}

/* --- looking --------------------------------------------------------------- */

static void entry_from_row(const struct db_rows *rows, size_t row, struct error_entry *entry)
{
	*entry = (struct error_entry){
		.id = db_int(rows, row, 0),
		.code = db_str(rows, row, 1),
		.context = db_str(rows, row, 2),
		.occurrences = db_int(rows, row, 3),
		.first_seen = db_int(rows, row, 4),
		.last_seen = db_int(rows, row, 5),
		.job_id = db_int(rows, row, 6),
		.ordinal = db_int(rows, row, 7),
		.detail = db_str(rows, row, 8),
		.reference = db_str(rows, row, 9),
		.resolved_at = db_int(rows, row, 10),
		.reopened_at = db_int(rows, row, 11),
	};
}

bool error_log_list(struct ctx *ctx, enum error_filter filter, int64_t after_id, int32_t limit,
		    struct error_entry **list_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LIST], after_id, (int64_t)filter, (int64_t)limit))
		return false;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		entry_from_row(&rows, i, &(*list_out)[i]);
	return true;
}

bool error_log_get(struct ctx *ctx, int64_t id, struct error_entry *entry)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_GET], id))
		return false;
	if (!rows.count)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "There is no error %lld", (long long)id);
	entry_from_row(&rows, 0, entry);
	return true;
}

bool error_resolutions(struct ctx *ctx, int64_t error_id, struct error_resolution **list_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_RESOLUTIONS], error_id))
		return false;
	struct error_resolution *list = arena_array(ctx->arena, rows.count + 1, sizeof(*list));
	for (size_t i = 0; i < rows.count; i++)
		list[i] = (struct error_resolution){ db_int(&rows, i, 0), db_int(&rows, i, 1), db_int(&rows, i, 2),
						     db_str(&rows, i, 3), db_int(&rows, i, 4), db_str(&rows, i, 5) };
	*list_out = list;
	*count_out = rows.count;
	return true;
}

/* --- resolving --------------------------------------------------------------- */

bool error_log_resolve(struct ctx *ctx, int64_t error_id, const char *resolution)
{
	int64_t affected = 0;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_RESOLVE], error_id))
		return false;
	if (!affected)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "There is no error %lld", (long long)error_id);
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_NOTE], ctx->actor->user_id, resolution, error_id,
		       ctx->actor->user_id, resolution);
}
