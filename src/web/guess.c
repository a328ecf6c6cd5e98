#include "web/guess.h"

#include <arpa/inet.h>

#include "base/ids.h"
#include "base/json.h"
#include "store/audit.h"
#include "store/throttle.h"
#include "web/session.h"

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

static void make_code_bucket(const struct request *request, int64_t user_id, unsigned char bucket[DIGEST_BYTES])
{
	throttle_bucket("code", arena_printf(request->ctx->arena, "%lld", (long long)user_id), bucket);
}

bool guess_note(struct request *request, const char *action, int64_t user_id)
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

bool guess_note_failure(struct request *request, const char *action, int64_t user_id)
{
	struct fail why = request->ctx->fail;
	fail_clear(&request->ctx->fail);
	(void)!guess_note(request, action, user_id);
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
	return hits == max + 1 && guess_note_failure(request, "session.throttle", 0); /* once a window */
}

bool guess_password(struct request *request, const char *name)
{
	struct buckets buckets;
	make_buckets(request, name, &buckets);
	return within(request, buckets.address, LOGIN_ADDRESS_MAX) && within(request, buckets.account, LOGIN_ACCOUNT_MAX);
}

bool guess_password_right(struct request *request, const char *name)
{
	struct buckets buckets;
	make_buckets(request, name, &buckets);
	return throttle_clear(request->ctx, buckets.account) && throttle_add(request->ctx, buckets.address, LOGIN_WINDOW_S, -1);
}

bool guess_code(struct request *request, int64_t user_id)
{
	unsigned char bucket[DIGEST_BYTES];
	make_code_bucket(request, user_id, bucket);
	return within(request, bucket, LOGIN_CODE_MAX);
}

bool guess_code_right(struct request *request, int64_t user_id)
{
	unsigned char bucket[DIGEST_BYTES];
	make_code_bucket(request, user_id, bucket);
	return throttle_clear(request->ctx, bucket);
}
