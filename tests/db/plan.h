/*
 * What the server means to do for a statement: EXPLAIN, the same for MariaDB
 * and MySQL, whose columns differ.
 */
#ifndef TESTS_DB_PLAN_H
#define TESTS_DB_PLAN_H

#include "fixture.h"

#define PLAN_LINES_MAX 16

struct plan_line {
	const char *table; /* or its alias */
	const char *key;   /* "-" = none */
	int64_t rows;      /* that it expects to read there */
	const char *extra;
};

struct plan {
	struct plan_line lines[PLAN_LINES_MAX]; /* of tables only, not of what is made of them on the way */
	size_t count;
	const char *keys;  /* "table key, table key" */
	int64_t rows_max;
};

/* In the arena of `look`. */
struct plan plan_of_text(struct site *site, const char *statement);

/* The program's own text of the statement of that name; `values` take the place of its marks, each in turn. */
const char *statement_text(struct site *site, const char *name, const char *const *values);

#endif
