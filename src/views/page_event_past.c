/* The page of an event: what comes next, what stands in its way, what it was. */
#include "views/page_calendar.h"
#include "views/page_event.h"

/* --- what comes next, and what stands in its way --------------------------------- */

#define NEXT_SHOWN 10
#define CLASHES_SHOWN 50

static void clash_row(struct str *out, const struct event_page *page, const struct timetable_entry *entry, const struct clash *clash)
{
	html_raw(out, "<tr><td class=\"nowrap\">");
	html_time(out, page->frame->zone, entry->starts_at);
	html_f(out, "</td><td>%s", clash_words(clash->code));
	const char *name = clash->resource_id ? name_in(&page->clash_names, clash->resource_id) : NULL;
	if (name)
		html_f(out, ": %s", name);
	html_f(out, "</td><td>%s</td><td>", clash->hard ? "hard" : "soft");
	if (clash->event_id && clash->title)
		html_f(out, "<a href=\"%s/events/%" PRId64 "\">%s</a>", page->frame->base, clash->event_id,
		       clash->title[0] ? clash->title : "Event without title");
	else
		html_text(out, clash->event_id ? "an event that you may not see" : "a restriction");
	html_raw(out, "</td><td class=\"nowrap\">");
	html_time(out, page->frame->zone, clash->starts_at);
	html_raw(out, " – ");
	html_time(out, page->frame->zone, clash->ends_at);
	html_raw(out, "</td></tr>\n");
}

void event_conflicts(struct str *out, const struct event_page *page)
{
	int64_t count = 0, listed = 0;
	for (size_t i = 0; i < page->entry_count; i++)
		count += page->entries[i].conflict_count;
	if (!count)
		return;
	html_raw(out, "<section id=\"conflicts\"><h2 id=\"conflicts-title\">");
	html_icon(out, ICON_CLASH);
	html_raw(out, " Conflicts</h2><div class=\"scroll\" role=\"region\" aria-labelledby=\"conflicts-title\" tabindex=\"0\"><table "
		      "class=\"stacks\"><thead><tr><th scope=\"col\">Occurrence</th><th scope=\"col\">What</th><th scope=\"col\">Severity</th>"
		      "<th scope=\"col\">With</th><th scope=\"col\">Its time</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->entry_count; i++)
		for (size_t k = 0; k < page->entries[i].clash_count && listed < CLASHES_SHOWN; k++, listed++)
			clash_row(out, page, &page->entries[i], &page->entries[i].clashes[k]);
	html_raw(out, "</tbody></table></div>");
	if (count > listed)
		html_f(out, "<p class=\"hint\">and %'" PRId64 " more</p>", count - listed);
	html_raw(out, "</section>\n");
}

void event_next(struct str *out, const struct event_page *page)
{
	if (!page->is_series)
		return;
	html_raw(out, "<section><h2 id=\"next-title\">Next occurrences</h2>");
	if (!page->entry_count)
		html_raw(out, "<p class=\"empty\">None is ahead.</p>");
	else
		html_raw(out, "<ol class=\"next\">");
	for (size_t i = 0; i < page->entry_count && i < NEXT_SHOWN; i++) {
		const struct timetable_entry *entry = &page->entries[i];
		html_raw(out, "<li>");
		html_time(out, page->frame->zone, entry->starts_at);
		if (entry->title && page->event->title && strcmp(entry->title, page->event->title) != 0)
			html_f(out, " %s", entry->title);
		if (entry->flag != ZONE_NORMAL)
			html_f(out, " <small>%s</small>", entry->flag == ZONE_GAP ? "time skipped by the clocks" : "time comes twice");
		if (entry->conflict_count) {
			html_raw(out, " <a href=\"#conflicts\">");
			html_count(out, entry->conflict_count, "conflict", "conflicts");
			html_raw(out, "</a>");
		}
		html_raw(out, "</li>");
	}
	str_adds(out, page->entry_count ? "</ol></section>\n" : "</section>\n");
}

/* --- what it was ------------------------------------------------------------------ */

static void changes(struct str *out, const struct event_page *page, const struct state_view *state)
{
	if (state->row_version == 1) {
		html_raw(out, "created");
		return;
	}
	if (!state->is_known) {
		html_raw(out, "not known any more");
		return;
	}
	html_raw(out, "<ul class=\"changes\">");
	for (size_t i = 0; i < state->change_count; i++) {
		const struct field_view *change = &state->changes[i];
		html_f(out, "<li><b>%s</b>: ", change->field);
		if (change->is_time)
			html_time(out, page->frame->zone, change->before_utc);
		else
			html_f(out, "<del>%s</del>", change->before);
		html_raw(out, " → ");
		if (change->is_time)
			html_time(out, page->frame->zone, change->after_utc);
		else
			html_f(out, "<ins>%s</ins>", change->after);
		html_raw(out, "</li>");
	}
	str_adds(out, state->change_count ? "</ul>" : "<li>nothing that a person gives</li></ul>");
}

static void state_row(struct str *out, const struct event_page *page, const struct state_view *state)
{
	bool is_present = state->row_version == page->event->row_version;
	html_f(out, "<tr><th scope=\"row\">%'" PRId64 "%s</th><td class=\"nowrap\">", state->row_version, is_present ? " (now)" : "");
	html_time(out, page->frame->zone, state->changed_at);
	html_f(out, "</td><td>%s", state->who[0] ? state->who : "somebody who is gone");
	if (state->job_id)
		html_f(out, "<br><a href=\"%s/jobs/%" PRId64 "\">batch %" PRId64 "</a>", page->frame->base, state->job_id, state->job_id);
	if (state->undone_to)
		html_f(out, "<br><small>undo: again as version %'" PRId64 "</small>", state->undone_to);
	html_raw(out, "</td><td class=\"wide\">");
	changes(out, page, state);
	html_raw(out, "</td>");
	if (page->may_change) {
		html_raw(out, "<td>");
		if (!is_present)
			html_f(out, "<a href=\"%s/events/%" PRId64 "/restore?version=%" PRId64 "\">Restore…<span class=\"vh\"> version %" PRId64
				    "</span></a>",
			       page->frame->base, page->event->id, state->row_version, state->row_version);
		html_raw(out, "</td>");
	}
	html_raw(out, "</tr>\n");
}

void event_history(struct str *out, const struct event_page *page)
{
	html_raw(out, "<section id=\"history\"><h2 id=\"history-title\">History</h2>"
		      "<div class=\"scroll\" role=\"region\" aria-labelledby=\"history-title\" tabindex=\"0\"><table class=\"stacks\"><thead><tr>"
		      "<th scope=\"col\">Version</th><th scope=\"col\">When</th><th scope=\"col\">Who</th><th scope=\"col\">What changed</th>");
	if (page->may_change)
		html_raw(out, "<th scope=\"col\"><span class=\"vh\">Restore</span></th>");
	html_raw(out, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < page->state_count; i++)
		state_row(out, page, &page->states[i]);
	html_raw(out, "</tbody></table></div>");
	if (page->older_than)
		html_f(out, "<nav class=\"pager\" aria-label=\"Pages of the history\"><a rel=\"next\" href=\"%s/events/%" PRId64 "?before=%" PRId64
			    "#history\">Older versions »</a></nav>",
		       page->frame->base, page->event->id, page->older_than);
	html_raw(out, "</section>\n");
}

/* --- restoring ---------------------------------------------------------------------- */

void page_restore(struct str *out, const struct restore_page *page)
{
	const struct event_page view = { .frame = page->frame, .event = page->event };
	const struct state_view state = { .row_version = INT64_MAX, .is_known = true, .changes = page->changes, .change_count = page->change_count };
	frame_begin(out, page->frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/events\">Events</a> › <a href=\"%s/events/%" PRId64 "\">Event %" PRId64 "</a></p>",
	       page->frame->base, page->frame->base, page->event->id, page->event->id);
	html_f(out, "<h1>Restore version %'" PRId64 "?</h1>\n", page->row_version);
	error_summary(out, page->issues);
	html_raw(out, "<div class=\"panel\">");
	if (page->change_count) {
		html_raw(out, "<p>The event becomes again what it was. This changes:</p>");
		changes(out, &view, &state);
	} else {
		html_raw(out, "<p>The event is now just what it was then.</p>");
	}
	html_raw(out, "<p class=\"hint\">It is checked like any change: what it needs must still be there, and its time free. The versions "
		      "in between stay in the history.</p><div class=\"steps\">");
	if (page->change_count) {
		html_f(out, "<form method=\"post\" action=\"%s/events/%" PRId64 "/restore?version=%" PRId64 "\">", page->frame->base,
		       page->event->id, page->row_version);
		html_csrf(out, page->frame);
		html_f(out, "<input type=\"hidden\" name=\"now\" value=\"%" PRId64 "\"><button>Yes, restore version %'" PRId64 "</button></form>",
		       page->event->row_version, page->row_version);
	}
	html_f(out, "<a class=\"button quiet\" href=\"%s/events/%" PRId64 "#history\">No, leave it as it is</a></div></div>\n",
	       page->frame->base, page->event->id);
	frame_end(out, page->frame);
}
