/*
 * The pages of batches: the list, one batch with its progress and results, and
 * the questions before a cancel and an undo.
 */
#ifndef VIEWS_PAGE_JOB_H
#define VIEWS_PAGE_JOB_H

#include "views/job_view.h"

struct jobs_page {
	const struct frame *frame;
	const struct job_view *jobs;
	size_t job_count;
	const char *phase, *type;    /* present filter; "" = any */
	bool mine_only, may_see_all;
	int64_t next_before;         /* older ones are below this id; 0 = none */
};
void page_jobs(struct str *out, const struct jobs_page *page);
/* The table alone; `label_id` names the heading it belongs to. */
void jobs_table(struct str *out, const struct frame *frame, const struct job_view *jobs, size_t count,
		const char *label_id);

struct job_page {
	const struct frame *frame;
	const struct job_view *job;
	const struct error_view *errors;
	size_t error_count;
	const struct item_view *items;
	size_t item_count;
	const char *outcome;         /* filter; "" = all */
	int64_t after;               /* this page begins behind that ordinal; -1 = the first */
	int64_t next_after;          /* -1 = none */
	bool is_continued;           /* without JavaScript this page goes on by itself */
	const struct issues *issues; /* why a button did nothing, or NULL */
	struct {
		double seconds;      /* of work */
		int64_t requests, rows;
	} run;                       /* what a checked batch will cost; 0 rows = not to be told */
};
void page_job(struct str *out, const struct job_page *page);
/* Its results part: tabs, table, pager (page_job_items.c). */
void job_results(struct str *out, const struct job_page *page);

/* What became of each file, where there were several (page_job_files.c). */
void job_files(struct str *out, const struct frame *frame, const struct job_view *job);

/* The question before an undo (page_undo.c), or why it can't be. */
void page_job_undo(struct str *out, const struct frame *frame, const struct job_view *job, const char *refusal);
/* What an undo has done or does. */
void job_undo_note(struct str *out, const struct frame *frame, const struct job_view *job);

void page_job_cancel(struct str *out, const struct frame *frame, const struct job_view *job);

#endif
