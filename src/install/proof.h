/*
 * The proof that whoever installs owns the site: a random code in a file that
 * only the owner can read (mode 0600, in place.h's folder).
 *
 * The file also holds what must outlive a request before there is a database:
 * until when the code holds, the hash of the session that has shown it, and
 * wrong attempts by address.  Its name has a random part, so that it can't be
 * fetched even where it lies among what is served.  A code opens one session; a
 * second browser needs another code, and then takes the session over.  Times
 * are UTC seconds.
 */
#ifndef INSTALL_PROOF_H
#define INSTALL_PROOF_H

#include <stdint.h>

#include "base/fail.h"
#include "install/place.h"

#define PROOF_FILE "tranche-install-"   /* what the file's name begins with */
#define PROOF_CODE_S 3600               /* a code holds */
#define PROOF_SESSION_S 7200            /* a session holds */
#define PROOF_TRY_S 300                 /* in so long ... */
#define PROOF_TRIES_MAX 10              /* ... so many wrong codes from one address */
#define PROOF_TRIES_ALL 300             /* ... and from all together */
#define PROOF_TOKEN_SIZE 65

enum proof_result { PROOF_RIGHT, PROOF_WRONG, PROOF_NO_CODE, PROOF_TOO_MANY, PROOF_BROKEN };

struct proof_state {
	bool has_code;
	bool has_session;      /* somebody's */
	int64_t code_until;
};

void proof_look(const struct place *place, int64_t now, struct proof_state *state_out);
/* Writes a file with a code, unless there is one whose code still holds. */
MUST_USE bool proof_begin(const struct place *place, int64_t now, struct fail *fail);
/* Compares in constant time.  When right, the code is used up and `token_out`
 * opens the installer; any session before ends.  `wait_s_out`: after too many. */
enum proof_result proof_try(const struct place *place, const char *code, const char *address, int64_t now,
			    char token_out[PROOF_TOKEN_SIZE], int *wait_s_out);
/* Does this token hold a session? NULL is no. */
bool proof_holds(const struct place *place, const char *token, int64_t now);
/* Removes the file: the installation has ended. */
void proof_end(const struct place *place);

#endif
