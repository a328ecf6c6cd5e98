/*
 * What requests share that bring a batch with its items: what one body says
 * beside them, and how the batch is made and given up.  Between the files of
 * the engine; not for other folders.
 */
#ifndef BATCH_BODY_H
#define BATCH_BODY_H

#include "batch/ingest.h"

struct body {
	bool type_known;
	bool options_known;
	struct batch_options options;
	const char *label;
	bool is_created;
};

/* Types the members that have come so far; the type goes into ingest->job. */
MUST_USE bool body_members_read(struct ingest *ingest, struct body *body);
/* A label as long as its column; NULL is one.  FAIL_INVALID too_long at /label. */
MUST_USE bool label_fits(struct ctx *ctx, const char *label);
/* By now the type must be known. */
MUST_USE bool body_has_type(struct ctx *ctx, const struct body *body);

/* The job and the request's Idempotency-Key, bound to each other; `is_whole`
 * when nothing more belongs to the request. */
MUST_USE bool job_make(struct ctx *ctx, enum job_type type, const struct batch_options *options, const char *label, bool is_whole,
		       struct job *job_out);
/* The request failed: what it stored is not left behind as an open job.  If
 * even this fails the job stays in receiving, where its owner can cancel it. */
void job_give_up(struct ctx *ctx, const struct job *job);

#endif
