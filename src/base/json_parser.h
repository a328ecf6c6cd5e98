/*
 * The parser behind json_read(), shared by its two files.
 */
#ifndef BASE_JSON_PARSER_H
#define BASE_JSON_PARSER_H

#include "base/json.h"

struct parser {
	struct arena *arena;
	const char *at, *end;
	int depth;
	/* Why it failed; `at` says where. */
	enum code code;
	const char *reason;
};

/* Both return false; the first reason stays.  At the end of the text, or at a
 * NUL, that is what is wrong with it, whatever `reason` says. */
bool parser_fails(struct parser *p, enum code code, const char *reason);
bool parser_malformed(struct parser *p, const char *reason);

/* A string's bytes: of the text itself, or of the arena if it had escapes. */
struct slice {
	const char *text;
	size_t len;
};

/* Reads the string that begins at `at`, which is a quote. */
bool parser_string(struct parser *p, struct slice *out);

#endif
