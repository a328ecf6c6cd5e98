#include "store/audit.h"

#include "db/text.h"
#include "rules/permission.h"
#include "store/sql_time.h"

enum { AUDIT_ADD };

static const struct db_stmt statements[] = {
	[AUDIT_ADD] = { "audit.add",
			"INSERT INTO {audit_log} (at, user_id, action, job_id, object_id, detail)"
			" VALUES (UTC_TIMESTAMP(3), ?, ?, ?, ?, ?)",
			"isiis", "" },
};
const struct db_stmt_table audit_statements = { "audit.c", statements, sizeof statements / sizeof statements[0] };

bool audit_add(struct ctx *ctx, const char *action, int64_t job_id, int64_t object_id, const char *detail)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[AUDIT_ADD], ctx->actor->user_id, action, job_id, object_id,
		       detail);
}

bool audit_add_program(struct ctx *ctx, int64_t job_id, const struct program_note *list, size_t count)
{
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {audit_log} (at, user_id, action, job_id, object_id, detail) VALUES ");
	for (size_t i = 0; i < count; i++) {
		db_text_row(text);
		db_text_sql(text, SQL_NOW);
		db_text_i64(text, 0);
		db_text_str(text, list[i].action);
		db_text_i64(text, job_id);
		db_text_i64(text, list[i].object_id);
		db_text_str(text, list[i].detail);
		db_text_end_row(text);
	}
	return db_text_exec(text, NULL, &ctx->fail);
}

bool audit_commit(struct ctx *ctx, bool is_done, const char *action, const int64_t *object_id)
{
	if (is_done && audit_add(ctx, action, 0, *object_id, NULL) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

#define ROW_COLUMNS                                                                                                    \
	"SELECT a.id, " SQL_SECONDS("a.at") ", a.user_id, COALESCE(u.display_name, ''), a.action, a.job_id, a.object_id,"  \
	" a.detail FROM {audit_log} a LEFT JOIN {users} u ON u.id = a.user_id WHERE "
#define ROW_TYPES "iiissiis"

static struct audit_row read_row(const struct db_rows *rows, size_t i)
{
	return (struct audit_row){ db_int(rows, i, 0), db_int(rows, i, 1), db_int(rows, i, 2), db_str(rows, i, 3),
				   db_str(rows, i, 4), db_int(rows, i, 5), db_int(rows, i, 6), db_str(rows, i, 7) };
}

bool audit_last(struct ctx *ctx, const char *const *actions, int64_t object_id, struct audit_row *row_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, ROW_COLUMNS "a.object_id = ");
	db_text_i64(text, object_id);
	db_text_lit(text, " AND a.action IN (''");
	for (; *actions; actions++) {
		db_text_lit(text, ", ");
		db_text_str(text, *actions);
	}
	db_text_lit(text, ") ORDER BY a.id DESC LIMIT 1");
	if (!db_text_query(text, ROW_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	*row_out = rows.count ? read_row(&rows, 0) : (struct audit_row){ .id = 0 };
	return true;
}

static void add_action(struct ctx *ctx, struct db_text *text, const char *action)
{
	size_t len = strlen(action);
	if (len && action[len - 1] == '.') { /* "job.": the range of the key up to "job/" */
		char *next = arena_strdup(ctx->arena, action);
		next[len - 1]++;
		db_text_lit(text, " AND a.action >= ");
		db_text_str(text, action);
		db_text_lit(text, " AND a.action < ");
		db_text_str(text, next);
	} else {
		db_text_lit(text, " AND a.action = ");
		db_text_str(text, action);
	}
}

static void add_conditions(struct ctx *ctx, struct db_text *text, const struct audit_filter *filter)
{
	const struct {
		const char *condition;
		int64_t value;
	} numbers[] = {
		{ " AND a.user_id = ", filter->user_id },
		{ " AND a.job_id = ", filter->job_id },
		{ " AND a.id < ", filter->before_id },
	};
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (!numbers[i].value)
			continue;
		db_text_lit(text, numbers[i].condition);
		db_text_i64(text, numbers[i].value);
	}
	if (filter->action)
		add_action(ctx, text, filter->action);
	if (filter->from) {
		db_text_lit(text, " AND a.at >= ");
		db_text_time(text, filter->from);
	}
	if (filter->before) {
		db_text_lit(text, " AND a.at < ");
		db_text_time(text, filter->before);
	}
}

bool audit_list(struct ctx *ctx, const struct audit_filter *filter, struct audit_row **rows_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, ROW_COLUMNS "1");
	add_conditions(ctx, text, filter);
	db_text_lit(text, " ORDER BY a.id DESC LIMIT ");
	db_text_i64(text, filter->limit);
	if (!db_text_query(text, ROW_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	struct audit_row *list = arena_array(ctx->arena, rows.count + 1, sizeof(*list));
	for (size_t i = 0; i < rows.count; i++)
		list[i] = read_row(&rows, i);
	*rows_out = list;
	*count_out = rows.count;
	return true;
}
