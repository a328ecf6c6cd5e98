/* Roles: what they let, and the form of one's own. */
#include "views/page_users.h"

#include <string.h>

#include "views/permission_words.h"

static void grant_words(struct str *out, const struct grant *grant)
{
	html_f(out, "<li>%s", permission_words(grant->permission));
	if (grant->own_only)
		html_raw(out, ", only what they made");
	if (grant->schedule_types)
		html_f(out, ", only of type %s", grant->schedule_types);
	html_raw(out, "</li>");
}

static void role_row(struct str *out, const struct frame *frame, const struct role_view *role)
{
	size_t shown = 0;
	html_raw(out, "<tr><td>");
	if (role->is_standard)
		html_f(out, "%s<br><small>comes with Tranche</small>", role->name);
	else
		html_f(out, "<a href=\"%s/roles/%" PRId64 "\">%s</a>", frame->base, role->id, role->name);
	html_raw(out, "</td><td class=\"wide\"><ul class=\"plain\">");
	for (int i = PERMIT_NONE + 1; i < PERMIT_COUNT; i++)
		if (role->grants[i].permission != PERMIT_NONE && ++shown)
			grant_words(out, &role->grants[i]);
	str_adds(out, shown ? "</ul></td><td data-label=\"People\">" : "<li>nothing</li></ul></td><td data-label=\"People\">");
	html_f(out, "%" PRId64 "</td></tr>\n", role->people);
}

void page_roles(struct str *out, const struct roles_page *page)
{
	const struct frame *frame = page->frame;
	frame_begin(out, frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/users\">People</a></p><h1 id=\"title\">Roles</h1>\n<p class=\"sub\">Who has no role may "
		    "nothing but look at their own account.</p>\n",
	       frame->base);
	if (page->note)
		html_f(out, "<div class=\"notice\" role=\"status\"><p>%s</p></div>\n", page->note);
	html_f(out, "<div class=\"steps\"><a class=\"button\" href=\"%s/roles/new\">New role</a></div>\n", frame->base);
	html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"title\" tabindex=\"0\"><table class=\"stacks\"><thead><tr>"
		      "<th scope=\"col\">Role</th><th scope=\"col\">Lets people</th><th scope=\"col\">People</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->count; i++)
		role_row(out, frame, &page->roles[i]);
	html_raw(out, "</tbody></table></div>\n");
	frame_end(out, frame);
}

/* --- the form -------------------------------------------------------------------- */

static void option(struct str *out, const char *value, const char *label, bool is_chosen)
{
	html_f(out, "<option value=\"%s\"%s>%s</option>", value, is_chosen ? " selected" : "", label);
}

/* How much of a permission, and of which types: errors stand at these names. */
static void grant_fields(struct str *out, const struct role_form *form, enum permission permission)
{
	const struct grant *grant = &form->role.grants[permission];
	bool is_given = grant->permission != PERMIT_NONE;
	char p[48], t[48];
	snprintf(p, sizeof(p), "p_%s", permission_name(permission));
	snprintf(t, sizeof(t), "t_%s", permission_name(permission));
	html_f(out, "<div class=\"fields\"><div class=\"field\"><label for=\"f-%s\">%s</label>", p, permission_words(permission));
	field_error(out, form->issues, p);
	html_f(out, "<select id=\"f-%s\" name=\"%s\"", p, p);
	field_state(out, form->issues, p, NULL);
	html_raw(out, ">");
	option(out, "no", "no", !is_given);
	if (permission_has_owner(permission))
		option(out, "own", "only what they made themselves", is_given && grant->own_only);
	option(out, "all", "yes", is_given && !grant->own_only);
	html_raw(out, "</select></div>");
	if (permission_has_types(permission)) {
		html_f(out, "<div class=\"field\"><label for=\"f-%s\"><span class=\"vh\">%s: </span>only of these types</label>", t,
		       permission_words(permission));
		field_error(out, form->issues, t);
		html_f(out, "<input id=\"f-%s\" name=\"%s\" value=\"%s\" maxlength=\"255\" autocomplete=\"off\" spellcheck=\"false\"", t, t,
		       grant->schedule_types ? grant->schedule_types : "");
		field_state(out, form->issues, t, "h-types");
		html_raw(out, "></div>");
	}
	html_raw(out, "</div>\n");
}

void page_role_form(struct str *out, const struct role_form *form)
{
	const struct frame *frame = form->frame;
	const struct role_view *role = &form->role;
	char path[48], now[24];
	snprintf(path, sizeof(path), "/roles/%" PRId64, role->id);
	snprintf(now, sizeof(now), "%" PRId64, form->row_version);
	frame_begin(out, frame);
	html_f(out, "<p class=\"crumbs\"><a href=\"%s/users\">People</a> · <a href=\"%s/roles\">Roles</a></p><h1>%s</h1>\n", frame->base,
	       frame->base, role->id ? "Change a role" : "New role");
	error_summary(out, form->issues);
	meanwhile_panel(out, frame, form->meanwhile);
	html_f(out, "<form method=\"post\" action=\"%s%s\" class=\"stack\">", frame->base, role->id ? path : "/roles/new");
	html_csrf(out, frame);
	html_row_version(out, form->row_version);
	html_raw(out, "<div class=\"panel\"><div class=\"field\"><label for=\"f-name\">Name</label>");
	field_error(out, form->issues, "name");
	html_f(out, "<input id=\"f-name\" name=\"name\" value=\"%s\" maxlength=\"50\" autocomplete=\"off\" required", role->name);
	field_state(out, form->issues, "name", NULL);
	html_raw(out, "></div></div>\n<fieldset><legend>What it lets people do</legend><p class=\"hint\" id=\"h-types\">Types of events, such as "
		      "training, booking. Empty: all types.</p>\n");
	for (int i = PERMIT_NONE + 1; i < PERMIT_COUNT; i++)
		grant_fields(out, form, (enum permission)i);
	html_f(out, "</fieldset>\n<div class=\"steps\"><button>Save</button><a class=\"button quiet\" href=\"%s/roles\">Cancel</a></div></form>\n",
	       frame->base);
	if (role->id && !role->people) {
		char gone[64];
		snprintf(gone, sizeof(gone), "%s/delete", path);
		html_raw(out, "<section class=\"panel\" aria-labelledby=\"gone\"><h2 id=\"gone\">Delete it</h2><p>Nobody has this role. This can't "
			      "be undone.</p><div class=\"steps\">");
		post_button(out, frame, &(struct post_button){ gone, "Delete the role", "danger", "now", now });
		html_raw(out, "</div></section>\n");
	} else if (role->id) {
		html_raw(out, "<p class=\"hint\">");
		html_count(out, role->people, "person has", "people have");
		html_raw(out, " this role: a change counts for them from the next request on.</p>\n");
	}
	frame_end(out, frame);
}
