/*
 * The scanner that cuts a JSON stream into items without holding the stream.
 *
 * It follows brackets and strings only; each element it cuts out is then read
 * by json_read().  So one malformed element does not sink its neighbours as
 * long as its brackets match, memory is bounded by one element, and depth is
 * bounded before any recursive parser sees the text.
 *
 * Takes three shapes: a list `[…]` of elements; an object with the elements in
 * its member "items" and other members of any value (in any order, at most 16,
 * each once); and NDJSON, one element a line, blank lines skipped.  An element
 * is all the text between two commas; whether that is JSON, json_read() says.
 * A byte order mark in front is skipped.  Fuzzed in tests/fuzz.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/codes.h"
#include "base/fail.h"
#include "base/str.h"

enum json_shape { JSON_LIST_OR_OBJECT, JSON_LINES };

/* One element.  `code` is CODE_NONE, or why its text is not whole:
 * CODE_ITEM_TOO_LARGE or CODE_TOO_DEEP (text then holds the first bytes). */
struct json_element {
	const char *text;   /* borrowed, not terminated */
	size_t len;
	enum code code;
	int64_t line;       /* of its first byte, from 1 */
};

struct json_scan_handler {
	/* An element of the list.  False stops the scan; `fail` says why. */
	bool (*item)(void *user, const struct json_element *element, struct fail *fail);
	/* Another member of the object; NULL refuses every member but "items". */
	bool (*member)(void *user, const char *key, const struct json_element *value, struct fail *fail);
	void *user;
};

struct json_scan {
	struct json_scan_handler handler;
	enum json_shape shape;
	size_t element_max_bytes;
	struct str element;      /* text of the element that is open */
	char key[64];
	bool saw_items;          /* the object had the member "items" */
	/* the rest is private to json_scan.c */
	int state;
	unsigned depth;          /* brackets open in the element */
	uint64_t brackets;       /* bit d: the bracket at depth d + 1 is a [ */
	bool in_string, escaped, in_object, in_items;
	size_t key_len;
	int marks;               /* bytes of a byte order mark seen */
	uint64_t members[16];    /* hashes of the other members' names */
	size_t member_count;
	enum code element_code;
	int64_t line, element_line;
	int64_t column;          /* bytes of this line in earlier pieces */
};

void json_scan_begin(struct json_scan *scan, enum json_shape shape, size_t element_max_bytes,
		     struct json_scan_handler handler);
/* Feeds the next bytes, in pieces of any size.  False with FAIL_INVALID (line
 * and column named) when the framing is broken, or what the handler said. */
MUST_USE bool json_scan_feed(struct json_scan *scan, const char *bytes, size_t len, struct fail *fail);
/* The stream has ended; false (CODE_MALFORMED_JSON) when it ended inside. */
MUST_USE bool json_scan_end(struct json_scan *scan, struct fail *fail);
void json_scan_free(struct json_scan *scan);

#endif
