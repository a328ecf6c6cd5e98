/*
 * How the times of an event follow from what was given.
 *
 * Private to rules/event*.c.
 */
#ifndef RULES_EVENT_TIMES_H
#define RULES_EVENT_TIMES_H

#include "rules/event.h"
#include "rules/read.h"

#define TIME_FIELDS (FIELD_STARTS_AT | FIELD_ENDS_AT | FIELD_DURATION_S | FIELD_TIMEZONE | FIELD_LOCAL_START)

/* Derives event's times from its present ones and the time fields that
 * `values` gives.  `is_new`: there are no present ones.  The event's times are
 * only changed when there is no issue. */
bool event_times_derive(struct event *event, const struct event *values, bool is_new, struct reader *r);

#endif
