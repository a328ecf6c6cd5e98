/* recurrence, exdates, rdates and overrides: JSON to fields. */
#include <stdlib.h>
#include <string.h>

#include "rules/event_series.h"
#include "rules/recurrence.h"
#include "rules/sorted.h"

void read_recurrence(struct reader *r, const char *name, const json_t *value, bool minutely, const char **out)
{
	char text[RECURRENCE_TEXT_MAX + 1];
	struct recurrence_refusal why;
	struct recurrence rule;

	if (!json_is_string(value)) {
		reader_issue(r, CODE_INVALID_TYPE, name, "Write it as \"FREQ=WEEKLY;BYDAY=MO\"", "%s is not a text",
			     json_excerpt(r->issues->arena, value));
		return;
	}
	if (json_string_length(value) == 0) {
		reader_issue(r, CODE_RECURRENCE_INVALID, name, "Write it as FREQ=WEEKLY;BYDAY=MO, or leave it out.", "the rule is empty");
		return;
	}
	if (!recurrence_parse(json_string_value(value), json_string_length(value), minutely, &rule, &why)) {
		reader_issue(r, why.code, name, why.suggestion[0] ? why.suggestion : NULL, "%s", why.message);
		return;
	}
	recurrence_write(&rule, text);
	*out = arena_strdup(r->issues->arena, text);
}

static int by_value(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

void read_dates(struct reader *r, const char *name, const json_t *value, int64_t **dates_out, size_t *count_out)
{
	struct arena *arena = r->issues->arena;
	size_t given = json_array_size(value), count = 0, kept = 0;
	int64_t *dates;

	if (!json_is_array(value)) {
		reader_issue(r, CODE_INVALID_TYPE, name, "Write it as [\"2026-12-01T09:00:00\"]", "%s is not a list of times",
			     json_excerpt(arena, value));
		return;
	}
	if (given > EVENT_DATES_MAX) {
		reader_issue(r, CODE_TOO_LONG, name, "Use a rule, or several events.", "%s has %zu times, %d are taken", name,
			     given, EVENT_DATES_MAX);
		return;
	}
	dates = arena_array(arena, given + 1, sizeof(*dates));
	for (size_t i = 0; i < given; i++) {
		const json_t *date = json_array_get(value, i);
		const char *place = arena_printf(arena, "%s/%zu", name, i);

		if (!json_is_string(date))
			reader_issue(r, CODE_INVALID_TYPE, place, "Write it as \"2026-12-01T09:00:00\"", "%s is not a text",
				     json_excerpt(arena, date));
		else if (read_local(r, place, json_string_value(date), json_string_length(date), &dates[count]))
			count++;
	}
	if (count > 1)
		qsort(dates, count, sizeof(*dates), by_value);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || dates[kept - 1] != dates[i])
			dates[kept++] = dates[i];
	}
	*dates_out = kept ? dates : NULL;
	*count_out = kept;
}

/* --- overrides ------------------------------------------------------------ */

struct override {
	int64_t local; /* original wall time */
	struct event changed;
	uint32_t given;
};

static void read_override_field(struct reader *r, const char *name, const json_t *value, struct override *override)
{
	static const char *const known[] = { "local_start", "duration_s", "title", "version_no" };
	int64_t number;

	if (strcmp(name, "local_start") == 0 && json_is_string(value)) {
		if (read_local(r, name, json_string_value(value), json_string_length(value), &override->changed.local_start))
			override->given |= FIELD_LOCAL_START;
	} else if (strcmp(name, "local_start") == 0) {
		reader_issue(r, CODE_INVALID_TYPE, name, "Write it as \"2026-12-01T09:00:00\"", "%s is not a text",
			     json_excerpt(r->issues->arena, value));
	} else if (strcmp(name, "duration_s") == 0) {
		if (read_integer(r, name, value, 0, EVENT_DURATION_MAX_S, &override->changed.duration_s))
			override->given |= FIELD_DURATION_S;
	} else if (strcmp(name, "title") == 0) {
		if (read_text(r, name, value, EVENT_TITLE_MAX, &override->changed.title))
			override->given |= FIELD_TITLE;
	} else if (strcmp(name, "version_no") == 0) {
		if (read_integer(r, name, value, 1, INT32_MAX, &number)) {
			override->changed.version_no = (int32_t)number;
			override->given |= FIELD_VERSION_NO;
		}
	} else {
		reader_unknown(r, CODE_UNKNOWN_FIELD, name, known, sizeof(known) / sizeof(known[0]), "an override");
	}
}

static bool read_override(struct reader *r, const char *name, const char *key, const json_t *value,
			  struct override *override)
{
	struct arena *arena = r->issues->arena;
	struct reader inner = { r->issues, NULL, false };
	const char *member;
	json_t *changed;

	if (!read_local(r, name, key, strlen(key), &override->local))
		return false;
	inner.base = arena_printf(arena, "%s/%s/%s", r->base, name, key);
	if (!json_is_object(value))
		reader_issue(&inner, CODE_INVALID_TYPE, NULL, "Write it as {\"title\": \"…\"}", "%s is not an object",
			     json_excerpt(arena, value));
	/* The iterator is not const-correct; it only reads. */
	json_object_foreach((json_t *)(uintptr_t)value, member, changed) {
		if (!json_is_null(changed))
			read_override_field(&inner, member, changed, override);
	}
	r->bad |= inner.bad;
	return override->given != 0; /* one that changes nothing is none */
}

static int by_local(const void *left, const void *right)
{
	const struct override *a = left, *b = right;

	return (a->local > b->local) - (a->local < b->local);
}

static void write_override(struct json_writer *w, const struct override *override)
{
	char text[TIME_TEXT_SIZE];

	time_format_local(override->local, text);
	jw_object(w, text);
	time_format_local(override->changed.local_start, text);
	if (override->given & FIELD_LOCAL_START)
		jw_text(w, "local_start", text);
	if (override->given & FIELD_DURATION_S)
		jw_int(w, "duration_s", override->changed.duration_s);
	if (override->given & FIELD_TITLE)
		jw_text(w, "title", override->changed.title);
	if (override->given & FIELD_VERSION_NO)
		jw_int(w, "version_no", override->changed.version_no);
	jw_end_object(w);
}

static const char *overrides_text(struct arena *arena, const struct override *list, size_t count)
{
	struct str text = STR_INIT;
	struct json_writer w;
	const char *copy;

	if (count == 0)
		return NULL;
	jw_begin(&w, &text);
	jw_object(&w, NULL);
	for (size_t i = 0; i < count; i++)
		write_override(&w, &list[i]);
	jw_end_object(&w);
	copy = arena_strndup(arena, text.data, text.len);
	str_free(&text);
	return copy;
}

void read_overrides(struct reader *r, const char *name, const json_t *value, const char **out)
{
	struct arena *arena = r->issues->arena;
	size_t given = json_object_size(value), count = 0;
	struct override *list;
	const char *key;
	json_t *one;

	if (!json_is_object(value)) {
		reader_issue(r, CODE_INVALID_TYPE, name, "Write it as {\"2026-12-01T09:00:00\": {\"title\": \"…\"}}",
			     "%s is not an object", json_excerpt(arena, value));
		return;
	}
	if (given > EVENT_OVERRIDES_MAX) {
		reader_issue(r, CODE_TOO_LONG, name, "Use several events.", "overrides has %zu occurrences, %d are taken", given,
			     EVENT_OVERRIDES_MAX);
		return;
	}
	list = arena_array(arena, given + 1, sizeof(*list));
	/* The iterator is not const-correct; it only reads. */
	json_object_foreach((json_t *)(uintptr_t)value, key, one) {
		list[count] = (struct override){ .given = 0 };
		if (read_override(r, name, key, one, &list[count]))
			count++;
	}
	if (count > 1)
		qsort(list, count, sizeof(*list), by_local);
	for (size_t i = 1; i < count; i++) {
		/* "…T09:00" and "…T09:00:00" */
		if (list[i].local == list[i - 1].local)
			reader_issue(r, CODE_DUPLICATE_KEY, name, NULL, "an occurrence stands twice in overrides");
	}
	*out = overrides_text(arena, list, count);
}

/* --- moving ------------------------------------------------------------------ */

static void move_dates(int64_t **dates, size_t count, int64_t by_s, struct arena *arena)
{
	int64_t *moved = arena_array(arena, count + 1, sizeof(*moved));

	for (size_t i = 0; i < count; i++)
		moved[i] = (*dates)[i] + by_s;
	*dates = moved;
}

static const char *move_overrides(const char *text, int64_t by_s, struct arena *arena)
{
	struct issues ignored = { .arena = arena };
	struct reader r = { &ignored, "", false };
	struct fail fail = { .kind = FAIL_NONE };
	const json_t *value = json_read(arena, text, strlen(text), &fail);
	struct override *list = arena_array(arena, json_object_size(value) + 1, sizeof(*list));
	size_t count = 0;
	const char *key;
	json_t *one;

	/* The iterator is not const-correct; it only reads. */
	json_object_foreach((json_t *)(uintptr_t)value, key, one) {
		list[count] = (struct override){ .given = 0 };
		if (!read_override(&r, "", key, one, &list[count]))
			continue;
		list[count].local += by_s;
		list[count++].changed.local_start += by_s;
	}
	return overrides_text(arena, list, count);
}

/* The last instance stays within a rule that ends at a moment; one that ends
 * with a day keeps its day. */
static void move_until(struct event *event, const struct zone *zone_before, int64_t by_s, struct arena *arena)
{
	const struct zone *zone = event->timezone ? zone_find(event->timezone) : NULL;
	char text[RECURRENCE_TEXT_MAX + 1];
	struct recurrence_refusal why;
	struct recurrence rule;

	if (!recurrence_parse(event->recurrence, strlen(event->recurrence), true, &rule, &why) ||
	    (rule.until_kind != RECUR_UNTIL_LOCAL && rule.until_kind != RECUR_UNTIL_UTC))
		return;
	if (rule.until_kind == RECUR_UNTIL_UTC && zone_before)
		rule.until += zone_offset_at(zone_before, rule.until);
	rule.until += by_s;
	if (rule.until_kind == RECUR_UNTIL_UTC && zone)
		(void)zone_to_utc(zone, rule.until, &rule.until);
	if (recurrence_write(&rule, text))
		event->recurrence = arena_strdup(arena, text);
}

void series_move(struct event *event, const char *timezone_before, int64_t by_s, uint32_t given, struct arena *arena)
{
	const char *timezone = event->timezone ? event->timezone : "", *before = timezone_before ? timezone_before : "";

	if (event->recurrence && !(given & FIELD_RECURRENCE) && (by_s || strcmp(timezone, before) != 0))
		move_until(event, timezone_before ? zone_find(timezone_before) : NULL, by_s, arena);
	if (by_s == 0)
		return;
	if (event->exdate_count > 0 && !(given & FIELD_EXDATES))
		move_dates(&event->exdates, event->exdate_count, by_s, arena);
	if (event->rdate_count > 0 && !(given & FIELD_RDATES))
		move_dates(&event->rdates, event->rdate_count, by_s, arena);
	if (event->overrides && !(given & FIELD_OVERRIDES))
		event->overrides = move_overrides(event->overrides, by_s, arena);
}
