/* Reading a person's grants. */
#include "store/grants.h"

#include "db/db.h"

enum { STMT_GRANTS };
static const struct db_stmt statements[] = {
	[STMT_GRANTS] = { "grants.load",
			  "SELECT u.display_name, p.permission, p.own_only, p.schedule_types FROM {users} u"
			  " JOIN {user_roles} r ON r.user_id = u.id JOIN {role_permissions} p ON p.role_id = r.role_id"
			  " WHERE u.id = ? AND u.active = 1 LIMIT 64",
			  "i", "ssis" },
};
const struct db_stmt_table grants_statements = { "grants.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool grants_load(struct ctx *ctx, int64_t user_id, struct actor *actor)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_GRANTS], user_id))
		return false;
	struct grant *grants = arena_array(ctx->arena, rows.count + 1, sizeof(*grants));
	for (size_t i = 0; i < rows.count; i++)
		grants[i] = (struct grant){
			.permission = permission_by_name(db_str(&rows, i, 1)),
			.own_only = db_int(&rows, i, 2) != 0,
			.schedule_types = db_str(&rows, i, 3),
		};
	*actor = (struct actor){
		.user_id = user_id,
		.name = rows.count ? db_str(&rows, 0, 0) : "",
		.grants = grants,
		.grant_count = rows.count,
	};
	return true;
}
