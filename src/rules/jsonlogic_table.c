/* JsonLogic: the table of operators. */
#include <string.h>
#include <strings.h>

#include "rules/jsonlogic_parts.h"
#include "rules/read.h"

static const struct jl_operator operators[] = {
	{ "var", jl_op_var, NULL, 0, NULL },
	{ "missing", jl_op_missing, NULL, 0, NULL },
	{ "missing_some", jl_op_missing_some, NULL, 2, NULL },
	{ "if", NULL, jl_if, 0, NULL },
	{ "?:", NULL, jl_if, 0, NULL },
	{ "==", jl_op_equal, NULL, 0, "=" },
	{ "===", jl_op_same, NULL, 0, "=" },
	{ "!=", jl_op_unequal, NULL, 0, "≠" },
	{ "!==", jl_op_other, NULL, 0, "≠" },
	{ "!", jl_op_not, NULL, 0, NULL },
	{ "!!", jl_op_truth, NULL, 0, NULL },
	{ "or", NULL, jl_or, 0, "or" },
	{ "and", NULL, jl_and, 0, "and" },
	{ ">", jl_op_greater, NULL, 0, ">" },
	{ ">=", jl_op_at_least, NULL, 0, "≥" },
	{ "<", jl_op_less, NULL, 0, "<" },
	{ "<=", jl_op_at_most, NULL, 0, "≤" },
	{ "max", jl_op_max, NULL, 0, NULL },
	{ "min", jl_op_min, NULL, 0, NULL },
	{ "+", jl_op_plus, NULL, 0, "+" },
	{ "-", jl_op_minus, NULL, 0, "−" },
	{ "*", jl_op_times, NULL, 1, "×" },
	{ "/", jl_op_divide, NULL, 0, "÷" },
	{ "%", jl_op_remainder, NULL, 0, "mod" },
	{ "map", NULL, jl_map, 0, NULL },
	{ "reduce", NULL, jl_reduce, 0, NULL },
	{ "filter", NULL, jl_filter, 0, NULL },
	{ "all", NULL, jl_all, 0, NULL },
	{ "none", NULL, jl_none, 0, NULL },
	{ "some", NULL, jl_some, 0, NULL },
	{ "merge", jl_op_merge, NULL, 0, NULL },
	{ "in", jl_op_in, NULL, 0, "in" },
	{ "cat", jl_op_cat, NULL, 0, NULL },
	{ "substr", jl_op_substr, NULL, 0, NULL },
	{ "log", jl_op_log, NULL, 0, NULL },
};
#define OPERATOR_COUNT (sizeof(operators) / sizeof(operators[0]))

const struct jl_operator *jl_operator_find(const char *name, size_t len)
{
	for (size_t i = 0; i < OPERATOR_COUNT; i++) {
		if (strlen(operators[i].name) == len && memcmp(operators[i].name, name, len) == 0)
			return &operators[i];
	}
	return NULL;
}

const char *jl_operator_name(size_t index)
{
	return index < OPERATOR_COUNT ? operators[index].name : NULL;
}

/* Where other languages write it otherwise, or the case differs. */
const char *jl_operator_nearest(const char *name)
{
	static const char *const habits[][2] = {
		{ "&&", "and" }, { "||", "or" }, { "not", "!" }, { "eq", "==" }, { "=", "==" }, { "ne", "!=" },
		{ "<>", "!=" }, { "gt", ">" }, { "gte", ">=" }, { "lt", "<" }, { "lte", "<=" }, { "mod", "%" },
		{ "any", "some" }, { "every", "all" }, { "concat", "cat" }, { "substring", "substr" }, { "else", "if" },
		{ "contains", "in" }, { "sum", "+" }, { "=>", ">=" }, { "=<", "<=" },
	};

	for (size_t i = 0; i < OPERATOR_COUNT; i++) {
		if (strcasecmp(operators[i].name, name) == 0)
			return operators[i].name;
	}
	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
		if (strcasecmp(habits[i][0], name) == 0)
			return habits[i][1];
	}
	for (size_t i = 0; i < OPERATOR_COUNT; i++) {
		size_t len = strlen(operators[i].name);

		/* A letter too many, too few or another one. */
		if (len >= 3 && name_distance(name, operators[i].name) <= (len > 4 ? 2 : 1))
			return operators[i].name;
	}
	return NULL;
}
