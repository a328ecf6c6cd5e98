/*
 * Rows of restrictions: when and for what somebody may not be scheduled.
 *
 * Every write holds and bumps the resource's calendar, like an event's would,
 * and keeps calendars.restricted_until: so the engine, which holds the same
 * lock, knows without asking whether there is anything to read here, and an
 * evaluation's result can tell that a restriction has come since.
 */
#ifndef STORE_RESTRICTIONS_H
#define STORE_RESTRICTIONS_H

#include "base/ctx.h"
#include "db/db.h"
#include "rules/compliance.h"
#include "rules/conflict.h"

#define RESTRICTION_REASON_MAX 500     /* characters */
#define RESTRICTION_NAMES_MAX 20       /* types, and as many tags */
#define RESTRICTION_TAG_MAX 50         /* characters */
#define RESTRICTION_ALTERNATIVES_MAX 10
#define RESTRICTIONS_PER_RESOURCE 500  /* that end in the future: a chunk's memory rests on it */

/* As people edit it. */
struct restriction_row {
	struct restriction rule;
	const char *reason;
	const char *alternatives;       /* ids, comma-separated, "" = none */
	const char *resource_name;      /* read only, as is … */
	const char *resource_kind;
	int64_t row_version;            /* the one that has been seen; writes are refused when there is another */
	bool once;                      /* for an insert: the same of the same person again is that one */
};

/* FAIL_NOT_FOUND (restriction_not_found). */
MUST_USE bool restriction_get(struct ctx *ctx, int64_t id, struct restriction_row *row_out);

struct restriction_filter {
	int64_t resource_id;       /* 0 = any */
	int64_t from_utc, to_utc;  /* those that meet [from, to); 0 = open */
	int64_t after_id;          /* keyset */
	int32_t limit;
};
/* By id. */
MUST_USE bool restrictions_page(struct ctx *ctx, const struct restriction_filter *filter, struct restriction_row **rows_out,
				size_t *count_out);

/* Each is one transaction, with an audit row.  Insert fills in rule.id.
 * FAIL_CONFLICT (too_many_restrictions) beyond RESTRICTIONS_PER_RESOURCE; update
 * and delete: FAIL_CONFLICT (stale_version, row_version.h). */
MUST_USE bool restriction_insert(struct ctx *ctx, struct restriction_row *row);
MUST_USE bool restriction_update(struct ctx *ctx, const struct restriction_row *row, int64_t old_resource_id);
MUST_USE bool restriction_delete(struct ctx *ctx, const struct restriction_row *row);

/* How much of the future calendar there is to worry about. */
struct restriction_touch {
	int64_t *overlapping;      /* ids of other restrictions of the resource that meet it, at most 20 */
	size_t overlapping_count;
	int64_t event_count;       /* stored events of the resource then, at most EVENTS_TOLD_MAX */
};
#define EVENTS_TOLD_MAX 1000
MUST_USE bool restriction_touches(struct ctx *ctx, const struct restriction *rule, struct restriction_touch *touch_out);

/* --- for the engine ------------------------------------------------------- */

/* When events may need a resource. */
struct restriction_range {
	int64_t resource_id;
	int64_t from_utc, to_utc;  /* [from, to) */
};
/* The restrictions that meet the ranges (sorted by resource, each once), sorted
 * as rules/compliance.h wants them; one statement.  `lock_reads`: in a
 * transaction that will write. */
MUST_USE bool restrictions_fetch(struct ctx *ctx, const struct restriction_range *ranges, size_t count, bool lock_reads,
				 struct restrictions *restrictions_out);

/* Does any name somebody else, who is then looked at, too? */
MUST_USE bool restrictions_name_others(struct ctx *ctx, bool *any_out);

/* Why, and who else: for those that are told about. */
struct restriction_told {
	int64_t id;
	const char *reason;
	int64_t *alternatives;
	size_t alternative_count;
};
/* `ids` sorted; the list is sorted by id; one statement. */
MUST_USE bool restrictions_tell(struct ctx *ctx, const int64_t *ids, size_t count, struct restriction_told **list_out,
				size_t *count_out);

/* Who else: resources by id; `ids` sorted, as is the list. */
struct alternative_ref {
	int64_t id;
	const char *name;
	bool is_active;
	struct calendar_rule rule;
	int64_t longest_s;         /* calendars.max_duration_s */
};
MUST_USE bool alternatives_fetch(struct ctx *ctx, const int64_t *ids, size_t count, struct alternative_ref **list_out,
				 size_t *count_out);

/* Reads "7,9" into ids; at most `max`.  The number read. */
size_t restriction_ids(const char *text, int64_t *ids, size_t max);

#endif
