/* Occurrences of recurring events: read, written, put in place. */
#include "store/occurrences.h"

#include <stdlib.h>

#include "db/db.h"
#include "db/text.h"
#include "rules/series.h"
#include "rules/sorted.h"

/* --- ids ----------------------------------------------------------------------- */

/* "… WHERE event_id IN (those that recur)"; false when there are none. */
static bool where_recurring(struct ctx *ctx, struct db_text *text, const struct event *const *events, size_t count,
			    int64_t sign)
{
	int64_t *ids = arena_array(ctx->arena, count + 1, sizeof(*ids));
	size_t found = 0;
	for (size_t i = 0; i < count; i++)
		if (event_recurs(events[i]))
			ids[found++] = sign * events[i]->id;
	db_text_lit(text, " WHERE event_id IN ");
	db_text_list(text, ids, found);
	return found > 0;
}

static bool any_recurs(const struct event *const *events, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (event_recurs(events[i]))
			return true;
	return false;
}

/* --- reading -------------------------------------------------------------------- */

bool occurrences_count(struct ctx *ctx, const int64_t *ids, size_t count, int64_t **counts_out)
{
	struct db_rows rows;
	*counts_out = arena_array(ctx->arena, count + 1, sizeof(**counts_out));
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "SELECT event_id, COUNT(*) FROM {event_occurrences} WHERE is_busy = 1"
					     " AND event_id IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, " GROUP BY event_id");
	if (!db_text_query(text, "ii", ctx->arena, &rows, &ctx->fail))
		return false;
	for (size_t i = 0; i < rows.count; i++) {
		int64_t id = db_int(&rows, i, 0);
		const int64_t *at = bsearch(&id, ids, count, sizeof(*ids), by_number);
		if (at)
			(*counts_out)[at - ids] = db_int(&rows, i, 1);
	}
	return true;
}

static int by_start(const void *left, const void *right)
{
	const struct occurrence *a = left, *b = right;
	if (a->start_utc != b->start_utc)
		return a->start_utc < b->start_utc ? -1 : 1;
	return (a->local_start > b->local_start) - (a->local_start < b->local_start);
}

static int by_event_id(const void *left, const void *right)
{
	const struct event *a = *(struct event *const *)left, *b = *(struct event *const *)right;
	return (a->id > b->id) - (a->id < b->id);
}

/* Rows from `at` on that belong to one event; where the next one's begin. */
static size_t take_rows(struct arena *arena, const struct db_rows *rows, size_t at, struct event *event)
{
	size_t end = at;
	while (end < rows->count && db_int(rows, end, 0) == event->id)
		end++;
	struct occurrence *list = arena_array(arena, end - at + 1, sizeof(*list));
	for (size_t i = at; i < end; i++)
		list[i - at] = (struct occurrence){
			.local_start = db_int(rows, i, 1),
			.start_utc = db_int(rows, i, 2),
			.end_utc = db_int(rows, i, 3),
			.version_no = (int32_t)db_int(rows, i, 4),
			.flag = (enum zone_flag)db_int(rows, i, 5),
		};
	if (end - at > 1)
		qsort(list, end - at, sizeof(*list), by_start);
	event->occurrences = list;
	event->occurrence_count = end - at;
	return end;
}

bool occurrences_load(struct ctx *ctx, struct event *const *events, size_t count, bool of_shadows)
{
	struct db_rows rows;
	const struct event *const *list = (const struct event *const *)events;
	if (!any_recurs(list, count))
		return true;
	struct arena *fetched = arena_new(); /* rows are three times as large as occurrences */
	if (!fetched)
		abort();
	struct event **sorted = arena_array(ctx->arena, count, sizeof(struct event *));
	for (size_t i = 0; i < count; i++)
		sorted[i] = events[i];
	qsort(sorted, count, sizeof(struct event *), by_event_id);
	struct db_text *text = db_text_begin(ctx->db, "SELECT ABS(event_id), local_start, start_utc, end_utc, version_no, flag"
					     " FROM {event_occurrences}");
	(void)where_recurring(ctx, text, list, count, of_shadows ? -1 : 1);
	db_text_lit(text, of_shadows ? " AND is_busy = 1 ORDER BY event_id DESC, local_start DESC"
				     : " AND is_busy = 1 ORDER BY event_id, local_start");
	bool ok = db_text_query(text, "iiiiii", fetched, &rows, &ctx->fail);
	for (size_t i = 0, row = 0; ok && i < count; i++)
		if (event_recurs(sorted[i]))
			row = take_rows(ctx->arena, &rows, row, sorted[i]);
	arena_free(fetched);
	return ok;
}

/* --- writing --------------------------------------------------------------------- */

/* One row of what is to be written. */
struct row {
	int64_t event_id;
	struct occurrence occurrence;
};

static int by_key(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	if (a->event_id != b->event_id)
		return a->event_id < b->event_id ? -1 : 1;
	return (a->occurrence.local_start > b->occurrence.local_start) - (a->occurrence.local_start < b->occurrence.local_start);
}

static struct row *rows_of(struct arena *arena, const struct event *const *events, size_t count, size_t *found_out)
{
	size_t room = 1, found = 0;
	for (size_t i = 0; i < count; i++)
		room += events[i]->occurrence_count;
	struct row *list = arena_array(arena, room, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < events[i]->occurrence_count; k++)
			list[found++] = (struct row){ events[i]->id, events[i]->occurrences[k] };
	if (found > 1)
		qsort(list, found, sizeof(*list), by_key);
	*found_out = found;
	return list;
}

static bool write_rows(struct ctx *ctx, const struct row *list, size_t count)
{
	for (size_t i = 0; i < count;) {
		struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {event_occurrences} (event_id, local_start, start_utc,"
						     " end_utc, version_no, flag) VALUES ");
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			const struct occurrence *occurrence = &list[i].occurrence;
			db_text_row(text);
			db_text_i64(text, list[i].event_id);
			db_text_i64(text, occurrence->local_start);
			db_text_i64(text, occurrence->start_utc);
			db_text_i64(text, occurrence->end_utc);
			db_text_i64(text, occurrence->version_no);
			db_text_i64(text, occurrence->flag);
			db_text_end_row(text);
		}
		/* One that stays, and one that had left busy and comes back. */
		db_text_lit(text, " ON DUPLICATE KEY UPDATE start_utc = VALUES(start_utc), end_utc = VALUES(end_utc),"
			    " version_no = VALUES(version_no), flag = VALUES(flag), is_busy = 1");
		if (!db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}

static bool delete_rows(struct ctx *ctx, const struct row *list, size_t count)
{
	for (size_t i = 0; i < count;) {
		/* The first row gives the columns their names. */
		struct db_text *text = db_text_begin(ctx->db, "DELETE o FROM (SELECT 0 AS e, 0 AS l UNION ALL ");
		db_text_values(text);
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			db_text_row(text);
			db_text_i64(text, list[i].event_id);
			db_text_i64(text, list[i].occurrence.local_start);
			db_text_end_row(text);
		}
		db_text_lit(text, ") p STRAIGHT_JOIN {event_occurrences} o ON o.event_id = p.e AND o.local_start = p.l");
		if (!db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}

bool occurrences_insert(struct ctx *ctx, const struct event *const *events, size_t count)
{
	size_t found = 0;
	if (!any_recurs(events, count))
		return true;
	const struct row *list = rows_of(ctx->arena, events, count, &found);
	return write_rows(ctx, list, found);
}

static bool is_same(const struct occurrence *a, const struct occurrence *b)
{
	return a->start_utc == b->start_utc && a->end_utc == b->end_utc && a->version_no == b->version_no && a->flag == b->flag;
}

bool occurrences_replace(struct ctx *ctx, const struct event *const *left, const struct event *const *moved, size_t count)
{
	size_t were_count = 0, are_count = 0, gone = 0, written = 0;
	if (!any_recurs(left, count) && !any_recurs(moved, count))
		return true;
	struct row *were = rows_of(ctx->arena, left, count, &were_count);
	struct row *are = rows_of(ctx->arena, moved, count, &are_count);
	for (size_t i = 0, k = 0; i < were_count || k < are_count;) {
		int order = i == were_count ? 1 : k == are_count ? -1 : by_key(&were[i], &are[k]);
		if (order < 0)
			were[gone++] = were[i];
		else if (order > 0 || !is_same(&were[i].occurrence, &are[k].occurrence))
			are[written++] = are[k];
		i += order <= 0;
		k += order >= 0;
	}
	return delete_rows(ctx, were, gone) && write_rows(ctx, are, written);
}

bool occurrences_clear(struct ctx *ctx, const int64_t *ids, size_t count, bool with_past)
{
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "DELETE FROM {event_occurrences} WHERE event_id IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, with_past ? "" : " AND is_busy = 1");
	return db_text_exec(text, NULL, &ctx->fail);
}

bool occurrences_fold(struct ctx *ctx, const int64_t *ids, size_t count)
{
	if (!count)
		return true;
	int64_t *negative = arena_array(ctx->arena, count, sizeof(*negative));
	for (size_t i = 0; i < count; i++)
		negative[i] = -ids[i];
	/* What stays keeps its state; then the old ones go, but what is past and
	 * has no successor of its name. */
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {event_occurrences} s JOIN {event_occurrences} o"
					     " ON o.event_id = -s.event_id AND o.local_start = s.local_start"
					     " SET s.state = o.state, o.is_busy = 1 WHERE s.event_id IN ");
	db_text_list(text, negative, count);
	if (!db_text_exec(text, NULL, &ctx->fail) || !occurrences_clear(ctx, ids, count, false))
		return false;
	text = db_text_begin(ctx->db, "UPDATE {event_occurrences} SET event_id = -event_id WHERE event_id IN ");
	db_text_list(text, negative, count);
	return db_text_exec(text, NULL, &ctx->fail);
}

bool occurrences_are(struct ctx *ctx, const struct event *const *events, size_t count, bool *same_out)
{
	struct db_rows rows;
	int64_t found = 0, sum = 0;
	*same_out = true;
	if (!any_recurs(events, count))
		return true;
	struct db_text *text = db_text_begin(ctx->db, "SELECT COUNT(*), CAST(COALESCE(SUM(start_utc + end_utc), 0) AS SIGNED)"
					     " FROM {event_occurrences}");
	(void)where_recurring(ctx, text, events, count, 1);
	db_text_lit(text, " AND is_busy = 1");
	if (!db_text_query(text, "ii", ctx->arena, &rows, &ctx->fail))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!event_recurs(events[i]))
			continue;
		found += (int64_t)events[i]->occurrence_count;
		for (size_t k = 0; k < events[i]->occurrence_count; k++)
			sum += events[i]->occurrences[k].start_utc + events[i]->occurrences[k].end_utc;
	}
	*same_out = db_int(&rows, 0, 0) == found && db_int(&rows, 0, 1) == sum;
	return true;
}
