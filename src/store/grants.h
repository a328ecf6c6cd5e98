/*
 * What a person may do, read for the engine: a batch is worked with the
 * permissions of whoever made it, not of whoever drives it.
 */
#ifndef STORE_GRANTS_H
#define STORE_GRANTS_H

#include "base/ctx.h"
#include "rules/permission.h"

/* The actor of a user id with what is within `scope` (struct actor; NULL = all);
 * one without grants when the user is gone or inactive.  Lives in ctx->arena. */
MUST_USE bool grants_load(struct ctx *ctx, int64_t user_id, const char *scope, struct actor *actor_out);

/* The same for several users in one statement. */
MUST_USE bool grants_load_list(struct ctx *ctx, const int64_t *user_ids, size_t count, struct actor *actors_out);

#endif
