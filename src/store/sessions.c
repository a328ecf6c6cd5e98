#include "store/sessions.h"

#include "base/config.h"
#include "base/str.h"
#include "store/sql_time.h"

enum { SESSION_FIND, SESSION_INSERT, SESSION_TOUCH, SESSION_DELETE, SESSION_PURGE, SESSIONS_END, SESSION_END, SESSIONS_LIST };

static const struct db_stmt statements[] = {
	[SESSION_FIND] = { "session.find",
			   "SELECT " IDENTITY_COLUMNS ", TIMESTAMPDIFF(SECOND, s.seen_at, UTC_TIMESTAMP())"
			   " FROM {sessions} s JOIN {users} u ON u.id = s.user_id AND u.active = 1" IDENTITY_JOINS
			   " WHERE s.token_hash = ? AND s.seen_at > UTC_TIMESTAMP() - INTERVAL ? SECOND"
			   " AND s.created_at > UTC_TIMESTAMP() - INTERVAL ? SECOND LIMIT 64",
			   "bii", IDENTITY_TYPES "i" },
	[SESSION_INSERT] = { "session.insert",
			     "INSERT INTO {sessions} (token_hash, user_id, created_at, seen_at, address, agent)"
			     " VALUES (?, ?, UTC_TIMESTAMP(), UTC_TIMESTAMP(), LEFT(?, 45), LEFT(?, 150))",
			     "biss", "" },
	[SESSION_TOUCH] = { "session.touch", "UPDATE {sessions} SET seen_at = UTC_TIMESTAMP() WHERE token_hash = ?", "b",
			    "" },
	[SESSION_DELETE] = { "session.delete", "DELETE FROM {sessions} WHERE token_hash = ?", "b", "" },
	[SESSIONS_END] = { "sessions.end", "DELETE FROM {sessions} WHERE user_id = ? AND token_hash <> ?", "ib", "" },
	[SESSION_END] = { "session.end", "DELETE FROM {sessions} WHERE user_id = ? AND token_hash = ?", "ib", "" },
	[SESSIONS_LIST] = { "sessions.list",
			    "SELECT LOWER(HEX(token_hash)), " SQL_SECONDS("created_at") ", " SQL_SECONDS("seen_at") ", address, agent"
			    " FROM {sessions} WHERE user_id = ? AND seen_at > UTC_TIMESTAMP() - INTERVAL ? SECOND"
			    " AND created_at > UTC_TIMESTAMP() - INTERVAL ? SECOND ORDER BY seen_at DESC, created_at DESC LIMIT 100",
			    "iii", "siiss" },
	[SESSION_PURGE] = { "session.purge",
			    "DELETE FROM {sessions} WHERE seen_at < UTC_TIMESTAMP() - INTERVAL ? SECOND LIMIT 200", "i",
			    "" },
};
const struct db_stmt_table sessions_statements = { "sessions.c", statements, sizeof statements / sizeof statements[0] };

bool session_find(struct ctx *ctx, const unsigned char hash[DIGEST_BYTES], struct identity *identity_out)
{
	struct db_bytes key = { hash, DIGEST_BYTES };
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[SESSION_FIND], &key,
		      ctx->config->session_idle_s, ctx->config->session_max_s))
		return false;
	identity_read(ctx, &rows, identity_out);
	if (rows.count > 0)
		identity_out->idle_s = db_int(&rows, 0, rows.columns - 1);
	return true;
}

bool session_insert(struct ctx *ctx, const unsigned char hash[DIGEST_BYTES], int64_t user_id, const char *address,
		    const char *agent)
{
	struct db_bytes key = { hash, DIGEST_BYTES };
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[SESSION_INSERT], &key, user_id, address, agent);
}

bool session_touch(struct ctx *ctx, const unsigned char hash[DIGEST_BYTES])
{
	struct db_bytes key = { hash, DIGEST_BYTES };
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[SESSION_TOUCH], &key);
}

bool session_delete(struct ctx *ctx, const unsigned char hash[DIGEST_BYTES])
{
	struct db_bytes key = { hash, DIGEST_BYTES };
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[SESSION_DELETE], &key);
}

bool sessions_end(struct ctx *ctx, int64_t user_id, const unsigned char keep[DIGEST_BYTES])
{
	static const unsigned char nobodys[DIGEST_BYTES];
	struct db_bytes key = { keep ? keep : nobodys, DIGEST_BYTES };
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[SESSIONS_END], user_id, &key);
}

bool session_end(struct ctx *ctx, int64_t user_id, const char *hex)
{
	unsigned char hash[DIGEST_BYTES];
	struct db_bytes key = { hash, DIGEST_BYTES };
	int64_t affected = 0;
	if (hex_decode(hex, hash, sizeof hash) &&
	    !db_exec(ctx->db, &ctx->fail, &affected, &statements[SESSION_END], user_id, &key))
		return false;
	return affected == 1 || fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "This session has ended already");
}

bool sessions_list(struct ctx *ctx, int64_t user_id, struct session_row **rows_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[SESSIONS_LIST], user_id, ctx->config->session_idle_s,
		      ctx->config->session_max_s))
		return false;
	struct session_row *list = arena_array(ctx->arena, rows.count + 1, sizeof *list);
	for (size_t i = 0; i < rows.count; i++) {
		list[i] = (struct session_row){ .created_at = db_int(&rows, i, 1), .seen_at = db_int(&rows, i, 2),
						.address = db_str(&rows, i, 3), .agent = db_str(&rows, i, 4) };
		str_copy(list[i].hex, sizeof list[i].hex, db_str(&rows, i, 0));
	}
	*rows_out = list;
	*count_out = rows.count;
	return true;
}

bool session_purge(struct ctx *ctx)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[SESSION_PURGE], ctx->config->session_max_s);
}
