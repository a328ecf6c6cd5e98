#include "views/page_event.h"

bool filter_is_empty(const struct filter_view *filter)
{
	return !filter->text[0] && !filter->status[0] && !filter->schedule_type[0] && !filter->content_id[0] && !filter->recurring[0] &&
	       !filter->starts_after[0] && !filter->starts_before[0];
}

struct part {
	const char *name;
	const char *value;
};

enum { PARTS = 7 };
static void parts_of(const struct filter_view *filter, struct part parts[PARTS])
{
	parts[0] = (struct part){ "text", filter->text };
	parts[1] = (struct part){ "status", filter->status };
	parts[2] = (struct part){ "schedule_type", filter->schedule_type };
	parts[3] = (struct part){ "content_id", filter->content_id };
	parts[4] = (struct part){ "starts_after", filter->starts_after };
	parts[5] = (struct part){ "starts_before", filter->starts_before };
	parts[6] = (struct part){ "recurring", filter->recurring };
}

void filter_query(struct str *out, const struct filter_view *filter)
{
	struct part parts[PARTS];
	parts_of(filter, parts);
	for (int i = 0; i < PARTS; i++) {
		if (!parts[i].value[0])
			continue;
		html_f(out, "&amp;%s=", parts[i].name);
		html_url(out, parts[i].value);
	}
}

void filter_hidden(struct str *out, const struct filter_view *filter)
{
	struct part parts[PARTS];
	parts_of(filter, parts);
	for (int i = 0; i < PARTS; i++)
		if (parts[i].value[0])
			html_f(out, "<input type=\"hidden\" name=\"%s\" value=\"%s\">", parts[i].name, parts[i].value);
}

static void filter_form(struct str *out, const struct events_page *page)
{
	const struct filter_view *filter = &page->filter;
	html_f(out, "<form class=\"filter\" method=\"get\" action=\"%s/events\">", page->frame->base);
	filter_field(out, page->issues, "text", "Title contains", "type=\"search\" maxlength=\"100\"", filter->text);
	html_raw(out, "<label>Status <select id=\"f-status\" name=\"status\"><option value=\"\">Any</option>");
	for (int i = 0; i < EVENT_STATUS_COUNT; i++) {
		const char *name = event_status_name((enum event_status)i);
		html_f(out, "<option%s>%s</option>", strcmp(name, filter->status) == 0 ? " selected" : "", name);
	}
	html_raw(out, "</select></label>");
	html_raw(out, "<label>Repeats <select id=\"f-recurring\" name=\"recurring\">");
	html_option(out, "", "Any", filter->recurring);
	html_option(out, "true", "yes", filter->recurring);
	html_option(out, "false", "no", filter->recurring);
	html_raw(out, "</select></label>");
	filter_field(out, page->issues, "schedule_type", "Type", "maxlength=\"32\" size=\"10\"", filter->schedule_type);
	filter_field(out, page->issues, "content_id", "Content no.", "inputmode=\"numeric\" size=\"6\"", filter->content_id);
	filter_field(out, page->issues, "starts_after", "From", "type=\"date\"", filter->starts_after);
	filter_field(out, page->issues, "starts_before", "Before", "type=\"date\"", filter->starts_before);
	html_raw(out, "<button class=\"quiet\">Filter</button>");
	if (!filter_is_empty(filter))
		html_f(out, "<a class=\"clear\" href=\"%s/events\">Clear</a>", page->frame->base);
	html_raw(out, "</form>\n");
}

static void match_count(struct str *out, const struct events_page *page)
{
	if (page->count_is_capped)
		html_raw(out, "more than ");
	html_count(out, page->match_count, "event", "events");
}

static void bulk_bar(struct str *out, const struct events_page *page)
{
	html_raw(out, "<div class=\"bulk\" id=\"bulk\"><label class=\"check js-only\" hidden><input type=\"checkbox\" "
		      "id=\"tick-all\"> This page</label>");
	if (!page->count_is_capped) {
		html_raw(out, "<label class=\"check\"><input type=\"checkbox\" name=\"scope\" value=\"filter\" "
			      "id=\"scope\"><span>Select all ");
		html_f(out, "<span id=\"scope-count\">%'" PRId64 "</span> that match%s</span></label>", page->match_count,
		       filter_is_empty(&page->filter) ? "" : " this filter");
	}
	html_raw(out, "<button>Change selected…</button><span id=\"selected\" role=\"status\"></span>"
		      "<button type=\"button\" class=\"link\" id=\"clear\" hidden>Clear the selection</button></div>\n");
}

void event_status_pill(struct str *out, enum event_status status)
{
	static const struct {
		const char *css_class;
		enum icon icon;
	} looks[EVENT_STATUS_COUNT] = {
		[EVENT_DRAFT] = { "calm", ICON_INBOX },	    [EVENT_SCHEDULED] = { "busy", ICON_CLOCK },
		[EVENT_PROCESSING] = { "busy", ICON_RUN },  [EVENT_COMPLETED] = { "good", ICON_CHECK },
		[EVENT_FAILED] = { "bad", ICON_CROSS },	    [EVENT_MISSED] = { "warn", ICON_WARN },
		[EVENT_SUPERSEDED] = { "calm", ICON_SKIP }, [EVENT_CANCELLED] = { "calm", ICON_STOP },
		[EVENT_ARCHIVED] = { "calm", ICON_INBOX },
	};
	html_f(out, "<span class=\"pill %s\">", looks[status].css_class);
	html_icon(out, looks[status].icon);
	html_f(out, "%s</span>", event_status_name(status));
}

void event_content(struct str *out, const struct event *event)
{
	html_f(out, "Content %" PRId64, event->content_id);
	if (event->version_no > 0)
		html_f(out, ", version %d", event->version_no);
	else
		html_raw(out, ", latest version");
}

static void event_row(struct str *out, const struct events_page *page, const struct event *event)
{
	html_raw(out, "<tr>");
	if (page->may_change)
		html_f(out,
		       "<td class=\"tick\"><input type=\"checkbox\" name=\"event_id\" value=\"%" PRId64
		       "\" aria-labelledby=\"t%" PRId64 "\"></td>",
		       event->id, event->id);
	html_f(out, "<td><a id=\"t%" PRId64 "\" href=\"%s/events/%" PRId64 "\">%s</a><br><small>", event->id,
	       page->frame->base, event->id, event->title[0] ? event->title : "Event without title");
	event_content(out, event);
	html_raw(out, "</small></td><td class=\"nowrap\">");
	html_time(out, page->frame->zone, event->starts_at);
	html_raw(out, "</td><td class=\"nowrap\">");
	html_duration(out, event->duration_s);
	html_f(out, "</td><td>%s</td><td>", event->schedule_type);
	event_status_pill(out, event->status);
	html_raw(out, "</td></tr>\n");
}

static void table(struct str *out, const struct events_page *page)
{
	html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"title\" tabindex=\"0\"><table id=\"events\" "
		      "class=\"stacks\"><thead><tr>");
	if (page->may_change)
		html_raw(out, "<th scope=\"col\" class=\"tick\"><span class=\"vh\">Select</span></th>");
	html_raw(out, "<th scope=\"col\">Event</th><th scope=\"col\">Starts</th><th scope=\"col\">Lasts</th><th "
		      "scope=\"col\">Type</th>"
		      "<th scope=\"col\">Status</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->event_count; i++)
		event_row(out, page, &page->events[i]);
	html_raw(out, "</tbody></table></div>\n");
}

static void selection(struct str *out, const struct events_page *page)
{
	if (!page->may_change) {
		table(out, page);
		return;
	}
	html_f(out, "<form method=\"get\" action=\"%s/bulk/change\" id=\"selection\">", page->frame->base);
	filter_hidden(out, &page->filter);
	html_f(out, "<input type=\"hidden\" name=\"count\" value=\"%" PRId64 "\">", page->match_count);
	bulk_bar(out, page);
	table(out, page);
	html_raw(out, "</form>\n");
}

static void nothing(struct str *out, const struct events_page *page)
{
	if (filter_is_empty(&page->filter) && page->after == 0)
		html_f(out, "<p class=\"empty\">No events yet. <a href=\"%s/bulk/new\">Create some from a file</a></p>\n",
		       page->frame->base);
	else
		html_f(out,
		       "<p class=\"empty\">No events match this filter. <a href=\"%s/events\">Clear the filter</a></p>\n",
		       page->frame->base);
}

void page_events(struct str *out, const struct events_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<h1 id=\"title\">Events</h1>\n<p class=\"sub\">");
	match_count(out, page);
	str_adds(out, filter_is_empty(&page->filter) ? "</p>\n" : " match this filter</p>\n");
	if (page->may_change)
		html_f(out, "<p><a class=\"button quiet\" href=\"%s/new-event\">New event</a></p>\n", page->frame->base);
	error_summary(out, page->issues);
	filter_form(out, page);
	if (page->event_count == 0)
		nothing(out, page);
	else
		selection(out, page);
	if (page->after > 0 || page->next_after > 0) {
		html_raw(out, "<nav class=\"pager\" aria-label=\"Pages of events\">");
		if (page->after > 0) {
			html_f(out, "<a rel=\"first\" href=\"%s/events?", page->frame->base);
			filter_query(out, &page->filter);
			html_raw(out, "\">« First page</a>");
		}
		if (page->next_after > 0) {
			html_f(out, "<a rel=\"next\" href=\"%s/events?after=%" PRId64, page->frame->base, page->next_after);
			filter_query(out, &page->filter);
			html_raw(out, "\">Next page »</a>");
		}
		html_raw(out, "</nav>\n");
	}
	frame_end(out, page->frame);
}
