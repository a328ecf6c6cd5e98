/* Sorted id lists. */
#include "schedule/keys.h"

#include <stdlib.h>
#include <string.h>

#include "rules/sorted.h"

void keys_add(struct key_list *keys, int64_t id)
{
	/* Items name the same few over and over: neighbours are dropped at once. */
	if (keys->count && keys->ids[keys->count - 1] == id)
		return;
	keys->ids = arena_grow(keys->arena, keys->ids, keys->count, &keys->room, 1, sizeof(*keys->ids));
	keys->ids[keys->count++] = id;
}

void keys_add_all(struct key_list *keys, const int64_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		keys_add(keys, ids[i]);
}

void keys_sort(struct key_list *keys)
{
	keys->count = sort_unique(keys->ids, keys->count, sizeof(*keys->ids), by_number);
}

size_t sort_unique(void *list, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	char *at = list;
	size_t kept = 1;
	if (count < 2)
		return count;
	qsort(list, count, size, compare);
	for (size_t i = 1; i < count; i++) {
		if (compare(at + (kept - 1) * size, at + i * size) == 0)
			continue;
		if (kept != i)
			memcpy(at + kept * size, at + i * size, size);
		kept++;
	}
	return kept;
}
