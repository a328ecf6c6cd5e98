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
	bool any = false;
	for (size_t i = 0; i < page->recent_count; i++) {
		const struct job_view *job = &page->recent[i];
		if (!job->may.decide)
			continue;
		str_adds(out, any ? "" : "<div class=\"notice\">");
		any = true;
		html_f(out, "<p><a href=\"%s/jobs/%" PRId64 "/conflicts\">", page->frame->base, job->id);
		html_count(out, job->may.decide, "conflict needs", "conflicts need");
		html_f(out, " a decision</a> in batch %" PRId64, job->id);
		html_f(out, "%s%s.</p>\n", job->label[0] ? ": " : "", job->label);
	}
	str_adds(out, any ? "</div>\n" : "");
}

/* "3 of 20", a meter of it, and what to do when it is full. */
struct allowance {
	const char *id, *label;
	int64_t used, max;
	const char *when_full;
};

static void allowance(struct str *out, const struct allowance *it)
{
	html_f(out, "<div><dt id=\"q-%s\">%s</dt><dd>%'" PRId64, it->id, it->label, it->used);
	if (it->max == 0) {
		html_raw(out, ", no limit</dd></div>\n");
		return;
	}
	html_f(out, " of %'" PRId64 "<meter aria-labelledby=\"q-%s\" min=\"0\" max=\"%" PRId64 "\"", it->max, it->id, it->max);
	html_f(out, " high=\"%" PRId64 "\" optimum=\"0\" value=\"%" PRId64 "\"></meter>", it->max - it->max / 5,
	       it->used < it->max ? it->used : it->max);
	if (it->used >= it->max)
		html_f(out, "<span class=\"fix\">%s</span>", it->when_full);
	html_raw(out, "</dd></div>\n");
}

/* How much of it the host allows, no program can ask. */
static void space(struct str *out, const struct dashboard_page *page)
{
	html_raw(out, "<div><dt>Used in the database, by all batches and events</dt><dd>");
	html_bytes(out, page->quota.stored_bytes);
	html_raw(out, "<span class=\"hint\">measured ");
	html_ago(out, page->frame->zone, page->quota.measured_at, page->frame->now_utc);
	html_f(out, ". Your host's control panel tells how much there may be. <a href=\"%s/system\">What takes it</a></span></dd></div>\n",
	       page->frame->base);
}

static void quota(struct str *out, const struct dashboard_page *page)
{
	const struct quota_view *quota = &page->quota;
	html_raw(out, "<section><h2>Your limits</h2><div class=\"panel\"><dl class=\"facts wide quota\">\n");
	allowance(out, &(struct allowance){ "jobs", "Open batches", quota->open_jobs, quota->open_jobs_max,
					    "Full: wait until one has ended, or cancel one. Then you can begin another." });
	allowance(out, &(struct allowance){ "items", "Items in your largest open batch", quota->largest_items, quota->items_max,
					    "Full: send what is left as another batch." });
	allowance(out, &(struct allowance){ "requests", "Requests in this minute, about", quota->requests, quota->requests_max,
					    "Full: it begins anew in less than a minute. Batches that run go on meanwhile." });
	html_raw(out, "<div><dt>Size of one request</dt><dd>up to ");
	html_bytes(out, quota->body_max_bytes);
	html_raw(out, ", one item up to ");
	html_bytes(out, quota->item_max_bytes);
	html_f(out, "<span class=\"hint\">Larger files are sent in parts, by themselves. <a href=\"%s/help/limits\">All limits</a></span>",
	       page->frame->base);
	html_raw(out, "</dd></div>\n");
	if (quota->stored_bytes >= 0)
		space(out, page);
	html_raw(out, "</dl></div></section>\n");
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
	if (page->may_schedule)
		quota(out, page);
	throughput(out, page);
	errors(out, page);
	if (!page->own_only)
		workers(out, page);
	frame_end(out, page->frame);
}
