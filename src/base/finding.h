/*
 * Findings: what a look at the surroundings found (a host, a database), each
 * with what to do about it, in words for somebody who has never seen a shell.
 */
#ifndef BASE_FINDING_H
#define BASE_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum finding_state {
	FINDING_GOOD,
	FINDING_NOTE,    /* good to know */
	FINDING_WARNING, /* works, but not as it should */
	FINDING_BAD,     /* can't go on like this */
};

struct finding {
	enum finding_state state;
	const char *name;  /* what was looked at: "Time zones" */
	const char *text;  /* what was found */
	const char *mend;  /* what to do; "" = nothing */
};

#define FINDINGS_MAX 24

/* A list in an arena; further ones are dropped. */
struct findings {
	struct arena *arena;
	struct finding list[FINDINGS_MAX];
	size_t count;
};

/* Adds one; `name` and `mend` (NULL = nothing to do) are literals or outlive the
 * list, the text is copied. */
void finding_add(struct findings *findings, enum finding_state state, const char *name, const char *mend, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Is one of them FINDING_BAD? */
bool findings_stop(const struct findings *findings);

#endif
