/*
 * The router: from a request to its handler, with every check on the way.
 *
 * Order: path (404), method (405), size (413), database (503), who asks (401),
 * how often (429), permission (403), CSRF (403), then the handler.  Default
 * deny: router_check() refuses to start with a route that names no permission
 * and does not say out loud that it needs none.
 */
#ifndef WEB_ROUTER_H
#define WEB_ROUTER_H

#include "web/routes.h"

/* Are all routes sound?  False with FAIL_INTERNAL naming the route. */
MUST_USE bool router_check(struct fail *fail);

/* Serves one request; struct gateway_server's `serve`. */
void router_serve(struct request *request, struct response *response);

#endif
