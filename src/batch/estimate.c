/* What a batch will cost, from counted facts and what others have cost. */
#include "batch/validate.h"

#include <math.h>

#include "base/config.h"
#include "store/figures.h"

/* Microseconds of an item on a host as slow as shared ones get: its work in a
 * chunk, and judging it (batch_validate()).  How fast a host is shows in either;
 * the proportions between them held within 1.6 on one that was five times as fast,
 * at 1 to 20,000 items, alone and with both processors busy. */
static const struct slow_host {
	int32_t work_us, judge_us;
} slow_host[JOB_TYPE_COUNT] = {
	[JOB_CREATE] = { 300, 38 },
	[JOB_UPDATE] = { 400, 80 },
	[JOB_EVALUATE] = { 120, 45 },
	[JOB_ACTIVATE] = { 150, 38 },
};
#define JUDGE_GROUP_US 6000      /* a group as such: its statements */
#define FRESH_ITEMS_PER_CHUNK 400
#define ITEMS_TO_LEARN_FROM 100  /* fewer say little */
#define LEARNED_APART 5.0        /* from what was judged: further, and those were items of another kind, all of them series perhaps */
#define ROWS_OF_JOB 3            /* the job, its audit lines */

/* On that slow host. */
#define CHUNK_MS 15              /* a chunk as such: claim, look-ups, commit */
#define CHUNK_LEAST 0.15         /* of that: it does not get cheaper with the items */
#define STAGE_MS 15              /* a stage as such: its order found, the chunks laid out anew, committed */
#define PASSED_MS 0.03           /* an item of its chunks that is of another stage */
#define STAGE_LEAST 0.6          /* of these two */
#define SERIES_INTERVAL_MS 0.1   /* an interval of a series */
#define REQUEST_MS 60            /* a request as such */
#define INGEST_MS 0.13           /* an item received: read, stored, committed */
#define INVALID_MS 0.4          /* an item that can't be carried out, and its errors */

/* Every item is looked at beforehand; what is held back is shown afterwards. */
#define CHECKED_COST 1.6
#define HELD_BACK_COST 2.0

/* Bytes of a row with its share of all indexes and of half-full pages
 * (tests/db/test_validate.c holds them to what a table really grows by). */
#define ITEM_BYTES 80            /* beside the input */
#define ANSWER_BYTES 300         /* of an evaluated item: next to none without a conflict, some 600 with one */
#define ERROR_BYTES 350          /* beside the words */
#define EVENT_BYTES 700          /* beside its texts */
#define PLACE_BYTES 80
#define BUSY_BYTES 120
#define OCCURRENCE_BYTES 120
#define UNDO_BYTES 400           /* beside the event's texts */
#define CHUNK_BYTES 220
#define LINK_BYTES 140
#define JOB_BYTES 2000

/* How fast this site works batches of a type. */
struct pace {
	double item_ms;
	double items_per_chunk;  /* when nobody says how many */
	double slowness;         /* 1 = as slow_host */
};

static bool learn(struct ctx *ctx, enum job_type type, const struct batch_facts *facts, struct pace *pace)
{
	struct work_figures figures;
	double slow_ms = slow_host[type].work_us / 1000.0;
	double judge_us = JUDGE_GROUP_US * (double)facts->judged_groups + slow_host[type].judge_us * (double)facts->items;
	double judged = facts->judged_us > 0 ? (double)facts->judged_us / judge_us : 0;
	*pace = (struct pace){ .items_per_chunk = FRESH_ITEMS_PER_CHUNK, .slowness = judged > 0 ? judged : 1 };
	if (!figures_learn(ctx, type, ITEMS_TO_LEARN_FROM, &figures))
		return false;
	if (figures.items) {
		pace->items_per_chunk = (double)figures.items / (double)figures.chunks;
		pace->slowness = (double)figures.work_ms / (double)figures.items / slow_ms;
		if (judged > 0)
			pace->slowness = fmin(fmax(pace->slowness, judged / LEARNED_APART), judged * LEARNED_APART);
	}
	pace->item_ms = slow_ms * pace->slowness;
	return true;
}

static double pass_cost(struct ctx *ctx, const struct batch_options *options, const struct batch_facts *facts)
{
	if (options->dry_run)
		return 1;
	if (options->atomic && facts->total > ctx->config->transaction_items_max)
		return HELD_BACK_COST;
	return options->validate_before_execute ? CHECKED_COST : 1;
}

/* What items that depend on each other cost beside their work. */
static double stages_ms(const struct pace *pace, const struct batch_facts *facts, double chunk_items)
{
	double stage_ms = STAGE_MS + PASSED_MS * fmin((double)facts->total, chunk_items);
	return facts->stages > 1 ? (double)facts->stages * stage_ms * fmax(pace->slowness, STAGE_LEAST) : 0;
}

static double work_ms(struct ctx *ctx, const struct pace *pace, const struct batch_options *options,
		      const struct batch_facts *facts, double chunk_items)
{
	double chunks = (double)facts->total / chunk_items;
	double usual_chunks = (double)facts->total / pace->items_per_chunk;
	double ms = pace->item_ms * (double)(facts->total - facts->invalid) + pace->slowness * INVALID_MS * (double)facts->invalid +
		    pace->slowness * SERIES_INTERVAL_MS * (double)facts->series_intervals;
	if (chunks > usual_chunks)
		ms += fmax(pace->slowness, CHUNK_LEAST) * CHUNK_MS * (chunks - usual_chunks);
	return ms * pass_cost(ctx, options, facts) + stages_ms(pace, facts, chunk_items);
}

/* What comes beside the work.  (Slower than that host were the items that were
 * learned from, series perhaps; not the host.) */
static double around_ms(const struct pace *pace, const struct batch_facts *facts, int64_t requests)
{
	return fmin(pace->slowness, 1) * ((double)requests * REQUEST_MS + (double)facts->items * INGEST_MS);
}

bool batch_estimate(struct ctx *ctx, enum job_type type, const struct batch_options *options,
		    const struct batch_facts *facts, struct estimate *estimate)
{
	struct pace pace;
	struct batch_facts cost = *facts;
	if (!learn(ctx, type, facts, &pace))
		return false;
	/* A dry run leaves its results alone, as does an evaluation. */
	if (options->dry_run)
		cost.events = cost.changes = cost.places = cost.text_bytes = cost.occurrences = 0;
	if (options->dry_run || type == JOB_EVALUATE)
		cost.intervals = 0;
	int64_t budget_ms = options->time_budget_ms ? options->time_budget_ms : ctx->config->time_budget_ms;
	double chunk_items = options->chunk_size ? (double)options->chunk_size : pace.items_per_chunk;
	/* Each stage has chunks of its own. */
	int64_t chunks = ((int64_t)((double)facts->total / chunk_items) + 1) * (facts->stages > 1 ? facts->stages : 1);
	double ms = work_ms(ctx, &pace, options, facts, chunk_items);
	int64_t requests = (int64_t)(ms / (double)budget_ms) + 1;
	*estimate = (struct estimate){
		.rows = facts->total + facts->invalid + facts->links + cost.events + cost.places + cost.intervals + cost.occurrences + cost.changes +
			chunks + ROWS_OF_JOB,
		.bytes = facts->input_bytes + facts->total * ITEM_BYTES + facts->invalid * ERROR_BYTES + facts->error_bytes +
			 cost.events * EVENT_BYTES + cost.text_bytes + cost.places * PLACE_BYTES + cost.intervals * BUSY_BYTES +
			 cost.occurrences * OCCURRENCE_BYTES + cost.changes * UNDO_BYTES + chunks * CHUNK_BYTES +
			 facts->links * LINK_BYTES + (type == JOB_EVALUATE ? facts->total * ANSWER_BYTES : 0) + JOB_BYTES,
		.requests = requests,
		.seconds = (ms + around_ms(&pace, facts, requests)) / 1000.0,
	};
	return true;
}
