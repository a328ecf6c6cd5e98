/* Fixed statements: prepared once per connection, bound and fetched by type. */
#include "db/internal.h"

#include <assert.h>
#include <stdarg.h>

#define COLUMNS_MAX 80
#define PARAMS_MAX 48
#define SHORT_TEXT_BYTES 256 /* longer columns cost one more call each */

void db_expand(const struct db *db, struct str *out, const char *sql)
{
	for (const char *open; (open = strchr(sql, '{')) != NULL;) {
		const char *close = strchr(open, '}');
		assert(close);
		str_add(out, sql, (size_t)(open - sql));
		str_addc(out, '`');
		str_adds(out, db->config->table_prefix);
		str_add(out, open + 1, (size_t)(close - open - 1));
		str_addc(out, '`');
		sql = close + 1;
	}
	str_adds(out, sql);
}

void db_forget_prepared(struct db *db)
{
	for (size_t i = 0; i < STATEMENTS_MAX; i++) {
		if (db->prepared[i].handle)
			mysql_stmt_close(db->prepared[i].handle);
		db->prepared[i] = (struct prepared){ NULL, NULL };
	}
}

static bool statement_fail(struct db *db, struct fail *fail, MYSQL_STMT *handle, const struct db_stmt *stmt)
{
	return db_fail(db, fail, mysql_stmt_errno(handle), mysql_stmt_error(handle), stmt->name);
}

static MYSQL_STMT *prepare(struct db *db, struct fail *fail, const struct db_stmt *stmt)
{
	if (!db->mysql) {
		(void)db_fail(db, fail, 2006, "not connected", stmt->name);
		return NULL;
	}
	size_t slot = ((uintptr_t)stmt >> 4) % STATEMENTS_MAX;
	while (db->prepared[slot].stmt && db->prepared[slot].stmt != stmt)
		slot = (slot + 1) % STATEMENTS_MAX;
	if (db->prepared[slot].stmt == stmt)
		return db->prepared[slot].handle;

	MYSQL_STMT *handle = mysql_stmt_init(db->mysql);
	if (!handle)
		abort();
	struct str sql = STR_INIT;
	db_expand(db, &sql, stmt->sql);
	int error = mysql_stmt_prepare(handle, sql.data, sql.len);
	str_free(&sql);
	if (error) {
		(void)statement_fail(db, fail, handle, stmt);
		mysql_stmt_close(handle);
		return NULL;
	}
	assert(mysql_stmt_param_count(handle) == strlen(stmt->params));
	assert(mysql_stmt_field_count(handle) == strlen(stmt->columns));
	db->prepared[slot] = (struct prepared){ stmt, handle };
	return handle;
}

/* Storage that bound parameters point to while a statement runs. */
struct bound {
	MYSQL_BIND bind[PARAMS_MAX];
	int64_t numbers[PARAMS_MAX];
	double reals[PARAMS_MAX];
};

static void bind_text(MYSQL_BIND *bind, enum enum_field_types type, const void *data, size_t len)
{
	bind->buffer_type = data ? type : MYSQL_TYPE_NULL;
	/* The connector's interface is not const-correct; it only reads. */
	bind->buffer = (void *)(uintptr_t)data;
	bind->buffer_length = (unsigned long)len;
}

static void bind_params(struct bound *bound, const char *params, va_list ap)
{
	memset(bound->bind, 0, strlen(params) * sizeof(bound->bind[0]));
	for (size_t i = 0; params[i]; i++) {
		MYSQL_BIND *bind = &bound->bind[i];
		switch (params[i]) {
		case 'i':
			bound->numbers[i] = va_arg(ap, int64_t);
			bind->buffer_type = MYSQL_TYPE_LONGLONG;
			bind->buffer = &bound->numbers[i];
			break;
		case 'd':
			bound->reals[i] = va_arg(ap, double);
			bind->buffer_type = MYSQL_TYPE_DOUBLE;
			bind->buffer = &bound->reals[i];
			break;
		case 's': {
			const char *text = va_arg(ap, const char *);
			bind_text(bind, MYSQL_TYPE_STRING, text, text ? strlen(text) : 0);
			break;
		}
		case 'b': {
			const struct db_bytes *bytes = va_arg(ap, const struct db_bytes *);
			bind_text(bind, MYSQL_TYPE_BLOB, bytes ? bytes->data : NULL, bytes ? bytes->len : 0);
			break;
		}
		default:
			assert(!"a parameter type");
		}
	}
}

static MYSQL_STMT *run(struct db *db, struct fail *fail, const struct db_stmt *stmt, va_list ap)
{
	struct bound bound;
	MYSQL_STMT *handle = prepare(db, fail, stmt);
	if (!handle)
		return NULL;
	assert(strlen(stmt->params) <= PARAMS_MAX && strlen(stmt->columns) <= COLUMNS_MAX);
	bind_params(&bound, stmt->params, ap);
	db_count(db);
	if ((stmt->params[0] && mysql_stmt_bind_param(handle, bound.bind)) || mysql_stmt_execute(handle)) {
		(void)statement_fail(db, fail, handle, stmt);
		return NULL;
	}
	return handle;
}

bool db_exec(struct db *db, struct fail *fail, int64_t *affected_out, const struct db_stmt *stmt, ...)
{
	va_list ap;
	va_start(ap, stmt);
	MYSQL_STMT *handle = run(db, fail, stmt, ap);
	va_end(ap);
	if (!handle)
		return false;
	if (affected_out)
		*affected_out = (int64_t)mysql_stmt_affected_rows(handle);
	db->insert_id = (int64_t)mysql_stmt_insert_id(handle);
	return true;
}

int64_t db_insert_id(const struct db *db)
{
	return db->insert_id;
}

/* One row's receiving buffers. */
struct fetched {
	MYSQL_BIND bind[COLUMNS_MAX];
	int64_t numbers[COLUMNS_MAX];
	double reals[COLUMNS_MAX];
	char texts[COLUMNS_MAX][SHORT_TEXT_BYTES];
	unsigned long lengths[COLUMNS_MAX];
	my_bool nulls[COLUMNS_MAX];
};

static void bind_columns(struct fetched *row, const char *columns)
{
	memset(row->bind, 0, sizeof(row->bind));
	for (size_t i = 0; columns[i]; i++) {
		MYSQL_BIND *bind = &row->bind[i];
		bind->is_null = &row->nulls[i];
		bind->length = &row->lengths[i];
		if (columns[i] == 'i') {
			bind->buffer_type = MYSQL_TYPE_LONGLONG;
			bind->buffer = &row->numbers[i];
		} else if (columns[i] == 'd') {
			bind->buffer_type = MYSQL_TYPE_DOUBLE;
			bind->buffer = &row->reals[i];
		} else {
			bind->buffer_type = columns[i] == 'b' ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
			bind->buffer = row->texts[i];
			bind->buffer_length = SHORT_TEXT_BYTES;
		}
	}
}

static bool copy_text(MYSQL_STMT *handle, struct fetched *row, size_t column, struct arena *arena, struct db_value *value)
{
	size_t len = row->lengths[column];
	if (len <= SHORT_TEXT_BYTES) {
		value->s = arena_strndup(arena, row->texts[column], len);
	} else {
		char *text = arena_alloc(arena, len + 1);
		MYSQL_BIND bind = { .buffer_type = row->bind[column].buffer_type, .buffer = text,
				    .buffer_length = (unsigned long)len, .length = &row->lengths[column] };
		if (mysql_stmt_fetch_column(handle, &bind, (unsigned)column, 0))
			return false;
		value->s = text;
	}
	value->len = (uint32_t)len;
	return true;
}

static bool copy_row(MYSQL_STMT *handle, struct fetched *row, const char *columns, struct arena *arena, struct db_value *values)
{
	for (size_t i = 0; columns[i]; i++) {
		struct db_value *value = &values[i];
		value->is_null = row->nulls[i];
		if (value->is_null)
			value->i = 0; /* also s = NULL */
		else if (columns[i] == 'i')
			value->i = row->numbers[i];
		else if (columns[i] == 'd')
			value->d = row->reals[i];
		else if (!copy_text(handle, row, i, arena, value))
			return false;
	}
	return true;
}

struct db_value *db_rows_next(struct arena *arena, struct db_rows *rows, size_t *cap)
{
	if (rows->count == *cap) {
		size_t more = *cap ? *cap * 2 : 16;
		struct db_value *values = arena_array(arena, more * rows->columns, sizeof(*values));
		if (rows->count)
			memcpy(values, rows->values, rows->count * rows->columns * sizeof(*values));
		rows->values = values;
		*cap = more;
	}
	return &rows->values[rows->count++ * rows->columns];
}

bool db_query(struct db *db, struct fail *fail, struct arena *arena, struct db_rows *rows_out,
	 const struct db_stmt *stmt, ...)
{
	struct fetched row;
	size_t cap = 0;
	int state = 0;
	va_list ap;

	*rows_out = (struct db_rows){ .columns = strlen(stmt->columns) };
	va_start(ap, stmt);
	MYSQL_STMT *handle = run(db, fail, stmt, ap);
	va_end(ap);
	if (!handle)
		return false;
	bind_columns(&row, stmt->columns);
	if (mysql_stmt_bind_result(handle, row.bind))
		return statement_fail(db, fail, handle, stmt);
	while ((state = mysql_stmt_fetch(handle)) == 0 || state == MYSQL_DATA_TRUNCATED)
		if (!copy_row(handle, &row, stmt->columns, arena, db_rows_next(arena, rows_out, &cap)))
			break;
	bool ok = state == MYSQL_NO_DATA || statement_fail(db, fail, handle, stmt);
	mysql_stmt_free_result(handle);
	return ok;
}

const struct db_value *db_at(const struct db_rows *rows, size_t row, size_t column)
{
	assert(row < rows->count && column < rows->columns);
	return &rows->values[row * rows->columns + column];
}

int64_t db_int(const struct db_rows *rows, size_t row, size_t column)
{
	return db_at(rows, row, column)->i;
}

const char *db_str(const struct db_rows *rows, size_t row, size_t column)
{
	return db_at(rows, row, column)->s;
}

bool db_check_table(struct db *db, const struct db_stmt_table *table, struct fail *fail)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->list[i].sql && !prepare(db, fail, &table->list[i]))
			return fail_detail(fail, "%s: %s", table->file, table->list[i].name);
	}
	return true;
}
