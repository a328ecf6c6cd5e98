/*
 * Failures: how a function tells its caller why it did not do its work.
 *
 * A fallible function returns bool and fills a struct fail on false.  The
 * public message goes to the user, the detail to the log and only there.
 * One function (web/http.c) maps a kind to an HTTP status and a log level.
 */
#ifndef BASE_FAIL_H
#define BASE_FAIL_H

#include <stdbool.h>

#include "base/codes.h"

#define MUST_USE __attribute__((warn_unused_result))

enum fail_kind {
	FAIL_NONE,
	FAIL_INVALID,     /* 400 or 422: the input is wrong */
	FAIL_DENIED,      /* 401 or 403 */
	FAIL_NOT_FOUND,   /* 404 */
	FAIL_CONFLICT,    /* 409 or 412 */
	FAIL_RETRY,       /* 503: passes by itself (deadlock, lock wait, database away) */
	FAIL_UNCERTAIN,   /* the commit's answer was lost: look before doing it again */
	FAIL_LIMIT,       /* 413 or 429 */
	FAIL_INTERNAL,    /* 500: our mistake */
};

struct issues; /* base/issue.h */

struct fail {
	enum fail_kind kind;
	enum code code;
	char public_message[320];
	char suggestion[240];      /* "" = the code's own */
	char pointer[160];         /* JSON Pointer (RFC 6901) or "" */
	const struct issues *issues; /* where several things are wrong at once, in the request's memory; else NULL */
	char detail[512];          /* for the log only */
	int os_or_sql_error;       /* errno or MySQL error number, 0 if none */
};

/* Fills `fail` and returns false, so that callers write
 * `return fail_set(fail, FAIL_INVALID, CODE_…, "…", …);`.  The message is the
 * public one; the first failure wins until fail_clear(). */
bool fail_set(struct fail *fail, enum fail_kind kind, enum code code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds what only the log may see. Returns false. */
bool fail_detail(struct fail *fail, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a pointer to the offending place. Returns false. */
bool fail_at(struct fail *fail, const char *pointer_format, ...) __attribute__((format(printf, 2, 3)));

void fail_clear(struct fail *fail);

/* For what reading does in passing (when a session was last seen, a batch that
 * somebody else left one step before its end): true as well when it failed
 * because the database takes no changes now; the failure is forgotten then. */
MUST_USE bool fail_unless_unwritable(struct fail *fail, bool ok);

#endif
