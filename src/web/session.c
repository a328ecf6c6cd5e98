#include "web/session.h"

#include "base/config.h"
#include "base/ids.h"
#include "store/sessions.h"
#include "store/throttle.h"
#include "store/tokens.h"
#include "web/cookie.h"

#define SESSION_TOUCH_S 60    /* seen_at is this old at most: no write per request */
#define TOKEN_TOUCH_S 3600
#define REQUEST_SAMPLES 64    /* how finely requests_per_minute is counted */

static const struct actor nobody = { .name = "" };

const struct zone *session_zone(const struct request *request)
{
	return request->session.timezone ? zone_find(request->session.timezone) : NULL;
}

/* --- CSRF ---------------------------------------------------------------- */

static void csrf_by(const unsigned char key[32], const char *cookie, char csrf_out[65])
{
	unsigned char code[DIGEST_BYTES];
	mac(key, cookie, strlen(cookie), code);
	hex_encode(code, sizeof code, csrf_out);
}

static void csrf_of(const struct request *request, const char *cookie, char csrf_out[65])
{
	csrf_by(request->ctx->config->secret, cookie, csrf_out);
}

bool session_csrf_matches(const struct request *request, const char *token)
{
	const char *mine = request->session.csrf;
	return token && mine[0] && strlen(token) == strlen(mine) && same_bytes(token, mine, strlen(mine));
}

/* Does "https://host:port" name this host? */
static bool is_our_origin(const struct request *request, const char *origin)
{
	const char *host = request->header(request, "HTTP_HOST");
	const char *site = request->ctx->config->site_url;
	size_t len = strlen(origin);
	if (strncmp(site, origin, len) == 0 && (site[len] == '\0' || site[len] == '/'))
		return true;
	const char *name = strstr(origin, "://");
	return host && name && strcmp(name + 3, host) == 0;
}

bool session_same_origin(const struct request *request)
{
	const char *site = request->header(request, "HTTP_SEC_FETCH_SITE");
	const char *origin = request->header(request, "HTTP_ORIGIN");
	if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		return false;
	return !origin || is_our_origin(request, origin);
}

bool session_check_form(struct request *request)
{
	if (session_same_origin(request) && session_csrf_matches(request, form_value(request, "csrf")))
		return true;
	return fail_set(&request->ctx->fail, FAIL_DENIED, CODE_CSRF, "%s", code_info(CODE_CSRF)->cause);
}

static void new_form_cookie(struct request *request, struct response *response, const unsigned char key[32])
{
	unsigned char bytes[TOKEN_BYTES];
	char value[2 * TOKEN_BYTES + 1];
	random_bytes(bytes, sizeof bytes);
	hex_encode(bytes, sizeof bytes, value);
	csrf_by(key, value, request->session.csrf);
	cookie_set(request, response, COOKIE_FORM, value);
}

void session_for_forms(struct request *request, struct response *response)
{
	if (!request->session.csrf[0])
		new_form_cookie(request, response, request->ctx->config->secret);
}

void session_for_setup(struct request *request, struct response *response)
{
	/* The site's secret is made on the way; the cookie alone is what counts. */
	static const unsigned char no_secret[32];
	const char *form = cookie_get(request, COOKIE_FORM);
	if (form)
		csrf_by(no_secret, form, request->session.csrf);
	else
		new_form_cookie(request, response, no_secret);
}

const char *session_next_path(const char *next)
{
	bool is_path = next && next[0] == '/' && next[1] != '/' && next[1] != '\\';
	for (const char *c = is_path ? next : ""; *c; c++)
		if ((unsigned char)*c <= 0x20 || *c == '\\' || *c == 0x7f)
			return "/";
	return is_path ? next : "/";
}

/* --- who asks ------------------------------------------------------------ */

/* When a session was last seen and how much it asked is worth no refusal: what
 * is there can be read while the database takes no changes. */
static bool noted(struct ctx *ctx, bool ok)
{
	return fail_unless_unwritable(&ctx->fail, ok);
}

static void become(struct request *request, const struct identity *identity, bool by_token)
{
	struct ctx *ctx = request->ctx;
	struct actor *actor = arena_alloc(ctx->arena, sizeof *actor);
	size_t kept = 0;
	for (size_t i = 0; i < identity->grant_count; i++)
		if (token_in_scope(identity->scope, permission_name(identity->grants[i].permission)))
			identity->grants[kept++] = identity->grants[i];
	*actor = (struct actor){ .user_id = identity->user_id,
				 .name = identity->display_name,
				 .by_token = by_token,
				 .scope = by_token ? identity->scope : NULL,
				 .grants = identity->grants,
				 .grant_count = kept };
	ctx->actor = actor;
	request->session.user_id = identity->user_id;
	request->session.user_name = identity->display_name;
	request->session.timezone = identity->timezone;
	request->session.requests = identity->requests;
	request->session.password_due = identity->password_due && !by_token;
}

/* Adds so many requests of a user.  They are counted by sample (one in limit / 64
 * writes), so that asking costs no write; 600 means 600 ± 12 %. */
static bool add_requests(struct ctx *ctx, int64_t user_id, int64_t count)
{
	int64_t limit = ctx->config->requests_per_minute;
	uint32_t weight = limit > REQUEST_SAMPLES ? (uint32_t)(limit / REQUEST_SAMPLES) : 1;
	unsigned char bucket[DIGEST_BYTES];
	if (limit <= 0 || (weight > 1 && random_below(weight) != 0))
		return true;
	throttle_bucket("requests", arena_printf(ctx->arena, "%lld", (long long)user_id), bucket);
	return noted(ctx, throttle_add(ctx, bucket, THROTTLE_WINDOW_S, count * weight));
}

static bool count_request(struct request *request, const struct identity *identity)
{
	struct ctx *ctx = request->ctx;
	int64_t limit = ctx->config->requests_per_minute;
	if (limit > 0 && identity->requests >= limit) {
		request->retry_after_s = (int)identity->minute_left_s;
		return fail_set(&ctx->fail, FAIL_LIMIT, CODE_TOO_MANY_REQUESTS,
				"More than %lld requests in a minute; wait %d s", (long long)limit,
				request->retry_after_s);
	}
	return add_requests(ctx, identity->user_id, 1);
}

bool session_uncount_request(const struct request *request)
{
	return add_requests(request->ctx, request->session.user_id, -1);
}

static bool load_token(struct request *request, const char *token, bool is_in_address)
{
	struct ctx *ctx = request->ctx;
	struct identity identity;
	unsigned char hash[DIGEST_BYTES];
	digest(token, strlen(token), hash);
	if (!token_find(ctx, hash, &identity))
		return false;
	if (identity.user_id == 0)
		return fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_AUTHENTICATED,
				"The API token does not exist, has expired or was revoked");
	if (is_in_address && (!identity.scope || strcmp(identity.scope, permission_name(PERMIT_TICK)) != 0))
		return fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_PERMITTED,
				"Addresses end up in logs: only a token for “%s” alone may stand in one",
				permission_name(PERMIT_TICK));
	become(request, &identity, true);
	return (identity.idle_s < TOKEN_TOUCH_S || noted(ctx, token_touch(ctx, hash))) &&
	       count_request(request, &identity);
}

static bool load_cookie(struct request *request, const char *cookie)
{
	struct ctx *ctx = request->ctx;
	struct identity identity;
	unsigned char hash[DIGEST_BYTES];
	digest(cookie, strlen(cookie), hash);
	if (!session_find(ctx, hash, &identity))
		return false;
	if (identity.user_id == 0)
		return true;
	become(request, &identity, false);
	csrf_of(request, cookie, request->session.csrf);
	return (identity.idle_s < SESSION_TOUCH_S || noted(ctx, session_touch(ctx, hash))) &&
	       count_request(request, &identity);
}

/* The token of "Bearer …" in a header, or NULL. */
static const char *bearer(const struct request *request, const char *cgi_name)
{
	static const char scheme[] = "bearer ";
	const char *value = request->header(request, cgi_name);
	return value && strncasecmp(value, scheme, sizeof scheme - 1) == 0 ? value + sizeof scheme - 1 : NULL;
}

bool session_load(struct request *request)
{
	request->ctx->actor = &nobody;
	/* Another scheme belongs to the host, e.g. a password in front of the site;
	 * some servers and proxies keep the header to themselves altogether.  Then
	 * X-Authorization takes its place. */
	const char *token = bearer(request, "HTTP_AUTHORIZATION");
	if (!token)
		token = bearer(request, "HTTP_X_AUTHORIZATION");
	if (token)
		return load_token(request, token, false);
	if (request->url_token)
		return load_token(request, request->url_token, true);
	const char *cookie = cookie_get(request, COOKIE_SESSION);
	if (cookie && !load_cookie(request, cookie))
		return false;
	const char *form = cookie_get(request, COOKIE_FORM);
	if (request->session.user_id == 0 && form)
		csrf_of(request, form, request->session.csrf);
	return true;
}
