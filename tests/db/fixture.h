/*
 * What every test of the engine stands on: a migrated database with a few
 * people, contents and resources, two processes of the program (`one` and
 * `two`, each with its own connection) and the test's own eyes (`look`), whose
 * statements don't count.
 *
 * Every case begins with an empty domain and no batch, and with no turn of
 * keeping house that is due.
 */
#ifndef DB_FIXTURE_H
#define DB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/config.h"
#include "base/ctx.h"
#include "base/json.h"
#include "batch/batch.h"
#include "db/db.h"
#include "rules/permission.h"

struct site {
	struct config config;
	struct ctx one, two, look;
};

/* People */
enum { ADMIN = 1, EDITOR, AUTHOR, TRAINER, NOBODY };
/* Contents 1 to 40 have versions 1 to 3; those from 31 on are of type training. */
enum { CONTENTS = 40, UNVERSIONED = 41, AUTHORS_OWN = 42, ADMINS_OWN = 43 };
/* Resources: 1 to 10 are venues, hard, one event at a time. */
enum { VENUES = 10, SOFT_VENUE = 11, HALL_FOR_TWO = 12, CLOSED_VENUE = 13, PERSON = 21, PERSONS = 8, GONE_PERSON = 29 };

/* Begins and ends a program of tests: for cmocka_run_group_tests(). */
int site_open(void **state);
int site_close(void **state);
/* Before each case: an empty domain; `one` is ADMIN, `two` too. */
int site_begin(void **state);
#define CASE(fn) cmocka_unit_test_setup(fn, site_begin)

/* Who asks from now on. */
void become(struct ctx *ctx, int64_t user_id);

/* --- the test's own SQL ------------------------------------------------------ */

void sql(struct site *site, const char *format, ...) __attribute__((format(printf, 2, 3)));
int64_t number(struct site *site, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The database's clock stands still for all connections until clock_goes_on() or the next case: what is recent, leased or
 * put off for seconds stays so, however slow the machine.  A row that is written again with the same moment counts as
 * unchanged, though. */
void clock_stops(struct site *site);
void clock_goes_on(struct site *site);
/* For one connection it stands at this moment (SQL, a DATETIME in UTC). */
void clock_stands_at(struct site *site, struct ctx *ctx, const char *moment);
/* Rows as lines, columns (`types` as in struct db_stmt, and j = JSON with its members in order) parted by blanks, NULL as
 * "-". */
const char *lines(struct site *site, const char *types, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Without blanks, members in the order of their names. */
const char *sorted_json(struct site *site, const json_t *value);
/* A text that lives as long as the case. */
char *text_of(struct site *site, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same of what was written into `text`, which is freed. */
char *kept_text(struct site *site, struct str *text);

/* --- what the program says ---------------------------------------------------- */

#define assert_done(ctx, call) done_at((call), (ctx), #call, __FILE__, __LINE__)
void done_at(bool ok, struct ctx *ctx, const char *call, const char *file, int line);

/* The call fails with exactly "KIND code pointer: message" (no pointer: "KIND code: message"). */
#define assert_refused(ctx, call, wanted) refused_at((call), (ctx), wanted, #call, __FILE__, __LINE__)
void refused_at(bool ok, struct ctx *ctx, const char *wanted, const char *call, const char *file, int line);

/* --- times --------------------------------------------------------------------- */

#define DAY_ONE 1893456000LL /* 2030-01-01T00:00:00Z */
/* "2030-01-01T00:00:00Z" and so many minutes. */
char *at_minute(struct site *site, int64_t minute);

#endif
