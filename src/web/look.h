/*
 * Light or dark: what a person chose in this browser.  Kept in a cookie, so it
 * needs no account, no script and no database.
 */
#ifndef WEB_LOOK_H
#define WEB_LOOK_H

#include "views/layout.h"
#include "web/http.h"

/* What the cookie says; anything else means the device's. */
enum look look_of(const struct request *request);

#endif
