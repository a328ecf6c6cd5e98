/* Reading a person's grants. */
#include "store/grants.h"

#include "db/db.h"
#include "db/text.h"
#include "store/tokens.h"

enum { STMT_GRANTS };
static const struct db_stmt statements[] = {
	[STMT_GRANTS] = { "grants.load",
			  "SELECT u.display_name, p.permission, p.own_only, p.schedule_types FROM {users} u"
			  " JOIN {user_roles} r ON r.user_id = u.id JOIN {role_permissions} p ON p.role_id = r.role_id"
			  " WHERE u.id = ? AND u.active = 1 LIMIT 64",
			  "i", "ssis" },
};
const struct db_stmt_table grants_statements = { "grants.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool grants_load(struct ctx *ctx, int64_t user_id, const char *scope, struct actor *actor)
{
	struct db_rows rows;
	size_t kept = 0;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_GRANTS], user_id))
		return false;
	struct grant *grants = arena_array(ctx->arena, rows.count + 1, sizeof(*grants));
	for (size_t i = 0; i < rows.count; i++)
		if (token_in_scope(scope, db_str(&rows, i, 1)))
			grants[kept++] = (struct grant){
				.permission = permission_by_name(db_str(&rows, i, 1)),
				.own_only = db_int(&rows, i, 2) != 0,
				.schedule_types = db_str(&rows, i, 3),
			};
	*actor = (struct actor){
		.user_id = user_id,
		.name = rows.count ? db_str(&rows, 0, 0) : "",
		.scope = scope,
		.grants = grants,
		.grant_count = kept,
	};
	return true;
}

bool grants_load_list(struct ctx *ctx, const int64_t *user_ids, size_t count, struct actor *actors)
{
	struct db_rows rows = { 0 };
	for (size_t i = 0; i < count; i++)
		actors[i] = (struct actor){ .user_id = user_ids[i], .name = "" };
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "SELECT u.id, u.display_name, p.permission, p.own_only, p.schedule_types"
					     " FROM {users} u JOIN {user_roles} r ON r.user_id = u.id"
					     " JOIN {role_permissions} p ON p.role_id = r.role_id WHERE u.active = 1 AND u.id IN ");
	db_text_list(text, user_ids, count);
	db_text_lit(text, " ORDER BY u.id");
	if (!db_text_query(text, "issis", ctx->arena, &rows, &ctx->fail))
		return false;
	struct grant *grants = arena_array(ctx->arena, rows.count + 1, sizeof(*grants));
	for (size_t row = 0; row < rows.count; row++) {
		struct actor *actor = actors;
		while (actor->user_id != db_int(&rows, row, 0))
			actor++;
		grants[row] = (struct grant){ permission_by_name(db_str(&rows, row, 2)), db_int(&rows, row, 3) != 0, db_str(&rows, row, 4) };
		if (!actor->grant_count++) {
			actor->grants = &grants[row];
			actor->name = db_str(&rows, row, 1);
		}
	}
	return true;
}
