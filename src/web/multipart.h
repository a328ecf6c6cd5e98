/*
 * multipart/form-data (RFC 7578) from a body in memory.
 *
 * Values and files point into the body.  A file's name is what the browser
 * sent: for showing, never for opening.  Fuzzed in tests/fuzz.
 */
#ifndef WEB_MULTIPART_H
#define WEB_MULTIPART_H

#include "web/http.h"

#define MULTIPART_PARTS_MAX 2048

struct multipart {
	struct pair *fields;
	size_t field_count;
	struct file_part *files;
	size_t file_count;
};

/* `params` is what follows the content type's first ";" (boundary=…). */
MUST_USE bool multipart_read(struct arena *arena, const char *params, const char *body, size_t len,
			     struct multipart *out, struct fail *fail);

#endif
