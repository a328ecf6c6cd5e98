/* What belongs to the person who is signed in. */
#include "views/page_account.h"

#include <string.h>

/* --- words ----------------------------------------------------------------------- */

void browser_words(struct str *out, const char *agent)
{
	/* The more particular first: Edge calls itself Chrome, and that Safari. */
	static const char *const browsers[][2] = { { "Edg", "Edge" },	    { "OPR/", "Opera" },     { "Firefox/", "Firefox" },
						   { "Chrome/", "Chrome" }, { "CriOS/", "Chrome" },  { "Safari/", "Safari" },
						   { "curl/", "curl" } };
	static const char *const systems[][2] = { { "Windows", "Windows" }, { "Android", "Android" },   { "iPhone", "iPhone" },
						  { "iPad", "iPad" },	    { "Mac OS X", "macOS" },    { "CrOS", "ChromeOS" },
						  { "Linux", "Linux" } };
	const char *browser = NULL, *system = NULL;
	for (size_t i = 0; i < sizeof(browsers) / sizeof(browsers[0]) && !browser; i++)
		browser = strstr(agent, browsers[i][0]) ? browsers[i][1] : NULL;
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]) && !system; i++)
		system = strstr(agent, systems[i][0]) ? systems[i][1] : NULL;
	html_text(out, browser ? browser : agent[0] ? agent : "An unknown browser");
	if (browser && system)
		html_f(out, " on %s", system);
}

/* --- sections -------------------------------------------------------------------- */

static void section(struct str *out, const char *id, const char *title)
{
	html_f(out, "<section class=\"panel\"><h2 id=\"%s\">%s</h2>\n", id, title);
}

static void timezone_form(struct str *out, const struct account_page *page)
{
	section(out, "times", "Time zone");
	html_f(out, "<form method=\"post\" action=\"%s/account/timezone\" class=\"stack\">", page->frame->base);
	html_csrf(out, page->frame);
	html_raw(out, "<div class=\"field\"><label for=\"f-timezone\">Times are shown in</label>");
	field_error(out, page->issues, "timezone");
	html_f(out, "<input id=\"f-timezone\" name=\"timezone\" value=\"%s\" maxlength=\"64\" autocomplete=\"off\" spellcheck=\"false\" required",
	       page->timezone);
	field_state(out, page->issues, "timezone", "h-timezone");
	html_raw(out, "><p class=\"hint\" id=\"h-timezone\">As Europe/Stockholm, America/New_York or UTC. Events stay where they are: "
		      "only what you see and type changes.</p></div><div class=\"steps\"><button>Save</button></div></form></section>\n");
}

static void secrets(struct str *out, const struct account_page *page)
{
	const char *base = page->frame->base;
	section(out, "password", "Password");
	html_f(out, "<p>You sign in as <b>%s</b>. A new password ends your sessions in other browsers.</p>"
		    "<div class=\"steps\"><a class=\"button\" href=\"%s/account/password\">Change the password</a></div></section>\n",
	       page->name, base);
	section(out, "factor", "Second factor");
	if (page->has_second_factor) {
		html_raw(out, "<p><span class=\"pill good\">");
		html_icon(out, ICON_CHECK);
		html_raw(out, "on</span> Signing in asks for a code from your phone. ");
		html_count(out, page->codes_left, "recovery code is", "recovery codes are");
		html_raw(out, " left.</p>");
	} else {
		html_raw(out, "<p><span class=\"pill\">off</span> With it, whoever learns your password still can't sign in without "
			      "your phone.</p>");
	}
	html_f(out, "<div class=\"steps\"><a class=\"button%s\" href=\"%s/account/second-factor\">%s</a></div></section>\n",
	       page->has_second_factor ? " quiet" : "", base, page->has_second_factor ? "Recovery codes, or turn it off" : "Set it up");
}

/* --- sessions -------------------------------------------------------------------- */

static void session_row(struct str *out, const struct frame *frame, const struct session_view *session)
{
	html_raw(out, "<tr><td>");
	browser_words(out, session->agent);
	if (session->is_own)
		html_raw(out, " <span class=\"pill good\">this one</span>");
	html_f(out, "</td><td data-label=\"Address\">%s</td><td data-label=\"Signed in\">", session->address);
	html_time(out, frame->zone, session->created_at);
	html_raw(out, "</td><td data-label=\"Last seen\">");
	html_ago(out, frame->zone, session->seen_at, frame->now_utc);
	html_raw(out, "</td><td>");
	if (!session->is_own) {
		html_f(out, "<form method=\"post\" action=\"%s/account/sessions\">", frame->base);
		html_csrf(out, frame);
		html_f(out, "<input type=\"hidden\" name=\"session\" value=\"%s\"><button class=\"quiet\">End it<span class=\"vh\">: ", session->id);
		browser_words(out, session->agent);
		html_f(out, ", %s</span></button></form>", session->address);
	}
	html_raw(out, "</td></tr>\n");
}

static void sessions(struct str *out, const struct account_page *page)
{
	section(out, "sessions", "Where you are signed in");
	html_raw(out, "<p>One that you don't know? End it and change your password.</p>"
		      "<div class=\"scroll\" role=\"region\" aria-labelledby=\"sessions\" tabindex=\"0\"><table class=\"stacks\"><thead><tr>"
		      "<th scope=\"col\">Browser</th><th scope=\"col\">Address</th><th scope=\"col\">Signed in</th>"
		      "<th scope=\"col\">Last seen</th><th scope=\"col\"><span class=\"vh\">What to do</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->session_count; i++)
		session_row(out, page->frame, &page->sessions[i]);
	html_raw(out, "</tbody></table></div>\n");
	if (page->session_count > 1) {
		html_raw(out, "<div class=\"steps\">");
		post_button(out, page->frame, &(struct post_button){ "/account/sessions", "End all others", "quiet", "session", "others" });
		html_raw(out, "</div>");
	}
	html_raw(out, "</section>\n");
}

/* --- tokens ---------------------------------------------------------------------- */

static void token_row(struct str *out, const struct frame *frame, const struct token_view *token)
{
	bool is_over = token->expires_at && token->expires_at <= frame->now_utc;
	html_f(out, "<tr><td>%s</td><td data-label=\"May\" class=\"wide\">", token->label[0] ? token->label : "(no name)");
	token_scope(out, token->permissions);
	html_raw(out, "</td><td data-label=\"Made\">");
	html_time(out, frame->zone, token->created_at);
	html_raw(out, "</td><td data-label=\"Last used\">");
	if (token->used_at)
		html_ago(out, frame->zone, token->used_at, frame->now_utc);
	else
		html_raw(out, "never");
	html_f(out, "</td><td data-label=\"%s\">", is_over ? "Ended" : "Ends");
	if (token->expires_at)
		html_time(out, frame->zone, token->expires_at);
	else
		html_raw(out, "never");
	html_f(out, "</td><td><a class=\"button quiet\" href=\"%s/account/tokens/%" PRId64 "/delete\">Revoke<span class=\"vh\">: %s</span></a></td></tr>\n",
	       frame->base, token->id, token->label);
}

static void tokens(struct str *out, const struct account_page *page)
{
	section(out, "tokens", "API tokens");
	html_raw(out, "<p>For programs that work in your name, without your password.</p>");
	if (page->token_count) {
		html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"tokens\" tabindex=\"0\"><table class=\"stacks\"><thead><tr>"
			      "<th scope=\"col\">Name</th><th scope=\"col\">May</th><th scope=\"col\">Made</th><th scope=\"col\">Last used</th>"
			      "<th scope=\"col\">Ends</th><th scope=\"col\"><span class=\"vh\">What to do</span></th></tr></thead><tbody>\n");
		for (size_t i = 0; i < page->token_count; i++)
			token_row(out, page->frame, &page->tokens[i]);
		html_raw(out, "</tbody></table></div>\n");
	} else {
		html_raw(out, "<p class=\"empty\">You have none.</p>");
	}
	html_f(out, "<div class=\"steps\"><a class=\"button\" href=\"%s/account/tokens/new\">New token</a></div></section>\n", page->frame->base);
}

void page_account(struct str *out, const struct account_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<h1>Your account</h1>\n");
	error_summary(out, page->issues);
	if (page->note)
		html_f(out, "<div class=\"notice\" role=\"status\"><p>%s</p></div>\n", page->note);
	secrets(out, page);
	timezone_form(out, page);
	sessions(out, page);
	tokens(out, page);
	frame_end(out, page->frame);
}
