/*
 * Searching and sorting plain arrays of 64-bit numbers.
 *
 * The tools of conflict*.c and of lists of dates; they know of neither.
 */
#ifndef RULES_SORTED_H
#define RULES_SORTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* The order of int64_t, for qsort() and bsearch(). */
int by_number(const void *left, const void *right);

/* How many of the ascending `values` are < limit, or <= limit. */
size_t sorted_below(const int64_t *values, size_t count, int64_t limit);
size_t sorted_up_to(const int64_t *values, size_t count, int64_t limit);

/* Is it among the ascending `values`? */
bool sorted_has(const int64_t *values, size_t count, int64_t value);

/* A key and the place of what it belongs to. */
struct keyed {
	int64_t key;
	uint32_t index;
};

/* Sorts by key, stable; `spare` has room for `count`.  What is sorted already
 * costs one pass. */
void keyed_sort(struct keyed *list, struct keyed *spare, size_t count);
size_t keyed_below(const struct keyed *list, size_t count, int64_t limit);

/* Answers "the next value above x" and "the largest of a range" about an array
 * in logarithmic time.  Borrows the values. */
struct peaks {
	const int64_t *values;
	size_t count;
	int64_t *tree;  /* of the blocks' maxima; NULL when the array is short */
	size_t leaves;
};
void peaks_build(struct peaks *peaks, struct arena *arena, const int64_t *values, size_t count);
/* The first place in [from, limit) with a value > above; else limit. */
size_t peaks_next(const struct peaks *peaks, size_t from, size_t limit, int64_t above);
/* The largest value in [from, limit); INT64_MIN when that is empty. */
int64_t peaks_most(const struct peaks *peaks, size_t from, size_t limit);

#endif
