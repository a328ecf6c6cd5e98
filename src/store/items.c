/* Items as the engine sees them: received, loaded by the chunk, written once. */
#include "store/items.h"

#include "db/db.h"
#include "db/text.h"
#include "store/events.h"

/* The event that an item names: by id, or by the owner's own key.  One that
 * another batch holds is loaded too, to be told so (struct event, held_by). */
#define CLIENT_TARGET_ID                                                                                               \
	"(SELECT x.id FROM {scheduled_events} x WHERE x.created_by = ? AND x.client_id = i.client_id)"
#define TARGET_JOIN(NAMED)                                                                                             \
	" LEFT JOIN {scheduled_events} e ON e.id = CASE WHEN i.target_id <> 0 THEN i.target_id ELSE " NAMED " END"      \
	" AND " EVENT_IS_STORED("e") " AND (e.job_unpublished <= 0 OR " EVENT_PUBLISHED("e") ")"
#define ITEM_COLUMNS "i.ordinal, i.outcome, i.verdict, i.attempts, i.event_id, i.client_id, i.input, i.target_id, i.crowded"
#define ITEM_TYPES "iiiiissii"
#define ITEM_COLUMN_COUNT 9
#define CLIENT_COLUMN 5
#define TARGET_COLUMN 7
#define CROWDED_COLUMN 8
/* batch_job_items.attempts is a TINYINT. */
#define ATTEMPTS_MAX "127"

/* What a linked item depends on, and what became of it. */
#define LINK_COLUMNS                                                                                                   \
	"COALESCE(n.stage, 0), COALESCE(n.fault, 0), n.cycle_ids, (SELECT GROUP_CONCAT(CONCAT(l.position, ':',"          \
	" l.needs_ordinal, ':', COALESCE(r.outcome, 0), ':', COALESCE(r.event_id, 0)) ORDER BY l.position SEPARATOR ' ')" \
	" FROM {batch_item_links} l FORCE INDEX (PRIMARY) LEFT JOIN {batch_job_items} r FORCE INDEX (PRIMARY)"       \
	" ON r.job_id = l.job_id AND r.ordinal = l.needs_ordinal" \
	" WHERE l.job_id = i.job_id AND l.ordinal = i.ordinal)"
#define LINK_TYPES "iiss"
#define LINK_COLUMN_COUNT 4
#define LINK_JOIN " LEFT JOIN {batch_item_nodes} n FORCE INDEX (PRIMARY) ON n.job_id = i.job_id AND n.ordinal = i.ordinal"
#define LINKED_TARGET_ID                                                                                               \
	"(SELECT NULLIF(r.event_id, 0) FROM {batch_item_links} l FORCE INDEX (PRIMARY)"                                  \
	" STRAIGHT_JOIN {batch_job_items} r FORCE INDEX (PRIMARY) ON r.job_id = l.job_id"                                \
	" AND r.ordinal = l.needs_ordinal WHERE l.job_id = i.job_id AND l.ordinal = i.ordinal AND l.is_target = 1 LIMIT 1)"
/* On a new site MySQL takes the table for empty, and reads all of it. */
#define ITEMS " FROM {batch_job_items} i FORCE INDEX (PRIMARY)"
#define RANGE " WHERE i.job_id = ? AND i.ordinal BETWEEN ? AND ? ORDER BY i.ordinal"

/* The event as the batch itself has changed it, where it holds it. */
#define CLIENT_HELD_ID                                                                                                 \
	"(SELECT " EVENT_ID("x") " FROM {scheduled_events} x WHERE x.created_by = ? AND x.client_id = i.client_id)"
#define HELD_JOIN(NAMED)                                                                                               \
	" LEFT JOIN {scheduled_events} t ON t.id = CASE WHEN i.target_id <> 0 THEN i.target_id ELSE " NAMED " END"      \
	" AND " EVENT_IS_STORED("t") " AND (t.job_unpublished <= 0 OR " EVENT_PUBLISHED("t") ")"                       \
	" LEFT JOIN {scheduled_events} h ON h.shadow_of = t.id AND h.job_unpublished = i.job_id"                       \
	" LEFT JOIN {scheduled_events} e ON e.id = COALESCE(h.id, t.id)"

/* The first six are indexed by is_linked and enum items_with. */
enum { STMT_FAILED_SINCE = 6, STMT_TAKE_BACK };
static const struct db_stmt statements[] = {
	{ "items.load", "SELECT " ITEM_COLUMNS ITEMS RANGE, "iii", ITEM_TYPES },
	{ "items.load_with_target",
	  "SELECT " ITEM_COLUMNS ", " EVENT_COLUMNS ITEMS TARGET_JOIN(CLIENT_TARGET_ID) RANGE, "iiii",
	  ITEM_TYPES EVENT_TYPES },
	{ "items.load_with_held", "SELECT " ITEM_COLUMNS ", " EVENT_COLUMNS ITEMS HELD_JOIN(CLIENT_HELD_ID) RANGE,
	  "iiii", ITEM_TYPES EVENT_TYPES },
	{ "items.load_linked", "SELECT " ITEM_COLUMNS ", " LINK_COLUMNS ITEMS LINK_JOIN RANGE, "iii",
	  ITEM_TYPES LINK_TYPES },
	{ "items.load_linked_with_target",
	  "SELECT " ITEM_COLUMNS ", " LINK_COLUMNS ", " EVENT_COLUMNS ITEMS LINK_JOIN
	  TARGET_JOIN("COALESCE(" CLIENT_TARGET_ID ", " LINKED_TARGET_ID ")") RANGE,
	  "iiii", ITEM_TYPES LINK_TYPES EVENT_TYPES },
	{ "items.load_linked_with_held",
	  "SELECT " ITEM_COLUMNS ", " LINK_COLUMNS ", " EVENT_COLUMNS ITEMS LINK_JOIN
	  HELD_JOIN("COALESCE(" CLIENT_HELD_ID ", " LINKED_TARGET_ID ")") RANGE,
	  "iiii", ITEM_TYPES LINK_TYPES EVENT_TYPES },
	[STMT_FAILED_SINCE] = { "items.failed_since",
				"SELECT 1 FROM {batch_item_errors} WHERE job_id = ? AND outcome = 5 AND epoch >= ? LIMIT 1", "ii", "i" },
	[STMT_TAKE_BACK] = { "items.take_back",
			     "UPDATE {batch_job_items} FORCE INDEX (PRIMARY) SET outcome = 7, event_id = event_id * ?"
			     " WHERE job_id = ? AND ordinal BETWEEN ? AND ?"
			     " AND outcome = 1",
			     "iiii", "" },
};
const struct db_stmt_table items_statements = { "items.c", statements, sizeof(statements) / sizeof(statements[0]) };

static void error_detail(struct str *out, const struct item_input *input)
{
	struct json_writer w;
	str_clear(out);
	jw_begin(&w, out);
	jw_object(&w, NULL);
	jw_list(&w, "errors");
	jw_object(&w, NULL);
	jw_text(&w, "code", code_info(input->code)->name);
	jw_text(&w, "message", input->message);
	jw_text(&w, "pointer", input->pointer ? input->pointer : "");
	jw_text(&w, "suggestion", code_info(input->code)->fix);
	jw_bool(&w, "recoverable", code_info(input->code)->recoverable);
	jw_end_object(&w);
	jw_end_list(&w);
	jw_end_object(&w);
}

static void error_row(struct db_text *text, int64_t job_id, int32_t epoch, const struct item_outcome *item)
{
	db_text_row(text);
	db_text_i64(text, job_id);
	db_text_i64(text, item->ordinal);
	db_text_i64(text, item->outcome);
	db_text_str(text, code_info(item->code)->name);
	db_text_i64(text, epoch);
	db_text_str(text, item->detail);
	db_text_i64(text, item->ways);
	db_text_i64(text, item->likeness);
	db_text_end_row(text);
}

#define ERROR_INSERT "INSERT INTO {batch_item_errors} (job_id, ordinal, outcome, code, epoch, detail, ways, likeness) VALUES "
#define ERROR_UPSERT                                                                                                   \
	" ON DUPLICATE KEY UPDATE outcome = VALUES(outcome), code = VALUES(code), epoch = VALUES(epoch),"              \
	" detail = VALUES(detail), ways = VALUES(ways), likeness = VALUES(likeness)"
#define FIRST_EPOCH 1

static bool insert_malformed(struct ctx *ctx, int64_t job_id, int64_t first, const struct item_input *list, size_t count)
{
	bool any = false;
	struct str detail = STR_INIT;
	struct db_text *text = db_text_begin(ctx->db, ERROR_INSERT);
	for (size_t i = 0; i < count; i++) {
		if (list[i].code == CODE_NONE)
			continue;
		any = true;
		error_detail(&detail, &list[i]);
		error_row(text, job_id, FIRST_EPOCH,
			  &(struct item_outcome){ .ordinal = first + (int64_t)i, .outcome = OUTCOME_FAILED, .code = list[i].code,
						  .detail = str_text(&detail) });
	}
	str_free(&detail);
	return !any || db_text_exec(text, NULL, &ctx->fail);
}

static bool insert_expansions(struct ctx *ctx, int64_t job_id, int64_t first, const struct item_input *list, size_t count)
{
	bool any = false;
	struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {batch_expansions} (job_id, ordinal, direction) VALUES ");
	for (size_t i = 0; i < count; i++) {
		if (!list[i].is_query)
			continue;
		any = true;
		db_text_row(text);
		db_text_i64(text, job_id);
		db_text_i64(text, first + (int64_t)i);
		db_text_i64(text, list[i].direction);
		db_text_end_row(text);
	}
	return !any || db_text_exec(text, NULL, &ctx->fail);
}

bool items_insert(struct ctx *ctx, int64_t job_id, int64_t first_ordinal, const struct item_input *list, size_t count)
{
	for (size_t i = 0; i < count;) {
		struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {batch_job_items}"
						     " (job_id, ordinal, outcome, target_id, client_id, input) VALUES ");
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			db_text_row(text);
			db_text_i64(text, job_id);
			db_text_i64(text, first_ordinal + (int64_t)i);
			db_text_i64(text, list[i].code == CODE_NONE ? OUTCOME_PENDING : OUTCOME_FAILED);
			db_text_i64(text, list[i].target_id);
			db_text_str(text, list[i].client_id);
			db_text_strn(text, list[i].text, list[i].len);
			db_text_end_row(text);
		}
		if (!db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return insert_malformed(ctx, job_id, first_ordinal, list, count) &&
	       insert_expansions(ctx, job_id, first_ordinal, list, count);
}

static void link_from_row(const struct db_rows *rows, size_t row, struct item_row *item)
{
	item->stage = (int32_t)db_int(rows, row, ITEM_COLUMN_COUNT);
	item->fault = (int32_t)db_int(rows, row, ITEM_COLUMN_COUNT + 1);
	item->cycle = db_str(rows, row, ITEM_COLUMN_COUNT + 2);
	item->needed = db_str(rows, row, ITEM_COLUMN_COUNT + 3);
}

static bool load(struct ctx *ctx, const struct job *job, int64_t first, int64_t last, enum items_with with, struct db_rows *rows)
{
	const struct db_stmt *stmt = &statements[(job->linked != LINKED_NOT ? 3 : 0) + (int)with];
	return with == ITEMS_ALONE ? db_query(ctx->db, &ctx->fail, ctx->arena, rows, stmt, job->id, first, last)
				   : db_query(ctx->db, &ctx->fail, ctx->arena, rows, stmt, job->created_by, job->id, first, last);
}

static bool names_any(const struct db_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (db_int(rows, i, TARGET_COLUMN) || !db_at(rows, i, CLIENT_COLUMN)->is_null)
			return true;
	return false;
}

bool items_load(struct ctx *ctx, const struct job *job, int64_t first, int64_t last, enum items_with with,
		struct item_row **rows_out, size_t *count_out)
{
	struct db_rows rows;
	struct arena_mark mark = arena_mark(ctx->arena);
	bool is_linked = job->linked != LINKED_NOT;
	size_t event_column = ITEM_COLUMN_COUNT + (is_linked ? LINK_COLUMN_COUNT : 0);
	/* Most evaluations are of proposals, which name no event: the join costs
	 * three times the rest (4.9 against 1.4 us an item). */
	bool may_be_alone = with == ITEMS_WITH_STORED && !is_linked && job->type == JOB_EVALUATE;
	bool with_target = with != ITEMS_ALONE && !may_be_alone;
	if (!load(ctx, job, first, last, with_target ? with : ITEMS_ALONE, &rows))
		return false;
	if (may_be_alone && names_any(&rows)) {
		arena_rewind(ctx->arena, mark);
		with_target = true;
		if (!load(ctx, job, first, last, with, &rows))
			return false;
	}
	*count_out = rows.count;
	*rows_out = arena_array(ctx->arena, rows.count + 1, sizeof(**rows_out));
	for (size_t i = 0; i < rows.count; i++) {
		struct item_row *item = &(*rows_out)[i];
		item->ordinal = db_int(&rows, i, 0);
		item->outcome = (enum outcome)db_int(&rows, i, 1);
		item->verdict = (enum verdict)db_int(&rows, i, 2);
		item->attempts = (int32_t)db_int(&rows, i, 3);
		item->event_id = db_int(&rows, i, 4);
		item->client_id = db_str(&rows, i, 5);
		item->input = db_str(&rows, i, 6);
		item->is_crowded = db_int(&rows, i, CROWDED_COLUMN) != 0;
		if (is_linked)
			link_from_row(&rows, i, item);
		struct event *target = with_target && !db_at(&rows, i, event_column)->is_null
					       ? arena_alloc(ctx->arena, sizeof(*target))
					       : NULL;
		if (target && event_from_row(ctx, &rows, i, event_column, target))
			item->target = target;
	}
	return true;
}

enum result_column { RESULT_OUTCOME, RESULT_VERDICT, RESULT_ATTEMPTS, RESULT_EVENT_ID };

/* Consecutive ordinals for which the same expression gives a column's value are
 * one run: event ids that grow with the ordinals are. */
static bool same_run(const struct item_outcome *a, const struct item_outcome *b, enum result_column column)
{
	switch (column) {
	case RESULT_OUTCOME:
		return a->outcome == b->outcome;
	case RESULT_VERDICT:
		return a->verdict == b->verdict;
	case RESULT_ATTEMPTS:
		return a->was_worked == b->was_worked;
	case RESULT_EVENT_ID:
		break;
	}
	return a->event_id && b->event_id ? a->event_id - a->ordinal == b->event_id - b->ordinal : a->event_id == b->event_id;
}

static void run_value(struct db_text *text, const struct item_outcome *item, enum result_column column)
{
	switch (column) {
	case RESULT_OUTCOME:
		db_text_i64(text, item->outcome);
		break;
	case RESULT_VERDICT:
		db_text_i64(text, item->verdict);
		break;
	case RESULT_ATTEMPTS:
		db_text_i64(text, item->was_worked);
		break;
	case RESULT_EVENT_ID:
		if (item->event_id)
			db_text_i64(text, item->event_id - item->ordinal);
		else
			db_text_null(text);
		break;
	}
}

/* The value of a column as a function of the ordinal: INTERVAL() bisects the
 * starts of the runs (CASE is quadratic, a statement per row ten times slower).
 * What is the same for all of them is no function: each of the four costs 0.6 us
 * a row, as much as half of writing it. */
static void by_run(struct db_text *text, struct arena *arena, const struct item_outcome *list, size_t count, enum result_column column)
{
	const struct item_outcome **runs = arena_array(arena, count, sizeof(const struct item_outcome *));
	size_t run_count = 0;
	for (size_t i = 0; i < count; i++)
		if (i == 0 || !same_run(&list[i - 1], &list[i], column))
			runs[run_count++] = &list[i];
	if (run_count == 1) {
		run_value(text, runs[0], column);
		return;
	}
	db_text_lit(text, "ELT(1 + INTERVAL(ordinal");
	db_text_sql(text, "");
	for (size_t i = 1; i < run_count; i++)
		db_text_i64(text, runs[i]->ordinal);
	db_text_lit(text, "), ");
	for (size_t i = 0; i < run_count; i++)
		run_value(text, runs[i], column);
	db_text_lit(text, ")");
}

static bool write_results(struct ctx *ctx, int64_t job_id, const struct item_outcome *list, size_t count, int32_t attempts)
{
	struct db_text *text = db_text_begin(ctx->db, "UPDATE {batch_job_items} FORCE INDEX (PRIMARY) SET outcome = ");
	by_run(text, ctx->arena, list, count, RESULT_OUTCOME);
	db_text_lit(text, ", verdict = ");
	by_run(text, ctx->arena, list, count, RESULT_VERDICT);
	db_text_lit(text, arena_printf(ctx->arena, ", attempts = LEAST(" ATTEMPTS_MAX ", attempts + %d * ", attempts));
	by_run(text, ctx->arena, list, count, RESULT_ATTEMPTS);
	db_text_lit(text, "), event_id = COALESCE(");
	by_run(text, ctx->arena, list, count, RESULT_EVENT_ID);
	db_text_lit(text, " + ordinal, 0) WHERE job_id = ");
	db_text_i64(text, job_id);
	db_text_lit(text, " AND ordinal BETWEEN ");
	db_text_i64(text, list[0].ordinal);
	db_text_lit(text, " AND ");
	db_text_i64(text, list[count - 1].ordinal);
	return db_text_exec(text, NULL, &ctx->fail);
}

static bool write_details(struct ctx *ctx, const struct job *job, const struct item_outcome *list, size_t count)
{
	for (size_t i = 0; i < count;) {
		bool any = false;
		struct db_text *text = db_text_begin(ctx->db, ERROR_INSERT);
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			if (!list[i].detail || !list[i].was_worked)
				continue;
			any = true;
			error_row(text, job->id, job->epoch, &list[i]);
		}
		db_text_lit(text, ERROR_UPSERT);
		if (any && !db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}

bool items_write(struct ctx *ctx, const struct job *job, const struct item_outcome *list, size_t count, int32_t attempts)
{
	return !count || (write_results(ctx, job->id, list, count, attempts) && write_details(ctx, job, list, count));
}

bool items_clear_errors(struct ctx *ctx, int64_t job_id, const struct item_outcome *list, size_t count)
{
	int64_t *ordinals = arena_array(ctx->arena, count + 1, sizeof(*ordinals));
	size_t cleared = 0;
	for (size_t i = 0; i < count; i++)
		if (list[i].was_worked && !list[i].detail)
			ordinals[cleared++] = list[i].ordinal;
	if (!cleared)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "DELETE FROM {batch_item_errors} WHERE job_id = ");
	db_text_i64(text, job_id);
	db_text_lit(text, " AND ordinal IN ");
	db_text_list(text, ordinals, cleared);
	return db_text_exec(text, NULL, &ctx->fail);
}

bool items_failed_since(struct ctx *ctx, int64_t job_id, int32_t epoch, bool *any_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_FAILED_SINCE], job_id, (int64_t)epoch))
		return false;
	*any_out = rows.count > 0;
	return true;
}

bool items_take_back(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, bool forget_events)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_TAKE_BACK], (int64_t)!forget_events, job_id, first, last);
}
