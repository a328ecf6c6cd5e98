/* Webhooks, for those who manage batches. */
#include "views/page_webhooks.h"
#include "web/meanwhile.h"
#include "web/page_frame.h"
#include "web/pages.h"
#include "web/webhook_input.h"

#define DELIVERIES_PER_PAGE 25

static struct webhook_view view_of(const struct webhook *webhook)
{
	return (struct webhook_view){
		.id = webhook->id,
		.label = webhook->label,
		.url = webhook->url,
		.takes = webhook_takes_name(webhook->takes),
		.owner = webhook->created_by_name ? webhook->created_by_name : "",
		.is_active = webhook->is_active,
		.is_gone = webhook->off_reason && strcmp(webhook->off_reason, "gone") == 0,
		.waiting = webhook->waiting,
		.delivered_at = webhook->delivered_at,
		.last_problem = webhook->last_problem ? webhook->last_problem : "",
		.row_version = webhook->row_version,
	};
}

static struct delivery_view delivery_view_of(const struct delivery_row *row)
{
	bool is_sending = strcmp(row->state, "waiting") == 0 && row->is_under_way;
	return (struct delivery_view){
		.id = row->id,
		.job_id = row->job_id,
		.event = row->event,
		.state = is_sending ? "sending" : row->state,
		.detail = row->detail,
		.reply = row->reply,
		.message_id = row->message_id,
		.attempts = row->attempts,
		.created_at = row->created_at,
		.tried_at = row->tried_at,
		.next_at = row->next_at,
	};
}

void get_webhooks_page(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct frame frame;
	struct webhooks_page page = { .frame = &frame };
	struct webhook *list;
	if (!webhooks_list(ctx, &list, &page.count)) {
		respond_fail(response, NULL);
		return;
	}
	struct webhook_view *views = arena_array(ctx->arena, page.count + 1, sizeof(*views));
	for (size_t i = 0; i < page.count; i++)
		views[i] = view_of(&list[i]);
	page.rows = views;
	if (param(request, "deleted"))
		page.note = "The webhook is deleted.";
	page_frame(request, "Webhooks", NAV_WEBHOOKS, &frame);
	page_webhooks(&response->body, &page);
}

/* --- one of them ------------------------------------------------------------------ */

static void choose_events(struct ctx *ctx, const struct webhook *webhook, struct webhook_form *form)
{
	struct event_choice *events = arena_array(ctx->arena, WEBHOOK_EVENT_COUNT, sizeof(*events));
	for (int i = 0; i < WEBHOOK_EVENT_COUNT; i++)
		events[i] = (struct event_choice){ webhook_event_name((enum webhook_event)i), (webhook->events & 1u << i) != 0 };
	form->webhook = view_of(webhook);
	form->events = events;
	form->event_count = WEBHOOK_EVENT_COUNT;
}

static bool load_deliveries(struct request *request, int64_t id, struct webhook_page *page)
{
	struct ctx *ctx = request->ctx;
	struct delivery_filter filter = { .webhook_id = id, .limit = DELIVERIES_PER_PAGE + 1 };
	struct delivery_row *rows;
	if (!param_int(request, "after", 0, INT64_MAX, 0, &filter.before_id) ||
	    !deliveries_list(ctx, &filter, &rows, &page->delivery_count))
		return false;
	page->is_first = !filter.before_id;
	if (page->delivery_count > DELIVERIES_PER_PAGE) {
		page->delivery_count = DELIVERIES_PER_PAGE;
		page->next_after = rows[DELIVERIES_PER_PAGE - 1].id;
	}
	struct delivery_view *views = arena_array(ctx->arena, page->delivery_count + 1, sizeof(*views));
	for (size_t i = 0; i < page->delivery_count; i++)
		views[i] = delivery_view_of(&rows[i]);
	page->deliveries = views;
	return true;
}

/* What the button that was just pressed has brought about. */
static bool load_note(struct request *request, int64_t id, struct webhook_page *page)
{
	struct ctx *ctx = request->ctx;
	struct delivery_filter filter = { .webhook_id = id, .limit = 1 };
	struct delivery_row *rows;
	size_t count;
	if (param(request, "saved"))
		page->note = "The webhook is saved.";
	if (!param_int(request, "sent", 0, INT64_MAX, 0, &filter.id))
		return false;
	if (!filter.id)
		return true;
	if (!deliveries_list(ctx, &filter, &rows, &count))
		return false;
	if (!count)
		return true;
	page->is_bad = strcmp(rows[0].state, "delivered") != 0;
	page->note = page->is_bad ? arena_printf(ctx->arena, "Delivery %lld did not arrive. %s", (long long)rows[0].id, rows[0].detail)
				  : arena_printf(ctx->arena, "Delivery %lld has arrived. %s", (long long)rows[0].id, rows[0].detail);
	return true;
}

/* `meanwhile` NULL: nobody else was at it. */
static void show(struct response *response, const struct webhook *webhook, const struct meanwhile *meanwhile, const struct issues *issues)
{
	struct request *request = response->request;
	struct frame frame;
	struct webhook_page page = { .form = { .frame = &frame, .issues = issues, .meanwhile = meanwhile } };
	choose_events(request->ctx, webhook, &page.form);
	if (webhook->id && (!load_deliveries(request, webhook->id, &page) || !load_note(request, webhook->id, &page))) {
		respond_fail(response, NULL);
		return;
	}
	if (issues->count)
		response->status = 422;
	page_frame(request, webhook->id ? "Webhook" : "New webhook", NAV_WEBHOOKS, &frame);
	frame.has_error = issues->count > 0;
	if (webhook->id)
		page_webhook(&response->body, &page);
	else
		page_webhook_form(&response->body, &page.form);
}

static bool load(struct request *request, struct response *response, struct webhook *webhook)
{
	if (webhook_get(request->ctx, request->path_id, webhook))
		return true;
	respond_fail(response, NULL);
	return false;
}

void get_webhook_page(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct webhook webhook;
	if (load(request, response, &webhook))
		show(response, &webhook, NULL, &issues);
}

void get_webhook_new(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct webhook webhook = webhook_blank(request->ctx);
	show(response, &webhook, NULL, &issues);
}

static void show_secret(struct response *response, const struct webhook *webhook, const char *secret, bool is_new)
{
	struct webhook_view view = view_of(webhook);
	struct frame frame;
	page_frame(response->request, "The secret of a webhook", NAV_WEBHOOKS, &frame);
	page_webhook_secret(&response->body, &frame, &view, secret, is_new);
}

/* A form that is sent twice must not leave a webhook whose secret nobody saw. */
static bool check_label(struct ctx *ctx, const struct webhook *webhook, struct issues *issues)
{
	struct webhook *list;
	size_t count;
	if (!webhooks_list(ctx, &list, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].label, webhook->label) == 0)
			issue_add(issues, CODE_NAME_TAKEN, "/label", "If you did not see its secret, make it a new one.",
				  "There is a webhook “%s” already", webhook->label);
	return true;
}

void post_webhook_new(struct request *request, struct response *response)
{
	struct ctx *ctx = request->ctx;
	struct issues issues = page_issues(request);
	struct webhook webhook = webhook_blank(ctx);
	char secret[WEBHOOK_SECRET_SIZE];
	if (!form_checked(request, response))
		return;
	webhook_read_form(request, &webhook, &issues);
	if (!check_label(ctx, &webhook, &issues)) {
		respond_fail(response, NULL);
		return;
	}
	if (!issues.count && webhook_make(ctx, &webhook, secret)) {
		show_secret(response, &webhook, secret, true);
		return;
	}
	if (!issues.count && !fail_is_for_form(request)) {
		respond_fail(response, NULL);
		return;
	}
	if (!issues.count)
		issue_from_fail(request, &issues, NULL);
	show(response, &webhook, NULL, &issues);
}

/* "completed: every item went well; failed": which ends it is told of. */
static const char *events_text(struct ctx *ctx, const struct webhook *webhook)
{
	const char *text = "";
	for (int i = 0; i < WEBHOOK_EVENT_COUNT; i++)
		if (webhook->events & 1u << i)
			text = arena_printf(ctx->arena, "%s%s%s", text, *text ? "; " : "", webhook_event_words(webhook_event_name((enum webhook_event)i)));
	return text;
}

/* Somebody was first.  If it comes to the same, it is saved. */
static void show_both(struct request *request, struct response *response, struct webhook *typed, struct issues *issues)
{
	static const char *const actions[] = { "webhook.change", NULL }, *const states[] = { "switched off", "on" };
	struct ctx *ctx = request->ctx;
	struct meanwhile meanwhile;
	struct webhook now;
	const char *path = arena_printf(ctx->arena, "/webhooks/%" PRId64, typed->id);
	if (!meanwhile_begin(request, actions, typed->id, path, &meanwhile) || !webhook_get(ctx, typed->id, &now)) {
		respond_fail(response, NULL);
		return;
	}
	meanwhile_add(&meanwhile, "Name", now.label, typed->label);
	meanwhile_add(&meanwhile, "Address", now.url, typed->url);
	meanwhile_add(&meanwhile, "Whose batches it hears of", webhook_takes_words(webhook_takes_name(now.takes)),
		      webhook_takes_words(webhook_takes_name(typed->takes)));
	meanwhile_add(&meanwhile, "When it is told", events_text(ctx, &now), events_text(ctx, typed));
	meanwhile_add(&meanwhile, "State", states[now.is_active], states[typed->is_active]);
	if (!meanwhile.count) {
		response_redirect(response, "/webhooks/%" PRId64 "?saved=1", typed->id);
		return;
	}
	meanwhile_tell(&meanwhile, issues);
	typed->row_version = now.row_version;
	show(response, typed, &meanwhile, issues);
}

void post_webhook_page(struct request *request, struct response *response)
{
	struct issues issues = page_issues(request);
	struct webhook webhook;
	if (!form_checked(request, response))
		return;
	if (!webhook_get(request->ctx, request->path_id, &webhook)) {
		struct issues unread = page_issues(request);
		if (request->ctx->fail.code != CODE_WEBHOOK_NOT_FOUND) {
			respond_fail(response, NULL);
			return;
		}
		webhook = webhook_blank(request->ctx);
		deleted_tell(request, &issues);
		webhook_read_form(request, &webhook, &unread);
		show(response, &webhook, NULL, &issues);
		return;
	}
	webhook_read_form(request, &webhook, &issues);
	form_row_version(request, &webhook.row_version);
	if (issues.count)
		show(response, &webhook, NULL, &issues);
	else if (webhook_change(request->ctx, &webhook))
		response_redirect(response, "/webhooks/%" PRId64 "?saved=1", webhook.id);
	else if (was_first(request))
		show_both(request, response, &webhook, &issues);
	else
		respond_fail(response, NULL);
}

/* --- what can be done with it ------------------------------------------------------ */

static void show_question(struct request *request, struct response *response, const char *title,
			  void (*page)(struct str *, const struct frame *, const struct webhook_view *))
{
	struct webhook webhook;
	struct frame frame;
	if (!load(request, response, &webhook))
		return;
	struct webhook_view view = view_of(&webhook);
	page_frame(request, title, NAV_WEBHOOKS, &frame);
	page(&response->body, &frame, &view);
}

void get_webhook_secret(struct request *request, struct response *response)
{
	show_question(request, response, "A new secret", page_webhook_rotate);
}

void get_webhook_delete(struct request *request, struct response *response)
{
	show_question(request, response, "Delete a webhook", page_webhook_delete);
}

void post_webhook_secret_page(struct request *request, struct response *response)
{
	struct webhook webhook;
	char secret[WEBHOOK_SECRET_SIZE];
	if (!form_checked(request, response) || !load(request, response, &webhook))
		return;
	if (webhook_rotate(request->ctx, webhook.id, secret))
		show_secret(response, &webhook, secret, false);
	else
		respond_fail(response, NULL);
}

void post_webhook_delete(struct request *request, struct response *response)
{
	struct webhook webhook;
	if (!form_checked(request, response) || !load(request, response, &webhook))
		return;
	if (webhook_remove(request->ctx, &webhook))
		response_redirect(response, "/webhooks?deleted=1");
	else
		respond_fail(response, NULL);
}

static void show_sent(struct response *response, bool ok, const struct webhook *webhook, const struct delivery_row *delivery)
{
	if (ok)
		response_redirect(response, "/webhooks/%" PRId64 "?sent=%" PRId64, webhook->id, delivery->id);
	else
		respond_fail(response, NULL);
}

void post_webhook_test_page(struct request *request, struct response *response)
{
	struct webhook webhook;
	struct delivery_row delivery;
	if (form_checked(request, response) && load(request, response, &webhook))
		show_sent(response, webhook_send_test(request->ctx, &webhook, &delivery), &webhook, &delivery);
}

void post_webhook_retry_page(struct request *request, struct response *response)
{
	struct webhook webhook;
	struct delivery_row delivery;
	int64_t id;
	if (form_checked(request, response) && load(request, response, &webhook))
		show_sent(response, webhook_delivery_id(request, &id) && webhook_send_again(request->ctx, &webhook, id, &delivery), &webhook,
			  &delivery);
}
