/*
 * A proxy between the browser and the web server: who asks, and whether by https.
 *
 * Anybody can write X-Forwarded-For and X-Forwarded-Proto, so they count only
 * when the request comes from an address that tranche.conf names
 * (trusted_proxies).  From anybody else they change nothing.
 */
#ifndef WEB_PROXY_H
#define WEB_PROXY_H

#include "web/http.h"

/* Puts into `request` what a trusted proxy says: remote_addr, is_https,
 * is_forwarded.  These hold the web server's own words before. */
void proxy_apply(struct request *request);

enum proxy_guess {
	PROXY_NONE,       /* nothing says that there is one, or it is trusted already */
	PROXY_UNNAMED,    /* somebody says that the browser came by https; trusted_proxies would settle it */
	PROXY_HIDDEN,     /* so, too, but the web server has put the visitor's address in the proxy's place */
};
/* What may be the matter when the request seems to have come without https. */
enum proxy_guess proxy_guess(const struct request *request);

#endif
