#include "web/idempotency.h"

#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"

#define KEY_CHARACTERS_MAX 200
#define RETRY_MAX_S 2          /* most requests end sooner than their lease */
#define FORM_LOOK_EVERY_MS 100
#define READ_BYTES 16384
#define FORM_KEY_BYTES 16

/* Its body is hashed as it is read, by whoever reads it. */
static long read_hashed(struct request *request, char *buffer, size_t size)
{
	long got = request->read_unhashed(request, buffer, size);
	if (got > 0)
		digest_add(&request->ctx->key->content, buffer, (size_t)got);
	return got;
}

static void begin_content(struct request *request, struct idempotency_key *key)
{
	const char *method = request->header(request, "REQUEST_METHOD");
	const char *const parts[] = { method ? method : "", request->path, request->query, request->content_type };
	digest_begin(&key->content);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		digest_add(&key->content, parts[i], strlen(parts[i]) + 1);
	request->read_unhashed = request->read_body;
	request->read_body = read_hashed;
}

/* The value, with or without the quotes of a structured field's string. */
static bool key_text(struct request *request, const char *given, size_t *len_out, const char **text_out)
{
	size_t len = strlen(given);
	if (len >= 2 && given[0] == '"' && given[len - 1] == '"') {
		given++;
		len -= 2;
	}
	bool is_plain = len > 0 && len <= KEY_CHARACTERS_MAX;
	for (size_t i = 0; i < len && is_plain; i++)
		is_plain = given[i] > 0x20 && given[i] < 0x7f;
	*text_out = given;
	*len_out = len;
	return is_plain || fail_set(&request->ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE,
				    "Idempotency-Key has 1 to %d visible ASCII characters, for example a UUID", KEY_CHARACTERS_MAX);
}

static struct idempotency_key *named(struct request *request, const char *kind, const char *text, size_t len,
				     int status)
{
	struct idempotency_key *key = arena_alloc(request->ctx->arena, sizeof(*key));
	struct digest_state name;
	*key = (struct idempotency_key){ .reply_status = status };
	digest_begin(&name);
	digest_add(&name, kind, strlen(kind) + 1);
	digest_add(&name, text, len);
	digest_end(&name, key->key_hash);
	return key;
}

/* The same key: is it the same request? */
static bool is_same_request(struct request *request)
{
	struct ctx *ctx = request->ctx;
	unsigned char hash[DIGEST_BYTES];
	char buffer[READ_BYTES];
	long got;
	while ((got = request->read_body(request, buffer, sizeof(buffer))) > 0)
		;
	if (got < 0)
		return fail_set(&ctx->fail, FAIL_INVALID, CODE_TRUNCATED_BODY, "The body broke off");
	digest_end(&ctx->key->content, hash);
	return same_bytes(hash, ctx->key->content_hash, DIGEST_BYTES) ||
	       fail_set(&ctx->fail, FAIL_INVALID, CODE_IDEMPOTENCY_KEY_REUSED, "%s",
			code_info(CODE_IDEMPOTENCY_KEY_REUSED)->cause);
}

static enum key_turn refuse_busy(struct request *request)
{
	const struct idempotency_key *key = request->ctx->key;
	request->retry_after_s = key->busy_s < RETRY_MAX_S ? (int)key->busy_s : RETRY_MAX_S;
	fail_set(&request->ctx->fail, FAIL_CONFLICT, CODE_IDEMPOTENCY_IN_PROGRESS, "%s",
		 code_info(CODE_IDEMPOTENCY_IN_PROGRESS)->cause);
	return TURN_REFUSE;
}

enum key_turn key_begin(struct request *request, int status)
{
	struct ctx *ctx = request->ctx;
	const char *given = request->header(request, "HTTP_IDEMPOTENCY_KEY");
	const char *text;
	size_t len;
	enum key_claim claim;
	if (!given)
		return TURN_MAKE;
	if (!key_text(request, given, &len, &text))
		return TURN_REFUSE;
	struct idempotency_key *key = named(request, "header", text, len, status);
	if (!idempotency_claim(ctx, key, &claim))
		return TURN_REFUSE;
	ctx->key = key;
	begin_content(request, key);
	switch (claim) {
	case KEY_MINE:
		return TURN_MAKE;
	case KEY_BUSY:
		return refuse_busy(request);
	case KEY_KEPT:
		break;
	}
	return is_same_request(request) ? TURN_TELL : TURN_REFUSE;
}

/* If this fails the lease runs out. */
static void release(struct ctx *ctx)
{
	struct fail why = ctx->fail;
	fail_clear(&ctx->fail);
	if (!db_ensure(ctx->db, &ctx->fail) || !idempotency_release(ctx))
		log_line(LOG_WARN, ctx->reference, "an Idempotency-Key stays held for a while: %s", ctx->fail.detail);
	ctx->fail = why;
}

void key_end(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	if (ctx->key && response->status >= 400)
		release(ctx);
	else if (ctx->key && ctx->key->was_kept)
		response_header(response, "Idempotency-Replayed", "true");
	ctx->key = NULL;
}

/* --- forms --------------------------------------------------------------- */

const char *form_key_make(struct arena *arena)
{
	unsigned char bytes[FORM_KEY_BYTES];
	char *text = arena_alloc(arena, 2 * sizeof(bytes) + 1);
	random_bytes(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), text);
	return text;
}

void form_content(struct digest_state *content, const char *text)
{
	digest_add(content, text, strlen(text) + 1);
}

static enum key_turn begin_form(struct request *request, struct digest_state *content, const char *text)
{
	struct ctx *ctx = request->ctx;
	unsigned char hash[DIGEST_BYTES];
	enum key_claim claim = KEY_BUSY;
	form_content(content, text);
	digest_end(content, hash);
	struct idempotency_key *key = named(request, "form", (const char *)hash, sizeof(hash), 201);
	digest_begin(&key->content);
	/* As long as a request may take: so may the first, and if it died its lease has run out by then. */
	do {
		if (!idempotency_claim(ctx, key, &claim))
			return TURN_REFUSE;
		if (claim == KEY_BUSY)
			nanosleep(&(struct timespec){ .tv_nsec = FORM_LOOK_EVERY_MS * 1000000L }, NULL);
	} while (claim == KEY_BUSY && monotonic_ms() < ctx->deadline_ms);
	ctx->key = key;
	return claim == KEY_MINE ? TURN_MAKE : claim == KEY_KEPT ? TURN_TELL : refuse_busy(request);
}

bool form_make_once(struct request *request, struct digest_state *content, form_maker *make, const void *what,
		    struct job *job_out)
{
	struct ctx *ctx = request->ctx;
	const char *text = form_value(request, "form_key");
	bool is_made = false;
	/* Without one a page of another version is open. */
	enum key_turn turn = text && strlen(text) == 2 * FORM_KEY_BYTES ? begin_form(request, content, text) : TURN_MAKE;
	if (turn == TURN_TELL) {
		is_made = true;
		job_out->id = ctx->key->job_id;
	} else if (turn == TURN_MAKE) {
		is_made = make(request, what, job_out);
	}
	if (ctx->key && !is_made)
		release(ctx);
	ctx->key = NULL;
	return is_made;
}
