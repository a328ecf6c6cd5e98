/* People: the list, the form, and what is asked before somebody is shut out. */
#include "views/page_users.h"

#include <string.h>

/* --- pieces ---------------------------------------------------------------------- */

static void state_pills(struct str *out, const struct person_view *person)
{
	if (person->is_active) {
		html_raw(out, "<span class=\"pill good\">");
		html_icon(out, ICON_CHECK);
		html_raw(out, "active</span>");
	} else {
		html_raw(out, "<span class=\"pill\">");
		html_icon(out, ICON_STOP);
		html_raw(out, "deactivated</span>");
	}
	if (person->is_active && person->password_due)
		html_raw(out, " <span class=\"pill warn\">password to be chosen</span>");
}

static void comma_list(struct str *out, const char *list)
{
	for (const char *at = list; *at;) {
		char name[256];
		size_t len = strcspn(at, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		html_text(out, name);
		at += len + (at[len] == ',');
		if (*at)
			html_raw(out, ", ");
	}
}

static void note(struct str *out, const char *text)
{
	if (text)
		html_f(out, "<div class=\"notice\" role=\"status\"><p>%s</p></div>\n", text);
}

/* --- the list -------------------------------------------------------------------- */

static void row(struct str *out, const struct frame *frame, const struct person_view *person)
{
	html_f(out, "<tr><td><a href=\"%s/users/%" PRId64 "\">%s</a><br><small>signs in as %s</small></td><td data-label=\"Roles\">",
	       frame->base, person->id, person->display_name, person->name);
	if (person->roles[0])
		comma_list(out, person->roles);
	else
		html_raw(out, "none");
	html_raw(out, "</td><td>");
	state_pills(out, person);
	html_f(out, "</td><td data-label=\"Second factor\">%s</td><td data-label=\"Signed in\">", person->has_second_factor ? "yes" : "no");
	if (person->sessions)
		html_count(out, person->sessions, "browser", "browsers");
	else
		html_raw(out, "nowhere");
	html_raw(out, "</td><td data-label=\"Since\">");
	html_time(out, frame->zone, person->created_at);
	html_raw(out, "</td></tr>\n");
}

static void people_table(struct str *out, const struct users_page *page)
{
	html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"title\" tabindex=\"0\"><table class=\"stacks\"><thead><tr>"
		      "<th scope=\"col\">Who</th><th scope=\"col\">Roles</th><th scope=\"col\">State</th><th scope=\"col\">Second factor</th>"
		      "<th scope=\"col\">Signed in</th><th scope=\"col\">Since</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->count; i++)
		row(out, page->frame, &page->people[i]);
	html_raw(out, "</tbody></table></div>\n");
}

void page_users(struct str *out, const struct users_page *page)
{
	const struct frame *frame = page->frame;
	frame_begin(out, frame);
	html_raw(out, "<h1 id=\"title\">People</h1>\n<p class=\"sub\">Who may sign in, and what their roles let them do.</p>\n");
	note(out, page->note);
	html_f(out, "<div class=\"steps\"><a class=\"button\" href=\"%s/users/new\">Add a person</a><a class=\"button quiet\" "
		    "href=\"%s/roles\">Roles</a></div>\n",
	       frame->base, frame->base);
	if (!page->count)
		html_raw(out, "<p class=\"empty\">Nobody comes after that.</p>\n");
	else
		people_table(out, page);
	if (page->after || page->next_after) {
		html_raw(out, "<nav class=\"pager\" aria-label=\"Pages of people\">");
		if (page->after)
			html_f(out, "<a rel=\"first\" href=\"%s/users\">« First page</a>", frame->base);
		if (page->next_after)
			html_f(out, "<a rel=\"next\" href=\"%s/users?after=%" PRId64 "\">Next page »</a>", frame->base, page->next_after);
		html_raw(out, "</nav>\n");
	}
	frame_end(out, frame);
}

/* --- the form -------------------------------------------------------------------- */

static void field(struct str *out, const struct user_form *form, const char *name, const char *label, const char *attributes,
		  const char *value, const char *hint)
{
	char hint_id[40];
	snprintf(hint_id, sizeof(hint_id), "h-%s", name);
	html_f(out, "<div class=\"field\"><label for=\"f-%s\">%s</label>", name, label);
	field_error(out, form->issues, name);
	html_f(out, "<input id=\"f-%s\" name=\"%s\" value=\"%s\" autocomplete=\"off\" spellcheck=\"false\" required ", name, name, value);
	str_adds(out, attributes);
	field_state(out, form->issues, name, hint_id);
	html_f(out, "><p class=\"hint\" id=\"%s\">%s</p></div>", hint_id, hint);
}

static void role_fields(struct str *out, const struct user_form *form)
{
	html_raw(out, "<fieldset id=\"f-roles\"><legend>Roles</legend>");
	field_error(out, form->issues, "roles");
	html_raw(out, "<div>");
	for (size_t i = 0; i < form->role_count; i++)
		html_f(out, "<label class=\"check\"><input type=\"checkbox\" name=\"role\" value=\"%s\"%s> %s</label>", form->roles[i].name,
		       form->roles[i].is_chosen ? " checked" : "", form->roles[i].name);
	html_f(out, "</div><p class=\"hint\">Somebody with several roles may what any of them lets. <a href=\"%s/roles\">What each lets</a></p>"
		    "</fieldset>\n",
	       form->frame->base);
}

static void action_button(struct str *out, const struct user_form *form, const char *action, const char *label)
{
	char path[80];
	snprintf(path, sizeof(path), "/users/%" PRId64 "/%s", form->person->id, action);
	post_button(out, form->frame, &(struct post_button){ path, label, "quiet", NULL, NULL });
}

/* Each with its consequence beside it. */
static void actions(struct str *out, const struct user_form *form)
{
	const struct person_view *person = form->person;
	html_raw(out, "<section class=\"panel\" aria-labelledby=\"access\"><h2 id=\"access\">Access</h2><p>");
	state_pills(out, person);
	html_raw(out, "</p>");
	if (form->is_self) {
		html_f(out, "<p>This is you: your password and second factor are under <a href=\"%s/account\">Your account</a>; only "
			    "somebody else can deactivate you.</p></section>\n",
		       form->frame->base);
		return;
	}
	html_raw(out, "<p>A new password ends all sessions and API tokens of this person. You see it once, and the person chooses another at "
		      "the next sign-in.</p><div class=\"steps\">");
	action_button(out, form, "password", "Give a new password");
	html_raw(out, "</div>");
	if (person->has_second_factor) {
		html_raw(out, "<p>Phone and recovery codes lost? Without the second factor the password alone signs in: give a new password "
			      "too if you are not sure who asks.</p><div class=\"steps\">");
		action_button(out, form, "second-factor", "Turn the second factor off");
		html_raw(out, "</div>");
	}
	str_adds(out, person->is_active ? "<p>Somebody who is deactivated can't sign in; what was scheduled stays.</p><div class=\"steps\">"
					: "<p>Once active, the person signs in again with the same password.</p><div class=\"steps\">");
	if (person->is_active)
		html_f(out, "<a class=\"button danger\" href=\"%s/users/%" PRId64 "/deactivate\">Deactivate…</a>", form->frame->base, person->id);
	else
		action_button(out, form, "activate", "Activate again");
	html_raw(out, "</div></section>\n");
}

void page_user_form(struct str *out, const struct user_form *form)
{
	const struct frame *frame = form->frame;
	const struct person_view *person = form->person;
	frame_begin(out, frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/users\">People</a></p><h1>%s</h1>\n", frame->base,
	       person ? person->display_name : "Add a person");
	error_summary(out, form->issues);
	meanwhile_panel(out, frame, form->meanwhile);
	note(out, form->note);
	if (person)
		html_f(out, "<form method=\"post\" action=\"%s/users/%" PRId64 "\" class=\"stack\">", frame->base, person->id);
	else
		html_f(out, "<form method=\"post\" action=\"%s/users/new\" class=\"stack\">", frame->base);
	html_csrf(out, frame);
	html_row_version(out, form->row_version);
	html_raw(out, "<div class=\"panel\"><div class=\"fields\">");
	if (!person)
		field(out, form, "name", "User name", "maxlength=\"100\" autocapitalize=\"none\"", form->name, "To sign in with; it stays as it is");
	field(out, form, "display_name", "Name", "maxlength=\"150\"", form->display_name, "What others see");
	field(out, form, "timezone", "Time zone", "maxlength=\"64\"", form->timezone, "As Europe/Stockholm; the person can change it");
	html_raw(out, "</div></div>\n");
	role_fields(out, form);
	html_f(out, "<div class=\"steps\"><button>%s</button><a class=\"button quiet\" href=\"%s/users\">Cancel</a></div></form>\n",
	       person ? "Save" : "Add the person", frame->base);
	if (person)
		actions(out, form);
	frame_end(out, frame);
}

void page_given_password(struct str *out, const struct frame *frame, int64_t id, const char *name, const char *password)
{
	frame_begin(out, frame);
	html_f(out,
	       "<p class=\"crumbs\"><a href=\"%s/users\">People</a></p><h1>A password for %s</h1>\n"
	       "<div class=\"notice\" role=\"status\"><p>Copy it now and hand it over in person: it is not shown again.</p></div>\n"
	       "<div class=\"panel\"><label for=\"f-password\">Password</label><input id=\"f-password\" class=\"secret\" value=\"%s\" readonly "
	       "size=\"24\"><p class=\"hint\">At the next sign-in another one must be chosen.</p></div>\n"
	       "<div class=\"steps\"><a class=\"button\" href=\"%s/users/%" PRId64 "\">I have it</a></div>\n",
	       frame->base, name, password, frame->base, id);
	frame_end(out, frame);
}

void page_user_off(struct str *out, const struct frame *frame, const struct person_view *person, size_t batches)
{
	char path[64];
	snprintf(path, sizeof(path), "/users/%" PRId64 "/deactivate", person->id);
	frame_begin(out, frame);
	html_f(out,
	       "<p class=\"crumbs\"><a href=\"%s/users\">People</a></p><h1>Deactivate %s?</h1>\n<div class=\"panel\">"
	       "<p>All sessions and API tokens end at once. ",
	       frame->base, person->display_name);
	if (batches) {
		html_count(out, (int64_t)batches, "unfinished batch is", "unfinished batches are");
		html_raw(out, " paused: resume when the person is active again, or cancel or undo. ");
	}
	html_raw(out, "What was scheduled stays and happens. You can activate the person again; the tokens don't come back.</p>"
		      "<div class=\"steps\">");
	post_button(out, frame, &(struct post_button){ path, "Yes, deactivate", "danger", NULL, NULL });
	html_f(out, "<a class=\"button quiet\" href=\"%s/users/%" PRId64 "\">No</a></div></div>\n", frame->base, person->id);
	frame_end(out, frame);
}
