/* JSON text to values and back; the writer is in json_write.c. */
#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/issue.h"

static void *allocate(size_t size)
{
	void *memory = malloc(size);

	if (!memory)
		abort();
	return memory;
}

void json_init(void)
{
	json_set_alloc_funcs(allocate, free);
}

/* --- text to values ------------------------------------------------------ */

/* The first bracket that is one too many, without recursion, so that no parser
 * that recurses ever sees a bomb.  Strings are skipped; broken ones are the
 * parser's matter.  NULL if there is none. */
static const char *too_deep(const char *text, size_t len)
{
	int depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > JSON_DEPTH_MAX)
				return text + i;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return NULL;
}

/* Refuses what no parser is to see; the place is that of the byte `at`. */
static json_t *refuse_at(const char *text, const char *at, enum code code, const char *reason, struct fail *fail)
{
	const char *line_start = text;
	int line = 1;

	for (const char *c = text; c < at; c++) {
		if (*c == '\n') {
			line++;
			line_start = c + 1;
		}
	}
	fail_set(fail, FAIL_INVALID, code, "The JSON can't be read at line %d, column %d: %s.", line,
		 (int)(at - line_start + 1), reason);
	return NULL;
}

/* Jansson's reason in our words and codes. */
static enum code reason_of(const json_error_t *error, const char **reason_out)
{
	enum json_error_code code = json_error_code(error);

	if (code == json_error_out_of_memory) {
		*reason_out = "there is no memory left";
		return CODE_INTERNAL;
	}
	if (code == json_error_duplicate_key) {
		*reason_out = "a name stands twice in one object";
		return CODE_DUPLICATE_KEY;
	}
	if (code == json_error_invalid_utf8) {
		*reason_out = "the text is not UTF-8";
		return CODE_INVALID_UTF8;
	}
	if (code == json_error_null_character || code == json_error_null_byte_in_key) {
		*reason_out = "a text holds a NUL character";
		return CODE_INVALID_UTF8;
	}
	if (code == json_error_numeric_overflow) {
		*reason_out = "a number is too large";
		return CODE_OUT_OF_RANGE;
	}
	*reason_out = "a comma, quote or bracket is missing or too many";
	if (code == json_error_premature_end_of_input)
		*reason_out = "the text ends too early";
	else if (code == json_error_end_of_input_expected)
		*reason_out = "something follows after the end";
	return CODE_MALFORMED_JSON;
}

static void release(void *value)
{
	json_decref(value);
}

json_t *json_keep(struct arena *arena, json_t *value)
{
	arena_defer(arena, release, value);
	return value;
}

json_t *json_read(struct arena *arena, const char *text, size_t len, struct fail *fail)
{
	const char *nul = len > 0 ? memchr(text, '\0', len) : NULL;
	const char *bracket = nul ? NULL : too_deep(text, len);
	json_error_t error;
	const char *reason;
	json_t *value;
	enum code code;

	if (nul)
		return refuse_at(text, nul, CODE_INVALID_UTF8, "the text holds a NUL character", fail);
	if (bracket)
		return refuse_at(text, bracket, CODE_TOO_DEEP, "more than 32 brackets are open at once", fail);
	value = json_loadb(len > 0 ? text : "", len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!value) {
		code = reason_of(&error, &reason);
		fail_set(fail, code == CODE_INTERNAL ? FAIL_INTERNAL : FAIL_INVALID, code,
			 "The JSON can't be read at line %d, column %d: %s.", error.line < 1 ? 1 : error.line,
			 error.column < 1 ? 1 : error.column, reason);
		fail_detail(fail, "jansson: %s", error.text);
		return NULL;
	}
	return json_keep(arena, value);
}

/* --- values to text ------------------------------------------------------ */

/* The shortest decimal that reads back as the same number. */
static void write_real(struct json_writer *w, const char *key, double number)
{
	char text[40];

	if (!isfinite(number)) {
		jw_null(w, key);
		return;
	}
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, number);
		if (precision == 17 || strtod(text, NULL) == number)
			break;
	}
	/* 1e3 and 5 are integers to some readers; keep it a real. */
	if (!strpbrk(text, ".eE"))
		snprintf(text + strlen(text), sizeof(text) - strlen(text), ".0");
	jw_raw(w, key, text);
}

static void write_value(struct json_writer *w, const char *key, const json_t *value, int depth);

static void write_members(struct json_writer *w, const char *key, const json_t *value, int depth)
{
	/* Jansson's iterator takes a json_t it does not change. */
	json_t *object = (json_t *)(uintptr_t)value;

	jw_object(w, key);
	for (void *at = json_object_iter(object); at && depth > 0; at = json_object_iter_next(object, at))
		write_value(w, json_object_iter_key(at), json_object_iter_value(at), depth - 1);
	jw_end_object(w);
}

static void write_elements(struct json_writer *w, const char *key, const json_t *value, int depth)
{
	jw_list(w, key);
	for (size_t i = 0; i < json_array_size(value) && depth > 0; i++)
		write_value(w, NULL, json_array_get(value, i), depth - 1);
	jw_end_list(w);
}

static void write_value(struct json_writer *w, const char *key, const json_t *value, int depth)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		write_members(w, key, value, depth);
		break;
	case JSON_ARRAY:
		write_elements(w, key, value, depth);
		break;
	case JSON_STRING:
		jw_text(w, key, json_string_value(value));
		break;
	case JSON_INTEGER:
		jw_int(w, key, json_integer_value(value));
		break;
	case JSON_REAL:
		write_real(w, key, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		jw_bool(w, key, json_is_true(value));
		break;
	case JSON_NULL:
		jw_null(w, key);
		break;
	}
}

char *json_text(struct arena *arena, const json_t *value, size_t *len_out)
{
	struct str text = STR_INIT;
	struct json_writer w;
	char *copy;

	jw_begin(&w, &text);
	/* json_read() bounds what comes in; values built by the program are flat. */
	write_value(&w, NULL, value, JSON_DEPTH_MAX);
	copy = arena_strndup(arena, str_text(&text), text.len);
	if (len_out)
		*len_out = text.len;
	str_free(&text);
	return copy;
}

const char *json_excerpt(struct arena *arena, const json_t *value)
{
	const char *text;
	size_t len;

	if (json_is_string(value)) {
		text = json_string_value(value);
		len = json_string_length(value);
	} else {
		text = json_text(arena, value, &len);
	}
	return issue_excerpt(arena, text, len);
}
