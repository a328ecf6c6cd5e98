/*
 * The slow reference for recurrence rules, written from RFC 5545 and sharing
 * nothing with the expander but civil_from_days(): it looks at every day of
 * every period and asks each part whether it takes it.
 */
#ifndef UNIT_RECURRENCE_REFERENCE_H
#define UNIT_RECURRENCE_REFERENCE_H

#include "rules/recurrence.h"

#define REFERENCE_MAX 240

struct reference {
	const struct recurrence *rule;
	int64_t start; /* wall clock */
	int64_t found[REFERENCE_MAX];
	size_t count;
	int32_t given; /* counts against COUNT */
	bool over;
};

/* Finds the wall times from the start on; the last period may be cut off by
 * `until_local`.  False when a period has too many for it. */
bool reference_run(struct reference *ref, int64_t until_local);

#endif
