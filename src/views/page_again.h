/*
 * The page that gives back what was typed into a form whose session had ended.
 */
#ifndef VIEWS_PAGE_AGAIN_H
#define VIEWS_PAGE_AGAIN_H

#include "views/layout.h"

struct again_field {
	const char *name, *value;
};

struct again_page {
	const struct frame *frame;
	const char *address;         /* where the form goes, below base */
	const struct again_field *fields;
	size_t field_count;
	bool is_in;                  /* somebody is signed in by now */
	bool has_file;               /* files can't be given back */
	bool is_multipart;
};
void page_again(struct str *out, const struct again_page *page);

#endif
