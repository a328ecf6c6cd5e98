/*
 * The route table: everything that can be asked of this program.
 *
 * One row per method and pattern; each names its permission (default deny: a
 * row without one does not start).  The router, the 405 replies and the tests
 * read this table; openapi.json is checked against it.
 */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "web/http.h"

enum route_flag {
	ROUTE_API = 1,        /* JSON, token or session + X-CSRF-Token */
	ROUTE_PAGE = 2,       /* HTML; not signed in redirects to /login?next=… */
	ROUTE_PUBLIC = 4,     /* no login; permission must be PERMIT_NONE */
	ROUTE_ANY_USER = 8,   /* any signed-in user; permission must be PERMIT_NONE */
	ROUTE_OWN_CSRF = 16,  /* the handler checks the form's token itself after form_read() */
	ROUTE_NO_DATABASE = 32, /* public, and answers without one */
	ROUTE_URL_TOKEN = 64,   /* ?token= may hold a token for ticks alone */
	ROUTE_PASSWORD_DUE = 128, /* open to who must choose a new password first */
	ROUTE_SETUP = 256,      /* public; answers also before there is a configuration */
	ROUTE_ANY_SCHEMA = 512, /* also on tables that are older than the program */
};

typedef void route_handler(struct request *request, struct response *response);

struct route {
	enum method method;
	const char *pattern;      /* "/jobs/{id}": {id} a positive number, {name} a segment */
	enum permission permission;
	unsigned flags;
	route_handler *handler;
};

extern const struct route routes[];
extern const size_t route_count;

#endif
