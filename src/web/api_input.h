/*
 * What API handlers share: reading members of small JSON bodies, list replies,
 * preconditions in headers, and bodies of batches.
 */
#ifndef WEB_API_INPUT_H
#define WEB_API_INPUT_H

#include "batch/batch.h"
#include "web/http.h"

#define SMALL_BODY_BYTES 65536 /* of requests that are one object */

/* An empty list of issues in the request's arena. */
struct issues no_issues(const struct request *request);
/* Replies 422 validation_failed with these issues. */
void respond_issues(struct response *response, const struct issues *issues);

/* A JSON body that is an object; NULL on failure.  `optional`: no body at all
 * is an empty object. */
json_t *object_body(struct request *request, bool optional);
/* Issues (unknown_field) for members that are not in `names` (NULL ends it). */
void refuse_unknown(const json_t *object, const char *const *names, struct issues *issues);
/* Members by name; absent gives the fallback, another type or a value outside
 * [min, max] is an issue.  Texts are at most `max` characters and not blank
 * unless min is 0. */
const char *text_member(const json_t *object, const char *name, const char *fallback, size_t min, size_t max,
			struct issues *issues);
int64_t int_member(const json_t *object, const char *name, int64_t fallback, int64_t min, int64_t max,
		   struct issues *issues);
bool bool_member(const json_t *object, const char *name, bool fallback, struct issues *issues);

/* A list reply: {"items": [ … ], "next": cursor or null}. */
void list_begin(struct json_writer *w, struct response *response);
void list_end(struct json_writer *w, bool has_more, int64_t next);
/* `after` (an id) and `limit` (1..500, 100) of a list. */
MUST_USE bool list_params(struct request *request, int64_t *after_out, int32_t *limit_out);

/* The row version in If-Match; 0 when there is none or it is "*". */
MUST_USE bool if_match(struct request *request, int64_t *version_out);
/* The same into a row that was read: what is then changed is the version that
 * the sender has seen, or, without If-Match, the one just read. */
MUST_USE bool if_match_row(struct request *request, int64_t *row_version);
/* ETag: the row version. */
void respond_etag(struct response *response, int64_t row_version);

/* Options from query parameters other than type and label. */
MUST_USE bool options_from_query(struct request *request, enum job_type type, struct batch_options *options,
				 struct issues *issues);
/* The body of a request as the engine reads it. */
struct byte_source body_source(struct request *request);
/* The format of a content type; fails with unsupported_media_type. */
MUST_USE bool format_of(struct request *request, enum ingest_format *format_out);

#endif
