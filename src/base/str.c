#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_MAX_BYTES ((size_t)256 * 1024)

/* Makes room for `more` bytes and the terminator. */
static void reserve(struct str *str, size_t more)
{
	size_t need, cap;
	char *data;

	if (__builtin_add_overflow(str->len, more, &need) || need > SIZE_MAX / 4)
		abort();
	need++;
	if (need <= str->cap)
		return;
	cap = str->cap ? str->cap : 64;
	while (cap < need)
		cap *= 2;
	data = realloc(str->data, cap);
	if (!data) {
		fputs("tranche: out of memory\n", stderr);
		abort();
	}
	str->data = data;
	str->cap = cap;
}

char *str_reserve(struct str *str, size_t more)
{
	reserve(str, more);
	return str->data + str->len;
}

void str_add(struct str *str, const char *bytes, size_t len)
{
	reserve(str, len);
	if (len)
		memcpy(str->data + str->len, bytes, len);
	str->len += len;
	str->data[str->len] = '\0';
}

void str_adds(struct str *str, const char *text)
{
	str_add(str, text, strlen(text));
}

void str_addc(struct str *str, char byte)
{
	if (str->cap - str->len < 2 || !str->data)
		reserve(str, 1);
	str->data[str->len++] = byte;
	str->data[str->len] = '\0';
}

void str_addi(struct str *str, int64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);
	/* Negating in unsigned arithmetic is defined for INT64_MIN too. */
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (number < 0)
		str_addc(str, '-');
	str_add(str, digits + at, sizeof(digits) - at);
}

void str_addi_grouped(struct str *str, int64_t number)
{
	struct str digits = STR_INIT;

	str_addi(&digits, number);
	for (size_t i = 0; i < digits.len; i++) {
		if (i > 0 && digits.data[i - 1] != '-' && (digits.len - i) % 3 == 0)
			str_addc(str, ',');
		str_addc(str, digits.data[i]);
	}
	str_free(&digits);
}

void str_addf(struct str *str, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	str_vaddf(str, format, ap);
	va_end(ap);
}

void str_vaddf(struct str *str, const char *format, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	reserve(str, 64);
	len = vsnprintf(str->data + str->len, str->cap - str->len, format, ap);
	if (len > 0) {
		if ((size_t)len >= str->cap - str->len) {
			reserve(str, (size_t)len);
			vsnprintf(str->data + str->len, (size_t)len + 1, format, again);
		}
		str->len += (size_t)len;
	}
	str->data[str->len] = '\0';
	va_end(again);
}

void str_clear(struct str *str)
{
	if (str->cap > KEEP_MAX_BYTES) {
		str_free(str);
		return;
	}
	str->len = 0;
	if (str->data)
		str->data[0] = '\0';
}

void str_free(struct str *str)
{
	free(str->data);
	*str = (struct str)STR_INIT;
}

const char *str_text(const struct str *str)
{
	return str->data ? str->data : "";
}

/* Length of the well-formed sequence at `s` (RFC 3629, table of section 4), or
 * 0.  `left` > 0 and s[0] >= 0x80. */
static size_t sequence_len(const unsigned char *s, size_t left)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0; /* overlong */
	else if (s[0] == 0xed)
		high = 0x9f; /* surrogates */
	else if (s[0] == 0xf0)
		low = 0x90; /* overlong */
	else if (s[0] == 0xf4)
		high = 0x8f; /* above U+10FFFF */
	if (left < len || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

size_t utf8_step(const char *bytes, size_t len)
{
	const unsigned char *s = (const unsigned char *)bytes;

	return s[0] < 0x80 ? 1 : sequence_len(s, len);
}

size_t utf8_length(const char *bytes, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)bytes[i] & 0xc0) != 0x80;
	return count;
}

bool utf8_valid(const char *bytes, size_t len, size_t *bad_at_out)
{
	const unsigned char *s = (const unsigned char *)bytes;
	size_t at = 0;

	while (at < len) {
		size_t step;

		if (s[at] < 0x80) {
			if (s[at] == 0)
				break;
			at++;
			continue;
		}
		step = sequence_len(s + at, len - at);
		if (step == 0)
			break;
		at += step;
	}
	if (bad_at_out)
		*bad_at_out = at;
	return at == len;
}

int64_t read_i64(const char *text, const char **end_out)
{
	bool negative = *text == '-';
	uint64_t number = 0;

	text += negative;
	for (; *text >= '0' && *text <= '9'; text++)
		number = number * 10 + (uint64_t)(*text - '0');
	*end_out = text;
	return (int64_t)(negative ? 0 - number : number);
}

bool parse_i64(const char *text, size_t len, int64_t *out)
{
	size_t at = 0;
	bool negative = len > 0 && text[0] == '-';
	int64_t value = 0;

	if (negative)
		at = 1;
	if (at == len)
		return false;
	for (; at < len; at++) {
		int digit = text[at] - '0';

		if (digit < 0 || digit > 9)
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, digit, &value))
			return false;
	}
	/* Gathered as a negative number, whose range is the larger one. */
	if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
		return false;
	*out = value;
	return true;
}

void str_copy(char *to, size_t to_size, const char *from)
{
	size_t len = strlen(from);

	if (to_size == 0)
		return;
	if (len >= to_size) {
		len = to_size - 1;
		while (len > 0 && ((unsigned char)from[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(to, from, len);
	to[len] = '\0';
}

bool is_formula(const char *text, size_t len)
{
	static const char *const wide[] = { "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0" };
	while (len > 0 && *text == '\'')
		text++, len--;
	if (len == 0)
		return false;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]) && len >= 3; i++)
		if (memcmp(text, wide[i], 3) == 0)
			return true;
	return memchr("=+-@\t\r\n", *text, 8) != NULL; /* with the NUL behind them */
}
