/* Events whose moment has come, behind the fence: what becomes of them, decided and written. */
#include "schedule/activate.h"

#include <stdlib.h>

#include "base/clock.h"
#include "rules/series.h"
#include "schedule/apply.h"
#include "schedule/keys.h"
#include "store/activation.h"
#include "store/audit.h"
#include "store/events.h"

struct writing {
	struct slice *slice;
	struct live_content *contents;
	size_t content_count;
	struct activated_event *events;
	struct event_undo *kept;             /* former states, by event */
	size_t event_count, kept_count;
	struct ended_occurrence *occurrences;
	size_t occurrence_count;
	struct program_note *notes;
	size_t note_count;
	const struct event **freed;          /* their places are free again */
	size_t freed_count;
};

/* Locked and activated events and contents begin with their id. */
static int by_row_id(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
	return (a > b) - (a < b);
}

/* The events' rows and then the contents', in the order of their ids.  An event
 * that was changed since it was looked up is looked at again. */
static bool lock_all(struct writing *writing)
{
	struct slice *slice = writing->slice;
	struct ctx *ctx = slice->ctx;
	struct key_list ids = { .arena = ctx->arena }, contents = { .arena = ctx->arena };
	struct locked_event *locked;
	size_t count;
	for (size_t i = 0; i < slice->count; i++) {
		if (slice->items[i].outcome != OUTCOME_PENDING)
			continue;
		keys_add(&ids, slice->items[i].event_id);
		keys_add(&contents, slice->items[i].event.content_id);
	}
	keys_sort(&ids);
	keys_sort(&contents);
	if (!ids.count)
		return true;
	if (!activation_lock_events(ctx, ids.ids, ids.count, &locked, &count) ||
	    !activation_lock_contents(ctx, contents.ids, contents.count, &writing->contents, &writing->content_count))
		return false;
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		struct locked_event key = { .id = item->event_id };
		if (item->outcome != OUTCOME_PENDING)
			continue;
		const struct locked_event *row = count ? bsearch(&key, locked, count, sizeof(key), by_row_id) : NULL;
		const struct activation *one = &slice->activations[i];
		bool is_over = row && one->moment_count && event_recurs(&item->event) && one->moments[0].at_utc <= row->done_through;
		if (!row || !row->is_scheduled || is_over || row->row_version != item->event.row_version)
			return changed_meanwhile(ctx);
	}
	return true;
}

static const char *detail_of(struct arena *arena, const struct moment *moment, enum code code)
{
	char at[TIME_TEXT_SIZE];
	time_format_utc(moment->at_utc, at);
	return arena_printf(arena, "{\"due_at\":\"%s\",\"code\":\"%s\"}", at, code_info(code)->name);
}

static void note(struct writing *writing, const char *action, const struct slice_item *item, const struct moment *moment,
		 enum code code)
{
	writing->notes[writing->note_count++] =
		(struct program_note){ action, item->event_id, detail_of(writing->slice->ctx->arena, moment, code) };
}

/* The version goes live, unless a later event's has. */
static enum code happen(struct writing *writing, struct slice_item *item, struct moment *moment)
{
	struct live_content key = { .id = item->event.content_id };
	struct live_content *content =
		writing->content_count ? bsearch(&key, writing->contents, writing->content_count, sizeof(key), by_row_id) : NULL;
	if (!content)
		return CODE_CONTENT_NOT_FOUND;
	int64_t version = moment->version_no ? moment->version_no : content->latest_version;
	if (!version || version > content->latest_version)
		return CODE_VERSION_NOT_FOUND;
	if (moment->at_utc < content->live_at)
		return CODE_OVERTAKEN;
	if (version < content->live_version)
		issue_add(&item->warnings, CODE_OLDER_VERSION, "/version_no", NULL, "Version %lld replaces version %lld, which was live",
			  (long long)version, (long long)content->live_version);
	content->live_version = version;
	content->live_at = moment->at_utc;
	content->is_changed = true;
	return CODE_NONE;
}

/* Carries the moments out in their order; what the last one came to. */
static enum code carry_out(struct writing *writing, struct slice_item *item, struct activation *one, size_t *happened)
{
	enum code why = CODE_NONE;
	for (size_t i = 0; i < one->moment_count; i++) {
		struct moment *moment = &one->moments[i];
		if (moment->fate == MOMENT_WAITS)
			return CODE_CONDITIONS_NOT_MET;
		why = moment->fate == MOMENT_HAPPENS ? happen(writing, item, moment) : CODE_EVENT_MISSED;
		if (why != CODE_NONE)
			moment->fate = MOMENT_MISSED;
		*happened += why == CODE_NONE;
		if (why != CODE_NONE)
			note(writing, "event.missed", item, moment, why);
		if (event_recurs(&item->event))
			writing->occurrences[writing->occurrence_count++] =
				(struct ended_occurrence){ item->event_id, moment->local_start, why == CODE_NONE ? 1 : 2 };
	}
	return why;
}

static void told(struct slice_item *item, const struct activation *one, enum code why, size_t happened)
{
	char at[TIME_TEXT_SIZE];
	size_t missed = 0;
	for (size_t i = 0; i < one->moment_count; i++)
		missed += one->moments[i].fate == MOMENT_MISSED;
	time_format_utc(one->moment_count ? one->moments[one->moment_count - 1].at_utc : 0, at);
	item->outcome = happened ? OUTCOME_SUCCEEDED : why == CODE_CONDITIONS_NOT_MET ? OUTCOME_SKIPPED : OUTCOME_FAILED;
	if (happened && missed)
		issue_add(&item->warnings, CODE_EVENT_MISSED, "/event_id", NULL, "%zu occurrences before it were missed", missed);
	if (happened)
		return;
	if (!one->conditions->holds)
		issue_add(&item->issues, why, "/conditions", NULL, "Due at %s; not so: %s", at, one->conditions->summary);
	else
		issue_add(&item->issues, why, "/event_id", NULL, "Due at %s: %s", at, code_info(why)->title);
}

/* A series goes on with its next occurrence, or looks again at what waits. */
static struct activated_event goes_on(const struct slice_item *item, const struct activation *one)
{
	struct activated_event row = { .id = item->event_id, .status = EVENT_SCHEDULED, .next_due_at = one->next_at };
	for (size_t i = 0; i < one->moment_count; i++) {
		int64_t again = activation_again(&one->terms, &one->moments[i]);
		if (one->moments[i].fate != MOMENT_WAITS) {
			row.done_through = one->moments[i].at_utc;
			continue;
		}
		if (!row.next_due_at || again < row.next_due_at)
			row.next_due_at = again;
		return row;
	}
	/* What lies beyond is not worked out yet, or the series is over. */
	if (!row.next_due_at && item->event.expanded_through)
		row.next_due_at = item->event.expanded_through;
	if (!row.next_due_at)
		row.status = EVENT_COMPLETED;
	return row;
}

static struct activated_event ends(const struct slice_item *item, const struct activation *one, enum code why)
{
	struct activated_event row = { .id = item->event_id, .status = EVENT_SCHEDULED };
	switch (one->moments[0].fate) {
	case MOMENT_WAITS:
		row.next_due_at = activation_again(&one->terms, &one->moments[0]);
		return row;
	case MOMENT_HAPPENS:
		row.status = EVENT_COMPLETED;
		return row;
	case MOMENT_MISSED:
		break;
	}
	row.status = why == CODE_CONTENT_NOT_FOUND || why == CODE_VERSION_NOT_FOUND ? EVENT_FAILED : EVENT_MISSED;
	return row;
}

static void settle(struct writing *writing, struct slice_item *item, struct activation *one)
{
	size_t happened = 0;
	bool is_series = event_recurs(&item->event);
	if (!one->moment_count && !is_series) {
		activation_leave(item, CODE_NO_LONGER_DUE, "The event starts later");
		return;
	}
	enum code why = carry_out(writing, item, one, &happened);
	struct activated_event row = is_series ? goes_on(item, one) : ends(item, one, why);
	row.is_new = row.status != EVENT_SCHEDULED;
	if (!one->moment_count)
		activation_leave(item, CODE_NO_LONGER_DUE, "No occurrence is due");
	else
		told(item, one, why, happened);
	if (row.is_new)
		writing->kept[writing->kept_count++] =
			(struct event_undo){ item->event_id, item->ordinal, item->event.row_version };
	if (row.status == EVENT_MISSED || row.status == EVENT_FAILED)
		writing->freed[writing->freed_count++] = &item->event;
	writing->events[writing->event_count++] = row;
}

static bool write_all(struct writing *writing)
{
	struct ctx *ctx = writing->slice->ctx;
	bool same = true;
	size_t found = 0;
	if (writing->event_count > 1)
		qsort(writing->events, writing->event_count, sizeof(*writing->events), by_row_id);
	if (writing->kept_count > 1)
		qsort(writing->kept, writing->kept_count, sizeof(*writing->kept), by_row_id);
	if (writing->kept_count && !events_keep_state(ctx, writing->slice->job_id, writing->kept, writing->kept_count, &same))
		return false;
	if (!same)
		return changed_meanwhile(ctx);
	struct interval *places = all_intervals(ctx->arena, writing->freed, writing->freed_count, &found);
	return activation_write_events(ctx, writing->events, writing->event_count) &&
	       activation_write_contents(ctx, writing->contents, writing->content_count) &&
	       activation_write_occurrences(ctx, writing->occurrences, writing->occurrence_count) &&
	       (!found || busy_clear(ctx, places, found)) &&
	       audit_add_program(ctx, writing->slice->job_id, writing->notes, writing->note_count);
}

bool apply_activation(struct slice *slice)
{
	struct arena *arena = slice->ctx->arena;
	size_t moments = 1, room = slice->count + 1;
	struct writing writing = {
		.slice = slice,
		.events = arena_array(arena, room, sizeof(*writing.events)),
		.kept = arena_array(arena, room, sizeof(*writing.kept)),
		.freed = arena_array(arena, room, sizeof(const struct event *)),
	};
	if (!lock_all(&writing))
		return false;
	for (size_t i = 0; i < slice->count; i++)
		moments += slice->activations[i].moment_count;
	writing.occurrences = arena_array(arena, moments, sizeof(*writing.occurrences));
	writing.notes = arena_array(arena, moments, sizeof(*writing.notes));
	for (size_t i = 0; i < slice->count; i++)
		if (slice->items[i].outcome == OUTCOME_PENDING)
			settle(&writing, &slice->items[i], &slice->activations[i]);
	return write_all(&writing);
}
