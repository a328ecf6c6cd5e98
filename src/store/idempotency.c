#include "store/idempotency.h"

#include "base/clock.h"
#include "db/db.h"
#include "rules/permission.h"
#include "store/audit.h"
#include "store/jobs.h"
#include "store/sql_time.h"

#define CLAIMS_MAX 8 /* races lost in a row */
#define THIS_KEY "user_id = ? AND key_hash = ?"
#define MINE THIS_KEY " AND token = ? AND reply_status = 0"
#define LEASE_END SQL_NOW " + INTERVAL ? SECOND"
#define TOO_OLD "created_at < " SQL_NOW " - INTERVAL 24 HOUR"

enum { STMT_INSERT, STMT_LOOK, STMT_TAKE_OVER, STMT_BIND, STMT_KEEP, STMT_RELEASE, STMT_PURGE };

static const struct db_stmt statements[] = {
	[STMT_INSERT] = { "idempotency.insert",
			  "INSERT INTO {idempotency_keys} (user_id, key_hash, token, lease_until, created_at)"
			  " VALUES (?, ?, ?, " LEASE_END ", " SQL_NOW ")",
			  "ibii", "" },
	[STMT_LOOK] = { "idempotency.look",
			"SELECT token, reply_status, job_id, event_id, content_hash,"
			" GREATEST(TIMESTAMPDIFF(SECOND, " SQL_NOW ", lease_until) + 1, 0), lease_until > " SQL_NOW ", " TOO_OLD
			" FROM {idempotency_keys} WHERE " THIS_KEY,
			"ib", "iiiibiii" },
	[STMT_TAKE_OVER] = { "idempotency.take_over",
			     "UPDATE {idempotency_keys} SET token = ?, lease_until = " LEASE_END ", created_at = " SQL_NOW ","
			     " reply_status = 0, job_id = 0, event_id = 0, content_hash = NULL WHERE " THIS_KEY " AND token = ?",
			     "iiibi", "" },
	[STMT_BIND] = { "idempotency.bind",
			"UPDATE {idempotency_keys} SET job_id = ?, lease_until = " LEASE_END " WHERE " MINE, "iiibi", "" },
	[STMT_KEEP] = { "idempotency.keep",
			"UPDATE {idempotency_keys} SET job_id = ?, event_id = ?, reply_status = ?, content_hash = ? WHERE " MINE,
			"iiibibi", "" },
	[STMT_RELEASE] = { "idempotency.release", "DELETE FROM {idempotency_keys} WHERE " MINE, "ibi", "" },
	[STMT_PURGE] = { "idempotency.purge", "DELETE FROM {idempotency_keys} WHERE " TOO_OLD " LIMIT ?", "i", "" },
};
const struct db_stmt_table idempotency_statements = { "idempotency.c", statements,
						      sizeof(statements) / sizeof(statements[0]) };

/* The row as it was seen. */
struct seen {
	bool exists, is_held, is_too_old;
	int64_t token;
	int reply_status;
	int64_t job_id;
};

static bool insert(struct ctx *ctx, struct idempotency_key *key, bool *inserted_out)
{
	struct db_bytes hash = { key->key_hash, DIGEST_BYTES };
	*inserted_out = db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_INSERT], ctx->actor->user_id, &hash, key->token,
				(int64_t)IDEMPOTENCY_LEASE_S);
	if (*inserted_out)
		return true;
	/* It exists, or another node of a cluster is just making it. */
	if (ctx->fail.code != CODE_DUPLICATE_KEY && (ctx->fail.kind != FAIL_RETRY || db_is_lost(ctx->db)))
		return false;
	fail_clear(&ctx->fail);
	return true;
}

static bool look(struct ctx *ctx, struct idempotency_key *key, struct seen *seen)
{
	struct db_bytes hash = { key->key_hash, DIGEST_BYTES };
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LOOK], ctx->actor->user_id, &hash))
		return false;
	*seen = (struct seen){ .exists = rows.count > 0 };
	if (!seen->exists)
		return true;
	seen->token = db_int(&rows, 0, 0);
	seen->reply_status = (int)db_int(&rows, 0, 1);
	seen->job_id = db_int(&rows, 0, 2);
	key->event_id = db_int(&rows, 0, 3);
	if (db_at(&rows, 0, 4)->len == DIGEST_BYTES)
		memcpy(key->content_hash, db_str(&rows, 0, 4), DIGEST_BYTES);
	key->busy_s = db_int(&rows, 0, 5);
	seen->is_held = db_int(&rows, 0, 6) != 0;
	seen->is_too_old = db_int(&rows, 0, 7) != 0;
	return true;
}

/* What a dead request had made of a batch is cancelled in the same step. */
static bool take_over(struct ctx *ctx, struct idempotency_key *key, const struct seen *seen, bool *mine_out)
{
	struct db_bytes hash = { key->key_hash, DIGEST_BYTES };
	int64_t affected = 0;
	bool moved = false;
	if (!db_begin(ctx->db, &ctx->fail) ||
	    !db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_TAKE_OVER], key->token, (int64_t)IDEMPOTENCY_LEASE_S,
		     ctx->actor->user_id, &hash, seen->token))
		goto undo;
	*mine_out = affected == 1;
	if (*mine_out && seen->job_id && !seen->reply_status) {
		if (!job_move(ctx, seen->job_id, JOB_RECEIVING, JOB_CANCELLED, &moved) ||
		    (moved && !audit_add(ctx, "job.abandoned", seen->job_id, 0, NULL)))
			goto undo;
	}
	if (db_commit(ctx->db, &ctx->fail))
		return true;
undo:
	db_rollback(ctx->db);
	return false;
}

bool idempotency_claim(struct ctx *ctx, struct idempotency_key *key, enum key_claim *claim_out)
{
	for (int attempt = 0; attempt < CLAIMS_MAX; attempt++) {
		struct seen seen;
		bool mine = false;
		*claim_out = KEY_MINE;
		key->token = (int64_t)(random_u64() >> 1);
		key->renewed_ms = monotonic_ms();
		if (!insert(ctx, key, &mine))
			return false;
		if (mine)
			return true;
		if (!look(ctx, key, &seen))
			return false;
		if (!seen.exists)
			continue; /* given up a moment ago */
		if (seen.reply_status && !seen.is_too_old) {
			*claim_out = KEY_KEPT;
			key->was_kept = true;
			key->reply_status = seen.reply_status;
			key->job_id = seen.job_id;
			return true;
		}
		if (!seen.reply_status && seen.is_held) {
			*claim_out = KEY_BUSY;
			return true;
		}
		if (!take_over(ctx, key, &seen, &mine))
			return false;
		if (mine)
			return true;
	}
	return fail_set(&ctx->fail, FAIL_RETRY, CODE_DATABASE_BUSY, "Many requests with this Idempotency-Key at once");
}

static bool still_mine(struct ctx *ctx, int64_t affected)
{
	return affected == 1 || fail_set(&ctx->fail, FAIL_CONFLICT, CODE_IDEMPOTENCY_IN_PROGRESS,
					 "This took so long that another request with the same Idempotency-Key went on with it");
}

bool idempotency_bind(struct ctx *ctx, int64_t job_id)
{
	struct idempotency_key *key = ctx->key;
	int64_t affected = 0;
	if (!key)
		return true;
	struct db_bytes hash = { key->key_hash, DIGEST_BYTES };
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_BIND], job_id, (int64_t)IDEMPOTENCY_LEASE_S,
		     ctx->actor->user_id, &hash, key->token))
		return false;
	key->renewed_ms = monotonic_ms();
	return still_mine(ctx, affected);
}

bool idempotency_renew(struct ctx *ctx, int64_t job_id)
{
	return !ctx->key || monotonic_ms() - ctx->key->renewed_ms < IDEMPOTENCY_RENEW_MS || idempotency_bind(ctx, job_id);
}

bool idempotency_keep(struct ctx *ctx, int64_t job_id, int64_t event_id)
{
	const struct idempotency_key *key = ctx->key;
	unsigned char content_hash[DIGEST_BYTES];
	int64_t affected = 0;
	if (!key)
		return true;
	/* A copy: a transaction that is replayed comes here again. */
	struct digest_state content = key->content;
	digest_end(&content, content_hash);
	struct db_bytes hash = { key->key_hash, DIGEST_BYTES }, whole = { content_hash, DIGEST_BYTES };
	return db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_KEEP], job_id, event_id, (int64_t)key->reply_status,
		       &whole, ctx->actor->user_id, &hash, key->token) &&
	       still_mine(ctx, affected);
}

bool idempotency_release(struct ctx *ctx)
{
	const struct idempotency_key *key = ctx->key;
	if (!key)
		return true;
	struct db_bytes hash = { key->key_hash, DIGEST_BYTES };
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_RELEASE], ctx->actor->user_id, &hash, key->token);
}

bool idempotency_purge(struct ctx *ctx, int64_t limit, int64_t *removed_out)
{
	return db_exec(ctx->db, &ctx->fail, removed_out, &statements[STMT_PURGE], limit);
}
