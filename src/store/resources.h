/*
 * Rows of resources: people, venues, teams, equipment, as people edit them.
 * The engine looks them up set-based with statements of its own.
 */
#ifndef STORE_RESOURCES_H
#define STORE_RESOURCES_H

#include "base/ctx.h"
#include "db/db.h"

#define RESOURCE_CAPACITY_MAX 10000

struct resource {
	int64_t id;
	const char *kind;          /* person, venue, team, equipment */
	const char *name;
	const char *timezone;
	int64_t capacity;          /* how many events at once */
	const char *overlap;       /* "hard" or "soft" */
	bool active;
	int64_t created_at;
};

/* FAIL_NOT_FOUND (resource_not_found). */
MUST_USE bool resource_get(struct ctx *ctx, int64_t id, struct resource *resource_out);
/* By id after `after_id`, at most `limit`; `kind` NULL = any. */
MUST_USE bool resources_page(struct ctx *ctx, const char *kind, int64_t after_id, int32_t limit,
			     struct resource **resources_out, size_t *count_out);
/* Those of these ids that there are, by id. */
MUST_USE bool resources_by_ids(struct ctx *ctx, const int64_t *ids, size_t count, struct resource **resources_out,
			       size_t *count_out);
/* Those that are called so, in any case, by id; at most 200.  Reads all of them:
 * names have no key. */
MUST_USE bool resources_by_names(struct ctx *ctx, const char *const *names, size_t count, struct resource **resources_out,
				 size_t *count_out);
/* Writes all fields but id and created_at; insert fills the id. */
MUST_USE bool resource_insert(struct ctx *ctx, struct resource *resource);
MUST_USE bool resource_update(struct ctx *ctx, const struct resource *resource);
/* FAIL_CONFLICT (in_use) while an event names it, FAIL_NOT_FOUND. */
MUST_USE bool resource_delete(struct ctx *ctx, int64_t id);

#endif
