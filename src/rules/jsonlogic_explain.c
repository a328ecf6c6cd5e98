/* JsonLogic: which parts of a rule make it false. */
#include <string.h>

#include "rules/jsonlogic_parts.h"

#define TEXT_BYTES_MAX 300  /* of a part in words, or of a value */

struct explain {
	struct jl *jl;
	struct json_writer *w;
	const struct jl_value *data;
	size_t listed;
};

/* --- the values a part looked at ------------------------------------------- */

struct looked {
	struct explain *e;
	const char *seen[JSONLOGIC_VALUES_MAX];
	size_t count;
};

static void write_value(void *context, const char *path)
{
	struct looked *looked = context;
	struct jl *jl = looked->e->jl;
	struct jl_value key = { .kind = JL_TEXT, .text = { path, strlen(path) } }, none = jl_undefined(), value;
	char cut[TEXT_BYTES_MAX + 4];

	for (size_t i = 0; i < looked->count; i++) {
		if (strcmp(looked->seen[i], path) == 0)
			return;
	}
	if (looked->count == JSONLOGIC_VALUES_MAX || path[0] == '\0' || strlen(path) > TEXT_BYTES_MAX)
		return;
	looked->seen[looked->count++] = path;
	value = jl_var(jl, &key, &none, looked->e->data);
	if (value.kind == JL_TEXT && value.text.len > TEXT_BYTES_MAX) {
		str_copy(cut, TEXT_BYTES_MAX, value.text.bytes);
		jw_text(looked->e->w, path, cut);
	} else if (value.kind == JL_LIST || value.kind == JL_OBJECT) {
		jw_text(looked->e->w, path, value.kind == JL_LIST ? "(a list)" : "(an object)");
	} else {
		jl_write(jl, looked->e->w, path, &value);
	}
}

/* Paths inside the second part of all, some, filter … name parts of their elements, which are nothing here. */
static void write_values(struct explain *e, const json_t *part)
{
	struct looked looked = { .e = e };

	jw_object(e->w, "values");
	jsonlogic_paths(part, write_value, &looked);
	jw_end_object(e->w);
}

static void write_failed(struct explain *e, const json_t *part, const char *pointer)
{
	struct arena *arena = e->jl->arena;
	const char *text = jsonlogic_text(arena, part);
	char cut[TEXT_BYTES_MAX + 4];

	if (e->listed++ >= JSONLOGIC_FAILED_MAX)
		return;
	str_copy(cut, TEXT_BYTES_MAX, text);
	jw_object(e->w, NULL);
	jw_text(e->w, "pointer", pointer);
	jw_text(e->w, "text", cut);
	if (strlen(text) < TEXT_BYTES_MAX)
		jw_raw(e->w, "rule", json_text(arena, part, NULL));
	else
		jw_null(e->w, "rule");
	write_values(e, part);
	jw_end_object(e->w);
}

/* --- from the whole to its leaves ------------------------------------------- */

static bool holds(struct explain *e, const json_t *part)
{
	struct jl_value value = jl_eval(e->jl, part, e->data);

	return jl_truthy(&value);
}

static void explain(struct explain *e, const json_t *part, const char *pointer, unsigned depth);

static void explain_arg(struct explain *e, const json_t *args, size_t index, const char *pointer, unsigned depth)
{
	const char *below = json_is_array(args) ? arena_printf(e->jl->arena, "%s/%zu", pointer, index) : pointer;

	explain(e, jl_arg(args, index), below, depth);
}

/* The branch that was taken, if it is a rule; else what led there is the reason. */
static bool explain_if(struct explain *e, const json_t *args, const char *pointer, unsigned depth)
{
	size_t count = jl_arg_count(args), taken = 0;
	const char *name;

	while (taken + 1 < count && !holds(e, jl_arg(args, taken)))
		taken += 2;
	if (taken + 1 < count)
		taken++;
	if (taken >= count || !jl_rule(jl_arg(args, taken), &name))
		return false;
	explain_arg(e, args, taken, pointer, depth);
	return true;
}

/* `part` is false. */
static void explain(struct explain *e, const json_t *part, const char *pointer, unsigned depth)
{
	const char *name = "", *below;
	const json_t *args = jl_rule(part, &name);
	bool all = strcmp(name, "and") == 0, any = strcmp(name, "or") == 0;

	if (e->jl->code != CODE_NONE)
		return;
	below = arena_printf(e->jl->arena, "%s/%s", pointer, name);
	if (args && jl_arg_count(args) > 0 && (all || any) && depth < JSONLOGIC_DEPTH_MAX) {
		for (size_t i = 0; i < jl_arg_count(args); i++) {
			if (any || !holds(e, jl_arg(args, i)))
				explain_arg(e, args, i, below, depth + 1);
		}
	} else if (args && strcmp(name, "!!") == 0 && jl_arg_count(args) == 1) {
		explain_arg(e, args, 0, below, depth + 1);
	} else if (!args || (strcmp(name, "if") != 0 && strcmp(name, "?:") != 0) ||
		   !explain_if(e, args, below, depth + 1)) {
		write_failed(e, part, pointer);
	}
}

const char *jsonlogic_explain(struct arena *arena, const json_t *rule, const char *pointer, const json_t *data)
{
	struct jl jl = { .arena = arena };
	struct jl_value given = jl_from_json(data);
	struct str out = STR_INIT;
	struct json_writer w;
	struct explain e = { &jl, &w, &given, 0 };
	const char *list;

	jw_begin(&w, &out);
	jw_list(&w, NULL);
	if (!holds(&e, rule) && jl.code == CODE_NONE)
		explain(&e, rule, pointer, 0);
	if (jl.code != CODE_NONE && e.listed == 0) { /* it took all the work there is to find the parts */
		jl = (struct jl){ .arena = arena };
		write_failed(&e, rule, pointer);
	}
	jw_end_list(&w);
	list = arena_strndup(arena, str_text(&out), out.len);
	str_free(&out);
	return list;
}
