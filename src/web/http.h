/*
 * One HTTP request and its reply, whatever carried them.
 *
 * gateway.c fills the request from FastCGI or CGI; router.c finds the route,
 * checks method, login, permission and CSRF, and calls its handler; handlers
 * fill the response.  Nothing is sent before the handler has returned, except
 * by response_stream().
 */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/issue.h"
#include "base/json.h"
#include "base/str.h"
#include "rules/permission.h"

enum method { METHOD_GET = 1, METHOD_HEAD = 2, METHOD_POST = 4, METHOD_PUT = 8, METHOD_PATCH = 16, METHOD_DELETE = 32 };

struct pair {
	const char *name;
	const char *value;
};

struct session {                 /* of a browser; user_id 0 = not signed in */
	int64_t user_id;
	char csrf[65];           /* hex; goes into every form and into X-CSRF-Token */
	const char *user_name;
	const char *timezone;
	int64_t requests;        /* of this person in this minute, as far as counted (session.c) */
	bool password_due;       /* nothing is open but the page to change it */
};

struct request {
	struct ctx *ctx;
	enum method method;
	const char *path;            /* decoded PATH_INFO, begins with '/', no trailing '/' but for "/" */
	const char *base;            /* URL path the program is mounted at: "" or "/sub/folder"; links are base + path */
	const char *query;           /* raw */
	struct pair *params;         /* decoded query parameters, in order */
	size_t param_count;
	struct pair *form;           /* decoded urlencoded or multipart fields, once form_read() was called */
	size_t form_count;
	struct file_part *files;     /* multipart files, once form_read() was called */
	size_t file_count;
	const char *content_type;    /* lower case, without parameters; "" if none */
	const char *content_params;  /* what follows the first ';' (boundary=…) */
	int64_t content_length;      /* -1 = unknown (chunked) */
	bool is_https;
	const char *remote_addr;     /* who asks; as a trusted proxy says, if one stands between (proxy.h) */
	bool is_forwarded;           /* it does */
	const char *path_arg[4];     /* what {…} of the route's pattern matched, text */
	int64_t path_id;             /* the first of them as a number, if it is {id} */
	struct session session;
	const char *url_token;       /* the address may hold a token, and does; else NULL */
	int retry_after_s;           /* what Retry-After says with a failure; 0 = as the kind has it */
	const char *(*header)(const struct request *request, const char *cgi_name); /* e.g. "HTTP_IF_MATCH"; NULL if absent */
	long (*read_body)(struct request *request, char *buffer, size_t size);      /* see struct byte_source */
	long (*read_unhashed)(struct request *request, char *buffer, size_t size);  /* what idempotency.c put itself in front of */
	void *carrier;               /* gateway.c's own */
};

struct file_part {
	const char *field;
	const char *name;            /* as the browser sent it; never used as a path */
	const char *content_type;
	const char *data;            /* in memory: multipart bodies are capped at body_max_bytes */
	size_t len;
};

struct response {
	int status;                  /* 0 = 200 */
	const char *content_type;    /* NULL = application/json for /api, text/html for pages */
	struct pair headers[16];
	size_t header_count;
	struct str body;
	struct request *request;
};

/* The value of a query parameter or form field; NULL if absent. */
const char *param(const struct request *request, const char *name);
const char *form_value(const struct request *request, const char *name);
/* A whole number within [min, max]; absent gives `fallback`; anything else
 * fails with FAIL_INVALID (invalid_value, names the parameter). */
MUST_USE bool param_int(struct request *request, const char *name, int64_t min, int64_t max, int64_t fallback,
			int64_t *out);

/* What Content-Type says of the body. */
bool is_multipart(const struct request *request);
bool is_urlencoded(const struct request *request);
/* Reads and checks a form body (urlencoded or multipart/form-data). */
MUST_USE bool form_read(struct request *request);
/* Reads a JSON body (exact content type, size cap) into the arena; NULL on failure. */
json_t *json_body(struct request *request, size_t max_bytes);

void response_header(struct response *response, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* 303 to base + path. */
void response_redirect(struct response *response, const char *path_format, ...)
	__attribute__((format(printf, 2, 3)));
/* Sends the head and begins a streamed body; later writes go to the client at
 * once.  The client going away is not an error: writes then do nothing. */
void response_stream_begin(struct response *response);
void response_stream_write(struct response *response, const char *bytes, size_t len);

/* ctx->fail as a reply: application/problem+json for /api, a page otherwise;
 * sets status, Retry-After and logs with the kind's level. */
void respond_fail(struct response *response, const struct issues *issues);
/* The same with what `problem` adds: issues, or lists of errors and conflicts. */
struct problem; /* views/problem.h */
void respond_problem(struct response *response, const struct problem *problem);
int fail_status(const struct fail *fail);

#endif
