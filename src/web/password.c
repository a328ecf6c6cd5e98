#include "web/password.h"

#include <stddef.h>

#include "web/denied.h"

#define WORD_MIN 4    /* shorter ones stand in too much */
#define LETTERS_MIN 4 /* that have to be the person's own idea */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_word_character(char c)
{
	c = lower(c);
	return is_letter(c) || (c >= '0' && c <= '9');
}

/* Is the text among those that everybody tries?  By bisection: a place in the
 * list belongs to the line that it is in. */
static bool is_listed(const char *text, size_t len)
{
	size_t low = 0, high = denied_passwords_len;
	while (low < high) {
		size_t begin = low + (high - low) / 2, end = begin;
		while (begin > low && denied_passwords[begin - 1] != '\n')
			begin--;
		while (denied_passwords[end] != '\n')
			end++;
		size_t shorter = end - begin < len ? end - begin : len;
		int order = memcmp(text, denied_passwords + begin, shorter);
		if (order == 0 && len == end - begin)
			return true;
		if (order < 0 || (order == 0 && len < end - begin))
			high = begin;
		else
			low = end + 1;
	}
	return false;
}

/* As it is, and without what is appended: "Password123!" is "password". */
static bool is_denied(const char *password)
{
	size_t whole = strlen(password);
	size_t len = whole;
	while (len > 0 && !is_letter(password[len - 1]))
		len--;
	/* Digits and signs alone: too few possibilities below 16. */
	if (len == 0)
		return whole < 16;
	return is_listed(password, whole) || is_listed(password, len);
}

/* One character repeated, or a run such as abcdefgh. */
static bool is_run(const char *password)
{
	for (size_t i = 2; password[i]; i++)
		if (password[i] - password[i - 1] != password[1] - password[0])
			return false;
	return true;
}

/* Blanks every occurrence of the word. */
static bool strike(char *password, const char *word, size_t len)
{
	bool struck = false;
	for (char *at = password; strlen(at) >= len; at++) {
		size_t same = 0;
		while (same < len && at[same] == lower(word[same]))
			same++;
		if (same == len) {
			memset(at, ' ', len);
			struck = true;
		}
	}
	return struck;
}

/* The words of a text, and the text as a whole. */
static bool strike_words(char *password, const char *text)
{
	bool struck = strlen(text) >= WORD_MIN && strike(password, text, strlen(text));
	while (*text) {
		size_t len = 0;
		while (is_word_character(text[len]))
			len++;
		if (len >= WORD_MIN)
			struck |= strike(password, text, len);
		text += len ? len : 1;
	}
	return struck;
}

/* Does hardly anything remain without what is known about person and site?  A
 * word of theirs within a phrase is all right. */
static bool is_known(char *password, const struct password_about *about)
{
	const char *const texts[] = { about->name, about->display_name, about->host, "tranche" };
	bool struck = false;
	size_t letters = 0;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		struck |= texts[i] && strike_words(password, texts[i]);
	for (const char *c = password; *c; c++)
		letters += is_letter(*c);
	return struck && letters < LETTERS_MIN;
}

static bool refuse(struct issues *issues, const char *pointer, const char *why)
{
	issue_add(issues, CODE_INVALID_VALUE, pointer, "Three or four words are long and easy to remember.", "%s", why);
	return false;
}

bool password_acceptable(const char *password, const struct password_about *about, const char *pointer, struct issues *issues)
{
	size_t len = strlen(password);
	if (len < PASSWORD_MIN) {
		issue_add(issues, CODE_INVALID_VALUE, pointer, "Three or four words are long and easy to remember.",
			  "A password has at least %d characters", PASSWORD_MIN);
		return false;
	}
	if (len > PASSWORD_MAX) {
		issue_add(issues, CODE_TOO_LONG, pointer, NULL, "A password has at most %d bytes", PASSWORD_MAX);
		return false;
	}
	char *small = arena_strdup(issues->arena, password);
	for (char *c = small; *c; c++)
		*c = lower(*c);
	bool is_bad = is_denied(small) || is_run(small), is_theirs = is_known(small, about);
	explicit_bzero(small, len);
	if (is_bad)
		return refuse(issues, pointer, "This password is one of the first that anybody would try");
	return !is_theirs || refuse(issues, pointer, "This password is little more than your name or the site's");
}
