/* What a batch will cost, from counted facts and what others have cost. */
#include "batch/validate.h"

#include <math.h>

#include "base/config.h"
#include "store/figures.h"

/* Until this site has figures of its own: slower than what was measured, as a
 * shared host is. */
static const int32_t fresh_us_per_item[JOB_TYPE_COUNT] = {
	[JOB_CREATE] = 300,
	[JOB_UPDATE] = 400,
	[JOB_EVALUATE] = 250,
	[JOB_ACTIVATE] = 150,
};
#define FRESH_ITEMS_PER_CHUNK 400
#define ITEMS_TO_LEARN_FROM 500  /* fewer say little */
#define INGEST_US_PER_ITEM 60
#define ROWS_OF_JOB 3            /* the job, its audit lines */

/* On a host as slow as a fresh one is taken to be. */
#define CHUNK_MS 15              /* a chunk as such: claim, look-ups, commit */
#define CHUNK_LEAST 0.25         /* of that: it does not get cheaper with the items */
#define STAGE_MS 15              /* a stage as such: its order found, the chunks laid out anew, committed; on any host */
#define PASSED_MS 0.03           /* an item of its chunks that is of another stage; on any host */
#define SERIES_INTERVAL_MS 0.1   /* an interval of a series */
#define REQUEST_MS 30            /* a request as such */
#define INVALID_COST 0.4         /* of an item that can't be carried out, against one that can */

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
	double slowness;         /* against what a fresh site is taken to need */
};

static bool learn(struct ctx *ctx, enum job_type type, struct pace *pace)
{
	struct work_figures figures;
	double fresh_ms = fresh_us_per_item[type] / 1000.0;
	*pace = (struct pace){ fresh_ms, FRESH_ITEMS_PER_CHUNK, 1 };
	if (!figures_learn(ctx, type, &figures))
		return false;
	if (figures.items >= ITEMS_TO_LEARN_FROM) {
		pace->item_ms = (double)figures.work_ms / (double)figures.items;
		pace->items_per_chunk = (double)figures.items / (double)figures.chunks;
		pace->slowness = pace->item_ms / fresh_ms;
	}
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
	return facts->stages > 1 ? (double)facts->stages * stage_ms * fmax(pace->slowness, 1) : 0;
}

static double work_ms(struct ctx *ctx, const struct pace *pace, const struct batch_options *options,
		      const struct batch_facts *facts, double chunk_items)
{
	double chunks = (double)facts->total / chunk_items;
	double usual_chunks = (double)facts->total / pace->items_per_chunk;
	double good_items = (double)facts->total - (1 - INVALID_COST) * (double)facts->invalid;
	double ms = pace->item_ms * good_items + pace->slowness * SERIES_INTERVAL_MS * (double)facts->series_intervals;
	if (chunks > usual_chunks)
		ms += fmax(pace->slowness, CHUNK_LEAST) * CHUNK_MS * (chunks - usual_chunks);
	return ms * pass_cost(ctx, options, facts) + stages_ms(pace, facts, chunk_items);
}

bool batch_estimate(struct ctx *ctx, enum job_type type, const struct batch_options *options,
		    const struct batch_facts *facts, struct estimate *estimate)
{
	struct pace pace;
	struct batch_facts cost = *facts;
	if (!learn(ctx, type, &pace))
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
		.seconds = (ms + (double)requests * REQUEST_MS + (double)facts->items * INGEST_US_PER_ITEM / 1000.0) / 1000.0,
	};
	return true;
}
