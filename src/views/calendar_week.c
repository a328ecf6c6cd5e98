/* A week: a column for each day, a row for every three hours of wall clock. */
#include "views/page_calendar.h"

#include "base/clock.h"

/* Rows that are shown although nothing happens in them: 6:00 to 21:00. */
#define USUAL_FIRST 2
#define USUAL_LAST 6

static void head(struct str *out, const struct calendar_page *page)
{
	int year, month, of_month;
	html_raw(out, "<thead><tr><th scope=\"col\">Hours</th>");
	for (size_t i = 0; i < page->day_count; i++) {
		const struct day_span *day = &page->days[i];
		civil_from_days(day->day, &year, &month, &of_month);
		html_raw(out, "<th scope=\"col\"");
		str_adds(out, day->day == page->today ? " class=\"today\" aria-current=\"date\"" : "");
		html_raw(out, "><a href=\"");
		calendar_link(out, page, CALENDAR_LIST, day->day, 1);
		html_f(out, "\">%s %d %s</a>", weekday_name(day_weekday(day->day)), of_month, month_name(month));
		calendar_day_notes(out, page, day);
		html_raw(out, "</th>");
	}
	html_raw(out, "</tr></thead><tbody>\n");
}

/* On a phone the cell tells by itself which day it is. */
static void cell_day(struct str *out, const struct day_span *day)
{
	int year, month, of_month;
	civil_from_days(day->day, &year, &month, &of_month);
	html_f(out, "<p class=\"wide-date\">%s %d %s</p>", weekday_name(day_weekday(day->day)), of_month, month_name(month));
}

static void going_on(struct str *out, const struct calendar_page *page)
{
	bool any = false;
	for (size_t d = 0; d < page->day_count && !any; d++)
		for (size_t i = 0; i < page->entry_count && !any; i++)
			any = goes_on_in(&page->entries[i], &page->days[d]);
	if (!any)
		return;
	html_raw(out, "<tr><th scope=\"row\">Goes on</th>");
	for (size_t d = 0; d < page->day_count; d++) {
		bool is_open = false;
		for (size_t i = 0; i < page->entry_count; i++) {
			if (!goes_on_in(&page->entries[i], &page->days[d]))
				continue;
			if (!is_open) {
				html_raw(out, "<td>");
				cell_day(out, &page->days[d]);
				html_raw(out, "<ul>");
			}
			is_open = true;
			calendar_item(out, page, &page->entries[i], &page->days[d]);
		}
		if (is_open)
			html_raw(out, "</ul></td>");
		else
			html_raw(out, "<td></td>");
	}
	html_raw(out, "</tr>\n");
}

static void cell(struct str *out, const struct calendar_page *page, size_t d, int block)
{
	const struct day_span *day = &page->days[d];
	int64_t from = day_hour_utc(page->frame->zone, day->day, block * BLOCK_HOURS);
	int64_t to = day_hour_utc(page->frame->zone, day->day, (block + 1) * BLOCK_HOURS);
	int64_t count = page->counts[d * BLOCKS_PER_DAY + (size_t)block];
	int shown = 0;
	if (!count) {
		html_raw(out, "<td></td>");
		return;
	}
	html_raw(out, "<td>");
	cell_day(out, day);
	html_raw(out, "<ul>");
	for (size_t i = 0; i < page->entry_count && shown < BLOCK_SHOWN; i++) {
		if (!begins_in(&page->entries[i], from, to))
			continue;
		calendar_item(out, page, &page->entries[i], day);
		shown++;
	}
	calendar_more(out, page, day, count - shown, count >= COUNT_CAP);
	html_raw(out, "</ul></td>");
}

static bool is_used(const struct calendar_page *page, int block)
{
	for (size_t d = 0; d < page->day_count; d++)
		if (page->counts[d * BLOCKS_PER_DAY + (size_t)block])
			return true;
	return false;
}

void calendar_week(struct str *out, const struct calendar_page *page)
{
	int first = 0, last = BLOCKS_PER_DAY - 1;
	while (first < USUAL_FIRST && !is_used(page, first))
		first++;
	while (last > USUAL_LAST && !is_used(page, last))
		last--;
	html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"title\" tabindex=\"0\"><table class=\"calendar week\">"
		      "<caption class=\"vh\">Events by day and by the hour at which they begin</caption>");
	head(out, page);
	going_on(out, page);
	for (int block = first; block <= last; block++) {
		html_f(out, "<tr><th scope=\"row\">%d–%d h</th>", block * BLOCK_HOURS, (block + 1) * BLOCK_HOURS);
		for (size_t d = 0; d < page->day_count; d++)
			cell(out, page, d, block);
		html_raw(out, "</tr>\n");
	}
	html_raw(out, "</tbody></table></div>\n");
}
