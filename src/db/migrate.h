/*
 * Migrations: numbered plain SQL files, applied in order, each resumable.
 *
 * A file is a list of statements ended by ";" at a line's end, each of which
 * may be run again without harm (CREATE … IF NOT EXISTS), because DDL commits
 * by itself and a killed migration starts its file again.  Applied files are
 * rows of schema_migrations.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "db/db.h"

/* The newest migration this program knows (its number). */
#define SCHEMA_VERSION 1

/* Applies what is missing from `folder`; `applied_out` counts files. */
MUST_USE bool migrate_run(struct db *db, const char *folder, int *applied_out, struct fail *fail);
/* The newest applied number, 0 for an empty database. */
MUST_USE bool migrate_version(struct db *db, int *version_out, struct fail *fail);

#endif
