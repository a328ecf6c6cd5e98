/*
 * What can be done in bulk: one row per operation.
 *
 * To add one: a row here, a file in schedule/ that decides and writes, a type
 * in store/jobs.h.  The engine knows nothing else about operations.
 */
#ifndef BATCH_OPS_H
#define BATCH_OPS_H

#include "rules/permission.h"
#include "schedule/slice.h"

struct operation {
	const char *verb;            /* "create 3401–4250" */
	const char *const *columns;  /* CSV columns beside those of an event; NULL-terminated */
	enum job_type type;
	enum slice_kind kind;
	enum permission permission;  /* to start such a batch at all */
	bool names_events;           /* items may name stored events */
	bool writes_nothing;         /* no effect beyond results: no transaction of the domain */
	bool plans_at_ingest;        /* items see each other in busy_plan */
};

const struct operation *operation_of(enum job_type type);

#endif
