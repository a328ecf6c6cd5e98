#include "batch/maintenance.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/zone.h"
#include "db/db.h"
#include "schedule/horizon.h"
#include "schedule/rezone.h"
#include "store/error_log.h"
#include "store/purge.h"

#define TURN "purge"
#define HORIZON "horizon"
#define ZONES "zones"
#define HORIZON_EVERY_S 21600
#define ZONES_TURN_S 60   /* should this process die on the way */
#define ZONES_AGAIN_S 3600 /* after some were left: a batch held them */
/* About 30 ms of deleting: an ingest stores a thousand in the same time. */
#define ROWS_PER_STEP 2000
#define LEAST_MS 20 /* not worth asking for less */

static bool count_errors(struct ctx *ctx, int64_t until_ms)
{
	bool more = true;
	while (more && monotonic_ms() < until_ms)
		if (!error_log_collect(ctx, 0, &more))
			return false;
	return true;
}

/* All there is of one kind, or until the time is up. */
static bool purge_kind(struct ctx *ctx, enum purge_kind kind, int64_t until_ms, int64_t *removed, bool *more)
{
	for (*more = true; *more && monotonic_ms() < until_ms;) {
		struct arena_mark mark = arena_mark(ctx->arena);
		int64_t some = 0;
		bool ok = purge_some(ctx, kind, ROWS_PER_STEP, &some, more);
		arena_rewind(ctx->arena, mark);
		*removed += some;
		if (!ok)
			return false;
	}
	return true;
}

/* Kind after kind, from where the last turn stopped. */
static bool purge(struct ctx *ctx, int64_t step, int64_t until_ms)
{
	int64_t removed = 0;
	bool more = false, ok = true;
	int64_t kind = step % PURGE_COUNT;
	for (int i = 0; i < PURGE_COUNT && ok && !more; i++) {
		kind = (step + i) % PURGE_COUNT;
		ok = purge_kind(ctx, (enum purge_kind)kind, until_ms, &removed, &more);
	}
	/* One kind that fails every time must not keep the others from their turn. */
	if (!ok)
		log_line(LOG_WARN, ctx->reference, "purging %s: %s", purge_name((enum purge_kind)kind), ctx->fail.detail);
	fail_clear(&ctx->fail);
	return maintenance_note(ctx, TURN, more ? kind : ok ? 0 : (kind + 1) % PURGE_COUNT, ok && more, removed);
}

/* Series after series, from where the last turn stopped; all of them are looked
 * at a few times a day. */
static bool move_horizon(struct ctx *ctx, int64_t after_id, int64_t until_ms)
{
	bool ok = true;
	do
		ok = horizon_step(ctx, &after_id);
	while (ok && after_id && monotonic_ms() < until_ms);
	if (!ok)
		return false;
	return after_id ? maintenance_note(ctx, HORIZON, after_id, true, 0) : maintenance_rest(ctx, HORIZON, HORIZON_EVERY_S);
}

/* --- zone data ------------------------------------------------------------------ */

/* What the row keeps: of which data the events are, or will be when the walk
 * is through; and whether some were left on the way. */
struct zone_walk {
	char data[17];
	bool left;
};

static bool read_walk(struct ctx *ctx, struct zone_walk *walk)
{
	const char *text;
	*walk = (struct zone_walk){ .left = false };
	if (!maintenance_kept(ctx, ZONES, &text))
		return false;
	json_t *kept = text ? json_read(ctx->arena, text, strlen(text), &ctx->fail) : NULL;
	fail_clear(&ctx->fail); /* what can't be read is as good as nothing */
	const char *data = json_string_value(json_object_get(kept, "data"));
	str_copy(walk->data, sizeof(walk->data), data ? data : "");
	walk->left = json_is_true(json_object_get(kept, "left"));
	return true;
}

static bool keep_walk(struct ctx *ctx, const struct zone_walk *walk, int64_t next_id, int64_t seconds)
{
	return maintenance_keep(ctx, ZONES, next_id,
				arena_printf(ctx->arena, "{\"data\":\"%s\",\"left\":%s}", walk->data, walk->left ? "true" : "false"),
				seconds);
}

/* Where the data are others than those the events were derived by, all events
 * are walked once, from where the last turn stopped. */
static bool follow_zones(struct ctx *ctx, int64_t next_id, int64_t until_ms)
{
	struct zone_walk walk;
	char today[sizeof(walk.data)];
	bool ok = true;
	snprintf(today, sizeof(today), "%016llx", (unsigned long long)zone_data_print());
	if (!read_walk(ctx, &walk))
		return false;
	if (strcmp(today, walk.data) != 0) {
		memcpy(walk.data, today, sizeof(today));
		walk.left = false;
		next_id = 1;
		if (!keep_walk(ctx, &walk, next_id, ZONES_TURN_S))
			return false;
	}
	while (ok && next_id && monotonic_ms() < until_ms)
		ok = rezone_step(ctx, &next_id, &walk.left);
	if (!ok || next_id)
		return keep_walk(ctx, &walk, next_id, ok ? 0 : ZONES_AGAIN_S) && ok;
	if (!walk.left)
		return keep_walk(ctx, &walk, 0, HORIZON_EVERY_S);
	walk.left = false;
	return keep_walk(ctx, &walk, 1, ZONES_AGAIN_S);
}

static bool take_turn(struct ctx *ctx, const char *name, int64_t until_ms)
{
	int64_t step = 0;
	bool mine = false;
	if (monotonic_ms() + LEAST_MS > until_ms)
		return true;
	if (!maintenance_claim(ctx, name, &mine, &step) || !mine)
		return !mine && ctx->fail.kind == FAIL_NONE;
	if (strcmp(name, HORIZON) == 0)
		return move_horizon(ctx, step, until_ms);
	if (strcmp(name, ZONES) == 0)
		return follow_zones(ctx, step, until_ms);
	return count_errors(ctx, until_ms) && purge(ctx, step, until_ms);
}

void maintenance_step(struct ctx *ctx, int64_t until_ms)
{
	static const char *const turns[] = { TURN, HORIZON, ZONES };
	if (monotonic_ms() + LEAST_MS > until_ms || db_is_lost(ctx->db))
		return;
	struct fail before = ctx->fail;
	fail_clear(&ctx->fail);
	for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
		if (!take_turn(ctx, turns[i], until_ms))
			log_line(LOG_WARN, ctx->reference, "maintenance: %s", ctx->fail.detail);
		fail_clear(&ctx->fail);
	}
	ctx->fail = before;
}
