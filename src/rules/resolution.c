/* Ways out of conflicts. */
#include "rules/resolution.h"

#include <stdlib.h>
#include <string.h>

#include "base/ids.h"

static const char *const on_conflict_names[ON_CONFLICT_COUNT] = {
	[ON_CONFLICT_FAIL] = "fail",	   [ON_CONFLICT_SKIP] = "skip",	  [ON_CONFLICT_KEEP_BOTH] = "keep_both",
	[ON_CONFLICT_REPLACE] = "replace", [ON_CONFLICT_SHIFT] = "shift", [ON_CONFLICT_ASK] = "ask",
};
static const char *const scope_names[] = { [SCOPE_ITEM] = "item", [SCOPE_OCCURRENCE] = "occurrence" };

static bool place_of(const char *name, const char *const *names, size_t count, size_t *place_out)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0) {
			*place_out = i;
			return true;
		}
	}
	return false;
}

const char *on_conflict_name(enum on_conflict on_conflict)
{
	return on_conflict_names[on_conflict];
}

bool on_conflict_by_name(const char *name, enum on_conflict *on_conflict_out)
{
	size_t place;
	if (!place_of(name, on_conflict_names, ON_CONFLICT_COUNT, &place))
		return false;
	*on_conflict_out = (enum on_conflict)place;
	return true;
}

const char *conflict_scope_name(enum conflict_scope scope)
{
	return scope == SCOPE_OF_BATCH ? NULL : scope_names[scope];
}

bool conflict_scope_by_name(const char *name, enum conflict_scope *scope_out)
{
	size_t place;
	if (!place_of(name, scope_names, sizeof(scope_names) / sizeof(scope_names[0]), &place))
		return false;
	*scope_out = (enum conflict_scope)place;
	return true;
}

bool on_conflict_is_decision(enum on_conflict on_conflict)
{
	return on_conflict != ON_CONFLICT_FAIL && on_conflict != ON_CONFLICT_ASK;
}

/* A series that overlaps itself overlaps itself wherever it goes, and there is
 * nobody to replace; a restriction (owner 0) is nobody's event either, but
 * another time may be free of it. */
uint32_t conflicts_resolvable_by(const struct conflicts *conflicts)
{
	uint32_t ways = ON_CONFLICT_BIT(ON_CONFLICT_SKIP) | ON_CONFLICT_BIT(ON_CONFLICT_REPLACE) | ON_CONFLICT_BIT(ON_CONFLICT_SHIFT);
	if (!conflicts->hard_count)
		ways |= ON_CONFLICT_BIT(ON_CONFLICT_KEEP_BOTH);
	for (size_t i = 0; i < conflicts->listed; i++) {
		enum code code = conflicts->list[i].code;
		bool is_own = code != CODE_VERSION_WINDOW && code != CODE_RESOURCE_OVERLAP && code != CODE_ASSIGNEE_OVERLAP &&
			      conflicts->list[i].owner == 0;
		if (is_own)
			ways &= ~ON_CONFLICT_BIT(ON_CONFLICT_REPLACE);
		if (is_own && code == CODE_SELF_OVERLAP)
			ways &= ~ON_CONFLICT_BIT(ON_CONFLICT_SHIFT);
	}
	return ways;
}

struct trait {
	int64_t calendar_id;
	int64_t code_and_hard;
};

static int by_trait(const void *left, const void *right)
{
	const struct trait *a = left, *b = right;
	if (a->code_and_hard != b->code_and_hard)
		return a->code_and_hard < b->code_and_hard ? -1 : 1;
	return (a->calendar_id > b->calendar_id) - (a->calendar_id < b->calendar_id);
}

int64_t conflicts_likeness(const struct conflicts *conflicts)
{
	struct trait traits[CONFLICTS_ROOM] = { { 0, 0 } };
	size_t count = 0;
	for (size_t i = 0; i < conflicts->listed; i++) {
		const struct conflict *conflict = &conflicts->list[i];
		traits[i] = (struct trait){ conflict->calendar_id, 2 * (int64_t)conflict->code + conflict->hard };
	}
	qsort(traits, conflicts->listed, sizeof(*traits), by_trait);
	for (size_t i = 0; i < conflicts->listed; i++)
		if (!count || by_trait(&traits[count - 1], &traits[i]) != 0)
			traits[count++] = traits[i];
	/* 62 bits: a key of the database's, signed and not 0. */
	return (int64_t)(hash64(traits, count * sizeof(*traits)) >> 2) | 1;
}
