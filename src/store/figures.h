/*
 * What this site's batches have cost lately: figures for estimates.
 */
#ifndef STORE_FIGURES_H
#define STORE_FIGURES_H

#include "store/jobs.h"

/* Finished chunks of one batch, of the latest few of a type: of that whose items
 * cost least, which is one without series or small chunks if there is any.  Those
 * of fewer than `least_items` don't count; all 0 where there is none. */
struct work_figures {
	int64_t chunks;
	int64_t items;
	int64_t work_ms;
};
MUST_USE bool figures_learn(struct ctx *ctx, enum job_type type, int64_t least_items, struct work_figures *figures_out);

#endif
