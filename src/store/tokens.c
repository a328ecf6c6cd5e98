#include "store/tokens.h"

enum { TOKEN_FIND, TOKEN_TOUCH, TOKEN_INSERT, TOKEN_GET, TOKENS_LIST, TOKEN_DELETE, TOKENS_DELETE };

#define TOKEN_COLUMNS                                                                                     \
	"id, label, permissions, TIMESTAMPDIFF(SECOND, '1970-01-01', created_at),"                        \
	" TIMESTAMPDIFF(SECOND, '1970-01-01', expires_at), TIMESTAMPDIFF(SECOND, '1970-01-01', used_at)"

static const struct db_stmt statements[] = {
	[TOKEN_FIND] = { "token.find",
			 "SELECT " IDENTITY_COLUMNS ", TIMESTAMPDIFF(SECOND, COALESCE(a.used_at, '1970-01-01'),"
			 " UTC_TIMESTAMP()), a.permissions"
			 " FROM {api_tokens} a JOIN {users} u ON u.id = a.user_id AND u.active = 1" IDENTITY_JOINS
			 " WHERE a.token_hash = ? AND (a.expires_at IS NULL OR a.expires_at > UTC_TIMESTAMP()) LIMIT 64",
			 "b", IDENTITY_TYPES "is" },
	[TOKEN_TOUCH] = { "token.touch", "UPDATE {api_tokens} SET used_at = UTC_TIMESTAMP() WHERE token_hash = ?", "b", "" },
	[TOKEN_INSERT] = { "token.insert",
			   "INSERT INTO {api_tokens} (token_hash, user_id, label, permissions, created_at, expires_at)"
			   " VALUES (?, ?, ?, ?, UTC_TIMESTAMP(), IF(? = 0, NULL, UTC_TIMESTAMP() + INTERVAL ? DAY))",
			   "bissii", "" },
	[TOKEN_GET] = { "token.get", "SELECT " TOKEN_COLUMNS " FROM {api_tokens} WHERE id = ? AND user_id = ?", "ii", "issiii" },
	[TOKENS_LIST] = { "tokens.list",
			  "SELECT " TOKEN_COLUMNS " FROM {api_tokens} WHERE user_id = ? ORDER BY id DESC LIMIT 200", "i",
			  "issiii" },
	[TOKEN_DELETE] = { "token.delete", "DELETE FROM {api_tokens} WHERE id = ? AND user_id = ?", "ii", "" },
	[TOKENS_DELETE] = { "tokens.delete", "DELETE FROM {api_tokens} WHERE user_id = ?", "i", "" },
};
const struct db_stmt_table tokens_statements = { "tokens.c", statements, sizeof statements / sizeof statements[0] };

bool token_find(struct ctx *ctx, const unsigned char hash[DIGEST_BYTES], struct identity *identity_out)
{
	struct db_bytes key = { hash, DIGEST_BYTES };
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[TOKEN_FIND], &key))
		return false;
	identity_read(ctx, &rows, identity_out);
	if (rows.count > 0) {
		identity_out->idle_s = db_int(&rows, 0, rows.columns - 2);
		identity_out->scope = db_str(&rows, 0, rows.columns - 1);
	}
	return true;
}

bool token_in_scope(const char *scope, const char *name)
{
	size_t len = strlen(name);
	if (!scope)
		return true;
	for (const char *at = scope; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, name, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return true;
	}
	return false;
}

bool token_touch(struct ctx *ctx, const unsigned char hash[DIGEST_BYTES])
{
	struct db_bytes key = { hash, DIGEST_BYTES };
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[TOKEN_TOUCH], &key);
}

static void read_token(const struct db_rows *rows, size_t row, struct api_token *token)
{
	*token = (struct api_token){
		.id = db_int(rows, row, 0),
		.label = db_str(rows, row, 1),
		.permissions = db_str(rows, row, 2),
		.created_at = db_int(rows, row, 3),
		.expires_at = db_int(rows, row, 4),
		.used_at = db_int(rows, row, 5),
	};
}

bool token_create(struct ctx *ctx, int64_t user_id, const char *label, const char *permissions, int64_t days,
		  struct api_token *token_out, char text_out[TOKEN_TEXT_SIZE])
{
	unsigned char secret[TOKEN_BYTES];
	unsigned char hash[DIGEST_BYTES];
	struct db_bytes key = { hash, DIGEST_BYTES };
	random_bytes(secret, sizeof secret);
	memcpy(text_out, TOKEN_PREFIX, sizeof TOKEN_PREFIX);
	hex_encode(secret, sizeof secret, text_out + sizeof TOKEN_PREFIX - 1);
	digest(text_out, strlen(text_out), hash);
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[TOKEN_INSERT], &key, user_id, label, permissions, days, days) &&
	       token_get(ctx, user_id, db_insert_id(ctx->db), token_out);
}

bool tokens_list(struct ctx *ctx, int64_t user_id, struct api_token **tokens_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[TOKENS_LIST], user_id))
		return false;
	*tokens_out = arena_array(ctx->arena, rows.count + 1, sizeof **tokens_out);
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		read_token(&rows, i, &(*tokens_out)[i]);
	return true;
}

bool token_get(struct ctx *ctx, int64_t user_id, int64_t id, struct api_token *token_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[TOKEN_GET], id, user_id))
		return false;
	if (rows.count == 0)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "You have no token with this id");
	read_token(&rows, 0, token_out);
	return true;
}

bool tokens_delete(struct ctx *ctx, int64_t user_id)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[TOKENS_DELETE], user_id);
}

bool token_delete(struct ctx *ctx, int64_t user_id, int64_t id)
{
	int64_t affected;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[TOKEN_DELETE], id, user_id))
		return false;
	return affected == 1 || fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "You have no token with this id");
}
