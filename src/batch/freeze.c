/* Freezing: a query becomes the list of the events it matches, so that the
 * total is known and later changes do not move the goal. */
#include "base/config.h"
#include "base/json.h"
#include "batch/work.h"
#include "db/db.h"
#include "rules/filter.h"
#include "store/events.h"

#define FREEZE_STEP 1000 /* events to a transaction */

static bool read_query(struct ctx *ctx, const struct job *job, const struct expansion *expansion, const struct actor *actor,
		       struct event_filter *filter)
{
	struct issues issues = { .arena = ctx->arena };
	struct selector selector;
	const json_t *item = json_read(ctx->arena, expansion->input, strlen(expansion->input), &ctx->fail);
	if (!item || !selector_read(json_object_get(item, "selector"), "", &selector, &issues))
		return false;
	*filter = selector.query;
	/* An evaluation is of what the person may see; what he may only change of
	 * his own he is only given of his own. */
	if (job->type == JOB_EVALUATE)
		filter->viewer = actor;
	else if (permitted_own_only(actor, PERMIT_SCHEDULE_CONTENT))
		filter->created_by = actor->user_id;
	return true;
}

/* Items for the matched events; the first takes the place of the query. */
static bool add_items(struct ctx *ctx, const struct job *job, const struct expansion *expansion, const int64_t *ids,
		      size_t count)
{
	bool is_first = expansion->matched == 0;
	size_t skip = is_first && count ? 1 : 0;
	struct item_input *list = arena_array(ctx->arena, count + 1, sizeof(*list));
	if (skip && !item_set_target(ctx, job->id, expansion->ordinal, ids[0]))
		return false;
	for (size_t i = skip; i < count; i++)
		list[i - skip] = (struct item_input){ .text = expansion->input, .len = strlen(expansion->input), .target_id = ids[i] };
	return items_insert(ctx, job->id, job->total, list, count - skip);
}

/* The matched ids, and where the walk stands after them. */
struct matched {
	int64_t *ids;
	size_t count;
	struct event_order order;
};

/* More than the batch may hold: the whole query fails, and the rest goes on. */
static bool refuse(struct ctx *ctx, const struct job *job, const struct expansion *expansion, bool *mine_out)
{
	const char *why = arena_printf(ctx->arena, "The query matches too many events: a batch may hold %lld items",
				       (long long)ctx->config->items_max);
	return expansion_move(ctx, job->id, expansion, 0, INT64_MAX, 0, mine_out) && *mine_out &&
	       item_settle(ctx, job->id, expansion->ordinal, OUTCOME_FAILED, CODE_TOO_MANY_ITEMS, why) &&
	       expansion_finish(ctx, job->id, expansion->ordinal) && job_add_frozen(ctx, job->id, 0, true);
}

/* Events that came to match after the count, beyond what fits, are left out. */
static void cut(struct ctx *ctx, const struct job *job, const struct expansion *expansion, struct matched *matched)
{
	int64_t room = ctx->config->items_max - job->total + (expansion->matched == 0);
	if ((int64_t)matched->count > room)
		matched->count = (size_t)(room > 0 ? room : 0);
}

static bool write_step(struct ctx *ctx, const struct job *job, const struct expansion *expansion,
		       const struct matched *matched, bool *mine_out)
{
	bool is_last = matched->count < FREEZE_STEP;
	int64_t count = (int64_t)matched->count, total = expansion->matched + count;
	int64_t added = count - (expansion->matched == 0 && count ? 1 : 0);
	/* Without a match the place does not move; the row goes away then. */
	if (!expansion_move(ctx, job->id, expansion, matched->order.after_utc, matched->order.after_id, total, mine_out) || !*mine_out)
		return *mine_out;
	return add_items(ctx, job, expansion, matched->ids, matched->count) &&
	       (!is_last || total ||
		item_settle(ctx, job->id, expansion->ordinal, OUTCOME_UNCHANGED, CODE_QUERY_EMPTY,
			    code_info(CODE_QUERY_EMPTY)->cause)) &&
	       (!is_last || expansion_finish(ctx, job->id, expansion->ordinal)) &&
	       job_add_frozen(ctx, job->id, added, is_last);
}

/* `in_all`: with what is still to come, 0 = within what was counted before. */
static bool freeze_step(struct ctx *ctx, int64_t job_id, const struct expansion *expansion, struct matched *matched,
			int64_t in_all)
{
	struct job now; /* its total as it is while the row is held: where new items go */
	bool mine = false;
	if (!db_begin(ctx->db, &ctx->fail))
		return false;
	if (job_lock(ctx, job_id, &now)) {
		bool fits = now.total - 1 + in_all <= ctx->config->items_max;
		cut(ctx, &now, expansion, matched);
		if ((fits ? write_step(ctx, &now, expansion, matched, &mine) : refuse(ctx, &now, expansion, &mine)) &&
		    db_commit(ctx->db, &ctx->fail))
			return true;
	}
	db_rollback(ctx->db);
	return !mine && ctx->fail.kind == FAIL_NONE; /* another process froze this part */
}

bool work_freeze(struct ctx *ctx, const struct job *job, const struct actor *actor)
{
	struct expansion expansion;
	struct event_filter filter = { 0 };
	struct matched matched = { 0 };
	bool found = false;
	int64_t in_all = 0;
	if (!expansion_next(ctx, job->id, &expansion, &found) || !found)
		return !found && ctx->fail.kind == FAIL_NONE;
	matched.order = (struct event_order){ expansion.direction, expansion.after_utc, expansion.after_id };
	if (read_query(ctx, job, &expansion, actor, &filter) &&
	    !events_ids(ctx, &filter, &matched.order, FREEZE_STEP, &matched.ids, &matched.count))
		return false;
	fail_clear(&ctx->fail);
	/* All that will come is counted before the first is taken. */
	bool is_first = expansion.matched == 0 && matched.count > 0;
	if (is_first && !events_count(ctx, &filter, ctx->config->items_max + 1, &in_all))
		return false;
	return freeze_step(ctx, job->id, &expansion, &matched, in_all);
}
