/*
 * The pages of events: the list with its filter and selection, and one event.
 */
#ifndef VIEWS_PAGE_EVENT_H
#define VIEWS_PAGE_EVENT_H

#include "rules/event.h"
#include "views/layout.h"

/* A filter as the form shows it and as links and hidden fields repeat it:
 * the texts that the person gave, "" where nothing. */
struct filter_view {
	const char *text, *status, *schedule_type, *content_id, *starts_after, *starts_before;
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
};
void page_event(struct str *out, const struct event_page *page);

/* A status as icon and text. */
void event_status_pill(struct str *out, enum event_status status);
/* "Content 7, version 3" */
void event_content(struct str *out, const struct event *event);

#endif
