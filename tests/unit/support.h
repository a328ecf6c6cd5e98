/* What several unit tests need: files, JSON literals, one case per table row. */
#ifndef UNIT_SUPPORT_H
#define UNIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/issue.h"
#include "base/json.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* A whole file, NUL-terminated, malloc; the test fails if it can't be read. */
char *test_file(const char *path, size_t *len_out);

/* A JSON literal, owned by the arena; the test fails if it is not JSON. */
const json_t *test_json(struct arena *arena, const char *text);

/* "code /pointer: message | suggestion\n" for each issue. */
const char *test_issues(const struct issues *issues);

/* A case for every row of a table; a row begins with its name. */
#define TABLE_CASES(rows, fn) test_table(#rows, rows, COUNT(rows), sizeof((rows)[0]), fn)
int test_table(const char *group, const void *rows, size_t count, size_t size, CMUnitTestFunction fn);

/* A small random generator with a printed seed: the same run again. */
uint64_t test_random(uint64_t *state);
int64_t test_below(uint64_t *state, int64_t bound);

#endif
