/* What an event can be, and what follows from it. */
#include <string.h>

#include "rules/event.h"

static const struct {
	const char *name;
	bool busy;
	bool editable;
} rows[EVENT_STATUS_COUNT] = {
	[EVENT_DRAFT] = { "draft", true, true },
	[EVENT_SCHEDULED] = { "scheduled", true, true },
	[EVENT_PROCESSING] = { "processing", true, false },
	[EVENT_COMPLETED] = { "completed", true, false },
	[EVENT_FAILED] = { "failed", false, true },
	[EVENT_MISSED] = { "missed", false, true },
	[EVENT_SUPERSEDED] = { "superseded", false, false },
	[EVENT_CANCELLED] = { "cancelled", false, true },
	[EVENT_ARCHIVED] = { "archived", false, false },
};

const char *event_status_name(enum event_status status)
{
	return (unsigned)status < EVENT_STATUS_COUNT ? rows[status].name : "";
}

bool event_status_by_name(const char *name, enum event_status *status_out)
{
	for (unsigned i = 0; i < EVENT_STATUS_COUNT; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			*status_out = (enum event_status)i;
			return true;
		}
	}
	return false;
}

bool event_status_is_busy(enum event_status status)
{
	return (unsigned)status < EVENT_STATUS_COUNT && rows[status].busy;
}

bool event_status_is_editable(enum event_status status)
{
	return (unsigned)status < EVENT_STATUS_COUNT && rows[status].editable;
}

static const char *const misfires[MISFIRE_COUNT] = { "run_late", "skip", "run_all" };

const char *misfire_name(enum misfire misfire)
{
	return (unsigned)misfire < MISFIRE_COUNT ? misfires[misfire] : misfires[MISFIRE_RUN_LATE];
}

bool misfire_by_name(const char *name, enum misfire *misfire_out)
{
	for (unsigned i = 0; i < MISFIRE_COUNT; i++) {
		if (strcmp(misfires[i], name) == 0) {
			*misfire_out = (enum misfire)i;
			return true;
		}
	}
	return false;
}
