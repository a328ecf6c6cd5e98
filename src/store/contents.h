/*
 * Rows of contents and content_versions: what is scheduled, as its owner edits
 * it.  The engine looks contents up set-based with statements of its own.
 */
#ifndef STORE_CONTENTS_H
#define STORE_CONTENTS_H

#include "base/ctx.h"
#include "db/db.h"
#include "rules/permission.h"

#define CONTENT_TITLE_MAX 255 /* characters */

struct content {
	int64_t id;
	const char *title;
	const char *schedule_type;
	int64_t owner_id;          /* 0 = everybody's */
	int64_t latest_version;    /* 0 = none yet */
	int64_t live_version;      /* 0 = none */
	int64_t created_at;
};

struct content_version {
	int64_t version_no;
	const char *body;          /* JSON text or NULL */
	int64_t created_by;
	int64_t created_at;
};

/* FAIL_NOT_FOUND (content_not_found). */
MUST_USE bool content_get(struct ctx *ctx, int64_t id, struct content *content_out);
/* What `viewer` may see, by id after `after_id`, at most `limit`. */
MUST_USE bool contents_page(struct ctx *ctx, const struct actor *viewer, int64_t after_id, int32_t limit,
			    struct content **contents_out, size_t *count_out);
/* A new content of ctx->actor, without a version. */
MUST_USE bool content_insert(struct ctx *ctx, const char *title, const char *schedule_type, int64_t *id_out);
/* The next version; its number is given out by the content's row, so two
 * writers never get the same.  In the caller's transaction. */
MUST_USE bool content_add_version(struct ctx *ctx, int64_t content_id, const char *body, int64_t *version_no_out);
/* Versions after a number, in order. */
MUST_USE bool content_versions_page(struct ctx *ctx, int64_t content_id, int64_t after_no, int32_t limit,
				    struct content_version **versions_out, size_t *count_out);

#endif
