/*
 * What the files of db/ share.  Not for other folders.
 */
#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H

#include <mysql.h>

#include "base/str.h"
#include "db/db.h"
#include "db/text.h"

#define HOSTS_MAX 8
#define STATEMENTS_MAX 512 /* prepared statements of one connection; a power of two */

struct prepared {
	const struct db_stmt *stmt;
	MYSQL_STMT *handle;
};

struct db_text {
	struct db *db;
	struct str sql;
	bool row_open;
	bool first_value;
	bool first_row;
	bool row_constructor;  /* rows are spelt ROW(…) until the next literal */
};

struct db {
	const struct config *config;
	MYSQL *mysql;             /* NULL = not connected */
	bool lost;
	int64_t down_until_ms[HOSTS_MAX]; /* monotonic; of the configured hosts, in their order */
	bool in_transaction;
	bool is_mariadb;
	bool reads_committed;     /* false: the server insisted on REPEATABLE READ */
	int64_t statements;
	int64_t used_ms;          /* monotonic; when the last command was sent */
	int64_t insert_id;
	int64_t schema_asked_ms;  /* monotonic; when the schema's version was read, 0 = not on this connection */
	int schema_version;
	int64_t outages;          /* attempts to connect that failed, until db_take_outages() */
	struct prepared prepared[STATEMENTS_MAX];
	struct db_text text;
#ifdef TRANCHE_FAULTS
	int64_t fault_at;         /* before the statement with this number ... */
	int fault_signal;         /* ... the process gets this signal, 0 = SIGKILL */
#endif
};

/* Connects to one host (NULL: the socket) and sets up the session. */
MUST_USE bool db_connect(struct db *db, const char *host, struct fail *fail);
/* Makes the connector know MySQL 8's and 9's way of passwords (auth_sha2.c). */
void db_register_auth(MYSQL *mysql);
/* Connects to the first of the configured hosts that answers (hosts.c). */
MUST_USE bool db_connect_any(struct db *db, struct fail *fail);

/* Counts a command about to be sent; in the fault build this is where a test
 * kills the process. */
void db_count(struct db *db);

/* Maps a connector error to a failure; notes a lost connection. Returns false. */
bool db_fail(struct db *db, struct fail *fail, unsigned number, const char *message, const char *statement);

/* Appends SQL with {table} names replaced by prefix + name. */
void db_expand(const struct db *db, struct str *out, const char *sql);

/* Sends a text without result. */
MUST_USE bool db_send(struct db *db, struct fail *fail, const char *sql);

/* Room for one more row; the old list stays in the arena, doubling bounds the
 * waste. */
struct db_value *db_rows_next(struct arena *arena, struct db_rows *rows, size_t *cap);

void db_forget_prepared(struct db *db);

/* How long a statement of this connection may take: as the site's requests
 * (on), or as long as it needs. */
MUST_USE bool db_limit_statements(struct db *db, bool on, struct fail *fail);

#endif
