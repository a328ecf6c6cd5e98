/*
 * Workers between the store and those who show them: rows to views, and the
 * cursor of their lists.
 */
#ifndef WEB_WORKER_MAP_H
#define WEB_WORKER_MAP_H

#include "store/workers.h"
#include "views/page_workers.h"
#include "web/http.h"

/* Views of rows; times in relation to the frame's. */
struct worker_view *worker_map(struct ctx *ctx, const struct frame *frame, const struct worker_row *rows, size_t count);

/* Workers are nobody's own: false with FAIL_DENIED for those who may only see
 * figures of their own. */
MUST_USE bool may_see_workers(struct ctx *ctx);

/* ?after= of a list, as worker_cursor_text() wrote it; none = the beginning. */
MUST_USE bool worker_cursor_read(struct request *request, struct worker_cursor *after_out);
const char *worker_cursor_text(struct ctx *ctx, const struct worker_row *last);

#endif
