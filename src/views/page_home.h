/*
 * The dashboard and the sign-in page.
 */
#ifndef VIEWS_PAGE_HOME_H
#define VIEWS_PAGE_HOME_H

#include "views/chart.h"
#include "views/job_view.h"
#include "views/page_workers.h"

/* Batches of one type in one state. */
struct summary_view {
	const char *type;
	const char *status;
	int64_t count;
};

/* What the person uses of what the site allows; 0 allowed = no limit. */
struct quota_view {
	int64_t open_jobs, open_jobs_max;
	int64_t largest_items, items_max;
	int64_t requests, requests_max;   /* in this minute */
	int64_t body_max_bytes, item_max_bytes;
	int64_t stored_bytes;      /* in all tables of the site; -1 = not for this person */
	int64_t measured_at;
};

struct dashboard_page {
	const struct frame *frame;
	const struct summary_view *summary;
	size_t summary_count;
	const struct worker_view *workers;
	size_t worker_count;
	const struct job_view *recent;
	size_t recent_count;
	const struct error_view *errors;  /* the most frequent; example_ordinal is not used */
	size_t error_count;
	struct bar_chart hour, day;  /* of items */
	bool may_see_errors;         /* the error log */
	bool may_schedule;
	struct quota_view quota;
	bool own_only;               /* only the person's own batches: no totals, no workers */
};
void page_dashboard(struct str *out, const struct dashboard_page *page);

struct login_page {
	const struct frame *frame;
	const struct issues *issues;
	const char *name;            /* kept after a mistake */
	const char *next;            /* where to go afterwards, "" = the dashboard */
};
void page_login(struct str *out, const struct login_page *page);

#endif
