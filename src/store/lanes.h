/*
 * Rows of batch_lanes: so many chunks of a batch may be worked at once.
 *
 * A batch has max_lanes rows, made when it is first looked at.  A chunk is
 * claimed together with a lane (chunk_claim), which is then held as long as
 * that lease, so there are never more living leases than lanes, whoever and
 * however many claim.  A holder keeps its lane for its next chunk and releases
 * it in the end; a lane of a dead holder is free when the lease has run out.
 */
#ifndef STORE_LANES_H
#define STORE_LANES_H

#include "store/jobs.h"

#define LANES_MAX 8

struct lane {
	int32_t number;          /* -1 = all of them are held */
	uint64_t token;          /* by which it is the caller's; 0 = not held yet */
};

/* One of the lanes that are free now, at random.  `driven_out` (may be NULL):
 * somebody else works the batch or did until a moment ago. */
MUST_USE bool lane_find(struct ctx *ctx, const struct job *job, struct lane *lane_out, bool *driven_out);

/* Frees the lane if it is still the caller's and no living lease hangs on it.
 * `leaves_trace`: for a moment the batch counts as driven by somebody. */
MUST_USE bool lane_release(struct ctx *ctx, const struct job *job, struct lane *lane, bool leaves_trace);

#endif
