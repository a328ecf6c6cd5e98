#include "notify/send.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "db/db.h"
#include "notify/retry.h"
#include "notify/sign.h"
#include "store/audit.h"

#define STATUS_GONE 410

bool sending_is_under_way(const struct sending *sending)
{
	return sending->courier.pid != 0;
}

/* --- off ------------------------------------------------------------------------- */

static const char *headers_of(struct ctx *ctx, const struct delivery *delivery)
{
	struct str out = STR_INIT;
	char signature[SIGNATURE_SIZE];
	str_addf(&out, "User-Agent: Tranche\r\nContent-Type: application/json\r\nAccept: */*\r\nwebhook-id: %s\r\nwebhook-timestamp: %lld\r\n"
		       "webhook-signature:", delivery->message_id, (long long)delivery->now_utc);
	for (size_t i = 0; i < delivery->key_count; i++) {
		webhook_sign(delivery->keys[i], WEBHOOK_SECRET_BYTES, delivery->message_id, delivery->now_utc, delivery->payload, signature);
		str_addf(&out, " %s", signature);
	}
	str_adds(&out, "\r\n");
	const char *text = arena_strdup(ctx->arena, str_text(&out));
	str_free(&out);
	return text;
}

static bool note(struct ctx *ctx, struct sending *sending, const struct https_result *result);

/* What can't be sent at all fails like what could not be delivered. */
static bool can_not(struct ctx *ctx, struct sending *sending, const char *why)
{
	struct https_result result = { .outcome = HTTPS_NOT_SENT };
	str_copy(result.detail, sizeof(result.detail), why);
	return note(ctx, sending, &result);
}

bool sending_begin(struct ctx *ctx, struct sending *sending, int64_t id, bool *begun)
{
	struct https_request request = { .allow = ctx->config->webhook_allow,
					 .ca_file = ctx->config->webhook_ca_file,
					 .timeout_ms = ctx->config->webhook_timeout_ms };
	struct delivery *delivery = &sending->delivery;
	const char *why;
	if (!delivery_claim(ctx, id, delivery, begun) || !*begun)
		return ctx->fail.kind == FAIL_NONE;
	if (delivery->attempts > ATTEMPTS_MAX)
		return can_not(ctx, sending, "Whoever sent it died every time");
	if (!url_read(delivery->url, &request.url, &why))
		return can_not(ctx, sending, arena_printf(ctx->arena, "The address %s", why));
	if (!delivery->key_count)
		return can_not(ctx, sending, "Its secret can't be read any more: tranche.conf has another secret now. Make it a new one");
	request.headers = headers_of(ctx, delivery);
	request.body = delivery->payload;
	request.now_utc = delivery->now_utc;
	courier_start(&sending->courier, &request);
	/* Texts go with the request; the id says enough. */
	explicit_bzero(delivery->keys, sizeof(delivery->keys));
	sending->is_test = strcmp(delivery->event, DELIVERY_TEST) == 0;
	delivery->event = delivery->message_id = delivery->payload = delivery->url = NULL;
	return true;
}

/* --- back ------------------------------------------------------------------------ */

/* A 410 says: never again.  A test is not repeated, whoever made it sees it. */
static struct delivery_end end_of(const struct sending *sending, const struct https_result *result)
{
	bool is_over = sending->is_test || result->reply.status == STATUS_GONE;
	return (struct delivery_end){
		.problem = https_outcome_name(result->outcome),
		.detail = result->detail,
		.reply = result->reply.body,
		.reply_code = result->reply.status,
		.took_ms = result->took_ms,
		.again_in_s = is_over ? -1 : retry_delay_s(sending->delivery.attempts, result->reply.retry_after_s, (uint32_t)random_u64()),
	};
}

static bool note_gone(struct ctx *ctx, const struct delivery *delivery, const struct delivery_end *end)
{
	struct program_note told = { "webhook.gone", delivery->webhook_id, NULL };
	if (db_begin(ctx->db, &ctx->fail) && delivery_end(ctx, delivery, end) && delivery_gone(ctx, delivery) &&
	    audit_add_program(ctx, 0, &told, 1) && db_commit(ctx->db, &ctx->fail))
		return true;
	db_rollback(ctx->db);
	return false;
}

static bool note(struct ctx *ctx, struct sending *sending, const struct https_result *result)
{
	struct delivery_end end = end_of(sending, result);
	if (result->outcome != HTTPS_DELIVERED)
		log_line(LOG_INFO, ctx->reference, "webhook %lld, delivery %lld, attempt %d: %s", (long long)sending->delivery.webhook_id,
			 (long long)sending->delivery.id, sending->delivery.attempts, result->detail);
	if (result->reply.status == STATUS_GONE)
		return note_gone(ctx, &sending->delivery, &end);
	return delivery_end(ctx, &sending->delivery, &end);
}

bool sending_look(struct ctx *ctx, struct sending *sending, int wait_ms, bool *ended)
{
	struct https_result result;
	*ended = courier_look(&sending->courier, wait_ms, &result);
	return !*ended || note(ctx, sending, &result);
}

/* --- waiting for it ----------------------------------------------------------------- */

static bool send_and_wait(struct ctx *ctx, int64_t id, bool *begun)
{
	struct sending sending = { .is_test = false };
	bool ended = false;
	if (!sending_begin(ctx, &sending, id, begun))
		return false;
	while (sending_is_under_way(&sending))
		if (!sending_look(ctx, &sending, 1000, &ended))
			return false;
	return true;
}

bool send_due(struct ctx *ctx, int64_t until_ms)
{
	bool begun = true;
	while (begun && monotonic_ms() < until_ms) {
		struct arena_mark mark = arena_mark(ctx->arena);
		bool ok = send_and_wait(ctx, 0, &begun);
		arena_rewind(ctx->arena, mark);
		if (!ok)
			return false;
	}
	return true;
}

bool send_one(struct ctx *ctx, int64_t id)
{
	bool begun;
	return send_and_wait(ctx, id, &begun);
}

bool send_test(struct ctx *ctx, int64_t webhook_id, int64_t *delivery_id)
{
	const char *site = ctx->config->site_url;
	struct str out = STR_INIT;
	struct json_writer w;
	jw_begin(&w, &out);
	jw_object(&w, NULL);
	jw_text(&w, "type", DELIVERY_TEST);
	jw_time(&w, "timestamp", (int64_t)time(NULL)); /* as it is signed the database's clock counts */
	jw_object(&w, "data");
	jw_int(&w, "webhook_id", webhook_id);
	jw_text(&w, "url", site[0] ? arena_printf(ctx->arena, "%s/webhooks/%lld", site, (long long)webhook_id) : NULL);
	jw_end_object(&w);
	jw_end_object(&w);
	bool ok = delivery_insert_test(ctx, webhook_id, str_text(&out), delivery_id);
	str_free(&out);
	return ok && send_one(ctx, *delivery_id);
}
