/*
 * What the two files of installer pages share.  Not for others.
 */
#ifndef VIEWS_PAGE_INSTALL_PARTS_H
#define VIEWS_PAGE_INSTALL_PARTS_H

#include "views/page_install.h"

/* The frame, and the list of steps with the present one marked. */
void install_begin(struct str *out, const struct frame *frame, enum install_step step);
void findings_list(struct str *out, const struct findings *found);

#endif
