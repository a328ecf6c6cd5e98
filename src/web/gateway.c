#include "web/gateway.h"

#include <assert.h>
#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/config.h"
#include "base/log.h"
#include "web/form.h"
#include "web/proxy.h"

#define DRAIN_BYTES (256 * 1024 * 1024) /* read and thrown away after a reply */

extern char **environ;

/* What carries one request: FastCGI's streams, or fd 0 and fd 1. */
struct carrier {
	FCGX_Request *fcgi;    /* NULL as CGI */
	char **environment;
	int64_t body_read;     /* bytes so far */
	int64_t body_max;      /* where no length is known */
	bool has_begun;        /* the head was sent */
	bool is_gone;          /* the client went away */
};

static struct carrier *carrier_of(const struct request *request)
{
	return request->carrier;
}

bool gateway_is_cgi(void)
{
	return FCGX_IsCGI() != 0;
}

void gateway_stop(void)
{
	FCGX_ShutdownPending();
}

void gateway_cap_body(struct request *request, int64_t max_bytes)
{
	carrier_of(request)->body_max = max_bytes;
}

bool gateway_has_begun(const struct response *response)
{
	return carrier_of(response->request)->has_begun;
}

/* --- reading ------------------------------------------------------------- */

/* An empty value counts as absent: servers disagree about which they send. */
static const char *variable(const struct request *request, const char *cgi_name)
{
	const char *value = FCGX_GetParam(cgi_name, carrier_of(request)->environment);
	if (!value && strcmp(cgi_name, "HTTP_AUTHORIZATION") == 0)
		value = FCGX_GetParam("REDIRECT_HTTP_AUTHORIZATION", carrier_of(request)->environment);
	return value && value[0] ? value : NULL;
}

static long read_carrier(const struct carrier *carrier, char *buffer, size_t size)
{
	if (carrier->fcgi)
		return FCGX_GetStr(buffer, (int)size, carrier->fcgi->in);
	for (;;) {
		ssize_t got = read(STDIN_FILENO, buffer, size);
		if (got >= 0 || errno != EINTR)
			return got;
	}
}

static long read_body(struct request *request, char *buffer, size_t size)
{
	struct carrier *carrier = carrier_of(request);
	size_t want = size > 1u << 20 ? 1u << 20 : size;
	if (request->content_length >= 0) {
		int64_t left = request->content_length - carrier->body_read;
		if (left <= 0)
			return 0;
		if ((int64_t)want > left)
			want = (size_t)left;
	}
	long got = read_carrier(carrier, buffer, want);
	if (got <= 0)
		return got < 0 || request->content_length >= 0 ? -1 : 0;
	carrier->body_read += got;
	if (request->content_length < 0 && carrier->body_read > carrier->body_max) {
		fail_set(&request->ctx->fail, FAIL_LIMIT, CODE_BODY_TOO_LARGE,
			 "The body is larger than the %lld bytes this site allows for one request",
			 (long long)carrier->body_max);
		return -1;
	}
	return got;
}

static enum method method_by_name(const char *name)
{
	static const struct {
		const char *name;
		enum method method;
	} methods[] = {
		{ "GET", METHOD_GET },   { "HEAD", METHOD_HEAD },   { "POST", METHOD_POST },
		{ "PUT", METHOD_PUT },   { "PATCH", METHOD_PATCH }, { "DELETE", METHOD_DELETE },
	};
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (name && strcmp(name, methods[i].name) == 0)
			return methods[i].method;
	return (enum method)0;
}

/* Content-Type "Text/CSV; charset=utf-8" into type and parameters. */
static void read_content_type(struct request *request)
{
	const char *given = variable(request, "CONTENT_TYPE");
	char *type = arena_strdup(request->ctx->arena, given ? given : "");
	char *semicolon = strchr(type, ';');
	request->content_params = semicolon ? semicolon + 1 : "";
	if (semicolon)
		*semicolon = '\0';
	for (char *c = type; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	size_t len = strlen(type);
	while (len > 0 && (type[len - 1] == ' ' || type[len - 1] == '\t'))
		type[--len] = '\0';
	request->content_type = type;
}

static bool read_content_length(struct request *request)
{
	const char *given = variable(request, "CONTENT_LENGTH");
	request->content_length = -1;
	if (!given)
		return true;
	if (given[0] >= '0' && given[0] <= '9' && parse_i64(given, strlen(given), &request->content_length))
		return true;
	request->content_length = 0;
	return fail_set(&request->ctx->fail, FAIL_INVALID, CODE_MALFORMED_REQUEST, "Content-Length is not a number");
}

static bool read_path(struct request *request)
{
	const char *given = variable(request, "PATH_INFO");
	char *path = arena_strdup(request->ctx->arena, given && given[0] == '/' ? given : "/");
	size_t len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	request->path = path;
	if (!utf8_valid(path, len, NULL))
		return fail_set(&request->ctx->fail, FAIL_INVALID, CODE_MALFORMED_REQUEST, "The address is not UTF-8");
	return true;
}

/* The program is /folder/tranche.fcgi, so the site is mounted at /folder. */
static void read_base(struct request *request)
{
	const char *script = variable(request, "SCRIPT_NAME");
	const char *slash = script ? strrchr(script, '/') : NULL;
	request->base = slash ? arena_strndup(request->ctx->arena, script, (size_t)(slash - script)) : "";
}

/* False leaves the reason in ctx->fail, for the router to tell. */
static bool read_request(struct request *request)
{
	const char *https = variable(request, "HTTPS");
	const char *query = variable(request, "QUERY_STRING");
	const char *address = variable(request, "REMOTE_ADDR");
	request->method = method_by_name(variable(request, "REQUEST_METHOD"));
	request->is_https = https && strcmp(https, "off") != 0;
	request->query = query ? query : "";
	request->remote_addr = address ? address : "";
	proxy_apply(request);
	read_base(request);
	read_content_type(request);
	return read_path(request) && read_content_length(request) &&
	       form_decode(request->ctx->arena, request->query, strlen(request->query), &request->params,
			   &request->param_count, &request->ctx->fail);
}

/* --- writing ------------------------------------------------------------- */

static void write_carrier(struct carrier *carrier, const char *bytes, size_t len)
{
	while (len > 0 && !carrier->is_gone) {
		size_t part = len > 1u << 20 ? 1u << 20 : len;
		long sent = carrier->fcgi ? FCGX_PutStr(bytes, (int)part, carrier->fcgi->out)
					  : write(STDOUT_FILENO, bytes, part);
		if (sent < 0 && !carrier->fcgi && errno == EINTR)
			continue;
		if (sent <= 0) {
			carrier->is_gone = true; /* the work is done all the same */
			return;
		}
		bytes += sent;
		len -= (size_t)sent;
	}
}

static const char *status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = {
		{ 200, "OK" },			 { 201, "Created" },		{ 202, "Accepted" },
		{ 204, "No Content" },		 { 303, "See Other" },		{ 304, "Not Modified" },
		{ 400, "Bad Request" },		 { 401, "Unauthorized" },	{ 403, "Forbidden" },
		{ 404, "Not Found" },		 { 405, "Method Not Allowed" }, { 409, "Conflict" },
		{ 412, "Precondition Failed" },	 { 413, "Content Too Large" },	{ 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Content" }, { 429, "Too Many Requests" },	{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "Unknown";
}

static bool has_header(const struct response *response, const char *name)
{
	for (size_t i = 0; i < response->header_count; i++)
		if (strcmp(response->headers[i].name, name) == 0)
			return true;
	return false;
}

/* `length` < 0: the body is streamed. */
static void write_head(struct response *response, int64_t length)
{
	struct str head = STR_INIT;
	int status = response->status ? response->status : 200;
	str_addf(&head, "Status: %d %s\r\n", status, status_text(status));
	if (status != 204 && status != 304) {
		bool is_api = strncmp(response->request->path, "/api/", 5) == 0;
		const char *type = is_api ? "application/json" : "text/html; charset=utf-8";
		str_addf(&head, "Content-Type: %s\r\n", response->content_type ? response->content_type : type);
		if (length >= 0)
			str_addf(&head, "Content-Length: %lld\r\n", (long long)length);
	}
	str_adds(&head, "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
			"img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
			"base-uri 'none'\r\n"
			"X-Content-Type-Options: nosniff\r\n"
			"Referrer-Policy: same-origin\r\n"
			"Cross-Origin-Opener-Policy: same-origin\r\n"
			"Cross-Origin-Resource-Policy: same-origin\r\n");
	if (!has_header(response, "Cache-Control"))
		str_adds(&head, "Cache-Control: no-store\r\n");
	/* With 200 a CGI's Location is an order to the server to look elsewhere
	 * (RFC 3875, 6.2.2). */
	assert(status != 200 || !has_header(response, "Location"));
	for (size_t i = 0; i < response->header_count; i++)
		str_addf(&head, "%s: %s\r\n", response->headers[i].name, response->headers[i].value);
	str_adds(&head, "\r\n");
	struct carrier *carrier = carrier_of(response->request);
	carrier->has_begun = true;
	write_carrier(carrier, head.data, head.len);
	str_free(&head);
}

void gateway_begin_stream(struct response *response)
{
	assert(!gateway_has_begun(response));
	write_head(response, -1);
}

void gateway_write(struct response *response, const char *bytes, size_t len)
{
	if (response->request->method != METHOD_HEAD)
		write_carrier(carrier_of(response->request), bytes, len);
}

static void send_response(struct response *response)
{
	if (gateway_has_begun(response))
		return;
	write_head(response, (int64_t)response->body.len);
	if (response->status != 204 && response->status != 304)
		gateway_write(response, str_text(&response->body), response->body.len);
}

/* --- the loop ------------------------------------------------------------ */

/* As CGI, input and output can be one socket, and closing it with input unread
 * throws the reply away at the other end.  (libfcgi does the like itself.) */
static void drain(const struct carrier *carrier)
{
	char buffer[16384];
	int64_t left = DRAIN_BYTES;
	long got = 1;
	if (carrier->fcgi)
		return;
	close(STDOUT_FILENO);
	while (left > 0 && got > 0) {
		got = read_carrier(carrier, buffer, sizeof buffer);
		left -= got;
	}
}

bool gateway_others_wait(void)
{
	struct pollfd door = { .fd = FCGI_LISTENSOCK_FILENO, .events = POLLIN };
	return !gateway_is_cgi() && poll(&door, 1, 0) > 0;
}

/* A request may wait at the socket that all are accepted from, or on the
 * connection that the web server kept open. */
static bool is_wanted_within(void *user, int wait_ms)
{
	const FCGX_Request *fcgi = user;
	struct pollfd sockets[2] = { { .fd = FCGI_LISTENSOCK_FILENO, .events = POLLIN },
				     { .fd = fcgi->keepConnection ? fcgi->ipcFd : -1, .events = POLLIN } };
	sigset_t pending;
	if (sigpending(&pending) == 0 && (sigismember(&pending, SIGTERM) || sigismember(&pending, SIGINT)))
		return true;
	return poll(sockets, 2, wait_ms) != 0;
}

static bool is_wanted(void *user)
{
	return is_wanted_within(user, 0);
}

static void serve_one(const struct gateway_server *server, FCGX_Request *fcgi)
{
	struct ctx *ctx = server->begin(server->app);
	struct carrier carrier = { .fcgi = fcgi,
				   .environment = fcgi ? fcgi->envp : environ,
				   .body_max = ctx->config->body_max_bytes };
	struct request request = { .ctx = ctx, .header = variable, .read_body = read_body, .carrier = &carrier };
	struct response response = { .request = &request };
	/* A request that can't be read still gets the router's reply. */
	if (!read_request(&request) && ctx->fail.kind == FAIL_NONE)
		fail_set(&ctx->fail, FAIL_INVALID, CODE_MALFORMED_REQUEST, "The request can't be read");
	server->serve(&request, &response);
	send_response(&response);
	str_free(&response.body);
	if (fcgi)
		FCGX_Finish_r(fcgi);
	else
		drain(&carrier);
	bool was_write = request.method != METHOD_GET && request.method != METHOD_HEAD;
	server->end(server->app, ctx);
	if (fcgi && server->after)
		server->after(server->app, &(struct spare_time){ was_write, is_wanted, is_wanted_within, fcgi });
}

/* SIGTERM interrupts waiting for a request, never a request: the connector
 * and the streams see no EINTR. */
static void let_stop(bool allowed)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(allowed ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
}

int gateway_run(const struct gateway_server *server)
{
	if (gateway_is_cgi()) {
		let_stop(false);
		serve_one(server, NULL);
		return EXIT_SUCCESS;
	}
	FCGX_Request fcgi;
	if (FCGX_Init() != 0 || FCGX_InitRequest(&fcgi, 0, FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
		log_line(LOG_ERROR, NULL, "FastCGI can't be initialised");
		return EXIT_FAILURE;
	}
	for (;;) {
		let_stop(true);
		int accepted = FCGX_Accept_r(&fcgi);
		let_stop(false);
		if (accepted < 0)
			break;
		serve_one(server, &fcgi);
	}
	FCGX_Free(&fcgi, 1);
	return EXIT_SUCCESS;
}
