/*
 * The form of one event: what is typed, as the object that the API takes.
 * Between the form's files; not for others.
 */
#ifndef WEB_EVENT_FORM_H
#define WEB_EVENT_FORM_H

#include "base/zone.h"
#include "rules/event.h"
#include "web/http.h"

/* What the form says, owned by the arena; fields that should be JSON and are
 * not become issues.  NULL when the database can't be asked who was typed. */
json_t *event_form_object(struct request *request, bool is_new, struct issues *issues);

/* What is as it was is left out: nobody's change, and nothing to be checked. */
void event_form_leave_out_same(const struct request *request, const struct event *event, json_t *values);

/* Whole minutes, as the form shows a length. */
const char *event_form_minutes(struct arena *arena, int64_t seconds);

#endif
