#include "views/chart.h"

#define WIDTH 600
#define HEIGHT 100
#define GAP 1 /* between bars */

static int64_t largest(const struct bar_chart *chart)
{
	int64_t most = 0;
	for (size_t i = 0; i < chart->count; i++)
		most = chart->values[i] > most ? chart->values[i] : most;
	return most;
}

static int64_t sum(const struct bar_chart *chart)
{
	int64_t total = 0;
	for (size_t i = 0; i < chart->count; i++)
		total += chart->values[i];
	return total;
}

/* What is not nothing is seen: a bar is 2 units high at least. */
static void bars(struct str *out, const struct bar_chart *chart, int64_t most)
{
	for (size_t i = 0; i < chart->count; i++) {
		int64_t left = (int64_t)i * WIDTH / (int64_t)chart->count, right = ((int64_t)i + 1) * WIDTH / (int64_t)chart->count;
		int64_t height = chart->values[i] * HEIGHT / (most ? most : 1);
		if (!chart->values[i])
			continue;
		height = height < 2 ? 2 : height;
		html_f(out, "<rect x=\"%" PRId64 "\" y=\"%" PRId64 "\" width=\"%" PRId64 "\" height=\"%" PRId64 "\"/>", left,
		       HEIGHT - height, right - left - GAP, height);
	}
}

static void table(struct str *out, const struct frame *frame, const struct bar_chart *chart)
{
	html_f(out, "<details><summary>As a table</summary><table><thead><tr><th scope=\"col\">%s</th>"
		    "<th scope=\"col\" class=\"num\">Items</th></tr></thead><tbody>",
	       chart->unit);
	for (size_t i = chart->count; i-- > 0;) {
		if (!chart->values[i])
			continue;
		html_raw(out, "<tr><td>");
		html_time(out, frame->zone, chart->first_at + (int64_t)i * chart->step_s);
		html_f(out, "</td><td class=\"num\">%'" PRId64 "</td></tr>\n", chart->values[i]);
	}
	html_raw(out, "</tbody></table></details>");
}

void bar_chart(struct str *out, const struct frame *frame, const struct bar_chart *chart)
{
	int64_t most = largest(chart);
	html_f(out, "<div class=\"chart\"><h3 id=\"%s\">%s</h3><p>", chart->id, chart->title);
	html_count(out, sum(chart), "item", "items");
	if (most)
		html_f(out, ", at most %'" PRId64, most);
	html_raw(out, "</p>");
	if (most) {
		html_f(out, "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"%s\">", WIDTH, HEIGHT,
		       chart->id);
		bars(out, chart, most);
		html_f(out, "<path d=\"M0 %d.5h%d\"/></svg><p class=\"axis\"><span>", HEIGHT - 1, WIDTH);
		html_time(out, frame->zone, chart->first_at);
		html_raw(out, "</span><span>");
		html_time(out, frame->zone, chart->first_at + (int64_t)chart->count * chart->step_s);
		html_raw(out, "</span></p>");
		table(out, frame, chart);
	}
	html_raw(out, "</div>\n");
}
