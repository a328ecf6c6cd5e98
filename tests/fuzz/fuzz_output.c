/*
 * What goes out: any text in a page, in an address, in a cell of a CSV file.
 * It breaks out of none of them, and comes back as it was.
 */
#include <csv.h>

#include "base/str.h"
#include "views/csv.h"
#include "views/html.h"
#include "web/form.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The text of markup that has no tag. */
static void check_html(const char *html, const char *text)
{
	static const char *const entities[][2] = { { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&#39;", "'" } };

	REQUIRE(!strpbrk(html, "<>\"'"));
	while (*html) {
		size_t len = 1;
		const char *is = html;

		for (size_t i = 0; *html == '&' && i < sizeof(entities) / sizeof(entities[0]); i++) {
			if (strncmp(html, entities[i][0], strlen(entities[i][0])) == 0) {
				len = strlen(entities[i][0]);
				is = entities[i][1];
			}
		}
		REQUIRE(*html != '&' || len > 1);
		REQUIRE(*is == *text);
		html += len;
		text++;
	}
	REQUIRE(*text == '\0');
}

static void check_page(struct str *out, const char *text)
{
	const char *begin = "<a href=\"x\" title=\"", *middle = "\">5,000 ";

	html_text(out, text);
	check_html(str_text(out), text);
	str_clear(out);
	html_f(out, "<a href=\"x\" title=\"%s\">%'d %s</a>", text, 5000, text);
	REQUIRE(strncmp(str_text(out), begin, strlen(begin)) == 0);
	char *value = strdup(str_text(out) + strlen(begin)), *end = value ? strstr(value, middle) : NULL;
	REQUIRE(end);
	*end = '\0';
	check_html(value, text);
	char *inner = end + strlen(middle), *close = strstr(inner, "</a>");
	REQUIRE(close && close[4] == '\0');
	*close = '\0';
	check_html(inner, text);
	free(value);
	str_clear(out);
}

/* As one parameter among others. */
static void check_url(struct str *out, const char *text)
{
	struct arena *arena = arena_new();
	struct fail f = { 0 };
	struct pair *pairs;
	size_t count;

	str_adds(out, "a=1&b=");
	html_url(out, text);
	str_adds(out, "&c=");
	REQUIRE(form_decode(arena, str_text(out), out->len, &pairs, &count, &f));
	REQUIRE(count == 3 && strcmp(pairs[1].name, "b") == 0 && strcmp(pairs[1].value, text) == 0);
	arena_free(arena);
	str_clear(out);
}

struct cells {
	const char *text;
	size_t count;
};

static void on_cell(void *cell, size_t len, void *user)
{
	struct cells *cells = user;
	const char *bytes = cell ? cell : "";

	if (cells->count++ == 1) {
		REQUIRE(len == 0 || !memchr("=+-@\t\r\n", bytes[0], 7)); /* nothing that a spreadsheet would run */
		if (len > 1 && bytes[0] == '\'' && is_formula(bytes, len)) { /* as the import does */
			bytes++;
			len--;
		}
		REQUIRE(len == strlen(cells->text) && memcmp(bytes, cells->text, len) == 0);
	}
}

static void on_row(int end, void *user)
{
	(void)end;
	REQUIRE(((struct cells *)user)->count == 3);
}

static void check_csv(struct str *out, const char *text)
{
	struct csv_writer w = { .out = out };
	struct cells cells = { text, 0 };
	struct csv_parser parser;

	csv_number(&w, "-1");
	csv_text(&w, text);
	csv_text(&w, "end");
	csv_end_row(&w);
	REQUIRE(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) == 0);
	REQUIRE(csv_parse(&parser, str_text(out), out->len, on_cell, on_row, &cells) == out->len);
	REQUIRE(csv_fini(&parser, on_cell, on_row, &cells) == 0 && cells.count == 3);
	csv_free(&parser);
	str_clear(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str out = STR_INIT;
	char *text = malloc(size + 1);

	REQUIRE(text);
	memcpy(text, data, size);
	text[size] = '\0';
	if (utf8_valid(text, strlen(text), NULL)) {
		check_page(&out, text);
		check_url(&out, text);
		check_csv(&out, text);
	}
	str_free(&out);
	free(text);
	return 0;
}
