#include "views/layout.h"

static void nav_entry(struct str *out, const struct frame *frame, enum nav entry, const char *path, const char *label)
{
	if (!(frame->nav_shown & (1u << entry)))
		return;
	html_f(out, "<li><a href=\"%s%s\"", frame->base, path);
	if (frame->current == entry)
		html_raw(out, " aria-current=\"page\"");
	html_f(out, ">%s</a></li>", label);
}

/* What only those need who keep the site folds away: a menu that needs no
 * script, so that the bar stays one line on a phone. */
static void site_menu(struct str *out, const struct frame *frame)
{
	const unsigned entries = 1u << NAV_RESTRICTIONS | 1u << NAV_WORKERS | 1u << NAV_ERRORS | 1u << NAV_WEBHOOKS | 1u << NAV_PEOPLE | 1u << NAV_AUDIT |
				 1u << NAV_SYSTEM;
	bool is_inside = frame->current < NAV_COUNT && (entries & 1u << frame->current);
	if (!(frame->nav_shown & entries))
		return;
	html_f(out, "<li><details class=\"menu\"><summary class=\"%s\">Site</summary><ul>", is_inside ? "here" : "");
	nav_entry(out, frame, NAV_RESTRICTIONS, "/restrictions", "Restrictions");
	nav_entry(out, frame, NAV_ERRORS, "/errors", "Errors");
	nav_entry(out, frame, NAV_WORKERS, "/workers", "Workers");
	nav_entry(out, frame, NAV_WEBHOOKS, "/webhooks", "Webhooks");
	nav_entry(out, frame, NAV_PEOPLE, "/users", "People");
	nav_entry(out, frame, NAV_AUDIT, "/audit", "Audit log");
	nav_entry(out, frame, NAV_SYSTEM, "/system", "System");
	html_raw(out, "</ul></details></li>");
}

static void navigation(struct str *out, const struct frame *frame)
{
	html_raw(out, "<nav aria-label=\"Main\"><ul>");
	nav_entry(out, frame, NAV_DASHBOARD, "/", "Dashboard");
	nav_entry(out, frame, NAV_EVENTS, "/events", "Events");
	nav_entry(out, frame, NAV_CALENDAR, "/calendar", "Calendar");
	nav_entry(out, frame, NAV_NEW, "/bulk/new", "New batch");
	nav_entry(out, frame, NAV_JOBS, "/jobs", "Batches");
	site_menu(out, frame);
	nav_entry(out, frame, NAV_HELP, "/help", "Help");
	html_raw(out, "</ul></nav>");
}

const char *look_name(enum look look)
{
	static const char *const names[LOOK_COUNT] = { "device", "light", "dark" };
	return names[look];
}

static void head(struct str *out, const struct frame *frame)
{
	html_raw(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
	html_f(out, "<meta name=\"color-scheme\" content=\"%s\">\n",
	       frame->look == LOOK_DEVICE ? "light dark" : look_name(frame->look));
	html_f(out, "<title>%s%s · Tranche</title>\n", frame->has_error ? "Error: " : "", frame->title);
	if (frame->refresh_path)
		html_f(out, "<noscript><meta http-equiv=\"refresh\" content=\"0;url=%s%s\"></noscript>\n", frame->base,
		       frame->refresh_path);
	html_f(out,
	       "<link rel=\"icon\" href=\"%s/assets/icon.svg\" type=\"image/svg+xml\">\n"
	       "<link rel=\"stylesheet\" href=\"%s/assets/style.css\">\n",
	       frame->base, frame->base);
	if (frame->look != LOOK_DEVICE)
		html_f(out, "<link rel=\"stylesheet\" href=\"%s/assets/%s.css\">\n", frame->base, look_name(frame->look));
	html_f(out, "<script type=\"module\" src=\"%s/assets/app.js\"></script>\n", frame->base);
	if (frame->script)
		html_f(out, "<script type=\"module\" src=\"%s/assets/%s\"></script>\n", frame->base, frame->script);
	html_raw(out, "</head>\n");
}

void frame_begin(struct str *out, const struct frame *frame)
{
	head(out, frame);
	html_f(out, "<body data-base=\"%s\"", frame->base);
	if (frame->user_name)
		html_f(out, " data-csrf=\"%s\"", frame->csrf);
	html_f(out,
	       ">\n<a class=\"skip\" href=\"#main\">Skip to content</a>\n"
	       "<header class=\"bar\"><div class=\"wrap\">"
	       "<a class=\"brand\" href=\"%s/\"><svg viewBox=\"0 0 24 24\" width=\"24\" height=\"24\" aria-hidden=\"true\" focusable=\"false\">"
	       "<path d=\"M3 5h18v4H3zM3 10.5h13v3.5H3zM3 15.5h8v3.5H3z\"/></svg>Tranche</a>",
	       frame->base);
	navigation(out, frame);
	if (frame->user_name) {
		html_f(out, "<form class=\"who\" method=\"post\" action=\"%s/logout\">", frame->base);
		html_csrf(out, frame);
		html_f(out, "<a href=\"%s/account\"", frame->base);
		if (frame->current == NAV_ACCOUNT)
			html_raw(out, " aria-current=\"page\"");
		html_f(out, " title=\"Your account\">%s</a><button class=\"link\">Sign out</button></form>", frame->user_name);
	}
	html_raw(out, "</div></header>\n<main id=\"main\" class=\"wrap\" tabindex=\"-1\">\n");
}

/* A form, so that it needs no script.  Not under the answer to another form:
 * what was typed there would be lost. */
static void look_switch(struct str *out, const struct frame *frame)
{
	static const char *const labels[LOOK_COUNT] = { "As the device", "Light", "Dark" };
	if (!frame->here || !frame->csrf || !frame->csrf[0])
		return;
	html_f(out, "<form class=\"look\" method=\"post\" action=\"%s/look\" aria-label=\"Colours\">", frame->base);
	html_csrf(out, frame);
	html_f(out, "<input type=\"hidden\" name=\"next\" value=\"%s\">", frame->here);
	for (int look = 0; look < LOOK_COUNT; look++)
		html_f(out, "<button class=\"link\" name=\"look\" value=\"%s\" aria-pressed=\"%s\">%s</button>",
		       look_name((enum look)look), frame->look == (enum look)look ? "true" : "false", labels[look]);
	html_raw(out, "</form>");
}

void frame_end(struct str *out, const struct frame *frame)
{
	html_raw(out, "</main>\n<footer><div class=\"wrap\"><p>Tranche");
	if (frame->user_name)
		html_f(out, " · Times are shown in %s", frame->zone_name && frame->zone ? frame->zone_name : "UTC");
	html_f(out, " · <a href=\"%s/help\">Help</a></p>", frame->base);
	look_switch(out, frame);
	html_raw(out, "</div></footer>\n</body>\n</html>\n");
}

void html_csrf(struct str *out, const struct frame *frame)
{
	html_f(out, "<input type=\"hidden\" name=\"csrf\" value=\"%s\">", frame->csrf);
}

void html_form_key(struct str *out, const struct frame *frame)
{
	html_f(out, "<input name=\"form_key\" value=\"%s\" autocomplete=\"off\" hidden>", frame->form_key);
}

/* Is the issue about the field `name`?  "/name" and anything below it. */
static bool is_about(const struct issue *issue, const char *name)
{
	size_t len = strlen(name);
	return issue->pointer[0] == '/' && strncmp(issue->pointer + 1, name, len) == 0 &&
	       (issue->pointer[len + 1] == '\0' || issue->pointer[len + 1] == '/');
}

static const struct issue *issue_of(const struct issues *issues, const char *name)
{
	for (size_t i = 0; issues && i < issues->count; i++)
		if (is_about(&issues->list[i], name))
			return &issues->list[i];
	return NULL;
}

static bool ends_sentence(const char *text)
{
	size_t len = strlen(text);
	return len > 0 && strchr(".!?:", text[len - 1]);
}

void error_summary(struct str *out, const struct issues *issues)
{
	if (!issues || issues->count == 0)
		return;
	html_raw(out, "<div class=\"problem\" role=\"alert\" tabindex=\"-1\" id=\"problem\" autofocus>"
		      "<h2>There is a problem</h2><ul>");
	for (size_t i = 0; i < issues->count; i++) {
		const struct issue *issue = &issues->list[i];
		if (issue->pointer[0] == '/')
			html_f(out, "<li><a href=\"#f-%s\">%s</a>", issue->pointer + 1, issue->message);
		else
			html_f(out, "<li>%s", issue->message);
		if (issue->suggestion[0])
			html_f(out, "%s <span>%s</span>", ends_sentence(issue->message) ? "" : ".", issue->suggestion);
		html_raw(out, "</li>");
	}
	html_raw(out, "</ul></div>\n");
}

bool field_error(struct str *out, const struct issues *issues, const char *name)
{
	const struct issue *issue = issue_of(issues, name);
	if (!issue)
		return false;
	html_f(out, "<span class=\"error\" id=\"e-%s\"><span class=\"vh\">Error: </span>%s</span>", name, issue->message);
	return true;
}

void field_state(struct str *out, const struct issues *issues, const char *name, const char *hint_id)
{
	bool has_error = issue_of(issues, name);
	if (has_error)
		html_raw(out, " aria-invalid=\"true\"");
	if (has_error && hint_id)
		html_f(out, " aria-describedby=\"e-%s %s\"", name, hint_id);
	else if (has_error)
		html_f(out, " aria-describedby=\"e-%s\"", name);
	else if (hint_id)
		html_f(out, " aria-describedby=\"%s\"", hint_id);
}

void filter_field(struct str *out, const struct issues *issues, const char *name, const char *label, const char *attributes,
		const char *value)
{
	/* What is no date can't stand in a date's field; the message tells it. */
	bool is_lost = issue_of(issues, name) && strstr(attributes, "type=\"date\"");
	html_f(out, "<label>%s <input id=\"f-%s\" name=\"%s\" value=\"%s\" ", label, name, name, is_lost ? "" : value);
	str_adds(out, attributes);
	field_state(out, issues, name, NULL);
	html_raw(out, ">");
	field_error(out, issues, name);
	html_raw(out, "</label>");
}

void post_button(struct str *out, const struct frame *frame, const struct post_button *button)
{
	html_f(out, "<form method=\"post\" action=\"%s%s\">", frame->base, button->path);
	html_csrf(out, frame);
	if (button->name)
		html_f(out, "<input type=\"hidden\" name=\"%s\" value=\"%s\">", button->name, button->value);
	html_f(out, "<button class=\"%s\">%s</button></form>", button->css_class, button->label);
}
