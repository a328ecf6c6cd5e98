/*
 * Rows of roles and role_permissions: sets of grants.  The three that come with
 * the program (users.h, roles_ensure) are the same on every site.  Changes begin
 * with people_guard() (people.h).
 */
#ifndef STORE_ROLES_H
#define STORE_ROLES_H

#include "base/ctx.h"
#include "db/db.h"
#include "rules/permission.h"

#define ROLES_MAX 100

struct role {
	int64_t id;                /* 0 = a new one */
	const char *name;
	bool is_standard;          /* can't be changed */
	int64_t people;            /* who have it */
	int64_t row_version;       /* the one that has been seen; writes are refused when there is another */
	struct grant grants[PERMIT_COUNT]; /* by permission; PERMIT_NONE where it has none */
};

/* All, by name. */
MUST_USE bool roles_list(struct ctx *ctx, struct role **rows_out, size_t *count_out);
/* FAIL_NOT_FOUND. */
MUST_USE bool role_get(struct ctx *ctx, int64_t id, struct role *role_out);

/* Inserts (and sets id) or updates one.  FAIL_CONFLICT: name_taken, stale_version
 * (row_version.h). */
MUST_USE bool role_save(struct ctx *ctx, struct role *role);
/* FAIL_CONFLICT (in_use) while somebody has it; stale_version. */
MUST_USE bool role_delete(struct ctx *ctx, const struct role *role);

#endif
