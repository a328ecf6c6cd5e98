#include "base/clock.h"
#include "base/config.h"
#include "base/ids.h"
#include "store/second_factor.h"
#include "store/sessions.h"
#include "store/throttle.h"
#include "web/cookie.h"
#include "web/guess.h"
#include "web/password.h"
#include "web/proxy.h"
#include "web/session.h"

/* Verified for names that nobody has, so that they take as long. */
#define UNKNOWN_HASH \
	"$argon2id$v=19$m=19456,t=2,p=1$Mo+iYp+tQ/CAS9h9GSWaUQ$xzM09zv56zHFLtbb5UOLdU9GZlfbjt39UQixRIK609c"

#define STEP_LIFE_S 300 /* between the password and the code */

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

bool session_open(struct request *request, struct response *response, int64_t user_id)
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

/* Who signs in is who the audit log says did it. */
static bool let_in(struct request *request, struct response *response, const struct login *login)
{
	struct ctx *ctx = request->ctx;
	struct actor *actor = arena_alloc(ctx->arena, sizeof *actor);
	actor->user_id = login->user_id;
	actor->name = login->display_name;
	ctx->actor = actor;
	return session_open(request, response, login->user_id) && guess_note(request, "session.open", login->user_id) &&
	       session_purge(ctx) && throttle_purge(ctx);
}

/* --- the second step ------------------------------------------------------- */

/*
 * What the form of the code carries instead of the password: who, since when,
 * and a code that only this site makes, for this browser and this password.
 * Nothing is stored, and it is worth nothing without the second factor.
 */
static const char *step_make(struct request *request, const struct login *login, int64_t since_utc)
{
	struct arena *arena = request->ctx->arena;
	unsigned char tag[DIGEST_BYTES];
	char hex[2 * DIGEST_BYTES + 1];
	const char *text = arena_printf(arena, "second step %s %lld %lld %s", request->session.csrf, (long long)login->user_id,
					(long long)since_utc, login->password_hash);
	mac(request->ctx->config->secret, text, strlen(text), tag);
	hex_encode(tag, sizeof tag, hex);
	return arena_printf(arena, "%lld.%lld.%s", (long long)login->user_id, (long long)since_utc, hex);
}

/* "12.1790000000.…": the two numbers of it. */
static bool step_read(const char *step, int64_t *user_id, int64_t *since_utc)
{
	const char *dot = strchr(step, '.'), *end = dot ? strchr(dot + 1, '.') : NULL;
	return end && parse_i64(step, (size_t)(dot - step), user_id) && parse_i64(dot + 1, (size_t)(end - dot - 1), since_utc);
}

static bool step_is_good(struct request *request, const char *step, struct login *login)
{
	int64_t user_id, since_utc;
	if (!step_read(step, &user_id, &since_utc) || !user_get_login(request->ctx, user_id, login) || login->user_id == 0)
		return false;
	const char *right = step_make(request, login, since_utc);
	return strlen(right) == strlen(step) && same_bytes(right, step, strlen(right)) && login->has_second_factor &&
	       login->now_utc >= since_utc && login->now_utc - since_utc <= STEP_LIFE_S;
}

bool session_login_code(struct request *request, struct response *response, const char *step, const char *code)
{
	struct ctx *ctx = request->ctx;
	struct login login;
	bool is_taken;
	if (!step_is_good(request, step, &login))
		return ctx->fail.kind == FAIL_NONE &&
		       fail_set(&ctx->fail, FAIL_DENIED, CODE_NOT_AUTHENTICATED, "That took too long: sign in again");
	if (!guess_code(request, login.user_id) || !second_factor_take(ctx, login.user_id, code, &is_taken))
		return false;
	if (!is_taken) {
		fail_set(&ctx->fail, FAIL_DENIED, CODE_BAD_CODE, "This code is wrong, or was used before");
		return guess_note_failure(request, "session.bad_code", login.user_id);
	}
	return guess_code_right(request, login.user_id) && let_in(request, response, &login);
}

/* --- the doors ------------------------------------------------------------- */

static bool needs_https(struct request *request)
{
	struct fail *fail = &request->ctx->fail;
	fail_set(fail, FAIL_DENIED, CODE_BAD_CREDENTIALS, "Signing in needs an encrypted connection: open this site with https://");
	if (proxy_guess(request) != PROXY_NONE)
		str_copy(fail->suggestion, sizeof(fail->suggestion),
			 "If the address begins with https:// already, a proxy ends the encryption: whoever keeps this site names it in tranche.conf "
			 "(Help, Troubleshooting, “Signing in does not work”).");
	return false;
}

bool session_login(struct request *request, struct response *response, const char *name, const char *password,
		   const char **step_out)
{
	struct ctx *ctx = request->ctx;
	struct login login;
	*step_out = NULL;
	if (!cookie_is_safe(request))
		return needs_https(request);
	if (!guess_password(request, name))
		return false;
	if (!check_password(ctx, name, password, &login))
		return ctx->fail.code == CODE_BAD_CREDENTIALS && guess_note_failure(request, "session.fail", login.user_id);
	if (!rehash_if_old(ctx, &login, password) || !guess_password_right(request, name))
		return false;
	if (!login.has_second_factor)
		return let_in(request, response, &login);
	if (!user_get_login(ctx, login.user_id, &login)) /* its hash may be new */
		return false;
	*step_out = step_make(request, &login, login.now_utc);
	return true;
}

bool session_confirm_password(struct request *request, const char *password)
{
	struct ctx *ctx = request->ctx;
	struct login login;
	if (!user_get_login(ctx, ctx->actor->user_id, &login) || !guess_password(request, login.name ? login.name : ""))
		return false;
	if (login.user_id && strlen(password) <= PASSWORD_MAX && password_matches(login.password_hash, password))
		return guess_password_right(request, login.name);
	fail_set(&ctx->fail, FAIL_DENIED, CODE_BAD_CREDENTIALS, "This is not your present password");
	return guess_note_failure(request, "session.fail", login.user_id);
}

bool session_own_hash(const struct request *request, unsigned char hash_out[DIGEST_BYTES])
{
	const char *cookie = cookie_get(request, COOKIE_SESSION);
	if (cookie && request->session.user_id)
		digest(cookie, strlen(cookie), hash_out);
	return cookie && request->session.user_id;
}

bool session_logout(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	unsigned char hash[DIGEST_BYTES];
	cookie_set(request, response, COOKIE_SESSION, NULL);
	if (!session_own_hash(request, hash))
		return true;
	return session_delete(ctx, hash) && guess_note(request, "session.close", request->session.user_id);
}
