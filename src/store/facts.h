/*
 * What conditions look at, for a whole chunk in one statement: contents with
 * the version that would happen, other events, the database's clock.
 */
#ifndef STORE_FACTS_H
#define STORE_FACTS_H

#include "base/ctx.h"
#include "rules/condition.h"

/* A content and one of its versions; 0 = the latest. */
struct content_key {
	int64_t content_id;
	int64_t version_no;
	bool body;             /* wanted with it */
};
int content_key_order(const void *left, const void *right);

/* An event by its owner's client_id. */
struct own_key {
	int64_t owner_id;
	const char *client_id;
};

/* Sorted, without duplicates. */
struct facts_keys {
	const struct content_key *contents;
	size_t content_count;
	const int64_t *events;
	size_t event_count;
	const struct own_key *clients;
	size_t client_count;
};

#define FACTS_BODY_BYTES_MAX 65536 /* a longer body is not looked into: null */

struct facts {
	int64_t now_utc;
	struct content_facts *contents;  /* as keys->contents, id 0 where there is none */
	struct event_facts *events;      /* sorted by id; one that was asked for both ways may be there twice */
	size_t event_count;
	struct event_facts **by_client;  /* the same, sorted by owner and client_id */
};

/* NULL when there is none that anybody sees. */
const struct event_facts *facts_event(const struct facts *facts, int64_t id);
const struct event_facts *facts_event_of(const struct facts *facts, int64_t owner_id, const char *client_id);

MUST_USE bool facts_fetch(struct ctx *ctx, const struct facts_keys *keys, struct facts *facts_out);

#endif
