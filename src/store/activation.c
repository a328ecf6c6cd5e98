#include "store/activation.h"

#include "db/db.h"
#include "db/text.h"
#include "store/sql_time.h"
#include "store/visible.h"

#define DUE                                                                                                            \
	"e.status = 'scheduled' AND e.next_due_at <= UTC_TIMESTAMP() AND e.job_unpublished = 0 AND " EVENT_IS_STORED("e")

enum { STMT_DUE, STMT_TURN, STMT_OPEN, STMT_TAKE, STMT_LEASE };
static const struct db_stmt statements[] = {
	[STMT_DUE] = { "activation.due", "SELECT e.id FROM {scheduled_events} e FORCE INDEX (due) WHERE " DUE " LIMIT 1", "", "i" },
	[STMT_TURN] = { "activation.turn",
			"UPDATE {maintenance} SET due_at = " SQL_NOW " + INTERVAL 1 SECOND, ran_at = " SQL_NOW
			" WHERE name = 'activate' AND due_at <= " SQL_NOW,
			"", "" },
	[STMT_OPEN] = { "activation.open",
			"SELECT COUNT(*) FROM {batch_jobs} WHERE created_by = 0 AND phase IN ('pending', 'processing')"
			" AND type = 'activate'",
			"", "i" },
	/* By the key, in the order of status and moment. */
	[STMT_TAKE] = { "activation.take",
			"INSERT INTO {batch_job_items} (job_id, ordinal, target_id, input) SELECT ?, ROW_NUMBER() OVER"
			" (ORDER BY d.next_due_at, d.priority, d.id) - 1, d.id, JSON_OBJECT('event_id', d.id,"
			" 'due_at', DATE_FORMAT(d.next_due_at, '%Y-%m-%dT%H:%i:%sZ')) FROM (SELECT e.id, e.priority,"
			" e.next_due_at FROM {scheduled_events} e FORCE INDEX (due) WHERE " DUE " ORDER BY e.next_due_at LIMIT ?) d",
			"ii", "" },
	[STMT_LEASE] = { "activation.lease",
			 "UPDATE {batch_job_items} i STRAIGHT_JOIN {scheduled_events} e ON e.id = i.target_id"
			 " SET e.next_due_at = UTC_TIMESTAMP() + INTERVAL ? SECOND, e.updated_at = e.updated_at WHERE i.job_id = ?",
			 "ii", "" },
};
const struct db_stmt_table activation_statements = { "activation.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool activation_is_due(struct ctx *ctx, bool *due_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_DUE]))
		return false;
	*due_out = rows.count > 0;
	return true;
}

bool activation_turn(struct ctx *ctx, bool *mine_out)
{
	struct db_rows rows;
	int64_t affected = 0;
	*mine_out = false;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_TURN]))
		return false;
	if (affected != 1)
		return true;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_OPEN]))
		return false;
	*mine_out = db_int(&rows, 0, 0) == 0;
	return true;
}

bool activation_take(struct ctx *ctx, int64_t job_id, int32_t limit, int64_t *count_out)
{
	return db_exec(ctx->db, &ctx->fail, count_out, &statements[STMT_TAKE], job_id, (int64_t)limit) &&
	       (!*count_out ||
		db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_LEASE], (int64_t)ACTIVATION_LEASE_S, job_id));
}

bool activation_occurrences(struct ctx *ctx, const int64_t *event_ids, size_t count, int64_t now_utc,
			    struct due_occurrence **list_out, size_t *count_out)
{
	struct db_rows rows;
	*list_out = NULL;
	*count_out = 0;
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "SELECT o.event_id, 0, o.start_utc, o.local_start, o.version_no"
					     " FROM {scheduled_events} e STRAIGHT_JOIN {event_occurrences} o ON o.event_id = e.id"
					     " WHERE e.id IN ");
	db_text_list(text, event_ids, count);
	db_text_lit(text, " AND o.state = 0 AND o.start_utc > e.done_through AND o.start_utc <= ");
	db_text_i64(text, now_utc);
	db_text_lit(text, " UNION ALL SELECT o.event_id, 1, MIN(o.start_utc), 0, 0 FROM {event_occurrences} o WHERE o.event_id IN ");
	db_text_list(text, event_ids, count);
	db_text_lit(text, " AND o.start_utc > ");
	db_text_i64(text, now_utc);
	db_text_lit(text, " GROUP BY o.event_id ORDER BY 1, 3");
	if (!db_text_query(text, "iiiii", ctx->arena, &rows, &ctx->fail))
		return false;
	struct due_occurrence *list = arena_array(ctx->arena, rows.count + 1, sizeof(*list));
	for (size_t i = 0; i < rows.count; i++)
		list[i] = (struct due_occurrence){
			.event_id = db_int(&rows, i, 0),
			.is_ahead = db_int(&rows, i, 1) != 0,
			.moment = { .at_utc = db_int(&rows, i, 2),
				    .local_start = db_int(&rows, i, 3),
				    .version_no = (int32_t)db_int(&rows, i, 4) },
		};
	*list_out = list;
	*count_out = rows.count;
	return true;
}

bool activation_lock_events(struct ctx *ctx, const int64_t *event_ids, size_t count, struct locked_event **list_out,
			    size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT e.id, e.row_version, e.done_through, e.status = 'scheduled' FROM {scheduled_events} e"
					     " WHERE e.id IN ");
	db_text_list(text, event_ids, count);
	db_text_lit(text, " AND e.job_unpublished = 0 ORDER BY e.id FOR UPDATE");
	if (!db_text_query(text, "iiii", ctx->arena, &rows, &ctx->fail))
		return false;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++)
		(*list_out)[i] = (struct locked_event){ db_int(&rows, i, 0), db_int(&rows, i, 1), db_int(&rows, i, 2),
						       db_int(&rows, i, 3) != 0 };
	*count_out = rows.count;
	return true;
}

bool activation_lock_contents(struct ctx *ctx, const int64_t *content_ids, size_t count, struct live_content **list_out,
			      size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT c.id, c.latest_version, c.live_version, c.live_at FROM {contents} c"
					     " WHERE c.id IN ");
	db_text_list(text, content_ids, count);
	db_text_lit(text, " ORDER BY c.id FOR UPDATE");
	if (!db_text_query(text, "iiii", ctx->arena, &rows, &ctx->fail))
		return false;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++)
		(*list_out)[i] = (struct live_content){ db_int(&rows, i, 0), db_int(&rows, i, 1), db_int(&rows, i, 2),
							db_int(&rows, i, 3), false };
	*count_out = rows.count;
	return true;
}

/* --- what became of them --------------------------------------------------------- */

#define BY_KEY(column, list, field) db_text_by_key(text, column, &(list)[0].id, &(list)[0].field, sizeof((list)[0]), count)

static void ids_of(struct db_text *text, struct arena *arena, const int64_t *first, size_t stride, size_t count)
{
	int64_t *ids = arena_array(arena, count, sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = *(const int64_t *)((const char *)first + i * stride);
	db_text_list(text, ids, count);
}

bool activation_write_events(struct ctx *ctx, const struct activated_event *list, size_t count)
{
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {scheduled_events} e SET e.status = ELT(1 + ");
	BY_KEY("e.id", list, status);
	db_text_lit(text, ", 'draft', 'scheduled', 'processing', 'completed', 'failed', 'missed'), e.next_due_at = " SQL_MOMENT "NULLIF(");
	BY_KEY("e.id", list, next_due_at);
	db_text_lit(text, ", 0) SECOND, e.done_through = GREATEST(e.done_through, ");
	BY_KEY("e.id", list, done_through);
	db_text_lit(text, "), e.updated_by = CASE WHEN ");
	BY_KEY("e.id", list, is_new);
	db_text_lit(text, " = 1 THEN 0 ELSE e.updated_by END, e.updated_at = CASE WHEN ");
	BY_KEY("e.id", list, is_new);
	db_text_lit(text, " = 1 THEN UTC_TIMESTAMP() ELSE e.updated_at END, e.as_version = CASE WHEN ");
	BY_KEY("e.id", list, is_new);
	db_text_lit(text, " = 1 THEN 0 ELSE e.as_version END, e.row_version = e.row_version + ");
	BY_KEY("e.id", list, is_new);
	db_text_lit(text, " WHERE e.id IN ");
	ids_of(text, ctx->arena, &list[0].id, sizeof(list[0]), count);
	return db_text_exec(text, NULL, &ctx->fail);
}

bool activation_write_contents(struct ctx *ctx, const struct live_content *all, size_t all_count)
{
	struct live_content *list = arena_array(ctx->arena, all_count + 1, sizeof(*list));
	size_t count = 0;
	for (size_t i = 0; i < all_count; i++)
		if (all[i].is_changed)
			list[count++] = all[i];
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {contents} c SET c.live_version = ");
	BY_KEY("c.id", list, live_version);
	db_text_lit(text, ", c.live_at = ");
	BY_KEY("c.id", list, live_at);
	db_text_lit(text, " WHERE c.id IN ");
	ids_of(text, ctx->arena, &list[0].id, sizeof(list[0]), count);
	return db_text_exec(text, NULL, &ctx->fail);
}

bool activation_write_occurrences(struct ctx *ctx, const struct ended_occurrence *list, size_t count)
{
	for (size_t i = 0; i < count;) {
		/* The first row gives the columns their names. */
		struct db_text *text =
			db_text_begin(ctx->db, "UPDATE (SELECT 0 AS e, 0 AS l, 0 AS s UNION ALL ");
		db_text_values(text);
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			db_text_row(text);
			db_text_i64(text, list[i].event_id);
			db_text_i64(text, list[i].local_start);
			db_text_i64(text, list[i].state);
			db_text_end_row(text);
		}
		db_text_lit(text, ") p STRAIGHT_JOIN {event_occurrences} o ON o.event_id = p.e AND o.local_start = p.l"
			    " SET o.state = p.s");
		if (!db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}
