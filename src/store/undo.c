/* Undo: before-images, and what has become of events since, a chunk at a time. */
#include "store/undo.h"

#include <stdlib.h>

#include "db/text.h"
#include "store/events.h"
#include "store/history.h"

#define ITEM_COLUMNS                                                                                                   \
	"i.ordinal, i.outcome, i.verdict, i.event_id, j.undone_by, COALESCE(NULLIF(e.as_version, 0), e.row_version)," \
	" COALESCE(NULLIF(e.updated_by, 0), e.created_by), COALESCE(p.display_name, ''), " SQL_SECONDS("e.updated_at") "," \
	" CASE WHEN e.row_version > 1 THEN (SELECT MAX(w.job_id) FROM " IMAGES_BY_EVENT("w")                           \
	" WHERE w.event_id = e.id AND w.written_version = COALESCE(NULLIF(e.as_version, 0), e.row_version)) END, " EVENT_COLUMNS
#define ITEM_TYPES "iiiiiiisii" EVENT_TYPES
enum {
	COLUMN_ORDINAL,
	COLUMN_OUTCOME,
	COLUMN_VERDICT,
	COLUMN_EVENT_ID,
	COLUMN_ASKER,
	COLUMN_VERSION,
	COLUMN_CHANGED_BY,
	COLUMN_CHANGED_BY_NAME,
	COLUMN_CHANGED_AT,
	COLUMN_CHANGED_IN,
	COLUMN_EVENT,
	COLUMN_IMAGE = COLUMN_EVENT + EVENT_COLUMN_COUNT
};

/* An image in the order of EVENT_COLUMNS. */
#define IMAGE_COLUMNS                                                                                                  \
	"u.epoch, u.ordinal, u.written_version, COALESCE(NULLIF(u.as_version, 0), u.row_version),"                     \
	" (SELECT MAX(k.id) FROM {scheduled_events} k WHERE k.created_by = e.created_by AND k.client_id = u.client_id"  \
	" AND k.id <> u.event_id), u.event_id, u.client_id, u.content_id, u.version_no, u.schedule_type, u.title, "    \
	SQL_SECONDS("u.starts_at") ", " SQL_SECONDS("u.ends_at") ", u.duration_s, u.timezone, "                        \
	SQL_SECONDS("u.local_start") ", u.attributes, u.priority, u.status, u.row_version, e.created_by, u.recurrence,"  \
	" u.exdates, u.rdates, u.overrides, " SQL_SECONDS("u.until_at") ", " SQL_SECONDS("u.expanded_through") ","       \
	" u.conditions, u.misfire, u.grace_s, u.superseded_by, u.resources, 0"
#define IMAGE_TYPES "iiiii" EVENT_TYPES
#define IMAGE_KEY_COLUMNS 5
/* After the image: has the batch made any event at all? */
#define MADE_COLUMN "(SELECT 1 FROM {scheduled_events} m WHERE m.origin_job_id = j.id LIMIT 1)"
#define COLUMN_MADE (COLUMN_IMAGE + IMAGE_KEY_COLUMNS + EVENT_COLUMN_COUNT)

/* Only what succeeded has done anything: for others nothing is looked up. */
#define ITEM_JOINS                                                                                                     \
	" FROM {batch_job_items} i JOIN {batch_jobs} j ON j.id = i.job_id"                                             \
	" LEFT JOIN {scheduled_events} e ON i.outcome = 1 AND e.id = i.event_id"                                       \
	" LEFT JOIN {users} p ON p.id = COALESCE(NULLIF(e.updated_by, 0), e.created_by)"
#define CHUNK_OF_ITEMS " WHERE i.job_id = ? AND i.ordinal BETWEEN ? AND ? ORDER BY i.ordinal"

enum { STMT_LOAD, STMT_LOAD_WITH_IMAGES, STMT_LOAD_DISPLACED, STMT_LOAD_TAKINGS, STMT_LOAD_MADE, STMT_SET_ASKER, STMT_EXPIRED };
static const struct db_stmt statements[] = {
	[STMT_LOAD] = { "undo.load", "SELECT " ITEM_COLUMNS ITEM_JOINS CHUNK_OF_ITEMS, "iii", ITEM_TYPES },
	[STMT_LOAD_WITH_IMAGES] = { "undo.load_with_images",
				    "SELECT " ITEM_COLUMNS ", " IMAGE_COLUMNS ", " MADE_COLUMN ITEM_JOINS
				    " LEFT JOIN " IMAGES_BY_EVENT("u")
				    " ON i.outcome = 1 AND u.event_id = i.event_id AND u.job_id = i.job_id"
				    " AND u.ordinal = (SELECT o.ordinal FROM " IMAGES_BY_EVENT("o") " WHERE o.event_id = i.event_id"
				    " AND o.job_id = i.job_id AND o.ordinal <= i.ordinal ORDER BY o.ordinal DESC LIMIT 1)"
				    CHUNK_OF_ITEMS,
				    "iii", ITEM_TYPES IMAGE_TYPES "i" },
	/* What made room for the items' events: images that are not of the item's own. */
	[STMT_LOAD_DISPLACED] = { "undo.load_displaced",
				  "SELECT " ITEM_COLUMNS ", " IMAGE_COLUMNS
				  " FROM (SELECT d.job_id, d.epoch, d.ordinal, d.event_id, o.outcome, o.verdict FROM {undo_rows} d"
				  " JOIN {batch_job_items} o ON o.job_id = d.job_id AND o.ordinal = d.ordinal WHERE d.job_id = ?"
				  " AND d.ordinal BETWEEN ? AND ? AND d.event_id <> o.event_id AND o.outcome = 1) i"
				  " JOIN {batch_jobs} j ON j.id = i.job_id JOIN {undo_rows} u ON u.job_id = i.job_id"
				  " AND u.ordinal = i.ordinal AND u.epoch = i.epoch AND u.event_id = i.event_id"
				  " LEFT JOIN {scheduled_events} e ON e.id = i.event_id"
				  " LEFT JOIN {users} p ON p.id = COALESCE(NULLIF(e.updated_by, 0), e.created_by)"
				  " ORDER BY i.event_id",
				  "iii", ITEM_TYPES IMAGE_TYPES },
	[STMT_LOAD_TAKINGS] = { "undo.load_takings",
				"SELECT x.ordinal, JSON_EXTRACT(x.detail, '$.resolution.replaced_occurrences') FROM {batch_item_errors} x"
				" JOIN {batch_job_items} i ON i.job_id = x.job_id AND i.ordinal = x.ordinal AND i.outcome = 1"
				" WHERE x.job_id = ? AND x.ordinal BETWEEN ? AND ?"
				" AND JSON_EXTRACT(x.detail, '$.resolution.replaced_occurrences') IS NOT NULL ORDER BY x.ordinal",
				"iii", "is" },
	/* What items made that changed another event. */
	[STMT_LOAD_MADE] = { "undo.load_made",
			     "SELECT " ITEM_COLUMNS ", i.ended_id, (SELECT COALESCE(NULLIF(u.as_version, 0), u.row_version) FROM " IMAGES_BY_EVENT("u")
			     " WHERE u.event_id = i.ended_id AND u.job_id = i.job_id AND u.ordinal <= i.ordinal ORDER BY u.ordinal DESC LIMIT 1)"
			     " FROM (SELECT o.job_id, o.ordinal, o.outcome, o.verdict, o.event_id AS ended_id, m.id AS event_id FROM {scheduled_events} m"
			     " JOIN {batch_job_items} o ON o.job_id = m.origin_job_id AND o.ordinal = m.origin_ordinal"
			     " WHERE m.origin_job_id = ? AND m.origin_ordinal BETWEEN ? AND ? AND m.id <> o.event_id AND o.outcome = 1) i"
			     " JOIN {batch_jobs} j ON j.id = i.job_id JOIN {scheduled_events} e ON e.id = i.event_id"
			     " LEFT JOIN {users} p ON p.id = COALESCE(NULLIF(e.updated_by, 0), e.created_by) ORDER BY i.event_id",
			     "iii", ITEM_TYPES "ii" },
	[STMT_SET_ASKER] = { "undo.set_asker", "UPDATE {batch_jobs} SET undone_by = ? WHERE id = ?", "ii", "" },
	/* Batches are few beside their rows: the key is read batch by batch, which
	 * MariaDB only does where it is forced (else 84 ms at 80,000 rows). */
	[STMT_EXPIRED] = { "undo.expired",
			   "SELECT d.job_id FROM (SELECT DISTINCT job_id FROM {undo_rows} FORCE INDEX (PRIMARY)) d LEFT JOIN {batch_jobs} j ON j.id = d.job_id"
			   " WHERE j.id IS NULL OR j.status IN ('undone', 'undo_partial', 'rolled_back')"
			   " OR j.phase IN ('completed', 'failed') AND j.undo_until < " SQL_NOW " LIMIT 1",
			   "", "i" },
};
const struct db_stmt_table undo_statements = { "undo.c", statements, sizeof(statements) / sizeof(statements[0]) };

/* --- loading ---------------------------------------------------------------- */

/* What an item's row says about its event; items of one event stand together. */
struct loaded {
	struct undo_item *item;
	size_t row;
};

static int by_event(const void *left, const void *right)
{
	const struct loaded *a = left, *b = right;
	return (a->item->event_id > b->item->event_id) - (a->item->event_id < b->item->event_id);
}

static int latest_first(const void *left, const void *right)
{
	const struct undo_image *const *a = left, *const *b = right;
	return ((*a)->written_version < (*b)->written_version) - ((*a)->written_version > (*b)->written_version);
}

static struct undo_image *read_image(struct ctx *ctx, const struct db_rows *rows, size_t row, size_t column)
{
	struct undo_image *image = arena_alloc(ctx->arena, sizeof(*image));
	*image = (struct undo_image){
		.epoch = db_int(rows, row, column),
		.ordinal = db_int(rows, row, column + 1),
		.written_version = db_int(rows, row, column + 2),
		.before_version = db_int(rows, row, column + 3),
		.client_taken_by = db_int(rows, row, column + 4),
	};
	(void)event_from_row(ctx, rows, row, column + IMAGE_KEY_COLUMNS, &image->event);
	return image;
}

static void read_event(struct ctx *ctx, const struct db_rows *rows, size_t row, struct undo_event *event)
{
	*event = (struct undo_event){ .id = db_int(rows, row, COLUMN_EVENT_ID) };
	event->is_there = event_from_row(ctx, rows, row, COLUMN_EVENT, &event->stored);
	event->version = db_int(rows, row, COLUMN_VERSION);
	event->change = (struct event_change){ event->id, db_int(rows, row, COLUMN_CHANGED_BY),
					       db_str(rows, row, COLUMN_CHANGED_BY_NAME), db_int(rows, row, COLUMN_CHANGED_AT),
					       db_int(rows, row, COLUMN_CHANGED_IN) };
}

/* Latest first, each once: items that share an image loaded it several times. */
static void sort_images(struct undo_event *event)
{
	size_t kept = 0;
	if (event->image_count > 1)
		qsort(event->images, event->image_count, sizeof(struct undo_image *), latest_first);
	for (size_t i = 0; i < event->image_count; i++)
		if (!kept || event->images[kept - 1]->written_version != event->images[i]->written_version)
			event->images[kept++] = event->images[i];
	event->image_count = kept;
}

/* The items of one event, `count` of them. */
static void read_group(struct ctx *ctx, const struct db_rows *rows, const struct loaded *group, size_t count,
		       bool with_images, struct undo_event *event)
{
	read_event(ctx, rows, group[0].row, event);
	event->images = arena_array(ctx->arena, count, sizeof(struct undo_image *));
	for (size_t i = 0; i < count; i++) {
		struct undo_item *item = group[i].item;
		item->event = event;
		if (!with_images || db_at(rows, group[i].row, COLUMN_IMAGE)->is_null)
			continue;
		item->image = read_image(ctx, rows, group[i].row, COLUMN_IMAGE);
		event->images[event->image_count++] = item->image;
	}
	sort_images(event);
}

static void read_item(const struct db_rows *rows, size_t row, struct undo_item *item)
{
	*item = (struct undo_item){
		.ordinal = db_int(rows, row, COLUMN_ORDINAL),
		.outcome = (enum outcome)db_int(rows, row, COLUMN_OUTCOME),
		.verdict = (enum verdict)db_int(rows, row, COLUMN_VERDICT),
		.event_id = db_int(rows, row, COLUMN_EVENT_ID),
	};
}

bool undo_load(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, bool with_images, struct undo_chunk *chunk)
{
	struct db_rows rows;
	size_t count = 0;
	int statement = with_images ? STMT_LOAD_WITH_IMAGES : STMT_LOAD;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[statement], job_id, first, last))
		return false;
	*chunk = (struct undo_chunk){ .items = arena_array(ctx->arena, rows.count + 1, sizeof(*chunk->items)),
				      .item_count = rows.count,
				      .events = arena_array(ctx->arena, rows.count + 1, sizeof(*chunk->events)),
				      .undone_by = rows.count ? db_int(&rows, 0, COLUMN_ASKER) : 0,
				      .has_made = with_images && rows.count && db_int(&rows, 0, COLUMN_MADE) };
	struct loaded *loaded = arena_array(ctx->arena, rows.count + 1, sizeof(*loaded));
	for (size_t i = 0; i < rows.count; i++) {
		read_item(&rows, i, &chunk->items[i]);
		if (chunk->items[i].outcome == OUTCOME_SUCCEEDED && chunk->items[i].event_id)
			loaded[count++] = (struct loaded){ &chunk->items[i], i };
	}
	if (count > 1)
		qsort(loaded, count, sizeof(*loaded), by_event);
	for (size_t at = 0, end; at < count; at = end) {
		for (end = at + 1; end < count && loaded[end].item->event_id == loaded[at].item->event_id;)
			end++;
		read_group(ctx, &rows, &loaded[at], end - at, with_images, &chunk->events[chunk->event_count++]);
	}
	return true;
}

bool undo_load_displaced(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, struct undo_displaced **list_out,
			 size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LOAD_DISPLACED], job_id, first, last))
		return false;
	*count_out = rows.count;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++) {
		struct undo_displaced *displaced = &(*list_out)[i];
		displaced->ordinal = db_int(&rows, i, COLUMN_ORDINAL);
		read_event(ctx, &rows, i, &displaced->event);
		displaced->image = read_image(ctx, &rows, i, COLUMN_IMAGE);
	}
	return true;
}

bool undo_load_takings(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, struct undo_taking **list_out,
		       size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LOAD_TAKINGS], job_id, first, last))
		return false;
	*count_out = rows.count;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++)
		(*list_out)[i] = (struct undo_taking){ db_int(&rows, i, 0), db_str(&rows, i, 1) };
	return true;
}

bool undo_load_events(struct ctx *ctx, int64_t job_id, const int64_t *ids, size_t count, struct undo_event **list_out,
		      size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT " ITEM_COLUMNS " FROM (SELECT 0 AS ordinal, 1 AS outcome, 0 AS verdict, s.id AS event_id"
					     " FROM {scheduled_events} s WHERE s.id IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, ") i JOIN {scheduled_events} e ON e.id = i.event_id LEFT JOIN {users} p ON p.id ="
		    " COALESCE(NULLIF(e.updated_by, 0), e.created_by) JOIN {batch_jobs} j ON j.id = ");
	db_text_i64(text, job_id);
	db_text_lit(text, " ORDER BY i.event_id");
	if (!db_text_query(text, ITEM_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++) {
		read_event(ctx, &rows, i, &(*list_out)[i]);
		(*list_out)[i].images = arena_array(ctx->arena, 1, sizeof(struct undo_image *));
	}
	return true;
}

bool undo_load_made(struct ctx *ctx, int64_t job_id, int64_t first, int64_t last, struct undo_made **list_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LOAD_MADE], job_id, first, last))
		return false;
	*count_out = rows.count;
	*list_out = arena_array(ctx->arena, rows.count + 1, sizeof(**list_out));
	for (size_t i = 0; i < rows.count; i++) {
		(*list_out)[i].ended_id = db_int(&rows, i, COLUMN_IMAGE);
		(*list_out)[i].before_version = db_int(&rows, i, COLUMN_IMAGE + 1);
		read_event(ctx, &rows, i, &(*list_out)[i].event);
	}
	return true;
}

bool undo_load_chains(struct ctx *ctx, int64_t job_id, struct undo_event *const *events, size_t count)
{
	struct db_rows rows;
	int64_t *ids = arena_array(ctx->arena, count + 1, sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = events[i]->id;
	struct db_text *text = db_text_begin(ctx->db, "SELECT " IMAGE_COLUMNS " FROM {undo_rows} u JOIN {scheduled_events} e"
					     " ON e.id = u.event_id WHERE u.job_id = ");
	db_text_i64(text, job_id);
	db_text_lit(text, " AND u.event_id IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, " ORDER BY u.event_id LIMIT ");
	db_text_i64(text, UNDO_CHAIN_MAX);
	if (!db_text_query(text, IMAGE_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	for (size_t i = 0, row = 0; i < count; i++) {
		struct undo_event *event = events[i];
		struct undo_image **images = arena_array(ctx->arena, rows.count + event->image_count + 1, sizeof(struct undo_image *));
		memcpy(images, event->images, event->image_count * sizeof(struct undo_image *));
		event->images = images;
		for (; row < rows.count && db_int(&rows, row, IMAGE_KEY_COLUMNS) == event->id; row++)
			event->images[event->image_count++] = read_image(ctx, &rows, row, 0);
		sort_images(event);
	}
	return true;
}

bool undo_changes(struct ctx *ctx, const int64_t *event_ids, size_t count, struct event_change **changes_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT e.id, COALESCE(NULLIF(e.updated_by, 0), e.created_by) AS who,"
					     " COALESCE(p.display_name, ''), " SQL_SECONDS("e.updated_at") ","
					     " COALESCE((SELECT MAX(w.job_id) FROM " IMAGES_BY_EVENT("w") " WHERE w.event_id = e.id"
					     " AND w.written_version = e.row_version), CASE WHEN e.row_version = 1 THEN e.origin_job_id END, 0)"
					     " FROM {scheduled_events} e"
					     " LEFT JOIN {users} p ON p.id = COALESCE(NULLIF(e.updated_by, 0), e.created_by) WHERE e.id IN ");
	db_text_list(text, event_ids, count);
	db_text_lit(text, " ORDER BY e.id");
	if (!db_text_query(text, "iisii", ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	*changes_out = arena_array(ctx->arena, rows.count + 1, sizeof(**changes_out));
	for (size_t i = 0; i < rows.count; i++)
		(*changes_out)[i] = (struct event_change){ db_int(&rows, i, 0), db_int(&rows, i, 1), db_str(&rows, i, 2),
							   db_int(&rows, i, 3), db_int(&rows, i, 4) };
	return true;
}

/* --- of a batch --------------------------------------------------------------- */

bool undo_set_asker(struct ctx *ctx, int64_t job_id, int64_t user_id)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_SET_ASKER], user_id, job_id);
}

bool undo_purge(struct ctx *ctx, int64_t rows, bool *more_out)
{
	struct db_rows expired;
	int64_t moved;
	*more_out = false;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &expired, &statements[STMT_EXPIRED]))
		return false;
	if (!expired.count)
		return true;
	*more_out = true;
	return history_move(ctx, db_int(&expired, 0, 0), rows, &moved);
}
