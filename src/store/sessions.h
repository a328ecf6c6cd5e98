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
/* Removes some of those whose time is over. */
MUST_USE bool session_purge(struct ctx *ctx);

#endif
