#include "views/permission_words.h"

static const struct {
	const char *words;
	bool has_types, has_owner;
} permissions[PERMIT_COUNT] = {
	[PERMIT_NONE] = { "", false, false },
	[PERMIT_SCHEDULE_CONTENT] = { "Schedule and change events", true, true },
	[PERMIT_VIEW_SCHEDULED_CONTENT] = { "See events, the calendar and restrictions", true, true },
	[PERMIT_VIEW_CONTENT_VERSIONS] = { "See contents and their versions", true, true },
	[PERMIT_RESOLVE_CONFLICTS] = { "Decide conflicts, keep resources and restrictions", true, false },
	[PERMIT_MANAGE_BATCHES] = { "See and steer everybody's batches", false, false },
	[PERMIT_MANAGE_USERS] = { "Manage people and roles, read the audit log", false, false },
	[PERMIT_VIEW_DASHBOARD] = { "See the dashboard, workers and errors", false, true },
	[PERMIT_TICK] = { "Have due work done by a cron job", false, false },
};

const char *permission_words(enum permission permission)
{
	return (unsigned)permission < PERMIT_COUNT ? permissions[permission].words : "";
}

bool permission_has_types(enum permission permission)
{
	return (unsigned)permission < PERMIT_COUNT && permissions[permission].has_types;
}

bool permission_has_owner(enum permission permission)
{
	return (unsigned)permission < PERMIT_COUNT && permissions[permission].has_owner;
}
