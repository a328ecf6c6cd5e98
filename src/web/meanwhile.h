/*
 * Two people at one form: the second is told what the first did, and keeps what
 * was typed (views/meanwhile.h).
 */
#ifndef WEB_MEANWHILE_H
#define WEB_MEANWHILE_H

#include "views/meanwhile.h"
#include "web/http.h"

/* The row_version that the form showed (html_row_version) into `row_version`,
 * which holds the present one and keeps it where the form has none. */
void form_row_version(const struct request *request, int64_t *row_version);

/* Is the present failure stale_version?  Then a form can tell it. */
bool was_first(const struct request *request);

/* Clears that failure and finds who was first: the newest row of the audit log
 * with one of `actions` (NULL at the end) about `object_id`.  `path` is the
 * thing's page.  False when the database can't be asked. */
MUST_USE bool meanwhile_begin(struct request *request, const char *const *actions, int64_t object_id, const char *path,
			      struct meanwhile *meanwhile_out);
/* Who was first, where it is known otherwise. */
void meanwhile_by(const struct request *request, struct meanwhile *meanwhile, int64_t user_id, const char *name, int64_t at);
/* A field, if the two differ; NULL is "". */
void meanwhile_add(struct meanwhile *meanwhile, const char *label, const char *theirs, const char *yours);
/* Somebody has deleted what the form was about: the present failure, cleared, as
 * an issue on the form of a new one, which keeps what was typed. */
void deleted_tell(struct request *request, struct issues *issues);
/* The issue that leads to the panel. */
void meanwhile_tell(const struct meanwhile *meanwhile, struct issues *issues);

#endif
