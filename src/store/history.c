#include "store/history.h"

#include <stdlib.h>

#include "db/db.h"

/* A state in the order of EVENT_COLUMNS, of a row `s` beside its event e; then
 * what is known of the change. */
/* What the program did by itself (other zone data) kept the state, too, but was no undo. */
#define UNDONE_TO(s) "CASE WHEN " s ".updated_by = 0 THEN 0 ELSE " s ".as_version END"
#define FORMER(s)                                                                                                      \
	"e.id, NULL, " s ".content_id, " s ".version_no, " s ".schedule_type, " s ".title, " SQL_SECONDS(s ".starts_at") ", " \
	SQL_SECONDS(s ".ends_at") ", " s ".duration_s, " s ".timezone, " SQL_SECONDS(s ".local_start") ", " s ".attributes, " \
	s ".priority, " s ".status, " s ".row_version, e.created_by, " s ".recurrence, " s ".exdates, " s ".rdates, "      \
	s ".overrides, " SQL_SECONDS(s ".until_at") ", " SQL_SECONDS(s ".expanded_through") ", " s ".conditions, "         \
	s ".misfire, " s ".grace_s, " s ".superseded_by, " s ".resources, 0, " UNDONE_TO(s) ","                            \
	" COALESCE(NULLIF(" s ".updated_by, 0), e.created_by), COALESCE(p.display_name, ''), "                             \
	SQL_SECONDS(s ".updated_at") ", " s ".job_id, -1"
#define PRESENT                                                                                                        \
	EVENT_COLUMNS ", " UNDONE_TO("e") ", COALESCE(NULLIF(e.updated_by, 0), ABS(e.created_by)), COALESCE(p.display_name, ''), " \
	SQL_SECONDS("CASE WHEN e.row_version > 1 THEN e.updated_at ELSE e.created_at END") ", 0,"                           \
	" COALESCE(e.origin_job_id, (SELECT o.origin_job_id FROM {scheduled_events} o WHERE o.id = e.shadow_of), 0)"        \
	" FROM {scheduled_events} e LEFT JOIN {users} p ON p.id = COALESCE(NULLIF(e.updated_by, 0), ABS(e.created_by))"
#define PERSON(s) " LEFT JOIN {users} p ON p.id = COALESCE(NULLIF(" s ".updated_by, 0), e.created_by)"
#define STATE_TYPES EVENT_TYPES "iisiii"
enum {
	COLUMN_AS_VERSION = EVENT_COLUMN_COUNT,
	COLUMN_WHO,
	COLUMN_NAME,
	COLUMN_WHEN,
	COLUMN_ENDED_BY,
	COLUMN_ORIGIN /* the batch that made the event; -1 = this is not the present state */
};

#define OF_IMAGES " FROM {undo_rows} u JOIN {scheduled_events} e ON e.id = u.event_id" PERSON("u") " WHERE u.event_id = ?"
#define OF_HISTORY                                                                                                     \
	" FROM {event_history} h JOIN {scheduled_events} e ON e.id = h.event_id" PERSON("h") " WHERE h.event_id = ?"
#define KEPT_COLUMNS                                                                                                   \
	"event_id, row_version, job_id, content_id, version_no, schedule_type, title, starts_at, ends_at, duration_s,"     \
	" timezone, local_start, recurrence, until_at, exdates, rdates, overrides, expanded_through, conditions,"          \
	" attributes, priority, status, as_version, payload_hash, superseded_by, misfire, grace_s, updated_by,"            \
	" updated_at, resources"

enum { STMT_PAGE, STMT_ONE, STMT_ANY, STMT_MOVE, STMT_FORGET };
static const struct db_stmt statements[] = {
	[STMT_PAGE] = { "history.page",
			"(SELECT " PRESENT " WHERE e.id = ? AND " EVENT_IS_STORED("e") " AND " EVENT_VISIBLE("e")
			") UNION ALL (SELECT " PRESENT " WHERE e.shadow_of = ? AND " EVENT_VISIBLE("e") ")"
			" UNION ALL (SELECT " FORMER("u") OF_IMAGES " AND u.row_version < ? ORDER BY u.row_version DESC LIMIT ?)"
			" UNION ALL (SELECT " FORMER("h") OF_HISTORY " AND h.row_version < ? ORDER BY h.row_version DESC LIMIT ?)",
			"iiiiiiii", STATE_TYPES },
	[STMT_ONE] = { "history.one",
		       "(SELECT " FORMER("u") OF_IMAGES " AND u.row_version = ? LIMIT 1)"
		       " UNION ALL (SELECT " FORMER("h") OF_HISTORY " AND h.row_version = ?)",
		       "iiii", STATE_TYPES },
	[STMT_ANY] = { "history.any", "SELECT 1 FROM {undo_rows} WHERE job_id = ? LIMIT 1", "i", "i" },
	[STMT_MOVE] = { "history.move",
			"INSERT IGNORE INTO {event_history} (" KEPT_COLUMNS ") SELECT " KEPT_COLUMNS " FROM (SELECT * FROM {undo_rows}"
			" WHERE job_id = ? ORDER BY ordinal, epoch, event_id LIMIT ?) u"
			" WHERE EXISTS (SELECT 1 FROM {scheduled_events} e WHERE e.id = u.event_id)",
			"ii", "" },
	[STMT_FORGET] = { "history.forget", "DELETE FROM {undo_rows} WHERE job_id = ? ORDER BY ordinal, epoch, event_id LIMIT ?",
			  "ii", "" },
};
const struct db_stmt_table history_statements = { "history.c", statements, sizeof(statements) / sizeof(statements[0]) };

static void read_state(struct ctx *ctx, const struct db_rows *rows, size_t row, struct event_state *state)
{
	*state = (struct event_state){ .as_version = db_int(rows, row, COLUMN_AS_VERSION),
				       .changed_by = db_int(rows, row, COLUMN_WHO),
				       .changed_by_name = db_str(rows, row, COLUMN_NAME),
				       .changed_at = db_int(rows, row, COLUMN_WHEN),
				       .ended_by = db_int(rows, row, COLUMN_ENDED_BY) };
	(void)event_from_row(ctx, rows, row, 0, &state->event);
}

static int newest_first(const void *left, const void *right)
{
	const struct event_state *a = left, *b = right;
	return (a->event.row_version < b->event.row_version) - (a->event.row_version > b->event.row_version);
}

/* Newest first, each once, and nothing that is newer than what readers see:
 * that a batch has written and not published. */
static size_t tidy(struct event_state *states, size_t count, int64_t present)
{
	size_t kept = 0;
	qsort(states, count, sizeof(*states), newest_first);
	for (size_t i = 0; i < count; i++)
		if (states[i].event.row_version <= present &&
		    (!kept || states[kept - 1].event.row_version != states[i].event.row_version))
			states[kept++] = states[i];
	return kept;
}

bool history_page(struct ctx *ctx, int64_t event_id, int64_t before_version, int32_t limit, struct event_state **states_out,
		  size_t *count_out, bool *more_out)
{
	struct db_rows rows;
	int64_t before = before_version ? before_version : INT32_MAX, asked = (int64_t)limit + 1;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_PAGE], event_id, event_id, event_id, before, asked,
		      event_id, before, asked))
		return false;
	struct event_state *states = arena_array(ctx->arena, rows.count + 1, sizeof(*states));
	int64_t origin = -1, present = 0;
	for (size_t i = 0; i < rows.count; i++) {
		read_state(ctx, &rows, i, &states[i]);
		if (db_int(&rows, i, COLUMN_ORIGIN) < 0)
			continue;
		origin = db_int(&rows, i, COLUMN_ORIGIN);
		present = states[i].event.row_version;
	}
	if (origin < 0)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_EVENT_NOT_FOUND, "There is no event %lld", (long long)event_id);
	size_t count = tidy(states, rows.count, present);
	for (size_t i = 0; i < count; i++) {
		bool is_known = i + 1 < count && states[i + 1].event.row_version == states[i].event.row_version - 1;
		states[i].job_id = states[i].event.row_version == 1 ? origin : is_known ? states[i + 1].ended_by : 0;
	}
	if (before_version && present >= before_version) { /* was only asked for beside */
		states++;
		count--;
	}
	*more_out = count > (size_t)limit;
	*count_out = *more_out ? (size_t)limit : count;
	*states_out = states;
	return true;
}

bool history_get(struct ctx *ctx, int64_t event_id, int64_t row_version, struct event_state *state)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_ONE], event_id, row_version, event_id, row_version))
		return false;
	if (!rows.count)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_STATE_NOT_FOUND,
				"What event %lld was at version %lld is not known any more", (long long)event_id, (long long)row_version);
	read_state(ctx, &rows, 0, state);
	return true;
}

bool history_move(struct ctx *ctx, int64_t job_id, int64_t limit, int64_t *moved_out)
{
	struct db_rows rows;
	*moved_out = 0;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_ANY], job_id))
		return false;
	if (!rows.count)
		return true;
	if (db_begin(ctx->db, &ctx->fail) && db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_MOVE], job_id, limit) &&
	    db_exec(ctx->db, &ctx->fail, moved_out, &statements[STMT_FORGET], job_id, limit) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}
