/* JsonLogic: values, their limits, and members of them. */
#include <math.h>
#include <string.h>

#include "rules/jsonlogic_parts.h"

#define BYTES_PER_STEP 256

struct jl_value jl_undefined(void)
{
	return (struct jl_value){ .kind = JL_UNDEFINED };
}

struct jl_value jl_null(void)
{
	return (struct jl_value){ .kind = JL_NULL };
}

struct jl_value jl_bool(bool truth)
{
	return (struct jl_value){ .kind = JL_BOOL, .truth = truth };
}

struct jl_value jl_number(double number)
{
	return (struct jl_value){ .kind = JL_NUMBER, .number = number };
}

static struct jl_value text_value(const char *bytes, size_t len)
{
	return (struct jl_value){ .kind = JL_TEXT, .text = { bytes, len } };
}

struct jl_value jl_from_json(const json_t *json)
{
	if (!json)
		return jl_undefined();
	switch (json_typeof(json)) {
	case JSON_TRUE:
	case JSON_FALSE:
		return jl_bool(json_is_true(json));
	case JSON_INTEGER:
	case JSON_REAL:
		return jl_number(json_number_value(json));
	case JSON_STRING:
		return text_value(json_string_value(json), json_string_length(json));
	case JSON_ARRAY:
		return (struct jl_value){ .kind = JL_LIST, .list = { .json = json, .count = json_array_size(json) } };
	case JSON_OBJECT:
		return (struct jl_value){ .kind = JL_OBJECT, .object = { .json = json } };
	case JSON_NULL:
		break;
	}
	return jl_null();
}

/* --- limits ---------------------------------------------------------------- */

bool jl_charge(struct jl *jl, size_t steps)
{
	if (steps > JSONLOGIC_STEPS_MAX || jl->steps + steps > JSONLOGIC_STEPS_MAX) {
		jl->steps = JSONLOGIC_STEPS_MAX;
		jl->code = CODE_CONDITION_TOO_EXPENSIVE;
	} else {
		jl->steps += (uint32_t)steps;
	}
	return jl->code == CODE_NONE;
}

bool jl_charge_bytes(struct jl *jl, size_t bytes)
{
	return jl_charge(jl, bytes / BYTES_PER_STEP);
}

/* What is made stays in the arena until the end. */
static bool make(struct jl *jl, size_t bytes)
{
	if (bytes > JSONLOGIC_MADE_BYTES_MAX || jl->made_bytes + bytes > JSONLOGIC_MADE_BYTES_MAX)
		jl->code = CODE_CONDITION_TOO_EXPENSIVE;
	else
		jl->made_bytes += bytes;
	return jl->code == CODE_NONE && jl_charge_bytes(jl, bytes);
}

struct jl_value *jl_items(struct jl *jl, size_t count)
{
	/* At least one, so that each made list is at a place of its own. */
	return arena_array(jl->arena, count && make(jl, count * sizeof(struct jl_value)) ? count : 1,
			   sizeof(struct jl_value));
}

struct jl_value jl_list(struct jl *jl, const struct jl_value *items, size_t count)
{
	struct jl_value list = { .kind = JL_LIST, .depth = 1, .list = { .items = items, .count = count } };

	if (jl->code != CODE_NONE)
		return jl_undefined();
	for (size_t i = 0; i < count; i++) {
		if (items[i].depth + 1 > list.depth)
			list.depth = items[i].depth + 1;
	}
	if (list.depth > JSONLOGIC_MADE_DEPTH_MAX) {
		jl->code = CODE_CONDITION_TOO_EXPENSIVE;
		return jl_undefined();
	}
	return list;
}

struct jl_value jl_made_text(struct jl *jl, const struct str *text)
{
	if (jl->code != CODE_NONE || !make(jl, text->len + 1))
		return text_value("", 0);
	return text_value(arena_strndup(jl->arena, str_text(text), text->len), text->len);
}

/* --- what is in them ------------------------------------------------------- */

struct jl_value jl_at(const struct jl_value *list, size_t index)
{
	if (list->kind != JL_LIST || index >= list->list.count)
		return jl_undefined();
	return list->list.json ? jl_from_json(json_array_get(list->list.json, index)) : list->list.items[index];
}

/* "12", as JavaScript names a place of a list: no sign, no leading zero. */
static bool index_of(const char *name, size_t len, size_t *index_out)
{
	int64_t index;

	if (len == 0 || len > 9 || name[0] < '0' || name[0] > '9' || (name[0] == '0' && len > 1) ||
	    !parse_i64(name, len, &index))
		return false;
	*index_out = (size_t)index;
	return true;
}

static struct jl_value character(const struct jl_value *text, size_t index)
{
	const char *at = text->text.bytes, *end = at + text->text.len;

	for (; at < end; index--) {
		size_t step = utf8_step(at, (size_t)(end - at));

		step = step ? step : 1;
		if (index == 0)
			return text_value(at, step);
		at += step;
	}
	return jl_undefined();
}

static struct jl_value object_member(struct jl *jl, const struct jl_value *of, const char *name, size_t len)
{
	const struct jl_value *pair = of->object.pair;

	if (!pair)
		return jl_from_json(json_object_get(of->object.json, arena_strndup(jl->arena, name, len)));
	if (len == 7 && memcmp(name, "current", 7) == 0)
		return pair[0];
	return len == 11 && memcmp(name, "accumulator", 11) == 0 ? pair[1] : jl_undefined();
}

struct jl_value jl_member(struct jl *jl, const struct jl_value *of, const char *name, size_t len)
{
	bool length = len == 6 && memcmp(name, "length", 6) == 0;
	size_t index = 0;

	if (of->kind == JL_OBJECT)
		return object_member(jl, of, name, len);
	if (of->kind == JL_LIST && length)
		return jl_number((double)of->list.count);
	if (of->kind == JL_TEXT && (length || index_of(name, len, &index))) {
		if (!jl_charge_bytes(jl, of->text.len))
			return jl_undefined();
		return length ? jl_number((double)utf8_length(of->text.bytes, of->text.len)) : character(of, index);
	}
	return of->kind == JL_LIST && index_of(name, len, &index) ? jl_at(of, index) : jl_undefined();
}

bool jl_truthy(const struct jl_value *value)
{
	switch (value->kind) {
	case JL_BOOL:
		return value->truth;
	case JL_NUMBER:
		return value->number != 0 && !isnan(value->number);
	case JL_TEXT:
		return value->text.len > 0;
	case JL_LIST:
		return value->list.count > 0;
	case JL_OBJECT:
		return true;
	case JL_UNDEFINED:
	case JL_NULL:
		break;
	}
	return false;
}

#define INTEGER_MAX 9e18 /* what is written without a point is read as an int64 */

static void write_number(struct json_writer *w, const char *key, double number)
{
	char digits[JL_NUMBER_BYTES], real[JL_NUMBER_BYTES + 2];

	if (isfinite(number)) {
		jl_number_text(number, digits);
		snprintf(real, sizeof(real), "%s%s", digits, fabs(number) > INTEGER_MAX && !strchr(digits, 'e') ? ".0" : "");
		jw_raw(w, key, real);
	} else {
		jw_null(w, key);
	}
}

/* Recursion ends: JSON is at most JSON_DEPTH_MAX deep, what is made
 * JSONLOGIC_MADE_DEPTH_MAX, and the writer is told to stop before its own end. */
void jl_write(struct jl *jl, struct json_writer *w, const char *key, const struct jl_value *value)
{
	switch (value->kind) {
	case JL_BOOL:
		jw_bool(w, key, value->truth);
		return;
	case JL_NUMBER:
		write_number(w, key, value->number);
		return;
	case JL_TEXT:
		jw_text(w, key, arena_strndup(jl->arena, value->text.bytes, value->text.len));
		return;
	case JL_LIST:
		if (value->list.json || value->depth > JSON_DEPTH_MAX) {
			jw_raw(w, key, value->list.json ? json_text(jl->arena, value->list.json, NULL) : "[]");
			return;
		}
		jw_list(w, key);
		for (size_t i = 0; i < value->list.count; i++)
			jl_write(jl, w, NULL, &value->list.items[i]);
		jw_end_list(w);
		return;
	case JL_OBJECT:
		if (value->object.json || value->depth > JSON_DEPTH_MAX) {
			jw_raw(w, key, value->object.json ? json_text(jl->arena, value->object.json, NULL) : "{}");
			return;
		}
		jw_object(w, key);
		jl_write(jl, w, "current", &value->object.pair[0]);
		jl_write(jl, w, "accumulator", &value->object.pair[1]);
		jw_end_object(w);
		return;
	case JL_UNDEFINED:
	case JL_NULL:
		break;
	}
	jw_null(w, key);
}
