#include "store/people.h"

#include "db/text.h"
#include "store/row_version.h"
#include "store/sql_time.h"

#define OPEN_BATCHES_MAX 1000

enum { PEOPLE_PAGE, PERSON_GET, PEOPLE_GUARD, PEOPLE_MANAGERS, PERSON_NAMED, PERSON_INSERT, PERSON_UPDATE, ROLES_CLEAR, PERSON_ACTIVE, OPEN_BATCHES };

#define PERSON_COLUMNS                                                                                                 \
	"u.id, u.name, u.display_name, u.timezone, u.active, u.password_due, u.totp_on, " SQL_SECONDS("u.created_at") ","   \
	" (SELECT COUNT(*) FROM {sessions} s WHERE s.user_id = u.id),"                                                  \
	" (SELECT GROUP_CONCAT(r.name ORDER BY r.name SEPARATOR ',') FROM {user_roles} x JOIN {roles} r ON r.id = x.role_id" \
	" WHERE x.user_id = u.id), u.row_version FROM {users} u"
#define PERSON_TYPES "isssiiiiisi"

static const struct db_stmt statements[] = {
	[PEOPLE_PAGE] = { "people.page", "SELECT " PERSON_COLUMNS " WHERE u.id > ? ORDER BY u.id LIMIT ?", "ii", PERSON_TYPES },
	[PERSON_GET] = { "person.get", "SELECT " PERSON_COLUMNS " WHERE u.id = ?", "i", PERSON_TYPES },
	[PEOPLE_GUARD] = { "people.guard", "UPDATE {roles} SET ver = ver + 1 WHERE name = 'admin'", "", "" },
	[PEOPLE_MANAGERS] = { "people.managers",
			      "SELECT COUNT(DISTINCT u.id) FROM {users} u JOIN {user_roles} x ON x.user_id = u.id"
			      " JOIN {role_permissions} p ON p.role_id = x.role_id AND p.permission = 'manage_users'"
			      " WHERE u.active = 1 AND u.password_hash <> ''",
			      "", "i" },
	[PERSON_NAMED] = { "person.named", "SELECT COUNT(*) FROM {users} WHERE name = ?", "s", "i" },
	[PERSON_INSERT] = { "person.insert",
			    "INSERT INTO {users} (name, display_name, timezone, password_hash, password_due, created_at)"
			    " VALUES (?, ?, ?, ?, 1, UTC_TIMESTAMP())",
			    "ssss", "" },
	[PERSON_UPDATE] = { "person.update", "UPDATE {users} SET display_name = ?, timezone = ?, active = ?,"
			    " row_version = row_version + 1 WHERE id = ? AND row_version = ?", "ssiii", "" },
	[ROLES_CLEAR] = { "person.roles_clear", "DELETE FROM {user_roles} WHERE user_id = ?", "i", "" },
	[PERSON_ACTIVE] = { "person.active", "SELECT COUNT(*) FROM {users} WHERE id = ? AND active = 1", "i", "i" },
	[OPEN_BATCHES] = { "person.open_batches",
			   "SELECT id FROM {batch_jobs} WHERE created_by = ? AND phase IN ('pending', 'processing') LIMIT ?", "ii", "i" },
};
const struct db_stmt_table people_statements = { "people.c", statements, sizeof statements / sizeof statements[0] };

static struct person read_person(const struct db_rows *rows, size_t row)
{
	const char *roles = db_str(rows, row, 9);
	return (struct person){
		.id = db_int(rows, row, 0),
		.name = db_str(rows, row, 1),
		.display_name = db_str(rows, row, 2),
		.timezone = db_str(rows, row, 3),
		.is_active = db_int(rows, row, 4) != 0,
		.password_due = db_int(rows, row, 5) != 0,
		.has_second_factor = db_int(rows, row, 6) != 0,
		.created_at = db_int(rows, row, 7),
		.sessions = db_int(rows, row, 8),
		.roles = roles ? roles : "",
		.row_version = db_int(rows, row, 10),
	};
}

bool people_page(struct ctx *ctx, int64_t after_id, int32_t limit, struct person **rows_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[PEOPLE_PAGE], after_id, (int64_t)limit))
		return false;
	*rows_out = arena_array(ctx->arena, rows.count + 1, sizeof **rows_out);
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*rows_out)[i] = read_person(&rows, i);
	return true;
}

bool person_get(struct ctx *ctx, int64_t id, struct person *person_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[PERSON_GET], id))
		return false;
	if (rows.count == 0)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "There is no person with the number %lld", (long long)id);
	*person_out = read_person(&rows, 0);
	return true;
}

bool people_guard(struct ctx *ctx)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[PEOPLE_GUARD]);
}

bool people_managers(struct ctx *ctx, int64_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[PEOPLE_MANAGERS]))
		return false;
	*count_out = db_int(&rows, 0, 0);
	return true;
}

bool person_insert(struct ctx *ctx, const struct person *person, const char *hash, int64_t *id_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[PERSON_NAMED], person->name))
		return false;
	if (db_int(&rows, 0, 0) > 0)
		return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_NAME_TAKEN, "Somebody signs in as “%s” already", person->name);
	if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[PERSON_INSERT], person->name, person->display_name, person->timezone, hash))
		return false;
	*id_out = db_insert_id(ctx->db);
	return true;
}

bool person_update(struct ctx *ctx, const struct person *person)
{
	int64_t affected;
	return db_exec(ctx->db, &ctx->fail, &affected, &statements[PERSON_UPDATE], person->display_name, person->timezone,
		       (int64_t)person->is_active, person->id, person->row_version) &&
	       row_is_met(ctx, affected);
}

bool person_set_roles(struct ctx *ctx, int64_t id, const char *roles)
{
	if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[ROLES_CLEAR], id))
		return false;
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {user_roles} (user_id, role_id) SELECT u.id, r.id FROM {users} u"
						      " JOIN {roles} r ON r.name IN (''");
	for (const char *at = roles; *at; at += *at == ',') {
		size_t len = strcspn(at, ",");
		db_text_lit(text, ", ");
		db_text_strn(text, at, len);
		at += len;
	}
	db_text_lit(text, ") WHERE u.id = ");
	db_text_i64(text, id);
	return db_text_exec(text, NULL, &ctx->fail);
}

bool person_is_active(struct ctx *ctx, int64_t id, bool *is_active_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[PERSON_ACTIVE], id))
		return false;
	*is_active_out = id == 0 || db_int(&rows, 0, 0) > 0;
	return true;
}

bool person_open_batches(struct ctx *ctx, int64_t id, int64_t **ids_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[OPEN_BATCHES], id, (int64_t)OPEN_BATCHES_MAX))
		return false;
	*ids_out = arena_array(ctx->arena, rows.count + 1, sizeof **ids_out);
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*ids_out)[i] = db_int(&rows, i, 0);
	return true;
}
