/*
 * One-time codes by the clock: TOTP with HMAC-SHA-1, 30 seconds, six digits
 * (RFC 6238, RFC 4226; what every authenticator app takes), and base32
 * (RFC 4648) for writing keys down.  Pure; who may use a code how often is
 * store/second_factor.h.
 */
#ifndef BASE_TOTP_H
#define BASE_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOTP_KEY_BYTES 20      /* as long as SHA-1's result (RFC 4226, 4) */
#define TOTP_STEP_S 30
#define TOTP_DIGITS 6
#define BASE32_SIZE(bytes) (((bytes) * 8 + 4) / 5 + 1)

/* The code of a step (seconds / TOTP_STEP_S), with `digits` (6 to 8) digits. */
uint32_t totp_code(const unsigned char *key, size_t key_len, int64_t step, int digits);

/* Looks for what was typed (six digits, blanks between them allowed) among the
 * codes of the step before `now`, of the present one and of the next: a phone's
 * clock may be half a minute off.  The step it belongs to, or 0: none.  Codes of
 * steps up to `used` count no more. */
int64_t totp_match(const unsigned char key[TOTP_KEY_BYTES], const char *typed, int64_t now_utc, int64_t used);

/* A-Z2-7 without padding; `out` has BASE32_SIZE(len) bytes. */
void base32_encode(const unsigned char *bytes, size_t len, char *out);

#endif
