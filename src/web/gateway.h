/*
 * The gateway: one loop that serves requests under FastCGI and as plain CGI.
 *
 * The only user of libfcgi.  It turns the carrier's environment and streams
 * into a struct request and writes a struct response back; it judges nothing
 * but the form of the request (a Content-Length that is no number).  The
 * environment is the only input: argv is never looked at, because in CGI the
 * query string can become argv.
 */
#ifndef WEB_GATEWAY_H
#define WEB_GATEWAY_H

#include "web/http.h"

/* The time after a reply, before the next request: somebody may use it as long
 * as nothing else waits. */
struct spare_time {
	bool was_write;                  /* the request may have changed something */
	bool (*is_over)(void *user);     /* a request waits, or the process shall stop */
	bool (*is_over_within)(void *user, int wait_ms); /* the same, or comes to be so */
	void *user;
};

/* What serves a request.  `app` is the caller's; `begin` prepares a context
 * for the next request, `serve` fills the response (or streams it), `end`
 * runs after the reply has been sent.  `after` (may be NULL) runs under FastCGI
 * only: as CGI the visitor would wait for it. */
struct gateway_server {
	struct ctx *(*begin)(void *app);
	void (*serve)(struct request *request, struct response *response);
	void (*end)(void *app, struct ctx *ctx);
	void (*after)(void *app, const struct spare_time *spare);
	void *app;
};

bool gateway_is_cgi(void);
/* Serves until the web server says stop (FastCGI) or once (CGI).  Returns the
 * process's exit code. */
int gateway_run(const struct gateway_server *server);
/* Does somebody wait for a process that is free?  Under FastCGI only, where the
 * site's processes accept from one socket: as CGI each request has its own. */
bool gateway_others_wait(void);
/* Called by the SIGTERM handler; async-signal-safe. */
void gateway_stop(void);

/* For http.c: sends the head now; the body follows by gateway_write().  A
 * client that went away makes both do nothing. */
void gateway_begin_stream(struct response *response);
void gateway_write(struct response *response, const char *bytes, size_t len);
/* True once the head was sent: no other reply can be given any more. */
bool gateway_has_begun(const struct response *response);

/* Bytes of body the reader may see when no Content-Length is given; beyond
 * them reading fails with FAIL_LIMIT (body_too_large) in ctx->fail. */
void gateway_cap_body(struct request *request, int64_t max_bytes);

#endif
