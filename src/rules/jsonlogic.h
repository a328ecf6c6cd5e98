/*
 * JsonLogic (jsonlogic.com): a rule that is data, for an event's conditions.
 *
 * Every operator of the standard, with JavaScript's coercions as its own
 * implementation has them.  A rule comes from a stranger, so nothing here is
 * unbounded: depth, steps and what it makes of texts and lists have limits,
 * and a rule that exceeds one is stopped with a code.  Pure; data in, value
 * out.  Where the standard's implementation throws, we refuse when the rule is
 * read or go on with null.  Characters are code points, not UTF-16 units.
 */
#ifndef RULES_JSONLOGIC_H
#define RULES_JSONLOGIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/issue.h"
#include "base/json.h"

#define JSONLOGIC_BYTES_MAX (8 * 1024)       /* of a rule, as compact JSON */
#define JSONLOGIC_DEPTH_MAX JSON_DEPTH_MAX   /* brackets open at once in a rule */
#define JSONLOGIC_STEPS_MAX 10000            /* parts worked out, list elements looked at, 256 bytes of text */
#define JSONLOGIC_MADE_BYTES_MAX (256 * 1024) /* of texts and lists a rule makes on its way */
#define JSONLOGIC_MADE_DEPTH_MAX 64          /* levels of lists it makes */
#define JSONLOGIC_FAILED_MAX 20              /* failing parts listed */
#define JSONLOGIC_VALUES_MAX 8               /* values listed with each of them */

/* Is `rule` a rule that can be worked out?  Adds to `issues`, below `pointer`
 * ("/conditions"): unknown operators, too deep, too big, a number of values
 * that the standard's implementation throws at.  Nothing is worked out. */
bool jsonlogic_check(const json_t *rule, const char *pointer, struct issues *issues);

struct jsonlogic_value {
	enum code code;   /* CODE_NONE, or CODE_CONDITION_TOO_EXPENSIVE: then the rest is false and null */
	bool truth;       /* JsonLogic's: an empty list and an empty text are false */
	const char *json; /* the value; what JSON can't hold (NaN, infinity, undefined) is null */
	uint32_t steps;   /* how many it took */
};

/* Works `rule` out over `data`.  `json` is owned by the arena, as is all that
 * was made on the way (at most a few JSONLOGIC_MADE_BYTES_MAX): mark and rewind
 * around a series of them.  The rule need not have been checked. */
struct jsonlogic_value jsonlogic_apply(struct arena *arena, const json_t *rule, const json_t *data);

/* Why a rule is false: its failing parts (both sides of an `or`, every false
 * part of an `and`, not only the first) with the values they looked at, as a
 * JSON list [{"pointer", "text", "rule", "values": {path: value}}]; "[]" when it
 * is true.  Owned by the arena. */
const char *jsonlogic_explain(struct arena *arena, const json_t *rule, const char *pointer, const json_t *data);

/* The rule as a person would say it: `content.live_version < 3 and not
 * attributes.locked`.  Owned by the arena. */
const char *jsonlogic_text(struct arena *arena, const json_t *rule);

/* Calls `each` with every path a rule names literally (var, missing,
 * missing_some), in the order they stand; paths that are worked out can't be
 * known. */
void jsonlogic_paths(const json_t *rule, void (*each)(void *context, const char *path), void *context);

#endif
