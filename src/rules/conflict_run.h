/*
 * A run: many intervals of one calendar, sorted once, asked often.
 *
 * Private to rules/conflict*.c.  A run never changes; what is needed only
 * sometimes (who owns what, how many at once) is built when first asked for.
 * Intervals of resources are not empty.
 */
#ifndef RULES_CONFLICT_RUN_H
#define RULES_CONFLICT_RUN_H

#include "rules/conflict.h"
#include "rules/sorted.h"

/* How many intervals there are at once, as steps over time. */
struct profile {
	int64_t *times; /* from times[i] on there are levels[i] */
	int64_t *levels;
	size_t count;
	struct peaks peaks;
};

struct run {
	struct run *older;     /* the calendar's next run */
	struct arena *arena;
	size_t count;
	int64_t *start;        /* ascending */
	int64_t *end;
	int64_t *owner;
	int32_t *version;
	int64_t *name;            /* local_start; NULL where all are named by their starts */
	int64_t owner_min, owner_max;
	int64_t longest_s;
	struct keyed *by_owner;   /* by owner, then start; NULL until asked for */
	/* resources */
	int64_t *ends_sorted;
	struct peaks latest;      /* over end[] */
	struct profile *profile;  /* NULL until asked for */
	/* contents */
	int32_t version_min, version_max;
	uint32_t *next_other;     /* the next place with another version */
	struct keyed *by_version; /* by version, then start; NULL until asked for */
};

/* Owners whose intervals do not count: the proposal's own, and the ignored one. */
struct excluded {
	int64_t owners[2];
	size_t count;
};
bool is_excluded(const struct excluded *excluded, int64_t owner);

/* `sorted`: `count` > 0 intervals of one calendar, by start. */
struct run *run_new(struct arena *arena, const struct interval *sorted, size_t count);

/* The interval at a place. */
struct interval run_interval(const struct run *run, size_t at);

/* Intervals that overlap [start, end), start < end. */
int64_t run_count_overlaps(struct run *run, int64_t start, int64_t end, const struct excluded *excluded);
/* The first of them at place `from` or later, in the order of their starts;
 * run->count when there is none. */
size_t run_next_overlap(const struct run *run, size_t from, int64_t start, int64_t end);

/* Intervals with low < start < high and another version. */
int64_t run_count_window(struct run *run, int64_t low, int64_t high, int32_t version,
			 const struct excluded *excluded);
size_t run_next_in_window(const struct run *run, size_t from, int64_t low, int64_t high, int32_t version);

/* The intervals of an owner that start after `after`: by_owner[from … until). */
struct owned {
	size_t from, until;
};
struct owned run_owned(struct run *run, int64_t owner, int64_t after);

/* The largest number of intervals at one moment of [start, end). */
int64_t run_most_at_once(struct run *run, int64_t start, int64_t end);

#endif
