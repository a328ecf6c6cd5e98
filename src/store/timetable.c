/* Occurrences by start. */
#include "store/timetable.h"

#include <stdlib.h>
#include <string.h>

#include "db/text.h"
#include "store/event_where.h"
#include "store/events.h"

/* No event is longer, so nothing that began earlier can still be going on. */
#define RUNNING_S EVENT_DURATION_MAX_S

/* Where an occurrence may stand.  A row of scheduled_events that readers see is
 * a stored one or a shadow; the occurrences of a series are under its event's
 * id, or under the negative one where its shadow has places of its own. */
enum source { SINGLE, SERIES, SERIES_OF_SHADOW, SOURCE_COUNT };

#define ENTRY_COLUMNS                                                                                                  \
	", e.timezone, e.title, e.schedule_type, e.content_id, e.status, e.row_version,"                                \
	" ABS(e.created_by), (SELECT GROUP_CONCAT(CONCAT(LEFT(r.role, 1), r.resource_id) ORDER BY r.resource_id)"        \
	" FROM {event_resources} r WHERE r.event_id = " EVENT_PLACES("e") ")"
/* What one occurrence has of its own is a member of the event's overrides,
 * named by its original wall time. */
#define OWN_CHANGES                                                                                                    \
	", JSON_EXTRACT(e.overrides, CONCAT('$.\"', DATE_FORMAT('1970-01-01' + INTERVAL o.local_start SECOND,"          \
	" '%Y-%m-%dT%H:%i:%s'), '\"'))"
enum {
	COLUMN_SOURCE,
	COLUMN_ROW_ID,
	COLUMN_EVENT_ID,
	COLUMN_STARTS,
	COLUMN_ENDS,
	COLUMN_LOCAL,
	COLUMN_FLAG,
	COLUMN_STATE,
	COLUMN_VERSION,
	COLUMN_CHANGES,
	COLUMN_TIMEZONE,
	COLUMN_TITLE,
	COLUMN_TYPE,
	COLUMN_CONTENT,
	COLUMN_STATUS,
	COLUMN_ROW_VERSION,
	COLUMN_CREATOR,
	COLUMN_PLACES
};
#define COLUMN_TYPES "iiiiiiiiissssisiis"
_Static_assert(sizeof(COLUMN_TYPES) - 1 == COLUMN_PLACES + 1, "a type for each column");

#define FROM_SINGLE " FROM {scheduled_events} e FORCE INDEX (starts) WHERE e.recurrence IS NULL AND COALESCE(JSON_LENGTH(e.rdates), 0) = 0"
#define FROM_SERIES                                                                                                    \
	" FROM {event_occurrences} o FORCE INDEX (starts) STRAIGHT_JOIN {scheduled_events} e"                           \
	" ON e.id = o.event_id AND " EVENT_IS_STORED("e") " WHERE TRUE"
#define FROM_SHADOWS                                                                                                   \
	" FROM {event_occurrences} o FORCE INDEX (starts) STRAIGHT_JOIN {scheduled_events} e"                           \
	" ON e.shadow_of = ABS(o.event_id) AND (o.event_id < 0) = e.shadow_moves WHERE TRUE"
#define OCCURRENCE_COLUMNS                                                                                             \
	", o.event_id, " EVENT_ID("e") ", o.start_utc, o.end_utc, o.local_start, o.flag, o.state, o.version_no" OWN_CHANGES \
	ENTRY_COLUMNS
static const struct {
	const char *columns, *from, *starts, *ends, *row_id;
	bool is_datetime;
} sources[SOURCE_COUNT] = {
	[SINGLE] = { "SELECT 0, e.id, " EVENT_ID("e") ", " SQL_SECONDS("e.starts_at") ", " SQL_SECONDS("e.ends_at") ", "
		     SQL_SECONDS("COALESCE(e.local_start, e.starts_at)") ", 0, 0, e.version_no, NULL" ENTRY_COLUMNS,
		     FROM_SINGLE, "e.starts_at", "e.ends_at", "e.id", true },
	[SERIES] = { "SELECT 1" OCCURRENCE_COLUMNS, FROM_SERIES, "o.start_utc", "o.end_utc", "o.event_id", false },
	[SERIES_OF_SHADOW] = { "SELECT 2" OCCURRENCE_COLUMNS, FROM_SHADOWS, "o.start_utc", "o.end_utc", "o.event_id", false },
};

static void compare(struct db_text *text, enum source source, const char *column, const char *operator, int64_t utc)
{
	db_text_lit(text, column);
	db_text_lit(text, operator);
	if (sources[source].is_datetime)
		db_text_time(text, utc);
	else
		db_text_i64(text, utc);
}

/* Behind a place of the list; the start itself is already limited to it. */
static void behind(struct db_text *text, enum source source, const struct timetable_place *after)
{
	bool was_series = after->is_recurring;
	if (source != SINGLE && !was_series)
		return; /* at one start, series come after single events */
	db_text_lit(text, " AND (");
	compare(text, source, sources[source].starts, " > ", after->starts_at);
	if (source == SINGLE && !was_series) {
		db_text_lit(text, " OR e.id > ");
		db_text_i64(text, after->row_id);
	}
	if (source != SINGLE) {
		db_text_lit(text, " OR o.event_id > ");
		db_text_i64(text, after->row_id);
		db_text_lit(text, " OR o.event_id = ");
		db_text_i64(text, after->row_id);
		db_text_lit(text, " AND o.local_start > ");
		db_text_i64(text, after->local_start);
	}
	db_text_lit(text, ")");
}

static void in_window(struct db_text *text, enum source source, const struct timetable_window *window,
		      const struct timetable_place *after)
{
	int64_t from = window->with_running ? window->from_utc - RUNNING_S : window->from_utc;
	bool is_behind = after && after->row_id && after->starts_at >= from;
	db_text_lit(text, " AND ");
	compare(text, source, sources[source].starts, " >= ", is_behind ? after->starts_at : from < 0 ? 0 : from);
	db_text_lit(text, " AND ");
	compare(text, source, sources[source].starts, " < ", window->to_utc);
	if (is_behind)
		behind(text, source, after);
	if (!window->with_running)
		return;
	db_text_lit(text, " AND (");
	compare(text, source, sources[source].ends, " > ", window->from_utc);
	db_text_lit(text, " OR ");
	compare(text, source, sources[source].starts, " >= ", window->from_utc);
	db_text_lit(text, ")");
}

static void conditions(struct db_text *text, enum source source, const struct event_filter *filter,
		       const struct timetable_window *window, const struct timetable_place *after)
{
	static const struct event_alias single = { "ABS(e.created_by)", EVENT_PLACES("e"), "e.status" };
	static const struct event_alias series = {
		"ABS(e.created_by)", EVENT_PLACES("e"),
		"CASE o.state WHEN 1 THEN 'completed' WHEN 2 THEN 'missed' ELSE e.status END" };
	db_text_lit(text, sources[source].from);
	in_window(text, source, window, after);
	event_where(text, source == SINGLE ? &single : &series, filter);
	db_text_lit(text, " AND " EVENT_VISIBLE("e"));
}

static void select_window(struct db_text *text, enum source source, const struct event_filter *filter,
			  const struct timetable_window *window, const struct timetable_place *after, int32_t limit)
{
	db_text_lit(text, sources[source].columns);
	conditions(text, source, filter, window, after);
	db_text_lit(text, " ORDER BY ");
	db_text_lit(text, sources[source].starts);
	db_text_lit(text, ", ");
	db_text_lit(text, sources[source].row_id);
	db_text_lit(text, source == SINGLE ? " LIMIT " : ", o.local_start LIMIT ");
	db_text_i64(text, limit);
}

/* --- rows ------------------------------------------------------------------- */

/* The title that one occurrence has of its own. */
static const char *own_title(struct ctx *ctx, const char *changes)
{
	struct fail unreadable = { .kind = FAIL_NONE };
	const json_t *object = changes ? json_read(ctx->arena, changes, strlen(changes), &unreadable) : NULL;
	return json_string_value(json_object_get(object, "title"));
}

/* What became of an occurrence counts more than what its series is. */
static enum event_status status_of(const char *status, int64_t occurrence_state)
{
	enum event_status read;
	if (occurrence_state)
		return occurrence_state == 1 ? EVENT_COMPLETED : EVENT_MISSED;
	return event_status_by_name(status, &read) ? read : EVENT_ARCHIVED;
}

static enum zone_flag flag_of(const char *timezone, int64_t local_start)
{
	int64_t utc;
	const struct zone *zone = timezone ? zone_find(timezone) : NULL;
	return zone ? zone_to_utc(zone, local_start, &utc) : ZONE_NORMAL;
}

static void read_entry(struct ctx *ctx, const struct db_rows *rows, size_t row, struct timetable_entry *entry)
{
	struct event places = { 0 };
	*entry = (struct timetable_entry){
		.row_id = db_int(rows, row, COLUMN_ROW_ID),
		.event_id = db_int(rows, row, COLUMN_EVENT_ID),
		.is_recurring = db_int(rows, row, COLUMN_SOURCE) != SINGLE,
		.local_start = db_int(rows, row, COLUMN_LOCAL),
		.starts_at = db_int(rows, row, COLUMN_STARTS),
		.ends_at = db_int(rows, row, COLUMN_ENDS),
		.flag = (enum zone_flag)db_int(rows, row, COLUMN_FLAG),
		.timezone = db_str(rows, row, COLUMN_TIMEZONE),
		.title = db_str(rows, row, COLUMN_TITLE),
		.schedule_type = db_str(rows, row, COLUMN_TYPE),
		.content_id = db_int(rows, row, COLUMN_CONTENT),
		.version_no = (int32_t)db_int(rows, row, COLUMN_VERSION),
		.status = status_of(db_str(rows, row, COLUMN_STATUS), db_int(rows, row, COLUMN_STATE)),
		.row_version = db_int(rows, row, COLUMN_ROW_VERSION),
		.created_by = db_int(rows, row, COLUMN_CREATOR),
	};
	if (!entry->is_recurring)
		entry->flag = flag_of(entry->timezone, entry->local_start);
	const char *title = own_title(ctx, db_str(rows, row, COLUMN_CHANGES));
	if (title)
		entry->title = title;
	event_read_places(ctx->arena, db_str(rows, row, COLUMN_PLACES), &places);
	entry->resources = places.resources;
	entry->resource_count = places.resource_count;
	entry->assignees = places.assignees;
	entry->assignee_count = places.assignee_count;
}

static int number_order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_place(const void *left, const void *right)
{
	const struct timetable_entry *a = left, *b = right;
	int order = number_order(a->starts_at, b->starts_at);
	order = order ? order : a->is_recurring - b->is_recurring;
	order = order ? order : number_order(a->row_id, b->row_id);
	return order ? order : number_order(a->local_start, b->local_start);
}

static struct timetable_entry *read_entries(struct ctx *ctx, const struct db_rows *rows)
{
	struct timetable_entry *entries = arena_array(ctx->arena, rows->count + 1, sizeof(*entries));
	for (size_t i = 0; i < rows->count; i++)
		read_entry(ctx, rows, i, &entries[i]);
	if (rows->count > 1)
		qsort(entries, rows->count, sizeof(*entries), by_place);
	return entries;
}

/* Each source gave up to `limit` of a window: the first of all of them count. */
static size_t cut(struct timetable_entry *entries, size_t count, const struct timetable_window *windows, size_t window_count,
		  int32_t limit)
{
	size_t kept = 0, window = 0;
	int32_t in_window_count = 0;
	for (size_t i = 0; i < count; i++) {
		for (; window + 1 < window_count && entries[i].starts_at >= windows[window].to_utc; window++)
			in_window_count = 0;
		if (in_window_count++ < limit)
			entries[kept++] = entries[i];
	}
	return kept;
}

bool timetable_read(struct ctx *ctx, const struct event_filter *filter, const struct timetable_window *windows,
		    size_t window_count, const struct timetable_place *after, int32_t limit,
		    struct timetable_entry **entries_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "");
	for (size_t window = 0; window < window_count; window++) {
		for (enum source source = 0; source < SOURCE_COUNT; source++) {
			db_text_lit(text, window || source ? " UNION ALL (" : "(");
			select_window(text, source, filter, &windows[window], after, limit);
			db_text_lit(text, ")");
		}
	}
	if (!db_text_query(text, COLUMN_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	*entries_out = read_entries(ctx, &rows);
	*count_out = cut(*entries_out, rows.count, windows, window_count, limit);
	return true;
}

bool timetable_next(struct ctx *ctx, int64_t event_id, int64_t from_utc, int32_t limit, struct timetable_entry **entries_out,
		    size_t *count_out)
{
	static const char *const joins[] = {
		" FROM {event_occurrences} o STRAIGHT_JOIN {scheduled_events} e ON e.id = o.event_id AND " EVENT_IS_STORED("e"),
		" FROM {event_occurrences} o STRAIGHT_JOIN {scheduled_events} e ON e.shadow_of = ABS(o.event_id)"
		" AND (o.event_id < 0) = e.shadow_moves" };
	const int64_t ids[] = { event_id, -event_id };
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "");
	for (int i = 0; i < 2; i++) {
		db_text_lit(text, i ? " UNION ALL (SELECT 1" OCCURRENCE_COLUMNS : "(SELECT 1" OCCURRENCE_COLUMNS);
		db_text_lit(text, joins[i]);
		db_text_lit(text, " WHERE o.event_id IN ");
		db_text_list(text, ids, 2);
		db_text_lit(text, " AND o.end_utc >= ");
		db_text_i64(text, from_utc);
		db_text_lit(text, " AND " EVENT_VISIBLE("e") " ORDER BY o.start_utc LIMIT ");
		db_text_i64(text, limit);
		db_text_lit(text, ")");
	}
	if (!db_text_query(text, COLUMN_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	*entries_out = read_entries(ctx, &rows);
	*count_out = rows.count < (size_t)limit ? rows.count : (size_t)limit;
	return true;
}

bool timetable_count(struct ctx *ctx, const struct event_filter *filter, const struct timetable_window *windows,
		     size_t window_count, int64_t cap, int64_t *counts_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "");
	for (size_t i = 0; i < window_count; i++) {
		const struct timetable_window window = { windows[i].from_utc, windows[i].to_utc, false };
		counts_out[i] = 0;
		for (enum source source = 0; source < SOURCE_COUNT; source++) {
			db_text_lit(text, i || source ? " UNION ALL SELECT " : "SELECT ");
			db_text_i64(text, (int64_t)i);
			db_text_lit(text, ", (SELECT COUNT(*) FROM (SELECT 1");
			conditions(text, source, filter, &window, NULL);
			db_text_lit(text, " LIMIT ");
			db_text_i64(text, cap);
			db_text_lit(text, ") c)");
		}
	}
	if (!db_text_query(text, "ii", ctx->arena, &rows, &ctx->fail))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		counts_out[db_int(&rows, i, 0)] += db_int(&rows, i, 1);
	for (size_t i = 0; i < window_count; i++)
		counts_out[i] = counts_out[i] < cap ? counts_out[i] : cap;
	return true;
}

struct timetable_place timetable_place_of(const struct timetable_entry *entry)
{
	return (struct timetable_place){ entry->starts_at, entry->is_recurring, entry->row_id, entry->local_start };
}

/* --- names ------------------------------------------------------------------- */

static int by_id(const void *left, const void *right)
{
	return number_order(((const struct event_name *)left)->id, ((const struct event_name *)right)->id);
}

bool event_names(struct ctx *ctx, const struct actor *viewer, const int64_t *ids, size_t count, struct event_name **names_out,
		 size_t *count_out)
{
	struct db_rows rows;
	*names_out = arena_array(ctx->arena, count + 1, sizeof(**names_out));
	*count_out = 0;
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "");
	for (int shadows = 0; shadows < 2; shadows++) {
		db_text_lit(text, shadows ? " UNION ALL (" : "(");
		db_text_lit(text, "SELECT " EVENT_ID("e") ", e.shadow_moves, e.schedule_type, e.created_by, e.title"
			    " FROM {scheduled_events} e WHERE ");
		db_text_lit(text, shadows ? "e.shadow_of IN " : EVENT_IS_STORED("e") " AND e.id IN ");
		db_text_list(text, ids, count);
		db_text_lit(text, " AND " EVENT_VISIBLE("e") ")");
	}
	if (!db_text_query(text, "iisis", ctx->arena, &rows, &ctx->fail))
		return false;
	for (size_t i = 0; i < rows.count && i < count; i++)
		(*names_out)[i] = (struct event_name){
			.id = db_int(&rows, i, 0),
			.has_moved_copy = db_int(&rows, i, 1) != 0,
			.is_viewable = permitted_for(viewer, PERMIT_VIEW_SCHEDULED_CONTENT, db_str(&rows, i, 2),
						     llabs(db_int(&rows, i, 3))),
			.title = db_str(&rows, i, 4),
		};
	*count_out = rows.count < count ? rows.count : count;
	qsort(*names_out, *count_out, sizeof(**names_out), by_id);
	return true;
}
