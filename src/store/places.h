/*
 * Rows of batch_places: what the items of an evaluation occupy, packed.
 *
 * A row of busy_plan for each interval would cost more than all else that is
 * done for an item (5 us to write, 6 to probe, 3 to delete), and nearly all of
 * them meet nobody.  So a group of received items leaves a few rows of text, one
 * for every PLACE_PARTS-th calendar; before the first chunk these are compared
 * (batch/compare.c), and only what may collide gets rows of busy_plan, and its
 * item the mark batch_job_items.crowded.  Both then go away.
 */
#ifndef STORE_PLACES_H
#define STORE_PLACES_H

#include "base/ctx.h"
#include "rules/conflict.h"
#include "rules/crowd.h"

/* Calendars by number, so that each is in one part: a million items with two or
 * three intervals make parts of 40,000. */
#define PLACE_PARTS 64
/* So many rows of text are at most 80,000 intervals. */
#define PLACE_ROWS_A_PAGE 256

/* What is still to be done (batch_jobs.places_left, places_whole). */
enum places_whole {
	PLACES_COMPARED,           /* only what may collide gets rows of busy_plan */
	PLACES_PART_WHOLE,         /* of the next part everything, there is too much of it */
	PLACES_WHOLE,              /* everything */
};

/* A group's intervals, at most some ten thousand at once; `piece` numbers the
 * group's rows and goes on with the next call. */
MUST_USE bool places_insert(struct ctx *ctx, int64_t job_id, int64_t group_ordinal, int32_t *piece, const struct interval *list,
			    size_t count);

/* Where a page ended. */
struct place_row {
	int64_t part, group_ordinal, piece;
};

/* Zeroed is empty; freed by place_list_free(). */
struct place_list {
	struct place *list;
	size_t count, room, most;
	bool is_too_much;          /* more than `most`: the list is as it was before the last call */
	struct place_row last;     /* of a page */
	size_t rows;
};
void place_list_free(struct place_list *places);
/* Adds the parts from `from` to below `to`. */
MUST_USE bool places_fetch(struct ctx *ctx, int64_t job_id, int32_t from, int32_t to, struct place_list *places);
/* Adds the first PLACE_ROWS_A_PAGE rows of a part, or of all (part -1). */
MUST_USE bool places_page(struct ctx *ctx, int64_t job_id, int32_t part, struct place_list *places);

/* In a transaction, first: false in mine_out when another process has done that step. */
MUST_USE bool places_move(struct ctx *ctx, int64_t job_id, int32_t left, enum places_whole whole, int32_t next_left,
			  enum places_whole next_whole, bool *mine_out);
/* Gives those that are crowded rows of busy_plan, and their items the mark. */
MUST_USE bool places_plan(struct ctx *ctx, int64_t job_id, const struct place_list *places);
/* Forgets the parts from `from` on. */
MUST_USE bool places_forget(struct ctx *ctx, int64_t job_id, int32_t from);
/* The same with a page that was read. */
MUST_USE bool places_forget_page(struct ctx *ctx, int64_t job_id, int32_t part, const struct place_list *places);

#endif
