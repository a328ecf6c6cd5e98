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
	int64_t known_longest_s;  /* calendars.max_duration_s when it was looked up */
	int64_t longest_s;        /* the longest event it holds after this chunk */
};

/* Locks and bumps the calendars, in key order (the list is sorted): one UPDATE,
 * which is also the write that makes two nodes of a cluster collide; only
 * where a calendar is missing or gets a longer event than ever an upsert
 * follows.  First thing after the fence, before any probe. */
MUST_USE bool calendars_lock(struct ctx *ctx, const struct calendar_key *list, size_t count);
/* The same; `bumps_out`: how often each that was there was bumped (1, or 2 where
 * some were missing). */
MUST_USE bool calendars_lock_counted(struct ctx *ctx, const struct calendar_key *list, size_t count, int64_t *bumps_out);

/* A calendar's day to look at: events that start there within [from, to]. */
struct calendar_day {
	enum calendar_kind kind;
	int64_t id;
	int64_t day;              /* UTC seconds / 86400 */
	int64_t from_utc, to_utc;
};

/* A dry run notes a few more things in busy_plan, as rows of kinds that are no
 * calendars: the client_ids it would have used (calendar_id = client_key(), end
 * = payload hash) and the stored events it would have moved (calendar_id =
 * event id), or of which it would have taken the occurrence that starts then, so
 * that its later chunks see what a real run's would.  An evaluation notes the
 * client_ids that several of its items have. */
enum { PLAN_CLIENT_ID = 3, PLAN_MOVED = 4, PLAN_TAKEN = 5 };
int64_t client_key(const char *client_id);

struct probe {
	const struct calendar_day *days;       /* sorted by kind, id, day, from; none meets another */
	size_t day_count;
	const struct calendar_key *calendars;  /* whose longest event is checked; NULL = none */
	size_t calendar_count;
	int64_t plan_job_id;                   /* also busy_plan of this job; 0 = no … */
	const struct calendar_day *plan_days;  /* … on these days; NULL = on the same */
	size_t plan_day_count;
	bool plan_moves;                       /* … without the stored places of what that plan moves away */
	int64_t held_job_id;                   /* without the stored places of events that this batch's shadows move; 0 = no */
	bool lock_reads;                       /* inside a transaction that will write */
	int64_t *restricted_until_out;         /* gets the latest of `calendars`, where greater; NULL = not asked */
};

/* The stored intervals on those days.  The days are a list of values that is
 * joined to busy by equality on (kind, calendar, day), so a hot calendar's
 * other days are never read; the times are compared by the server, so what is
 * far away on the same day is not sent (measured, 2,600 days against 240,000
 * rows: 25 ms; as an IN list with all of the day's rows 84 ms; OR lists of time
 * ranges 67 ms).  It is a quarter of what an evaluation costs: the server
 * reads the list, goes down the key for each (calendar, day), and reads that
 * day's rows (2,500 looks at 200,000 rows, on a busy machine: 2, 6 and 2 to 4 ms
 * where a venue's day has 4 rows).  Not worth it: slots of half or a quarter of a
 * day (14.3 ms in all become 11.8 and 10.8), as a calendar that ever held an event
 * of days is looked at in each slot that one may have begun in.  `longest_out`
 * (may be NULL) gets the longest event that any of `calendars` holds beyond what
 * was assumed, 0 if none: then earlier days must be looked at too. */
MUST_USE bool busy_fetch(struct ctx *ctx, const struct probe *probe, struct interval **rows_out, size_t *count_out,
			 int64_t *longest_out);

/* Deletes busy rows by their whole key: what event_intervals() says of an event
 * as it is stored, with its id as the owner.  There is no index by event, which
 * would cost more than the conflict probe (5 of 85 us an event, measured). */
MUST_USE bool busy_clear(struct ctx *ctx, const struct interval *list, size_t count);
/* The same for places of shadows (visible.h), whose local_start is -1 - that of the occurrence. */
MUST_USE bool busy_clear_shadows(struct ctx *ctx, const struct interval *list, size_t count);
MUST_USE bool busy_insert_shadows(struct ctx *ctx, const struct interval *list, size_t count);
/* The order of busy's key: kind, calendar, start, owner, name; for qsort(). */
int busy_order(const void *left, const void *right);
/* Inserts busy rows; the list is in that order. */
MUST_USE bool busy_insert(struct ctx *ctx, const struct interval *list, size_t count);
/* Makes the rows of events that changed from what they were into what they are;
 * both lists are in that order, and moved within.  A row that keeps its key is
 * written over, one that stays as it is is left alone. */
MUST_USE bool busy_replace(struct ctx *ctx, struct interval *were, size_t were_count, struct interval *are, size_t are_count);
/* The same into busy_plan, for a job's items (owner -1 - ordinal). */
MUST_USE bool busy_plan_insert(struct ctx *ctx, int64_t job_id, const struct interval *list, size_t count);
/* Removes a job's planned intervals, at most `limit` rows; false in more_out when none is left. */
MUST_USE bool busy_plan_clear(struct ctx *ctx, int64_t job_id, int64_t limit, bool *more_out);

#endif
