/* Connecting, losing the connection, and what an error number means. */
#include "db/internal.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define CONNECT_TIMEOUT_S 4u
#define PING_AFTER_MS 1000
#define ANSWER_TIMEOUT_S 25u /* a host kills the request after 30 s */
#define STATEMENT_MAX_MS 20000 /* less than that: the server ends it and says so, and the connection is good for more */
#define STATEMENT_MIN_MS 1000
#define TIMED_OUT_MARIADB 1969
#define TIMED_OUT_MYSQL 3024

struct db *db_new(const struct config *config)
{
	struct db *db = calloc(1, sizeof(*db));
	if (!db)
		abort();
	db->config = config;
	db->text.db = db;
#ifdef TRANCHE_FAULTS
	const char *at = getenv("TRANCHE_FAULT_AT");
	const char *signal_number = getenv("TRANCHE_FAULT_SIGNAL");
	db->fault_at = at ? strtoll(at, NULL, 10) : 0;
	db->fault_signal = signal_number ? (int)strtol(signal_number, NULL, 10) : 0;
#endif
	return db;
}

void db_free(struct db *db)
{
	if (!db)
		return;
	db_drop(db);
	str_free(&db->text.sql);
	free(db);
}

void db_drop(struct db *db)
{
	/* The connector would wait for the rest of a reply when a statement is closed: 25 s, if it was memory that
	 * was lacking and the server has nothing more to say. */
	if (db->mysql && db->lost)
		(void)mariadb_cancel(db->mysql);
	db_forget_prepared(db);
	if (db->mysql)
		mysql_close(db->mysql);
	db->mysql = NULL;
	db->in_transaction = false;
}

bool db_is_lost(const struct db *db)
{
	return db->lost;
}

int64_t db_statements(const struct db *db)
{
	return db->statements;
}

unsigned long db_server_version(const struct db *db, bool *is_mariadb_out)
{
	if (is_mariadb_out)
		*is_mariadb_out = db->is_mariadb;
	return db->mysql ? mysql_get_server_version(db->mysql) : 0;
}

bool db_reads_committed(const struct db *db)
{
	return db->reads_committed;
}

void db_count(struct db *db)
{
	db->statements++;
	db->used_ms = monotonic_ms();
#ifdef TRANCHE_FAULTS
	if (db->fault_at > 0 && db->statements == db->fault_at)
		raise(db->fault_signal ? db->fault_signal : SIGKILL);
#endif
}

/* Error numbers a caller can do something about; all others are ours. */
static const struct error_rule {
	unsigned number;
	enum fail_kind kind;
	enum code code;
	bool lost;
} error_rules[] = {
	{ ER_LOCK_DEADLOCK, FAIL_RETRY, CODE_DATABASE_BUSY, false },
	{ ER_LOCK_WAIT_TIMEOUT, FAIL_RETRY, CODE_DATABASE_BUSY, false },
	{ ER_CHECKREAD, FAIL_RETRY, CODE_DATABASE_BUSY, false },
	{ ER_DUP_ENTRY, FAIL_CONFLICT, CODE_DUPLICATE_KEY, false },
	{ CR_SERVER_GONE_ERROR, FAIL_RETRY, CODE_DATABASE_AWAY, true },
	{ CR_SERVER_LOST, FAIL_RETRY, CODE_DATABASE_AWAY, true },
	{ CR_SERVER_LOST_EXTENDED, FAIL_RETRY, CODE_DATABASE_AWAY, true },
	{ CR_CONNECTION_ERROR, FAIL_RETRY, CODE_DATABASE_AWAY, true },
	{ CR_CONN_HOST_ERROR, FAIL_RETRY, CODE_DATABASE_AWAY, true },
	{ CR_OUT_OF_MEMORY, FAIL_RETRY, CODE_DATABASE_BUSY, true }, /* half a reply may be left in the connection */
	{ 0, FAIL_RETRY, CODE_DATABASE_BUSY, true }, /* mysql_use_result() without memory says nothing */
	{ CR_UNKNOWN_HOST, FAIL_RETRY, CODE_DATABASE_AWAY, true },
	{ ER_SERVER_SHUTDOWN, FAIL_RETRY, CODE_DATABASE_AWAY, true },
	{ ER_UNKNOWN_COM_ERROR, FAIL_RETRY, CODE_DATABASE_AWAY, true }, /* 1047: a Galera node that is not ready */
	/* A handle that the server has forgotten: with a new connection they are prepared anew. */
	{ ER_UNKNOWN_STMT_HANDLER, FAIL_RETRY, CODE_DATABASE_AWAY, true },
	{ 1927, FAIL_RETRY, CODE_DATABASE_AWAY, true },                 /* MariaDB: connection was killed */
	{ 4031, FAIL_RETRY, CODE_DATABASE_AWAY, true },                 /* MySQL: closed for inactivity */
	{ ER_CON_COUNT_ERROR, FAIL_RETRY, CODE_DATABASE_BUSY, true },
	{ ER_TOO_MANY_USER_CONNECTIONS, FAIL_RETRY, CODE_DATABASE_BUSY, true },
	{ ER_USER_LIMIT_REACHED, FAIL_RETRY, CODE_DATABASE_BUSY, false },
	{ ER_QUERY_INTERRUPTED, FAIL_RETRY, CODE_DATABASE_BUSY, false },
	{ ER_DISK_FULL, FAIL_RETRY, CODE_DATABASE_FULL, false },
	{ ER_RECORD_FILE_FULL, FAIL_RETRY, CODE_DATABASE_FULL, false },
	{ ER_ERROR_ON_WRITE, FAIL_RETRY, CODE_DATABASE_FULL, false },
	{ ER_GET_ERRNO, FAIL_RETRY, CODE_DATABASE_FULL, false },        /* 1030: most often "error 28", no space */
	{ ER_OPTION_PREVENTS_STATEMENT, FAIL_RETRY, CODE_DATABASE_READ_ONLY, false },       /* --read-only */
	{ ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, FAIL_RETRY, CODE_DATABASE_READ_ONLY, false },
	{ 1836, FAIL_RETRY, CODE_DATABASE_READ_ONLY, false },                               /* running in read-only mode */
	{ ER_OPEN_AS_READONLY, FAIL_RETRY, CODE_DATABASE_READ_ONLY, false },
	{ ER_TABLEACCESS_DENIED_ERROR, FAIL_RETRY, CODE_DATABASE_READ_ONLY, false },        /* a right was taken away */
	{ ER_COLUMNACCESS_DENIED_ERROR, FAIL_RETRY, CODE_DATABASE_READ_ONLY, false },
	{ TIMED_OUT_MARIADB, FAIL_RETRY, CODE_DATABASE_BUSY, false },
	{ TIMED_OUT_MYSQL, FAIL_RETRY, CODE_DATABASE_BUSY, false },
};

/* One number for all limits of a user: those an hour are over when it is, the
 * one of connections at once in a moment. */
static enum code user_limit(const char *message)
{
	return strstr(message, "max_user_connections") ? CODE_DATABASE_BUSY : CODE_DATABASE_LIMIT;
}

bool db_fail(struct db *db, struct fail *fail, unsigned number, const char *message, const char *statement)
{
	enum fail_kind kind = FAIL_INTERNAL;
	enum code code = CODE_INTERNAL;
	for (size_t i = 0; i < sizeof(error_rules) / sizeof(error_rules[0]); i++) {
		if (error_rules[i].number != number)
			continue;
		kind = error_rules[i].kind;
		code = number == ER_USER_LIMIT_REACHED ? user_limit(message) : error_rules[i].code;
		if (error_rules[i].lost)
			db->lost = true;
		break;
	}
	(void)fail_set(fail, kind, code, "%s", code_info(code)->title);
	fail->os_or_sql_error = (int)number;
	return fail_detail(fail, "SQL error %u in %s: %s", number, statement, message);
}

bool db_took_too_long(const struct fail *fail)
{
	return fail->os_or_sql_error == TIMED_OUT_MARIADB || fail->os_or_sql_error == TIMED_OUT_MYSQL;
}

bool db_send(struct db *db, struct fail *fail, const char *sql)
{
	if (!db->mysql)
		return db_fail(db, fail, CR_SERVER_GONE_ERROR, "not connected", sql);
	db_count(db);
	if (mysql_real_query(db->mysql, sql, strlen(sql)))
		return db_fail(db, fail, mysql_errno(db->mysql), mysql_error(db->mysql), sql);
	return true;
}

/* READ COMMITTED can't be had where the server logs statements only: row
 * changes would be refused with 1665 at the first write.  In a Galera cluster a
 * read first waits for what other nodes have committed: the answer to "did my
 * COMMIT happen?" must not come from a node that has not heard of it yet. */
static bool look_at_server(struct db *db, struct fail *fail, bool *is_cluster_out)
{
	if (!db_send(db, fail, db->is_mariadb ? "SELECT @@log_bin, @@binlog_format, @@wsrep_on"
					      : "SELECT @@log_bin, @@binlog_format, 0"))
		return false;
	MYSQL_RES *result = mysql_store_result(db->mysql);
	MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
	db->reads_committed = !(row && row[0] && row[1] && row[0][0] == '1' && row[1][0] == 'S');
	*is_cluster_out = row && row[2] && row[2][0] == '1';
	mysql_free_result(result);
	return true;
}

/* The server would go on with a statement whose request the host has killed,
 * and hold its locks: so it is told to stop before that.  MariaDB counts seconds
 * for whatever it does, MySQL milliseconds for SELECT alone. */
static void write_time_limit(const struct db *db, int64_t ms, char *out, size_t size)
{
	if (db->is_mariadb)
		snprintf(out, size, "max_statement_time = %.3f", (double)ms / 1000.0);
	else
		snprintf(out, size, "max_execution_time = %lld", (long long)ms);
}

static int64_t statement_ms(const struct config *config)
{
	int64_t ms = config->request_limit_ms * 2 / 3;
	return ms > STATEMENT_MAX_MS ? STATEMENT_MAX_MS : ms < STATEMENT_MIN_MS ? STATEMENT_MIN_MS : ms;
}

bool db_limit_statements(struct db *db, bool on, struct fail *fail)
{
	char what[64], sql[100];
	write_time_limit(db, on ? statement_ms(db->config) : 0, what, sizeof(what));
	snprintf(sql, sizeof(sql), "SET SESSION %s", what);
	return db_send(db, fail, sql);
}

/* In one statement: a CGI connects for each request. */
static bool set_session(struct db *db, struct fail *fail)
{
	bool is_cluster;
	char sql[500], limit[64];
	if (!look_at_server(db, fail, &is_cluster))
		return false;
	write_time_limit(db, statement_ms(db->config), limit, sizeof(limit));
	/* MariaDB before 11.1 knows only this name, MySQL since 8.0.3 only the other. */
	snprintf(sql, sizeof sql,
		 "SET SESSION innodb_lock_wait_timeout = 5, time_zone = '+00:00', group_concat_max_len = 65535,"
		 " sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', %s, %s = '%s'%s",
		 limit, db->is_mariadb ? "tx_isolation" : "transaction_isolation",
		 db->reads_committed ? "READ-COMMITTED" : "REPEATABLE-READ", is_cluster ? ", wsrep_sync_wait = 1" : "");
	return db_send(db, fail, sql);
}

/* MariaDB's connector never encrypts unless it is told to. */
static void use_tls(MYSQL *mysql, const struct config *config)
{
	my_bool yes = 1, check = config->db_tls > 1;
	if (config->db_tls == 0)
		return;
	mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &yes);
	mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &check);
	if (config->db_tls_ca[0])
		mysql_options(mysql, MYSQL_OPT_SSL_CA, config->db_tls_ca);
}

/* "localhost" means a socket, and each distribution has it elsewhere: the
 * program was built on another machine than it runs on. NULL = none is there. */
static const char *local_socket(void)
{
	static const char *const paths[] = { "/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock",
					     "/tmp/mysql.sock", "/run/mysql/mysql.sock", "/var/run/mysql/mysql.sock" };
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (access(paths[i], F_OK) == 0)
			return paths[i];
	return NULL;
}

bool db_connect(struct db *db, const char *host, struct fail *fail)
{
	const struct config *config = db->config;
	unsigned connect_timeout_s = CONNECT_TIMEOUT_S, answer_timeout_s = ANSWER_TIMEOUT_S, off = 0;
	my_bool no = 0;

	db->mysql = mysql_init(NULL);
	if (!db->mysql)
		abort();
	db_register_auth(db->mysql);
	mysql_options(db->mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_timeout_s);
	mysql_options(db->mysql, MYSQL_OPT_READ_TIMEOUT, &answer_timeout_s);
	mysql_options(db->mysql, MYSQL_OPT_WRITE_TIMEOUT, &answer_timeout_s);
	mysql_options(db->mysql, MYSQL_OPT_LOCAL_INFILE, &off);
	mysql_options(db->mysql, MYSQL_OPT_RECONNECT, &no);
	mysql_options(db->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	use_tls(db->mysql, config);

	const char *socket = config->db_socket[0] ? config->db_socket : NULL;
	if (!socket && host && strcmp(host, "localhost") == 0) {
		socket = local_socket();
		host = "127.0.0.1";
	}
	if (!mysql_real_connect(db->mysql, socket ? NULL : host, config->db_user, config->db_password, config->db_name,
				(unsigned)config->db_port, socket, CLIENT_FOUND_ROWS)) {
		(void)db_fail(db, fail, mysql_errno(db->mysql), mysql_error(db->mysql), "connect");
		/* Whatever refused the connection (password, unknown database), to
		 * those who ask for a page the database is away. */
		fail->kind = FAIL_RETRY;
		if (fail->code == CODE_INTERNAL)
			fail->code = CODE_DATABASE_AWAY;
		str_copy(fail->public_message, sizeof(fail->public_message), code_info(fail->code)->title);
		db_drop(db);
		return false;
	}
	db->is_mariadb = strstr(mysql_get_server_info(db->mysql), "MariaDB") != NULL;
	db->lost = false;
	db->schema_asked_ms = 0;
	if (set_session(db, fail))
		return true;
	db_drop(db);
	return false;
}

bool db_ensure(struct db *db, struct fail *fail)
{
	if (db->mysql && db->in_transaction)
		db_rollback(db);
	if (db->mysql && !db->lost) {
		/* A server that was restarted while this process was idle is only
		 * noticed by asking; one that answered a moment ago is not asked. */
		if (monotonic_ms() - db->used_ms < PING_AFTER_MS || mysql_ping(db->mysql) == 0)
			return true;
	}
	db_drop(db);

	if (db_connect_any(db, fail))
		return true;
	db->outages++;
	return false;
}

int64_t db_take_outages(struct db *db)
{
	int64_t outages = db->outages;
	db->outages = 0;
	return outages;
}
