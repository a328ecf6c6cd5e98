#include "rules/read.h"

#include <stdarg.h>
#include <string.h>

#include "base/str.h"
#include "rules/event.h"

#define NAME_SHOWN_BYTES 100
#define DISTANCE_MAX 3
#define NAME_COMPARED_BYTES 32

void reader_issue(struct reader *r, enum code code, const char *name, const char *suggestion, const char *format, ...)
{
	struct arena *arena = r->issues->arena;
	const char *message;
	va_list ap;

	r->bad = true;
	if (r->issues->count >= ISSUES_MAX)
		return;
	va_start(ap, format);
	message = arena_vprintf(arena, format, ap);
	va_end(ap);
	issue_add(r->issues, code, name ? arena_printf(arena, "%s/%s", r->base, name) : r->base, suggestion, "%s",
		  message);
}

bool read_object(struct reader *r, const json_t *value)
{
	if (json_is_object(value))
		return true;
	if (!value)
		reader_issue(r, CODE_REQUIRED, NULL, "Write it as {\"name\": value, …}", "the object is missing");
	else
		reader_issue(r, CODE_INVALID_TYPE, NULL, "Write it as {\"name\": value, …}", "%s is not an object",
			     json_excerpt(r->issues->arena, value));
	return false;
}

bool read_integer(struct reader *r, const char *name, const json_t *value, int64_t min, int64_t max,
		  int64_t *out)
{
	struct arena *arena = r->issues->arena;
	int64_t number;

	if (!json_is_integer(value)) {
		const char *shown = json_excerpt(arena, value);
		bool quoted = json_is_string(value) &&
			      parse_i64(json_string_value(value), json_string_length(value), &number);

		reader_issue(r, CODE_INVALID_TYPE, name,
			     quoted ? arena_printf(arena, "Drop the quotes: %s", shown) : "Write a whole number.",
			     json_is_string(value) ? "“%s” is a text, not a whole number" : "%s is not a whole number",
			     shown);
		return false;
	}
	number = json_integer_value(value);
	if (number < min || number > max) {
		const char *range = max == INT64_MAX
					    ? arena_printf(arena, "Use a whole number from %lld up.", (long long)min)
					    : arena_printf(arena, "Use a whole number from %lld to %lld.",
							   (long long)min, (long long)max);

		reader_issue(r, CODE_OUT_OF_RANGE, name, range, "%lld is out of range", (long long)number);
		return false;
	}
	*out = number;
	return true;
}

/* Offset of the first control character (C0, DEL, C1), or `len`. */
static size_t control_at(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0; i < len; i++) {
		if (s[i] < 0x20 || s[i] == 0x7f || (s[i] == 0xc2 && i + 1 < len && s[i + 1] < 0xa0))
			return i;
	}
	return len;
}

bool check_text(struct reader *r, const char *name, const char *text, size_t len, size_t max_chars)
{
	struct arena *arena = r->issues->arena;
	size_t bad_at, characters;

	if (!utf8_valid(text, len, &bad_at)) {
		reader_issue(r, CODE_INVALID_UTF8, name, NULL, "byte %zu of the text is not UTF-8", bad_at + 1);
		return false;
	}
	if (control_at(text, len) < len) {
		reader_issue(r, CODE_INVALID_VALUE, name, "Remove the line break, tab or other control character.",
			     "“%s” holds a control character", issue_excerpt(arena, text, len));
		return false;
	}
	if (len <= max_chars) /* a character has at least one byte */
		return true;
	characters = utf8_length(text, len);
	if (characters <= max_chars)
		return true;
	reader_issue(r, CODE_TOO_LONG, name, arena_printf(arena, "Shorten it to %zu characters.", max_chars),
		     "“%s” has %zu characters", issue_excerpt(arena, text, len), characters);
	return false;
}

bool read_text(struct reader *r, const char *name, const json_t *value, size_t max_chars, const char **out)
{
	struct arena *arena = r->issues->arena;
	const char *text = json_string_value(value);
	size_t len;

	if (!text) {
		const char *shown = json_excerpt(arena, value);

		reader_issue(r, CODE_INVALID_TYPE, name,
			     json_is_number(value) ? arena_printf(arena, "Put it in quotes: \"%s\"", shown)
						   : "Write a text in quotes.",
			     "%s is not a text", shown);
		return false;
	}
	len = json_string_length(value);
	if (!check_text(r, name, text, len, max_chars))
		return false;
	*out = arena_strndup(arena, text, len);
	return true;
}

bool check_schedule_type(struct reader *r, const char *name, const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	if (len > 0 && len <= EVENT_TYPE_MAX && text[len] == '\0' && text[0] >= 'a' && text[0] <= 'z')
		return true;
	reader_issue(r, CODE_INVALID_VALUE, name,
		     "Use 1 to 32 lower-case letters, digits, _ or -, with a letter first, such as publish",
		     "“%s” is not a schedule type", issue_excerpt(r->issues->arena, text, strlen(text)));
	return false;
}

static bool time_issue(struct reader *r, const char *name, enum time_reading reading, const char *text, size_t len,
		       const char *write_it)
{
	static const struct {
		const char *before, *after;
	} wrong[] = {
		[TIME_OK] = { "", "" },
		[TIME_MALFORMED] = { "“", "” is not a time" },
		[TIME_NO_OFFSET] = { "", " has no offset from UTC" },
		[TIME_NO_SUCH_DAY] = { "", " is not a day that exists" },
		[TIME_NO_SUCH_HOUR] = { "", " is not a time of day that exists" },
		[TIME_OUT_OF_RANGE] = { "", " is outside the years 1970 to 2100" },
	};
	bool far = reading == TIME_OUT_OF_RANGE;

	if (reading == TIME_OK)
		return true;
	reader_issue(r, far ? CODE_OUT_OF_RANGE : CODE_INVALID_TIME, name,
		     far ? "Use a time from 1970 to 2100." : write_it, "%s%s%s", wrong[reading].before,
		     issue_excerpt(r->issues->arena, text, len), wrong[reading].after);
	return false;
}

bool read_utc(struct reader *r, const char *name, const char *text, size_t len, int64_t *out)
{
	return time_issue(r, name, time_read_utc(text, len, out), text, len, "Write it as 2026-12-01T09:00:00Z");
}

bool read_local(struct reader *r, const char *name, const char *text, size_t len, int64_t *out)
{
	enum time_reading reading = time_read_local(text, len, out);
	int64_t utc;

	if (reading == TIME_OK)
		return true;
	if (time_read_utc(text, len, &utc) == TIME_OK) {
		reader_issue(r, CODE_INVALID_TIME, name, "Write it as 2026-12-01T09:00:00, or use starts_at.",
			     "%s has an offset from UTC; a wall time has none",
			     issue_excerpt(r->issues->arena, text, len));
		return false;
	}
	return time_issue(r, name, reading, text, len, "Write it as 2026-12-01T09:00:00");
}

/* --- names nobody knows -------------------------------------------------- */

size_t name_distance(const char *a, const char *b)
{
	size_t row[NAME_COMPARED_BYTES + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > NAME_COMPARED_BYTES || b_len > NAME_COMPARED_BYTES)
		return NAME_COMPARED_BYTES;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b_len];
}

/* "a, b, c" */
static const char *names_of(struct arena *arena, const char *const *known, size_t count)
{
	struct str text = STR_INIT;
	const char *copy;

	for (size_t i = 0; i < count; i++) {
		if (i)
			str_adds(&text, ", ");
		str_adds(&text, known[i]);
	}
	copy = arena_strndup(arena, str_text(&text), text.len);
	str_free(&text);
	return copy;
}

/* A name as one step of a JSON Pointer (RFC 6901). */
static const char *step_of(struct arena *arena, const char *name)
{
	char shown[NAME_SHOWN_BYTES + 1];
	char *step = arena_alloc(arena, 2 * sizeof(shown)), *to = step;

	str_copy(shown, sizeof(shown), name);
	for (const char *at = shown; *at; at++) {
		*to++ = *at == '/' ? '~' : *at;
		if (*at == '~' || *at == '/')
			*to++ = *at == '~' ? '0' : '1';
	}
	return step;
}

void reader_unknown(struct reader *r, enum code code, const char *name, const char *const *known, size_t known_count,
		    const char *of_what)
{
	struct arena *arena = r->issues->arena;
	size_t nearest = 0, least = SIZE_MAX;
	const char *suggestion;

	for (size_t i = 0; i < known_count; i++) {
		size_t d = name_distance(name, known[i]);

		if (d < least) {
			least = d;
			nearest = i;
		}
	}
	if (least <= DISTANCE_MAX && least < strlen(name))
		suggestion = arena_printf(arena, "Did you mean %s?", known[nearest]);
	else
		suggestion = arena_printf(arena, "Use one of: %s", names_of(arena, known, known_count));
	reader_issue(r, code, step_of(arena, name), suggestion, "“%s” is not a field of %s",
		     issue_excerpt(arena, name, strlen(name)), of_what);
}
