/*
 * Migrations: numbered plain SQL files, applied in order, statement after
 * statement, and gone on with wherever they stopped.
 *
 * The program brings them (sql/, embedded at build), so a binary and its schema
 * can't be parted.  A statement ends with ";" at a line's end.  DDL commits by
 * itself and a host kills requests, so each may be run twice: CREATE … IF NOT
 * EXISTS; ALTER … with one change each, where "it is there already" and "it is
 * gone already" count as done.  A statement that begins with the comment line
 * "-- repeat" changes rows in portions and runs until it changes none.  How far
 * a file has got is in schema_migrations, which the first statement makes.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "db/db.h"

struct migration {
	int version;
	const char *name;
	const char *sql;
};
struct migration_list {
	const struct migration *list; /* ascending */
	size_t count;
};
extern const struct migration_list shipped_migrations; /* made of sql/ by tests/stack/embed.sh */

struct migrate_state {
	int version;       /* the newest that is complete, 0 = none */
	int wanted;        /* the newest of the list */
	int done, total;   /* statements, of all in the list */
};

/* How far a database is; an empty one is version 0. */
MUST_USE bool migrate_look(struct db *db, const struct migration_list *list, struct migrate_state *state_out,
			   struct fail *fail);
/* Goes on for as long as monotonic_ms() is before `until_ms`, one statement at
 * least.  Done when state_out->done == total. Several processes at once do no
 * harm.  `finish` (NULL = nothing) is what belongs to it beyond SQL: called once
 * all statements are made and before that is noted, so at least once whoever is
 * killed; false, with `fail` set, leaves it to be done again. */
MUST_USE bool migrate_steps_then(struct db *db, const struct migration_list *list, int64_t until_ms, bool (*finish)(void *user),
				 void *user, struct migrate_state *state_out, struct fail *fail);
MUST_USE bool migrate_steps(struct db *db, const struct migration_list *list, int64_t until_ms,
			    struct migrate_state *state_out, struct fail *fail);
/* The newest complete number, 0 for an empty database. */
MUST_USE bool migrate_version(struct db *db, int *version_out, struct fail *fail);
/* The name of a table that is there with the site's prefix, is not ours and is
 * in our way; "" = none.  `name_out` has 64 bytes. */
MUST_USE bool migrate_foreign_table(struct db *db, char name_out[64], struct fail *fail);

/* Does the database have the schema of this program?  Asked at most every
 * SCHEMA_ASK_MS.  Else FAIL_RETRY with not_installed (there is none),
 * schema_older or schema_newer. */
#define SCHEMA_ASK_MS 5000
MUST_USE bool migrate_check(struct db *db, struct fail *fail);

#endif
