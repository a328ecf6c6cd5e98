/*
 * The last steps of an installation: is there an administrator yet, and the
 * first one.  Once there is one, nothing here makes another.
 */
#ifndef INSTALL_SETUP_H
#define INSTALL_SETUP_H

#include "base/ctx.h"
#include "db/db.h"

/* Is there somebody who can sign in and may manage users?  No where the tables
 * are missing; also no when the database fails: see `setup_admin_exists`. */
bool setup_has_admin(struct db *db, struct arena *arena);
/* The same, but a failure is told. */
MUST_USE bool setup_admin_exists(struct db *db, struct arena *arena, bool *exists_out, struct fail *fail);

/* Makes the roles and the first administrator, in one transaction, one request
 * after the other.  FAIL_DENIED (not_permitted) when there is one already;
 * FAIL_CONFLICT when the name is taken. */
MUST_USE bool setup_first_admin(struct ctx *ctx, const char *name, const char *display_name, const char *hash);

#endif
