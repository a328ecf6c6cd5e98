/*
 * Issues: what is wrong with one item, as many as there are.
 *
 * A struct fail ends a request; an issue only ends an item, and an item may
 * have several.  Lists live in an arena and are capped at ISSUES_MAX.
 */
#ifndef BASE_ISSUE_H
#define BASE_ISSUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/codes.h"
#include "base/fail.h"

#define ISSUES_MAX 32

struct issue {
	enum code code;
	const char *pointer;    /* JSON Pointer within the item, e.g. "/starts_at"; "" = the item */
	const char *message;
	const char *suggestion; /* never NULL */
};

struct issues {
	struct arena *arena;
	struct issue *list;
	size_t count; /* listed; further ones are dropped */
};

/* Adds an issue; all texts are copied into the arena.  `suggestion` NULL
 * means the fix of the code's table row. */
void issue_add(struct issues *issues, enum code code, const char *pointer, const char *suggestion,
	       const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Fails for all of them at once; the list has to live as long as the request.  Returns false. */
bool issues_fail(struct fail *fail, const struct issues *issues);

/* Is one with that code listed? */
bool issues_have(const struct issues *issues, enum code code);

/* What a person wrote, fit to be named in a message: at most 60 bytes ("…" if
 * there was more), never half a UTF-8 sequence, control characters escaped.
 * Owned by the arena. */
const char *issue_excerpt(struct arena *arena, const char *text, size_t len);

#endif
