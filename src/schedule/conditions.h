/*
 * Judging the conditions of a chunk's events: one statement for all of them,
 * none when no event has any.
 */
#ifndef SCHEDULE_CONDITIONS_H
#define SCHEDULE_CONDITIONS_H

#include "base/ctx.h"
#include "rules/condition.h"
#include "rules/permission.h"

struct condition_case {
	const struct event *event;       /* conditions NULL: they hold */
	const struct actor *actor;       /* which other events it may look at: those this person sees */
	int64_t owner_id;                /* whose client_ids it names */
	int64_t version_no;              /* that would happen; 0 = the latest */
	struct condition_result result;  /* out; `failed` in ctx->arena */
};

/* `now_out`: the database's clock; NULL = not wanted. */
MUST_USE bool conditions_judge(struct ctx *ctx, struct condition_case *cases, size_t count, int64_t *now_out);

#endif
