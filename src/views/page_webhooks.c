/* Webhooks: the list, and one of them with what it was told. */
#include "views/page_webhooks.h"

#include <string.h>

#include "views/page_webhook_parts.h"

static void pill(struct str *out, const char *css_class, enum icon icon, const char *word)
{
	html_f(out, "<span class=\"pill %s\">", css_class);
	html_icon(out, icon);
	html_f(out, "%s</span>", word);
}

static void webhook_pill(struct str *out, const struct webhook_view *webhook)
{
	if (webhook->is_gone)
		pill(out, "bad", ICON_STOP, "Switched off by the receiver");
	else if (!webhook->is_active)
		pill(out, "calm", ICON_PAUSE, "Off");
	else if (webhook->last_problem[0])
		pill(out, "warn", ICON_WARN, "On; the last attempt failed");
	else
		pill(out, "good", ICON_CHECK, "On");
}

static const char *takes_words(const char *takes)
{
	if (strcmp(takes, "all") == 0)
		return "Everybody's batches";
	return strcmp(takes, "own") == 0 ? "Batches of its owner" : "Batches that name it";
}

/* --- the list -------------------------------------------------------------------- */

static void row(struct str *out, const struct frame *frame, const struct webhook_view *webhook)
{
	html_f(out, "<tr><td><a href=\"%s/webhooks/%" PRId64 "\">%s</a><br><small>%s</small></td><td>", frame->base, webhook->id,
	       webhook->label, webhook->url);
	webhook_pill(out, webhook);
	html_f(out, "</td><td data-label=\"Takes\">%s</td><td data-label=\"Owner\">%s</td><td data-label=\"Last arrived\">",
	       takes_words(webhook->takes), webhook->owner);
	html_time(out, frame->zone, webhook->delivered_at);
	html_f(out, "</td><td data-label=\"Waiting\">%'" PRId64 "</td></tr>\n", webhook->waiting);
}

void page_webhooks(struct str *out, const struct webhooks_page *page)
{
	const struct frame *frame = page->frame;
	frame_begin(out, frame);
	html_f(out, "<h1 id=\"title\">Webhooks</h1>\n<p class=\"sub\">Other programs that are told when batches end. "
		    "<a href=\"%s/help/webhooks.html\">How they work</a></p>\n",
	       frame->base);
	if (page->note)
		html_f(out, "<div class=\"notice\" role=\"status\"><p>%s</p></div>\n", page->note);
	html_f(out, "<div class=\"steps\"><a class=\"button\" href=\"%s/webhooks/new\">New webhook</a></div>\n", frame->base);
	if (!page->count) {
		html_raw(out, "<p class=\"empty\">There are no webhooks: nobody is told when a batch ends.</p>\n");
	} else {
		html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"title\" tabindex=\"0\"><table class=\"stacks\"><thead><tr>"
			      "<th scope=\"col\">Webhook</th><th scope=\"col\">State</th><th scope=\"col\">Takes</th><th scope=\"col\">Owner</th>"
			      "<th scope=\"col\">Last arrived</th><th scope=\"col\">Waiting</th></tr></thead><tbody>\n");
		for (size_t i = 0; i < page->count; i++)
			row(out, frame, &page->rows[i]);
		html_raw(out, "</tbody></table></div>\n");
	}
	frame_end(out, frame);
}

/* --- what it was told --------------------------------------------------------------- */

static void delivery_pill(struct str *out, const struct delivery_view *delivery)
{
	if (strcmp(delivery->state, "delivered") == 0)
		pill(out, "good", ICON_CHECK, "Arrived");
	else if (strcmp(delivery->state, "failed") == 0)
		pill(out, "bad", ICON_CROSS, "Failed");
	else if (strcmp(delivery->state, "sending") == 0)
		pill(out, "calm", ICON_RUN, "Being sent");
	else
		pill(out, delivery->attempts ? "warn" : "calm", ICON_CLOCK, delivery->attempts ? "Waits to be tried again" : "Waits");
}

static void attempt_words(struct str *out, const struct frame *frame, const struct delivery_view *delivery)
{
	html_text(out, delivery->detail);
	if (delivery->detail[0])
		html_raw(out, "<br>");
	html_raw(out, "<small>");
	html_count(out, delivery->attempts, "attempt", "attempts");
	if (delivery->tried_at) {
		html_raw(out, ", the last ");
		html_time(out, frame->zone, delivery->tried_at);
	}
	if (strcmp(delivery->state, "waiting") == 0) {
		html_raw(out, ", the next from ");
		html_time(out, frame->zone, delivery->next_at);
		html_raw(out, " on");
	}
	html_raw(out, "</small>");
	if (delivery->reply[0])
		html_f(out, "<details><summary>What it answered</summary><pre>%s</pre></details>", delivery->reply);
}

static void delivery_row(struct str *out, const struct frame *frame, int64_t webhook_id, const struct delivery_view *delivery)
{
	bool may_retry = strcmp(delivery->state, "failed") == 0 || strcmp(delivery->state, "waiting") == 0;
	html_f(out, "<tr><td><span class=\"vh\">Delivery %" PRId64 ": </span>%s", delivery->id, delivery->event);
	if (delivery->job_id)
		html_f(out, "<br><a href=\"%s/jobs/%" PRId64 "\">Batch %" PRId64 "</a>", frame->base, delivery->job_id, delivery->job_id);
	html_raw(out, "</td><td data-label=\"Since\">");
	html_time(out, frame->zone, delivery->created_at);
	html_raw(out, "</td><td>");
	delivery_pill(out, delivery);
	html_raw(out, "</td><td class=\"wide\">");
	attempt_words(out, frame, delivery);
	if (may_retry) {
		char path[96], label[64];
		snprintf(path, sizeof(path), "/webhooks/%" PRId64 "/deliveries/%" PRId64 "/retry", webhook_id, delivery->id);
		snprintf(label, sizeof(label), "Send %" PRId64 " now", delivery->id);
		post_button(out, frame, &(struct post_button){ path, label, "quiet", NULL, NULL });
	}
	html_raw(out, "</td></tr>\n");
}

static void deliveries(struct str *out, const struct webhook_page *page)
{
	const struct frame *frame = page->form.frame;
	int64_t id = page->form.webhook.id;
	html_raw(out, "<h2 id=\"deliveries\">What it was told</h2>\n");
	if (!page->delivery_count) {
		html_raw(out, "<p class=\"empty\">Nothing so far. Send a test to see whether it arrives.</p>\n");
		return;
	}
	html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"deliveries\" tabindex=\"0\"><table class=\"stacks\"><thead><tr>"
		      "<th scope=\"col\">Event</th><th scope=\"col\">Since</th><th scope=\"col\">State</th><th scope=\"col\">Attempts</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->delivery_count; i++)
		delivery_row(out, frame, id, &page->deliveries[i]);
	html_raw(out, "</tbody></table></div>\n");
	if (page->is_first && !page->next_after)
		return;
	html_raw(out, "<nav class=\"pager\" aria-label=\"Pages of deliveries\">");
	if (!page->is_first)
		html_f(out, "<a rel=\"first\" href=\"%s/webhooks/%" PRId64 "#deliveries\">« First page</a>", frame->base, id);
	if (page->next_after)
		html_f(out, "<a rel=\"next\" href=\"%s/webhooks/%" PRId64 "?after=%" PRId64 "#deliveries\">Next page »</a>", frame->base, id,
		       page->next_after);
	html_raw(out, "</nav>\n");
}

void page_webhook(struct str *out, const struct webhook_page *page)
{
	const struct frame *frame = page->form.frame;
	const struct webhook_view *webhook = &page->form.webhook;
	char test[48];
	snprintf(test, sizeof(test), "/webhooks/%" PRId64 "/test", webhook->id);
	frame_begin(out, frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/webhooks\">Webhooks</a></p><h1>%s</h1>\n<p class=\"sub\">", frame->base, webhook->label);
	webhook_pill(out, webhook);
	html_f(out, " Made by %s.</p>\n", webhook->owner[0] ? webhook->owner : "somebody who is gone");
	error_summary(out, page->form.issues);
	if (page->note)
		html_f(out, "<div class=\"notice%s\" role=\"status\"><p>%s</p></div>\n", page->is_bad ? " bad" : "", page->note);
	html_raw(out, "<div class=\"steps\">");
	if (webhook->is_active)
		post_button(out, frame, &(struct post_button){ test, "Send a test", "", NULL, NULL });
	html_f(out, "<a class=\"button quiet\" href=\"%s/webhooks/%" PRId64 "/secret\">New secret…</a>"
		    "<a class=\"button quiet\" href=\"%s/webhooks/%" PRId64 "/delete\">Delete…</a></div>\n",
	       frame->base, webhook->id, frame->base, webhook->id);
	deliveries(out, page);
	html_raw(out, "<h2>Settings</h2>\n");
	webhook_fields(out, &page->form);
	frame_end(out, frame);
}
