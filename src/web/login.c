#include <arpa/inet.h>

#include "base/config.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/log.h"
#include "store/audit.h"
#include "store/sessions.h"
#include "store/throttle.h"
#include "web/cookie.h"
#include "web/password.h"
#include "web/session.h"

/* Verified for names that nobody has, so that they take as long. */
#define UNKNOWN_HASH \
	"$argon2id$v=19$m=19456,t=2,p=1$Mo+iYp+tQ/CAS9h9GSWaUQ$xzM09zv56zHFLtbb5UOLdU9GZlfbjt39UQixRIK609c"

/* Buckets of bad logins.  An account is counted together with the address, so
 * that nobody is locked out by what others try from elsewhere. */
struct buckets {
	unsigned char account[DIGEST_BYTES];
	unsigned char address[DIGEST_BYTES];
};

/* An IPv6 customer has a /64 at least, so that is one address here. */
static const char *address_group(const struct request *request)
{
	unsigned char bytes[16];
	char hex[17];
	if (inet_pton(AF_INET6, request->remote_addr, bytes) != 1)
		return request->remote_addr;
	hex_encode(bytes, 8, hex);
	return arena_strdup(request->ctx->arena, hex);
}

static void make_buckets(const struct request *request, const char *name, struct buckets *buckets)
{
	const char *address = address_group(request);
	/* Names compare without case in the database. */
	char *whom = arena_printf(request->ctx->arena, "%.100s %s", name, address);
	for (char *c = whom; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	throttle_bucket("login", whom, buckets->account);
	throttle_bucket("login address", address, buckets->address);
}

/* Where from; not which name was tried, which may be a password in the wrong
 * field. */
static bool note(struct request *request, const char *action, int64_t user_id)
{
	struct ctx *ctx = request->ctx;
	struct str detail = STR_INIT;
	struct json_writer w;
	jw_begin(&w, &detail);
	jw_object(&w, NULL);
	jw_text(&w, "address", request->remote_addr);
	jw_end_object(&w);
	bool ok = audit_add(ctx, action, 0, user_id, str_text(&detail));
	str_free(&detail);
	return ok;
}

/* A failure stays what it was, noted or not. */
static bool note_failure(struct request *request, const char *action, int64_t user_id)
{
	struct fail why = request->ctx->fail;
	fail_clear(&request->ctx->fail);
	(void)!note(request, action, user_id);
	request->ctx->fail = why;
	return false;
}

static bool within(struct request *request, const unsigned char bucket[DIGEST_BYTES], int64_t max)
{
	struct ctx *ctx = request->ctx;
	int64_t hits, left_s;
	if (!throttle_add(ctx, bucket, LOGIN_WINDOW_S, 1) ||
	    !throttle_read(ctx, bucket, LOGIN_WINDOW_S, &hits, &left_s))
		return false;
	if (hits <= max)
		return true;
	request->retry_after_s = (int)left_s;
	(void)fail_set(&ctx->fail, FAIL_LIMIT, CODE_TOO_MANY_REQUESTS,
		       "Too many attempts to sign in; try again in %lld minutes", (long long)(left_s / 60 + 1));
	return hits == max + 1 && note_failure(request, "session.throttle", 0); /* once a window */
}

/* The same work and the same answer whether the name or the password is wrong. */
static bool check_password(struct ctx *ctx, const char *name, const char *password, struct login *login)
{
	if (!user_find_login(ctx, name, login))
		return false;
	bool is_known = login->user_id > 0;
	bool matches = strlen(password) <= PASSWORD_MAX &&
		       password_matches(is_known ? login->password_hash : UNKNOWN_HASH, password);
	return (is_known && matches) ||
	       fail_set(&ctx->fail, FAIL_DENIED, CODE_BAD_CREDENTIALS, "The name or the password is wrong");
}

static bool rehash_if_old(struct ctx *ctx, const struct login *login, const char *password)
{
	char hash[PASSWORD_HASH_SIZE];
	return !password_needs_rehash(login->password_hash) || !password_hash(password, hash) ||
	       user_set_password_hash(ctx, login->user_id, hash);
}

/* A new secret at every login: one that somebody planted before is worthless. */
static bool open_session(struct request *request, struct response *response, int64_t user_id)
{
	struct ctx *ctx = request->ctx;
	unsigned char secret[TOKEN_BYTES];
	unsigned char hash[DIGEST_BYTES];
	char cookie[2 * TOKEN_BYTES + 1];
	const char *agent = request->header(request, "HTTP_USER_AGENT");
	const char *old = cookie_get(request, COOKIE_SESSION);
	if (old) {
		digest(old, strlen(old), hash);
		if (!session_delete(ctx, hash))
			return false;
	}
	random_bytes(secret, sizeof secret);
	hex_encode(secret, sizeof secret, cookie);
	digest(cookie, strlen(cookie), hash);
	bool is_text = agent && utf8_valid(agent, strlen(agent), NULL);
	if (!session_insert(ctx, hash, user_id, request->remote_addr, is_text ? agent : ""))
		return false;
	cookie_set(request, response, COOKIE_SESSION, cookie);
	cookie_set(request, response, COOKIE_FORM, NULL);
	return true;
}

bool session_login(struct request *request, struct response *response, const char *name, const char *password)
{
	struct ctx *ctx = request->ctx;
	struct buckets buckets;
	struct login login;
	if (!cookie_is_safe(request))
		return fail_set(&ctx->fail, FAIL_DENIED, CODE_BAD_CREDENTIALS,
				"Signing in needs an encrypted connection: open this site with https://");
	make_buckets(request, name, &buckets);
	if (!within(request, buckets.address, LOGIN_ADDRESS_MAX) || !within(request, buckets.account, LOGIN_ACCOUNT_MAX))
		return false;
	if (!check_password(ctx, name, password, &login))
		return ctx->fail.code == CODE_BAD_CREDENTIALS && note_failure(request, "session.fail", login.user_id);
	struct actor *actor = arena_alloc(ctx->arena, sizeof *actor);
	actor->user_id = login.user_id;
	actor->name = login.display_name;
	ctx->actor = actor;
	return rehash_if_old(ctx, &login, password) && throttle_clear(ctx, buckets.account) &&
	       throttle_add(ctx, buckets.address, LOGIN_WINDOW_S, -1) &&
	       open_session(request, response, login.user_id) &&
	       note(request, "session.open", login.user_id) && session_purge(ctx) && throttle_purge(ctx);
}

bool session_logout(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	const char *cookie = cookie_get(request, COOKIE_SESSION);
	unsigned char hash[DIGEST_BYTES];
	cookie_set(request, response, COOKIE_SESSION, NULL);
	if (!cookie || request->session.user_id == 0)
		return true;
	digest(cookie, strlen(cookie), hash);
	return session_delete(ctx, hash) && note(request, "session.close", request->session.user_id);
}
