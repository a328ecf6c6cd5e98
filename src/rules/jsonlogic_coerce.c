/* JsonLogic: JavaScript's coercions (ECMA-262, 7.1 and 7.2). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rules/jsonlogic_parts.h"

/* --- texts to numbers ------------------------------------------------------ */

/* White space and line ends, ECMA-262 12.2: ASCII's, NBSP, BOM, U+2028 and U+2029, the Zs of Unicode. */
static size_t space_at(const char *at, const char *end)
{
	static const char *const wide[] = { "\xc2\xa0", "\xef\xbb\xbf", "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
					    "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80" };
	size_t left = (size_t)(end - at);

	if (left && (*at == ' ' || (*at >= '\t' && *at <= '\r')))
		return 1;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		size_t len = strlen(wide[i]);

		if (left >= len && memcmp(at, wide[i], len) == 0)
			return len;
	}
	/* U+2000 to U+200A */
	return left >= 3 && memcmp(at, "\xe2\x80", 2) == 0 && (unsigned char)at[2] >= 0x80 &&
	       (unsigned char)at[2] <= 0x8a ? 3 : 0;
}

static const char *skip_spaces(const char *at, const char *end)
{
	for (size_t len; (len = space_at(at, end)) > 0;)
		at += len;
	return at;
}

static const char *skip_digits(const char *at, const char *end)
{
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

/* The longest StrDecimalLiteral at `at`; its end, or `at` if there is none. */
static const char *decimal_end(const char *at, const char *end)
{
	const char *from = at, *whole, *fraction, *power;

	if (at < end && (*at == '+' || *at == '-'))
		at++;
	if ((size_t)(end - at) >= 8 && memcmp(at, "Infinity", 8) == 0)
		return at + 8;
	whole = skip_digits(at, end);
	fraction = whole;
	if (whole < end && *whole == '.')
		fraction = skip_digits(whole + 1, end);
	if (whole == at && fraction <= whole + 1)
		return from;
	at = fraction;
	if (at < end && (*at == 'e' || *at == 'E')) {
		const char *digits = at + 1;

		if (digits < end && (*digits == '+' || *digits == '-'))
			digits++;
		power = skip_digits(digits, end);
		if (power > digits)
			at = power;
	}
	return at;
}

/* strtod() wants an end; texts within others have none. */
static double decimal(struct jl *jl, const char *at, const char *end)
{
	return jl_charge_bytes(jl, (size_t)(end - at)) ? strtod(arena_strndup(jl->arena, at, (size_t)(end - at)), NULL)
						       : NAN;
}

/* 0x1F, 0o17, 0b11 */
static double based(const char *at, const char *end)
{
	char letter = (char)(at[1] | 0x20);
	double number = 0;
	int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;

	if (base == 0 || end - at < 3)
		return NAN;
	for (at += 2; at < end; at++) {
		char c = (char)(*at | 0x20);
		int digit = *at >= '0' && *at <= '9' ? *at - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : base;

		if (digit >= base)
			return NAN;
		number = number * base + digit;
	}
	return number;
}

static double text_to_number(struct jl *jl, struct jl_text text)
{
	const char *end = text.bytes + text.len, *at = skip_spaces(text.bytes, end), *stop;

	if (at == end)
		return 0;
	if (*at == '0' && end - at > 2 && at[1] >= 'A')
		return based(at, end);
	stop = decimal_end(at, end);
	return stop > at && skip_spaces(stop, end) == end ? decimal(jl, at, stop) : NAN;
}

double jl_to_number(struct jl *jl, const struct jl_value *value)
{
	switch (value->kind) {
	case JL_NULL:
		return 0;
	case JL_BOOL:
		return value->truth ? 1 : 0;
	case JL_NUMBER:
		return value->number;
	case JL_TEXT:
	case JL_LIST:
		return text_to_number(jl, jl_to_text(jl, value));
	case JL_OBJECT:
	case JL_UNDEFINED:
		break;
	}
	return NAN;
}

double jl_parse_float(struct jl *jl, const struct jl_value *value)
{
	struct jl_text text;
	const char *at, *end, *stop;

	if (value->kind == JL_NUMBER)
		return value->number;
	text = jl_to_text(jl, value);
	end = text.bytes + text.len;
	at = skip_spaces(text.bytes, end);
	stop = decimal_end(at, end);
	return stop > at ? decimal(jl, at, stop) : NAN;
}

/* --- numbers to texts ------------------------------------------------------ */

/* ECMA-262 6.1.6.1.20: the fewest digits that read back as the same number. */
void jl_number_text(double number, char out[JL_NUMBER_BYTES])
{
	char digits[32], *exponent;
	int count = 0, power;

	if (number == 0 || !isfinite(number)) {
		snprintf(out, JL_NUMBER_BYTES, "%s",
			 number == 0 ? "0" : isnan(number) ? "NaN" : number < 0 ? "-Infinity" : "Infinity");
		return;
	}
	do
		snprintf(digits, sizeof(digits), "%.*e", count, fabs(number));
	while (strtod(digits, NULL) != fabs(number) && ++count < 17);
	exponent = strchr(digits, 'e');
	power = (int)strtol(exponent + 1, NULL, 10);
	*exponent = '\0';
	if (power >= 21 || power < -6) {
		snprintf(out, JL_NUMBER_BYTES, "%s%se%c%d", number < 0 ? "-" : "", digits, power < 0 ? '-' : '+', abs(power));
	} else if (count >= power) {
		snprintf(out, JL_NUMBER_BYTES, "%.*f", count - power, number);
	} else { /* 1.23e20: the digits, then zeros */
		if (count > 0)
			memmove(digits + 1, digits + 2, (size_t)count + 1);
		snprintf(out, JL_NUMBER_BYTES, "%s%.24s%.*s", number < 0 ? "-" : "", digits, power - count,
			 "00000000000000000000");
	}
}

/* Lists are joined by commas, null and undefined in them are nothing.  The
 * depth of a list is bounded, so the recursion is. */
static void append(struct jl *jl, struct str *out, const struct jl_value *value)
{
	char digits[JL_NUMBER_BYTES];

	if (!jl_charge(jl, 1) || out->len > JSONLOGIC_MADE_BYTES_MAX) {
		jl->code = CODE_CONDITION_TOO_EXPENSIVE;
		return;
	}
	switch (value->kind) {
	case JL_BOOL:
		str_adds(out, value->truth ? "true" : "false");
		break;
	case JL_NUMBER:
		jl_number_text(value->number, digits);
		str_adds(out, digits);
		break;
	case JL_TEXT:
		if (jl_charge_bytes(jl, value->text.len))
			str_add(out, value->text.bytes, value->text.len);
		break;
	case JL_LIST:
		for (size_t i = 0; i < value->list.count && jl->code == CODE_NONE; i++) {
			struct jl_value element = jl_at(value, i);

			if (i)
				str_addc(out, ',');
			append(jl, out, &element);
		}
		break;
	case JL_OBJECT:
		str_adds(out, "[object Object]");
		break;
	case JL_UNDEFINED:
	case JL_NULL:
		break;
	}
}

struct jl_text jl_to_text(struct jl *jl, const struct jl_value *value)
{
	struct str out = STR_INIT;
	struct jl_value text;

	if (value->kind == JL_TEXT)
		return value->text;
	if (value->kind == JL_NULL || value->kind == JL_UNDEFINED)
		return value->kind == JL_NULL ? (struct jl_text){ "null", 4 } : (struct jl_text){ "undefined", 9 };
	append(jl, &out, value);
	text = jl_made_text(jl, &out);
	str_free(&out);
	return text.text;
}

/* --- comparisons ----------------------------------------------------------- */

static bool same_text(struct jl_text a, struct jl_text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.bytes, b.bytes, a.len) == 0);
}

bool jl_same(const struct jl_value *a, const struct jl_value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case JL_BOOL:
		return a->truth == b->truth;
	case JL_NUMBER:
		return a->number == b->number;
	case JL_TEXT:
		return same_text(a->text, b->text);
	case JL_LIST:
		return a->list.json == b->list.json && a->list.items == b->list.items;
	case JL_OBJECT:
		return a->object.json == b->object.json && a->object.pair == b->object.pair;
	case JL_UNDEFINED:
	case JL_NULL:
		break;
	}
	return true;
}

static bool is_nothing(const struct jl_value *value)
{
	return value->kind == JL_NULL || value->kind == JL_UNDEFINED;
}

static bool is_thing(const struct jl_value *value)
{
	return value->kind == JL_LIST || value->kind == JL_OBJECT;
}

/* ToPrimitive: a list or an object becomes its text. */
static struct jl_value primitive(struct jl *jl, const struct jl_value *value)
{
	return is_thing(value) ? (struct jl_value){ .kind = JL_TEXT, .text = jl_to_text(jl, value) } : *value;
}

bool jl_equal(struct jl *jl, const struct jl_value *a, const struct jl_value *b)
{
	struct jl_value left, right;

	if (a->kind == b->kind)
		return jl_same(a, b);
	if (is_nothing(a) || is_nothing(b))
		return is_nothing(a) && is_nothing(b);
	if (is_thing(a) && is_thing(b))
		return false;
	left = primitive(jl, a);
	right = primitive(jl, b);
	if (left.kind == JL_TEXT && right.kind == JL_TEXT)
		return same_text(left.text, right.text);
	return jl_to_number(jl, &left) == jl_to_number(jl, &right);
}

int jl_compare(struct jl *jl, const struct jl_value *a, const struct jl_value *b)
{
	struct jl_value left = primitive(jl, a), right = primitive(jl, b);
	double x, y;

	if (left.kind == JL_TEXT && right.kind == JL_TEXT) {
		size_t len = left.text.len < right.text.len ? left.text.len : right.text.len;
		int order = len ? memcmp(left.text.bytes, right.text.bytes, len) : 0;

		if (order != 0)
			return order < 0 ? -1 : 1;
		return (left.text.len > right.text.len) - (left.text.len < right.text.len);
	}
	x = jl_to_number(jl, &left);
	y = jl_to_number(jl, &right);
	return isnan(x) || isnan(y) ? 2 : (x > y) - (x < y);
}
