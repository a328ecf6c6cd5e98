/* EXPLAIN. */
#include "plan.h"

#include "db/text.h"
#include "store/statements.h"

struct plan plan_of_text(struct site *site, const char *statement)
{
	struct plan plan = { .count = 0 };
	struct db_rows rows;
	struct str keys = STR_INIT;
	bool is_mariadb;
	(void)db_server_version(site->look.db, &is_mariadb);
	/* MySQL has `partitions` before `type` and `filtered` before `Extra`, and its way to tell is a setting. */
	struct db_text *text = db_text_begin(site->look.db, text_of(site, "EXPLAIN %s%s", is_mariadb ? "" : "FORMAT=TRADITIONAL ", statement));
	if (!db_text_query(text, is_mariadb ? "isssssssis" : "issssssssiss", site->look.arena, &rows, &site->look.fail))
		fail_msg("%s", site->look.fail.detail);
	size_t shift = is_mariadb ? 0 : 1;
	for (size_t i = 0; i < rows.count; i++) {
		const char *table = db_str(&rows, i, 2), *key = db_str(&rows, i, 5 + shift), *extra = db_str(&rows, i, 9 + 2 * shift);
		if (!table || table[0] == '<')
			continue;
		assert_in_range(plan.count, 0, PLAN_LINES_MAX - 1);
		struct plan_line *line = &plan.lines[plan.count++];
		*line = (struct plan_line){ table, key ? key : "-", db_int(&rows, i, 8 + shift), extra ? extra : "" };
		plan.rows_max = line->rows > plan.rows_max ? line->rows : plan.rows_max;
		str_addf(&keys, "%s%s %s", keys.len ? ", " : "", line->table, line->key);
	}
	plan.keys = arena_strdup(site->look.arena, str_text(&keys));
	str_free(&keys);
	return plan;
}

const char *statement_text(struct site *site, const char *name, const char *const *values)
{
	for (size_t t = 0; t < all_statements_count; t++) {
		for (size_t i = 0; i < all_statements[t]->count; i++) {
			const struct db_stmt *stmt = &all_statements[t]->list[i];
			if (!stmt->sql || strcmp(stmt->name, name) != 0)
				continue;
			struct str out = STR_INIT;
			for (const char *c = stmt->sql; *c; c++) {
				if (*c == '?')
					str_adds(&out, *values++);
				else
					str_addc(&out, *c);
			}
			return kept_text(site, &out);
		}
	}
	fail_msg("there is no statement %s", name);
	return NULL;
}
