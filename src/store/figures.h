/*
 * What this site's batches have cost lately: figures for estimates.
 */
#ifndef STORE_FIGURES_H
#define STORE_FIGURES_H

#include "store/jobs.h"

/* Finished chunks of the latest batches of a type; all 0 on a fresh site. */
struct work_figures {
	int64_t chunks;
	int64_t items;
	int64_t work_ms;
};
MUST_USE bool figures_learn(struct ctx *ctx, enum job_type type, struct work_figures *figures_out);

#endif
