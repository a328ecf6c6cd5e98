#include "base/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define SHA1_BYTES 20

uint32_t totp_code(const unsigned char *key, size_t key_len, int64_t step, int digits)
{
	unsigned char counter[8], tag[EVP_MAX_MD_SIZE];
	unsigned tag_len = 0;
	uint32_t modulus = 1, number = 0;

	for (int i = 0; i < 8; i++)
		counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
	HMAC(EVP_sha1(), key, (int)key_len, counter, sizeof(counter), tag, &tag_len);
	if (tag_len != SHA1_BYTES)
		return UINT32_MAX; /* no code is as long */
	/* RFC 4226, 5.3: four bytes from where the last half byte points. */
	for (int i = 0; i < 4; i++)
		number = number << 8 | tag[(tag[SHA1_BYTES - 1] & 15) + i];
	for (int i = 0; i < digits; i++)
		modulus *= 10;
	return (number & 0x7fffffff) % modulus;
}

/* False unless it is six digits, with or without blanks. */
static bool read_code(const char *typed, uint32_t *code_out)
{
	int digits = 0;

	*code_out = 0;
	for (; *typed; typed++) {
		if (*typed == ' ')
			continue;
		if (*typed < '0' || *typed > '9' || ++digits > TOTP_DIGITS)
			return false;
		*code_out = *code_out * 10 + (uint32_t)(*typed - '0');
	}
	return digits == TOTP_DIGITS;
}

int64_t totp_match(const unsigned char key[TOTP_KEY_BYTES], const char *typed, int64_t now_utc, int64_t used)
{
	int64_t now = now_utc / TOTP_STEP_S, found = 0;
	uint32_t code;

	if (!read_code(typed, &code))
		return 0;
	/* All three, whichever fits: as long for a near miss as for a hit. */
	for (int64_t step = now - 1; step <= now + 1; step++)
		if (totp_code(key, TOTP_KEY_BYTES, step, TOTP_DIGITS) == code && step > used)
			found = step;
	return found;
}

void base32_encode(const unsigned char *bytes, size_t len, char *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t pending = 0;
	int bits = 0;

	for (size_t i = 0; i < len; i++) {
		pending = pending << 8 | bytes[i];
		for (bits += 8; bits >= 5; bits -= 5)
			*out++ = letters[pending >> (bits - 5) & 31];
	}
	if (bits > 0)
		*out++ = letters[pending << (5 - bits) & 31];
	*out = '\0';
}
