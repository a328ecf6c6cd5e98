/* A month: a row for each week, a cell for each day. */
#include "views/page_calendar.h"

#include "base/clock.h"

/* What goes on comes first, then what begins. */
static void cell_items(struct str *out, const struct calendar_page *page, const struct day_span *day, int64_t begin_count)
{
	int shown = 0, going_on = 0, begun = 0;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < page->entry_count && page->entries[i].starts_at < day->to_utc; i++) {
			const struct timetable_entry *entry = &page->entries[i];
			if (pass == 0 ? !goes_on_in(entry, day) : !begins_in(entry, day->from_utc, day->to_utc))
				continue;
			going_on += pass == 0;
			if (shown >= (pass == 0 ? MONTH_SHOWN / 2 : MONTH_SHOWN))
				continue;
			if (!shown)
				html_raw(out, "<ul>");
			calendar_item(out, page, entry, day);
			shown++;
			begun += pass;
		}
	}
	int64_t hidden = begin_count - begun + going_on - (shown - begun);
	if (!shown && hidden > 0)
		html_raw(out, "<ul>");
	calendar_more(out, page, day, hidden, begin_count >= COUNT_CAP);
	if (shown || hidden > 0)
		html_raw(out, "</ul>");
}

static void cell(struct str *out, const struct calendar_page *page, size_t i)
{
	int year, month, of_month, shown_year, shown_month;
	const struct day_span *day = &page->days[i];
	civil_from_days(day->day, &year, &month, &of_month);
	civil_from_days(page->date, &shown_year, &shown_month, &(int){ 0 });
	html_f(out, "<td class=\"%s%s\"", month == shown_month ? "" : "other", day->day == page->today ? " today" : "");
	str_adds(out, day->day == page->today ? " aria-current=\"date\"" : "");
	html_raw(out, "><p class=\"day\"><a href=\"");
	calendar_link(out, page, CALENDAR_LIST, day->day, 1);
	html_f(out, "\"><span class=\"wide-date\">%s </span>%d<span class=\"wide-date\"> %s</span></a>",
	       weekday_name(day_weekday(day->day)), of_month, month_name(month));
	calendar_day_notes(out, page, day);
	html_raw(out, "</p>");
	cell_items(out, page, day, page->counts[i]);
	html_raw(out, "</td>");
}

void calendar_month(struct str *out, const struct calendar_page *page)
{
	html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"title\" tabindex=\"0\"><table class=\"calendar month\">"
		      "<caption class=\"vh\">Events by day; a row for each week, from Monday to Sunday</caption>"
		      "<thead><tr><th scope=\"col\">Week</th>");
	for (int weekday = 0; weekday < 7; weekday++)
		html_f(out, "<th scope=\"col\">%s</th>", weekday_name(weekday));
	html_raw(out, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < page->day_count; i++) {
		if (i % 7 == 0) {
			html_raw(out, "<tr><th scope=\"row\"><a href=\"");
			calendar_link(out, page, CALENDAR_WEEK, page->days[i].day, 0);
			html_f(out, "\"><span class=\"vh\">Week </span>%d</a></th>", day_week_number(page->days[i].day));
		}
		cell(out, page, i);
		if (i % 7 == 6)
			html_raw(out, "</tr>\n");
	}
	html_raw(out, "</tbody></table></div>\n");
}
