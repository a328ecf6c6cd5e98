/* Errors by kind: the list, and one of them with what was done about it. */
#include "views/page_watch.h"

static void state_of(struct str *out, const struct error_kind_view *error)
{
	if (strcmp(error->state, "resolved") == 0) {
		html_raw(out, "<span class=\"pill good\">");
		html_icon(out, ICON_CHECK);
		html_raw(out, "resolved</span>");
	} else if (strcmp(error->state, "reopened") == 0) {
		html_raw(out, "<span class=\"pill warn\">");
		html_icon(out, ICON_WARN);
		html_raw(out, "came back</span>");
	} else {
		html_raw(out, "<span class=\"pill bad\">");
		html_icon(out, ICON_CROSS);
		html_raw(out, "open</span>");
	}
}

static void context_of(struct str *out, const char *context)
{
	if (strcmp(context, "program") == 0)
		html_raw(out, "the program itself");
	else
		html_f(out, "%s batches", context);
}

/* --- the list ---------------------------------------------------------------- */

static void tab(struct str *out, const struct errors_page *page, const char *show, const char *label)
{
	html_f(out, "<li><a href=\"%s/errors?show=%s\" aria-current=\"%s\">%s</a></li>", page->frame->base, show,
	       strcmp(page->show, show) == 0 ? "page" : "false", label);
}

static void error_row(struct str *out, const struct frame *frame, const struct error_kind_view *error)
{
	html_f(out, "<tr><td><a href=\"%s/errors/%" PRId64 "\">%s</a><br><small>", frame->base, error->id, error->info->title);
	context_of(out, error->context);
	html_raw(out, "</small></td><td>");
	state_of(out, error);
	html_f(out, "</td><td class=\"num\">%'" PRId64 " ×</td><td>", error->count);
	html_ago(out, frame->zone, error->last_seen, frame->now_utc);
	html_f(out, "</td><td class=\"wide\"><small>%s</small></td></tr>\n", error->info->fix);
}

static void table(struct str *out, const struct errors_page *page)
{
	html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"title\" tabindex=\"0\"><table class=\"stacks\">"
		      "<thead><tr><th scope=\"col\">Error</th><th scope=\"col\">State</th>"
		      "<th scope=\"col\" class=\"num\">Count</th><th scope=\"col\">Last seen</th>"
		      "<th scope=\"col\">What to do</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->error_count; i++)
		error_row(out, page->frame, &page->errors[i]);
	html_raw(out, "</tbody></table></div>\n");
}

static void nothing(struct str *out, const struct errors_page *page)
{
	if (strcmp(page->show, "open") == 0)
		html_raw(out, "<p class=\"empty\">No open errors.</p>\n");
	else if (strcmp(page->show, "resolved") == 0)
		html_raw(out, "<p class=\"empty\">No error has been marked as resolved.</p>\n");
	else
		html_raw(out, "<p class=\"empty\">Nothing has gone wrong yet.</p>\n");
}

void page_errors(struct str *out, const struct errors_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<h1 id=\"title\">Errors</h1>\n<p class=\"sub\">What goes wrong in batches and in the program, counted "
		      "by kind.</p>\n<nav class=\"tabs\" aria-label=\"Which errors\"><ul>");
	tab(out, page, "open", "Open");
	tab(out, page, "resolved", "Resolved");
	tab(out, page, "all", "All");
	html_raw(out, "</ul></nav>\n");
	if (page->error_count == 0)
		nothing(out, page);
	else
		table(out, page);
	if (page->after > 0 || page->next_after > 0) {
		html_raw(out, "<nav class=\"pager\" aria-label=\"Pages of errors\">");
		if (page->after > 0)
			html_f(out, "<a rel=\"first\" href=\"%s/errors?show=%s\">« First page</a>", page->frame->base, page->show);
		if (page->next_after > 0)
			html_f(out, "<a rel=\"next\" href=\"%s/errors?show=%s&amp;after=%" PRId64 "\">Next page »</a>",
			       page->frame->base, page->show, page->next_after);
		html_raw(out, "</nav>\n");
	}
	frame_end(out, page->frame);
}

/* --- one error ----------------------------------------------------------------- */

static void fact(struct str *out, const char *label)
{
	html_f(out, "<div><dt>%s</dt><dd>", label);
}

#define FACT_END "</dd></div>\n"

static void facts(struct str *out, const struct error_page *page)
{
	const struct error_kind_view *error = page->error;
	const struct frame *frame = page->frame;
	html_raw(out, "<dl class=\"facts wide\">");
	fact(out, "Happened");
	html_count(out, error->count, "time", "times");
	html_raw(out, FACT_END);
	fact(out, "First seen");
	html_time(out, frame->zone, error->first_seen);
	html_raw(out, FACT_END);
	fact(out, "Last seen");
	html_time(out, frame->zone, error->last_seen);
	html_raw(out, FACT_END);
	fact(out, "Where");
	context_of(out, error->context);
	html_raw(out, FACT_END);
	fact(out, "Code");
	html_f(out, "<a href=\"%s/help/errors#%s\"><code>%s</code></a>" FACT_END, frame->base, error->info->name, error->info->name);
	if (error->reference[0]) {
		fact(out, "Reference in the log");
		html_f(out, "<code>%s</code>" FACT_END, error->reference);
	}
	html_raw(out, "</dl>\n");
}

static void example(struct str *out, const struct error_page *page)
{
	const struct error_kind_view *error = page->error;
	if (!error->detail[0] && !error->job_id)
		return;
	html_raw(out, "<h2>Latest example</h2><p>");
	html_text(out, error->detail);
	if (error->job_id)
		html_f(out, " <a href=\"%s/jobs/%" PRId64 "?outcome=all&amp;after=%" PRId64 "#results\">Batch %" PRId64 ", item %'" PRId64 "</a>",
		       page->frame->base, error->job_id, error->ordinal - 1, error->job_id, error->ordinal + 1);
	html_raw(out, "</p>\n");
}

static void resolutions(struct str *out, const struct error_page *page)
{
	if (page->resolution_count == 0)
		return;
	html_raw(out, "<section><h2>What was done</h2><ul class=\"groups notes\">");
	for (size_t i = 0; i < page->resolution_count; i++) {
		const struct resolution_view *note = &page->resolutions[i];
		html_f(out, "<li><p>%s</p><p><small>%s, ", note->text, note->user_name[0] ? note->user_name : "somebody");
		html_time(out, page->frame->zone, note->at);
		html_raw(out, ", after ");
		html_count(out, note->count, "time", "times");
		html_raw(out, "</small></p></li>");
	}
	html_raw(out, "</ul></section>\n");
}

static void form(struct str *out, const struct error_page *page)
{
	const char *name = "resolution";
	bool is_resolved = strcmp(page->error->state, "resolved") == 0;
	html_f(out, "<section><h2>%s</h2><form class=\"stack panel\" method=\"post\" action=\"%s/errors/%" PRId64 "\">",
	       is_resolved ? "Add a note" : "Mark as resolved", page->frame->base, page->error->id);
	html_csrf(out, page->frame);
	html_raw(out, "<label for=\"f-resolution\">What was done about it</label>");
	field_error(out, page->issues, name);
	html_raw(out, "<textarea id=\"f-resolution\" name=\"resolution\" rows=\"3\" maxlength=\"1000\" required");
	field_state(out, page->issues, name, "resolution-hint");
	html_f(out, ">%s</textarea><p class=\"hint\" id=\"resolution-hint\">It is open again by itself when the error comes "
		    "back.</p><div class=\"steps\"><button>%s</button></div></form></section>\n",
	       page->typed, is_resolved ? "Add" : "Mark as resolved");
}

void page_error(struct str *out, const struct error_page *page)
{
	const struct error_kind_view *error = page->error;
	frame_begin(out, page->frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/errors\">Errors</a></p><h1>%s</h1>\n", page->frame->base, error->info->title);
	error_summary(out, page->issues);
	html_raw(out, "<div class=\"panel\"><div class=\"panel-head\">");
	state_of(out, error);
	if (strcmp(error->state, "reopened") == 0) {
		html_raw(out, "<span>since ");
		html_time(out, page->frame->zone, error->reopened_at);
		html_raw(out, "</span>");
	}
	html_raw(out, "</div>");
	facts(out, page);
	html_f(out, "<h2>Cause</h2><p>%s</p><h2>What to do</h2><p>%s</p>", error->info->cause, error->info->fix);
	example(out, page);
	html_raw(out, "</div>\n");
	resolutions(out, page);
	if (page->may_resolve)
		form(out, page);
	frame_end(out, page->frame);
}
