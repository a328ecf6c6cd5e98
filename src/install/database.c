#include "install/database.h"

#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "base/str.h"
#include "db/db.h"
#include "db/migrate.h"
#include "db/text.h"
#include "install/setup.h"

#define LIMIT_REACHED 1226
#define TOO_MANY_CONNECTIONS 1203
#define PACKET_MIN (1 << 20) /* statements are up to 768 KiB (db/text.h) */
#define QUESTIONS_FEW 36000  /* an hour: ten a second */
#define CONNECTIONS_FEW 5

/* --- why a connection failed ------------------------------------------------ */

/* What a number means to somebody who filled in four fields. */
static const struct explanation {
	int number;
	const char *field, *message, *mend;
} explanations[] = {
	{ 1045, "db_user", "The database knows no such user with this password",
	  "Copy both from the page on databases in your host's control panel; hosts often put the account's name before the user's." },
	{ 1698, "db_user", "This database user may not sign in with a password",
	  "Make a database user of its own for Tranche in your host's control panel." },
	{ 1044, "db_name", "This user has no rights on a database of this name",
	  "In the control panel, add the user to the database with all privileges, and check the database's full name." },
	{ 1049, "db_name", "There is no database of this name",
	  "Make it in the control panel, or check its full name: hosts often put the account's name before it." },
	{ 2002, "db_hosts", "No database server answers on this machine",
	  "Many hosts have the database on another machine: look for its name in the control panel and write it in place of localhost." },
	{ 2003, "db_hosts", "No database server answers at this host and port",
	  "Check the name and the port; your host may only let its own machines connect." },
	{ 2005, "db_hosts", "There is no machine of this name", "Check the spelling of the host; it is a name such as localhost or mysql5.example.com." },
	{ 2006, "db_hosts", "The server ended the connection before signing in", "Check that this host and port are those of MySQL or MariaDB." },
	{ 2012, "db_hosts", "Something answers at this host and port, but it is no MySQL or MariaDB", "Check the port; 3306 is the usual one." },
	{ 2013, "db_hosts", "The server does not answer like a MySQL or MariaDB", "Check the host and the port; 3306 is the usual one." },
	{ 2026, "db_tls", "The encrypted connection to the database could not be made",
	  "The server may have no encryption, or its certificate is not the one expected: choose another setting for encryption." },
	{ 3159, "db_tls", "This server takes encrypted connections only", "Choose “encrypted” for the connection under “More”." },
	{ 1251, "db_user", "The database checks this user's password in a way that Tranche does not know",
	  "Ask your host to give the user mysql_native_password or caching_sha2_password." },
	{ 2054, "db_user", "The database checks this user's password in a way that Tranche does not know",
	  "Ask your host to give the user mysql_native_password or caching_sha2_password." },
	{ 2058, "db_user", "The database checks this user's password in a way that Tranche does not know",
	  "Ask your host to give the user mysql_native_password or caching_sha2_password." },
	{ 2059, "db_user", "The database checks this user's password in a way that Tranche does not know",
	  "Ask your host to give the user mysql_native_password or caching_sha2_password." },
	{ 1130, "db_hosts", "The database does not take connections from this web server",
	  "In the control panel, allow the web server's address for remote access to the database, or use localhost." },
	{ 1129, "db_hosts", "The database server has blocked this web server after too many failed connections",
	  "Ask your host to unblock it (FLUSH HOSTS)." },
	{ 1040, "", "The database server has too many connections at the moment", "Wait a minute and try again." },
	{ TOO_MANY_CONNECTIONS, "", "This user has as many connections open as the host allows",
	  "Wait a minute and try again; end other programs that use this user, or make one for Tranche alone." },
	{ LIMIT_REACHED, "", "This user has used up the statements that the host allows in an hour",
	  "Wait an hour and try again, or ask your host for a higher limit." },
	{ 1290, "", "The database server takes no changes at present", "Ask your host when it will, or for a database that can be written to." },
	{ 1792, "", "The database server takes no changes at present", "Ask your host when it will, or for a database that can be written to." },
	{ 1836, "", "The database server takes no changes at present", "Ask your host when it will, or for a database that can be written to." },
	{ 1021, "", "The database has no room left", "Delete what is not needed any more, or ask your host for more room." },
	{ 1026, "", "The database has no room left", "Delete what is not needed any more, or ask your host for more room." },
	{ 1030, "", "The database's storage fails; most often there is no room left", "Delete what is not needed any more, or ask your host." },
	{ 1114, "", "The database has no room left", "Delete what is not needed any more, or ask your host for more room." },
	{ 1820, "db_password", "The password of this user has expired", "Set a new one in the control panel." },
	{ 1862, "db_password", "The password of this user has expired", "Set a new one in the control panel." },
	{ 3118, "db_user", "This database user is locked", "Unlock it in the control panel, or use another one." },
	{ 4151, "db_user", "This database user is locked", "Unlock it in the control panel, or use another one." },
};

/* The connector has one number for a socket and for a machine that do not
 * answer, the server one for a user's connections and statements. */
static int number_of(const struct fail *fail, const struct config *config)
{
	bool is_local = config->db_socket[0] || strcmp(config->db_hosts, "localhost") == 0;
	if (fail->os_or_sql_error == LIMIT_REACHED && strstr(fail->detail, "max_user_connections"))
		return TOO_MANY_CONNECTIONS;
	return fail->os_or_sql_error == 2002 && !is_local ? 2003 : fail->os_or_sql_error;
}

static const struct explanation *explanation_of(int number)
{
	for (size_t i = 0; i < sizeof(explanations) / sizeof(explanations[0]); i++)
		if (explanations[i].number == number)
			return &explanations[i];
	return NULL;
}

/* The server's own words, without our statement. */
static const char *words_of(const struct fail *fail)
{
	const char *words = strstr(fail->detail, ": ");
	return words ? words + 2 : fail->public_message;
}

static void explain(struct arena *arena, const struct config *config, const struct fail *fail, struct database_trial *trial)
{
	const struct explanation *known = explanation_of(number_of(fail, config));
	trial->field = known ? known->field : "";
	trial->mend = known ? known->mend : "Compare all fields with the page on databases in your host's control panel.";
	trial->message = known ? arena_printf(arena, "%s (error %d)", known->message, fail->os_or_sql_error)
			       : arena_printf(arena, "The database answers with error %d: %s", fail->os_or_sql_error, words_of(fail));
}

/* --- the server -------------------------------------------------------------- */

struct trial {
	const struct config *config;
	struct db *db;
	struct arena *arena;
	struct findings *found;
};

/* "CREATE VIEW command denied to user …" names the right that is missing. */
static const char *missing_right(const struct trial *trial, const struct fail *fail)
{
	const char *words = words_of(fail), *end = strstr(words, " command denied");
	return end ? arena_strndup(trial->arena, words, (size_t)(end - words)) : NULL;
}

/* Why a statement failed: a right is missing, or something else has come up. */
static void add_failure(const struct trial *trial, const char *what, const struct fail *fail)
{
	static const char name[] = "Rights on the database", mend[] = "In the control panel, give the user all privileges on this database.";
	const char *right = missing_right(trial, fail);
	const struct explanation *known = explanation_of(number_of(fail, trial->config));
	if (right)
		finding_add(trial->found, FINDING_BAD, name, mend, "This user may not %s there (error %d)", right, fail->os_or_sql_error);
	else if (known)
		finding_add(trial->found, FINDING_BAD, "Database", known->mend, "%s (error %d)", known->message, fail->os_or_sql_error);
	else
		finding_add(trial->found, FINDING_BAD, name, mend, "%s is answered with error %d: %s", what, fail->os_or_sql_error, words_of(fail));
}

/* True when the server has answered.  A limit that is reached meanwhile, or a
 * server that goes away, ends the trial; another failure is no verdict. */
static bool ask(const struct trial *trial, const char *sql, const char *columns, struct db_rows *rows)
{
	struct fail fail = { .kind = FAIL_NONE };
	if (db_text_query(db_text_begin(trial->db, sql), columns, trial->arena, rows, &fail))
		return true;
	if (explanation_of(number_of(&fail, trial->config)) && !findings_stop(trial->found))
		add_failure(trial, "A question", &fail);
	return false;
}

static void look_at_version(const struct trial *trial)
{
	struct db_rows rows;
	bool is_mariadb;
	unsigned long version = db_server_version(trial->db, &is_mariadb);
	unsigned long least = is_mariadb ? 100500 : 80000;
	const char *text = ask(trial, "SELECT VERSION()", "s", &rows) && rows.count ? db_str(&rows, 0, 0) : "?";
	if (version >= least)
		finding_add(trial->found, FINDING_GOOD, "Database server", NULL, "%s %s", is_mariadb ? "MariaDB" : "MySQL", text);
	else
		finding_add(trial->found, FINDING_BAD, "Database server",
			    "Ask your host for MariaDB 10.5 or MySQL 8.0 or newer; many offer a choice in the control panel.",
			    "%s %s is too old", is_mariadb ? "MariaDB" : "MySQL", text);
	if (!ask(trial, "SELECT support FROM information_schema.engines WHERE engine = 'InnoDB' AND support IN ('YES', 'DEFAULT')", "s", &rows) ||
	    rows.count)
		return;
	finding_add(trial->found, FINDING_BAD, "InnoDB", "Ask your host for a database with InnoDB.", "The server has no InnoDB");
}

static void look_at_limits(const struct trial *trial)
{
	struct db_rows rows;
	if (!ask(trial, "SELECT CAST(@@max_allowed_packet AS SIGNED), CAST(@@max_user_connections AS SIGNED), CAST(@@global.read_only AS SIGNED),"
			" CAST(ABS(TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), FROM_UNIXTIME(UNIX_TIMESTAMP()))) AS SIGNED)",
		 "iiii", &rows) ||
	    !rows.count)
		return;
	int64_t connections = db_int(&rows, 0, 1);
	if (db_int(&rows, 0, 0) < PACKET_MIN)
		finding_add(trial->found, FINDING_BAD, "Size of a statement", "Ask your host for a max_allowed_packet of 1 MB or more.",
			    "The server takes %lld bytes in one statement; Tranche sends up to 786,432", (long long)db_int(&rows, 0, 0));
	if (connections > 0)
		finding_add(trial->found, connections < CONNECTIONS_FEW ? FINDING_WARNING : FINDING_NOTE, "Connections",
			    connections < CONNECTIONS_FEW
				    ? "Each running process holds one. With so few, some requests will have to wait: use one lane, and ask your host for more."
				    : NULL,
			    "This user may have %lld connections at once", (long long)connections);
	if (db_int(&rows, 0, 2))
		finding_add(trial->found, FINDING_BAD, "Writing", "Ask your host for a database that can be written to.",
			    "The server is read-only at present");
}

/* "… WITH MAX_QUERIES_PER_HOUR 3600 …" */
static void look_at_quota(const struct trial *trial)
{
	static const char mark[] = "MAX_QUERIES_PER_HOUR ";
	struct db_rows rows;
	if (!ask(trial, "SHOW GRANTS", "s", &rows))
		return;
	for (size_t i = 0; i < rows.count; i++) {
		const char *grant = db_str(&rows, i, 0), *at = grant ? strstr(grant, mark) : NULL;
		long long limit = at ? strtoll(at + sizeof(mark) - 1, NULL, 10) : 0;
		if (limit > 0)
			finding_add(trial->found, limit < QUESTIONS_FEW ? FINDING_WARNING : FINDING_NOTE, "Statements an hour",
				    "A page needs about ten, 1,000 items of a batch about twenty. When they are used up, batches wait for the next hour.",
				    "The host allows %lld statements an hour", limit);
	}
}

/* --- what this user may do ---------------------------------------------------- */

/* On a table that is made for it, and goes again. */
static const struct attempt {
	const char *privilege, *sql; /* %u is the table's number */
} attempts[] = {
	{ "CREATE", "CREATE TABLE {install_check_%u} (id INT NOT NULL, text VARCHAR(190) NULL, PRIMARY KEY (id)) ENGINE=InnoDB"
		    " DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci" },
	{ "INSERT", "INSERT INTO {install_check_%u} (id, text) VALUES (1, 'ä☃😀')" },
	{ "UPDATE", "UPDATE {install_check_%u} SET text = CONCAT(text, '!') WHERE id = 1" },
	{ "SELECT", "DELETE FROM {install_check_%u} WHERE id IN (SELECT 0)" },
	{ "ALTER", "ALTER TABLE {install_check_%u} ADD COLUMN more INT NULL" },
	{ "INDEX", "CREATE INDEX more ON {install_check_%u} (more)" },
	{ "DELETE", "DELETE FROM {install_check_%u}" },
	{ "CREATE VIEW", "CREATE OR REPLACE VIEW {install_view_%u} AS SELECT 1 AS one" }, /* needs DROP, too */
};

static void try_privileges(const struct trial *trial)
{
	unsigned number = random_below(1000000);
	struct fail fail = { .kind = FAIL_NONE };
	bool ok = true, made = false;
	for (size_t i = 0; ok && i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		struct str sql = STR_INIT;
		const char *at = strstr(attempts[i].sql, "%u");
		str_addf(&sql, "%.*s%u%s", (int)(at - attempts[i].sql), attempts[i].sql, number, at + 2);
		ok = db_text_exec(db_text_begin(trial->db, str_text(&sql)), NULL, &fail);
		made |= ok;
		str_free(&sql);
		if (!ok)
			add_failure(trial, attempts[i].privilege, &fail);
	}
	fail_clear(&fail);
	if (ok) {
		(void)!db_text_exec(db_text_begin(trial->db, arena_printf(trial->arena, "DROP VIEW {install_view_%u}", number)), NULL, &fail);
		fail_clear(&fail);
	}
	if (made && !db_text_exec(db_text_begin(trial->db, arena_printf(trial->arena, "DROP TABLE {install_check_%u}", number)), NULL, &fail)) {
		if (ok)
			add_failure(trial, "DROP", &fail);
		finding_add(trial->found, FINDING_NOTE, "Left over", "Delete it in phpMyAdmin when you like.",
			    "A table whose name ends with install_check_%u, or a view with install_view_%u, could not be removed", number, number);
	} else if (ok)
		finding_add(trial->found, FINDING_GOOD, "Rights on the database", NULL, "This user may do all that is needed");
}

static void look_at_tables(const struct trial *trial, const struct config *config)
{
	struct fail fail = { .kind = FAIL_NONE };
	char name[64];
	if (!migrate_foreign_table(trial->db, name, &fail))
		add_failure(trial, "A look at the tables", &fail);
	else if (name[0])
		finding_add(trial->found, FINDING_BAD, "Tables", "Choose another prefix, such as tranche_.",
			    "Another program has a table %s: with the prefix “%s” Tranche's tables would get in its way", name,
			    config->table_prefix);
}

void database_try(struct arena *arena, const struct config *config, struct database_trial *trial_out)
{
	struct fail fail = { .kind = FAIL_NONE };
	*trial_out = (struct database_trial){ .found = { .arena = arena } };
	struct trial trial = { .config = config, .db = db_new(config), .arena = arena, .found = &trial_out->found };
	trial_out->connected = db_ensure(trial.db, &fail);
	if (!trial_out->connected) {
		explain(arena, config, &fail, trial_out);
	} else {
		look_at_version(&trial);
		if (!findings_stop(trial.found))
			look_at_tables(&trial, config);
		if (!findings_stop(trial.found)) {
			try_privileges(&trial);
			look_at_limits(&trial);
			look_at_quota(&trial);
			trial_out->is_installed = setup_has_admin(trial.db, arena);
		}
	}
	db_free(trial.db);
}
