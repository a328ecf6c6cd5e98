/* Rows of busy and busy_plan: written and cleared. */
#include "store/calendars.h"

#include "db/db.h"
#include "db/text.h"

#define DAY_S 86400

enum { STMT_PLAN_CLEAR };
static const struct db_stmt statements[] = {
	[STMT_PLAN_CLEAR] = { "busy_plan.clear", "DELETE FROM {busy_plan} WHERE job_id = ? LIMIT ?", "ii", "" },
};
const struct db_stmt_table busy_statements = { "busy.c", statements, sizeof(statements) / sizeof(statements[0]) };

static void key_values(struct db_text *text, const struct interval *interval)
{
	db_text_i64(text, interval->kind);
	db_text_i64(text, interval->calendar_id);
	db_text_i64(text, interval->start_utc / DAY_S);
	db_text_i64(text, interval->start_utc);
}

/* busy.local_start of an event's own places, and of its changed copy's. */
static int64_t name_of(const struct interval *interval, bool of_shadow)
{
	return of_shadow ? -1 - interval->local_start : interval->local_start;
}

static bool clear(struct ctx *ctx, const struct interval *list, size_t count, bool of_shadows)
{
	for (size_t i = 0; i < count;) {
		/* The first row gives the columns their names. */
		struct db_text *text = db_text_begin(ctx->db, "DELETE b FROM (SELECT 0 AS k, 0 AS c, 0 AS d, 0 AS s, 0 AS e, 0 AS l UNION ALL ");
		db_text_values(text);
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			db_text_row(text);
			key_values(text, &list[i]);
			db_text_i64(text, list[i].owner);
			db_text_i64(text, name_of(&list[i], of_shadows));
			db_text_end_row(text);
		}
		db_text_lit(text, ") p STRAIGHT_JOIN {busy} b ON b.calendar_kind = p.k AND b.calendar_id = p.c AND b.day = p.d"
			    " AND b.start_utc = p.s AND b.event_id = p.e AND b.local_start = p.l");
		if (!db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}

bool busy_clear(struct ctx *ctx, const struct interval *list, size_t count)
{
	return clear(ctx, list, count, false);
}

bool busy_clear_shadows(struct ctx *ctx, const struct interval *list, size_t count)
{
	return clear(ctx, list, count, true);
}

static bool write_rows(struct ctx *ctx, const struct interval *list, size_t count, bool of_shadows, const char *tail)
{
	for (size_t i = 0; i < count;) {
		struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {busy} (calendar_kind, calendar_id, day, start_utc,"
						     " event_id, local_start, end_utc, version_no) VALUES ");
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			db_text_row(text);
			key_values(text, &list[i]);
			db_text_i64(text, list[i].owner);
			db_text_i64(text, name_of(&list[i], of_shadows));
			db_text_i64(text, list[i].end_utc);
			db_text_i64(text, list[i].version_no);
			db_text_end_row(text);
		}
		db_text_lit(text, tail);
		if (!db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}

bool busy_insert(struct ctx *ctx, const struct interval *list, size_t count)
{
	return write_rows(ctx, list, count, false, "");
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

int busy_order(const void *left, const void *right)
{
	const struct interval *a = left, *b = right;
	int order = compare(a->kind, b->kind);
	order = order ? order : compare(a->calendar_id, b->calendar_id);
	order = order ? order : compare(a->start_utc, b->start_utc);
	order = order ? order : compare(a->owner, b->owner);
	return order ? order : compare(a->local_start, b->local_start);
}

bool busy_replace(struct ctx *ctx, struct interval *were, size_t were_count, struct interval *are, size_t are_count)
{
	size_t gone = 0, written = 0;
	for (size_t i = 0, k = 0; i < were_count || k < are_count;) {
		int order = i == were_count ? 1 : k == are_count ? -1 : busy_order(&were[i], &are[k]);
		bool is_same = order == 0 && were[i].end_utc == are[k].end_utc && were[i].version_no == are[k].version_no;
		if (order < 0)
			were[gone++] = were[i];
		else if (!is_same)
			are[written++] = are[k];
		i += order <= 0;
		k += order >= 0;
	}
	return busy_clear(ctx, were, gone) &&
	       write_rows(ctx, are, written, false, " ON DUPLICATE KEY UPDATE end_utc = VALUES(end_utc), version_no = VALUES(version_no)");
}

bool busy_insert_shadows(struct ctx *ctx, const struct interval *list, size_t count)
{
	return write_rows(ctx, list, count, true, "");
}

bool busy_plan_insert(struct ctx *ctx, int64_t job_id, const struct interval *list, size_t count)
{
	for (size_t i = 0; i < count;) {
		struct db_text *text = db_text_begin(ctx->db, "INSERT IGNORE INTO {busy_plan} (job_id, calendar_kind, calendar_id, day,"
						     " start_utc, ordinal, end_utc, version_no) VALUES ");
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			db_text_row(text);
			db_text_i64(text, job_id);
			key_values(text, &list[i]);
			db_text_i64(text, -1 - list[i].owner);
			db_text_i64(text, list[i].end_utc);
			db_text_i64(text, list[i].version_no);
			db_text_end_row(text);
		}
		if (!db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}

bool busy_plan_clear(struct ctx *ctx, int64_t job_id, int64_t limit, bool *more_out)
{
	int64_t affected = 0;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_PLAN_CLEAR], job_id, limit))
		return false;
	*more_out = affected == limit;
	return true;
}
