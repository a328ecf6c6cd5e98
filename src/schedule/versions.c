/* Warns of older versions that come after newer ones. */
#include "schedule/versions.h"

#include <stdlib.h>

#include "store/newer.h"

#define SHIFTED_FURTHER_S 86400 /* wall time and grid add to the limit */

/* The event as it was decided, where its version and time are this item's
 * doing; NULL else.  `outcome` is OUTCOME_SUCCEEDED; before anything is decided
 * OUTCOME_PENDING gives what may be accepted. */
static const struct event *with_outcome(const struct slice *slice, const struct slice_item *item, enum outcome outcome)
{
	const uint32_t concerned = FIELD_CONTENT_ID | FIELD_VERSION_NO | FIELD_STARTS_AT | FIELD_LOCAL_START | FIELD_STATUS;
	bool is_update = item->target && slice->kind != SLICE_EVALUATE;
	const struct event *event = item->next ? item->next : is_update ? &item->target->current : &item->event;
	if (!item->was_worked || item->outcome != outcome || !item->content || !event_status_is_busy(event->status))
		return NULL;
	return !is_update || item->next || event_difference(&item->target->stored, event) & concerned ? event : NULL;
}

static const struct event *accepted(const struct slice *slice, const struct slice_item *item)
{
	return with_outcome(slice, item, OUTCOME_SUCCEEDED);
}

static bool may_be_older(const struct slice_item *item, const struct event *event)
{
	return event && event->version_no > 0 && event->version_no < item->content->latest_version;
}

static int by_content_and_version(const void *left, const void *right)
{
	const struct newer_wish *a = left, *b = right;
	if (a->content_id != b->content_id)
		return a->content_id < b->content_id ? -1 : 1;
	return (a->above > b->above) - (a->above < b->above);
}

/* Of items of one content: each version is too early for those of lower versions
 * only, up to the last of them.  (Asked about all versions up to the last of all
 * items, a chunk that schedules several versions would meet its own successors.) */
static size_t join_wishes(struct newer_wish *list, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		struct newer_wish *last = kept ? &list[kept - 1] : NULL, wish = list[i];
		bool follows = last && last->content_id == wish.content_id;
		if (follows && last->before_utc > wish.before_utc)
			wish.before_utc = last->before_utc;
		if (follows && last->above == wish.above) {
			*last = wish;
			continue;
		}
		if (follows)
			last->upto = wish.above;
		list[kept++] = wish;
	}
	return kept;
}

/* An item that is still undecided may start later by `later_s`. */
static struct newer_wish *wishes_of(const struct slice *slice, enum outcome outcome, int64_t later_s, size_t *count_out)
{
	struct newer_wish *list = NULL;
	size_t count = 0;
	for (size_t i = 0; i < slice->count; i++) {
		const struct slice_item *item = &slice->items[i];
		const struct event *event = with_outcome(slice, item, outcome);
		/* One that is older than the live version is warned of anyway. */
		if (!may_be_older(item, event) || event->version_no < item->content->live_version)
			continue;
		if (!list)
			list = arena_array(slice->ctx->arena, slice->count, sizeof(*list));
		list[count++] = (struct newer_wish){ event->content_id, event->version_no, item->content->latest_version,
							    event->starts_at + later_s };
	}
	if (count > 1)
		qsort(list, count, sizeof(*list), by_content_and_version);
	*count_out = join_wishes(list, count);
	return list;
}

/* --- what is newer ------------------------------------------------------------ */

/* Stored ones, and after them those of the slice itself (event_id -1 - ordinal). */
struct newer {
	const struct newer_version *list;
	size_t count;
};

static int by_content_and_start(const void *left, const void *right)
{
	const struct newer_version *a = left, *b = right;
	if (a->content_id != b->content_id)
		return a->content_id < b->content_id ? -1 : 1;
	return (a->start_utc > b->start_utc) - (a->start_utc < b->start_utc);
}

static struct newer join(const struct slice *slice)
{
	struct newer_version *all = arena_array(slice->ctx->arena, slice->newer_count + slice->count + 1, sizeof(*all));
	size_t count = slice->newer_count;
	if (count)
		memcpy(all, slice->newer, count * sizeof(*all));
	for (size_t i = 0; i < slice->count; i++) {
		const struct slice_item *item = &slice->items[i];
		const struct event *event = accepted(slice, item);
		if (event && event->version_no > 1 && !(slice->kind == SLICE_EVALUATE && item->target))
			all[count++] = (struct newer_version){ event->content_id, event->version_no, event->starts_at, -1 - item->ordinal };
	}
	if (count > 1)
		qsort(all, count, sizeof(*all), by_content_and_start);
	return (struct newer){ all, count };
}

/* The first that is newer and comes before the event; NULL = none. */
static const struct newer_version *before(const struct newer *newer, const struct event *event)
{
	size_t low = 0, high = newer->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (newer->list[middle].content_id < event->content_id)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < newer->count && newer->list[low].content_id == event->content_id && newer->list[low].start_utc < event->starts_at; low++)
		if (newer->list[low].version_no > event->version_no)
			return &newer->list[low];
	return NULL;
}

static void warn(struct slice_item *item, const struct event *event, const struct newer_version *newer)
{
	issue_add(&item->warnings, CODE_OLDER_VERSION, "", NULL, "Version %d comes after version %d: %s %lld is earlier",
		  event->version_no, newer->version_no, newer->event_id > 0 ? "event" : "item",
		  (long long)(newer->event_id > 0 ? newer->event_id : -1 - newer->event_id));
}

static void warn_of_live(struct slice_item *item, const struct event *event)
{
	issue_add(&item->warnings, CODE_OLDER_VERSION, "", NULL, "Version %d comes after version %d, which is live",
		  event->version_no, item->content->live_version);
}

static bool look(struct slice *slice, enum outcome outcome, int64_t later_s)
{
	size_t count;
	const struct newer_wish *wishes = wishes_of(slice, outcome, later_s, &count);
	slice->newer_are_known = true;
	slice->has_older = count > 0;
	return !count || newer_versions(slice->ctx, wishes, count, &slice->newer, &slice->newer_count);
}

bool slice_look_for_newer(struct slice *slice)
{
	bool may_shift = slice->resolution.on_conflict == ON_CONFLICT_SHIFT;
	/* What an update makes of an event is known when it is decided; and of what
	 * is tried again most collides again, and would be asked about in vain. */
	return slice->kind == SLICE_UPDATE || slice->retrying ||
	       look(slice, OUTCOME_PENDING, may_shift ? slice->resolution.shift_limit_s + SHIFTED_FURTHER_S : 0);
}

bool slice_warn_older(struct slice *slice)
{
	struct newer newer = { 0 };
	if (!slice->newer_are_known && !look(slice, OUTCOME_SUCCEEDED, 0))
		return false;
	if (slice->has_older)
		newer = join(slice);
	for (size_t i = 0; i < slice->count; i++) {
		struct slice_item *item = &slice->items[i];
		const struct event *event = accepted(slice, item);
		if (!may_be_older(item, event))
			continue;
		const struct newer_version *earlier = before(&newer, event);
		if (event->version_no < item->content->live_version)
			warn_of_live(item, event);
		else if (earlier)
			warn(item, event, earlier);
	}
	return true;
}
