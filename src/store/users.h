/*
 * Rows of users, roles and their permissions; and who a cookie or token
 * belongs to, as sessions.c and tokens.c read it.
 */
#ifndef STORE_USERS_H
#define STORE_USERS_H

#include "base/ctx.h"
#include "db/db.h"
#include "rules/permission.h"
#include "store/throttle.h"

/* Somebody who has shown a valid cookie or token.  Texts in ctx->arena. */
struct identity {
	int64_t user_id;            /* 0 = the cookie or token is not valid */
	const char *name;
	const char *display_name;
	const char *timezone;
	struct grant *grants;
	size_t grant_count;
	int64_t idle_s;             /* since the cookie or token was last noted as used */
	int64_t requests;           /* in this minute, as far as counted */
	int64_t minute_left_s;      /* until that minute ends */
	bool password_due;          /* somebody else knows the password: it must be changed first */
	const char *scope;          /* tokens: comma-separated permissions, NULL = all of the user's */
};

/* The columns of such a query, in this order, one row per grant: what sessions
 * and tokens select after their own FROM. */
#define IDENTITY_COLUMNS                                                                                 \
	"u.id, u.name, u.display_name, u.timezone, p.permission, p.own_only, p.schedule_types,"          \
	" IF(" THROTTLE_IS_OPEN("t.window_start", "60") ", t.hits, 0), " THROTTLE_LEFT_S("t.window_start", "60") ","  \
	" u.password_due"
#define IDENTITY_TYPES "issssisiii"
#define IDENTITY_JOINS                                                                                   \
	" LEFT JOIN {user_roles} r ON r.user_id = u.id"                                                  \
	" LEFT JOIN {role_permissions} p ON p.role_id = r.role_id"                                       \
	" LEFT JOIN {throttle} t ON t.bucket = UNHEX(SHA2(CONCAT('requests:', u.id), 256))"
/* Fills all but idle_s and scope; user_id 0 when there are no rows. */
void identity_read(struct ctx *ctx, const struct db_rows *rows, struct identity *identity_out);

struct login {
	int64_t user_id;            /* 0 = nobody has this name, or may not sign in */
	const char *display_name;
	const char *timezone;
	const char *password_hash;
	const char *name;
	bool has_second_factor;     /* a password alone does not do */
	int64_t now_utc;            /* the database's clock */
};
MUST_USE bool user_find_login(struct ctx *ctx, const char *name, struct login *login_out);
/* The same by id. */
MUST_USE bool user_get_login(struct ctx *ctx, int64_t user_id, struct login *login_out);
MUST_USE bool user_set_password_hash(struct ctx *ctx, int64_t user_id, const char *hash);
/* A new password: the person's own (`is_due` false), or one that somebody else
 * gave and that must be changed. */
MUST_USE bool user_set_password(struct ctx *ctx, int64_t user_id, const char *hash, bool is_due);
MUST_USE bool user_set_timezone(struct ctx *ctx, int64_t user_id, const char *timezone);
/* Holds the user's row until the transaction ends: what is counted per user is
 * then counted one request after the other. */
MUST_USE bool user_lock(struct ctx *ctx, int64_t user_id);
MUST_USE bool users_count(struct ctx *ctx, int64_t *count_out);

/* --- setting up ---------------------------------------------------------- */

/* Adds the roles admin, editor and author with their permissions where they
 * are missing. */
MUST_USE bool roles_ensure(struct ctx *ctx);
/* A new user with one of these roles.  FAIL_CONFLICT when the name is taken. */
MUST_USE bool user_insert(struct ctx *ctx, const char *name, const char *display_name, const char *hash,
			  const char *role, int64_t *user_id_out);
/* Reads the grants of a user who is not asking himself (tranchectl). */
MUST_USE bool user_identity(struct ctx *ctx, const char *name, struct identity *identity_out);

#endif
