/*
 * An event's conditions: a JsonLogic rule (rules/jsonlogic.h) over
 *
 *     {"event", "content", "version", "now", "attributes", "events"}
 *
 * where `events` holds the other events that the rule names by id or by the
 * owner's client_id.  They decide whether it happens when its moment comes, not
 * whether it may be scheduled.  Pure; store/facts.h fetches what is looked at.
 */
#ifndef RULES_CONDITION_H
#define RULES_CONDITION_H

#include "rules/event.h"
#include "rules/jsonlogic.h"

struct reader;

#define CONDITION_EVENTS_MAX 20 /* other events that a rule may name */

/* Reads the field: an object with one operator, {} is none.  The text is
 * compact JSON, owned by the reader's arena; NULL = none. */
bool condition_read(struct reader *r, const char *name, const json_t *value, const char **text_out);

/* What a rule names, so that it can be fetched. */
struct condition_names {
	const char *events[CONDITION_EVENTS_MAX]; /* keys below "events", each once; owned by the arena */
	size_t event_count;
	size_t named_count;    /* with those beyond the limit */
	bool body;             /* of the version */
};
void condition_names(struct arena *arena, const json_t *rule, struct condition_names *names_out);

/* The content, and the version that would happen. */
struct content_facts {
	int64_t id;                /* 0 = it is gone */
	const char *title, *schedule_type;
	int64_t live_version, latest_version; /* 0 = none */
	int64_t version_no;        /* 0 = there is none */
	int64_t version_at;        /* UTC, when it was made */
	const char *body;          /* JSON or NULL */
	int64_t owner_id;          /* 0 = everybody's */
};

/* Another event, as far as conditions see it. */
struct event_facts {
	int64_t id, created_by;
	const char *client_id;     /* NULL = none */
	int64_t content_id, version_no;
	const char *schedule_type, *title, *status;
	int64_t starts_at, ends_at;
};

/* The data of one event: events[i] belongs to names->events[i], NULL where
 * there is none or the owner may not see it.  Owned by the arena. */
const json_t *condition_data(struct arena *arena, const struct event *event, const struct content_facts *content,
			     int64_t now_utc, const struct condition_names *names, const struct event_facts *const *events);

struct condition_result {
	bool holds;
	const char *failed;        /* JSON list, "[]" when they hold (jsonlogic_explain) */
	const char *summary;       /* the same for people, cut: "content.live_version ≥ 3 (it is 2)"; "" when they hold */
};

/* Both texts are owned by the arena; all else that was made on the way is given back. */
struct condition_result condition_judge(struct arena *arena, const json_t *rule, const json_t *data);

#endif
