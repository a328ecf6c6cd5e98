#include "store/throttle.h"

enum { THROTTLE_ADD, THROTTLE_READ, THROTTLE_CLEAR, THROTTLE_PURGE };

static const struct db_stmt statements[] = {
	/* `hits` is assigned first, so it still sees the old window. */
	[THROTTLE_ADD] = { "throttle.add",
			   "INSERT INTO {throttle} (bucket, window_start, hits) VALUES (?, UNIX_TIMESTAMP(), ?)"
			   " ON DUPLICATE KEY UPDATE"
			   " hits = IF(" THROTTLE_IS_OPEN("window_start", "?") ", hits, 0) + VALUES(hits),"
			   " window_start = IF(" THROTTLE_IS_OPEN("window_start", "?") ", window_start, VALUES(window_start))",
			   "biii", "" },
	[THROTTLE_READ] = { "throttle.read",
			    "SELECT hits, " THROTTLE_LEFT_S("window_start", "?") " FROM {throttle} WHERE bucket = ? AND "
			    THROTTLE_IS_OPEN("window_start", "?"),
			    "ibi", "ii" },
	[THROTTLE_CLEAR] = { "throttle.clear", "DELETE FROM {throttle} WHERE bucket = ?", "b", "" },
	[THROTTLE_PURGE] = { "throttle.purge",
			     "DELETE FROM {throttle} WHERE window_start < UNIX_TIMESTAMP() - 86400 LIMIT 200", "", "" },
};
const struct db_stmt_table throttle_statements = { "throttle.c", statements, sizeof statements / sizeof statements[0] };

void throttle_bucket(const char *what, const char *whom, unsigned char bucket_out[DIGEST_BYTES])
{
	struct digest_state state;
	digest_begin(&state);
	digest_add(&state, what, strlen(what));
	digest_add(&state, ":", 1);
	digest_add(&state, whom, strlen(whom));
	digest_end(&state, bucket_out);
}

bool throttle_add(struct ctx *ctx, const unsigned char bucket[DIGEST_BYTES], int64_t window_s, int64_t hits)
{
	struct db_bytes key = { bucket, DIGEST_BYTES };
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[THROTTLE_ADD], &key, hits, window_s, window_s);
}

bool throttle_read(struct ctx *ctx, const unsigned char bucket[DIGEST_BYTES], int64_t window_s, int64_t *hits_out,
		   int64_t *left_s_out)
{
	struct db_bytes key = { bucket, DIGEST_BYTES };
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[THROTTLE_READ], window_s, &key, window_s))
		return false;
	*hits_out = rows.count ? db_int(&rows, 0, 0) : 0;
	*left_s_out = rows.count ? db_int(&rows, 0, 1) : window_s;
	return true;
}

bool throttle_clear(struct ctx *ctx, const unsigned char bucket[DIGEST_BYTES])
{
	struct db_bytes key = { bucket, DIGEST_BYTES };
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[THROTTLE_CLEAR], &key);
}

bool throttle_purge(struct ctx *ctx)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[THROTTLE_PURGE]);
}
