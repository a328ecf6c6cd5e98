#include "rules/chain.h"

#include <string.h>

#include "base/ids.h"

#define SLOTS (2 * (size_t)CHAIN_KEYS_MAX)

struct chain_node {
	uint64_t hash;
	int32_t length; /* 0 = a free slot */
};

/* Open addressing: at most half of the slots are ever taken. */
static struct chain_node *slot_of(const struct chain *chain, const char *key)
{
	uint64_t hash = hash64(key, strlen(key));
	size_t at = hash % SLOTS;
	while (chain->nodes[at].length && chain->nodes[at].hash != hash)
		at = (at + 1) % SLOTS;
	chain->nodes[at].hash = hash;
	return &chain->nodes[at];
}

void chain_add(struct chain *chain, struct arena *arena, const struct item_links *links)
{
	int32_t length = 1;
	if (!chain->nodes)
		chain->nodes = memset(arena_array(arena, SLOTS, sizeof(*chain->nodes)), 0, SLOTS * sizeof(*chain->nodes));
	for (size_t i = 0; i < links->count; i++) {
		int32_t before = slot_of(chain, links->list[i].key)->length;
		if (before >= length)
			length = before + 1;
	}
	if (length > chain->longest)
		chain->longest = length;
	if (!links->key || chain->count == CHAIN_KEYS_MAX)
		return;
	struct chain_node *node = slot_of(chain, links->key);
	chain->count += !node->length;
	node->length = length;
}
