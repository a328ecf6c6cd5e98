#include "schedule/rezone.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "db/db.h"
#include "rules/permission.h"
#include "rules/series.h"
#include "schedule/apply.h"
#include "store/audit.h"
#include "store/error_log.h"
#include "store/events.h"
#include "store/occurrences.h"
#include "store/undo.h"

#define REPLAYS_MAX 5

/* --- what is to move --------------------------------------------------------------- */

/* The ids of those whose moment is another by now, at most REZONE_MOVED; where
 * there are more, the next step begins with them. */
static size_t outdated(struct zoned_event *list, size_t count, int64_t *ids, int64_t *next_id, bool *left)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		if (!event_rederive(&list[i].event))
			continue;
		if (list[i].is_held) {
			*left = true;
			continue;
		}
		if (found == REZONE_MOVED) {
			*next_id = list[i].event.id;
			break;
		}
		ids[found++] = list[i].event.id;
	}
	return found;
}

/* As they are now, in the order of their ids, and as they are to be. */
static bool load_targets(struct slice *slice, const int64_t *ids, size_t count, bool *left)
{
	struct event *events;
	if (!events_seen(slice->ctx, ids, count, &events, &count))
		return false;
	slice->targets = arena_array(slice->ctx->arena, count + 1, sizeof(*slice->targets));
	for (size_t i = 0; i < count; i++) {
		struct event moved = events[i];
		if (events[i].held_by)
			*left = true;
		if (events[i].held_by || event_recurs(&moved) || !event_rederive(&moved))
			continue;
		moved.row_version++;
		slice->targets[slice->target_count++] =
			(struct target){ .stored = events[i], .current = moved, .is_changed = true, .is_moving = true };
	}
	return true;
}

/* --- what is told ------------------------------------------------------------------ */

static const char *detail_of(struct arena *arena, const struct target *target)
{
	char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE];
	time_format_utc(target->stored.starts_at, from);
	time_format_utc(target->current.starts_at, to);
	return arena_printf(arena, "{\"from\":\"%s\",\"to\":\"%s\",\"timezone\":\"%s\"}", from, to, target->current.timezone);
}

static const char *conflict_of(struct arena *arena, const struct conflicts *conflicts)
{
	char at[TIME_TEXT_SIZE];
	time_format_utc(conflicts->list[0].own_start_utc, at);
	return arena_printf(arena, "{\"conflict_count\":%lld,\"occurrence_at\":\"%s\",\"event_id\":%lld}", (long long)conflicts->count, at,
			    (long long)conflicts->list[0].owner);
}

/* One error for each kind of conflict, however many events it concerns. */
static bool log_conflicts(struct ctx *ctx, const struct slice *slice, struct conflicts *const *met)
{
	static const enum code kinds[] = { CODE_VERSION_WINDOW, CODE_RESOURCE_OVERLAP, CODE_ASSIGNEE_OVERLAP };
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
		size_t count = 0;
		int64_t first_id = 0;
		char text[200];
		for (size_t i = 0; i < slice->target_count; i++) {
			if (!met[i] || met[i]->list[0].code != kinds[kind])
				continue;
			first_id = first_id ? first_id : slice->targets[i].stored.id;
			count++;
		}
		str_copy(text, sizeof(text), arena_printf(ctx->arena, "The data of time zones have changed: %zu events meet others at "
							  "their new time, for example event %lld", count, (long long)first_id));
		if (count && !error_log_add(ctx, kinds[kind], 0, -1, text))
			return false;
	}
	return true;
}

static bool tell(struct slice *slice, struct conflicts *const *met)
{
	struct arena *arena = slice->ctx->arena;
	struct program_note *notes = arena_array(arena, 2 * slice->target_count, sizeof(*notes));
	size_t count = 0;
	for (size_t i = 0; i < slice->target_count; i++) {
		const struct target *target = &slice->targets[i];
		notes[count++] = (struct program_note){ "event.zone", target->stored.id, detail_of(arena, target) };
		if (met[i])
			notes[count++] = (struct program_note){ "event.conflict", target->stored.id, conflict_of(arena, met[i]) };
	}
	return audit_add_program(slice->ctx, 0, notes, count) && log_conflicts(slice->ctx, slice, met);
}

/* --- in the transaction ------------------------------------------------------------ */

/* Its wall time is what counts: who undoes a batch finds what the batch made. */
static bool stays_itself(const struct slice *slice)
{
	int64_t *ids = arena_array(slice->ctx->arena, slice->target_count, sizeof(*ids));
	for (size_t i = 0; i < slice->target_count; i++)
		ids[i] = slice->targets[i].stored.id;
	return undo_same_states(slice->ctx, ids, slice->target_count);
}

/* Lock first, then look: as whoever changes events does. */
static bool move_all(struct slice *slice, struct sweep *sweep)
{
	struct ctx *ctx = slice->ctx;
	struct conflicts **met = arena_array(ctx->arena, slice->target_count, sizeof(struct conflicts *));
	if (!calendars_lock(ctx, sweep->calendars, sweep->calendar_count) || !sweep_fetch(sweep, true, true))
		return false;
	sweep_begin_round(sweep);
	for (size_t i = 0; i < slice->target_count; i++) {
		const struct target *target = &slice->targets[i];
		met[i] = sweep_probe(sweep, &target->current, target->stored.id, 0);
		sweep_accept(sweep, &target->current, target->stored.id);
		if (met[i] && !met[i]->listed)
			met[i] = NULL;
	}
	return write_updates(slice) && stays_itself(slice) && tell(slice, met);
}

static bool try_once(struct ctx *ctx, const int64_t *ids, size_t count, bool *left)
{
	struct sweep sweep;
	struct slice slice = {
		.ctx = ctx,
		.kind = SLICE_UPDATE,
		.actor = ctx->actor,
		.conflict_window_s = ctx->config->conflict_window_s,
		.conflict_details = 1,
	};
	if (!load_targets(&slice, ids, count, left))
		return false;
	if (!slice.target_count)
		return true;
	const struct event **stored = arena_array(ctx->arena, slice.target_count, sizeof(const struct event *));
	for (size_t i = 0; i < slice.target_count; i++)
		stored[i] = &slice.targets[i].stored;
	if (!sweep_look_up(&slice, stored, slice.target_count, false))
		return false;
	sweep_open(&sweep, &slice);
	for (size_t i = 0; i < slice.target_count; i++) {
		sweep_touch_content(&sweep, stored[i]->content_id);
		sweep_touch(&sweep, stored[i]);
		sweep_touch(&sweep, &slice.targets[i].current);
	}
	sweep_close(&sweep);
	if (db_begin(ctx->db, &ctx->fail) && move_all(&slice, &sweep) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

/* Somebody else may be changing them: with fresh eyes once more. */
static bool rezone(struct ctx *ctx, const int64_t *ids, size_t count, bool *left)
{
	for (int replay = 0;; replay++) {
		fail_clear(&ctx->fail);
		if (try_once(ctx, ids, count, left))
			return true;
		if (ctx->fail.kind != FAIL_RETRY || replay == REPLAYS_MAX || db_is_lost(ctx->db))
			return false;
	}
}

static bool step(struct ctx *ctx, int64_t *next_id, bool *left)
{
	struct zoned_event *list;
	size_t count;
	int64_t from_id = *next_id;
	int64_t ids[REZONE_MOVED];
	if (!zoned_page(ctx, from_id, REZONE_LOOKED, &list, &count, next_id))
		return false;
	size_t found = outdated(list, count, ids, next_id, left);
	if (!found || rezone(ctx, ids, found, left))
		return true;
	if (db_is_lost(ctx->db))
		return false;
	/* Those that fail must not keep the others from their turn. */
	log_line(LOG_WARN, ctx->reference, "zone data, events %lld and on: %s", (long long)ids[0], ctx->fail.detail);
	fail_clear(&ctx->fail);
	*left = true;
	return true;
}

bool rezone_step(struct ctx *ctx, int64_t *next_id, bool *left_out)
{
	static const struct actor program; /* nobody: it is the program's doing */
	const struct actor *asking = ctx->actor;
	struct arena_mark mark = arena_mark(ctx->arena);
	ctx->actor = &program;
	bool ok = step(ctx, next_id, left_out);
	ctx->actor = asking;
	arena_rewind(ctx->arena, mark);
	return ok;
}
