/*
 * Several files in one batch: each is an import of its own, named with its
 * outcome; one that can't be read takes nothing from the others.
 *
 * A client begins a file, sends its slices by batch_append() as for any batch,
 * and begins the next.  The last file can be taken back as long as the batch
 * receives.  Access is checked as in batch.h.
 */
#ifndef BATCH_FILES_H
#define BATCH_FILES_H

#include "batch/batch.h"
#include "store/upload_files.h"

/* Begins file `file_no` (1, 2, …) of a receiving batch; begun already under the
 * same name it is as it was.  FAIL_CONFLICT: not the next one, or the batch
 * takes no more; FAIL_LIMIT beyond UPLOAD_FILES_MAX. */
MUST_USE bool batch_file_begin(struct ctx *ctx, int64_t job_id, int32_t file_no, const char *name, int64_t bytes,
			       struct upload_file *file_out);

/* Takes the last file's items back, a bounded number to a transaction, until it
 * is done or a time budget is over (`done_out` false: ask again).  `state`
 * UPLOAD_REFUSED (with the reason) or UPLOAD_CANCELLED (code and message NULL).
 * FAIL_CONFLICT when another file came after it or the batch runs. */
MUST_USE bool batch_file_drop(struct ctx *ctx, int64_t job_id, int32_t file_no, enum upload_state state, const char *code,
			      const char *message, bool *done_out);

/* Files of a batch; `job_out` may be NULL. */
MUST_USE bool batch_files(struct ctx *ctx, int64_t job_id, struct job *job_out, struct upload_file **list_out, size_t *count_out);

struct file_input {
	const char *name, *data;   /* borrowed */
	size_t len;
	enum ingest_format format;
};
/* With what the text looks like; `name` may be NULL. */
struct file_input file_input_of(const char *name, const char *data, size_t len);
/* Is it a file that no reader here could take (a spreadsheet, a PDF, nothing at
 * all)?  Then ctx->fail says so in the words of a form. */
MUST_USE bool file_is_text(struct ctx *ctx, const char *text, size_t len);

/* A new, started batch of one text in memory (batch_create_from_body). */
MUST_USE bool batch_create_from_text(struct ctx *ctx, enum job_type type, const struct batch_options *options,
				     const struct file_input *text, struct job *job_out);

/* A new, started batch of files in memory.  Those that can't be read are
 * refused, each with its reason in `issues` (at `pointer`); false without a failure of
 * ctx when no file had any item: then there is no batch. */
MUST_USE bool batch_create_from_files(struct ctx *ctx, enum job_type type, const struct batch_options *options,
				      const struct file_input *files, size_t count, struct issues *issues, const char *pointer,
				      struct job *job_out);

#endif
