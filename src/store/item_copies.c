/* Items made from other items and from queries. */
#include "db/db.h"
#include "store/item_links.h"

#define QUERY_IN_INPUT "(JSON_VALID(input) AND JSON_EXTRACT(input, '$.selector.query') IS NOT NULL)"
#define UNREADABLE_INPUT "LEFT(input, 1) = '\"'"

enum { STMT_COPY, STMT_COPY_READY, STMT_COPY_READY_NODES, STMT_COPY_READY_LINKS, STMT_COPY_ERRORS, STMT_COPY_QUERIES, STMT_ANY_IN_ORDER, STMT_SET_TARGET, STMT_SETTLE, STMT_EXPLAIN };
/* What an evaluation found ready, but what is stored already, in its order. */
#define FROM_READY                                                                                                     \
	" FROM {batch_job_items} WHERE job_id = ? AND ordinal BETWEEN ? AND ? AND verdict = 1 AND target_id = 0"        \
	" AND JSON_EXTRACT(input, '$.selector') IS NULL AND JSON_EXTRACT(input, '$.event_id') IS NULL"
#define FROM_NUMBERED                                                                                                  \
	" FROM (SELECT job_id, ordinal, ? - 1 + ROW_NUMBER() OVER (ORDER BY ordinal) AS ordinal_now" FROM_READY ") r"
static const struct db_stmt statements[] = {
	[STMT_COPY] = { "items.copy",
			"INSERT INTO {batch_job_items} (job_id, ordinal, outcome, target_id, client_id, input)"
			" SELECT ?, ordinal, CASE WHEN " UNREADABLE_INPUT " THEN 5 ELSE 0 END,"
			" CASE WHEN " QUERY_IN_INPUT " THEN 0 ELSE target_id END, client_id, input"
			" FROM {batch_job_items} WHERE job_id = ? AND ordinal BETWEEN ? AND ?",
			"iiii", "" },
	[STMT_COPY_READY] = { "items.copy_ready",
			      "INSERT INTO {batch_job_items} (job_id, ordinal, outcome, target_id, client_id, input)"
			      " SELECT ?, ? - 1 + ROW_NUMBER() OVER (ORDER BY ordinal), 0, 0, client_id, input" FROM_READY,
			      "iiiii", "" },
	[STMT_COPY_READY_NODES] = { "items.copy_ready_nodes",
				    "INSERT INTO {batch_item_nodes} (job_id, ordinal, item_key, needs, missing, stage)"
				    " SELECT ?, r.ordinal_now, n.item_key, n.needs, n.needs, CASE WHEN n.needs > 0 THEN -1 ELSE 0 END" FROM_NUMBERED
				    " JOIN {batch_item_nodes} n ON n.job_id = r.job_id AND n.ordinal = r.ordinal",
				    "iiiii", "" },
	[STMT_COPY_READY_LINKS] = { "items.copy_ready_links",
				    "INSERT INTO {batch_item_links} (job_id, ordinal, position, needs_key, is_target)"
				    " SELECT ?, r.ordinal_now, l.position, l.needs_key, l.is_target" FROM_NUMBERED
				    " JOIN {batch_item_links} l ON l.job_id = r.job_id AND l.ordinal = r.ordinal",
				    "iiiii", "" },
	[STMT_COPY_ERRORS] = { "items.copy_errors",
			       "INSERT INTO {batch_item_errors} (job_id, ordinal, outcome, code, detail)"
			       " SELECT ?, x.ordinal, x.outcome, x.code, x.detail FROM {batch_item_errors} x"
			       " JOIN {batch_job_items} i ON i.job_id = x.job_id AND i.ordinal = x.ordinal"
			       " WHERE x.job_id = ? AND x.ordinal BETWEEN ? AND ? AND " UNREADABLE_INPUT,
			       "iiii", "" },
	[STMT_COPY_QUERIES] = { "items.copy_queries",
				"INSERT INTO {batch_expansions} (job_id, ordinal, direction) SELECT ?, ordinal,"
				" COALESCE(-SIGN(JSON_EXTRACT(input, '$.values.shift_s')), 0) FROM {batch_job_items}"
				" WHERE job_id = ? AND ordinal BETWEEN ? AND ? AND " QUERY_IN_INPUT,
				"iiii", "" },
	[STMT_ANY_IN_ORDER] = { "expansions.any_in_order",
				"SELECT COUNT(*) FROM {batch_expansions} WHERE job_id = ? AND direction <> 0", "i", "i" },
	[STMT_SET_TARGET] = { "items.set_target", "UPDATE {batch_job_items} SET target_id = ? WHERE job_id = ? AND ordinal = ?",
			      "iii", "" },
	[STMT_SETTLE] = { "items.settle", "UPDATE {batch_job_items} SET outcome = ? WHERE job_id = ? AND ordinal = ?", "iii", "" },
	[STMT_EXPLAIN] = { "items.explain",
			   "INSERT INTO {batch_item_errors} (job_id, ordinal, outcome, code, detail) VALUES (?, ?, ?, ?, ?)",
			   "iiiss", "" },
};
const struct db_stmt_table item_copies_statements = { "item_copies.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool items_copy(struct ctx *ctx, int64_t from_job, int64_t to_job, int64_t first, int64_t last, struct received *received)
{
	struct db_rows rows;
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_COPY], to_job, from_job, first, last) &&
	       db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_COPY_ERRORS], to_job, from_job, first, last) &&
	       db_exec(ctx->db, &ctx->fail, &received->queries, &statements[STMT_COPY_QUERIES], to_job, from_job, first, last) &&
	       db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_ANY_IN_ORDER], to_job) &&
	       (received->in_order = db_int(&rows, 0, 0) != 0, true) &&
	       (!received->is_linked || item_links_copy(ctx, from_job, to_job, first, last));
}

bool items_copy_ready(struct ctx *ctx, int64_t from_job, int64_t to_job, int64_t first, int64_t last, int64_t next_ordinal,
		      struct received *received)
{
	if (!db_exec(ctx->db, &ctx->fail, &received->items, &statements[STMT_COPY_READY], to_job, next_ordinal, from_job, first, last))
		return false;
	return !received->is_linked ||
	       (db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_COPY_READY_NODES], to_job, next_ordinal, from_job, first, last) &&
		db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_COPY_READY_LINKS], to_job, next_ordinal, from_job, first, last));
}

bool item_set_target(struct ctx *ctx, int64_t job_id, int64_t ordinal, int64_t event_id)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_SET_TARGET], event_id, job_id, ordinal);
}

bool item_settle(struct ctx *ctx, int64_t job_id, int64_t ordinal, enum outcome outcome, enum code code,
		 const char *message)
{
	const struct code_info *info = code_info(code);
	const char *detail =
		outcome == OUTCOME_FAILED
			? arena_printf(ctx->arena, "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\",\"pointer\":\"/selector/query\","
						   "\"suggestion\":\"%s\",\"recoverable\":true}],\"warnings\":[]}",
				       info->name, message, info->fix)
			: arena_printf(ctx->arena, "{\"errors\":[],\"warnings\":[{\"code\":\"%s\",\"message\":\"%s\"}]}", info->name,
				       message);
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_SETTLE], (int64_t)outcome, job_id, ordinal) &&
	       db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_EXPLAIN], job_id, ordinal, (int64_t)outcome, info->name, detail);
}
