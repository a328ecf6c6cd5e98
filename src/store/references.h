/*
 * What a chunk's items refer to, fetched in one statement: contents, versions,
 * resources, and events that already have one of their client_ids.
 */
#ifndef STORE_REFERENCES_H
#define STORE_REFERENCES_H

#include "base/ctx.h"
#include "rules/conflict.h"

struct content_ref {
	int64_t id;
	int32_t latest_version;
	int32_t live_version;        /* 0 = none */
	int64_t owner_id;            /* 0 = everybody's */
	const char *schedule_type;
};

struct version_ref {
	int64_t content_id;
	int32_t version_no;
};

struct resource_ref {
	int64_t id;
	struct calendar_rule rule;
	bool is_active;
	int64_t longest_s;           /* calendars.max_duration_s, 0 if no calendar yet */
	int64_t restricted_until;    /* calendars.restricted_until, and … */
	int64_t calendar_version;    /* … .ver, the same */
};

struct calendar_ref {
	int64_t content_id;
	int64_t version;
};

struct client_ref {
	const char *client_id;       /* NULL: planned, known by its key only */
	int64_t event_id;            /* or -1 - ordinal of the planned item */
	uint64_t payload_hash;
	int64_t hidden_by;           /* scheduled_events.job_unpublished of a row that nobody sees now, else 0 */
};

struct planned_client {
	int64_t key;                 /* client_key() */
	struct client_ref ref;
};

/* By content, then number: for qsort() and bsearch(). */
int version_ref_order(const void *left, const void *right);

/* What is asked for; every list sorted and without duplicates. */
struct reference_keys {
	const int64_t *contents;
	size_t content_count;
	const struct version_ref *versions;
	size_t version_count;
	const int64_t *resources;
	size_t resource_count;
	const char *const *client_ids;
	size_t client_id_count;
	int64_t owner_id;            /* whose client_ids */
	bool wants_now;
	int64_t plan_job_id;         /* a dry run or an evaluation, else 0: also … */
	const char *const *planned_ids; /* … who of it has one of these client_ids, and … */
	size_t planned_id_count;
	const int64_t *targets;      /* … which of these events it would have changed; sorted */
	size_t target_count;
	const int64_t *calendars;    /* contents whose calendars' versions are asked for */
	size_t calendar_count;
};

/* What there is, each list sorted by its key. */
struct references {
	struct content_ref *contents;
	size_t content_count;
	struct version_ref *versions;
	size_t version_count;
	struct resource_ref *resources;
	size_t resource_count;
	struct calendar_ref *calendars; /* of contents */
	size_t calendar_count;
	struct client_ref *clients;  /* stored ones */
	size_t client_count;
	struct planned_client *planned; /* the first item with each key */
	size_t planned_count;
	int64_t now_utc;             /* the database's clock, if it was asked for */
	int64_t *changed;            /* of the targets */
	size_t changed_count;
};

MUST_USE bool references_fetch(struct ctx *ctx, const struct reference_keys *keys, struct references *refs_out);

/* NULL / false when there is none. */
const struct content_ref *reference_content(const struct references *refs, int64_t id);
bool reference_version(const struct references *refs, int64_t content_id, int32_t version_no);
/* Of a content's calendar, if it was asked for; 0 = there is none yet. */
int64_t reference_calendar_version(const struct references *refs, int64_t content_id);
const struct resource_ref *reference_resource(const struct references *refs, int64_t id);
const struct client_ref *reference_client(const struct references *refs, const char *client_id);
/* The first item of the plan that has this client_id; of an evaluation its hash
 * is of the event as it was given. */
const struct client_ref *reference_planned(const struct references *refs, const char *client_id);

#endif
