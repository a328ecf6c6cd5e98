#include "views/page_job.h"

static void filter_form(struct str *out, const struct jobs_page *page)
{
	html_f(out, "<form class=\"filter\" method=\"get\" action=\"%s/jobs\"><label>State <select name=\"phase\">",
	       page->frame->base);
	html_option(out, "", "Any", page->phase);
	html_option(out, "pending", "Waiting to start", page->phase);
	html_option(out, "processing", "In progress", page->phase);
	html_option(out, "completed", "Completed", page->phase);
	html_option(out, "failed", "Failed or cancelled", page->phase);
	html_raw(out, "</select></label><label>Type <select name=\"type\">");
	html_option(out, "", "Any", page->type);
	html_option(out, "create", "Create", page->type);
	html_option(out, "update", "Change", page->type);
	html_option(out, "evaluate", "Evaluate", page->type);
	html_option(out, "activate", "Due events", page->type);
	html_raw(out, "</select></label>");
	if (page->may_see_all)
		html_f(out,
		       "<label class=\"check\"><input type=\"checkbox\" name=\"mine\" value=\"1\"%s> Only mine</label>",
		       page->mine_only ? " checked" : "");
	html_raw(out, "<button class=\"quiet\">Filter</button></form>\n");
}

static void job_row(struct str *out, const struct frame *frame, const struct job_view *job)
{
	html_f(out, "<tr><td class=\"num\">%" PRId64 "</td><td><a href=\"%s/jobs/%" PRId64 "\">", job->id, frame->base,
	       job->id);
	if (job->label[0])
		html_text(out, job->label);
	else
		job_title(out, job);
	html_raw(out, "</a>");
	if (job->label[0]) {
		html_raw(out, "<br><small>");
		job_title(out, job);
		html_raw(out, "</small>");
	}
	html_raw(out, "</td><td>");
	job_pill(out, job);
	html_raw(out, "</td><td>");
	if (!job->is_terminal)
		job_progress(out, job, NULL);
	html_raw(out, "<span class=\"nums\">");
	job_numbers_line(out, job);
	html_f(out, "</span></td><td>%s</td><td>", job->created_by);
	html_ago(out, frame->zone, job->created_at, frame->now_utc);
	html_raw(out, "</td></tr>\n");
}

static void nothing(struct str *out, const struct jobs_page *page)
{
	if (page->phase[0] || page->type[0] || page->mine_only)
		html_f(out,
		       "<p class=\"empty\">No batches match this filter. <a href=\"%s/jobs\">Clear the filter</a></p>\n",
		       page->frame->base);
	else
		html_f(out, "<p class=\"empty\">No batches yet. <a href=\"%s/bulk/new\">Start the first one</a></p>\n",
		       page->frame->base);
}

void page_jobs(struct str *out, const struct jobs_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<h1 id=\"title\">Batches</h1>\n");
	filter_form(out, page);
	if (page->job_count == 0)
		nothing(out, page);
	else
		jobs_table(out, page->frame, page->jobs, page->job_count, "title");
	if (page->next_before > 0) {
		html_f(out,
		       "<nav class=\"pager\" aria-label=\"Pages of batches\"><a rel=\"next\" href=\"%s/jobs?before=%" PRId64
		       "&amp;phase=",
		       page->frame->base, page->next_before);
		html_url(out, page->phase);
		html_raw(out, "&amp;type=");
		html_url(out, page->type);
		html_f(out, "%s\">Older batches »</a></nav>\n", page->mine_only ? "&amp;mine=1" : "");
	}
	frame_end(out, page->frame);
}

void jobs_table(struct str *out, const struct frame *frame, const struct job_view *jobs, size_t count, const char *label_id)
{
	html_f(out,
	       "<div class=\"scroll\" role=\"region\" aria-labelledby=\"%s\" tabindex=\"0\"><table class=\"stacks jobs\"><thead><tr>"
	       "<th scope=\"col\" class=\"num\">No.</th><th scope=\"col\">Batch</th><th scope=\"col\">State</th>"
	       "<th scope=\"col\">Progress</th><th scope=\"col\">By</th><th "
	       "scope=\"col\">Created</th></tr></thead><tbody>\n",
	       label_id);
	for (size_t i = 0; i < count; i++)
		job_row(out, frame, &jobs[i]);
	html_raw(out, "</tbody></table></div>\n");
}
