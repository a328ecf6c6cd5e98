/* JsonLogic: operators that look things up and compare them; their values are worked out already. */
#include <string.h>

#include "rules/jsonlogic_parts.h"

static struct jl_value arg(const struct jl_value *args, size_t count, size_t index)
{
	return index < count ? args[index] : jl_undefined();
}

/* --- data ------------------------------------------------------------------ */

struct jl_value jl_var(struct jl *jl, const struct jl_value *path, const struct jl_value *fallback,
		       const struct jl_value *data)
{
	struct jl_value found = *data, none = fallback->kind == JL_UNDEFINED ? jl_null() : *fallback;
	struct jl_text text;
	const char *at, *end;

	if (path->kind == JL_UNDEFINED || path->kind == JL_NULL || (path->kind == JL_TEXT && path->text.len == 0))
		return found;
	text = jl_to_text(jl, path);
	at = text.bytes;
	for (end = at + text.len; jl_charge(jl, 1); at++) {
		const char *dot = memchr(at, '.', (size_t)(end - at));
		const char *stop = dot ? dot : end;

		if (found.kind == JL_NULL || found.kind == JL_UNDEFINED)
			return none;
		found = jl_member(jl, &found, at, (size_t)(stop - at));
		if (found.kind == JL_UNDEFINED)
			return none;
		at = stop;
		if (!dot)
			return found;
	}
	return jl_undefined();
}

struct jl_value jl_op_var(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	struct jl_value path = arg(args, count, 0), fallback = arg(args, count, 1);

	return jl_var(jl, &path, &fallback, data);
}

static bool is_missing(struct jl *jl, const struct jl_value *key, const struct jl_value *data)
{
	struct jl_value path = *key, fallback = jl_undefined(), found;

	if (key->kind == JL_LIST) { /* {"var": ["path", default]} */
		path = jl_at(key, 0);
		fallback = jl_at(key, 1);
	}
	found = jl_var(jl, &path, &fallback, data);
	return found.kind == JL_NULL || found.kind == JL_UNDEFINED || (found.kind == JL_TEXT && found.text.len == 0);
}

/* Those of `keys` that the data does not have. */
static struct jl_value missing_of(struct jl *jl, const struct jl_value *keys, const struct jl_value *data)
{
	struct jl_value *items = jl_items(jl, keys->list.count);
	size_t count = 0;

	for (size_t i = 0; i < keys->list.count && jl_charge(jl, 1); i++) {
		struct jl_value key = jl_at(keys, i);

		if (is_missing(jl, &key, data))
			items[count++] = key;
	}
	return jl_list(jl, items, count);
}

struct jl_value jl_op_missing(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	struct jl_value keys = jl_list(jl, args, count);

	if (count > 0 && args[0].kind == JL_LIST)
		keys = args[0];
	return keys.kind == JL_LIST ? missing_of(jl, &keys, data) : keys;
}

/* What is no list of keys has none that could be missing. */
struct jl_value jl_op_missing_some(struct jl *jl, const struct jl_value *args, size_t count,
				       const struct jl_value *data)
{
	struct jl_value need = arg(args, count, 0), keys = arg(args, count, 1), missing;

	if (keys.kind != JL_LIST)
		return jl_list(jl, jl_items(jl, 0), 0);
	missing = missing_of(jl, &keys, data);
	if (missing.kind == JL_LIST &&
	    (double)(keys.list.count - missing.list.count) >= jl_to_number(jl, &need))
		missing.list.count = 0;
	return missing;
}

/* --- comparisons ------------------------------------------------------------ */

struct jl_value jl_op_equal(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	struct jl_value a = arg(args, count, 0), b = arg(args, count, 1);

	(void)data;
	return jl_bool(jl_equal(jl, &a, &b));
}

struct jl_value jl_op_unequal(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	return jl_bool(!jl_op_equal(jl, args, count, data).truth);
}

struct jl_value jl_op_same(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	struct jl_value a = arg(args, count, 0), b = arg(args, count, 1);

	(void)jl;
	(void)data;
	return jl_bool(jl_same(&a, &b));
}

struct jl_value jl_op_other(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	return jl_bool(!jl_op_same(jl, args, count, data).truth);
}

/* a < b, and with three values a < b < c. */
static bool in_order(struct jl *jl, const struct jl_value *args, size_t count, bool or_equal)
{
	struct jl_value a = arg(args, count, 0), b = arg(args, count, 1), c = arg(args, count, 2);
	int first = jl_compare(jl, &a, &b), second = c.kind == JL_UNDEFINED ? first : jl_compare(jl, &b, &c);

	return (first == -1 || (or_equal && first == 0)) && (second == -1 || (or_equal && second == 0));
}

struct jl_value jl_op_less(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	(void)data;
	return jl_bool(in_order(jl, args, count, false));
}

struct jl_value jl_op_at_most(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	(void)data;
	return jl_bool(in_order(jl, args, count, true));
}

struct jl_value jl_op_greater(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	struct jl_value a = arg(args, count, 0), b = arg(args, count, 1);

	(void)data;
	return jl_bool(jl_compare(jl, &a, &b) == 1);
}

struct jl_value jl_op_at_least(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	struct jl_value a = arg(args, count, 0), b = arg(args, count, 1);
	int order = jl_compare(jl, &a, &b);

	(void)data;
	return jl_bool(order == 0 || order == 1);
}

struct jl_value jl_op_not(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	struct jl_value a = arg(args, count, 0);

	(void)jl;
	(void)data;
	return jl_bool(!jl_truthy(&a));
}

struct jl_value jl_op_truth(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	return jl_bool(!jl_op_not(jl, args, count, data).truth);
}
