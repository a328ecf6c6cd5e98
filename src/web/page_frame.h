/*
 * What the page handlers share: the frame from a request, forms that were
 * checked, and the link by which a page without JavaScript does work.
 */
#ifndef WEB_PAGE_FRAME_H
#define WEB_PAGE_FRAME_H

#include "views/layout.h"
#include "web/http.h"

/* The frame of a page: who is signed in, what the navigation shows, in which
 * zone times are shown. */
void page_frame(const struct request *request, const char *title, enum nav current, struct frame *frame_out);

/* Reads the form and checks that it is ours.  On false the reply is written. */
MUST_USE bool form_checked(struct request *request, struct response *response);
/* A form field or query parameter, "" if absent. */
const char *form_text(const struct request *request, const char *name);
const char *param_text(const struct request *request, const char *name);

/* An empty list of issues in the request's arena. */
struct issues page_issues(const struct request *request);
/* The present failure as an issue, so that a form can show it; clears it.
 * `name` is the field it belongs to, NULL = none. */
void issue_from_fail(struct request *request, struct issues *issues, const char *name);
/* Can the person do something about the present failure in a form? */
bool fail_is_for_form(const struct request *request);

/*
 * "GET starts no work" (security.md): a GET advances a job only if it carries a
 * token that a POST of this very session gave out, and is no prefetch.
 */
#define CONTINUATION_SIZE 33
void continuation_token(const struct request *request, int64_t job_id, char out[CONTINUATION_SIZE]);
/* Does ?go= hold the token of this session and job? */
bool continuation_is_given(const struct request *request, int64_t job_id);
bool is_prefetch(const struct request *request);
/* 303 to the job's page, with the token. */
void redirect_to_job(struct response *response, int64_t job_id);

#endif
