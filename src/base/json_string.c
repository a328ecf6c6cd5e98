/* Strings, for json_read.c. */
#include <string.h>

#include "base/json_parser.h"

/* Bytes of a string that stand for themselves and need no second look. */
static bool is_plain(char c)
{
	return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four digits after \u; -1 if they are none. */
static long code_unit(struct parser *p)
{
	long unit = 0;

	for (int i = 0; i < 4; i++, p->at++) {
		int digit = p->at < p->end ? hex_digit(*p->at) : -1;

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

static size_t put_utf8(char *to, long c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* \uXXXX, or two of them for a character above U+FFFF. */
static bool unicode_escape(struct parser *p, char *to, size_t *len)
{
	long c = code_unit(p), low;

	if (c < 0)
		return parser_malformed(p, "\\u needs four hexadecimal digits");
	if (c == 0)
		return parser_fails(p, CODE_INVALID_UTF8, "a text holds a NUL character");
	if (c >= 0xd800 && c <= 0xdbff) {
		if (p->end - p->at < 2 || p->at[0] != '\\' || p->at[1] != 'u')
			return parser_malformed(p, "half a surrogate pair stands alone");
		p->at += 2;
		low = code_unit(p);
		if (low < 0xdc00 || low > 0xdfff)
			return parser_malformed(p, "half a surrogate pair stands alone");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c >= 0xdc00 && c <= 0xdfff) {
		return parser_malformed(p, "half a surrogate pair stands alone");
	}
	*len += put_utf8(to + *len, c);
	return true;
}

static bool escape(struct parser *p, char *to, size_t *len)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	const char *which;

	p->at++;
	if (p->at == p->end)
		return parser_malformed(p, "");
	if (*p->at == 'u') {
		p->at++;
		return unicode_escape(p, to, len);
	}
	which = memchr(from, *p->at, sizeof(from) - 1);
	if (!which)
		return parser_malformed(p, "a backslash must be followed by one of \"\\/bfnrtu");
	to[(*len)++] = into[which - from];
	p->at++;
	return true;
}

/* At a byte that is not plain: takes a character above ASCII, or says what is
 * wrong. */
static bool odd_byte(struct parser *p)
{
	size_t step;

	if ((unsigned char)*p->at < 0x20)
		return parser_malformed(p, "a text holds a line break or control character");
	step = utf8_step(p->at, (size_t)(p->end - p->at));
	if (step == 0)
		return parser_fails(p, CODE_INVALID_UTF8, "the text is not UTF-8");
	p->at += step;
	return true;
}

/* Bytes up to the closing quote. */
static size_t raw_len(const struct parser *p, const char *from)
{
	const char *at = from;

	while (at < p->end && *at != '"')
		at += *at == '\\' ? 2 : 1;
	return (size_t)((at < p->end ? at : p->end) - from);
}

/* After the opening quote, for a string with an escape; what comes before the
 * first one is [from, at). */
static bool parse_escaped(struct parser *p, const char *from, struct slice *out)
{
	/* No character is longer than what it is written as. */
	char *to = arena_alloc(p->arena, raw_len(p, from));
	size_t len = (size_t)(p->at - from);

	memcpy(to, from, len);
	while (p->at < p->end && *p->at != '"') {
		const char *run = p->at;

		if (*p->at == '\\') {
			if (!escape(p, to, &len))
				return false;
			continue;
		}
		while (p->at < p->end && is_plain(*p->at))
			p->at++;
		if (p->at == run && !odd_byte(p))
			return false;
		memcpy(to + len, run, (size_t)(p->at - run));
		len += (size_t)(p->at - run);
	}
	if (p->at == p->end)
		return parser_malformed(p, "");
	p->at++;
	*out = (struct slice){ to, len };
	return true;
}

bool parser_string(struct parser *p, struct slice *out)
{
	const char *from = ++p->at;

	for (;;) {
		while (p->at < p->end && is_plain(*p->at))
			p->at++;
		if (p->at == p->end)
			return parser_malformed(p, "");
		if (*p->at == '"')
			break;
		if (*p->at == '\\')
			return parse_escaped(p, from, out);
		if (!odd_byte(p))
			return false;
	}
	*out = (struct slice){ from, (size_t)(p->at - from) };
	p->at++;
	return true;
}
