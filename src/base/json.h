/*
 * JSON in and out, on Jansson.
 *
 * In: one bounded loader (depth, size, duplicate keys) for a value that fits
 * in memory, and a scanner that cuts a stream into the elements of a list
 * without holding it.  Out: a writer that appends to a struct str, so large
 * replies stream.  json_t stays at the edge (architecture.md).
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fail.h"
#include "base/str.h"

#define JSON_DEPTH_MAX 32

/* Once per process, before anything else here: without memory Jansson returns
 * NULL, which looks like malformed input; it ends the process instead, as an
 * arena does, and the chunk's lease runs out. */
void json_init(void);

/* Parses one whole value of at most `len` bytes; NUL and invalid UTF-8,
 * duplicate keys and depth over JSON_DEPTH_MAX are refused.  The value belongs
 * to the arena (deferred json_decref).  NULL on failure, with FAIL_INVALID and
 * the place ("line 3, column 17") in the message. */
json_t *json_read(struct arena *arena, const char *text, size_t len, struct fail *fail);

/* Gives a value to the arena, which lets go of it at its end; returns it. */
json_t *json_keep(struct arena *arena, json_t *value);

/* Compact text of a value, members in the order they came, owned by the arena.
 * `len_out` may be NULL.  Levels below JSON_DEPTH_MAX come out empty. */
char *json_text(struct arena *arena, const json_t *value, size_t *len_out);

/* What a person wrote, fit to be named in a message (see issue_excerpt()):
 * a text without its quotes, anything else as compact JSON. */
const char *json_excerpt(struct arena *arena, const json_t *value);

/* --- writer ------------------------------------------------------------ */

/* Appends JSON to `out`, minding commas.  Nesting is the caller's duty and is
 * asserted. */
struct json_writer {
	struct str *out;
	uint32_t depth;
	uint64_t comma; /* bit d: the container at depth d has a member */
};

void jw_begin(struct json_writer *w, struct str *out);
void jw_object(struct json_writer *w, const char *key); /* key NULL in lists and at the top */
void jw_end_object(struct json_writer *w);
void jw_list(struct json_writer *w, const char *key);
void jw_end_list(struct json_writer *w);
void jw_text(struct json_writer *w, const char *key, const char *text); /* NULL text writes null */
void jw_int(struct json_writer *w, const char *key, int64_t number);
void jw_real(struct json_writer *w, const char *key, double number, int decimals);
void jw_id(struct json_writer *w, const char *key, int64_t id); /* or a version: 0, which is none, writes null */
void jw_ids(struct json_writer *w, const char *key, const int64_t *ids, size_t count); /* as a list */
void jw_bool(struct json_writer *w, const char *key, bool value);
void jw_null(struct json_writer *w, const char *key);
void jw_time(struct json_writer *w, const char *key, int64_t utc); /* RFC 3339; 0, which is no time, writes null */
void jw_moment(struct json_writer *w, const char *key, int64_t utc); /* where the epoch is a moment like any other */
/* `json` is JSON text already, e.g. a column of type JSON; NULL writes null. */
void jw_raw(struct json_writer *w, const char *key, const char *json);

/* Quoted and escaped JSON string (RFC 8259; U+2028/9 and < escaped too).
 * Bytes that are not UTF-8 become U+FFFD. */
void json_quote(struct str *out, const char *text, size_t len);

#endif
