/*
 * The filter of the audit log, for its API and its page.
 */
#ifndef WEB_AUDIT_INPUT_H
#define WEB_AUDIT_INPUT_H

#include "store/audit.h"
#include "web/http.h"

/* Query parameters `user`, `action`, `job`, `from` and `before` (a time, or a
 * day in UTC); issues for what can't be read.  False: a failure was set. */
MUST_USE bool audit_filter_read(struct request *request, struct audit_filter *filter, struct issues *issues);

#endif
