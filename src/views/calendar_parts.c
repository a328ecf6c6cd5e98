/* What the month, the week and the list share. */
#include "views/page_calendar.h"

#include <stdlib.h>

#include "base/clock.h"

void calendar_filter_query(struct str *out, const struct calendar_filter *filter)
{
	const struct {
		const char *name, *value;
	} parts[] = {
		{ "text", filter->text },	      { "status", filter->status },	  { "schedule_type", filter->schedule_type },
		{ "content_id", filter->content_id }, { "resource_id", filter->resource_id }, { "assignee_id", filter->assignee_id },
		{ "timezone", filter->timezone },
	};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i].value[0])
			continue;
		html_f(out, "&amp;%s=", parts[i].name);
		html_url(out, parts[i].value);
	}
}

void calendar_link(struct str *out, const struct calendar_page *page, enum calendar_view view, int64_t day, int days)
{
	char date[16];
	day_text(day, date);
	html_f(out, "%s/calendar?view=%s&amp;date=%s", page->frame->base, calendar_view_name(view), date);
	if (days)
		html_f(out, "&amp;days=%d", days);
	calendar_filter_query(out, &page->filter);
}

const char *name_in(const struct named_list *names, int64_t id)
{
	size_t low = 0, high = names->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (names->list[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < names->count && names->list[low].id == id ? names->list[low].name : NULL;
}

void calendar_clock(struct str *out, const struct zone *zone, int64_t utc)
{
	char iso[TIME_TEXT_SIZE];
	int32_t offset = zone ? zone_offset_at(zone, utc) : 0;
	int64_t local = utc + offset, first;
	int seconds = (int)(((local % 86400) + 86400) % 86400);
	time_format_utc(utc, iso);
	html_f(out, "<time datetime=\"%s\">", iso);
	str_addf(out, "%02d:%02d", seconds / 3600, seconds / 60 % 60);
	if (zone && zone_to_utc(zone, local, &first) == ZONE_FOLD)
		str_addf(out, " (UTC%c%d:%02d)", offset < 0 ? '-' : '+', abs(offset) / 3600, abs(offset) / 60 % 60);
	html_raw(out, "</time>");
}

void calendar_title(struct str *out, const struct timetable_entry *entry)
{
	if (entry->title && entry->title[0])
		html_text(out, entry->title);
	else
		html_f(out, "Content %" PRId64, entry->content_id);
}

const char *clash_words(enum code code)
{
	if (code == CODE_RESOURCE_OVERLAP)
		return "Resource taken";
	if (code == CODE_ASSIGNEE_OVERLAP)
		return "Person busy";
	if (code == CODE_VERSION_WINDOW)
		return "Another version";
	if (code == CODE_COMPLIANCE)
		return "Restricted";
	return code_info(code)->title;
}

/* One conflict leads to the other event, several to where they are listed. */
void calendar_conflicts(struct str *out, const struct calendar_page *page, const struct timetable_entry *entry)
{
	const struct clash *clash = entry->clash_count ? &entry->clashes[0] : NULL;
	if (!entry->conflict_count)
		return;
	html_f(out, " <a class=\"clash\" href=\"%s/events/%" PRId64, page->frame->base,
	       entry->conflict_count == 1 && clash && clash->event_id && clash->title ? clash->event_id : entry->event_id);
	html_raw(out, "#conflicts\">");
	html_icon(out, ICON_CLASH);
	html_count(out, entry->conflict_count, "conflict", "conflicts");
	html_raw(out, "<span class=\"vh\"> of ");
	calendar_title(out, entry);
	if (clash)
		html_f(out, ": %s", clash_words(clash->code));
	if (clash && clash->title && clash->title[0])
		html_f(out, ", %s", clash->title);
	html_raw(out, "</span></a>");
}

void calendar_item(struct str *out, const struct calendar_page *page, const struct timetable_entry *entry,
		   const struct day_span *day)
{
	bool goes_on = goes_on_in(entry, day), is_off = !event_status_is_busy(entry->status) && entry->status != EVENT_COMPLETED;
	html_f(out, "<li class=\"%s%s%s\"><a href=\"%s/events/%" PRId64 "\">", is_off ? "off" : "on", goes_on ? " goes-on" : "",
	       entry->conflict_count ? " clashes" : "", page->frame->base, entry->event_id);
	if (goes_on)
		html_raw(out, "<span class=\"vh\">goes on: </span><span aria-hidden=\"true\">…</span> ");
	else
		calendar_clock(out, page->frame->zone, entry->starts_at);
	str_addc(out, ' ');
	calendar_title(out, entry);
	html_raw(out, "</a>");
	if (entry->is_recurring) {
		html_raw(out, " <span class=\"mark\">");
		html_icon(out, ICON_REPEAT);
		html_raw(out, "<span class=\"vh\">recurring</span></span>");
	}
	if (entry->status != EVENT_SCHEDULED)
		html_f(out, " <small>%s</small>", event_status_name(entry->status));
	if (entry->flag != ZONE_NORMAL)
		html_f(out, " <small>%s</small>", entry->flag == ZONE_GAP ? "time skipped by the clocks" : "time comes twice");
	if (entry->ends_at > day->to_utc) {
		html_raw(out, " <small>until ");
		html_time(out, page->frame->zone, entry->ends_at);
		html_raw(out, "</small>");
	}
	calendar_conflicts(out, page, entry);
	html_raw(out, "</li>");
}

void calendar_more(struct str *out, const struct calendar_page *page, const struct day_span *day, int64_t count, bool is_capped)
{
	if (count <= 0)
		return;
	html_raw(out, "<li class=\"more\"><a href=\"");
	calendar_link(out, page, CALENDAR_LIST, day->day, 1);
	html_f(out, "\">+%'" PRId64 "%s more<span class=\"vh\"> on ", count, is_capped ? " or" : "");
	day_add(out, day->day);
	html_raw(out, "</span></a></li>");
}

void calendar_day_notes(struct str *out, const struct calendar_page *page, const struct day_span *day)
{
	int64_t seconds = day->to_utc - day->from_utc;
	if (day->day == page->today)
		html_raw(out, " <span class=\"today-mark\">Today</span>");
	if (seconds != 86400) {
		html_raw(out, " <small>");
		html_icon(out, ICON_CLOCK);
		html_f(out, " clocks go %s: ", seconds < 86400 ? "forward" : "back");
		html_duration(out, seconds % 3600 ? seconds : seconds / 3600 * 3600);
		html_raw(out, "</small>");
	}
}
