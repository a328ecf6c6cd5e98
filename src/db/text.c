/* SQL text for bulk work: the one place where values become SQL. */
#include "db/internal.h"

#include <assert.h>
#include <inttypes.h>
#include <mysqld_error.h>

#include "base/clock.h"

struct db_text *db_text_begin(struct db *db, const char *sql)
{
	struct db_text *text = &db->text;
	str_clear(&text->sql);
	text->row_open = false;
	text->first_row = true;
	text->first_value = true;
	text->row_constructor = false;
	db_expand(db, &text->sql, sql);
	return text;
}

void db_text_lit(struct db_text *text, const char *sql)
{
	db_expand(text->db, &text->sql, sql);
	text->first_row = true;
	text->first_value = true;
	text->row_constructor = false;
}

void db_text_values(struct db_text *text)
{
	db_text_lit(text, "VALUES ");
	text->row_constructor = !text->db->is_mariadb;
}

void db_text_row(struct db_text *text)
{
	assert(!text->row_open);
	if (!text->first_row)
		str_addc(&text->sql, ',');
	if (text->row_constructor)
		str_add(&text->sql, "ROW", 3);
	str_addc(&text->sql, '(');
	text->first_row = false;
	text->row_open = true;
	text->first_value = true;
}

void db_text_end_row(struct db_text *text)
{
	assert(text->row_open);
	str_addc(&text->sql, ')');
	text->row_open = false;
}

static void separate(struct db_text *text)
{
	if (!text->first_value)
		str_addc(&text->sql, ',');
	text->first_value = false;
}

void db_text_i64(struct db_text *text, int64_t number)
{
	separate(text);
	str_addi(&text->sql, number);
}

void db_text_sql(struct db_text *text, const char *expression)
{
	separate(text);
	str_adds(&text->sql, expression);
}

void db_text_null(struct db_text *text)
{
	separate(text);
	str_add(&text->sql, "NULL", 4);
}

void db_text_strn(struct db_text *text, const char *value, size_t len)
{
	separate(text);
	str_addc(&text->sql, '\'');
	/* Needs 2 * len + 1 bytes: reserve them, escape in place, keep what was used. */
	size_t at = text->sql.len;
	char *room = str_reserve(&text->sql, 2 * len + 1);
	unsigned long used = text->db->mysql ? mysql_real_escape_string(text->db->mysql, room, value, (unsigned long)len) : 0;
	text->sql.len = at + used;
	str_addc(&text->sql, '\'');
}

void db_text_str(struct db_text *text, const char *value)
{
	if (value)
		db_text_strn(text, value, strlen(value));
	else
		db_text_null(text);
}

void db_text_time(struct db_text *text, int64_t utc)
{
	char literal[TIME_TEXT_SIZE];
	time_format_sql(utc, literal);
	separate(text);
	str_addc(&text->sql, '\'');
	str_adds(&text->sql, literal);
	str_addc(&text->sql, '\'');
}

static int64_t strided(const int64_t *first, size_t stride, size_t i)
{
	int64_t number;
	memcpy(&number, (const char *)first + i * stride, sizeof(number));
	return number;
}

void db_text_by_key(struct db_text *text, const char *column, const int64_t *keys, const int64_t *values, size_t stride,
		    size_t count)
{
	bool same = true;
	for (size_t i = 1; i < count && same; i++)
		same = strided(values, stride, i) == strided(values, stride, 0);
	separate(text);
	if (same) {
		str_addi(&text->sql, strided(values, stride, 0));
		return;
	}
	str_adds(&text->sql, "ELT(INTERVAL(");
	str_adds(&text->sql, column);
	for (size_t i = 0; i < count; i++) {
		str_addc(&text->sql, ',');
		str_addi(&text->sql, strided(keys, stride, i));
	}
	str_addc(&text->sql, ')');
	for (size_t i = 0; i < count; i++) {
		str_addc(&text->sql, ',');
		str_addi(&text->sql, strided(values, stride, i));
	}
	str_addc(&text->sql, ')');
}

void db_text_list(struct db_text *text, const int64_t *numbers, size_t count)
{
	str_addc(&text->sql, '(');
	for (size_t i = 0; i < count; i++) {
		if (i)
			str_addc(&text->sql, ',');
		str_addi(&text->sql, numbers[i]);
	}
	if (!count)
		str_add(&text->sql, "NULL", 4);
	str_addc(&text->sql, ')');
}

size_t db_text_bytes(const struct db_text *text)
{
	return text->sql.len;
}

/* The server's words may quote values, unless it speaks of rights, limits or the
 * like: then they are needed. */
static const char *words_for_log(const struct db *db)
{
	switch (mysql_errno(db->mysql)) {
	case ER_USER_LIMIT_REACHED: /* which of the limits */
	case ER_TABLEACCESS_DENIED_ERROR:
	case ER_COLUMNACCESS_DENIED_ERROR:
	case ER_OPTION_PREVENTS_STATEMENT:
		return mysql_error(db->mysql);
	default:
		return "in a bulk statement";
	}
}

/* The first words of a bulk statement name it in the log; values never do. */
static bool text_fail(struct db_text *text, struct fail *fail)
{
	struct db *db = text->db;
	char head[48];
	str_copy(head, sizeof(head), str_text(&text->sql));
	return db_fail(db, fail, mysql_errno(db->mysql), words_for_log(db), head);
}

static bool send_text(struct db_text *text, struct fail *fail)
{
	struct db *db = text->db;
	assert(!text->row_open);
	if (!db->mysql)
		return db_fail(db, fail, 2006, "not connected", "a bulk statement");
	db_count(db);
	if (mysql_real_query(db->mysql, str_text(&text->sql), text->sql.len))
		return text_fail(text, fail);
	return true;
}

bool db_text_exec(struct db_text *text, int64_t *affected_out, struct fail *fail)
{
	if (!send_text(text, fail))
		return false;
	if (affected_out)
		*affected_out = (int64_t)mysql_affected_rows(text->db->mysql);
	text->db->insert_id = (int64_t)mysql_insert_id(text->db->mysql);
	return true;
}

/* `arena` NULL: the text stays where it is. */
static void read_value(struct db_value *value, char type, const char *field, unsigned long len, struct arena *arena)
{
	const char *end;
	value->is_null = field == NULL;
	value->len = 0;
	if (!field)
		value->i = 0; /* also s = NULL */
	else if (type == 'i')
		value->i = read_i64(field, &end);
	else if (type == 'd')
		value->d = strtod(field, NULL);
	else {
		value->s = arena ? arena_strndup(arena, field, len) : field;
		value->len = (uint32_t)len;
	}
}

/* Rows are streamed from the connection: no second copy in the connector. */
static bool read_rows(struct db_text *text, MYSQL_RES *result, const char *columns, struct arena *arena, struct db_rows *rows,
	  struct fail *fail)
{
	size_t cap = 0;
	for (MYSQL_ROW fields; (fields = mysql_fetch_row(result)) != NULL;) {
		const unsigned long *lengths = mysql_fetch_lengths(result);
		struct db_value *values = db_rows_next(arena, rows, &cap);
		for (size_t i = 0; i < rows->columns; i++)
			read_value(&values[i], columns[i], fields[i], lengths[i], arena);
	}
	return mysql_errno(text->db->mysql) == 0 || text_fail(text, fail);
}

bool db_text_query(struct db_text *text, const char *columns, struct arena *arena, struct db_rows *rows_out,
	      struct fail *fail)
{
	*rows_out = (struct db_rows){ .columns = strlen(columns) };
	if (!send_text(text, fail))
		return false;
	MYSQL_RES *result = mysql_use_result(text->db->mysql);
	if (!result)
		return text_fail(text, fail);
	assert(mysql_num_fields(result) == rows_out->columns);
	bool ok = read_rows(text, result, columns, arena, rows_out, fail);
	mysql_free_result(result);
	return ok;
}

#define COLUMNS_MAX 16

bool db_text_each(struct db_text *text, const char *columns, db_row_taker *take, void *user, struct fail *fail)
{
	struct db_value values[COLUMNS_MAX];
	size_t count = strlen(columns);
	if (!send_text(text, fail))
		return false;
	MYSQL_RES *result = mysql_use_result(text->db->mysql);
	if (!result)
		return text_fail(text, fail);
	assert(mysql_num_fields(result) == count && count <= COLUMNS_MAX);
	for (MYSQL_ROW fields; (fields = mysql_fetch_row(result)) != NULL;) {
		const unsigned long *lengths = mysql_fetch_lengths(result);
		for (size_t i = 0; i < count; i++)
			read_value(&values[i], columns[i], fields[i], lengths[i], NULL);
		take(user, values);
	}
	bool ok = mysql_errno(text->db->mysql) == 0 || text_fail(text, fail);
	mysql_free_result(result);
	return ok;
}
