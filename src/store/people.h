/*
 * Rows of users as those who manage people see them, and who has which role.
 * (Signing in reads users by itself: store/users.h.)
 *
 * Whatever changes people or roles begins with people_guard(): such changes
 * wait for each other, on a cluster too, so that two cannot take the last
 * admin away between them.
 */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "base/ctx.h"
#include "db/db.h"

#define PERSON_ROLES_MAX 8

struct person {
	int64_t id;
	const char *name;          /* to sign in with */
	const char *display_name;
	const char *timezone;
	bool is_active;            /* may sign in */
	bool password_due;         /* has not yet chosen a password of his own */
	bool has_second_factor;
	int64_t created_at;        /* UTC seconds */
	int64_t sessions;          /* open ones */
	const char *roles;         /* their names, comma-separated, sorted; "" = none */
	int64_t row_version;       /* the one that has been seen; writes are refused when there is another */
};

/* By id, from the one after `after_id`. */
MUST_USE bool people_page(struct ctx *ctx, int64_t after_id, int32_t limit, struct person **rows_out, size_t *count_out);
/* FAIL_NOT_FOUND. */
MUST_USE bool person_get(struct ctx *ctx, int64_t id, struct person *person_out);

/* Within a transaction, before anything is read: see above. */
MUST_USE bool people_guard(struct ctx *ctx);
/* How many who may sign in can manage people. */
MUST_USE bool people_managers(struct ctx *ctx, int64_t *count_out);

/* A new person, with a password that is to be changed at the first sign-in.
 * FAIL_CONFLICT (name_taken). */
MUST_USE bool person_insert(struct ctx *ctx, const struct person *person, const char *hash, int64_t *id_out);
/* Sets display_name, timezone and is_active.  FAIL_CONFLICT (stale_version, row_version.h). */
MUST_USE bool person_update(struct ctx *ctx, const struct person *person);
/* Sets the roles by name (comma-separated, as in struct person; each exists). */
MUST_USE bool person_set_roles(struct ctx *ctx, int64_t id, const char *roles);
/* May the person still sign in?  The program itself (0) always works. */
MUST_USE bool person_is_active(struct ctx *ctx, int64_t id, bool *is_active_out);
/* Ids of the person's batches that have not ended. */
MUST_USE bool person_open_batches(struct ctx *ctx, int64_t id, int64_t **ids_out, size_t *count_out);

#endif
