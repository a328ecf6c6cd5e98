/*
 * Between the files of schedule/edit.h: one slice of one, step by step.  Not
 * for other folders.
 */
#ifndef SCHEDULE_EDIT_RUN_H
#define SCHEDULE_EDIT_RUN_H

#include "schedule/edit.h"
#include "schedule/slice.h"

/* Everything that needs no lock.  `stored`: the event an update names, or
 * NULL. */
MUST_USE bool edit_prepare(struct ctx *ctx, enum slice_kind kind, const char *input, const struct event *stored,
			   const struct edit_how *how, struct slice *slice);
bool edit_is_worth_another_try(struct ctx *ctx, int replay);
/* A request's Idempotency-Key is kept with what it made, or found made. */
MUST_USE bool edit_keep_key(struct ctx *ctx, const struct slice_item *item);
/* The result of what succeeded, or the call's failure. */
MUST_USE bool edit_finish(struct ctx *ctx, const struct slice *slice, struct edit_result *result);

/* All that a person could have given to make the event what it is.  What the
 * program does with events (completed, missed) is not given.  Owned by the
 * caller. */
json_t *edit_values_of(struct ctx *ctx, const struct event *event);

/* The part of edit_update() for scope following (edit_following.c): the series
 * ends before the occurrence, and a new event with `values` carries on.  With
 * status cancelled nothing does. */
MUST_USE bool edit_following(struct ctx *ctx, int64_t event_id, const json_t *values, int64_t expected_version,
			     const struct edit_how *how, struct edit_result *result);

#endif
