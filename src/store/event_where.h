/*
 * Conditions on scheduled_events that several lists share.  The table's alias
 * is e; every function appends " AND …", or nothing.
 */
#ifndef STORE_EVENT_WHERE_H
#define STORE_EVENT_WHERE_H

#include "db/text.h"
#include "rules/filter.h"

/* What a row's creator, its places and its status are called, as SQL: they
 * differ between stored events, shadows (visible.h) and occurrences. */
struct event_alias {
	const char *creator;
	const char *places;
	const char *status;
};

/* What a filter asks, without its times. */
void event_where(struct db_text *text, const struct event_alias *alias, const struct event_filter *filter);

#endif
