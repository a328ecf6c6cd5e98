/* The writer half of json.h; reading is in json.c. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

#define WRITER_DEPTH_MAX 63

void jw_begin(struct json_writer *w, struct str *out)
{
	*w = (struct json_writer){ .out = out };
}

/* The comma and the key in front of a value. */
static void lead(struct json_writer *w, const char *key)
{
	uint64_t bit = (uint64_t)1 << w->depth;

	if (w->depth > 0) {
		if (w->comma & bit)
			str_addc(w->out, ',');
		w->comma |= bit;
	}
	if (key) {
		json_quote(w->out, key, strlen(key));
		str_addc(w->out, ':');
	}
}

static void open_container(struct json_writer *w, const char *key, char bracket)
{
	lead(w, key);
	str_addc(w->out, bracket);
	assert(w->depth < WRITER_DEPTH_MAX);
	w->depth++;
	w->comma &= ~((uint64_t)1 << w->depth);
}

static void close_container(struct json_writer *w, char bracket)
{
	assert(w->depth > 0);
	w->depth--;
	str_addc(w->out, bracket);
}

void jw_object(struct json_writer *w, const char *key)
{
	open_container(w, key, '{');
}

void jw_end_object(struct json_writer *w)
{
	close_container(w, '}');
}

void jw_list(struct json_writer *w, const char *key)
{
	open_container(w, key, '[');
}

void jw_end_list(struct json_writer *w)
{
	close_container(w, ']');
}

void jw_text(struct json_writer *w, const char *key, const char *text)
{
	lead(w, key);
	if (text)
		json_quote(w->out, text, strlen(text));
	else
		str_add(w->out, "null", 4);
}

void jw_int(struct json_writer *w, const char *key, int64_t number)
{
	lead(w, key);
	str_addi(w->out, number);
}

void jw_real(struct json_writer *w, const char *key, double number, int decimals)
{
	lead(w, key);
	if (isfinite(number))
		str_addf(w->out, "%.*f", decimals, number);
	else
		str_add(w->out, "null", 4);
}

void jw_bool(struct json_writer *w, const char *key, bool value)
{
	lead(w, key);
	str_adds(w->out, value ? "true" : "false");
}

void jw_null(struct json_writer *w, const char *key)
{
	lead(w, key);
	str_add(w->out, "null", 4);
}

void jw_id(struct json_writer *w, const char *key, int64_t id)
{
	if (id)
		jw_int(w, key, id);
	else
		jw_null(w, key);
}

void jw_ids(struct json_writer *w, const char *key, const int64_t *ids, size_t count)
{
	jw_list(w, key);
	for (size_t i = 0; i < count; i++)
		jw_int(w, NULL, ids[i]);
	jw_end_list(w);
}

void jw_time(struct json_writer *w, const char *key, int64_t utc)
{
	if (utc)
		jw_moment(w, key, utc);
	else
		jw_null(w, key);
}

void jw_moment(struct json_writer *w, const char *key, int64_t utc)
{
	char text[TIME_TEXT_SIZE];

	time_format_utc(utc, text);
	jw_text(w, key, text);
}

void jw_raw(struct json_writer *w, const char *key, const char *json)
{
	lead(w, key);
	str_adds(w->out, json ? json : "null");
}

/* U+2028 and U+2029 end a line in old JavaScript, '<' could end a script
 * element, and neither loses by being escaped. */
static bool is_line_separator(const unsigned char *s, size_t left)
{
	return left >= 3 && s[0] == 0xe2 && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9);
}

static void quote_control(struct str *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

	switch (c) {
	case '"':
	case '\\':
		text[1] = (char)c;
		break;
	case '\b':
		text[1] = 'b';
		break;
	case '\f':
		text[1] = 'f';
		break;
	case '\n':
		text[1] = 'n';
		break;
	case '\r':
		text[1] = 'r';
		break;
	case '\t':
		text[1] = 't';
		break;
	default:
		str_add(out, text, 6);
		return;
	}
	str_add(out, text, 2);
}

void json_quote(struct str *out, const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t from = 0, i = 0;

	str_addc(out, '"');
	while (i < len) {
		if (s[i] >= 0x20 && s[i] < 0x80 && s[i] != '"' && s[i] != '\\' && s[i] != '<') {
			i++;
			continue;
		}
		if (s[i] >= 0x80) {
			size_t step = utf8_step(text + i, len - i);

			if (step > 0 && !is_line_separator(s + i, len - i)) {
				i += step;
				continue;
			}
			str_add(out, text + from, i - from);
			/* A byte that is not UTF-8 must not make the reply invalid. */
			str_adds(out, step == 0 ? "\\ufffd" : s[i + 2] == 0xa8 ? "\\u2028" : "\\u2029");
			i += step == 0 ? 1 : step;
		} else {
			str_add(out, text + from, i - from);
			quote_control(out, s[i]);
			i++;
		}
		from = i;
	}
	str_add(out, text + from, len - from);
	str_addc(out, '"');
}
