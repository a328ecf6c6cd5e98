/* Webhooks: who is told when batches end. */
#include "web/api_input.h"
#include "web/handlers.h"
#include "web/webhook_input.h"

static void members_json(struct json_writer *w, const struct webhook *webhook)
{
	jw_int(w, "id", webhook->id);
	jw_text(w, "label", webhook->label);
	jw_text(w, "url", webhook->url);
	jw_text(w, "takes", webhook_takes_name(webhook->takes));
	jw_list(w, "events");
	for (int i = 0; i < WEBHOOK_EVENT_COUNT; i++)
		if (webhook->events & 1u << i)
			jw_text(w, NULL, webhook_event_name((enum webhook_event)i));
	jw_end_list(w);
	jw_bool(w, "active", webhook->is_active);
	jw_text(w, "off_reason", webhook->off_reason[0] ? webhook->off_reason : NULL);
	jw_int(w, "created_by", webhook->created_by);
	jw_time(w, "created_at", webhook->created_at);
	jw_int(w, "waiting", webhook->waiting);
	jw_time(w, "delivered_at", webhook->delivered_at);
	jw_text(w, "last_problem", webhook->last_problem[0] ? webhook->last_problem : NULL);
	jw_int(w, "row_version", webhook->row_version);
}

static void delivery_json(struct json_writer *w, const struct delivery_row *delivery)
{
	bool waits = strcmp(delivery->state, "waiting") == 0;
	jw_object(w, NULL);
	jw_int(w, "id", delivery->id);
	jw_text(w, "message_id", delivery->message_id);
	jw_id(w, "batch_id", delivery->job_id);
	jw_text(w, "event", delivery->event);
	jw_text(w, "state", waits && delivery->is_under_way ? "sending" : delivery->state);
	jw_int(w, "attempts", delivery->attempts);
	jw_time(w, "created_at", delivery->created_at);
	jw_time(w, "tried_at", delivery->tried_at);
	jw_time(w, "next_at", waits ? delivery->next_at : 0);
	jw_int(w, "took_ms", delivery->took_ms);
	jw_text(w, "problem", delivery->problem[0] ? delivery->problem : NULL);
	jw_text(w, "detail", delivery->detail);
	jw_id(w, "reply_code", delivery->reply_code);
	jw_text(w, "reply", delivery->reply);
	jw_end_object(w);
}

/* `secret` is NULL but in the replies that make one. */
static void respond_webhook(struct response *response, int status, int64_t id, const char *secret)
{
	struct webhook webhook;
	struct json_writer w;
	if (!webhook_get(response->request->ctx, id, &webhook)) {
		respond_fail(response, NULL);
		return;
	}
	response->status = status;
	respond_etag(response, webhook.row_version);
	jw_begin(&w, &response->body);
	jw_object(&w, NULL);
	members_json(&w, &webhook);
	if (secret)
		jw_text(&w, "secret", secret);
	jw_end_object(&w);
}

void get_webhooks(struct request *request, struct response *response)
{
	struct webhook *list;
	struct json_writer w;
	size_t count;
	if (!webhooks_list(request->ctx, &list, &count)) {
		respond_fail(response, NULL);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++) {
		jw_object(&w, NULL);
		members_json(&w, &list[i]);
		jw_end_object(&w);
	}
	list_end(&w, false, 0);
}

void get_webhook(struct request *request, struct response *response)
{
	respond_webhook(response, 200, request->path_id, NULL);
}

void post_webhook(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct webhook webhook = webhook_blank(ctx);
	char secret[WEBHOOK_SECRET_SIZE];
	json_t *body = object_body(request, false);
	if (body)
		webhook_read(ctx, body, &webhook, &issues);
	if (!body || issues.count || !webhook_make(ctx, &webhook, secret)) {
		respond_issues(response, &issues);
		return;
	}
	response_header(response, "Location", "%s/api/v1/webhooks/%lld", request->base, (long long)webhook.id);
	respond_webhook(response, 201, webhook.id, secret);
}

void patch_webhook(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = no_issues(request);
	struct webhook webhook;
	json_t *body = NULL;
	if (webhook_get(ctx, request->path_id, &webhook) && if_match_row(request, &webhook.row_version))
		body = object_body(request, false);
	if (body)
		webhook_read(ctx, body, &webhook, &issues);
	if (body && !issues.count && webhook_change(ctx, &webhook))
		respond_webhook(response, 200, webhook.id, NULL);
	else
		respond_issues(response, &issues);
}

void delete_webhook(struct request *request, struct response *response)
{
	struct webhook webhook;
	if (webhook_get(request->ctx, request->path_id, &webhook) && if_match_row(request, &webhook.row_version) &&
	    webhook_remove(request->ctx, &webhook))
		response->status = 204;
	else
		respond_fail(response, NULL);
}

void post_webhook_secret(struct request *request, struct response *response)
{
	struct webhook webhook;
	char secret[WEBHOOK_SECRET_SIZE];
	if (webhook_get(request->ctx, request->path_id, &webhook) && webhook_rotate(request->ctx, webhook.id, secret))
		respond_webhook(response, 200, webhook.id, secret);
	else
		respond_fail(response, NULL);
}

static void respond_delivery(struct response *response, bool ok, const struct delivery_row *delivery)
{
	struct json_writer w;
	if (!ok) {
		respond_fail(response, NULL);
		return;
	}
	jw_begin(&w, &response->body);
	delivery_json(&w, delivery);
}

void post_webhook_test(struct request *request, struct response *response)
{
	struct webhook webhook;
	struct delivery_row delivery;
	bool ok = webhook_get(request->ctx, request->path_id, &webhook) && webhook_send_test(request->ctx, &webhook, &delivery);
	respond_delivery(response, ok, &delivery);
}

void post_webhook_retry(struct request *request, struct response *response)
{
	struct webhook webhook;
	struct delivery_row delivery;
	int64_t id;
	bool ok = webhook_get(request->ctx, request->path_id, &webhook) && webhook_delivery_id(request, &id) &&
		  webhook_send_again(request->ctx, &webhook, id, &delivery);
	respond_delivery(response, ok, &delivery);
}

static bool read_state(struct request *request, const char **state)
{
	const char *given = param(request, "state");
	*state = given && given[0] ? given : NULL;
	if (!*state || strcmp(given, "waiting") == 0 || strcmp(given, "delivered") == 0 || strcmp(given, "failed") == 0)
		return true;
	return fail_set(&request->ctx->fail, FAIL_INVALID, CODE_INVALID_VALUE, "state is waiting, delivered or failed");
}

void get_webhook_deliveries(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct delivery_filter filter = { .webhook_id = request->path_id };
	struct webhook webhook;
	struct delivery_row *rows;
	struct json_writer w;
	size_t count;
	if (!webhook_get(ctx, request->path_id, &webhook) || !list_params(request, &filter.before_id, &filter.limit) ||
	    !read_state(request, &filter.state) || !deliveries_list(ctx, &filter, &rows, &count)) {
		respond_fail(response, NULL);
		return;
	}
	list_begin(&w, response);
	for (size_t i = 0; i < count; i++)
		delivery_json(&w, &rows[i]);
	list_end(&w, count == (size_t)filter.limit, count ? rows[count - 1].id : 0);
}
