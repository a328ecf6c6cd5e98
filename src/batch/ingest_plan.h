/*
 * What the items of an evaluation occupy, staged while they are received, so
 * that later its items see each other (store/places.h).  Between
 * the files of ingest.
 *
 * What happens once is an interval or a few at once; series are kept as they
 * were read and come to thousands only while they are written, piece by piece,
 * so that memory does not grow with them.
 */
#ifndef BATCH_INGEST_PLAN_H
#define BATCH_INGEST_PLAN_H

#include "base/ctx.h"
#include "base/json.h"
#include "rules/conflict.h"

struct planned_series;
struct received;

/* Zeroed, with `texts`, is empty. */
struct ingest_plan {
	struct arena *texts;             /* of the group */
	struct interval *list;
	size_t count, cap;
	struct planned_series *series;   /* latest first */
	bool names_events;               /* some of the group's items are stored events */
	int32_t piece;                   /* rows that it has come to */
};

/* Adds an item; what can't be read is not planned.  `scratch` is for this call. */
void plan_item(struct ingest_plan *plan, struct arena *scratch, int64_t ordinal, const json_t *object);
/* In the transaction that stores the group, which begins with `group_ordinal`;
 * what has to be done with it is noted in `received`. */
MUST_USE bool plan_write(struct ctx *ctx, int64_t job_id, int64_t group_ordinal, struct ingest_plan *plan, struct received *received);
/* Before the group's texts go away. */
void plan_empty(struct ingest_plan *plan);
void plan_free(struct ingest_plan *plan);

#endif
