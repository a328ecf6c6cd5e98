/*
 * What a calendar lists: one occurrence of an event, single or recurring.
 */
#ifndef RULES_TIMETABLE_H
#define RULES_TIMETABLE_H

#include "rules/conflict.h"
#include "rules/event.h"

/* Another event in the way of an occurrence. */
struct clash {
	enum code code;            /* as in struct conflict */
	bool hard;
	int64_t event_id;          /* 0 = a restriction */
	int64_t starts_at, ends_at;
	int64_t resource_id;       /* what both want; 0 = the content */
	const char *title;         /* of the other event; "" = it has none, NULL = the person may not see it */
};

struct timetable_entry {
	int64_t event_id;
	bool is_recurring;
	int64_t local_start;       /* as the rule has it, in the event's zone (UTC where it has none): names the occurrence */
	int64_t starts_at, ends_at;
	enum zone_flag flag;       /* gap or fold of the start */
	const char *timezone;      /* of the event, or NULL */
	const char *title;         /* "" = none */
	const char *schedule_type;
	int64_t content_id;
	int32_t version_no;        /* 0 = the latest */
	enum event_status status;
	int64_t row_version;
	int64_t created_by;
	int64_t *resources, *assignees;
	size_t resource_count, assignee_count;

	int64_t conflict_count;    /* exact, once they were looked for */
	struct clash *clashes;     /* some of them */
	size_t clash_count;

	int64_t row_id;            /* its place in the list: see struct timetable_place */
};

/* A place in a list by start; all 0 = before the first. */
struct timetable_place {
	int64_t starts_at;
	bool is_recurring;         /* at one start, single events come first */
	int64_t row_id;
	int64_t local_start;
};

#endif
