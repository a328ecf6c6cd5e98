/* Who did what. */
#include "views/page_watch.h"

/* What actions are called; one that is not here is shown by its own name. */
static const struct {
	const char *action;
	const char *words;
} words[] = {
	{ "job.create", "created a batch" },
	{ "job.start", "started it" },
	{ "job.pause", "paused it" },
	{ "job.resume", "resumed it" },
	{ "job.cancel", "cancelled it" },
	{ "job.retry", "retried it" },
	{ "job.undo", "undid it" },
	{ "job.delete", "deleted its records" },
	{ "job.abandoned", "left it unfinished" },
	{ "conflict.keep_both", "kept events that collide" },
	{ "conflict.replace", "replaced events" },
	{ "event.create", "created an event" },
	{ "event.update", "changed an event" },
	{ "event.restore", "restored a former state of an event" },
	{ "content.create", "created a content" },
	{ "content.version", "added a version" },
	{ "resource.create", "created a resource" },
	{ "resource.change", "changed a resource" },
	{ "resource.delete", "deleted a resource" },
	{ "restriction.create", "added a restriction" },
	{ "restriction.change", "changed a restriction" },
	{ "restriction.delete", "deleted a restriction" },
	{ "token.create", "made an API token" },
	{ "token.delete", "revoked an API token" },
	{ "session.open", "signed in" },
	{ "session.close", "signed out" },
	{ "session.fail", "failed to sign in" },
	{ "session.throttle", "was stopped from guessing passwords" },
	{ "session.bad_code", "typed a wrong code" },
	{ "session.revoke", "ended other sessions" },
	{ "account.password", "changed the password" },
	{ "account.timezone", "changed the time zone" },
	{ "factor.begin", "began to set up a second factor" },
	{ "factor.on", "turned the second factor on" },
	{ "factor.codes", "made new recovery codes" },
	{ "factor.off", "turned the second factor off" },
	{ "user.create", "added a person" },
	{ "user.change", "changed a person" },
	{ "user.activate", "activated a person" },
	{ "user.deactivate", "deactivated a person" },
	{ "user.password", "gave somebody a new password" },
	{ "user.factor_reset", "turned somebody's second factor off" },
	{ "role.create", "made a role" },
	{ "role.change", "changed a role" },
	{ "role.delete", "deleted a role" },
	{ "job.decide", "decided conflicts of it" },
	{ "event.delete", "deleted an event" },
	{ "event.conflict", "found a conflict ahead" },
	{ "event.missed", "let an event's moment pass" },
	{ "event.zone", "moved an event: its time zone has new rules" },
	{ "error.resolve", "resolved an error" },
	{ "webhook.create", "made a webhook" },
	{ "webhook.change", "changed a webhook" },
	{ "webhook.secret", "gave a webhook a new secret" },
	{ "webhook.delete", "deleted a webhook" },
	{ "webhook.gone", "switched a webhook off: its receiver wants no more" },
};

static const struct {
	const char *prefix;
	const char *label;
} kinds[] = {
	{ "job.", "Batches" },	   { "event.", "Events" },   { "content.", "Contents" }, { "resource.", "Resources" },
	{ "restriction.", "Restrictions" },
	{ "token.", "API tokens" }, { "session.", "Sign-ins" },	  { "account.", "Accounts" },	  { "factor.", "Second factors" },
	{ "user.", "People" },	    { "role.", "Roles" },	  { "error.", "Errors" },
	{ "webhook.", "Webhooks" },
};

static const char *words_of(const char *action)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].action, action) == 0)
			return words[i].words;
	return action;
}

static void filter_form(struct str *out, const struct audit_page *page)
{
	bool is_exact = page->action[0] != '\0';
	html_f(out, "<form class=\"filter\" method=\"get\" action=\"%s/audit\"><label>What <select id=\"f-action\" "
		    "name=\"action\"><option value=\"\">Anything</option>",
	       page->frame->base);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		bool is_chosen = strcmp(kinds[i].prefix, page->action) == 0;
		is_exact = is_exact && !is_chosen;
		html_f(out, "<option value=\"%s\"%s>%s</option>", kinds[i].prefix, is_chosen ? " selected" : "", kinds[i].label);
	}
	if (is_exact) /* from a link in the table */
		html_f(out, "<option value=\"%s\" selected>%s</option>", page->action, words_of(page->action));
	html_raw(out, "</select></label>");
	filter_field(out, page->issues, "job", "Batch no.", "inputmode=\"numeric\" size=\"6\"", page->job);
	filter_field(out, page->issues, "user", "Person no.", "inputmode=\"numeric\" size=\"6\"", page->user);
	filter_field(out, page->issues, "from", "From", "type=\"date\"", page->from);
	filter_field(out, page->issues, "before", "Before", "type=\"date\"", page->before);
	html_f(out, "<button class=\"quiet\">Filter</button><a class=\"clear\" href=\"%s/audit\">Clear</a></form>\n",
	       page->frame->base);
}

/* What has no page, or none any more, is named by its number. */
static void thing(struct str *out, const struct frame *frame, const struct audit_view *row)
{
	static const struct {
		const char *prefix, *path, *name;
	} things[] = {
		{ "event.", "events", "Event" },	{ "error.", "errors", "Error" },
		{ "user.", "users", "Person" },		{ "restriction.", "restrictions", "Restriction" },
		{ "role.", "roles", "Role" },		{ "webhook.", "webhooks", "Webhook" },
		{ "resource.", NULL, "Resource" },	{ "content.", NULL, "Content" },
		{ "token.", NULL, "Token" },		{ "session.", NULL, "Person" },
		{ "account.", NULL, "Person" },		{ "factor.", NULL, "Person" },
	};
	const char *dot = strchr(row->action, '.');
	size_t i = 0, count = sizeof(things) / sizeof(things[0]);
	while (i < count && strncmp(row->action, things[i].prefix, strlen(things[i].prefix)) != 0)
		i++;
	if (i == count)
		html_f(out, "no. %" PRId64, row->object_id);
	else if (things[i].path && dot && strcmp(dot, ".delete") != 0)
		html_f(out, "<a href=\"%s/%s/%" PRId64 "\">%s %" PRId64 "</a>", frame->base, things[i].path, row->object_id, things[i].name,
		       row->object_id);
	else
		html_f(out, "%s %" PRId64, things[i].name, row->object_id);
}

static void object_of(struct str *out, const struct frame *frame, const struct audit_view *row)
{
	if (row->job_id)
		html_f(out, "<a href=\"%s/jobs/%" PRId64 "\">Batch %" PRId64 "</a>", frame->base, row->job_id, row->job_id);
	else if (row->object_id)
		thing(out, frame, row);
	if (row->address)
		html_f(out, " from %s", row->address);
	else if (row->detail && strncmp(row->action, "restriction.", 12) != 0) /* its page tells more */
		html_f(out, " <small><code>%s</code></small>", row->detail);
}

static void audit_row(struct str *out, const struct frame *frame, const struct audit_view *row)
{
	html_raw(out, "<tr><td class=\"nowrap\">");
	html_time(out, frame->zone, row->at);
	html_raw(out, "</td><td>");
	if (row->user_id)
		html_f(out, "<a href=\"%s/audit?user=%" PRId64 "\">%s</a>", frame->base, row->user_id,
		       row->user_name[0] ? row->user_name : "somebody who is gone");
	else
		html_raw(out, "somebody unknown");
	html_f(out, "</td><td><a href=\"%s/audit?action=", frame->base);
	html_url(out, row->action);
	html_f(out, "\">%s</a></td><td>", words_of(row->action));
	object_of(out, frame, row);
	html_raw(out, "</td></tr>\n");
}

static bool is_filtered(const struct audit_page *page)
{
	return page->action[0] || page->job[0] || page->from[0] || page->before[0] || page->user[0];
}

static void table(struct str *out, const struct audit_page *page)
{
	if (page->row_count == 0) {
		if (is_filtered(page))
			html_f(out, "<p class=\"empty\">Nothing matches this filter. <a href=\"%s/audit\">Clear the filter</a></p>\n",
			       page->frame->base);
		else
			html_raw(out, "<p class=\"empty\">Nobody has done anything yet.</p>\n");
		return;
	}
	html_raw(out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"title\" tabindex=\"0\"><table class=\"stacks\">"
		      "<thead><tr><th scope=\"col\">When</th><th scope=\"col\">Who</th><th scope=\"col\">Did what</th>"
		      "<th scope=\"col\">To what</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->row_count; i++)
		audit_row(out, page->frame, &page->rows[i]);
	html_raw(out, "</tbody></table></div>\n");
}

static void part(struct str *out, const char *name, const char *value)
{
	if (!value[0])
		return;
	html_f(out, "&amp;%s=", name);
	html_url(out, value);
}

void page_audit(struct str *out, const struct audit_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<h1 id=\"title\">Audit log</h1>\n<p class=\"sub\">Who did what. Entries are never changed.</p>\n");
	error_summary(out, page->issues);
	filter_form(out, page);
	table(out, page);
	if (page->next_after > 0) {
		html_f(out, "<nav class=\"pager\" aria-label=\"Pages of the audit log\"><a rel=\"next\" href=\"%s/audit?after=%" PRId64,
		       page->frame->base, page->next_after);
		part(out, "action", page->action);
		part(out, "job", page->job);
		part(out, "user", page->user);
		part(out, "from", page->from);
		part(out, "before", page->before);
		html_raw(out, "\">Older entries »</a></nav>\n");
	}
	frame_end(out, page->frame);
}
