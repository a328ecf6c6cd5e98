/*
 * All statement tables of the program, for `make check-sql`, which prepares
 * each of them against the schema.  A file with statements of its own gets a
 * line in statements.c.
 */
#ifndef STORE_STATEMENTS_H
#define STORE_STATEMENTS_H

#include "db/db.h"

extern const struct db_stmt_table *const all_statements[];
extern const size_t all_statements_count;

#endif
