/*
 * Growing byte strings for output: HTML, CSV, JSON, SQL text.
 *
 * A struct str owns its buffer (malloc); str_free() releases it.  It may hold
 * any bytes; `data` is always NUL-terminated.  It must not know any syntax:
 * escaping lives with the language that is written (views/html.h, db/text.h).
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	char *data; /* never NULL after the first append */
	size_t len;
	size_t cap;
};

#define STR_INIT { NULL, 0, 0 }

void str_add(struct str *str, const char *bytes, size_t len);
void str_adds(struct str *str, const char *text);
void str_addc(struct str *str, char byte);
void str_addi(struct str *str, int64_t number); /* decimal, no locale */
void str_addi_grouped(struct str *str, int64_t number); /* 41,207 */
void str_addf(struct str *str, const char *format, ...) __attribute__((format(printf, 2, 3)));
void str_vaddf(struct str *str, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));

/* Makes room for `more` further bytes and returns where they would go; the
 * caller then raises `len` by what it wrote. */
char *str_reserve(struct str *str, size_t more);

/* Keeps the buffer for reuse; a buffer over 256 KiB is released. */
void str_clear(struct str *str);
void str_free(struct str *str);

/* The text as a C string: "" for a string nothing was added to. Borrowed. */
const char *str_text(const struct str *str);

/* Is it well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms) and
 * free of NUL?  `bad_at_out` (may be NULL) receives the offset of the first
 * bad byte. */
bool utf8_valid(const char *bytes, size_t len, size_t *bad_at_out);

/* Length of the well-formed sequence at the start of `bytes`, 1 to 4; 0 when
 * there is none (a NUL counts as one byte). `len` > 0. */
size_t utf8_step(const char *bytes, size_t len);

/* Characters (code points) of a text that is UTF-8. */
size_t utf8_length(const char *bytes, size_t len);

/* Parses a whole decimal int64 ("-12"); false on anything else or overflow. */
bool parse_i64(const char *text, size_t len, int64_t *out);

/* The decimal int64 that a text begins with, and where it ends; for numbers that
 * this program or the database has written, a third of what strtoll() costs.
 * 0 without one; one that is too large is any number. */
int64_t read_i64(const char *text, const char **end_out);

/* Bounded copy that always terminates and never cuts a UTF-8 sequence. */
void str_copy(char *to, size_t to_size, const char *from);

/* Would a spreadsheet run a cell with this text as a formula?  It begins with
 * = + - @ (also as wide as Japanese characters), a tab, CR, LF or NUL, or with
 * that behind ' signs.  Exports put one ' before such texts and imports take
 * one off, so what was exported comes back as it was, ' signs of its own too. */
bool is_formula(const char *text, size_t len);

#endif
