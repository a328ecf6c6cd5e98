#include "views/page_job.h"

static int64_t count_of(const struct job_numbers *counts, const char *outcome)
{
	const struct {
		const char *name;
		int64_t count;
	} table[] = {
		{ "failed", counts->failed },	    { "conflict", counts->conflict },
		{ "skipped", counts->skipped },	    { "unchanged", counts->unchanged },
		{ "succeeded", counts->succeeded }, { "unprocessed", counts->unprocessed },
		{ "pending", counts->pending },	    { "undone", counts->undone },
		{ "undo_conflict", counts->undo_conflict },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, outcome) == 0)
			return table[i].count;
	return 0;
}

static void tab(struct str *out, const struct job_page *page, const char *outcome, const char *label, int64_t count)
{
	bool is_current = strcmp(page->outcome, outcome) == 0;
	if (count == 0 && !is_current && outcome[0])
		return;
	html_f(out, "<li><a id=\"tab-%s\" href=\"%s/jobs/%" PRId64 "?outcome=%s#results\" aria-current=\"%s\">", outcome[0] ? outcome : "all",
	       page->frame->base, page->job->id, outcome[0] ? outcome : "all", is_current ? "true" : "false");
	html_f(out, "%s <span class=\"count\">%'" PRId64 "</span></a></li>", label, count);
}

static void tabs(struct str *out, const struct job_page *page)
{
	static const char *const outcomes[] = { "undo_conflict", "failed", "conflict", "skipped",
						"unchanged",	 "undone", "succeeded", "unprocessed" };
	html_raw(out, "<nav class=\"tabs\" aria-label=\"Filter results\"><ul>");
	tab(out, page, "", "All", page->job->total);
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		tab(out, page, outcomes[i], outcome_word(page->job, outcomes[i]),
		    count_of(&page->job->counts, outcomes[i]));
	html_raw(out, "</ul></nav>\n");
}

static void reason(struct str *out, const struct job_page *page, const struct reason_view *reason)
{
	html_raw(out, "<li>");
	if (reason->field && reason->value)
		html_f(out, "<code>%s: %s</code> ", reason->field, reason->value);
	else if (reason->field)
		html_f(out, "<code>%s</code> ", reason->field);
	html_text(out, reason->message);
	if (reason->code)
		html_f(out, " <a class=\"code\" href=\"%s/help/errors#%s\">%s</a>", page->frame->base, reason->code,
		       reason->code);
	if (reason->suggestion && reason->suggestion[0])
		html_f(out, " <span class=\"fix\">%s</span>", reason->suggestion);
	html_raw(out, "</li>");
}

static void item_row(struct str *out, const struct job_page *page, const struct item_view *item)
{
	const struct file_view *file = file_of(page->job, item->ordinal);
	html_f(out, "<tr id=\"i%" PRId64 "\"><td class=\"num\">%'" PRId64, item->ordinal, row_number(page->job, item->ordinal));
	if (file)
		html_f(out, " <span class=\"file\">%s</span>", file->name);
	html_raw(out, "</td><td>");
	if (item->verdict && strcmp(item->outcome, "succeeded") == 0)
		verdict_pill(out, item->verdict);
	else
		outcome_pill(out, page->job, item->outcome);
	html_raw(out, "</td><td>");
	bool is_gone = strcmp(item->outcome, "undone") == 0 && strcmp(page->job->type, "create") == 0;
	if (item->event_id > 0 && !is_gone)
		html_f(out, "<a href=\"%s/events/%" PRId64 "\">%s</a>", page->frame->base, item->event_id,
		       item->what[0] ? item->what : "Event");
	else
		html_text(out, item->what);
	if (item->following_id && strcmp(item->outcome, "succeeded") == 0)
		html_f(out, ", then <a href=\"%s/events/%" PRId64 "\">event %" PRId64 "</a>", page->frame->base, item->following_id,
		       item->following_id);
	html_raw(out, "</td><td>");
	if (item->reason_count > 0) {
		html_raw(out, "<ul class=\"reasons\">");
		for (size_t i = 0; i < item->reason_count; i++)
			reason(out, page, &item->reasons[i]);
		if (item->more_reasons > 0)
			html_f(out, "<li>and %'" PRId64 " more</li>", item->more_reasons);
		html_raw(out, "</ul>");
	}
	html_raw(out, "</td></tr>\n");
}

static void nothing(struct str *out, const struct job_page *page)
{
	if (page->outcome[0] && page->job->total > 0)
		html_f(out,
		       "<p class=\"empty\">No items here: none is “%s”. <a href=\"%s/jobs/%" PRId64
		       "?outcome=all#results\">Show all</a></p>",
		       outcome_word(page->job, page->outcome), page->frame->base, page->job->id);
	else
		html_raw(out, "<p class=\"empty\">No items have arrived yet.</p>");
}

static void downloads(struct str *out, const struct job_page *page)
{
	const struct job_view *job = page->job;
	if (job->counts.failed > 0) {
		html_f(out,
		       "<a class=\"button quiet\" href=\"%s/api/v1/batch/%" PRId64
		       "/results.csv?outcome=failed\" download>",
		       page->frame->base, job->id);
		html_icon(out, ICON_DOWNLOAD);
		html_raw(out, "Download failed rows (CSV)</a>");
	}
	if (job->is_terminal && job->total > 0)
		html_f(out,
		       "<a class=\"button quiet\" href=\"%s/api/v1/batch/%" PRId64
		       "/results.csv\" download>All results (CSV)</a>",
		       page->frame->base, job->id);
}

static void pager(struct str *out, const struct job_page *page)
{
	const char *outcome = page->outcome[0] ? page->outcome : "all";
	if (page->after < 0 && page->next_after < 0)
		return;
	html_raw(out, "<nav class=\"pager\" aria-label=\"Pages of results\">");
	if (page->after >= 0)
		html_f(out, "<a rel=\"first\" href=\"%s/jobs/%" PRId64 "?outcome=%s#results\">« First page</a>",
		       page->frame->base, page->job->id, outcome);
	if (page->next_after >= 0)
		html_f(out,
		       "<a rel=\"next\" href=\"%s/jobs/%" PRId64 "?outcome=%s&amp;after=%" PRId64
		       "#results\">Next page »</a>",
		       page->frame->base, page->job->id, outcome, page->next_after);
	html_raw(out, "</nav>\n");
}

void job_results(struct str *out, const struct job_page *page)
{
	html_raw(out, "<section><div class=\"section-head\"><h2 id=\"results\">Results</h2><div class=\"steps\">");
	downloads(out, page);
	html_raw(out, "</div></div>\n");
	tabs(out, page);
	if (page->item_count == 0) {
		nothing(out, page);
	} else {
		html_f(out,
		       "<div class=\"scroll\" role=\"region\" aria-labelledby=\"results\" tabindex=\"0\"><table "
		       "class=\"stacks results\">"
		       "<thead><tr><th scope=\"col\" class=\"num\">%s</th><th scope=\"col\">Result</th><th "
		       "scope=\"col\">Event</th>"
		       "<th scope=\"col\">Reason and what to do</th></tr></thead><tbody>\n",
		       page->job->is_csv ? "Row" : "Item");
		for (size_t i = 0; i < page->item_count; i++)
			item_row(out, page, &page->items[i]);
		html_raw(out, "</tbody></table></div>\n");
	}
	pager(out, page);
	html_raw(out, "</section>\n");
}
