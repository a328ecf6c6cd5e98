/* JsonLogic: operators that make a number, a text or a list of values worked out already. */
#include <math.h>
#include <string.h>

#include "rules/jsonlogic_parts.h"

static struct jl_value arg(const struct jl_value *args, size_t count, size_t index)
{
	return index < count ? args[index] : jl_undefined();
}

/* --- numbers ------------------------------------------------------------------ */

struct jl_value jl_op_plus(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	double sum = 0;

	(void)data;
	for (size_t i = 0; i < count; i++)
		sum += jl_parse_float(jl, &args[i]);
	return jl_number(sum);
}

struct jl_value jl_op_times(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	double product;

	(void)data;
	if (count < 2)
		return arg(args, count, 0);
	product = jl_parse_float(jl, &args[0]);
	for (size_t i = 1; i < count; i++)
		product *= jl_parse_float(jl, &args[i]);
	return jl_number(product);
}

struct jl_value jl_op_minus(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	struct jl_value a = arg(args, count, 0), b = arg(args, count, 1);
	double from = jl_to_number(jl, &a);

	(void)data;
	return jl_number(b.kind == JL_UNDEFINED ? -from : from - jl_to_number(jl, &b));
}

struct jl_value jl_op_divide(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	struct jl_value a = arg(args, count, 0), b = arg(args, count, 1);
	double over = jl_to_number(jl, &a), under = jl_to_number(jl, &b);

	(void)data;
	if (under != 0)
		return jl_number(over / under);
	if (over == 0 || isnan(over) || isnan(under))
		return jl_number(NAN);
	return jl_number(signbit(over) == signbit(under) ? INFINITY : -INFINITY);
}

struct jl_value jl_op_remainder(struct jl *jl, const struct jl_value *args, size_t count,
				    const struct jl_value *data)
{
	struct jl_value a = arg(args, count, 0), b = arg(args, count, 1);

	(void)data;
	return jl_number(fmod(jl_to_number(jl, &a), jl_to_number(jl, &b)));
}

static struct jl_value extreme(struct jl *jl, const struct jl_value *args, size_t count, double sign)
{
	double best = -INFINITY;

	for (size_t i = 0; i < count; i++) {
		double number = sign * jl_to_number(jl, &args[i]);

		if (isnan(number))
			return jl_number(NAN);
		if (number > best)
			best = number;
	}
	return jl_number(sign * best);
}

struct jl_value jl_op_max(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	(void)data;
	return extreme(jl, args, count, 1);
}

struct jl_value jl_op_min(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	(void)data;
	return extreme(jl, args, count, -1);
}

/* --- lists and texts ------------------------------------------------------------ */

struct jl_value jl_op_merge(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	size_t total = 0, used = 0;
	struct jl_value *items;

	(void)data;
	for (size_t i = 0; i < count; i++)
		total += args[i].kind == JL_LIST ? args[i].list.count : 1;
	if (!jl_charge(jl, total))
		return jl_undefined();
	items = jl_items(jl, total);
	for (size_t i = 0; i < count && jl->code == CODE_NONE; i++) {
		if (args[i].kind != JL_LIST)
			items[used++] = args[i];
		for (size_t k = 0; args[i].kind == JL_LIST && k < args[i].list.count; k++)
			items[used++] = jl_at(&args[i], k);
	}
	return jl_list(jl, items, used);
}

struct jl_value jl_op_in(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	struct jl_value what = arg(args, count, 0), where = arg(args, count, 1);
	struct jl_text text;

	(void)data;
	if (where.kind == JL_TEXT && where.text.len > 0) {
		text = jl_to_text(jl, &what);
		if (!jl_charge_bytes(jl, where.text.len))
			return jl_undefined();
		return jl_bool(text.len == 0 || memmem(where.text.bytes, where.text.len, text.bytes, text.len));
	}
	for (size_t i = 0; where.kind == JL_LIST && i < where.list.count && jl_charge(jl, 1); i++) {
		struct jl_value element = jl_at(&where, i);

		if (jl_same(&what, &element))
			return jl_bool(true);
	}
	return jl_bool(false);
}

struct jl_value jl_op_cat(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	struct str out = STR_INIT;
	struct jl_value text;

	(void)data;
	for (size_t i = 0; i < count && jl->code == CODE_NONE; i++) {
		struct jl_text part;

		if (args[i].kind == JL_NULL || args[i].kind == JL_UNDEFINED)
			continue;
		part = jl_to_text(jl, &args[i]);
		if (out.len + part.len > JSONLOGIC_MADE_BYTES_MAX)
			jl->code = CODE_CONDITION_TOO_EXPENSIVE;
		else
			str_add(&out, part.bytes, part.len);
	}
	text = jl_made_text(jl, &out);
	str_free(&out);
	return text;
}

/* ToIntegerOrInfinity, held within what a text can have. */
static int64_t whole(double number)
{
	if (isnan(number))
		return 0;
	return number > 1e9 ? 1000000000 : number < -1e9 ? -1000000000 : (int64_t)number;
}

/* The text from character `from` on, `length` of them. */
static struct jl_value characters(struct jl_text text, size_t from, size_t length)
{
	const char *at = text.bytes, *end = at + text.len, *start = at;

	for (size_t i = 0; at < end && i < from + length; i++) {
		size_t step = utf8_step(at, (size_t)(end - at));

		at += step ? step : 1;
		if (i < from)
			start = at;
	}
	return (struct jl_value){ .kind = JL_TEXT, .text = { start, (size_t)(at - start) } };
}

struct jl_value jl_op_substr(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	struct jl_value source = arg(args, count, 0), start = arg(args, count, 1), length = arg(args, count, 2);
	struct jl_text text = jl_to_text(jl, &source);
	int64_t from = whole(jl_to_number(jl, &start)), wanted, chars;

	(void)data;
	if (!jl_charge_bytes(jl, 2 * text.len))
		return jl_undefined();
	chars = (int64_t)utf8_length(text.bytes, text.len);
	if (from < 0)
		from = from + chars > 0 ? from + chars : 0;
	if (from > chars)
		from = chars;
	wanted = length.kind == JL_UNDEFINED ? chars : whole(jl_to_number(jl, &length));
	if (wanted < 0) /* so many less than there are */
		wanted += chars - from;
	if (wanted > chars - from)
		wanted = chars - from;
	return characters(text, (size_t)from, wanted > 0 ? (size_t)wanted : 0);
}

struct jl_value jl_op_log(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data)
{
	(void)jl;
	(void)data;
	return arg(args, count, 0);
}
