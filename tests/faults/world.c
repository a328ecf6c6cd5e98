/* The world of the kill sweep. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/text.h"
#include "store/error_log.h"
#include "memory.h"
#include "store/grants.h"

void give_up(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	fputs("sweep: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	fflush(NULL);
	_Exit(2);
}

struct ctx *world_ctx(const struct config *config)
{
	struct ctx *ctx = calloc(1, sizeof *ctx);
	if (!ctx)
		abort();
	*ctx = (struct ctx){
		.arena = arena_new(),
		.config = config,
		.reference = "sweep",
		.worker_type = "tick",
		.worker_uuid = "00000000-0000-4000-8000-000000000009",
		.started_ms = monotonic_ms(),
		.db = db_new(config),
	};
	struct actor *actor = calloc(1, sizeof *actor);
	if (!actor)
		abort();
	static const struct grant all[] = { { .permission = PERMIT_SCHEDULE_CONTENT }, { .permission = PERMIT_RESOLVE_CONFLICTS },
					    { .permission = PERMIT_VIEW_SCHEDULED_CONTENT },
					    { .permission = PERMIT_MANAGE_BATCHES } };
	*actor = (struct actor){ .user_id = 1, .name = "admin", .grants = all, .grant_count = 4 };
	ctx->actor = actor;
	return ctx;
}

struct ctx *world_process(const struct config *config)
{
	struct ctx *ctx = world_ctx(config);
	if (!db_ensure(ctx->db, &ctx->fail))
		give_up("no database: %s", ctx->fail.detail);
	return ctx;
}

void world_sql(struct ctx *ctx, const char *format, ...)
{
	va_list ap;
	memory_exempt(true);
	va_start(ap, format);
	struct db_text *text = db_text_begin(ctx->db, arena_vprintf(ctx->arena, format, ap));
	va_end(ap);
	if (!db_text_exec(text, NULL, &ctx->fail))
		give_up("%s", ctx->fail.detail);
	memory_exempt(false);
}

int64_t world_number(struct ctx *ctx, const char *format, ...)
{
	struct db_rows rows;
	va_list ap;
	memory_exempt(true);
	va_start(ap, format);
	struct db_text *text = db_text_begin(ctx->db, arena_vprintf(ctx->arena, format, ap));
	va_end(ap);
	if (!db_text_query(text, "i", ctx->arena, &rows, &ctx->fail))
		give_up("%s", ctx->fail.detail);
	memory_exempt(false);
	return rows.count ? db_int(&rows, 0, 0) : 0;
}

int64_t world_job(struct ctx *ctx)
{
	return world_number(ctx, "SELECT MAX(id) FROM {batch_jobs}");
}

void world_release(struct ctx *ctx)
{
	world_sql(ctx, "UPDATE {batch_chunks} SET lease_until = '2020-01-01' WHERE state = 'leased'");
	world_sql(ctx, "UPDATE {batch_lanes} SET held_until = '2020-01-01'");
	world_sql(ctx, "UPDATE {batch_chunks} SET available_at = '2020-01-01' WHERE state = 'ready' AND available_at < '9000-01-01'");
	world_sql(ctx, "UPDATE {idempotency_keys} SET lease_until = '2020-01-01'");
}

#define OF_A_KEY 2

bool world_is_locked(struct ctx *ctx, bool with_key)
{
	static const char *const rows[] = { "SELECT id FROM {batch_jobs} FOR UPDATE NOWAIT",
					    "SELECT first_ordinal FROM {batch_chunks} FOR UPDATE NOWAIT",
					    "SELECT lane FROM {batch_lanes} FOR UPDATE NOWAIT",
					    "SELECT user_id FROM {batch_turns} FOR UPDATE NOWAIT",
					    "SELECT 1 FROM {workers} FOR UPDATE NOWAIT",
					    /* the last OF_A_KEY */
					    "SELECT ordinal FROM {batch_job_items} FOR UPDATE NOWAIT",
					    "SELECT 1 FROM {idempotency_keys} FOR UPDATE NOWAIT" };
	struct db_rows found;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0] - (with_key ? 0 : OF_A_KEY); i++)
		if (!db_text_query(db_text_begin(ctx->db, rows[i]), "i", ctx->arena, &found, &ctx->fail)) {
			fail_clear(&ctx->fail);
			return true;
		}
	return false;
}

/* --- before a run ---------------------------------------------------------------- */

static const char *const batch_tables[] = {
	"batch_jobs", "batch_job_items", "batch_slices", "batch_item_errors", "batch_expansions", "batch_job_dependencies", "batch_chunks",
	"batch_decisions", "upload_files",
	"batch_item_nodes", "batch_item_links", "batch_stagings",
	"batch_lanes", "batch_turns", "busy_plan", "batch_places",
	"undo_rows",  "scheduled_events", "event_resources", "busy", "calendars", "workers", "worker_logs", "audit_log",
	"idempotency_keys", "error_logs", "error_resolutions", "batch_purges", "event_history", "event_occurrences",
};

void world_make(struct ctx *ctx)
{
	static const char *const tables[] = { "contents", "content_versions", "resources", "users", "user_roles" };
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		world_sql(ctx, "DELETE FROM {%s}", tables[i]);
	world_sql(ctx, "INSERT INTO {users} (id, name, display_name, password_hash, created_at) VALUES (1, 'admin', 'Ada', '', NOW())");
	world_sql(ctx, "INSERT INTO {user_roles} (user_id, role_id) SELECT 1, id FROM {roles} WHERE name = 'admin'");
	world_sql(ctx, "INSERT INTO {contents} (id, title, latest_version, created_at) SELECT seq, 'Content', 3, NOW() FROM seq_1_to_40");
	world_sql(ctx, "INSERT INTO {content_versions} (content_id, version_no, created_at) SELECT c.seq, v.seq, NOW() FROM seq_1_to_40 c"
		       " JOIN seq_1_to_3 v");
	world_sql(ctx, "INSERT INTO {resources} (id, kind, name, created_at) SELECT seq, IF(seq > 10, 'person', 'venue'), 'Resource', NOW()"
		       " FROM seq_1_to_20");
}

/* Events 1 to 40 stand back to back on venue 8, half an hour each, from 2030-03-01 on. */
void world_reset(struct ctx *ctx)
{
	for (size_t i = 0; i < sizeof batch_tables / sizeof batch_tables[0]; i++)
		world_sql(ctx, "DELETE FROM {%s}", batch_tables[i]);
	world_sql(ctx, "DELETE FROM {contents} WHERE id = 99"); /* what a retry waits for */
	world_sql(ctx, "DELETE FROM {content_versions} WHERE content_id = 99");
	world_sql(ctx, "INSERT INTO {scheduled_events} (id, client_id, content_id, version_no, schedule_type, title, starts_at, ends_at,"
		       " duration_s, created_by, next_due_at) SELECT seq, CONCAT('s-', seq), seq, 1, 'publish', CONCAT('Stored ', seq),"
		       " '2030-03-01' + INTERVAL seq * 30 MINUTE, '2030-03-01' + INTERVAL seq * 30 + 30 MINUTE, 1800, 1,"
		       " '2030-03-01' + INTERVAL seq * 30 MINUTE FROM seq_1_to_40");
	world_sql(ctx, "INSERT INTO {event_resources} (event_id, resource_id, role) SELECT seq, 8, 'resource' FROM seq_1_to_40");
	world_sql(ctx, "INSERT INTO {busy} (calendar_kind, calendar_id, day, start_utc, event_id, local_start, end_utc, version_no)"
		       " SELECT k.seq, IF(k.seq = 1, e.id, 8), t.s DIV 86400, t.s, e.id, t.s, t.s + 1800, 1 FROM {scheduled_events} e"
		       " JOIN seq_1_to_2 k JOIN (SELECT id, TIMESTAMPDIFF(SECOND, '1970-01-01', starts_at) AS s FROM {scheduled_events}) t"
		       " ON t.id = e.id");
	world_sql(ctx, "INSERT INTO {calendars} (kind, ref_id, ver, max_duration_s) SELECT 1, seq, 1, 1800 FROM seq_1_to_40"
		       " UNION ALL SELECT 2, 8, 1, 1800 UNION ALL SELECT 2, 9, 1, 1800");
	/* Events 41 to 48 stand on venue 9, half an hour each, from 2030-04-01 on, on six days. */
	world_sql(ctx, "INSERT INTO {scheduled_events} (id, client_id, content_id, version_no, schedule_type, title, starts_at, ends_at,"
		       " duration_s, created_by, next_due_at, recurrence, until_at) SELECT 40 + seq, CONCAT('s-', 40 + seq), 32 + seq, 1, 'publish',"
		       " CONCAT('Series ', seq), '2030-04-01' + INTERVAL seq * 30 MINUTE, '2030-04-01' + INTERVAL seq * 30 + 30 MINUTE, 1800, 1,"
		       " '2030-04-01' + INTERVAL seq * 30 MINUTE, 'FREQ=DAILY;COUNT=6', '2030-04-06' + INTERVAL seq * 30 + 30 MINUTE FROM seq_1_to_8");
	world_sql(ctx, "INSERT INTO {event_resources} (event_id, resource_id, role) SELECT 40 + seq, 9, 'resource' FROM seq_1_to_8");
	world_sql(ctx, "INSERT INTO {event_occurrences} (event_id, local_start, start_utc, end_utc, version_no) SELECT t.id, t.s, t.s, t.s + 1800, 1"
		       " FROM (SELECT e.id, TIMESTAMPDIFF(SECOND, '1970-01-01', e.starts_at) + d.seq * 86400 AS s FROM {scheduled_events} e"
		       " JOIN seq_0_to_5 d WHERE e.id > 40) t");
	world_sql(ctx, "INSERT INTO {busy} (calendar_kind, calendar_id, day, start_utc, event_id, local_start, end_utc, version_no)"
		       " SELECT k.seq, IF(k.seq = 1, e.content_id, 9), o.start_utc DIV 86400, o.start_utc, e.id, o.local_start, o.end_utc, 1"
		       " FROM {event_occurrences} o JOIN {scheduled_events} e ON e.id = o.event_id JOIN seq_1_to_2 k");
}

/* --- after a run ------------------------------------------------------------------ */

/* What the batch made is named by its ordinal, what was there before by minus its id. */
#define LABEL "COALESCE(e.origin_ordinal, -e.id)"

static const char *const views[] = {
	"SELECT CONCAT_WS(' ', 'job', status, phase, epoch, received, total, planned, unfrozen, finished_at IS NOT NULL) FROM {batch_jobs}",
	/* How many attempts it took is what a fault changes; that there were any is not. */
	"SELECT CONCAT_WS(' ', 'item', i.ordinal, i.outcome, i.verdict, i.attempts > 0, COALESCE(" LABEL ", IF(i.event_id, 'lost', '-')), x.code,"
	" x.outcome) FROM {batch_job_items} i LEFT JOIN {scheduled_events} e ON e.id = i.event_id LEFT JOIN {batch_item_errors} x"
	" ON x.job_id = i.job_id AND x.ordinal = i.ordinal ORDER BY i.job_id, i.ordinal",
	"SELECT CONCAT_WS(' ', 'event'," LABEL ", client_id, content_id, version_no, title, starts_at, ends_at, duration_s, status, row_version,"
	" next_due_at, (SELECT COALESCE(s.origin_ordinal, -s.id) FROM {scheduled_events} s WHERE s.id = e.superseded_by),"
	" e.superseded_by > 0) FROM {scheduled_events} e ORDER BY " LABEL,
	"SELECT CONCAT_WS(' ', 'place', " LABEL ", resource_id, role) FROM {event_resources} r LEFT JOIN {scheduled_events} e"
	" ON e.id = r.event_id ORDER BY " LABEL ", resource_id",
	"SELECT CONCAT_WS(' ', 'busy', calendar_kind, calendar_id, day, start_utc, end_utc, b.version_no, " LABEL ") FROM {busy} b"
	" LEFT JOIN {scheduled_events} e ON e.id = b.event_id ORDER BY calendar_kind, calendar_id, start_utc, " LABEL,
	"SELECT CONCAT_WS(' ', 'occurrence', o.event_id < 0, o.local_start, o.start_utc, o.end_utc, o.is_busy, " LABEL ")"
	" FROM {event_occurrences} o LEFT JOIN {scheduled_events} e ON e.id = ABS(o.event_id) ORDER BY " LABEL ", o.local_start",
	"SELECT CONCAT_WS(' ', 'undo', u.epoch, u.ordinal, " LABEL ", u.written_version, u.title, u.starts_at, u.row_version, u.resources)"
	" FROM {undo_rows} u JOIN {batch_jobs} j ON j.id = u.job_id AND j.status NOT IN ('undone', 'undo_partial', 'rolled_back')"
	" LEFT JOIN {scheduled_events} e ON e.id = u.event_id ORDER BY u.ordinal", /* of those they may be purged by now */
	"SELECT CONCAT_WS(' ', 'decision', ordinal, action, user_id, seen_epoch, worked_epoch) FROM {batch_decisions} ORDER BY ordinal",
	"SELECT CONCAT_WS(' ', 'errors', code, context, occurrences) FROM {error_logs} ORDER BY code, context",
	"SELECT CONCAT_WS(' ', 'calendar', kind, ref_id, max_duration_s) FROM {calendars} ORDER BY kind, ref_id",
	"SELECT CONCAT_WS(' ', 'bumps', kind, ref_id, ver) FROM {calendars} ORDER BY kind, ref_id",
};

const char *world_state(struct ctx *ctx, bool with_bumps)
{
	struct str out = STR_INIT;
	/* What the killed had left uncounted, maintenance would count later. */
	for (bool more = true; more;)
		if (!error_log_collect(ctx, 0, &more))
			give_up("%s", ctx->fail.detail);
	for (size_t v = 0; v < sizeof views / sizeof views[0] - !with_bumps; v++) {
		struct db_rows rows;
		if (!db_text_query(db_text_begin(ctx->db, views[v]), "s", ctx->arena, &rows, &ctx->fail))
			give_up("%s", ctx->fail.detail);
		for (size_t i = 0; i < rows.count; i++)
			str_addf(&out, "%s\n", db_str(&rows, i, 0));
	}
	char *kept = arena_strdup(ctx->arena, str_text(&out));
	str_free(&out);
	return kept;
}

const char *world_broken(struct ctx *ctx, bool is_ended)
{
	static const struct {
		const char *what, *count; /* of rows that must not be */
		bool at_the_end;          /* once all batches have ended */
	} rules[] = {
		{ "an ordinal was written twice", "SELECT COUNT(*) - COUNT(DISTINCT origin_job_id, origin_ordinal) FROM {scheduled_events}"
						  " WHERE origin_job_id IS NOT NULL", false },
		{ "a succeeded item's event is lost", "SELECT COUNT(*) FROM {batch_job_items} i JOIN {batch_jobs} j ON j.id = i.job_id"
						      " AND j.type = 'create' LEFT JOIN {scheduled_events} e ON e.id = i.event_id"
						      " AND e.origin_job_id = i.job_id AND e.origin_ordinal = i.ordinal"
						      " WHERE i.outcome = 1 AND e.id IS NULL", false },
		{ "an event has no succeeded item", "SELECT COUNT(*) FROM {scheduled_events} e LEFT JOIN {batch_job_items} i"
						    " ON i.job_id = e.origin_job_id AND i.ordinal = e.origin_ordinal AND i.outcome IN (1, 8)"
						    " WHERE e.origin_job_id IS NOT NULL AND i.job_id IS NULL", false },
		{ "an item is pending in a finished batch", "SELECT COUNT(*) FROM {batch_job_items} i JOIN {batch_jobs} j ON j.id = i.job_id"
							    " WHERE i.outcome = 0 AND j.status IN ('succeeded', 'partial', 'failed') AND j.work <> 'check'", false },
		{ "a finished batch still holds something", "SELECT (SELECT COUNT(*) FROM {scheduled_events} WHERE job_unpublished <> 0"
							    " OR shadow_of IS NOT NULL) + (SELECT COUNT(*) FROM {busy} WHERE local_start < 0)"
							    " + (SELECT COUNT(*) FROM {event_resources} WHERE event_id < 0)", true },
		{ "an atomic batch is neither done nor undone", "SELECT COUNT(*) FROM {batch_jobs} j WHERE j.atomic > 0"
								" AND j.status NOT IN ('succeeded', 'rolled_back') AND (j.status NOT IN"
								" ('cancelled', 'undone') OR EXISTS (SELECT 1 FROM {scheduled_events} e"
								" WHERE e.origin_job_id = j.id))", true },
		{ "a part of an atomic batch is seen", "SELECT COUNT(*) FROM {scheduled_events} e JOIN {batch_jobs} j ON j.id = e.origin_job_id"
						       " WHERE e.job_unpublished = 0 AND (j.atomic = 2 AND j.published = 0 OR j.atomic > 0"
						       " AND EXISTS (SELECT 1 FROM {batch_job_items} i WHERE i.job_id = j.id AND i.outcome = 0))", false },
		{ "two events hold a venue at once", "SELECT COUNT(*) FROM {busy} a JOIN {busy} b ON a.calendar_kind = 2 AND b.calendar_kind = 2"
						     " AND a.calendar_id = b.calendar_id AND a.event_id < b.event_id"
						     " AND a.start_utc < b.end_utc AND b.start_utc < a.end_utc", false },
		/* Each change leaves what was before it, each undo of one is a change that leaves nothing. */
		{ "an event or undo row is changed twice", "SELECT COUNT(*) FROM (SELECT e.id FROM {scheduled_events} e JOIN"
							   " (SELECT event_id, row_version FROM {undo_rows} UNION SELECT event_id, row_version"
							   " FROM {event_history}) o ON o.event_id = e.id WHERE e.updated_by <> 99"
							   " GROUP BY e.id, e.row_version, e.as_version HAVING e.row_version > 1 + COUNT(*)"
							   " + SUM(e.as_version > 0 AND o.row_version >= e.as_version)) changed", false },
		{ "chunks overlap or leave a gap", "SELECT COUNT(*) FROM {batch_jobs} j WHERE j.planned <> COALESCE((SELECT SUM(last_ordinal -"
						   " first_ordinal + 1) FROM {batch_chunks} c WHERE c.job_id = j.id AND c.epoch = j.epoch"
						   " AND c.state <> 'split'), 0)", false },
	};
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if ((is_ended || !rules[i].at_the_end) && world_number(ctx, "%s", rules[i].count) != 0)
			return rules[i].what;
	return NULL;
}
