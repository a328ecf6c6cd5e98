/* Restrictions: as people edit them, and as a chunk reads them. */
#include "store/restrictions.h"

#include <stdlib.h>

#include "db/text.h"
#include "rules/permission.h"
#include "store/audit.h"
#include "store/calendars.h"
#include "store/row_version.h"

#define DAY_S 86400
#define OVERLAPPING_TOLD 20

enum {
	STMT_GET,
	STMT_PAGE,
	STMT_INSERT,
	STMT_SAME,
	STMT_UPDATE,
	STMT_DELETE,
	STMT_COUNT,
	STMT_MARK,
	STMT_OVERLAPPING,
	STMT_EVENTS,
	STMT_NAME_OTHERS,
};

#define COLUMNS                                                                                                        \
	"x.id, x.resource_id, x.from_utc, x.to_utc, x.level, x.schedule_types, x.tags, x.reason, x.alternatives,"       \
	" r.name, r.kind, x.row_version FROM {restrictions} x LEFT JOIN {resources} r ON r.id = x.resource_id"
#define COLUMN_TYPES "iiiisssssssi"

static const struct db_stmt statements[] = {
	[STMT_GET] = { "restriction.get", "SELECT " COLUMNS " WHERE x.id = ?", "i", COLUMN_TYPES },
	[STMT_PAGE] = { "restrictions.page",
			"SELECT " COLUMNS " WHERE x.id > ? AND (? = 0 OR x.resource_id = ?) AND (? = 0 OR x.to_utc > ?)"
			" AND (? = 0 OR x.from_utc < ?) ORDER BY x.id LIMIT ?",
			"iiiiiiii", COLUMN_TYPES },
	[STMT_INSERT] = { "restriction.insert",
			  "INSERT INTO {restrictions} (resource_id, from_utc, to_utc, level, schedule_types, tags, reason,"
			  " alternatives, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			  "iiisssssi", "" },
	[STMT_SAME] = { "restriction.same",
			"SELECT id FROM {restrictions} WHERE resource_id = ? AND from_utc = ? AND to_utc = ? AND level = ?"
			" AND schedule_types <=> ? AND tags <=> ? AND reason = ? AND alternatives = ? AND created_by = ? LIMIT 1",
			"iiisssssi", "i" },
	[STMT_UPDATE] = { "restriction.update",
			  "UPDATE {restrictions} SET resource_id = ?, from_utc = ?, to_utc = ?, level = ?, schedule_types = ?,"
			  " tags = ?, reason = ?, alternatives = ?, row_version = row_version + 1 WHERE id = ? AND row_version = ?",
			  "iiisssssii", "" },
	[STMT_DELETE] = { "restriction.delete", "DELETE FROM {restrictions} WHERE id = ? AND row_version = ?", "ii", "" },
	[STMT_COUNT] = { "restrictions.count",
			 "SELECT COUNT(*) FROM {restrictions} WHERE resource_id = ? AND to_utc > UNIX_TIMESTAMP()", "i", "i" },
	[STMT_MARK] = { "restrictions.mark",
			"UPDATE {calendars} SET restricted_until = (SELECT COALESCE(MAX(x.to_utc), 0) FROM {restrictions} x"
			" WHERE x.resource_id = ?) WHERE kind = 2 AND ref_id = ?",
			"ii", "" },
	[STMT_OVERLAPPING] = { "restrictions.overlapping",
			       "SELECT id FROM {restrictions} WHERE resource_id = ? AND to_utc > ? AND from_utc < ? AND id <> ?"
			       " ORDER BY id LIMIT ?",
			       "iiiii", "i" },
	[STMT_EVENTS] = { "restrictions.events",
			  "SELECT COUNT(DISTINCT b.event_id) FROM (SELECT event_id FROM {busy} WHERE calendar_kind = 2 AND"
			  " calendar_id = ? AND day BETWEEN ? AND ? AND start_utc < ? AND end_utc > ? AND local_start >= 0 LIMIT ?) b",
			  "iiiiii", "i" },
	[STMT_NAME_OTHERS] = { "restrictions.name_others", "SELECT 1 FROM {restrictions} WHERE alternatives <> '' LIMIT 1", "", "i" },
};
const struct db_stmt_table restrictions_statements = { "restrictions.c", statements, sizeof(statements) / sizeof(statements[0]) };

static void read_row(const struct db_rows *rows, size_t row, struct restriction_row *out)
{
	*out = (struct restriction_row){
		.rule = {
			.id = db_int(rows, row, 0),
			.resource_id = db_int(rows, row, 1),
			.from_utc = db_int(rows, row, 2),
			.to_utc = db_int(rows, row, 3),
			.is_hard = strcmp(db_str(rows, row, 4), "hard") == 0,
			.schedule_types = db_str(rows, row, 5),
			.tags = db_str(rows, row, 6),
		},
		.reason = db_str(rows, row, 7),
		.alternatives = db_str(rows, row, 8),
		.resource_name = db_str(rows, row, 9),
		.resource_kind = db_str(rows, row, 10),
		.row_version = db_int(rows, row, 11),
	};
}

bool restriction_get(struct ctx *ctx, int64_t id, struct restriction_row *row_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_GET], id))
		return false;
	if (rows.count == 0)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_RESTRICTION_NOT_FOUND, "There is no restriction %lld", (long long)id);
	read_row(&rows, 0, row_out);
	return true;
}

bool restrictions_page(struct ctx *ctx, const struct restriction_filter *filter, struct restriction_row **rows_out,
		       size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_PAGE], filter->after_id, filter->resource_id,
		      filter->resource_id, filter->from_utc, filter->from_utc, filter->to_utc, filter->to_utc,
		      (int64_t)filter->limit))
		return false;
	*rows_out = arena_array(ctx->arena, rows.count + 1, sizeof **rows_out);
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		read_row(&rows, i, &(*rows_out)[i]);
	return true;
}

/* --- changes ------------------------------------------------------------------ */

/* Holds the calendar from the first statement on: what is read under it later
 * is what this transaction wrote. */
static bool lock_calendar(struct ctx *ctx, int64_t resource_id)
{
	struct calendar_key key = { .kind = CALENDAR_RESOURCE, .id = resource_id };
	return calendars_lock(ctx, &key, 1);
}

/* In the order of the calendars' key, as everybody takes them. */
static bool lock_both(struct ctx *ctx, int64_t a, int64_t b)
{
	struct calendar_key keys[2] = { { .kind = CALENDAR_RESOURCE, .id = a < b ? a : b },
					{ .kind = CALENDAR_RESOURCE, .id = a < b ? b : a } };
	return calendars_lock(ctx, keys, a == b ? 1 : 2);
}

static bool mark(struct ctx *ctx, int64_t resource_id)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_MARK], resource_id, resource_id);
}

static bool is_room(struct ctx *ctx, int64_t resource_id)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_COUNT], resource_id))
		return false;
	return db_int(&rows, 0, 0) < RESTRICTIONS_PER_RESOURCE ||
	       fail_set(&ctx->fail, FAIL_CONFLICT, CODE_TOO_MANY_RESTRICTIONS, "Resource %lld has %d restrictions that have not ended",
			(long long)resource_id, RESTRICTIONS_PER_RESOURCE);
}

static bool note(struct ctx *ctx, const char *action, const struct restriction_row *row)
{
	const char *detail = arena_printf(ctx->arena, "{\"resource_id\":%lld}", (long long)row->rule.resource_id);
	return audit_add(ctx, action, 0, row->rule.id, detail);
}

static bool end(struct ctx *ctx, bool ok)
{
	if (ok && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

/* Under the calendar's lock; 0 = there is none. */
static bool find_same(struct ctx *ctx, const struct restriction_row *row, int64_t *id_out)
{
	const struct restriction *rule = &row->rule;
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_SAME], rule->resource_id, rule->from_utc, rule->to_utc,
		      rule->is_hard ? "hard" : "advisory", rule->schedule_types, rule->tags, row->reason, row->alternatives,
		      ctx->actor->user_id))
		return false;
	*id_out = rows.count ? db_int(&rows, 0, 0) : 0;
	return true;
}

static bool insert(struct ctx *ctx, struct restriction_row *row)
{
	const struct restriction *rule = &row->rule;
	int64_t same = 0;
	if (!lock_calendar(ctx, rule->resource_id) || (row->once && !find_same(ctx, row, &same)))
		return false;
	if (same) {
		row->rule.id = same;
		return true;
	}
	if (!is_room(ctx, rule->resource_id) ||
	    !db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_INSERT], rule->resource_id, rule->from_utc, rule->to_utc,
		     rule->is_hard ? "hard" : "advisory", rule->schedule_types, rule->tags, row->reason, row->alternatives,
		     ctx->actor->user_id))
		return false;
	row->rule.id = db_insert_id(ctx->db);
	return mark(ctx, rule->resource_id) && note(ctx, "restriction.create", row);
}

bool restriction_insert(struct ctx *ctx, struct restriction_row *row)
{
	return db_begin(ctx->db, &ctx->fail) && end(ctx, insert(ctx, row));
}

static bool update(struct ctx *ctx, const struct restriction_row *row, int64_t old_id)
{
	const struct restriction *rule = &row->rule;
	int64_t affected;
	return lock_both(ctx, old_id, rule->resource_id) && (old_id == rule->resource_id || is_room(ctx, rule->resource_id)) &&
	       db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_UPDATE], rule->resource_id, rule->from_utc, rule->to_utc,
		       rule->is_hard ? "hard" : "advisory", rule->schedule_types, rule->tags, row->reason, row->alternatives,
		       rule->id, row->row_version) &&
	       row_is_met(ctx, affected) && mark(ctx, rule->resource_id) && mark(ctx, old_id) && note(ctx, "restriction.change", row);
}

bool restriction_update(struct ctx *ctx, const struct restriction_row *row, int64_t old_resource_id)
{
	return db_begin(ctx->db, &ctx->fail) && end(ctx, update(ctx, row, old_resource_id));
}

bool restriction_delete(struct ctx *ctx, const struct restriction_row *row)
{
	int64_t affected;
	return db_begin(ctx->db, &ctx->fail) &&
	       end(ctx, lock_calendar(ctx, row->rule.resource_id) &&
				db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_DELETE], row->rule.id, row->row_version) &&
				row_is_met(ctx, affected) &&
				mark(ctx, row->rule.resource_id) && note(ctx, "restriction.delete", row));
}

bool restriction_touches(struct ctx *ctx, const struct restriction *rule, struct restriction_touch *touch)
{
	struct db_rows rows;
	/* An event may have begun so much earlier and still be there. */
	int64_t first_day = (rule->from_utc - EVENT_DURATION_MAX_S) / DAY_S, last_day = rule->to_utc / DAY_S;
	*touch = (struct restriction_touch){ 0 };
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_OVERLAPPING], rule->resource_id, rule->from_utc,
		      rule->to_utc, rule->id, (int64_t)OVERLAPPING_TOLD))
		return false;
	touch->overlapping = arena_array(ctx->arena, rows.count + 1, sizeof(*touch->overlapping));
	touch->overlapping_count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		touch->overlapping[i] = db_int(&rows, i, 0);
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_EVENTS], rule->resource_id, first_day, last_day,
		      rule->to_utc, rule->from_utc, (int64_t)EVENTS_TOLD_MAX))
		return false;
	touch->event_count = db_int(&rows, 0, 0);
	return true;
}

/* --- for the engine ------------------------------------------------------------- */

bool restrictions_fetch(struct ctx *ctx, const struct restriction_range *ranges, size_t count, bool lock_reads,
			struct restrictions *restrictions)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "WITH p (r, lo, hi) AS (");
	db_text_values(text);
	for (size_t i = 0; i < count; i++) {
		db_text_row(text);
		db_text_i64(text, ranges[i].resource_id);
		db_text_i64(text, ranges[i].from_utc);
		db_text_i64(text, ranges[i].to_utc);
		db_text_end_row(text);
	}
	db_text_lit(text, ") SELECT x.id, x.resource_id, x.from_utc, x.to_utc, x.level = 'hard', x.schedule_types, x.tags"
		    " FROM p STRAIGHT_JOIN {restrictions} x ON x.resource_id = p.r AND x.to_utc > p.lo AND x.from_utc < p.hi");
	/* As in busy_fetch(): only the present counts. */
	if (lock_reads && !db_reads_committed(ctx->db))
		db_text_lit(text, " LOCK IN SHARE MODE");
	if (!db_text_query(text, "iiiiiss", ctx->arena, &rows, &ctx->fail))
		return false;
	restrictions->list = arena_array(ctx->arena, rows.count + 1, sizeof(*restrictions->list));
	restrictions->count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		restrictions->list[i] = (struct restriction){
			.id = db_int(&rows, i, 0),
			.resource_id = db_int(&rows, i, 1),
			.from_utc = db_int(&rows, i, 2),
			.to_utc = db_int(&rows, i, 3),
			.is_hard = db_int(&rows, i, 4) != 0,
			.schedule_types = db_str(&rows, i, 5),
			.tags = db_str(&rows, i, 6),
		};
	compliance_sort(restrictions);
	return true;
}

size_t restriction_ids(const char *text, int64_t *ids, size_t max)
{
	size_t count = 0;
	while (text && *text && count < max) {
		char *after;
		long long id = strtoll(text, &after, 10);
		if (after == text)
			break;
		ids[count++] = id;
		text = *after == ',' ? after + 1 : after;
	}
	return count;
}

bool restrictions_tell(struct ctx *ctx, const int64_t *ids, size_t count, struct restriction_told **list_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT id, reason, alternatives FROM {restrictions} WHERE id IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, " ORDER BY id");
	if (!db_text_query(text, "iss", ctx->arena, &rows, &ctx->fail))
		return false;
	struct restriction_told *list = arena_array(ctx->arena, rows.count + 1, sizeof(*list));
	for (size_t i = 0; i < rows.count; i++) {
		int64_t *alternatives = arena_array(ctx->arena, RESTRICTION_ALTERNATIVES_MAX, sizeof(*alternatives));
		list[i] = (struct restriction_told){
			.id = db_int(&rows, i, 0),
			.reason = db_str(&rows, i, 1),
			.alternatives = alternatives,
			.alternative_count = restriction_ids(db_str(&rows, i, 2), alternatives, RESTRICTION_ALTERNATIVES_MAX),
		};
	}
	*list_out = list;
	*count_out = rows.count;
	return true;
}

bool alternatives_fetch(struct ctx *ctx, const int64_t *ids, size_t count, struct alternative_ref **list_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db,
		"SELECT r.id, r.name, r.active, r.capacity, r.overlap = 'hard', r.kind = 'person', COALESCE(k.max_duration_s, 0)"
		" FROM {resources} r LEFT JOIN {calendars} k ON k.kind = 2 AND k.ref_id = r.id WHERE r.id IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, " ORDER BY r.id");
	if (!db_text_query(text, "isiiiii", ctx->arena, &rows, &ctx->fail))
		return false;
	struct alternative_ref *list = arena_array(ctx->arena, rows.count + 1, sizeof(*list));
	for (size_t i = 0; i < rows.count; i++)
		list[i] = (struct alternative_ref){
			.id = db_int(&rows, i, 0),
			.name = db_str(&rows, i, 1),
			.is_active = db_int(&rows, i, 2) != 0,
			.rule = { .capacity = (int32_t)db_int(&rows, i, 3), .hard = db_int(&rows, i, 4) != 0,
				  .is_person = db_int(&rows, i, 5) != 0 },
			.longest_s = db_int(&rows, i, 6),
		};
	*list_out = list;
	*count_out = rows.count;
	return true;
}

bool restrictions_name_others(struct ctx *ctx, bool *any_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_NAME_OTHERS]))
		return false;
	*any_out = rows.count > 0;
	return true;
}
