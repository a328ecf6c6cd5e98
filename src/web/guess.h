/*
 * Guesses at secrets (passwords, codes): counted before anything is computed,
 * and noted in the audit log.
 */
#ifndef WEB_GUESS_H
#define WEB_GUESS_H

#include "web/http.h"

/* One more guess by this request's address, and at `whom`.  An account is
 * counted together with the address, so that nobody is locked out by what
 * others try from elsewhere.  FAIL_LIMIT (too_many_requests). */
MUST_USE bool guess_password(struct request *request, const char *name);
/* It was right: what the account and the address had is forgiven. */
MUST_USE bool guess_password_right(struct request *request, const char *name);

/* The same for one-time codes of an account: whoever comes this far knows the
 * password, and a code has a million values only, so it is counted from
 * wherever it comes. */
MUST_USE bool guess_code(struct request *request, int64_t user_id);
MUST_USE bool guess_code_right(struct request *request, int64_t user_id);

/* Where from; not which name was tried, which may be a password in the wrong
 * field. */
MUST_USE bool guess_note(struct request *request, const char *action, int64_t user_id);
/* A failure stays what it was, noted or not: false. */
bool guess_note_failure(struct request *request, const char *action, int64_t user_id);

#endif
