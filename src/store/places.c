/* Places of evaluations: packed, read, planned. */
#include "store/places.h"

#include <stdlib.h>

#include "base/str.h"
#include "db/db.h"
#include "db/text.h"
#include "rules/sorted.h"
#include "store/calendars.h"

#define ROW_BYTES 7500 /* stay in the page of their key */
#define PLANNED_AT_ONCE 4000
#define FIELDS 6

enum { STMT_MOVE, STMT_FORGET, STMT_FORGET_PAGE };
static const struct db_stmt statements[] = {
	[STMT_MOVE] = { "places.move",
			"UPDATE {batch_jobs} SET places_left = ?, places_whole = ? WHERE id = ? AND places_left = ? AND places_whole = ?",
			"iiiii", "" },
	[STMT_FORGET] = { "places.forget", "DELETE FROM {batch_places} WHERE job_id = ? AND part >= ?", "ii", "" },
	[STMT_FORGET_PAGE] = { "places.forget_page",
			       "DELETE FROM {batch_places} WHERE job_id = ? AND part BETWEEN ? AND ? AND (part < ? OR first_ordinal < ?"
			       " OR first_ordinal = ? AND piece <= ?)",
			       "iiiiiii", "" },
};
const struct db_stmt_table places_statements = { "places.c", statements, sizeof(statements) / sizeof(statements[0]) };

/* --- writing ------------------------------------------------------------------ */

static int64_t part_of(const struct interval *interval)
{
	return (int64_t)((uint64_t)interval->calendar_id + (uint64_t)interval->kind) % PLACE_PARTS;
}

/* Numbers as text: smaller than most of them are, and the same on every machine. */
static void pack(struct str *out, const struct interval *interval, int64_t group_ordinal)
{
	const int64_t numbers[FIELDS] = { interval->kind,      interval->calendar_id,
					  interval->start_utc, interval->end_utc - interval->start_utc,
					  interval->version_no, -1 - interval->owner - group_ordinal };
	for (size_t i = 0; i < FIELDS; i++) {
		str_addi(out, numbers[i]);
		str_addc(out, i + 1 < FIELDS ? ' ' : ';');
	}
}

/* Where the intervals of each part stand among those sorted by part. */
struct parts {
	const struct interval **list;
	size_t from[PLACE_PARTS + 1];
};

static void sort_by_part(struct arena *arena, const struct interval *list, size_t count, struct parts *parts)
{
	size_t at[PLACE_PARTS] = { 0 };
	*parts = (struct parts){ .list = arena_array(arena, count + 1, sizeof(const struct interval *)) };
	for (size_t i = 0; i < count; i++)
		parts->from[part_of(&list[i]) + 1]++;
	for (size_t part = 0; part < PLACE_PARTS; part++) {
		parts->from[part + 1] += parts->from[part];
		at[part] = parts->from[part];
	}
	for (size_t i = 0; i < count; i++)
		parts->list[at[part_of(&list[i])]++] = &list[i];
}

static void add_row(struct db_text *text, int64_t job_id, int64_t part, int64_t group_ordinal, int64_t piece, const struct str *places)
{
	db_text_row(text);
	db_text_i64(text, job_id);
	db_text_i64(text, part);
	db_text_i64(text, group_ordinal);
	db_text_i64(text, piece);
	db_text_strn(text, str_text(places), places->len);
	db_text_end_row(text);
}

static bool insert(struct ctx *ctx, int64_t job_id, int64_t group_ordinal, int32_t *piece, const struct parts *parts, struct str *row)
{
	size_t i = 0, part = 0, count = parts->from[PLACE_PARTS];
	while (i < count) {
		struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {batch_places} (job_id, part, first_ordinal, piece, places) VALUES ");
		while (i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES) {
			while (parts->from[part + 1] <= i)
				part++;
			str_clear(row);
			for (; i < parts->from[part + 1] && row->len < ROW_BYTES; i++)
				pack(row, parts->list[i], group_ordinal);
			add_row(text, job_id, (int64_t)part, group_ordinal, (*piece)++, row);
		}
		if (!db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}

bool places_insert(struct ctx *ctx, int64_t job_id, int64_t group_ordinal, int32_t *piece, const struct interval *list, size_t count)
{
	struct arena_mark mark = arena_mark(ctx->arena);
	struct str row = STR_INIT;
	struct parts parts;
	sort_by_part(ctx->arena, list, count, &parts);
	bool ok = insert(ctx, job_id, group_ordinal, piece, &parts, &row);
	str_free(&row);
	arena_rewind(ctx->arena, mark);
	return ok;
}

/* --- reading ------------------------------------------------------------------- */

void place_list_free(struct place_list *places)
{
	free(places->list);
	*places = (struct place_list){ 0 };
}

static struct place *room_for_one(struct place_list *places)
{
	if (places->count == places->room) {
		places->room = places->room ? places->room + places->room / 2 : 1024;
		places->list = realloc(places->list, places->room * sizeof(*places->list));
		if (!places->list)
			abort();
	}
	return &places->list[places->count++];
}

static void unpack(struct place_list *places, const char *text, int64_t group_ordinal)
{
	while (*text && !places->is_too_much) {
		int64_t numbers[FIELDS];
		for (size_t i = 0; i < FIELDS; i++) {
			numbers[i] = read_i64(text, &text);
			text += *text != '\0';
		}
		places->is_too_much = places->count == places->most;
		if (!places->is_too_much)
			*room_for_one(places) = (struct place){
				.kind = (int8_t)numbers[0],
				.calendar_id = numbers[1],
				.start_utc = numbers[2],
				.duration_s = (int32_t)numbers[3],
				.version_no = (int32_t)numbers[4],
				.ordinal = (int32_t)(numbers[5] + group_ordinal),
			};
	}
}

static void take_row(void *user, const struct db_value *row)
{
	struct place_list *places = user;
	places->last = (struct place_row){ row[0].i, row[1].i, row[2].i };
	places->rows++;
	if (!places->is_too_much)
		unpack(places, row[3].s, row[1].i);
}

#define SELECT_PLACES "SELECT part, first_ordinal, piece, places FROM {batch_places} WHERE job_id = "

bool places_fetch(struct ctx *ctx, int64_t job_id, int32_t from, int32_t to, struct place_list *places)
{
	size_t count = places->count;
	struct db_text *text = db_text_begin(ctx->db, SELECT_PLACES);
	db_text_i64(text, job_id);
	db_text_lit(text, " AND part >= ");
	db_text_i64(text, from);
	db_text_lit(text, " AND part < ");
	db_text_i64(text, to);
	places->is_too_much = false;
	if (!db_text_each(text, "iiis", take_row, places, &ctx->fail))
		return false;
	if (places->is_too_much)
		places->count = count;
	return true;
}

bool places_page(struct ctx *ctx, int64_t job_id, int32_t part, struct place_list *places)
{
	struct db_text *text = db_text_begin(ctx->db, SELECT_PLACES);
	db_text_i64(text, job_id);
	if (part >= 0) {
		db_text_lit(text, " AND part = ");
		db_text_i64(text, part);
	}
	db_text_lit(text, " ORDER BY part, first_ordinal, piece LIMIT ");
	db_text_i64(text, PLACE_ROWS_A_PAGE);
	places->rows = 0;
	places->is_too_much = false;
	return db_text_each(text, "iiis", take_row, places, &ctx->fail);
}

/* --- what becomes of them --------------------------------------------------------- */

bool places_move(struct ctx *ctx, int64_t job_id, int32_t left, enum places_whole whole, int32_t next_left,
		 enum places_whole next_whole, bool *mine_out)
{
	int64_t affected = 0;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_MOVE], (int64_t)next_left, (int64_t)next_whole, job_id,
		     (int64_t)left, (int64_t)whole))
		return false;
	*mine_out = affected == 1;
	return true;
}

static bool mark_items(struct ctx *ctx, int64_t job_id, const int64_t *ordinals, size_t count)
{
	/* The first row gives the column its name. */
	struct db_text *text = db_text_begin(ctx->db, "UPDATE (SELECT -1 AS o UNION ALL ");
	db_text_values(text);
	for (size_t i = 0; i < count; i++) {
		if (i && ordinals[i] == ordinals[i - 1])
			continue;
		db_text_row(text);
		db_text_i64(text, ordinals[i]);
		db_text_end_row(text);
	}
	db_text_lit(text, ") p STRAIGHT_JOIN {batch_job_items} i ON i.ordinal = p.o AND i.job_id = ");
	db_text_i64(text, job_id);
	db_text_lit(text, " SET i.crowded = 1");
	return db_text_exec(text, NULL, &ctx->fail);
}

/* So many at a time. */
static bool plan(struct ctx *ctx, int64_t job_id, struct interval *list, int64_t *ordinals, size_t count)
{
	if (count > 1) {
		qsort(list, count, sizeof(*list), busy_order);
		qsort(ordinals, count, sizeof(*ordinals), by_number);
	}
	return busy_plan_insert(ctx, job_id, list, count) && mark_items(ctx, job_id, ordinals, count);
}

/* The row of busy_plan.  A name's hash is no time: it stands in its end. */
static struct interval row_of(const struct place *place)
{
	return (struct interval){
		.kind = (enum calendar_kind)place->kind,
		.calendar_id = place->calendar_id,
		.start_utc = place->kind == PLAN_CLIENT_ID ? 0 : place->start_utc,
		.end_utc = place->start_utc + place->duration_s,
		.version_no = place->version_no,
		.owner = -1 - (int64_t)place->ordinal,
	};
}

bool places_plan(struct ctx *ctx, int64_t job_id, const struct place_list *places)
{
	struct arena_mark mark = arena_mark(ctx->arena);
	size_t room = places->count < PLANNED_AT_ONCE ? places->count : PLANNED_AT_ONCE, count = 0;
	struct interval *list = arena_array(ctx->arena, room + 1, sizeof(*list));
	int64_t *ordinals = arena_array(ctx->arena, room + 1, sizeof(*ordinals));
	bool ok = true;
	for (size_t i = 0; ok && i < places->count; i++) {
		const struct place *place = &places->list[i];
		if (place->is_crowded) {
			ordinals[count] = place->ordinal;
			list[count++] = row_of(place);
		}
		if (count && (count == room || i + 1 == places->count)) {
			ok = plan(ctx, job_id, list, ordinals, count);
			count = 0;
		}
	}
	arena_rewind(ctx->arena, mark);
	return ok;
}

bool places_forget(struct ctx *ctx, int64_t job_id, int32_t from)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_FORGET], job_id, (int64_t)from);
}

bool places_forget_page(struct ctx *ctx, int64_t job_id, int32_t part, const struct place_list *places)
{
	const struct place_row *last = &places->last;
	return !places->rows || db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_FORGET_PAGE], job_id, (int64_t)(part < 0 ? 0 : part),
					last->part, last->part, last->group_ordinal, last->group_ordinal, last->piece);
}
