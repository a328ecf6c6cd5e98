/*
 * The filter of the audit log, for its API and its page.
 */
#ifndef WEB_AUDIT_INPUT_H
#define WEB_AUDIT_INPUT_H

#include "store/audit.h"
#include "web/http.h"

/* Query parameters `user`, `action`, `job`, `from` and `before` (a time, or a
 * day in UTC); empty ones are none, issues tell what can't be read. */
void audit_filter_read(struct request *request, struct audit_filter *filter, struct issues *issues);

#endif
