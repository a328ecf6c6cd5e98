/*
 * What a one-body request says beside its items: type, options, label.  Between
 * the files of the engine; not for other folders.
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
/* By now the type must be known. */
MUST_USE bool body_has_type(struct ctx *ctx, const struct body *body);

#endif
