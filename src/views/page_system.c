/* How the program and its database stand. */
#include "views/page_watch.h"

static void fact(struct str *out, const char *label)
{
	html_f(out, "<div><dt>%s</dt><dd>", label);
}

#define FACT_END "</dd></div>\n"

static void facts(struct str *out, const struct system_page *page)
{
	const struct frame *frame = page->frame;
	html_raw(out, "<div class=\"panel\"><dl class=\"facts wide\">");
	fact(out, "Tranche");
	html_f(out, "%s" FACT_END, page->version);
	fact(out, "Database");
	html_f(out, "%s" FACT_END, page->database_version);
	fact(out, "Size of all tables");
	html_bytes(out, page->bytes);
	html_raw(out, FACT_END);
	fact(out, "Maintenance");
	if (page->maintained_at)
		html_ago(out, frame->zone, page->maintained_at, frame->now_utc);
	else
		html_raw(out, "not yet");
	html_raw(out, ", ");
	html_count(out, page->removed, "row", "rows");
	html_raw(out, " removed so far");
	if (page->forgotten_left) {
		html_raw(out, ", ");
		html_count(out, page->forgotten_left, "forgotten batch", "forgotten batches");
		html_raw(out, " to go");
	}
	html_raw(out, FACT_END "</dl></div>\n");
}

static void tables(struct str *out, const struct system_page *page)
{
	html_raw(out, "<section><h2 id=\"tables\">Tables</h2><p class=\"sub\">Rows are the database's estimate");
	if (page->measured_at) {
		html_raw(out, ", measured ");
		html_ago(out, page->frame->zone, page->measured_at, page->frame->now_utc);
	}
	html_raw(out, ".</p><div class=\"scroll\" role=\"region\" aria-labelledby=\"tables\" tabindex=\"0\"><table><thead><tr>"
		      "<th scope=\"col\">Table</th><th scope=\"col\" class=\"num\">Rows</th><th scope=\"col\" class=\"num\">Data</th>"
		      "<th scope=\"col\" class=\"num\">Indexes</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->table_count; i++) {
		const struct table_view *table = &page->tables[i];
		html_f(out, "<tr><th scope=\"row\"><code>%s</code></th><td class=\"num\">%'" PRId64 "</td><td class=\"num\">", table->name,
		       table->rows);
		html_bytes(out, table->data_bytes);
		html_raw(out, "</td><td class=\"num\">");
		html_bytes(out, table->index_bytes);
		html_raw(out, "</td></tr>\n");
	}
	html_raw(out, "</tbody></table></div></section>\n");
}

static void value(struct str *out, const struct setting_view *setting)
{
	if (setting->value == 0 && setting->if_zero)
		html_text(out, setting->if_zero);
	else if (strcmp(setting->unit, "bytes") == 0)
		html_bytes(out, setting->value);
	else if (strcmp(setting->unit, "s") == 0)
		html_duration(out, setting->value);
	else
		html_f(out, "%'" PRId64 " %s", setting->value, setting->unit);
}

static void settings(struct str *out, const struct system_page *page)
{
	html_raw(out, "<section><h2 id=\"settings\">Settings and limits</h2><p class=\"sub\">From <code>tranche.conf</code>.</p>"
		      "<div class=\"scroll\" role=\"region\" aria-labelledby=\"settings\" tabindex=\"0\"><table class=\"stacks\"><thead><tr>"
		      "<th scope=\"col\">What</th><th scope=\"col\">Value</th><th scope=\"col\">Key</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->setting_count; i++) {
		html_f(out, "<tr><td>%s</td><td>", page->settings[i].label);
		value(out, &page->settings[i]);
		html_f(out, "</td><td><code>%s</code></td></tr>\n", page->settings[i].name);
	}
	html_raw(out, "</tbody></table></div></section>\n");
}

void page_system(struct str *out, const struct system_page *page)
{
	frame_begin(out, page->frame);
	html_raw(out, "<h1>System</h1>\n");
	facts(out, page);
	settings(out, page);
	tables(out, page);
	frame_end(out, page->frame);
}
