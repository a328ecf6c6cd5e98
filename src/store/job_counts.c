/* What progress reports of a job, summed from its chunks. */
#include "db/db.h"
#include "db/text.h"
#include "store/jobs.h"
#include "store/sql_time.h"

/* One row over the chunks of an epoch: a few thousand at most.  A row that a
 * pass took over as it was has attempt 0: its work and its times are those of
 * the pass before. */
#define WORKED "state = 'done' AND attempt > 0"
#define LEASED "state = 'leased' AND lease_until >= " SQL_NOW
#define RECENT "attempt > 0 AND finished_at > " SQL_NOW " - INTERVAL 10 SECOND"
#define ITEMS "last_ordinal - first_ordinal + 1"
#define OPEN "state IN ('ready', 'leased')"
#define NOT_KNOWN ITEMS " - succeeded - unchanged - skipped - conflict - failed - undone - undo_conflict"
#define COUNT_COLUMNS                                                                                                  \
	"COALESCE(MAX(job_id), 0), SUM(succeeded), SUM(unchanged), SUM(skipped), SUM(conflict), SUM(failed),"          \
	" SUM(undone), SUM(undo_conflict),"                                                                             \
	" SUM(unreadable), SUM(errors + transients), SUM(expiries),"                                                    \
	" SUM(CASE WHEN state = 'done' AND attempt > 0 THEN failed ELSE 0 END),"                                        \
	" SUM(CASE WHEN state = 'done' AND attempt > 0 THEN unreadable ELSE 0 END),"                                    \
	" SUM(CASE WHEN " OPEN " THEN succeeded ELSE 0 END), SUM(CASE WHEN " OPEN " THEN unchanged ELSE 0 END),"        \
	" SUM(CASE WHEN " OPEN " THEN skipped ELSE 0 END), SUM(CASE WHEN " OPEN " THEN conflict ELSE 0 END),"           \
	" SUM(CASE WHEN " OPEN " THEN failed - unreadable ELSE 0 END),"                                                 \
	" MIN(CASE WHEN state IN ('ready', 'leased', 'cancelled') THEN first_ordinal END),"                            \
	" SUM(CASE WHEN " WORKED " THEN work_ms ELSE 0 END),"                                                          \
	" SUM(CASE WHEN " RECENT " THEN " ITEMS " ELSE 0 END),"                                                        \
	" TIMESTAMPDIFF(MICROSECOND, MIN(CASE WHEN " RECENT " THEN claimed_at END), " SQL_NOW ") DIV 1000,"            \
	" SUM(" LEASED "),"                                                                                            \
	" SUM(state = 'ready' AND available_at <= " SQL_NOW "),"                                                       \
	" TIMESTAMPDIFF(SECOND, MAX(GREATEST(COALESCE(claimed_at, '1970-01-01'), COALESCE(finished_at, '1970-01-01')))," \
	" " SQL_NOW "),"                                                                                               \
	" MIN(CASE WHEN state = 'leased' AND lease_until < " SQL_NOW " THEN first_ordinal END),"                       \
	" MIN(CASE WHEN " LEASED " THEN first_ordinal END),"                                                           \
	" MIN(CASE WHEN " LEASED " THEN last_ordinal END),"                                                            \
	" SUM(CASE WHEN " WORKED " THEN " ITEMS " ELSE 0 END), SUM(CASE WHEN " OPEN " THEN " ITEMS " ELSE 0 END),"     \
	" SUM(CASE WHEN state = 'cancelled' THEN " NOT_KNOWN " ELSE 0 END)"
#define COUNT_TYPES "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiii"

enum { STMT_COUNTS };

static const struct db_stmt statements[] = {
	[STMT_COUNTS] = { "jobs.counts",
			  "SELECT " COUNT_COLUMNS " FROM {batch_chunks} WHERE job_id = ? AND epoch = ?",
			  "ii", COUNT_TYPES },
};
const struct db_stmt_table job_counts_statements = { "job_counts.c", statements, sizeof(statements) / sizeof(statements[0]) };

static int64_t int_or(const struct db_rows *rows, size_t row, size_t column, int64_t if_null)
{
	return db_at(rows, row, column)->is_null ? if_null : db_int(rows, row, column);
}

static bool is_retried(const struct job *job, enum outcome outcome)
{
	/* What is being published has happened; only its rows are put in order. */
	return job->work != WORK_PUBLISH && (job->retrying & OUTCOME_BIT(outcome)) != 0;
}

static void counts_from_row(const struct db_rows *rows, size_t row, const struct job *job, struct job_counts *counts)
{
	*counts = (struct job_counts){
		.by_outcome = { [OUTCOME_SUCCEEDED] = db_int(rows, row, 1), [OUTCOME_UNCHANGED] = db_int(rows, row, 2),
				[OUTCOME_SKIPPED] = db_int(rows, row, 3), [OUTCOME_CONFLICT] = db_int(rows, row, 4),
				[OUTCOME_FAILED] = db_int(rows, row, 5), [OUTCOME_UNDONE] = db_int(rows, row, 6),
				[OUTCOME_UNDO_CONFLICT] = db_int(rows, row, 7) },
		.unreadable = db_int(rows, row, 8),
		.errors = db_int(rows, row, 9),
		.expiries = db_int(rows, row, 10),
		.newly_failed = db_int(rows, row, 11) - (is_retried(job, OUTCOME_FAILED) ? db_int(rows, row, 12) : 0),
		.cursor = int_or(rows, row, 18, job->planned),
		.active_ms = db_int(rows, row, 19),
		.recent_items = db_int(rows, row, 20),
		.recent_ms = db_int(rows, row, 21),
		.lanes = (int32_t)db_int(rows, row, 22),
		.ready = (int32_t)db_int(rows, row, 23),
		.idle_s = db_int(rows, row, 24),
		.stalled_at = int_or(rows, row, 25, -1),
		.current_first = int_or(rows, row, 26, -1),
		.current_last = int_or(rows, row, 27, -1),
		.worked_items = db_int(rows, row, 28),
		.open_items = db_int(rows, row, 29),
	};
	/* What this pass does not come to, such as an undo of what a cancelled batch
	 * had left, is not pending. */
	if (!job_state_is_terminal(job->state))
		counts->by_outcome[OUTCOME_UNPROCESSED] = db_int(rows, row, 30);
	/* What an open chunk will work again is pending, as long as it may. */
	for (int i = OUTCOME_SUCCEEDED; i <= OUTCOME_FAILED && !job_state_is_terminal(job->state); i++)
		if (is_retried(job, (enum outcome)i))
			counts->by_outcome[i] -= db_int(rows, row, (size_t)(12 + i));
}

/* What a terminal job did not get to is unprocessed, not pending. */
static void count_rest(const struct job *job, struct job_counts *counts)
{
	int64_t rest = job->total;
	for (int i = OUTCOME_SUCCEEDED; i < OUTCOME_COUNT; i++)
		rest -= counts->by_outcome[i];
	counts->by_outcome[job_state_is_terminal(job->state) ? OUTCOME_UNPROCESSED : OUTCOME_PENDING] = rest;
}

bool job_get_counts(struct ctx *ctx, const struct job *job, struct job_counts *counts)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_COUNTS], job->id, (int64_t)job->epoch))
		return false;
	counts_from_row(&rows, 0, job, counts);
	count_rest(job, counts);
	return true;
}

bool job_get_counts_of_list(struct ctx *ctx, const struct job *jobs, size_t count, struct job_counts *counts_out)
{
	struct db_rows rows = { 0 };
	struct db_text *text = db_text_begin(ctx->db, "SELECT " COUNT_COLUMNS " FROM {batch_chunks}"
					     " WHERE (job_id, epoch) IN (");
	for (size_t i = 0; i < count; i++) {
		db_text_row(text);
		db_text_i64(text, jobs[i].id);
		db_text_i64(text, jobs[i].epoch);
		db_text_end_row(text);
	}
	db_text_lit(text, ") GROUP BY job_id");
	if (count && !db_text_query(text, COUNT_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	for (size_t i = 0; i < count; i++) {
		/* A job without chunks has no row. */
		counts_out[i] = (struct job_counts){ .stalled_at = -1, .current_first = -1, .current_last = -1 };
		for (size_t r = 0; r < rows.count; r++)
			if (db_int(&rows, r, 0) == jobs[i].id)
				counts_from_row(&rows, r, &jobs[i], &counts_out[i]);
		count_rest(&jobs[i], &counts_out[i]);
	}
	return true;
}
