/*
 * What the pages of a webhook share.
 */
#ifndef VIEWS_PAGE_WEBHOOK_PARTS_H
#define VIEWS_PAGE_WEBHOOK_PARTS_H

#include "views/page_webhooks.h"

/* The form with its fields and buttons. */
void webhook_fields(struct str *out, const struct webhook_form *form);

#endif
