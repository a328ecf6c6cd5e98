/*
 * The cookies this program sets, and reading one of those that came.
 */
#ifndef WEB_COOKIE_H
#define WEB_COOKIE_H

#include "web/http.h"

enum cookie {
	COOKIE_SESSION, /* of a signed-in browser */
	COOKIE_FORM,    /* of a browser that is shown the login form */
	COOKIE_LOOK,    /* light or dark, chosen by hand; kept for a year */
	COOKIE_INSTALL, /* of a browser that has shown the installer's code */
};

/* The value, or NULL.  Over https the name has the prefix __Host-, so that no
 * other host of the domain can set it. */
const char *cookie_get(const struct request *request, enum cookie cookie);
/* Sets it for this browser session, or for as long as its kind is kept; value NULL expires it. */
void cookie_set(struct request *request, struct response *response, enum cookie cookie, const char *value);
/* May a secret be put into a cookie here?  Over https, or from this machine. */
bool cookie_is_safe(const struct request *request);

#endif
