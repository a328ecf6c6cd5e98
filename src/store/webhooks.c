/* Rows of webhooks. */
#include "store/webhooks.h"

#include "base/config.h"
#include "base/ids.h"
#include "db/db.h"
#include "db/text.h"
#include "store/deliveries.h"
#include "store/row_version.h"
#include "store/sql_time.h"

#define FORGET_AT_ONCE 2000
#define SEALED_BYTES (WEBHOOK_SECRET_BYTES + SEAL_BYTES)

#define COLUMNS                                                                                                        \
	"w.id, w.label, w.url, w.takes, w.events, w.active, w.off_reason, w.created_by, COALESCE(u.display_name, ''), " \
	SQL_SECONDS("w.created_at") ","                                                                               \
	" (SELECT COUNT(*) FROM {webhook_deliveries} d WHERE d.webhook_id = w.id AND d.state = 'waiting'), "           \
	SQL_SECONDS("(SELECT MAX(d.tried_at) FROM {webhook_deliveries} d WHERE d.webhook_id = w.id AND d.state = 'delivered')") ","   \
	" COALESCE((SELECT d.problem FROM {webhook_deliveries} d WHERE d.webhook_id = w.id AND d.tried_at IS NOT NULL"      \
	" ORDER BY d.tried_at DESC, d.id DESC LIMIT 1), ''), w.row_version FROM {webhooks} w LEFT JOIN {users} u ON u.id = w.created_by"
#define COLUMN_TYPES "isssiisisiiisi"

enum { STMT_LIST, STMT_GET, STMT_COUNT, STMT_INSERT, STMT_SECRET, STMT_NEW_SECRET, STMT_UPDATE, STMT_DELETE, STMT_NAMEABLE };

static const struct db_stmt statements[] = {
	[STMT_LIST] = { "webhooks.list", "SELECT " COLUMNS " ORDER BY w.id LIMIT 200", "", COLUMN_TYPES },
	[STMT_GET] = { "webhooks.get", "SELECT " COLUMNS " WHERE w.id = ?", "i", COLUMN_TYPES },
	[STMT_COUNT] = { "webhooks.count", "SELECT COUNT(*) FROM {webhooks}", "", "i" },
	[STMT_INSERT] = { "webhooks.insert",
			  "INSERT INTO {webhooks} (label, url, takes, events, active, created_by, created_at, since)"
			  " VALUES (?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(), " SQL_NOW ")",
			  "sssiii", "" },
	[STMT_SECRET] = { "webhooks.secret", "UPDATE {webhooks} SET secret = ? WHERE id = ?", "bi", "" },
	/* Assignments run from left to right. */
	[STMT_NEW_SECRET] = { "webhooks.new_secret",
			      "UPDATE {webhooks} SET old_secret = secret, old_until = UTC_TIMESTAMP() + INTERVAL ? SECOND, secret = ? WHERE id = ?",
			      "ibi", "" },
	[STMT_UPDATE] = { "webhooks.update",
			  "UPDATE {webhooks} SET label = ?, url = ?, takes = ?, events = ?,"
			  " since = CASE WHEN active = 0 AND ? = 1 THEN " SQL_NOW " ELSE since END, active = ?, off_reason = ?,"
			  " row_version = row_version + 1 WHERE id = ? AND row_version = ?",
			  "sssiiisii", "" },
	[STMT_DELETE] = { "webhooks.delete", "DELETE FROM {webhooks} WHERE id = ? AND row_version = ?", "ii", "" },
	[STMT_NAMEABLE] = { "webhooks.nameable",
			    "SELECT COUNT(*) FROM {webhooks} WHERE id = ? AND active = 1 AND (takes <> 'own' OR created_by = ?)", "ii", "i" },
};
const struct db_stmt_table webhooks_statements = { "webhooks.c", statements, sizeof(statements) / sizeof(statements[0]) };

/* --- words ----------------------------------------------------------------------- */

static const char *const event_names[WEBHOOK_EVENT_COUNT] = {
	[WEBHOOK_COMPLETED] = "batch.completed", [WEBHOOK_PROBLEMS] = "batch.completed_with_problems",
	[WEBHOOK_FAILED] = "batch.failed",	 [WEBHOOK_CANCELLED] = "batch.cancelled",
	[WEBHOOK_UNDONE] = "batch.undone",
};
static const char *const takes_names[WEBHOOK_TAKES_COUNT] = { "own", "all", "named" };

const char *webhook_event_name(enum webhook_event event)
{
	return event_names[event];
}

static bool find(const char *const *names, int count, const char *name, int *index)
{
	for (*index = 0; *index < count; ++*index)
		if (strcmp(names[*index], name) == 0)
			return true;
	return false;
}

bool webhook_event_by_name(const char *name, enum webhook_event *event)
{
	int i;
	bool found = find(event_names, WEBHOOK_EVENT_COUNT, name, &i);
	*event = found ? (enum webhook_event)i : WEBHOOK_COMPLETED;
	return found;
}

enum webhook_event webhook_event_of(enum job_state state)
{
	if (state == JOB_SUCCEEDED)
		return WEBHOOK_COMPLETED;
	if (state == JOB_PARTIAL)
		return WEBHOOK_PROBLEMS;
	if (state == JOB_CANCELLED)
		return WEBHOOK_CANCELLED;
	return state == JOB_UNDONE || state == JOB_UNDO_PARTIAL ? WEBHOOK_UNDONE : WEBHOOK_FAILED;
}

const char *webhook_takes_name(enum webhook_takes takes)
{
	return takes_names[takes];
}

bool webhook_takes_by_name(const char *name, enum webhook_takes *takes)
{
	int i;
	bool found = find(takes_names, WEBHOOK_TAKES_COUNT, name, &i);
	*takes = found ? (enum webhook_takes)i : WEBHOOK_NAMED;
	return found;
}

/* --- rows ------------------------------------------------------------------------ */

static void from_row(const struct db_rows *rows, size_t row, struct webhook *webhook)
{
	*webhook = (struct webhook){
		.id = db_int(rows, row, 0),
		.label = db_str(rows, row, 1),
		.url = db_str(rows, row, 2),
		.events = (uint32_t)db_int(rows, row, 4),
		.is_active = db_int(rows, row, 5) != 0,
		.off_reason = db_str(rows, row, 6),
		.created_by = db_int(rows, row, 7),
		.created_by_name = db_str(rows, row, 8),
		.created_at = db_int(rows, row, 9),
		.waiting = db_int(rows, row, 10),
		.delivered_at = db_int(rows, row, 11),
		.last_problem = db_str(rows, row, 12),
		.row_version = db_int(rows, row, 13),
	};
	(void)webhook_takes_by_name(db_str(rows, row, 3), &webhook->takes);
}

bool webhooks_list(struct ctx *ctx, struct webhook **list, size_t *count)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LIST]))
		return false;
	*count = rows.count;
	*list = arena_array(ctx->arena, rows.count + 1, sizeof(**list));
	for (size_t i = 0; i < rows.count; i++)
		from_row(&rows, i, &(*list)[i]);
	return true;
}

bool webhook_get(struct ctx *ctx, int64_t id, struct webhook *webhook)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_GET], id))
		return false;
	if (!rows.count)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_WEBHOOK_NOT_FOUND, "There is no webhook %lld", (long long)id);
	from_row(&rows, 0, webhook);
	return true;
}

/* --- secrets ---------------------------------------------------------------------- */

/* A secret of one webhook is worth nothing in the row of another. */
static const char *purpose_of(struct ctx *ctx, int64_t id)
{
	return arena_printf(ctx->arena, "webhook %lld", (long long)id);
}

bool webhook_unseal(struct ctx *ctx, int64_t id, const void *sealed, size_t len, unsigned char key[WEBHOOK_SECRET_BYTES])
{
	return len == SEALED_BYTES && unseal(ctx->config->secret, purpose_of(ctx, id), sealed, len, key);
}

static void make_secret(struct ctx *ctx, int64_t id, unsigned char sealed[SEALED_BYTES], char text[WEBHOOK_SECRET_SIZE])
{
	unsigned char key[WEBHOOK_SECRET_BYTES];
	char base64[BASE64_SIZE(WEBHOOK_SECRET_BYTES)];
	random_bytes(key, sizeof(key));
	seal(ctx->config->secret, purpose_of(ctx, id), key, sizeof(key), sealed);
	base64_encode(key, sizeof(key), base64);
	snprintf(text, WEBHOOK_SECRET_SIZE, "whsec_%s", base64);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(base64, sizeof(base64));
}
_Static_assert(WEBHOOK_SECRET_SIZE >= 6 + BASE64_SIZE(WEBHOOK_SECRET_BYTES), "room for it");

bool webhook_insert(struct ctx *ctx, struct webhook *webhook, char secret[WEBHOOK_SECRET_SIZE])
{
	unsigned char sealed[SEALED_BYTES];
	struct db_bytes bytes = { sealed, sizeof(sealed) };
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_COUNT]))
		return false;
	if (db_int(&rows, 0, 0) >= WEBHOOKS_MAX)
		return fail_set(&ctx->fail, FAIL_LIMIT, CODE_TOO_MANY_WEBHOOKS, "There are %d webhooks; no more may be made", WEBHOOKS_MAX);
	if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_INSERT], webhook->label, webhook->url, takes_names[webhook->takes],
		     (int64_t)webhook->events, (int64_t)webhook->is_active, webhook->created_by))
		return false;
	webhook->id = db_insert_id(ctx->db);
	make_secret(ctx, webhook->id, sealed, secret);
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_SECRET], &bytes, webhook->id);
}

bool webhook_new_secret(struct ctx *ctx, int64_t id, char secret[WEBHOOK_SECRET_SIZE])
{
	unsigned char sealed[SEALED_BYTES];
	struct db_bytes bytes = { sealed, sizeof(sealed) };
	make_secret(ctx, id, sealed, secret);
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_NEW_SECRET], (int64_t)OLD_SECRET_S, &bytes, id);
}

bool webhook_update(struct ctx *ctx, const struct webhook *webhook, const char *off_reason)
{
	int64_t affected;
	return db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_UPDATE], webhook->label, webhook->url, takes_names[webhook->takes],
		       (int64_t)webhook->events, (int64_t)webhook->is_active, (int64_t)webhook->is_active,
		       webhook->is_active ? "" : off_reason, webhook->id, webhook->row_version) &&
	       row_is_met(ctx, affected) &&
	       (webhook->is_active || deliveries_give_up(ctx, webhook->id));
}

bool webhook_delete(struct ctx *ctx, const struct webhook *webhook)
{
	int64_t affected, removed;
	return db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_DELETE], webhook->id, webhook->row_version) &&
	       row_is_met(ctx, affected) && deliveries_forget(ctx, webhook->id, FORGET_AT_ONCE, &removed);
}

bool webhook_nameable(struct ctx *ctx, int64_t id, int64_t user_id, bool *yes)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_NAMEABLE], id, user_id))
		return false;
	*yes = db_int(&rows, 0, 0) > 0;
	return true;
}
