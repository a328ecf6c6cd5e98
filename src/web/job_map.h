/*
 * From the engine's structs to what the pages of batches show.
 */
#ifndef WEB_JOB_MAP_H
#define WEB_JOB_MAP_H

#include "batch/batch.h"
#include "views/job_view.h"
#include "web/http.h"

/* Texts are borrowed from `status` or live in ctx->arena. */
void job_map(struct ctx *ctx, const struct batch_status *status, struct job_view *view_out);

/* The files it came in, where there were several: one query more. */
MUST_USE bool job_map_files(struct ctx *ctx, const struct job *job, struct job_view *view);

/* The error groups of one job. */
struct error_view *job_map_errors(struct ctx *ctx, const struct error_group *errors, size_t count);

/* One row of results: what the item is called, and each reason with the value
 * that stands at its pointer. */
void item_map(struct ctx *ctx, const struct job_view *job, const struct item_result *item,
	      struct item_view *view_out);

#endif
