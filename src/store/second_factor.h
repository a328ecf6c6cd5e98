/*
 * The second factor of a person: a key for one-time codes (base/totp.h), and
 * recovery codes for when the phone is gone.
 *
 * The key is stored encrypted, a recovery code as its SHA-256 (it has 120
 * random bits); neither is ever logged.  A code counts once: the step of the
 * last one is kept, a recovery code is deleted when it is taken.
 */
#ifndef STORE_SECOND_FACTOR_H
#define STORE_SECOND_FACTOR_H

#include "base/ctx.h"
#include "base/totp.h"
#include "db/db.h"

#define RECOVERY_CODES 10
#define RECOVERY_CODE_SIZE 30 /* "abcd-efgh-ijkl-mnop-qrst-uvwx" */

struct second_factor {
	bool is_on;               /* asked for at sign-in */
	bool has_key;             /* on, or offered and not yet confirmed */
	unsigned char key[TOTP_KEY_BYTES]; /* zeros where it can't be read: tranche.conf has another secret by now */
	bool is_readable;
	int64_t used_step;
	int64_t codes_left;
	int64_t now_utc;          /* the database's clock */
};
MUST_USE bool second_factor_get(struct ctx *ctx, int64_t user_id, struct second_factor *factor_out);

/* A new key, to be confirmed.  One that is on stays as it is. */
MUST_USE bool second_factor_offer(struct ctx *ctx, int64_t user_id);
/* Turns it on with the first code's step. */
MUST_USE bool second_factor_confirm(struct ctx *ctx, int64_t user_id, int64_t step);
/* Off: the key and all recovery codes are gone. */
MUST_USE bool second_factor_remove(struct ctx *ctx, int64_t user_id);

/* Takes a code for a sign-in: six digits or a recovery code.  `taken_out` is
 * false when it is wrong or was taken before, also in the same moment. */
MUST_USE bool second_factor_take(struct ctx *ctx, int64_t user_id, const char *typed, bool *taken_out);

/* Makes all recovery codes anew; their texts exist here alone. */
MUST_USE bool recovery_codes_make(struct ctx *ctx, int64_t user_id, char codes_out[RECOVERY_CODES][RECOVERY_CODE_SIZE]);

#endif
