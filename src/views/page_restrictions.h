/*
 * Pages of restrictions: the list, the form, and the question before one goes.
 */
#ifndef VIEWS_PAGE_RESTRICTIONS_H
#define VIEWS_PAGE_RESTRICTIONS_H

#include "rules/compliance.h"
#include "views/meanwhile.h"

struct restriction_view {
	struct restriction rule;
	const char *resource_name; /* NULL = it is gone */
	const char *reason;
	const char *alternatives;  /* names, comma-separated; "" = none */
	bool may_change;
	int64_t row_version;
};

/* Somebody or something that can be chosen. */
struct resource_choice {
	int64_t id;
	const char *kind, *name;
	bool is_alternative;       /* of the restriction in the form */
};

struct restrictions_page {
	const struct frame *frame;
	const struct issues *issues;
	const char *resource_id, *from, *to; /* the filter as it was typed */
	const struct restriction_view *rows;
	size_t row_count;
	const struct resource_choice *resources;
	size_t resource_count;
	bool has_more;             /* than are listed: a number is asked for */
	int64_t after, next_after; /* 0 = none */
	const char *filter_query;  /* "resource_id=…&from=…", encoded, for the pager */
	const char *note;          /* what was just done, or NULL */
	bool may_add;
};
void page_restrictions(struct str *out, const struct restrictions_page *page);

/* Values as they stand in the fields. */
struct restriction_form {
	const struct frame *frame;
	const struct issues *issues;
	int64_t id;                /* 0 = a new one */
	const char *resource_id;
	const char *from, *to;     /* "2026-12-01T09:00" in the person's zone */
	bool is_hard;
	const char *schedule_types, *tags, *reason;
	const struct resource_choice *resources;
	size_t resource_count;
	bool has_more;             /* than are listed: others can be typed */
	const char *resource_other, *alternatives_other;
	int64_t row_version;       /* that it shows */
	const struct meanwhile *meanwhile; /* NULL = nobody else was at it */
};
void page_restriction_form(struct str *out, const struct restriction_form *form);

/* `has_changed`: since the question was asked. */
void page_restriction_delete(struct str *out, const struct frame *frame, const struct restriction_view *row, bool has_changed);

#endif
