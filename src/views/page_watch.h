/*
 * The pages for those who keep the site: errors by kind, who did what, and how
 * the program and its database stand.
 */
#ifndef VIEWS_PAGE_WATCH_H
#define VIEWS_PAGE_WATCH_H

#include "views/layout.h"

/* --- errors ---------------------------------------------------------------- */

struct error_kind_view {
	int64_t id;
	const struct code_info *info;
	const char *context;         /* "create", "program"… */
	const char *state;           /* "open", "reopened", "resolved" */
	int64_t count, first_seen, last_seen, resolved_at, reopened_at;
	int64_t job_id, ordinal;     /* an example; 0 and -1 = none, or not for this person */
	const char *detail;          /* of the example; "" = none */
	const char *reference;       /* "" = none */
};

struct errors_page {
	const struct frame *frame;
	const char *show;            /* "open", "resolved", "all" */
	const struct error_kind_view *errors;
	size_t error_count;
	int64_t after, next_after;   /* 0 = first page, no more */
};
void page_errors(struct str *out, const struct errors_page *page);

struct resolution_view {
	int64_t at, count;
	const char *user_name;
	const char *text;
};

struct error_page {
	const struct frame *frame;
	const struct error_kind_view *error;
	const struct resolution_view *resolutions; /* newest first */
	size_t resolution_count;
	bool may_resolve;
	const char *typed;           /* a resolution that was refused */
	const struct issues *issues;
};
void page_error(struct str *out, const struct error_page *page);

/* --- audit ----------------------------------------------------------------- */

struct audit_view {
	int64_t at, user_id, job_id, object_id;
	const char *user_name;       /* "" = nobody who is known */
	const char *action;
	const char *address;         /* where from, or NULL */
	const char *detail;          /* JSON, or NULL */
};

struct audit_page {
	const struct frame *frame;
	const struct audit_view *rows;
	size_t row_count;
	const char *action, *job, *from, *before, *user; /* the filter as given, "" where nothing */
	int64_t next_after;          /* 0 = no more */
	bool is_first;
	const struct issues *issues;
};
void page_audit(struct str *out, const struct audit_page *page);
/* --- the system ------------------------------------------------------------ */

struct table_view {
	const char *name;
	int64_t rows, data_bytes, index_bytes;
};

struct setting_view {
	const char *name, *label, *unit;
	const char *if_zero;         /* what 0 means, or NULL */
	int64_t value;
};

struct system_page {
	const struct frame *frame;
	const char *version, *database_version;
	const struct table_view *tables; /* largest first */
	size_t table_count;
	int64_t bytes;                   /* of all of them */
	const struct setting_view *settings;
	size_t setting_count;
	int64_t measured_at, maintained_at; /* 0 = not yet */
	int64_t removed;             /* rows deleted by maintenance so far */
	int64_t forgotten_left;      /* batches whose rows still have to go */
};
void page_system(struct str *out, const struct system_page *page);

#endif
