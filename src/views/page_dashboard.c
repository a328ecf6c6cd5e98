#include "views/page_home.h"

#include "views/page_job.h"

/* The columns of the summary: states of jobs, in the order of their lives. */
static const struct {
	const char *label;
	const char *states;
} columns[] = {
	{ "Waiting", " receiving queued " },
	{ "Running", " running pausing cancelling publishing rolling_back undoing " },
	{ "Paused", " paused " },
	{ "Completed", " succeeded " },
	{ "With errors", " partial " },
	{ "Failed", " failed " },
	{ "Cancelled", " cancelled " },
	{ "Undone", " undone undo_partial rolled_back " },
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static bool names_state(const char *states, const char *status)
{
	const char *at = strstr(states, status);
	return at && at[-1] == ' ' && at[strlen(status)] == ' ';
}

static void summary_row(struct str *out, const struct dashboard_page *page, const char *type, const char *label)
{
	int64_t counts[COLUMNS] = { 0 };
	for (size_t i = 0; i < page->summary_count; i++)
		for (int c = 0; c < COLUMNS; c++)
			if (strcmp(page->summary[i].type, type) == 0 &&
			    names_state(columns[c].states, page->summary[i].status))
				counts[c] += page->summary[i].count;
	html_f(out, "<tr><th scope=\"row\"><a href=\"%s/jobs?type=%s\">%s</a></th>", page->frame->base, type, label);
	for (int c = 0; c < COLUMNS; c++) {
		if (counts[c] == 0)
			html_raw(out, "<td class=\"num none\">0</td>");
		else
			html_f(out, "<td class=\"num\">%'" PRId64 "</td>", counts[c]);
	}
	html_raw(out, "</tr>\n");
}

static void summary(struct str *out, const struct dashboard_page *page)
{
	html_raw(out, "<section><h2 id=\"by-state\">Batches by state</h2>"
		      "<div class=\"scroll\" role=\"region\" aria-labelledby=\"by-state\" "
		      "tabindex=\"0\"><table><thead><tr><th scope=\"col\">Type</th>");
	for (int c = 0; c < COLUMNS; c++)
		html_f(out, "<th scope=\"col\" class=\"num\">%s</th>", columns[c].label);
	html_raw(out, "</tr></thead><tbody>\n");
	summary_row(out, page, "create", "Create");
	summary_row(out, page, "update", "Change");
	summary_row(out, page, "evaluate", "Evaluate");
	summary_row(out, page, "activate", "Due events");
	html_raw(out, "</tbody></table></div></section>\n");
}

static void workers(struct str *out, const struct dashboard_page *page)
{
	html_raw(out, "<section><h2 id=\"workers\">Workers</h2>\n");
	if (page->worker_count == 0) {
		html_raw(out, "<p class=\"empty\">No worker has been seen yet. Work is done by the pages and programs that "
			      "ask for it.</p></section>\n");
		return;
	}
	workers_table(out, page->frame, page->workers, page->worker_count, "workers");
	html_f(out, "<p><a href=\"%s/workers\">All workers</a></p></section>\n", page->frame->base);
}

static void error_list(struct str *out, const struct dashboard_page *page)
{
	html_raw(out, "<ul class=\"groups\">");
	for (size_t i = 0; i < page->error_count; i++) {
		const struct error_view *error = &page->errors[i];
		html_f(out, "<li><h3><span class=\"count\">%'" PRId64 " ×</span> <a href=\"%s/help/errors#%s\">%s</a></h3>",
		       error->count, page->frame->base, error->info->name, error->info->title);
		html_f(out, "<p class=\"fix\">%s</p></li>", error->info->fix);
	}
	html_raw(out, "</ul>");
}

static void errors(struct str *out, const struct dashboard_page *page)
{
	html_raw(out, "<section><h2>Most frequent problems</h2>\n");
	if (page->error_count == 0)
		html_raw(out, "<p class=\"empty\">No problems in recent batches.</p>");
	else
		error_list(out, page);
	if (page->may_see_errors)
		html_f(out, "<p class=\"more\"><a href=\"%s/errors\">All errors »</a></p>", page->frame->base);
	html_raw(out, "</section>\n");
}

/* What waits for a person comes first. */
static void decisions(struct str *out, const struct dashboard_page *page)
{
	for (size_t i = 0; i < page->recent_count; i++) {
		const struct job_view *job = &page->recent[i];
		if (!job->may.decide)
			continue;
		html_f(out, "<p class=\"notice\"><a href=\"%s/jobs/%" PRId64 "/conflicts\">", page->frame->base, job->id);
		html_count(out, job->may.decide, "conflict needs", "conflicts need");
		html_f(out, " a decision</a> in batch %" PRId64, job->id);
		html_f(out, "%s%s.</p>\n", job->label[0] ? ": " : "", job->label);
	}
}

static void throughput(struct str *out, const struct dashboard_page *page)
{
	html_raw(out, "<section><h2>Throughput</h2><div class=\"charts\">\n");
	bar_chart(out, page->frame, &page->hour);
	bar_chart(out, page->frame, &page->day);
	html_raw(out, "</div></section>\n");
}

void page_dashboard(struct str *out, const struct dashboard_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<div class=\"section-head\"><h1>Dashboard</h1>");
	if (page->may_schedule)
		html_f(out, "<div class=\"steps\"><a class=\"button\" href=\"%s/bulk/new\">New batch</a></div>",
		       page->frame->base);
	html_raw(out, "</div>\n");
	decisions(out, page);
	if (!page->own_only)
		summary(out, page);
	html_raw(out, "<section><h2 id=\"recent\">Recent batches</h2>\n");
	if (page->recent_count == 0)
		html_raw(out, "<p class=\"empty\">No batches yet.</p>\n");
	else
		jobs_table(out, page->frame, page->recent, page->recent_count, "recent");
	html_raw(out, "</section>\n");
	throughput(out, page);
	errors(out, page);
	if (!page->own_only)
		workers(out, page);
	frame_end(out, page->frame);
}
