/*
 * Rows that people edit in forms carry a row_version: whoever changes or deletes
 * one names the version that he has seen, and is refused when there is another.
 */
#ifndef STORE_ROW_VERSION_H
#define STORE_ROW_VERSION_H

#include "base/ctx.h"

/* After an UPDATE or DELETE by id and row_version that met `affected` rows:
 * FAIL_CONFLICT (stale_version) if that was none. */
MUST_USE static inline bool row_is_met(struct ctx *ctx, int64_t affected)
{
	return affected > 0 || fail_set(&ctx->fail, FAIL_CONFLICT, CODE_STALE_VERSION, "Somebody has changed it meanwhile");
}

#endif
