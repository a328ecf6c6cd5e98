/*
 * Which events a person means: the filter of the list, or ticked ones, read
 * alike from a query string and from a form.
 */
#ifndef WEB_SELECTION_H
#define WEB_SELECTION_H

#include "rules/filter.h"
#include "views/page_event.h"
#include "web/http.h"

#define SELECTION_MAX 500          /* ticked events */
#define MATCH_COUNT_CAP 100000     /* "more than 100,000" */

struct selection {
	int64_t *ids;              /* in the order given, or none */
	size_t id_count;
	bool by_filter;            /* scope=filter: all that match, not the ticked ones */
	struct event_filter filter;
	struct filter_view view;   /* the same as the person gave it */
	int64_t given_count;       /* how many the list said; -1 = it did not */
};

/* Reads name/value pairs; what can't be understood is an issue at the field
 * and left out of the filter.  A date is a day in the person's zone. */
void selection_read(struct request *request, const struct pair *pairs, size_t count, struct selection *selection_out,
		    struct issues *issues);

/* The filter as the "query" of a selector (api.md). */
void selection_write_query(struct json_writer *w, const char *key, const struct event_filter *filter);

#endif
