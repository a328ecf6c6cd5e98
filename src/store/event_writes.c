/* Writing scheduled events, a chunk at a time: multi-row statements only. */
#include "store/events.h"

#include "db/text.h"
#include "store/shadows.h"
#include "store/sql_time.h"

#define PERSONS_COLUMNS                                                                                                \
	"client_id, content_id, version_no, schedule_type, title, starts_at, ends_at, duration_s, payload_hash, next_due_at"
/* Columns that most new events leave at their defaults: an INSERT names them
 * only where one of its events does not (3 us of 28 an event, measured). */
#define ZONE_COLUMNS ", timezone, local_start"
#define ATTRIBUTE_COLUMNS ", attributes"
#define RANK_COLUMNS ", priority, status"
#define SERIES_COLUMNS ", recurrence, until_at, exdates, rdates, overrides, expanded_through"
#define TERMS_COLUMNS ", conditions, misfire, grace_s"
#define ALL_PERSONS_COLUMNS PERSONS_COLUMNS ZONE_COLUMNS ATTRIBUTE_COLUMNS RANK_COLUMNS SERIES_COLUMNS TERMS_COLUMNS

struct optional_columns {
	bool zone, attributes, rank, series, terms;
};
static const struct optional_columns ALL_COLUMNS = { true, true, true, true, true };

enum { STMT_READ_BACK };
static const struct db_stmt statements[] = {
	[STMT_READ_BACK] = { "events.read_back",
			     "SELECT id, origin_ordinal FROM {scheduled_events}"
			     " WHERE origin_job_id = ? AND origin_ordinal BETWEEN ? AND ? ORDER BY origin_ordinal",
			     "iii", "ii" },
};
const struct db_stmt_table event_writes_statements = { "event_writes.c", statements,
						       sizeof(statements) / sizeof(statements[0]) };

static void time_or_null(struct db_text *text, int64_t utc)
{
	if (utc)
		db_text_time(text, utc);
	else
		db_text_null(text);
}

static void dates_value(struct db_text *text, const int64_t *dates, size_t count)
{
	struct str list = STR_INIT;
	if (count)
		event_dates_write(&list, dates, count);
	db_text_str(text, count ? str_text(&list) : NULL);
	str_free(&list);
}

static void series_values(struct db_text *text, const struct event *event)
{
	db_text_str(text, event->recurrence);
	time_or_null(text, event->until_at);
	dates_value(text, event->exdates, event->exdate_count);
	dates_value(text, event->rdates, event->rdate_count);
	db_text_str(text, event->overrides);
	time_or_null(text, event->expanded_through);
}

static void persons_values(struct db_text *text, const struct event_write *write, struct optional_columns columns)
{
	const struct event *event = write->event;
	db_text_str(text, event->client_id);
	db_text_i64(text, event->content_id);
	db_text_i64(text, event->version_no);
	db_text_str(text, event->schedule_type);
	db_text_str(text, event->title ? event->title : "");
	db_text_time(text, event->starts_at);
	db_text_time(text, event->starts_at + event->duration_s);
	db_text_i64(text, event->duration_s);
	db_text_i64(text, (int64_t)write->payload_hash);
	if (event->status == EVENT_SCHEDULED)
		db_text_time(text, event->starts_at);
	else
		db_text_null(text);
	if (columns.zone) {
		db_text_str(text, event->timezone);
		if (event->timezone)
			db_text_time(text, event->local_start);
		else
			db_text_null(text);
	}
	if (columns.attributes)
		db_text_str(text, event->attributes);
	if (columns.rank) {
		db_text_i64(text, event->priority);
		db_text_str(text, event_status_name(event->status));
	}
	if (columns.series)
		series_values(text, event);
	if (columns.terms) {
		db_text_str(text, event->conditions);
		db_text_str(text, misfire_name(event->misfire));
		db_text_i64(text, event->grace_s);
	}
}

static bool has_own_terms(const struct event *event)
{
	return event->conditions || event->misfire != MISFIRE_RUN_LATE || event->grace_s != EVENT_GRACE_S;
}

static void use_columns(struct optional_columns *used, const struct event *event)
{
	used->zone |= event->timezone != NULL;
	used->attributes |= event->attributes != NULL;
	used->rank |= event->priority != 0 || event->status != EVENT_SCHEDULED;
	used->series |= event->recurrence || event->rdate_count;
	used->terms |= has_own_terms(event);
}

static struct optional_columns columns_used(const struct event_write *list, size_t count)
{
	struct optional_columns used = { 0 };
	for (size_t i = 0; i < count; i++)
		use_columns(&used, list[i].event);
	return used;
}

/* Of changed events: also what is taken away is written. */
static struct optional_columns columns_changed(const struct event_write *list, size_t count)
{
	struct optional_columns used = columns_used(list, count);
	for (size_t i = 0; i < count; i++) {
		if (!list[i].before)
			return ALL_COLUMNS;
		use_columns(&used, list[i].before);
	}
	return used;
}

/* Rows (id, ordinal) in the order of the list; between them may be those that
 * an earlier pass or stage made. */
static bool take_ids(struct ctx *ctx, const struct db_rows *rows, struct event_write *list, size_t count)
{
	size_t row = 0, found = 0;
	for (; found < count; found++) {
		while (row < rows->count && db_int(rows, row, 1) != list[found].ordinal)
			row++;
		if (row == rows->count)
			break;
		list[found].id = db_int(rows, row++, 0);
	}
	return found == count || fail_set(&ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "The events written can't be found again");
}

static bool read_back(struct ctx *ctx, int64_t job_id, struct event_write *list, size_t count)
{
	struct db_rows rows;
	if (!job_id) {
		list[0].id = db_insert_id(ctx->db);
		return true;
	}
	return db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_READ_BACK], job_id, list[0].ordinal,
			list[count - 1].ordinal) &&
	       take_ids(ctx, &rows, list, count);
}

static void name_columns(struct db_text *text, struct optional_columns columns)
{
	db_text_lit(text, columns.zone ? ZONE_COLUMNS : "");
	db_text_lit(text, columns.attributes ? ATTRIBUTE_COLUMNS : "");
	db_text_lit(text, columns.rank ? RANK_COLUMNS : "");
	db_text_lit(text, columns.series ? SERIES_COLUMNS : "");
	db_text_lit(text, columns.terms ? TERMS_COLUMNS : "");
}

static void set_columns(struct db_text *text, struct optional_columns columns)
{
	db_text_lit(text, " ON DUPLICATE KEY UPDATE client_id = VALUES(client_id), content_id = VALUES(content_id),"
		    " version_no = VALUES(version_no), schedule_type = VALUES(schedule_type), title = VALUES(title),"
		    " starts_at = VALUES(starts_at), ends_at = VALUES(ends_at), duration_s = VALUES(duration_s),"
		    " payload_hash = VALUES(payload_hash), next_due_at = VALUES(next_due_at), row_version = VALUES(row_version),"
		    " as_version = 0, updated_by = VALUES(updated_by)");
	db_text_lit(text, columns.zone ? ", timezone = VALUES(timezone), local_start = VALUES(local_start)" : "");
	db_text_lit(text, columns.attributes ? ", attributes = VALUES(attributes)" : "");
	db_text_lit(text, columns.rank ? ", priority = VALUES(priority), status = VALUES(status)" : "");
	db_text_lit(text, columns.series ? ", recurrence = VALUES(recurrence), until_at = VALUES(until_at), exdates = VALUES(exdates),"
					   " rdates = VALUES(rdates), overrides = VALUES(overrides),"
					   " expanded_through = VALUES(expanded_through)"
					 : "");
	db_text_lit(text, columns.terms ? ", conditions = VALUES(conditions), misfire = VALUES(misfire), grace_s = VALUES(grace_s)" : "");
}

/* As many rows as go into one statement; `count_out` says how many. */
static struct db_text *insert_text(struct ctx *ctx, struct event_maker maker, const struct event_write *list, size_t count,
				   size_t *count_out)
{
	size_t i = 0;
	struct optional_columns columns = columns_used(list, count);
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {scheduled_events} (" PERSONS_COLUMNS);
	name_columns(text, columns);
	db_text_lit(text, maker.is_unpublished ? ", created_by, origin_job_id, origin_ordinal, job_unpublished) VALUES "
					       : ", created_by, origin_job_id, origin_ordinal) VALUES ");
	for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
		db_text_row(text);
		persons_values(text, &list[i], columns);
		db_text_i64(text, maker.created_by);
		if (maker.job_id) {
			db_text_i64(text, maker.job_id);
			db_text_i64(text, list[i].ordinal);
		} else {
			db_text_null(text);
			db_text_null(text);
		}
		if (maker.is_unpublished)
			db_text_i64(text, maker.job_id);
		db_text_end_row(text);
	}
	*count_out = i;
	return text;
}

/* MariaDB tells the ids in the INSERT's own reply (10.5 on); MySQL is asked. */
bool events_insert(struct ctx *ctx, struct event_maker maker, struct event_write *list, size_t count)
{
	bool returns_ids = false;
	unsigned long version = db_server_version(ctx->db, &returns_ids);
	returns_ids = returns_ids && version >= 100500;
	for (size_t i = 0, n = 0; i < count; i += n) {
		struct db_rows rows;
		struct db_text *text = insert_text(ctx, maker, &list[i], count - i, &n);
		if (!returns_ids) {
			if (!db_text_exec(text, NULL, &ctx->fail))
				return false;
			continue;
		}
		db_text_lit(text, " RETURNING id, COALESCE(origin_ordinal, 0)");
		if (!db_text_query(text, "ii", ctx->arena, &rows, &ctx->fail) || !take_ids(ctx, &rows, &list[i], n))
			return false;
	}
	return returns_ids || read_back(ctx, maker.job_id, list, count);
}

/* An upsert whose keys all exist is the one portable way to give each row its
 * own values in one statement (measured: half of CASE, a quarter of one by one). */
bool events_update(struct ctx *ctx, int64_t updated_by, const struct event_write *list, size_t count)
{
	struct optional_columns columns = columns_changed(list, count);
	for (size_t i = 0; i < count;) {
		struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {scheduled_events} (" PERSONS_COLUMNS);
		name_columns(text, columns);
		db_text_lit(text, ", id, row_version, created_by, updated_by) VALUES ");
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			db_text_row(text);
			persons_values(text, &list[i], columns);
			db_text_i64(text, list[i].event->id);
			db_text_i64(text, list[i].event->row_version);
			db_text_i64(text, list[i].event->created_by);
			db_text_i64(text, updated_by);
			db_text_end_row(text);
		}
		set_columns(text, columns);
		if (!db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}

bool shadows_insert(struct ctx *ctx, int64_t job_id, int64_t updated_by, const struct shadow_write *list, size_t count)
{
	for (size_t i = 0; i < count;) {
		struct db_text *text = db_text_begin(ctx->db, 
						     "INSERT INTO {scheduled_events} (" ALL_PERSONS_COLUMNS ", row_version, created_by, updated_by, job_unpublished,"
						     " shadow_of, shadow_moves, superseded_by) VALUES ");
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			const struct event *event = list[i].write.event;
			db_text_row(text);
			persons_values(text, &list[i].write, ALL_COLUMNS);
			db_text_i64(text, event->row_version);
			db_text_i64(text, list[i].is_new_client ? event->created_by : -event->created_by);
			db_text_i64(text, updated_by);
			db_text_i64(text, job_id);
			db_text_i64(text, event->id);
			db_text_i64(text, list[i].moves);
			db_text_i64(text, event->superseded_by);
			db_text_end_row(text);
		}
		if (!db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}

#define UNDO_COLUMNS "client_id, " STATE_COLUMNS
#define STATE_COLUMNS                                                                                                  \
	"content_id, version_no, schedule_type, title, starts_at, ends_at, duration_s, timezone, local_start," \
	" recurrence, until_at, exdates, rdates, overrides, expanded_through, conditions, attributes, priority, status,"  \
	" row_version, as_version, payload_hash, superseded_by, misfire, grace_s, updated_by, updated_at"

#define PLACES_TEXT                                                                                                    \
	"(SELECT GROUP_CONCAT(CONCAT(LEFT(r.role, 1), r.resource_id) ORDER BY r.resource_id)"                           \
	" FROM {event_resources} r WHERE r.event_id = " EVENT_PLACES("e") ")"

/* The event's own row, or with a batch the shadow that it holds. */
static const char *id_column(int64_t shadows_of_job)
{
	return shadows_of_job ? "e.shadow_of" : "e.id";
}

/* " WHERE e.id IN (…) AND e.row_version = <what it was>" */
static void where_still_at(struct db_text *text, int64_t shadows_of_job, const struct event_undo *list, size_t count)
{
	db_text_lit(text, " WHERE ");
	db_text_lit(text, id_column(shadows_of_job));
	db_text_lit(text, " IN (");
	for (size_t i = 0; i < count; i++)
		db_text_i64(text, list[i].event_id);
	db_text_lit(text, ") AND e.job_unpublished = ");
	db_text_i64(text, shadows_of_job);
	db_text_lit(text, " AND e.row_version = ");
	db_text_by_key(text, id_column(shadows_of_job), &list[0].event_id, &list[0].row_version, sizeof(*list), count);
}

/* The server copies the rows itself.  Neither asking for the resources of all of
 * them at once (MariaDB splits such a join up again) nor telling what was loaded
 * is faster than PLACES_TEXT event by event (measured). */
static bool save_undo(struct ctx *ctx, int64_t job_id, int32_t epoch, int64_t shadows_of_job, const struct event_undo *list,
		      size_t count, bool *same_out)
{
	int64_t copied = 0;
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {undo_rows} (job_id, epoch, ordinal, event_id, written_version, "
					     UNDO_COLUMNS ", resources) SELECT ");
	db_text_i64(text, job_id);
	db_text_i64(text, epoch);
	db_text_by_key(text, id_column(shadows_of_job), &list[0].event_id, &list[0].ordinal, sizeof(*list), count);
	db_text_lit(text, ", " EVENT_ID("e") ", e.row_version + 1, " UNDO_COLUMNS
		    ", " PLACES_TEXT " FROM {scheduled_events} e");
	where_still_at(text, shadows_of_job, list, count);
	if (!db_text_exec(text, &copied, &ctx->fail))
		return false;
	*same_out = copied == (int64_t)count;
	return true;
}

bool events_save_undo(struct ctx *ctx, int64_t job_id, int32_t epoch, const struct event_undo *list, size_t count,
		      bool *same_out)
{
	return save_undo(ctx, job_id, epoch, 0, list, count, same_out);
}

bool shadows_save_undo(struct ctx *ctx, int64_t job_id, int32_t epoch, const struct event_undo *list, size_t count,
		       bool *same_out)
{
	return save_undo(ctx, job_id, epoch, job_id, list, count, same_out);
}

bool events_keep_state(struct ctx *ctx, int64_t job_id, const struct event_undo *list, size_t count, bool *same_out)
{
	int64_t copied = 0;
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {event_history} (job_id, event_id, " STATE_COLUMNS
					     ", resources) SELECT ");
	db_text_i64(text, job_id);
	db_text_lit(text, ", e.id, " STATE_COLUMNS ", " PLACES_TEXT " FROM {scheduled_events} e");
	where_still_at(text, 0, list, count);
	if (!db_text_exec(text, &copied, &ctx->fail))
		return false;
	*same_out = copied == (int64_t)count;
	return true;
}

bool events_clear_resources(struct ctx *ctx, const int64_t *event_ids, size_t count)
{
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "DELETE FROM {event_resources} WHERE event_id IN ");
	db_text_list(text, event_ids, count);
	return db_text_exec(text, NULL, &ctx->fail);
}

static void place_rows(struct db_text *text, int64_t event_id, const int64_t *ids, size_t count, const char *role)
{
	for (size_t i = 0; i < count; i++) {
		db_text_row(text);
		db_text_i64(text, event_id);
		db_text_i64(text, ids[i]);
		db_text_str(text, role);
		db_text_end_row(text);
	}
}

bool events_insert_resources(struct ctx *ctx, const struct event *const *events, size_t count)
{
	for (size_t i = 0; i < count;) {
		bool any = false;
		struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {event_resources} (event_id, resource_id, role) VALUES ");
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			place_rows(text, events[i]->id, events[i]->resources, events[i]->resource_count, "resource");
			place_rows(text, events[i]->id, events[i]->assignees, events[i]->assignee_count, "assignee");
			any = any || events[i]->resource_count || events[i]->assignee_count;
		}
		if (any && !db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}
