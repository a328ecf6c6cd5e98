#include "web/webhook_input.h"

#include "base/config.h"
#include "db/db.h"
#include "net/destination.h"
#include "net/url.h"
#include "notify/send.h"
#include "store/audit.h"
#include "web/api_input.h"
#include "web/page_frame.h"

struct webhook webhook_blank(const struct ctx *ctx)
{
	return (struct webhook){ .label = "",
				 .url = "",
				 .takes = WEBHOOK_OWN,
				 .events = WEBHOOK_ALL_EVENTS,
				 .is_active = true,
				 .off_reason = "",
				 .created_by = ctx->actor->user_id };
}

/* --- checks ---------------------------------------------------------------------- */

/* What a name leads to is looked up when something is sent; a number, and the
 * port, can be judged now. */
static void check_url(struct ctx *ctx, const char *text, struct issues *issues)
{
	const char *allow = ctx->config->webhook_allow, *why;
	char detail[256];
	struct url url;
	if (!url_read(text, &url, &why))
		issue_add(issues, CODE_WEBHOOK_ADDRESS, "/url", NULL, "The address %s", why);
	else if (!destination_port_permitted(url.port, allow))
		issue_add(issues, CODE_WEBHOOK_ADDRESS, "/url", NULL, "Port %d is not one that webhooks may use (443, 8443)", url.port);
	else if (url.is_address && !https_check_addresses(&url.address, 1, url.port, allow, detail))
		issue_add(issues, CODE_WEBHOOK_ADDRESS, "/url", NULL, "%s", detail);
}

static void check(struct ctx *ctx, const struct webhook *webhook, struct issues *issues)
{
	size_t len = strlen(webhook->label);
	if (!len || utf8_length(webhook->label, len) > WEBHOOK_LABEL_MAX)
		issue_add(issues, len ? CODE_TOO_LONG : CODE_REQUIRED, "/label", NULL, "Give it a name of 1 to %d characters", WEBHOOK_LABEL_MAX);
	if (!webhook->events)
		issue_add(issues, CODE_REQUIRED, "/events", NULL, "Choose at least one event");
	check_url(ctx, webhook->url, issues);
}

/* --- reading --------------------------------------------------------------------- */

static void read_events(const json_t *list, uint32_t *events, struct issues *issues)
{
	const json_t *element;
	enum webhook_event event;
	size_t i;
	if (!json_is_array(list)) {
		issue_add(issues, CODE_INVALID_TYPE, "/events", NULL, "events is a list of names");
		return;
	}
	*events = 0;
	json_array_foreach(list, i, element) {
		const char *name = json_string_value(element);
		if (name && webhook_event_by_name(name, &event))
			*events |= 1u << event;
		else
			issue_add(issues, CODE_INVALID_VALUE, arena_printf(issues->arena, "/events/%zu", i),
				  "Use batch.completed, batch.completed_with_problems, batch.failed, batch.cancelled, batch.undone",
				  "There is no such event");
	}
}

static void read_takes(const char *name, struct webhook *webhook, struct issues *issues)
{
	if (!webhook_takes_by_name(name, &webhook->takes))
		issue_add(issues, CODE_INVALID_VALUE, "/takes", "Use own, all or named", "takes can't be “%s”",
			  issue_excerpt(issues->arena, name, strlen(name)));
}

void webhook_read(struct ctx *ctx, const json_t *object, struct webhook *webhook, struct issues *issues)
{
	static const char *const members[] = { "label", "url", "takes", "events", "active", NULL };
	const json_t *events = json_object_get(object, "events");
	refuse_unknown(object, members, issues);
	webhook->label = text_member(object, "label", webhook->label, 0, WEBHOOK_LABEL_MAX, issues);
	webhook->url = text_member(object, "url", webhook->url, 0, URL_MAX, issues);
	webhook->is_active = bool_member(object, "active", webhook->is_active, issues);
	read_takes(text_member(object, "takes", webhook_takes_name(webhook->takes), 1, 20, issues), webhook, issues);
	if (events && !json_is_null(events))
		read_events(events, &webhook->events, issues);
	if (!issues->count)
		check(ctx, webhook, issues);
}

void webhook_read_form(const struct request *request, struct webhook *webhook, struct issues *issues)
{
	enum webhook_event event;
	webhook->label = form_text(request, "label");
	webhook->url = form_text(request, "url");
	webhook->is_active = !webhook->id || form_text(request, "active")[0];
	webhook->events = 0;
	for (size_t i = 0; i < request->form_count; i++)
		if (strcmp(request->form[i].name, "event") == 0 && webhook_event_by_name(request->form[i].value, &event))
			webhook->events |= 1u << event;
	read_takes(form_text(request, "takes"), webhook, issues);
	check(request->ctx, webhook, issues);
}

/* --- doing ------------------------------------------------------------------------ */

bool webhook_make(struct ctx *ctx, struct webhook *webhook, char secret[WEBHOOK_SECRET_SIZE])
{
	return db_begin(ctx->db, &ctx->fail) &&
	       audit_commit(ctx, webhook_insert(ctx, webhook, secret), "webhook.create", &webhook->id);
}

bool webhook_change(struct ctx *ctx, const struct webhook *webhook)
{
	return db_begin(ctx->db, &ctx->fail) && audit_commit(ctx, webhook_update(ctx, webhook, "person"), "webhook.change", &webhook->id);
}

bool webhook_rotate(struct ctx *ctx, int64_t id, char secret[WEBHOOK_SECRET_SIZE])
{
	return db_begin(ctx->db, &ctx->fail) && audit_commit(ctx, webhook_new_secret(ctx, id, secret), "webhook.secret", &id);
}

bool webhook_remove(struct ctx *ctx, const struct webhook *webhook)
{
	return db_begin(ctx->db, &ctx->fail) && audit_commit(ctx, webhook_delete(ctx, webhook), "webhook.delete", &webhook->id);
}

static bool get_delivery(struct ctx *ctx, int64_t webhook_id, int64_t id, struct delivery_row *delivery)
{
	struct delivery_filter filter = { .webhook_id = webhook_id, .id = id, .limit = 1 };
	struct delivery_row *rows;
	size_t count;
	if (!deliveries_list(ctx, &filter, &rows, &count))
		return false;
	if (!count)
		return fail_set(&ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "There is no delivery %lld of this webhook", (long long)id);
	*delivery = rows[0];
	return true;
}

static bool is_on(struct ctx *ctx, const struct webhook *webhook)
{
	return webhook->is_active ||
	       fail_set(&ctx->fail, FAIL_CONFLICT, CODE_WEBHOOK_OFF, "The webhook “%s” is switched off", webhook->label);
}

bool webhook_send_test(struct ctx *ctx, const struct webhook *webhook, struct delivery_row *delivery)
{
	int64_t id;
	return is_on(ctx, webhook) && send_test(ctx, webhook->id, &id) && get_delivery(ctx, webhook->id, id, delivery);
}

bool webhook_send_again(struct ctx *ctx, const struct webhook *webhook, int64_t delivery_id, struct delivery_row *delivery)
{
	return is_on(ctx, webhook) && get_delivery(ctx, webhook->id, delivery_id, delivery) &&
	       delivery_retry(ctx, webhook->id, delivery_id) && send_one(ctx, delivery_id) &&
	       get_delivery(ctx, webhook->id, delivery_id, delivery);
}

bool webhook_delivery_id(struct request *request, int64_t *id)
{
	const char *text = request->path_arg[1];
	return (parse_i64(text, strlen(text), id) && *id > 0) ||
	       fail_set(&request->ctx->fail, FAIL_NOT_FOUND, CODE_NOT_FOUND, "There is no such delivery");
}
