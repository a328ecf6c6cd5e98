/*
 * Receiving items: from bytes to rows of batch_job_items.
 *
 * Formats cut the stream into elements (base/json_scan.h, ingest_csv.c) and
 * hand each to ingest_element(); here it is classified and stored, in groups
 * of at most INGEST_GROUP items.  Memory is bounded by one group.  Between the
 * files of ingest; not for other folders.
 */
#ifndef BATCH_INGEST_H
#define BATCH_INGEST_H

#include "base/ids.h"
#include "base/json_scan.h"
#include "batch/batch.h"
#include "batch/ingest_plan.h"

#define INGEST_GROUP 1000
#define INGEST_GROUP_BYTES (512u * 1024u)

struct ingest {
	struct ctx *ctx;
	struct job *job;
	bool one_transaction;        /* a slice: groups share the caller's transaction */
	int64_t next_ordinal;
	int64_t items_max;           /* of this body */
	struct item_input *group;
	size_t group_count, group_bytes;
	struct arena *texts;         /* of the group */
	struct arena *scratch;       /* of one item */
	struct ingest_plan plan;     /* of the group, for operations that plan at ingest */
	struct ingest_report report;
	struct digest_state digest;  /* of all bytes fed */
	/* a one-body request */
	bool (*before_first)(struct ingest *ingest); /* makes the job, once, before the first group */
	bool (*take_group)(struct ingest *ingest);   /* instead of storing it, when nothing is to be stored */
	struct body_members members;
	void *user;
};

void ingest_begin(struct ingest *ingest, struct ctx *ctx, struct job *job, int64_t first_ordinal);
void ingest_free(struct ingest *ingest);

/* One element; stores the group when it is full. */
MUST_USE bool ingest_element(struct ingest *ingest, const struct json_element *element, struct fail *fail);
/* An item that is known to be unusable. */
MUST_USE bool ingest_unusable(struct ingest *ingest, const char *raw, size_t len, enum code code, const char *message);
/* Stores what is left. */
MUST_USE bool ingest_end(struct ingest *ingest);

/* Reads a whole body of a format through the right cutter. */
MUST_USE bool ingest_body(struct ingest *ingest, enum ingest_format format, struct byte_source source);
/* The CSV cutter. */
MUST_USE bool ingest_csv(struct ingest *ingest, struct byte_source source);

#endif
