/*
 * What the parts of JsonLogic share (jsonlogic*.c only): a value as JavaScript
 * has it, its coercions, and the budget of one working-out.
 */
#ifndef RULES_JSONLOGIC_PARTS_H
#define RULES_JSONLOGIC_PARTS_H

#include "rules/jsonlogic.h"

enum jl_kind { JL_UNDEFINED, JL_NULL, JL_BOOL, JL_NUMBER, JL_TEXT, JL_LIST, JL_OBJECT };

struct jl_text {
	const char *bytes;
	size_t len;
};

/* Borrows from the rule, the data or the arena.  Two lists or objects are the
 * same one, as JavaScript means it, if they are at the same place. */
struct jl_value {
	enum jl_kind kind;
	uint32_t depth;                      /* levels of made lists and pairs below */
	union {
		bool truth;
		double number;
		struct jl_text text;
		struct {
			const json_t *json;              /* of the rule or the data, else */
			const struct jl_value *items;    /* made; never NULL then */
			size_t count;
		} list;
		struct {
			const json_t *json;              /* else */
			const struct jl_value *pair;     /* reduce's current and accumulator */
		} object;
	};
};

struct jl {
	struct arena *arena;
	enum code code;      /* once set, everything is undefined and ends soon */
	uint32_t steps;
	uint32_t depth;
	size_t made_bytes;
};

/* --- values (jsonlogic_value.c, jsonlogic_coerce.c) ----------------------- */

struct jl_value jl_from_json(const json_t *json); /* NULL is undefined */
struct jl_value jl_bool(bool truth);
struct jl_value jl_number(double number);
struct jl_value jl_null(void);
struct jl_value jl_undefined(void);

/* A made list of `count` values in items[]; stops the rule at its limits. */
struct jl_value jl_list(struct jl *jl, const struct jl_value *items, size_t count);
/* Room for a list's values; never NULL.  Too many stop the rule and give none. */
struct jl_value *jl_items(struct jl *jl, size_t count);
struct jl_value jl_at(const struct jl_value *list, size_t index); /* undefined past the end */
struct jl_value jl_made_text(struct jl *jl, const struct str *text); /* copied */

/* What a step of work costs; false when the budget is spent. */
bool jl_charge(struct jl *jl, size_t steps);
bool jl_charge_bytes(struct jl *jl, size_t bytes);

bool jl_truthy(const struct jl_value *value);
bool jl_same(const struct jl_value *a, const struct jl_value *b);              /* === */
bool jl_equal(struct jl *jl, const struct jl_value *a, const struct jl_value *b); /* == */
double jl_to_number(struct jl *jl, const struct jl_value *value);
double jl_parse_float(struct jl *jl, const struct jl_value *value); /* parseFloat(): the longest number at the start */
struct jl_text jl_to_text(struct jl *jl, const struct jl_value *value);
#define JL_NUMBER_BYTES 48
void jl_number_text(double number, char out[JL_NUMBER_BYTES]); /* as JavaScript writes it */
/* -1, 0, 1; 2 when they can't be compared (NaN). */
int jl_compare(struct jl *jl, const struct jl_value *a, const struct jl_value *b);

/* A member by its path's one step; undefined if there is none. */
struct jl_value jl_member(struct jl *jl, const struct jl_value *of, const char *name, size_t len);

/* The value as JSON. */
void jl_write(struct jl *jl, struct json_writer *w, const char *key, const struct jl_value *value);

/* --- operators (jsonlogic_table.c) --------------------------------------- */

struct jl_operator {
	const char *name;
	/* Works with values that are worked out already; NULL: the evaluator does it part by part. */
	struct jl_value (*values)(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data);
	struct jl_value (*parts)(struct jl *jl, const json_t *args, const struct jl_value *data);
	uint32_t least;          /* fewer values would throw */
	const char *infix;       /* how a person writes it between two values; NULL: name(…) */
};

/* Those that work with finished values (jsonlogic_ops.c, jsonlogic_make.c). */
#define JL_OP(name) \
	struct jl_value name(struct jl *jl, const struct jl_value *args, size_t count, const struct jl_value *data);
JL_OP(jl_op_var)
JL_OP(jl_op_missing)
JL_OP(jl_op_missing_some)
JL_OP(jl_op_equal)
JL_OP(jl_op_unequal)
JL_OP(jl_op_same)
JL_OP(jl_op_other)
JL_OP(jl_op_less)
JL_OP(jl_op_at_most)
JL_OP(jl_op_greater)
JL_OP(jl_op_at_least)
JL_OP(jl_op_not)
JL_OP(jl_op_truth)
JL_OP(jl_op_plus)
JL_OP(jl_op_times)
JL_OP(jl_op_minus)
JL_OP(jl_op_divide)
JL_OP(jl_op_remainder)
JL_OP(jl_op_max)
JL_OP(jl_op_min)
JL_OP(jl_op_merge)
JL_OP(jl_op_in)
JL_OP(jl_op_cat)
JL_OP(jl_op_substr)
JL_OP(jl_op_log)
#undef JL_OP

const struct jl_operator *jl_operator_find(const char *name, size_t len);
const char *jl_operator_name(size_t index); /* NULL past the last */
const char *jl_operator_nearest(const char *name); /* what may have been meant; NULL: nothing is near */

/* A path looked up in the data; `fallback` if it is not there. */
struct jl_value jl_var(struct jl *jl, const struct jl_value *path, const struct jl_value *fallback,
		       const struct jl_value *data);

/* --- the evaluator (jsonlogic.c) ----------------------------------------- */

struct jl_value jl_eval(struct jl *jl, const json_t *rule, const struct jl_value *data);

/* The one operator of a rule and its values; NULL if `json` is no rule (not an
 * object of exactly one member). */
const json_t *jl_rule(const json_t *json, const char **name_out);
/* A rule's values: a list, or a single one without its brackets. */
size_t jl_arg_count(const json_t *args);
const json_t *jl_arg(const json_t *args, size_t index);

/* The operators that work part by part (jsonlogic_lists.c). */
struct jl_value jl_if(struct jl *jl, const json_t *args, const struct jl_value *data);
struct jl_value jl_and(struct jl *jl, const json_t *args, const struct jl_value *data);
struct jl_value jl_or(struct jl *jl, const json_t *args, const struct jl_value *data);
struct jl_value jl_filter(struct jl *jl, const json_t *args, const struct jl_value *data);
struct jl_value jl_map(struct jl *jl, const json_t *args, const struct jl_value *data);
struct jl_value jl_reduce(struct jl *jl, const json_t *args, const struct jl_value *data);
struct jl_value jl_all(struct jl *jl, const json_t *args, const struct jl_value *data);
struct jl_value jl_none(struct jl *jl, const json_t *args, const struct jl_value *data);
struct jl_value jl_some(struct jl *jl, const json_t *args, const struct jl_value *data);

#endif
