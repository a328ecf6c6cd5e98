/*
 * Staging: in what order items that depend on each other are worked.
 *
 * Kahn's algorithm over rows, in steps of at most STAGING_STEP rows, each one
 * transaction: it can stop after any of them and go on in another process.
 * First the ids are looked up (RESOLVE).  Then the links that lead to stage 0
 * are followed, to stage 1, and so on (ORDER); a node that misses nothing any
 * more is of the next stage.  What is left then depends on itself or on what
 * does: cycles are looked for by walking along the links (CYCLE), their nodes
 * become a stage that fails, and ORDER goes on behind them.  What is left after
 * that, or would be of a stage beyond STAGES_MAX, fails as a whole (REST).
 */
#include "batch/work.h"
#include "db/db.h"
#include "store/item_links.h"

#define STARTS_MAX 200      /* walks before what has been found is followed */
#define NAMED_MAX 8         /* items of a cycle that are named */
#define BEHIND INT32_MAX    /* no link of this node is left */

enum phase { PHASE_RESOLVE, PHASE_ORDER, PHASE_CYCLE, PHASE_REST_CYCLE, PHASE_REST_DEEP, PHASE_DONE };

/* What a step has read and is going to write. */
struct step {
	struct ctx *ctx;
	int64_t job_id;
	struct staging seen, next;
	struct ordinals page;        /* RESOLVE: nodes; CYCLE, REST: those that fail */
	struct ordinals twice;
	struct node_step *met;       /* ORDER */
	size_t met_count;
	const char *cycle;
};

static void enter(struct step *step, enum phase phase, int32_t stage)
{
	step->next = (struct staging){ .phase = phase, .stage = stage, .after_ordinal = -1, .after_link = -1 };
}

/* --- RESOLVE ------------------------------------------------------------------------ */

static bool read_resolve(struct step *step)
{
	if (!nodes_page(step->ctx, step->job_id, step->seen.after_ordinal, &step->page, &step->twice))
		return false;
	if (step->page.count < STAGING_STEP)
		enter(step, PHASE_ORDER, 0);
	else
		step->next.after_ordinal = step->page.list[step->page.count - 1];
	return true;
}

static bool write_resolve(struct step *step)
{
	const struct ordinals *page = &step->page;
	return (!page->count || links_resolve(step->ctx, step->job_id, page->list[0], page->list[page->count - 1])) &&
	       nodes_set_fault(step->ctx, step->job_id, &step->twice, FAULT_DUPLICATE_ID, -1, NULL);
}

/* --- ORDER --------------------------------------------------------------------------- */

static int by_ordinal(const void *left, const void *right)
{
	const struct link_pair *a = left, *b = right;
	return (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

/* How many of the links that were followed start at each node. */
static void count_met(struct step *step, struct link_pair *pairs, size_t count)
{
	step->met = arena_array(step->ctx->arena, count + 1, sizeof(*step->met));
	qsort(pairs, count, sizeof(*pairs), by_ordinal);
	for (size_t i = 0; i < count; i++) {
		if (!i || pairs[i - 1].ordinal != pairs[i].ordinal)
			step->met[step->met_count++].ordinal = pairs[i].ordinal;
		step->met[step->met_count - 1].met++;
	}
}

/* No link to this stage is left; what it has written itself is still to come. */
static bool leave_stage(struct step *step)
{
	int32_t stage = step->seen.stage;
	bool any = false;
	int64_t unstaged;
	if (!nodes_look(step->ctx, step->job_id, stage + 1, -1, &any, &unstaged))
		return false;
	if (any)
		enter(step, PHASE_ORDER, stage + 1);
	else if (unstaged < 0)
		enter(step, PHASE_DONE, stage);
	else
		enter(step, PHASE_CYCLE, stage + 1);
	return true;
}

static bool read_order(struct step *step)
{
	struct link_pair *pairs = NULL;
	size_t count = 0;
	int64_t to;
	bool more_nodes;
	if (step->seen.stage + 1 >= STAGES_MAX) {
		enter(step, PHASE_REST_DEEP, STAGES_MAX - 1);
		return true;
	}
	if (!links_page(step->ctx, step->job_id, &step->seen, &pairs, &count, &to, &more_nodes))
		return false;
	if (count) {
		step->next.after_ordinal = pairs[count - 1].needed;
		step->next.after_link = pairs[count - 1].ordinal;
		count_met(step, pairs, count);
	} else if (more_nodes) {
		step->next.after_ordinal = to;
		step->next.after_link = BEHIND;
	} else {
		return leave_stage(step);
	}
	return true;
}

static bool write_order(struct step *step)
{
	return nodes_step(step->ctx, step->job_id, step->met, step->met_count, step->seen.stage + 1);
}

/* --- CYCLE --------------------------------------------------------------------------- */

/* "a → b → c → a" */
static const char *name_cycle(struct step *step, const struct walk_step *list, size_t count)
{
	struct arena *arena = step->ctx->arena;
	struct str out = STR_INIT;
	for (size_t i = 0; i < count && i < NAMED_MAX; i++)
		str_addf(&out, "%s → ", issue_excerpt(arena, list[i].key, strlen(list[i].key)));
	if (count > NAMED_MAX)
		str_addf(&out, "… %zu more → ", count - NAMED_MAX);
	str_adds(&out, issue_excerpt(arena, list[0].key, strlen(list[0].key)));
	const char *name = arena_strdup(arena, str_text(&out));
	str_free(&out);
	return name;
}

/* The walk ends in its first repetition: from the one before to there. */
static void find_cycle(struct step *step, const struct walk_step *walk, size_t count)
{
	for (size_t last = 1; last < count; last++) {
		size_t first = last;
		while (first > 0 && walk[first - 1].ordinal != walk[last].ordinal)
			first--;
		if (!first--)
			continue;
		step->page.list = arena_array(step->ctx->arena, last - first, sizeof(*step->page.list));
		for (size_t i = first; i < last; i++)
			step->page.list[step->page.count++] = walk[i].ordinal;
		step->cycle = name_cycle(step, walk + first, last - first);
		return;
	}
}

static bool read_cycle(struct step *step)
{
	struct walk_step *walk;
	size_t count;
	bool any;
	int64_t start;
	if (!nodes_look(step->ctx, step->job_id, step->seen.stage, step->seen.after_ordinal, &any, &start))
		return false;
	if (step->seen.stage >= STAGES_MAX - 1 || ((start < 0 || step->seen.starts >= STARTS_MAX) && !step->seen.found)) {
		enter(step, PHASE_REST_CYCLE, step->seen.stage);
		return true;
	}
	if (start < 0 || step->seen.starts >= STARTS_MAX) {
		enter(step, PHASE_ORDER, step->seen.stage);
		return true;
	}
	if (!nodes_walk(step->ctx, step->job_id, start, &walk, &count))
		return false;
	find_cycle(step, walk, count);
	step->next.after_ordinal = start;
	step->next.starts++;
	step->next.found += step->page.count > 0;
	return true;
}

static bool write_cycle(struct step *step)
{
	return nodes_set_fault(step->ctx, step->job_id, &step->page, FAULT_CYCLE, step->seen.stage, step->cycle);
}

/* --- REST, DONE ------------------------------------------------------------------------ */

static bool read_rest(struct step *step)
{
	if (!nodes_unstaged(step->ctx, step->job_id, &step->page))
		return false;
	if (step->page.count < STAGING_STEP)
		enter(step, PHASE_DONE, step->seen.stage);
	return true;
}

static bool write_rest(struct step *step)
{
	return nodes_set_fault(step->ctx, step->job_id, &step->page,
			       step->seen.phase == PHASE_REST_DEEP ? FAULT_TOO_DEEP : FAULT_CYCLE, step->seen.stage, NULL);
}

static bool read_nothing(struct step *step)
{
	(void)step;
	return true;
}

static bool write_done(struct step *step)
{
	return staging_finish(step->ctx, step->job_id);
}

static const struct {
	bool (*read)(struct step *step);
	bool (*write)(struct step *step);
} phases[] = {
	[PHASE_RESOLVE] = { read_resolve, write_resolve },
	[PHASE_ORDER] = { read_order, write_order },
	[PHASE_CYCLE] = { read_cycle, write_cycle },
	[PHASE_REST_CYCLE] = { read_rest, write_rest },
	[PHASE_REST_DEEP] = { read_rest, write_rest },
	[PHASE_DONE] = { read_nothing, write_done },
};

bool work_stage(struct ctx *ctx, const struct job *job)
{
	struct step step = { .ctx = ctx, .job_id = job->id };
	bool mine = false;
	if (!staging_get(ctx, job->id, &step.seen))
		return false;
	step.next = step.seen;
	if (!phases[step.seen.phase].read(&step) || !db_begin(ctx->db, &ctx->fail))
		return false;
	if (staging_move(ctx, job->id, &step.seen, &step.next, &mine) && mine && phases[step.seen.phase].write(&step) &&
	    db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return !mine && ctx->fail.kind == FAIL_NONE; /* another process did this step */
}
