#include "views/page_event_form.h"

#include <stdio.h>

static void field(struct str *out, const struct event_form *form, const char *name, const char *label, const char *attributes,
		  const char *value, const char *hint)
{
	char hint_id[40];
	snprintf(hint_id, sizeof(hint_id), "h-%s", name);
	html_f(out, "<div class=\"field\"><label for=\"f-%s\">%s</label>", name, label);
	field_error(out, form->issues, name);
	html_f(out, "<input id=\"f-%s\" name=\"%s\" value=\"%s\" ", name, name, value);
	str_adds(out, attributes);
	field_state(out, form->issues, name, hint ? hint_id : NULL);
	html_raw(out, ">");
	if (hint)
		html_f(out, "<p class=\"hint\" id=\"%s\">%s</p>", hint_id, hint);
	html_raw(out, "</div>");
}

static void places(struct str *out, const struct event_form *form, bool people, const char *name, const char *label)
{
	html_f(out, "<div class=\"field\"><label for=\"f-%s\">%s</label>", name, label);
	field_error(out, form->issues, name);
	html_f(out, "<select id=\"f-%s\" name=\"%s\" multiple size=\"5\"", name, name);
	field_state(out, form->issues, name, NULL);
	html_raw(out, ">");
	for (size_t i = 0; i < form->place_count; i++)
		if (form->places[i].is_person == people)
			html_f(out, "<option value=\"%" PRId64 "\"%s>%s%s%s%s</option>", form->places[i].id,
			       form->places[i].is_chosen ? " selected" : "", form->places[i].name, people ? "" : " (",
			       people ? "" : form->places[i].kind, people ? "" : ")");
	html_raw(out, "</select></div>");
}

static void what(struct str *out, const struct event_form *form)
{
	html_raw(out, "<fieldset><legend>What</legend><div class=\"fields\">");
	field(out, form, "title", "Title", "maxlength=\"255\"", form->title, NULL);
	field(out, form, "content_id", "Content no.", "inputmode=\"numeric\" required", form->content_id, NULL);
	field(out, form, "version_no", "Version", "inputmode=\"numeric\"", form->version_no, "Empty: the latest when the moment comes");
	field(out, form, "schedule_type", "Type", "maxlength=\"32\"", form->schedule_type, "Empty: as the content has it");
	html_raw(out, "</div></fieldset>\n");
}

static void when(struct str *out, const struct event_form *form)
{
	html_raw(out, "<fieldset><legend>When</legend><div class=\"fields\">");
	field(out, form, "start", "Start", "type=\"datetime-local\" required", form->start, NULL);
	field(out, form, "timezone", "Time zone", "maxlength=\"64\" autocomplete=\"off\" spellcheck=\"false\"", form->timezone,
	      "As Europe/Stockholm; empty: the time is yours, and stays that moment");
	field(out, form, "minutes", "Lasts, in minutes", "inputmode=\"numeric\"", form->minutes, "0 or empty: a moment");
	if (!form->event_id)
		field(out, form, "recurrence", "Repeats", "maxlength=\"512\" autocomplete=\"off\" spellcheck=\"false\"", form->recurrence,
		      "Empty: once. A rule as FREQ=WEEKLY;BYDAY=MO,WE;COUNT=12; the help on recurrence has more");
	html_raw(out, "</div></fieldset>\n");
}

static void rest(struct str *out, const struct event_form *form)
{
	html_raw(out, "<fieldset><legend>With</legend><div class=\"fields\">");
	places(out, form, false, "resources", "Resources");
	places(out, form, true, "assignees", "People");
	if (form->has_more_places)
		field(out, form, "places_other", "Others, not in the lists", "autocomplete=\"off\"", form->places_other,
		      "Numbers or whole names, separated by commas");
	html_raw(out, "</div><p class=\"hint\">Hold Ctrl or ⌘ to choose several.</p></fieldset>\n"
		      "<fieldset><legend>More</legend><div class=\"fields\">");
	field(out, form, "priority", "Priority", "inputmode=\"numeric\"", form->priority, "-1000 to 1000; higher goes first");
	html_raw(out, "<div class=\"field\"><label for=\"f-status\">Status</label><select id=\"f-status\" name=\"status\">");
	html_option(out, "scheduled", "scheduled", form->status);
	html_option(out, "draft", "draft", form->status);
	if (form->event_id) {
		html_option(out, "cancelled", "cancelled", form->status);
		html_option(out, "archived", "archived", form->status);
	}
	html_raw(out, "</select></div>");
	field(out, form, "attributes", "Attributes", "autocomplete=\"off\" spellcheck=\"false\"", form->attributes,
	      "The site's own fields, as JSON: {\"tags\": [\"night\"]}");
	html_raw(out, "</div></fieldset>\n");
}

static void terms(struct str *out, const struct event_form *form)
{
	html_raw(out, "<fieldset><legend>When its moment comes</legend><div class=\"fields\">");
	field(out, form, "conditions", "Only if", "autocomplete=\"off\" spellcheck=\"false\"", form->conditions,
	      "A condition as JsonLogic: {\">\": [{\"var\": \"attributes.stock\"}, 0]}; the help on conditions has more");
	field(out, form, "grace", "May be late, in minutes", "inputmode=\"numeric\"", form->grace,
	      "So long it waits for its condition, or for somebody to come by");
	html_raw(out, "<div class=\"field\"><label for=\"f-misfire\">If its moment passed unseen</label>"
		      "<select id=\"f-misfire\" name=\"misfire\">");
	html_option(out, "run_late", "it happens late, within that time", form->misfire);
	html_option(out, "skip", "it is missed", form->misfire);
	html_option(out, "run_all", "it happens, however late", form->misfire);
	html_raw(out, "</select></div></div></fieldset>\n");
}

/* Only what can work is offered; whether it does is known when it is done. */
static void conflict_choice(struct str *out, const struct event_form *form)
{
	static const struct {
		enum on_conflict way;
		const char *label;
	} ways[] = {
		{ ON_CONFLICT_KEEP_BOTH, "Keep both" },
		{ ON_CONFLICT_SHIFT, "Take the next free time" },
		{ ON_CONFLICT_REPLACE, "Replace the other one" },
	};
	if (!form->has_conflict)
		return;
	html_raw(out, "<fieldset><legend>Something is in the way</legend><label for=\"f-on_conflict\">What to do</label> "
		      "<select id=\"f-on_conflict\" name=\"on_conflict\">");
	html_option(out, "fail", "Do not save", form->on_conflict);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (form->ways & ON_CONFLICT_BIT(ways[i].way))
			html_option(out, on_conflict_name(ways[i].way), ways[i].label, form->on_conflict);
	html_raw(out, "</select>");
	if (!(form->ways & ON_CONFLICT_BIT(ON_CONFLICT_KEEP_BOTH)))
		html_raw(out, "<p class=\"hint\">Both can't be kept: what stands in the way is hard.</p>");
	html_raw(out, "</fieldset>\n");
}

void page_event_form(struct str *out, const struct event_form *form)
{
	const char *base = form->frame->base;
	frame_begin(out, form->frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/events\">Events</a>", base);
	if (form->event_id)
		html_f(out, " › <a href=\"%s/events/%" PRId64 "\">Event %" PRId64 "</a>", base, form->event_id, form->event_id);
	html_f(out, "</p><h1>%s</h1>\n", form->event_id ? "Change this event" : "New event");
	error_summary(out, form->issues);
	meanwhile_panel(out, form->frame, form->meanwhile);
	if (form->is_series)
		html_raw(out, "<div class=\"notice\"><p>This event repeats. What you change here changes all of its occurrences.</p></div>\n");
	if (form->event_id)
		html_f(out, "<form method=\"post\" action=\"%s/events/%" PRId64 "/edit\">", base, form->event_id);
	else
		html_f(out, "<form method=\"post\" action=\"%s/new-event\">", base);
	html_csrf(out, form->frame);
	html_form_key(out, form->frame);
	html_row_version(out, form->row_version);
	conflict_choice(out, form);
	what(out, form);
	when(out, form);
	rest(out, form);
	terms(out, form);
	html_f(out, "<div class=\"steps\"><button>%s</button>", form->event_id ? "Save" : "Schedule");
	if (form->event_id)
		html_f(out, "<a class=\"button quiet\" href=\"%s/events/%" PRId64 "\">Cancel</a>", base, form->event_id);
	html_raw(out, "</div></form>\n");
	frame_end(out, form->frame);
}
