#include "views/page_calendar.h"

#include "base/clock.h"

const char *calendar_view_name(enum calendar_view view)
{
	static const char *const names[CALENDAR_VIEW_COUNT] = {
		[CALENDAR_MONTH] = "month", [CALENDAR_WEEK] = "week", [CALENDAR_LIST] = "list" };
	return names[view];
}

static bool filter_is_used(const struct calendar_filter *filter)
{
	return filter->text[0] || filter->status[0] || filter->schedule_type[0] || filter->content_id[0] ||
	       filter->resource_id[0] || filter->assignee_id[0];
}

static void add_period(struct str *out, const struct calendar_page *page)
{
	int year, month, of_month;
	const struct day_span *first = &page->days[0], *last = &page->days[page->day_count - 1];
	civil_from_days(page->date, &year, &month, &of_month);
	if (page->view == CALENDAR_MONTH) {
		str_addf(out, "%s %d", month_name(month), year);
		return;
	}
	if (page->view == CALENDAR_WEEK)
		str_addf(out, "Week %d, ", day_week_number(first->day));
	else if (page->day_count == 1)
		str_addf(out, "%s ", weekday_name(day_weekday(first->day)));
	day_add(out, first->day);
	if (page->day_count > 1) {
		str_adds(out, " – ");
		day_add(out, last->day);
	}
}

/* So far does a step forward or back go. */
static int64_t stepped(const struct calendar_page *page, int direction)
{
	if (page->view == CALENDAR_MONTH)
		return month_step(page->date, direction);
	return page->date + direction * (page->view == CALENDAR_WEEK ? 7 : (int64_t)page->day_count);
}

static int days_of(const struct calendar_page *page)
{
	return page->view == CALENDAR_LIST ? (int)page->day_count : 0;
}

static void step_link(struct str *out, const struct calendar_page *page, int64_t day, const char *rel, const char *label)
{
	if (day < 0 || day > TIME_MAX_UTC / 86400)
		return;
	html_f(out, "<a class=\"button quiet\" rel=\"%s\" href=\"", rel);
	calendar_link(out, page, page->view, day, days_of(page));
	html_f(out, "\">%s</a>", label);
}

/* What is shown, for other programs. */
static void file_link(struct str *out, const struct calendar_page *page)
{
	char from[16], to[16];
	day_text(page->days[0].day, from);
	day_text(page->days[page->day_count - 1].day + 1, to);
	html_f(out, "<a href=\"%s/api/v1/calendar.ics?from=%s&amp;to=%s", page->frame->base, from, to);
	calendar_filter_query(out, &page->filter);
	html_raw(out, "\">");
	html_icon(out, ICON_DOWNLOAD);
	html_f(out, " As a file (.ics)</a> <a href=\"%s/help/calendar.html#subscribe\">Subscribing</a>", page->frame->base);
}

static void navigation(struct str *out, const struct calendar_page *page)
{
	static const char *const labels[] = { "Month", "Week", "List" };
	html_raw(out, "<div class=\"calendar-bar\"><nav aria-label=\"Time\" class=\"steps\">");
	step_link(out, page, stepped(page, -1), "prev", "« Earlier");
	step_link(out, page, page->today, "bookmark", "Today");
	step_link(out, page, stepped(page, 1), "next", "Later »");
	html_raw(out, "</nav><nav aria-label=\"View\" class=\"views\">");
	for (enum calendar_view view = 0; view < CALENDAR_VIEW_COUNT; view++) {
		html_raw(out, "<a href=\"");
		calendar_link(out, page, view, page->date, 0);
		str_adds(out, view == page->view ? "\" aria-current=\"page\">" : "\">");
		str_adds(out, labels[view]);
		html_raw(out, "</a>");
	}
	html_raw(out, "</nav><p class=\"file\">");
	file_link(out, page);
	html_raw(out, "</p></div>\n");
}

/* Names to choose from, or a box for a number where there are too many. */
static void chooser(struct str *out, const struct calendar_page *page, const char *name, const char *label,
		    const struct named_list *names, const char *value)
{
	int64_t chosen = 0;
	if (!names->count) {
		filter_field(out, page->issues, name, label, "inputmode=\"numeric\" size=\"6\"", value);
		return;
	}
	(void)parse_i64(value, strlen(value), &chosen);
	html_f(out, "<label>%s <select id=\"f-%s\" name=\"%s\"><option value=\"\">Any</option>", label, name, name);
	for (size_t i = 0; i < names->count; i++)
		html_f(out, "<option value=\"%" PRId64 "\"%s>%s</option>", names->list[i].id,
		       names->list[i].id == chosen ? " selected" : "", names->list[i].name);
	html_raw(out, "</select></label>");
}

static void filter_form(struct str *out, const struct calendar_page *page)
{
	const struct calendar_filter *filter = &page->filter;
	char date[16];
	day_text(page->date, date);
	html_f(out, "<form class=\"filter\" method=\"get\" action=\"%s/calendar\"><input type=\"hidden\" name=\"view\" value=\"%s\">",
	       page->frame->base, calendar_view_name(page->view));
	if (page->view == CALENDAR_LIST)
		html_f(out, "<input type=\"hidden\" name=\"days\" value=\"%d\">", days_of(page));
	filter_field(out, page->issues, "date", "Date", "type=\"date\"", date);
	chooser(out, page, "assignee_id", "Person", &page->people, filter->assignee_id);
	chooser(out, page, "resource_id", "Resource", &page->venues, filter->resource_id);
	filter_field(out, page->issues, "text", "Title contains", "type=\"search\" maxlength=\"100\" size=\"12\"", filter->text);
	html_raw(out, "<label>Status <select id=\"f-status\" name=\"status\"><option value=\"\">Any</option>");
	for (int i = 0; i < EVENT_STATUS_COUNT; i++) {
		const char *name = event_status_name((enum event_status)i);
		html_f(out, "<option%s>%s</option>", strcmp(name, filter->status) == 0 ? " selected" : "", name);
	}
	html_raw(out, "</select></label>");
	filter_field(out, page->issues, "schedule_type", "Type", "maxlength=\"32\" size=\"8\"", filter->schedule_type);
	filter_field(out, page->issues, "content_id", "Content no.", "inputmode=\"numeric\" size=\"6\"", filter->content_id);
	filter_field(out, page->issues, "timezone", "Time zone",
		     "maxlength=\"64\" size=\"16\" autocomplete=\"off\" spellcheck=\"false\" placeholder=\"Europe/Stockholm\"",
		     filter->timezone);
	html_raw(out, "<button class=\"quiet\">Show</button>");
	if (filter_is_used(filter) || filter->timezone[0])
		html_f(out, "<a class=\"clear\" href=\"%s/calendar?view=%s&amp;date=%s\">Clear</a>", page->frame->base,
		       calendar_view_name(page->view), date);
	html_raw(out, "</form>\n");
}

static bool is_empty(const struct calendar_page *page)
{
	size_t count = page->view == CALENDAR_MONTH  ? page->day_count
		       : page->view == CALENDAR_WEEK ? page->day_count * BLOCKS_PER_DAY
						     : 0;
	for (size_t i = 0; i < count; i++)
		if (page->counts[i])
			return false;
	return page->entry_count == 0;
}

static void nothing(struct str *out, const struct calendar_page *page)
{
	char date[16];
	day_text(page->date, date);
	if (filter_is_used(&page->filter))
		html_f(out, "<p class=\"empty\">Nothing in this time matches the filter. <a href=\"%s/calendar?view=%s&amp;date=%s\">Clear "
			    "the filter</a></p>\n",
		       page->frame->base, calendar_view_name(page->view), date);
	else
		html_raw(out, "<p class=\"empty\">Nothing is scheduled in this time.</p>\n");
}

static void pager(struct str *out, const struct calendar_page *page)
{
	if (page->is_first && !page->next)
		return;
	html_raw(out, "<nav class=\"pager\" aria-label=\"Pages of the list\">");
	if (!page->is_first) {
		html_raw(out, "<a rel=\"first\" href=\"");
		calendar_link(out, page, CALENDAR_LIST, page->date, days_of(page));
		html_raw(out, "\">« First page</a>");
	}
	if (page->next) {
		html_raw(out, "<a rel=\"next\" href=\"");
		calendar_link(out, page, CALENDAR_LIST, page->date, days_of(page));
		html_f(out, "&amp;after=%s\">Next page »</a>", page->next);
	}
	html_raw(out, "</nav>\n");
}

void page_calendar(struct str *out, const struct calendar_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<h1 id=\"title\">Calendar: ");
	add_period(out, page);
	html_f(out, "</h1>\n<p class=\"sub\">Times are shown in %s.</p>\n", page->frame->zone ? page->frame->zone_name : "UTC");
	error_summary(out, page->issues);
	navigation(out, page);
	filter_form(out, page);
	if (is_empty(page))
		nothing(out, page);
	if (page->view == CALENDAR_MONTH)
		calendar_month(out, page);
	else if (page->view == CALENDAR_WEEK)
		calendar_week(out, page);
	else if (page->entry_count)
		calendar_list(out, page);
	if (page->view == CALENDAR_LIST)
		pager(out, page);
	frame_end(out, page->frame);
}
