/*
 * Reading one JSON value of a field, and saying precisely what is wrong.
 *
 * Shared by events, filters and selectors, so the same mistake reads the same
 * everywhere.  Every message names the value it saw; the suggestion says what
 * would be right.  A suggestion that ends in a literal to copy has no full stop.
 */
#ifndef RULES_READ_H
#define RULES_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/issue.h"
#include "base/json.h"

struct reader {
	struct issues *issues;
	const char *base; /* pointer of the object being read, e.g. "/values" */
	bool bad;         /* an issue was found, listed or not */
};

/* Adds an issue at base/name (the object itself if name is NULL).  `name` is a
 * pointer below the base already: "title", "resources/3". */
void reader_issue(struct reader *r, enum code code, const char *name, const char *suggestion, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* A JSON integer within [min, max]. */
bool read_integer(struct reader *r, const char *name, const json_t *value, int64_t min, int64_t max,
		  int64_t *out);

/* A JSON string of at most max_chars characters, UTF-8, without control
 * characters; copied into the arena.  It may be empty. */
bool read_text(struct reader *r, const char *name, const json_t *value, size_t max_chars, const char **out);

/* A text that is there already, judged by the same rules. */
bool check_text(struct reader *r, const char *name, const char *text, size_t len, size_t max_chars);

/* [a-z][a-z0-9_-]{0,31} */
bool check_schedule_type(struct reader *r, const char *name, const char *text);

/* RFC 3339, or a wall time. */
bool read_utc(struct reader *r, const char *name, const char *text, size_t len, int64_t *out);
bool read_local(struct reader *r, const char *name, const char *text, size_t len, int64_t *out);

/* Edit distance (insert, delete, replace) of names of at most 32 bytes; 32 if one is longer. */
size_t name_distance(const char *a, const char *b);

/* The issue for a name that nobody knows; suggests the nearest of `known`. */
void reader_unknown(struct reader *r, enum code code, const char *name, const char *const *known, size_t known_count,
		    const char *of_what);

/* Something that is no object stands where one is meant. */
bool read_object(struct reader *r, const json_t *value);

#endif
