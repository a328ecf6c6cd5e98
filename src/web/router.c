#include "web/router.h"

#include <assert.h>

#include "base/config.h"
#include "db/db.h"
#include "db/migrate.h"
#include "install/setup.h"
#include "store/error_log.h"
#include "web/gateway.h"
#include "web/session.h"
#include "web/send_again.h"

#define UNSAFE (METHOD_POST | METHOD_PUT | METHOD_PATCH | METHOD_DELETE)
#define API_PREFIX "/api/"

/* --- the table ----------------------------------------------------------- */

static bool is_sound(const struct route *route)
{
	bool is_open = (route->flags & (ROUTE_PUBLIC | ROUTE_ANY_USER)) != 0;
	bool is_api = (route->flags & ROUTE_API) != 0;
	bool is_page = (route->flags & ROUTE_PAGE) != 0;
	return route->handler && route->pattern[0] == '/' && is_api != is_page &&
	       is_api == (strncmp(route->pattern, API_PREFIX, sizeof API_PREFIX - 1) == 0) &&
	       is_open == (route->permission == PERMIT_NONE);
}

bool router_check(struct fail *fail)
{
	for (size_t i = 0; i < route_count; i++)
		if (!is_sound(&routes[i]))
			return fail_set(fail, FAIL_INTERNAL, CODE_INTERNAL, "Route %s is not sound", routes[i].pattern);
	return true;
}

/* Does the path fit the pattern?  Fills path_arg and path_id. */
static bool matches(struct request *request, const char *pattern)
{
	const char *path = request->path;
	size_t args = 0;
	while (*pattern) {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		size_t len = strcspn(path, "/");
		const char *name = pattern + 1;
		pattern = strchr(pattern, '}') + 1;
		assert(args < sizeof request->path_arg / sizeof request->path_arg[0]);
		request->path_arg[args] = arena_strndup(request->ctx->arena, path, len);
		if (len == 0)
			return false;
		if (strncmp(name, "id}", 3) == 0 &&
		    (path[0] < '0' || path[0] > '9' || !parse_i64(path, len, &request->path_id) || request->path_id < 1))
			return false;
		args++;
		path += len;
	}
	return *path == '\0';
}

/* The route of the request's path and method, and which methods the path has. */
static const struct route *find_route(struct request *request, unsigned *methods_out)
{
	enum method method = request->method == METHOD_HEAD ? METHOD_GET : request->method;
	const struct route *found = NULL;
	*methods_out = 0;
	for (size_t i = 0; i < route_count && !found; i++) {
		if (!matches(request, routes[i].pattern))
			continue;
		*methods_out |= routes[i].method;
		if (routes[i].method == method)
			found = &routes[i];
	}
	return found;
}

/* --- the checks ---------------------------------------------------------- */

/* Whoever is signed in finds the way on from a page that is not there. */
static void recognise(struct request *request)
{
	struct ctx *ctx = request->ctx;
	if (strncmp(request->path, API_PREFIX, sizeof API_PREFIX - 1) == 0 || !request->header(request, "HTTP_COOKIE"))
		return;
	if (!db_ensure(ctx->db, &ctx->fail) || !migrate_check(ctx->db, &ctx->fail) || !session_load(request))
		request->session = (struct session){ .user_id = 0 };
	fail_clear(&ctx->fail);
}

static bool no_route(struct request *request, struct response *response, unsigned methods)
{
	static const char *const names[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" };
	struct str allow = STR_INIT;
	recognise(request);
	if (!methods)
		return fail_set(&request->ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "Nothing is at this address");
	if (methods & METHOD_GET)
		methods |= METHOD_HEAD;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (methods & (1u << i))
			str_addf(&allow, "%s%s", allow.len ? ", " : "", names[i]);
	response_header(response, "Allow", "%s", str_text(&allow));
	fail_set(&request->ctx->fail, FAIL_INVALID, CODE_METHOD_NOT_ALLOWED, "This address takes %s", str_text(&allow));
	str_free(&allow);
	return false;
}

/* Before anybody has shown who he is, a form is small. */
#define SETUP_BODY_MAX 262144

static bool body_fits(struct request *request, const struct route *route)
{
	int64_t max = request->ctx->config->body_max_bytes;
	if ((route->flags & ROUTE_SETUP) && max > SETUP_BODY_MAX)
		max = SETUP_BODY_MAX;
	gateway_cap_body(request, max);
	return request->content_length <= max ||
	       fail_set(&request->ctx->fail, FAIL_LIMIT, CODE_BODY_TOO_LARGE,
			"The body has %lld bytes; this site takes %lld in one request",
			(long long)request->content_length, (long long)max);
}

/* A token for a cron job: whoever reads it in a log must get nothing by it. */
static bool only_ticks(const struct actor *actor)
{
	size_t ticks = 0;
	while (ticks < actor->grant_count && actor->grants[ticks].permission == PERMIT_TICK)
		ticks++;
	return actor->by_token && ticks > 0 && ticks == actor->grant_count;
}

/* A program that sent its token, and one whose token was kept back by a server
 * on the way, look alike from here: both are told. */
static bool nobody_asks(struct request *request, const struct route *route)
{
	struct fail *fail = &request->ctx->fail;
	if (!(route->flags & ROUTE_API) || request->header(request, "HTTP_COOKIE"))
		return fail_set(fail, FAIL_DENIED, CODE_NOT_AUTHENTICATED, "%s", code_info(CODE_NOT_AUTHENTICATED)->cause);
	(void)fail_set(fail, FAIL_DENIED, CODE_NOT_AUTHENTICATED, "No token has arrived: %s",
		       request->header(request, "HTTP_AUTHORIZATION") ? "the header Authorization holds something else"
								      : "the header Authorization is missing");
	str_copy(fail->suggestion, sizeof fail->suggestion,
		 "Send Authorization: Bearer tr_…. If you did, a server or proxy on the way keeps it: send the header "
		 "X-Authorization: Bearer tr_… in its place");
	return false;
}

static bool is_allowed(struct request *request, const struct route *route)
{
	struct ctx *ctx = request->ctx;
	if (route->flags & ROUTE_PUBLIC)
		return true;
	if (request->session.user_id == 0)
		return nobody_asks(request, route);
	if (request->session.password_due && !(route->flags & ROUTE_PASSWORD_DUE))
		return fail_set(&ctx->fail, FAIL_DENIED, CODE_PASSWORD_DUE, "%s", code_info(CODE_PASSWORD_DUE)->cause);
	if ((route->flags & ROUTE_PAGE) && ctx->actor->scope)
		return fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "A token that is limited works over the API alone");
	if ((route->flags & ROUTE_ANY_USER) && only_ticks(ctx->actor))
		return fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "This token may only tick");
	if ((route->flags & ROUTE_ANY_USER) || permitted(ctx->actor, route->permission))
		return true;
	return fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED, "This needs the permission %s",
			permission_name(route->permission));
}

/* Only a browser that sends its cookie by itself can be tricked. */
static bool is_intended(struct request *request, const struct route *route)
{
	struct ctx *ctx = request->ctx;
	if (!(request->method & UNSAFE) || ctx->actor->by_token || (route->flags & ROUTE_OWN_CSRF))
		return true;
	if (route->flags & ROUTE_PAGE)
		return form_read(request) && session_check_form(request);
	if (session_same_origin(request) &&
	    session_csrf_matches(request, request->header(request, "HTTP_X_CSRF_TOKEN")))
		return true;
	return fail_set(&ctx->fail, FAIL_DENIED, CODE_CSRF,
			"The header X-CSRF-Token is missing or belongs to another session");
}

/* A page that needs somebody signed in leads to the login and back. */
static void to_login(struct request *request, struct response *response)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	char *back = arena_strdup(request->ctx->arena, request->path);
	struct str next = STR_INIT;
	struct request probe = *request;
	unsigned methods;
	/* A form was posted: back to the nearest page above it. */
	for (probe.method = METHOD_GET, probe.path = back; !find_route(&probe, &methods) && strlen(back) > 1;) {
		char *slash = strrchr(back, '/');
		slash[slash == back] = '\0';
	}
	for (const char *c = back; *c; c++)
		str_addf(&next, strchr(plain, *c) ? "%c" : "%%%02X", (unsigned char)*c);
	fail_clear(&request->ctx->fail);
	response_redirect(response, "/login?next=%s", str_text(&next));
	str_free(&next);
}

static void to_new_password(struct request *request, struct response *response)
{
	fail_clear(&request->ctx->fail);
	response_redirect(response, "/account/password");
}

/* Nothing else is there yet. */
static void to_installer(struct request *request, struct response *response)
{
	fail_clear(&request->ctx->fail);
	response_redirect(response, "/install");
}

/* --- serving ------------------------------------------------------------- */

/* That the database was away can only be noted when it is back. */
static void log_outages(struct ctx *ctx)
{
	int64_t outages = db_take_outages(ctx->db);
	if (outages && !error_log_add(ctx, CODE_DATABASE_AWAY, 0, -1,
				      arena_printf(ctx->arena, "A process asked %lld times in vain", (long long)outages)))
		fail_clear(&ctx->fail);
}

/* Tables that this program does not know are not touched. */
static bool has_schema(struct ctx *ctx, const struct route *route)
{
	if (migrate_check(ctx->db, &ctx->fail))
		return true;
	/* With people in it a database is one to be updated, never to be installed. */
	if (ctx->fail.code == CODE_NOT_INSTALLED && setup_has_admin(ctx->db, ctx->arena)) {
		fail_clear(&ctx->fail);
		(void)fail_set(&ctx->fail, FAIL_RETRY, CODE_SCHEMA_OLDER, "%s", code_info(CODE_SCHEMA_OLDER)->title);
	}
	if (!(route->flags & ROUTE_ANY_SCHEMA) || ctx->fail.code != CODE_SCHEMA_OLDER)
		return false;
	fail_clear(&ctx->fail);
	return true;
}

/* Tables so old that nobody can be asked who he is: the update itself then goes
 * by another proof. */
static bool is_upgrade(struct request *request, const struct route *route)
{
	struct ctx *ctx = request->ctx;
	if (!(route->flags & ROUTE_ANY_SCHEMA) || ctx->fail.kind != FAIL_INTERNAL)
		return false;
	fail_clear(&ctx->fail);
	request->session = (struct session){ .user_id = 0 };
	return true;
}

static bool prepare(struct request *request, struct response *response, const struct route **route_out)
{
	struct ctx *ctx = request->ctx;
	unsigned methods;
	if (ctx->fail.kind != FAIL_NONE && ctx->fail.code != CODE_NOT_INSTALLED)
		return false;
	const struct route *route = find_route(request, &methods);
	*route_out = route;
	if (route && (route->flags & ROUTE_SETUP))
		fail_clear(&ctx->fail);
	if (ctx->fail.kind != FAIL_NONE)
		return false;
	if (!route)
		return no_route(request, response, methods);
	if (!body_fits(request, route))
		return false;
	if (route->flags & ROUTE_NO_DATABASE)
		return true;
	if (route->flags & ROUTE_URL_TOKEN)
		request->url_token = param(request, "token");
	if (!db_ensure(ctx->db, &ctx->fail))
		return false;
	if (!has_schema(ctx, route))
		return false;
	log_outages(ctx);
	return (session_load(request) || is_upgrade(request, route)) && is_allowed(request, route) &&
	       is_intended(request, route);
}

void router_serve(struct request *request, struct response *response)
{
	const struct route *route = NULL;
	struct ctx *ctx = request->ctx;
	if (prepare(request, response, &route)) {
		bool has_forms = (route->flags & ROUTE_PAGE) && (route->flags & ROUTE_PUBLIC) && !(route->flags & ROUTE_NO_DATABASE);
		if (has_forms && !(request->method & UNSAFE))
			session_for_forms(request, response);
		route->handler(request, response);
		return;
	}
	bool is_page = route && (route->flags & ROUTE_PAGE);
	if (is_page && ctx->fail.code == CODE_NOT_INSTALLED)
		to_installer(request, response);
	else if (is_page && ctx->fail.code == CODE_NOT_AUTHENTICATED && !ctx->actor->by_token && send_again_offered(request, response))
		return;
	else if (is_page && ctx->fail.code == CODE_NOT_AUTHENTICATED && !ctx->actor->by_token)
		to_login(request, response);
	else if (is_page && ctx->fail.code == CODE_PASSWORD_DUE)
		to_new_password(request, response);
	else
		respond_fail(response, NULL);
}
