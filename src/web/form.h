/*
 * Names and values out of text: query strings and urlencoded bodies.
 *
 * Decoded texts are UTF-8 without NUL or they are refused; at most PAIRS_MAX
 * of them.  Fuzzed in tests/fuzz.
 */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include "web/http.h"

#define PAIRS_MAX 2048

/* Reads "a=1&b=two+words%21" into pairs of the arena.  False on a bad escape,
 * on bytes that are no UTF-8 and on more than PAIRS_MAX pairs. */
MUST_USE bool form_decode(struct arena *arena, const char *text, size_t len, struct pair **pairs_out,
			  size_t *count_out, struct fail *fail);

/* Reads the body to its end into the arena; fails with FAIL_LIMIT beyond
 * `max_bytes` and with truncated_body when it breaks off. */
MUST_USE bool body_read(struct request *request, size_t max_bytes, const char **bytes_out, size_t *len_out);

#endif
