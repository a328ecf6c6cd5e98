/*
 * HTML text: one escaper per context, and the few formats that every page
 * shares (numbers, times, durations, icons).
 *
 * Markup comes from literals only; every %s of html_f() is escaped for element
 * text and double-quoted attributes, so a page can't forget it.  Knows no
 * page, no request, no database.
 */
#ifndef VIEWS_HTML_H
#define VIEWS_HTML_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/zone.h"

/* Appends literal markup as it is. */
#define html_raw(out, literal) str_add((out), "" literal, sizeof(literal) - 1)

/* Appends markup with arguments.  Conversions: %s (escaped; NULL is ""), %d,
 * %ld, %lld, %zu, each integer also with the flag ' for thousands separators
 * ("40,000"), and %%.  Anything else is a programmer error (assert). */
void html_f(struct str *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends escaped text. NULL is "". */
void html_text(struct str *out, const char *text);
/* Appends a component of a URL, percent-encoded (RFC 3986 unreserved pass). */
void html_url(struct str *out, const char *text);

/* An <option>, selected when its value is the `chosen` one. */
void html_option(struct str *out, const char *value, const char *label, const char *chosen);

/* "3 events", "1 event": the number with separators, then the right word. */
void html_count(struct str *out, int64_t count, const char *one, const char *many);
/* "12 kB", "1.4 MB". */
void html_bytes(struct str *out, int64_t bytes);
/* A length of time for people: "2 h 30 min", "3 days", "45 s"; 0 is "0 s". */
void html_duration(struct str *out, int64_t seconds);
/* "about 2 min left", "a few seconds left". */
void html_eta(struct str *out, double seconds);
/* <time datetime="…Z">1 Dec 2026, 10:00</time> in `zone` (NULL = UTC); 0 gives
 * a dash. */
void html_time(struct str *out, const struct zone *zone, int64_t utc);
/* "3 min ago" with the moment in the title; `now` decides. */
void html_ago(struct str *out, const struct zone *zone, int64_t utc, int64_t now_utc);

enum icon {
	ICON_CLOCK, ICON_RUN, ICON_PAUSE, ICON_CHECK, ICON_WARN, ICON_CROSS, ICON_STOP, ICON_INBOX,
	ICON_EQUAL, ICON_SKIP, ICON_CLASH, ICON_DOWNLOAD, ICON_REPEAT, ICON_COUNT
};
/* An icon beside a word: hidden from assistive technology. */
void html_icon(struct str *out, enum icon icon);

#endif
