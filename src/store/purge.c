/* Deleting in steps. */
#include "store/purge.h"

#include "base/config.h"
#include "db/db.h"
#include "db/text.h"
#include "store/calendars.h"
#include "store/history.h"
#include "store/idempotency.h"
#include "store/occurrences.h"
#include "store/sql_time.h"
#include "store/undo.h"

#define TURN_S "60"

enum {
	STMT_FORGET_MET,
	STMT_FORGET,
	STMT_NOTE,
	STMT_NOTED,
	STMT_ITEMS, /* from here to STMT_LANES: what belongs to a batch */
	STMT_ITEM_ERRORS,
	STMT_DECISIONS,
	STMT_PLAN,
	STMT_CHUNKS,
	STMT_SLICES,
	STMT_FILES,
	STMT_EXPANSIONS,
	STMT_NODES,
	STMT_LINKS,
	STMT_STAGINGS,
	STMT_DEPENDENCIES,
	STMT_DELIVERIES,
	STMT_CALENDARS,
	STMT_PLACES,
	STMT_LANES,
	STMT_NOTE_DONE,
	STMT_OLD_JOB,
	STMT_OLD_PLAN,
	STMT_SESSIONS,
	STMT_THROTTLE,
	STMT_WORKERS,
	STMT_WORKER_LOGS,
	STMT_OLD_ERRORS,
	STMT_AUDIT,
	STMT_HISTORY,
	STMT_OLD_DELIVERIES,
	STMT_LOST_DELIVERIES,
	STMT_CLAIM,
	STMT_STEP,
	STMT_NOTE_STEP,
	STMT_REST,
	STMT_KEPT,
	STMT_KEEP,
};

static const struct db_stmt statements[] = {
	/* What has succeeded stays a success for those that wait for it. */
	[STMT_FORGET_MET] = { "purge.forget_met",
			      "DELETE FROM {batch_job_dependencies} WHERE depends_on = (SELECT id FROM {batch_jobs}"
			      " WHERE id = ? AND status = 'succeeded')",
			      "i", "" },
	[STMT_FORGET] = { "purge.forget", "DELETE FROM {batch_jobs} WHERE id = ? AND epoch = ? AND status = ?", "iis", "" },
	[STMT_NOTE] = { "purge.note", "INSERT INTO {batch_purges} (job_id, asked_at) VALUES (?, " SQL_NOW ")", "i", "" },
	[STMT_NOTED] = { "purge.noted", "SELECT job_id FROM {batch_purges} ORDER BY job_id LIMIT 1", "", "i" },
	[STMT_ITEMS] = { "purge.items", "DELETE FROM {batch_job_items} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_ITEM_ERRORS] = { "purge.item_errors", "DELETE FROM {batch_item_errors} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_DECISIONS] = { "purge.decisions", "DELETE FROM {batch_decisions} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_PLAN] = { "purge.plan", "DELETE FROM {busy_plan} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_CHUNKS] = { "purge.chunks", "DELETE FROM {batch_chunks} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_SLICES] = { "purge.slices", "DELETE FROM {batch_slices} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_FILES] = { "purge.files", "DELETE FROM {upload_files} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_EXPANSIONS] = { "purge.expansions", "DELETE FROM {batch_expansions} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_NODES] = { "purge.nodes", "DELETE FROM {batch_item_nodes} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_LINKS] = { "purge.links", "DELETE FROM {batch_item_links} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_STAGINGS] = { "purge.stagings", "DELETE FROM {batch_stagings} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_DEPENDENCIES] = { "purge.dependencies", "DELETE FROM {batch_job_dependencies} WHERE job_id = ? LIMIT ?", "ii", "" },
	/* What still waits says that the batch has ended: that stays true. */
	[STMT_DELIVERIES] = { "purge.deliveries",
			      "DELETE FROM {webhook_deliveries} WHERE job_id = ? AND state <> 'waiting' LIMIT ?", "ii", "" },
	[STMT_CALENDARS] = { "purge.calendars", "DELETE FROM {batch_calendars} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_PLACES] = { "purge.places", "DELETE FROM {batch_places} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_LANES] = { "purge.lanes", "DELETE FROM {batch_lanes} WHERE job_id = ? LIMIT ?", "ii", "" },
	[STMT_NOTE_DONE] = { "purge.note_done", "DELETE FROM {batch_purges} WHERE job_id = ?", "i", "" },
	/* Never one that is open, that can still be undone, or that an open one waits for. */
	[STMT_OLD_JOB] = { "purge.old_job",
			   "SELECT j.id FROM {batch_jobs} j FORCE INDEX (ended) WHERE j.finished_at < " SQL_NOW " - INTERVAL ? DAY"
			   " AND j.phase IN ('completed', 'failed') AND (j.undo_until IS NULL OR j.undo_until < " SQL_NOW ")"
			   " AND NOT EXISTS (SELECT 1 FROM {batch_job_dependencies} d JOIN {batch_jobs} w ON w.id = d.job_id"
			   " AND w.phase IN ('pending', 'processing') WHERE d.depends_on = j.id) ORDER BY j.finished_at LIMIT 1",
			   "i", "i" },
	/* Batches are few beside their rows: the key is read batch by batch. */
	[STMT_OLD_PLAN] = { "purge.old_plan",
			    "SELECT d.job_id FROM (SELECT DISTINCT job_id FROM {busy_plan} FORCE INDEX (PRIMARY) UNION SELECT DISTINCT job_id"
			    " FROM {batch_places} FORCE INDEX (PRIMARY)) d LEFT JOIN {batch_jobs} j ON j.id = d.job_id"
			    " WHERE j.id IS NULL OR (j.phase IN ('completed', 'failed') AND j.finished_at < " SQL_NOW
			    " - INTERVAL 1 HOUR) LIMIT 1",
			    "", "i" },
	[STMT_SESSIONS] = { "purge.sessions",
			    "DELETE FROM {sessions} WHERE seen_at < UTC_TIMESTAMP() - INTERVAL ? SECOND LIMIT ?", "ii", "" },
	[STMT_THROTTLE] = { "purge.throttle",
			    "DELETE FROM {throttle} WHERE window_start < UNIX_TIMESTAMP() - ? * 86400 LIMIT ?", "ii", "" },
	[STMT_WORKERS] = { "purge.workers", "DELETE FROM {workers} WHERE last_ping < " SQL_NOW " - INTERVAL ? DAY LIMIT ?", "ii", "" },
	[STMT_WORKER_LOGS] = { "purge.worker_logs", "DELETE FROM {worker_logs} WHERE at < " SQL_NOW " - INTERVAL ? DAY LIMIT ?",
			       "ii", "" },
	[STMT_OLD_ERRORS] = { "purge.old_errors",
			      "SELECT id FROM {error_logs} WHERE last_seen < " SQL_NOW " - INTERVAL ? DAY LIMIT ?", "ii", "i" },
	[STMT_AUDIT] = { "purge.audit", "DELETE FROM {audit_log} WHERE at < " SQL_NOW " - INTERVAL ? DAY LIMIT ?", "ii", "" },
	[STMT_HISTORY] = { "purge.history", "DELETE FROM {event_history} WHERE kept_at < UTC_TIMESTAMP() - INTERVAL ? DAY LIMIT ?", "ii", "" },
	[STMT_OLD_DELIVERIES] = { "purge.old_deliveries",
				  "DELETE FROM {webhook_deliveries} WHERE created_at < " SQL_NOW " - INTERVAL ? DAY LIMIT ?", "ii", "" },
	[STMT_LOST_DELIVERIES] = { "purge.lost_deliveries",
				   "DELETE FROM {webhook_deliveries} WHERE webhook_id NOT IN (SELECT id FROM {webhooks}) LIMIT ?", "i", "" },
	[STMT_CLAIM] = { "maintenance.claim",
			 "UPDATE {maintenance} SET due_at = " SQL_NOW " + INTERVAL " TURN_S " SECOND WHERE name = ? AND due_at <= " SQL_NOW,
			 "s", "" },
	[STMT_STEP] = { "maintenance.step", "SELECT step FROM {maintenance} WHERE name = ?", "s", "i" },
	[STMT_REST] = { "maintenance.rest",
			"UPDATE {maintenance} SET step = 0, ran_at = " SQL_NOW ", due_at = " SQL_NOW " + INTERVAL ? SECOND WHERE name = ?", "is", "" },
	[STMT_KEPT] = { "maintenance.kept", "SELECT result FROM {maintenance} WHERE name = ?", "s", "s" },
	[STMT_KEEP] = { "maintenance.keep",
			"UPDATE {maintenance} SET step = ?, result = ?, ran_at = " SQL_NOW ", due_at = " SQL_NOW
			" + INTERVAL ? SECOND WHERE name = ?",
			"isis", "" },
	[STMT_NOTE_STEP] = { "maintenance.note",
			     "UPDATE {maintenance} SET step = ?, due_at = CASE WHEN ? THEN " SQL_NOW " ELSE due_at END, ran_at = " SQL_NOW
			     ", removed = removed + ? WHERE name = ?",
			     "iiis", "" },
};
const struct db_stmt_table purge_statements = { "purge.c", statements, sizeof(statements) / sizeof(statements[0]) };

const char *purge_name(enum purge_kind kind)
{
	static const char *const names[PURGE_COUNT] = {
		[PURGE_FORGOTTEN] = "forgotten batches", [PURGE_IMAGES] = "before-images",  [PURGE_JOBS] = "old batches",
		[PURGE_PLANS] = "plans of checks",	 [PURGE_KEYS] = "Idempotency-Keys", [PURGE_SESSIONS] = "sessions",
		[PURGE_THROTTLE] = "counters",		 [PURGE_WORKERS] = "workers",	    [PURGE_WORKER_LOGS] = "worker logs",
		[PURGE_ERRORS] = "errors",		 [PURGE_AUDIT] = "audit log",
		[PURGE_HISTORY] = "former states of events", [PURGE_OCCURRENCES] = "past occurrences",
		[PURGE_DELIVERIES] = "deliveries of webhooks",
	};
	return names[kind];
}

/* --- batches --------------------------------------------------------------- */

bool job_forget(struct ctx *ctx, const struct job *job, bool *forgotten_out)
{
	int64_t affected = 0;
	*forgotten_out = false;
	if (!db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_FORGET_MET], job->id) ||
	    !db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_FORGET], job->id, (int64_t)job->epoch,
		     job_state_name(job->state)))
		return false;
	*forgotten_out = affected == 1;
	return !affected || db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_NOTE], job->id);
}

static bool purge_forgotten(struct ctx *ctx, int64_t limit, int64_t *removed, bool *more)
{
	struct db_rows noted;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &noted, &statements[STMT_NOTED]))
		return false;
	if (!noted.count)
		return true;
	int64_t job_id = db_int(&noted, 0, 0);
	*more = true;
	/* What its events were before stays known. */
	if (!history_move(ctx, job_id, limit, removed))
		return false;
	if (*removed >= limit)
		return true;
	for (int statement = STMT_ITEMS; statement <= STMT_LANES; statement++) {
		int64_t affected = 0;
		if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[statement], job_id, limit - *removed))
			return false;
		*removed += affected;
		if (*removed >= limit)
			return true; /* the next step goes on */
	}
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_NOTE_DONE], job_id);
}

static bool forget_old(struct ctx *ctx, int64_t *removed, bool *more)
{
	struct db_rows old;
	struct job job;
	bool forgotten = false;
	if (!ctx->config->retention_days_jobs)
		return true;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &old, &statements[STMT_OLD_JOB], ctx->config->retention_days_jobs))
		return false;
	if (!old.count)
		return true;
	if (!job_get(ctx, db_int(&old, 0, 0), &job) || !db_begin(ctx->db, &ctx->fail) || !job_forget(ctx, &job, &forgotten) ||
	    !db_commit(ctx->db, &ctx->fail)) {
		db_rollback(ctx->db);
		return false;
	}
	*removed = forgotten;
	*more = forgotten;
	return true;
}

static bool purge_plans(struct ctx *ctx, int64_t limit, int64_t *removed, bool *more)
{
	struct db_rows old;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &old, &statements[STMT_OLD_PLAN]))
		return false;
	if (!old.count)
		return true;
	int64_t job_id = db_int(&old, 0, 0), places = 0;
	*more = true;
	if (!db_exec(ctx->db, &ctx->fail, removed, &statements[STMT_PLAN], job_id, limit) ||
	    (*removed < limit && !db_exec(ctx->db, &ctx->fail, &places, &statements[STMT_PLACES], job_id, limit - *removed)))
		return false;
	*removed += places;
	return true;
}

/* --- logs ------------------------------------------------------------------ */

static bool delete_by_ids(struct ctx *ctx, const char *head, const int64_t *ids, size_t count, int64_t *affected)
{
	struct db_text *text = db_text_begin(ctx->db, head);
	db_text_list(text, ids, count);
	return db_text_exec(text, affected, &ctx->fail);
}

/* A kind of error goes with its resolutions. */
static bool purge_errors(struct ctx *ctx, int64_t limit, int64_t *removed)
{
	struct db_rows old;
	int64_t days = ctx->config->retention_days_logs;
	if (!days)
		return true;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &old, &statements[STMT_OLD_ERRORS], days, limit))
		return false;
	if (!old.count)
		return true;
	int64_t *ids = arena_array(ctx->arena, old.count, sizeof(*ids));
	for (size_t i = 0; i < old.count; i++)
		ids[i] = db_int(&old, i, 0);
	return delete_by_ids(ctx, "DELETE FROM {error_resolutions} WHERE error_id IN ", ids, old.count, NULL) &&
	       delete_by_ids(ctx, "DELETE FROM {error_logs} WHERE id IN ", ids, old.count, removed);
}

/* Rows older than so many seconds or days; 0 keeps them for ever. */
static bool purge_older(struct ctx *ctx, int statement, int64_t age, int64_t limit, int64_t *removed)
{
	return !age || db_exec(ctx->db, &ctx->fail, removed, &statements[statement], age, limit);
}

bool purge_some(struct ctx *ctx, enum purge_kind kind, int64_t limit, int64_t *removed, bool *more)
{
	const struct config *config = ctx->config;
	bool ok = true;
	*removed = 0;
	*more = false;
	switch (kind) {
	case PURGE_FORGOTTEN:
		return purge_forgotten(ctx, limit, removed, more);
	case PURGE_IMAGES:
		return undo_purge(ctx, limit, more);
	case PURGE_JOBS:
		return forget_old(ctx, removed, more);
	case PURGE_PLANS:
		return purge_plans(ctx, limit, removed, more);
	case PURGE_KEYS:
		ok = idempotency_purge(ctx, limit, removed);
		break;
	case PURGE_SESSIONS:
		ok = purge_older(ctx, STMT_SESSIONS, config->session_max_s, limit, removed);
		break;
	case PURGE_THROTTLE:
		ok = purge_older(ctx, STMT_THROTTLE, 1, limit, removed);
		break;
	case PURGE_WORKERS:
		ok = purge_older(ctx, STMT_WORKERS, 1, limit, removed);
		break;
	case PURGE_WORKER_LOGS:
		ok = purge_older(ctx, STMT_WORKER_LOGS, config->retention_days_logs, limit, removed);
		break;
	case PURGE_ERRORS:
		ok = purge_errors(ctx, limit, removed);
		break;
	case PURGE_AUDIT:
		ok = purge_older(ctx, STMT_AUDIT, config->retention_days_audit, limit, removed);
		break;
	case PURGE_HISTORY:
		ok = purge_older(ctx, STMT_HISTORY, config->retention_days_history, limit, removed);
		break;
	case PURGE_OCCURRENCES:
		ok = !config->retention_days_occurrences || occurrences_purge(ctx, config->retention_days_occurrences, limit, removed);
		break;
	case PURGE_DELIVERIES:
		ok = db_exec(ctx->db, &ctx->fail, removed, &statements[STMT_LOST_DELIVERIES], limit) &&
		     (*removed > 0 || purge_older(ctx, STMT_OLD_DELIVERIES, config->retention_days_logs, limit, removed));
		break;
	case PURGE_COUNT:
		break;
	}
	*more = ok && *removed >= limit;
	return ok;
}

/* --- whose turn ------------------------------------------------------------ */

bool maintenance_claim(struct ctx *ctx, const char *name, bool *mine_out, int64_t *step_out)
{
	struct db_rows rows;
	int64_t affected = 0;
	*mine_out = false;
	*step_out = 0;
	if (!db_exec(ctx->db, &ctx->fail, &affected, &statements[STMT_CLAIM], name))
		return false;
	if (affected != 1)
		return true;
	*mine_out = true;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_STEP], name))
		return false;
	*step_out = rows.count ? db_int(&rows, 0, 0) : 0;
	return true;
}

bool maintenance_note(struct ctx *ctx, const char *name, int64_t step, bool again, int64_t removed)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_NOTE_STEP], step, (int64_t)again, removed, name);
}

bool maintenance_rest(struct ctx *ctx, const char *name, int64_t seconds)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_REST], seconds, name);
}

bool maintenance_kept(struct ctx *ctx, const char *name, const char **result_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_KEPT], name))
		return false;
	*result_out = rows.count ? db_str(&rows, 0, 0) : NULL;
	return true;
}

bool maintenance_keep(struct ctx *ctx, const char *name, int64_t step, const char *result, int64_t seconds)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_KEEP], step, result, seconds, name);
}
