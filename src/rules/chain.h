/*
 * How long the longest chain of items is that depend on each other, counted
 * while the items of a batch go by: for an estimate, so that an item which names
 * a later one counts as if it did not.  Pure.
 */
#ifndef RULES_CHAIN_H
#define RULES_CHAIN_H

#include "base/arena.h"
#include "rules/links.h"

#define CHAIN_KEYS_MAX 16384 /* remembered; those after them are taken for unknown */

struct chain {
	struct chain_node *nodes; /* by the hash of their key */
	size_t count;
	int32_t longest;          /* items one after the other; 0 = none seen yet */
};

/* `arena` has to outlive the chain: 512 KiB of it are taken at the first key. */
void chain_add(struct chain *chain, struct arena *arena, const struct item_links *links);

#endif
