/*
 * Calendars and their busy rows: where conflicts are found and double booking
 * is prevented (data-model.md, "Conflicts").
 */
#ifndef STORE_CALENDARS_H
#define STORE_CALENDARS_H

#include "base/ctx.h"
#include "rules/conflict.h"

struct calendar_key {
	enum calendar_kind kind;
	int64_t id;
	int64_t max_duration_s;   /* longest event it will hold after this chunk */
};

/* Locks and bumps the calendars, in key order (the list is sorted), making the
 * missing ones: one statement, which is also the write that makes two nodes of
 * a cluster collide.  First thing after the fence, before any probe. */
MUST_USE bool calendars_lock(struct ctx *ctx, const struct calendar_key *list, size_t count);

/* A calendar's days to look at. */
struct calendar_day {
	enum calendar_kind kind;
	int64_t id;
	int64_t day;              /* UTC seconds / 86400 */
};

struct probe {
	const struct calendar_day *days;       /* sorted, without duplicates */
	size_t day_count;
	const struct calendar_key *calendars;  /* whose longest event is checked; NULL = none */
	size_t calendar_count;
	int64_t plan_job_id;                   /* also busy_plan of this job; 0 = no */
	bool lock_reads;                       /* inside a transaction that will write */
};

/* The stored intervals on those days; equality on (calendar, day) pairs, a few
 * hundred a SELECT, all in one statement.  `longest_out` (may be NULL) gets the
 * longest event that any of `calendars` holds beyond what was assumed, 0 if
 * none: then earlier days must be looked at too. */
MUST_USE bool busy_fetch(struct ctx *ctx, const struct probe *probe, struct interval **rows_out, size_t *count_out,
			 int64_t *longest_out);

/* Deletes the busy rows of these events. */
MUST_USE bool busy_clear(struct ctx *ctx, const int64_t *event_ids, size_t count);
/* Inserts busy rows; the list is sorted by (kind, calendar, start, owner).
 * local_start of an event that does not recur is its start. */
MUST_USE bool busy_insert(struct ctx *ctx, const struct interval *list, size_t count);
/* The same into busy_plan, for a job's items (owner -1 - ordinal). */
MUST_USE bool busy_plan_insert(struct ctx *ctx, int64_t job_id, const struct interval *list, size_t count);
/* Removes a job's planned intervals, at most `limit` rows; false in more_out when none is left. */
MUST_USE bool busy_plan_clear(struct ctx *ctx, int64_t job_id, int64_t limit, bool *more_out);

#endif
