/* Rows of batch_item_nodes, batch_item_links and batch_stagings. */
#include "store/item_links.h"

#include "db/db.h"
#include "db/text.h"

/* As many rows to a query as an IN list or VALUES list takes. */
#define ROWS "1000"
_Static_assert(STAGING_STEP == 1000, "ROWS says the same");

enum {
	STMT_COPY_NODES,
	STMT_COPY_LINKS,
	STMT_BEGIN,
	STMT_GET,
	STMT_MOVE,
	STMT_FINISH_JOB,
	STMT_FINISH,
	STMT_NODES_PAGE,
	STMT_RESOLVE_LINKS,
	STMT_RESOLVE_NODES,
	STMT_FRONTIER,
	STMT_LINKS_PAGE,
	STMT_LOOK,
	STMT_WALK,
	STMT_UNSTAGED,
};

static const struct db_stmt statements[] = {
	[STMT_COPY_NODES] = { "item_nodes.copy",
			      "INSERT INTO {batch_item_nodes} (job_id, ordinal, item_key, needs, missing, stage)"
			      " SELECT ?, ordinal, item_key, needs, needs, CASE WHEN needs > 0 THEN -1 ELSE 0 END"
			      " FROM {batch_item_nodes} WHERE job_id = ? AND ordinal BETWEEN ? AND ?",
			      "iiii", "" },
	[STMT_COPY_LINKS] = { "item_links.copy",
			      "INSERT INTO {batch_item_links} (job_id, ordinal, position, needs_key, is_target)"
			      " SELECT ?, ordinal, position, needs_key, is_target FROM {batch_item_links}"
			      " WHERE job_id = ? AND ordinal BETWEEN ? AND ?",
			      "iiii", "" },
	[STMT_BEGIN] = { "stagings.begin", "INSERT IGNORE INTO {batch_stagings} (job_id) SELECT id FROM {batch_jobs} WHERE id = ? AND linked = 1", "i", "" },
	[STMT_GET] = { "stagings.get",
		       "SELECT step, phase, stage, after_ordinal, after_link, starts, found FROM {batch_stagings} WHERE job_id = ?",
		       "i", "iiiiiii" },
	[STMT_MOVE] = { "stagings.move",
			"UPDATE {batch_stagings} SET step = step + 1, phase = ?, stage = ?, after_ordinal = ?, after_link = ?,"
			" starts = ?, found = ? WHERE job_id = ? AND step = ?",
			"iiiiiiii", "" },
	[STMT_FINISH_JOB] = { "stagings.finish_job",
			      "UPDATE {batch_jobs} SET linked = 2, stages = (SELECT COALESCE(MAX(n.stage), 0) + 1"
			      " FROM {batch_item_nodes} n WHERE n.job_id = ?) WHERE id = ? AND linked = 1",
			      "ii", "" },
	[STMT_FINISH] = { "stagings.finish", "DELETE FROM {batch_stagings} WHERE job_id = ?", "i", "" },
	[STMT_NODES_PAGE] = { "item_nodes.page",
			      "SELECT n.ordinal, (SELECT MIN(m.ordinal) FROM {batch_item_nodes} m FORCE INDEX (item_key)"
			      " WHERE m.job_id = n.job_id AND m.item_key = n.item_key) FROM {batch_item_nodes} n WHERE n.job_id = ? AND n.ordinal > ?"
			      " ORDER BY n.ordinal LIMIT " ROWS,
			      "ii", "ii" },
	[STMT_RESOLVE_LINKS] = { "item_links.resolve",
				 "UPDATE {batch_item_links} l SET l.needs_ordinal = COALESCE((SELECT MIN(n.ordinal)"
				 " FROM {batch_item_nodes} n FORCE INDEX (item_key)"
				 " WHERE n.job_id = l.job_id AND n.item_key = l.needs_key), -2)"
				 " WHERE l.job_id = ? AND l.ordinal BETWEEN ? AND ?",
				 "iii", "" },
	/* What leads nowhere need not be waited for: its item fails by itself. */
	[STMT_RESOLVE_NODES] = { "item_nodes.resolve",
				 "UPDATE {batch_item_nodes} n JOIN (SELECT l.ordinal, COUNT(*) AS unknown FROM {batch_item_links} l"
				 " WHERE l.job_id = ? AND l.ordinal BETWEEN ? AND ? AND l.needs_ordinal = -2 GROUP BY l.ordinal) u"
				 " ON u.ordinal = n.ordinal SET n.stage = CASE WHEN n.missing = u.unknown THEN 0 ELSE n.stage END,"
				 " n.missing = n.needs - u.unknown WHERE n.job_id = ?",
				 "iiii", "" },
	[STMT_FRONTIER] = { "item_nodes.frontier",
			    "SELECT MAX(f.ordinal), COUNT(*) FROM (SELECT ordinal FROM {batch_item_nodes} WHERE job_id = ?"
			    " AND stage = ? AND ordinal >= ? ORDER BY ordinal LIMIT " ROWS ") f",
			    "iii", "ii" },
	[STMT_LINKS_PAGE] = { "item_links.page",
			      "SELECT l.needs_ordinal, l.ordinal FROM {batch_item_nodes} f FORCE INDEX (stage)"
			      " STRAIGHT_JOIN {batch_item_links} l FORCE INDEX (needs)"
			      " ON l.job_id = f.job_id AND l.needs_ordinal = f.ordinal WHERE f.job_id = ? AND f.stage = ?"
			      " AND f.ordinal BETWEEN ? AND ? AND (f.ordinal > ? OR l.ordinal > ?)"
			      " ORDER BY l.needs_ordinal, l.ordinal LIMIT " ROWS,
			      "iiiiii", "ii" },
	[STMT_LOOK] = { "item_nodes.look",
			"SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM {batch_item_nodes} WHERE job_id = ? AND stage = ? LIMIT 1) a),"
			" COALESCE((SELECT MIN(ordinal) FROM {batch_item_nodes} WHERE job_id = ? AND stage = -1 AND ordinal > ?), -1)",
			"iiii", "ii" },
	[STMT_WALK] = { "item_nodes.walk",
			"WITH RECURSIVE walk (step, ordinal) AS (SELECT 0, CAST(? AS SIGNED) UNION ALL"
			" SELECT w.step + 1, (SELECT l.needs_ordinal FROM {batch_item_links} l FORCE INDEX (PRIMARY)"
			" STRAIGHT_JOIN {batch_item_nodes} n ON n.job_id = l.job_id AND n.ordinal = l.needs_ordinal WHERE l.job_id = ? AND l.ordinal = w.ordinal"
			" AND n.stage = -1 ORDER BY l.position LIMIT 1) FROM walk w WHERE w.step < 500 AND w.ordinal IS NOT NULL)"
			" SELECT w.ordinal, k.item_key FROM walk w JOIN {batch_item_nodes} k ON k.job_id = ? AND k.ordinal = w.ordinal"
			" ORDER BY w.step",
			"iii", "is" },
	[STMT_UNSTAGED] = { "item_nodes.unstaged",
			    "SELECT ordinal FROM {batch_item_nodes} WHERE job_id = ? AND stage = -1 ORDER BY ordinal LIMIT " ROWS, "i", "i" },
};
_Static_assert(WALK_MAX == 500, "item_nodes.walk says the same");
const struct db_stmt_table item_links_statements = { "item_links.c", statements, sizeof(statements) / sizeof(statements[0]) };

/* --- receiving ------------------------------------------------------------------ */

static bool insert_nodes(struct ctx *ctx, int64_t job_id, int64_t first, const struct item_input *list, size_t count)
{
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {batch_item_nodes}"
					     " (job_id, ordinal, item_key, needs, missing, stage) VALUES ");
	bool any = false;
	for (size_t i = 0; i < count; i++) {
		const struct item_links *links = list[i].links;
		if (!links)
			continue;
		any = true;
		db_text_row(text);
		db_text_i64(text, job_id);
		db_text_i64(text, first + (int64_t)i);
		db_text_str(text, links->key);
		db_text_i64(text, (int64_t)links->count);
		db_text_i64(text, (int64_t)links->count);
		db_text_i64(text, links->count ? -1 : 0);
		db_text_end_row(text);
	}
	return !any || db_text_exec(text, NULL, &ctx->fail);
}

static void link_rows(struct db_text *text, int64_t job_id, int64_t ordinal, const struct item_links *links)
{
	for (size_t k = 0; k < links->count; k++) {
		db_text_row(text);
		db_text_i64(text, job_id);
		db_text_i64(text, ordinal);
		db_text_i64(text, (int64_t)k);
		db_text_str(text, links->list[k].key);
		db_text_i64(text, links->list[k].is_target);
		db_text_end_row(text);
	}
}

bool item_links_insert(struct ctx *ctx, int64_t job_id, int64_t first, const struct item_input *list, size_t count)
{
	if (!insert_nodes(ctx, job_id, first, list, count))
		return false;
	for (size_t i = 0; i < count;) {
		bool any = false;
		struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {batch_item_links}"
						     " (job_id, ordinal, position, needs_key, is_target) VALUES ");
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			if (!list[i].links || !list[i].links->count)
				continue;
			any = true;
			link_rows(text, job_id, first + (int64_t)i, list[i].links);
		}
		if (any && !db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}

bool item_links_copy(struct ctx *ctx, int64_t from_job, int64_t to_job, int64_t first, int64_t last)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_COPY_NODES], to_job, from_job, first, last) &&
	       db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_COPY_LINKS], to_job, from_job, first, last);
}

/* --- where staging stands ---------------------------------------------------------- */

bool staging_get(struct ctx *ctx, int64_t job_id, struct staging *staging)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_GET], job_id))
		return false;
	*staging = (struct staging){ .after_ordinal = -1, .after_link = -1 };
	if (!rows.count)
		return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_BEGIN], job_id);
	*staging = (struct staging){ db_int(&rows, 0, 0), (int32_t)db_int(&rows, 0, 1), (int32_t)db_int(&rows, 0, 2),
				     db_int(&rows, 0, 3), db_int(&rows, 0, 4), db_int(&rows, 0, 5), db_int(&rows, 0, 6) };
	return true;
}

bool staging_move(struct ctx *ctx, int64_t job_id, const struct staging *seen, const struct staging *next, bool *mine_out)
{
	int64_t affected = 0;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_MOVE], (int64_t)next->phase, (int64_t)next->stage,
		     next->after_ordinal, next->after_link, next->starts, next->found, job_id, seen->step))
		return false;
	*mine_out = affected == 1;
	return true;
}

bool staging_finish(struct ctx *ctx, int64_t job_id)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_FINISH_JOB], job_id, job_id) &&
	       db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_FINISH], job_id);
}

/* --- steps --------------------------------------------------------------------------- */

static struct ordinals ordinals_of(struct ctx *ctx, const struct db_rows *rows)
{
	struct ordinals page = { arena_array(ctx->arena, rows->count + 1, sizeof(*page.list)), rows->count };
	for (size_t i = 0; i < rows->count; i++)
		page.list[i] = db_int(rows, i, 0);
	return page;
}

bool nodes_page(struct ctx *ctx, int64_t job_id, int64_t after, struct ordinals *page, struct ordinals *twice)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_NODES_PAGE], job_id, after))
		return false;
	*page = ordinals_of(ctx, &rows);
	*twice = (struct ordinals){ arena_array(ctx->arena, rows.count + 1, sizeof(*twice->list)), 0 };
	for (size_t i = 0; i < rows.count; i++)
		if (!db_at(&rows, i, 1)->is_null && db_int(&rows, i, 1) < page->list[i])
			twice->list[twice->count++] = page->list[i];
	return true;
}

bool links_resolve(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_RESOLVE_LINKS], job_id, first, last) &&
	       db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_RESOLVE_NODES], job_id, first, last, job_id);
}

bool links_page(struct ctx *ctx, int64_t job_id, const struct staging *staging, struct link_pair **pairs, size_t *count,
		int64_t *to_out, bool *more_nodes_out)
{
	struct db_rows rows;
	int64_t stage = staging->stage, from = staging->after_ordinal < 0 ? 0 : staging->after_ordinal;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_FRONTIER], job_id, stage, from))
		return false;
	*count = 0;
	*to_out = db_int(&rows, 0, 1) ? db_int(&rows, 0, 0) : -1;
	*more_nodes_out = db_int(&rows, 0, 1) == STAGING_STEP;
	if (*to_out < 0)
		return true;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LINKS_PAGE], job_id, stage, from, *to_out,
		      staging->after_ordinal, staging->after_link))
		return false;
	*count = rows.count;
	*pairs = arena_array(ctx->arena, rows.count + 1, sizeof(**pairs));
	for (size_t i = 0; i < rows.count; i++)
		(*pairs)[i] = (struct link_pair){ db_int(&rows, i, 0), db_int(&rows, i, 1) };
	return true;
}

bool nodes_step(struct ctx *ctx, int64_t job_id, const struct node_step *list, size_t count, int32_t stage)
{
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {batch_item_nodes} (job_id, ordinal, needs, missing, stage) VALUES ");
	for (size_t i = 0; i < count; i++) {
		db_text_row(text);
		db_text_i64(text, job_id);
		db_text_i64(text, list[i].ordinal);
		db_text_i64(text, 0);
		db_text_i64(text, list[i].met);
		db_text_i64(text, stage);
		db_text_end_row(text);
	}
	/* All of them exist.  A node may have its stage already: it was in a cycle. */
	db_text_lit(text, " ON DUPLICATE KEY UPDATE stage = CASE WHEN stage = -1 AND missing = VALUES(missing)"
			  " THEN VALUES(stage) ELSE stage END, missing = missing - VALUES(missing)");
	return db_text_exec(text, NULL, &ctx->fail);
}

bool nodes_look(struct ctx *ctx, int64_t job_id, int32_t stage, int64_t after, bool *any_out, int64_t *unstaged_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LOOK], job_id, (int64_t)stage, job_id, after))
		return false;
	*any_out = db_int(&rows, 0, 0) != 0;
	*unstaged_out = db_int(&rows, 0, 1);
	return true;
}

bool nodes_walk(struct ctx *ctx, int64_t job_id, int64_t from, struct walk_step **list, size_t *count)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_WALK], from, job_id, job_id))
		return false;
	*count = rows.count;
	*list = arena_array(ctx->arena, rows.count + 1, sizeof(**list));
	for (size_t i = 0; i < rows.count; i++)
		(*list)[i] = (struct walk_step){ db_int(&rows, i, 0), db_str(&rows, i, 1) };
	return true;
}

bool nodes_set_fault(struct ctx *ctx, int64_t job_id, const struct ordinals *nodes, enum node_fault fault, int32_t stage,
		     const char *cycle)
{
	if (!nodes->count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {batch_item_nodes} SET fault = ");
	db_text_i64(text, fault);
	if (stage >= 0) {
		db_text_lit(text, ", stage = ");
		db_text_i64(text, stage);
	}
	if (cycle) {
		db_text_lit(text, ", cycle_ids = ");
		db_text_str(text, cycle);
	}
	db_text_lit(text, " WHERE job_id = ");
	db_text_i64(text, job_id);
	db_text_lit(text, " AND ordinal IN ");
	db_text_list(text, nodes->list, nodes->count);
	return db_text_exec(text, NULL, &ctx->fail);
}

bool nodes_unstaged(struct ctx *ctx, int64_t job_id, struct ordinals *page)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_UNSTAGED], job_id))
		return false;
	*page = ordinals_of(ctx, &rows);
	return true;
}
