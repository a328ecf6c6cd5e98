/* JsonLogic: a rule in words. */
#include <string.h>

#include "rules/jsonlogic_parts.h"

/* A rule is checked before it is stored: its depth and size are bounded, but not for whoever reads a row. */
static void say(struct str *out, struct arena *arena, const json_t *part, unsigned depth, bool inner);

/* "(a, b, c)" or "a <between> b <between> c". */
static void say_all(struct str *out, struct arena *arena, const json_t *args, unsigned depth, const char *between)
{
	for (size_t i = 0; i < jl_arg_count(args); i++) {
		if (i)
			str_addf(out, strcmp(between, ",") == 0 ? "%s " : " %s ", between);
		say(out, arena, jl_arg(args, i), depth, strcmp(between, ",") != 0);
	}
}

static void say_call(struct str *out, struct arena *arena, const char *name, const json_t *args, unsigned depth)
{
	str_addf(out, "%s(", name);
	say_all(out, arena, args, depth, ",");
	str_addc(out, ')');
}

static void say_var(struct str *out, struct arena *arena, const json_t *args, unsigned depth)
{
	const json_t *path = jl_arg(args, 0), *fallback = jl_arg(args, 1);

	if (!path || json_is_null(path) || (json_is_string(path) && json_string_length(path) == 0))
		str_adds(out, "it");
	else if (json_is_string(path))
		str_adds(out, json_string_value(path));
	else
		say_call(out, arena, "value of", path, depth);
	if (fallback) {
		str_adds(out, " (or ");
		say(out, arena, fallback, depth, false);
		str_addc(out, ')');
	}
}

static void say_if(struct str *out, struct arena *arena, const json_t *args, unsigned depth)
{
	size_t count = jl_arg_count(args), i = 0;

	for (; i + 1 < count; i += 2) {
		str_adds(out, i ? ", else if " : "if ");
		say(out, arena, jl_arg(args, i), depth, false);
		str_adds(out, " then ");
		say(out, arena, jl_arg(args, i + 1), depth, true);
	}
	if (i + 1 == count) {
		if (i)
			str_adds(out, ", else ");
		say(out, arena, jl_arg(args, i), depth, true);
	}
}

static void say_each(struct str *out, struct arena *arena, const char *name, const json_t *args, unsigned depth)
{
	str_addf(out, "%s of ", name);
	say(out, arena, jl_arg(args, 0), depth, true);
	str_adds(out, ": ");
	say(out, arena, jl_arg(args, 1), depth, true);
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++) {
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

static void say_rule(struct str *out, struct arena *arena, const char *name, const json_t *args, unsigned depth,
		     bool inner)
{
	static const char *const each[] = { "all", "none", "some", NULL };
	static const char *const ifs[] = { "if", "?:", NULL };
	const struct jl_operator *op = jl_operator_find(name, strlen(name));
	bool joins = op && op->infix && jl_arg_count(args) > 1, brackets;

	if (strcmp(name, "var") == 0) {
		say_var(out, arena, args, depth);
		return;
	}
	if (jl_arg_count(args) == 0) {
		say_call(out, arena, name, args, depth);
		return;
	}
	if (strcmp(name, "!!") == 0) {
		say(out, arena, jl_arg(args, 0), depth, inner);
		return;
	}
	brackets = inner && (joins || is_one_of(name, each) || is_one_of(name, ifs));
	if (brackets)
		str_addc(out, '(');
	if (strcmp(name, "!") == 0) {
		str_adds(out, "not ");
		say(out, arena, jl_arg(args, 0), depth, true);
	} else if (is_one_of(name, ifs)) {
		say_if(out, arena, args, depth);
	} else if (is_one_of(name, each)) {
		say_each(out, arena, name, args, depth);
	} else if (joins) {
		say_all(out, arena, args, depth, op->infix);
	} else if (op && op->infix && strcmp(name, "-") == 0) {
		str_adds(out, op->infix);
		say(out, arena, jl_arg(args, 0), depth, true);
	} else {
		say_call(out, arena, name, args, depth);
	}
	if (brackets)
		str_addc(out, ')');
}

static void say(struct str *out, struct arena *arena, const json_t *part, unsigned depth, bool inner)
{
	const char *name = NULL;
	const json_t *args = jl_rule(part, &name);

	if (depth >= JSONLOGIC_DEPTH_MAX)
		str_adds(out, "…");
	else if (args)
		say_rule(out, arena, name, args, depth + 1, inner);
	else if (json_is_string(part))
		str_addf(out, "“%s”", json_string_value(part));
	else if (json_is_array(part)) {
		str_addc(out, '[');
		say_all(out, arena, part, depth + 1, ",");
		str_addc(out, ']');
	} else if (part) {
		str_adds(out, json_text(arena, part, NULL));
	}
}

const char *jsonlogic_text(struct arena *arena, const json_t *rule)
{
	struct str out = STR_INIT;
	const char *text;

	say(&out, arena, rule, 0, false);
	text = arena_strndup(arena, str_text(&out), out.len);
	str_free(&out);
	return text;
}
