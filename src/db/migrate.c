/* Applying numbered SQL files. */
#include "db/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <mysqld_error.h>

#include "base/log.h"
#include "db/internal.h"

#define MIGRATIONS_MAX 200
#define FILE_MAX_BYTES (1024 * 1024)
#define SHIPPED_PREFIX "`tr_"

enum { STMT_VERSION, STMT_APPLIED };
static const struct db_stmt statements[] = {
	[STMT_VERSION] = { "migrate.version", "SELECT COALESCE(MAX(version), 0) FROM {schema_migrations}", "", "i" },
	[STMT_APPLIED] = { "migrate.applied",
			   "INSERT INTO {schema_migrations} (version, applied_at) VALUES (?, UTC_TIMESTAMP())"
			   " ON DUPLICATE KEY UPDATE version = VALUES(version)",
			   "i", "" },
};
const struct db_stmt_table migrate_statements = { "migrate.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool migrate_version(struct db *db, int *version_out, struct fail *fail)
{
	struct arena *arena = arena_new();
	struct db_rows rows;
	if (!arena)
		abort();
	*version_out = 0;
	bool ok = db_query(db, fail, arena, &rows, &statements[STMT_VERSION]);
	if (ok)
		*version_out = (int)db_int(&rows, 0, 0);
	else if (fail->os_or_sql_error == ER_NO_SUCH_TABLE) {
		fail_clear(fail); /* an empty database */
		ok = true;
	}
	arena_free(arena);
	return ok;
}

/* The shipped files name tables `tr_…` so that phpMyAdmin can import them. */
static void with_prefix(const struct db *db, struct str *out, const char *sql)
{
	str_clear(out);
	for (const char *at; (at = strstr(sql, SHIPPED_PREFIX)) != NULL; sql = at + strlen(SHIPPED_PREFIX)) {
		str_add(out, sql, (size_t)(at - sql));
		str_addc(out, '`');
		str_adds(out, db->config->table_prefix);
	}
	str_adds(out, sql);
}

/* Runs the statements of one file; each ends with ";" at the end of a line. */
static bool apply(struct db *db, char *sql, struct fail *fail)
{
	struct str statement = STR_INIT;
	bool ok = true;
	for (char *end; ok && (end = strstr(sql, ";\n")) != NULL; sql = end + 2) {
		*end = '\0';
		with_prefix(db, &statement, sql);
		ok = db_send(db, fail, str_text(&statement));
	}
	str_free(&statement);
	return ok;
}

static bool apply_file(struct db *db, const char *folder, const char *name, struct fail *fail)
{
	char path[1024];
	bool ok = false;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (!file)
		return fail_set(fail, FAIL_INTERNAL, CODE_INTERNAL, "The migration %s can't be read", name);
	char *sql = calloc(1, FILE_MAX_BYTES + 1);
	if (!sql)
		abort();
	size_t len = fread(sql, 1, FILE_MAX_BYTES, file);
	if (len == FILE_MAX_BYTES || ferror(file))
		(void)fail_set(fail, FAIL_INTERNAL, CODE_INTERNAL, "The migration %s can't be read", name);
	else
		ok = apply(db, sql, fail) &&
		     db_exec(db, fail, NULL, &statements[STMT_APPLIED], (int64_t)strtoll(name, NULL, 10));
	free(sql);
	fclose(file);
	return ok;
}

static int is_migration(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	return len > 8 && strspn(entry->d_name, "0123456789") == 3 && entry->d_name[3] == '_' &&
	       strncmp(entry->d_name + len - 4, ".sql", 4) == 0;
}

bool migrate_run(struct db *db, const char *folder, int *applied_out, struct fail *fail)
{
	struct dirent **entries = NULL;
	int version = 0;
	*applied_out = 0;
	if (!migrate_version(db, &version, fail))
		return false;
	int count = scandir(folder, &entries, is_migration, alphasort);
	if (count < 0)
		return fail_set(fail, FAIL_INTERNAL, CODE_INTERNAL, "The folder %s can't be read", folder);
	bool ok = true;
	for (int i = 0; i < count; i++) {
		if (ok && i < MIGRATIONS_MAX && strtoll(entries[i]->d_name, NULL, 10) > version) {
			log_line(LOG_INFO, NULL, "migration %s", entries[i]->d_name);
			ok = apply_file(db, folder, entries[i]->d_name, fail);
			*applied_out += ok;
		}
		free(entries[i]);
	}
	free(entries);
	return ok;
}
