/*
 * The fields that make an event a series: read, and held to agree.
 *
 * Private to rules/event*.c.
 */
#ifndef RULES_EVENT_SERIES_H
#define RULES_EVENT_SERIES_H

#include "rules/event.h"
#include "rules/read.h"
#include "rules/recurrence.h"

#define SERIES_FIELDS (FIELD_RECURRENCE | FIELD_EXDATES | FIELD_RDATES | FIELD_OVERRIDES)

/* A rule, in its normal form.  `minutely`: FREQ=MINUTELY is taken here. */
void read_recurrence(struct reader *r, const char *name, const json_t *value, bool minutely, const char **out);

/* A list of wall times, sorted, each once. */
void read_dates(struct reader *r, const char *name, const json_t *value, int64_t **dates_out, size_t *count_out);

/* {"<original wall time>": {"local_start"?, "duration_s"?, "title"?, "version_no"?}}, in the order of time, as text;
 * NULL when it says nothing. */
void read_overrides(struct reader *r, const char *name, const json_t *value, const char **out);

/* The end and the exceptions of a series whose start was moved by so much of the
 * wall clock, perhaps into another zone, move along: UNTIL (where it is a moment,
 * no day), exdates, rdates and overrides, but for the fields in `given`. */
void series_move(struct event *event, const char *timezone_before, int64_t by_s, uint32_t given, struct arena *arena);

/* Holds the series to its rule: it has an occurrence, its start is the first
 * one (`normalise`: is moved there), every override in `given` names one;
 * others are dropped.  The event's times are derived. */
void series_settle(struct event *event, uint32_t given, bool normalise, struct reader *r);

/* The series of an event as recurrence_expand() wants it; its rule is read into
 * `rule`.  False when that can't be read. */
bool event_series_open(const struct event *event, struct recurrence *rule, struct recurrence_series *series_out);

#endif
