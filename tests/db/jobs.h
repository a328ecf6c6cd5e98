/*
 * Batches for tests: made, run and told in words.
 */
#ifndef DB_JOBS_H
#define DB_JOBS_H

#include "fixture.h"

#include "store/chunks.h"

/* --- bytes --------------------------------------------------------------------- */

/* A body that arrives in pieces of `step` bytes (0 = as asked for) and may
 * break off after `breaks_at` bytes (0 = never). */
struct body {
	const char *text;
	size_t len, at;
	size_t step, breaks_at;
};
struct byte_source body_source(struct body *body);

/* --- events as JSON -------------------------------------------------------------- */

/* {"content_id":…,"version_no":1,"starts_at":…,"duration_s":…MORE}: `more` is "" or
 * begins with a comma. */
char *event_json(struct site *site, int64_t content, int64_t minute, int64_t minutes, const char *more);
/* "[a,b,…]" of a NULL-terminated list. */
char *list_of(struct site *site, const char *first, ...) __attribute__((sentinel));
/* Half an hour on that day. */
char *day_event(struct site *site, int64_t day, const char *more);
/* "[…]" of one on each day, with more(i). */
char *day_events(struct site *site, int64_t count, const char *(*more)(struct site *site, int64_t i));
/* "[…]" of so many events without conflicts, half an hour each on venue 1 + i % 10. */
char *many_events(struct site *site, int64_t count);

/* --- batches ------------------------------------------------------------------------ */

/* A batch of one slice, started.  `options` is JSON or NULL. */
int64_t batch_new(struct site *site, enum job_type type, const char *options, const char *body);
/* Stores a slice; the items accepted. */
int64_t append(struct site *site, int64_t job, int64_t offset, enum ingest_format format, const char *body);
/* Advances with a connection until the end; what has to wait first (for the lease or the backoff of another) is waited for. */
void run_batch(struct site *site, int64_t job);
/* batch_undo() and run_batch(). */
void run_undo(struct site *site, int64_t job);
/* batch_new() and run_batch(). */
int64_t new_run(struct site *site, enum job_type type, const char *options, const char *body);
/* A batch of these items, run. */
#define CREATE(options, ...) new_run(site, JOB_CREATE, options, list_of(site, __VA_ARGS__, NULL))
#define EVALUATE(options, ...) new_run(site, JOB_EVALUATE, options, list_of(site, __VA_ARGS__, NULL))
#define UPDATE(options, ...) new_run(site, JOB_UPDATE, options, list_of(site, __VA_ARGS__, NULL))
/* One of its items: so an event is changed. */
#define BY_ID(id, values) text_of(site, "{\"selector\":{\"event_id\":%lld},\"values\":%s}", (long long)(id), values)
/* An event of whoever `site` is, from a batch of its own: the id. */
int64_t stored(struct site *site, int64_t content, int64_t minute, int64_t minutes, const char *more);
/* Claims a chunk in any lane that is free; mine_out false also when none is. */
bool claim(struct ctx *ctx, const struct job *job, struct chunk *chunk, bool *mine_out);
/* A time budget that is over when the first step has been taken, however quick that was. */
#define ONE_STEP (-1)
/* One chunk, or one step of what comes before the first. */
void advance_once(struct ctx *ctx, int64_t job);
/* Another process, `two`, takes one of the batch's chunks and is still at it. */
void begin_chunk(struct site *site, int64_t id, struct job *job_out, struct chunk *held_out);
struct batch_options options_of(struct site *site, enum job_type type, const char *json);

/* Every item as a line: "0 succeeded", "1 failed; CODE POINTER: MESSAGE", "2 succeeded ready; …", and for each
 * conflict listed "; KIND hard|soft with event 7|item 3". */
const char *told(struct site *site, int64_t job);
/* "ORDINAL STAGE" of every item that has a node. */
const char *stages_told(struct site *site, int64_t job);
/* "succeeded: 3 succeeded 0 unchanged …" from batch_status(): state and counts that are not 0; checks that they
 * sum to the total. */
const char *status_line(struct site *site, int64_t job);
/* The event that an item made or changed. */
int64_t event_of(struct site *site, int64_t job, int64_t ordinal);

/* Rows that this connection has read so far; asking reads some, too. */
int64_t rows_touched(struct ctx *ctx);

/* --- the domain as text ---------------------------------------------------------------- */

/* "CONTENT vVERSION START+MINUTES status rROW_VERSION" of every event, by start. */
const char *events_told(struct site *site);
/* "KIND CALENDAR START-END vVERSION" of every busy row, in minutes. */
const char *busy_told(struct site *site);
/* "KIND CALENDAR bumped|still LONGEST" of every calendar since calendars_mark(). */
void calendars_mark(struct site *site);
const char *calendars_told(struct site *site);
/* Everything that a person can see of events, and where they stand; what counts changes or tells who made them
 * is left out. */
const char *domain_seen(struct site *site);
/* Checksums of all tables that are not the engine's own. */
const char *domain_sum(struct site *site);
/* busy, event_resources and events agree, and no two events hold a venue or person at once. */
void assert_domain_whole(struct site *site);

#endif
