/*
 * The rows of a batch as a form brings them, and the options beside them.
 */
#ifndef WEB_BATCH_INPUT_H
#define WEB_BATCH_INPUT_H

#include "batch/batch.h"
#include "web/http.h"

/* Text in memory as the engine reads it. */
struct memory_source {
	const char *at;
	size_t left;
};
struct byte_source memory_source(struct memory_source *memory);

/* What a text is: by its first character, and by a name that says NDJSON. */
enum ingest_format guess_format(const char *text, size_t len, const char *file_name);

/* Fills `options` from on_conflict, label and run ("check" = dry run) of a form
 * over the defaults; problems are issues at the fields. */
void options_from_form(struct request *request, enum job_type type, struct batch_options *options,
		       struct issues *issues);

#endif
