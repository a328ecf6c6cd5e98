/* What a batch will cost, from counted facts and what others have cost. */
#include "batch/validate.h"

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

/* Bytes of a row with its share of all indexes and of half-full pages
 * (tests/db/test_validate.c holds them to what a table really grows by). */
#define ITEM_BYTES 80            /* beside the input */
#define ERROR_BYTES 350          /* beside the words */
#define EVENT_BYTES 700          /* beside its texts */
#define PLACE_BYTES 80
#define BUSY_BYTES 120
#define UNDO_BYTES 400           /* beside the event's texts */
#define CHUNK_BYTES 220
#define JOB_BYTES 2000

struct per_item {
	double work_ms;
	double per_chunk;
};

static bool learn(struct ctx *ctx, enum job_type type, const struct batch_options *options, struct per_item *per_item)
{
	struct work_figures figures;
	*per_item = (struct per_item){ fresh_us_per_item[type] / 1000.0, FRESH_ITEMS_PER_CHUNK };
	if (!figures_learn(ctx, type, &figures))
		return false;
	if (figures.items >= ITEMS_TO_LEARN_FROM) {
		per_item->work_ms = (double)figures.work_ms / (double)figures.items;
		per_item->per_chunk = (double)figures.items / (double)figures.chunks;
	}
	if (options->chunk_size)
		per_item->per_chunk = options->chunk_size;
	return true;
}

bool batch_estimate(struct ctx *ctx, enum job_type type, const struct batch_options *options,
		    const struct batch_facts *facts, struct estimate *estimate)
{
	struct per_item per_item;
	struct batch_facts cost = *facts;
	if (!learn(ctx, type, options, &per_item))
		return false;
	/* A dry run leaves its results alone, as does an evaluation. */
	if (options->dry_run)
		cost.events = cost.changes = cost.places = cost.text_bytes = 0;
	if (options->dry_run || type == JOB_EVALUATE)
		cost.intervals = 0;
	int64_t budget_ms = options->time_budget_ms ? options->time_budget_ms : ctx->config->time_budget_ms;
	int64_t chunks = (int64_t)((double)facts->total / per_item.per_chunk) + 1;
	double work_ms = per_item.work_ms * (double)facts->total;
	*estimate = (struct estimate){
		.rows = facts->total + facts->invalid + cost.events + cost.places + cost.intervals + cost.changes + chunks +
			ROWS_OF_JOB,
		.bytes = facts->input_bytes + facts->total * ITEM_BYTES + facts->invalid * ERROR_BYTES + facts->error_bytes +
			 cost.events * EVENT_BYTES + cost.text_bytes + cost.places * PLACE_BYTES + cost.intervals * BUSY_BYTES +
			 cost.changes * UNDO_BYTES + chunks * CHUNK_BYTES + JOB_BYTES,
		.requests = (int64_t)(work_ms / (double)budget_ms) + 1,
		.seconds = (work_ms + (double)facts->items * INGEST_US_PER_ITEM / 1000.0) / 1000.0,
	};
	return true;
}
