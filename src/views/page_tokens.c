/* API tokens: the form, the token itself, and the question before one goes. */
#include "views/page_account.h"

#include <string.h>

#include "views/permission_words.h"

void token_scope(struct str *out, const char *permissions)
{
	size_t shown = 0;
	if (!permissions) {
		html_raw(out, "Everything that you may");
		return;
	}
	for (const char *at = permissions; *at; at += *at == ',') {
		char name[48];
		size_t len = strcspn(at, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		html_f(out, "%s%s", shown++ ? "; " : "", permission_words(permission_by_name(name)));
		at += len;
	}
}

static void scope_fields(struct str *out, const struct token_form *form)
{
	html_raw(out, "<fieldset id=\"f-permissions\"><legend>What it may</legend>");
	field_error(out, form->issues, "permissions");
	html_raw(out, "<div>");
	for (int i = PERMIT_NONE + 1; i < PERMIT_COUNT; i++)
		if (form->offered[i])
			html_f(out, "<label class=\"check\"><input type=\"checkbox\" name=\"permission\" value=\"%s\"%s> %s</label>",
			       permission_name((enum permission)i), form->chosen[i] ? " checked" : "", permission_words((enum permission)i));
	html_raw(out, "</div><p class=\"hint\">Never more than you may yourself, with the same limits.</p></fieldset>\n");
}

static void days_field(struct str *out, const struct token_form *form)
{
	static const struct {
		int days;
		const char *words;
	} choices[] = { { 7, "7 days" }, { 30, "30 days" }, { 90, "90 days" }, { 366, "a year" } };
	html_raw(out, "<div class=\"field\"><label for=\"f-expires_in_days\">It works for</label>");
	field_error(out, form->issues, "expires_in_days");
	html_raw(out, "<select id=\"f-expires_in_days\" name=\"expires_in_days\">");
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		html_f(out, "<option value=\"%d\"%s>%s</option>", choices[i].days, choices[i].days == form->days ? " selected" : "",
		       choices[i].words);
	html_raw(out, "</select></div>\n");
}

void page_token_form(struct str *out, const struct token_form *form)
{
	frame_begin(out, form->frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/account\">Your account</a></p><h1>New API token</h1>\n", form->frame->base);
	error_summary(out, form->issues);
	html_f(out, "<form method=\"post\" action=\"%s/account/tokens/new\" class=\"stack\">", form->frame->base);
	html_csrf(out, form->frame);
	html_raw(out, "<div class=\"panel\"><div class=\"fields\"><div class=\"field\"><label for=\"f-label\">Name</label>");
	field_error(out, form->issues, "label");
	html_f(out, "<input id=\"f-label\" name=\"label\" value=\"%s\" maxlength=\"100\" autocomplete=\"off\" required", form->label);
	field_state(out, form->issues, "label", "h-label");
	html_raw(out, "><p class=\"hint\" id=\"h-label\">Which program it is for; so that you know it again</p></div>");
	days_field(out, form);
	html_raw(out, "</div></div>\n");
	scope_fields(out, form);
	html_f(out, "<div class=\"steps\"><button>Make the token</button><a class=\"button quiet\" href=\"%s/account\">Cancel</a></div></form>\n",
	       form->frame->base);
	frame_end(out, form->frame);
}

void page_token_made(struct str *out, const struct frame *frame, const struct token_view *token, const char *secret)
{
	frame_begin(out, frame);
	html_f(out,
	       "<p class=\"crumbs\"><a href=\"%s/account\">Your account</a></p><h1>The token “%s”</h1>\n"
	       "<div class=\"notice\" role=\"status\"><p>Copy it now: it is not shown again.</p></div>\n"
	       "<div class=\"panel\"><label for=\"f-token\">Token</label><input id=\"f-token\" class=\"secret\" value=\"%s\" readonly size=\"70\">"
	       "<p class=\"hint\">A program sends it as <code>Authorization: Bearer tr_…</code>, never in an address. It may: ",
	       frame->base, token->label, secret);
	token_scope(out, token->permissions);
	html_raw(out, ". It ends ");
	html_time(out, frame->zone, token->expires_at);
	html_f(out, ".</p></div>\n<div class=\"steps\"><a class=\"button\" href=\"%s/account#tokens\">I have it</a></div>\n", frame->base);
	frame_end(out, frame);
}

void page_token_delete(struct str *out, const struct frame *frame, const struct token_view *token)
{
	char path[64];
	snprintf(path, sizeof(path), "/account/tokens/%" PRId64 "/delete", token->id);
	frame_begin(out, frame);
	html_f(out,
	       "<p class=\"crumbs\"><a href=\"%s/account\">Your account</a></p><h1>Revoke the token “%s”?</h1>\n"
	       "<div class=\"panel\"><p>Programs that use it are refused from that moment on. This can't be undone. It was last used: ",
	       frame->base, token->label);
	if (token->used_at)
		html_ago(out, frame->zone, token->used_at, frame->now_utc);
	else
		html_raw(out, "never");
	html_raw(out, ".</p><div class=\"steps\">");
	post_button(out, frame, &(struct post_button){ path, "Yes, revoke it", "danger", NULL, NULL });
	html_f(out, "<a class=\"button quiet\" href=\"%s/account\">No, keep it</a></div></div>\n", frame->base);
	frame_end(out, frame);
}
