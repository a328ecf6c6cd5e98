/*
 * The rows of a batch as a form brings them, and the options beside them.
 */
#ifndef WEB_BATCH_INPUT_H
#define WEB_BATCH_INPUT_H

#include "batch/batch.h"
#include "web/http.h"

/* Fills `options` from on_conflict, label and run ("check" = dry run) of a form
 * over the defaults; problems are issues at the fields. */
void options_from_form(struct request *request, enum job_type type, struct batch_options *options,
		       struct issues *issues);

#endif
