#include "rules/permission.h"

#include <string.h>

static const char *const names[PERMIT_COUNT] = {
	[PERMIT_NONE] = "",
	[PERMIT_SCHEDULE_CONTENT] = "schedule_content",
	[PERMIT_VIEW_SCHEDULED_CONTENT] = "view_scheduled_content",
	[PERMIT_VIEW_CONTENT_VERSIONS] = "view_content_versions",
	[PERMIT_RESOLVE_CONFLICTS] = "resolve_conflicts",
	[PERMIT_MANAGE_BATCHES] = "manage_batches",
	[PERMIT_MANAGE_USERS] = "manage_users",
	[PERMIT_VIEW_DASHBOARD] = "view_dashboard",
	[PERMIT_TICK] = "tick",
};

const char *permission_name(enum permission permission)
{
	return (unsigned)permission < PERMIT_COUNT ? names[permission] : "";
}

enum permission permission_by_name(const char *name)
{
	for (unsigned i = PERMIT_NONE + 1; i < PERMIT_COUNT; i++) {
		if (strcmp(names[i], name) == 0)
			return (enum permission)i;
	}
	return PERMIT_NONE;
}

/* Is `type` one of the comma-separated `list`?  Blanks around a name do not
 * count; an empty list names none. */
static bool names_type(const char *list, const char *type)
{
	size_t type_len = strlen(type);

	while (*list) {
		size_t len;

		list += strspn(list, ", ");
		len = strcspn(list, ", ");
		if (len > 0 && len == type_len && memcmp(list, type, len) == 0)
			return true;
		list += len;
	}
	return false;
}

/* PERMIT_NONE is also what a misspelt name reads as: no grant gives it. */
static bool gives(const struct actor *actor, const struct grant *grant, enum permission permission)
{
	return actor->user_id > 0 && permission != PERMIT_NONE && grant->permission == permission;
}

bool permitted(const struct actor *actor, enum permission permission)
{
	for (size_t i = 0; i < actor->grant_count; i++) {
		if (gives(actor, &actor->grants[i], permission))
			return true;
	}
	return false;
}

bool permitted_for(const struct actor *actor, enum permission permission, const char *schedule_type,
		   int64_t owner_id)
{
	for (size_t i = 0; i < actor->grant_count; i++) {
		const struct grant *grant = &actor->grants[i];

		if (!gives(actor, grant, permission))
			continue;
		if (grant->own_only && owner_id != actor->user_id)
			continue;
		if (grant->schedule_types && schedule_type && !names_type(grant->schedule_types, schedule_type))
			continue;
		return true;
	}
	return false;
}

bool permitted_wholly(const struct actor *actor, enum permission permission)
{
	for (size_t i = 0; i < actor->grant_count; i++)
		if (gives(actor, &actor->grants[i], permission) && !actor->grants[i].own_only && !actor->grants[i].schedule_types)
			return true;
	return false;
}

bool permitted_own_only(const struct actor *actor, enum permission permission)
{
	bool any = false;

	for (size_t i = 0; i < actor->grant_count; i++) {
		if (!gives(actor, &actor->grants[i], permission))
			continue;
		if (!actor->grants[i].own_only)
			return false;
		any = true;
	}
	return any;
}
