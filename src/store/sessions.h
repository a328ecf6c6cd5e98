/*
 * Rows of sessions: signed-in browsers.  A cookie is stored as its SHA-256.
 */
#ifndef STORE_SESSIONS_H
#define STORE_SESSIONS_H

#include "base/ids.h"
#include "store/users.h"

/* Who has this cookie, if it is still good by the configured times; user_id 0
 * if not.  One query, with grants, request count and the clock. */
MUST_USE bool session_find(struct ctx *ctx, const unsigned char hash[DIGEST_BYTES], struct identity *identity_out);
MUST_USE bool session_insert(struct ctx *ctx, const unsigned char hash[DIGEST_BYTES], int64_t user_id,
			     const char *address, const char *agent);
/* Notes that the session is in use. */
MUST_USE bool session_touch(struct ctx *ctx, const unsigned char hash[DIGEST_BYTES]);
MUST_USE bool session_delete(struct ctx *ctx, const unsigned char hash[DIGEST_BYTES]);
/* Ends all of a person's sessions but that of `keep` (NULL: all). */
MUST_USE bool sessions_end(struct ctx *ctx, int64_t user_id, const unsigned char keep[DIGEST_BYTES]);
/* Ends one of a person's sessions, named by its hash in hexadecimal.
 * FAIL_NOT_FOUND when the person has no such session. */
MUST_USE bool session_end(struct ctx *ctx, int64_t user_id, const char *hex);

struct session_row {
	char hex[2 * DIGEST_BYTES + 1]; /* names it; worth nothing as a cookie */
	int64_t created_at, seen_at;    /* UTC seconds; seen to the minute */
	const char *address, *agent;
};
/* Those of a person that are still good, the last seen first, at most 100. */
MUST_USE bool sessions_list(struct ctx *ctx, int64_t user_id, struct session_row **rows_out, size_t *count_out);
/* Removes some of those whose time is over. */
MUST_USE bool session_purge(struct ctx *ctx);

#endif
