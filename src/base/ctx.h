/*
 * The request context: what one request (or one tick) may use.
 *
 * Lifetimes in this program are two: the process (struct app in main.c) and
 * the request (this).  A function that needs the database, memory, the actor
 * or the time gets them from here and from nowhere else.
 */
#ifndef BASE_CTX_H
#define BASE_CTX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fail.h"

struct config;
struct db;
struct actor; /* rules/permission.h */
struct idempotency_key; /* store/idempotency.h */

struct ctx {
	struct arena *arena;         /* reset after the request */
	struct db *db;               /* the process's connection */
	const struct config *config;
	const struct actor *actor;   /* who asks; an actor without rights before login */
	struct idempotency_key *key; /* held by this request: what it makes binds itself to it; NULL = none */
	char reference[17];          /* names this request in the log */
	char worker_uuid[37];        /* this process, in `workers` */
	bool is_worker;              /* has said so in `workers` */
	const char *worker_type;     /* "fastcgi", "cgi" or "tick" */
	int64_t started_ms;          /* monotonic */
	int64_t deadline_ms;         /* monotonic: be done before this */
	bool (*others_wait)(void);   /* for a process of this site, all of which serve somebody; NULL = nobody can tell */
	struct fail fail;            /* why the last call returned false */
};

#endif
