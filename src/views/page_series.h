/*
 * The page of a series: its occurrences one by one, and the rule itself.
 */
#ifndef VIEWS_PAGE_SERIES_H
#define VIEWS_PAGE_SERIES_H

#include "rules/event.h"
#include "views/layout.h"

/* One occurrence; times are wall clock, of the event's zone or UTC. */
struct occurrence_view {
	int64_t local_start;      /* its name */
	int64_t now_local;        /* when it happens */
	int64_t duration_s;
	const char *title;        /* of its own, or NULL */
	int64_t version_no;       /* of its own, or 0 */
	enum zone_flag flag;
	bool is_left_out, is_added;
};

/* The form of the rule as it was filled in, "" where nothing. */
struct rule_view {
	const char *repeat;       /* "", "daily", "weekly", "monthly", "yearly" or "rule" */
	const char *interval, *count, *until, *rule;
	bool days[7];             /* 0 = Monday */
	const char *ends;         /* "never", "count" or "until" */
};

struct series_page {
	const struct frame *frame;
	const struct event *event;
	bool may_change;
	const struct occurrence_view *list;
	size_t count;
	const char *next_from;    /* wall time of the next page's first, or NULL */
	const char *from;         /* of this one, "" = from today on */
	const struct occurrence_view *chosen; /* whose form is shown, or NULL */
	struct rule_view rule;
	const struct issues *issues;
	const char *note;         /* what was just done, or NULL */
};
void page_series(struct str *out, const struct series_page *page);

#endif
