#include "rules/series.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define DAY_S 86400

bool event_recurs(const struct event *event)
{
	return event->recurrence != NULL || event->rdate_count > 0;
}

int64_t event_wall_start(const struct event *event)
{
	return event->timezone ? event->local_start : event->starts_at;
}

/* An expansion under way. */
struct expansion {
	struct event *event;
	struct arena *arena;
	struct recurrence rule;
	struct recurrence_series series;
	int64_t from_utc, until_utc;
	const json_t *overrides;     /* NULL = none */
	struct occurrence *list;     /* malloc; room for SERIES_OCCURRENCES_MAX and the overrides */
	size_t count;
	int64_t through;             /* 0 = nothing comes after */
};

static enum code prepare(struct expansion *x, int64_t now_utc, int64_t through)
{
	const struct event *event = x->event;
	struct recurrence_refusal why;
	struct fail fail = { 0 };
	int64_t today = now_utc - now_utc % DAY_S;

	x->series = (struct recurrence_series){
		.local_start = event_wall_start(event),
		.zone = event->timezone ? zone_find(event->timezone) : NULL,
		.exdates = event->exdates,
		.exdate_count = event->exdate_count,
		.rdates = event->rdates,
		.rdate_count = event->rdate_count,
	};
	if (event->timezone && !x->series.zone)
		return CODE_UNKNOWN_TIMEZONE;
	if (event->recurrence) {
		if (!recurrence_parse(event->recurrence, strlen(event->recurrence), true, &x->rule, &why))
			return why.code;
		x->series.rule = &x->rule;
	}
	x->from_utc = today - SERIES_PAST_S;
	x->until_utc = (event->starts_at > today ? event->starts_at - event->starts_at % DAY_S : today) + SERIES_AHEAD_S;
	if (through > x->from_utc)
		x->until_utc = through;
	if (event->overrides)
		x->overrides = json_read(x->arena, event->overrides, strlen(event->overrides), &fail);
	x->list = calloc(SERIES_OCCURRENCES_MAX + json_object_size(x->overrides), sizeof(*x->list));
	if (!x->list)
		abort();
	return CODE_NONE;
}

/* --- overrides ------------------------------------------------------------- */

static const json_t *override_of(const struct expansion *x, int64_t local_start)
{
	char name[TIME_TEXT_SIZE];

	if (!x->overrides)
		return NULL;
	time_format_local(local_start, name);
	return json_object_get(x->overrides, name);
}

/* What was overridden differs from its series in start, length or version. */
static void apply_override(const struct expansion *x, const json_t *changes, struct occurrence *occurrence)
{
	const json_t *start = json_object_get(changes, "local_start"), *duration = json_object_get(changes, "duration_s"),
		     *version = json_object_get(changes, "version_no");
	int64_t local, duration_s = occurrence->end_utc - occurrence->start_utc;

	if (json_is_string(start) && time_parse_local(json_string_value(start), json_string_length(start), &local)) {
		occurrence->start_utc = local;
		occurrence->flag = x->series.zone ? zone_to_utc(x->series.zone, local, &occurrence->start_utc) : ZONE_NORMAL;
	}
	if (json_is_integer(duration))
		duration_s = json_integer_value(duration);
	if (json_is_integer(version))
		occurrence->version_no = (int32_t)json_integer_value(version);
	occurrence->end_utc = occurrence->start_utc + duration_s;
}

static struct occurrence occurrence_at(const struct expansion *x, int64_t local_start, int64_t start_utc, enum zone_flag flag)
{
	struct occurrence occurrence = {
		.local_start = local_start,
		.start_utc = start_utc,
		.end_utc = start_utc + x->event->duration_s,
		.version_no = x->event->version_no,
		.flag = flag,
	};
	const json_t *changes = override_of(x, local_start);

	if (changes)
		apply_override(x, changes, &occurrence);
	return occurrence;
}

static bool is_listed(const struct expansion *x, size_t count, int64_t local_start)
{
	for (size_t i = 0; i < count; i++)
		if (x->list[i].local_start == local_start)
			return true;
	return false;
}

/* Occurrences that an override has brought into the window from outside. */
static void add_moved_in(struct expansion *x)
{
	size_t found = x->count;
	const char *name;
	json_t *changes;

	/* The iterator is not const-correct; it only reads. */
	json_object_foreach((json_t *)(uintptr_t)x->overrides, name, changes) {
		int64_t local, utc;
		enum zone_flag flag = ZONE_NORMAL;

		if (!time_parse_local(name, strlen(name), &local) || is_listed(x, found, local) || !recurrence_has(&x->series, local))
			continue;
		utc = local;
		if (x->series.zone)
			flag = zone_to_utc(x->series.zone, local, &utc);
		x->list[x->count++] = occurrence_at(x, local, utc, flag);
	}
}

static int by_start(const void *left, const void *right)
{
	const struct occurrence *a = left, *b = right;

	if (a->start_utc != b->start_utc)
		return a->start_utc < b->start_utc ? -1 : 1;
	return (a->local_start > b->local_start) - (a->local_start < b->local_start);
}

/* --- the window ------------------------------------------------------------ */

/* Overrides move occurrences about: into the window, out of it, past others. */
static void settle_overrides(struct expansion *x, size_t limit)
{
	size_t kept = 0;

	if (!x->overrides)
		return;
	add_moved_in(x);
	for (size_t i = 0; i < x->count; i++) {
		if (x->list[i].start_utc >= x->until_utc && (!x->through || x->through > x->until_utc))
			x->through = x->until_utc; /* it comes later */
		else if (x->list[i].start_utc >= x->from_utc && x->list[i].start_utc < x->until_utc)
			x->list[kept++] = x->list[i];
	}
	x->count = kept;
	if (x->count > 1)
		qsort(x->list, x->count, sizeof(*x->list), by_start);
	if (x->count > limit) {
		x->through = x->list[limit].start_utc;
		x->count = limit;
	}
}

static enum code expand_between(struct expansion *x, int64_t from_utc, int64_t until_utc, size_t limit)
{
	struct recurrence_instance found[SERIES_OCCURRENCES_MAX];
	size_t count = 0;
	enum recurrence_outcome outcome = recurrence_expand(&x->series, from_utc, until_utc, found, limit, &count);

	if (outcome == RECUR_TOO_EXPENSIVE)
		return CODE_RECURRENCE_TOO_EXPENSIVE;
	for (size_t i = 0; i < count; i++)
		x->list[i] = occurrence_at(x, found[i].local_start, found[i].start_utc, found[i].flag);
	x->count = count;
	x->through = 0;
	if (outcome == RECUR_TRUNCATED)
		x->through = count == limit ? found[count - 1].start_utc + 1 : until_utc;
	return CODE_NONE;
}

static enum code expand_window(struct expansion *x)
{
	enum code code = expand_between(x, x->from_utc, x->until_utc, SERIES_OCCURRENCES_MAX);

	if (code != CODE_NONE)
		return code;
	settle_overrides(x, SERIES_OCCURRENCES_MAX);
	if (x->count || !x->through)
		return CODE_NONE;
	/* So that it is never lost from sight. */
	return expand_between(x, x->through, TIME_MAX_UTC + 1, 1);
}

/* --- its end --------------------------------------------------------------- */

static int64_t latest_end(const struct expansion *x)
{
	int64_t end = 0;

	for (size_t i = 0; i < x->count; i++)
		end = x->list[i].end_utc > end ? x->list[i].end_utc : end;
	return end;
}

/* The end of the last occurrence; where that is too far to be counted out, no
 * earlier than that. */
static int64_t last_end(struct expansion *x)
{
	const struct recurrence *rule = x->series.rule;
	struct expansion all = *x;
	int64_t until;

	if (!x->through && x->count)
		return latest_end(x);
	if (rule && !rule->count && rule->until_kind == RECUR_UNTIL_NONE)
		return 0;
	/* The list is kept already, so there is room. */
	if (expand_between(&all, TIME_MIN_UTC, TIME_MAX_UTC + 1, SERIES_OCCURRENCES_MAX) == CODE_NONE && !all.through)
		return latest_end(&all);
	until = rule ? rule->until : TIME_MAX_UTC;
	if (rule && rule->until_kind != RECUR_UNTIL_UTC && x->series.zone)
		(void)zone_to_utc(x->series.zone, rule->until, &until);
	return until + x->event->duration_s;
}

enum code series_expand(struct event *event, int64_t now_utc, int64_t through, struct arena *arena)
{
	struct expansion x = { .event = event, .arena = arena };
	enum code code;

	event->occurrences = NULL;
	event->occurrence_count = 0;
	event->expanded_through = event->until_at = 0;
	if (!event_recurs(event))
		return CODE_NONE;
	code = prepare(&x, now_utc, through);
	if (code == CODE_NONE)
		code = expand_window(&x);
	if (code == CODE_NONE) {
		struct occurrence *kept = arena_array(arena, x.count + 1, sizeof(*kept));

		memcpy(kept, x.list, x.count * sizeof(*kept));
		event->occurrences = kept;
		event->occurrence_count = x.count;
		event->expanded_through = x.through;
		event->until_at = last_end(&x);
	}
	free(x.list);
	return code;
}

size_t override_versions(const char *overrides, struct arena *arena, struct override_version **list_out)
{
	json_t *all = overrides ? json_loads(overrides, 0, NULL) : NULL, *changes;
	struct override_version *list;
	size_t count = 0;
	const char *name;

	*list_out = NULL;
	if (!all)
		return 0;
	*list_out = list = arena_array(arena, json_object_size(all) + 1, sizeof(*list));
	json_object_foreach(all, name, changes) {
		const json_t *version = json_object_get(changes, "version_no");

		if (json_is_integer(version))
			list[count++] = (struct override_version){ arena_strdup(arena, name), (int32_t)json_integer_value(version) };
	}
	json_decref(all);
	return count;
}

bool series_is_same(const struct event *a, const struct event *b)
{
	return !(event_difference(a, b) & (uint32_t)(FIELD_VERSION_NO | FIELD_STARTS_AT | FIELD_DURATION_S | FIELD_TIMEZONE |
						      FIELD_RECURRENCE | FIELD_EXDATES | FIELD_RDATES | FIELD_OVERRIDES));
}
