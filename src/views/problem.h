/*
 * Problem documents (RFC 9457): how a failure is told to a program, and
 * the page that tells it to a person.
 */
#ifndef VIEWS_PROBLEM_H
#define VIEWS_PROBLEM_H

#include "base/fail.h"
#include "base/issue.h"
#include "base/json.h"
#include "base/str.h"
#include "views/layout.h"

struct problem {
	int status;
	const struct fail *fail;
	const char *reference;
	const char *base;            /* URL path the program is mounted at */
	const struct issues *issues; /* may be NULL */
	const char *errors;          /* JSON lists that take the place of the issues, or NULL */
	const char *conflicts;
};

void problem_json(struct str *out, const struct problem *problem);
void problem_page(struct str *out, const struct frame *frame, const struct problem *problem);
/* One element of "errors", wherever errors are listed. */
void issue_json(struct json_writer *w, const struct issue *issue);

#endif
