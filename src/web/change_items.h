/*
 * From "move these events by two days" to the items of a bulkUpdate: one item
 * with a query, which the engine freezes, or one for each ticked event.
 */
#ifndef WEB_CHANGE_ITEMS_H
#define WEB_CHANGE_ITEMS_H

#include "batch/batch.h"
#include "views/page_bulk.h"
#include "web/selection.h"

struct change {
	const struct selection *selection;
	int64_t shift_s;         /* 0 = do not move */
	const struct change_view *view; /* the other new values, as given */
};

/* Reads and checks the form's fields; problems are issues at the fields, and
 * so is a form that changes nothing. */
void change_read(struct request *request, const struct change_view *view, struct change *change_out,
		 struct issues *issues);

/* Creates the batch and starts it, once for the form's key. */
MUST_USE bool change_create(struct request *request, const struct change *change, const struct batch_options *options,
			    struct job *job_out);

#endif
