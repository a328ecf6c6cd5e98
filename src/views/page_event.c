#include "views/page_event.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rules/jsonlogic.h"
#include "rules/series.h"
#include "views/recurrence_words.h"

static void fact_begin(struct str *out, const char *label)
{
	html_f(out, "<div><dt>%s</dt><dd>", label);
}

static void fact_end(struct str *out)
{
	html_raw(out, "</dd></div>");
}

static void names(struct str *out, const int64_t *ids, size_t count, const char *const *names_or_null)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			html_raw(out, ", ");
		if (names_or_null && names_or_null[i])
			html_text(out, names_or_null[i]);
		else
			html_f(out, "no. %" PRId64, ids[i]);
	}
}

static void recurrence(struct str *out, const struct event *event)
{
	if (!event_recurs(event))
		return;
	fact_begin(out, "Recurs");
	if (event->recurrence) {
		recurrence_words(out, event->recurrence);
		html_f(out, "<br><small><code>%s</code></small>", event->recurrence);
	}
	if (event->rdate_count) {
		str_adds(out, event->recurrence ? "<br>" : "");
		html_count(out, (int64_t)event->rdate_count, "time added", "times added");
	}
	if (event->exdate_count) {
		html_raw(out, "<br>");
		html_count(out, (int64_t)event->exdate_count, "time left out", "times left out");
	}
	fact_end(out);
}

static void when(struct str *out, const struct event_page *page)
{
	const struct event *event = page->event;
	fact_begin(out, "Starts");
	html_time(out, page->frame->zone, event->starts_at);
	if (event->timezone) {
		char local[TIME_TEXT_SIZE];
		time_format_local(event->local_start, local);
		local[10] = ' ';
		local[16] = '\0';
		html_f(out, "<br><small>%s in %s</small>", local, event->timezone);
	}
	fact_end(out);
	recurrence(out, event);
	fact_begin(out, "Ends");
	html_time(out, page->frame->zone, event->ends_at);
	html_raw(out, "<br><small>");
	html_duration(out, event->duration_s);
	html_raw(out, "</small>");
	fact_end(out);
}

static void what(struct str *out, const struct event_page *page)
{
	const struct event *event = page->event;
	fact_begin(out, "Content");
	html_text(out, page->content_title);
	if (page->content_title)
		html_raw(out, "<br><small>");
	event_content(out, event);
	if (event->version_no > 0 && page->latest_version > event->version_no)
		html_f(out, " (latest is %d)", page->latest_version);
	if (page->content_title)
		html_raw(out, "</small>");
	fact_end(out);
	fact_begin(out, "Type");
	html_text(out, event->schedule_type);
	fact_end(out);
}

static void with_whom(struct str *out, const struct event_page *page)
{
	const struct event *event = page->event;
	if (event->resource_count > 0) {
		fact_begin(out, "Resources");
		names(out, event->resources, event->resource_count, page->resource_names);
		fact_end(out);
	}
	if (event->assignee_count > 0) {
		fact_begin(out, "People");
		names(out, event->assignees, event->assignee_count, page->assignee_names);
		fact_end(out);
	}
}

/* Its conditions in words, and as they were given. */
static void conditions(struct str *out, const char *text)
{
	struct arena *arena = arena_new();
	struct fail ignored = { 0 };
	if (!arena)
		abort();
	const json_t *rule = json_read(arena, text, strlen(text), &ignored);
	fact_begin(out, "Happens only if");
	if (rule)
		html_text(out, jsonlogic_text(arena, rule));
	html_f(out, "<details><summary>as JsonLogic</summary><pre>%s</pre></details>", text);
	fact_end(out);
	arena_free(arena);
}

/* On what terms it happens. */
static void terms(struct str *out, const struct event *event)
{
	static const char *const misfires[MISFIRE_COUNT] = {
		[MISFIRE_RUN_LATE] = "happens late, for ",
		[MISFIRE_SKIP] = "is missed",
		[MISFIRE_RUN_ALL] = "happens however late",
	};
	if (event->conditions)
		conditions(out, event->conditions);
	if (!event->conditions && event->misfire == MISFIRE_RUN_LATE && event->grace_s == EVENT_GRACE_S)
		return;
	fact_begin(out, "If its moment passes unseen");
	html_text(out, misfires[event->misfire]);
	if (event->misfire == MISFIRE_RUN_LATE)
		html_duration(out, event->grace_s);
	fact_end(out);
}

static void details(struct str *out, const struct frame *frame, const struct event *event)
{
	if (event->client_id) {
		fact_begin(out, "Your id (client_id)");
		html_f(out, "<code>%s</code>", event->client_id);
		fact_end(out);
	}
	if (event->priority != 0) {
		fact_begin(out, "Priority");
		html_f(out, "%d", event->priority);
		fact_end(out);
	}
	if (event->attributes) {
		fact_begin(out, "Attributes");
		html_f(out, "<code>%s</code>", event->attributes);
		fact_end(out);
	}
	terms(out, event);
	if (event->superseded_by) {
		fact_begin(out, "Superseded by");
		html_f(out, "<a href=\"%s/events/%" PRId64 "\">event %" PRId64 "</a>", frame->base, event->superseded_by, event->superseded_by);
		fact_end(out);
	}
	fact_begin(out, "Changes so far");
	html_f(out, "%'" PRId64, event->row_version > 0 ? event->row_version - 1 : 0);
	fact_end(out);
}

void page_event(struct str *out, const struct event_page *page)
{
	const struct event *event = page->event;
	frame_begin(out, page->frame);
	html_f(out,
	       "<p class=\"crumbs\"><a href=\"%s/events\">Events</a> › Event %" PRId64
	       "</p><h1>%s</h1>\n<div class=\"panel\">",
	       page->frame->base, event->id, event->title[0] ? event->title : "Event without title");
	html_raw(out, "<div class=\"panel-head\">");
	event_status_pill(out, event->status);
	html_raw(out, "</div><dl class=\"facts wide\">");
	when(out, page);
	what(out, page);
	with_whom(out, page);
	details(out, page->frame, event);
	html_raw(out, "</dl>\n");
	if (page->may_change)
		html_f(out,
		       "<div class=\"steps\"><a class=\"button quiet\" href=\"%s/events/%" PRId64
		       "/edit\">Change…</a><a class=\"button quiet\" href=\"%s/events/%" PRId64 "/series\">%s</a></div>",
		       page->frame->base, event->id, page->frame->base, event->id, page->is_series ? "Occurrences and rule…" : "Repeat…");
	html_raw(out, "</div>\n");
	event_conflicts(out, page);
	event_next(out, page);
	event_history(out, page);
	frame_end(out, page->frame);
}
