/* Passwords, the second factor, and signing in with it. */
#include "views/page_account.h"

static void password_field(struct str *out, const struct issues *issues, const char *name, const char *label, const char *autocomplete,
			   const char *hint)
{
	char hint_id[40];
	snprintf(hint_id, sizeof(hint_id), "h-%s", name);
	html_f(out, "<div class=\"field\"><label for=\"f-%s\">%s</label>", name, label);
	field_error(out, issues, name);
	html_f(out, "<input id=\"f-%s\" name=\"%s\" type=\"password\" autocomplete=\"%s\" required maxlength=\"256\"", name, name, autocomplete);
	field_state(out, issues, name, hint ? hint_id : NULL);
	html_raw(out, ">");
	if (hint)
		html_f(out, "<p class=\"hint\" id=\"%s\">%s</p>", hint_id, hint);
	html_raw(out, "</div>\n");
}

static void code_field(struct str *out, const struct issues *issues, const char *hint)
{
	html_raw(out, "<div class=\"field\"><label for=\"f-code\">Code</label>");
	field_error(out, issues, "code");
	html_raw(out, "<input id=\"f-code\" name=\"code\" autocomplete=\"one-time-code\" autocapitalize=\"none\" spellcheck=\"false\" "
		      "required maxlength=\"40\"");
	field_state(out, issues, "code", "h-code");
	html_f(out, "><p class=\"hint\" id=\"h-code\">%s</p></div>\n", hint);
}

static void begin(struct str *out, const struct frame *frame, const struct issues *issues, const char *title)
{
	frame_begin(out, frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/account\">Your account</a></p><h1>%s</h1>\n", frame->base, title);
	error_summary(out, issues);
}

static void form(struct str *out, const struct frame *frame, const char *path)
{
	html_f(out, "<form method=\"post\" action=\"%s%s\" class=\"stack panel\">", frame->base, path);
	html_csrf(out, frame);
}

/* --- the password ---------------------------------------------------------------- */

void page_password(struct str *out, const struct frame *frame, const struct issues *issues, bool is_due)
{
	frame_begin(out, frame);
	if (!is_due)
		html_f(out, "<p class=\"crumbs\"><a href=\"%s/account\">Your account</a></p>", frame->base);
	html_raw(out, "<h1>Change the password</h1>\n");
	error_summary(out, issues);
	if (is_due)
		html_raw(out, "<div class=\"notice\"><p>Somebody else gave you the present password. Choose one that only you know; then "
			      "everything is open.</p></div>\n");
	html_raw(out, "<p class=\"sub\">You stay signed in here. All other browsers are signed out.</p>\n");
	form(out, frame, "/account/password");
	password_field(out, issues, "password", "Present password", "current-password", NULL);
	password_field(out, issues, "new", "New password", "new-password",
		       "At least 8 characters, of any kind. Three or four words are long and easy to remember.");
	password_field(out, issues, "again", "New password, once more", "new-password", NULL);
	if (!is_due)
		html_raw(out, "<label class=\"check\"><input type=\"checkbox\" name=\"tokens\" value=\"revoke\"> Revoke my API tokens too "
			      "(programs that use them stop working)</label>");
	html_raw(out, "<div class=\"steps\"><button>Change the password</button>");
	if (!is_due)
		html_f(out, "<a class=\"button quiet\" href=\"%s/account\">Cancel</a>", frame->base);
	html_raw(out, "</div></form>\n");
	frame_end(out, frame);
}

/* --- the second factor ------------------------------------------------------------ */

static void factor_off(struct str *out, const struct factor_page *page)
{
	html_raw(out, "<div class=\"prose\"><p>You need an authenticator app on your phone (such as Aegis, 2FAS, FreeOTP or the one of your "
		      "password manager). From then on signing in asks for the six digits that it shows.</p></div>\n");
	form(out, page->frame, "/account/second-factor/begin");
	password_field(out, page->issues, "password", "Your password", "current-password", NULL);
	html_f(out, "<div class=\"steps\"><button>Begin</button><a class=\"button quiet\" href=\"%s/account\">Cancel</a></div></form>\n",
	       page->frame->base);
}

static void factor_offered(struct str *out, const struct factor_page *page)
{
	html_f(out,
	       "<div class=\"panel\"><h2>1. Give the key to your app</h2><p>On this very phone: <a href=\"%s\">open the app with the key</a>.</p>"
	       "<div id=\"qr\" class=\"qr\" data-text=\"%s\" hidden><p>On another: scan this with the app.</p></div>"
	       "<p>Or choose “enter a key” in the app and type</p><p><code class=\"secret\">%s</code></p>"
	       "<p class=\"hint\">By the clock (TOTP), six digits, 30 seconds. Whoever sees this key can make your codes.</p></div>\n"
	       "<h2>2. Type the code that it shows</h2>\n",
	       page->uri, page->uri, page->key);
	form(out, page->frame, "/account/second-factor/confirm");
	code_field(out, page->issues, "Six digits. It is on only after this.");
	html_f(out, "<div class=\"steps\"><button>Turn it on</button><a class=\"button quiet\" href=\"%s/account\">Not now</a></div></form>\n",
	       page->frame->base);
}

static void factor_on(struct str *out, const struct factor_page *page)
{
	if (!page->is_readable)
		html_raw(out, "<div class=\"notice\"><p>The site's key in tranche.conf is another one by now, so your app's codes can't be "
			      "checked any more. Turn it off and set it up again.</p></div>\n");
	html_raw(out, "<h2>Recovery codes</h2>\n<p>For when the phone is gone: each signs you in once. ");
	html_count(out, page->codes_left, "is left", "are left");
	html_raw(out, ". New ones make the old ones worthless.</p>\n");
	form(out, page->frame, "/account/second-factor/codes");
	password_field(out, page->issues, "password", "Your password", "current-password", NULL);
	html_raw(out, "<div class=\"steps\"><button>Make new codes</button></div></form>\n"
		      "<h2>Turn it off</h2>\n<p>Then the password alone signs you in, and the recovery codes are gone.</p>\n");
	form(out, page->frame, "/account/second-factor/off");
	html_raw(out, "<div class=\"field\"><label for=\"f-off\">Your password</label><input id=\"f-off\" name=\"password\" type=\"password\" "
		      "autocomplete=\"current-password\" required maxlength=\"256\"></div>"
		      "<div class=\"steps\"><button class=\"danger\">Turn it off</button></div></form>\n");
}

void page_factor(struct str *out, const struct factor_page *page)
{
	begin(out, page->frame, page->issues, "Second factor");
	if (page->is_on)
		factor_on(out, page);
	else if (page->key)
		factor_offered(out, page);
	else
		factor_off(out, page);
	frame_end(out, page->frame);
}

void page_recovery_codes(struct str *out, const struct frame *frame, const char *const *codes, size_t count)
{
	begin(out, frame, NULL, "Recovery codes");
	html_raw(out, "<div class=\"notice\" role=\"status\"><p>The second factor is on. Write these codes down or print them: they are shown "
		      "only now.</p></div>\n<ul class=\"codes panel\">");
	for (size_t i = 0; i < count; i++)
		html_f(out, "<li><code class=\"secret\">%s</code></li>", codes[i]);
	html_f(out, "</ul>\n<p>Without the phone, type one of them instead of the six digits. Each works once.</p>\n"
		    "<div class=\"steps\"><a class=\"button\" href=\"%s/account\">I have them</a></div>\n",
	       frame->base);
	frame_end(out, frame);
}

/* --- signing in with it ----------------------------------------------------------- */

void page_login_code(struct str *out, const struct frame *frame, const struct issues *issues, const char *step, const char *next)
{
	frame_begin(out, frame);
	html_raw(out, "<div class=\"sign-in\"><h1>Second factor</h1>\n");
	error_summary(out, issues);
	html_f(out, "<form method=\"post\" action=\"%s/login/code\" class=\"stack panel\">", frame->base);
	html_csrf(out, frame);
	html_f(out, "<input type=\"hidden\" name=\"step\" value=\"%s\">", step);
	if (next[0])
		html_f(out, "<input type=\"hidden\" name=\"next\" value=\"%s\">", next);
	code_field(out, issues, "The six digits that your app shows, or one of your recovery codes");
	html_f(out, "<div class=\"steps\"><button>Sign in</button><a class=\"button quiet\" href=\"%s/login\">Cancel</a></div></form></div>\n",
	       frame->base);
	frame_end(out, frame);
}
