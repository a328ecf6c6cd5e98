/*
 * The form of one event: a new one, or what a person may change of one.
 */
#ifndef VIEWS_PAGE_EVENT_FORM_H
#define VIEWS_PAGE_EVENT_FORM_H

#include "rules/resolution.h"
#include "views/meanwhile.h"

/* Somebody or something that can be chosen. */
struct place_choice {
	int64_t id;
	const char *kind, *name;
	bool is_person, is_chosen;
};

/* Values as they stand in the fields. */
struct event_form {
	const struct frame *frame;
	const struct issues *issues;
	int64_t event_id;            /* 0 = a new one */
	int64_t row_version;         /* as the person knows it */
	const struct meanwhile *meanwhile; /* NULL = nobody else was at it */
	bool is_series;              /* its rule is changed elsewhere */
	const char *title, *content_id, *version_no, *schedule_type, *start, *timezone, *minutes, *recurrence, *priority,
		*status, *attributes, *conditions, *misfire, *grace, *on_conflict;
	const struct place_choice *places;
	size_t place_count;
	bool has_more_places;        /* than are listed: others can be typed */
	const char *places_other;
	bool has_conflict;           /* what to do about it is asked, of */
	uint32_t ways;               /* what can work: ON_CONFLICT_BIT */
};
void page_event_form(struct str *out, const struct event_form *form);

#endif
