#include "views/page_again.h"

void page_again(struct str *out, const struct again_page *page)
{
	const struct frame *frame = page->frame;
	frame_begin(out, frame);
	html_f(out, "<h1>%s</h1>\n<div class=\"panel\">", frame->title);
	if (page->is_in)
		html_f(out, "<p>The form belongs to another session, which has ended. Nothing that you typed is lost. Send it as <b>%s</b>?</p>",
		       frame->user_name ? frame->user_name : "");
	else
		html_f(out, "<p>Nothing that you typed is lost.</p><ol><li><a href=\"%s/login?next=/account\" target=\"_blank\" rel=\"noopener\">Sign in "
			    "again</a>; that opens another tab.</li><li>Come back to this tab and send what you typed.</li></ol>",
		       frame->base);
	if (page->has_file)
		html_raw(out, "<p class=\"notice\">A file can’t be kept: the form will ask for it once more.</p>");
	html_f(out, "<form method=\"post\" action=\"%s%s\"%s>", frame->base, page->address,
	       page->is_multipart ? " enctype=\"multipart/form-data\"" : "");
	if (page->is_in)
		html_csrf(out, frame);
	for (size_t i = 0; i < page->field_count; i++)
		html_f(out, "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n", page->fields[i].name, page->fields[i].value);
	html_raw(out, "<div class=\"steps\"><button>Send it</button></div></form></div>\n");
	frame_end(out, frame);
}
