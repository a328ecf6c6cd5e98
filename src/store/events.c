/* Reading scheduled events: one, pages, counts. */
#include "store/events.h"

#include <stdlib.h>

#include "db/text.h"
#include "store/event_where.h"

enum { STMT_GET };
static const struct db_stmt statements[] = {
	[STMT_GET] = { "events.get",
		       "(SELECT " EVENT_COLUMNS " FROM {scheduled_events} e WHERE e.id = ? AND " EVENT_IS_STORED("e")
		       " AND " EVENT_VISIBLE("e") ") UNION ALL (SELECT " EVENT_COLUMNS " FROM {scheduled_events} e"
		       " WHERE e.shadow_of = ? AND " EVENT_VISIBLE("e") ")",
		       "ii", EVENT_TYPES },
};
const struct db_stmt_table events_statements = { "events.c", statements, sizeof(statements) / sizeof(statements[0]) };

void event_read_places(struct arena *arena, const char *text, struct event *event)
{
	size_t room = 1;
	if (!text)
		return;
	for (const char *c = text; *c; c++)
		room += *c == ',';
	event->resources = arena_array(arena, room, sizeof(int64_t));
	event->assignees = arena_array(arena, room, sizeof(int64_t));
	while (*text) {
		const char *end = strchr(text, ',');
		int64_t id = strtoll(text + 1, NULL, 10);
		if (*text == 'a')
			event->assignees[event->assignee_count++] = id;
		else
			event->resources[event->resource_count++] = id;
		text = end ? end + 1 : text + strlen(text);
	}
}

/* When it recurs, and on what terms it happens. */
static void read_course(struct arena *arena, const struct db_rows *rows, size_t row, size_t column, struct event *event)
{
	event->recurrence = db_str(rows, row, column);
	event->exdate_count = event_dates_read(arena, db_str(rows, row, column + 1), &event->exdates);
	event->rdate_count = event_dates_read(arena, db_str(rows, row, column + 2), &event->rdates);
	event->overrides = db_str(rows, row, column + 3);
	event->until_at = db_int(rows, row, column + 4);
	event->expanded_through = db_int(rows, row, column + 5);
	event->conditions = db_str(rows, row, column + 6);
	if (!misfire_by_name(db_str(rows, row, column + 7), &event->misfire))
		event->misfire = MISFIRE_RUN_LATE;
	event->grace_s = db_int(rows, row, column + 8);
	event->superseded_by = db_int(rows, row, column + 9);
}

bool event_from_row(struct ctx *ctx, const struct db_rows *rows, size_t row, size_t column, struct event *event)
{
	*event = (struct event){ 0 };
	if (db_at(rows, row, column)->is_null)
		return false;
	event->id = db_int(rows, row, column);
	event->client_id = db_str(rows, row, column + 1);
	event->content_id = db_int(rows, row, column + 2);
	event->version_no = (int32_t)db_int(rows, row, column + 3);
	event->schedule_type = db_str(rows, row, column + 4);
	event->title = db_str(rows, row, column + 5);
	event->starts_at = db_int(rows, row, column + 6);
	event->ends_at = db_int(rows, row, column + 7);
	event->duration_s = db_int(rows, row, column + 8);
	event->timezone = db_str(rows, row, column + 9);
	event->local_start = db_int(rows, row, column + 10);
	event->attributes = db_str(rows, row, column + 11);
	event->priority = (int32_t)db_int(rows, row, column + 12);
	if (!event_status_by_name(db_str(rows, row, column + 13), &event->status))
		event->status = EVENT_ARCHIVED;
	event->row_version = db_int(rows, row, column + 14);
	int64_t creator = db_int(rows, row, column + 15);
	event->created_by = llabs(creator);
	event->lends_client = creator < 0;
	read_course(ctx->arena, rows, row, column + 16, event);
	event_read_places(ctx->arena, db_str(rows, row, column + 26), event);
	event->held_by = db_int(rows, row, column + 27);
	return true;
}

bool event_get(struct ctx *ctx, int64_t id, struct event *event_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_GET], id, id))
		return false;
	if (!rows.count || !event_from_row(ctx, &rows, 0, 0, event_out))
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_EVENT_NOT_FOUND, "There is no event %lld", (long long)id);
	return true;
}

/* --- lists ------------------------------------------------------------------- */

/* Where an event may stand: in its own row, or in the shadow of a batch that
 * was published this moment.  Lists ask for both in one statement, each by its
 * key, and are merged here: sorting in the server would need a table of texts. */
enum source { FROM_STORED, FROM_SHADOWS, SOURCE_COUNT };
static const struct {
	const char *id;
	struct event_alias alias;
	const char *rows;
} sources[SOURCE_COUNT] = {
	[FROM_STORED] = { "e.id", { "e.created_by", "e.id", "e.status" }, EVENT_IS_STORED("e") },
	[FROM_SHADOWS] = { "e.shadow_of", { "ABS(e.created_by)", EVENT_PLACES("e"), "e.status" }, "e.shadow_of > 0" },
};

/* " FROM … WHERE …" of what a filter matches in one of the sources. */
static void from_where(struct db_text *text, enum source source, const struct event_filter *filter)
{
	db_text_lit(text, " FROM {scheduled_events} e WHERE ");
	db_text_lit(text, sources[source].rows);
	if (filter->starts_after) {
		db_text_lit(text, " AND e.starts_at >= ");
		db_text_time(text, filter->starts_after);
	}
	if (filter->starts_before) {
		db_text_lit(text, " AND e.starts_at < ");
		db_text_time(text, filter->starts_before);
	}
	event_where(text, &sources[source].alias, filter);
	db_text_lit(text, " AND " EVENT_VISIBLE("e"));
}

static int by_event_id(const void *left, const void *right)
{
	const struct event *a = left, *b = right;
	return (a->id > b->id) - (a->id < b->id);
}

bool events_page(struct ctx *ctx, const struct event_filter *filter, int64_t after_id, int32_t limit,
		 struct event **events_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "");
	for (enum source source = 0; source < SOURCE_COUNT; source++) {
		db_text_lit(text, source ? " UNION ALL (SELECT " EVENT_COLUMNS : "(SELECT " EVENT_COLUMNS);
		from_where(text, source, filter);
		db_text_lit(text, " AND ");
		db_text_lit(text, sources[source].id);
		db_text_lit(text, " > ");
		db_text_i64(text, after_id);
		db_text_lit(text, " ORDER BY ");
		db_text_lit(text, sources[source].id);
		db_text_lit(text, " LIMIT ");
		db_text_i64(text, limit);
		db_text_lit(text, ")");
	}
	if (!db_text_query(text, EVENT_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	struct event *events = arena_array(ctx->arena, rows.count + 1, sizeof(*events));
	for (size_t i = 0; i < rows.count; i++)
		(void)event_from_row(ctx, &rows, i, 0, &events[i]);
	if (rows.count > 1)
		qsort(events, rows.count, sizeof(*events), by_event_id);
	*events_out = events;
	*count_out = rows.count < (size_t)limit ? rows.count : (size_t)limit;
	return true;
}

/* Keyset conditions: beyond the last start, or at it and beyond the last id. */
static void beyond(struct db_text *text, const char *id, const struct event_order *order)
{
	if (order->direction && !order->after_id)
		return;
	db_text_lit(text, !order->direction ? " AND " : order->direction > 0 ? " AND (e.starts_at > " : " AND (e.starts_at < ");
	if (order->direction) {
		db_text_time(text, order->after_utc);
		db_text_lit(text, " OR e.starts_at = ");
		db_text_time(text, order->after_utc);
		db_text_lit(text, " AND ");
	}
	db_text_lit(text, id);
	db_text_lit(text, order->direction < 0 ? " < " : " > ");
	db_text_i64(text, order->after_id);
	db_text_lit(text, order->direction ? ")" : "");
}

static void in_order(struct db_text *text, const char *id, int32_t direction)
{
	db_text_lit(text, direction ? " ORDER BY e.starts_at" : " ORDER BY ");
	db_text_lit(text, direction > 0 ? ", " : direction < 0 ? " DESC, " : "");
	db_text_lit(text, id);
	db_text_lit(text, direction < 0 ? " DESC" : "");
}

struct place {
	int64_t id, starts_at;
};

static int by_id(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	return (a->id > b->id) - (a->id < b->id);
}

static int by_start(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int order = (a->starts_at > b->starts_at) - (a->starts_at < b->starts_at);
	return order ? order : by_id(left, right);
}

static int by_start_backwards(const void *left, const void *right)
{
	return by_start(right, left);
}

bool events_ids(struct ctx *ctx, const struct event_filter *filter, struct event_order *order, int32_t limit,
		int64_t **ids_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "");
	for (enum source source = 0; source < SOURCE_COUNT; source++) {
		const char *id = sources[source].id;
		db_text_lit(text, source ? " UNION ALL (SELECT " : "(SELECT ");
		db_text_lit(text, id);
		db_text_lit(text, ", " SQL_SECONDS("e.starts_at"));
		from_where(text, source, filter);
		beyond(text, id, order);
		in_order(text, id, order->direction);
		db_text_lit(text, " LIMIT ");
		db_text_i64(text, limit);
		db_text_lit(text, ")");
	}
	if (!db_text_query(text, "ii", ctx->arena, &rows, &ctx->fail))
		return false;
	struct place *places = arena_array(ctx->arena, rows.count + 1, sizeof(*places));
	for (size_t i = 0; i < rows.count; i++)
		places[i] = (struct place){ db_int(&rows, i, 0), db_int(&rows, i, 1) };
	if (rows.count > 1)
		qsort(places, rows.count, sizeof(*places), order->direction > 0   ? by_start
							   : order->direction < 0 ? by_start_backwards
										  : by_id);
	size_t count = rows.count < (size_t)limit ? rows.count : (size_t)limit;
	*count_out = count;
	*ids_out = arena_array(ctx->arena, count + 1, sizeof(**ids_out));
	for (size_t i = 0; i < count; i++)
		(*ids_out)[i] = places[i].id;
	if (count) {
		order->after_id = places[count - 1].id;
		order->after_utc = places[count - 1].starts_at;
	}
	return true;
}

bool events_count(struct ctx *ctx, const struct event_filter *filter, int64_t cap, int64_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT COUNT(*) FROM (");
	for (enum source source = 0; source < SOURCE_COUNT; source++) {
		db_text_lit(text, source ? " UNION ALL (SELECT 1" : "(SELECT 1");
		from_where(text, source, filter);
		db_text_lit(text, " LIMIT ");
		db_text_i64(text, cap);
		db_text_lit(text, ")");
	}
	db_text_lit(text, ") counted");
	if (!db_text_query(text, "i", ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = db_int(&rows, 0, 0) < cap ? db_int(&rows, 0, 0) : cap;
	return true;
}
