/* Newer versions that are live or scheduled earlier. */
#include "store/newer.h"

#include "db/text.h"
#include "store/sql_time.h"
#include "store/visible.h"

bool newer_versions(struct ctx *ctx, const struct newer_wish *wishes, size_t count, struct newer_version **list_out,
		    size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "WITH p (c, v, t) AS (");
	db_text_values(text);
	for (size_t i = 0; i < count; i++) {
		db_text_row(text);
		db_text_i64(text, wishes[i].content_id);
		db_text_i64(text, wishes[i].above);
		db_text_i64(text, wishes[i].before_utc);
		db_text_end_row(text);
	}
	/* The inner LIMIT bounds what is read, whatever the rest filters away. */
	db_text_lit(text, ") SELECT content_id, version_no, start_utc, id FROM ("
		    "(SELECT c.id AS content_id, c.live_version AS version_no, 0 AS start_utc, 0 AS id, 1 AS counts"
		    " FROM p STRAIGHT_JOIN {contents} c ON c.id = p.c AND c.live_version > p.v)"
		    " UNION ALL (SELECT e.content_id, e.version_no, " SQL_SECONDS("e.starts_at") ", " EVENT_ID("e") ","
		    " e.status IN ('scheduled', 'processing') AND " SQL_SECONDS("e.starts_at") " < p.t AND " EVENT_VISIBLE("e")
		    " FROM p STRAIGHT_JOIN {scheduled_events} e FORCE INDEX (content) ON e.content_id = p.c AND e.version_no > p.v LIMIT ");
	db_text_i64(text, NEWER_LOOKED_AT);
	db_text_lit(text, ")) f WHERE counts ORDER BY content_id, start_utc");
	if (!db_text_query(text, "iiii", ctx->arena, &rows, &ctx->fail))
		return false;
	struct newer_version *list = arena_array(ctx->arena, rows.count + 1, sizeof(*list));
	for (size_t i = 0; i < rows.count; i++) {
		int64_t id = db_int(&rows, i, 3);
		list[i] = (struct newer_version){
			.content_id = db_int(&rows, i, 0),
			.version_no = (int32_t)db_int(&rows, i, 1),
			.start_utc = id ? db_int(&rows, i, 2) : INT64_MIN,
			.event_id = id,
		};
	}
	*list_out = list;
	*count_out = rows.count;
	return true;
}
