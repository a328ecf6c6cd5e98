/*
 * What a form tells when somebody else has changed the same thing since it was
 * opened: who, when, and where what stands now differs from what was typed.
 */
#ifndef VIEWS_MEANWHILE_H
#define VIEWS_MEANWHILE_H

#include "views/layout.h"

#define MEANWHILE_FIELDS_MAX 32

struct meanwhile {
	const char *who;           /* "" = nobody who is known */
	bool is_self;              /* whom the form is shown to */
	int64_t at;                /* UTC seconds; 0 = not known */
	const char *path;          /* below base: the thing as it is now */
	struct {
		const char *label, *theirs, *yours;
	} fields[MEANWHILE_FIELDS_MAX];
	size_t count;
};

/* The form's hidden field with the row_version that it shows. */
void html_row_version(struct str *out, int64_t row_version);
/* Below the summary, which leads to it (#f-now); nothing for NULL. */
void meanwhile_panel(struct str *out, const struct frame *frame, const struct meanwhile *meanwhile);

#endif
