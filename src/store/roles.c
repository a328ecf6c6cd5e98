#include "store/roles.h"

#include "db/text.h"
#include "store/row_version.h"

enum { ROLES_LIST, ROLE_GET, ROLE_NAMED, ROLE_INSERT, ROLE_RENAME, GRANTS_CLEAR, ROLE_PEOPLE, ROLE_DELETE };

#define ROLE_COLUMNS                                                                                                   \
	"r.id, r.name, (SELECT COUNT(*) FROM {user_roles} x WHERE x.role_id = r.id), p.permission, p.own_only,"        \
	" p.schedule_types, r.row_version FROM {roles} r LEFT JOIN {role_permissions} p ON p.role_id = r.id"
#define ROLE_TYPES "isisisi"

static const struct db_stmt statements[] = {
	[ROLES_LIST] = { "roles.list", "SELECT " ROLE_COLUMNS " ORDER BY r.name, r.id LIMIT 2000", "", ROLE_TYPES },
	[ROLE_GET] = { "role.get", "SELECT " ROLE_COLUMNS " WHERE r.id = ? LIMIT 64", "i", ROLE_TYPES },
	[ROLE_NAMED] = { "role.named", "SELECT (SELECT COUNT(*) FROM {roles} WHERE name = ? AND id <> ?), (SELECT COUNT(*) FROM {roles})",
			 "si", "ii" },
	[ROLE_INSERT] = { "role.add", "INSERT INTO {roles} (name) VALUES (?)", "s", "" },
	[ROLE_RENAME] = { "role.rename", "UPDATE {roles} SET name = ?, row_version = row_version + 1 WHERE id = ? AND row_version = ?",
			  "sii", "" },
	[GRANTS_CLEAR] = { "role.grants_clear", "DELETE FROM {role_permissions} WHERE role_id = ?", "i", "" },
	[ROLE_PEOPLE] = { "role.people", "SELECT COUNT(*) FROM {user_roles} WHERE role_id = ?", "i", "i" },
	[ROLE_DELETE] = { "role.delete", "DELETE FROM {roles} WHERE id = ? AND row_version = ?", "ii", "" },
};
const struct db_stmt_table roles_statements = { "roles.c", statements, sizeof statements / sizeof statements[0] };

static bool is_standard(const char *name)
{
	return strcmp(name, "admin") == 0 || strcmp(name, "editor") == 0 || strcmp(name, "author") == 0;
}

/* One row per grant, the rows of a role together. */
static size_t read_roles(const struct db_rows *rows, struct role *roles)
{
	size_t count = 0;
	for (size_t i = 0; i < rows->count; i++) {
		const char *name = db_str(rows, i, 3);
		enum permission permission = name ? permission_by_name(name) : PERMIT_NONE;
		if (i == 0 || db_int(rows, i, 0) != db_int(rows, i - 1, 0))
			roles[count++] = (struct role){ .id = db_int(rows, i, 0),
							.name = db_str(rows, i, 1),
							.is_standard = is_standard(db_str(rows, i, 1)),
							.people = db_int(rows, i, 2),
							.row_version = db_int(rows, i, 6) };
		if (permission != PERMIT_NONE)
			roles[count - 1].grants[permission] =
				(struct grant){ permission, db_int(rows, i, 4) != 0, db_str(rows, i, 5) };
	}
	return count;
}

bool roles_list(struct ctx *ctx, struct role **rows_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[ROLES_LIST]))
		return false;
	*rows_out = arena_array(ctx->arena, rows.count + 1, sizeof **rows_out);
	*count_out = read_roles(&rows, *rows_out);
	return true;
}

bool role_get(struct ctx *ctx, int64_t id, struct role *role_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[ROLE_GET], id))
		return false;
	if (rows.count == 0)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "There is no role with the number %lld", (long long)id);
	(void)read_roles(&rows, role_out);
	return true;
}

static bool name_is_free(struct ctx *ctx, const struct role *role)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[ROLE_NAMED], role->name, role->id))
		return false;
	if (db_int(&rows, 0, 0) > 0)
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_NAME_TAKEN, "There is a role “%s” already", role->name);
	return role->id || db_int(&rows, 0, 1) < ROLES_MAX ||
	       fail_set(&ctx->fail, FAIL_LIMIT, CODE_OUT_OF_RANGE, "There may be %d roles", ROLES_MAX);
}

static bool insert_or_rename(struct ctx *ctx, struct role *role)
{
	int64_t affected;
	if (role->id)
		return db_exec(ctx->db, &ctx->fail, &affected, &statements[ROLE_RENAME], role->name, role->id, role->row_version) &&
		       row_is_met(ctx, affected);
	if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[ROLE_INSERT], role->name))
		return false;
	role->id = db_insert_id(ctx->db);
	return true;
}

bool role_save(struct ctx *ctx, struct role *role)
{
	size_t count = 0;
	if (!name_is_free(ctx, role) || !insert_or_rename(ctx, role) ||
	    !db_exec(ctx->db, &ctx->fail, NULL, &statements[GRANTS_CLEAR], role->id))
		return false;
	struct db_text *text =
		db_text_begin(ctx->db, "INSERT INTO {role_permissions} (role_id, permission, own_only, schedule_types) VALUES ");
	for (size_t i = PERMIT_NONE + 1; i < PERMIT_COUNT; i++) {
		const struct grant *grant = &role->grants[i];
		if (grant->permission == PERMIT_NONE)
			continue;
		count++;
		db_text_row(text);
		db_text_i64(text, role->id);
		db_text_str(text, permission_name(grant->permission));
		db_text_i64(text, grant->own_only);
		db_text_str(text, grant->schedule_types);
		db_text_end_row(text);
	}
	return count == 0 || db_text_exec(text, NULL, &ctx->fail);
}

bool role_delete(struct ctx *ctx, const struct role *role)
{
	struct db_rows rows;
	int64_t affected;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[ROLE_PEOPLE], role->id))
		return false;
	if (db_int(&rows, 0, 0) > 0)
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_IN_USE, "%lld people have this role; give them another first",
				(long long)db_int(&rows, 0, 0));
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[GRANTS_CLEAR], role->id) &&
	       db_exec(ctx->db, &ctx->fail, &affected, &statements[ROLE_DELETE], role->id, role->row_version) && row_is_met(ctx, affected);
}
