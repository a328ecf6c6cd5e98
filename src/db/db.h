/*
 * The database connection: connect, prepare, run, fetch, transactions.
 *
 * The only folder that includes the MySQL connector.  A struct db belongs to
 * the process and is used by one request at a time.  Statements are static
 * tables (struct db_stmt) prepared once per connection; table names stand in
 * braces and get the site's prefix.  Nothing here retries or reconnects behind
 * the caller's back: a lost connection is a failure, and the next request (or
 * db_ensure) opens a new one.
 *
 * Error mapping (MySQL numbers): 1205 1213 1020 and "too many connections" are
 * FAIL_RETRY; a lost connection is FAIL_RETRY, but FAIL_UNCERTAIN when it was
 * lost during COMMIT; 1062 is FAIL_CONFLICT with CODE_DUPLICATE_KEY; a full
 * disk or table is FAIL_RETRY with CODE_DATABASE_FULL.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/fail.h"

struct db;

/* Allocates; connects at the first db_ensure().  Owned by the process. */
struct db *db_new(const struct config *config);
void db_free(struct db *db);

/* Makes sure there is a working connection outside any transaction, going
 * through the configured hosts once.  Call at the start of a unit of work. */
MUST_USE bool db_ensure(struct db *db, struct fail *fail);
/* How often that failed since this was asked last: once there is a connection
 * again, somebody can write down that there was none. */
int64_t db_take_outages(struct db *db);
/* Closes the connection at once, rolling back what is open. */
void db_drop(struct db *db);
/* True when the server said the connection is gone since the last db_ensure. */
bool db_is_lost(const struct db *db);

/* Commands sent since the process began (prepares not counted): the figure
 * that tests and the bench assert. */
int64_t db_statements(const struct db *db);
/* Server version as a number, e.g. 101106, and whether it is MariaDB. */
unsigned long db_server_version(const struct db *db, bool *is_mariadb_out);

/* False where the server only allows REPEATABLE READ: there a locking read
 * (LOCK IN SHARE MODE) must stand wherever the present is wanted. */
bool db_reads_committed(const struct db *db);

/* Was it stopped because it took longer than a request may?  FAIL_RETRY: less
 * at once may be quick enough. */
bool db_took_too_long(const struct fail *fail);

/* --- fixed statements --------------------------------------------------- */

/* A statement: its text with {table} names and ? marks, the types of its
 * parameters and of its columns.  Types: i int64_t, s const char * (NULL is
 * SQL NULL), b const struct db_bytes * (NULL is SQL NULL), d double. */
struct db_stmt {
	const char *name;
	const char *sql;
	const char *params;
	const char *columns; /* "" = no result set */
};

struct db_bytes {
	const void *data;
	size_t len;
};

/* One column of one row, 16 bytes.  Texts and bytes are owned by the arena
 * given to db_query and stay until it is reset. */
struct db_value {
	union {
		int64_t i;     /* type i */
		double d;      /* type d */
		const char *s; /* types s and b; terminated; NULL when is_null */
	};
	uint32_t len;          /* of s */
	bool is_null;
};

/* A whole result, already fetched (every query here is bounded by LIMIT or by
 * the chunk). */
struct db_rows {
	size_t count;
	size_t columns;
	struct db_value *values; /* count * columns */
};

/* The value in a row and column; both are asserted to exist. */
const struct db_value *db_at(const struct db_rows *rows, size_t row, size_t column);
int64_t db_int(const struct db_rows *rows, size_t row, size_t column);       /* NULL is 0 */
const char *db_str(const struct db_rows *rows, size_t row, size_t column);   /* NULL is NULL */

/* Runs a statement; the arguments follow its `params`.  `affected_out` may be
 * NULL; it counts matched rows (CLIENT_FOUND_ROWS). */
MUST_USE bool db_exec(struct db *db, struct fail *fail, int64_t *affected_out, const struct db_stmt *stmt, ...);
/* The id that the last INSERT made (single-row inserts only). */
int64_t db_insert_id(const struct db *db);
MUST_USE bool db_query(struct db *db, struct fail *fail, struct arena *arena, struct db_rows *rows_out,
		       const struct db_stmt *stmt, ...);

/* --- transactions ------------------------------------------------------- */

MUST_USE bool db_begin(struct db *db, struct fail *fail);
/* FAIL_UNCERTAIN when the answer was lost. */
MUST_USE bool db_commit(struct db *db, struct fail *fail);
/* Never fails: a rollback that can't be sent drops the connection instead. */
void db_rollback(struct db *db);

/* Registers a statement table so that `check-sql` can prepare all of them. */
struct db_stmt_table {
	const char *file;
	const struct db_stmt *list;
	size_t count;
};

/* Prepares every statement of a table; on false `fail` names the statement. */
MUST_USE bool db_check_table(struct db *db, const struct db_stmt_table *table, struct fail *fail);

#endif
