#include "web/cookie.h"

static const char *const names[][2] = {
	[COOKIE_SESSION] = { "tranche", "__Host-tranche" },
	[COOKIE_FORM] = { "tranche-form", "__Host-tranche-form" },
	[COOKIE_LOOK] = { "tranche-look", "__Host-tranche-look" },
	[COOKIE_INSTALL] = { "tranche-install", "__Host-tranche-install" },
};

static const char *name_of(const struct request *request, enum cookie cookie)
{
	return names[cookie][request->is_https ? 1 : 0];
}

bool cookie_is_safe(const struct request *request)
{
	if (request->is_https || request->is_forwarded) /* loopback as a proxy names it is not this machine */
		return request->is_https;
	return strncmp(request->remote_addr, "127.", 4) == 0 || strcmp(request->remote_addr, "::1") == 0;
}

const char *cookie_get(const struct request *request, enum cookie cookie)
{
	const char *at = request->header(request, "HTTP_COOKIE");
	const char *name = name_of(request, cookie);
	size_t name_len = strlen(name);
	while (at && *at) {
		at += strspn(at, " ;\t");
		size_t len = strcspn(at, ";");
		if (len > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=')
			return arena_strndup(request->ctx->arena, at + name_len + 1, len - name_len - 1);
		at += len;
	}
	return NULL;
}

void cookie_set(struct request *request, struct response *response, enum cookie cookie, const char *value)
{
	const char *kept = !value ? "; Max-Age=0" : cookie == COOKIE_LOOK ? "; Max-Age=31536000" : "";
	response_header(response, "Set-Cookie", "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s", name_of(request, cookie),
			value ? value : "", request->is_https ? "; Secure" : "", kept);
}
