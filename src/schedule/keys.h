/*
 * Growing lists of ids that end up sorted and without duplicates, for the IN
 * lists of a slice.
 */
#ifndef SCHEDULE_KEYS_H
#define SCHEDULE_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct key_list {
	struct arena *arena;
	int64_t *ids;
	size_t count, room;
};

void keys_add(struct key_list *keys, int64_t id);
void keys_add_all(struct key_list *keys, const int64_t *ids, size_t count);
void keys_sort(struct key_list *keys);

/* Sorts any list and drops neighbours that compare equal; the new count. */
size_t sort_unique(void *list, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif
