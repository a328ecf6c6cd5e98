#include "views/page_bulk.h"

static void choice(struct str *out, const struct bulk_page *page, const char *operation, const char *label,
		   const char *hint)
{
	bool is_current = strcmp(page->operation, operation) == 0;
	html_f(out, "<li><a href=\"%s/bulk/new?operation=%s\" aria-current=\"%s\"><b>%s</b><span>%s</span></a></li>",
	       page->frame->base, operation, is_current ? "page" : "false", label, hint);
}

static void choices(struct str *out, const struct bulk_page *page)
{
	html_raw(out, "<nav class=\"choices\" aria-label=\"Operation\"><ul>");
	choice(out, page, "create", "Create events", "New events, one per row");
	choice(out, page, "update", "Change events", "Each row names an event and its new values");
	choice(out, page, "evaluate", "Evaluate", "Look for conflicts; changes nothing");
	html_raw(out, "</ul></nav>\n");
}

static const char *example(const char *operation)
{
	if (strcmp(operation, "update") == 0)
		return "[{\"selector\": {\"event_id\": 12}, \"values\": {\"starts_at\": \"2026-12-01T10:00:00Z\"}}]";
	return "content_id,title,starts_at,duration_s\n7,Winter sale,2026-12-01T09:00:00Z,3600";
}

static void expected(struct str *out, const struct bulk_page *page)
{
	html_raw(out, "<p class=\"hint\" id=\"h-file\">CSV with a header row, JSON or NDJSON, in UTF-8. ");
	if (strcmp(page->operation, "update") == 0)
		html_f(out,
		       "Columns: <code>event_id</code> or <code>client_id</code>, then the fields to change. "
		       "<a href=\"%s/help/import.html#update\">How to write it</a>",
		       page->frame->base);
	else
		html_f(out,
		       "Columns: <code>content_id</code>, <code>starts_at</code> and more. "
		       "<a href=\"%s/help/import.html\">How to write it</a> · "
		       "<a href=\"%s/help/examples/events.csv\" download>events.csv</a> · "
		       "<a href=\"%s/help/examples/events.json\" download>events.json</a>",
		       page->frame->base, page->frame->base, page->frame->base);
	html_raw(out, "</p>");
}

static void input_fields(struct str *out, const struct bulk_page *page)
{
	html_raw(out, "<fieldset><legend>What to work on</legend><div class=\"drop\" id=\"drop\">"
		      "<label for=\"f-file\">File</label>");
	field_error(out, page->issues, "file");
	html_raw(out, "<input type=\"file\" id=\"f-file\" name=\"file\" multiple "
		      "accept=\".csv,.json,.ndjson,.jsonl,.txt,text/csv,application/json\"");
	field_state(out, page->issues, "file", "h-file");
	html_raw(out, "><p class=\"js-only\" hidden>or drop files here; several become one batch</p>");
	expected(out, page);
	html_raw(out, "<noscript><p class=\"hint\">Without JavaScript a file is sent in one piece, and many hosts take "
		      "128 KB at most. Several files become one batch; a file that can’t be read is named, and the others go "
		      "on.</p></noscript></div><div id=\"preview\" aria-live=\"polite\"></div><div id=\"files\" class=\"files\" "
		      "hidden></div>");
	if (page->resume_id != 0)
		return;
	html_f(out,
	       "<details id=\"paste\"%s><summary>Or paste the rows</summary><label for=\"f-text\" class=\"vh\">Rows as CSV "
	       "or JSON</label>",
	       page->text[0] ? " open" : "");
	field_error(out, page->issues, "text");
	html_raw(out, "<textarea id=\"f-text\" name=\"text\" rows=\"8\" spellcheck=\"false\"");
	field_state(out, page->issues, "text", NULL);
	html_f(out, " placeholder=\"%s\">\n%s</textarea></details>", example(page->operation), page->text);
}

void batch_options_fields(struct str *out, const struct issues *issues, const char *label, const char *on_conflict,
			  bool is_evaluate)
{
	html_raw(out, "<fieldset><legend>Options</legend><div class=\"fields\">");
	if (!is_evaluate) {
		html_raw(out, "<label>If an event collides with another <select id=\"f-on_conflict\" name=\"on_conflict\"");
		field_state(out, issues, "on_conflict", NULL);
		html_raw(out, ">");
		html_option(out, "fail", "Report it as failed", on_conflict);
		html_option(out, "skip", "Skip it", on_conflict);
		html_option(out, "keep_both", "Keep both, where that is allowed", on_conflict);
		html_option(out, "shift", "Move it to the next free time, up to 7 days on", on_conflict);
		html_option(out, "replace", "Replace what is there; an undo brings it back", on_conflict);
		html_option(out, "ask", "Let me decide afterwards", on_conflict);
		html_raw(out, "</select></label>");
		field_error(out, issues, "on_conflict");
		html_raw(out, "<label class=\"check\"><input type=\"checkbox\" id=\"f-atomic\" name=\"atomic\" value=\"1\"> All or "
			      "nothing: if one row can’t be done, none is</label>");
	}
	html_f(out,
	       "<label>Name of this batch (optional) <input id=\"f-label\" name=\"label\" maxlength=\"150\" value=\"%s\"",
	       label);
	field_state(out, issues, "label", NULL);
	html_raw(out, "></label>");
	field_error(out, issues, "label");
	html_raw(out, "</div></fieldset>\n");
	if (is_evaluate)
		html_raw(out, "<div class=\"steps\"><button name=\"run\" value=\"now\">Evaluate</button></div>\n");
	else
		html_raw(out, "<div class=\"steps\"><button name=\"run\" value=\"check\">Check first</button>"
			      "<button name=\"run\" value=\"now\" class=\"quiet\">Run without checking</button></div>"
			      "<p class=\"hint\">A check goes through every row and changes nothing. "
			      "You can then run it for real without sending the rows again. What a batch has done can be "
			      "undone as a whole; its page says until when.</p>\n");
}

/* For the look at a file before it is sent; the server judges it again. */
static void columns(struct str *out, const char *operation)
{
	html_raw(out, " data-columns=\"event_id expected_version shift_s ordinal outcome error_code error_message "
		      "error_suggestion");
	for (unsigned field = FIELD_CLIENT_ID; field <= FIELD_STATUS; field <<= 1)
		html_f(out, " %s", event_field_name((enum event_field)field));
	html_raw(out, "\" data-required=\"");
	if (strcmp(operation, "update") == 0)
		html_raw(out, "event_id|client_id");
	else if (strcmp(operation, "create") == 0)
		html_raw(out, "content_id starts_at|local_start");
	html_raw(out, "\"");
}

static void resume_note(struct str *out, const struct bulk_page *page)
{
	html_f(out, "<div class=\"notice\"><p>Going on with the upload of batch %" PRId64 ": ", page->resume_id);
	html_count(out, page->resume_received, "item has", "items have");
	html_raw(out, " arrived. Choose the same file again; only what is missing is sent.</p>"
		      "<noscript><p>Going on needs JavaScript. Without it, start a new batch or start this one with what "
		      "has arrived.</p></noscript></div>\n");
}

void page_bulk(struct str *out, const struct bulk_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<h1>New batch</h1>\n");
	error_summary(out, page->issues);
	if (page->resume_id != 0)
		resume_note(out, page);
	else
		choices(out, page);
	html_f(out,
	       "<form method=\"post\" action=\"%s/bulk/new\" enctype=\"multipart/form-data\" class=\"stack\" id=\"import\"",
	       page->frame->base);
	html_f(out, " data-operation=\"%s\"", page->operation);
	columns(out, page->operation);
	if (page->resume_id != 0)
		html_f(out, " data-resume=\"%" PRId64 "\"", page->resume_id);
	html_raw(out, ">");
	html_csrf(out, page->frame);
	html_form_key(out, page->frame);
	html_f(out, "<input type=\"hidden\" name=\"operation\" value=\"%s\">", page->operation);
	input_fields(out, page);
	if (page->resume_id == 0) {
		html_raw(out, "</fieldset>\n");
		batch_options_fields(out, page->issues, page->label, page->on_conflict,
				     strcmp(page->operation, "evaluate") == 0);
	} else {
		html_raw(out,
			 "</fieldset><div class=\"steps\"><button class=\"js-only\" hidden>Send the rest</button></div>\n");
	}
	html_raw(out, "<div id=\"upload\" class=\"panel\" hidden><div class=\"panel-head\"><b id=\"upload-title\">Sending "
		      "the file</b>"
		      "<span class=\"percent\" id=\"upload-percent\"></span></div>"
		      "<progress max=\"100\" value=\"0\" id=\"upload-bar\" aria-label=\"Upload\"></progress>"
		      "<p class=\"numbers\" id=\"upload-line\" role=\"status\"></p></div></form>\n");
	frame_end(out, page->frame);
}
