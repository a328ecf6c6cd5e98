#include "views/ical.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rules/series.h"
#include "rules/sorted.h"

#define LINE_BYTES 75

/* --- lines ------------------------------------------------------------------- */

/* Appends a content line, folded: what goes on begins with a blank. */
static void add_line(struct str *out, const char *text, size_t len)
{
	size_t room = LINE_BYTES;
	while (len > room) {
		size_t cut = room;
		while (cut > 1 && ((unsigned char)text[cut] & 0xC0) == 0x80)
			cut--; /* not within a character */
		str_add(out, text, cut);
		str_add(out, "\r\n ", 3);
		text += cut;
		len -= cut;
		room = LINE_BYTES - 1;
	}
	str_add(out, text, len);
	str_add(out, "\r\n", 2);
}

static void line(const struct ical *ical, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void line(const struct ical *ical, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = arena_vprintf(ical->arena, format, args);
	va_end(args);
	add_line(ical->out, text, strlen(text));
}

/* A property whose value is a text: , ; \ and line breaks are escaped, other
 * control characters left out. */
static void text_line(const struct ical *ical, const char *name, const char *text)
{
	struct str value = STR_INIT;
	str_adds(&value, name);
	str_addc(&value, ':');
	for (; *text; text++) {
		if (*text == '\n')
			str_add(&value, "\\n", 2);
		else if (*text == ',' || *text == ';' || *text == '\\')
			str_addf(&value, "\\%c", *text);
		else if ((unsigned char)*text >= 0x20 && *text != 0x7f)
			str_addc(&value, *text);
	}
	add_line(ical->out, str_text(&value), value.len);
	str_free(&value);
}

/* --- times ------------------------------------------------------------------- */

/* "20261201T090000" of a wall time or UTC. */
static const char *basic(struct arena *arena, int64_t seconds)
{
	char text[TIME_TEXT_SIZE];
	time_format_local(seconds, text); /* 2026-12-01T09:00:00 */
	return arena_printf(arena, "%.4s%.2s%.2sT%.2s%.2s%.2s", text, text + 5, text + 8, text + 11, text + 14, text + 17);
}

/* A property whose value is a wall time of the event: in its zone, or UTC. */
static void wall_line(const struct ical *ical, const char *name, const struct event *event, int64_t wall)
{
	if (event->timezone)
		line(ical, "%s;TZID=%s:%s", name, event->timezone, basic(ical->arena, wall));
	else
		line(ical, "%s:%sZ", name, basic(ical->arena, wall));
}

static void duration_line(const struct ical *ical, int64_t seconds)
{
	if (seconds > 0) /* hours, not days: a day may have 23 of them */
		line(ical, "DURATION:PT%lldH%lldM%lldS", (long long)seconds / 3600, (long long)seconds / 60 % 60, (long long)seconds % 60);
}

/* --- zones ------------------------------------------------------------------- */

static const char *offset(struct arena *arena, int32_t seconds)
{
	int size = abs(seconds);
	const char *text = arena_printf(arena, "%c%02d%02d", seconds < 0 ? '-' : '+', size / 3600, size / 60 % 60);
	return size % 60 ? arena_printf(arena, "%s%02d", text, size % 60) : text;
}

struct shift {
	int64_t at_utc;
	int32_t from_s, to_s;
};
#define SHIFTS_MAX 600

static size_t list_shifts(const struct zone *zone, int64_t until_utc, struct shift *shifts)
{
	size_t count = 0;
	int64_t at = -1;
	int32_t before = zone_offset_at(zone, -1), after;
	while (count < SHIFTS_MAX && zone_next_change(zone, at, &at, &after) && at < until_utc) {
		if (after != before)
			shifts[count++] = (struct shift){ at, before, after };
		before = after;
	}
	return count;
}

/* All changes from one offset to another are one component: the first of them
 * and the rest, a line each (ical.js, for one, reads only the first of a list). */
static void write_shifts(const struct ical *ical, const struct shift *shifts, size_t count, size_t first)
{
	const struct shift *shift = &shifts[first];
	const char *kind = shift->to_s > shift->from_s ? "DAYLIGHT" : "STANDARD";
	line(ical, "BEGIN:%s", kind);
	line(ical, "DTSTART:%s", basic(ical->arena, shift->at_utc + shift->from_s));
	line(ical, "TZOFFSETFROM:%s", offset(ical->arena, shift->from_s));
	line(ical, "TZOFFSETTO:%s", offset(ical->arena, shift->to_s));
	for (size_t i = first + 1; i < count; i++)
		if (shifts[i].from_s == shift->from_s && shifts[i].to_s == shift->to_s)
			line(ical, "RDATE:%s", basic(ical->arena, shifts[i].at_utc + shift->from_s));
	line(ical, "END:%s", kind);
}

void ical_zone(const struct ical *ical, const struct zone *zone, const char *name, int64_t until_utc)
{
	struct shift *shifts = arena_array(ical->arena, SHIFTS_MAX, sizeof(*shifts));
	size_t count = list_shifts(zone, until_utc, shifts);
	const char *first = offset(ical->arena, zone_offset_at(zone, -1));
	line(ical, "BEGIN:VTIMEZONE");
	line(ical, "TZID:%s", name);
	line(ical, "BEGIN:STANDARD");
	line(ical, "DTSTART:19700101T000000");
	line(ical, "TZOFFSETFROM:%s", first);
	line(ical, "TZOFFSETTO:%s", first);
	line(ical, "END:STANDARD");
	for (size_t i = 0; i < count; i++) {
		bool is_first = true;
		for (size_t k = 0; k < i && is_first; k++)
			is_first = shifts[k].from_s != shifts[i].from_s || shifts[k].to_s != shifts[i].to_s;
		if (is_first)
			write_shifts(ical, shifts, count, i);
	}
	line(ical, "END:VTIMEZONE");
}

/* --- events ------------------------------------------------------------------- */

static const char *status_word(enum event_status status)
{
	if (status == EVENT_DRAFT)
		return "TENTATIVE";
	return event_status_is_busy(status) || status == EVENT_COMPLETED ? "CONFIRMED" : "CANCELLED";
}

/* Where the rule's UNTIL is a day or a wall time, programs want the instant. */
static void rule_line(const struct ical *ical, const struct event *event)
{
	const char *rule = event->recurrence, *until = strstr(rule, "UNTIL="), *value = until ? until + 6 : NULL;
	size_t len = value ? strcspn(value, ";") : 0;
	char local[TIME_TEXT_SIZE];
	int64_t wall, utc;
	if (!value || len < 8 || value[len - 1] == 'Z') {
		line(ical, "RRULE:%s", rule);
		return;
	}
	snprintf(local, sizeof(local), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s", value, value + 4, value + 6, len == 15 ? value + 9 : "23",
		 len == 15 ? value + 11 : "59", len == 15 ? value + 13 : "59");
	if (!time_parse_local(local, strlen(local), &wall)) {
		line(ical, "RRULE:%s", rule);
		return;
	}
	const struct zone *zone = event->timezone ? zone_find(event->timezone) : NULL;
	utc = wall;
	if (zone)
		zone_to_utc(zone, wall, &utc);
	line(ical, "RRULE:%.*s%sZ%s", (int)(value - rule), rule, basic(ical->arena, utc), value + len);
}

static void date_lines(const struct ical *ical, const char *name, const struct event *event, const int64_t *dates, size_t count)
{
	for (size_t i = 0; i < count; i++)
		wall_line(ical, name, event, dates[i]);
}

static void common_lines(const struct ical *ical, const struct event *event, const char *title, int32_t version_no,
			 const char *location)
{
	line(ical, "UID:event-%lld-%s@tranche", (long long)event->id, ical->site);
	line(ical, "DTSTAMP:%sZ", basic(ical->arena, ical->now_utc));
	line(ical, "SEQUENCE:%lld", (long long)event->row_version);
	text_line(ical, "SUMMARY", title && title[0] ? title : arena_printf(ical->arena, "Content %lld", (long long)event->content_id));
	text_line(ical, "DESCRIPTION", version_no ? arena_printf(ical->arena, "Content %lld, version %d", (long long)event->content_id, version_no)
						  : arena_printf(ical->arena, "Content %lld, latest version", (long long)event->content_id));
	text_line(ical, "CATEGORIES", event->schedule_type);
	if (location && location[0])
		text_line(ical, "LOCATION", location);
	line(ical, "STATUS:%s", status_word(event->status));
	line(ical, "X-TRANCHE-STATUS:%s", event_status_name(event->status));
}

static void override_component(const struct ical *ical, const struct event *event, const char *name, const json_t *changes,
			       const char *location)
{
	const char *title = json_string_value(json_object_get(changes, "title"));
	const char *moved = json_string_value(json_object_get(changes, "local_start"));
	const json_t *duration = json_object_get(changes, "duration_s"), *version = json_object_get(changes, "version_no");
	int64_t original, start;
	if (!time_parse_local(name, strlen(name), &original))
		return;
	if (!moved || !time_parse_local(moved, strlen(moved), &start))
		start = original;
	line(ical, "BEGIN:VEVENT");
	common_lines(ical, event, title ? title : event->title,
		     json_is_integer(version) ? (int32_t)json_integer_value(version) : event->version_no, location);
	wall_line(ical, "RECURRENCE-ID", event, original);
	wall_line(ical, "DTSTART", event, start);
	duration_line(ical, json_is_integer(duration) ? json_integer_value(duration) : event->duration_s);
	line(ical, "END:VEVENT");
}

static bool is_left_out(const struct event *event, const char *name)
{
	int64_t date;
	return time_parse_local(name, strlen(name), &date) && sorted_has(event->exdates, event->exdate_count, date);
}

/* What is left out keeps its changes, for when it comes back; a component of its own would bring it back. */
static void overrides(const struct ical *ical, const struct event *event, const char *location)
{
	struct fail unreadable = { .kind = FAIL_NONE };
	json_t *all = event->overrides ? json_read(ical->arena, event->overrides, strlen(event->overrides), &unreadable) : NULL;
	for (void *at = all ? json_object_iter(all) : NULL; at; at = json_object_iter_next(all, at))
		if (!is_left_out(event, json_object_iter_key(at)))
			override_component(ical, event, json_object_iter_key(at), json_object_iter_value(at), location);
}

void ical_event(const struct ical *ical, const struct event *event, const char *location)
{
	line(ical, "BEGIN:VEVENT");
	common_lines(ical, event, event->title, event->version_no, location);
	if (event_recurs(event)) {
		wall_line(ical, "DTSTART", event, event_wall_start(event));
		duration_line(ical, event->duration_s);
		if (event->recurrence)
			rule_line(ical, event);
		date_lines(ical, "EXDATE", event, event->exdates, event->exdate_count);
		date_lines(ical, "RDATE", event, event->rdates, event->rdate_count);
	} else {
		line(ical, "DTSTART:%sZ", basic(ical->arena, event->starts_at));
		if (event->ends_at > event->starts_at)
			line(ical, "DTEND:%sZ", basic(ical->arena, event->ends_at));
	}
	line(ical, "END:VEVENT");
	if (event_recurs(event))
		overrides(ical, event, location);
}

void ical_begin(const struct ical *ical, const char *name)
{
	line(ical, "BEGIN:VCALENDAR");
	line(ical, "VERSION:2.0");
	line(ical, "PRODID:-//Tranche//Tranche 1//EN");
	line(ical, "CALSCALE:GREGORIAN");
	text_line(ical, "X-WR-CALNAME", name);
}

void ical_end(const struct ical *ical, bool is_cut)
{
	if (is_cut)
		line(ical, "X-TRANCHE-CUT:there is more than fits into one file; ask for a shorter time");
	line(ical, "END:VCALENDAR");
}
