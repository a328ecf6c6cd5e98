#include "views/meanwhile.h"

void html_row_version(struct str *out, int64_t row_version)
{
	html_f(out, "<input type=\"hidden\" name=\"now\" value=\"%" PRId64 "\">", row_version);
}

static void cell(struct str *out, const char *label, const char *text)
{
	html_f(out, "<td data-label=\"%s\">%s</td>", label, text[0] ? text : "nothing");
}

void meanwhile_panel(struct str *out, const struct frame *frame, const struct meanwhile *meanwhile)
{
	if (!meanwhile)
		return;
	html_raw(out, "<section class=\"panel\" id=\"f-now\" tabindex=\"-1\" aria-labelledby=\"meanwhile\"><h2 id=\"meanwhile\">What differs</h2><p>");
	if (meanwhile->at) {
		html_f(out, "%s saved it on ", meanwhile->is_self ? "You" : meanwhile->who[0] ? meanwhile->who : "Somebody");
		html_time(out, frame->zone, meanwhile->at);
		html_raw(out, ". ");
	}
	html_f(out, "Save puts what is in your form in its place; or <a href=\"%s%s\">leave your form and open it as it is now</a>.</p>",
	       frame->base, meanwhile->path);
	html_raw(out, "<table class=\"stacks\"><thead><tr><th scope=\"col\">Field</th><th scope=\"col\">As it stands now</th>"
		      "<th scope=\"col\">In your form</th></tr></thead><tbody>");
	for (size_t i = 0; i < meanwhile->count; i++) {
		html_f(out, "<tr><th scope=\"row\">%s</th>", meanwhile->fields[i].label);
		cell(out, "Now", meanwhile->fields[i].theirs);
		cell(out, "Yours", meanwhile->fields[i].yours);
		html_raw(out, "</tr>");
	}
	html_raw(out, "</tbody></table></section>\n");
}
