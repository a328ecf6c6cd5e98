#include "views/html.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>

#include "base/clock.h"

static void add_escaped(struct str *out, const char *text)
{
	const char *from = text;
	for (const char *at = text; *at; at++) {
		const char *entity = NULL;
		switch (*at) {
		case '&': entity = "&amp;"; break;
		case '<': entity = "&lt;"; break;
		case '>': entity = "&gt;"; break;
		case '"': entity = "&quot;"; break;
		case '\'': entity = "&#39;"; break;
		default: continue;
		}
		str_add(out, from, (size_t)(at - from));
		str_adds(out, entity);
		from = at + 1;
	}
	str_adds(out, from);
}

void html_text(struct str *out, const char *text)
{
	if (text)
		add_escaped(out, text);
}

static void add_number(struct str *out, int64_t number, bool grouped)
{
	if (grouped)
		str_addi_grouped(out, number);
	else
		str_addi(out, number);
}

/* One conversion; `at` stands behind the percent sign. Returns what follows. */
static const char *add_conversion(struct str *out, const char *at, va_list *args)
{
	bool grouped = *at == '\'';
	if (grouped)
		at++;
	int longs = 0;
	while (*at == 'l') {
		longs++;
		at++;
	}
	bool is_size = *at == 'z';
	if (is_size)
		at++;
	if (*at == '%') {
		str_addc(out, '%');
	} else if (*at == 's') {
		html_text(out, va_arg(*args, const char *));
	} else if (is_size) {
		assert(*at == 'u');
		add_number(out, (int64_t)va_arg(*args, size_t), grouped);
	} else {
		assert(*at == 'd');
		add_number(out, longs == 0 ? va_arg(*args, int) : longs == 1 ? va_arg(*args, long) : va_arg(*args, long long),
			   grouped);
	}
	return at + 1;
}

void html_f(struct str *out, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *from = format;
	for (const char *at = strchr(from, '%'); at; at = strchr(from, '%')) {
		str_add(out, from, (size_t)(at - from));
		from = add_conversion(out, at + 1, &args);
	}
	str_adds(out, from);
	va_end(args);
}

void html_url(struct str *out, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	for (const unsigned char *at = (const unsigned char *)(text ? text : ""); *at; at++) {
		bool is_plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
				*at == '-' || *at == '.' || *at == '_' || *at == '~';
		if (is_plain) {
			str_addc(out, (char)*at);
		} else {
			str_addc(out, '%');
			str_addc(out, hex[*at >> 4]);
			str_addc(out, hex[*at & 15]);
		}
	}
}

void html_option(struct str *out, const char *value, const char *label, const char *chosen)
{
	html_f(out, "<option value=\"%s\"%s>%s</option>", value, strcmp(value, chosen) == 0 ? " selected" : "", label);
}

void html_count(struct str *out, int64_t count, const char *one, const char *many)
{
	add_number(out, count, true);
	str_addc(out, ' ');
	html_text(out, count == 1 ? one : many);
}

void html_bytes(struct str *out, int64_t bytes)
{
	if (bytes < 1000)
		html_f(out, "%" PRId64 " bytes", bytes);
	else if (bytes < 1000000)
		html_f(out, "%" PRId64 " kB", bytes / 1000);
	else
		html_f(out, "%" PRId64 ".%" PRId64 " MB", bytes / 1000000, bytes % 1000000 / 100000);
}

void html_duration(struct str *out, int64_t seconds)
{
	static const struct { int64_t seconds; const char *one, *many; } units[] = {
		{ 86400, "day", "days" }, { 3600, "h", "h" }, { 60, "min", "min" }, { 1, "s", "s" },
	};
	const size_t last = sizeof(units) / sizeof(units[0]) - 1;
	size_t i = 0;
	while (i < last && seconds < units[i].seconds)
		i++;
	html_count(out, seconds / units[i].seconds, units[i].one, units[i].many);
	seconds %= units[i].seconds;
	if (i < last && seconds >= units[i + 1].seconds) {
		str_addc(out, ' ');
		html_count(out, seconds / units[i + 1].seconds, units[i + 1].one, units[i + 1].many);
	}
}

void html_eta(struct str *out, double seconds)
{
	if (!(seconds >= 0) || seconds > 86400.0 * 30)
		return;
	if (seconds < 5)
		html_raw(out, "a few seconds left");
	else if (seconds < 55)
		html_f(out, "about %d s left", (int)(ceil(seconds / 5) * 5));
	else if (seconds < 3600)
		html_f(out, "about %d min left", (int)ceil(seconds / 60));
	else
		html_f(out, "about %d h left", (int)ceil(seconds / 3600));
}

static void add_civil(struct str *out, int64_t local)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int year, month, day;
	int64_t days = local / 86400;
	int rest = (int)(local % 86400);
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	civil_from_days(days, &year, &month, &day);
	str_addf(out, "%d %s %d, %02d:%02d", day, months[(month - 1) % 12], year, rest / 3600, rest / 60 % 60);
}

void html_time(struct str *out, const struct zone *zone, int64_t utc)
{
	if (utc == 0) {
		html_raw(out, "–");
		return;
	}
	char iso[TIME_TEXT_SIZE];
	time_format_utc(utc, iso);
	html_f(out, "<time datetime=\"%s\">", iso);
	add_civil(out, utc + (zone ? zone_offset_at(zone, utc) : 0));
	html_raw(out, "</time>");
}

void html_ago(struct str *out, const struct zone *zone, int64_t utc, int64_t now_utc)
{
	if (utc == 0) {
		html_raw(out, "never");
		return;
	}
	int64_t age = now_utc - utc;
	if (age >= 86400 || age < -60) {
		html_time(out, zone, utc);
		return;
	}
	char iso[TIME_TEXT_SIZE];
	time_format_utc(utc, iso);
	html_f(out, "<time datetime=\"%s\" title=\"", iso);
	add_civil(out, utc + (zone ? zone_offset_at(zone, utc) : 0));
	html_raw(out, "\">");
	if (age < 5) {
		html_raw(out, "just now");
	} else {
		html_duration(out, age < 60 ? age : age < 3600 ? age / 60 * 60 : age / 3600 * 3600);
		html_raw(out, " ago");
	}
	html_raw(out, "</time>");
}

void html_icon(struct str *out, enum icon icon)
{
	static const char *const paths[ICON_COUNT] = {
		[ICON_CLOCK] = "<circle cx=\"8\" cy=\"8\" r=\"6.2\"/><path d=\"M8 4.5V8l2.5 1.7\"/>",
		[ICON_RUN] = "<path d=\"M13.8 8A5.8 5.8 0 1 1 11.5 3.4\"/><path d=\"M11.8 .9v2.8H9\"/>",
		[ICON_PAUSE] = "<circle cx=\"8\" cy=\"8\" r=\"6.2\"/><path d=\"M6.3 5.8v4.4M9.7 5.8v4.4\"/>",
		[ICON_CHECK] = "<circle cx=\"8\" cy=\"8\" r=\"6.2\"/><path d=\"m5.2 8.2 2 2 3.6-4.2\"/>",
		[ICON_WARN] = "<path d=\"M8 2.2 14.3 13.4H1.7z\"/><path d=\"M8 6.5v3.2M8 11.4v.2\"/>",
		[ICON_CROSS] = "<circle cx=\"8\" cy=\"8\" r=\"6.2\"/><path d=\"m5.9 5.9 4.2 4.2M10.1 5.9 5.9 10.1\"/>",
		[ICON_STOP] = "<circle cx=\"8\" cy=\"8\" r=\"6.2\"/><path d=\"M3.8 12.2 12.2 3.8\"/>",
		[ICON_INBOX] = "<path d=\"M8 2v7M5.2 6.5 8 9.3l2.8-2.8\"/><path d=\"M2 10v3.5h12V10\"/>",
		[ICON_EQUAL] = "<path d=\"M3.5 6h9M3.5 10h9\"/>",
		[ICON_SKIP] = "<path d=\"m3 4 5 4-5 4zM8 4l5 4-5 4z\"/>",
		[ICON_CLASH] = "<rect x=\"2\" y=\"2\" width=\"8\" height=\"8\" rx=\"1\"/>"
			       "<rect x=\"6\" y=\"6\" width=\"8\" height=\"8\" rx=\"1\"/>",
		[ICON_REPEAT] = "<path d=\"M2.5 8.5V7A2.5 2.5 0 0 1 5 4.5h8\"/><path d=\"m11 2.5 2 2-2 2\"/>"
				"<path d=\"M13.5 7.5V9a2.5 2.5 0 0 1-2.5 2.5H3\"/><path d=\"m5 9.5-2 2 2 2\"/>",
		[ICON_DOWNLOAD] = "<path d=\"M8 2v8M4.8 7 8 10.2 11.2 7\"/><path d=\"M2.5 13.5h11\"/>",
	};
	html_raw(out, "<svg class=\"icon\" viewBox=\"0 0 16 16\" width=\"16\" height=\"16\" aria-hidden=\"true\" focusable=\"false\">");
	str_adds(out, paths[icon]);
	html_raw(out, "</svg>");
}
