/*
 * Help that must not go stale: the overview, and every error code from the one
 * table of codes (base/codes.h).  The rest of the help are files in
 * htdocs/help.
 */
#ifndef VIEWS_PAGE_HELP_H
#define VIEWS_PAGE_HELP_H

#include "views/layout.h"

void page_help(struct str *out, const struct frame *frame);
/* One section per code; its id is the code's name. */
void page_help_errors(struct str *out, const struct frame *frame);

#endif
