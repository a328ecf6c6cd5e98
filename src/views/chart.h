/*
 * A bar chart over time as SVG, with the same figures as a table: no script,
 * no style of its own beyond classes.
 */
#ifndef VIEWS_CHART_H
#define VIEWS_CHART_H

#include "views/layout.h"

struct bar_chart {
	const char *id;           /* of its heading; unique on the page */
	const char *title;        /* "Items a minute, last hour" */
	const char *unit;         /* column of the table: "Minute" */
	int64_t first_at, step_s; /* UTC second of the first bar, width of one */
	size_t count;
	const int64_t *values;
};
void bar_chart(struct str *out, const struct frame *frame, const struct bar_chart *chart);

#endif
