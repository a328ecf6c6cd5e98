#include "store/system.h"

#include "base/config.h"
#include "base/json.h"
#include "db/db.h"
#include "store/purge.h"
#include "store/sql_time.h"

#define SIZES "sizes"
#define KEPT_S 300

enum { STMT_STATE, STMT_MEASURE, STMT_KEEP, STMT_NOW };
static const struct db_stmt statements[] = {
	[STMT_STATE] = { "system.state",
			 "SELECT VERSION(), s.result, " SQL_SECONDS("s.ran_at") ", COALESCE(TIMESTAMPDIFF(SECOND, s.ran_at, " SQL_NOW
			 "), 999999), " SQL_SECONDS("p.ran_at") ", p.removed, (SELECT COUNT(*) FROM {batch_purges})"
			 " FROM {maintenance} s JOIN {maintenance} p ON p.name = 'purge' WHERE s.name = ?",
			 "s", "ssiiiii" },
	[STMT_MEASURE] = { "system.measure",
			   "SELECT table_name, COALESCE(table_rows, 0), COALESCE(data_length, 0), COALESCE(index_length, 0)"
			   " FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
			   " AND LEFT(table_name, CHAR_LENGTH(?)) = ? ORDER BY data_length + index_length DESC LIMIT 100",
			   "ss", "siii" },
	[STMT_NOW] = { "system.now", "SELECT " SQL_SECONDS("UTC_TIMESTAMP()"), "", "i" },
	[STMT_KEEP] = { "system.keep", "UPDATE {maintenance} SET result = ?, ran_at = " SQL_NOW " WHERE name = ?", "ss", "" },
};
const struct db_stmt_table system_statements = { "system.c", statements, sizeof(statements) / sizeof(statements[0]) };

static bool measure(struct ctx *ctx)
{
	struct db_rows rows;
	struct str text = STR_INIT;
	struct json_writer w;
	const char *prefix = ctx->config->table_prefix;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_MEASURE], prefix, prefix))
		return false;
	jw_begin(&w, &text);
	jw_list(&w, NULL);
	for (size_t i = 0; i < rows.count; i++) {
		jw_object(&w, NULL);
		jw_text(&w, "name", db_str(&rows, i, 0) + strlen(prefix));
		jw_int(&w, "rows", db_int(&rows, i, 1));
		jw_int(&w, "data_bytes", db_int(&rows, i, 2));
		jw_int(&w, "index_bytes", db_int(&rows, i, 3));
		jw_end_object(&w);
	}
	jw_end_list(&w);
	bool ok = db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_KEEP], str_text(&text), SIZES);
	str_free(&text);
	return ok;
}

static bool read_sizes(struct ctx *ctx, const char *text, struct system_state *state)
{
	size_t i;
	json_t *entry, *list = text ? json_read(ctx->arena, text, strlen(text), &ctx->fail) : NULL;
	if (text && !list)
		return false;
	state->table_count = json_array_size(list);
	state->tables = arena_array(ctx->arena, state->table_count + 1, sizeof(*state->tables));
	json_array_foreach(list, i, entry) {
		const char *name = json_string_value(json_object_get(entry, "name"));
		state->tables[i] = (struct table_size){ name ? name : "", json_integer_value(json_object_get(entry, "rows")),
							json_integer_value(json_object_get(entry, "data_bytes")),
							json_integer_value(json_object_get(entry, "index_bytes")) };
		state->bytes += state->tables[i].data_bytes + state->tables[i].index_bytes;
	}
	return true;
}

bool system_state(struct ctx *ctx, struct system_state *state)
{
	struct db_rows rows;
	int64_t step;
	bool mine = false;
	for (int look = 0;; look++) {
		if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_STATE], SIZES))
			return false;
		if (!rows.count)
			return fail_set(&ctx->fail, FAIL_INTERNAL, CODE_INTERNAL, "The table of maintenance has lost its rows");
		if (look || db_int(&rows, 0, 3) < KEPT_S)
			break;
		/* Old figures do for whoever comes while another measures. */
		if (!maintenance_claim(ctx, SIZES, &mine, &step))
			return false;
		if (!mine)
			break;
		if (!measure(ctx))
			return false;
	}
	*state = (struct system_state){
		.database_version = db_str(&rows, 0, 0),
		.measured_at = db_int(&rows, 0, 2),
		.maintained_at = db_int(&rows, 0, 4),
		.removed = db_int(&rows, 0, 5),
		.forgotten_left = db_int(&rows, 0, 6),
	};
	return read_sizes(ctx, db_str(&rows, 0, 1), state);
}

bool system_now(struct ctx *ctx, int64_t *now_utc_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_NOW]))
		return false;
	*now_utc_out = db_int(&rows, 0, 0);
	return true;
}
