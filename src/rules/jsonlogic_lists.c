/* JsonLogic: the operators that decide which of their parts are worked out, and with which data. */
#include "rules/jsonlogic_parts.h"

static bool holds(struct jl *jl, const json_t *rule, const struct jl_value *data)
{
	struct jl_value value = jl_eval(jl, rule, data);

	return jl_truthy(&value);
}

struct jl_value jl_if(struct jl *jl, const json_t *args, const struct jl_value *data)
{
	size_t count = jl_arg_count(args), i = 0;

	for (; i + 1 < count && jl->code == CODE_NONE; i += 2) {
		if (holds(jl, jl_arg(args, i), data))
			return jl_eval(jl, jl_arg(args, i + 1), data);
	}
	return i + 1 == count ? jl_eval(jl, jl_arg(args, i), data) : jl_null();
}

/* The first value whose truth is `wanted`, or the last. */
static struct jl_value first(struct jl *jl, const json_t *args, const struct jl_value *data, bool wanted)
{
	size_t count = jl_arg_count(args);
	struct jl_value value = jl_undefined();

	for (size_t i = 0; i < count && jl->code == CODE_NONE; i++) {
		value = jl_eval(jl, jl_arg(args, i), data);
		if (jl_truthy(&value) == wanted)
			break;
	}
	return value;
}

struct jl_value jl_and(struct jl *jl, const json_t *args, const struct jl_value *data)
{
	return first(jl, args, data, false);
}

struct jl_value jl_or(struct jl *jl, const json_t *args, const struct jl_value *data)
{
	return first(jl, args, data, true);
}

static struct jl_value empty(struct jl *jl)
{
	return jl_list(jl, jl_items(jl, 0), 0);
}

struct jl_value jl_filter(struct jl *jl, const json_t *args, const struct jl_value *data)
{
	struct jl_value list = jl_eval(jl, jl_arg(args, 0), data), *items;
	size_t count = 0;

	if (list.kind != JL_LIST)
		return empty(jl);
	items = jl_items(jl, list.list.count);
	for (size_t i = 0; i < list.list.count && jl_charge(jl, 1); i++) {
		struct jl_value element = jl_at(&list, i);

		if (holds(jl, jl_arg(args, 1), &element))
			items[count++] = element;
	}
	return jl_list(jl, items, count);
}

struct jl_value jl_map(struct jl *jl, const json_t *args, const struct jl_value *data)
{
	struct jl_value list = jl_eval(jl, jl_arg(args, 0), data), *items;

	if (list.kind != JL_LIST)
		return empty(jl);
	items = jl_items(jl, list.list.count);
	for (size_t i = 0; i < list.list.count && jl_charge(jl, 1); i++) {
		struct jl_value element = jl_at(&list, i);

		items[i] = jl_eval(jl, jl_arg(args, 1), &element);
	}
	return jl_list(jl, items, list.list.count);
}

struct jl_value jl_reduce(struct jl *jl, const json_t *args, const struct jl_value *data)
{
	struct jl_value list = jl_eval(jl, jl_arg(args, 0), data);
	const json_t *from = jl_arg(args, 2);
	struct jl_value sum = from ? jl_eval(jl, from, data) : jl_null();

	for (size_t i = 0; list.kind == JL_LIST && i < list.list.count && jl_charge(jl, 1); i++) {
		struct jl_value *pair = jl_items(jl, 2), scope;

		if (jl->code != CODE_NONE)
			break;
		pair[0] = jl_at(&list, i);
		pair[1] = sum;
		scope = jl_list(jl, pair, 2); /* for its depth */
		scope.kind = scope.kind == JL_LIST ? JL_OBJECT : scope.kind;
		scope.object.json = NULL;
		scope.object.pair = pair;
		sum = jl_eval(jl, jl_arg(args, 1), &scope);
	}
	return sum;
}

/* Is there an element for which the second part's truth is `wanted`? */
static bool any(struct jl *jl, const json_t *args, const struct jl_value *list, bool wanted)
{
	for (size_t i = 0; list->kind == JL_LIST && i < list->list.count && jl_charge(jl, 1); i++) {
		struct jl_value element = jl_at(list, i);

		if (holds(jl, jl_arg(args, 1), &element) == wanted)
			return true;
	}
	return false;
}

/* Of nothing, not all. */
struct jl_value jl_all(struct jl *jl, const json_t *args, const struct jl_value *data)
{
	struct jl_value list = jl_eval(jl, jl_arg(args, 0), data);

	return jl_bool(list.kind == JL_LIST && list.list.count > 0 && !any(jl, args, &list, false));
}

struct jl_value jl_none(struct jl *jl, const json_t *args, const struct jl_value *data)
{
	struct jl_value list = jl_eval(jl, jl_arg(args, 0), data);

	return jl_bool(!any(jl, args, &list, true));
}

struct jl_value jl_some(struct jl *jl, const json_t *args, const struct jl_value *data)
{
	struct jl_value list = jl_eval(jl, jl_arg(args, 0), data);

	return jl_bool(any(jl, args, &list, true));
}
