/* On which calendars an evaluation rests. */
#include "store/calendar_notes.h"

#include "db/db.h"
#include "db/text.h"

enum { STMT_EDGE, STMT_COPY };
static const struct db_stmt statements[] = {
	[STMT_EDGE] = { "calendar_notes.edge",
			"SELECT kind, ref_id FROM {batch_calendars} WHERE job_id = ? AND (kind > ? OR kind = ? AND ref_id > ?)"
			" ORDER BY kind, ref_id LIMIT ?, 1",
			"iiiii", "ii" },
	[STMT_COPY] = { "calendar_notes.copy",
			"INSERT INTO {batch_calendars} (job_id, kind, ref_id, ver) SELECT ?, kind, ref_id, ver FROM {batch_calendars}"
			" WHERE job_id = ? AND (kind > ? OR kind = ? AND ref_id > ?) ORDER BY kind, ref_id LIMIT ?",
			"iiiiii", "" },
};
const struct db_stmt_table calendar_notes_statements = { "calendar_notes.c", statements, sizeof(statements) / sizeof(statements[0]) };

static int64_t noted_key(enum calendar_kind kind, int64_t id)
{
	return id * 4 + (int64_t)kind; /* never 0, which is an empty place */
}

/* A key has one place: who comes later has it. */
static size_t noted_place(int64_t key)
{
	return (size_t)(((uint64_t)key * 0x9e3779b97f4a7c15U) >> (64 - NOTED_BITS));
}

bool calendar_is_noted(const struct noted_calendars *noted, enum calendar_kind kind, int64_t id)
{
	int64_t key = noted_key(kind, id);
	return noted->keys[noted_place(key)] == key;
}

void calendars_remember(struct noted_calendars *noted, const struct calendar_key *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t key = noted_key(list[i].kind, list[i].id);
		noted->keys[noted_place(key)] = key;
	}
}

bool calendars_note(struct ctx *ctx, int64_t job_id, const struct calendar_key *list, const int64_t *versions, size_t count)
{
	for (size_t i = 0; i < count;) {
		bool any = false;
		struct db_text *text = db_text_begin(ctx->db, "INSERT INTO {batch_calendars} (job_id, kind, ref_id, ver) VALUES ");
		for (; i < count && db_text_bytes(text) < DB_TEXT_SPLIT_BYTES; i++) {
			if (versions[i] == CALENDAR_NOTED)
				continue;
			any = true;
			db_text_row(text);
			db_text_i64(text, job_id);
			db_text_i64(text, list[i].kind);
			db_text_i64(text, list[i].id);
			db_text_i64(text, versions[i]);
			db_text_end_row(text);
		}
		db_text_lit(text, " ON DUPLICATE KEY UPDATE ver = LEAST(ver, VALUES(ver))");
		if (any && !db_text_exec(text, NULL, &ctx->fail))
			return false;
	}
	return true;
}

bool calendars_copy_notes(struct ctx *ctx, int64_t from_job, int64_t to_job, int64_t limit, struct note_copy *copy)
{
	struct db_rows rows;
	int64_t kind = copy->kind;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_EDGE], from_job, kind, kind, copy->ref_id, limit - 1) ||
	    !db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_COPY], to_job, from_job, kind, kind, copy->ref_id, limit))
		return false;
	copy->is_done = rows.count == 0;
	if (rows.count) {
		copy->kind = (int32_t)db_int(&rows, 0, 0);
		copy->ref_id = db_int(&rows, 0, 1);
	}
	return true;
}

static void keys_of_kind(struct db_text *text, const struct calendar_key *list, size_t count, enum calendar_kind kind, const bool *wanted)
{
	bool first = true;
	for (size_t i = 0; i < count; i++) {
		if (list[i].kind != kind || (wanted && !wanted[i]))
			continue;
		db_text_lit(text, first ? "" : ",");
		db_text_i64(text, list[i].id);
		first = false;
	}
	db_text_lit(text, first ? "NULL" : ""); /* matches nothing */
}

#define NOTES_WITH_CALENDARS "{batch_calendars} n STRAIGHT_JOIN {calendars} k ON k.kind = n.kind AND k.ref_id = n.ref_id"

static void where_these(struct db_text *text, int64_t job_id, const struct calendar_key *list, size_t count, const bool *wanted)
{
	db_text_lit(text, " WHERE n.job_id = ");
	db_text_i64(text, job_id);
	db_text_lit(text, " AND (n.kind = 1 AND n.ref_id IN (");
	keys_of_kind(text, list, count, CALENDAR_CONTENT, wanted);
	db_text_lit(text, ") OR n.kind = 2 AND n.ref_id IN (");
	keys_of_kind(text, list, count, CALENDAR_RESOURCE, wanted);
	db_text_lit(text, "))");
}

static size_t place_of(const struct calendar_key *list, size_t count, int64_t kind, int64_t id)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if ((int64_t)list[middle].kind < kind || ((int64_t)list[middle].kind == kind && list[middle].id < id))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool calendars_unmoved(struct ctx *ctx, int64_t job_id, const struct calendar_key *list, size_t count, int64_t bumps,
		       bool *unmoved)
{
	struct db_rows rows;
	if (!count)
		return true;
	struct db_text *text = db_text_begin(ctx->db, "SELECT n.kind, n.ref_id FROM " NOTES_WITH_CALENDARS);
	where_these(text, job_id, list, count, NULL);
	/* One that was not there then was made by this transaction, at 1. */
	db_text_lit(text, " AND k.ver = CASE n.ver WHEN 0 THEN 1 ELSE n.ver + ");
	db_text_i64(text, bumps);
	db_text_lit(text, " END");
	if (!db_reads_committed(ctx->db))
		db_text_lit(text, " LOCK IN SHARE MODE");
	if (!db_text_query(text, "ii", ctx->arena, &rows, &ctx->fail))
		return false;
	for (size_t i = 0; i < rows.count; i++) {
		size_t at = place_of(list, count, db_int(&rows, i, 0), db_int(&rows, i, 1));
		if (at < count && list[at].id == db_int(&rows, i, 1))
			unmoved[at] = true;
	}
	if (!rows.count)
		return true;
	text = db_text_begin(ctx->db, "UPDATE " NOTES_WITH_CALENDARS " SET n.ver = k.ver");
	where_these(text, job_id, list, count, unmoved);
	return db_text_exec(text, NULL, &ctx->fail);
}
