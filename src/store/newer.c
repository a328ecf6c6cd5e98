/* Newer versions that are scheduled earlier. */
#include "store/newer.h"

#include "db/text.h"
#include "store/sql_time.h"
#include "store/visible.h"

/* Wishes that are looked at by a range of the key each.  Of more the server is
 * given a list to join, which costs a tenth; a list of single versions, because it
 * joins no range: it would read all entries of the content, old versions and all,
 * in each chunk. */
#define RANGES_MAX 32

#define ENTRY "SELECT k.id, " SQL_SECONDS("k.starts_at") " AS start_utc, "
#define ENTRIES "{scheduled_events} k FORCE INDEX (content)"

static void by_ranges(struct db_text *text, const struct newer_wish *wishes, size_t count)
{
	int64_t latest = wishes[0].before_utc;
	for (size_t i = 1; i < count; i++)
		if (wishes[i].before_utc > latest)
			latest = wishes[i].before_utc;
	db_text_lit(text, "(" ENTRY);
	db_text_i64(text, latest);
	for (size_t i = 0; i < count; i++) {
		db_text_lit(text, i ? " OR k.content_id = " : " AS before_utc FROM " ENTRIES " WHERE k.content_id = ");
		db_text_i64(text, wishes[i].content_id);
		db_text_lit(text, " AND k.version_no > ");
		db_text_i64(text, wishes[i].above);
		db_text_lit(text, " AND k.version_no <= ");
		db_text_i64(text, wishes[i].upto);
	}
}

/* How many versions of each wish can be asked about. */
static int64_t share(const struct newer_wish *wishes, size_t count)
{
	int64_t all = 0;
	for (size_t i = 0; i < count; i++)
		all += wishes[i].upto - wishes[i].above;
	return all > NEWER_VERSIONS ? NEWER_VERSIONS / (int64_t)count : NEWER_VERSIONS;
}

static void by_list(struct db_text *text, const struct newer_wish *wishes, size_t count)
{
	int64_t most = share(wishes, count);
	db_text_lit(text, "(WITH p (c, v, t) AS (");
	db_text_values(text);
	for (size_t i = 0; i < count; i++)
		for (int64_t version = wishes[i].upto; version > wishes[i].above && version > wishes[i].upto - most; version--) {
			db_text_row(text);
			db_text_i64(text, wishes[i].content_id);
			db_text_i64(text, version);
			db_text_i64(text, wishes[i].before_utc);
			db_text_end_row(text);
		}
	db_text_lit(text, ") " ENTRY "p.t AS before_utc FROM p STRAIGHT_JOIN " ENTRIES
			  " ON k.content_id = p.c AND k.version_no = p.v AND k.starts_at < " SQL_MOMENT "p.t SECOND");
}

bool newer_versions(struct ctx *ctx, const struct newer_wish *wishes, size_t count, struct newer_version **list_out,
		    size_t *count_out)
{
	struct db_rows rows;
	/* The inner LIMIT bounds what is read, whatever the rest filters away. */
	struct db_text *text = db_text_begin(ctx->db, "SELECT e.content_id, e.version_no, f.start_utc, " EVENT_ID("e") " FROM ");
	if (count <= RANGES_MAX)
		by_ranges(text, wishes, count);
	else
		by_list(text, wishes, count);
	db_text_lit(text, " LIMIT ");
	db_text_i64(text, NEWER_LOOKED_AT);
	db_text_lit(text, ") f STRAIGHT_JOIN {scheduled_events} e ON e.id = f.id WHERE f.start_utc < f.before_utc"
		    " AND e.status IN ('scheduled', 'processing') AND " EVENT_VISIBLE("e"));
	if (!db_text_query(text, "iiii", ctx->arena, &rows, &ctx->fail))
		return false;
	struct newer_version *list = arena_array(ctx->arena, rows.count + 1, sizeof(*list));
	for (size_t i = 0; i < rows.count; i++)
		list[i] = (struct newer_version){
			.content_id = db_int(&rows, i, 0),
			.version_no = (int32_t)db_int(&rows, i, 1),
			.start_utc = db_int(&rows, i, 2),
			.event_id = db_int(&rows, i, 3),
		};
	*list_out = list;
	*count_out = rows.count;
	return true;
}
