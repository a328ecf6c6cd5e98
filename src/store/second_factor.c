#include "store/second_factor.h"

#include "base/config.h"
#include "base/ids.h"
#include "db/text.h"

#define CODE_BYTES 15 /* 120 bits, 24 letters */
#define CODE_LETTERS 24
#define GROUP 4

enum { FACTOR_GET, FACTOR_OFFER, FACTOR_CONFIRM, FACTOR_STEP, FACTOR_REMOVE, CODES_REMOVE, CODE_TAKE };

static const struct db_stmt statements[] = {
	[FACTOR_GET] = { "factor.get",
			 "SELECT u.totp_on, u.totp_key, u.totp_step, UNIX_TIMESTAMP(),"
			 " (SELECT COUNT(*) FROM {recovery_codes} c WHERE c.user_id = u.id) FROM {users} u WHERE u.id = ?",
			 "i", "ibiii" },
	[FACTOR_OFFER] = { "factor.offer", "UPDATE {users} SET totp_key = ?, totp_step = 0 WHERE id = ? AND totp_on = 0", "bi", "" },
	[FACTOR_CONFIRM] = { "factor.confirm",
			     "UPDATE {users} SET totp_on = 1, totp_step = ? WHERE id = ? AND totp_on = 0 AND totp_key IS NOT NULL",
			     "ii", "" },
	[FACTOR_STEP] = { "factor.step", "UPDATE {users} SET totp_step = ? WHERE id = ? AND totp_on = 1 AND totp_step < ?", "iii", "" },
	[FACTOR_REMOVE] = { "factor.remove", "UPDATE {users} SET totp_on = 0, totp_key = NULL, totp_step = 0 WHERE id = ?", "i", "" },
	[CODES_REMOVE] = { "recovery_codes.remove", "DELETE FROM {recovery_codes} WHERE user_id = ?", "i", "" },
	[CODE_TAKE] = { "recovery_code.take", "DELETE FROM {recovery_codes} WHERE user_id = ? AND code_hash = ?", "ib", "" },
};
const struct db_stmt_table second_factor_statements = { "second_factor.c", statements, sizeof statements / sizeof statements[0] };

/* A key of one person is worth nothing in the row of another. */
static const char *purpose_of(struct ctx *ctx, int64_t user_id)
{
	return arena_printf(ctx->arena, "totp %lld", (long long)user_id);
}

bool second_factor_get(struct ctx *ctx, int64_t user_id, struct second_factor *factor)
{
	struct db_rows rows;
	*factor = (struct second_factor){ .is_on = false };
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[FACTOR_GET], user_id))
		return false;
	if (rows.count == 0)
		return true;
	const struct db_value *key = db_at(&rows, 0, 1);
	factor->is_on = db_int(&rows, 0, 0) != 0;
	factor->has_key = !key->is_null;
	factor->is_readable = factor->has_key && key->len == TOTP_KEY_BYTES + SEAL_BYTES &&
			      unseal(ctx->config->secret, purpose_of(ctx, user_id), key->s, key->len, factor->key);
	factor->used_step = db_int(&rows, 0, 2);
	factor->now_utc = db_int(&rows, 0, 3);
	factor->codes_left = db_int(&rows, 0, 4);
	return true;
}

bool second_factor_offer(struct ctx *ctx, int64_t user_id)
{
	unsigned char key[TOTP_KEY_BYTES], sealed[TOTP_KEY_BYTES + SEAL_BYTES];
	struct db_bytes bytes = { sealed, sizeof sealed };
	random_bytes(key, sizeof key);
	seal(ctx->config->secret, purpose_of(ctx, user_id), key, sizeof key, sealed);
	explicit_bzero(key, sizeof key);
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[FACTOR_OFFER], &bytes, user_id);
}

bool second_factor_confirm(struct ctx *ctx, int64_t user_id, int64_t step)
{
	int64_t affected;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[FACTOR_CONFIRM], step, user_id))
		return false;
	return affected == 1 || fail_set(&ctx->fail, FAIL_CONFLICT, CODE_STALE_VERSION, "The second factor was changed at the same time");
}

bool second_factor_remove(struct ctx *ctx, int64_t user_id)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[FACTOR_REMOVE], user_id) &&
	       db_exec(ctx->db, &ctx->fail, NULL, &statements[CODES_REMOVE], user_id);
}

/* --- codes --------------------------------------------------------------- */

/* As people type it: in any case, with blanks or dashes anywhere. */
static bool hash_typed(const char *typed, unsigned char hash_out[DIGEST_BYTES])
{
	char letters[CODE_LETTERS];
	size_t count = 0;
	for (; *typed; typed++) {
		char c = *typed >= 'a' && *typed <= 'z' ? (char)(*typed - 'a' + 'A') : *typed;
		if (c == ' ' || c == '-')
			continue;
		if (count == CODE_LETTERS)
			return false;
		letters[count++] = c;
	}
	if (count != CODE_LETTERS)
		return false;
	digest(letters, count, hash_out);
	return true;
}

static bool take_recovery(struct ctx *ctx, int64_t user_id, const unsigned char hash[DIGEST_BYTES], bool *taken)
{
	struct db_bytes key = { hash, DIGEST_BYTES };
	int64_t affected;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[CODE_TAKE], user_id, &key))
		return false;
	*taken = affected == 1;
	return true;
}

bool second_factor_take(struct ctx *ctx, int64_t user_id, const char *typed, bool *taken)
{
	struct second_factor factor;
	unsigned char hash[DIGEST_BYTES];
	int64_t affected, step;
	*taken = false;
	if (!second_factor_get(ctx, user_id, &factor))
		return false;
	if (factor.is_on && hash_typed(typed, hash))
		return take_recovery(ctx, user_id, hash, taken);
	step = factor.is_on && factor.is_readable ? totp_match(factor.key, typed, factor.now_utc, factor.used_step) : 0;
	if (step == 0)
		return true;
	/* Of two who bring the same code at once, one changes the row. */
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[FACTOR_STEP], step, user_id, step))
		return false;
	*taken = affected == 1;
	return true;
}

static void make_code(char out[RECOVERY_CODE_SIZE])
{
	unsigned char bytes[CODE_BYTES];
	char letters[BASE32_SIZE(CODE_BYTES)];
	random_bytes(bytes, sizeof bytes);
	base32_encode(bytes, sizeof bytes, letters);
	for (size_t i = 0; i < CODE_LETTERS; i++) {
		if (i > 0 && i % GROUP == 0)
			*out++ = '-';
		*out++ = letters[i] >= 'A' ? (char)(letters[i] - 'A' + 'a') : letters[i];
	}
	*out = '\0';
}

bool recovery_codes_make(struct ctx *ctx, int64_t user_id, char codes[RECOVERY_CODES][RECOVERY_CODE_SIZE])
{
	unsigned char hash[DIGEST_BYTES];
	char hex[2 * DIGEST_BYTES + 1];
	if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[CODES_REMOVE], user_id))
		return false;
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {recovery_codes} (user_id, code_hash) VALUES ");
	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		make_code(codes[i]);
		if (!hash_typed(codes[i], hash))
			return fail_set(&ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "A recovery code can't be made");
		hex_encode(hash, sizeof hash, hex);
		db_text_row(text);
		db_text_i64(text, user_id);
		db_text_sql(text, arena_printf(ctx->arena, "x'%s'", hex));
		db_text_end_row(text);
	}
	return db_text_exec(text, NULL, &ctx->fail);
}
