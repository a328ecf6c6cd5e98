/*
 * Looking at conflicts before deciding about them: what stands there, what was
 * proposed, where the two meet, and what can be done about it.
 */
#ifndef BATCH_CONFLICTS_H
#define BATCH_CONFLICTS_H

#include "batch/batch.h"
#include "store/conflict_pages.h"
#include "store/events.h"

#define CONFLICT_GROUPS_MAX 20
#define CONFLICTS_PAGE_MAX 100

/* One thing that an item collides with. */
struct clash {
	enum code code;
	bool is_hard;
	int64_t event_id;          /* 0 = none, or not made yet */
	int64_t ordinal;           /* of the item of this batch that it is; -1 = none */
	const struct named_event *other; /* NULL = gone, or not to be seen by this person */
	bool is_hidden;            /* it is there, and not to be seen */
	bool is_still_there;       /* as far as can be seen: it may have moved since */
	int64_t starts_at, ends_at;          /* of the other one */
	int64_t own_starts_at, own_ends_at;  /* of what was proposed */
	int64_t overlap_from, overlap_to;    /* equal where they only stand too close */
	enum calendar_kind calendar_kind;
	int64_t calendar_id;
	const char *calendar_name; /* "" = gone */
	int64_t existing_version, requested_version;
	const char *reason;        /* of a restriction; NULL = it is none */
	const char *instead;       /* who could do it, named in its result; NULL = nobody is */
};

struct conflict_item {
	const struct conflict_row *row;
	struct event event;        /* as it would be; only times, title, type and places are sure */
	const char *content_title;
	uint32_t ways;             /* that this person may choose */
	int64_t conflict_count;    /* exact; `clashes` are the first of them */
	struct clash *clashes;
	size_t clash_count;
	int64_t alike;             /* undecided ones like it, with itself */
	int64_t alike_ordinal;     /* the first of these */
	const char *refusal;       /* why the last decision could not be carried out, or NULL */
};

struct conflict_group {
	int64_t ordinal;           /* of the first */
	int64_t count;
	struct clash clash;        /* its first conflict, without the other event */
};

struct conflict_page {
	struct job job;
	struct job_counts counts;
	bool may_decide;           /* this person, now */
	struct conflict_item *items;
	size_t count;
	int64_t next_after;        /* -1 = no more */
	struct conflict_group *groups;
	size_t group_count;
};

struct conflict_query {
	const char *kind;          /* NULL = any */
	int64_t like_ordinal;      /* only those like this item; -1 = any */
	int64_t after_ordinal;     /* -1 = from the first */
	int32_t limit;             /* 1..CONFLICTS_PAGE_MAX */
};
/* A page of a job's conflicts with a constant number of statements.  The job
 * must be one that the actor may see. */
MUST_USE bool batch_conflicts(struct ctx *ctx, int64_t job_id, const struct conflict_query *query, struct conflict_page *page_out);

#endif
