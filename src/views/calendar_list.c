/* A list: one row for each occurrence, under its day. */
#include "views/page_calendar.h"

#include "views/page_event.h"

static void day_row(struct str *out, const struct calendar_page *page, const struct day_span *day)
{
	html_f(out, "<tr class=\"day-row%s\"><th scope=\"rowgroup\" colspan=\"5\"", day->day == page->today ? " today" : "");
	str_adds(out, day->day == page->today ? " aria-current=\"date\"" : "");
	html_f(out, ">%s ", weekday_name(day_weekday(day->day)));
	day_add(out, day->day);
	calendar_day_notes(out, page, day);
	html_raw(out, "</th></tr>\n");
}

static void places(struct str *out, const struct calendar_page *page, const int64_t *ids, size_t count, bool is_first)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = name_in(&page->names, ids[i]);
		str_adds(out, i || !is_first ? ", " : "");
		if (name)
			html_text(out, name);
		else
			html_f(out, "no. %" PRId64, ids[i]);
	}
}

/* Every conflict that is known, with what it is with. */
static void clashes(struct str *out, const struct calendar_page *page, const struct timetable_entry *entry)
{
	if (!entry->conflict_count)
		return;
	html_raw(out, "<ul class=\"clashes\">");
	for (size_t i = 0; i < entry->clash_count; i++) {
		const struct clash *clash = &entry->clashes[i];
		const char *name = clash->resource_id ? name_in(&page->names, clash->resource_id) : NULL;
		html_raw(out, "<li>");
		html_icon(out, ICON_CLASH);
		html_f(out, " %s%s%s: ", clash_words(clash->code), name ? ", " : "", name ? name : "");
		if (clash->event_id && clash->title)
			html_f(out, "<a href=\"%s/events/%" PRId64 "\">%s</a> ", page->frame->base, clash->event_id,
			       clash->title[0] ? clash->title : "another event");
		else
			html_f(out, "%s ", clash->event_id ? "an event that you may not see" : "it is forbidden");
		calendar_clock(out, page->frame->zone, clash->starts_at);
		html_raw(out, "–");
		calendar_clock(out, page->frame->zone, clash->ends_at);
		html_raw(out, "</li>");
	}
	if (entry->conflict_count > (int64_t)entry->clash_count)
		html_f(out, "<li>and %'" PRId64 " more</li>", entry->conflict_count - (int64_t)entry->clash_count);
	html_raw(out, "</ul>");
}

static void times(struct str *out, const struct calendar_page *page, const struct timetable_entry *entry)
{
	const struct zone *zone = page->frame->zone;
	bool is_long = day_of(zone, entry->starts_at) != day_of(zone, entry->ends_at) && entry->ends_at > entry->starts_at;
	html_raw(out, "<td class=\"nowrap\">");
	calendar_clock(out, zone, entry->starts_at);
	if (entry->ends_at > entry->starts_at)
		html_raw(out, "–");
	if (is_long) {
		html_raw(out, "<br><small>");
		html_time(out, zone, entry->ends_at);
		html_raw(out, "</small>");
	} else if (entry->ends_at > entry->starts_at) {
		calendar_clock(out, zone, entry->ends_at);
	}
	if (entry->flag != ZONE_NORMAL)
		html_f(out, "<br><small>%s</small>", entry->flag == ZONE_GAP ? "time skipped by the clocks" : "time comes twice");
	html_raw(out, "</td>");
}

static void row(struct str *out, const struct calendar_page *page, const struct timetable_entry *entry)
{
	html_raw(out, "<tr>");
	times(out, page, entry);
	html_f(out, "<td><a href=\"%s/events/%" PRId64 "\">", page->frame->base, entry->event_id);
	calendar_title(out, entry);
	html_raw(out, "</a>");
	if (entry->is_recurring) {
		html_raw(out, " <span class=\"mark\">");
		html_icon(out, ICON_REPEAT);
		html_raw(out, " recurring</span>");
	}
	clashes(out, page, entry);
	html_f(out, "</td><td>%s<br><small>Content %" PRId64, entry->schedule_type, entry->content_id);
	if (entry->version_no)
		html_f(out, ", version %d", entry->version_no);
	html_raw(out, "</small></td><td>");
	places(out, page, entry->resources, entry->resource_count, true);
	places(out, page, entry->assignees, entry->assignee_count, entry->resource_count == 0);
	html_raw(out, "</td><td>");
	event_status_pill(out, entry->status);
	html_raw(out, "</td></tr>\n");
}

void calendar_list(struct str *out, const struct calendar_page *page)
{
	size_t day = 0;
	bool has_heading = false;
	html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"title\" tabindex=\"0\"><table class=\"calendar list stacks\">"
		      "<caption class=\"vh\">Events by day and time</caption><thead><tr><th scope=\"col\">Time</th>"
		      "<th scope=\"col\">Event</th><th scope=\"col\">Type</th><th scope=\"col\">With</th><th scope=\"col\">Status</th>"
		      "</tr></thead>\n");
	for (size_t i = 0; i < page->entry_count; i++) {
		const struct timetable_entry *entry = &page->entries[i];
		bool is_new_day = !has_heading;
		/* What began before the first day stands under it. */
		for (; day + 1 < page->day_count && entry->starts_at >= page->days[day].to_utc; day++)
			is_new_day = true;
		if (is_new_day) {
			str_adds(out, has_heading ? "</tbody><tbody>\n" : "<tbody>\n");
			day_row(out, page, &page->days[day]);
			has_heading = true;
		}
		row(out, page, entry);
	}
	html_raw(out, "</tbody></table></div>\n");
}
