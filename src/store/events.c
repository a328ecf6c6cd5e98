/* Reading scheduled events: one, pages, counts. */
#include "store/events.h"

#include "base/str.h"
#include "db/text.h"

enum { STMT_GET };
static const struct db_stmt statements[] = {
	[STMT_GET] = { "events.get", "SELECT " EVENT_COLUMNS " FROM {scheduled_events} e WHERE e.id = ? AND e.job_unpublished = 0",
		       "i", EVENT_TYPES },
};
const struct db_stmt_table events_statements = { "events.c", statements, sizeof(statements) / sizeof(statements[0]) };

/* "r12,a13,r14": the resources and assignees of an event. */
static void read_places(struct arena *arena, const char *text, struct event *event)
{
	size_t room = 1;
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
	event->created_by = db_int(rows, row, column + 15);
	const char *places = db_str(rows, row, column + 16);
	if (places)
		read_places(ctx->arena, places, event);
	return true;
}

bool event_get(struct ctx *ctx, int64_t id, struct event *event_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_GET], id))
		return false;
	if (!rows.count || !event_from_row(ctx, &rows, 0, 0, event_out))
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_EVENT_NOT_FOUND, "There is no event %lld", (long long)id);
	return true;
}

static void and_number(struct db_text *text, const char *condition, int64_t number)
{
	if (!number)
		return;
	db_text_lit(text, condition);
	db_text_i64(text, number);
}

static void and_place(struct db_text *text, int64_t resource_id, const char *role)
{
	if (!resource_id)
		return;
	db_text_lit(text, " AND EXISTS (SELECT 1 FROM {event_resources} p WHERE p.event_id = e.id AND p.resource_id = ");
	db_text_i64(text, resource_id);
	db_text_lit(text, " AND p.role = ");
	db_text_str(text, role);
	db_text_lit(text, ")");
}

/* Part of a title: the user's % and _ mean themselves. */
static void and_text(struct db_text *text, const char *part)
{
	struct str pattern = STR_INIT;
	str_addc(&pattern, '%');
	for (; *part; part++) {
		if (*part == '%' || *part == '_' || *part == '|')
			str_addc(&pattern, '|');
		str_addc(&pattern, *part);
	}
	str_addc(&pattern, '%');
	db_text_lit(text, " AND e.title LIKE ");
	db_text_str(text, str_text(&pattern));
	db_text_lit(text, " ESCAPE '|'");
	str_free(&pattern);
}

void event_filter_sql(struct db_text *text, const struct event_filter *filter)
{
	and_number(text, " AND e.content_id = ", filter->content_id);
	and_number(text, " AND e.created_by = ", filter->created_by);
	if (filter->has_status) {
		db_text_lit(text, " AND e.status = ");
		db_text_str(text, event_status_name(filter->status));
	}
	if (filter->schedule_type) {
		db_text_lit(text, " AND e.schedule_type = ");
		db_text_str(text, filter->schedule_type);
	}
	if (filter->starts_after) {
		db_text_lit(text, " AND e.starts_at >= ");
		db_text_time(text, filter->starts_after);
	}
	if (filter->starts_before) {
		db_text_lit(text, " AND e.starts_at < ");
		db_text_time(text, filter->starts_before);
	}
	and_place(text, filter->resource_id, "resource");
	and_place(text, filter->assignee_id, "assignee");
	if (filter->text)
		and_text(text, filter->text);
	db_text_lit(text, " AND e.job_unpublished = 0");
}

bool events_page(struct ctx *ctx, const struct event_filter *filter, int64_t after_id, int32_t limit,
		 struct event **events_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT " EVENT_COLUMNS " FROM {scheduled_events} e WHERE e.id > ");
	db_text_i64(text, after_id);
	event_filter_sql(text, filter);
	db_text_lit(text, " ORDER BY e.id LIMIT ");
	db_text_i64(text, limit);
	if (!db_text_query(text, EVENT_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	*events_out = arena_array(ctx->arena, rows.count + 1, sizeof(**events_out));
	for (size_t i = 0; i < rows.count; i++)
		(void)event_from_row(ctx, &rows, i, 0, &(*events_out)[i]);
	return true;
}

/* Keyset conditions: beyond the last start, or at it and beyond the last id. */
static void beyond(struct db_text *text, const struct event_order *order)
{
	if (!order->direction) {
		db_text_lit(text, " AND e.id > ");
		db_text_i64(text, order->after_id);
		return;
	}
	if (!order->after_id)
		return;
	db_text_lit(text, order->direction > 0 ? " AND (e.starts_at > " : " AND (e.starts_at < ");
	db_text_time(text, order->after_utc);
	db_text_lit(text, " OR e.starts_at = ");
	db_text_time(text, order->after_utc);
	db_text_lit(text, order->direction > 0 ? " AND e.id > " : " AND e.id < ");
	db_text_i64(text, order->after_id);
	db_text_lit(text, ")");
}

bool events_ids(struct ctx *ctx, const struct event_filter *filter, struct event_order *order, int32_t limit,
		int64_t **ids_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT e.id, " SQL_SECONDS("e.starts_at") " FROM {scheduled_events} e WHERE 1");
	beyond(text, order);
	event_filter_sql(text, filter);
	db_text_lit(text, order->direction > 0	 ? " ORDER BY e.starts_at, e.id LIMIT "
			  : order->direction < 0 ? " ORDER BY e.starts_at DESC, e.id DESC LIMIT "
						 : " ORDER BY e.id LIMIT ");
	db_text_i64(text, limit);
	if (!db_text_query(text, "ii", ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	*ids_out = arena_array(ctx->arena, rows.count + 1, sizeof(**ids_out));
	for (size_t i = 0; i < rows.count; i++)
		(*ids_out)[i] = db_int(&rows, i, 0);
	if (rows.count) {
		order->after_id = db_int(&rows, rows.count - 1, 0);
		order->after_utc = db_int(&rows, rows.count - 1, 1);
	}
	return true;
}

bool events_count(struct ctx *ctx, const struct event_filter *filter, int64_t cap, int64_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT COUNT(*) FROM (SELECT 1 FROM {scheduled_events} e WHERE 1");
	event_filter_sql(text, filter);
	db_text_lit(text, " LIMIT ");
	db_text_i64(text, cap);
	db_text_lit(text, ") counted");
	if (!db_text_query(text, "i", ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = db_int(&rows, 0, 0);
	return true;
}
