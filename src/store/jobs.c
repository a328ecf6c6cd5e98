/* Rows of batch_jobs. */
#include "store/jobs.h"

#include "base/config.h"
#include "base/str.h"
#include "db/db.h"
#include "db/text.h"
#include "store/sql_time.h"
#include "store/turns.h"

static const char *const type_names[JOB_TYPE_COUNT] = {
	[JOB_CREATE] = "create",
	[JOB_UPDATE] = "update",
	[JOB_EVALUATE] = "evaluate",
	[JOB_ACTIVATE] = "activate",
};

static const struct {
	const char *name;
	const char *phase;
	bool is_terminal;
} states[JOB_STATE_COUNT] = {
	[JOB_RECEIVING] = { "receiving", "pending", false },    [JOB_QUEUED] = { "queued", "pending", false },
	[JOB_RUNNING] = { "running", "processing", false },     [JOB_PAUSING] = { "pausing", "processing", false },
	[JOB_PAUSED] = { "paused", "processing", false },       [JOB_CANCELLING] = { "cancelling", "processing", false },
	[JOB_PUBLISHING] = { "publishing", "processing", false }, [JOB_ROLLING_BACK] = { "rolling_back", "processing", false },
	[JOB_ROLLED_BACK] = { "rolled_back", "failed", true },  [JOB_UNDOING] = { "undoing", "processing", false },
	[JOB_UNDONE] = { "undone", "completed", true },         [JOB_UNDO_PARTIAL] = { "undo_partial", "completed", true },
	[JOB_CANCELLED] = { "cancelled", "failed", true },      [JOB_SUCCEEDED] = { "succeeded", "completed", true },
	[JOB_PARTIAL] = { "partial", "completed", true },       [JOB_FAILED] = { "failed", "failed", true },
};

#define JOB_COLUMNS                                                                                            \
	"j.id, j.type, j.status, j.label, j.options, j.csv_header, j.epoch, j.priority, j.created_by,"        \
	" COALESCE(u.display_name, CASE j.created_by WHEN 0 THEN 'Tranche' ELSE '' END), j.received, j.total, j.planned, j.unfrozen, j.chunk_size,"            \
	" j.max_lanes, j.ordered, j.lease_s, " SQL_SECONDS("j.created_at") ", " SQL_SECONDS("j.started_at") ", "         \
	SQL_SECONDS("j.finished_at") ","                                                                      \
	" COALESCE(TIMESTAMPDIFF(MICROSECOND, j.started_at, COALESCE(j.finished_at, " SQL_NOW ")) DIV 1000, 0)," \
	" " SQL_SECONDS(SQL_NOW) ", j.work, j.retrying, j.stage, j.stages, j.atomic, j.published, "            \
	SQL_SECONDS("j.undo_until") ", j.waiting, j.desired = 'rollback', j.linked, j.decided,"                \
	" COALESCE(JSON_CONTAINS(j.options, 'true', '$.dry_run'), 0), j.scope, j.places_left, j.places_whole"
#define JOB_TYPES "isssssiiisiiiiiiiiiiiiisiiiiiiiiiiisii"

enum { STMT_INSERT, STMT_GET, STMT_LOCK, STMT_COUNT_OPEN, STMT_OPEN_LOAD, STMT_COUNT_RUNNABLE, STMT_SUMMARY, STMT_WORKER_SUMMARY, STMT_MOVE, STMT_DESIRE };

static const struct db_stmt statements[] = {
	[STMT_INSERT] = { "jobs.insert",
			  "INSERT INTO {batch_jobs} (type, label, status, phase, created_by, priority, options,"
			  " chunk_size, max_lanes, ordered, atomic, lease_s, waiting, scope, created_at)"
			  " VALUES (?, ?, 'receiving', 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, " SQL_NOW ")",
			  "ssiisiiiiiis", "" },
	[STMT_GET] = { "jobs.get",
		       "SELECT " JOB_COLUMNS " FROM {batch_jobs} j LEFT JOIN {users} u ON u.id = j.created_by"
		       " WHERE j.id = ?",
		       "i", JOB_TYPES },
	[STMT_LOCK] = { "jobs.lock",
			"SELECT " JOB_COLUMNS " FROM {batch_jobs} j LEFT JOIN {users} u ON u.id = j.created_by"
			" WHERE j.id = ? FOR UPDATE",
			"i", JOB_TYPES },
	[STMT_COUNT_OPEN] = { "jobs.count_open",
			      "SELECT COUNT(*) FROM {batch_jobs} WHERE created_by = ? AND phase IN ('pending', 'processing')",
			      "i", "i" },
	[STMT_OPEN_LOAD] = { "jobs.open_load",
			     "SELECT COUNT(*), COALESCE(MAX(GREATEST(received, total)), 0) FROM {batch_jobs} WHERE created_by = ?"
			     " AND phase IN ('pending', 'processing')",
			     "i", "ii" },
	[STMT_COUNT_RUNNABLE] = { "jobs.count_runnable", "SELECT COUNT(*) FROM {batch_jobs} WHERE runnable = 1", "", "i" },
	[STMT_SUMMARY] = { "jobs.summary", "SELECT type, status, count FROM {batch_jobs_summary} ORDER BY type, status", "", "ssi" },
	[STMT_WORKER_SUMMARY] = { "jobs.worker_summary", "SELECT status, count FROM {worker_status_summary} ORDER BY status",
				  "", "si" },
	[STMT_MOVE] = { "jobs.move",
			"UPDATE {batch_jobs} SET status = ?, phase = ?, desired = ?,"
			" finished_at = CASE WHEN ? THEN " SQL_NOW " ELSE finished_at END WHERE id = ? AND status = ?",
			"sssiis", "" },
	[STMT_DESIRE] = { "jobs.desire", "UPDATE {batch_jobs} SET desired = ? WHERE id = ?", "si", "" },
};
const struct db_stmt_table jobs_statements = { "jobs.c", statements, sizeof(statements) / sizeof(statements[0]) };

const char *job_type_name(enum job_type type)
{
	return type < JOB_TYPE_COUNT ? type_names[type] : "";
}

bool job_type_by_name(const char *name, enum job_type *type_out)
{
	for (int i = 0; i < JOB_TYPE_COUNT; i++) {
		if (strcmp(type_names[i], name) == 0) {
			*type_out = (enum job_type)i;
			return true;
		}
	}
	return false;
}

const char *job_state_name(enum job_state state)
{
	return states[state].name;
}

const char *job_state_phase(enum job_state state)
{
	return states[state].phase;
}

bool job_state_is_terminal(enum job_state state)
{
	return states[state].is_terminal;
}

enum job_state job_state_by_name(const char *name)
{
	for (int i = 0; i < JOB_STATE_COUNT; i++)
		if (strcmp(states[i].name, name) == 0)
			return (enum job_state)i;
	return JOB_RUNNING;
}

static const char *const work_names[WORK_COUNT] = {
	[WORK_DO] = "do",
	[WORK_CHECK] = "check",
	[WORK_PUBLISH] = "publish",
	[WORK_UNDO] = "undo",
};

const char *job_work_name(enum job_work work)
{
	return work_names[work];
}

static enum job_work work_by_name(const char *name)
{
	for (int i = 0; i < WORK_COUNT; i++)
		if (strcmp(work_names[i], name) == 0)
			return (enum job_work)i;
	return WORK_DO;
}

bool job_insert(struct ctx *ctx, struct job *job)
{
	if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_INSERT], job_type_name(job->type), job->label,
		     job->created_by, (int64_t)job->priority, job->options, job->chunk_size, (int64_t)job->max_lanes,
		     (int64_t)job->is_ordered, (int64_t)job->is_atomic, (int64_t)job->lease_s, (int64_t)job->waiting,
		     job->scope))
		return false;
	job->id = db_insert_id(ctx->db);
	job->state = JOB_RECEIVING;
	job->epoch = 1;
	return true;
}

static void job_from_row(const struct db_rows *rows, size_t row, struct job *job)
{
	enum job_type type = JOB_CREATE;
	(void)job_type_by_name(db_str(rows, row, 1), &type);
	*job = (struct job){
		.id = db_int(rows, row, 0),
		.type = type,
		.state = job_state_by_name(db_str(rows, row, 2)),
		.label = db_str(rows, row, 3),
		.options = db_str(rows, row, 4),
		.csv_header = db_str(rows, row, 5),
		.epoch = (int32_t)db_int(rows, row, 6),
		.priority = (int32_t)db_int(rows, row, 7),
		.created_by = db_int(rows, row, 8),
		.created_by_name = db_str(rows, row, 9),
		.received = db_int(rows, row, 10),
		.total = db_int(rows, row, 11),
		.planned = db_int(rows, row, 12),
		.unfrozen = db_int(rows, row, 13),
		.chunk_size = db_int(rows, row, 14),
		.max_lanes = (int32_t)db_int(rows, row, 15),
		.is_ordered = db_int(rows, row, 16) != 0,
		.lease_s = (int32_t)db_int(rows, row, 17),
		.created_at = db_int(rows, row, 18),
		.started_at = db_int(rows, row, 19),
		.finished_at = db_int(rows, row, 20),
		.elapsed_ms = db_int(rows, row, 21),
		.now_utc = db_int(rows, row, 22),
		.work = work_by_name(db_str(rows, row, 23)),
		.retrying = (uint32_t)db_int(rows, row, 24),
		.stage = (int32_t)db_int(rows, row, 25),
		.stages = (int32_t)db_int(rows, row, 26),
		.is_atomic = db_int(rows, row, 27) != 0,
		.is_held_back = db_int(rows, row, 27) == 2,
		.is_published = db_int(rows, row, 28) != 0,
		.undo_until = db_int(rows, row, 29),
		.waiting = (enum job_waiting)db_int(rows, row, 30),
		.wants_rollback = db_int(rows, row, 31) != 0,
		.linked = (enum job_linked)db_int(rows, row, 32),
		.is_decided = db_int(rows, row, 33) != 0,
		.is_dry_run = db_int(rows, row, 34) != 0,
		.scope = db_str(rows, row, 35),
		.places_left = (int32_t)db_int(rows, row, 36),
		.places_whole = (int32_t)db_int(rows, row, 37),
	};
}

bool job_not_found(struct ctx *ctx, int64_t id)
{
	int64_t days = ctx->config->retention_days_jobs;
	(void)fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "There is no batch %lld", (long long)id);
	if (days)
		snprintf(ctx->fail.suggestion, sizeof(ctx->fail.suggestion),
			 "Check the address. Finished batches are forgotten after %lld days, or when somebody deletes them.", (long long)days);
	else
		str_copy(ctx->fail.suggestion, sizeof(ctx->fail.suggestion), "Check the address. It may have been deleted.");
	return false;
}

static bool get_by(struct ctx *ctx, int statement, int64_t id, struct job *job_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[statement], id))
		return false;
	if (!rows.count)
		return job_not_found(ctx, id);
	job_from_row(&rows, 0, job_out);
	return true;
}

bool job_get(struct ctx *ctx, int64_t id, struct job *job_out)
{
	return get_by(ctx, STMT_GET, id, job_out);
}

bool job_lock(struct ctx *ctx, int64_t id, struct job *job_out)
{
	return get_by(ctx, STMT_LOCK, id, job_out);
}

bool job_list(struct ctx *ctx, const struct job_filter *filter, struct job **jobs_out, size_t *count_out)
{
	struct db_rows rows;
	struct db_text *text = db_text_begin(ctx->db, "SELECT " JOB_COLUMNS
					     " FROM {batch_jobs} j LEFT JOIN {users} u ON u.id = j.created_by WHERE 1");
	if (filter->phase) {
		db_text_lit(text, " AND j.phase = ");
		db_text_str(text, filter->phase);
	}
	if (filter->type) {
		db_text_lit(text, " AND j.type = ");
		db_text_str(text, filter->type);
	}
	if (filter->created_by) {
		db_text_lit(text, " AND j.created_by = ");
		db_text_i64(text, filter->created_by);
	}
	if (filter->before_id) {
		db_text_lit(text, " AND j.id < ");
		db_text_i64(text, filter->before_id);
	}
	db_text_lit(text, " ORDER BY j.id DESC LIMIT ");
	db_text_i64(text, filter->limit);
	if (!db_text_query(text, JOB_TYPES, ctx->arena, &rows, &ctx->fail))
		return false;
	*count_out = rows.count;
	*jobs_out = arena_array(ctx->arena, rows.count + 1, sizeof(**jobs_out));
	for (size_t i = 0; i < rows.count; i++)
		job_from_row(&rows, i, &(*jobs_out)[i]);
	return true;
}

bool job_count_open(struct ctx *ctx, int64_t user_id, int64_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_COUNT_OPEN], user_id))
		return false;
	*count_out = db_int(&rows, 0, 0);
	return true;
}

bool job_open_load(struct ctx *ctx, int64_t user_id, int64_t *count_out, int64_t *largest_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_OPEN_LOAD], user_id))
		return false;
	*count_out = db_int(&rows, 0, 0);
	*largest_out = db_int(&rows, 0, 1);
	return true;
}

int64_t job_count_runnable(struct ctx *ctx)
{
	struct fail ignored = { .kind = FAIL_NONE };
	struct db_rows rows;
	return db_query(ctx->db, &ignored, ctx->arena, &rows, &statements[STMT_COUNT_RUNNABLE]) ? db_int(&rows, 0, 0) : 0;
}

bool job_summary(struct ctx *ctx, struct summary_row **rows_out, size_t *count_out)
{
	struct db_rows jobs, workers;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &jobs, &statements[STMT_SUMMARY]) ||
	    !db_query(ctx->db, &ctx->fail, ctx->arena, &workers, &statements[STMT_WORKER_SUMMARY]))
		return false;
	struct summary_row *rows = arena_array(ctx->arena, jobs.count + workers.count + 1, sizeof(*rows));
	for (size_t i = 0; i < jobs.count; i++)
		rows[i] = (struct summary_row){ db_str(&jobs, i, 0), db_str(&jobs, i, 1), db_int(&jobs, i, 2) };
	for (size_t i = 0; i < workers.count; i++)
		rows[jobs.count + i] = (struct summary_row){ NULL, db_str(&workers, i, 0), db_int(&workers, i, 1) };
	*rows_out = rows;
	*count_out = jobs.count + workers.count;
	return true;
}

bool job_move(struct ctx *ctx, int64_t id, enum job_state from, enum job_state to, bool *moved_out)
{
	int64_t affected = 0;
	const char *desired = to == JOB_PAUSING || to == JOB_PAUSED	    ? "pause"
			      : to == JOB_CANCELLING || to == JOB_CANCELLED ? "cancel"
									    : "run";
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_MOVE], states[to].name, states[to].phase, desired,
		     (int64_t)states[to].is_terminal, id, states[from].name))
		return false;
	*moved_out = affected == 1;
	/* For those who look for work: afterwork, tick. */
	return !*moved_out || (to != JOB_QUEUED && to != JOB_RUNNING) || job_is_ready(ctx, id);
}

bool job_want_rollback(struct ctx *ctx, int64_t id, bool wanted)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_DESIRE], wanted ? "rollback" : "cancel", id);
}
