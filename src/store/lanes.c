#include "store/lanes.h"

#include "base/ids.h"
#include "db/db.h"
#include "db/text.h"
#include "store/sql_time.h"

/* Between two requests of a browser's lane. */
#define DRIVEN_FOR_S "2"
#define LONG_AGO "'1970-01-01'"

enum { STMT_READ, STMT_RELEASE };

static const struct db_stmt statements[] = {
	[STMT_READ] = { "lanes.read",
			"SELECT lane, held_until >= " SQL_NOW ", held_until > " SQL_NOW " - INTERVAL " DRIVEN_FOR_S " SECOND"
			" FROM {batch_lanes} WHERE job_id = ? AND lane < ?",
			"ii", "iii" },
	[STMT_RELEASE] = { "lanes.release",
			   "UPDATE {batch_lanes} SET held_until = CASE WHEN ? THEN " SQL_NOW " - INTERVAL 1000 MICROSECOND"
			   " ELSE " LONG_AGO " END WHERE job_id = ? AND lane = ? AND token = ?"
			   " AND NOT EXISTS (SELECT 1 FROM {batch_chunks} c WHERE c.job_id = ? AND c.epoch = ? AND c.state = 'leased'"
			   " AND c.token = ? AND c.lease_until >= " SQL_NOW ")",
			   "iiiiiii", "" },
};
const struct db_stmt_table lanes_statements = { "lanes.c", statements, sizeof(statements) / sizeof(statements[0]) };

/* Whoever comes first makes them; that several do at once is harmless. */
static bool make_lanes(struct ctx *ctx, const struct job *job)
{
	struct db_text *text = db_text_begin(ctx->db, "INSERT IGNORE INTO {batch_lanes} (job_id, lane) VALUES ");
	for (int32_t lane = 0; lane < job->max_lanes; lane++) {
		db_text_row(text);
		db_text_i64(text, job->id);
		db_text_i64(text, lane);
		db_text_end_row(text);
	}
	return db_text_exec(text, NULL, &ctx->fail);
}

bool lane_find(struct ctx *ctx, const struct job *job, struct lane *lane, bool *driven_out)
{
	struct db_rows rows;
	int32_t free_lanes[LANES_MAX];
	uint32_t count = 0;
	bool driven = false;
	*lane = (struct lane){ .number = -1 };
	if (!db_query(ctx->db, &ctx->fail, ctx->arena, &rows, &statements[STMT_READ], job->id, (int64_t)job->max_lanes))
		return false;
	for (size_t i = 0; i < rows.count && i < LANES_MAX; i++) {
		if (!db_int(&rows, i, 1))
			free_lanes[count++] = (int32_t)db_int(&rows, i, 0);
		driven |= db_int(&rows, i, 2) != 0;
	}
	if (driven_out)
		*driven_out = driven;
	if ((int64_t)rows.count < job->max_lanes) {
		lane->number = (int32_t)random_below((uint32_t)job->max_lanes);
		return make_lanes(ctx, job);
	}
	if (count)
		lane->number = free_lanes[random_below(count)];
	return true;
}

bool lane_release(struct ctx *ctx, const struct job *job, struct lane *lane, bool leaves_trace)
{
	struct lane held = *lane;
	*lane = (struct lane){ .number = -1 };
	if (!held.token)
		return true;
	return db_exec(ctx->db, &ctx->fail, NULL, &statements[STMT_RELEASE], (int64_t)leaves_trace, job->id,
		       (int64_t)held.number, (int64_t)held.token, job->id, (int64_t)job->epoch, (int64_t)held.token);
}
