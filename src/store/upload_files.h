/*
 * Rows of upload_files: the files of a batch that came in several.
 *
 * A file's items are those from its first ordinal to the next file's, so
 * receiving items touches none of these rows.  Batches of one file have none.
 */
#ifndef STORE_UPLOAD_FILES_H
#define STORE_UPLOAD_FILES_H

#include "store/jobs.h"

#define UPLOAD_FILES_MAX 100       /* of one batch */
#define UPLOAD_NAME_MAX 255        /* characters; longer names are cut */
#define UPLOAD_MESSAGE_MAX 400

enum upload_state { UPLOAD_TAKEN, UPLOAD_REFUSED, UPLOAD_CANCELLED, UPLOAD_STATE_COUNT };
const char *upload_state_name(enum upload_state state);
bool upload_state_by_name(const char *name, enum upload_state *state_out);

struct upload_file {
	int32_t file_no;           /* from 1 */
	const char *name;
	int64_t bytes;
	int64_t first_ordinal;
	int64_t items;             /* that have arrived of it */
	enum upload_state state;
	const char *code, *message; /* of a refused one, else NULL */
	const char *csv_header;    /* JSON list, NULL = it is no CSV */
};

/* In order; texts in ctx->arena. */
MUST_USE bool upload_files_list(struct ctx *ctx, const struct job *job, struct upload_file **list_out, size_t *count_out);

/* In a transaction that holds the job: what comes from now on is of this file,
 * with columns of its own. */
MUST_USE bool upload_file_insert(struct ctx *ctx, const struct job *job, const struct upload_file *file);
MUST_USE bool upload_file_set_state(struct ctx *ctx, int64_t job_id, int32_t file_no, enum upload_state state, const char *code,
				    const char *message);
/* In a transaction that holds a receiving job: forgets its items from ordinal
 * `cut` on, and all that came with them. */
MUST_USE bool upload_rewind(struct ctx *ctx, const struct job *job, int64_t cut);

/* The files of one batch become those of another with the same items. */
MUST_USE bool upload_files_copy(struct ctx *ctx, int64_t from_job, int64_t to_job);

#endif
