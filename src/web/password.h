/*
 * Which passwords may be set: long enough, none of those everybody tries, and
 * not made of what is known about the person and the site.
 */
#ifndef WEB_PASSWORD_H
#define WEB_PASSWORD_H

#include "base/issue.h"

#define PASSWORD_MIN 8
#define PASSWORD_MAX 256

/* Adds an issue at `pointer` when the password can't be taken.  `about` is what
 * an attacker would try first, the user's name, the name shown and the site's
 * host; any may be NULL.  Words of three letters and less in them don't count,
 * nor does "Tranche" have to be among them. */
struct password_about {
	const char *name, *display_name, *host;
};
bool password_acceptable(const char *password, const struct password_about *about, const char *pointer, struct issues *issues);

#endif
