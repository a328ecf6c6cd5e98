/*
 * Filters of stored events: what `GET /events` takes as query parameters and a
 * selector takes as "query".  One table of names serves both.
 */
#ifndef RULES_FILTER_H
#define RULES_FILTER_H

#include "rules/event.h"
#include "rules/permission.h"

enum recurring { RECURRING_ANY, RECURRING_ONLY, RECURRING_NOT };

struct event_filter {
	int64_t content_id;         /* 0 = any, as below */
	int64_t resource_id;
	int64_t assignee_id;
	int64_t created_by;         /* set by the program for actors limited to their own */
	const struct actor *viewer; /* set by the program: only what this person may view; NULL = everything */
	int64_t starts_after;       /* inclusive; 0 = any (the epoch itself is "any") */
	int64_t starts_before;      /* exclusive */
	bool has_status;
	enum event_status status;
	enum recurring recurring;
	const char *schedule_type;  /* NULL = any */
	const char *text;           /* NULL = any; part of the title, any case */
};

/* Sets one field by name from its text.  Unknown names and bad values are
 * issues at `base`/name. */
bool filter_set(struct event_filter *filter, const char *name, const char *text, const char *base,
		struct issues *issues);
/* Reads a JSON object (numbers and texts). An empty object is allowed. */
bool filter_read(const json_t *object, const char *base, struct event_filter *filter, struct issues *issues);

/* How an update or delete names its events. */
enum selector_kind { SELECT_EVENT_ID, SELECT_CLIENT_ID, SELECT_QUERY };
struct selector {
	enum selector_kind kind;
	int64_t event_id;
	const char *client_id;
	struct event_filter query;
};
/* Reads {"event_id"}, {"client_id"} or {"query"}: exactly one of them. */
bool selector_read(const json_t *object, const char *base, struct selector *selector, struct issues *issues);

#endif
