/* Restrictions: when and for what somebody may not be scheduled. */
#include "views/page_restrictions.h"

/* --- pieces -------------------------------------------------------------------- */

static void level_pill(struct str *out, bool is_hard)
{
	if (is_hard) {
		html_raw(out, "<span class=\"pill bad\">");
		html_icon(out, ICON_STOP);
		html_raw(out, "blocks</span>");
	} else {
		html_raw(out, "<span class=\"pill warn\">");
		html_icon(out, ICON_WARN);
		html_raw(out, "warns</span>");
	}
}

/* "a,b" with blanks after the commas, so that lines can break. */
static void names(struct str *out, const char *list)
{
	for (const char *at = list; *at;) {
		size_t len = strcspn(at, ",");
		char name[256];
		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		html_text(out, name);
		at += len + (at[len] == ',');
		if (*at)
			html_raw(out, ", ");
	}
}

static void what(struct str *out, const struct restriction *rule)
{
	bool has_types = rule->schedule_types && *rule->schedule_types, has_tags = rule->tags && *rule->tags;
	if (!has_types && !has_tags)
		html_raw(out, "Everything");
	if (has_types)
		names(out, rule->schedule_types);
	if (has_types && has_tags)
		html_raw(out, "; ");
	if (has_tags) {
		html_raw(out, "tagged ");
		names(out, rule->tags);
	}
}

static void options(struct str *out, const struct resource_choice *list, size_t count, const char *chosen)
{
	for (size_t i = 0; i < count; i++) {
		char id[24];
		snprintf(id, sizeof(id), "%" PRId64, list[i].id);
		html_f(out, "<option value=\"%s\"%s>%s (%s)</option>", id, strcmp(id, chosen) == 0 ? " selected" : "", list[i].name,
		       list[i].kind);
	}
}

/* --- the list -------------------------------------------------------------------- */

static void filter_form(struct str *out, const struct restrictions_page *page)
{
	html_f(out, "<form class=\"filter\" method=\"get\" action=\"%s/restrictions\">", page->frame->base);
	if (page->has_more) {
		filter_field(out, page->issues, "resource_id", "Of no.", "inputmode=\"numeric\" size=\"6\"", page->resource_id);
	} else {
		html_raw(out, "<label>Of <select id=\"f-resource_id\" name=\"resource_id\"><option value=\"\">Anybody</option>");
		options(out, page->resources, page->resource_count, page->resource_id);
		html_raw(out, "</select></label>");
	}
	filter_field(out, page->issues, "from", "From", "type=\"date\"", page->from);
	filter_field(out, page->issues, "to", "Before", "type=\"date\"", page->to);
	html_f(out, "<button class=\"quiet\">Filter</button><a class=\"clear\" href=\"%s/restrictions\">Clear</a></form>\n",
	       page->frame->base);
}

static void row(struct str *out, const struct frame *frame, const struct restriction_view *view)
{
	html_raw(out, "<tr><td>");
	if (view->may_change)
		html_f(out, "<a href=\"%s/restrictions/%" PRId64 "\">%s</a>", frame->base, view->rule.id,
		       view->resource_name ? view->resource_name : "Somebody who is gone");
	else
		html_text(out, view->resource_name ? view->resource_name : "Somebody who is gone");
	html_raw(out, "</td><td data-label=\"From\">");
	html_time(out, frame->zone, view->rule.from_utc);
	html_raw(out, "</td><td data-label=\"To\">");
	html_time(out, frame->zone, view->rule.to_utc);
	html_raw(out, "</td><td>");
	level_pill(out, view->rule.is_hard);
	html_raw(out, "</td><td data-label=\"Forbids\">");
	what(out, &view->rule);
	html_f(out, "</td><td class=\"wide\">%s", view->reason);
	if (view->alternatives[0])
		html_f(out, "<br><small>Instead: %s</small>", view->alternatives);
	html_raw(out, "</td></tr>\n");
}

static void table(struct str *out, const struct restrictions_page *page)
{
	if (!page->row_count) {
		if (page->filter_query[0] || page->after)
			html_f(out, "<p class=\"empty\">Nothing matches this filter. <a href=\"%s/restrictions\">Clear the filter</a></p>\n",
			       page->frame->base);
		else
			html_raw(out, "<p class=\"empty\">There are no restrictions: everybody may be scheduled at any time.</p>\n");
		return;
	}
	html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"title\" tabindex=\"0\"><table class=\"stacks\">"
		      "<thead><tr><th scope=\"col\">Who or what</th><th scope=\"col\">From</th><th scope=\"col\">To</th>"
		      "<th scope=\"col\">Level</th><th scope=\"col\">Forbids</th><th scope=\"col\">Reason</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->row_count; i++)
		row(out, page->frame, &page->rows[i]);
	html_raw(out, "</tbody></table></div>\n");
}

static void pager(struct str *out, const struct restrictions_page *page)
{
	if (!page->after && !page->next_after)
		return;
	html_raw(out, "<nav class=\"pager\" aria-label=\"Pages of restrictions\">");
	if (page->after)
		html_f(out, "<a rel=\"first\" href=\"%s/restrictions?%s\">« First page</a>", page->frame->base, page->filter_query);
	if (page->next_after)
		html_f(out, "<a rel=\"next\" href=\"%s/restrictions?%s%safter=%" PRId64 "\">Next page »</a>", page->frame->base,
		       page->filter_query, page->filter_query[0] ? "&" : "", page->next_after);
	html_raw(out, "</nav>\n");
}

void page_restrictions(struct str *out, const struct restrictions_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<h1 id=\"title\">Restrictions</h1>\n<p class=\"sub\">When somebody, or a place, may not be scheduled, and "
		      "for what. Every event is checked against them.</p>\n");
	error_summary(out, page->issues);
	if (page->note)
		html_f(out, "<div class=\"notice\" role=\"status\"><p>%s</p></div>\n", page->note);
	if (page->may_add)
		html_f(out, "<div class=\"steps\"><a class=\"button\" href=\"%s/restrictions/new\">Add a restriction</a></div>\n",
		       page->frame->base);
	filter_form(out, page);
	table(out, page);
	pager(out, page);
	frame_end(out, page->frame);
}

/* --- the form -------------------------------------------------------------------- */

static void text_field(struct str *out, const struct restriction_form *form, const char *name, const char *label, const char *value,
		       const char *hint)
{
	char hint_id[40];
	snprintf(hint_id, sizeof(hint_id), "h-%s", name);
	html_f(out, "<label for=\"f-%s\">%s</label>", name, label);
	field_error(out, form->issues, name);
	html_f(out, "<input id=\"f-%s\" name=\"%s\" value=\"%s\" autocomplete=\"off\" size=\"40\"", name, name, value);
	field_state(out, form->issues, name, hint_id);
	html_f(out, "><p class=\"hint\" id=\"%s\">%s</p>", hint_id, hint);
}

static void who_fields(struct str *out, const struct restriction_form *form)
{
	html_raw(out, "<label for=\"f-resource_id\">Who or what</label>");
	field_error(out, form->issues, "resource_id");
	html_f(out, "<select id=\"f-resource_id\" name=\"resource_id\"%s", form->has_more ? "" : " required");
	field_state(out, form->issues, "resource_id", NULL);
	html_raw(out, "><option value=\"\">Choose…</option>");
	options(out, form->resources, form->resource_count, form->resource_id);
	html_raw(out, "</select>");
	if (form->has_more)
		text_field(out, form, "resource_other", "Not in the list?", form->resource_other, "Its number, or its whole name.");
}

static void time_field(struct str *out, const struct restriction_form *form, const char *name, const char *label, const char *value)
{
	html_f(out, "<div><label for=\"f-%s\">%s</label>", name, label);
	field_error(out, form->issues, name);
	html_f(out, "<input type=\"datetime-local\" id=\"f-%s\" name=\"%s\" value=\"%s\" required", name, name, value);
	field_state(out, form->issues, name, "zone-hint");
	html_raw(out, "></div>");
}

static void level_fields(struct str *out, const struct restriction_form *form)
{
	html_f(out,
	       "<fieldset id=\"f-level\"><legend>What it does</legend>"
	       "<label class=\"check\"><input type=\"radio\" name=\"level\" value=\"hard\"%s> It blocks: nothing may be scheduled against it</label>"
	       "<label class=\"check\"><input type=\"radio\" name=\"level\" value=\"advisory\"%s> It warns: whoever schedules is told</label></fieldset>",
	       form->is_hard ? " checked" : "", form->is_hard ? "" : " checked");
}

static void reason_field(struct str *out, const struct restriction_form *form)
{
	html_raw(out, "<label for=\"f-reason\">Reason</label>");
	field_error(out, form->issues, "reason");
	html_raw(out, "<textarea id=\"f-reason\" name=\"reason\" rows=\"2\" maxlength=\"500\" required");
	field_state(out, form->issues, "reason", "h-reason");
	html_f(out, ">\n%s</textarea><p class=\"hint\" id=\"h-reason\">Everybody who schedules can read it.</p>", form->reason);
}

static void alternative_fields(struct str *out, const struct restriction_form *form)
{
	html_raw(out, "<label for=\"f-alternatives\">Who or what could do it instead (optional)</label>");
	field_error(out, form->issues, "alternatives");
	html_raw(out, "<select id=\"f-alternatives\" name=\"alternatives\" multiple size=\"6\"");
	field_state(out, form->issues, "alternatives", "h-alternatives");
	html_raw(out, ">");
	for (size_t i = 0; i < form->resource_count; i++)
		html_f(out, "<option value=\"%" PRId64 "\"%s>%s (%s)</option>", form->resources[i].id,
		       form->resources[i].is_alternative ? " selected" : "", form->resources[i].name, form->resources[i].kind);
	html_raw(out, "</select><p class=\"hint\" id=\"h-alternatives\">Up to ten; hold Ctrl or ⌘ to choose several. They are named, "
		      "free ones first, when an event is refused.</p>");
	if (form->has_more)
		text_field(out, form, "alternatives_other", "Others who are not in the list (optional)", form->alternatives_other,
			   "Numbers or whole names, separated by commas.");
}

void page_restriction_form(struct str *out, const struct restriction_form *form)
{
	const struct frame *frame = form->frame;
	frame_begin(out, frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/restrictions\">Restrictions</a></p><h1>%s</h1>\n", frame->base, frame->title);
	error_summary(out, form->issues);
	meanwhile_panel(out, frame, form->meanwhile);
	if (form->id)
		html_f(out, "<form class=\"stack panel\" method=\"post\" action=\"%s/restrictions/%" PRId64 "\">", frame->base, form->id);
	else
		html_f(out, "<form class=\"stack panel\" method=\"post\" action=\"%s/restrictions/new\">", frame->base);
	html_csrf(out, frame);
	html_row_version(out, form->row_version);
	who_fields(out, form);
	html_raw(out, "<div class=\"fields\">");
	time_field(out, form, "from", "From", form->from);
	time_field(out, form, "to", "To", form->to);
	html_f(out, "</div><p class=\"hint\" id=\"zone-hint\">Times are in %s.</p>", frame->zone && frame->zone_name ? frame->zone_name : "UTC");
	level_fields(out, form);
	text_field(out, form, "schedule_types", "Forbidden types (optional)", form->schedule_types,
		   "Separated by commas: training, publish. Without types and tags everything is forbidden.");
	text_field(out, form, "tags", "Forbidden tags (optional)", form->tags,
		   "Separated by commas; an event has its tags in its attributes.");
	reason_field(out, form);
	alternative_fields(out, form);
	html_f(out, "<div class=\"steps\"><button>%s</button><a class=\"button quiet\" href=\"%s/restrictions\">Cancel</a>",
	       form->id ? "Save" : "Add", frame->base);
	if (form->id)
		html_f(out, "<a class=\"button quiet\" href=\"%s/restrictions/%" PRId64 "/delete\">Delete…</a>", frame->base, form->id);
	html_raw(out, "</div></form>\n");
	frame_end(out, frame);
}

void page_restriction_delete(struct str *out, const struct frame *frame, const struct restriction_view *view, bool has_changed)
{
	char path[64], now[24];
	snprintf(now, sizeof(now), "%" PRId64, view->row_version);
	snprintf(path, sizeof(path), "/restrictions/%" PRId64 "/delete", view->rule.id);
	frame_begin(out, frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/restrictions\">Restrictions</a></p><h1>Delete this restriction?</h1>\n", frame->base);
	if (has_changed)
		html_raw(out, "<div class=\"notice\" role=\"alert\"><p>Somebody has changed it while you were asked; this is what it says now.</p></div>\n");
	html_f(out, "<div class=\"panel\"><p><b>%s</b>, from ",
	       view->resource_name ? view->resource_name : "Somebody who is gone");
	html_time(out, frame->zone, view->rule.from_utc);
	html_raw(out, " to ");
	html_time(out, frame->zone, view->rule.to_utc);
	html_f(out, ": %s</p><p>From then on nothing is checked against it. This can't be undone.</p><div class=\"steps\">", view->reason);
	post_button(out, frame, &(struct post_button){ path, "Yes, delete it", "danger", "now", now });
	html_f(out, "<a class=\"button quiet\" href=\"%s/restrictions\">No, keep it</a></div></div>\n", frame->base);
	frame_end(out, frame);
}
