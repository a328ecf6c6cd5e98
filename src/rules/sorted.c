#include "rules/sorted.h"

#include <string.h>

int by_number(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
	return (a > b) - (a < b);
}

#define BLOCK 16 /* values under one leaf of the tree: two cache lines */
#define SHORT 64 /* arrays up to this are simply scanned */
#define INSERTION 16

size_t sorted_below(const int64_t *values, size_t count, int64_t limit)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (values[middle] < limit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t sorted_up_to(const int64_t *values, size_t count, int64_t limit)
{
	return limit == INT64_MAX ? count : sorted_below(values, count, limit + 1);
}

bool sorted_has(const int64_t *values, size_t count, int64_t value)
{
	size_t at = sorted_below(values, count, value);

	return at < count && values[at] == value;
}

size_t keyed_below(const struct keyed *list, size_t count, int64_t limit)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list[middle].key < limit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void insertion_sort(struct keyed *list, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct keyed moving = list[i];
		size_t place = i;

		for (; place > 0 && list[place - 1].key > moving.key; place--)
			list[place] = list[place - 1];
		list[place] = moving;
	}
}

/* Merges list[0, middle) and list[middle, count), each sorted. */
static void merge(struct keyed *list, struct keyed *spare, size_t middle, size_t count)
{
	size_t left = 0, right = middle, to = 0;

	if (list[middle - 1].key <= list[middle].key)
		return;
	memcpy(spare, list, middle * sizeof(*list));
	while (left < middle && right < count)
		list[to++] = list[right].key < spare[left].key ? list[right++] : spare[left++];
	memcpy(&list[to], &spare[left], (middle - left) * sizeof(*list));
}

void keyed_sort(struct keyed *list, struct keyed *spare, size_t count)
{
	for (size_t from = 0; from < count; from += INSERTION)
		insertion_sort(list + from, count - from < INSERTION ? count - from : INSERTION);
	for (size_t width = INSERTION; width < count; width *= 2) {
		for (size_t from = 0; from + width < count; from += 2 * width) {
			size_t len = count - from < 2 * width ? count - from : 2 * width;

			merge(list + from, spare, width, len);
		}
	}
}

/* --- peaks ------------------------------------------------------------------- */

static int64_t most_of(const int64_t *values, size_t from, size_t limit)
{
	int64_t most = INT64_MIN;

	for (size_t i = from; i < limit; i++)
		most = values[i] > most ? values[i] : most;
	return most;
}

static size_t next_of(const int64_t *values, size_t from, size_t limit, int64_t above)
{
	while (from < limit && values[from] <= above)
		from++;
	return from;
}

/* A heap-shaped tree: node i has the children 2i and 2i + 1, leaf b (a block)
 * is node `leaves` + b, node 1 is the root. */
void peaks_build(struct peaks *peaks, struct arena *arena, const int64_t *values, size_t count)
{
	size_t blocks = (count + BLOCK - 1) / BLOCK;

	*peaks = (struct peaks){ .values = values, .count = count, .leaves = 1 };
	if (count <= SHORT)
		return;
	while (peaks->leaves < blocks)
		peaks->leaves *= 2;
	peaks->tree = arena_array(arena, 2 * peaks->leaves, sizeof(*peaks->tree));
	for (size_t b = 0; b < peaks->leaves; b++) {
		size_t from = b * BLOCK, limit = from + BLOCK < count ? from + BLOCK : count;

		peaks->tree[peaks->leaves + b] = most_of(values, from, limit);
	}
	for (size_t node = peaks->leaves - 1; node > 0; node--) {
		int64_t left = peaks->tree[2 * node], right = peaks->tree[2 * node + 1];

		peaks->tree[node] = left > right ? left : right;
	}
}

/* The first block >= b with a value > above; `leaves` if there is none. */
static size_t next_block(const struct peaks *peaks, size_t b, int64_t above)
{
	size_t node = peaks->leaves + b;

	if (b >= peaks->leaves)
		return peaks->leaves;
	while (peaks->tree[node] <= above) {
		while (node & 1) { /* a right child: its parent is done with too */
			node /= 2;
			if (node <= 1)
				return peaks->leaves;
		}
		node++;
	}
	while (node < peaks->leaves)
		node = 2 * node + (peaks->tree[2 * node] <= above);
	return node - peaks->leaves;
}

size_t peaks_next(const struct peaks *peaks, size_t from, size_t limit, int64_t above)
{
	size_t block_end, b;

	if (!peaks->tree)
		return next_of(peaks->values, from, limit, above);
	block_end = (from / BLOCK + 1) * BLOCK;
	if (block_end >= limit)
		return next_of(peaks->values, from, limit, above);
	from = next_of(peaks->values, from, block_end, above);
	if (from < block_end)
		return from;
	b = next_block(peaks, block_end / BLOCK, above);
	if (b == peaks->leaves || b * BLOCK >= limit)
		return limit;
	return next_of(peaks->values, b * BLOCK, limit, above);
}

int64_t peaks_most(const struct peaks *peaks, size_t from, size_t limit)
{
	size_t low = (from + BLOCK - 1) / BLOCK, high = limit / BLOCK;
	int64_t most, other;

	if (from >= limit)
		return INT64_MIN;
	if (!peaks->tree || low >= high)
		return most_of(peaks->values, from, limit);
	most = most_of(peaks->values, from, low * BLOCK);
	other = most_of(peaks->values, high * BLOCK, limit);
	most = most > other ? most : other;
	for (low += peaks->leaves, high += peaks->leaves; low < high; low /= 2, high /= 2) {
		if (low & 1) {
			most = peaks->tree[low] > most ? peaks->tree[low] : most;
			low++;
		}
		if (high & 1) {
			high--;
			most = peaks->tree[high] > most ? peaks->tree[high] : most;
		}
	}
	return most;
}
