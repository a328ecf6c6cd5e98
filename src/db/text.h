/*
 * SQL text for bulk work: multi-row VALUES and IN lists.
 *
 * The one exception to prepared statements (security.md): the program formats
 * numbers itself, texts go through db_text_str(), which escapes with the live
 * connection's character set, in one function.  Measured: multi-row INSERT of
 * 500-1,000 rows runs at LOAD DATA's speed.
 *
 *     struct db_text *t = db_text_begin(db, "INSERT INTO {busy} (…) VALUES ");
 *     for each row: db_text_row(t); db_text_i64(t, …); db_text_str(t, …); db_text_end_row(t);
 *     ok = db_text_exec(t, &affected, fail);
 *
 * One text is open per connection at a time; the buffer is reused.
 */
#ifndef DB_TEXT_H
#define DB_TEXT_H

#include "db/db.h"

struct db_text;

/* Begins a statement; `sql` is a literal and may name {tables}. */
struct db_text *db_text_begin(struct db *db, const char *sql);
/* Appends literal SQL (may name {tables}). */
void db_text_lit(struct db_text *text, const char *sql);
/* Begins a list of rows that is a table of its own, "VALUES (…),(…)", which
 * MySQL spells "VALUES ROW(…),ROW(…)". */
void db_text_values(struct db_text *text);
/* Opens and closes one parenthesised row; commas between rows are minded. */
void db_text_row(struct db_text *text);
void db_text_end_row(struct db_text *text);
/* Values, comma-separated within a row or list. */
void db_text_i64(struct db_text *text, int64_t number);
void db_text_str(struct db_text *text, const char *value);                 /* NULL is SQL NULL */
void db_text_strn(struct db_text *text, const char *value, size_t len);
void db_text_null(struct db_text *text);
/* A literal SQL expression as a value, e.g. a function of the server's clock. */
void db_text_sql(struct db_text *text, const char *expression);
/* "ELT(INTERVAL(column, keys…), values…)": for each row the value that belongs
 * to its key, found by bisection; nothing nests less or costs less (CASE is
 * quadratic).  `keys` and `values` are members of the same structs, `stride`
 * bytes apart, sorted by key without duplicates; `column` is an expression.
 * Where all values are the same: that value, whatever the key. */
void db_text_by_key(struct db_text *text, const char *column, const int64_t *keys, const int64_t *values, size_t stride,
		    size_t count);
/* DATETIME literal of UTC seconds. */
void db_text_time(struct db_text *text, int64_t utc);
/* "(1,2,3)": a list of numbers; an empty list is "(NULL)", which matches nothing. */
void db_text_list(struct db_text *text, const int64_t *numbers, size_t count);

/* Bytes of the statement so far: a host's max_allowed_packet may be 1 MiB, so
 * writers begin a new statement beyond DB_TEXT_SPLIT_BYTES. */
#define DB_TEXT_SPLIT_BYTES (768u * 1024u)
size_t db_text_bytes(const struct db_text *text);

MUST_USE bool db_text_exec(struct db_text *text, int64_t *affected_out, struct fail *fail);
/* `columns` as in struct db_stmt. */
MUST_USE bool db_text_query(struct db_text *text, const char *columns, struct arena *arena,
			    struct db_rows *rows_out, struct fail *fail);
/* Gives each row as it comes and keeps none, for results that may be large.
 * `values` and their texts are good within the call, which may not use the
 * connection.  When it fails, some rows may have been given. */
typedef void db_row_taker(void *user, const struct db_value *values);
MUST_USE bool db_text_each(struct db_text *text, const char *columns, db_row_taker *take, void *user, struct fail *fail);

#endif
