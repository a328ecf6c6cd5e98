/*
 * Events whose moment has come become batches of the program's own (type
 * `activate`, created_by 0), which are then worked like any other.
 */
#ifndef BATCH_ACTIVATE_H
#define BATCH_ACTIVATE_H

#include "base/ctx.h"

/* Makes a batch of what is due, if anything is and no such batch is open: one
 * look into an index where there is nothing.  For those who have time to spare:
 * afterwork, tick. */
MUST_USE bool activate_due(struct ctx *ctx);

#endif
