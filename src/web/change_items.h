/*
 * From "move these events by two days" to the items of a bulkUpdate.
 *
 * Plain new values of all that a filter matches are one item with a query,
 * which the engine freezes; everything else is an item per event.
 */
#ifndef WEB_CHANGE_ITEMS_H
#define WEB_CHANGE_ITEMS_H

#include "batch/batch.h"
#include "views/page_bulk.h"
#include "web/selection.h"

#define SHIFTED_MAX 50000 /* events that are moved one by one within a request */

struct change {
	const struct selection *selection;
	int64_t shift;           /* in units of shift_unit_s; 0 = do not move */
	int64_t shift_unit_s;
	bool keeps_wall_time;    /* days and weeks: the time of day stays */
	const struct change_view *view; /* the other new values, as given */
};

/* Reads and checks the form's fields; problems are issues at the fields, and
 * so is a form that changes nothing. */
void change_read(struct request *request, const struct change_view *view, struct change *change_out,
		 struct issues *issues);

/* Creates the batch and starts it.  What was sent before a failure is
 * cancelled. */
MUST_USE bool change_create(struct ctx *ctx, const struct change *change, const struct batch_options *options,
			    struct job *job_out);

#endif
