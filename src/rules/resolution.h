/*
 * What may be done about a conflict: the ways, and which of them could resolve
 * a given list of conflicts.  Pure.
 *
 * Whether somebody may do it (resolve_conflicts for the other event's type) and
 * whether it works out (a free place to shift to) is known only when it is done.
 */
#ifndef RULES_RESOLUTION_H
#define RULES_RESOLUTION_H

#include "rules/conflict.h"

/* What becomes of an item that collides (htdocs/help/conflicts.html). */
enum on_conflict {
	ON_CONFLICT_FAIL,
	ON_CONFLICT_SKIP,
	ON_CONFLICT_KEEP_BOTH, /* only where no conflict is hard */
	ON_CONFLICT_REPLACE,   /* the other one becomes superseded */
	ON_CONFLICT_SHIFT,     /* to the next free start */
	ON_CONFLICT_ASK,       /* a person decides: one of SKIP … SHIFT */
	ON_CONFLICT_COUNT
};
const char *on_conflict_name(enum on_conflict on_conflict);
bool on_conflict_by_name(const char *name, enum on_conflict *on_conflict_out);
/* Is it something a person can decide for one item? */
bool on_conflict_is_decision(enum on_conflict on_conflict);

/* Of what: of the whole item, or of the occurrences that collide. */
enum conflict_scope {
	SCOPE_ITEM,
	SCOPE_OCCURRENCE,
	SCOPE_OF_BATCH,        /* of a decision: as the batch's options say; has no name */
};
/* NULL for SCOPE_OF_BATCH. */
const char *conflict_scope_name(enum conflict_scope scope);
bool conflict_scope_by_name(const char *name, enum conflict_scope *scope_out);

#define ON_CONFLICT_BIT(on_conflict) (1u << (on_conflict))
/* The decisions that could resolve all of these conflicts, as a set. */
uint32_t conflicts_resolvable_by(const struct conflicts *conflicts);

/* The same for conflicts that people would decide alike: the same kinds, equally
 * severe, about the same contents, resources and people, whoever has them.
 * Never 0. */
int64_t conflicts_likeness(const struct conflicts *conflicts);

#endif
