#include "store/resources.h"

#include "store/calendars.h"

#include "db/text.h"

enum { RESOURCE_GET, RESOURCES_PAGE, RESOURCE_INSERT, RESOURCE_UPDATE, RESOURCE_DELETE, RESTRICTIONS_DELETE };

#define RESOURCE_COLUMNS                                              \
	"id, kind, name, timezone, capacity, overlap, active,"        \
	" TIMESTAMPDIFF(SECOND, '1970-01-01', created_at)"

static const struct db_stmt statements[] = {
	[RESOURCE_GET] = { "resource.get", "SELECT " RESOURCE_COLUMNS " FROM {resources} WHERE id = ?", "i", "isssisii" },
	[RESOURCES_PAGE] = { "resources.page",
			     "SELECT " RESOURCE_COLUMNS " FROM {resources}"
			     " WHERE id > ? AND (? IS NULL OR kind = ?) ORDER BY id LIMIT ?",
			     "issi", "isssisii" },
	[RESOURCE_INSERT] = { "resource.insert",
			      "INSERT INTO {resources} (kind, name, timezone, capacity, overlap, active, created_at)"
			      " VALUES (?, ?, ?, ?, ?, ?, UTC_TIMESTAMP())",
			      "sssisi", "" },
	[RESOURCE_UPDATE] = { "resource.update",
			      "UPDATE {resources} SET kind = ?, name = ?, timezone = ?, capacity = ?, overlap = ?, active = ?"
			      " WHERE id = ?",
			      "sssisii", "" },
	[RESOURCE_DELETE] = { "resource.delete",
			      "DELETE FROM {resources} WHERE id = ? AND NOT EXISTS"
			      " (SELECT 1 FROM {event_resources} e WHERE e.resource_id = ?)",
			      "ii", "" },
	[RESTRICTIONS_DELETE] = { "resource.restrictions", "DELETE FROM {restrictions} WHERE resource_id = ?", "i", "" },
};
const struct db_stmt_table resources_statements = { "resources.c", statements,
						    sizeof statements / sizeof statements[0] };

static void read_resource(const struct db_rows *rows, size_t row, struct resource *resource)
{
	*resource = (struct resource){
		.id = db_int(rows, row, 0),
		.kind = db_str(rows, row, 1),
		.name = db_str(rows, row, 2),
		.timezone = db_str(rows, row, 3),
		.capacity = db_int(rows, row, 4),
		.overlap = db_str(rows, row, 5),
		.active = db_int(rows, row, 6) != 0,
		.created_at = db_int(rows, row, 7),
	};
}

bool resource_get(struct ctx *ctx, int64_t id, struct resource *resource_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[RESOURCE_GET], id))
		return false;
	if (rows.count == 0)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_RESOURCE_NOT_FOUND, "There is no resource %lld",
				(long long)id);
	read_resource(&rows, 0, resource_out);
	return true;
}

bool resources_page(struct ctx *ctx, const char *kind, int64_t after_id, int32_t limit,
		    struct resource **resources_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[RESOURCES_PAGE], after_id, kind, kind,
		      (int64_t)limit))
		return false;
	*resources_out = arena_array(ctx->arena, rows.count + 1, sizeof **resources_out);
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		read_resource(&rows, i, &(*resources_out)[i]);
	return true;
}

/* Ends a list of whole rows. */
static bool read_list(struct ctx *ctx, struct db_text *text, struct resource **resources_out, size_t *count_out)
{
	struct db_rows rows;
	if (!db_text_query(text, "isssisii", ctx->arena, &rows, &ctx->fail))
		return false;
	*resources_out = arena_array(ctx->arena, rows.count + 1, sizeof **resources_out);
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		read_resource(&rows, i, &(*resources_out)[i]);
	return true;
}

bool resources_by_ids(struct ctx *ctx, const int64_t *ids, size_t count, struct resource **resources_out, size_t *count_out)
{
	struct db_text *text = db_text_begin(ctx->db, "SELECT " RESOURCE_COLUMNS " FROM {resources} WHERE id IN ");
	db_text_list(text, ids, count);
	db_text_lit(text, " ORDER BY id");
	return read_list(ctx, text, resources_out, count_out);
}

bool resources_by_names(struct ctx *ctx, const char *const *names, size_t count, struct resource **resources_out, size_t *count_out)
{
	struct db_text *text = db_text_begin(ctx->db, "SELECT " RESOURCE_COLUMNS " FROM {resources} WHERE name IN ");
	db_text_row(text);
	for (size_t i = 0; i < count; i++)
		db_text_str(text, names[i]);
	db_text_null(text);
	db_text_end_row(text);
	db_text_lit(text, " ORDER BY id LIMIT 200");
	return read_list(ctx, text, resources_out, count_out);
}

bool resource_insert(struct ctx *ctx, struct resource *resource)
{
	if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[RESOURCE_INSERT], resource->kind, resource->name,
		     resource->timezone, resource->capacity, resource->overlap, (int64_t)resource->active))
		return false;
	resource->id = db_insert_id(ctx->db);
	return true;
}

static bool write_resource(struct ctx *ctx, const struct resource *resource)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[RESOURCE_UPDATE], resource->kind, resource->name,
		       resource->timezone, resource->capacity, resource->overlap, (int64_t)resource->active,
		       resource->id);
}

/* Held and bumped like its calendar's events: what is decided by capacity and
 * overlap is decided before or after, and who looked before can tell. */
bool resource_update(struct ctx *ctx, const struct resource *resource)
{
	struct calendar_key key = { .kind = CALENDAR_RESOURCE, .id = resource->id };
	if (db_begin(ctx->db, &ctx->fail) && calendars_lock(ctx, &key, 1) && write_resource(ctx, resource) &&
	    db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

bool resource_delete(struct ctx *ctx, int64_t id)
{
	struct resource resource;
	int64_t affected;
	if (!resource_get(ctx, id, &resource) ||
	    !db_exec(ctx->db, &ctx->fail, &affected, &statements[RESOURCE_DELETE], id, id))
		return false;
	if (affected == 1)
		return db_exec(ctx->db, &ctx->fail, NULL, &statements[RESTRICTIONS_DELETE], id);
	return fail_set(&ctx->fail, FAIL_CONFLICT, CODE_IN_USE,
					 "Events name resource %lld; set active to false instead", (long long)id);
}
