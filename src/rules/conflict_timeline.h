/*
 * What a timeline is made of.  Private to rules/conflict*.c.
 */
#ifndef RULES_CONFLICT_TIMELINE_H
#define RULES_CONFLICT_TIMELINE_H

#include "rules/conflict_layer.h"

/* Starts of which none is free: [from, until). */
struct span {
	int64_t from, until;
};

/* What searches for a free start have found out about a calendar, for one kind
 * of proposal: as long as nothing is released, what is taken stays taken. */
struct skips {
	struct skips *next;
	int64_t length;       /* how long; contents: the window … */
	int32_t version_no;   /* … and the version */
	struct span *spans;   /* ascending, apart from each other */
	size_t count, room;
};

struct calendar {
	enum calendar_kind kind;
	int64_t id;
	struct layer present; /* stored and accepted */
	struct layer gone;    /* of those: released */
	struct skips *skips;
};

struct timeline {
	struct arena *arena;
	bool sorted;
	/* What is added, until it is sorted. Not of the arena, so that it can
	 * grow in place and go away early. */
	struct interval *added;
	size_t added_count, added_room;
	/* Open addressing; a power of two, at most half full. */
	struct calendar **slots;
	size_t slot_count, calendar_count;
};

/* NULL: nothing was ever there. */
struct calendar *timeline_calendar(const struct timeline *timeline, enum calendar_kind kind, int64_t id);

/* An empty interval occupies no resource, but its start counts for contents. */
bool interval_counts(const struct interval *interval);

#endif
