/*
 * The pages of events: the list with its filter and selection, and one event.
 */
#ifndef VIEWS_PAGE_EVENT_H
#define VIEWS_PAGE_EVENT_H

#include "rules/event.h"
#include "views/layout.h"
#include "views/page_calendar.h"

/* A filter as the form shows it and as links and hidden fields repeat it:
 * the texts that the person gave, "" where nothing. */
struct filter_view {
	const char *text, *status, *schedule_type, *content_id, *recurring, *starts_after, *starts_before;
};
/* "&amp;status=…" for every part that is set. */
void filter_query(struct str *out, const struct filter_view *filter);
/* The same as hidden fields. */
void filter_hidden(struct str *out, const struct filter_view *filter);
bool filter_is_empty(const struct filter_view *filter);

struct events_page {
	const struct frame *frame;
	const struct event *events;
	size_t event_count;
	struct filter_view filter;
	int64_t match_count;         /* how many match */
	bool count_is_capped;        /* there are more than match_count */
	int64_t after;               /* this page begins behind that id; 0 = the first */
	int64_t next_after;          /* 0 = none */
	bool may_change;
	const struct issues *issues;
};
void page_events(struct str *out, const struct events_page *page);

struct event_page {
	const struct frame *frame;
	const struct event *event;
	const char *content_title;   /* or NULL */
	int32_t latest_version;      /* 0 = unknown */
	const char *const *resource_names; /* as event->resources, or NULL */
	const char *const *assignee_names;
	bool may_change;
	bool is_series;
	const struct timetable_entry *entries; /* the event, or the occurrences of a series that lie ahead, with their conflicts */
	size_t entry_count;
	struct named_list clash_names; /* of resources and people */
	const struct state_view *states; /* newest first */
	size_t state_count;
	int64_t older_than;          /* there are states below this version; 0 = none */
};

/* A state in the history of an event. */
struct field_view {
	const char *field;
	bool is_time;
	int64_t before_utc, after_utc; /* if it is a time */
	const char *before, *after;    /* else */
};
struct state_view {
	int64_t row_version;
	int64_t changed_at;
	const char *who;
	int64_t job_id;              /* 0 = a single edit, or not known */
	int64_t undone_to;
	bool is_known;               /* what was before it is known: these are the changes */
	const struct field_view *changes;
	size_t change_count;
};

/* Is a former state to be restored? */
struct restore_page {
	const struct frame *frame;
	const struct event *event;   /* as it is */
	int64_t row_version;
	const struct field_view *changes;
	size_t change_count;
	const struct issues *issues;
};
void page_restore(struct str *out, const struct restore_page *page);

/* Parts of the page (page_event_past.c). */
void event_conflicts(struct str *out, const struct event_page *page);
void event_next(struct str *out, const struct event_page *page);
void event_history(struct str *out, const struct event_page *page);

void page_event(struct str *out, const struct event_page *page);

/* A status as icon and text. */
void event_status_pill(struct str *out, enum event_status status);
/* "Content 7, version 3" */
void event_content(struct str *out, const struct event *event);

#endif
