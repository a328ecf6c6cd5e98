/*
 * Compliance: may this event be given to these people and places then?
 *
 * A restriction says of one person (or venue, team, equipment) from when to
 * when which schedule types and tags are forbidden.  It forbids an event whose
 * type it names or one of whose tags it names; one that names neither forbids
 * everything.  Unlike an overlap an instant counts: an event of 0 s is where
 * it starts.  The tags of an event are the texts of attributes.tags.  Pure.
 */
#ifndef RULES_COMPLIANCE_H
#define RULES_COMPLIANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "rules/event.h"

struct restriction {
	int64_t id;
	int64_t resource_id;
	int64_t from_utc, to_utc;   /* [from, to) */
	bool is_hard;               /* blocks; else a warning */
	const char *schedule_types; /* comma-separated; NULL = none named */
	const char *tags;           /* comma-separated; NULL = none named */
};

/* Sorted by compliance_sort(); what is not there forbids nothing. */
struct restrictions {
	struct restriction *list;
	size_t count;
};
void compliance_sort(struct restrictions *restrictions);

/* What a restriction says against an event. */
struct violation {
	const struct restriction *restriction;
	int64_t start_utc, end_utc; /* of the first occurrence it meets */
	int64_t count;              /* how many occurrences it meets */
};

/* Every restriction that the event breaks, each named once, hard ones first,
 * then by when; the list is the arena's.  An event that occupies nothing
 * (cancelled, superseded …) breaks none.  Cost: a binary search for each
 * restriction of its people and places, and the occurrences met. */
size_t compliance_check(const struct restrictions *restrictions, const struct event *event, struct arena *arena,
			struct violation **list_out);

/* Would a hard restriction forbid the event in [start, end)? */
bool compliance_forbids(const struct restrictions *restrictions, const struct event *event, struct arena *arena,
			int64_t start_utc, int64_t end_utc);

/* The earliest start >= start_utc at which no hard restriction forbids the
 * event with its duration (of a series: the first occurrence alone). */
int64_t compliance_allowed_from(const struct restrictions *restrictions, const struct event *event, struct arena *arena,
				int64_t start_utc);

/* Does a change of these fields (enum event_field bits) ask for a new check? */
bool compliance_concerns(uint32_t changed);

/* Is `name` one of the comma-separated `list`?  Blanks around a name do not
 * count; NULL and "" name none. */
bool compliance_names(const char *list, const char *name);

#endif
