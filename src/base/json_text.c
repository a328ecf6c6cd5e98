/* Values to text; the writer is in json_write.c, the reader in json_read.c. */
#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/issue.h"

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
