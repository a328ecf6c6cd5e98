/*
 * Which newer versions of contents are scheduled earlier: for the warning that
 * an older one comes after them.  Only asked about contents of which an older
 * version is scheduled, so most chunks don't ask.
 */
#ifndef STORE_NEWER_H
#define STORE_NEWER_H

#include "base/ctx.h"
#include "db/db.h"

/* Versions of a content, those above `above` up to `upto`, that would be too early
 * if they started before `before_utc`. */
struct newer_wish {
	int64_t content_id;
	int32_t above;
	int32_t upto;
	int64_t before_utc;
};

struct newer_version {
	int64_t content_id;
	int32_t version_no;
	int64_t start_utc;
	int64_t event_id;
};

/* One statement, by the key (content_id, version_no, starts_at); `wishes` sorted
 * by content and version, none of them twice; the list in no order.  Looks at
 * NEWER_LOOKED_AT entries of that key at most, of NEWER_VERSIONS versions (where
 * there are more, of the latest of each wish), and does not see beyond: it is for
 * a warning.  Only of what they say is too early the event itself is read
 * (measured, 900 contents: a third of what reading each of the thousand costs). */
#define NEWER_LOOKED_AT 1000
#define NEWER_VERSIONS 4000
MUST_USE bool newer_versions(struct ctx *ctx, const struct newer_wish *wishes, size_t count, struct newer_version **list_out,
			     size_t *count_out);

#endif
