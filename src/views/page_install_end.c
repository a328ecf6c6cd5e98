/* The installer's pages: tables, first administrator, done; and the update. */
#include "views/page_install_parts.h"

#include <stdio.h>

/* --- tables ------------------------------------------------------------------- */

static void progress(struct str *out, const struct tables_page *page)
{
	if (!page->total) /* the database could not be asked */
		return;
	int percent = page->done * 100 / page->total;
	html_f(out, "<p id=\"p-label\">%d of %d steps done</p><progress max=\"100\" value=\"%d\" aria-labelledby=\"p-label\">%d%%</progress>\n",
	       page->done, page->total, percent, percent);
}

static void waiting_jobs(struct str *out, int64_t open_jobs)
{
	if (!open_jobs)
		return;
	html_raw(out, "<p>");
	html_count(out, open_jobs, "batch is", "batches are");
	if (open_jobs == 1)
		html_raw(out, " not finished. Nothing of it is lost: it waits, and goes on where it stands.</p>\n");
	else
		html_raw(out, " not finished. Nothing of them is lost: they wait, and go on where they stand.</p>\n");
}

static void tables_intro(struct str *out, const struct tables_page *page)
{
	if (page->is_upgrade) {
		frame_begin(out, page->frame);
		html_raw(out, "<h1>Update the database</h1>\n<p>The program is newer than the tables in the database. The update goes in short "
			      "steps; whatever ends one (a closed window, the host), the next goes on where it stopped. Until it is done, "
			      "visitors are told to wait. Make a backup first, in your host's control panel.</p>\n");
		waiting_jobs(out, page->open_jobs);
	} else {
		install_begin(out, page->frame, STEP_TABLES);
		html_raw(out, "<h1>The tables</h1>\n<p>The settings are saved. Now Tranche makes its tables; if something ends it half way, it "
			      "goes on where it stopped.</p>\n");
	}
}

void page_install_tables(struct str *out, const struct tables_page *page)
{
	tables_intro(out, page);
	error_summary(out, page->issues);
	html_raw(out, "<div class=\"panel\">");
	progress(out, page);
	html_f(out, "<form method=\"post\" action=\"%s%s\">", page->frame->base, page->action);
	html_csrf(out, page->frame);
	if (page->is_running)
		html_raw(out, "<p role=\"status\">Working… The page goes on by itself.</p><div class=\"steps\"><button class=\"quiet\">Continue now</button></div>");
	else
		html_f(out, "<div class=\"steps\"><button>%s</button></div>",
		       page->done ? "Continue" : page->is_upgrade ? "Update now" : "Make the tables");
	html_raw(out, "</form></div>\n");
	frame_end(out, page->frame);
}

/* --- the first administrator ---------------------------------------------------- */

static void password_field(struct str *out, const struct admin_page *page, const char *name, const char *label, const char *hint_id)
{
	html_f(out, "<label for=\"f-%s\">%s</label>", name, label);
	field_error(out, page->issues, name);
	html_f(out, "<input id=\"f-%s\" name=\"%s\" type=\"password\" autocomplete=\"new-password\" required maxlength=\"256\" size=\"32\"", name, name);
	field_state(out, page->issues, name, hint_id);
	html_raw(out, ">");
}

void page_install_admin(struct str *out, const struct admin_page *page)
{
	install_begin(out, page->frame, STEP_ADMIN);
	html_raw(out, "<h1>You, the administrator</h1>\n<p>You may do everything, and let others in later.</p>\n");
	error_summary(out, page->issues);
	html_f(out, "<form class=\"stack panel\" method=\"post\" action=\"%s/install/admin\">", page->frame->base);
	html_csrf(out, page->frame);
	html_raw(out, "<label for=\"f-name\">User name</label>");
	field_error(out, page->issues, "name");
	html_f(out, "<input id=\"f-name\" name=\"name\" value=\"%s\" autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" required "
		    "maxlength=\"100\" size=\"32\"", page->name);
	field_state(out, page->issues, "name", "h-name");
	html_raw(out, "><p class=\"hint\" id=\"h-name\">What you sign in with.</p><label for=\"f-display_name\">Name that others see (optional)</label>");
	field_error(out, page->issues, "display_name");
	html_f(out, "<input id=\"f-display_name\" name=\"display_name\" value=\"%s\" autocomplete=\"name\" maxlength=\"150\" size=\"32\"", page->display_name);
	field_state(out, page->issues, "display_name", NULL);
	html_raw(out, ">");
	password_field(out, page, "password", "Password", "h-password");
	html_raw(out, "<p class=\"hint\" id=\"h-password\">Eight characters or more. Three or four words are long and easy to remember.</p>");
	password_field(out, page, "again", "The same password again", NULL);
	html_raw(out, "<div class=\"steps\"><button>Finish</button></div></form>\n");
	frame_end(out, page->frame);
}

/* --- done ------------------------------------------------------------------------ */

void page_install_done(struct str *out, const struct frame *frame, bool is_signed_in)
{
	install_begin(out, frame, STEP_DONE);
	html_raw(out, "<h1>Tranche is installed</h1>\n<p>The installer is closed for good, and the file with the code is gone.</p>\n<div class=\"steps\">");
	if (is_signed_in)
		html_f(out, "<a class=\"button\" href=\"%s/\">Open the dashboard</a>", frame->base);
	else
		html_f(out, "<a class=\"button\" href=\"%s/login\">Sign in</a>", frame->base);
	html_f(out, "</div>\n<h2>What next</h2>\n<ul>\n"
		    "<li><a href=\"%s/bulk/new\">Send a first batch</a>: a CSV file, or rows typed in. <a href=\"%s/help/import.html\">The import format</a> "
		    "has examples to download.</li>\n"
		    "<li>Batches get on while their page is open, and a little with every visit. If your host offers cron jobs, or with a free "
		    "uptime service, let it call the address that the page <a href=\"%s/workers\">Workers</a> makes for you: then they get on at night, too.</li>\n"
		    "<li><a href=\"%s/help/site.html\">Keeping the site</a>: errors, backups, how long things are kept.</li>\n</ul>\n",
	       frame->base, frame->base, frame->base, frame->base);
	frame_end(out, frame);
}

/* --- the update -------------------------------------------------------------------- */

void page_upgrade_wait(struct str *out, const struct frame *frame)
{
	frame_begin(out, frame);
	html_f(out, "<h1>Tranche is being updated</h1>\n<p>A newer version was uploaded, and its database has to be brought up to date. Nothing is "
		    "lost: batches wait, and go on where they stand.</p>\n<h2>For administrators</h2>\n<div class=\"steps\">"
		    "<a class=\"button\" href=\"%s/login?next=/upgrade\">Sign in and update</a>"
		    "<a class=\"button quiet\" href=\"%s/upgrade?by=code\">Nobody can sign in? Update by code</a></div>\n",
	       frame->base, frame->base);
	frame_end(out, frame);
}

void page_upgrade_done(struct str *out, const struct frame *frame, int64_t open_jobs)
{
	frame_begin(out, frame);
	html_raw(out, "<h1>The database is up to date</h1>\n");
	if (open_jobs) {
		html_raw(out, "<p>");
		html_count(out, open_jobs, "batch goes", "batches go");
		html_raw(out, " on where they stood.</p>\n");
	}
	html_f(out, "<div class=\"steps\"><a class=\"button\" href=\"%s/\">Open the dashboard</a><a class=\"button quiet\" href=\"%s/jobs\">Batches</a></div>\n",
	       frame->base, frame->base);
	frame_end(out, frame);
}
