/* Applying numbered SQL files, and knowing whether they are applied. */
#include "db/migrate.h"

#include <mysqld_error.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/internal.h"

#define SHIPPED_PREFIX "`tr_"
#define REPEAT "-- repeat\n"

enum { STMT_VERSION, STMT_STARTED, STMT_NOTE, STMT_DONE, STMT_TABLES };
static const struct db_stmt statements[] = {
	[STMT_VERSION] = { "migrate.version",
			   "SELECT COALESCE(MAX(version), 0) FROM {schema_migrations} WHERE applied_at IS NOT NULL", "", "i" },
	[STMT_STARTED] = { "migrate.started",
			   "SELECT version, statements_done FROM {schema_migrations} WHERE applied_at IS NULL"
			   " ORDER BY version LIMIT 1",
			   "", "ii" },
	[STMT_NOTE] = { "migrate.note",
			"INSERT INTO {schema_migrations} (version, statements_done) VALUES (?, ?)"
			" ON DUPLICATE KEY UPDATE statements_done = GREATEST(statements_done, VALUES(statements_done))",
			"ii", "" },
	[STMT_DONE] = { "migrate.done",
			"UPDATE {schema_migrations} SET applied_at = COALESCE(applied_at, UTC_TIMESTAMP()) WHERE version = ?", "i",
			"" },
	[STMT_TABLES] = { "migrate.tables",
			  "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
			  " AND LEFT(table_name, CHAR_LENGTH(?)) = ? LIMIT 2000",
			  "ss", "s" },
};
const struct db_stmt_table migrate_statements = { "migrate.c", statements, sizeof(statements) / sizeof(statements[0]) };

/* --- how far it is --------------------------------------------------------- */

/* Without the table there is nothing yet: no rows. */
static bool ask(struct db *db, struct arena *arena, int statement, struct db_rows *rows_out, struct fail *fail)
{
	*rows_out = (struct db_rows){ .count = 0 };
	if (db_query(db, fail, arena, rows_out, &statements[statement]))
		return true;
	if (fail->os_or_sql_error != ER_NO_SUCH_TABLE)
		return false;
	fail_clear(fail);
	return true;
}

static bool read_version(struct db *db, struct arena *arena, int *version_out, struct fail *fail)
{
	struct db_rows rows;
	if (!ask(db, arena, STMT_VERSION, &rows, fail))
		return false;
	*version_out = rows.count ? (int)db_int(&rows, 0, 0) : 0;
	return true;
}

bool migrate_version(struct db *db, int *version_out, struct fail *fail)
{
	struct arena *arena = arena_new();
	if (!arena)
		abort();
	bool ok = read_version(db, arena, version_out, fail);
	arena_free(arena);
	return ok;
}

static int count_statements(const char *sql)
{
	int count = 0;
	for (; (sql = strstr(sql, ";\n")) != NULL; sql += 2)
		count++;
	return count;
}

bool migrate_look(struct db *db, const struct migration_list *list, struct migrate_state *state_out, struct fail *fail)
{
	struct arena *arena = arena_new();
	struct db_rows started;
	if (!arena)
		abort();
	*state_out = (struct migrate_state){ .wanted = list->count ? list->list[list->count - 1].version : 0 };
	bool ok = read_version(db, arena, &state_out->version, fail) && ask(db, arena, STMT_STARTED, &started, fail);
	for (size_t i = 0; ok && i < list->count; i++) {
		const struct migration *one = &list->list[i];
		int all = count_statements(one->sql);
		state_out->total += all;
		if (one->version <= state_out->version)
			state_out->done += all;
		else if (started.count && db_int(&started, 0, 0) == one->version)
			state_out->done += (int)(db_int(&started, 0, 1) < all ? db_int(&started, 0, 1) : all - 1);
	}
	arena_free(arena);
	return ok;
}

bool migrate_check(struct db *db, struct fail *fail)
{
	int wanted = shipped_migrations.list[shipped_migrations.count - 1].version;
	if (!db->schema_asked_ms || monotonic_ms() - db->schema_asked_ms > SCHEMA_ASK_MS || db->schema_version != wanted) {
		if (!migrate_version(db, &db->schema_version, fail))
			return false;
		db->schema_asked_ms = monotonic_ms();
	}
	if (db->schema_version == wanted)
		return true;
	enum code code = db->schema_version == 0      ? CODE_NOT_INSTALLED
			 : db->schema_version < wanted ? CODE_SCHEMA_OLDER
						       : CODE_SCHEMA_NEWER;
	(void)fail_set(fail, FAIL_RETRY, code, "%s", code_info(code)->title);
	return fail_detail(fail, "the database has version %d, this program wants %d", db->schema_version, wanted);
}

/* --- applying -------------------------------------------------------------- */

/* The shipped files name tables `tr_…` so that phpMyAdmin can import them. */
static void with_prefix(const struct db *db, struct str *out, const char *sql, size_t len)
{
	const char *end = sql + len;
	const size_t mark = strlen(SHIPPED_PREFIX);
	str_clear(out);
	for (const char *at; (at = memmem(sql, (size_t)(end - sql), SHIPPED_PREFIX, mark)) != NULL; sql = at + mark) {
		str_add(out, sql, (size_t)(at - sql));
		str_addc(out, '`');
		str_adds(out, db->config->table_prefix);
	}
	str_add(out, sql, (size_t)(end - sql));
}

static bool is_done_already(const struct fail *fail)
{
	return fail->os_or_sql_error == ER_DUP_FIELDNAME || fail->os_or_sql_error == ER_DUP_KEYNAME ||
	       fail->os_or_sql_error == ER_CANT_DROP_FIELD_OR_KEY;
}

/* Runs one statement; `again_out`: it changed rows and asks to be repeated. */
static bool run_statement(struct db *db, const char *sql, size_t len, bool *again_out, struct fail *fail)
{
	struct str statement = STR_INIT;
	sql += strspn(sql, "\n");
	bool repeats = strncmp(sql, REPEAT, strlen(REPEAT)) == 0;
	with_prefix(db, &statement, sql, len);
	bool ok = db_send(db, fail, str_text(&statement));
	*again_out = ok && repeats && mysql_affected_rows(db->mysql) > 0;
	if (!ok && is_done_already(fail)) {
		fail_clear(fail);
		ok = true;
	}
	str_free(&statement);
	return ok;
}

/* Goes on with one file after `done` statements, until its last or the time's end. */
static bool run_file(struct db *db, const struct migration *one, int done, int64_t until_ms, bool *ended_out, struct fail *fail)
{
	const char *sql = one->sql, *end;
	for (int i = 0; i < done && (end = strstr(sql, ";\n")) != NULL; i++)
		sql = end + 2;
	*ended_out = false;
	while ((end = strstr(sql, ";\n")) != NULL) {
		bool again;
		size_t lead = strspn(sql, "\n");
		if (!run_statement(db, sql + lead, (size_t)(end - sql) - lead, &again, fail))
			return fail_detail(fail, "; statement %d of migration %s", done + 1, one->name);
		if (!again) {
			sql = end + 2;
			done++;
			if (!db_exec(db, fail, NULL, &statements[STMT_NOTE], (int64_t)one->version, (int64_t)done))
				return false;
		}
		if (monotonic_ms() >= until_ms && strstr(sql, ";\n"))
			return true;
	}
	*ended_out = true;
	return true;
}

static bool note_end(struct db *db, const struct migration *one, struct fail *fail)
{
	log_line(LOG_INFO, NULL, "migration %s is applied", one->name);
	return db_exec(db, fail, NULL, &statements[STMT_DONE], (int64_t)one->version);
}

bool migrate_steps(struct db *db, const struct migration_list *list, int64_t until_ms, struct migrate_state *state_out,
		   struct fail *fail)
{
	return migrate_steps_then(db, list, until_ms, NULL, NULL, state_out, fail);
}

static bool apply(struct db *db, const struct migration_list *list, int64_t until_ms, bool (*finish)(void *user), void *user,
		  struct migrate_state *state_out, struct fail *fail)
{
	bool ended = true;
	if (!migrate_look(db, list, state_out, fail))
		return false;
	int before = 0;
	for (size_t i = 0; ended && i < list->count; i++) {
		const struct migration *one = &list->list[i];
		int all = count_statements(one->sql);
		int done = state_out->done > before ? state_out->done - before : 0;
		before += all;
		if (one->version <= state_out->version)
			continue;
		if (!run_file(db, one, done < all ? done : 0, until_ms, &ended, fail))
			return false;
		if (ended && ((finish && i + 1 == list->count && !finish(user)) || !note_end(db, one, fail)))
			return false;
		ended = ended && monotonic_ms() < until_ms;
	}
	db->schema_asked_ms = 0;
	return migrate_look(db, list, state_out, fail);
}

/* A large table takes as long as it takes to be changed: whoever is killed
 * meanwhile finds it done. */
bool migrate_steps_then(struct db *db, const struct migration_list *list, int64_t until_ms, bool (*finish)(void *user), void *user,
			struct migrate_state *state_out, struct fail *fail)
{
	struct fail ignored = { .kind = FAIL_NONE };
	if (!db_limit_statements(db, false, fail))
		return false;
	bool ok = apply(db, list, until_ms, finish, user, state_out, fail);
	if (!db_limit_statements(db, true, &ignored))
		db_drop(db);
	return ok;
}

/* --- other people's tables ------------------------------------------------- */

static bool is_in_our_way(const char *name)
{
	char mark[96];
	snprintf(mark, sizeof(mark), "CREATE TABLE IF NOT EXISTS " SHIPPED_PREFIX "%s`", name);
	for (size_t i = 0; i < shipped_migrations.count; i++)
		if (strstr(shipped_migrations.list[i].sql, mark))
			return true;
	return false;
}

/* Ours begin with schema_migrations, which has a column that nobody else's has;
 * where that is, all is ours. */
bool migrate_foreign_table(struct db *db, char name_out[64], struct fail *fail)
{
	const char *prefix = db->config->table_prefix;
	struct arena *arena = arena_new();
	struct db_rows rows;
	if (!arena)
		abort();
	name_out[0] = '\0';
	bool ok = db_query(db, fail, arena, &rows, &statements[STMT_STARTED]);
	bool is_ours = ok;
	if (!ok && (fail->os_or_sql_error == ER_NO_SUCH_TABLE || fail->os_or_sql_error == ER_BAD_FIELD_ERROR)) {
		fail_clear(fail);
		ok = db_query(db, fail, arena, &rows, &statements[STMT_TABLES], prefix, prefix);
	}
	for (size_t i = 0; ok && !is_ours && i < rows.count && !name_out[0]; i++)
		if (is_in_our_way(db_str(&rows, i, 0) + strlen(prefix)))
			str_copy(name_out, 64, db_str(&rows, i, 0));
	arena_free(arena);
	return ok;
}
