/*
 * What the database says about itself: its version, the sizes of this site's
 * tables, when maintenance ran.
 */
#ifndef STORE_SYSTEM_H
#define STORE_SYSTEM_H

#include "base/ctx.h"

struct table_size {
	const char *name;          /* without the site's prefix */
	int64_t rows;              /* the database's estimate */
	int64_t data_bytes, index_bytes;
};

struct system_state {
	const char *database_version;
	struct table_size *tables; /* largest first, at most 100 */
	size_t table_count;
	int64_t bytes;             /* of all of them, with their indexes */
	int64_t measured_at;       /* UTC seconds; 0 = not yet */
	int64_t maintained_at;     /* UTC seconds; 0 = not yet */
	int64_t removed;           /* rows deleted by maintenance so far */
	int64_t forgotten_left;    /* forgotten batches whose rows still have to go */
};
/* Measuring opens every table, so its result is kept for five minutes, for all
 * processes, in the row `sizes` of maintenance. */
MUST_USE bool system_state(struct ctx *ctx, struct system_state *state_out);

/* The database's clock, UTC seconds. */
MUST_USE bool system_now(struct ctx *ctx, int64_t *now_utc_out);

#endif
