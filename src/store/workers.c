/* Workers: pings, reports, lists. */
#include "store/workers.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/db.h"
#include "store/sql_time.h"

/* A worker unseen for a day is forgotten, a few at a time. */
#define REAP_AFTER_HOURS "24"
#define STOPPED_HOURS "1"
/* As CGI every request is a process: those that ended and had nothing to report
 * stay just long enough to be seen on a page that renews itself. */
#define REQUEST_SECONDS "10"

#define COLUMNS                                                                                                  \
	"uuid, type, host, CASE WHEN status = 'busy' AND last_ping < " SQL_NOW " - INTERVAL 3 * lease_s SECOND" \
	" THEN 'unresponsive' ELSE status END, pid, job_id, items_done, memory_kib, " SQL_SECONDS("started_at") "," \
	" " SQL_SECONDS("last_ping") ", TIMESTAMPDIFF(SECOND, last_ping, " SQL_NOW "),"                        \
	" TIMESTAMPDIFF(MICROSECOND, '1970-01-01', last_ping) DIV 1000"
#define TYPES "ssssiiiiiiii"
#define OF_MS "('1970-01-01' + INTERVAL ? * 1000 MICROSECOND)"
#define LEAST_LEASE_S 15
#define LAST_MS 250000000000000 /* in the year 9892 */

enum { STMT_PING, STMT_STOP, STMT_GET, STMT_REAP, STMT_REAP_REQUESTS, STMT_REPORT, STMT_LIST, STMT_LOGS };
static const struct db_stmt statements[] = {
	[STMT_PING] = { "workers.ping",
			"INSERT INTO {workers} (uuid, type, status, pid, host, job_id, lease_s, items_done, memory_kib,"
			" started_at, last_ping) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, " SQL_NOW ", " SQL_NOW ")"
			" ON DUPLICATE KEY UPDATE status = VALUES(status),"
			" type = VALUES(type), lease_s = VALUES(lease_s),"
			" job_id = VALUES(job_id), items_done = items_done + VALUES(items_done),"
			" memory_kib = VALUES(memory_kib), last_ping = VALUES(last_ping)",
			"sssisiiii", "" },
	[STMT_STOP] = { "workers.stop", "UPDATE {workers} SET status = 'stopped', job_id = 0, last_ping = " SQL_NOW " WHERE uuid = ?", "s",
			"" },
	[STMT_REAP] = { "workers.reap",
			"DELETE FROM {workers} WHERE last_ping < " SQL_NOW " - INTERVAL " STOPPED_HOURS " HOUR"
			" AND (status = 'stopped' OR last_ping < " SQL_NOW " - INTERVAL " REAP_AFTER_HOURS " HOUR) LIMIT 20",
			"", "" },
	[STMT_REAP_REQUESTS] = { "workers.reap_requests",
				 "DELETE FROM {workers} WHERE last_ping < " SQL_NOW " - INTERVAL " REQUEST_SECONDS " SECOND"
				 " AND status = 'stopped' AND type <> 'fastcgi'"
				 " AND NOT EXISTS (SELECT 1 FROM {worker_logs} l WHERE l.uuid = {workers}.uuid) LIMIT 20",
				 "", "" },
	[STMT_REPORT] = { "workers.report",
			  "INSERT INTO {worker_logs} (uuid, at, level, job_id, message) VALUES (?, " SQL_NOW ", ?, ?, ?)", "ssis", "" },
	[STMT_LIST] = { "workers.list",
			"SELECT " COLUMNS " FROM {workers} WHERE last_ping <= " OF_MS " AND (last_ping < " OF_MS " OR uuid < ?)"
			" ORDER BY last_ping DESC, uuid DESC LIMIT ?",
			"iisi", TYPES },
	[STMT_GET] = { "workers.get", "SELECT " COLUMNS " FROM {workers} WHERE uuid = ?", "s", TYPES },
	[STMT_LOGS] = { "workers.logs",
			"SELECT id, " SQL_SECONDS("at") ", job_id, level, message FROM {worker_logs} WHERE uuid = ? AND id < ?"
			" ORDER BY id DESC LIMIT ?",
			"sii", "iiiss" },
};
const struct db_stmt_table workers_statements = { "workers.c", statements, sizeof(statements) / sizeof(statements[0]) };

bool worker_ping(struct ctx *ctx, const struct job *job, int64_t items_done)
{
	char host[64] = "";
	int64_t lease_s = job ? job->lease_s : LEAST_LEASE_S;
	(void)gethostname(host, sizeof(host) - 1);
	ctx->is_worker = true;
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_PING], ctx->worker_uuid, ctx->worker_type, job ? "busy" : "idle",
		       (int64_t)getpid(), host, job ? job->id : (int64_t)0, lease_s, items_done, resident_kib());
}

bool worker_stop(struct ctx *ctx)
{
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_STOP], ctx->worker_uuid) &&
	       db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_REAP]) &&
	       db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_REAP_REQUESTS]);
}

void worker_report(struct ctx *ctx, const char *level, int64_t job_id, const char *format, ...)
{
	char message[500];
	struct fail ignored = { 0 };
	va_list ap;
	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	if (db_exec(ctx->db, &ignored, NULL, &statements[STMT_REPORT], ctx->worker_uuid, level, job_id, message))
		(void)!db_exec(ctx->db, &ignored, NULL, &statements[STMT_REAP]);
}

static void row_of(const struct db_rows *rows, size_t i, struct worker_row *row)
{
	*row = (struct worker_row){
		.uuid = db_str(rows, i, 0), .type = db_str(rows, i, 1), .host = db_str(rows, i, 2), .status = db_str(rows, i, 3),
		.pid = db_int(rows, i, 4), .job_id = db_int(rows, i, 5), .items_done = db_int(rows, i, 6),
		.memory_kib = db_int(rows, i, 7), .started_at = db_int(rows, i, 8), .last_ping = db_int(rows, i, 9),
		.silent_s = db_int(rows, i, 10), .last_ping_ms = db_int(rows, i, 11),
	};
}

bool worker_list(struct ctx *ctx, const struct worker_cursor *after, int32_t limit, struct worker_row **rows_out, size_t *count_out)
{
	struct db_rows rows;
	/* Microseconds since 1970 in a BIGINT, and a year that DATETIME knows. */
	int64_t ms = after->last_ping_ms < LAST_MS ? after->last_ping_ms : LAST_MS;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LIST], ms, ms, after->uuid, (int64_t)limit))
		return false;
	*rows_out = arena_array(ctx->arena, rows.count + 1, sizeof(**rows_out));
	*count_out = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		row_of(&rows, i, &(*rows_out)[i]);
	return true;
}

bool worker_get(struct ctx *ctx, const char *uuid, struct worker_row *row_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_GET], uuid))
		return false;
	if (!rows.count)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "There is no such worker, or it is long gone");
	row_of(&rows, 0, row_out);
	return true;
}

bool worker_logs(struct ctx *ctx, const char *uuid, int64_t before_id, int32_t limit, struct worker_log **rows_out,
		 size_t *count_out)
{
	struct db_rows rows;
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_LOGS], uuid,
		      before_id ? before_id : INT64_MAX, (int64_t)limit))
		return false;
	struct worker_log *list = arena_array(ctx->arena, rows.count + 1, sizeof(*list));
	for (size_t i = 0; i < rows.count; i++)
		list[i] = (struct worker_log){ .id = db_int(&rows, i, 0), .at = db_int(&rows, i, 1), .job_id = db_int(&rows, i, 2),
					       .level = db_str(&rows, i, 3), .message = db_str(&rows, i, 4) };
	*rows_out = list;
	*count_out = rows.count;
	return true;
}
