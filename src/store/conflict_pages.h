/*
 * Items in conflict as people look at them: pages by key, those that are alike,
 * and the names of what they are about.
 */
#ifndef STORE_CONFLICT_PAGES_H
#define STORE_CONFLICT_PAGES_H

#include "store/decisions.h"

struct conflict_row {
	int64_t ordinal;
	const char *kind;          /* the first conflict's */
	int32_t epoch;             /* in which it was found */
	uint32_t ways;             /* ON_CONFLICT_BIT; 0 where nothing can be decided */
	int64_t likeness;
	const char *detail;        /* JSON */
	const char *input;         /* JSON: the item as it was sent */
	int64_t target_id;         /* the event that it changes, 0 = none */
	bool is_decided;           /* … and waits to be carried out: */
	enum on_conflict action;
	int64_t decided_at;        /* UTC seconds */
	const char *decided_by;
};
struct conflict_filter {
	const char *kind;          /* NULL = any */
	int64_t likeness;          /* 0 = any */
	int64_t after_ordinal;     /* -1 = from the first */
	int32_t limit;
};
/* In order of their ordinals.  Of an evaluation those with the verdict. */
MUST_USE bool conflict_rows(struct ctx *ctx, const struct job *job, const struct conflict_filter *filter,
			    struct conflict_row **rows_out, size_t *count_out);

/* Conflicts that are alike and wait for a decision. */
struct alike_row {
	int64_t likeness;
	int64_t count;
	int64_t first_ordinal;
	const char *kind;          /* of the first; NULL from conflict_alike_counts() */
	const char *detail;        /* the same */
};
/* The largest groups, at most `limit`, the largest first. */
MUST_USE bool conflict_alike(struct ctx *ctx, int64_t job_id, int32_t limit, struct alike_row **rows_out, size_t *count_out);
/* How many there are of these, sorted by likeness. */
MUST_USE bool conflict_alike_counts(struct ctx *ctx, int64_t job_id, const int64_t *likenesses, size_t count,
				    struct alike_row **rows_out, size_t *count_out);

/* The events that items of a job made; sorted by ordinal, those that have none left out. */
struct made_event {
	int64_t ordinal, event_id;
};
MUST_USE bool conflict_made_events(struct ctx *ctx, int64_t job_id, const int64_t *ordinals, size_t count,
				   struct made_event **list_out, size_t *count_out);

/* Names of resources, or titles of contents; sorted by id. */
struct named_place {
	int64_t id;
	const char *name;
	const char *timezone;      /* NULL of a content */
};
MUST_USE bool conflict_places(struct ctx *ctx, enum calendar_kind kind, const int64_t *ids, size_t count,
			      struct named_place **list_out, size_t *count_out);

#endif
