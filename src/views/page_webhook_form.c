/* Webhooks: the form, the secret, and the questions before something goes. */
#include <string.h>

#include "views/page_webhook_parts.h"

static void text_field(struct str *out, const struct webhook_form *form, const char *name, const char *label, const char *value, int max,
		       const char *hint)
{
	char hint_id[24];
	snprintf(hint_id, sizeof(hint_id), "h-%s", name);
	html_f(out, "<div class=\"field\"><label for=\"f-%s\">%s</label>", name, label);
	field_error(out, form->issues, name);
	html_f(out, "<input id=\"f-%s\" name=\"%s\" value=\"%s\" maxlength=\"%d\" autocomplete=\"off\" spellcheck=\"false\" required", name, name,
	       value, max);
	field_state(out, form->issues, name, hint_id);
	html_f(out, "><p class=\"hint\" id=\"%s\">%s</p></div>\n", hint_id, hint);
}

static const struct {
	const char *value, *words;
} choices[] = {
	{ "own", "every batch of mine, or of whoever made this webhook" },
	{ "all", "every batch of everybody" },
	{ "named", "only batches that name it by the option notify" },
};

const char *webhook_takes_words(const char *takes)
{
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (strcmp(choices[i].value, takes) == 0)
			return choices[i].words;
	return takes;
}

static void takes_fields(struct str *out, const struct webhook_form *form)
{
	html_raw(out, "<fieldset id=\"f-takes\"><legend>Whose batches it hears of</legend>");
	field_error(out, form->issues, "takes");
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		html_f(out, "<label class=\"check\"><input type=\"radio\" name=\"takes\" value=\"%s\"%s> %s</label>", choices[i].value,
		       strcmp(choices[i].value, form->webhook.takes) == 0 ? " checked" : "", choices[i].words);
	html_raw(out, "</fieldset>\n");
}

const char *webhook_event_words(const char *name)
{
	static const struct {
		const char *name, *words;
	} events[] = {
		{ "batch.completed", "completed: every item went well" },
		{ "batch.completed_with_problems", "completed with problems: some items failed or wait for a decision" },
		{ "batch.failed", "failed" },
		{ "batch.cancelled", "cancelled" },
		{ "batch.undone", "undone" },
	};
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (strcmp(events[i].name, name) == 0)
			return events[i].words;
	return name;
}

static void event_fields(struct str *out, const struct webhook_form *form)
{
	html_raw(out, "<fieldset id=\"f-events\"><legend>When it is told: a batch is</legend>");
	field_error(out, form->issues, "events");
	for (size_t i = 0; i < form->event_count; i++)
		html_f(out, "<label class=\"check\"><input type=\"checkbox\" name=\"event\" value=\"%s\"%s> %s</label>", form->events[i].name,
		       form->events[i].is_chosen ? " checked" : "", webhook_event_words(form->events[i].name));
	html_raw(out, "</fieldset>\n");
}

void webhook_fields(struct str *out, const struct webhook_form *form)
{
	const struct frame *frame = form->frame;
	const struct webhook_view *webhook = &form->webhook;
	meanwhile_panel(out, frame, form->meanwhile);
	if (webhook->id)
		html_f(out, "<form method=\"post\" action=\"%s/webhooks/%" PRId64 "\" class=\"stack panel\">", frame->base, webhook->id);
	else
		html_f(out, "<form method=\"post\" action=\"%s/webhooks/new\" class=\"stack panel\">", frame->base);
	html_csrf(out, frame);
	html_row_version(out, webhook->row_version);
	text_field(out, form, "label", "Name", webhook->label, 100, "Which program it is; so that you know it again");
	text_field(out, form, "url", "Address", webhook->url, 500,
		   "https://…, of the public net, port 443 or 8443; it must answer with 2xx in 10 seconds, if the site has set nothing else");
	takes_fields(out, form);
	event_fields(out, form);
	if (webhook->id)
		html_f(out, "<label class=\"check\"><input type=\"checkbox\" name=\"active\" value=\"1\"%s> On. Switched off, what waits is given up</label>\n",
		       webhook->is_active ? " checked" : "");
	html_f(out, "<div class=\"steps\"><button>%s</button><a class=\"button quiet\" href=\"%s/webhooks\">Cancel</a></div></form>\n",
	       webhook->id ? "Save" : "Make the webhook", frame->base);
}

void page_webhook_form(struct str *out, const struct webhook_form *form)
{
	const struct frame *frame = form->frame;
	frame_begin(out, frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/webhooks\">Webhooks</a></p><h1>New webhook</h1>\n", frame->base);
	error_summary(out, form->issues);
	webhook_fields(out, form);
	frame_end(out, frame);
}

static void crumbs(struct str *out, const struct frame *frame, const struct webhook_view *webhook)
{
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/webhooks\">Webhooks</a> · <a href=\"%s/webhooks/%" PRId64 "\">%s</a></p>", frame->base,
	       frame->base, webhook->id, webhook->label);
}

void page_webhook_secret(struct str *out, const struct frame *frame, const struct webhook_view *webhook, const char *secret, bool is_new)
{
	frame_begin(out, frame);
	crumbs(out, frame, webhook);
	html_f(out,
	       "<h1>The secret of “%s”</h1>\n<div class=\"notice\" role=\"status\"><p>Copy it now: it is not shown again.</p></div>\n"
	       "<div class=\"panel\"><label for=\"f-secret\">Secret</label><input id=\"f-secret\" class=\"secret\" value=\"%s\" readonly size=\"60\">"
	       "<p class=\"hint\">The receiver checks by it that what arrives is from here: "
	       "<a href=\"%s/help/webhooks.html#signature\">how, with examples</a>.%s</p></div>\n"
	       "<div class=\"steps\"><a class=\"button\" href=\"%s/webhooks/%" PRId64 "\">I have it</a></div>\n",
	       webhook->label, secret, frame->base, is_new ? "" : " For 24 hours each delivery is signed with both, the old one and this.",
	       frame->base, webhook->id);
	frame_end(out, frame);
}

/* The end of a question about one step of the webhook. */
static void answers(struct str *out, const struct frame *frame, const struct webhook_view *webhook, const char *step, const char *yes,
		    const char *class)
{
	char path[48];
	snprintf(path, sizeof(path), "/webhooks/%" PRId64 "/%s", webhook->id, step);
	html_raw(out, "<div class=\"steps\">");
	post_button(out, frame, &(struct post_button){ path, yes, class, NULL, NULL });
	html_f(out, "<a class=\"button quiet\" href=\"%s/webhooks/%" PRId64 "\">No, keep it</a></div></div>\n", frame->base, webhook->id);
	frame_end(out, frame);
}

void page_webhook_rotate(struct str *out, const struct frame *frame, const struct webhook_view *webhook)
{
	frame_begin(out, frame);
	crumbs(out, frame, webhook);
	html_f(out, "<h1>A new secret for “%s”?</h1>\n<div class=\"panel\"><p>For 24 hours each delivery is signed with both, so that the receiver "
		    "can follow; after that the old one is worth nothing.</p>", webhook->label);
	answers(out, frame, webhook, "secret", "Yes, make a new one", "");
}

void page_webhook_delete(struct str *out, const struct frame *frame, const struct webhook_view *webhook)
{
	frame_begin(out, frame);
	crumbs(out, frame, webhook);
	html_f(out, "<h1>Delete the webhook “%s”?</h1>\n<div class=\"panel\"><p>", webhook->label);
	if (webhook->waiting) {
		html_count(out, webhook->waiting, "delivery that has", "deliveries that have");
		html_raw(out, " not arrived will never be sent. ");
	}
	html_raw(out, "What it was told is forgotten with it. This can't be undone; switching it off can.</p>");
	answers(out, frame, webhook, "delete", "Yes, delete it", "danger");
}
