/*
 * A batch without a job: what would be wrong with its items, and what it would
 * cost.  Nothing is stored and nothing locked.
 *
 * Judged is what an item and the stored contents, versions, resources, people
 * and permissions say: everything but conflicts and changes meanwhile, which a
 * dry run finds.
 */
#ifndef BATCH_VALIDATE_H
#define BATCH_VALIDATE_H

#include "base/issue.h"
#include "batch/batch.h"

#define VALIDATION_LISTED_MAX 100
#define VALIDATION_QUERIES_MAX 20 /* counted; further ones are taken to match as many */

struct invalid_item {
	int64_t ordinal;
	const char *client_id;   /* NULL = none */
	struct issues issues;    /* pointers from the body's root: "/items/3/starts_at" */
};

/* What the batch would need; figures learned from this site's own batches. */
struct estimate {
	int64_t rows;            /* that it adds to all tables */
	int64_t bytes;           /* of storage for them */
	int64_t requests;        /* of the time budget each, to work it */
	double seconds;          /* of work, receiving included */
};

struct validation {
	enum job_type type;
	int64_t items;           /* of the body */
	int64_t total;           /* with queries expanded */
	int64_t invalid;
	int64_t by_code[CODE_COUNT];       /* issues, every one counted */
	int64_t first_of_code[CODE_COUNT]; /* ordinal */
	struct invalid_item *listed;
	size_t listed_count;
	struct estimate estimate;
};

/* Takes what batch_create_from_body() takes, and fails as it does for what no
 * batch could be made of (type, options, framing, limits, permission).  Texts
 * live in ctx->arena; memory is bounded by a group and the list. */
MUST_USE bool batch_validate(struct ctx *ctx, bool type_known, enum job_type type, const struct batch_options *options,
			     enum ingest_format format, struct byte_source source, struct validation *validation_out);

/* What is counted of the items, for the estimate. */
struct batch_facts {
	int64_t items;           /* input items */
	int64_t total;           /* with queries expanded */
	int64_t invalid;
	int64_t input_bytes;     /* of the items' rows, expanded ones too */
	int64_t events;          /* made */
	int64_t changes;         /* of stored events */
	int64_t text_bytes;      /* of these events: title, attributes, keys */
	int64_t places;          /* resources and people of the events made */
	int64_t intervals;       /* calendars they are busy on, at each of their times */
	int64_t occurrences;     /* of the series among them */
	int64_t series_intervals; /* intervals of series, looked at or written */
	int64_t error_bytes;
	int64_t links;           /* rows that say what items depend on */
	int64_t judged_groups;   /* of input items (ingest.h) */
	int64_t judged_us;       /* that judging them took, without counting what queries match; 0 = not measured */
	int64_t stages;          /* worked one after the other: the longest chain of items that depend on each other */
};
MUST_USE bool batch_estimate(struct ctx *ctx, enum job_type type, const struct batch_options *options,
			     const struct batch_facts *facts, struct estimate *estimate_out);

#endif
