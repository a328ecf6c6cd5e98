/*
 * What the API and the pages of the error log share.
 */
#ifndef WEB_ERROR_LOG_MAP_H
#define WEB_ERROR_LOG_MAP_H

#include "store/error_log.h"
#include "web/http.h"

/* "open", "reopened" or "resolved". */
const char *error_entry_state(const struct error_entry *entry);
/* The log spans everybody's batches, so who sees only his own does not see it. */
MUST_USE bool may_see_errors(struct ctx *ctx);
/* Notes what was done about an error, and who did it. */
MUST_USE bool resolve_error(struct ctx *ctx, int64_t error_id, const char *resolution);

#endif
