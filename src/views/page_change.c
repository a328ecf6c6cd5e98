#include "views/page_bulk.h"

static void selection(struct str *out, const struct change_page *page)
{
	html_f(out, "<input type=\"hidden\" name=\"count\" value=\"%" PRId64 "\">", page->match_count);
	for (size_t i = 0; i < page->id_count; i++)
		html_f(out, "<input type=\"hidden\" name=\"event_id\" value=\"%" PRId64 "\">", page->ids[i]);
	if (page->id_count == 0) {
		html_raw(out, "<input type=\"hidden\" name=\"scope\" value=\"filter\">");
		filter_hidden(out, &page->filter);
	}
}

static void samples(struct str *out, const struct change_page *page)
{
	html_raw(out, "<ul class=\"samples\">");
	for (size_t i = 0; i < page->sample_count; i++) {
		const struct event *event = &page->samples[i];
		html_f(out, "<li><a href=\"%s/events/%" PRId64 "\">%s</a> <small>", page->frame->base, event->id,
		       event->title[0] ? event->title : "Event without title");
		html_time(out, page->frame->zone, event->starts_at);
		html_raw(out, "</small></li>");
	}
	if (page->match_count > (int64_t)page->sample_count)
		html_f(out, "<li>and %'" PRId64 " more</li>", page->match_count - (int64_t)page->sample_count);
	html_raw(out, "</ul>\n");
}

static void field_begin(struct str *out, const char *name, const char *label)
{
	html_f(out, "<div class=\"field\"><label for=\"f-%s\">%s</label>", name, label);
}

static void text_field(struct str *out, const struct change_page *page, const char *name, const char *label,
		       const char *attributes, const char *value)
{
	field_begin(out, name, label);
	field_error(out, page->issues, name);
	html_f(out, "<input id=\"f-%s\" name=\"set_%s\" value=\"%s\" ", name, name, value);
	str_adds(out, attributes);
	field_state(out, page->issues, name, NULL);
	html_raw(out, "></div>");
}

static void shift_field(struct str *out, const struct change_page *page)
{
	const char *unit = page->values.shift_unit;
	field_begin(out, "shift_by", "Move the start by");
	field_error(out, page->issues, "shift_by");
	html_f(out,
	       "<span class=\"pair\"><input id=\"f-shift_by\" name=\"shift_by\" inputmode=\"numeric\" size=\"6\" "
	       "value=\"%s\"",
	       page->values.shift_by);
	field_state(out, page->issues, "shift_by", "h-shift");
	html_raw(out, "><select name=\"shift_unit\" aria-label=\"Unit of the move\">");
	html_option(out, "minutes", "minutes", unit);
	html_option(out, "hours", "hours", unit);
	html_option(out, "days", "days", unit);
	html_option(out, "weeks", "weeks", unit);
	html_raw(out,
		 "</select></span><p class=\"hint\" id=\"h-shift\">A negative number moves it earlier. Events with a time "
		 "zone are moved on its clock: a day later is the same time of day.</p></div>");
}

static void status_field(struct str *out, const struct change_page *page)
{
	field_begin(out, "status", "Set the status");
	field_error(out, page->issues, "status");
	html_raw(out, "<select id=\"f-status\" name=\"set_status\">");
	html_option(out, "", "Leave as it is", page->values.status);
	html_option(out, "scheduled", "scheduled", page->values.status);
	html_option(out, "draft", "draft", page->values.status);
	html_option(out, "cancelled", "cancelled", page->values.status);
	html_option(out, "archived", "archived", page->values.status);
	html_raw(out, "</select></div>");
}

static void value_fields(struct str *out, const struct change_page *page)
{
	const struct change_view *values = &page->values;
	html_raw(out, "<fieldset><legend>New values</legend><p class=\"hint\">Fields left empty stay as they are.</p><div "
		      "class=\"fields\">");
	shift_field(out, page);
	status_field(out, page);
	text_field(out, page, "title", "Set the title", "maxlength=\"255\"", values->title);
	text_field(out, page, "version_no", "Set the version (a number, or “latest”)", "size=\"8\"", values->version_no);
	text_field(out, page, "schedule_type", "Set the type", "maxlength=\"32\" size=\"12\"", values->schedule_type);
	text_field(out, page, "priority", "Set the priority (−1000 to 1000)", "inputmode=\"numeric\" size=\"6\"",
		   values->priority);
	html_raw(out, "</div></fieldset>\n");
}

void page_change(struct str *out, const struct change_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<h1>Change ");
	html_count(out, page->match_count, "event", "events");
	html_raw(out, "</h1>\n");
	if (page->match_count == 0) {
		html_f(out, "<p class=\"empty\">No events match this filter any more. <a href=\"%s/events\">Back to all events</a></p>\n",
		       page->frame->base);
		frame_end(out, page->frame);
		return;
	}
	error_summary(out, page->issues);
	if (page->count_differs)
		html_raw(out, "<div class=\"notice\"><p>Other events match this filter now than when you selected them. "
			      "Please look at the number again before you go on.</p></div>\n");
	samples(out, page);
	html_f(out, "<form method=\"post\" action=\"%s/bulk/change\" class=\"stack\">", page->frame->base);
	html_csrf(out, page->frame);
	html_form_key(out, page->frame);
	selection(out, page);
	value_fields(out, page);
	batch_options_fields(out, page->issues, page->values.label, page->values.on_conflict, false);
	html_raw(out, "</form>\n");
	frame_end(out, page->frame);
}
