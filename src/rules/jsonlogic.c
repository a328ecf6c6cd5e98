/* JsonLogic: is a rule fit to be worked out, working it out, and what it looks at. */
#include <string.h>

#include "rules/jsonlogic_parts.h"
#include "rules/read.h"

const json_t *jl_rule(const json_t *json, const char **name_out)
{
	/* Jansson's iterator takes a json_t it does not change. */
	json_t *object = (json_t *)(uintptr_t)json;
	void *member;

	if (!json_is_object(json) || json_object_size(json) != 1)
		return NULL;
	member = json_object_iter(object);
	*name_out = json_object_iter_key(member);
	return json_object_iter_value(member);
}

size_t jl_arg_count(const json_t *args)
{
	return json_is_array(args) ? json_array_size(args) : 1;
}

const json_t *jl_arg(const json_t *args, size_t index)
{
	if (json_is_array(args))
		return json_array_get(args, index);
	return index == 0 ? args : NULL;
}

/* --- working it out -------------------------------------------------------- */

static struct jl_value eval_list(struct jl *jl, const json_t *list, const struct jl_value *data)
{
	size_t count = json_array_size(list);
	struct jl_value *items = jl_items(jl, count);

	for (size_t i = 0; i < count && jl->code == CODE_NONE; i++)
		items[i] = jl_eval(jl, json_array_get(list, i), data);
	return jl_list(jl, items, count);
}

static struct jl_value eval_values(struct jl *jl, const struct jl_operator *op, const json_t *args,
				   const struct jl_value *data)
{
	size_t count = jl_arg_count(args);
	struct jl_value few[4], *values = count <= 4 ? few : jl_items(jl, count);

	/* A list of the first values may outlive this call: missing(). */
	if (values == few && strcmp(op->name, "missing") == 0)
		values = jl_items(jl, count);
	for (size_t i = 0; i < count && jl->code == CODE_NONE; i++)
		values[i] = jl_eval(jl, jl_arg(args, i), data);
	return jl->code == CODE_NONE ? op->values(jl, values, count, data) : jl_undefined();
}

struct jl_value jl_eval(struct jl *jl, const json_t *rule, const struct jl_value *data)
{
	const struct jl_operator *op;
	struct jl_value value;
	const json_t *args;
	const char *name;

	if (jl->code != CODE_NONE || !jl_charge(jl, 1))
		return jl_undefined();
	args = jl_rule(rule, &name);
	if (!args && !json_is_array(rule))
		return jl_from_json(rule);
	if (jl->depth >= JSONLOGIC_DEPTH_MAX) {
		jl->code = CODE_CONDITION_TOO_EXPENSIVE;
		return jl_undefined();
	}
	jl->depth++;
	op = args ? jl_operator_find(name, strlen(name)) : NULL;
	if (!args)
		value = eval_list(jl, rule, data);
	else if (!op)
		value = jl_undefined(); /* refused when it was read */
	else
		value = op->parts ? op->parts(jl, args, data) : eval_values(jl, op, args, data);
	jl->depth--;
	return jl->code == CODE_NONE ? value : jl_undefined();
}

struct jsonlogic_value jsonlogic_apply(struct arena *arena, const json_t *rule, const json_t *data)
{
	struct jl jl = { .arena = arena };
	struct jl_value given = jl_from_json(data), value = jl_eval(&jl, rule, &given);
	struct jsonlogic_value result = { .truth = jl_truthy(&value) };
	struct json_writer w;
	struct str out = STR_INIT;

	jw_begin(&w, &out);
	jl_write(&jl, &w, NULL, &value);
	result.code = jl.code;
	result.steps = jl.steps;
	result.json = arena_strndup(arena, str_text(&out), out.len);
	str_free(&out);
	return result;
}

/* --- reading it ------------------------------------------------------------ */

/* Where in the rule: from the inside out. */
struct place {
	const struct place *of;
	const char *name; /* NULL: a list's */
	size_t index;
	unsigned depth;
};

static void write_place(struct str *out, const struct place *place)
{
	if (!place)
		return;
	write_place(out, place->of);
	str_addc(out, '/');
	if (!place->name) {
		str_addi(out, (int64_t)place->index);
		return;
	}
	for (const char *at = place->name; *at; at++) {
		if (*at == '~' || *at == '/')
			str_adds(out, *at == '~' ? "~0" : "~1");
		else
			str_addc(out, *at);
	}
}

static const char *pointer_of(struct arena *arena, const char *base, const struct place *place)
{
	struct str out = STR_INIT;
	const char *pointer;

	str_adds(&out, base);
	write_place(&out, place);
	pointer = arena_strndup(arena, str_text(&out), out.len);
	str_free(&out);
	return pointer;
}

struct check {
	struct issues *issues;
	const char *base;
	bool bad;
};

static void unknown_operator(struct check *c, const char *name, const struct place *place)
{
	struct arena *arena = c->issues->arena;
	struct str all = STR_INIT;
	const char *known;

	for (size_t i = 0; (known = jl_operator_name(i)); i++)
		str_addf(&all, "%s%s", i ? " " : "", known);
	known = jl_operator_nearest(name);
	issue_add(c->issues, CODE_UNKNOWN_OPERATOR, pointer_of(arena, c->base, place),
		  known ? arena_printf(arena, "Did you mean %s?", known)
			: arena_printf(arena, "Use one of: %s", str_text(&all)),
		  "“%s” is not an operator of JsonLogic", issue_excerpt(arena, name, strlen(name)));
	str_free(&all);
	c->bad = true;
}

static void check_part(struct check *c, const json_t *part, const struct place *of, unsigned depth);

static void check_rule(struct check *c, const json_t *args, const struct place *here)
{
	const struct jl_operator *op = jl_operator_find(here->name, strlen(here->name));
	struct arena *arena = c->issues->arena;
	size_t count = jl_arg_count(args);

	if (!op) {
		unknown_operator(c, here->name, here);
	} else if (count < op->least) {
		issue_add(c->issues, CODE_INVALID_VALUE, pointer_of(arena, c->base, here),
			  arena_printf(arena, "Give it at least %u.", (unsigned)op->least), "“%s” has %zu values", op->name,
			  count);
		c->bad = true;
	}
	check_part(c, args, here, here->depth);
}

/* `depth` brackets are open around the part. */
static void check_part(struct check *c, const json_t *part, const struct place *of, unsigned depth)
{
	const char *name = NULL;
	const json_t *args = jl_rule(part, &name);
	struct place here = { of, name, 0, depth + 1 };

	if (!args && !json_is_array(part))
		return;
	if (depth >= JSONLOGIC_DEPTH_MAX) {
		issue_add(c->issues, CODE_TOO_DEEP, pointer_of(c->issues->arena, c->base, of), NULL,
			  "the rule is nested more than %d deep", JSONLOGIC_DEPTH_MAX);
		c->bad = true;
		return;
	}
	if (args) {
		check_rule(c, args, &here);
		return;
	}
	for (; here.index < json_array_size(part); here.index++)
		check_part(c, json_array_get(part, here.index), &here, depth + 1);
}

bool jsonlogic_check(const json_t *rule, const char *pointer, struct issues *issues)
{
	struct check c = { issues, pointer, false };
	struct arena *arena = issues->arena;
	struct arena_mark mark = arena_mark(arena);
	size_t len;

	if (!json_is_object(rule)) {
		issue_add(issues, CODE_INVALID_TYPE, pointer, "Write a rule such as {\"<\": [{\"var\": \"content.live_version\"}, 3]}",
			  "%s is not a rule of JsonLogic", json_excerpt(arena, rule));
		return false;
	}
	if (json_object_size(rule) != 1) {
		issue_add(issues, CODE_INVALID_VALUE, pointer, "Put them into one: {\"and\": [{…}, {…}]}",
			  "a rule has exactly one operator, this has %zu", json_object_size(rule));
		return false;
	}
	json_text(arena, rule, &len);
	arena_rewind(arena, mark);
	if (len > JSONLOGIC_BYTES_MAX) {
		issue_add(issues, CODE_TOO_LONG, pointer,
			  arena_printf(arena, "Shorten it to %d bytes.", JSONLOGIC_BYTES_MAX), "the rule has %zu bytes", len);
		return false;
	}
	check_part(&c, rule, NULL, 0);
	return !c.bad;
}

/* --- what it looks at -------------------------------------------------------- */

static void paths_of(const json_t *part, unsigned depth, void (*each)(void *, const char *), void *context)
{
	const char *name = NULL;
	const json_t *args = jl_rule(part, &name);
	bool keys = args && strncmp(name, "missing", 7) == 0, var = args && strcmp(name, "var") == 0;

	if (depth >= JSONLOGIC_DEPTH_MAX)
		return;
	if (!args && json_is_array(part))
		args = part;
	for (size_t i = 0; args && i < jl_arg_count(args); i++) {
		const json_t *arg = jl_arg(args, i);

		for (size_t k = 0; keys && json_is_array(arg) && k < json_array_size(arg); k++) {
			if (json_is_string(json_array_get(arg, k)))
				each(context, json_string_value(json_array_get(arg, k)));
		}
		if ((keys || (var && i == 0)) && json_is_string(arg))
			each(context, json_string_value(arg));
		paths_of(arg, depth + 1, each, context);
	}
}

void jsonlogic_paths(const json_t *rule, void (*each)(void *context, const char *path), void *context)
{
	paths_of(rule, 0, each, context);
}
