/* Files of batches. */
#include "store/upload_files.h"

#include "db/db.h"

enum {
	STMT_LIST,
	STMT_KEEP_HEADER,
	STMT_FORGET_HEADER,
	STMT_INSERT,
	STMT_SET_STATE,
	STMT_COPY,
	STMT_CUT_ITEMS, /* from here to STMT_CUT_PLACES: what came with items */
	STMT_CUT_ERRORS,
	STMT_CUT_NODES,
	STMT_CUT_LINKS,
	STMT_CUT_SLICES,
	STMT_CUT_PLACES,
	STMT_CUT_QUERIES,
	STMT_CUT_JOB,
};

static const struct db_stmt statements[] = {
	[STMT_LIST] = { "upload_files.list",
			"SELECT file_no, name, bytes, first_ordinal, state, code, message, csv_header FROM {upload_files}"
			" WHERE job_id = ? ORDER BY file_no",
			"i", "isiissss" },
	[STMT_KEEP_HEADER] = { "upload_files.keep_header",
			       "UPDATE {upload_files} SET csv_header = ? WHERE job_id = ? AND file_no = ?", "sii", "" },
	[STMT_FORGET_HEADER] = { "upload_files.forget_header", "UPDATE {batch_jobs} SET csv_header = NULL WHERE id = ?", "i", "" },
	[STMT_INSERT] = { "upload_files.insert",
			  "INSERT INTO {upload_files} (job_id, file_no, name, bytes, first_ordinal) VALUES (?, ?, ?, ?, ?)", "iisii", "" },
	[STMT_SET_STATE] = { "upload_files.set_state",
			     "UPDATE {upload_files} SET state = ?, code = ?, message = ? WHERE job_id = ? AND file_no = ?", "sssii", "" },
	[STMT_COPY] = { "upload_files.copy",
			"INSERT INTO {upload_files} (job_id, file_no, name, bytes, first_ordinal, state, code, message, csv_header)"
			" SELECT ?, file_no, name, bytes, first_ordinal, state, code, message, csv_header FROM {upload_files}"
			" WHERE job_id = ?",
			"ii", "" },
	[STMT_CUT_ITEMS] = { "upload.cut_items", "DELETE FROM {batch_job_items} WHERE job_id = ? AND ordinal >= ?", "ii", "" },
	[STMT_CUT_ERRORS] = { "upload.cut_errors", "DELETE FROM {batch_item_errors} WHERE job_id = ? AND ordinal >= ?", "ii", "" },
	[STMT_CUT_NODES] = { "upload.cut_nodes", "DELETE FROM {batch_item_nodes} WHERE job_id = ? AND ordinal >= ?", "ii", "" },
	[STMT_CUT_LINKS] = { "upload.cut_links", "DELETE FROM {batch_item_links} WHERE job_id = ? AND ordinal >= ?", "ii", "" },
	[STMT_CUT_SLICES] = { "upload.cut_slices", "DELETE FROM {batch_slices} WHERE job_id = ? AND first_ordinal >= ?", "ii", "" },
	[STMT_CUT_PLACES] = { "upload.cut_places", "DELETE FROM {batch_places} WHERE job_id = ? AND first_ordinal >= ?", "ii", "" },
	[STMT_CUT_QUERIES] = { "upload.cut_queries", "DELETE FROM {batch_expansions} WHERE job_id = ? AND ordinal >= ?", "ii", "" },
	[STMT_CUT_JOB] = { "upload.cut_job",
			   "UPDATE {batch_jobs} SET total = total - (received - ?), received = ?, unfrozen = unfrozen - ?"
			   " WHERE id = ? AND status = 'receiving'",
			   "iiii", "" },
};
const struct db_stmt_table upload_files_statements = { "upload_files.c", statements, sizeof(statements) / sizeof(statements[0]) };

static const char *const names[UPLOAD_STATE_COUNT] = {
	[UPLOAD_TAKEN] = "taken",
	[UPLOAD_REFUSED] = "refused",
	[UPLOAD_CANCELLED] = "cancelled",
};

const char *upload_state_name(enum upload_state state)
{
	return names[state];
}

bool upload_state_by_name(const char *name, enum upload_state *state_out)
{
	for (int state = 0; state < UPLOAD_STATE_COUNT; state++)
		if (strcmp(names[state], name) == 0) {
			*state_out = (enum upload_state)state;
			return true;
		}
	return false;
}

bool upload_files_list(struct ctx *ctx, const struct job *job, struct upload_file **list_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LIST], job->id))
		return false;
	struct upload_file *list = arena_array(ctx->arena, rows.count + 1, sizeof(*list));
	for (size_t i = 0; i < rows.count; i++) {
		bool is_last = i + 1 == rows.count;
		struct upload_file *file = &list[i];
		*file = (struct upload_file){
			.file_no = (int32_t)db_int(&rows, i, 0),
			.name = db_str(&rows, i, 1),
			.bytes = db_int(&rows, i, 2),
			.first_ordinal = db_int(&rows, i, 3),
			.items = (is_last ? job->received : db_int(&rows, i + 1, 3)) - db_int(&rows, i, 3),
			.code = db_str(&rows, i, 5),
			.message = db_str(&rows, i, 6),
			.csv_header = is_last ? job->csv_header : db_str(&rows, i, 7),
		};
		if (!upload_state_by_name(db_str(&rows, i, 4), &file->state))
			file->state = UPLOAD_TAKEN;
	}
	*list_out = list;
	*count_out = rows.count;
	return true;
}

bool upload_file_insert(struct ctx *ctx, const struct job *job, const struct upload_file *file)
{
	if (job->csv_header && (!db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_KEEP_HEADER], job->csv_header, job->id,
					 (int64_t)file->file_no - 1) ||
				!db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_FORGET_HEADER], job->id)))
		return false;
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_INSERT], job->id, (int64_t)file->file_no, file->name, file->bytes,
		       job->received);
}

bool upload_file_set_state(struct ctx *ctx, int64_t job_id, int32_t file_no, enum upload_state state, const char *code,
			   const char *message)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_SET_STATE], upload_state_name(state), code, message, job_id,
		       (int64_t)file_no);
}

bool upload_rewind(struct ctx *ctx, const struct job *job, int64_t cut)
{
	int64_t queries = 0;
	for (int statement = STMT_CUT_ITEMS; statement <= STMT_CUT_PLACES; statement++)
		if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[statement], job->id, cut))
			return false;
	return db_exec(ctx->db, &ctx->fail, &queries, &statements[STMT_CUT_QUERIES], job->id, cut) &&
	       db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_CUT_JOB], cut, cut, queries, job->id);
}

bool upload_files_copy(struct ctx *ctx, int64_t from_job, int64_t to_job)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_COPY], to_job, from_job);
}
