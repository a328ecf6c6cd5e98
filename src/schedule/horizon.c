#include "schedule/horizon.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "db/db.h"
#include "rules/permission.h"
#include "rules/series.h"
#include "schedule/apply.h"
#include "store/audit.h"
#include "store/error_log.h"
#include "store/occurrences.h"
#include "store/system.h"

/* One series, as it is stored and as it is to be. */
struct renewal {
	struct event before, after;
	struct event fresh;          /* with the occurrences alone that are new */
	int64_t past_utc;            /* what starts before it leaves busy */
	int64_t next_utc;            /* the first that lies ahead; 0 = none */
};

static bool is_there(const struct event *event, const struct occurrence *wanted)
{
	for (size_t i = 0; i < event->occurrence_count; i++) {
		const struct occurrence *o = &event->occurrences[i];
		if (o->local_start == wanted->local_start && o->start_utc == wanted->start_utc && o->end_utc == wanted->end_utc &&
		    o->version_no == wanted->version_no)
			return true;
	}
	return false;
}

/* What has begun stays as it was; what lies ahead is as the series says today.
 * False when that is what is stored. */
static bool renew(struct ctx *ctx, struct renewal *renewal, int64_t now_utc)
{
	struct event *before = &renewal->before, *after = &renewal->after;
	size_t count = 0, fresh = 0;
	*after = *before;
	if (after->starts_at > now_utc)
		(void)event_rederive(after);
	if (series_expand(after, now_utc, 0, ctx->arena) != CODE_NONE)
		return false; /* a zone that is gone: nothing is known better */
	size_t room = before->occurrence_count + after->occurrence_count + 1;
	struct occurrence *list = arena_array(ctx->arena, room, sizeof(*list));
	struct occurrence *added = arena_array(ctx->arena, room, sizeof(*added));
	renewal->past_utc = now_utc - now_utc % 86400 - SERIES_PAST_S;
	for (size_t i = 0; i < before->occurrence_count; i++)
		if (before->occurrences[i].start_utc < now_utc && before->occurrences[i].start_utc >= renewal->past_utc)
			list[count++] = before->occurrences[i];
	for (size_t i = 0; i < after->occurrence_count; i++) {
		if (after->occurrences[i].start_utc < now_utc)
			continue;
		list[count++] = after->occurrences[i];
		if (!renewal->next_utc)
			renewal->next_utc = after->occurrences[i].start_utc;
		if (!is_there(before, &after->occurrences[i]))
			added[fresh++] = after->occurrences[i];
	}
	after->occurrences = list;
	after->occurrence_count = count;
	renewal->fresh = *after;
	renewal->fresh.occurrences = added;
	renewal->fresh.occurrence_count = fresh;
	return fresh || count != before->occurrence_count;
}

/* --- in the transaction -------------------------------------------------------- */

static bool note_conflicts(struct ctx *ctx, const struct event *event, const struct conflicts *conflicts)
{
	char at[TIME_TEXT_SIZE], text[300];
	const struct conflict *first = &conflicts->list[0];
	if (!conflicts->listed)
		return true;
	time_format_utc(first->own_start_utc, at);
	str_copy(text, sizeof(text),
		 arena_printf(ctx->arena, "Event %lld recurs at %s, where event %lld is (%lld conflicts)", (long long)event->id, at,
			      (long long)first->owner, (long long)conflicts->count));
	return audit_add(ctx, "event.conflict", 0, event->id,
			 arena_printf(ctx->arena, "{\"conflict_count\":%lld,\"occurrence_at\":\"%s\",\"event_id\":%lld}",
				      (long long)conflicts->count, at, (long long)first->owner)) &&
	       error_log_add(ctx, first->code, 0, -1, text);
}

static bool write_renewal(struct slice *slice, struct renewal *renewal)
{
	struct ctx *ctx = slice->ctx;
	const struct event *before = &renewal->before, *after = &renewal->after;
	struct event left = *before;
	struct occurrence *list = arena_array(ctx->arena, before->occurrence_count + 1, sizeof(*list));
	size_t were_count = 0, are_count = 0, kept = 0;
	struct interval *were = all_intervals(ctx->arena, &before, 1, &were_count);
	struct interval *are = all_intervals(ctx->arena, &after, 1, &are_count);
	/* Those that leave busy stay in their own table. */
	for (size_t i = 0; i < before->occurrence_count; i++)
		if (before->occurrences[i].start_utc >= renewal->past_utc)
			list[kept++] = before->occurrences[i];
	left.occurrences = list;
	left.occurrence_count = kept;
	const struct event *from = &left;
	return busy_replace(ctx, were, were_count, are, are_count) && occurrences_leave(ctx, before->id, renewal->past_utc) &&
	       occurrences_replace(ctx, &from, &after, 1) && series_note(ctx, after, renewal->next_utc);
}

/* Lock first, then look: as whoever changes the event does. */
static bool apply_renewal(struct slice *slice, struct sweep *sweep, struct renewal *renewal)
{
	struct ctx *ctx = slice->ctx;
	const struct event *before = &renewal->before;
	bool same = false, known_same = false;
	if (!calendars_lock(ctx, sweep->calendars, sweep->calendar_count) || !series_still_at(ctx, before, &same) ||
	    !occurrences_are(ctx, &before, 1, &known_same))
		return false;
	if (!same || !known_same)
		return true; /* somebody changes it: the next turn looks again */
	if (!sweep_fetch(sweep, true, true))
		return false;
	sweep_begin_round(sweep);
	const struct conflicts *conflicts = sweep_probe(sweep, &renewal->fresh, before->id, 0);
	return write_renewal(slice, renewal) && (!conflicts || note_conflicts(ctx, before, conflicts));
}

static bool carry_out(struct ctx *ctx, struct renewal *renewal)
{
	struct sweep sweep;
	struct slice slice = {
		.ctx = ctx,
		.kind = SLICE_EVALUATE,
		.actor = ctx->actor,
		.conflict_window_s = ctx->config->conflict_window_s,
		.conflict_details = CONFLICTS_LISTED_MAX,
	};
	const struct event *before = &renewal->before;
	if (!sweep_look_up(&slice, &before, 1, false))
		return false;
	sweep_open(&sweep, &slice);
	sweep_touch_content(&sweep, renewal->before.content_id);
	sweep_touch(&sweep, &renewal->before);
	sweep_touch(&sweep, &renewal->fresh);
	sweep_close(&sweep);
	if (db_begin(ctx->db, &ctx->fail) && apply_renewal(&slice, &sweep, renewal) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

/* --- series after series --------------------------------------------------------- */

static bool look_at(struct ctx *ctx, const struct event *event, int64_t now_utc)
{
	struct renewal renewal = { .before = *event };
	if (!event_recurs(event) || !event_status_is_busy(event->status) || event->held_by || !renew(ctx, &renewal, now_utc))
		return true;
	return carry_out(ctx, &renewal);
}

static bool step(struct ctx *ctx, int64_t *after_id)
{
	struct event *events;
	int64_t now_utc, last_id = 0;
	size_t count;
	if (!series_page(ctx, *after_id, SERIES_PER_STEP, &events, &count, &last_id))
		return false;
	*after_id = last_id;
	if (!last_id)
		return true;
	struct event **list = arena_array(ctx->arena, count + 1, sizeof(struct event *));
	for (size_t i = 0; i < count; i++)
		list[i] = &events[i];
	if (!system_now(ctx, &now_utc) || !occurrences_load(ctx, list, count, false))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct arena_mark mark = arena_mark(ctx->arena);
		bool ok = look_at(ctx, &events[i], now_utc);
		arena_rewind(ctx->arena, mark);
		if (ok)
			continue;
		if (db_is_lost(ctx->db))
			return false;
		/* One that fails must not keep the others from their turn. */
		log_line(LOG_WARN, ctx->reference, "horizon of event %lld: %s", (long long)events[i].id, ctx->fail.detail);
		fail_clear(&ctx->fail);
	}
	return true;
}

bool horizon_step(struct ctx *ctx, int64_t *after_id)
{
	static const struct actor program; /* nobody: it is the program's doing */
	const struct actor *asking = ctx->actor;
	struct arena_mark mark = arena_mark(ctx->arena);
	ctx->actor = &program;
	bool ok = step(ctx, after_id);
	ctx->actor = asking;
	arena_rewind(ctx->arena, mark);
	return ok;
}
