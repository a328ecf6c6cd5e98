/* Rows of webhook_deliveries. */
#include "store/deliveries.h"

#include "base/ids.h"
#include "db/db.h"
#include "db/text.h"
#include "store/sql_time.h"

#define IS_FREE "d.state = 'waiting' AND (d.lease_until IS NULL OR d.lease_until < " SQL_NOW ")"
#define DUE_COLUMNS                                                                                                      \
	"SELECT d.id, d.webhook_id, d.job_id, d.event, d.message_id, d.payload, w.url, d.attempts, w.secret,"            \
	" CASE WHEN w.old_until > UTC_TIMESTAMP() THEN w.old_secret END, " SQL_SECONDS(SQL_NOW)                           \
	" FROM {webhook_deliveries} d JOIN {webhooks} w ON w.id = d.webhook_id AND w.active = 1 WHERE "
#define DUE_TYPES "iiissssibbi"

enum {
	STMT_UNTOLD,
	STMT_TAKE_JOB,
	STMT_RECEIVERS,
	STMT_TEST,
	STMT_DUE,
	STMT_DUE_ONE,
	STMT_CLAIM,
	STMT_END,
	STMT_GONE,
	STMT_GIVE_UP,
	STMT_RETRY,
	STMT_FORGET,
};

static const struct db_stmt statements[] = {
	/* Without a webhook the comparison is with NULL: the key is not read. */
	[STMT_UNTOLD] = { "deliveries.untold",
			  "SELECT id FROM {batch_jobs} WHERE untold = 1 AND finished_at >="
			  " (SELECT MIN(w.since) FROM {webhooks} w WHERE w.active = 1) ORDER BY finished_at LIMIT 1",
			  "", "i" },
	[STMT_TAKE_JOB] = { "deliveries.take_job",
			    "UPDATE {batch_jobs} SET told_epoch = epoch WHERE id = ? AND untold = 1"
			    " AND EXISTS (SELECT 1 FROM {webhooks} w WHERE w.active = 1)",
			    "i", "" },
	[STMT_RECEIVERS] = { "deliveries.receivers",
			     "SELECT w.id FROM {batch_jobs} j JOIN {webhooks} w ON w.active = 1 AND j.finished_at >= w.since AND w.events & ? <> 0"
			     " AND (w.takes = 'all' OR w.takes = 'own' AND w.created_by = j.created_by"
			     " OR w.takes = 'named' AND w.id = JSON_EXTRACT(j.options, '$.notify.webhook_id')) WHERE j.id = ? LIMIT 50",
			     "ii", "i" },
	[STMT_TEST] = { "deliveries.test",
			"INSERT INTO {webhook_deliveries} (webhook_id, job_id, event, message_id, payload, next_at, created_at)"
			" VALUES (?, 0, '" DELIVERY_TEST "', ?, ?, " SQL_NOW ", " SQL_NOW ")",
			"iss", "" },
	[STMT_DUE] = { "deliveries.due",
		       DUE_COLUMNS IS_FREE " AND d.next_at <= " SQL_NOW
		       " AND NOT EXISTS (SELECT 1 FROM {webhook_deliveries} o WHERE o.lease_until >= " SQL_NOW " AND o.webhook_id = d.webhook_id)"
		       " ORDER BY d.next_at LIMIT 1",
		       "", DUE_TYPES },
	[STMT_DUE_ONE] = { "deliveries.due_one", DUE_COLUMNS IS_FREE " AND d.id = ?", "i", DUE_TYPES },
	[STMT_CLAIM] = { "deliveries.claim",
			 "UPDATE {webhook_deliveries} d SET d.token = ?, d.attempts = d.attempts + 1,"
			 " d.lease_until = " SQL_NOW " + INTERVAL ? SECOND WHERE d.id = ? AND d.attempts = ? AND " IS_FREE,
			 "iiii", "" },
	[STMT_END] = { "deliveries.end",
		       "UPDATE {webhook_deliveries} SET state = ?, problem = ?, detail = ?, reply = ?, reply_code = ?, took_ms = ?,"
		       " next_at = " SQL_NOW " + INTERVAL ? SECOND, lease_until = NULL, tried_at = " SQL_NOW
		       " WHERE id = ? AND token = ? AND state = 'waiting'",
		       "ssssiiiii", "" },
	[STMT_GONE] = { "deliveries.gone", "UPDATE {webhooks} SET active = 0, off_reason = 'gone', row_version = row_version + 1 WHERE id = ?", "i", "" },
	[STMT_GIVE_UP] = { "deliveries.give_up",
			   "UPDATE {webhook_deliveries} SET state = 'failed', lease_until = NULL, problem = 'switched_off',"
			   " detail = 'The webhook was switched off before it arrived' WHERE webhook_id = ? AND state = 'waiting'",
			   "i", "" },
	[STMT_RETRY] = { "deliveries.retry",
			 "UPDATE {webhook_deliveries} SET state = 'waiting', attempts = 0, next_at = " SQL_NOW
			 " WHERE id = ? AND webhook_id = ? AND state <> 'delivered' AND (lease_until IS NULL OR lease_until < " SQL_NOW ")",
			 "ii", "" },
	[STMT_FORGET] = { "deliveries.forget", "DELETE FROM {webhook_deliveries} WHERE webhook_id = ? LIMIT ?", "ii", "" },
};
const struct db_stmt_table deliveries_statements = { "deliveries.c", statements, sizeof(statements) / sizeof(statements[0]) };

/* --- from batches --------------------------------------------------------------- */

bool delivery_untold_job(struct ctx *ctx, int64_t *job_id)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_UNTOLD]))
		return false;
	*job_id = rows.count ? db_int(&rows, 0, 0) : 0;
	return true;
}

bool delivery_take_job(struct ctx *ctx, int64_t job_id, bool *mine)
{
	int64_t affected = 0;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_TAKE_JOB], job_id))
		return false;
	*mine = affected == 1;
	return true;
}

bool delivery_receivers(struct ctx *ctx, int64_t job_id, enum webhook_event event, int64_t *ids, size_t *count)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_RECEIVERS], (int64_t)(1u << event), job_id))
		return false;
	for (*count = 0; *count < rows.count && *count < WEBHOOKS_MAX; ++*count)
		ids[*count] = db_int(&rows, *count, 0);
	return true;
}

static const char *make_message_id(struct ctx *ctx)
{
	unsigned char bytes[16];
	char hex[2 * sizeof(bytes) + 1];
	random_bytes(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), hex);
	return arena_printf(ctx->arena, "msg_%s", hex);
}

bool deliveries_insert(struct ctx *ctx, const struct job *job, const char *event, const char *payload, const int64_t *webhook_ids,
		       size_t count)
{
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {webhook_deliveries} (webhook_id, job_id, epoch, event, message_id,"
						      " payload, next_at, created_at) VALUES ");
	for (size_t i = 0; i < count; i++) {
		db_text_row(text);
		db_text_i64(text, webhook_ids[i]);
		db_text_i64(text, job->id);
		db_text_i64(text, job->epoch);
		db_text_str(text, event);
		db_text_str(text, make_message_id(ctx));
		db_text_str(text, payload);
		db_text_sql(text, SQL_NOW);
		db_text_sql(text, SQL_NOW);
		db_text_end_row(text);
	}
	db_text_lit(text, " ON DUPLICATE KEY UPDATE event = VALUES(event)");
	return db_text_exec(text, NULL, &ctx->fail);
}

bool delivery_insert_test(struct ctx *ctx, int64_t webhook_id, const char *payload, int64_t *id)
{
	if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_TEST], webhook_id, make_message_id(ctx), payload))
		return false;
	*id = db_insert_id(ctx->db);
	return true;
}

/* --- sending ---------------------------------------------------------------------- */

static void read_key(struct ctx *ctx, const struct db_value *sealed, struct delivery *delivery)
{
	if (!sealed->is_null && webhook_unseal(ctx, delivery->webhook_id, sealed->s, sealed->len, delivery->keys[delivery->key_count]))
		delivery->key_count++;
}

static void read_due(struct ctx *ctx, const struct db_rows *rows, struct delivery *delivery)
{
	*delivery = (struct delivery){
		.id = db_int(rows, 0, 0),
		.webhook_id = db_int(rows, 0, 1),
		.job_id = db_int(rows, 0, 2),
		.event = db_str(rows, 0, 3),
		.message_id = db_str(rows, 0, 4),
		.payload = db_str(rows, 0, 5),
		.url = db_str(rows, 0, 6),
		.attempts = (int32_t)db_int(rows, 0, 7) + 1,
		.now_utc = db_int(rows, 0, 10),
	};
	read_key(ctx, db_at(rows, 0, 8), delivery);
	/* The old one alone would sign for nobody. */
	if (delivery->key_count)
		read_key(ctx, db_at(rows, 0, 9), delivery);
}

bool delivery_claim(struct ctx *ctx, int64_t id, struct delivery *delivery, bool *found)
{
	struct db_rows rows;
	int64_t affected = 0;
	*found = false;
	if (!(id ? db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_DUE_ONE], id)
		 : db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_DUE])))
		return false;
	if (!rows.count)
		return true;
	read_due(ctx, &rows, delivery);
	delivery->token = (random_u64() >> 1) | 1;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_CLAIM], (int64_t)delivery->token, (int64_t)DELIVERY_LEASE_S,
		     delivery->id, (int64_t)delivery->attempts - 1))
		return false;
	*found = affected == 1;
	return true;
}

bool delivery_end(struct ctx *ctx, const struct delivery *delivery, const struct delivery_end *end)
{
	const char *state = !end->problem[0] ? "delivered" : end->again_in_s < 0 ? "failed" : "waiting";
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_END], state, end->problem, end->detail, end->reply,
		       (int64_t)end->reply_code, (int64_t)end->took_ms, end->again_in_s > 0 ? end->again_in_s : (int64_t)0, delivery->id,
		       (int64_t)delivery->token);
}

bool delivery_gone(struct ctx *ctx, const struct delivery *delivery)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_GONE], delivery->webhook_id) && deliveries_give_up(ctx, delivery->webhook_id);
}

bool deliveries_give_up(struct ctx *ctx, int64_t webhook_id)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_GIVE_UP], webhook_id);
}

bool delivery_retry(struct ctx *ctx, int64_t webhook_id, int64_t id)
{
	int64_t affected = 0;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_RETRY], id, webhook_id))
		return false;
	return affected == 1 || fail_set(&ctx->fail, FAIL_CONFLICT, CODE_ILLEGAL_TRANSITION,
					 "It has arrived already, or is being sent in this moment");
}

bool deliveries_forget(struct ctx *ctx, int64_t webhook_id, int64_t limit, int64_t *removed)
{
	return db_exec(ctx->db, &ctx->fail, removed, &statements[STMT_FORGET], webhook_id, limit);
}

/* --- looking ------------------------------------------------------------------------ */

bool deliveries_list(struct ctx *ctx, const struct delivery_filter *filter, struct delivery_row **list, size_t *count)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(
		ctx->db, "SELECT id, job_id, event, message_id, state, problem, detail, reply, attempts, reply_code, took_ms,"
			 " COALESCE(lease_until >= " SQL_NOW ", 0), " SQL_SECONDS("created_at") ", " SQL_SECONDS("tried_at") ", " SQL_SECONDS("next_at")
			 " FROM {webhook_deliveries} WHERE webhook_id = ");
	db_text_i64(text, filter->webhook_id);
	if (filter->id) {
		db_text_lit(text, " AND id = ");
		db_text_i64(text, filter->id);
	}
	if (filter->state) {
		db_text_lit(text, " AND state = ");
		db_text_str(text, filter->state);
	}
	if (filter->before_id) {
		db_text_lit(text, " AND id < ");
		db_text_i64(text, filter->before_id);
	}
	db_text_lit(text, " ORDER BY id DESC LIMIT ");
	db_text_i64(text, filter->limit);
	if (!db_text_query(text, "iissssssiiiiiii", ctx->arena, &rows, &ctx->fail))
		return false;
	*count = rows.count;
	*list = arena_array(ctx->arena, rows.count + 1, sizeof(**list));
	for (size_t i = 0; i < rows.count; i++)
		(*list)[i] = (struct delivery_row){
			.id = db_int(&rows, i, 0),	     .job_id = db_int(&rows, i, 1),
			.event = db_str(&rows, i, 2),	     .message_id = db_str(&rows, i, 3),
			.state = db_str(&rows, i, 4),	     .problem = db_str(&rows, i, 5),
			.detail = db_str(&rows, i, 6),	     .reply = db_str(&rows, i, 7),
			.attempts = (int32_t)db_int(&rows, i, 8), .reply_code = (int32_t)db_int(&rows, i, 9),
			.took_ms = (int32_t)db_int(&rows, i, 10), .is_under_way = db_int(&rows, i, 11) != 0,
			.created_at = db_int(&rows, i, 12),  .tried_at = db_int(&rows, i, 13),
			.next_at = db_int(&rows, i, 14),
		};
	return true;
}
