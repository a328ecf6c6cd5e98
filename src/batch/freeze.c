/* Freezing: a query becomes the list of the events it matches, so that the
 * total is known and later changes do not move the goal. */
#include "base/json.h"
#include "batch/work.h"
#include "db/db.h"
#include "rules/filter.h"
#include "store/events.h"

#define FREEZE_STEP 1000 /* events to a transaction */

static bool read_query(struct ctx *ctx, const struct expansion *expansion, const struct actor *actor,
		       struct event_filter *filter)
{
	struct issues issues = { .arena = ctx->arena };
	struct selector selector;
	const json_t *item = json_read(ctx->arena, expansion->input, strlen(expansion->input), &ctx->fail);
	if (!item || !selector_read(json_object_get(item, "selector"), "", &selector, &issues))
		return false;
	*filter = selector.query;
	/* What the person may only do to his own he is only shown of his own. */
	if (permitted_own_only(actor, PERMIT_SCHEDULE_CONTENT))
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

static bool freeze_step(struct ctx *ctx, int64_t job_id, const struct expansion *expansion, const int64_t *ids, size_t count)
{
	struct job now; /* its total as it is while the row is held: where new items go */
	const struct job *job = &now;
	bool mine = false, is_last = count < FREEZE_STEP;
	int64_t added = (int64_t)count - (expansion->matched == 0 && count ? 1 : 0);
	if (!db_begin(ctx->db, &ctx->fail))
		return false;
	bool ok = job_lock(ctx, job_id, &now) && expansion_move(ctx, job->id, expansion, count ? ids[count - 1] : expansion->after_id + 1,
				 expansion->matched + (int64_t)count, &mine);
	if (ok && !mine) { /* another process froze this part */
		db_rollback(ctx->db);
		return true;
	}
	ok = ok && add_items(ctx, job, expansion, ids, count);
	if (ok && is_last && expansion->matched + (int64_t)count == 0)
		ok = item_set_empty(ctx, job->id, expansion->ordinal);
	if (ok && is_last)
		ok = expansion_finish(ctx, job->id, expansion->ordinal);
	if (ok && job_add_frozen(ctx, job->id, added, is_last) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

bool work_freeze(struct ctx *ctx, const struct job *job, const struct actor *actor)
{
	struct expansion expansion;
	struct event_filter filter = { 0 };
	bool found = false;
	int64_t *ids = NULL;
	size_t count = 0;
	if (!expansion_next(ctx, job->id, &expansion, &found) || !found)
		return !found && ctx->fail.kind == FAIL_NONE;
	if (read_query(ctx, &expansion, actor, &filter)) {
		if (!events_ids(ctx, &filter, expansion.after_id, FREEZE_STEP, &ids, &count))
			return false;
	}
	fail_clear(&ctx->fail);
	return freeze_step(ctx, job->id, &expansion, ids, count);
}
