/*
 * The header Idempotency-Key, and the one-time keys of forms: a request that
 * makes something, sent twice, makes it once (draft-ietf-httpapi-idempotency-
 * key-header; store/idempotency.h has the protocol).
 *
 * A handler begins before it reads the body and ends with its reply written.
 * In between ctx->key is set, and what the handler makes binds itself to it.
 */
#ifndef WEB_IDEMPOTENCY_H
#define WEB_IDEMPOTENCY_H

#include "store/idempotency.h"
#include "web/http.h"

#define FORM_KEY_SIZE 33 /* hexadecimal digits and NUL */

enum key_turn {
	TURN_MAKE,    /* make it now; key_end() when the reply is written */
	TURN_TELL,    /* it has been made: ctx->key has job_id or event_id, and how it was answered */
	TURN_REFUSE,  /* ctx->fail says why */
};

/* `status` is what a success is answered with.  Without the header: TURN_MAKE. */
MUST_USE enum key_turn key_begin(struct request *request, int status);
/* The same with a form's key (its hidden field form_key) and what the form
 * holds, hashed by the caller: the same form with other content is another
 * request.  Waits for one that is at work. */
MUST_USE enum key_turn key_begin_form(struct request *request, struct digest_state *content);
/* A failure leaves the key free; a repeated reply says so in its header
 * Idempotency-Replayed. */
void key_end(struct request *request, struct response *response);

/* For a form that is shown. */
void form_key_make(char out[FORM_KEY_SIZE]);

#endif
