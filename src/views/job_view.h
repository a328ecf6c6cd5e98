/*
 * A job as its pages show it: plain values, and the words for them.
 *
 * Filled by the handlers from the engine's structs; the views below know these
 * and nothing of the engine.  Texts are borrowed and may be NULL where said.
 */
#ifndef VIEWS_JOB_VIEW_H
#define VIEWS_JOB_VIEW_H

#include "views/layout.h"

struct job_numbers {
	int64_t pending, succeeded, unchanged, skipped, conflict, failed, unprocessed, undone, undo_conflict;
};

/* A batch that has to succeed first. */
struct other_job {
	int64_t id;
	const char *label;
	const char *status;          /* NULL = deleted */
};

/* What the person may do with it now. */
struct job_steps {
	bool start, pause, resume, cancel, undo;
	int64_t retry_failed;        /* items that went wrong and may be tried again */
	int64_t retry_unprocessed;   /* items that were left */
	int64_t decide;              /* items in conflict that wait for a person */
	bool create_ready;           /* an evaluation that has ended */
	bool run_for_real;           /* a finished check whose input can be used again */
};

/* One of the files that a batch came in, when there were several. */
struct file_view {
	const char *name;
	int64_t bytes, items;
	int64_t first_ordinal;
	bool is_csv;
	bool is_refused, is_cancelled;
	const char *message;         /* why it was refused, or NULL */
};

struct job_view {
	int64_t id;
	const char *type;            /* "create", "update", "evaluate" */
	const char *status;          /* "running" … */
	const char *label;           /* "" = none */
	const char *created_by;
	const char *on_conflict;
	bool is_dry_run;
	bool is_csv;
	bool is_terminal;
	int32_t epoch;
	int64_t total, received, cursor;
	int64_t goal;                /* of the total: without what is left for good, until the end */
	int64_t unreadable;          /* of those that failed: no retry helps */
	int32_t percent;
	int32_t lanes, max_lanes;
	struct job_numbers counts;
	double eta_s;                /* < 0 = unknown */
	double throughput_per_s;
	int64_t elapsed_ms;
	int64_t created_at, started_at, finished_at;
	int64_t undo_until;          /* 0 = there is nothing to undo */
	bool is_undo;                /* what it does now, or did last, is an undo */
	const char *message;         /* plain words when nothing moves, or NULL */
	struct other_job *waiting_for;
	size_t waiting_for_count;
	const struct file_view *files; /* of a batch that came in several; only on its own page */
	size_t file_count;
	struct job_steps may;
};

/* Errors of one kind. */
struct error_view {
	const struct code_info *info;
	int64_t count;
	int64_t example_ordinal;
};

/* One reason of one item. */
struct reason_view {
	const char *code;            /* name, for the link to its help; may be NULL */
	const char *field;           /* "starts_at", or NULL for the whole item */
	const char *value;           /* what stands there, or NULL */
	const char *message;
	const char *suggestion;      /* or NULL */
};

struct item_view {
	int64_t ordinal;
	const char *outcome;
	const char *verdict;         /* NULL unless an evaluation */
	const char *what;            /* its title, client_id or what it names; "" if unreadable */
	int64_t event_id;            /* 0 = none */
	int64_t following_id;        /* of a series divided: the event that carries on; 0 = none */
	struct reason_view *reasons;
	size_t reason_count;
	int64_t more_reasons;        /* not listed */
};

/* "create" -> "Create events", "Check: create events". */
void job_title(struct str *out, const struct job_view *job);
/* What an outcome is called for this job: "created", "would be created"… */
const char *outcome_word(const struct job_view *job, const char *outcome);
/* How the rows of this job are numbered for people: a CSV's first data row is
 * row 2 of the file; anything else counts items from 1. */
int64_t row_number(const struct job_view *job, int64_t ordinal);
/* The file that an item came in, NULL when there was but one; then rows are
 * numbered within it. */
const struct file_view *file_of(const struct job_view *job, int64_t ordinal);

/* A state as icon and text; that of a job is "Needs decision" where it waits
 * for nothing else. */
void state_pill(struct str *out, const char *status);
void job_pill(struct str *out, const struct job_view *job);
void outcome_pill(struct str *out, const struct job_view *job, const char *outcome);
void verdict_pill(struct str *out, const char *verdict);
/* "340 of 1,000 · 3 failed" */
void job_numbers_line(struct str *out, const struct job_view *job);
/* <progress> with its name; `id` NULL for a small one in a table. */
void job_progress(struct str *out, const struct job_view *job, const char *id);
/* Items that are not pending any more. */
int64_t job_done(const struct job_view *job);

#endif
