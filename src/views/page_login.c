#include "views/page_home.h"

void page_login(struct str *out, const struct login_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<div class=\"sign-in\"><h1>Sign in</h1>\n");
	error_summary(out, page->issues);
	html_f(out, "<form method=\"post\" action=\"%s/login\" class=\"stack panel\">", page->frame->base);
	html_csrf(out, page->frame);
	if (page->next[0])
		html_f(out, "<input type=\"hidden\" name=\"next\" value=\"%s\">", page->next);
	html_f(out,
	       "<label for=\"f-name\">User name</label><input id=\"f-name\" name=\"name\" autocomplete=\"username\" "
	       "autocapitalize=\"none\" spellcheck=\"false\" required maxlength=\"100\" value=\"%s\"",
	       page->name);
	field_state(out, page->issues, "name", NULL);
	html_raw(out,
		 "><label for=\"f-password\">Password</label><input id=\"f-password\" name=\"password\" type=\"password\" "
		 "autocomplete=\"current-password\" required maxlength=\"256\"");
	field_state(out, page->issues, "password", NULL);
	html_raw(out, "><div class=\"steps\"><button>Sign in</button></div></form></div>\n");
	frame_end(out, page->frame);
}
