/* An event as iCalendar: whatever its texts hold, each line is one of ours, is
 * short enough, and tells the texts again. */
#include "base/zone.h"
#include "rules/series.h"
#include "views/ical.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Lines end with CR LF, hold no control character and are 75 bytes at most.
 * Folds are undone in place; the lines are parted by LF. */
static void ical_unfold(char *text)
{
	char *to = text;
	size_t len = 0;

	while (*text) {
		if (strncmp(text, "\r\n", 2) == 0) {
			REQUIRE(len <= 75);
			text += 2;
			len = *text == ' '; /* the blank of a fold counts */
			if (*text == ' ')
				text++;
			else
				*to++ = '\n';
			continue;
		}
		REQUIRE((unsigned char)*text >= 0x20 && *text != 0x7f);
		*to++ = *text++;
		len++;
	}
	REQUIRE(len == 0);
	*to = '\0';
}

/* The value of a line, without escapes, is `text` less what can't be told. */
static void ical_check_text(const char *value, const char *text)
{
	for (; *text; text++) {
		char c = *text;

		if (c != '\n' && ((unsigned char)c < 0x20 || c == 0x7f))
			continue;
		if (*value == '\\') {
			value++;
			REQUIRE(*value == 'n' ? c == '\n' : *value == c && strchr(",;\\", c));
		} else {
			REQUIRE(*value == c && !strchr(",;\n", c));
		}
		value++;
	}
	REQUIRE(*value == '\n');
}

static size_t ical_count(const char *text, const char *line)
{
	size_t count = 0, len = strlen(line);

	for (const char *at = text; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		count += strncmp(at, line, len) == 0;
	return count;
}

static void ical_check(struct arena *arena, const struct event *event)
{
	struct str out = STR_INIT;
	struct ical ical = { .out = &out, .arena = arena, .site = "0123456789abcdef", .now_utc = 1800000000 };
	const char *location = event->title ? event->title : "";
	char *text, *line;

	ical_begin(&ical, location);
	if (event->timezone && event_recurs(event))
		ical_zone(&ical, zone_find(event->timezone), event->timezone, 2000000000);
	ical_event(&ical, event, location);
	ical_end(&ical, false);
	REQUIRE(utf8_valid(out.data, out.len, NULL));
	text = strdup(str_text(&out));
	REQUIRE(text);
	ical_unfold(text);
	REQUIRE(ical_count(text, "BEGIN:VCALENDAR\n") == 1 && ical_count(text, "END:VCALENDAR\n") == 1);
	REQUIRE(ical_count(text, "BEGIN:VEVENT\n") == ical_count(text, "UID:event-"));
	REQUIRE(ical_count(text, "BEGIN:") == ical_count(text, "END:"));
	REQUIRE(ical_count(text, "BEGIN:VEVENT\n") == 1 + ical_count(text, "RECURRENCE-ID"));
	REQUIRE(ical_count(text, "RRULE:") == (event->recurrence != NULL));
	REQUIRE(ical_count(text, "ATTACH") + ical_count(text, "ATTENDEE") + ical_count(text, "ORGANIZER") == 0);
	line = strstr(text, "\nX-WR-CALNAME:");
	REQUIRE(line);
	ical_check_text(line + strlen("\nX-WR-CALNAME:"), location);
	line = strstr(text, "\nSUMMARY:");
	REQUIRE(line);
	if (*location)
		ical_check_text(line + strlen("\nSUMMARY:"), location);
	free(text);
	str_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct issues issues = { .arena = arena };
	struct fail f = { 0 };
	const json_t *object = json_read(arena, (const char *)data, size, &f);
	struct event event;

	if (object && event_read(object, EVENT_NEW, "", &event, &issues))
		ical_check(arena, &event);
	arena_free(arena);
	return 0;
}
