/*
 * Rows of batch_turns: whose batch is worked next by those who look for work
 * (afterwork, tick), over all batches.
 *
 * A row for each user and priority that ever had work, with the time of his
 * turn: of the most urgent rows the one whose turn was longest ago is next, and
 * of its user's batches the oldest that is due.  So users share, however many
 * batches each has, and looking costs the same with ten open batches as with a
 * hundred thousand.  The rows are hints: one that is missing is made anew by
 * turns_heal(), one that leads nowhere is put off by turn_put_off().
 */
#ifndef STORE_TURNS_H
#define STORE_TURNS_H

#include "store/jobs.h"

#define TURNS_MAX 4 /* looked at in one go */

struct turn {
	int64_t urgency;         /* 10 - priority */
	int64_t user_id;
	const char *turn_at;     /* as it was seen */
	int64_t job_id;          /* 0 = none is due */
};

/* The next turns, best first, at most TURNS_MAX. */
MUST_USE bool turns_next(struct ctx *ctx, struct turn *list, size_t *count_out);
/* The user's next turn is after everybody else's; false in mine_out when
 * another process has taken this one. */
MUST_USE bool turn_take(struct ctx *ctx, const struct turn *turn, bool *mine_out);
/* A turn that leads to no batch: until one is due. */
MUST_USE bool turn_put_off(struct ctx *ctx, const struct turn *turn);
/* The same after work that was not found by turns: it counts as well. */
MUST_USE bool turn_spend(struct ctx *ctx, const struct job *job);
/* Turns for due batches that have none, some; `found_out` how many. */
MUST_USE bool turns_heal(struct ctx *ctx, int64_t *found_out);

/* There is work in this batch from now on: it started, goes on, begins anew. */
MUST_USE bool job_is_ready(struct ctx *ctx, int64_t job_id);
/* The same of several, none of which was put off. */
MUST_USE bool jobs_are_ready(struct ctx *ctx, const int64_t *job_ids, size_t count);
/* Nothing could be done: until a chunk is due, or for a moment. */
MUST_USE bool job_put_off(struct ctx *ctx, const struct job *job);
/* It could be worked: it is the oldest again, also if somebody who met others at
 * work has put it off meanwhile. */
MUST_USE bool job_not_put_off(struct ctx *ctx, int64_t job_id);

#endif
