#include "views/page_help.h"

static void entry(struct str *out, const struct frame *frame, const char *path, const char *title, const char *text)
{
	html_f(out, "<li><a href=\"%s%s\"><b>%s</b><span>%s</span></a></li>", frame->base, path, title, text);
}

void page_help(struct str *out, const struct frame *frame)
{
	frame_begin(out, frame);
	html_raw(out, "<h1>Help</h1>\n<p class=\"sub\">Tranche gets any batch through a shared host, one tranche per "
		      "request.</p>\n"
		      "<ul class=\"cards\">");
	entry(out, frame, "/help/troubleshooting.html", "Troubleshooting", "Something does not work: why, and what to do");
	entry(out, frame, "/help/batches.html", "Batches and their states", "What happens to your rows, and when");
	entry(out, frame, "/help/import.html", "The import format", "Columns, times, examples to download");
	entry(out, frame, "/help/recurrence.html", "Recurrence", "Events that happen again, exceptions, and what is refused");
	entry(out, frame, "/help/conflicts.html", "Conflicts", "What collides, the ways out, and how to decide yourself");
	entry(out, frame, "/help/conditions.html", "Conditions", "What must hold when an event's moment comes");
	entry(out, frame, "/help/calendar.html", "The calendar", "Views, time zones, conflicts, files for other programs");
	entry(out, frame, "/help/history.html", "History of an event", "What it was, and making it so again");
	entry(out, frame, "/help/restrictions.html", "Restrictions and versions", "Who may not be scheduled when; older versions; evaluations");
	entry(out, frame, "/help/limits.html", "Limits, and sending something twice", "How much is taken, keys for programs");
	entry(out, frame, "/help/errors", "Error codes", "What each one means, and what to do");
	entry(out, frame, "/help/accounts.html", "Accounts and people", "Passwords, second factor, API tokens, roles");
	entry(out, frame, "/help/install.html", "Installing and updating", "On a host with a control panel; when something else appears");
	entry(out, frame, "/help/site.html", "Keeping the site", "Errors, the audit log, how long things are kept");
	entry(out, frame, "/help/webhooks.html", "Webhooks", "Other programs that are told when batches end, and how they check it");
	entry(out, frame, "/help/api.html", "API reference", "Everything a program can ask; openapi.json for tools");
	html_raw(out, "</ul>\n");
	frame_end(out, frame);
}

void page_help_errors(struct str *out, const struct frame *frame)
{
	frame_begin(out, frame);
	html_f(out,
	       "<p class=\"crumbs\"><a href=\"%s/help\">Help</a></p><h1>Error codes</h1>\n"
	       "<p class=\"sub\">Codes stand in results, in downloaded files and in the API's replies. They never "
	       "change.</p>\n",
	       frame->base);
	for (int i = CODE_NONE + 1; i < CODE_COUNT; i++) {
		const struct code_info *info = code_info((enum code)i);
		html_f(out, "<section class=\"code-entry\" id=\"%s\"><h2>%s</h2><p><code>%s</code></p><p>%s</p>",
		       info->name, info->title, info->name, info->cause);
		html_f(out, "<p class=\"fix\"><b>What to do:</b> %s</p></section>\n", info->fix);
	}
	frame_end(out, frame);
}
