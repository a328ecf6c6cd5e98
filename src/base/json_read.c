/*
 * JSON text (RFC 8259) to Jansson's values.
 *
 * The parser is ours, because reading items is most of what the program itself
 * spends on them and Jansson's lexer took three quarters of it (157 instead of
 * 15 instructions a byte).  tests/fuzz/fuzz_json_read.c holds it against
 * Jansson's own: both accept and refuse the same texts, and read equal values.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_parser.h"

static json_t *parse_value(struct parser *p);

bool parser_fails(struct parser *p, enum code code, const char *reason)
{
	if (!p->reason) {
		p->code = code;
		p->reason = reason;
	}
	return false;
}

bool parser_malformed(struct parser *p, const char *reason)
{
	if (p->at == p->end)
		return parser_fails(p, CODE_MALFORMED_JSON, "the text ends too early");
	if (*p->at == '\0')
		return parser_fails(p, CODE_INVALID_UTF8, "the text holds a NUL character");
	return parser_fails(p, CODE_MALFORMED_JSON, reason);
}

/* Jansson returns NULL only when there is no memory. */
static json_t *made(struct parser *p, json_t *value)
{
	if (!value)
		parser_fails(p, CODE_INTERNAL, "there is no memory left");
	return value;
}

static void skip_blanks(struct parser *p)
{
	while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r'))
		p->at++;
}

/* Skips blanks; takes `c` if it comes next. */
static bool take(struct parser *p, char c)
{
	skip_blanks(p);
	if (p->at == p->end || *p->at != c)
		return false;
	p->at++;
	return true;
}

/* --- numbers ------------------------------------------------------------------- */

static size_t skip_digits(struct parser *p)
{
	const char *from = p->at;

	while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
		p->at++;
	return (size_t)(p->at - from);
}

static json_t *real_of(struct parser *p, const char *from)
{
	char *text = arena_strndup(p->arena, from, (size_t)(p->at - from));
	double value = strtod(text, NULL); /* the program stays in the C locale */

	if (isfinite(value))
		return made(p, json_real(value));
	p->at = from;
	parser_fails(p, CODE_OUT_OF_RANGE, "a number is too large");
	return NULL;
}

static json_t *parse_number(struct parser *p)
{
	const char *from = p->at;
	bool is_real = false, ok;
	int64_t value;

	if (*p->at == '-')
		p->at++;
	if (p->at < p->end && *p->at == '0') {
		p->at++;
		ok = !(p->at < p->end && *p->at >= '0' && *p->at <= '9');
	} else {
		ok = skip_digits(p) > 0;
	}
	if (ok && p->at < p->end && *p->at == '.') {
		p->at++;
		is_real = true;
		ok = skip_digits(p) > 0;
	}
	if (ok && p->at < p->end && (*p->at == 'e' || *p->at == 'E')) {
		p->at++;
		is_real = true;
		if (p->at < p->end && (*p->at == '+' || *p->at == '-'))
			p->at++;
		ok = skip_digits(p) > 0;
	}
	if (!ok) {
		parser_malformed(p, "a number is not written as JSON wants it");
		return NULL;
	}
	if (is_real)
		return real_of(p, from);
	if (parse_i64(from, (size_t)(p->at - from), &value))
		return made(p, json_integer(value));
	p->at = from;
	parser_fails(p, CODE_OUT_OF_RANGE, "a number is too large");
	return NULL;
}

/* --- containers ------------------------------------------------------------------ */

/* One "name": value; the object then owns the value. */
static bool parse_member(struct parser *p, json_t *object)
{
	size_t before = json_object_size(object);
	const char *from;
	struct slice key;
	json_t *value;

	skip_blanks(p);
	from = p->at;
	if (p->at == p->end || *p->at != '"')
		return parser_malformed(p, "a name in quotes is expected");
	if (!parser_string(p, &key))
		return false;
	if (!take(p, ':'))
		return parser_malformed(p, "a colon is missing after a name");
	value = parse_value(p);
	if (!value)
		return false;
	if (json_object_setn_new_nocheck(object, key.text, key.len, value) != 0)
		return parser_fails(p, CODE_INTERNAL, "there is no memory left");
	if (json_object_size(object) > before)
		return true;
	/* A name that was there already has only got another value. */
	p->at = from;
	return parser_fails(p, CODE_DUPLICATE_KEY, "a name stands twice in one object");
}

static bool parse_element(struct parser *p, json_t *list)
{
	json_t *value = parse_value(p);

	if (!value)
		return false;
	return json_array_append_new(list, value) == 0 || parser_fails(p, CODE_INTERNAL, "there is no memory left");
}

static json_t *parse_container(struct parser *p, bool is_object)
{
	char closing = is_object ? '}' : ']';
	json_t *container;
	bool ok;

	if (p->depth == JSON_DEPTH_MAX) {
		parser_fails(p, CODE_TOO_DEEP, "more than 32 brackets are open at once");
		return NULL;
	}
	container = made(p, is_object ? json_object() : json_array());
	if (!container)
		return NULL;
	p->depth++;
	p->at++;
	ok = true;
	if (!take(p, closing)) {
		do {
			ok = is_object ? parse_member(p, container) : parse_element(p, container);
		} while (ok && take(p, ','));
		ok = ok && (take(p, closing) ||
			    parser_malformed(p, is_object ? "a comma or } is missing" : "a comma or ] is missing"));
	}
	p->depth--;
	if (ok)
		return container;
	json_decref(container);
	return NULL;
}

static json_t *parse_literal(struct parser *p, const char *word, size_t len, json_t *value)
{
	if ((size_t)(p->end - p->at) >= len && memcmp(p->at, word, len) == 0) {
		p->at += len;
		return value;
	}
	parser_malformed(p, "this is not a JSON value");
	return NULL;
}

static json_t *parse_value(struct parser *p)
{
	struct slice text;

	skip_blanks(p);
	if (p->at == p->end) {
		parser_malformed(p, "");
		return NULL;
	}
	switch (*p->at) {
	case '{':
		return parse_container(p, true);
	case '[':
		return parse_container(p, false);
	case '"':
		return parser_string(p, &text) ? made(p, json_stringn_nocheck(text.text, text.len)) : NULL;
	case 't':
		return parse_literal(p, "true", 4, json_true());
	case 'f':
		return parse_literal(p, "false", 5, json_false());
	case 'n':
		return parse_literal(p, "null", 4, json_null());
	case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
		return parse_number(p);
	case ',': case ']': case '}':
		parser_malformed(p, "a value is missing");
		return NULL;
	default:
		parser_malformed(p, "this is not a JSON value");
		return NULL;
	}
}

static void release(void *value)
{
	json_decref(value);
}

json_t *json_read(struct arena *arena, const char *text, size_t len, struct fail *fail)
{
	struct parser p = { .arena = arena, .at = text, .end = text + len };
	json_t *value = parse_value(&p);
	int line = 1;
	const char *line_start = text;

	if (value) {
		skip_blanks(&p);
		if (p.at == p.end) {
			arena_defer(arena, release, value);
			return value;
		}
		json_decref(value);
		parser_malformed(&p, "something follows after the end");
	}
	for (const char *at = text; at < p.at; at++) {
		if (*at == '\n') {
			line++;
			line_start = at + 1;
		}
	}
	fail_set(fail, p.code == CODE_INTERNAL ? FAIL_INTERNAL : FAIL_INVALID, p.code,
		 "The JSON can't be read at line %d, column %d: %s.", line, (int)(p.at - line_start + 1), p.reason);
	return NULL;
}
