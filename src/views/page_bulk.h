/*
 * The pages that begin a batch: from a file or pasted text, and from a
 * selection of events.
 */
#ifndef VIEWS_PAGE_BULK_H
#define VIEWS_PAGE_BULK_H

#include "views/page_event.h"

struct bulk_page {
	const struct frame *frame;
	const struct issues *issues; /* fields: file, text, on_conflict, label */
	const char *operation;       /* "create", "update", "evaluate" */
	const char *text, *label, *on_conflict;
	int64_t resume_id;           /* a batch whose upload goes on, 0 = none */
	int64_t resume_received;
};
void page_bulk(struct str *out, const struct bulk_page *page);

/* What the change form holds; "" = leave as it is. */
struct change_view {
	const char *shift_by, *shift_unit; /* "-2", "days" */
	const char *status, *title, *version_no, *schedule_type, *priority;
	const char *label, *on_conflict;
};

struct change_page {
	const struct frame *frame;
	const struct issues *issues;
	const int64_t *ids;          /* the selection, or none: then the filter */
	size_t id_count;
	struct filter_view filter;
	int64_t match_count;         /* events that the filter matches now */
	bool count_differs;          /* ... and that is not what the list said */
	const struct event *samples; /* the first few */
	size_t sample_count;
	struct change_view values;
};
void page_change(struct str *out, const struct change_page *page);

/* The options that both forms share, and their buttons. */
void batch_options_fields(struct str *out, const struct issues *issues, const char *label, const char *on_conflict,
			  bool is_evaluate);

#endif
