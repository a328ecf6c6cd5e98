/* Results as people read them: pages by key, groups of errors. */
#include "db/db.h"
#include "store/items.h"

#define RESULT_COLUMNS "i.ordinal, i.outcome, i.verdict, i.attempts, CASE WHEN i.outcome = 0 THEN 0 ELSE i.event_id END, i.input, x.detail"
#define RESULT_TYPES "iiiiiss"

enum { STMT_PAGE, STMT_PAGE_OF_OUTCOME, STMT_PAGE_OF_EXCEPTIONS, STMT_GROUPS };
static const struct db_stmt statements[] = {
	[STMT_PAGE] = { "items.page",
			"SELECT " RESULT_COLUMNS " FROM {batch_job_items} i"
			" LEFT JOIN {batch_item_errors} x ON x.job_id = i.job_id AND x.ordinal = i.ordinal"
			" WHERE i.job_id = ? AND i.ordinal > ? ORDER BY i.ordinal LIMIT ?",
			"iii", RESULT_TYPES },
	/* Frequent outcomes: the scan stops at the page's end. */
	[STMT_PAGE_OF_OUTCOME] = { "items.page_of_outcome",
				   "SELECT " RESULT_COLUMNS " FROM {batch_job_items} i"
				   " LEFT JOIN {batch_item_errors} x ON x.job_id = i.job_id AND x.ordinal = i.ordinal"
				   " WHERE i.job_id = ? AND i.ordinal > ? AND i.outcome = ? ORDER BY i.ordinal LIMIT ?",
				   "iiii", RESULT_TYPES },
	/* Rare ones have a row of their own, found by index among a million. */
	[STMT_PAGE_OF_EXCEPTIONS] = { "items.page_of_exceptions",
				      "SELECT " RESULT_COLUMNS " FROM {batch_item_errors} x"
				      " JOIN {batch_job_items} i ON i.job_id = x.job_id AND i.ordinal = x.ordinal"
				      " WHERE x.job_id = ? AND x.outcome = ? AND x.ordinal > ? AND i.outcome = x.outcome"
				      " ORDER BY x.ordinal LIMIT ?",
				      "iiii", RESULT_TYPES },
	[STMT_GROUPS] = { "items.error_groups",
			  "SELECT code, COUNT(*), MIN(ordinal) FROM (SELECT code, ordinal FROM {batch_item_errors}"
			  " WHERE job_id = ? AND outcome IN (3, 4, 5, 8) LIMIT ?) counted GROUP BY code ORDER BY 2 DESC, 1 LIMIT 20",
			  "ii", "sii" },
};
const struct db_stmt_table item_pages_statements = { "item_pages.c", statements, sizeof(statements) / sizeof(statements[0]) };

static bool is_exception(int outcome)
{
	return outcome == OUTCOME_SKIPPED || outcome == OUTCOME_CONFLICT || outcome == OUTCOME_FAILED ||
	       outcome == OUTCOME_UNDO_CONFLICT;
}

bool items_page(struct ctx *ctx, const struct job *job, int outcome, int64_t after_ordinal, int32_t limit,
		struct item_result **items_out, size_t *count_out)
{
	struct db_rows rows;
	bool ended = job_state_is_terminal(job->state);
	if (outcome == OUTCOME_UNPROCESSED || (outcome == OUTCOME_PENDING && ended)) {
		if (!ended || outcome == OUTCOME_PENDING) { /* there are none of these now */
			*items_out = NULL;
			*count_out = 0;
			return true;
		}
		outcome = OUTCOME_PENDING;
	}
	int64_t id = job->id, rows_wanted = limit;
	bool ok = outcome < 0 ? db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_PAGE], id, after_ordinal,
					 rows_wanted)
		  : is_exception(outcome)
			  ? db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_PAGE_OF_EXCEPTIONS], id,
				     (int64_t)outcome, after_ordinal, rows_wanted)
			  : db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_PAGE_OF_OUTCOME], id,
				     after_ordinal, (int64_t)outcome, rows_wanted);
	if (!ok)
		return false;
	struct item_result *items = arena_array(ctx->arena, rows.count + 1, sizeof(*items));
	for (size_t i = 0; i < rows.count; i++) {
		enum outcome stored = (enum outcome)db_int(&rows, i, 1);
		items[i] = (struct item_result){
			.ordinal = db_int(&rows, i, 0),
			.outcome = stored == OUTCOME_PENDING && ended ? OUTCOME_UNPROCESSED : stored,
			.verdict = (enum verdict)db_int(&rows, i, 2),
			.attempts = (int32_t)db_int(&rows, i, 3),
			.event_id = db_int(&rows, i, 4),
			.input = db_str(&rows, i, 5),
			.detail = db_str(&rows, i, 6),
		};
	}
	*items_out = items;
	*count_out = rows.count;
	return true;
}

/* While a batch runs it is polled, so what is counted is bounded. */
#define GROUPED_WHILE_RUNNING 20000
#define GROUPED_AT_THE_END 2000000

bool items_error_groups(struct ctx *ctx, const struct job *job, struct error_group **groups_out, size_t *count_out)
{
	struct db_rows rows;
	int64_t counted_max = job_state_is_terminal(job->state) ? GROUPED_AT_THE_END : GROUPED_WHILE_RUNNING;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_GROUPS], job->id, counted_max))
		return false;
	*count_out = rows.count;
	*groups_out = arena_array(ctx->arena, rows.count + 1, sizeof(**groups_out));
	for (size_t i = 0; i < rows.count; i++)
		(*groups_out)[i] = (struct error_group){ db_str(&rows, i, 0), db_int(&rows, i, 1), db_int(&rows, i, 2) };
	return true;
}
