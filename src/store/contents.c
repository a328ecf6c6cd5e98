#include "store/contents.h"

#include "rules/permission.h"
#include "store/viewable.h"

enum { CONTENT_GET, CONTENT_INSERT, CONTENT_NEXT_VERSION, VERSION_INSERT, VERSIONS_PAGE };

#define CONTENT_COLUMNS                                                                   \
	"id, title, schedule_type, owner_id, latest_version, live_version,"               \
	" TIMESTAMPDIFF(SECOND, '1970-01-01', created_at)"
#define CONTENT_TYPES "issiiii"

static const struct db_stmt statements[] = {
	[CONTENT_GET] = { "content.get", "SELECT " CONTENT_COLUMNS " FROM {contents} WHERE id = ?", "i", CONTENT_TYPES },
	[CONTENT_INSERT] = { "content.insert",
			     "INSERT INTO {contents} (title, schedule_type, owner_id, created_at)"
			     " VALUES (?, ?, ?, UTC_TIMESTAMP())",
			     "ssi", "" },
	[CONTENT_NEXT_VERSION] = { "content.next_version",
				   "UPDATE {contents} SET latest_version = LAST_INSERT_ID(latest_version + 1)"
				   " WHERE id = ?",
				   "i", "" },
	[VERSION_INSERT] = { "content_version.insert",
			     "INSERT INTO {content_versions} (content_id, version_no, body, created_by, created_at)"
			     " VALUES (?, ?, ?, ?, UTC_TIMESTAMP())",
			     "iisi", "" },
	[VERSIONS_PAGE] = { "content_versions.page",
			    "SELECT version_no, body, created_by, TIMESTAMPDIFF(SECOND, '1970-01-01', created_at)"
			    " FROM {content_versions} WHERE content_id = ? AND version_no > ?"
			    " ORDER BY version_no LIMIT ?",
			    "iii", "isii" },
};
const struct db_stmt_table contents_statements = { "contents.c", statements, sizeof statements / sizeof statements[0] };

static void read_content(const struct db_rows *rows, size_t row, struct content *content)
{
	*content = (struct content){
		.id = db_int(rows, row, 0),
		.title = db_str(rows, row, 1),
		.schedule_type = db_str(rows, row, 2),
		.owner_id = db_int(rows, row, 3),
		.latest_version = db_int(rows, row, 4),
		.live_version = db_int(rows, row, 5),
		.created_at = db_int(rows, row, 6),
	};
}

static bool not_found(struct ctx *ctx, int64_t id)
{
	return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_CONTENT_NOT_FOUND, "There is no content %lld", (long long)id);
}

bool content_get(struct ctx *ctx, int64_t id, struct content *content_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[CONTENT_GET], id))
		return false;
	if (rows.count == 0)
		return not_found(ctx, id);
	read_content(&rows, 0, content_out);
	return true;
}

bool contents_page(struct ctx *ctx, const struct actor *viewer, int64_t after_id, int32_t limit, struct content **contents_out,
		   size_t *count_out)
{
	static const struct viewable contents = { PERMIT_VIEW_CONTENT_VERSIONS, "schedule_type", "owner_id", true };
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT " CONTENT_COLUMNS " FROM {contents} WHERE id > ");
	db_text_i64(text, after_id);
	and_viewable(text, &contents, viewer);
	db_text_lit(text, " ORDER BY id LIMIT ");
	db_text_i64(text, limit);
	if (!db_text_query(text, CONTENT_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	*contents_out = arena_array(ctx->arena, rows.count + 1, sizeof **contents_out);
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		read_content(&rows, i, &(*contents_out)[i]);
	return true;
}

bool content_insert(struct ctx *ctx, const char *title, const char *schedule_type, int64_t *id_out)
{
	if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[CONTENT_INSERT], title, schedule_type, ctx->actor->user_id))
		return false;
	*id_out = db_insert_id(ctx->db);
	return true;
}

bool content_add_version(struct ctx *ctx, int64_t content_id, const char *body, int64_t *version_no_out)
{
	int64_t affected;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[CONTENT_NEXT_VERSION], content_id))
		return false;
	if (affected == 0)
		return not_found(ctx, content_id);
	*version_no_out = db_insert_id(ctx->db);
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[VERSION_INSERT], content_id, *version_no_out, body,
		       ctx->actor->user_id);
}

bool content_versions_page(struct ctx *ctx, int64_t content_id, int64_t after_no, int32_t limit,
			   struct content_version **versions_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[VERSIONS_PAGE], content_id, after_no,
		      (int64_t)limit))
		return false;
	*versions_out = arena_array(ctx->arena, rows.count + 1, sizeof **versions_out);
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*versions_out)[i] = (struct content_version){
			.version_no = db_int(&rows, i, 0),
			.body = db_str(&rows, i, 1),
			.created_by = db_int(&rows, i, 2),
			.created_at = db_int(&rows, i, 3),
		};
	return true;
}
