/*
 * A layer: the intervals of one calendar while they grow.
 *
 * Private to rules/conflict*.c.  New intervals go to a short unsorted tail; a
 * full tail becomes a run, and runs of like size are merged, so a layer of n
 * intervals has at most log n runs and adding costs O(log² n) on average.
 */
#ifndef RULES_CONFLICT_LAYER_H
#define RULES_CONFLICT_LAYER_H

#include "rules/conflict_run.h"

struct layer {
	struct run *newest;      /* and through ->older the others, ever larger */
	struct interval *tail;
	uint32_t tail_count, tail_room;
};

void layer_add(struct layer *layer, struct arena *arena, const struct interval *interval);
/* Fills an empty layer with intervals sorted by start. */
void layer_fill(struct layer *layer, struct arena *arena, const struct interval *sorted, size_t count);

/* What a proposal is asked against. */
struct probe {
	bool is_content;
	int64_t low, high;       /* contents: starts between them, exclusive; resources: [low, high) */
	int32_t version_no;
	struct excluded excluded;
};

/* How many intervals of the layer collide. */
int64_t layer_count(const struct layer *layer, const struct probe *probe);

/* Calls `each` for those of a run, of the tail, of all, until it says false;
 * then so does the function. */
typedef bool each_interval(void *user, const struct interval *interval);
bool run_each(const struct run *run, const struct probe *probe, each_interval *each, void *user);
bool tail_each(const struct layer *layer, const struct probe *probe, each_interval *each, void *user);
bool layer_each(const struct layer *layer, const struct probe *probe, each_interval *each, void *user);

/* Does the layer hold this interval of this owner? */
bool layer_has(const struct layer *layer, const struct interval *interval);

/* Resources: are there `capacity` intervals or more at some moment of the
 * probe, those of `present` less those of `gone`?  (conflict_capacity.c) */
bool layers_reach(const struct layer *present, const struct layer *gone, const struct probe *probe,
		  struct arena *arena, int64_t capacity);

#endif
