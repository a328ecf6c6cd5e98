/* What is to be done about conflicts: its words, and what counts for an item. */
#include "schedule/slice.h"

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
	return scope_names[scope];
}

bool conflict_scope_by_name(const char *name, enum conflict_scope *scope_out)
{
	size_t place;
	if (!place_of(name, scope_names, sizeof(scope_names) / sizeof(scope_names[0]), &place))
		return false;
	*scope_out = (enum conflict_scope)place;
	return true;
}

enum on_conflict slice_on_conflict(const struct slice *slice, const struct slice_item *item)
{
	(void)item;
	return slice->resolution.on_conflict;
}

enum conflict_scope slice_conflict_scope(const struct slice *slice, const struct slice_item *item)
{
	(void)item;
	return slice->resolution.scope;
}

const struct actor *slice_resolver(const struct slice *slice, const struct slice_item *item)
{
	(void)item;
	return slice->actor;
}
