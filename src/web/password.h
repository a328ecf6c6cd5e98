/*
 * Which passwords may be set: long enough, and none of those everybody tries.
 */
#ifndef WEB_PASSWORD_H
#define WEB_PASSWORD_H

#include "base/issue.h"

#define PASSWORD_MIN 8
#define PASSWORD_MAX 256

/* Adds an issue at `pointer` when the password can't be taken; `name` is the
 * user's, which is no password. */
bool password_acceptable(const char *password, const char *name, const char *pointer, struct issues *issues);

#endif
