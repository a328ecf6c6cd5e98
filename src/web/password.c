#include "web/password.h"

#include <stddef.h>

/* The passwords of eight characters and more that lead the published lists of
 * leaked ones.  Compared without case and without digits or signs at the end,
 * so "Password123!" is "password". */
static const char *const denied[] = {
	"1q2w3e4r", "1qaz2wsx", "aa123456", "abcd1234", "abcdefgh", "adminadmin", "administrator", "alexander",
	"asdfasdf", "asdfghjk", "asdfghjkl", "baseball", "basketball", "butterfly", "changeme", "charlie", "chocolate",
	"computer", "corvette", "default", "dragon", "elephant", "football", "freedom", "godzilla", "gfhjkm", "hello",
	"iloveyou", "internet", "jennifer", "jonathan", "jordan", "letmein", "liverpool", "logitech", "login",
	"marlboro", "maverick", "mercedes", "michelle", "michael", "midnight", "monkey", "mustang", "nicholas",
	"password", "passw0rd", "p@ssword", "p@ssw0rd", "pokemon", "princess", "q1w2e3r4", "qazwsxedc", "qwer1234",
	"qwerty", "qwertyui", "qwertyuiop", "secret", "shadow", "starwars", "steelers", "sunshine", "superman",
	"swordfish", "test", "testtest", "trustno1", "victoria", "welcome", "whatever", "zaq12wsx", "zxcvbnm", "tranche",
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool same_lower(const char *text, size_t len, const char *word)
{
	if (strlen(word) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(text[i]) != lower(word[i]))
			return false;
	return true;
}

static bool is_denied(const char *password, const char *name)
{
	size_t whole = strlen(password);
	size_t len = whole;
	while (len > 0 && !is_letter(password[len - 1]))
		len--;
	/* Digits and signs alone: too few possibilities below 16. */
	if (len == 0)
		return whole < 16;
	for (size_t i = 0; i < sizeof denied / sizeof denied[0]; i++)
		if (same_lower(password, len, denied[i]) || same_lower(password, whole, denied[i]))
			return true;
	return same_lower(password, len, name) || same_lower(password, whole, name);
}

/* One character repeated, or a run such as abcdefgh. */
static bool is_run(const char *password)
{
	for (size_t i = 2; password[i]; i++)
		if (password[i] - password[i - 1] != password[1] - password[0])
			return false;
	return true;
}

bool password_acceptable(const char *password, const char *name, const char *pointer, struct issues *issues)
{
	size_t len = strlen(password);
	if (len < PASSWORD_MIN)
		issue_add(issues, CODE_INVALID_VALUE, pointer, "Three or four words are long and easy to remember.",
			  "A password has at least %d characters", PASSWORD_MIN);
	else if (len > PASSWORD_MAX)
		issue_add(issues, CODE_TOO_LONG, pointer, NULL, "A password has at most %d bytes", PASSWORD_MAX);
	else if (is_denied(password, name) || is_run(password))
		issue_add(issues, CODE_INVALID_VALUE, pointer, "Three or four words are long and easy to remember.",
			  "This password is one of the first that anybody would try");
	else
		return true;
	return false;
}
