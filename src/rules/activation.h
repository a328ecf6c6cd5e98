/*
 * What becomes of an event whose moment has come: it happens, waits, or is
 * missed (data-model.md, "Activation").  Pure.
 */
#ifndef RULES_ACTIVATION_H
#define RULES_ACTIVATION_H

#include "rules/event.h"

/* Nobody watches the clock on a shared host: a minute late is in time. */
#define ACTIVATION_TOLERANCE_S 60
/* What waits for its conditions is looked at again after half of the time it
 * has waited, or half of what is left to it, but not more often and not more
 * seldom than this. */
#define ACTIVATION_AGAIN_MIN_S 10
#define ACTIVATION_AGAIN_MAX_S 900

enum moment_fate { MOMENT_WAITS, MOMENT_HAPPENS, MOMENT_MISSED };

/* A single event has one, a series one for each occurrence that is due. */
struct moment {
	int64_t local_start;     /* names the occurrence; 0 = a single event */
	int64_t at_utc;
	int32_t version_no;      /* 0 = the latest */
	enum moment_fate fate;
};

struct activation_terms {
	enum misfire misfire;
	int64_t grace_s;
	bool holds;              /* its conditions */
	bool was_seen;           /* somebody came in time; it waits since then */
	int64_t now_utc;
};

/* Decides `moments`, which are due and sorted by time. */
void activation_decide(const struct activation_terms *terms, struct moment *moments, size_t count);
/* When a moment that waits is looked at again: in time as long as there is any
 * left, and once when it is over, to be missed. */
int64_t activation_again(const struct activation_terms *terms, const struct moment *moment);

#endif
