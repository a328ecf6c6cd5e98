/*
 * The batches of the kill sweep: mixed creates, updates, evaluations, and
 * batches that are paused or cancelled on the way.
 */
#ifndef FAULTS_LINES_H
#define FAULTS_LINES_H

#include "batch/batch.h"

#define SLICES_MAX 4
#define LINES_MAX 8

enum steering { STEER_NOT, STEER_PAUSE, STEER_CANCEL };

struct line {
	const char *name;
	enum job_type type;
	const char *options;
	enum steering steering;
	bool is_keyed;                  /* one body with an Idempotency-Key, several groups long */
	const char *slices[SLICES_MAX]; /* JSON lists; kept until the process ends */
	size_t slice_count;
};

/* Batches of about `items` items; the seed chooses the mixture.  How many. */
size_t lines_make(struct line *lines, int items, uint64_t seed);

uint64_t line_random(uint64_t *state);

#endif
