/* Cookie headers, and what else comes as one line from whoever signs in: the
 * address to go to afterwards, a code of the second factor.  The first byte
 * says whether the request came over https. */
#include "base/totp.h"
#include "web/cookie.h"
#include "web/session.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *cookie_header_text;

static const char *cookie_header(const struct request *request, const char *name)
{
	(void)request;
	return strcmp(name, "HTTP_COOKIE") == 0 ? cookie_header_text : NULL;
}

/* A value is a piece of the header, behind its own name. */
static void cookie_check(const struct request *request, enum cookie cookie, const char *name)
{
	const char *value = cookie_get(request, cookie);
	char *pair;

	if (!value)
		return;
	REQUIRE(!strchr(value, ';'));
	pair = arena_printf(request->ctx->arena, "%s=%s", name, value);
	REQUIRE(strstr(cookie_header_text, pair));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char key[TOTP_KEY_BYTES] = { 7 };
	struct ctx ctx = { .arena = arena_new() };
	struct request request = { .ctx = &ctx, .header = cookie_header, .is_https = size && data[0] & 1 };
	char *text = arena_strndup(ctx.arena, (const char *)data + (size > 0), size ? size - 1 : 0);
	const char *next = session_next_path(text);
	int64_t step = totp_match(key, text, 1790000000, 0);

	cookie_header_text = text;
	cookie_check(&request, COOKIE_SESSION, request.is_https ? "__Host-tranche" : "tranche");
	cookie_check(&request, COOKIE_FORM, request.is_https ? "__Host-tranche-form" : "tranche-form");
	REQUIRE(next[0] == '/' && next[1] != '/' && next[1] != '\\' && !strpbrk(next, "\r\n\\"));
	REQUIRE(step == 0 || (step >= 1790000000 / TOTP_STEP_S - 1 && step <= 1790000000 / TOTP_STEP_S + 1));
	arena_free(ctx.arena);
	return 0;
}
