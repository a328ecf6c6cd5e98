/*
 * Changing people and roles: what the API and the pages share.
 *
 * Each change is one transaction with its row in the audit log, and fails with
 * last_admin if it would leave nobody who can manage people.
 */
#ifndef WEB_PEOPLE_CHANGE_H
#define WEB_PEOPLE_CHANGE_H

#include "base/issue.h"
#include "store/people.h"
#include "store/roles.h"

/* A password made by the program: 80 random bits, "abcd-efgh-ijkl-mnop". */
#define GIVEN_PASSWORD_SIZE 20

#define PERSON_NAME_MAX 100         /* characters */
#define PERSON_DISPLAY_NAME_MAX 150
/* 1 to `max` characters, no control characters, no blanks at the ends: names are compared by eye. */
bool person_name_is_plain(const char *text, size_t max);

/* Checks name, display_name, timezone and roles ("a,b"); issues at "/name"….
 * Sets roles to their names as stored, without repetition.  False on a failure of the database. */
MUST_USE bool person_check(struct ctx *ctx, struct person *person, struct issues *issues);

/* Makes a person who signs in with `password_out` and must then choose another. */
MUST_USE bool person_create(struct ctx *ctx, const struct person *person, char password_out[GIVEN_PASSWORD_SIZE], int64_t *id_out);

/* Stores the person as given; FAIL_CONFLICT (stale_version) if it is not the
 * row_version that was seen.  Who may sign in no more loses all sessions and
 * API tokens in that moment; unfinished batches are paused (their number in
 * `paused_out`): they would go on with the rights of nobody.  Events stay. */
MUST_USE bool person_change(struct ctx *ctx, const struct person *person, size_t *paused_out);

/* A new password that must be changed; sessions and tokens end. */
MUST_USE bool person_give_password(struct ctx *ctx, int64_t id, char password_out[GIVEN_PASSWORD_SIZE]);
/* For somebody who lost the phone and the recovery codes. */
MUST_USE bool person_reset_factor(struct ctx *ctx, int64_t id);

MUST_USE bool role_store(struct ctx *ctx, struct role *role);
MUST_USE bool role_remove(struct ctx *ctx, const struct role *role);

#endif
