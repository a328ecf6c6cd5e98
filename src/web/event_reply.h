/*
 * Replies to edits of one event.
 */
#ifndef WEB_EVENT_REPLY_H
#define WEB_EVENT_REPLY_H

#include "rules/timetable.h"
#include "schedule/edit.h"
#include "web/http.h"

/* The event, with its row_version as the ETag. */
void respond_event(struct response *response, int status, const struct event *event);
/* The same, with the conflicts that it and its occurrences ahead have by now. */
void respond_event_now(struct response *response, const struct event *event);
/* One conflict as JSON; `occurrence_utc`: which of its own occurrences it is
 * about, 0 = the reader knows. */
void clash_write(struct json_writer *w, const struct clash *clash, int64_t occurrence_utc);
/* The event that an edit made or changed, with what it was warned of: "warnings"
 * and "advisories", as in an item's result, where there are any. */
void respond_edited(struct response *response, int status, const struct edit_result *result);
/* A refused edit tells all its reasons, as a batch would. */
void respond_refused(struct response *response, const struct edit_result *result);

#endif
