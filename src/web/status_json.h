/*
 * Batches as the API shows them: the status body, item results, and the reply
 * that carries a status.
 */
#ifndef WEB_STATUS_JSON_H
#define WEB_STATUS_JSON_H

#include "batch/batch.h"
#include "web/http.h"

void status_json(struct json_writer *w, const char *key, const struct batch_status *status);
/* One item result.  What it allocates from the arena may be rewound after. */
void item_json(struct json_writer *w, struct arena *arena, const struct job *job, const struct item_result *item);

/* Replies with the status body of a job: ETag, Retry-After until terminal,
 * 304 for a GET whose If-None-Match names it. */
void respond_status(struct response *response, int http_status, int64_t job_id);
/* The same, and what an advance did. */
void respond_advanced(struct response *response, int64_t job_id, const struct advance_report *report);
/* 202: the same, and what was decided about conflicts. */
void respond_decided(struct response *response, int64_t job_id, const struct decide_report *report);
/* Location: of a job. */
void locate_job(struct response *response, int64_t job_id);

/* One page of results as a list: {"items": […], "next": …}; `with_status`
 * adds "job", the status body.  Link: rel="next" where there is more. */
void respond_results(struct response *response, int64_t job_id, bool with_status);

#endif
