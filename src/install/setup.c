#include "install/setup.h"

#include "db/text.h"
#include "store/audit.h"
#include "store/people.h"
#include "store/users.h"

#define NO_SUCH_TABLE 1146

/* Only columns that the first schema had: it is asked of older ones, too. */
bool setup_admin_exists(struct db *db, struct arena *arena, bool *exists_out, struct fail *fail)
{
	struct db_rows rows;
	*exists_out = false;
	if (!db_text_query(db_text_begin(db, "SELECT 1 FROM {users} u JOIN {user_roles} r ON r.user_id = u.id"
					     " JOIN {role_permissions} p ON p.role_id = r.role_id AND p.permission = 'manage_users'"
					     " WHERE u.password_hash <> '' LIMIT 1"),
			   "i", arena, &rows, fail)) {
		if (fail->os_or_sql_error != NO_SUCH_TABLE)
			return false;
		fail_clear(fail);
		return true;
	}
	*exists_out = rows.count > 0;
	return true;
}

bool setup_has_admin(struct db *db, struct arena *arena)
{
	struct fail ignored = { .kind = FAIL_NONE };
	bool exists;
	return setup_admin_exists(db, arena, &exists, &ignored) && exists;
}

/* The role's row is what two at once wait for. */
static bool alone(struct ctx *ctx)
{
	bool exists;
	if (!people_guard(ctx) || !setup_admin_exists(ctx->db, ctx->arena, &exists, &ctx->fail))
		return false;
	return !exists || fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "There is an administrator already: sign in");
}

bool setup_first_admin(struct ctx *ctx, const char *name, const char *display_name, const char *hash)
{
	int64_t user_id = 0;
	if (!roles_ensure(ctx) || !db_begin(ctx->db, &ctx->fail))
		return false;
	if (alone(ctx) && user_insert(ctx, name, display_name, hash, "admin", &user_id) &&
	    audit_add(ctx, "site.install", 0, user_id, NULL))
		return db_commit(ctx->db, &ctx->fail);
	db_rollback(ctx->db);
	return false;
}
