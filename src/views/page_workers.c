#include "views/page_workers.h"

/* --- tables ---------------------------------------------------------------- */

static void worker_row(struct str *out, const struct frame *frame, const struct worker_view *worker)
{
	bool is_busy = strcmp(worker->status, "busy") == 0;
	bool is_lost = strcmp(worker->status, "unresponsive") == 0;
	html_f(out, "<tr><td><a href=\"%s/workers/%s\">%s <small>%s · process %" PRId64 "</small></a></td>"
		    "<td><span class=\"pill %s\">",
	       frame->base, worker->uuid, worker->type, worker->host, worker->pid, is_busy ? "busy" : is_lost ? "warn" : "calm");
	html_icon(out, is_busy ? ICON_RUN : is_lost ? ICON_WARN : ICON_CLOCK);
	html_f(out, "%s</span></td><td><span class=\"key\">Last seen</span> ", worker->status);
	html_ago(out, frame->zone, worker->last_ping, frame->now_utc);
	html_raw(out, "</td><td>");
	if ((is_busy || is_lost) && worker->job_id > 0)
		html_f(out, "<a href=\"%s/jobs/%" PRId64 "\">Batch %" PRId64 "</a>", frame->base, worker->job_id, worker->job_id);
	html_f(out, "</td><td class=\"num\"><span class=\"key\">Items done</span> %'" PRId64
		    "</td><td class=\"num\"><span class=\"key\">Memory</span> %" PRId64 ".%" PRId64 " MB</td></tr>\n",
	       worker->items_done, worker->memory_kib / 1024, worker->memory_kib % 1024 * 10 / 1024);
}

void workers_table(struct str *out, const struct frame *frame, const struct worker_view *list, size_t count,
		   const char *heading_id)
{
	html_f(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"%s\" tabindex=\"0\">"
		    "<table class=\"stacks\"><thead><tr><th scope=\"col\">Worker</th>",
	       heading_id);
	html_raw(out, "<th scope=\"col\">State</th><th scope=\"col\">Last seen</th><th scope=\"col\">Works on</th>"
		      "<th scope=\"col\" class=\"num\">Items done</th><th scope=\"col\" class=\"num\">Memory</th>"
		      "</tr></thead><tbody>\n");
	for (size_t i = 0; i < count; i++)
		worker_row(out, frame, &list[i]);
	html_raw(out, "</tbody></table></div>\n");
}

/* --- all ------------------------------------------------------------------- */

static void tick_section(struct str *out, const struct workers_page *page)
{
	html_raw(out, "<section><h2 id=\"tick\">A cron job or uptime pinger</h2>\n");
	if (page->tick_url) {
		html_f(out, "<div class=\"notice\" role=\"status\"><p>This address is shown only now. Whoever has it can have due "
			    "work done, and nothing else:</p><p><code class=\"address\">%s</code></p><p>As a cron job, every "
			    "minute:</p><p><code>* * * * * curl -fsS -m 25 '%s' &gt;/dev/null</code></p></div>\n",
		       page->tick_url, page->tick_url);
	} else {
		html_raw(out, "<p>Batches go on while somebody looks at them, and a little with every page that anybody visits. On a "
			      "quiet site a cron job or an uptime pinger can ask for more: give it an address of its own.</p>\n");
	}
	post_button(out, page->frame,
		    &(struct post_button){ .path = "/workers/tick",
					   .label = page->tick_url ? "Make another address" : "Make an address",
					   .css_class = "quiet" });
	html_raw(out, "</section>\n");
}

void page_workers(struct str *out, const struct workers_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<h1 id=\"title\">Workers</h1>\n<p class=\"sub\">The processes that work on batches: there are no others than "
		      "those that the web server starts for requests. One that has not been seen for long is forgotten.</p>\n");
	if (page->worker_count)
		workers_table(out, page->frame, page->workers, page->worker_count, "title");
	else if (page->is_first)
		html_raw(out, "<p class=\"empty\">No worker has been seen yet. Work is done by the pages and programs that ask for "
			      "it.</p>\n");
	else
		html_raw(out, "<p class=\"empty\">No more workers.</p>\n");
	if (page->next) {
		html_f(out, "<nav class=\"pager\" aria-label=\"Pages of workers\"><a rel=\"next\" href=\"%s/workers?after=",
		       page->frame->base);
		html_url(out, page->next);
		html_raw(out, "\">Seen longer ago »</a></nav>\n");
	}
	if (page->may_tick)
		tick_section(out, page);
	frame_end(out, page->frame);
}

/* --- one ------------------------------------------------------------------- */

static void log_row(struct str *out, const struct frame *frame, const struct worker_log_view *row)
{
	bool is_bad = strcmp(row->level, "info") != 0;
	html_raw(out, "<tr><td class=\"nowrap\">");
	html_time(out, frame->zone, row->at);
	html_f(out, "</td><td><span class=\"pill %s\">", is_bad ? "warn" : "calm");
	html_icon(out, is_bad ? ICON_WARN : ICON_CLOCK);
	html_f(out, "%s</span></td><td>", row->level);
	if (row->job_id)
		html_f(out, "<a href=\"%s/jobs/%" PRId64 "\">Batch %" PRId64 "</a>", frame->base, row->job_id, row->job_id);
	html_f(out, "</td><td class=\"wide\">%s</td></tr>\n", row->message);
}

static void logs(struct str *out, const struct worker_page *page)
{
	html_raw(out, "<section><h2 id=\"log\">What it reported</h2>\n");
	if (page->log_count == 0) {
		html_raw(out, "<p class=\"empty\">Nothing: nothing went wrong.</p></section>\n");
		return;
	}
	html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"log\" tabindex=\"0\"><table class=\"stacks\">"
		      "<thead><tr><th scope=\"col\">When</th><th scope=\"col\">Level</th><th scope=\"col\">About</th>"
		      "<th scope=\"col\">Message</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->log_count; i++)
		log_row(out, page->frame, &page->logs[i]);
	html_raw(out, "</tbody></table></div>\n");
	if (page->next_after > 0)
		html_f(out, "<nav class=\"pager\" aria-label=\"Pages of the log\"><a rel=\"next\" href=\"%s/workers/%s?after=%" PRId64
			    "\">Older lines »</a></nav>\n",
		       page->frame->base, page->worker->uuid, page->next_after);
	html_raw(out, "</section>\n");
}

void page_worker(struct str *out, const struct worker_page *page)
{
	const struct worker_view *worker = page->worker;
	frame_begin(out, page->frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/workers\">Workers</a></p><h1 id=\"title\">%s <small>%s · process %" PRId64
		    "</small></h1>\n<p class=\"sub\">First seen ",
	       page->frame->base, worker->type, worker->host, worker->pid);
	html_time(out, page->frame->zone, worker->started_at);
	html_f(out, " · <code>%s</code></p>\n", worker->uuid);
	workers_table(out, page->frame, worker, 1, "title");
	logs(out, page);
	frame_end(out, page->frame);
}
