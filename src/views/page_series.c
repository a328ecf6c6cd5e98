#include "views/page_series.h"

#include <string.h>

#include "base/clock.h"
#include "views/recurrence_words.h"

static const char *const day_names[7] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
static const char *const day_codes[7] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

static void form_begin(struct str *out, const struct series_page *page, const char *css_class, const char *action)
{
	html_f(out, "<form class=\"%s\" method=\"post\" action=\"%s/events/%" PRId64 "/series\">", css_class, page->frame->base,
	       page->event->id);
	html_csrf(out, page->frame);
	html_f(out, "<input type=\"hidden\" name=\"now\" value=\"%" PRId64 "\"><input type=\"hidden\" name=\"from\" value=\"%s\">"
		    "<input type=\"hidden\" name=\"action\" value=\"%s\">",
	       page->event->row_version, page->from, action);
}

/* "Mon 7 Dec 2026 10:00" is for people; the machine's form beside it. */
static void wall(struct str *out, int64_t local)
{
	static const char *const months[12] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t day = local / 86400 - (local % 86400 < 0), weekday = (day + 3) % 7;
	int year, month, number;
	char time[TIME_TEXT_SIZE];
	time_format_local(local, time);
	civil_from_days(day, &year, &month, &number);
	time[16] = '\0';
	html_f(out, "<time datetime=\"%s\">%s %d %s %d, %s</time>", time, day_names[weekday < 0 ? weekday + 7 : weekday], number,
	       months[month - 1], year, time + 11);
}

/* --- the occurrences ------------------------------------------------------------ */

static void marks(struct str *out, const struct occurrence_view *view)
{
	if (view->is_left_out) {
		html_raw(out, "<span class=\"pill\">");
		html_icon(out, ICON_SKIP);
		html_raw(out, "left out</span> ");
	}
	if (view->is_added)
		html_raw(out, "<span class=\"pill\">added</span> ");
	if (view->flag == ZONE_GAP)
		html_raw(out, "<small>this hour is skipped that day: it happens an hour later</small> ");
	if (view->flag == ZONE_FOLD)
		html_raw(out, "<small>this hour comes twice: it happens in the first</small> ");
	if (view->title)
		html_f(out, "“%s” ", view->title);
	if (view->version_no)
		html_f(out, "version %" PRId64 " ", view->version_no);
	if (view->now_local != view->local_start) {
		html_raw(out, "<small>by the rule ");
		wall(out, view->local_start);
		html_raw(out, "</small>");
	}
}

static void buttons(struct str *out, const struct series_page *page, const struct occurrence_view *view)
{
	char name[TIME_TEXT_SIZE];
	time_format_local(view->local_start, name);
	form_begin(out, page, "inline", view->is_left_out ? "bring_back" : "leave_out");
	html_f(out, "<input type=\"hidden\" name=\"occurrence\" value=\"%s\"><button class=\"quiet\">%s", name,
	       view->is_left_out ? "Bring back" : "Leave out");
	html_raw(out, "<span class=\"vh\"> ");
	wall(out, view->local_start);
	html_raw(out, "</span></button></form>");
	if (!view->is_left_out)
		html_f(out,
		       " <a class=\"button quiet\" href=\"%s/events/%" PRId64
		       "/series?from=%s&amp;occurrence=%s#change\">Change…<span class=\"vh\"> %s</span></a>",
		       page->frame->base, page->event->id, page->from, name, name);
}

static void table(struct str *out, const struct series_page *page)
{
	if (!page->count) {
		html_raw(out, "<p class=\"empty\">Nothing happens from then on.</p>\n");
		return;
	}
	html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"list\" tabindex=\"0\"><table class=\"stacks\"><thead><tr>"
		      "<th scope=\"col\">When</th><th scope=\"col\">Lasts</th><th scope=\"col\">What is different</th>");
	if (page->may_change)
		html_raw(out, "<th scope=\"col\">Do</th>");
	html_raw(out, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < page->count; i++) {
		const struct occurrence_view *view = &page->list[i];
		html_raw(out, "<tr><td>");
		wall(out, view->now_local);
		html_raw(out, "</td><td data-label=\"Lasts\">");
		html_duration(out, view->duration_s);
		html_raw(out, "</td><td class=\"wide\">");
		marks(out, view);
		if (page->may_change) {
			html_raw(out, "</td><td class=\"wide\"><div class=\"steps\">");
			buttons(out, page, view);
			html_raw(out, "</div>");
		}
		html_raw(out, "</td></tr>\n");
	}
	html_raw(out, "</tbody></table></div>\n");
}

static void pager(struct str *out, const struct series_page *page)
{
	html_raw(out, "<nav class=\"pager\" aria-label=\"Pages of occurrences\">");
	html_f(out, "<a href=\"%s/events/%" PRId64 "/series?from=1970-01-01T00:00:00\">« From the first</a>", page->frame->base,
	       page->event->id);
	if (page->next_from)
		html_f(out, "<a rel=\"next\" href=\"%s/events/%" PRId64 "/series?from=%s\">Next page »</a>", page->frame->base,
		       page->event->id, page->next_from);
	html_raw(out, "</nav>\n");
}

/* --- the form of one -------------------------------------------------------------- */

static void field(struct str *out, const struct series_page *page, const char *name, const char *label, const char *type,
		  const char *value)
{
	html_f(out, "<div><label for=\"f-%s\">%s</label>", name, label);
	field_error(out, page->issues, name);
	html_f(out, "<input id=\"f-%s\" name=\"%s\" type=\"%s\" value=\"%s\"", name, name, type, value);
	field_state(out, page->issues, name, NULL);
	html_raw(out, "></div>");
}

static void change_form(struct str *out, const struct series_page *page)
{
	const struct occurrence_view *view = page->chosen;
	char name[TIME_TEXT_SIZE], start[TIME_TEXT_SIZE], number[24];
	if (!view || !page->may_change)
		return;
	time_format_local(view->local_start, name);
	time_format_local(view->now_local, start);
	html_raw(out, "<h2 id=\"change\">Change ");
	wall(out, view->local_start);
	html_raw(out, "</h2>\n");
	form_begin(out, page, "stack panel", "change");
	html_f(out, "<input type=\"hidden\" name=\"occurrence\" value=\"%s\"><div class=\"fields\">", name);
	start[16] = '\0';
	field(out, page, "local_start", "Starts", "datetime-local", start);
	snprintf(number, sizeof(number), "%" PRId64, view->duration_s / 60);
	field(out, page, "minutes", "Lasts, in minutes", "number", number);
	field(out, page, "title", "Title", "text", view->title ? view->title : page->event->title);
	html_raw(out, "</div><fieldset><legend>Which</legend>"
		      "<label class=\"check\"><input type=\"radio\" name=\"scope\" value=\"this\" checked> This one only</label>"
		      "<label class=\"check\"><input type=\"radio\" name=\"scope\" value=\"following\"> This one and all that follow: the "
		      "series ends before it, and a new event carries on</label></fieldset>"
		      "<div class=\"steps\"><button>Save</button>");
	html_f(out, "<a class=\"button quiet\" href=\"%s/events/%" PRId64 "/series?from=%s\">Cancel</a></div></form>\n", page->frame->base,
	       page->event->id, page->from);
}

/* --- the form of the rule ------------------------------------------------------------ */

static void end_choice(struct str *out, const struct series_page *page, const char *value, const char *label)
{
	html_f(out, "<label class=\"check\"><input type=\"radio\" name=\"ends\" value=\"%s\"%s> %s</label>", value,
	       strcmp(page->rule.ends, value) == 0 ? " checked" : "", label);
}

static void rule_form(struct str *out, const struct series_page *page)
{
	const struct rule_view *rule = &page->rule;
	html_raw(out, "<h2 id=\"rule\">How it repeats</h2>\n");
	form_begin(out, page, "stack panel", "rule");
	html_raw(out, "<div class=\"fields\"><div><label for=\"f-repeat\">Repeats</label><select id=\"f-repeat\" name=\"repeat\">");
	html_option(out, "", "not at all", rule->repeat);
	html_option(out, "daily", "daily", rule->repeat);
	html_option(out, "weekly", "weekly", rule->repeat);
	html_option(out, "monthly", "monthly", rule->repeat);
	html_option(out, "yearly", "yearly", rule->repeat);
	html_option(out, "rule", "by the rule below", rule->repeat);
	html_raw(out, "</select></div>");
	field(out, page, "interval", "Every … of them (2 = every other)", "number", rule->interval);
	html_raw(out, "</div><fieldset class=\"days\"><legend>On these days of the week (weekly)</legend>");
	for (int day = 0; day < 7; day++)
		html_f(out, "<label class=\"check\"><input type=\"checkbox\" name=\"day\" value=\"%s\"%s> %s</label>", day_codes[day],
		       rule->days[day] ? " checked" : "", day_names[day]);
	html_raw(out, "</fieldset><fieldset><legend>Ends</legend>");
	end_choice(out, page, "never", "never");
	end_choice(out, page, "count", "after so many times:");
	field(out, page, "count", "Times", "number", rule->count);
	end_choice(out, page, "until", "on a day:");
	field(out, page, "until", "Last day", "date", rule->until);
	html_raw(out, "</fieldset>");
	html_raw(out, "<label for=\"f-recurrence\">Rule</label>");
	field_error(out, page->issues, "recurrence");
	html_f(out, "<input id=\"f-recurrence\" name=\"recurrence\" value=\"%s\" autocomplete=\"off\" size=\"50\" spellcheck=\"false\"",
	       rule->rule);
	field_state(out, page->issues, "recurrence", "h-recurrence");
	html_f(out, "><p class=\"hint\" id=\"h-recurrence\">Counts if “by the rule below” is chosen, as in FREQ=MONTHLY;BYDAY=-1FR; see "
		    "<a href=\"%s/help/recurrence.html\">recurrence</a>.</p>",
	       page->frame->base);
	html_raw(out, "<label class=\"check\"><input type=\"checkbox\" name=\"normalise\" value=\"1\"> If the start is no day of the "
		      "rule, begin with the first one that is</label>"
		      "<div class=\"steps\"><button>Save for the whole series</button></div></form>\n");
}

void page_series(struct str *out, const struct series_page *page)
{
	const struct event *event = page->event;
	bool recurs = event->recurrence || event->rdate_count > 0;
	frame_begin(out, page->frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/events\">Events</a> › <a href=\"%s/events/%" PRId64 "\">Event %" PRId64
		    "</a></p><h1>Occurrences of %s</h1>\n<p class=\"sub\">",
	       page->frame->base, page->frame->base, event->id, event->id, event->title[0] ? event->title : "an event without title");
	html_raw(out, "It happens ");
	if (event->recurrence)
		recurrence_words(out, event->recurrence);
	else
		html_text(out, recurs ? "on the dates listed" : "once");
	html_f(out, "; times are those of %s.</p>\n", event->timezone ? event->timezone : "UTC");
	error_summary(out, page->issues);
	if (page->note)
		html_f(out, "<div class=\"notice\" role=\"status\"><p>%s</p></div>\n", page->note);
	change_form(out, page);
	if (recurs) {
		html_raw(out, "<h2 id=\"list\">Occurrences</h2>\n");
		table(out, page);
		pager(out, page);
	}
	if (page->may_change)
		rule_form(out, page);
	frame_end(out, page->frame);
}
