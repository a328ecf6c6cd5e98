#include "store/users.h"

enum {
	USER_FIND_LOGIN,
	USER_GET_LOGIN,
	USER_SET_HASH,
	USER_SET_PASSWORD,
	USER_SET_TIMEZONE,
	USERS_COUNT,
	USER_LOCK,
	ROLE_INSERT,
	ROLE_GRANT,
	USER_INSERT,
	USER_ADD_ROLE,
	USER_IDENTITY,
};

#define LOGIN_COLUMNS "id, display_name, timezone, password_hash, name, totp_on, UNIX_TIMESTAMP() FROM {users}"
#define LOGIN_TYPES "issssii"

static const struct db_stmt statements[] = {
	[USER_FIND_LOGIN] = { "user.find_login", "SELECT " LOGIN_COLUMNS " WHERE name = ? AND active = 1 AND password_hash <> ''", "s",
			      LOGIN_TYPES },
	[USER_GET_LOGIN] = { "user.get_login", "SELECT " LOGIN_COLUMNS " WHERE id = ? AND active = 1 AND password_hash <> ''", "i",
			     LOGIN_TYPES },
	[USER_SET_PASSWORD] = { "user.set_password", "UPDATE {users} SET password_hash = ?, password_due = ? WHERE id = ?", "sii", "" },
	[USER_SET_TIMEZONE] = { "user.set_timezone", "UPDATE {users} SET timezone = ?, row_version = row_version + 1 WHERE id = ?", "si", "" },
	[USER_SET_HASH] = { "user.set_hash", "UPDATE {users} SET password_hash = ? WHERE id = ?", "si", "" },
	[USERS_COUNT] = { "users.count", "SELECT COUNT(*) FROM {users}", "", "i" },
	[USER_LOCK] = { "user.lock", "SELECT id FROM {users} WHERE id = ? FOR UPDATE", "i", "i" },
	[ROLE_INSERT] = { "role.insert",
			  "INSERT INTO {roles} (name) VALUES (?) ON DUPLICATE KEY UPDATE name = VALUES(name)", "s", "" },
	[ROLE_GRANT] = { "role.grant",
			 "INSERT INTO {role_permissions} (role_id, permission, own_only)"
			 " SELECT id, ?, ? FROM {roles} WHERE name = ?"
			 " ON DUPLICATE KEY UPDATE own_only = VALUES(own_only)",
			 "sis", "" },
	[USER_INSERT] = { "user.insert",
			  "INSERT INTO {users} (name, display_name, password_hash, created_at)"
			  " VALUES (?, ?, ?, UTC_TIMESTAMP())",
			  "sss", "" },
	[USER_ADD_ROLE] = { "user.add_role",
			    "INSERT INTO {user_roles} (user_id, role_id) SELECT ?, id FROM {roles} WHERE name = ?", "is",
			    "" },
	[USER_IDENTITY] = { "user.identity",
			    "SELECT " IDENTITY_COLUMNS " FROM {users} u" IDENTITY_JOINS
			    " WHERE u.name = ? AND u.active = 1 LIMIT 64",
			    "s", IDENTITY_TYPES },
};
const struct db_stmt_table users_statements = { "users.c", statements, sizeof statements / sizeof statements[0] };

enum { COL_ID, COL_NAME, COL_DISPLAY_NAME, COL_TIMEZONE, COL_PERMISSION, COL_OWN_ONLY, COL_TYPES, COL_HITS, COL_LEFT, COL_DUE };

void identity_read(struct ctx *ctx, const struct db_rows *rows, struct identity *identity_out)
{
	*identity_out = (struct identity){ .user_id = 0 };
	if (rows->count == 0)
		return;
	identity_out->user_id = db_int(rows, 0, COL_ID);
	identity_out->name = db_str(rows, 0, COL_NAME);
	identity_out->display_name = db_str(rows, 0, COL_DISPLAY_NAME);
	identity_out->timezone = db_str(rows, 0, COL_TIMEZONE);
	identity_out->requests = db_int(rows, 0, COL_HITS);
	identity_out->minute_left_s = db_int(rows, 0, COL_LEFT);
	identity_out->password_due = db_int(rows, 0, COL_DUE) != 0;
	identity_out->grants = arena_array(ctx->arena, rows->count, sizeof(struct grant));
	for (size_t i = 0; i < rows->count && identity_out->grant_count < GRANTS_MAX; i++) {
		const char *name = db_str(rows, i, COL_PERMISSION);
		enum permission permission = name ? permission_by_name(name) : PERMIT_NONE;
		if (permission != PERMIT_NONE)
			identity_out->grants[identity_out->grant_count++] = (struct grant){
				.permission = permission,
				.own_only = db_int(rows, i, COL_OWN_ONLY) != 0,
				.schedule_types = db_str(rows, i, COL_TYPES),
			};
	}
}

static bool read_login(const struct db_rows *rows, struct login *login)
{
	*login = (struct login){ .user_id = 0 };
	if (rows->count == 1)
		*login = (struct login){
			.user_id = db_int(rows, 0, 0),
			.display_name = db_str(rows, 0, 1),
			.timezone = db_str(rows, 0, 2),
			.password_hash = db_str(rows, 0, 3),
			.name = db_str(rows, 0, 4),
			.has_second_factor = db_int(rows, 0, 5) != 0,
			.now_utc = db_int(rows, 0, 6),
		};
	return true;
}

bool user_find_login(struct ctx *ctx, const char *name, struct login *login_out)
{
	struct db_rows rows;
	return db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[USER_FIND_LOGIN], name) && read_login(&rows, login_out);
}

bool user_get_login(struct ctx *ctx, int64_t user_id, struct login *login_out)
{
	struct db_rows rows;
	return db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[USER_GET_LOGIN], user_id) && read_login(&rows, login_out);
}

bool user_set_password(struct ctx *ctx, int64_t user_id, const char *hash, bool is_due)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[USER_SET_PASSWORD], hash, (int64_t)is_due, user_id);
}

bool user_set_timezone(struct ctx *ctx, int64_t user_id, const char *timezone)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[USER_SET_TIMEZONE], timezone, user_id);
}

bool user_set_password_hash(struct ctx *ctx, int64_t user_id, const char *hash)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[USER_SET_HASH], hash, user_id);
}

bool users_count(struct ctx *ctx, int64_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[USERS_COUNT]))
		return false;
	*count_out = db_int(&rows, 0, 0);
	return true;
}

/* An author sees all that is scheduled, and schedules what is his own. */
static const struct {
	const char *role;
	enum permission permission;
	bool own_only;
} standard_roles[] = {
	{ "admin", PERMIT_SCHEDULE_CONTENT, false },
	{ "admin", PERMIT_VIEW_SCHEDULED_CONTENT, false },
	{ "admin", PERMIT_VIEW_CONTENT_VERSIONS, false },
	{ "admin", PERMIT_RESOLVE_CONFLICTS, false },
	{ "admin", PERMIT_MANAGE_BATCHES, false },
	{ "admin", PERMIT_MANAGE_USERS, false },
	{ "admin", PERMIT_VIEW_DASHBOARD, false },
	{ "admin", PERMIT_TICK, false },
	{ "editor", PERMIT_SCHEDULE_CONTENT, false },
	{ "editor", PERMIT_VIEW_SCHEDULED_CONTENT, false },
	{ "editor", PERMIT_VIEW_CONTENT_VERSIONS, false },
	{ "editor", PERMIT_RESOLVE_CONFLICTS, false },
	{ "editor", PERMIT_VIEW_DASHBOARD, false },
	{ "author", PERMIT_SCHEDULE_CONTENT, true },
	{ "author", PERMIT_VIEW_SCHEDULED_CONTENT, false },
	{ "author", PERMIT_VIEW_CONTENT_VERSIONS, false },
	{ "author", PERMIT_VIEW_DASHBOARD, true },
};

bool user_lock(struct ctx *ctx, int64_t user_id)
{
	struct db_rows rows;
	return db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[USER_LOCK], user_id);
}

bool roles_ensure(struct ctx *ctx)
{
	static const char *const roles[] = { "admin", "editor", "author" };
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[ROLE_INSERT], roles[i]))
			return false;
	for (size_t i = 0; i < sizeof standard_roles / sizeof standard_roles[0]; i++)
		if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[ROLE_GRANT],
			     permission_name(standard_roles[i].permission), (int64_t)standard_roles[i].own_only,
			     standard_roles[i].role))
			return false;
	return true;
}

bool user_insert(struct ctx *ctx, const char *name, const char *display_name, const char *hash, const char *role,
		 int64_t *user_id_out)
{
	if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[USER_INSERT], name, display_name, hash))
		return false;
	*user_id_out = db_insert_id(ctx->db);
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[USER_ADD_ROLE], *user_id_out, role);
}

bool user_identity(struct ctx *ctx, const char *name, struct identity *identity_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[USER_IDENTITY], name))
		return false;
	identity_read(ctx, &rows, identity_out);
	return true;
}
