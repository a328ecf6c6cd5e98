/*
 * Who asks: API tokens, browser sessions, signing in and out, CSRF tokens.
 *
 * A session is a random cookie, stored hashed; a CSRF token is an HMAC of it,
 * so it needs no storage.  A browser that is not signed in gets a cookie of
 * the same kind for the login form alone.  Knows nothing of routes.
 */
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

#include "base/ids.h"
#include "base/zone.h"
#include "web/http.h"

/* Finds out who asks, with one query: Authorization: Bearer, else the cookie.
 * Fills ctx->actor and request->session; nobody is user_id 0.  A Bearer token
 * that is not valid fails with FAIL_DENIED (not_authenticated); a cookie that
 * is not valid is nobody.  A token in the address (request->url_token) may be
 * one for ticks alone, because addresses end up in logs.  Also fails with FAIL_LIMIT (too_many_requests). */
MUST_USE bool session_load(struct request *request);

/* Takes the present request out of the count of this minute's: it was the
 * program that asked for another one. */
MUST_USE bool session_uncount_request(const struct request *request);

/* Makes sure that forms shown to nobody have a CSRF token: sets the login
 * form's cookie if there is none. */
void session_for_forms(struct request *request, struct response *response);

/* The same for the installer, where there may be no database and no secret yet. */
void session_for_setup(struct request *request, struct response *response);

/* Signs in: throttles by account and by address before hashing, checks the
 * password, rotates the session and sets its cookie.  Fails with FAIL_DENIED
 * (bad_credentials) or FAIL_LIMIT (too_many_requests); one message for an
 * unknown name and a wrong password.  The session may be shown at once.
 * Who has a second factor is not yet in: `step_out` is then what the form of the
 * code carries (else NULL). */
MUST_USE bool session_login(struct request *request, struct response *response, const char *name,
			    const char *password, const char **step_out);
/* The second step, with a code of the app or a recovery code.  FAIL_DENIED:
 * bad_code, or not_authenticated where the password is to be given again. */
MUST_USE bool session_login_code(struct request *request, struct response *response, const char *step, const char *code);
/* Asks somebody who is signed in for the password once more; throttled like
 * signing in.  FAIL_DENIED (bad_credentials). */
MUST_USE bool session_confirm_password(struct request *request, const char *password);
/* A new session for a browser: the one it had ends, so one that somebody
 * planted or copied before is worthless. */
MUST_USE bool session_open(struct request *request, struct response *response, int64_t user_id);
/* The hash of this browser's session (store/sessions.h); false: not signed in
 * by a cookie. */
bool session_own_hash(const struct request *request, unsigned char hash_out[DIGEST_BYTES]);
/* Ends this browser's session and expires its cookie. */
MUST_USE bool session_logout(struct request *request, struct response *response);

/* Does `token` belong to this browser's session (constant time)? NULL is no. */
bool session_csrf_matches(const struct request *request, const char *token);
/* Do Origin and Sec-Fetch-Site, where sent, say that our own page asks? */
bool session_same_origin(const struct request *request);
/* Both checks for a form that form_read() has read (its field "csrf").
 * Fails with FAIL_DENIED (csrf). */
MUST_USE bool session_check_form(struct request *request);

/* The time zone of the person who is signed in; NULL = UTC. */
const struct zone *session_zone(const struct request *request);

/* `next` if it is a path of this site, else "/". */
const char *session_next_path(const char *next);

#define THROTTLE_WINDOW_S 60  /* of requests (IDENTITY_COLUMNS) and ticks */
#define LOGIN_WINDOW_S 900
#define LOGIN_ACCOUNT_MAX 10  /* bad logins of one account from one address per window */
#define LOGIN_ADDRESS_MAX 100 /* of one address */
#define LOGIN_CODE_MAX 10     /* bad codes of one account, from anywhere */

#endif
