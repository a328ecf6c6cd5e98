/*
 * The earliest free start.  A start that is taken says up to when it is: by the
 * end of what is in the way, further starts need not be looked at.  Spans of
 * starts that were found taken are kept with the calendar, so that the next
 * proposal of the same length jumps over them at once.
 */
#include <assert.h>
#include <string.h>

#include "rules/conflict_timeline.h"

#define SKIPS_MAX 8 /* lengths remembered for a calendar */

/* --- what is known ----------------------------------------------------------- */

static struct skips *skips_of(struct calendar *calendar, struct arena *arena, int64_t length, int32_t version_no)
{
	size_t count = 0;

	for (struct skips *skips = calendar->skips; skips; skips = skips->next, count++) {
		if (skips->length == length && skips->version_no == version_no)
			return skips;
	}
	if (count >= SKIPS_MAX)
		return NULL;
	struct skips *skips = arena_alloc(arena, sizeof(*skips));
	*skips = (struct skips){ .next = calendar->skips, .length = length, .version_no = version_no };
	calendar->skips = skips;
	return skips;
}

/* The first span that ends after `start`. */
static size_t span_after(const struct skips *skips, int64_t start)
{
	size_t low = 0, high = skips->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (skips->spans[middle].until <= start)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int64_t skip(const struct skips *skips, int64_t start)
{
	size_t at = skips ? span_after(skips, start) : 0;

	return skips && at < skips->count && skips->spans[at].from <= start ? skips->spans[at].until : start;
}

/* Spans that touch become one. */
static void learn(struct skips *skips, struct arena *arena, struct span span)
{
	size_t first = span_after(skips, span.from - 1), last = first;

	for (; last < skips->count && skips->spans[last].from <= span.until; last++) {
		span.from = skips->spans[last].from < span.from ? skips->spans[last].from : span.from;
		span.until = skips->spans[last].until > span.until ? skips->spans[last].until : span.until;
	}
	if (first == last && skips->count == skips->room) {
		size_t room = skips->room ? skips->room * 2 : 4;
		struct span *spans = arena_array(arena, room, sizeof(*spans));

		if (skips->count)
			memcpy(spans, skips->spans, skips->count * sizeof(*spans));
		skips->spans = spans;
		skips->room = room;
	}
	memmove(&skips->spans[first + 1], &skips->spans[last], (skips->count - last) * sizeof(*skips->spans));
	skips->count = skips->count + 1 - (last - first);
	skips->spans[first] = span;
}

/* --- one calendar -------------------------------------------------------------- */

/* Up to when is it taken by what is in the way? */
struct blockers {
	const struct calendar *calendar;
	int64_t start;     /* of the proposal */
	int64_t until;     /* the answer */
	int64_t add_s;     /* contents: what makes of a start its end */
	bool earliest;     /* the earliest end counts, else the latest */
};

static bool block(void *user, const struct interval *other)
{
	struct blockers *blockers = user;
	int64_t end = blockers->add_s ? other->start_utc + blockers->add_s : other->end_utc;

	if (end <= blockers->start || layer_has(&blockers->calendar->gone, other))
		return true;
	if (blockers->until <= blockers->start || (blockers->earliest ? end < blockers->until : end > blockers->until))
		blockers->until = end;
	return true;
}

/* Of all that starts before `end` the latest end, without a look at each. */
static int64_t latest_end(const struct layer *layer, int64_t end)
{
	int64_t latest = INT64_MIN;

	for (uint32_t i = 0; i < layer->tail_count; i++) {
		if (layer->tail[i].start_utc < end && layer->tail[i].end_utc > latest)
			latest = layer->tail[i].end_utc;
	}
	for (const struct run *run = layer->newest; run; run = run->older) {
		int64_t most = peaks_most(&run->latest, 0, sorted_below(run->start, run->count, end));

		latest = most > latest ? most : latest;
	}
	return latest;
}

static bool is_empty(const struct layer *layer)
{
	return !layer->newest && !layer->tail_count;
}

/* `start` itself when it is free, else the next one that may be. */
static int64_t taken_until(const struct timeline *timeline, const struct calendar *calendar,
			   const struct interval *proposal, int32_t capacity, int64_t window_s)
{
	struct probe probe = { .is_content = proposal->kind == CALENDAR_CONTENT, .version_no = proposal->version_no };
	struct blockers blockers = { .calendar = calendar, .start = proposal->start_utc, .until = proposal->start_utc };

	probe.low = probe.is_content ? proposal->start_utc - window_s : proposal->start_utc;
	probe.high = probe.is_content ? proposal->start_utc + window_s : proposal->end_utc;
	if (!probe.is_content && capacity <= 1 && is_empty(&calendar->gone)) {
		int64_t latest = latest_end(&calendar->present, probe.high);

		return latest > proposal->start_utc ? latest : proposal->start_utc;
	}
	if (!probe.is_content && capacity > 1 &&
	    !layers_reach(&calendar->present, &calendar->gone, &probe, timeline->arena, capacity))
		return proposal->start_utc;
	/* Of many at once it is enough that one ends. */
	blockers.earliest = !probe.is_content && capacity > 1;
	blockers.add_s = probe.is_content ? window_s : 0;
	layer_each(&calendar->present, &probe, block, &blockers);
	return blockers.until;
}

/* The first start from `start` on that is free, or one beyond `limit`. */
static int64_t free_from(struct timeline *timeline, const struct interval *interval, const struct calendar_rule *rule,
			 int64_t window_s, int64_t start, int64_t limit, int64_t *work)
{
	struct calendar *calendar = timeline_calendar(timeline, interval->kind, interval->calendar_id);
	struct interval proposal = *interval;
	int64_t length = interval->end_utc - interval->start_utc;
	bool is_content = interval->kind == CALENDAR_CONTENT;

	if (!calendar || !interval_counts(interval) || (is_content && window_s <= 0))
		return start;
	struct skips *skips = skips_of(calendar, timeline->arena, is_content ? window_s : length,
				       is_content ? interval->version_no : 0);
	int64_t at = start;
	while (at <= limit && *work < SHIFT_WORK_MAX) {
		int64_t next = skip(skips, at);

		if (next == at) {
			++*work;
			proposal.start_utc = at;
			proposal.end_utc = at + length;
			next = taken_until(timeline, calendar, &proposal, rule->capacity, window_s);
		}
		if (next == at)
			break;
		at = next;
	}
	if (skips && at > start)
		learn(skips, timeline->arena, (struct span){ start, at });
	return at;
}

/* --- all of them ----------------------------------------------------------------- */

static int64_t onto_grid(const struct shift *shift, int64_t move_s)
{
	int64_t rest = (shift->start_utc + shift->grid_offset_s + move_s) % shift->grid_s;

	if (rest < 0)
		rest += shift->grid_s;
	return rest ? move_s + shift->grid_s - rest : move_s;
}

enum shift_end timeline_shift(struct timeline *timeline, const struct shift *shift, int64_t *move_s_out)
{
	int64_t move_s = onto_grid(shift, shift->from_s), work = 0;
	size_t i = 0, agreed = 0;

	assert(timeline->sorted && shift->grid_s > 0);
	/* Round and round until all agree on one move. */
	while (agreed < shift->count && move_s <= shift->limit_s) {
		const struct interval *interval = &shift->list[i];
		int64_t start = interval->start_utc + move_s;
		int64_t free = free_from(timeline, interval, shift->rules[i], shift->window_s, start,
					 interval->start_utc + shift->limit_s, &work);

		if (work++ >= SHIFT_WORK_MAX)
			return SHIFT_TOO_HARD;
		agreed = free == start ? agreed + 1 : 0;
		move_s = free == start ? move_s : onto_grid(shift, move_s + free - start);
		i = i + 1 < shift->count ? i + 1 : 0;
	}
	*move_s_out = move_s;
	return move_s <= shift->limit_s ? SHIFT_FOUND : SHIFT_NONE;
}
